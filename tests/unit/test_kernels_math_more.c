/* pow, hypot and atan2 against the C library, the fast mode, and no influence of an element's neighbours. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "test_math.h"

#define ARGUMENTS 1000000

static double *x, *y, *z, *other;
static float *xf, *yf, *zf, *otherf;

static void setup(void)
{
    x = malloc(ARGUMENTS * sizeof *x);
    y = malloc(ARGUMENTS * sizeof *y);
    z = malloc(ARGUMENTS * sizeof *z);
    other = malloc(ARGUMENTS * sizeof *other);
    xf = malloc(ARGUMENTS * sizeof *xf);
    yf = malloc(ARGUMENTS * sizeof *yf);
    zf = malloc(ARGUMENTS * sizeof *zf);
    otherf = malloc(ARGUMENTS * sizeof *otherf);
    ck_assert(x && y && z && other && xf && yf && zf && otherf);
}

static void teardown(void)
{
    free(x);
    free(y);
    free(z);
    free(other);
    free(xf);
    free(yf);
    free(zf);
    free(otherf);
}

static const struct binary {
    const char *name;
    long double (*true_f64)(long double, long double);
    double (*true_f32)(double, double);
} binaries[] = {{"pow", powl, pow}, {"hypot", hypotl, hypot}, {"atan2", atan2l, atan2}};
#define BINARIES ((int)(sizeof binaries / sizeof *binaries))

/* All pairs of special values; for pow, bases (also close to 1) and exponents whose power spans the whole range and
 * small whole exponents; else numbers of similar size, and around where squares or quotients stop being ordinary; any.
 */
static void pairs(int pow, int narrow)
{
    static const double edges[] = {0x1p500, 0x1p-500, 0x1p-400, 0x1p511, 0x1p-539, DBL_MIN, DBL_MAX, 0x1p60};
    const double range = narrow ? 104 : 746;
    uint64_t state = 5;
    for (int i = 0; i < ARGUMENTS; i++) {
        x[i] = kernel_data_real(&state, 0);
        y[i] = kernel_data_real(&state, 0);
        if (i % 3 == 2 && i % 2)
            x[i] = pow ? 0.7 + 0.75 * random_unit(&state) : edges[random_u64(&state) % 8] * (random_unit(&state) + 0.5);
        if (i < SPECIALS * SPECIALS) {
            x[i] = math_special[i / SPECIALS];
            y[i] = math_special[i % SPECIALS];
        } else if ((i % 3 == 0 || i % 6 == 5) && pow) {
            x[i] = fabs(x[i]);
            y[i] = (random_unit(&state) * 2 - 1) * range / log(x[i]);
        } else if (i % 3 == 1 && pow) {
            y[i] = (double)((int)(random_u64(&state) % 61) - 30) / (i % 2 + 1);
        } else if (i % 3 == 0 || i % 12 == 5) {
            y[i] = x[i] * (random_unit(&state) * 4 - 2);
        } else if (i % 3 == 1) {
            y[i] = ldexp(x[i], (int)(random_u64(&state) % 120) - 60) * random_unit(&state);
        }
        xf[i] = kernel_data_f32(x[i]);
        yf[i] = kernel_data_f32(y[i]);
    }
}

START_TEST(binary_f64)
{
    const struct binary *f = &binaries[_i];
    const struct op *op = math_op(f->name);
    double worst = 0, bad[2] = {0, 0};
    pairs(f->true_f64 == powl, 0);
    kernels()->binary[op->kernel][K_F64](ARGUMENTS, x, y, z);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double u = ulps_f64(z[i], f->true_f64(x[i], y[i]));
        if (u > worst) {
            worst = u;
            bad[0] = x[i];
            bad[1] = y[i];
        }
    }
    printf("%s f64: %.4f ULP\n", f->name, worst);
    ck_assert_msg(worst <= math_bound(op, "") + SLACK, "%s(%a, %a): %.3f ULP", f->name, bad[0], bad[1], worst);
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->binary[op->kernel][K_F64](ARGUMENTS, x, y, other);
        ck_assert_msg(same_bits(z, other, ARGUMENTS, SHEAF_F64), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
}
END_TEST

