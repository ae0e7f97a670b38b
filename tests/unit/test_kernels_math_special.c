/* Results of elementary functions that are known exactly: special values (the C standard's annex F, and what NumPy and
 * SciPy give), powers of two and ten, identities. At every level. */

#include "kernels/kernels.h"
#include "test_math.h"

#define INF ((double)INFINITY)
#define NOT ((double)NAN)

/* NOT for no number; the sign of zero counts. */
static const struct known {
    const char *name;
    double x, y;
} known[] = {
    {"exp", -INF, 0},      {"exp", INF, INF},     {"exp", 0, 1},         {"exp", -0.0, 1},      {"exp", NOT, NOT},
    {"expm1", -0.0, -0.0}, {"expm1", -INF, -1},   {"expm1", INF, INF},   {"exp2", 1024, INF},   {"exp2", -INF, 0},
    {"exp2", -1076, 0},    {"exp2", -0.0, 1},     {"log", 0, -INF},      {"log", -0.0, -INF},   {"log", 1, 0},
    {"log", -1, NOT},      {"log", INF, INF},     {"log", -INF, NOT},    {"log2", 0, -INF},     {"log2", 1, 0},
    {"log2", -1, NOT},     {"log2", INF, INF},    {"log10", -0.0, -INF}, {"log10", 1, 0},       {"log10", -1, NOT},
    {"log10", INF, INF},   {"log1p", -0.0, -0.0}, {"log1p", -1, -INF},   {"log1p", -2, NOT},    {"log1p", INF, INF},
    {"sin", -0.0, -0.0},   {"sin", 0, 0},         {"sin", INF, NOT},     {"cos", 0, 1},         {"cos", -INF, NOT},
    {"tan", -0.0, -0.0},   {"tan", INF, NOT},     {"asin", -0.0, -0.0},  {"asin", 2, NOT},      {"asin", -INF, NOT},
    {"acos", 1, 0},        {"acos", 2, NOT},      {"acos", -1.5, NOT},   {"atan", -0.0, -0.0},  {"sinh", -0.0, -0.0},
    {"sinh", INF, INF},    {"sinh", -INF, -INF},  {"cosh", 0, 1},        {"cosh", -INF, INF},   {"tanh", -0.0, -0.0},
    {"tanh", INF, 1},      {"tanh", -INF, -1},    {"asinh", -0.0, -0.0}, {"asinh", -INF, -INF}, {"acosh", 1, 0},
    {"acosh", 0.5, NOT},   {"acosh", -INF, NOT},  {"acosh", INF, INF},   {"atanh", -0.0, -0.0}, {"atanh", 1, INF},
    {"atanh", -1, -INF},   {"atanh", 2, NOT},     {"cbrt", -0.0, -0.0},  {"cbrt", -INF, -INF},  {"cbrt", INF, INF},
    {"erf", -0.0, -0.0},   {"erf", INF, 1},       {"erf", -INF, -1},     {"erfc", INF, 0},      {"erfc", -INF, 2},
    {"erfc", 0, 1},        {"gamma", 0, INF},     {"gamma", -0.0, -INF}, {"gamma", -1, NOT},    {"gamma", -INF, NOT},
    {"gamma", INF, INF},   {"gamma", 1, 1},       {"gamma", 5, 24},      {"lgamma", 0, INF},    {"lgamma", -1, INF},
    {"lgamma", -INF, INF}, {"lgamma", INF, INF},  {"lgamma", 1, 0},      {"lgamma", 2, 0},      {"sigmoid", 0, 0.5},
    {"sigmoid", INF, 1},   {"sigmoid", -INF, 0},  {"sigmoid", NOT, NOT},
};

