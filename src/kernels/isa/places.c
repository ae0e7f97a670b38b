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

void LEVEL(fill_places)(struct kernels *k)
{
    k->places_keys = places_keys;
    k->places_f64 = places_f64;
}
