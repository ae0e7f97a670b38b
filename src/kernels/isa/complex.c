/* Complex kernels. Arithmetic by NumPy's formulas, so that infinities and zeros come out as they do there; the
 * elementary functions are the C library's. */

#include "level.h"
#include <complex.h>
#include <math.h>

/* gcc 12 fuses products into alternating additions and subtractions even under -ffp-contract=off; the barrier keeps
 * both roundings. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_assoc_barrier)
#define ROUNDED(x) __builtin_assoc_barrier(x)
#endif
#endif
#ifndef CMPLX /* glibc hides them from clang */
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
#endif
#ifndef ROUNDED
#define ROUNDED(x) (x)
#endif

#define T double
#define C double complex
#define R(name) name
#define NAME(x) x##_c128
#define DTYPE K_C128
#define MAKE CMPLX
#include "complex_body.inc"

#define T float
#define C float complex
#define R(name) name##f
#define NAME(x) x##_c64
#define DTYPE K_C64
#define MAKE CMPLXF
#include "complex_body.inc"

void LEVEL(fill_complex)(struct kernels *k)
{
    fill_c128(k);
    fill_c64(k);
}
