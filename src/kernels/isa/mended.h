#ifndef SHEAF_KERNELS_MENDED_H
#define SHEAF_KERNELS_MENDED_H

/* SLEEF's functions where SLEEF 3.5 is further off than it says, mended: MENDED_D(exp)(vd), MENDED_F(exp)(vf), … Each
 * mending looks at its own element only and is the same at every level. */

#include "sleef.h"
#include <float.h>
#include <math.h>

#define MENDED_D(name) mended_d_##name
#define MENDED_F(name) mended_f_##name

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

/* pow goes through exp and inherits its early infinity; near the true limit the long double function decides. So it
 * does for subnormal bases, with which the AVX-512 variant is off by a binade on one processor model. */
static __attribute__((noinline)) vd pow_mend_d(vd x, vd y, vd z)
{
    double a[VD], b[VD], c[VD];
    vd_store(a, x);
    vd_store(b, y);
    vd_store(c, z);
    for (int l = 0; l < VD; l++) {
        const int early = isinf(c[l]) && isfinite(a[l]) && isfinite(b[l]) && b[l] * log2(fabs(a[l])) < 1024.001;
        if (early || (a[l] != 0 && fabs(a[l]) < DBL_MIN))
            c[l] = (double)powl(a[l], b[l]);
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
    vd y = SLEEF_D(exp, u10)(x);
    if (__builtin_expect(vdm_any(vd_less(vd_set(EXP_EDGE), x)), 0))
        y = exp_mend(x, y);
    return y;
}
static inline vf mended_f_exp(vf x)
{
    return SLEEF_F(exp, u10)(x);
}

/* A tiny argument is its own log1p; a huge one's is its logarithm, where SLEEF gives infinity. */
static inline vd mended_d_log1p(vd x)
{
    vd y = vd_select(vd_less(vd_abs(x), vd_set(0x1p-54)), x, SLEEF_D(log1p, u10)(x));
    const vdm huge = vd_less(vd_set(0x1p+1000), x);
    if (__builtin_expect(vdm_any(huge), 0))
        y = vd_select(huge, SLEEF_D(log, u10)(x), y);
    return y;
}
static inline vf mended_f_log1p(vf x)
{
    vf y = vf_select(vf_less(vf_abs(x), vf_set(0x1p-25f)), x, SLEEF_F(log1p, u10)(x));
    const vfm huge = vf_less(vf_set(0x1p+120f), x);
    if (__builtin_expect(vfm_any(huge), 0))
        y = vf_select(huge, SLEEF_F(log, u10)(x), y);
    return y;
}

/* Past `edge` in absolute value, the C library decides, in twice the precision or so. */
static __attribute__((noinline)) vd mend_above_d(vd x, vd y, double edge, long double (*exact)(long double))
{
    double a[VD], b[VD];
    vd_store(a, x);
    vd_store(b, y);
    for (int l = 0; l < VD; l++)
        b[l] = fabs(a[l]) > edge ? (double)exact(a[l]) : b[l];
    return vd_load(b);
}
static __attribute__((noinline)) vf mend_above_f(vf x, vf y, float edge, double (*exact)(double))
{
    float a[VF], b[VF];
    vf_store(a, x);
    vf_store(b, y);
    for (int l = 0; l < VF; l++)
        b[l] = fabsf(a[l]) > edge ? (float)exact(a[l]) : b[l];
    return vf_load(b);
}
static inline vd above_d(vd x, vd y, double edge, long double (*exact)(long double))
{
    return __builtin_expect(vdm_any(vd_less(vd_set(edge), vd_abs(x))), 0) ? mend_above_d(x, y, edge, exact) : y;
}
static inline vf above_f(vf x, vf y, float edge, double (*exact)(double))
{
    return __builtin_expect(vfm_any(vf_less(vf_set(edge), vf_abs(x))), 0) ? mend_above_f(x, y, edge, exact) : y;
}

/* sinh and cosh become infinite with exp, a little too early. */
static inline vd mended_d_sinh(vd x)
{
    return above_d(x, vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, SLEEF_D(sinh, u10)(x)), 709, sinhl);
}
static inline vf mended_f_sinh(vf x)
{
    return above_f(x, vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, SLEEF_F(sinh, u10)(x)), 88, sinh);
}
static inline vd mended_d_cosh(vd x)
{
    return above_d(x, SLEEF_D(cosh, u10)(x), 709, coshl);
}
static inline vf mended_f_cosh(vf x)
{
    return above_f(x, SLEEF_F(cosh, u10)(x), 88, cosh);
}

/* asinh and acosh are infinite where x² is, or thereabouts. */
static inline vd mended_d_asinh(vd x)
{
    const vd y = vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, SLEEF_D(asinh, u10)(x));
    return above_d(x, y, 0x1p500, asinhl);
}
static inline vf mended_f_asinh(vf x)
{
    const vf y = vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, SLEEF_F(asinh, u10)(x));
    return above_f(x, y, 0x1p60f, asinh);
}
static inline vd mended_d_acosh(vd x)
{
    return above_d(x, SLEEF_D(acosh, u10)(x), 0x1p500, acoshl);
}
static inline vf mended_f_acosh(vf x)
{
    return above_f(x, SLEEF_F(acosh, u10)(x), 0x1p60f, acosh);
}

