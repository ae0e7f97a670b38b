#ifndef SHEAF_KERNELS_DATA_H
#define SHEAF_KERNELS_DATA_H

/* Awkward data for kernel tests: random values of all sizes, among them NaN, infinities, both zeros, subnormals and the
 * ends of the integers' ranges. */

#include "kernels/kernels.h"
#include "support.h"
#include <complex.h>
#include <float.h>
#include <math.h>
#include <string.h>

#ifndef CMPLX /* glibc hides it from clang */
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif

static inline size_t kernel_data_size(enum kdtype dtype)
{
    return sheaf_dtype_size((sheaf_dtype)dtype);
}

/* kind 0: everything; 1: no NaN; 2: ordinary numbers; 3: zeros of both signs and small numbers. */
static inline double kernel_data_real(uint64_t *state, unsigned kind)
{
    static const double special[] = {0.0, -0.0,     1,         -1,      5e-324,   -5e-324,   2e-310,  1e-45,     -1e-40,
                                     2.5, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, FLT_MAX,   1e300,   -1e22,     NAN,
                                     0.5, 1e15,     -2,        3,       709.7827, 65519.999, 65520.0, 6.0976e-5, NAN};
    const uint64_t r = random_u64(state);
    double v;
    if (kind == 3)
        return r % 3 == 0 ? -0.0 : r % 3 == 1 ? 0.0 : r % 32 == 2 ? random_unit(state) * 4 : 0.0;
    switch (kind == 2 ? 1 : r % 8) {
    case 0:
        v = special[(r >> 8) % (sizeof special / sizeof *special)];
        break;
    case 1:
    case 2:
        v = random_unit(state) * 2 - 1;
        break;
    case 3:
        v = (random_unit(state) * 2 - 1) * 1000;
        break;
    case 4:
        v = ldexp(random_unit(state) * 2 - 1, (int)(r >> 8) % 200);
        break;
    case 5:
        v = ldexp(random_unit(state) * 2 - 1, (int)(r >> 8) % 64);
        break;
    default:
        memcpy(&v, &r, sizeof v);
    }
    return kind == 1 && isnan(v) ? 0.25 : v;
}

static inline float kernel_data_f32(double v)
{
    return isfinite(v) && fabs(v) > FLT_MAX ? (float)copysign(FLT_MAX, v) : (float)v;
}

static inline void kernel_data_kind(enum kdtype dtype, size_t n, void *x, size_t seed, unsigned kind)
{
    uint64_t state = seed * 977 + 5;
    const size_t parts = dtype == K_C64 || dtype == K_C128 ? 2 * n : n;
    const size_t size = kernel_data_size(dtype);
    for (size_t i = 0; i < parts; i++) {
        if (dtype == K_F64 || dtype == K_C128) {
            ((double *)x)[i] = kernel_data_real(&state, kind);
        } else if (dtype == K_F32 || dtype == K_C64) {
            ((float *)x)[i] = kernel_data_f32(kernel_data_real(&state, kind));
        } else {
            const uint64_t r = random_u64(&state), least = (uint64_t)1 << (8 * size - 1);
            const uint64_t pick[] = {r, r >> 13, r % 5, 0, least, least - 1, r | least, (uint64_t)-1};
            const uint64_t v = dtype == K_BOOL ? r >> 63 : pick[r >> 61];
            memcpy((char *)x + i * size, &v, size);
        }
    }
}

static inline void kernel_data(enum kdtype dtype, size_t n, void *x, size_t seed)
{
    kernel_data_kind(dtype, n, x, seed, 0);
}

#endif
