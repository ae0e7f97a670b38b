/* Floating-point reductions over a block. */

#include "level.h"
#include "simd.h"
#include <math.h>
#include <string.h>

#define T double
#define BITS uint64_t
#define NAME(x) x##_f64
#define LOAD vd_load
#define V(x) vd_##x
#define M(x) vdm_##x
#define VECTOR vd
#define MASK vdm
#define WIDTH VD
#include "reduce_body.inc"

#define T float
#define BITS uint32_t
#define NAME(x) x##_f32
#define LOAD vd_load_f32
#define V(x) vf_##x
#define M(x) vfm_##x
#define VECTOR vf
#define MASK vfm
#define WIDTH VF
#include "reduce_body.inc"

void LEVEL(fill_reduce)(struct kernels *k)
{
    k->sum_f64 = sum_f64;
    k->sum_f32 = sum_f32;
    k->m2_f64 = m2_f64;
    k->m2_f32 = m2_f32;
    k->minmax_f64 = minmax_f64;
    k->minmax_f32 = minmax_f32;
    k->summinmax_f64 = summinmax_f64;
    k->summinmax_f32 = summinmax_f32;
}
