#ifndef SHEAF_KERNELS_PAIRS_H
#define SHEAF_KERNELS_PAIRS_H

/* Vectors of whole complex numbers, real and imaginary parts side by side:
 *   _even _odd _swap          the real part in both places, the imaginary part in both, the two exchanged
 *   _minus_even _minus_odd    the sign of the real, of the imaginary part turned
 *   _times                    the product: each part is two products, rounded, then added */

#include "rounded.h"
#include "simd.h"

#if SHEAF_LEVEL == 0
static inline vd vd_even(vd a)
{
    return (vd){a[0], a[0]};
}
static inline vd vd_odd(vd a)
{
    return (vd){a[1], a[1]};
}
static inline vd vd_swap(vd a)
{
    return (vd){a[1], a[0]};
}
static inline vd vd_xor(vd a, vd b)
{
    return (vd)((vdm)a ^ (vdm)b);
}
static inline vf vf_even(vf a)
{
    return (vf){a[0], a[0], a[2], a[2]};
}
static inline vf vf_odd(vf a)
{
    return (vf){a[1], a[1], a[3], a[3]};
}
static inline vf vf_swap(vf a)
{
    return (vf){a[1], a[0], a[3], a[2]};
}
static inline vf vf_xor(vf a, vf b)
{
    return (vf)((vfm)a ^ (vfm)b);
}
#else
#if SHEAF_LEVEL == 1
#define MM(name) _mm256_##name
#else
#define MM(name) _mm512_##name
#endif
static inline vd vd_even(vd a)
{
    return MM(movedup_pd)(a);
}
static inline vd vd_odd(vd a)
{
    return MM(permute_pd)(a, VD == 4 ? 0xf : 0xff);
}
static inline vd vd_swap(vd a)
{
    return MM(permute_pd)(a, VD == 4 ? 0x5 : 0x55);
}
static inline vd vd_xor(vd a, vd b)
{
    return MM(xor_pd)(a, b);
}
static inline vf vf_even(vf a)
{
    return MM(moveldup_ps)(a);
}
static inline vf vf_odd(vf a)
{
    return MM(movehdup_ps)(a);
}
static inline vf vf_swap(vf a)
{
    return MM(permute_ps)(a, 0xb1);
}
static inline vf vf_xor(vf a, vf b)
{
    return MM(xor_ps)(a, b);
}
#undef MM
#endif

/* Alternating signs; from the second on they start with +. */
static const double vd_signs[] = {-0.0, 0, -0.0, 0, -0.0, 0, -0.0, 0, -0.0};
static const float vf_signs[] = {-0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f, 0, -0.0f};

static inline vd vd_minus_even(vd a)
{
    return vd_xor(a, vd_load(vd_signs));
}
static inline vd vd_minus_odd(vd a)
{
    return vd_xor(a, vd_load(vd_signs + 1));
}
static inline vf vf_minus_even(vf a)
{
    return vf_xor(a, vf_load(vf_signs));
}
static inline vf vf_minus_odd(vf a)
{
    return vf_xor(a, vf_load(vf_signs + 1));
}
static inline vd vd_times(vd a, vd b)
{
    return ROUNDED(vd_even(a) * b) + vd_minus_even(ROUNDED(vd_odd(a) * vd_swap(b)));
}
static inline vf vf_times(vf a, vf b)
{
    return ROUNDED(vf_even(a) * b) + vf_minus_even(ROUNDED(vf_odd(a) * vf_swap(b)));
}

#endif
