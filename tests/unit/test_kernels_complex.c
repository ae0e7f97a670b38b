/* Complex kernels: NumPy's results at special values; ordinary ones against the C library's functions of the next wider
 * type, in units of the last place of the result's modulus. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complex_golden.h"

#define N 4000
#define POINTS (sizeof arguments / 16)
#define NUMBERS (sizeof numbers / 16)
#define PAIRS (NUMBERS * NUMBERS)

static double x[2 * N], y[2 * N], z[2 * N];
static float xf[2 * N], zf[2 * N];

static double last_place(long double size, int digits, int least)
{
    int e;
    frexpl(size, &e);
    return ldexp(1, (size == 0 || e < least ? least : e) - digits);
}

static double part_ulps(double got, long double want, int digits, int least)
{
    if (isfinite(got) && isfinite(want))
        return (double)(fabsl(got - want) / last_place(want, digits, least));
    return isnan(got) ? (isnan(want) ? 0 : 1e9) : got == want ? 0 : 1e9;
}

/* Distance in units of the last place of |want|, or part by part where that is infinite or NaN. */
static double ulps(double re, double im, long double want_re, long double want_im, int digits, int least)
{
    const long double size = hypotl(want_re, want_im);
    if (!isfinite(size))
        return fmax(part_ulps(re, want_re, digits, least), part_ulps(im, want_im, digits, least));
    return (double)(hypotl(re - want_re, im - want_im) / last_place(size, digits, least));
}

static double ulps_c128(const double *got, long double re, long double im)
{
    return ulps(got[0], got[1], re, im, DBL_MANT_DIG, DBL_MIN_EXP);
}

static double ulps_c64(const float *got, long double re, long double im)
{
    return ulps(got[0], got[1], re, im, FLT_MANT_DIG, FLT_MIN_EXP);
}

#define SPECIAL(kernel, name)         \
    {                                 \
        kernel, #kernel, numpy_##name \
    }
static const struct {
    int kernel;
    const char *name;
    const double *want;
} specials[] = {SPECIAL(K_sign, sign),
                SPECIAL(K_reciprocal, reciprocal),
                SPECIAL(K_exp2, exp2),
                SPECIAL(K_log2, log2),
                SPECIAL(K_log10, log10),
                SPECIAL(K_tan, tan),
                SPECIAL(K_asin, arcsin),
                SPECIAL(K_acos, arccos),
                SPECIAL(K_atan, arctan),
                SPECIAL(K_sinh, sinh),
                SPECIAL(K_cosh, cosh),
                SPECIAL(K_asinh, arcsinh),
                SPECIAL(K_acosh, arccosh),
                SPECIAL(K_atanh, arctanh),
                SPECIAL(K_nan_to_num, nan_to_num),
                SPECIAL(K_round, rint),
                SPECIAL(K_sqrt, sqrt)};

/* Close, and zeros have their signs. */
static int agrees(double re, double im, const double *want, double off)
{
    return off <= 8 && (want[0] != 0 || re != 0 || !signbit(re) == !signbit(want[0])) &&
           (want[1] != 0 || im != 0 || !signbit(im) == !signbit(want[1]));
}

START_TEST(special_values)
{
    for (size_t i = 0; i < 2 * POINTS; i++)
        xf[i] = (float)arguments[i];
    for (int level = 0; kernels_at(level); level++) {
        for (size_t f = 0; f < sizeof specials / sizeof *specials; f++) {
            kernels_at(level)->unary[specials[f].kernel][K_C128](POINTS, arguments, z);
            kernels_at(level)->unary[specials[f].kernel][K_C64](POINTS, xf, zf);
            for (size_t i = 0; i < 2 * POINTS; i += 2) {
                const double *want = specials[f].want + i;
                if (!agrees(z[i], z[i + 1], want, ulps_c128(z + i, want[0], want[1])))
                    ck_abort_msg("%s of %g, %g: %g, %g, not %g, %g", specials[f].name, arguments[i], arguments[i + 1],
                                 z[i], z[i + 1], want[0], want[1]);
                if (specials[f].kernel != K_nan_to_num &&
                    !agrees(zf[i], zf[i + 1], want, ulps_c64(zf + i, want[0], want[1])))
                    ck_abort_msg("%s of floats %g, %g: %g, %g, not %g, %g", specials[f].name, arguments[i],
                                 arguments[i + 1], zf[i], zf[i + 1], want[0], want[1]);
            }
        }
    }
}
END_TEST

