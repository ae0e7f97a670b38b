/* Elementary functions against the long double (f64) and double (f32) functions of the C library: at most 1 ULP, the
 * special values of the C standard's annex F, and no influence of an element's neighbours. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 150000
#define EDGES 9
#define SLACK 0.01 /* for the rounding of the reference itself */

/* |v - t| in units of the last place that t has in a format with `digits` bits and least exponent `least`. What is no
 * finite number, and the sign of zero, must agree: 1e9 when they do not. */
static double ulps(long double v, long double t, long double rounded, int digits, int least)
{
    if (isnan(v) || isnan(t))
        return isnan(v) && isnan(t) ? 0 : 1e9;
    if (isinf(v) || isinf(rounded))
        return v == rounded ? 0 : 1e9;
    if (t == 0)
        return v == 0 && !signbit(v) == !signbit(t) ? 0 : 1e9;
    int e;
    frexpl(t, &e);
    e = e < least ? least : e;
    return (double)(fabsl(v - t) / ldexpl(1, e - digits));
}

static double ulps_f64(double v, long double t)
{
    return ulps(v, t, (double)t, DBL_MANT_DIG, DBL_MIN_EXP);
}

static double ulps_f32(float v, double t)
{
    return ulps(v, t, (float)t, FLT_MANT_DIG, FLT_MIN_EXP);
}

static const struct function {
    const char *name;
    int kernel;
    long double (*true_f64)(long double);
    double (*true_f32)(double);
    double low, high, low_f32, high_f32; /* the interesting range */
    double edges[EDGES];                 /* where a double overflows, a result is 0, a method changes; 0 for none */
} functions[] = {
    {"exp",
     K_exp,
     expl,
     exp,
     -750,
     715,
     -106,
     90,
     {708, -708, 709.782712893384, -708.39641853226408, -745.13321910194111, 0.34657359027997264, -0.34657359027997264,
      709.43613930310389, 1}},
    {"expm1", K_expm1, expm1l, expm1, -40, 711, -20, 90, {0}},
    {"log", K_log, logl, log, 0, 4, 0, 4, {1, 0.75, 1.5, 3, DBL_MIN, 0.375, 0x1.8p1023, 0x1.8p-1022, 0x1.8p-1060}},
    {"log1p", K_log1p, log1pl, log1p, -1, 5, -1, 5, {-1, -0.25, 0.5, 2, -0.625, 0x1.8p53, 0x1.8p54, 0x1p1000, 5}},

    {"sin", K_sin, sinl, sin, -100, 100, -100, 100, {0}},
    {"cos", K_cos, cosl, cos, -100, 100, -100, 100, {0}},
    {"tanh", K_tanh, tanhl, tanh, -20, 20, -10, 10, {0}},
    {"sqrt", K_sqrt, sqrtl, sqrt, 0, 100, 0, 100, {0}},
};
#define FUNCTIONS ((int)(sizeof functions / sizeof *functions))

static const double special[] = {0.0,
                                 -0.0,
                                 INFINITY,
                                 -INFINITY,
                                 NAN,
                                 1,
                                 -1,
                                 5e-324,
                                 -5e-324,
                                 DBL_MIN,
                                 -DBL_MIN,
                                 DBL_MAX,
                                 -DBL_MAX,
                                 1e300,
                                 -1e300,
                                 1e22,
                                 709.78271114955742,
                                 709.78271114955754,
                                 709.782712,
                                 709.78271289338397,
                                 709.78271289338409,
                                 710,
                                 -745.13321910194111,
                                 -745.13321910194122,
                                 -745.14,
                                 -708.39641853226408,
                                 -708.4,
                                 1e14,
                                 1e15,
                                 15,
                                 1e-300,
                                 1e308,
                                 1e307,
                                 1.0001e307,
                                 0x1p1000,
                                 -0.99999999999999989,
                                 2e-16,
                                 1.0000000000000002,
                                 0.99999999999999989,
                                 88.72283,
                                 88.72284,
                                 88.7229,
                                 -87.33655,
                                 -87.34,
                                 -103.97208,
                                 -103.973,
                                 -104,
                                 FLT_MAX,
                                 -FLT_MAX,
                                 FLT_MIN,
                                 -FLT_MIN,
                                 1e-45,
                                 -1e-45,
                                 1e-40,
                                 1e38,
                                 1.1e38,
                                 3e38,
                                 39000,
                                 5e9,
                                 0x1p-27,
                                 0x1p-26,
                                 -0x1p-28,
                                 0x1p-54,
                                 0x1p-53,
                                 0x1p-13,
                                 0x1p-12,
                                 0x1p-25,
                                 0x1p-24,
                                 6.5e-8,
                                 1.3e-16,
                                 -16.63,
                                 -36.74,
                                 1.5707963267948966,
                                 3.1415926535897931,
                                 6.2831853071795862,
                                 355,
                                 -0.5,
                                 0.49999999999999994,
                                 0.5,
                                 2,
                                 3,
                                 -2,
                                 -3};