START_TEST(binary_f32)
{
    const struct binary *f = &binaries[_i];
    const struct op *op = math_op(f->name);
    double worst = 0, bad[2] = {0, 0};
    pairs(f->true_f64 == powl, 1);
    kernels()->binary[op->kernel][K_F32](ARGUMENTS, xf, yf, zf);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double u = ulps_f32(zf[i], f->true_f32(xf[i], yf[i]));
        if (u > worst) {
            worst = u;
            bad[0] = xf[i];
            bad[1] = yf[i];
        }
    }
    printf("%s f32: %.4f ULP\n", f->name, worst);
    ck_assert_msg(worst <= math_bound(op, "") + SLACK, "%s(%a, %a): %.3f ULP", f->name, bad[0], bad[1], worst);
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->binary[op->kernel][K_F32](ARGUMENTS, xf, yf, otherf);
        ck_assert_msg(same_bits(zf, otherf, ARGUMENTS, SHEAF_F32), "%s: bits of %s", f->name,
                      isa_name((enum isa)level));
    }
}
END_TEST

/* The functions of this suite: what they are called, and the fast mode's references, with an interesting range. */
static const struct fast {
    const char *name;
    long double (*true_f64)(long double);
    double (*true_f32)(double);
    struct math_range range;
} fast[] = {
    {"expm1", expm1l, expm1, {-40, 711, -20, 90, {87, -87, 0.34657359, -0.34657359, 1.0397208, 1, -1, 88.722839}}},
    {"log1p", log1pl, log1p, {-1, 5, -1, 5, {-1, -0.29289322, 0.41421356, 1.8284271, 0x1p126, 0x1p24, 1}}},
    {"log2", log2l, log2, {0, 4, 0, 4, {1, 0.70710678, 1.41421356, 2, DBL_MIN, FLT_MIN}}},
    {"log10", log10l, log10, {0, 4, 0, 4, {1, 0.70710678, 1.41421356, 10, 0.1, FLT_MIN}}},
    {"tan", tanl, tan, {-100, 100, -100, 100, {3.1415926535897931, 1.5707963267948966, 11, 355, 0x1p17}}},
    {"asin", asinl, asin, {-1, 1, -1, 1, {1, -1, 0.5, 0.70710678118654757}}},
    {"acos", acosl, acos, {-1, 1, -1, 1, {1, -1, 0.5, 0.70710678118654757}}},
    {"atan", atanl, atan, {-10, 10, -10, 10, {1, -1, 2.4142135623730949, 0.41421356237309503}}},
    {"sinh", sinhl, sinh, {-712, 712, -90, 90, {87, -87, 0.34657359, 1.0397208, 89.415986, 0x1p-13}}},
    {"cosh", coshl, cosh, {-712, 712, -90, 90, {87, -87, 0.34657359, 1.0397208, 89.415986, 0x1p-13}}},
    {"tanh", tanhl, tanh, {-20, 20, -10, 10, {10, 9.0109133, 0.1732868, 0.5198604, 0x1p-13, 5}}},
    {"atanh", atanhl, atanh, {-1, 1, -1, 1, {1, -1, 0.5, 0.1715729, 0x1p-14, 0.9}}},
    {"cbrt", cbrtl, cbrt, {-100, 100, -100, 100, {1, 8, 27, DBL_MIN, FLT_MIN, DBL_MAX, FLT_MAX}}},
};
#define FAST ((int)(sizeof fast / sizeof *fast))