/* Results that are no complex numbers. */
START_TEST(parts)
{
    static const int tests[] = {K_isnan, K_isinf, K_isfinite};
    static const double *const answers[] = {numpy_isnan, numpy_isinf, numpy_isfinite};
    uint8_t truth[POINTS];
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (size_t f = 0; f < 3; f++) {
            k->unary[tests[f]][K_C128](POINTS, arguments, truth);
            for (size_t i = 0; i < POINTS; i++)
                ck_assert_int_eq(truth[i], answers[f][i] != 0);
        }
        k->unary[K_angle][K_C128](POINTS, arguments, z);
        for (size_t i = 0; i < POINTS; i++)
            ck_assert(same_bits(&z[i], &numpy_angle[i], 1, SHEAF_F64) || fabs(z[i] - numpy_angle[i]) < 5e-16);
        k->unary[K_real][K_C128](POINTS, arguments, y);
        k->unary[K_imag][K_C128](POINTS, arguments, z);
        for (size_t i = 0; i < POINTS; i++)
            ck_assert(same_bits(&y[i], &arguments[2 * i], 1, SHEAF_F64) &&
                      same_bits(&z[i], &arguments[2 * i + 1], 1, SHEAF_F64));
        k->unary[K_conj][K_C128](POINTS, arguments, z);
        for (size_t i = 0; i < 2 * POINTS; i += 2) {
            const double want[] = {arguments[i], -arguments[i + 1]};
            ck_assert(same_bits(&z[i], want, 2, SHEAF_F64));
        }
    }
}
END_TEST

START_TEST(pairs)
{
    static const int orders[] = {K_equal, K_not_equal, K_less, K_less_equal, K_greater, K_greater_equal};
    static const double *const order_answers[] = {numpy_equal,      numpy_not_equal, numpy_less,
                                                  numpy_less_equal, numpy_greater,   numpy_greater_equal};
    static const int functions[] = {K_mul, K_div, K_minimum, K_maximum};
    static const double *const answers[] = {numpy_multiply, numpy_divide, numpy_minimum, numpy_maximum};
    static uint8_t truth[PAIRS];
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        x[i] = numbers[i / 2 / NUMBERS * 2 + i % 2];
        y[i] = numbers[i / 2 % NUMBERS * 2 + i % 2];
    }
    for (int level = 0; kernels_at(level); level++) {
        for (size_t f = 0; f < 6; f++) {
            kernels_at(level)->binary[orders[f]][K_C128](PAIRS, x, y, truth);
            for (size_t i = 0; i < PAIRS; i++)
                ck_assert_msg(truth[i] == (order_answers[f][i] != 0), "comparison %zu of pair %zu", f, i);
        }
        for (size_t f = 0; f < 4; f++) {
            kernels_at(level)->binary[functions[f]][K_C128](PAIRS, x, y, z);
            for (size_t i = 0; i < 2 * PAIRS; i += 2) {
                const double *want = answers[f] + i;
                if (!agrees(z[i], z[i + 1], want, ulps_c128(z + i, want[0], want[1])))
                    ck_abort_msg("function %zu of %g, %g and %g, %g: %g, %g, not %g, %g", f, x[i], x[i + 1], y[i],
                                 y[i + 1], z[i], z[i + 1], want[0], want[1]);
            }
        }
    }
}
END_TEST

static long double complex exp2_of(long double complex a)
{
    return cexpl(a * 0.693147180559945309417232121458176568L);
}

static long double complex log2_of(long double complex a)
{
    return clogl(a) * 1.44269504088896340735992468100189214L;
}

static long double complex log10_of(long double complex a)
{
    return clogl(a) * 0.434294481903251827651128918916605082L;
}

static long double complex expm1_of(long double complex a)
{
    const long double s = sinl(cimagl(a) / 2);
    const long double re = expm1l(creall(a)) * cosl(cimagl(a)) - 2 * s * s;
    return re + expl(creall(a)) * sinl(cimagl(a)) * I;
}

