/* Rounding to whole numbers. gcc expands the C library's functions in line. */

#include "level.h"
#include <math.h>

#define T double
#define R(name) name
#define NAME(x) x##_f64
#define DTYPE K_F64
#define COMPLEX K_C128
#include "rounding_body.inc"

#define T float
#define R(name) name##f
#define NAME(x) x##_f32
#define DTYPE K_F32
#define COMPLEX K_C64
#include "rounding_body.inc"

void LEVEL(fill_rounding)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
}
