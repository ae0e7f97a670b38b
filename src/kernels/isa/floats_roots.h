#ifndef SHEAF_KERNELS_FLOATS_ROOTS_H
#define SHEAF_KERNELS_FLOATS_ROOTS_H

/* The cube root of floats, in single precision. Minus a third of exponent and fraction, as one integer, gives
 * q ≈ |x|^(-1/3) (Kahan; Muller et al., Handbook of Floating-Point Arithmetic, on the inverse square root), rounded to
 * 8 bits, so that q² is exact. With y = |x| q² and e = 1 - y q, |x|^(1/3) = y (1 - e)^(-2/3); what y loses to rounding
 * e makes up for, but a third. The polynomial of coefficients_f32.py. */

#include "floats.h"
#include <float.h>
#include <math.h>

#define CBRT_START 0x54a28000 /* of those that are a float and add half of what is cut off, that with the least |e| */

static const float cbrt_c[] = {0x1.555558p-1f, 0x1.1c71cep-1f, 0x1.f99fe6p-2f,
                               0x1.cf727cp-2f, 0x1.b950f4p-2f, 0x1.a322f0p-2f};

STEP vf cbrt_float(vf x)
{
    const vf a = vf_abs(x), third = vf_fma(vf_whole((vfu)a), vf_set(-1.0f / 3), vf_set(CBRT_START));
    const vf q = (vf)((vfu) __builtin_convertvector(third, vfi) & 0xffff0000u), y = a * (q * q);
    const vf e = vf_fnma(q, y, vf_set(1));
    return vf_signed(vf_fma(y * e, VF_POLY(e, e * e, cbrt_c), y), x);
}
STEP vfm cbrt_float_rare(vf x)
{
    return vfu_not_less((vfu)vf_abs(x) - 0x00800000u, (vfu){0} + 0x7f000000u);
}
/* Of those: subnormal, zero (as they are), infinite, NaN. */
STEP vf cbrt_float_any(vf x)
{
    const vfm tiny = vf_less(vf_abs(x), vf_set(FLT_MIN));
    const vf y = cbrt_float(vf_select(tiny, x * vf_set(0x1p24f), x));
    return vf_select(vf_not_less(vf_abs(x), vf_set(INFINITY)), x, vf_select(tiny, y * vf_set(0x1p-8f), y));
}

#endif
