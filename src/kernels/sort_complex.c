/* Complex numbers in order: those without NaN first, then those with NaN as imaginary part, as real part, as both.
 * Within a class by real, then imaginary part, then the signs of zeros, which makes the order total. */

#include "kernels/sort.h"
#include <math.h>

struct complex_f64 {
    double re, im;
};
struct complex_f32 {
    float re, im;
};

static int nan_class(double re, double im)
{
    return 2 * (isnan(re) != 0) + (isnan(im) != 0);
}

static __attribute__((noinline)) int less_with_nan(double are, double aim, double bre, double bim)
{
    const int p = nan_class(are, aim), q = nan_class(bre, bim);
    if (p != q)
        return p < q;
    if (!(p & 2))
        return are < bre || (are == bre && (signbit(are) != 0) > (signbit(bre) != 0));
    return !(p & 1) && (aim < bim || (aim == bim && (signbit(aim) != 0) > (signbit(bim) != 0)));
}

/* Without branches on the numbers, which are as good as random. */
static inline int less_parts(double are, double aim, double bre, double bim)
{
    if (__builtin_expect(isunordered(are, aim) | isunordered(bre, bim), 0))
        return less_with_nan(are, aim, bre, bim);
    const int minus_a = 2 * (signbit(are) != 0) + (signbit(aim) != 0);
    const int minus_b = 2 * (signbit(bre) != 0) + (signbit(bim) != 0);
    return (are < bre) | ((are == bre) & ((aim < bim) | ((aim == bim) & (minus_a > minus_b))));
}

static inline int less_c128(struct complex_f64 a, struct complex_f64 b)
{
    return less_parts(a.re, a.im, b.re, b.im);
}

static inline int less_c64(struct complex_f32 a, struct complex_f32 b)
{
    return less_parts(a.re, a.im, b.re, b.im);
}

static inline int less_place(struct complex_place a, struct complex_place b)
{
    if (less_parts(a.re, a.im, b.re, b.im))
        return 1;
    return !less_parts(b.re, b.im, a.re, a.im) && a.place < b.place;
}

#define IS_SIDE(less, v, side, lo, hi) \
    ((side) == SIDE_BELOW ? less(v, lo) : (side) == SIDE_WITHIN ? !less(v, lo) && !less(hi, v) : less(hi, v))

#define T struct complex_f32
#define LESS less_c64
#define NAME(x) x##_c64
#include "gap_partition_body.inc"
#include "sort_body.inc"
#define T struct complex_f64
#define LESS less_c128
#define NAME(x) x##_c128
#include "gap_partition_body.inc"
#include "sort_body.inc"
#define T struct complex_place
#define LESS less_place
#define NAME(x) x##_place
#include "gap_partition_body.inc"
#include "sort_body.inc"

#define T struct complex_f32
#define LESS less_c64
#define IS(v, side, lo, hi) IS_SIDE(less_c64, v, side, lo, hi)
#define NAME(x) x##_c64
#include "order_body.inc"
#define T struct complex_f64
#define LESS less_c128
#define IS(v, side, lo, hi) IS_SIDE(less_c128, v, side, lo, hi)
#define NAME(x) x##_c128
#include "order_body.inc"

void sort_complex(enum kdtype dtype, size_t n, void *x)
{
    if (dtype == K_C64)
        sort_c64(n, x);
    else
        sort_c128(n, x);
}

void sort_complex_places(size_t n, struct complex_place *x)
{
    sort_place(n, x);
}

size_t partition_complex(enum kdtype dtype, size_t n, void *x, const void *pivot)
{
    return (dtype == K_C64 ? partition_c64 : partition_c128)(n, x, pivot);
}

kernel_count_side *complex_count(enum kdtype dtype)
{
    return dtype == K_C64 ? count_c64 : count_c128;
}

kernel_collect_side *complex_collect(enum kdtype dtype)
{
    return dtype == K_C64 ? collect_c64 : collect_c128;
}

kernel_places_side *complex_places(enum kdtype dtype)
{
    return dtype == K_C64 ? places_c64 : places_c128;
}

int complex_compare(enum kdtype dtype, const void *a, const void *b)
{
    if (dtype == K_C64) {
        const struct complex_f32 *p = a, *q = b;
        return less_c64(*q, *p) - less_c64(*p, *q);
    }
    const struct complex_f64 *p = a, *q = b;
    return less_c128(*q, *p) - less_c128(*p, *q);
}
