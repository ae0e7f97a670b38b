/* exp, log and their kin of real floats: SLEEF, mended where SLEEF 3.5 is further off than it says. Each mending looks
 * at its own element only and is the same at every level. exp, log and log1p of doubles are our own where the processor
 * has FMA, twice as fast. */

#include "exp.h"
#include "level.h"
#include "log.h"
#include "sleef.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* SLEEF's exp is infinite from EXP_EDGE on, a little before the true result overflows at EXP_LAST. In between:
 * exp(edge + t) = exp(edge) exp(t), with exp(edge) as a double and the rest of it, and t tiny. */
#define EXP_EDGE 0x1.62e42fe102c83p+9
#define EXP_LAST 0x1.62e42fefa39efp+9
#define EXP_EDGE_HIGH 0x1.ffffc57ca84a9p+1023
#define EXP_EDGE_LOW 0x1.dd2f5fcacf43dp+968
static double exp_edge(double x)
{
    const double t = x - EXP_EDGE;
    const double series = t + t * t * (0.5 + t * (1.0 / 6));
    return EXP_EDGE_HIGH + (EXP_EDGE_LOW + EXP_EDGE_HIGH * series);
}

static __attribute__((noinline)) vd exp_mend(vd x, vd y)
{
    double a[VD], b[VD];
    vd_store(a, x);
    vd_store(b, y);
    for (int l = 0; l < VD; l++)
        b[l] = a[l] > EXP_EDGE && a[l] <= EXP_LAST ? exp_edge(a[l]) : b[l];
    return vd_load(b);
}

/* pow goes through exp and inherits its early infinity; near the true limit the long double function decides. */
static __attribute__((noinline)) vd pow_mend_d(vd x, vd y, vd z)
{
    double a[VD], b[VD], c[VD];
    vd_store(a, x);
    vd_store(b, y);
    vd_store(c, z);
    for (int l = 0; l < VD; l++) {
        if (isinf(c[l]) && isfinite(a[l]) && isfinite(b[l]) && b[l] * log2(fabs(a[l])) < 1024.001)
            c[l] = copysign((double)powl(fabs(a[l]), b[l]), c[l]);
    }
    return vd_load(c);
}

static __attribute__((noinline)) vf pow_mend_f(vf x, vf y, vf z)
{
    float a[VF], b[VF], c[VF];
    vf_store(a, x);
    vf_store(b, y);
    vf_store(c, z);
    for (int l = 0; l < VF; l++) {
        if (isinf(c[l]) && isfinite(a[l]) && isfinite(b[l]) && (double)b[l] * log2(fabs((double)a[l])) < 128.001)
            c[l] = copysignf((float)pow(fabs((double)a[l]), b[l]), c[l]);
    }
    return vf_load(c);
}

static inline vd mended_d_exp(vd x)
{
    vd y = sleef_d_exp(x);
    if (__builtin_expect(vdm_any(vd_less(vd_set(EXP_EDGE), x)), 0))
        y = exp_mend(x, y);
    return y;
}
static inline vf mended_f_exp(vf x)
{
    return sleef_f_exp(x);
}

/* A tiny argument is its own log1p; a huge one's is its logarithm, where SLEEF gives infinity. */
static inline vd mended_d_log1p(vd x)
{
    vd y = vd_select(vd_less(vd_abs(x), vd_set(0x1p-54)), x, sleef_d_log1p(x));
    const vdm huge = vd_less(vd_set(0x1p+1000), x);
    if (__builtin_expect(vdm_any(huge), 0))
        y = vd_select(huge, sleef_d_log(x), y);
    return y;
}
static inline vf mended_f_log1p(vf x)
{
    vf y = vf_select(vf_less(vf_abs(x), vf_set(0x1p-25f)), x, sleef_f_log1p(x));
    const vfm huge = vf_less(vf_set(0x1p+120f), x);
    if (__builtin_expect(vfm_any(huge), 0))
        y = vf_select(huge, sleef_f_log(x), y);
    return y;
}

/* A tiny argument is its own tanh. */
static inline vd mended_d_tanh(vd x)
{
    return vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, sleef_d_tanh(x));
}
static inline vf mended_f_tanh(vf x)
{
    return vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, sleef_f_tanh(x));
}

static inline vd mended_d_pow(vd x, vd y)
{
    vd z = sleef_d_pow(x, y);
    if (__builtin_expect(vdm_any(vd_less(vd_set(DBL_MAX), vd_abs(z))), 0))
        z = pow_mend_d(x, y, z);
    return z;
}
static inline vf mended_f_pow(vf x, vf y)
{
    vf z = sleef_f_pow(x, y);
    if (__builtin_expect(vfm_any(vf_less(vf_set(FLT_MAX), vf_abs(z))), 0))
        z = pow_mend_f(x, y, z);
    return z;
}

#define T double
#define V(x) vd_##x
#define VECTOR vd
#define WIDTH VD
#define NAME(x) x##_f64
#define MENDED(x) mended_d_##x
#define SLEEF(x) sleef_d_##x
#define DTYPE K_F64
#include "elementary_body.inc"

#define T float
#define V(x) vf_##x
#define VECTOR vf
#define WIDTH VF
#define NAME(x) x##_f32
#define MENDED(x) mended_f_##x
#define SLEEF(x) sleef_f_##x
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
