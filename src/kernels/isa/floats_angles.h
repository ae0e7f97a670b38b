#ifndef SHEAF_KERNELS_FLOATS_ANGLES_H
#define SHEAF_KERNELS_FLOATS_ANGLES_H

/* sin, cos, tan and their inverses of floats, in single precision. Polynomials of coefficients_f32.py. FUNC_float,
 * FUNC_fast and FUNC_…_rare as in floats_exp.h.
 *
 * x = n pi/2 + r as in sin_cos.h: pi/2 = P1 + P2 + P3 + 2^-73 or so, each part a little too small, so that what is left
 * is positive and a zero keeps its sign. x - n P1 is exact (a multiple of 2^-24 below 1, or x). */

#include "floats.h"

#define HALF_PI_FLOAT 0x1.921fb6p+0f
#define QUARTER_PI_FLOAT 0x1.921fb6p-1f
#define PI_FLOAT 0x1.921fb6p+1f
#define HALF_PI_FLOAT_1 0x1.921fb4p+0f
#define HALF_PI_FLOAT_2 0x1.4442d0p-24f
#define HALF_PI_FLOAT_3 0x1.84698ap-48f
#define TWO_OVER_PI_FLOAT 0x1.45f306p-1f
#define ANGLE_FLOAT_LIMIT 0x1p17f

static const float sin_c[] = {0x1.555546p-3f, -0x1.11073ap-7f, 0x1.994132p-13f};
static const float cos_c[] = {0x1.55554ap-5f, -0x1.6c0c62p-10f, 0x1.99f63ap-16f};
static const float tan_c[] = {0x1.555562p-2f, 0x1.110d0ep-3f,   0x1.baf1e2p-5f, 0x1.5bd298p-6f,
                              0x1.677408p-7f, -0x1.433df4p-14f, 0x1.241be0p-8f};
static const float asin_c[] = {0x1.5555cap-3f, 0x1.33014ep-4f, 0x1.748c64p-5f, 0x1.8ba260p-6f, 0x1.59dac2p-5f};
static const float atan_c[] = {-0x1.5554e6p-2f, 0x1.997adcp-3f, -0x1.231b64p-3f, 0x1.b568cep-4f,
                               -0x1.368020p-4f, 0x1.64ca66p-5f, -0x1.0faa88p-6f, 0x1.85e2b6p-9f};

/* sin(x + more pi/2), with r = high - minus_low. What the square of high loses counts for cos. */
STEP vf sin_float_shifted(vf x, uint32_t more)
{
    const vf shifted = vf_fma(x, vf_set(TWO_OVER_PI_FLOAT), vf_set(ROUND_FLOAT)), n = shifted - vf_set(ROUND_FLOAT);
    const vf near = vf_fnma(n, vf_set(HALF_PI_FLOAT_1), x), w = n * vf_set(HALF_PI_FLOAT_2), high = near - w;
    const vf lost = vf_fma(n, vf_set(HALF_PI_FLOAT_3), vf_fma(n, vf_set(HALF_PI_FLOAT_2), -w));
    const vf minus_low = (w - (near - high)) + lost, z = high * high, z2 = z * z, half = vf_set(0.5f);
    const vf sine = high - vf_fma(high * z, VF_POLY(z, z2, sin_c), minus_low);
    const vf less = vf_fma(high, minus_low, half * vf_fnma(high, high, z));
    const vf cosine = vf_set(1) + vf_fma(z, vf_fma(z, VF_POLY(z, z2, cos_c), -half), less);
    const vfu quarter = (vfu)shifted + more;
    const vf y = vf_select(vfm_odd(quarter), cosine, sine);
    return (vf)((vfu)y ^ ((quarter << 30) & 0x80000000u));
}
STEP vf sin_float(vf x)
{
    return sin_float_shifted(x, 0);
}
STEP vf cos_float(vf x)
{
    return sin_float_shifted(x, 1);
}
STEP vf tan_fast(vf x)
{
    const vf shifted = vf_fma(x, vf_set(TWO_OVER_PI_FLOAT), vf_set(ROUND_FLOAT)), n = shifted - vf_set(ROUND_FLOAT);
    const vf near = vf_fnma(n, vf_set(HALF_PI_FLOAT_1), x), r = vf_fnma(n, vf_set(HALF_PI_FLOAT_2), near), z = r * r;
    const vf t = r + vf_fma(r * z, VF_POLY(z, z * z, tan_c), n * vf_set(-HALF_PI_FLOAT_3));
    const vfm cotangent = vfm_odd((vfu)shifted);
    return vf_select(cotangent, vf_set(-1), t) / vf_select(cotangent, t, vf_set(1));
}
STEP vfm sin_float_rare(vf x)
{
    return vf_not_less(vf_abs(x), vf_set(ANGLE_FLOAT_LIMIT));
}
#define cos_float_rare sin_float_rare
#define tan_fast_rare sin_float_rare

