#ifndef SHEAF_KERNELS_SLEEF_H
#define SHEAF_KERNELS_SLEEF_H

/* SLEEF's functions on this level's vectors: SLEEF_D(exp, u10)(vd), SLEEF_F(exp, u10)(vf), … Only the finz variants,
 * which give the same bits at every width and whatever the neighbours; the plain level calls their scalar twins where
 * the processor has FMA, and the cinz ones (as accurate, other bits) where it has not. */

#if SHEAF_LEVEL == 0
#include "sleef_plain.h"
#define SLEEF_D(name, ulp) sleef_d_##name##_##ulp
#define SLEEF_F(name, ulp) sleef_f_##name##_##ulp
#else
#include "simd.h"
#include <sleef.h>
#if SHEAF_LEVEL == 1
#define SLEEF_D(name, ulp) Sleef_finz_##name##d4_##ulp##avx2
#define SLEEF_F(name, ulp) Sleef_finz_##name##f8_##ulp##avx2
#else
#define SLEEF_D(name, ulp) Sleef_finz_##name##d8_##ulp##avx512f
#define SLEEF_F(name, ulp) Sleef_finz_##name##f16_##ulp##avx512f
#endif
#endif

/* Whether kernels of our own, which need FMA, can take over. */
#if SHEAF_LEVEL > 0
#define HAVE_OWN 1
#elif defined(HAS_FMA)
#define HAVE_OWN HAS_FMA
#endif

#endif
