#ifndef SHEAF_KERNELS_TWO_H
#define SHEAF_KERNELS_TWO_H

/* Numbers in two parts: what the first loses to rounding is in the second. */

#include "exp_log_simd.h"

struct two {
    pd high, low; /* unevaluated sum */
};

/* high + low for |high| ≥ |low|, or where low is a multiple of the sum's last place */
STEP struct two two_sum(pd high, pd low)
{
    const pd sum = pd_add(high, low);
    return (struct two){sum, pd_sub(low, pd_sub(sum, high))};
}
/* Whichever is larger (Knuth). */
STEP struct two two_sum_any(pd x, pd y)
{
    const pd sum = pd_add(x, y), from_y = pd_sub(sum, x);
    return (struct two){sum, pd_add(pd_sub(x, pd_sub(sum, from_y)), pd_sub(y, from_y))};
}

/* a / b by one division, which gives 1 / b; then what is left over. */
STEP struct two two_quotient(struct two a, struct two b)
{
    const pd inverse = pd_div(pd_set(1), b.high), q = pd_mul(a.high, inverse);
    const pd left = pd_add(pd_fnma(q, b.high, a.high), pd_fnma(q, b.low, a.low));
    return (struct two){q, pd_mul(left, inverse)};
}

#endif
