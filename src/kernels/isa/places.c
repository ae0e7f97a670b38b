/* Places in sorted numbers, found for many side by side: no branches, and many loads on their way at once. */

#include "level.h"
#include "simd.h"
#include <string.h>

typedef int64_t places __attribute__((vector_size(8 * VD)));
typedef double numbers __attribute__((vector_size(8 * VD)));

#define VECTORS (SHEAF_LEVEL == 0 ? 2 : 4)
#define BESIDE (VECTORS * VD)

static inline places pick(const void *from, places at)
{
#if SHEAF_LEVEL == 2
    return (places)_mm512_i64gather_epi64((__m512i)at, from, 8);
#elif SHEAF_LEVEL == 1
    return (places)_mm256_i64gather_epi64((const long long *)from, (__m256i)at, 8);
#else
    return (places){((const int64_t *)from)[at[0]], ((const int64_t *)from)[at[1]]};
#endif
}

#define T int64_t
#define INDEX uint32_t
#define NAME(x) x##_keys
#define VECTOR places
#define BEFORE(sorted, x) ((sorted) < (x))
#include "places_body.inc"

#define T double
#define INDEX uint64_t
#define NAME(x) x##_f64
#define VECTOR numbers
#define BEFORE(sorted, x) ((sorted) <= (x))
#include "places_body.inc"

/* NumPy's: where the line from the left gives NaN, from an infinity, that from the right may not. */
static double between(double x, double slope, const double *xp, const double *fp)
{
    double y = slope * (x - xp[0]) + fp[0];
    if (y != y) {
        y = slope * (x - xp[1]) + fp[1];
        if (y != y && fp[0] == fp[1])
            y = fp[0];
    }
    return y;
}

static double interpolated(double x, size_t place, size_t m, const double *xp, const double *fp, const double *slopes)
{
    if (x != x)
        return x;
    if (place == 0)
        return fp[0];
    const size_t j = place - 1;
    if (place == m || xp[j] == x)
        return fp[j];
    return between(x, slopes ? slopes[j] : (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]), xp + j, fp + j);
}

/* The usual line for all; what is NaN, and what lies on or beyond a point, again by itself. */
static void interpolate(size_t n, const double *x, const uint64_t *at, size_t m, const double *xp, const double *fp,
                        const double *slopes, double *y)
{
    size_t i = 0;
    for (; slopes && m > 1 && i + VD <= n; i += VD) {
        places j;
        numbers v, line;
        memcpy(&j, at + i, sizeof j);
        memcpy(&v, x + i, sizeof v);
        j = j - 1;
        const places inside = (j >= 0) & (j < (int64_t)m - 1);
        j &= inside;
        const numbers from = (numbers)pick(xp, j);
        line = (numbers)pick(slopes, j) * (v - from) + (numbers)pick(fp, j);
        memcpy(y + i, &line, sizeof line);
        const places wrong = ~(inside & (places)(from != v) & (places)(line == line));
        if (vdm_any(vdm_sign((vd)wrong)))
            for (int l = 0; l < VD; l++)
                y[i + (size_t)l] = interpolated(x[i + (size_t)l], at[i + (size_t)l], m, xp, fp, slopes);
    }
    for (; i < n; i++)
        y[i] = interpolated(x[i], at[i], m, xp, fp, slopes);
}

void LEVEL(fill_places)(struct kernels *k)
{
    k->places_keys = places_keys;
    k->places_f64 = places_f64;
    k->interpolate = interpolate;
}
