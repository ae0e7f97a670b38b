/* Kernels that go down the columns: what each kind of block asks of them, and what it then makes of their results. */

#include "ops/reduce_columns.h"
#include "ops/reduce_parts.h"
#include <math.h>

#define MOMENTS_BYTES (256 << 10) /* a part of a tile that is read twice, and stays in L2 meanwhile */
#define FAR_BYTES (1 << 20)       /* of an array that no cache nearby holds */

/* What the columns of a tile are to a kind of block. */
struct vertical {
    reduce_block *block;
    bool (*can)(const struct reduction *r); /* whether there are kernels */
    void (*run)(const struct reduction *r, const struct tile *t, const struct columns *m);
    void (*tell)(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                 union part *part);
    /* Results of rows of one block, from what run has left; false where parts are wanted. */
    bool (*whole)(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out);
    bool near; /* the kernels are slow where columns do not lie in a cache */
};

/* ---- results ---- */

static void put(const struct reduction *r, size_t n, enum kdtype from, const void *x, char *const *out, int k)
{
    const size_t size = sheaf_dtype_size((sheaf_dtype)from);
    r->k->cast[from][r->out[k]](n, x, (ptrdiff_t)size, out[k], (ptrdiff_t)r->rows.step[k + 1]);
}

/* Whether NaNs among the results call for another look. */
static bool asks_again(const struct reduction *r, size_t n, enum kdtype dtype, const void *x, const struct columns *m)
{
    if (!r->skip)
        return false;
    r->k->unary[K_isnan][dtype](n, x, m->flags);
    return memchr(m->flags, true, n) != NULL;
}

/* ---- sums, products, counts ---- */

static bool can_sum(const struct reduction *r)
{
    return r->k->sum_columns[r->work] != NULL;
}

static void run_sum(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->sum_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->lanes, m->sums);
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
    if (asks_again(r, t->columns, K_F64, m->sums, m))
        return false;
    for (size_t c = 0; c < t->columns && r->kind == R_mean; c++)
        m->sums[c] /= (double)r->n;
    put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

static bool can_integer(const struct reduction *r)
{
    return r->k->sum_int_columns[r->work] != NULL;
}

static void run_integer(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    r->k->sum_int_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], (uint64_t *)m->sums);
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
    put(r, t->columns, K_U64, m->sums, out, 0);
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
        put(r, t->columns, K_U64, counts, out, 0);
    else
        put(r, t->columns, K_BOOL, m->flags, out, 0);
    return true;
}

/* ---- extremes ---- */

static bool can_range(const struct reduction *r)
{
    return r->k->minmax_columns[r->work] != NULL;
}

static void run_range(const struct reduction *r, const struct tile *t, const struct columns *m)
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
    if (asks_again(r, t->columns, work, m->least, m))
        return false;
    if (r->kind == R_ptp)
        r->k->binary[K_sub][work](t->columns, m->greatest, m->least, m->least);
    put(r, t->columns, work, r->kind == R_max ? m->greatest : m->least, out, 0);
    return true;
}

/* ---- moments ---- */

/* Parts of MOMENT_BLOCK rows, so few columns at a time that the second reading finds them in the cache. */
static void moments_down(const struct reduction *r, enum kdtype dtype, const struct tile *t, const struct columns *m)
{
    const size_t high = t->n < MOMENT_BLOCK ? t->n : MOMENT_BLOCK, size = sheaf_dtype_size((sheaf_dtype)dtype);
    const size_t line = 64 / size;
    size_t most = MOMENTS_BYTES / (high * size) / line * line;
    most = most < 2 * line ? 2 * line : most;
    for (size_t c = 0; c < t->columns; c += most) {
        const size_t columns = t->columns - c < most ? t->columns - c : most;
        for (size_t part = 0; part * MOMENT_BLOCK < t->n; part++) {
            const size_t n = t->n - part * MOMENT_BLOCK < MOMENT_BLOCK ? t->n - part * MOMENT_BLOCK : MOMENT_BLOCK;
            const char *x = t->x[0] + (ptrdiff_t)(part * MOMENT_BLOCK) * t->stride[0] + c * size;
            const size_t at = part * m->wide + c;
            r->k->sum_columns[dtype](n, columns, x, t->stride[0], m->lanes, m->means + at);
            for (size_t i = 0; i < columns; i++)
                m->means[at + i] /= (double)n;
            r->k->m2_columns[dtype](n, columns, x, t->stride[0], m->means + at, m->lanes, m->powers[0] + at);
        }
    }
}

