/* Elementary functions of real floats: SLEEF, mended where it has to be. elementary_f64.c, elementary_f64_long.c
 * and elementary_f32.c put better ones in the place of many. */

#include "level.h"
#include "mended.h"
#include "sleef.h"
#include <string.h>

#define T double
#define V(x) vd_##x
#define VECTOR vd
#define WIDTH VD
#define NAME(x) x##_f64
#define MENDED(x) MENDED_D(x)
#define SLEEF(x, ulp) SLEEF_D(x, ulp)
#define DTYPE K_F64
#include "elementary_body.inc"

#define T float
#define V(x) vf_##x
#define VECTOR vf
#define WIDTH VF
#define NAME(x) x##_f32
#define MENDED(x) MENDED_F(x)
#define SLEEF(x, ulp) SLEEF_F(x, ulp)
#define DTYPE K_F32
#include "elementary_body.inc"

/* The fast mode of doubles: SLEEF's function of 3.5 ULP, where it is faster than the precise one. */
static void fast_asin_f64(size_t n, const void *x, void *y)
{
    map_f64(n, x, y, SLEEF_D(asin, u35));
}

static void fill_fast(struct kernels *k)
{
    k->fast[K_asin][K_F64] = fast_asin_f64;
}

void LEVEL(fill_elementary)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
    fill_fast(k);
}
