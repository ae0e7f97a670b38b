#ifndef SHEAF_KERNELS_FLOATS_H
#define SHEAF_KERNELS_FLOATS_H

/* What functions in single precision need beside simd.h: vf, and vfu, its bits as integers. The compiler's vector
 * operators serve every level, as in exp_log_simd.h. */

#include "exp_log_simd.h"

typedef uint32_t vfu __attribute__((vector_size(4 * VF)));
typedef int32_t vfi __attribute__((vector_size(4 * VF)));

#if SHEAF_LEVEL == 0
STEP vf vf_fma(vf a, vf b, vf c)
{
    return (vf){fmaf(a[0], b[0], c[0]), fmaf(a[1], b[1], c[1]), fmaf(a[2], b[2], c[2]), fmaf(a[3], b[3], c[3])};
}
STEP vf vf_sqrt(vf a)
{
    return (vf){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}
STEP vfm vf_not_less(vf a, vf b)
{
    return ~(vfm)(a < b);
}
STEP vfm vfu_not_less(vfu a, vfu b)
{
    return (vfm)(a >= b);
}
STEP vfm vfm_odd(vfu n)
{
    return (vfm)(n << 31) >> 31;
}
#elif SHEAF_LEVEL == 1
STEP vf vf_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
STEP vf vf_sqrt(vf a)
{
    return _mm256_sqrt_ps(a);
}
STEP vfm vf_not_less(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_NLT_UQ);
}
STEP vfm vfu_not_less(vfu a, vfu b)
{
    return (vfm)_mm256_cmpeq_epi32(_mm256_max_epu32((__m256i)a, (__m256i)b), (__m256i)a);
}
STEP vfm vfm_odd(vfu n)
{
    return (vfm)(n << 31);
}
#else
STEP vf vf_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}
STEP vf vf_sqrt(vf a)
{
    return _mm512_sqrt_ps(a);
}
STEP vfm vf_not_less(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ);
}
STEP vfm vfu_not_less(vfu a, vfu b)
{
    return _mm512_cmpge_epu32_mask((__m512i)a, (__m512i)b);
}
STEP vfm vfm_odd(vfu n)
{
    return _mm512_test_epi32_mask((__m512i)n, _mm512_set1_epi32(1));
}
#endif

/* z - x y */
STEP vf vf_fnma(vf x, vf y, vf z)
{
    return vf_fma(-x, y, z);
}
/* x with the sign of y, which it has already or is without one. */
STEP vf vf_signed(vf x, vf y)
{
    return (vf)((vfu)x | ((vfu)y & 0x80000000u));
}
/* An integer as a float; exact below 2^24. */
STEP vf vf_whole(vfu k)
{
    return __builtin_convertvector((vfi)k, vf);
}
/* c[0] + c[1] x + … of n coefficients, even and odd powers apart; w = x². */
STEP vf vf_poly(vf x, vf w, const float *c, int n)
{
    vf last = vf_set(c[n - 1]), other = vf_set(c[n - 2]);
#pragma GCC unroll 8
    for (int i = n - 3; i > 0; i -= 2) {
        last = vf_fma(w, last, vf_set(c[i]));
        other = vf_fma(w, other, vf_set(c[i - 1]));
    }
    return n % 2 ? vf_fma(x, other, vf_fma(w, last, vf_set(c[0]))) : vf_fma(x, last, other);
}
/* The same with the first k one after the other, where even and odd powers would cancel. */
STEP vf vf_poly_serial(vf x, vf w, const float *c, int n, int k)
{
    vf sum = vf_poly(x, w, c + k, n - k);
#pragma GCC unroll 8
    for (int i = k - 1; i >= 0; i--)
        sum = vf_fma(x, sum, vf_set(c[i]));
    return sum;
}
#define VF_POLY(x, w, c) vf_poly(x, w, c, sizeof c / sizeof *c)
#define VF_POLY_AFTER(x, w, c, k) vf_poly(x, w, c + k, sizeof c / sizeof *c - k)
#define VF_POLY_SERIAL(x, w, c, k) vf_poly_serial(x, w, c, sizeof c / sizeof *c, k)
STEP vfm vf_never(vf x)
{
    (void)x;
    return vfm_none();
}

#define ROUND_FLOAT 0x1.8p23f /* added, it leaves the nearest integer in the low bits */

#endif
