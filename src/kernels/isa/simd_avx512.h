/* AVX-512 F, DQ, BW, VL: 8 doubles, 16 floats; masks are mask registers. */

#include <immintrin.h>

#define VD 8
#define VF 16
typedef __m512d vd;
typedef __m512 vf;
typedef __mmask8 vdm;
typedef __mmask16 vfm;

static inline vd vd_load(const double *p)
{
    return _mm512_loadu_pd(p);
}
static inline vd vd_load_f32(const float *p)
{
    return _mm512_cvtps_pd(_mm256_loadu_ps(p));
}
static inline vd vd_load_part(const double *p, size_t n)
{
    return _mm512_maskz_loadu_pd((__mmask8)((1U << n) - 1), p);
}
static inline vd vd_load_part_f32(const float *p, size_t n)
{
    return _mm512_cvtps_pd(_mm256_maskz_loadu_ps((__mmask8)((1U << n) - 1), p));
}
static inline void vd_store(double *p, vd a)
{
    _mm512_storeu_pd(p, a);
}
static inline void vd_store_f32(float *p, vd a)
{
    _mm256_storeu_ps(p, _mm512_cvtpd_ps(a));
}
static inline vd vd_set(double x)
{
    return _mm512_set1_pd(x);
}
static inline vd vd_abs(vd a)
{
    return _mm512_abs_pd(a);
}
static inline vd vd_add(vd a, vd b)
{
    return _mm512_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return _mm512_sub_pd(a, b);
}
static inline vd vd_fma(vd a, vd b, vd c)
{
    return _mm512_fmadd_pd(a, b, c);
}
static inline vd vd_min(vd a, vd b)
{
    return _mm512_min_pd(a, b);
}
static inline vd vd_max(vd a, vd b)
{
    return _mm512_max_pd(a, b);
}
static inline vdm vd_less(vd a, vd b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
static inline vd vd_select(vdm m, vd a, vd b)
{
    return _mm512_mask_blend_pd(m, b, a);
}
static inline vdm vd_unordered(vd a, vd b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q);
}
static inline vdm vdm_none(void)
{
    return 0;
}
static inline vdm vdm_or(vdm a, vdm b)
{
    return (vdm)(a | b);
}
static inline int vdm_any(vdm m)
{
    return m != 0;
}
static inline vd vd_sqrt(vd a)
{
    return _mm512_sqrt_pd(a);
}
static inline vdm vdm_sign(vd a)
{
    return _mm512_movepi64_mask(_mm512_castpd_si512(a));
}
static inline vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
static inline vf vf_load_part(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1U << n) - 1), p);
}
static inline void vf_store(float *p, vf a)
{
    _mm512_storeu_ps(p, a);
}
static inline vf vf_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline vf vf_abs(vf a)
{
    return _mm512_abs_ps(a);
}
static inline vf vf_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}
static inline vf vf_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}
static inline vfm vf_less(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}
static inline vf vf_select(vfm m, vf a, vf b)
{
    return _mm512_mask_blend_ps(m, b, a);
}
static inline vfm vf_unordered(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q);
}
static inline vfm vfm_none(void)
{
    return 0;
}
static inline vfm vfm_or(vfm a, vfm b)
{
    return (vfm)(a | b);
}
static inline int vfm_any(vfm m)
{
    return m != 0;
}
static inline vd vd_negate(vd a)
{
    return _mm512_xor_pd(_mm512_set1_pd(-0.0), a);
}
static inline vd vd_least(vd a, vd b)
{
    return _mm512_or_pd(_mm512_min_pd(a, b), _mm512_min_pd(b, a));
}
static inline vd vd_last(vd a)
{
    return _mm512_permutexvar_pd(_mm512_set1_epi64(7), a);
}
static inline vd vd_running_least(vd a)
{
    a = vd_least(a, _mm512_movedup_pd(a));
    a = vd_least(a, _mm512_permutex_pd(a, 0x54));
    return vd_least(a, _mm512_permutexvar_pd(_mm512_setr_epi64(0, 1, 2, 3, 3, 3, 3, 3), a));
}
static inline vd vd_prefix_sums(vd *a)
{
    const vd none = _mm512_set1_pd(-0.0);
    *a = _mm512_add_pd(*a, _mm512_unpacklo_pd(none, *a));
    *a = _mm512_add_pd(*a, _mm512_mask_permutex_pd(none, 0xcc, *a, 0x55));
    *a = _mm512_add_pd(*a, _mm512_mask_permutexvar_pd(none, 0xf0, _mm512_set1_epi64(3), *a));
    return vd_last(*a);
}
static inline vf vf_negate(vf a)
{
    return _mm512_xor_ps(_mm512_set1_ps(-0.0f), a);
}
static inline vf vf_least(vf a, vf b)
{
    return _mm512_or_ps(_mm512_min_ps(a, b), _mm512_min_ps(b, a));
}
static inline vf vf_last(vf a)
{
    return _mm512_permutexvar_ps(_mm512_set1_epi32(15), a);
}
static inline vf vf_running_least(vf a)
{
    a = vf_least(a, _mm512_moveldup_ps(a));
    a = vf_least(a, _mm512_permute_ps(a, 0x54));
    a = vf_least(a, _mm512_permutexvar_ps(_mm512_setr_epi32(0, 1, 2, 3, 3, 3, 3, 3, 8, 9, 10, 11, 11, 11, 11, 11), a));
    return vf_least(a, _mm512_permutexvar_ps(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7), a));
}
