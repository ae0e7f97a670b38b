/* Parts of complex numbers, moduli, signs, square roots and arguments; the argument of real numbers too. */

#include "level.h"
#include "rounded.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* Elements of a run that are judged together. */
#define RUN 256

/* Between LOW and HIGH, squares neither overflow nor lose digits that count. Numbers below are multiplied by UP,
 * numbers above by DOWN. */
#define T double
#define C double complex
#define MAKE CMPLX
#define R(name) name
#define NAME(x) x##_c128
#define MOST DBL_MAX
#define LOW 0x1p-400
#define HIGH 0x1p+500
#define UP 0x1p+600
#define DOWN 0x1p-600
#define DTYPE K_C128
#define REAL K_F64
#include "complex_parts_body.inc"

#define T float
#define C float complex
#define MAKE CMPLXF
#define R(name) name##f
#define NAME(x) x##_c64
#define MOST FLT_MAX
#define LOW 0x1p-40f
#define HIGH 0x1p+60f
#define UP 0x1p+100f
#define DOWN 0x1p-70f
#define DTYPE K_C64
#define REAL K_F32
#include "complex_parts_body.inc"

void LEVEL(fill_complex_parts)(struct kernels *k)
{
    fill_c128(k);
    fill_c64(k);
}