static const struct known2 {
    const char *name;
    double x, y, z;
} known2[] = {
    {"pow", NOT, 0, 1},        {"pow", 1, NOT, 1},        {"pow", -0.0, -1, -INF},  {"pow", -0.0, -2, INF},
    {"pow", -1, INF, 1},       {"pow", -8, 1.0 / 3, NOT}, {"pow", 0.5, -INF, INF},  {"pow", -INF, -3, -0.0},
    {"pow", 0, -3, INF},       {"pow", -0.0, -3, -INF},   {"pow", 0, -0.5, INF},    {"pow", -0.0, -0.5, INF},
    {"pow", -0.0, -INF, INF},  {"pow", 0, 3, 0},          {"pow", -0.0, 3, -0.0},   {"pow", -0.0, 4, 0},
    {"pow", -0.0, 2.5, 0},     {"pow", -1, -INF, 1},      {"pow", INF, -0.0, 1},    {"pow", NOT, -0.0, 1},
    {"pow", 0, 0, 1},          {"pow", 1, -INF, 1},       {"pow", -2, 0.5, NOT},    {"pow", 0.5, INF, 0},
    {"pow", -0.5, INF, 0},     {"pow", 2, INF, INF},      {"pow", -2, INF, INF},    {"pow", 2, -INF, 0},
    {"pow", -0.5, -INF, INF},  {"pow", -INF, -2, 0},      {"pow", -INF, -2.5, 0},   {"pow", -INF, 3, -INF},
    {"pow", -INF, 2, INF},     {"pow", -INF, 2.5, INF},   {"pow", INF, -1, 0},      {"pow", INF, 1, INF},
    {"pow", INF, INF, INF},    {"pow", -INF, -INF, 0},    {"pow", -INF, INF, INF},  {"pow", NOT, 1, NOT},
    {"pow", 2, NOT, NOT},      {"pow", -1, NOT, NOT},     {"pow", -2, 3, -8},       {"pow", -2, -3, -0.125},
    {"pow", -3, 2, 9},         {"pow", -1, 0x1p31, 1},    {"pow", -1, 0x1p60, 1},   {"hypot", INF, NOT, INF},
    {"hypot", NOT, -INF, INF}, {"hypot", 3, -4, 5},       {"hypot", NOT, 1, NOT},   {"hypot", -INF, 1, INF},
    {"hypot", NOT, NOT, NOT},  {"hypot", 0, -2, 2},       {"hypot", -0.0, 0, 0},    {"atan2", 0, 1, 0},
    {"atan2", -0.0, 1, -0.0},  {"atan2", 0, 0, 0},        {"atan2", -0.0, 0, -0.0}, {"atan2", 1, INF, 0},
    {"atan2", -1, INF, -0.0},  {"atan2", NOT, 1, NOT},    {"atan2", 1, NOT, NOT},   {"atan2", 0, INF, 0},
    {"atan2", INF, NOT, NOT},
};

static void same(const char *name, double x, double y, double got, double want)
{
    ck_assert_msg(isnan(want) ? isnan(got) : got == want && !signbit(got) == !signbit(want),
                  "%s(%.17g, %.17g) = %.17g, not %.17g", name, x, y, got, want);
}

START_TEST(known_values)
{
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            const int f = math_op(known[i].name)->kernel;
            double y;
            float xf = (float)known[i].x, yf;
            k->unary[f][K_F64](1, &known[i].x, &y);
            same(known[i].name, known[i].x, 0, y, known[i].y);
            k->unary[f][K_F32](1, &xf, &yf);
            same(known[i].name, known[i].x, 0, yf, known[i].y);
        }
        for (size_t i = 0; i < sizeof known2 / sizeof *known2; i++) {
            const int f = math_op(known2[i].name)->kernel;
            double z;
            const float xf = (float)known2[i].x, yf = (float)known2[i].y;
            float zf;
            k->binary[f][K_F64](1, &known2[i].x, &known2[i].y, &z);
            same(known2[i].name, known2[i].x, known2[i].y, z, known2[i].z);
            k->binary[f][K_F32](1, &xf, &yf, &zf);
            same(known2[i].name, known2[i].x, known2[i].y, zf, known2[i].z);
        }
    }
}
END_TEST

/* 2^e and log2 undo each other, log10 of a power of ten that is a double is whole. */
START_TEST(exact_powers)
{
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        double y;
        float yf;
        for (int e = -1074; e < 1024; e++) {
            const double power = ldexp(1, e), exponent = e;
            k->unary[K_log2][K_F64](1, &power, &y);
            same("log2", power, 0, y, exponent);
            k->unary[K_exp2][K_F64](1, &exponent, &y);
            same("exp2", exponent, 0, y, power);
            if (e < -149 || e > 127)
                continue;
            const float powerf = (float)power, exponentf = (float)exponent;
            k->unary[K_log2][K_F32](1, &powerf, &yf);
            same("log2", power, 0, yf, exponent);
            k->unary[K_exp2][K_F32](1, &exponentf, &yf);
            same("exp2", exponent, 0, yf, power);
        }
        double ten = 1;
        for (int e = 0; e <= 22; e++, ten *= 10) {
            k->unary[K_log10][K_F64](1, &ten, &y);
            same("log10", ten, 0, y, e);
            const float tenf = (float)ten;
            k->unary[K_log10][K_F32](1, &tenf, &yf);
            if (e <= 10)
                same("log10", ten, 0, yf, e);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: special values of elementary functions");
    TCase *t = tcase_create("special");
    tcase_add_test(t, known_values);
    tcase_add_test(t, exact_powers);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