#define SPECIALS ((int)(sizeof special / sizeof *special))

static double *x, *y, *z;
static float *xf, *yf, *zf;

static void setup(void)
{
    x = malloc(ARGUMENTS * sizeof *x);
    y = malloc(ARGUMENTS * sizeof *y);
    z = malloc(ARGUMENTS * sizeof *z);
    xf = malloc(ARGUMENTS * sizeof *xf);
    yf = malloc(ARGUMENTS * sizeof *yf);
    zf = malloc(ARGUMENTS * sizeof *zf);
    ck_assert(x && y && z && xf && yf && zf);
}

static void teardown(void)
{
    free(x);
    free(y);
    free(z);
    free(xf);
    free(yf);
    free(zf);
}

/* Specials, the interesting range, small and large magnitudes, close to the edges (half of it a few doubles off), any
 * bits. */
static double argument(int i, uint64_t *state, const struct function *f, double low, double high)
{
    const double edge = f->edges[random_u64(state) % EDGES];
    if (i < SPECIALS)
        return special[i];
    switch (i % 5) {
    case 0:
    case 1:
        return low + random_unit(state) * (high - low);
    case 2:
        return ldexp(random_unit(state) * 2 - 1, (int)(random_u64(state) % 90) - 70);
    case 3:
        if (i % 2)
            return edge * (1 + ((double)(random_u64(state) % 9) - 4) * 0x1p-53);
        return edge * (1 + ldexp(random_unit(state) * 2 - 1, -(int)(random_u64(state) % 50)));
    default:
        return kernel_data_real(state, 0);
    }
}

START_TEST(accuracy_f64)
{
    const struct function *f = &functions[_i];
    uint64_t state = 11 + (uint64_t)_i;
    double worst = 0;
    for (int i = 0; i < ARGUMENTS; i++)
        x[i] = argument(i, &state, f, f->low, f->high);
    kernels()->unary[f->kernel][K_F64](ARGUMENTS, x, y);
    for (int i = 0; i < ARGUMENTS; i++) {
        const long double t = f->true_f64(x[i]);
        const double u = ulps_f64(y[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= 1 + SLACK))
            ck_abort_msg("%s(%.17g) = %.17g, not %.20Lg: %.3f ULP", f->name, x[i], y[i], t, u);
    }
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->unary[f->kernel][K_F64](ARGUMENTS, x, z);
        ck_assert_msg(same_bits(y, z, ARGUMENTS, SHEAF_F64), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
    printf("%s f64: %.4f ULP\n", f->name, worst);
}
END_TEST

START_TEST(accuracy_f32)
{
    const struct function *f = &functions[_i];
    uint64_t state = 23 + (uint64_t)_i;
    double worst = 0;
    for (int i = 0; i < ARGUMENTS; i++)
        xf[i] = kernel_data_f32(argument(i, &state, f, f->low_f32, f->high_f32));
    kernels()->unary[f->kernel][K_F32](ARGUMENTS, xf, yf);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double t = f->true_f32(xf[i]), u = ulps_f32(yf[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= 1 + SLACK))
            ck_abort_msg("%s(%.9gf) = %.9g, not %.17g: %.3f ULP", f->name, xf[i], yf[i], t, u);
    }
    printf("%s f32: %.4f ULP\n", f->name, worst);
}
END_TEST

