/* Plain C on the compiler's 16-byte vectors, which every processor has: 2 doubles, 4 floats. The reference for the
 * other levels. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define VD 2
#define VF 4
typedef double vd __attribute__((vector_size(16)));
typedef int64_t vdm __attribute__((vector_size(16)));
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vfm __attribute__((vector_size(16)));

static inline vd vd_load(const double *p)
{
    vd a;
    memcpy(&a, p, sizeof a);
    return a;
}
static inline vd vd_load_f32(const float *p)
{
    return (vd){p[0], p[1]};
}
static inline vd vd_load_part(const double *p, size_t n)
{
    vd a = {0, 0};
    memcpy(&a, p, n * sizeof *p);
    return a;
}
static inline vd vd_load_part_f32(const float *p, size_t n)
{
    return (vd){p[0], n > 1 ? p[1] : 0.0F};
}
static inline void vd_store(double *p, vd a)
{
    memcpy(p, &a, sizeof a);
}
static inline vd vd_set(double x)
{
    return (vd){x, x};
}
static inline void vd_store_f32(float *p, vd a)
{
    p[0] = (float)a[0];
    p[1] = (float)a[1];
}
static inline vd vd_select(vdm m, vd a, vd b)
{
    return (vd)((m & (vdm)a) | (~m & (vdm)b));
}
static inline vd vd_abs(vd a)
{
    return (vd)((vdm)a & ~(vdm)vd_set((double)-0.0));
}
static inline vd vd_add(vd a, vd b)
{
    return a + b;
}
static inline vd vd_sub(vd a, vd b)
{
    return a - b;
}
static inline vd vd_fma(vd a, vd b, vd c)
{
    return (vd){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
}
static inline vd vd_min(vd a, vd b)
{
    return vd_select((vdm)(a < b), a, b);
}
static inline vd vd_max(vd a, vd b)
{
    return vd_select((vdm)(a > b), a, b);
}
static inline vdm vd_less(vd a, vd b)
{
    return (vdm)(a < b);
}
static inline vdm vd_unordered(vd a, vd b)
{
    return (vdm)(a != a) | (vdm)(b != b);
}
static inline vdm vdm_none(void)
{
    return (vdm){0};
}
static inline vdm vdm_or(vdm a, vdm b)
{
    return a | b;
}
static inline int vdm_any(vdm m)
{
    return (m[0] | m[1]) != 0;
}
static inline vd vd_sqrt(vd a)
{
    return (vd){sqrt(a[0]), sqrt(a[1])};
}
static inline vdm vdm_sign(vd a)
{
    return (vdm)a >> 63;
}
static inline vf vf_load(const float *p)
{
    vf a;
    memcpy(&a, p, sizeof a);
    return a;
}
static inline vf vf_load_part(const float *p, size_t n)
{
    vf a = {0, 0, 0, 0};
    memcpy(&a, p, n * sizeof *p);
    return a;
}
static inline void vf_store(float *p, vf a)
{
    memcpy(p, &a, sizeof a);
}
static inline vf vf_set(float x)
{
    return (vf){x, x, x, x};
}
static inline vf vf_select(vfm m, vf a, vf b)
{
    return (vf)((m & (vfm)a) | (~m & (vfm)b));
}
static inline vf vf_abs(vf a)
{
    return (vf)((vfm)a & ~(vfm)vf_set((float)-0.0));
}
static inline vf vf_min(vf a, vf b)
{
    return vf_select((vfm)(a < b), a, b);
}
static inline vf vf_max(vf a, vf b)
{
    return vf_select((vfm)(a > b), a, b);
}
static inline vfm vf_less(vf a, vf b)
{
    return (vfm)(a < b);
}
static inline vfm vf_unordered(vf a, vf b)
{
    return (vfm)(a != a) | (vfm)(b != b);
}
static inline vfm vfm_none(void)
{
    return (vfm){0};
}
static inline vfm vfm_or(vfm a, vfm b)
{
    return a | b;
}
static inline int vfm_any(vfm m)
{
    return (m[0] | m[1] | m[2] | m[3]) != 0;
}
static inline vd vd_negate(vd a)
{
    return (vd)((vdm)a ^ (vdm)vd_set(-0.0));
}
static inline vd vd_least(vd a, vd b)
{
    return (vd)((vdm)vd_min(a, b) | (vdm)vd_min(b, a));
}
static inline vd vd_last(vd a)
{
    return (vd){a[1], a[1]};
}
static inline vd vd_running_least(vd a)
{
    return vd_least(a, (vd){a[0], a[0]});
}
static inline vd vd_prefix_sums(vd *a)
{
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
        a[v][1] = a[v][0] + a[v][1];
    a[1] += vd_last(a[0]);
    a[3] += vd_last(a[2]);
    a[2] += vd_last(a[1]);
    a[3] += vd_last(a[1]);
    return vd_last(a[3]);
}
static inline vf vf_negate(vf a)
{
    return (vf)((vfm)a ^ (vfm)vf_set(-0.0f));
}
static inline vf vf_least(vf a, vf b)
{
    return (vf)((vfm)vf_min(a, b) | (vfm)vf_min(b, a));
}
static inline vf vf_last(vf a)
{
    return (vf){a[3], a[3], a[3], a[3]};
}
static inline vf vf_running_least(vf a)
{
    a = vf_least(a, (vf){a[0], a[0], a[2], a[2]});
    return vf_least(a, (vf){a[0], a[1], a[1], a[1]});
}
