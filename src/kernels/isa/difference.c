/* Slopes. */

#include "level.h"

#define T float
#define NAME(x) x##_f32
#define COMPLEX(x) x##_c64
#include "difference_body.inc"

#define T double
#define NAME(x) x##_f64
#define COMPLEX(x) x##_c128
#include "difference_body.inc"

void LEVEL(fill_difference)(struct kernels *k)
{
    k->ternary[K_slope][K_F32] = slope_f32;
    k->ternary[K_slope][K_F64] = slope_f64;
    k->ternary[K_slope][K_C64] = slope_c64;
    k->ternary[K_slope][K_C128] = slope_c128;
}
