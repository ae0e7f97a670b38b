/* Moving windows along a row. The definition is at struct window_state in kernels.h. */

#include "eights.h"
#include "level.h"
#include <math.h>

#define MOMENTS WINDOW_MOMENTS

/* NaN as `none`; whether there are any. */
static inline eight eight_numbers(const double *x, eight none, vdm *missing)
{
    eight a = eight_load(x);
    EACH_VECTOR(v)
    {
        const vdm nan = vd_unordered(a.v[v], a.v[v]);
        *missing = vdm_or(*missing, nan);
        a.v[v] = vd_select(nan, none.v[v], a.v[v]);
    }
    return a;
}

#define OP eight_add
#define NEUTRAL (-0.0)
#define NAME(x) x##_sum
#include "window_body.inc"

#define OP eight_lesser
#define NEUTRAL ((double)INFINITY)
#define NAME(x) x##_min
#include "window_body.inc"

#define OP eight_greater
#define NEUTRAL (-(double)INFINITY)
#define NAME(x) x##_max
#include "window_body.inc"

/* Of some numbers: their mean, as the sum of two, the sum of their squared distances from it, how many they are. */
struct moments {
    eight mean, rest, m2, count;
};

static inline struct moments moments_of(eight x, eight count)
{
    return (struct moments){x, eight_set(0), eight_set(0), count};
}

static inline struct moments moments_none(void)
{
    return moments_of(eight_set(0), eight_set(0));
}

static inline struct moments moments_counted(const double *x)
{
    struct moments m = moments_of(eight_load(x), eight_set(1));
    EACH_VECTOR(v)
    {
        const vdm nan = vd_unordered(m.mean.v[v], m.mean.v[v]);
        m.mean.v[v] = vd_select(nan, vd_set(0), m.mean.v[v]);
        m.count.v[v] = vd_select(nan, vd_set(0), m.count.v[v]);
    }
    return m;
}

#define NAME(x) x##_full
#define COUNTED 0
#include "window_moments_body.inc"

#define NAME(x) x##_counted
#define COUNTED 1
#include "window_moments_body.inc"

static int any_missing(size_t n, const double *x)
{
    vdm missing = vdm_none();
    for (size_t i = 0; i < n; i++) {
        const eight a = eight_load(x + 8 * i);
        EACH_VECTOR(v)
        missing = vdm_or(missing, vd_unordered(a.v[v], a.v[v]));
    }
    return vdm_any(missing);
}

/* y / by, from 1 / by: a step of Newton's makes what is exact exact. It is NaN where the quotient is infinite. */
static inline eight quotient(eight y, eight by, eight r)
{
    const eight q = eight_mul(y, r), minus_q = eight_sub(eight_set(-0.0), q);
    eight better = eight_fma(eight_fma(minus_q, by, y), r, q);
    EACH_VECTOR(v)
    better.v[v] = vd_select(vd_unordered(better.v[v], better.v[v]), q.v[v], better.v[v]);
    return better;
}

static inline eight eight_sqrt(eight a)
{
    EACH_VECTOR(v)
    a.v[v] = vd_sqrt(a.v[v]);
    return a;
}

static void divide_all(size_t n, double *y, double by, int root)
{
    const eight b = eight_set(by), r = eight_div(eight_set(1), b);
    for (size_t i = 0; i < n; i++) {
        const eight q = quotient(eight_load(y + 8 * i), b, r);
        eight_store(y + 8 * i, root ? eight_sqrt(q) : q);
    }
}

static void divide_each(size_t n, double *y, const double *by, int root)
{
    for (size_t i = 0; i < n; i++) {
        const eight b = eight_load(by + 8 * i);
        const eight q = quotient(eight_load(y + 8 * i), b, eight_div(eight_set(1), b));
        eight_store(y + 8 * i, root ? eight_sqrt(q) : q);
    }
}

void LEVEL(fill_window)(struct kernels *k)
{
    k->window[W_sum] = windows_sum;
    k->window[W_min] = windows_min;
    k->window[W_max] = windows_max;
    k->window_moments[0] = moving_full;
    k->window_moments[1] = moving_counted;
    k->any_missing = any_missing;
    k->divide_all = divide_all;
    k->divide_each = divide_each;
}
