/* Raw SLEEF in a bare loop: compiled once per vector width (CMakeLists.txt), the widest that the processor has is
 * taken. */

#include "elementwise.h"
#include <immintrin.h>
#include <sleef.h>
#include <string.h>

#if SLEEF_WIDTH == 64
#define DOUBLE(name, bits) Sleef_finz_##name##d8_u##bits##avx512f
#define SINGLE(name, bits) Sleef_finz_##name##f16_u##bits##avx512f
#define sleef_loop_here sleef_loop_64
typedef __m512d vector_f64;
typedef __m512 vector_f32;
#else
#define DOUBLE(name, bits) Sleef_finz_##name##d4_u##bits##avx2
#define SINGLE(name, bits) Sleef_finz_##name##f8_u##bits##avx2
#define sleef_loop_here sleef_loop_32
typedef __m256d vector_f64;
typedef __m256 vector_f32;
#endif

typedef vector_f64 unary_f64(vector_f64 x);
typedef vector_f32 unary_f32(vector_f32 x);
typedef vector_f64 binary_f64(vector_f64 x, vector_f64 y);
typedef vector_f32 binary_f32(vector_f32 x, vector_f32 y);

static const struct {
    const char *name;
    unary_f64 *f64;
    unary_f32 *f32;
} unary[] = {
#define X(name, sleef, bits) {#name, DOUBLE(sleef, bits), SINGLE(sleef, bits)},
    X(exp, exp, 10) X(expm1, expm1, 10) X(log, log, 10) X(log1p, log1p, 10) X(sin, sin, 10) X(cos, cos, 10)
        X(tanh, tanh, 10) X(cbrt, cbrt, 10) X(exp2, exp2, 10) X(log2, log2, 10) X(log10, log10, 10) X(tan, tan, 10)
            X(asin, asin, 10) X(acos, acos, 10) X(atan, atan, 10) X(sinh, sinh, 10) X(cosh, cosh, 10)
                X(asinh, asinh, 10) X(acosh, acosh, 10) X(atanh, atanh, 10) X(erf, erf, 10) X(erfc, erfc, 15)
                    X(gamma, tgamma, 10) X(lgamma, lgamma, 10)
#undef X
};

static const struct {
    const char *name;
    binary_f64 *f64;
    binary_f32 *f32;
} binary[] = {
    {"pow", DOUBLE(pow, 10), SINGLE(pow, 10)},
    {"atan2", DOUBLE(atan2, 10), SINGLE(atan2, 10)},
    {"hypot", DOUBLE(hypot, 05), SINGLE(hypot, 05)},
};

/* The data is aligned and a whole number of vectors. */
static void loop_unary(size_t k, bool single, size_t n, const void *x, void *y)
{
    if (single)
        for (size_t i = 0; i < n / (sizeof(vector_f32) / 4); i++)
            ((vector_f32 *)y)[i] = unary[k].f32(((const vector_f32 *)x)[i]);
    else
        for (size_t i = 0; i < n / (sizeof(vector_f64) / 8); i++)
            ((vector_f64 *)y)[i] = unary[k].f64(((const vector_f64 *)x)[i]);
}

static void loop_binary(size_t k, bool single, size_t n, const void *x, const void *y, void *z)
{
    if (single)
        for (size_t i = 0; i < n / (sizeof(vector_f32) / 4); i++)
            ((vector_f32 *)z)[i] = binary[k].f32(((const vector_f32 *)x)[i], ((const vector_f32 *)y)[i]);
    else
        for (size_t i = 0; i < n / (sizeof(vector_f64) / 8); i++)
            ((vector_f64 *)z)[i] = binary[k].f64(((const vector_f64 *)x)[i], ((const vector_f64 *)y)[i]);
}

bool sleef_loop_here(const char *name, bool single, size_t n, const void *x, const void *y, void *z)
{
    for (size_t k = 0; k < sizeof unary / sizeof *unary; k++)
        if (strcmp(unary[k].name, name) == 0) {
            loop_unary(k, single, n, x, z);
            return true;
        }
    for (size_t k = 0; k < sizeof binary / sizeof *binary; k++)
        if (strcmp(binary[k].name, name) == 0) {
            loop_binary(k, single, n, x, y, z);
            return true;
        }
    return false;
}
