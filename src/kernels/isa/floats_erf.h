#ifndef SHEAF_KERNELS_FLOATS_ERF_H
#define SHEAF_KERNELS_FLOATS_ERF_H

/* erf of floats, in single precision: x + x P(x²) up to c = 7/8 (and for NaN), and 1 - erfc(c) 2^(b Q(b)) with
 * b = |x| - c beyond, where little of the power's error is left. From 4 on it is 1. Polynomials of
 * coefficients_f32.py. */

#include "floats_exp.h"

static const float erf_c[] = {0x1.06eba8p-3f, -0x1.81273ep-2f,  0x1.ce2cf8p-4f, -0x1.b7f90ep-6f,
                              0x1.5405b2p-8f, -0x1.a3f700p-11f, 0x1.496a32p-14f};
static const float erfc_c[] = {-0x1.c0c6bep+1f, -0x1.314532p+0f, -0x1.14ccb2p-4f,
                               0x1.08cbaep-6f,  -0x1.817a20p-9f, 0x1.307d36p-12f};
#define ERF_CHANGE 0.875f
#define ERFC_CHANGE 0x1.ba36dap-3f /* erfc there */

STEP vf erf_float(vf x)
{
    const vf a = vf_min(vf_set(4), vf_abs(x)), one = vf_set(1), b = a - vf_set(ERF_CHANGE), z = a * a;
    const vf small = vf_fma(a, VF_POLY_SERIAL(z, z * z, erf_c, 2), a);
    const vf large = vf_fnma(vf_set(ERFC_CHANGE), exp2_float(b * VF_POLY(b, b * b, erfc_c)), one);
    return vf_signed(vf_select(vf_less(vf_set(ERF_CHANGE), a), large, small), x);
}
#define erf_float_rare vf_never

#endif
