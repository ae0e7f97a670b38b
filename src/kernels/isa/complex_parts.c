/* Parts of complex numbers, moduli, signs and arguments; the argument of real numbers too. */

#include "level.h"
#include <float.h>
#include <math.h>

/* A power of two times a number whose greater part is `most`: squares neither overflow nor lose digits that count. */
static inline double square_scale(double most)
{
    const double scale = most > 0x1p+500 ? 0x1p-600 : 1;
    return most < 0x1p-400 ? 0x1p+600 : scale;
}

static inline double square_scale_back(double most)
{
    const double back = most > 0x1p+500 ? 0x1p+600 : 1;
    return most < 0x1p-400 ? 0x1p-600 : back;
}

/* Within 1.5 ULP: two squares, a sum and a root are rounded. An infinity wins over NaN. */
static inline double modulus_c128(double re, double im)
{
    const double a = fabs(re), b = fabs(im), most = a > b ? a : b;
    const double p = a * square_scale(most), q = b * square_scale(most);
    const double r = sqrt(p * p + q * q) * square_scale_back(most);
    return (a > DBL_MAX) | (b > DBL_MAX) ? (double)INFINITY : r;
}

/* Squares of floats are exact in double. */
static inline float modulus_c64(float re, float im)
{
    const double p = re, q = im;
    const float r = (float)sqrt(p * p + q * q);
    return (fabsf(re) > FLT_MAX) | (fabsf(im) > FLT_MAX) ? (float)INFINITY : r;
}

/* Both parts over the modulus; the scale, which cancels, only where T is double. */
#define T double
#define R(name) name
#define NAME(x) x##_c128
#define SCALE(most) square_scale(most)
#define MOST DBL_MAX
#define DTYPE K_C128
#define REAL K_F64
#include "complex_parts_body.inc"

#define T float
#define R(name) name##f
#define NAME(x) x##_c64
#define SCALE(most) 1
#define MOST FLT_MAX
#define DTYPE K_C64
#define REAL K_F32
#include "complex_parts_body.inc"

void LEVEL(fill_complex_parts)(struct kernels *k)
{
    fill_c128(k);
    fill_c64(k);
}
