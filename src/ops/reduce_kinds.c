/* What each reduction does with a block, with two parts, and with the last part. */

#include "blas/blas.h"
#include "ops/reduce.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

static void minmax(const struct reduction *r, size_t n, const void *x, void *least, void *greatest)
{
    if (r->work == SHEAF_F64)
        r->k->minmax_f64(n, x, least, greatest);
    else if (r->work == SHEAF_F32)
        r->k->minmax_f32(n, x, least, greatest);
    else
        r->k->minmax[r->work](n, x, least, greatest);
}

static double sum_of(const struct reduction *r, size_t n, const void *x)
{
    return r->work == SHEAF_F32 && !r->split ? r->k->sum_f32(n, x) : r->k->sum_f64(n, x);
}

static double m2_of(const struct reduction *r, size_t n, const void *x, double mean)
{
    return r->work == SHEAF_F32 && !r->split ? r->k->m2_f32(n, x, mean) : r->k->m2_f64(n, x, mean);
}

static const double *imaginary(const void *x)
{
    return (const double *)x + KERNEL_BLOCK;
}

static void store_real(sheaf_dtype dtype, double value, char *out)
{
    float single = (float)value;
    if (dtype == SHEAF_F32)
        memcpy(out, &single, sizeof single);
    else
        memcpy(out, &value, sizeof value);
}

static void store_complex(sheaf_dtype dtype, double re, double im, char *out)
{
    sheaf_dtype part = dtype_real(dtype);
    store_real(part, re, out);
    if (part != dtype)
        store_real(part, im, out + sheaf_dtype_size(part));
}

/* ---- sum, mean ---- */

static void block_sum(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    part->sum[0] = sum_of(r, n, x);
    part->sum[1] = r->split ? sum_of(r, n, imaginary(x)) : 0;
}

static void combine_sum(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into;
    const union part *b = from;
    a->sum[0] += b->sum[0];
    a->sum[1] += b->sum[1];
}

static void finish_sum(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    store_complex(r->out[0], part->sum[0], part->sum[1], out[0]);
}

static void finish_mean(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    store_complex(r->out[0], part->sum[0] / (double)r->n, part->sum[1] / (double)r->n, out[0]);
}

static void block_integer(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    part->integer = r->k->sum_int[r->work](n, x);
}

static void combine_integer(const void *context, void *into, const void *from)
{
    (void)context;
    ((union part *)into)->integer += ((const union part *)from)->integer;
}

static void finish_integer(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)r;
    (void)row;
    memcpy(out[0], &part->integer, sizeof part->integer);
}

/* ---- var, std: within a block around its own mean, between blocks by Chan, Golub and LeVeque (1979) ---- */

static void block_moments(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    double count = (double)n, mean = sum_of(r, n, x) / count;
    part->moments.n = count;
    part->moments.mean[0] = mean;
    part->moments.mean[1] = 0;
    part->moments.m2 = m2_of(r, n, x, mean);
    if (r->split) {
        mean = sum_of(r, n, imaginary(x)) / count;
        part->moments.mean[1] = mean;
        part->moments.m2 += m2_of(r, n, imaginary(x), mean);
    }
}

static void combine_moments(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into;
    const union part *b = from;
    double n = a->moments.n + b->moments.n, share = b->moments.n / n, apart = 0;
    for (int k = 0; k < 2; k++) {
        double d = b->moments.mean[k] - a->moments.mean[k];
        a->moments.mean[k] += d * share;
        apart += d * d;
    }
    a->moments.m2 += b->moments.m2 + apart * (a->moments.n * share);
    a->moments.n = n;
}

static double variance(const struct reduction *r, double m2)
{
    return m2 / fmax((double)r->n - r->ddof, 0);
}

static void finish_moments(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    double v = variance(r, part->moments.m2);
    store_real(r->out[0], r->kind == R_std ? sqrt(v) : v, out[0]);
}

/* ---- min, max, ptp, argmin, argmax ---- */

static void block_range(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    minmax(r, n, x, &part->range.least, &part->range.greatest);
}

