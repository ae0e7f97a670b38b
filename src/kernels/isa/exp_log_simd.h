#ifndef SHEAF_KERNELS_EXP_LOG_SIMD_H
#define SHEAF_KERNELS_EXP_LOG_SIMD_H

/* What exp and log need beside simd.h: pd, PAIR vectors of doubles (pu: of 64-bit integers, pdm: of masks). Two chains
 * of dependent operations, step by step side by side, keep a processor with narrow vectors busier than one after the
 * other; with 512 bits one at a time is the faster, but for the longest chains (elementary_f64_long.c). The compiler's
 * vector operators serve every level: each is one IEEE operation, or one on the 64 bits of a lane. */

#include "simd.h"
#include <stdint.h>

#if SHEAF_LEVEL == 2 && !defined(LONG_CHAINS)
#define PAIR 1
#else
#define PAIR 2
#endif
#define PD (PAIR * VD)
#define EACH _Pragma("GCC unroll 4") for (int i = 0; i < PAIR; i++)
typedef uint64_t vu __attribute__((vector_size(8 * VD)));
typedef struct {
    vd v[PAIR];
} pd;
typedef struct {
    vu v[PAIR];
} pu;
typedef struct {
    vdm v[PAIR];
} pdm;

/* always_inline: the plain level's kernels are compiled for FMA, and what they are made of has to be so too. */
#define STEP static inline __attribute__((always_inline))
#if SHEAF_LEVEL == 0 && defined(__x86_64__)
#define OWN_TARGET __attribute__((target("fma")))
#else
#define OWN_TARGET
#endif
/* A rare path, out of line; not every file that has it needs it. */
#define OWN_RARE static __attribute__((noinline, unused)) OWN_TARGET

STEP pd pd_load(const double *p)
{
    pd r;
    EACH r.v[i] = vd_load(p + i * VD);
    return r;
}
STEP void pd_store(double *p, pd x)
{
    EACH vd_store(p + i * VD, x.v[i]);
}
STEP pd pd_set(double x)
{
    pd r;
    EACH r.v[i] = vd_set(x);
    return r;
}
STEP pd pd_add(pd x, pd y)
{
    pd r;
    EACH r.v[i] = x.v[i] + y.v[i];
    return r;
}
STEP pd pd_sub(pd x, pd y)
{
    pd r;
    EACH r.v[i] = x.v[i] - y.v[i];
    return r;
}
STEP pd pd_mul(pd x, pd y)
{
    pd r;
    EACH r.v[i] = x.v[i] * y.v[i];
    return r;
}
STEP pd pd_div(pd x, pd y)
{
    pd r;
    EACH r.v[i] = x.v[i] / y.v[i];
    return r;
}
/* x y + z, and z - x y */
STEP pd pd_fma(pd x, pd y, pd z)
{
    pd r;
    EACH r.v[i] = vd_fma(x.v[i], y.v[i], z.v[i]);
    return r;
}
STEP pd pd_fnma(pd x, pd y, pd z)
{
    pd r;
    EACH r.v[i] = vd_fma(-x.v[i], y.v[i], z.v[i]);
    return r;
}
STEP pd pd_neg(pd x)
{
    pd r;
    EACH r.v[i] = -x.v[i];
    return r;
}
STEP pd pd_sqrt(pd x)
{
    pd r;
    EACH r.v[i] = vd_sqrt(x.v[i]);
    return r;
}
/* y when x is NaN */
STEP pd pd_min(pd x, pd y)
{
    pd r;
    EACH r.v[i] = vd_min(x.v[i], y.v[i]);
    return r;
}
STEP pd pd_max(pd x, pd y)
{
    pd r;
    EACH r.v[i] = vd_max(x.v[i], y.v[i]);
    return r;
}
STEP pd pd_load_f32(const float *p)
{
    pd r;
    EACH r.v[i] = vd_load_f32(p + i * VD);
    return r;
}
STEP void pd_store_f32(float *p, pd x)
{
    EACH vd_store_f32(p + i * VD, x.v[i]);
}
STEP pd pd_abs(pd x)
{
    pd r;
    EACH r.v[i] = vd_abs(x.v[i]);
    return r;
}
/* x where it lies between, the bound where not; the upper one for NaN. */
STEP pd pd_clamp(pd x, double low, double high)
{
    pd r;
    EACH r.v[i] = vd_max(vd_min(x.v[i], vd_set(high)), vd_set(low));
    return r;
}

