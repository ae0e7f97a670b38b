/* AVX2, FMA and F16C: 4 doubles, 8 floats; masks are vectors of all-ones and all-zeros. */

#include <immintrin.h>

#define VD 4
#define VF 8
typedef __m256d vd;
typedef __m256 vf;
typedef __m256d vdm;
typedef __m256 vfm;

static inline vd vd_load(const double *p)
{
    return _mm256_loadu_pd(p);
}
static inline vd vd_load_f32(const float *p)
{
    return _mm256_cvtps_pd(_mm_loadu_ps(p));
}
static inline vd vd_load_part(const double *p, size_t n)
{
    const __m256i at = _mm256_setr_epi64x(0, 1, 2, 3);
    return _mm256_maskload_pd(p, _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), at));
}
static inline vd vd_load_part_f32(const float *p, size_t n)
{
    const __m128i at = _mm_setr_epi32(0, 1, 2, 3);
    return _mm256_cvtps_pd(_mm_maskload_ps(p, _mm_cmpgt_epi32(_mm_set1_epi32((int)n), at)));
}
static inline void vd_store(double *p, vd a)
{
    _mm256_storeu_pd(p, a);
}
static inline vd vd_set(double x)
{
    return _mm256_set1_pd(x);
}
static inline vd vd_abs(vd a)
{
    return _mm256_andnot_pd(_mm256_set1_pd((double)-0.0), a);
}
static inline vd vd_add(vd a, vd b)
{
    return _mm256_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return _mm256_sub_pd(a, b);
}
static inline vd vd_fma(vd a, vd b, vd c)
{
    return _mm256_fmadd_pd(a, b, c);
}
static inline vd vd_min(vd a, vd b)
{
    return _mm256_min_pd(a, b);
}
static inline vd vd_max(vd a, vd b)
{
    return _mm256_max_pd(a, b);
}
static inline vdm vd_less(vd a, vd b)
{
    return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}
static inline vd vd_select(vdm m, vd a, vd b)
{
    return _mm256_blendv_pd(b, a, m);
}
static inline vdm vd_unordered(vd a, vd b)
{
    return _mm256_cmp_pd(a, b, _CMP_UNORD_Q);
}
static inline vdm vdm_none(void)
{
    return _mm256_setzero_pd();
}
static inline vdm vdm_or(vdm a, vdm b)
{
    return _mm256_or_pd(a, b);
}
static inline int vdm_any(vdm m)
{
    return _mm256_movemask_pd(m) != 0;
}
static inline void vd_store_f32(float *p, vd a)
{
    _mm_storeu_ps(p, _mm256_cvtpd_ps(a));
}
static inline vd vd_sqrt(vd a)
{
    return _mm256_sqrt_pd(a);
}
static inline vdm vdm_sign(vd a)
{
    return a;
}
static inline vf vf_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
static inline vf vf_load_part(const float *p, size_t n)
{
    const __m256i at = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), at));
}
static inline void vf_store(float *p, vf a)
{
    _mm256_storeu_ps(p, a);
}
static inline vf vf_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline vf vf_abs(vf a)
{
    return _mm256_andnot_ps(_mm256_set1_ps((float)-0.0), a);
}
static inline vf vf_min(vf a, vf b)
{
    return _mm256_min_ps(a, b);
}
static inline vf vf_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}
static inline vfm vf_less(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}
static inline vf vf_select(vfm m, vf a, vf b)
{
    return _mm256_blendv_ps(b, a, m);
}
static inline vfm vf_unordered(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_UNORD_Q);
}
static inline vfm vfm_none(void)
{
    return _mm256_setzero_ps();
}
static inline vfm vfm_or(vfm a, vfm b)
{
    return _mm256_or_ps(a, b);
}
static inline int vfm_any(vfm m)
{
    return _mm256_movemask_ps(m) != 0;
}
