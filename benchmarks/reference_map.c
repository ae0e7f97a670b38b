/* Elementwise functions in plain C. */

#include "reference.h"
#include <math.h>
#include <string.h>

#define FUNCTION(name, expression)                      \
    static double name##_(double x, double y, double z) \
    {                                                   \
        (void)x, (void)y, (void)z;                      \
        return expression;                              \
    }

static double floored(double x, double y)
{
    double r = fmod(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

#define WHOLE(x) ((int64_t)(x))

/* name, value, low, high, whether elementary */
#define MAPS(X)                                                          \
    X(neg, -x, -1, 3, true)                                              \
    X(abs, fabs(x), -1, 3, true)                                         \
    X(sqrt, sqrt(x), 0, 4, true)                                         \
    X(square, x *x, -1, 3, true)                                         \
    X(exp, exp(x), -20, 20, true)                                        \
    X(expm1, expm1(x), -4, 4, true)                                      \
    X(log, log(x), 0.01, 100, true)                                      \
    X(log1p, log1p(x), 0, 10, true)                                      \
    X(sin, sin(x), -10, 10, true)                                        \
    X(cos, cos(x), -10, 10, true)                                        \
    X(tanh, tanh(x), -4, 4, true)                                        \
    X(cbrt, cbrt(x), -10, 10, true)                                      \
    X(reciprocal, 1 / x, 0.01, 100, true)                                \
    X(exp2, exp2(x), -20, 20, true)                                      \
    X(log2, log2(x), 0.01, 100, true)                                    \
    X(log10, log10(x), 0.01, 100, true)                                  \
    X(tan, tan(x), -1.5, 1.5, true)                                      \
    X(asin, asin(x), -0.99, 0.99, true)                                  \
    X(acos, acos(x), -0.99, 0.99, true)                                  \
    X(atan, atan(x), -10, 10, true)                                      \
    X(sinh, sinh(x), -4, 4, true)                                        \
    X(cosh, cosh(x), -4, 4, true)                                        \
    X(asinh, asinh(x), -10, 10, true)                                    \
    X(acosh, acosh(x), 1, 100, true)                                     \
    X(atanh, atanh(x), -0.99, 0.99, true)                                \
    X(erf, erf(x), -4, 4, true)                                          \
    X(erfc, erfc(x), -4, 4, true)                                        \
    X(gamma, tgamma(x), 0.1, 20, true)                                   \
    X(lgamma, lgamma(x), 0.1, 100, true)                                 \
    X(sigmoid, 1 / (1 + exp(-x)), -10, 10, true)                         \
    X(relu, x > 0 ? x : 0, -1, 3, true)                                  \
    X(sign, (x > 0) - (x < 0), -1, 3, true)                              \
    X(floor, floor(x), -10, 10, true)                                    \
    X(ceil, ceil(x), -10, 10, true)                                      \
    X(trunc, trunc(x), -10, 10, true)                                    \
    X(round, nearbyint(x), -10, 10, true)                                \
    X(nan_to_num, x, -1, 3, true)                                        \
    X(real, x, -1, 3, true)                                              \
    X(imag, 0, -1, 3, true)                                              \
    X(conj, x, -1, 3, true)                                              \
    X(angle, x < 0 ? 3.14159265358979323846 : 0, -1, 3, true)            \
    X(isnan, isnan(x), -1, 3, false)                                     \
    X(isinf, isinf(x), -1, 3, false)                                     \
    X(isfinite, isfinite(x) != 0, -1, 3, false)                          \
    X(logical_not, x == 0, -1, 3, false)                                 \
    X(bitwise_not, (double)~WHOLE(x), -100, 100, false)                  \
    X(add, x + y, -1, 3, false)                                          \
    X(sub, x - y, -1, 3, false)                                          \
    X(mul, x *y, -1, 3, false)                                           \
    X(div, x / y, -1, 3, false)                                          \
    X(pow, pow(x, y), 0.1, 10, true)                                     \
    X(minimum, x < y ? x : y, -1, 3, false)                              \
    X(maximum, x > y ? x : y, -1, 3, false)                              \
    X(floor_divide, floor((x - floored(x, y)) / y + 0.5), 1, 100, false) \
    X(mod, floored(x, y), 1, 100, false)                                 \
    X(fmod, fmod(x, y), 1, 100, false)                                   \
    X(hypot, hypot(x, y), -1, 3, true)                                   \
    X(atan2, atan2(x, y), -1, 3, true)                                   \
    X(equal, x == y, -1, 3, false)                                       \
    X(not_equal, x != y, -1, 3, false)                                   \
    X(less, x < y, -1, 3, false)                                         \
    X(less_equal, x <= y, -1, 3, false)                                  \
    X(greater, x > y, -1, 3, false)                                      \
    X(greater_equal, x >= y, -1, 3, false)                               \
    X(logical_and, x != 0 && y != 0, -1, 3, false)                       \
    X(logical_or, x != 0 || y != 0, -1, 3, false)                        \
    X(logical_xor, (x != 0) != (y != 0), -1, 3, false)                   \
    X(bitwise_and, (double)(WHOLE(x) & WHOLE(y)), 0, 100, false)         \
    X(bitwise_or, (double)(WHOLE(x) | WHOLE(y)), 0, 100, false)          \
    X(bitwise_xor, (double)(WHOLE(x) ^ WHOLE(y)), 0, 100, false)         \
    X(left_shift, (double)(WHOLE(x) << WHOLE(y)), 0, 16, false)          \
    X(right_shift, (double)(WHOLE(x) >> WHOLE(y)), 0, 16, false)         \
    X(where, x != 0 ? y : z, -1, 3, false)                               \
    X(clip, x<y ? y : x> z ? z : x, -1, 3, false)

#define X(name, expression, low, high, elementary) FUNCTION(name, expression)
MAPS(X)
#undef X

const struct reference_map reference_maps[] = {
#define X(name, expression, low, high, elementary) {#name, name##_, low, high, elementary},
    MAPS(X)
#undef X
};
const size_t reference_nmaps = sizeof reference_maps / sizeof *reference_maps;

const struct reference_map *reference_map_find(const char *name)
{
    for (size_t i = 0; i < reference_nmaps; i++)
        if (strcmp(reference_maps[i].name, name) == 0)
            return &reference_maps[i];
    return NULL;
}