STEP pdm pd_less(pd x, pd y)
{
    pdm r;
    EACH r.v[i] = vd_less(x.v[i], y.v[i]);
    return r;
}
STEP vdm vd_not_less(vd a, vd b)
{
#if SHEAF_LEVEL == 0
    return ~(vdm)(a < b);
#elif SHEAF_LEVEL == 1
    return _mm256_cmp_pd(a, b, _CMP_NLT_UQ);
#else
    return _mm512_cmp_pd_mask(a, b, _CMP_NLT_UQ);
#endif
}
/* Not x < y: true when either is NaN. */
STEP pdm pd_not_less(pd x, pd y)
{
    pdm r;
    EACH r.v[i] = vd_not_less(x.v[i], y.v[i]);
    return r;
}
STEP pd pd_select(pdm m, pd x, pd y)
{
    pd r;
    EACH r.v[i] = vd_select(m.v[i], x.v[i], y.v[i]);
    return r;
}
STEP int pdm_any(pdm m)
{
    vdm r = m.v[0];
    for (int i = 1; i < PAIR; i++)
        r = vdm_or(r, m.v[i]);
    return vdm_any(r);
}
STEP pdm pd_unordered(pd x, pd y)
{
    pdm r;
    EACH r.v[i] = vd_unordered(x.v[i], y.v[i]);
    return r;
}
STEP int pdm_any_of(pdm m, pdm n)
{
    pdm r;
    EACH r.v[i] = vdm_or(m.v[i], n.v[i]);
    return pdm_any(r);
}

/* The bits of doubles as integers, and back. */
STEP pu pu_bits(pd x)
{
    pu r;
    EACH r.v[i] = (vu)x.v[i];
    return r;
}
STEP pd pu_double(pu x)
{
    pd r;
    EACH r.v[i] = (vd)x.v[i];
    return r;
}
STEP pu pu_set(uint64_t x)
{
    pu r;
    EACH r.v[i] = (vu){0} + x;
    return r;
}
STEP pu pu_add(pu x, pu y)
{
    pu r;
    EACH r.v[i] = x.v[i] + y.v[i];
    return r;
}
STEP pu pu_sub(pu x, pu y)
{
    pu r;
    EACH r.v[i] = x.v[i] - y.v[i];
    return r;
}
STEP pu pu_and(pu x, pu y)
{
    pu r;
    EACH r.v[i] = x.v[i] & y.v[i];
    return r;
}
STEP pu pu_or(pu x, pu y)
{
    pu r;
    EACH r.v[i] = x.v[i] | y.v[i];
    return r;
}
STEP pu pu_xor(pu x, pu y)
{
    pu r;
    EACH r.v[i] = x.v[i] ^ y.v[i];
    return r;
}
STEP pu pu_left(pu x, int by)
{
    pu r;
    EACH r.v[i] = x.v[i] << by;
    return r;
}
STEP pu pu_right(pu x, int by)
{
    pu r;
    EACH r.v[i] = x.v[i] >> by;
    return r;
}

/* For pd_select: where n is odd. */
STEP pdm pdm_odd(pu n)
{
    pdm r;
    EACH r.v[i] = vdm_sign((vd)(n.v[i] << 63));
    return r;
}
/* x with the sign of y, which it has already or is without one. */
STEP pd pd_signed(pd x, pd y)
{
    const pu sign = pu_set(0x8000000000000000u);
    return pu_double(pu_or(pu_bits(x), pu_and(pu_bits(y), sign)));
}

#define ROUND 0x1.8p52 /* added, it leaves the nearest integer in the low bits */

/* log(2) in two parts. The high one has 32 bits, so that its product with an exponent is exact. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW 0x1.a39ef35793c76p-33
/* The nearest double, and what is left. */
#define LN2 0x1.62e42fefa39efp-1
#define LN2_REST 0x1.abc9e3b39803fp-56

#endif