/* A tiny argument is its own tan, atanh, tanh. */
static inline vd mended_d_tan(vd x)
{
    return vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, SLEEF_D(tan, u10)(x));
}
static inline vf mended_f_tan(vf x)
{
    return vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, SLEEF_F(tan, u10)(x));
}
static inline vd mended_d_atanh(vd x)
{
    return vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, SLEEF_D(atanh, u10)(x));
}
static inline vf mended_f_atanh(vf x)
{
    return vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, SLEEF_F(atanh, u10)(x));
}
static inline vd mended_d_tanh(vd x)
{
    return vd_select(vd_less(vd_abs(x), vd_set(0x1p-27)), x, SLEEF_D(tanh, u10)(x));
}
static inline vf mended_f_tanh(vf x)
{
    return vf_select(vf_less(vf_abs(x), vf_set(0x1p-13f)), x, SLEEF_F(tanh, u10)(x));
}

static inline vd mended_d_pow(vd x, vd y)
{
    vd z = SLEEF_D(pow, u10)(x, y);
    const vdm rare = vdm_or(vd_less(vd_set(DBL_MAX), vd_abs(z)), vd_less(vd_abs(x), vd_set(DBL_MIN)));
    if (__builtin_expect(vdm_any(rare), 0))
        z = pow_mend_d(x, y, z);
    return z;
}
static inline vf mended_f_pow(vf x, vf y)
{
    vf z = SLEEF_F(pow, u10)(x, y);
    if (__builtin_expect(vfm_any(vf_less(vf_set(FLT_MAX), vf_abs(z))), 0))
        z = pow_mend_f(x, y, z);
    return z;
}

/* SLEEF's erf of floats loses digits where its intermediate results are subnormal. */
static __attribute__((noinline)) vf erf_mend_f(vf x, vf y)
{
    float a[VF], b[VF];
    vf_store(a, x);
    vf_store(b, y);
    for (int l = 0; l < VF; l++)
        b[l] = fabsf(a[l]) < 0x1p-90f ? (float)(a[l] * 0x1.20dd750429b6dp+0) : b[l];
    return vf_load(b);
}
static inline vd mended_d_erf(vd x)
{
    return SLEEF_D(erf, u10)(x);
}
static inline vf mended_f_erf(vf x)
{
    const vf y = SLEEF_F(erf, u10)(x), tiny = vf_select(vf_less(vf_abs(x), vf_set(0x1p-90f)), x, vf_set(0));
    return __builtin_expect(vfm_any(vf_less(vf_set(0), vf_abs(tiny))), 0) ? erf_mend_f(x, y) : y;
}

/* Far out SLEEF's gamma overflows early, has few right digits where it is subnormal and +0 instead of -0. */
static long double gamma_far(long double x)
{
    return isinf(x) && x < 0 ? (long double)NAN : tgammal(x);
}
static double gamma_far_f(double x)
{
    return isinf(x) && x < 0 ? (double)NAN : tgamma(x);
}
static inline vd mended_d_gamma(vd x)
{
    return above_d(x, SLEEF_D(tgamma, u10)(x), 168, gamma_far);
}
static inline vf mended_f_gamma(vf x)
{
    return above_f(x, SLEEF_F(tgamma, u10)(x), 33, gamma_far_f);
}

/* SLEEF's lgamma is infinite too early; and near its zeros on the left, where terms cancel, only its absolute error is
 * small. */
static double lgamma_mended(double x, double y)
{
    int sign;
    if (x > 0x1p500)
        return (double)(x * (logl(x) - 1));
    return x < 0 && fabs(y) < 1 ? (double)lgammal_r(x, &sign) : y;
}
static __attribute__((noinline)) vd lgamma_mend_d(vd x, vd y)
{
    double a[VD], b[VD];
    vd_store(a, x);
    vd_store(b, y);
    for (int l = 0; l < VD; l++)
        b[l] = lgamma_mended(a[l], b[l]);
    return vd_load(b);
}
static __attribute__((noinline)) vf lgamma_mend_f(vf x, vf y)
{
    float a[VF], b[VF];
    vf_store(a, x);
    vf_store(b, y);
    for (int l = 0; l < VF; l++)
        b[l] = a[l] > 0x1p100f ? (float)(a[l] * (log(a[l]) - 1)) : (float)lgamma_mended(a[l], b[l]);
    return vf_load(b);
}
static inline vd mended_d_lgamma(vd x)
{
    const vd y = SLEEF_D(lgamma, u10)(x), left = vd_select(vd_less(x, vd_set(0)), y, vd_set(2));
    const vdm rare = vdm_or(vd_less(vd_set(0x1p500), x), vd_less(vd_abs(left), vd_set(1)));
    return __builtin_expect(vdm_any(rare), 0) ? lgamma_mend_d(x, y) : y;
}
static inline vf mended_f_lgamma(vf x)
{
    const vf y = SLEEF_F(lgamma, u10)(x), left = vf_select(vf_less(x, vf_set(0)), y, vf_set(2));
    const vfm rare = vfm_or(vf_less(vf_set(0x1p100f), x), vf_less(vf_abs(left), vf_set(1)));
    return __builtin_expect(vfm_any(rare), 0) ? lgamma_mend_f(x, y) : y;
}

/* exp never overflows here; a tiny e = exp(-|x|) is what counts on the left. */
static inline vd mended_d_sigmoid(vd x)
{
    const vd e = SLEEF_D(exp, u10)(-vd_abs(x));
    return vd_select(vd_less(x, vd_set(0)), e, vd_set(1)) / (vd_set(1) + e);
}
static inline vf mended_f_sigmoid(vf x)
{
    const vf e = SLEEF_F(exp, u10)(-vf_abs(x));
    return vf_select(vf_less(x, vf_set(0)), e, vf_set(1)) / (vf_set(1) + e);
}

#endif
