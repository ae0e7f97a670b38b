#ifndef SHEAF_KERNELS_SLEEF_H
#define SHEAF_KERNELS_SLEEF_H

/* SLEEF's 1-ULP functions on this level's vectors: sleef_d_exp(vd), sleef_f_exp(vf), … and pow of two arguments. Only
 * the finz variants, which give the same bits at every width and whatever the neighbours; the plain level calls their
 * scalar twins where the processor has FMA, and the cinz ones (as accurate, other bits) where it has not. */

#include "simd.h"
#include <sleef.h>

#if SHEAF_LEVEL == 0
#if defined(__x86_64__)
#define HAS_FMA __builtin_cpu_supports("fma")
#elif defined(__FMA__) || defined(__aarch64__)
#define HAS_FMA 1
#endif
#ifdef HAS_FMA
/* sleef.h hides these when the compiler itself may not use FMA. */
double Sleef_finz_powd1_u10purecfma(double x, double y);
float Sleef_finz_powf1_u10purecfma(float x, float y);
#define PICK(with, without, ...) (HAS_FMA ? with(__VA_ARGS__) : without(__VA_ARGS__))
#else
#define PICK(with, without, ...) without(__VA_ARGS__)
#endif
#define PASTE(a, b, c) a##b##c
#define JOIN(a, b, c) PASTE(a, b, c)
#define FUNC exp
#include "sleef_plain_body.inc"
#define FUNC expm1
#include "sleef_plain_body.inc"
#define FUNC log
#include "sleef_plain_body.inc"
#define FUNC log1p
#include "sleef_plain_body.inc"
#define FUNC sin
#include "sleef_plain_body.inc"
#define FUNC cos
#include "sleef_plain_body.inc"
#define FUNC tanh
#include "sleef_plain_body.inc"

static inline double pow_one_d(double x, double y)
{
    return PICK(Sleef_finz_powd1_u10purecfma, Sleef_cinz_powd1_u10purec, x, y);
}
static inline float pow_one_f(float x, float y)
{
    return PICK(Sleef_finz_powf1_u10purecfma, Sleef_cinz_powf1_u10purec, x, y);
}
static inline vd sleef_d_pow(vd x, vd y)
{
    return (vd){pow_one_d(x[0], y[0]), pow_one_d(x[1], y[1])};
}
static inline vf sleef_f_pow(vf x, vf y)
{
    return (vf){pow_one_f(x[0], y[0]), pow_one_f(x[1], y[1]), pow_one_f(x[2], y[2]), pow_one_f(x[3], y[3])};
}
#else
#if SHEAF_LEVEL == 1
#define SLEEF_D(name) Sleef_finz_##name##d4_u10avx2
#define SLEEF_F(name) Sleef_finz_##name##f8_u10avx2
#else
#define SLEEF_D(name) Sleef_finz_##name##d8_u10avx512f
#define SLEEF_F(name) Sleef_finz_##name##f16_u10avx512f
#endif
#define sleef_d_exp SLEEF_D(exp)
#define sleef_f_exp SLEEF_F(exp)
#define sleef_d_expm1 SLEEF_D(expm1)
#define sleef_f_expm1 SLEEF_F(expm1)
#define sleef_d_log SLEEF_D(log)
#define sleef_f_log SLEEF_F(log)
#define sleef_d_log1p SLEEF_D(log1p)
#define sleef_f_log1p SLEEF_F(log1p)
#define sleef_d_sin SLEEF_D(sin)
#define sleef_f_sin SLEEF_F(sin)
#define sleef_d_cos SLEEF_D(cos)
#define sleef_f_cos SLEEF_F(cos)
#define sleef_d_tanh SLEEF_D(tanh)
#define sleef_f_tanh SLEEF_F(tanh)
#define sleef_d_pow SLEEF_D(pow)
#define sleef_f_pow SLEEF_F(pow)
#endif

#endif
