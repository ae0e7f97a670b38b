/* Arithmetic of real floats: plain loops that the compiler vectorises. */

#include "level.h"
#include <math.h>
#include <string.h>

#define T double
#define BITS uint64_t
#define NAME(x) x##_f64
#define ABS fabs
#define SQRT sqrt
#define DTYPE K_F64
#include "elementwise_body.inc"

#define T float
#define BITS uint32_t
#define NAME(x) x##_f32
#define ABS fabsf
#define SQRT sqrtf
#define DTYPE K_F32
#include "elementwise_body.inc"

void LEVEL(fill_elementwise)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
}