/* Bases and exponents whose power spans the whole range, all pairs of special values, small whole exponents. */
static void pow_arguments(double range, int narrow)
{
    uint64_t state = 5;
    for (int i = 0; i < ARGUMENTS; i++) {
        x[i] = kernel_data_real(&state, 0);
        y[i] = kernel_data_real(&state, 0);
        if (i < SPECIALS * SPECIALS) {
            x[i] = special[i / SPECIALS];
            y[i] = special[i % SPECIALS];
        } else if (i % 3 == 0) {
            x[i] = fabs(x[i]);
            y[i] = (random_unit(&state) * 2 - 1) * range / log(x[i]);
        } else if (i % 3 == 1) {
            y[i] = (double)((int)(random_u64(&state) % 61) - 30) / (i % 2 + 1);
        }
        if (narrow) {
            xf[i] = kernel_data_f32(x[i]);
            yf[i] = kernel_data_f32(y[i]);
        }
    }
}

START_TEST(pow_f64)
{
    double worst = 0;
    pow_arguments(746, 0);
    kernels()->binary[K_pow][K_F64](ARGUMENTS, x, y, z);
    for (int i = 0; i < ARGUMENTS; i++) {
        const long double t = powl(x[i], y[i]);
        const double u = ulps_f64(z[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= 1 + SLACK))
            ck_abort_msg("pow(%.17g, %.17g) = %.17g, not %.20Lg: %.3f ULP", x[i], y[i], z[i], t, u);
    }
    printf("pow f64: %.4f ULP\n", worst);
}
END_TEST

START_TEST(pow_f32)
{
    double worst = 0;
    pow_arguments(104, 1);
    kernels()->binary[K_pow][K_F32](ARGUMENTS, xf, yf, zf);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double t = pow(xf[i], yf[i]), u = ulps_f32(zf[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= 1 + SLACK))
            ck_abort_msg("pow(%.9gf, %.9gf) = %.9g, not %.17g: %.3f ULP", xf[i], yf[i], zf[i], t, u);
    }
    printf("pow f32: %.4f ULP\n", worst);
}
END_TEST

/* An element alone, among ordinary numbers and among awkward ones. */
static void neighbours(const struct kernels *k, int f, int binary, enum kdtype d)
{
    enum {
        N = 600
    };
    const size_t size = kernel_data_size(d);
    kernel_data(d, N, x, 3 + (size_t)f);
    kernel_data(d, N, y, 4 + (size_t)f);
    if (binary)
        k->binary[f][d](N, x, y, z);
    else
        k->unary[f][d](N, x, z);
    for (int i = 0; i < N; i++) {
        char in[2][40 * 8], out[40 * 8];
        for (unsigned kind = 0; kind < 3; kind++) {
            const size_t n = kind == 0 ? 1 : 37, at = kind == 0 ? 0 : (size_t)i % n;
            kernel_data_kind(d, n, in[0], (size_t)i, kind == 1 ? 2 : 0);
            kernel_data_kind(d, n, in[1], (size_t)i + 1, kind == 1 ? 2 : 0);
            memcpy(in[0] + at * size, (char *)x + (size_t)i * size, size);
            memcpy(in[1] + at * size, (char *)y + (size_t)i * size, size);
            if (binary)
                k->binary[f][d](n, in[0], in[1], out);
            else
                k->unary[f][d](n, in[0], out);
            if (!same_bits(out + at * size, (char *)z + (size_t)i * size, 1, (sheaf_dtype)d))
                ck_abort_msg("function %d, dtype %d, element %d depends on its neighbours", f, d, i);
        }
    }
}

START_TEST(no_neighbours)
{
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_F32; d <= K_F64; d++) {
            for (int f = 0; f < K_UNARY_COUNT; f++)
                neighbours(kernels_at(level), f, 0, (enum kdtype)d);
            for (int f = 0; f < K_BINARY_COUNT; f++)
                neighbours(kernels_at(level), f, 1, (enum kdtype)d);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: elementary functions");
    TCase *t = tcase_create("math");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, accuracy_f64, 0, FUNCTIONS);
    tcase_add_loop_test(t, accuracy_f32, 0, FUNCTIONS);
    tcase_add_test(t, pow_f64);
    tcase_add_test(t, pow_f32);
    tcase_add_test(t, no_neighbours);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
