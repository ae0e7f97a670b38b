#ifndef SHEAF_TEST_REDUCTIONS_H
#define SHEAF_TEST_REDUCTIONS_H

/* Calls of reductions on rows of many blocks. */

#include "golden.h"

#define N 300007
#define EPS 0x1p-53L

static inline double *numbers(size_t n, uint64_t seed, double offset, double width)
{
    double *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = offset + (random_unit(&seed) - 0.5) * width;
    return x;
}

static inline sheaf_view view(void *x, sheaf_dtype dtype, int ndim, const int64_t *shape)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, x, dtype, ndim, shape, error));
    return v;
}

static inline sheaf_view row(void *x, sheaf_dtype dtype, size_t n)
{
    return view(x, dtype, 1, (int64_t[]){(int64_t)n});
}

/* Element i of the result as complex parts. */
static inline void call_at(const char *name, const sheaf_view *in, const sheaf_options *o, int threads, int64_t i,
                           double value[2])
{
    sheaf_view out;
    call_op(op_find(name), in, o, threads, &out);
    element(&out, i, value);
    free(out.data);
}

static inline double call(const char *name, const sheaf_view *in, const sheaf_options *o, int threads)
{
    double value[2];
    call_at(name, in, o, threads, 0, value);
    return value[0];
}

static inline double of(const char *name, double *x, size_t n)
{
    sheaf_view v = row(x, SHEAF_F64, n);
    return call(name, &v, NULL, 1);
}

#define near(got, want, bound)                                                                                    \
    ck_assert_msg(fabsl((got) - (want)) <= (bound), "%s: %.17g, expected %.17Lg within %Lg", #got, (double)(got), \
                  (long double)(want), (long double)(bound))

static inline sheaf_options along(int axis)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = axis;
    return o;
}

#endif