/* Elements a and b side by side, as an array of two. */
static void pair_up(const struct reduction *r, const void *a, const void *b, union scalar pair[2])
{
    memcpy(pair, a, r->work_size);
    memcpy((char *)pair + r->work_size, b, r->work_size);
}

static void combine_range(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    union scalar pair[2], unused;
    pair_up(r, &a->range.least, &b->range.least, pair);
    minmax(r, 2, pair, &a->range.least, &unused);
    pair_up(r, &a->range.greatest, &b->range.greatest, pair);
    minmax(r, 2, pair, &unused, &a->range.greatest);
}

static void finish_range(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    if (r->kind == R_ptp)
        r->k->binary[K_sub][r->work](1, &part->range.greatest, &part->range.least, out[0]);
    else
        memcpy(out[0], r->kind == R_min ? &part->range.least : &part->range.greatest, r->work_size);
}

static void block_best(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    union scalar unused;
    if (r->kind == R_argmin)
        minmax(r, n, x, &part->best.value, &unused);
    else
        minmax(r, n, x, &unused, &part->best.value);
    part->best.start = start;
}

/* The earlier block wins unless the later one is truly better; that a NaN is best of all falls out of minmax. */
static void combine_best(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    union scalar pair[2], least, greatest;
    pair_up(r, &a->best.value, &b->best.value, pair);
    minmax(r, 2, pair, &least, &greatest);
    if (r->k->find[r->work](2, pair, r->kind == R_argmin ? &least : &greatest) == 1)
        a->best = b->best;
}

static void finish_best(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    size_t start = part->best.start, n = r->n - start < KERNEL_BLOCK ? r->n - start : KERNEL_BLOCK;
    const void *x = reduce_load(r, row, start, n, buffer);
    int64_t index = (int64_t)(start + r->k->find[r->work](n, x, &part->best.value));
    memcpy(out[0], &index, sizeof index);
}

/* ---- any, all, count_nonzero ---- */

static void block_truth(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    part->truth.others = r->k->count_nonzero[r->work](n, x);
    part->truth.zeros = n - part->truth.others;
}

static void combine_truth(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into;
    const union part *b = from;
    a->truth.zeros += b->truth.zeros;
    a->truth.others += b->truth.others;
}

static void finish_truth(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    if (r->kind == R_count_nonzero) {
        int64_t count = (int64_t)part->truth.others;
        memcpy(out[0], &count, sizeof count);
    } else {
        out[0][0] = r->kind == R_any ? part->truth.others > 0 : part->truth.zeros == 0;
    }
}

/* ---- norm ---- */

/* hypot(inf, NaN) is inf; a norm with a NaN in it is NaN. */
static void combine_norm(const void *context, void *into, const void *from)
{
    (void)context;
    double *a = ((union part *)into)->sum;
    const double *b = ((const union part *)from)->sum;
    a[0] = isnan(a[0]) || isnan(b[0]) ? NAN : hypot(a[0], b[0]);
}

static void block_norm(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    part->sum[0] = blas_nrm2(n, x);
    part->sum[1] = 0;
    if (r->split) {
        union part other = {.sum = {blas_nrm2(n, imaginary(x)), 0}};
        combine_norm(r, part, &other);
    }
}

/* ---- stats ---- */

static void block_stats(const struct reduction *r, size_t n, const void *x, size_t start, union part *part)
{
    (void)start;
    double sum = 0, least = 0, greatest = 0;
    if (r->work == SHEAF_F64) {
        r->k->summinmax_f64(n, x, &sum, &least, &greatest);
        memcpy(&part->stats.least, &least, sizeof least);
        memcpy(&part->stats.greatest, &greatest, sizeof greatest);
        part->stats.m2 = r->k->m2_f64(n, x, sum / (double)n);
    } else if (r->work == SHEAF_F32) {
        r->k->summinmax_f32(n, x, &sum, &least, &greatest);
        float least32 = (float)least, greatest32 = (float)greatest;
        memcpy(&part->stats.least, &least32, sizeof least32);
        memcpy(&part->stats.greatest, &greatest32, sizeof greatest32);
        part->stats.m2 = r->k->m2_f32(n, x, sum / (double)n);
    } else {
        alignas(64) double tile[KERNEL_BLOCK];
        r->k->minmax[r->work](n, x, &part->stats.least, &part->stats.greatest);
        r->k->cast[r->work][K_F64](n, x, (ptrdiff_t)r->work_size, tile, sizeof tile[0]);
        sum = r->k->sum_f64(n, tile);
        part->stats.m2 = r->k->m2_f64(n, tile, sum / (double)n);
    }
    part->stats.n = (double)n;
    part->stats.sum = sum;
    part->stats.mean = sum / (double)n;
}

