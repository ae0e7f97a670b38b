/* Elementary functions of one argument against the long double (f64) and double (f32) functions of the C library:
 * within the bound of the catalogue, the same bits at every level. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "test_math.h"

#define ARGUMENTS 1000000

/* The reference of lgamma is thread safe only in this form; its sign is not asked for. */
static long double lgamma_l(long double x)
{
    int sign;
    return lgammal_r(x, &sign);
}
static double lgamma_d(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}
static long double gamma_l(long double x)
{
    return isinf(x) && x < 0 ? (long double)NAN : tgammal(x);
}
static double gamma_d(double x)
{
    return (double)gamma_l(x);
}
static long double sigmoid_l(long double x)
{
    return 1 / (1 + expl(-x));
}
static double sigmoid_d(double x)
{
    return (double)sigmoid_l(x);
}

/* absolute: what an error below the bound may be instead. */
static const struct function {
    const char *name;
    long double (*true_f64)(long double);
    double (*true_f32)(double);
    struct math_range range;
} functions[] = {
    {"exp",
     expl,
     exp,
     {-750,
      715,
      -106,
      90,
      {708, -708, 709.782712893384, -708.39641853226408, -745.13321910194111, 0.34657359027997264, -0.34657359027997264,
       709.43613930310389, 1, 88.722839, -87.336545, -103.97208}}},
    {"expm1",
     expm1l,
     expm1,
     {-40,
      711,
      -20,
      90,
      {709.782712893384, -37.42994775023705, 0.34657359027997264, -0.34657359027997264, 1.0397207708399179, 1, -1,
       88.722839, 56, -56}}},
    {"log",
     logl,
     log,
     {0,
      4,
      0,
      4,
      {1, 0.75, 1.5, 3, DBL_MIN, 0.375, 0x1.8p1023, 0x1.8p-1022, 0x1.8p-1060, FLT_MIN, 0.70710678118654757}}},
    {"log1p",
     log1pl,
     log1p,
     {-1, 5, -1, 5, {-1, -0.25, 0.5, 2, -0.625, 0x1.8p53, 0x1.8p54, 0x1p1000, 5, 0x1p120, 0x1.8p24, 1}}},
    {"sin",
     sinl,
     sin,
     {-100,
      100,
      -100,
      100,
      {0.78539816339744828, 1.5707963267948966, 3.1415926535897931, 6.2831853071795862, 355, 31.415926535897931, 0x1p20,
       15, 1e14, 1e22, 0x1.921fb54442d18p19, 39413}}},
    {"cos",
     cosl,
     cos,
     {-100,
      100,
      -100,
      100,
      {0.78539816339744828, 1.5707963267948966, 3.1415926535897931, 4.7123889803846897, 11, 32.986722862692829, 0x1p20,
       15, 1e14, 1e22, 0x1.921fb54442d18p19, 39413}}},
    {"tan",
     tanl,
     tan,
     {-100,
      100,
      -100,
      100,
      {0.78539816339744828, 1.5707963267948966, 3.1415926535897931, 4.7123889803846897, 11, 32.986722862692829, 0x1p20,
       15, 1e14, 1e22, 355, 2.3561944901923448}}},
    {"asin", asinl, asin, {-1, 1, -1, 1, {1, -1, 0.5, -0.5, 0.70710678118654757, 0.975, 0x1p-26, 0.8, 0x1p-12, 0.25}}},
    {"acos", acosl, acos, {-1, 1, -1, 1, {1, -1, 0.5, -0.5, 0.70710678118654757, 0.975, 0x1p-26, 0.8, 0x1p-57, -0.25}}},
    {"atan",
     atanl,
     atan,
     {-10,
      10,
      -10,
      10,
      {1, -1, 0.4375, 0.6875, 1.1875, 2.4375, 2.4142135623730949, 0.41421356237309503, 0x1p54, 0x1p-27, 0x1p24,
       0x1p66}}},
    {"sinh",
     sinhl,
     sinh,
     {-712,
      712,
      -90,
      90,
      {710.47586007394386, 709.78271289338397, -710.47586007394386, 1, 22, 0.5, 0x1p-26, 89.415986, 88.722839, 2,
       0.34657359027997264, 37}}},
    {"cosh",
     coshl,
     cosh,
     {-712,
      712,
      -90,
      90,
      {710.47586007394386, 709.78271289338397, -710.47586007394386, 1, 22, 0.5, 0x1p-26, 89.415986, 88.722839, 2,
       0.34657359027997264, 37}}},
    {"tanh",
     tanhl,
     tanh,
     {-20,
      20,
      -10,
      10,
      {0.5, 1, 0.55, 0.625, 19.06154746539849, 22, 18.714973875118524, 9.0109133, 8.6643397, 0x1p-27, 0x1p-13, 0.25}}},
    {"asinh",
     asinhl,
     asinh,
     {-10,
      10,
      -10,
      10,
      {1, 0.5, 2, 0x1p28, 0x1p-28, 1.3407807929942596e154, 8.9e307, 0x1p500, 1.8446743e19, 0.25, 0x1p-14,
       0.41666666666666669}}},
    {"acosh",
     acoshl,
     acosh,
     {1,
      10,
      1,
      10,
      {1, 1.0000001, 2, 0x1p28, 1.25, 1.3407807929942596e154, 8.9e307, 0x1p500, 1.8446743e19, 1.5, 1.001,
       1.0833333333333333}}},
    {"atanh",
     atanhl,
     atanh,
     {-1, 1, -1, 1, {1, -1, 0.5, -0.5, 0.25, 0x1p-28, 0x1p-14, 0.9, 0.33333333333333331, 0.2, 0.6, 0.1715}}},
    {"cbrt",
     cbrtl,
     cbrt,
     {-100, 100, -100, 100, {1, 8, 27, 0x1p1000, 2, 4, 0x1p-1000, DBL_MIN, FLT_MIN, 0x1p900, DBL_MAX, FLT_MAX}}},
    {"exp2",
     exp2l,
     exp2,
     {-1080, 1030, -152, 130, {1024, -1022, -1074, -1075, 0.5, -0.5, 1, 128, -126, -149, -150, 0x1p-54}}},
    {"log2",
     log2l,
     log2,
     {0,
      4,
      0,
      4,
      {1, 0.75, 1.5, 3, DBL_MIN, 0.375, 0x1.8p1023, 0x1.8p-1022, 0x1.8p-1060, 2, 0.5, 0.70710678118654757}}},
    {"log10",
     log10l,
     log10,
     {0, 4, 0, 4, {1, 0.75, 1.5, 3, DBL_MIN, 0.375, 0x1.8p1023, 10, 100, 0.1, 1e22, 0.70710678118654757}}},
    {"erf",
     erfl,
     erf,
     {-6, 6, -4, 4, {0.84375, 1.25, 2.857, 5.9215871957945083, 6, 3.9192059, 0x1p-28, 1, 2, 2.5, 0.5, 4}}},
    {"erfc",
     erfcl,
     erfc,
     {-6,
      28,
      -4,
      11,
      {0.84375, 1.25, 26.543258430632299, 27.226017111108366, 6, -5.8635847487551676, 9.1945497, 10.054045, 0x1p-56, 1,
       2.2, 0.5}}},
    {"gamma",
     gamma_l,
     gamma_d,
     {-186, 172, -45, 36, {171.62437695630271, -1, -2, -3, -170, 1, 2, 35.040095, -177.5, -0.5, 0.5, -40}}},
    {"lgamma",
     lgamma_l,
     lgamma_d,
     {-20,
      20,
      -20,
      20,
      {1, 2, -1, -2, -3, 2.5563481638716906e305, 4.0850034e36, -0.5, 0.5, 2.5, 7, 1.4616321449683623}}},
    {"sigmoid",
     sigmoid_l,
     sigmoid_d,
     {-750,
      40,
      -106,
      20,
      {1, -1, 708, -708, -709.782712893384, -745.13321910194111, 36.736800569677101, 17.328680, -87.336545, -103.97208,
       0.69314718055994529}}},
    {"sqrt", sqrtl, sqrt, {0, 100, 0, 100, {1, 4, DBL_MIN}}},
};
#define FUNCTIONS ((int)(sizeof functions / sizeof *functions))

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

