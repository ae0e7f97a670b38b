#ifndef SHEAF_KERNELS_SINGLE_TWO_H
#define SHEAF_KERNELS_SINGLE_TWO_H

/* pow and hypot of floats, computed in double and rounded once: FUNC_single for ordinary arguments, FUNC_single_any for
 * all, with the same bits. */

#include "single.h"

/* Of positive, finite x and finite y. log(x) is off by 2^-33 of its size, so the power, where it is a float, by at most
 * 104 times as much. */
STEP pd pow_single(pd x, pd y)
{
    return exp_single(pd_mul(log_finite(x, pd_set(LOG_BIAS), logf_sum), y));
}
STEP int pow_single_is_rare(pd x, pd y)
{
    const pdm large = pd_not_less(pd_abs(y), pd_set(INFINITY));
    return log_is_rare(x) || pdm_any(large);
}

/* Zero, infinite and NaN arguments: the C library knows. */
static __attribute__((noinline)) void pow_single_special(const double *x, const double *y, double *z)
{
    for (int l = 0; l < PD; l++)
        if (x[l] == 0 || !isfinite(x[l]) || !isfinite(y[l]))
            z[l] = pow(x[l], y[l]);
}
/* A negative number's power by an odd integer is negative, by what is no integer NaN. Floats of 2^24 or more are even.
 */
STEP pd pow_single_any(pd x, pd y)
{
    const pd b = pd_min(pd_set(0x1p30), pd_abs(y)), shifted = pd_add(b, pd_set(ROUND));
    const pd whole = pd_sub(shifted, pd_set(ROUND)), z = pow_single(pd_abs(x), y);
    pd negative = pd_select(pdm_odd(pu_bits(shifted)), pd_neg(z), z);
    negative = pd_select(pd_less(whole, b), pd_set(NAN), negative);
    negative = pd_select(pd_less(b, whole), pd_set(NAN), negative);
    double t[3][PD];
    pd_store(t[0], x);
    pd_store(t[1], y);
    pd_store(t[2], pd_select(pd_less(x, pd_set(0)), negative, z));
    pow_single_special(t[0], t[1], t[2]);
    return pd_load(t[2]);
}

/* The squares are exact. */
STEP pd hypot_single(pd x, pd y)
{
    return pd_sqrt(pd_fma(x, x, pd_mul(y, y)));
}
STEP int hypot_single_is_rare(pd x, pd y)
{
    return pdm_any(pd_not_less(pd_add(pd_abs(x), pd_abs(y)), pd_set(INFINITY)));
}
/* Infinite beside a NaN too. */
STEP pd hypot_single_any(pd x, pd y)
{
    const pd infinite = pd_set(INFINITY), z = hypot_single(x, y);
    const pd by_y = pd_select(pd_less(pd_abs(y), infinite), z, pd_select(pd_unordered(y, y), z, infinite));
    return pd_select(pd_less(pd_abs(x), infinite), by_y, pd_select(pd_unordered(x, x), by_y, infinite));
}

#endif
