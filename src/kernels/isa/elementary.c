/* exp, log and their kin of real floats: SLEEF, mended where SLEEF 3.5 is further off than it says. Each mending looks
 * at its own element only and is the same at every level. exp, log and log1p of doubles are our own where the processor
 * has FMA, twice as fast. */

#include "exp.h"
#include "level.h"
#include "log.h"
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

#if SHEAF_LEVEL > 0
#define HAVE_OWN 1
#elif defined(HAS_FMA)
#define HAVE_OWN HAS_FMA
#endif
#ifdef HAVE_OWN
#define FUNC exp
#include "exp_log_body.inc"
#define FUNC log
#include "exp_log_body.inc"
#define FUNC log1p
#include "exp_log_body.inc"
#endif

void LEVEL(fill_elementary)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
#ifdef HAVE_OWN
    if (HAVE_OWN) {
        k->unary[K_exp][K_F64] = exp_kernel;
        k->unary[K_log][K_F64] = log_kernel;
        k->unary[K_log1p][K_F64] = log1p_kernel;
    }
#endif
}