static void combine_stats(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    union part x = {.moments = {a->stats.n, {a->stats.mean, 0}, a->stats.m2}};
    union part y = {.moments = {b->stats.n, {b->stats.mean, 0}, b->stats.m2}};
    combine_moments(r, &x, &y);
    a->stats.n = x.moments.n;
    a->stats.mean = x.moments.mean[0];
    a->stats.m2 = x.moments.m2;
    a->stats.sum += b->stats.sum;
    union scalar pair[2], least, greatest;
    pair_up(r, &a->stats.least, &b->stats.least, pair);
    minmax(r, 2, pair, &least, &greatest);
    memcpy(&a->stats.least, &least, r->work_size);
    pair_up(r, &a->stats.greatest, &b->stats.greatest, pair);
    minmax(r, 2, pair, &least, &greatest);
    memcpy(&a->stats.greatest, &greatest, r->work_size);
}

static void finish_stats(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    int64_t count = (int64_t)r->n;
    memcpy(out[0], &count, sizeof count);
    store_real(r->out[1], part->stats.sum / (double)r->n, out[1]);
    store_real(r->out[2], sqrt(variance(r, part->stats.m2)), out[2]);
    memcpy(out[3], &part->stats.least, r->work_size);
    memcpy(out[4], &part->stats.greatest, r->work_size);
}

/* ---- choice ---- */

static void choose_functions(struct reduction *r)
{
    switch (r->kind) {
    case R_sum:
    case R_mean:
        r->block = block_sum;
        r->combine = combine_sum;
        r->finish = r->kind == R_sum ? finish_sum : finish_mean;
        if (r->kind == R_sum && r->k->sum_int[r->work] && dtype_kind(r->work) != 'f') {
            r->block = block_integer;
            r->combine = combine_integer;
            r->finish = finish_integer;
        }
        break;
    case R_var:
    case R_std:
        r->block = block_moments;
        r->combine = combine_moments;
        r->finish = finish_moments;
        break;
    case R_min:
    case R_max:
    case R_ptp:
        r->block = block_range;
        r->combine = combine_range;
        r->finish = finish_range;
        break;
    case R_argmin:
    case R_argmax:
        r->block = block_best;
        r->combine = combine_best;
        r->finish = finish_best;
        break;
    case R_any:
    case R_all:
    case R_count_nonzero:
        r->block = block_truth;
        r->combine = combine_truth;
        r->finish = finish_truth;
        break;
    case R_norm:
        r->block = block_norm;
        r->combine = combine_norm;
        r->finish = finish_sum;
        break;
    case R_stats:
        r->block = block_stats;
        r->combine = combine_stats;
        r->finish = finish_stats;
        break;
    default:
        break;
    }
}

void reduce_choose(struct reduction *r, enum reduction_kind kind, sheaf_dtype from)
{
    char letter = dtype_kind(from);
    bool moments = kind == R_mean || kind == R_var || kind == R_std;
    r->k = kernels();
    r->kind = kind;
    r->from = from;
    r->work = from == SHEAF_F16 ? SHEAF_F32 : from;
    r->split = letter == 'c' && (moments || kind == R_sum || kind == R_norm);
    if (kind == R_norm || r->split || (moments && letter != 'f'))
        r->work = SHEAF_F64;
    r->from_size = sheaf_dtype_size(from);
    r->work_size = sheaf_dtype_size(r->work);
    r->cast = r->k->cast[r->split ? dtype_real(from) : from][r->work];
    choose_functions(r);
}
