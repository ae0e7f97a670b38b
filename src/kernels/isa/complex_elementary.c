/* Elementary functions of complex numbers: the C library's, or made of them. */

#include "level.h"
#include "rounded.h"
#include <math.h>

#define LN2 0x1.62e42fefa39efp-1
#define LN2_REST 0x1.abc9e3b39803fp-56
#define LOG2_E 0x1.71547652b82fep+0
#define LOG10_E 0x1.bcb7b1526e50ep-2

/* 2^re (cos t + i sin t) with t = im ln 2 in more digits than a double has: exp of the rounded x ln 2 would lose a
 * digit with every digit of x. Of large and small powers a factor waits, so that only the result overflows. */
static double complex exp2_one_c128(double complex x)
{
    const double re = creal(x), im = cimag(x);
    if (im == 0)
        return CMPLX(exp2(re), im);
    if (!isfinite(re) || !isfinite(im))
        return cexp(CMPLX(re * LN2, im * LN2));
    const double shift = re > 1000 ? 64 : re < -1000 ? -64 : 0, factor = re > 1000 ? 0x1p+64 : re < -1000 ? 0x1p-64 : 1;
    const double t = im * LN2, rest = fma(im, LN2, -t) + im * LN2_REST;
    const double c = cos(t), s = sin(t), r = exp2(re - shift);
    return CMPLX(r * (c - ROUNDED(s * rest)) * factor, r * (s + ROUNDED(c * rest)) * factor);
}

static float complex exp2_one_c64(float complex x)
{
    const double complex y = exp2_one_c128(CMPLX(crealf(x), cimagf(x)));
    return CMPLXF((float)creal(y), (float)cimag(y));
}

#define T double
#define C double complex
#define R(name) name
#define NAME(x) x##_c128
#define DTYPE K_C128
#define MAKE CMPLX
#include "complex_elementary_body.inc"

#define T float
#define C float complex
#define R(name) name##f
#define NAME(x) x##_c64
#define DTYPE K_C64
#define MAKE CMPLXF
#include "complex_elementary_body.inc"

void LEVEL(fill_complex_elementary)(struct kernels *k)
{
    fill_c128(k);
    fill_c64(k);
}
