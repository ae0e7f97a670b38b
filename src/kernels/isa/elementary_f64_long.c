/* Those of elementary_f64.c whose steps mostly wait for each other, so that two vectors at a time are faster at every
 * width. */

#define LONG_CHAINS
#include "hyperbolic.h"
#include "inverse_hyperbolic.h"
#include "level.h"
#include "sin_cos.h"
#include "sleef.h"
#include <string.h>

#ifdef HAVE_OWN
#define FUNC expm1
#include "exp_log_body.inc"
#define FUNC tanh
#include "exp_log_body.inc"
#define FUNC atanh
#include "exp_log_body.inc"
#define FUNC tan
#include "exp_log_body.inc"
#endif

void LEVEL(fill_elementary_f64_long)(struct kernels *k)
{
#ifdef HAVE_OWN
    if (!HAVE_OWN)
        return;
    k->unary[K_expm1][K_F64] = expm1_kernel;
    k->unary[K_tanh][K_F64] = tanh_kernel;
    k->unary[K_atanh][K_F64] = atanh_kernel;
    k->unary[K_tan][K_F64] = tan_kernel;
#else
    (void)k;
#endif
}
