/* Complex arithmetic by NumPy's formulas, so that infinities and zeros come out as they do there. */

#include "level.h"
#include "pairs.h"
#include <math.h>
#include <string.h>

#define T double
#define C double complex
#define R(name) name
#define V(x) vd_##x
#define WIDTH VD
#define NAME(x) x##_c128
#define DTYPE K_C128
#define MAKE CMPLX
#include "complex_body.inc"

#define T float
#define C float complex
#define R(name) name##f
#define V(x) vf_##x
#define WIDTH VF
#define NAME(x) x##_c64
#define DTYPE K_C64
#define MAKE CMPLXF
#include "complex_body.inc"

void LEVEL(fill_complex)(struct kernels *k)
{
    fill_c128(k);
    fill_c64(k);
}
