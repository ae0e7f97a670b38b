/* Elementary functions of floats of our own, where the processor has FMA: computed in doubles and rounded once. */

#include "level.h"
#include "single.h"
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
#endif

void LEVEL(fill_elementary_f32)(struct kernels *k)
{
#ifdef HAVE_OWN
    if (!HAVE_OWN)
        return;
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
#else
    (void)k;
#endif
}
