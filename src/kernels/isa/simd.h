#ifndef SHEAF_KERNELS_SIMD_H
#define SHEAF_KERNELS_SIMD_H

/* The SIMD vocabulary at the level's own width.
 *
 *   vd, vf      a vector of VD doubles, of VF floats         vdm, vfm    the mask of a comparison
 *   _load _store _set _abs _less _unordered _select _min _max; m_none m_or m_any
 *   vd also: _load_f32 (VD floats, widened) _store_f32 (narrowed) _add _sub _fma _sqrt _prefix_sums; vdm_sign: the sign
 *   bits, for _select and m_any
 *   _load_part, _load_part_f32: the first n elements, 0 < n < width, zeros for the rest
 *   _negate _least (of equal zeros -0; NaN when either is) _last (every lane the last) _running_least (lane i of 0..i)
 *
 * prefix_sums(a) turns the GROUP numbers of a, GROUP / VD vectors, into their running sums and returns the last one in
 * every lane. First pairs are added, then fours, then all: p1 = x0+x1, p2 = p1+x2, p3 = p1+(x2+x3), p4 = p3+x4,
 * p5 = p3+(x4+x5), p6 = p3+((x4+x5)+x6), p7 = p3+((x4+x5)+(x6+x7)).
 *
 * min(a, b) and max(a, b) give b when either is NaN or both are zeros. A function for doubles and its twin for floats
 * differ in the prefix only, so that a body file can serve both. */

#if SHEAF_LEVEL == 0
#include "simd_plain.h"
#elif SHEAF_LEVEL == 1
#include "simd_avx2.h"
#else
#include "simd_avx512.h"
#endif

/* Floating sums run over this many lanes at every level. */
#define LANES 32
#define NV (LANES / VD)
/* Numbers that a running sum takes together. */
#define GROUP 8

/* Fold the lanes 16, 8, 4, 2, 1 apart. */
static inline double vd_fold(vd *a)
{
#pragma GCC unroll 4
    for (int width = NV / 2; width > 0; width /= 2) {
#pragma GCC unroll 8
        for (int v = 0; v < width; v++)
            a[v] = vd_add(a[v], a[v + width]);
    }
    double t[VD];
    vd_store(t, a[0]);
    for (int width = VD / 2; width > 0; width /= 2) {
        for (int l = 0; l < width; l++)
            t[l] += t[l + width];
    }
    return t[0];
}

#endif
