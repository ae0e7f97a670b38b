#ifndef SHEAF_TEST_MATH_H
#define SHEAF_TEST_MATH_H

/* Arguments for the tests of elementary functions, and errors in units of the last place. */

#include "kernels_data.h"
#include "ops/op.h"
#include "support.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDGES 12
#define SLACK 0.003 /* for the rounding of the reference itself */

/* |v - t| in units of the last place that t has in a format with `digits` bits and least exponent `least`. What is no
 * finite number, and the sign of zero, must agree: 1e9 when they do not. */
static inline double ulps(long double v, long double t, long double rounded, int digits, int least)
{
    if (isnan(v) || isnan(t))
        return isnan(v) && isnan(t) ? 0 : 1e9;
    if (isinf(v) || isinf(rounded))
        return v == rounded ? 0 : 1e9;
    if (t == 0)
        return v == 0 && !signbit(v) == !signbit(t) ? 0 : 1e9;
    if (v == 0 && !signbit(v) != !signbit(t))
        return 1e9;
    int e;
    frexpl(t, &e);
    e = e < least ? least : e;
    return (double)(fabsl(v - t) / ldexpl(1, e - digits));
}

static inline double ulps_f64(double v, long double t)
{
    return ulps(v, t, (double)t, DBL_MANT_DIG, DBL_MIN_EXP);
}

static inline double ulps_f32(float v, double t)
{
    return ulps(v, t, (float)t, FLT_MANT_DIG, FLT_MIN_EXP);
}

struct math_range {
    double low, high, low_f32, high_f32; /* the interesting range */
    double edges[EDGES];                 /* where a result overflows or is 0, a method changes; 0 for none */
};

static const double math_special[] = {
    0.0,
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
    -3,
    709.436139303,
    710.4758600739439,
    710.47586007394398,
    710.5,
    -710.47586007394398,
    89.415986,
    89.4160,
    89.5,
    -89.416,
    1024,
    1023.9999999999999,
    -1022,
    -1074,
    -1075,
    -1074.9999999999998,
    -1075.5,
    128,
    127.99999,
    -126,
    -149,
    -150,
    -149.99,
    -150.1,
    171.62437695630271,
    171.62437695630274,
    171.7,
    35.040095,
    35.0401,
    35.05,
    4,
    5,
    6,
    10,
    20,
    33,
    34,
    35,
    100,
    170,
    171,
    -4,
    -5,
    -10,
    -0.99999999999999989,
    -1.0000000000000002,
    -170.5,
    -171.5,
    -177.5,
    -184.00000001,
    -185.5,
    -1e15,
    -4503599627370495.5,
    -4503599627370496.5,
    -38.5,
    -41.5,
    -8388607.5,
    2.5563e305,
    2.5563481638716906e305,
    2.5563481638716910e305,
    4.0850034e36,
    4.08500e36,
    1.0001e300,
    26.543258430632299,
    27.226017111108366,
    27.3,
    -6,
    9.1945497,
    10.054,
    10.06,
    0.70710678118654757,
    0.84375,
    1.25,
    1e8,
    1e16,
    1e17,
    1e154,
    1.5e154,
    1e-154,
    1e-162,
    1e-8,
    -1e-8,
    1e-4,
    22,
    19.0615,
    19.1,
    8.66,
    9.02,
    1e10,
    1e15,
    1e16,
    1e100,
    1e200,
    1e-20,
    1e-5,
    1e18,
    1e19,
    39413,
    2.3561944901923448,
    0.78539816339744828,
    5.497787143782138,
    1.2246467991473532e-16,
    6381956970095103.,
    5e15,
    5.319372648326541e+255,
    105615,
    3.4e5,
    2097152,
    1048576,
    8,
    27,
    64,
    125,
    1000,
    0.125,
    1e-9,
};
#define SPECIALS ((int)(sizeof math_special / sizeof *math_special))

/* Specials, the interesting range, small and large magnitudes, close to the edges (half of it a few doubles or floats
 * off), any bits. */
static inline double math_argument(int i, uint64_t *state, const struct math_range *r, int narrow)
{
    const double edge = r->edges[random_u64(state) % EDGES], unit = narrow ? 0x1p-24 : 0x1p-53;
    const double low = narrow ? r->low_f32 : r->low, high = narrow ? r->high_f32 : r->high;
    float f;
    if (i < SPECIALS)
        return math_special[i];
    switch (i % 6) {
    case 0:
    case 1:
        return low + random_unit(state) * (high - low);
    case 2:
        return ldexp(random_unit(state) * 2 - 1, (int)(random_u64(state) % 90) - 70);
    case 3:
        if (i % 4 < 2)
            return edge * (1 + ((double)(random_u64(state) % 17) - 8) * unit);
        return edge * (1 + ldexp(random_unit(state) * 2 - 1, -(int)(random_u64(state) % 50)));
    case 4:
        if (!narrow)
            return kernel_data_real(state, 0);
        {
            const uint32_t bits = (uint32_t)random_u64(state);
            memcpy(&f, &bits, sizeof f);
            return f;
        }
    default:
        return kernel_data_real(state, 0);
    }
}

/* The catalogue's row of this name, and the number of ULP that its accuracy text begins with, or that follows `mode`.
 */
static inline const struct op *math_op(const char *name)
{
    for (int i = 0; i < OP_COUNT; i++)
        if (strcmp(op_table[i].info.name, name) == 0)
            return &op_table[i];
    ck_abort_msg("no function %s", name);
    return NULL;
}

static inline double math_bound(const struct op *op, const char *mode)
{
    const char *text = strstr(op->info.accuracy, mode);
    ck_assert_msg(text, "%s has no accuracy '%s'", op->info.name, mode);
    char *end;
    const double bound = strncmp(text, "correctly rounded", 17) == 0 ? 0.5 : strtod(text + strlen(mode), &end);
    ck_assert_msg(bound == 0.5 || strncmp(end, " ULP", 4) == 0, "%s: accuracy %s", op->info.name, op->info.accuracy);
    return bound;
}

#endif
