/* Elementary functions of doubles of our own, where the processor has FMA: as accurate as SLEEF's, and mostly
 * two to four times as fast. */

#include "atan_asin.h"
#include "exp.h"
#include "hyperbolic.h"
#include "inverse_hyperbolic.h"
#include "level.h"
#include "log.h"
#include "power.h"
#include "roots.h"
#include "sin_cos.h"
#include "sleef.h"
#include <string.h>

#ifdef HAVE_OWN
#define FUNC exp
#include "exp_log_body.inc"
#define FUNC exp2
#include "exp_log_body.inc"
#define FUNC sinh
#include "exp_log_body.inc"
#define FUNC cosh
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
#define FUNC atan
#include "exp_log_body.inc"
#define FUNC asin
#include "exp_log_body.inc"
#define FUNC acos
#include "exp_log_body.inc"
#define FUNC asinh
#include "exp_log_body.inc"
#define FUNC acosh
#include "exp_log_body.inc"
#define FUNC cbrt
#include "exp_log_body.inc"
#define FUNC pow
#include "pow_body.inc"
#define FUNC atan2
#include "pow_body.inc"
#define FUNC hypot
#include "pow_body.inc"
#endif

void LEVEL(fill_elementary_f64)(struct kernels *k)
{
#ifdef HAVE_OWN
    if (!HAVE_OWN)
        return;
    k->unary[K_exp][K_F64] = exp_kernel;
    k->unary[K_exp2][K_F64] = exp2_kernel;
    k->unary[K_sinh][K_F64] = sinh_kernel;
    k->unary[K_cosh][K_F64] = cosh_kernel;
    k->unary[K_sigmoid][K_F64] = sigmoid_kernel;
    k->unary[K_log][K_F64] = log_kernel;
    k->unary[K_log2][K_F64] = log2_kernel;
    k->unary[K_log10][K_F64] = log10_kernel;
    k->unary[K_log1p][K_F64] = log1p_kernel;
    k->unary[K_sin][K_F64] = sin_kernel;
    k->unary[K_cos][K_F64] = cos_kernel;
    k->unary[K_atan][K_F64] = atan_kernel;
    k->unary[K_asin][K_F64] = asin_kernel;
    k->unary[K_acos][K_F64] = acos_kernel;
    k->unary[K_asinh][K_F64] = asinh_kernel;
    k->unary[K_acosh][K_F64] = acosh_kernel;
    k->unary[K_cbrt][K_F64] = cbrt_kernel;
    k->binary[K_pow][K_F64] = pow_kernel;
    k->binary[K_atan2][K_F64] = atan2_kernel;
    k->binary[K_hypot][K_F64] = hypot_kernel;
#else
    (void)k;
#endif
}
