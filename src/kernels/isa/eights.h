#ifndef SHEAF_KERNELS_EIGHTS_H
#define SHEAF_KERNELS_EIGHTS_H

/* Eight neighbouring doubles in the level's vectors: what moving windows are made of. */

#include "simd.h"

#define EIGHT_VECTORS (8 / VD)
#define EACH_VECTOR(v) _Pragma("GCC unroll 4") for (int v = 0; v < EIGHT_VECTORS; v++)

typedef struct eight {
    vd v[EIGHT_VECTORS];
} eight;

static inline eight eight_load(const double *p)
{
    eight a;
    EACH_VECTOR(v)
    a.v[v] = vd_load(p + v * VD);
    return a;
}
static inline void eight_store(double *p, eight a)
{
    EACH_VECTOR(v)
    vd_store(p + v * VD, a.v[v]);
}
static inline eight eight_set(double x)
{
    eight a;
    EACH_VECTOR(v)
    a.v[v] = vd_set(x);
    return a;
}
static inline eight eight_add(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] = vd_add(a.v[v], b.v[v]);
    return a;
}
static inline eight eight_sub(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] = vd_sub(a.v[v], b.v[v]);
    return a;
}
static inline eight eight_mul(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] *= b.v[v];
    return a;
}
static inline eight eight_div(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] /= b.v[v];
    return a;
}
static inline eight eight_max(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] = vd_max(a.v[v], b.v[v]);
    return a;
}
static inline eight eight_fma(eight a, eight b, eight c)
{
    EACH_VECTOR(v)
    a.v[v] = vd_fma(a.v[v], b.v[v], c.v[v]);
    return a;
}
/* Of numbers: of equal zeros -0 is the lesser. */
static inline vd number_lesser(vd a, vd b)
{
#if SHEAF_LEVEL == 2
    return _mm512_range_pd(a, b, 4);
#else
    return vd_least(a, b);
#endif
}
static inline vd number_greater(vd a, vd b)
{
#if SHEAF_LEVEL == 2
    return _mm512_range_pd(a, b, 5);
#elif SHEAF_LEVEL == 1
    return _mm256_and_pd(vd_max(a, b), vd_max(b, a));
#else
    return (vd)((vdm)vd_max(a, b) & (vdm)vd_max(b, a));
#endif
}
static inline eight eight_lesser(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] = number_lesser(a.v[v], b.v[v]);
    return a;
}
static inline eight eight_greater(eight a, eight b)
{
    EACH_VECTOR(v)
    a.v[v] = number_greater(a.v[v], b.v[v]);
    return a;
}

/* The elements n places before those of a, where before are the eight that stand before it; n is 1, 2, 4 or 6. */
static inline eight eight_behind(eight before, eight a, int n)
{
    eight b;
#if SHEAF_LEVEL == 2
    const __m512i hi = _mm512_castpd_si512(a.v[0]), lo = _mm512_castpd_si512(before.v[0]);
    switch (n) {
    case 1:
        b.v[0] = _mm512_castsi512_pd(_mm512_alignr_epi64(hi, lo, 7));
        break;
    case 2:
        b.v[0] = _mm512_castsi512_pd(_mm512_alignr_epi64(hi, lo, 6));
        break;
    case 4:
        b.v[0] = _mm512_castsi512_pd(_mm512_alignr_epi64(hi, lo, 4));
        break;
    default:
        b.v[0] = _mm512_castsi512_pd(_mm512_alignr_epi64(hi, lo, 2));
    }
#elif SHEAF_LEVEL == 1
    const vd all[4] = {before.v[0], before.v[1], a.v[0], a.v[1]};
    for (int v = 0; v < 2; v++) {
        const vd half = _mm256_permute2f128_pd(all[v + 1], all[v + 2], 0x21);
        if (n == 1)
            b.v[v] = _mm256_shuffle_pd(half, all[v + 2], 0x5);
        else if (n == 2)
            b.v[v] = half;
        else if (n == 4)
            b.v[v] = all[v + 1];
        else
            b.v[v] = _mm256_permute2f128_pd(all[v], all[v + 1], 0x21);
    }
#else
    for (int v = 0; v < EIGHT_VECTORS; v++) {
        const int at = v - n / 2;
        if (n == 1)
            b.v[v] = (vd){(v > 0 ? a.v[v - 1] : before.v[3])[1], a.v[v][0]};
        else
            b.v[v] = at >= 0 ? a.v[at] : before.v[at + 4];
    }
#endif
    return b;
}

#endif
