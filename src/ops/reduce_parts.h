#ifndef SHEAF_OPS_REDUCE_PARTS_H
#define SHEAF_OPS_REDUCE_PARTS_H

/* What each reduction does with a block, with two parts, and with the last part: the families' functions, among which
 * reduce_kinds.c chooses, and what they share. */

#include "ops/reduce.h"
#include <stdalign.h>
#include <string.h>

typedef void reduce_block(const struct reduction *r, const struct chunk *c, union part *part);
typedef void reduce_finish(const struct reduction *r, char *row, const union part *part, char *const *out);

/* reduce_sums.c */
reduce_block block_sum, block_integer, block_truth, block_trapz, block_prod, block_prod_integer, block_dot,
    block_dot_integer, block_weighted_sum;
par_combine combine_sum, combine_integer, combine_truth, combine_prod, combine_prod_integer;
reduce_finish finish_sum, finish_mean, finish_integer, finish_truth, finish_trapz, finish_prod, finish_prod_integer,
    finish_dot_integer;

/* reduce_norms.c */
reduce_block block_squares, block_logsumexp;
par_combine combine_squares, combine_logsumexp;
reduce_finish finish_squares, finish_logsumexp;
/* Whether the sum needs no scale: nothing in it has vanished or overflowed. */
bool squares_are_safe(const struct reduction *r, double sum);

/* reduce_moments.c */
reduce_block block_moments, block_stats;
par_combine combine_moments, combine_stats;
reduce_finish finish_moments, finish_stats;
/* Of the parts of a block, at least one; they are spoilt. */
struct moments moments_joined(const struct reduction *r, struct moments *parts, size_t count);
/* var, std (of stats too), skew or kurtosis. */
double moments_value(const struct reduction *r, const struct moments *m);
/* The same of columns of n elements each; the sums of squares s[0] are spoilt. */
void moments_values(const struct reduction *r, double n, size_t columns, const double *means, double *const s[3],
                    double *values);
/* skew and kurtosis. */
bool moments_want_powers(const struct reduction *r);

/* reduce_extremes.c */
reduce_block block_range, block_best;
par_combine combine_range, combine_best;
reduce_finish finish_range, finish_best;
/* Least and greatest of n elements of dtype work. */
void reduce_minmax(const struct reduction *r, size_t n, const void *x, void *least, void *greatest);
/* Elements a and b side by side, as an array of two. */
static inline void pair_up(const struct reduction *r, const void *a, const void *b, union scalar pair[2])
{
    memcpy(pair, a, r->work_size);
    memcpy((char *)pair + r->work_size, b, r->work_size);
}

static inline double sum_of(const struct reduction *r, size_t n, const void *x)
{
    return r->work == SHEAF_F32 ? r->k->sum_f32(n, x) : r->k->sum_f64(n, x);
}

static inline double m2_of(const struct reduction *r, size_t n, const void *x, double mean)
{
    return r->work == SHEAF_F32 ? r->k->m2_f32(n, x, mean) : r->k->m2_f64(n, x, mean);
}

static inline const double *imaginary(const void *x)
{
    return (const double *)x + KERNEL_BLOCK;
}

static inline void store_real(sheaf_dtype dtype, double value, char *out)
{
    float single = (float)value;
    if (dtype == SHEAF_F32)
        memcpy(out, &single, sizeof single);
    else
        memcpy(out, &value, sizeof value);
}

static inline void store_complex(sheaf_dtype dtype, double re, double im, char *out)
{
    sheaf_dtype part = dtype_real(dtype);
    store_real(part, re, out);
    if (part != dtype)
        store_real(part, im, out + sheaf_dtype_size(part));
}

#endif