/* asin(t) with t = |x|, or sqrt((1 - |x|) / 2), whose asin is half of acos |x|. */
STEP vf asin_fast_reduced(vf x, vfm *small)
{
    const vf a = vf_abs(x), half = vf_set(0.5f), rest = vf_fnma(a, half, half);
    *small = vf_less(a, half);
    const vf z = vf_select(*small, a * a, rest), t = vf_select(*small, a, vf_sqrt(rest));
    return vf_fma(t * z, VF_POLY(z, z * z, asin_c), t);
}
STEP vf asin_fast(vf x)
{
    vfm small;
    const vf t = asin_fast_reduced(x, &small);
    return vf_signed(vf_select(small, t, vf_fma(vf_set(-2), t, vf_set(HALF_PI_FLOAT))), x);
}
STEP vf acos_fast(vf x)
{
    vfm small;
    const vf t = asin_fast_reduced(x, &small), minus = (vf)((vfu)t ^ (~(vfu)x & 0x80000000u));
    const vfm left = vf_less(x, vf_set(0));
    const vf large = vf_fma(vf_select(left, vf_set(-2), vf_set(2)), t, vf_select(left, vf_set(PI_FLOAT), vf_set(0)));
    return vf_select(small, minus + vf_set(HALF_PI_FLOAT), large);
}

/* Of |x|, or -1 / |x| beside pi/2. */
STEP vf atan_fast(vf x)
{
    const vf a = vf_abs(x), one = vf_set(1);
    const vfm steep = vf_less(one, a);
    const vf r = vf_select(steep, -one, a) / vf_select(steep, a, one), z = r * r;
    const vf t = vf_fma(r * z, VF_POLY_SERIAL(z, z * z, atan_c, 2), r);
    return vf_signed(t + vf_select(steep, vf_set(HALF_PI_FLOAT), vf_set(0)), x);
}
/* atan2 by least / greatest of |y| and |x|, or pi/4 and (least - greatest) / (least + greatest) if that is less than
 * 1/2, so that the quotient q is: with what is left of q, and what each sum loses but the last one, which decides. */
static const float atan2_c[] = {-0x1.555514p-2f, 0x1.997bd2p-3f, -0x1.2253cap-3f, 0x1.a05fc4p-4f, -0x1.a52f22p-5f};
#define PI_FLOAT_REST -0x1.777a5cp-24f

STEP vf atan2_float(vf y, vf x)
{
    const vf a = vf_abs(y), b = vf_abs(x), least = vf_min(a, b), greatest = vf_max(a, b), zero = vf_set(0);
    const vfm steep = vf_less(b, a), close = vf_less(greatest, least + least);
    const vf more = vf_select(close, least, zero), over = least - vf_select(close, greatest, zero);
    const vf under = greatest + more, under_low = more - (under - greatest), inverse = vf_set(1) / under;
    const vf q = over * inverse, left = vf_fnma(q, under_low, vf_fnma(q, under, over)) * inverse, z = q * q;
    const vf slope = vf_fma(z, vf_set(-0.85f), vf_set(1)); /* of atan at q, about */
    const vf rest = vf_fma(q * z, VF_POLY(z, z * z, atan2_c), left * slope);
    const vf turn = (vf)(((vfu)x & 0x80000000u) ^ (vfu)vf_select(steep, vf_set(-1), vf_set(1)));
    const vf quarter = vf_select(close, vf_set(QUARTER_PI_FLOAT), zero);
    const vf behind = (vf)((vfu)((vfi)x >> 31) & (vfu)vf_set(PI_FLOAT));
    const vf base = vf_select(steep, vf_set(HALF_PI_FLOAT), behind), whole = vf_fma(turn, quarter, base);
    const vf sum = vf_fma(turn, q, whole);
    const vf lost = vf_fma(turn, quarter, base - whole) + vf_fma(turn, q, whole - sum);
    const vf low = vf_fma(whole, vf_set(PI_FLOAT_REST / PI_FLOAT), lost);
    return vf_signed(sum + vf_fma(turn, rest, low), y);
}
/* Where the quotient or what is left of it may not be normal numbers; |y| = 0 is no trouble. */
STEP vfm atan2_float_rare(vf y, vf x)
{
    const vf a = vf_abs(y), b = vf_abs(x);
    const vfu low = (vfu)vf_set(0x1p-60f), high = (vfu)vf_set(0x1p60f), least = (vfu)vf_min(a, b);
    return vfm_or(vfu_not_less((vfu)(a + b) - low, high - low), vfu_not_less(low - 1, least - 1));
}

#define asin_fast_rare vf_never
#define acos_fast_rare vf_never
#define atan_fast_rare vf_never

#endif
