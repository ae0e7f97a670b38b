#ifndef SHEAF_KERNELS_FLOATS_EXP_H
#define SHEAF_KERNELS_FLOATS_EXP_H

/* exp and its kin of floats, in single precision: x = n log(2) + r, |r| ≤ log(2) / 2 (Cody and Waite), and 2^n exp(r).
 * The float nearest to log(2) is off by 2^-30 only, and x - n log(2) without that is exact. Polynomials of
 * coefficients_f32.py.
 *
 * FUNC_float is within 1 ULP, FUNC_fast within 3; FUNC_…_rare has the arguments they are not for. */

#include "floats.h"

#define LN2_FLOAT 0x1.62e430p-1f
#define LN2_FLOAT_REST -0x1.05c610p-29f
#define INVERSE_LN2_FLOAT 0x1.715476p+0f

static const float exp_c[] = {0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558dap-5f, 0x1.123966p-7f, 0x1.6a32e2p-10f};
static const float exp2_c[] = {0x1.ebfbe0p-3f,  0x1.c6b08ep-5f,  0x1.3b29f2p-7f,
                               0x1.5d8724p-10f, 0x1.445e52p-13f, 0x1.00f122p-16f};
static const float sinh_c[] = {0x1.555556p-3f, 0x1.1110b2p-7f, 0x1.a1700ap-13f};
static const float cosh_c[] = {0x1.000000p-1f, 0x1.55547ep-5f, 0x1.6d97aep-10f};

/* exp(r) - 1; n in the low bits. What the first difference leaves out is added last. */
STEP vf expm1_float_reduced(vf x, vfu *n)
{
    const vf shifted = vf_fma(x, vf_set(INVERSE_LN2_FLOAT), vf_set(ROUND_FLOAT)), whole = shifted - vf_set(ROUND_FLOAT);
    const vf near = vf_fnma(whole, vf_set(LN2_FLOAT), x), q = whole * vf_set(LN2_FLOAT_REST), r = near - q, z = r * r;
    *n = (vfu)shifted;
    return near + vf_fma(z, VF_POLY(r, z, exp_c), -q);
}
STEP vf exp_float(vf x)
{
    vfu n;
    const vf m = expm1_float_reduced(x, &n);
    return (vf)((vfu)(m + vf_set(1)) + (n << 23));
}
STEP vfm exp_float_rare(vf x)
{
    return vf_not_less(vf_abs(x), vf_set(87));
}

STEP vf exp2_float(vf x)
{
    const vf shifted = x + vf_set(ROUND_FLOAT), f = x - (shifted - vf_set(ROUND_FLOAT));
    const vf slope = vf_fma(f, VF_POLY(f, f * f, exp2_c), vf_set(LN2_FLOAT));
    return (vf)((vfu)vf_fma(f, slope, vf_set(1)) + ((vfu)shifted << 23));
}
STEP vfm exp2_float_rare(vf x)
{
    return vf_not_less(vf_abs(x), vf_set(126));
}

STEP vf expm1_fast_of(vf x)
{
    vfu n;
    const vf m = expm1_float_reduced(x, &n), scale = (vf)((n << 23) + 0x3f800000u);
    return vf_fma(scale, m, scale - vf_set(1));
}
STEP vf expm1_fast(vf x)
{
    return vf_signed(expm1_fast_of(x), x);
}
STEP vf tanh_fast(vf x)
{
    const vf a = vf_min(vf_set(10), vf_abs(x)), t = expm1_fast_of(a + a);
    return vf_signed(t / (t + vf_set(2)), x);
}

/* With x = n log(2) + r, sinh x is (2^n - 2^-n) / 2 cosh(r) + (2^n + 2^-n) / 2 sinh(r); cosh x the same, exchanged. */
struct sinh_parts {
    vf sinh, cosh; /* of r */
    vf less, more; /* (2^n - 2^-n) / 2, (2^n + 2^-n) / 2 */
};
STEP struct sinh_parts sinh_parts(vf a)
{
    const vf shifted = vf_fma(a, vf_set(INVERSE_LN2_FLOAT), vf_set(ROUND_FLOAT)), whole = shifted - vf_set(ROUND_FLOAT);
    const vf near = vf_fnma(whole, vf_set(LN2_FLOAT), a), r = vf_fnma(whole, vf_set(LN2_FLOAT_REST), near), z = r * r;
    const vf s = VF_POLY(z, z * z, sinh_c), c = VF_POLY(z, z * z, cosh_c);
    const vfu n = (vfu)shifted << 23;
    const vf up = (vf)(n + 0x3f000000u), down = (vf)(0x3f000000u - n);
    return (struct sinh_parts){vf_fma(r * z, s, r), vf_fma(z, c, vf_set(1)), up - down, up + down};
}
STEP vf sinh_fast(vf x)
{
    const struct sinh_parts p = sinh_parts(vf_abs(x));
    return vf_signed(vf_fma(p.cosh, p.less, p.sinh * p.more), x);
}
STEP vf cosh_fast(vf x)
{
    const struct sinh_parts p = sinh_parts(vf_abs(x));
    return vf_fma(p.sinh, p.less, p.cosh * p.more);
}
#define expm1_fast_rare exp_float_rare
#define tanh_fast_rare vf_never
#define sinh_fast_rare exp_float_rare
#define cosh_fast_rare exp_float_rare

#endif
