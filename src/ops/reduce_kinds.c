/* Which functions a reduction is made of, what its elements become first, and the reductions that leave NaNs out. */

#include "ops/reduce_parts.h"
#include <math.h>

/* ---- without NaNs ---- */

static bool is_nan(sheaf_dtype dtype, const union scalar *value)
{
    switch (dtype) {
    case SHEAF_F32:
        return isnan(value->f32[0]);
    case SHEAF_F64:
        return isnan(value->f64[0]);
    case SHEAF_C64:
        return isnan(value->f32[0]) || isnan(value->f32[1]);
    default:
        return isnan(value->f64[0]) || isnan(value->f64[1]);
    }
}

bool reduce_shows_nan(const struct reduction *r, const union part *part)
{
    switch (r->kind) {
    case R_min:
        return is_nan(r->work, &part->range.least);
    case R_max:
        return is_nan(r->work, &part->range.greatest);
    case R_argmin:
    case R_argmax:
        return is_nan(r->work, &part->best.value);
    case R_var:
    case R_std:
        return isnan(part->moments.m2);
    default:
        return isnan(part->sum[0]) || isnan(part->sum[1]);
    }
}

/* The part of no elements; the NaN among the extremes stays, for rows that have nothing else. */
static void set_empty(const struct reduction *r, union part *part)
{
    switch (r->kind) {
    case R_min:
    case R_max:
        part->range.n = 0;
        break;
    case R_argmin:
    case R_argmax:
        part->best.n = 0;
        break;
    case R_var:
    case R_std:
        part->moments = (struct moments){0};
        break;
    default:
        part->n = 0;
        part->sum[0] = part->sum[1] = -0.0; /* which addition leaves unchanged */
        break;
    }
}

/* As the plain function, which most blocks are done with; those that show a NaN are done again without it. */
static void block_skipping(const struct reduction *r, const struct chunk *c, union part *part)
{
    alignas(64) unsigned char kept[REDUCE_BUFFER];
    r->plain(r, c, part);
    if (!reduce_shows_nan(r, part))
        return;
    struct chunk rest = {.start = c->start, .x = kept};
    if (r->split)
        rest.n = r->k->compress_split(c->n, c->x, imaginary(c->x), (double *)kept, (double *)kept + KERNEL_BLOCK);
    else
        rest.n = r->k->compress[r->work](c->n, c->x, kept);
    if (rest.n == 0)
        set_empty(r, part);
    else
        r->plain(r, &rest, part);
}

/* The function that leaves no NaN out; itself where kind is such. */
static enum reduction_kind plain_kind(enum reduction_kind kind)
{
    switch (kind) {
    case R_nansum:
        return R_sum;
    case R_nanmean:
        return R_mean;
    case R_nanvar:
        return R_var;
    case R_nanstd:
        return R_std;
    case R_nanmin:
        return R_min;
    case R_nanmax:
        return R_max;
    case R_nanargmin:
        return R_argmin;
    case R_nanargmax:
        return R_argmax;
    default:
        return kind;
    }
}

/* ---- choice ---- */

struct functions {
    reduce_block *block;
    par_combine *combine;
    reduce_finish *finish;
};

/* By kind; fsum runs by itself. */
static const struct functions table[] = {
    [R_sum] = {block_sum, combine_sum, finish_sum},
    [R_mean] = {block_sum, combine_sum, finish_mean},
    [R_var] = {block_moments, combine_moments, finish_moments},
    [R_std] = {block_moments, combine_moments, finish_moments},
    [R_min] = {block_range, combine_range, finish_range},
    [R_max] = {block_range, combine_range, finish_range},
    [R_ptp] = {block_range, combine_range, finish_range},
    [R_argmin] = {block_best, combine_best, finish_best},
    [R_argmax] = {block_best, combine_best, finish_best},
    [R_any] = {block_truth, combine_truth, finish_truth},
    [R_all] = {block_truth, combine_truth, finish_truth},
    [R_count_nonzero] = {block_truth, combine_truth, finish_truth},
    [R_norm] = {block_squares, combine_squares, finish_squares},
    [R_stats] = {block_stats, combine_stats, finish_stats},
    [R_prod] = {block_prod, combine_prod, finish_prod},
    [R_rms] = {block_squares, combine_squares, finish_squares},
    [R_logsumexp] = {block_logsumexp, combine_logsumexp, finish_logsumexp},
    [R_skew] = {block_moments, combine_moments, finish_moments},
    [R_kurtosis] = {block_moments, combine_moments, finish_moments},
    [R_trapz] = {block_trapz, combine_sum, finish_trapz},
    [R_dot] = {block_dot, combine_sum, finish_sum},
};

static struct functions integer_functions(const struct reduction *r)
{
    switch (r->kind) {
    case R_sum:
        return (struct functions){block_integer, combine_integer, finish_integer};
    case R_prod:
        return (struct functions){block_prod_integer, combine_prod_integer, finish_prod_integer};
    case R_dot:
        return (struct functions){block_dot_integer, combine_integer, finish_dot_integer};
    default:
        return table[r->kind];
    }
}

/* The dtype that blocks are given in, from x's; floats stay as they are, float16 apart. */
static sheaf_dtype work_dtype(const struct reduction *r, sheaf_dtype dtype)
{
    sheaf_dtype same = dtype == SHEAF_F16 ? SHEAF_F32 : dtype;
    if (r->split || r->weighted)
        return SHEAF_F64;
    switch (r->kind) {
    case R_mean:
    case R_var:
    case R_std:
    case R_norm:
    case R_rms:
    case R_skew:
    case R_kurtosis:
    case R_trapz:
        return same == SHEAF_F32 ? same : SHEAF_F64;
    case R_fsum:
        return same == SHEAF_I64 || same == SHEAF_U64 ? same : SHEAF_F64;
    case R_logsumexp:
        return SHEAF_F64;
    default:
        return same;
    }
}

static bool is_split(enum reduction_kind kind)
{
    switch (kind) {
    case R_sum:
    case R_mean:
    case R_var:
    case R_std:
    case R_norm:
    case R_rms:
    case R_prod:
    case R_trapz:
    case R_dot:
        return true;
    default:
        return false;
    }
}

void reduce_choose(struct reduction *r, enum reduction_kind kind, sheaf_dtype promoted, const sheaf_dtype *from,
                   int sources)
{
    char letter = dtype_kind(promoted);
    r->k = kernels();
    r->kind = plain_kind(kind);
    r->skip = r->kind != kind && (letter == 'f' || letter == 'c');
    r->split = letter == 'c' && is_split(r->kind);
    r->work = work_dtype(r, promoted);
    r->work_size = sheaf_dtype_size(r->work);
    r->near = false;
    r->sources = sources;
    for (int k = 0; k < sources; k++) {
        struct source *s = &r->source[k];
        sheaf_dtype to = k == 1 && r->weighted ? SHEAF_F64 : r->work;
        s->from = from[k];
        s->from_size = sheaf_dtype_size(from[k]);
        s->split = r->split && !(k == 1 && r->weighted);
        s->cast = r->k->cast[s->split ? dtype_real(from[k]) : from[k]][to];
    }
    r->block = r->plain = NULL;
    if (r->kind == R_fsum)
        return;
    struct functions f = letter == 'f' || letter == 'c' ? table[r->kind] : integer_functions(r);
    if (r->weighted && r->kind == R_mean)
        f.block = block_weighted_sum;
    r->block = r->skip ? block_skipping : f.block;
    r->plain = f.block;
    r->combine = f.combine;
    r->finish = f.finish;
}