START_TEST(fast_f64)
{
    const struct fast *f = &fast[_i];
    const struct op *op = math_op(f->name);
    const double bound = math_bound(op, "fast ");
    uint64_t state = 41 + (uint64_t)_i;
    double worst = 0;
    if (!kernels()->fast[op->kernel][K_F64])
        return;
    for (int i = 0; i < ARGUMENTS; i++)
        x[i] = math_argument(i, &state, &f->range, 0);
    kernels()->fast[op->kernel][K_F64](ARGUMENTS, x, y);
    for (int i = 0; i < ARGUMENTS; i++) {
        const long double t = f->true_f64(x[i]);
        const double u = ulps_f64(y[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= bound))
            ck_abort_msg("fast %s(%.17g) = %.17g, not %.20Lg: %.3f ULP", f->name, x[i], y[i], t, u);
    }
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->fast[op->kernel][K_F64](ARGUMENTS, x, z);
        ck_assert_msg(same_bits(y, z, ARGUMENTS, SHEAF_F64), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
    printf("fast %s f64: %.4f ULP\n", f->name, worst);
}
END_TEST

START_TEST(fast_f32)
{
    const struct fast *f = &fast[_i];
    const struct op *op = math_op(f->name);
    const double bound = math_bound(op, "fast ");
    uint64_t state = 43 + (uint64_t)_i;
    double worst = 0;
    if (!kernels()->fast[op->kernel][K_F32])
        return;
    for (int i = 0; i < ARGUMENTS; i++)
        xf[i] = kernel_data_f32(math_argument(i, &state, &f->range, 1));
    kernels()->fast[op->kernel][K_F32](ARGUMENTS, xf, yf);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double t = f->true_f32(xf[i]), u = ulps_f32(yf[i], t);
        worst = u > worst ? u : worst;
        if (!(u <= bound))
            ck_abort_msg("fast %s(%.9gf) = %.9g, not %.17g: %.3f ULP", f->name, xf[i], yf[i], t, u);
    }
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->fast[op->kernel][K_F32](ARGUMENTS, xf, zf);
        ck_assert_msg(same_bits(yf, zf, ARGUMENTS, SHEAF_F32), "%s: bits of %s", f->name, isa_name((enum isa)level));
    }
    printf("fast %s f32: %.4f ULP\n", f->name, worst);
}
END_TEST

/* An element alone, among ordinary numbers and among awkward ones. */
static void neighbours(const char *name, kernel_unary *unary, kernel_binary *binary, enum kdtype d)
{
    enum {
        N = 600
    };
    const size_t size = kernel_data_size(d);
    kernel_data(d, N, x, 3 + (size_t)name[0]);
    kernel_data(d, N, y, 4 + (size_t)name[1]);
    if (binary)
        binary(N, x, y, z);
    else
        unary(N, x, z);
    for (int i = 0; i < N; i++) {
        char in[2][40 * 8], out[40 * 8];
        for (unsigned kind = 0; kind < 3; kind++) {
            const size_t n = kind == 0 ? 1 : 37, at = kind == 0 ? 0 : (size_t)i % n;
            kernel_data_kind(d, n, in[0], (size_t)i, kind == 1 ? 2 : 0);
            kernel_data_kind(d, n, in[1], (size_t)i + 1, kind == 1 ? 2 : 0);
            memcpy(in[0] + at * size, (char *)x + (size_t)i * size, size);
            memcpy(in[1] + at * size, (char *)y + (size_t)i * size, size);
            if (binary)
                binary(n, in[0], in[1], out);
            else
                unary(n, in[0], out);
            if (!same_bits(out + at * size, (char *)z + (size_t)i * size, 1, (sheaf_dtype)d))
                ck_abort_msg("%s, dtype %d, element %d depends on its neighbours", name, d, i);
        }
    }
}

START_TEST(no_neighbours)
{
    static const char *const unary[] = {"exp",  "expm1", "log",  "log1p", "sin",   "cos",    "tan",    "asin", "acos",
                                        "atan", "sinh",  "cosh", "tanh",  "asinh", "acosh",  "atanh",  "cbrt", "exp2",
                                        "log2", "log10", "erf",  "erfc",  "gamma", "lgamma", "sigmoid"};
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (int d = K_F32; d <= K_F64; d++) {
            for (size_t i = 0; i < sizeof unary / sizeof *unary; i++) {
                const int f = math_op(unary[i])->kernel;
                neighbours(unary[i], k->unary[f][d], NULL, (enum kdtype)d);
                if (k->fast[f][d])
                    neighbours(unary[i], k->fast[f][d], NULL, (enum kdtype)d);
            }
            for (int i = 0; i < BINARIES; i++)
                neighbours(binaries[i].name, NULL, k->binary[math_op(binaries[i].name)->kernel][d], (enum kdtype)d);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: elementary functions of two arguments, fast mode");
    TCase *t = tcase_create("math");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, binary_f64, 0, BINARIES);
    tcase_add_loop_test(t, binary_f32, 0, BINARIES);
    tcase_add_loop_test(t, fast_f64, 0, FAST);
    tcase_add_loop_test(t, fast_f32, 0, FAST);
    tcase_add_test(t, no_neighbours);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
