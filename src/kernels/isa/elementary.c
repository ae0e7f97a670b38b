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

/* The fast mode: SLEEF's functions of 3.5 ULP, where they are faster than the precise ones. */
static void fast_asin_f64(size_t n, const void *x, void *y)
{
    map_f64(n, x, y, SLEEF_D(asin, u35));
}
static void fast_log_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(log, u35));
}
static void fast_log2_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(log2, u35));
}
static void fast_sin_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(sin, u35));
}
static void fast_cos_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(cos, u35));
}
static void fast_tan_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(tan, u35));
}
static void fast_asin_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(asin, u35));
}
static void fast_acos_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(acos, u35));
}
static void fast_atan_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(atan, u35));
}
static void fast_cbrt_f32(size_t n, const void *x, void *y)
{
    map_f32(n, x, y, SLEEF_F(cbrt, u35));
}

static void fill_fast(struct kernels *k)
{
    k->fast[K_asin][K_F64] = fast_asin_f64;
    k->fast[K_log][K_F32] = fast_log_f32;
    k->fast[K_log2][K_F32] = fast_log2_f32;
    k->fast[K_sin][K_F32] = fast_sin_f32;
    k->fast[K_cos][K_F32] = fast_cos_f32;
    k->fast[K_tan][K_F32] = fast_tan_f32;
    k->fast[K_asin][K_F32] = fast_asin_f32;
    k->fast[K_acos][K_F32] = fast_acos_f32;
    k->fast[K_atan][K_F32] = fast_atan_f32;
    k->fast[K_cbrt][K_F32] = fast_cbrt_f32;
}

void LEVEL(fill_elementary)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
    fill_fast(k);
}