static struct moments moments_of(const struct reduction *r, const struct tile *t, const struct columns *m,
                                 size_t column)
{
    struct moments parts[KERNEL_BLOCK / MOMENT_BLOCK];
    size_t count = 0;
    for (size_t i = 0; i < t->n; i += MOMENT_BLOCK, count++) {
        const size_t at = count * m->wide + column;
        parts[count] = (struct moments){.n = (double)(t->n - i < MOMENT_BLOCK ? t->n - i : MOMENT_BLOCK),
                                        .mean = {m->means[at], 0},
                                        .m2 = m->powers[0][at]};
    }
    return count == 1 ? parts[0] : moments_joined(r, parts, count);
}

static bool can_moments(const struct reduction *r)
{
    return r->k->m2_columns[r->work] != NULL && (r->kind == R_var || r->kind == R_std);
}

static void run_moments(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    moments_down(r, (enum kdtype)r->work, t, m);
}

static void tell_moments(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                         union part *part)
{
    part->moments = moments_of(r, t, m, column);
}

static bool whole_moments(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    for (size_t c = 0; c < t->columns; c++) {
        const struct moments moments = moments_of(r, t, m, c);
        m->sums[c] = moments_value(r, &moments);
    }
    if (asks_again(r, t->columns, K_F64, m->sums, m))
        return false;
    put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

/* ---- stats ---- */

static bool can_stats(const struct reduction *r)
{
    return can_range(r);
}

static bool wants_doubles(const struct reduction *r)
{
    return r->kind == R_stats && r->work != SHEAF_F64 && r->work != SHEAF_F32;
}

static void run_stats(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    enum kdtype dtype = (enum kdtype)r->work;
    struct tile doubles = *t;
    run_range(r, t, m);
    if (wants_doubles(r)) {
        doubles.stride[0] = (ptrdiff_t)(t->columns * sizeof *m->doubles);
        doubles.x[0] = (const char *)m->doubles;
        for (size_t i = 0; i < t->n; i++)
            r->k->cast[r->work][K_F64](t->columns, t->x[0] + (ptrdiff_t)i * t->stride[0], (ptrdiff_t)r->work_size,
                                       m->doubles + i * t->columns, sizeof *m->doubles);
        dtype = K_F64;
    }
    r->k->sum_columns[dtype](t->n, t->columns, doubles.x[0], doubles.stride[0], m->lanes, m->sums);
    moments_down(r, dtype, &doubles, m);
}

static void tell_stats(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                       union part *part)
{
    part->stats.moments = moments_of(r, t, m, column);
    part->stats.sum = m->sums[column];
    memcpy(&part->stats.least, m->least + column * r->work_size, r->work_size);
    memcpy(&part->stats.greatest, m->greatest + column * r->work_size, r->work_size);
}

static bool whole_stats(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    const int64_t count = (int64_t)r->n;
    for (size_t c = 0; c < t->columns; c++) {
        const struct moments moments = moments_of(r, t, m, c);
        m->means[c] = moments_value(r, &moments);
        m->sums[c] /= (double)r->n;
    }
    for (size_t c = 0; c < t->columns; c++)
        memcpy(out[0] + (ptrdiff_t)c * (ptrdiff_t)r->rows.step[1], &count, sizeof count);
    put(r, t->columns, K_F64, m->sums, out, 1);
    put(r, t->columns, K_F64, m->means, out, 2);
    put(r, t->columns, (enum kdtype)r->work, m->least, out, 3);
    put(r, t->columns, (enum kdtype)r->work, m->greatest, out, 4);
    return true;
}

/* ---- norm, rms ---- */

static void run_squares(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    memset(m->means, 0, t->columns * sizeof *m->means);
    r->k->m2_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->means, m->lanes, m->sums);
}

