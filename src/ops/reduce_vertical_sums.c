/* Sums, products, counts and extremes down columns. */

#include "ops/reduce_vertical.h"

/* ---- sums, products, counts ---- */

bool vertical_can_sum(const struct reduction *r)
{
    return r->k->sum_columns[r->work] != NULL;
}

void vertical_run_sum(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->sum_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->scratch, m->sums);
}

static void layer_sum(const struct reduction *r, const struct tile *t, const struct columns *m, size_t at, size_t n)
{
    r->k->sum_layer[r->work](t->n, t->columns, t->x[0], t->stride[0], at == 0, m->scratch,
                             at + t->n == n ? m->sums : NULL);
}

static void tell_sum(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                     union part *part)
{
    (void)r;
    part->sum[0] = m->sums[column];
    part->sum[1] = 0;
    part->n = (double)t->n;
}

static bool whole_sum(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    if (vertical_asks_again(r, t->columns, K_F64, m->sums, m))
        return false;
    for (size_t c = 0; c < t->columns && r->kind == R_mean; c++)
        m->sums[c] /= (double)r->n;
    vertical_put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

static bool can_prod(const struct reduction *r)
{
    return r->k->prod_columns[r->work] != NULL;
}

static void run_prod(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->prod_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->scratch, m->sums);
}

static bool can_dot(const struct reduction *r)
{
    return r->k->dot_columns[r->work] != NULL;
}

static void run_dot(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->dot_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], t->x[1], t->stride[1], m->scratch, m->sums);
}

static bool can_integer(const struct reduction *r)
{
    return r->k->sum_int_columns[r->work] != NULL;
}

static void run_integer(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->sum_int_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], (uint64_t *)m->sums);
}

static bool can_prod_integer(const struct reduction *r)
{
    return r->k->prod_int_columns[r->work] != NULL;
}

static void run_prod_integer(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->prod_int_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], (uint64_t *)m->sums);
}

static bool can_dot_integer(const struct reduction *r)
{
    return r->k->dot_int_columns[r->work] != NULL;
}

static void run_dot_integer(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->dot_int_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], t->x[1], t->stride[1], (uint64_t *)m->sums);
}

static void tell_integer(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                         union part *part)
{
    (void)r;
    (void)t;
    memcpy(&part->integer, &m->sums[column], sizeof part->integer);
}

/* The lowest bits, as many as the result has. */
static bool whole_integer(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    vertical_put(r, t->columns, K_U64, m->sums, out, 0);
    return true;
}

static bool can_truth(const struct reduction *r)
{
    return r->k->count_nonzero_columns[r->work] != NULL;
}

static void run_truth(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->count_nonzero_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], (size_t *)m->sums);
}

static void tell_truth(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                       union part *part)
{
    (void)r;
    memcpy(&part->truth.others, &m->sums[column], sizeof part->truth.others);
    part->truth.zeros = t->n - part->truth.others;
}

static bool whole_truth(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    const size_t *counts = (const size_t *)m->sums, enough = r->kind == R_any ? 1 : t->n;
    for (size_t c = 0; c < t->columns; c++)
        m->flags[c] = counts[c] >= enough;
    if (r->kind == R_count_nonzero)
        vertical_put(r, t->columns, K_U64, counts, out, 0);
    else
        vertical_put(r, t->columns, K_BOOL, m->flags, out, 0);
    return true;
}

/* ---- extremes ---- */

bool vertical_can_range(const struct reduction *r)
{
    return r->k->minmax_columns[r->work] != NULL;
}

void vertical_run_range(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->minmax_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->least, m->greatest);
}

static void tell_range(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                       union part *part)
{
    memcpy(&part->range.least, m->least + column * r->work_size, r->work_size);
    memcpy(&part->range.greatest, m->greatest + column * r->work_size, r->work_size);
    part->range.n = t->n;
}

static bool whole_range(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    const enum kdtype work = (enum kdtype)r->work;
    if (vertical_asks_again(r, t->columns, work, m->least, m))
        return false;
    if (r->kind == R_ptp)
        r->k->binary[K_sub][work](t->columns, m->greatest, m->least, m->least);
    vertical_put(r, t->columns, work, r->kind == R_max ? m->greatest : m->least, out, 0);
    return true;
}

static bool can_best(const struct reduction *r)
{
    return r->k->best_columns[r->work] != NULL;
}

static void run_best(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->best_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], r->kind == R_argmax, m->least,
                                (size_t *)m->sums);
}

static void tell_best(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                      union part *part)
{
    memcpy(&part->best.value, m->least + column * r->work_size, r->work_size);
    part->best.start = t->start + ((const size_t *)m->sums)[column];
    part->best.n = t->n;
    part->best.found = true;
}

static bool whole_best(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    if (vertical_asks_again(r, t->columns, (enum kdtype)r->work, m->least, m))
        return false;
    vertical_put(r, t->columns, K_U64, m->sums, out, 0);
    return true;
}

/* ---- choice ---- */

const struct vertical vertical_sums[] = {
    {block_sum, vertical_can_sum, vertical_run_sum, tell_sum, whole_sum, false, layer_sum},
    {block_integer, can_integer, run_integer, tell_integer, whole_integer, true, NULL},
    {block_truth, can_truth, run_truth, tell_truth, whole_truth, true, NULL},
    {block_range, vertical_can_range, vertical_run_range, tell_range, whole_range, true, NULL},
    {block_best, can_best, run_best, tell_best, whole_best, false, NULL},
    {block_prod, can_prod, run_prod, tell_sum, whole_sum, false, NULL},
    {block_dot, can_dot, run_dot, tell_sum, whole_sum, false, NULL},
    {block_prod_integer, can_prod_integer, run_prod_integer, tell_integer, whole_integer, true, NULL},
    {block_dot_integer, can_dot_integer, run_dot_integer, tell_integer, whole_integer, false, NULL},
    {.block = NULL},
};