static long double complex reciprocal_of(long double complex a)
{
    return 1 / a;
}

static const struct {
    const char *name;
    int kernel;
    long double complex (*want)(long double complex);
    double bound;
} functions[] = {{"sqrt", K_sqrt, csqrtl, 4},     {"exp", K_exp, cexpl, 4},
                 {"expm1", K_expm1, expm1_of, 8}, {"exp2", K_exp2, exp2_of, 8},
                 {"log", K_log, clogl, 4},        {"log2", K_log2, log2_of, 8},
                 {"log10", K_log10, log10_of, 8}, {"sin", K_sin, csinl, 4},
                 {"cos", K_cos, ccosl, 4},        {"tan", K_tan, ctanl, 8},
                 {"asin", K_asin, casinl, 8},     {"acos", K_acos, cacosl, 8},
                 {"atan", K_atan, catanl, 8},     {"sinh", K_sinh, csinhl, 8},
                 {"cosh", K_cosh, ccoshl, 8},     {"tanh", K_tanh, ctanhl, 8},
                 {"asinh", K_asinh, casinhl, 8},  {"acosh", K_acosh, cacoshl, 8},
                 {"atanh", K_atanh, catanhl, 8},  {"reciprocal", K_reciprocal, reciprocal_of, 8}};

/* Parts of all sizes up to 2^6 on both sides of every axis, some on an axis. */
static void ordinary(double *a, size_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < 2 * N; i++) {
        const double v = ldexp(random_unit(&state) * 2 - 1, (int)(random_u64(&state) % 26) - 19);
        a[i] = random_u64(&state) % 32 == 0 ? 0 : (float)v;
    }
}

START_TEST(accuracy)
{
    ordinary(x, 17);
    for (size_t i = 0; i < 2 * N; i++)
        xf[i] = (float)x[i];
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        static double worst[2];
        worst[0] = worst[1] = 0;
        kernels()->unary[functions[f].kernel][K_C128](N, x, z);
        kernels()->unary[functions[f].kernel][K_C64](N, xf, zf);
        for (size_t i = 0; i < 2 * N; i += 2) {
            if (x[i] == 0 && x[i + 1] == 0)
                continue;
            const long double complex want = functions[f].want(CMPLX(x[i], x[i + 1]));
            const double off = ulps_c128(z + i, creall(want), cimagl(want));
            const double off_c64 = ulps_c64(zf + i, creall(want), cimagl(want));
            worst[0] = off > worst[0] ? off : worst[0];
            worst[1] = off_c64 > worst[1] ? off_c64 : worst[1];
            ck_assert_msg(off <= functions[f].bound && off_c64 <= functions[f].bound, "%s of %a, %a: %g and %g ULP",
                          functions[f].name, x[i], x[i + 1], off, off_c64);
        }
        printf("complex %-10s %.3f ULP, complex64 %.3f ULP\n", functions[f].name, worst[0], worst[1]);
    }
}
END_TEST

/* Parts of any size: a modulus neither overflows nor drowns, and an infinity wins over NaN. */
START_TEST(moduli)
{
    for (int level = 0; kernels_at(level); level++) {
        for (size_t seed = 0; seed < 8; seed++) {
            kernel_data(K_C128, N, x, seed);
            kernel_data(K_C64, N, xf, seed);
            for (size_t i = 1000; i < 2 * N; i++) /* runs without extremes too */
                x[i] = xf[i] = (float)((double)i * 0.37 - 1700);
            kernels_at(level)->unary[K_abs][K_C128](N, x, z);
            kernels_at(level)->unary[K_abs][K_C64](N, xf, zf);
            for (size_t i = 0; i < N; i++) {
                const long double want = hypotl(x[2 * i], x[2 * i + 1]), want_c64 = hypotl(xf[2 * i], xf[2 * i + 1]);
                const double top = (double)want;
                const float top_c64 = (float)want_c64;
                const double off =
                    isfinite(top) ? ulps_c128((double[]){z[i], 0}, want, 0) : !same_bits(&z[i], &top, 1, SHEAF_F64);
                const double off_c64 = isfinite(top_c64) ? ulps_c64((float[]){zf[i], 0}, want_c64, 0)
                                                         : !same_bits(&zf[i], &top_c64, 1, SHEAF_F32);
                ck_assert_msg(off <= 1.5 && off_c64 <= 1.5, "|%a, %a| %g ULP, |%a, %a| %g ULP", x[2 * i], x[2 * i + 1],
                              off, xf[2 * i], xf[2 * i + 1], off_c64);
            }
        }
    }
}
END_TEST

