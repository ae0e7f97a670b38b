#ifndef SHEAF_KERNELS_ROUNDED_H
#define SHEAF_KERNELS_ROUNDED_H

#include <complex.h>

/* gcc 12 fuses products into alternating additions and subtractions even under -ffp-contract=off; the barrier keeps
 * both roundings. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_assoc_barrier)
#define ROUNDED(x) __builtin_assoc_barrier(x)
#endif
#endif
#ifndef ROUNDED
#define ROUNDED(x) (x)
#endif
#ifndef CMPLX /* glibc hides them from clang */
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
#endif

#endif