/* The worst of the errors so far and where it was. */
struct worst {
    double ulps, x, y;
    long double t;
};

static void hold(const char *name, const char *type, struct worst w, double bound)
{
    printf("%s %s: %.4f ULP\n", name, type, w.ulps);
    ck_assert_msg(w.ulps <= bound + SLACK, "%s %s(%.17g = %a) = %.17g, not %.20Lg: %.3f ULP", name, type, w.x, w.x, w.y,
                  w.t, w.ulps);
}

START_TEST(accuracy_f64)
{
    const struct function *f = &functions[_i];
    const struct op *op = math_op(f->name);
    uint64_t state = 11 + (uint64_t)_i;
    struct worst w = {-1, 0, 0, 0};
    for (int i = 0; i < ARGUMENTS; i++)
        x[i] = math_argument(i, &state, &f->range, 0);
    kernels()->unary[op->kernel][K_F64](ARGUMENTS, x, y);
    for (int i = 0; i < ARGUMENTS; i++) {
        const long double t = f->true_f64(x[i]);
        const double u = ulps_f64(y[i], t);
        if (u > w.ulps)
            w = (struct worst){u, x[i], y[i], t};
    }
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->unary[op->kernel][K_F64](ARGUMENTS, x, z);
        ck_assert_msg(same_bits(y, z, ARGUMENTS, SHEAF_F64), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
    hold(f->name, "f64", w, math_bound(op, ""));
}
END_TEST

START_TEST(accuracy_f32)
{
    const struct function *f = &functions[_i];
    const struct op *op = math_op(f->name);
    uint64_t state = 23 + (uint64_t)_i;
    struct worst w = {-1, 0, 0, 0};
    for (int i = 0; i < ARGUMENTS; i++)
        xf[i] = kernel_data_f32(math_argument(i, &state, &f->range, 1));
    kernels()->unary[op->kernel][K_F32](ARGUMENTS, xf, yf);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double t = f->true_f32(xf[i]), u = ulps_f32(yf[i], t);
        if (u > w.ulps)
            w = (struct worst){u, xf[i], yf[i], t};
    }
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->unary[op->kernel][K_F32](ARGUMENTS, xf, zf);
        ck_assert_msg(same_bits(yf, zf, ARGUMENTS, SHEAF_F32), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
    hold(f->name, "f32", w, math_bound(op, ""));
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
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
