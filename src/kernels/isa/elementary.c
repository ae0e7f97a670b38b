/* Elementary functions of real floats: SLEEF, mended where it has to be. Most of those of doubles are our own where the
 * processor has FMA: as accurate, and up to three times as fast. */

#include "atan_asin.h"
#include "exp.h"
#include "hyperbolic.h"
#include "level.h"
#include "log.h"
#include "mended.h"
#include "sin_cos.h"
#include "single.h"
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
static void fast_tan_f64(size_t n, const void *x, void *y)
{
    map_f64(n, x, y, SLEEF_D(tan, u35));
}
static void fast_asin_f64(size_t n, const void *x, void *y)
{
    map_f64(n, x, y, SLEEF_D(asin, u35));
}
static void fast_cbrt_f64(size_t n, const void *x, void *y)
{
    map_f64(n, x, y, SLEEF_D(cbrt, u35));
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
    k->fast[K_tan][K_F64] = fast_tan_f64;
    k->fast[K_asin][K_F64] = fast_asin_f64;
    k->fast[K_cbrt][K_F64] = fast_cbrt_f64;
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

#if SHEAF_LEVEL > 0
#define HAVE_OWN 1
#elif defined(HAS_FMA)
#define HAVE_OWN HAS_FMA
#endif
#ifdef HAVE_OWN
#define FUNC exp
#include "exp_log_body.inc"
#define FUNC exp2
#include "exp_log_body.inc"
#define FUNC expm1
#include "exp_log_body.inc"
#define FUNC sinh
#include "exp_log_body.inc"
#define FUNC cosh
#include "exp_log_body.inc"
#define FUNC tanh
#include "exp_log_body.inc"
#define FUNC sigmoid
#include "exp_log_body.inc"
#define FUNC log
#include "exp_log_body.inc"
#define FUNC log2
#include "exp_log_body.inc"
#define FUNC log10
#include "exp_log_body.inc"
#define FUNC log1p
#include "exp_log_body.inc"
#define FUNC sin
#include "exp_log_body.inc"
#define FUNC cos
#include "exp_log_body.inc"
#define FUNC tan
#include "exp_log_body.inc"
#define FUNC atan
#include "exp_log_body.inc"
#define FUNC asin
#include "exp_log_body.inc"
#define FUNC acos
#include "exp_log_body.inc"

#define FUNC exp
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC expm1
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC sinh
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC cosh
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC tanh
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC sigmoid
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC atan
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC asin
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC acos
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"
#define FUNC log
#define IS_RARE log_is_rare
#define RARE log_single_rare
#include "single_body.inc"
#define FUNC log2
#define IS_RARE log_is_rare
#define RARE log_single_rare
#include "single_body.inc"
#define FUNC log10
#define IS_RARE log_is_rare
#define RARE log_single_rare
#include "single_body.inc"
#define FUNC log1p
#define IS_RARE log1p_single_is_rare
#define RARE log1p_single_rare
#include "single_body.inc"
#define FUNC asinh
#define IS_RARE asinh_single_is_rare
#define RARE asinh_single_rare
#include "single_body.inc"
#define FUNC acosh
#define IS_RARE acosh_single_is_rare
#define RARE acosh_single_rare
#include "single_body.inc"
#define FUNC atanh
#define IS_RARE atanh_single_is_rare
#define RARE atanh_single_rare
#include "single_body.inc"
#define FUNC sin
#define IS_RARE angle_is_rare
#define RARE sin_single_rare
#include "single_body.inc"
#define FUNC cos
#define IS_RARE angle_is_rare
#define RARE cos_single_rare
#include "single_body.inc"
#define FUNC tan
#define IS_RARE angle_is_rare
#define RARE tan_single_rare
#include "single_body.inc"
#endif

void LEVEL(fill_elementary)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
    fill_fast(k);
#ifdef HAVE_OWN
    if (HAVE_OWN) {
        k->unary[K_exp][K_F64] = exp_kernel;
        k->unary[K_exp2][K_F64] = exp2_kernel;
        k->unary[K_expm1][K_F64] = expm1_kernel;
        k->unary[K_sinh][K_F64] = sinh_kernel;
        k->unary[K_cosh][K_F64] = cosh_kernel;
        k->unary[K_tanh][K_F64] = tanh_kernel;
        k->unary[K_sigmoid][K_F64] = sigmoid_kernel;
        k->unary[K_log][K_F64] = log_kernel;
        k->unary[K_log2][K_F64] = log2_kernel;
        k->unary[K_log10][K_F64] = log10_kernel;
        k->unary[K_log1p][K_F64] = log1p_kernel;
        k->unary[K_sin][K_F64] = sin_kernel;
        k->unary[K_cos][K_F64] = cos_kernel;
        k->unary[K_tan][K_F64] = tan_kernel;
        k->unary[K_atan][K_F64] = atan_kernel;
        k->unary[K_asin][K_F64] = asin_kernel;
        k->unary[K_acos][K_F64] = acos_kernel;
        k->unary[K_exp][K_F32] = exp_single_kernel;
        k->unary[K_expm1][K_F32] = expm1_single_kernel;
        k->unary[K_sinh][K_F32] = sinh_single_kernel;
        k->unary[K_cosh][K_F32] = cosh_single_kernel;
        k->unary[K_tanh][K_F32] = tanh_single_kernel;
        k->unary[K_sigmoid][K_F32] = sigmoid_single_kernel;
        k->unary[K_atan][K_F32] = atan_single_kernel;
        k->unary[K_asin][K_F32] = asin_single_kernel;
        k->unary[K_acos][K_F32] = acos_single_kernel;
        k->unary[K_log][K_F32] = log_single_kernel;
        k->unary[K_log2][K_F32] = log2_single_kernel;
        k->unary[K_log10][K_F32] = log10_single_kernel;
        k->unary[K_log1p][K_F32] = log1p_single_kernel;
        k->unary[K_asinh][K_F32] = asinh_single_kernel;
        k->unary[K_acosh][K_F32] = acosh_single_kernel;
        k->unary[K_atanh][K_F32] = atanh_single_kernel;
        k->unary[K_sin][K_F32] = sin_single_kernel;
        k->unary[K_cos][K_F32] = cos_single_kernel;
        k->unary[K_tan][K_F32] = tan_single_kernel;
    }
#endif
}
