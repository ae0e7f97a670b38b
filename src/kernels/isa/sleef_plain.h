#ifndef SHEAF_KERNELS_SLEEF_PLAIN_H
#define SHEAF_KERNELS_SLEEF_PLAIN_H

/* SLEEF's scalar functions as functions of the plain level's vectors: sleef_d_exp_u10(vd), … */

#include "simd.h"
#include <sleef.h>

#if defined(__x86_64__)
#define HAS_FMA __builtin_cpu_supports("fma")
#elif defined(__FMA__) || defined(__aarch64__)
#define HAS_FMA 1
#endif
#ifdef HAS_FMA
#define PICK(with, without, ...) (HAS_FMA ? with(__VA_ARGS__) : without(__VA_ARGS__))
#else
#define PICK(with, without, ...) without(__VA_ARGS__)
#endif
#define PASTE(a, b, c, d, e) a##b##c##d##e
#define JOIN(a, b, c, d, e) PASTE(a, b, c, d, e)

#define FUNC exp
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC expm1
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC log
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC log1p
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC sin
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC cos
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC tanh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC cbrt
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC exp2
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC log2
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC log10
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC tan
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC asin
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC acos
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC atan
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC sinh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC cosh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC asinh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC acosh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC atanh
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC erf
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC tgamma
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC lgamma
#define ULP u10
#include "sleef_plain_body.inc"
#define FUNC erfc
#define ULP u15
#include "sleef_plain_body.inc"
#define FUNC cbrt
#define ULP u35
#include "sleef_plain_body.inc"
#define FUNC tan
#define ULP u35
#include "sleef_plain_body.inc"
#define FUNC asin
#define ULP u35
#include "sleef_plain_body.inc"
#define FUNC pow
#define ULP u10
#include "sleef_plain_binary_body.inc"
#define FUNC hypot
#define ULP u05
#include "sleef_plain_binary_body.inc"
#define FUNC atan2
#define ULP u10
#include "sleef_plain_binary_body.inc"

#endif