static void tell_squares(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                         union part *part)
{
    (void)r;
    (void)t;
    part->squares.sum = m->sums[column];
    part->squares.scale = 0;
}

static bool whole_squares(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    for (size_t c = 0; c < t->columns; c++) {
        if (!squares_are_safe(r, m->sums[c]))
            return false;
    }
    for (size_t c = 0; c < t->columns; c++)
        m->sums[c] = sqrt(r->kind == R_rms ? m->sums[c] / (double)r->n : m->sums[c]);
    put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

/* ---- choice ---- */

static const struct vertical ways[] = {
    {block_sum, can_sum, run_sum, tell_sum, whole_sum, false},
    {block_integer, can_integer, run_integer, tell_integer, whole_integer, false},
    {block_truth, can_truth, run_truth, tell_truth, whole_truth, false},
    {block_range, can_range, run_range, tell_range, whole_range, false},
    {block_moments, can_moments, run_moments, tell_moments, whole_moments, false},
    {block_stats, can_stats, run_stats, tell_stats, whole_stats, false},
    {block_squares, can_sum, run_squares, tell_squares, whole_squares, false},
};

const struct vertical *vertical_of(const struct reduction *r)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (r->plain == ways[i].block)
            return !r->split && !r->weighted && ways[i].can(r) ? &ways[i] : NULL;
    }
    return NULL;
}

/* ---- tiles that are cast first ---- */

static bool copies(const struct reduction *r, const struct vertical *v, int source)
{
    const struct source *s = &r->source[source];
    const char *base = r->base[source == 0 ? 0 : r->rows.operands - 1];
    const uintptr_t misplaced = ((uintptr_t)base | (uintptr_t)s->inner.step[0]) % r->work_size;
    const bool far = r->rows.size * r->rows.n * r->n > FAR_BYTES / s->from_size;
    return s->from != r->work || misplaced != 0 || (v->near && far);
}

bool vertical_stages(const struct reduction *r, const struct vertical *v)
{
    for (int k = 0; k < r->sources; k++) {
        if (copies(r, v, k))
            return true;
    }
    return wants_doubles(r);
}

static struct tile staged(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    struct tile s = *t;
    for (int k = 0; k < r->sources; k++) {
        if (!copies(r, m->vertical, k))
            continue;
        s.stride[k] = (ptrdiff_t)(t->columns * r->work_size);
        s.x[k] = m->staged[k];
        for (size_t i = 0; i < t->n; i++)
            r->source[k].cast(t->columns, t->x[k] + (ptrdiff_t)i * t->stride[k], t->across[k],
                              m->staged[k] + i * t->columns * r->work_size, (ptrdiff_t)r->work_size);
    }
    return s;
}

/* ---- blocks ---- */

/* Columns whose part is not what the block gives, gathered, and with them their neighbours. */
static void do_again(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                     size_t apart)
{
    for (size_t c = 0; c < t->columns; c += GATHERED) {
        struct tile few = *t;
        bool again = false;
        few.columns = t->columns - c < GATHERED ? t->columns - c : GATHERED;
        for (int k = 0; k < r->sources; k++)
            few.x[k] += (ptrdiff_t)c * t->across[k];
        for (size_t i = 0; i < few.columns; i++) {
            const union part *part = &parts[(c + i) * apart];
            again |= r->skip ? reduce_shows_nan(r, part) : !squares_are_safe(r, part->squares.sum);
        }
        if (again)
            gathered_block(r, &few, m, parts + c * apart, apart);
    }
}

void vertical_block(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                    size_t apart)
{
    const struct tile s = staged(r, t, m);
    m->vertical->run(r, &s, m);
    for (size_t c = 0; c < t->columns; c++)
        m->vertical->tell(r, &s, m, c, &parts[c * apart]);
    if (r->skip || r->plain == block_squares)
        do_again(r, t, m, parts, apart);
}

bool vertical_whole(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    const struct tile s = staged(r, t, m);
    m->vertical->run(r, &s, m);
    return m->vertical->whole(r, &s, m, out);
}