/* The C library of the next wider type knows the argument's digits beyond the last place. */
START_TEST(angles)
{
    ordinary(x, 5);
    for (size_t i = 0; i < 2 * N; i++)
        xf[i] = (float)x[i];
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->unary[K_angle][K_C128](N, x, z);
        kernels_at(level)->unary[K_angle][K_C64](N, xf, zf);
        for (size_t i = 0; i < N; i++) {
            const long double want = atan2l(x[2 * i + 1], x[2 * i]);
            const double off = ulps_c128((double[]){z[i], 0}, want, 0),
                         off_c64 = ulps_c64((float[]){zf[i], 0}, want, 0);
            ck_assert_msg(off <= 1 && off_c64 <= 1, "angle of %a, %a: %g and %g ULP", x[2 * i], x[2 * i + 1], off,
                          off_c64);
        }
    }
}
END_TEST

static void near_complex(const char *what, const double *got, long double complex want)
{
    const double off = ulps_c128(got, creall(want), cimagl(want));
    ck_assert_msg(off <= 16, "%s: %g ULP", what, off);
}

START_TEST(arithmetic)
{
    ordinary(x, 3);
    ordinary(y, 4);
    for (int level = 0; kernels_at(level); level++) {
        static double product[2 * N], quotient[2 * N], square[2 * N], sum[2 * N], power[2 * N];
        const struct kernels *k = kernels_at(level);
        k->binary[K_mul][K_C128](N, x, y, product);
        k->binary[K_div][K_C128](N, x, y, quotient);
        k->binary[K_add][K_C128](N, x, y, sum);
        k->binary[K_pow][K_C128](N, x, y, power);
        k->unary[K_square][K_C128](N, x, square);
        for (size_t i = 0; i < 2 * N; i += 2) {
            const long double complex a = CMPLX(x[i], x[i + 1]), b = CMPLX(y[i], y[i + 1]);
            ck_assert_double_eq(sum[i], x[i] + y[i]);
            ck_assert_double_eq(sum[i + 1], x[i + 1] + y[i + 1]);
            near_complex("mul", product + i, a * b);
            near_complex("square", square + i, a * a);
            if (b != 0)
                near_complex("div", quotient + i, a / b);
            if (a != 0 && cabsl(b) < 1 && cabsl(b * clogl(a)) < 4)
                near_complex("pow", power + i, cexpl(b * clogl(a)));
        }
    }
}
END_TEST

/* NumPy's answers for powers of zero, and for orders and extremes with NaN. */
START_TEST(corners)
{
    const double complex base[] = {0, 0, 0, CMPLX(0, 2), CMPLX(0, 1)}, power[] = {0, 2, -1, 2, -1};
    const double complex order[] = {CMPLX(1, 5), CMPLX(1, -5), CMPLX(0, 9), CMPLX(2, 0)},
                         with_nan[] = {1, CMPLX(0, NAN)};
    double complex r[5], min, max;
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        k->binary[K_pow][K_C128](5, base, power, r);
        ck_assert(r[0] == 1 && r[1] == 0 && isnan(creal(r[2])) && r[3] == -4 && r[4] == CMPLX(0, -1));
        k->minmax[K_C128](4, order, &min, &max);
        ck_assert(min == order[2] && max == order[3]);
        k->minmax[K_C128](2, with_nan, &min, &max);
        ck_assert(isnan(cimag(min)) && isnan(cimag(max)));
        k->binary[K_maximum][K_C128](2, with_nan, order, r);
        ck_assert(r[0] == order[0] && isnan(cimag(r[1])));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: complex");
    TCase *t = tcase_create("complex");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, special_values);
    tcase_add_test(t, parts);
    tcase_add_test(t, pairs);
    tcase_add_test(t, accuracy);
    tcase_add_test(t, moduli);
    tcase_add_test(t, angles);
    tcase_add_test(t, arithmetic);
    tcase_add_test(t, corners);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
