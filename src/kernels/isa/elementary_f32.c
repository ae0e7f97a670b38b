/* Elementary functions of floats of our own, where the processor has FMA: computed in doubles and rounded once
 * (NAME_single), or in single precision within 1 ULP (NAME_float) or 3 ULP (NAME_fast, of the fast mode). Arguments for
 * which single precision is not made go to the double one. */

#include "floats_angles.h"
#include "floats_erf.h"
#include "floats_exp.h"
#include "floats_log.h"
#include "floats_roots.h"
#include "level.h"
#include "single.h"
#include "single_two.h"
#include "sleef.h"
#include <string.h>

#ifdef HAVE_OWN
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
#define FUNC exp2
#define IS_RARE never_rare
#define RARE as_usual
#include "single_body.inc"

#define FUNC pow
#include "single_two_body.inc"
#define FUNC hypot
#include "single_two_body.inc"

static OWN_TARGET void cbrt_any_kernel(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i += VF)
        vf_store(y + i, cbrt_float_any(vf_load(x + i)));
}

/* As long as the stack is glad to hold, and worth two calls. */
#define FLOATS_SPAN 128
#define FUNC exp_float
#define PRECISE exp_single_kernel
#include "floats_body.inc"
#define FUNC exp2_float
#define PRECISE exp2_single_kernel
#include "floats_body.inc"
#define FUNC log_float
#define PRECISE log_single_kernel
#include "floats_body.inc"
#define FUNC log2_float
#define PRECISE log2_single_kernel
#include "floats_body.inc"
#define FUNC log10_float
#define PRECISE log10_single_kernel
#include "floats_body.inc"
#define FUNC sin_float
#define PRECISE sin_single_kernel
#include "floats_body.inc"
#define FUNC cos_float
#define PRECISE cos_single_kernel
#include "floats_body.inc"
#define FUNC asinh_float
#define PRECISE asinh_single_kernel
#include "floats_body.inc"
#define FUNC acosh_float
#define PRECISE acosh_single_kernel
#include "floats_body.inc"
#define FUNC cbrt_float
#define PRECISE cbrt_any_kernel
#include "floats_body.inc"
#define FUNC erf_float
#define PRECISE(n, x, y) (void)0 /* none is rare */
#include "floats_body.inc"
#define FUNC atan2_float
#define PRECISE SLEEF_F(atan2, u10)
#include "floats_two_body.inc"
#define FUNC expm1_fast
#define PRECISE expm1_single_kernel
#include "floats_body.inc"
#define FUNC sinh_fast
#define PRECISE sinh_single_kernel
#include "floats_body.inc"
#define FUNC cosh_fast
#define PRECISE cosh_single_kernel
#include "floats_body.inc"
#define FUNC tanh_fast
#define PRECISE tanh_single_kernel
#include "floats_body.inc"
#define FUNC log2_fast
#define PRECISE log2_single_kernel
#include "floats_body.inc"
#define FUNC log10_fast
#define PRECISE log10_single_kernel
#include "floats_body.inc"
#define FUNC log1p_fast
#define PRECISE log1p_single_kernel
#include "floats_body.inc"
#define FUNC atanh_fast
#define PRECISE atanh_single_kernel
#include "floats_body.inc"
#define FUNC tan_fast
#define PRECISE tan_single_kernel
#include "floats_body.inc"
#define FUNC asin_fast
#define PRECISE asin_single_kernel
#include "floats_body.inc"
#define FUNC acos_fast
#define PRECISE acos_single_kernel
#include "floats_body.inc"
#define FUNC atan_fast
#define PRECISE atan_single_kernel
#include "floats_body.inc"
#endif

void LEVEL(fill_elementary_f32)(struct kernels *k)
{
#ifdef HAVE_OWN
    if (!HAVE_OWN)
        return;
    k->unary[K_exp][K_F32] = exp_float_kernel;
    k->unary[K_expm1][K_F32] = expm1_single_kernel;
    k->unary[K_sinh][K_F32] = sinh_single_kernel;
    k->unary[K_cosh][K_F32] = cosh_single_kernel;
    k->unary[K_tanh][K_F32] = tanh_single_kernel;
    k->unary[K_sigmoid][K_F32] = sigmoid_single_kernel;
    k->unary[K_atan][K_F32] = atan_single_kernel;
    k->unary[K_asin][K_F32] = asin_single_kernel;
    k->unary[K_acos][K_F32] = acos_single_kernel;
    k->unary[K_log][K_F32] = log_float_kernel;
    k->unary[K_log2][K_F32] = log2_float_kernel;
    k->unary[K_log10][K_F32] = log10_float_kernel;
    k->unary[K_log1p][K_F32] = log1p_single_kernel;
    k->unary[K_asinh][K_F32] = asinh_float_kernel;
    k->unary[K_acosh][K_F32] = acosh_float_kernel;
    k->unary[K_atanh][K_F32] = atanh_single_kernel;
    k->unary[K_sin][K_F32] = sin_float_kernel;
    k->unary[K_cos][K_F32] = cos_float_kernel;
    k->unary[K_tan][K_F32] = tan_single_kernel;
    k->unary[K_exp2][K_F32] = exp2_float_kernel;
    k->unary[K_cbrt][K_F32] = cbrt_float_kernel;
    k->unary[K_erf][K_F32] = erf_float_kernel;
    k->binary[K_pow][K_F32] = pow_single_kernel;
    k->binary[K_hypot][K_F32] = hypot_single_kernel;
    k->binary[K_atan2][K_F32] = atan2_float_kernel;
    k->fast[K_expm1][K_F32] = expm1_fast_kernel;
    k->fast[K_sinh][K_F32] = sinh_fast_kernel;
    k->fast[K_cosh][K_F32] = cosh_fast_kernel;
    k->fast[K_tanh][K_F32] = tanh_fast_kernel;
    k->fast[K_log2][K_F32] = log2_fast_kernel;
    k->fast[K_log10][K_F32] = log10_fast_kernel;
    k->fast[K_log1p][K_F32] = log1p_fast_kernel;
    k->fast[K_atanh][K_F32] = atanh_fast_kernel;
    k->fast[K_tan][K_F32] = tan_fast_kernel;
    k->fast[K_asin][K_F32] = asin_fast_kernel;
    k->fast[K_acos][K_F32] = acos_fast_kernel;
    k->fast[K_atan][K_F32] = atan_fast_kernel;
#else
    (void)k;
#endif
}
