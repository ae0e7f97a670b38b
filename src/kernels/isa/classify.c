/* NaN and infinities: tests for them, and their replacement by numbers. */

#include "level.h"
#include <float.h>
#include <math.h>

#define T double
#define MOST DBL_MAX
#define ABS fabs
#define NAME(x) x##_f64
#define DTYPE K_F64
#define COMPLEX K_C128
#include "classify_body.inc"

#define T float
#define MOST FLT_MAX
#define ABS fabsf
#define NAME(x) x##_f32
#define DTYPE K_F32
#define COMPLEX K_C64
#include "classify_body.inc"

void LEVEL(fill_classify)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
}
