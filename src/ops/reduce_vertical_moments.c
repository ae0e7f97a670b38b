/* Moments, stats, norms and logsumexp down columns. */

#include "ops/reduce_vertical.h"
#include <math.h>

#define MOMENTS_BYTES (512 << 10) /* a part of a tile that is read twice, and stays in L2 meanwhile */

/* ---- moments ---- */

/* Parts of MOMENT_BLOCK rows, from this one on, with the sum of the last in m->sums, so few columns at a time that the
 * second reading finds them in the cache. */
static void moments_down(const struct reduction *r, enum kdtype dtype, const struct tile *t, const struct columns *m,
                         size_t first)
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
            const size_t at = (first + part) * m->wide + c;
            r->k->sum_columns[dtype](n, columns, x, t->stride[0], m->scratch, m->means + at);
            for (size_t i = 0; i < columns; i++) {
                m->sums[c + i] = m->means[at + i];
                m->means[at + i] /= (double)n;
            }
            if (moments_want_powers(r))
                r->k->powers_columns[dtype](n, columns, x, t->stride[0], m->means + at, m->scratch,
                                            (double *const[]){m->powers[0] + at, m->powers[1] + at, m->powers[2] + at});
            else
                r->k->m2_columns[dtype](n, columns, x, t->stride[0], m->means + at, m->scratch, m->powers[0] + at);
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
                                        .m2 = m->powers[0][at],
                                        .m3 = m->powers[1][at],
                                        .m4 = m->powers[2][at]};
    }
    return count == 1 ? parts[0] : moments_joined(r, parts, count);
}

static bool can_moments(const struct reduction *r)
{
    return r->k->m2_columns[r->work] != NULL;
}

static void run_moments(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    moments_down(r, (enum kdtype)r->work, t, m, 0);
}

static void layer_moments(const struct reduction *r, const struct tile *t, const struct columns *m, size_t at, size_t n)
{
    (void)n;
    moments_down(r, (enum kdtype)r->work, t, m, at / MOMENT_BLOCK);
}

static void tell_moments(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                         union part *part)
{
    part->moments = moments_of(r, t, m, column);
}

static void find_values(const struct reduction *r, const struct tile *t, const struct columns *m, double *values)
{
    if (t->n <= MOMENT_BLOCK) {
        moments_values(r, (double)t->n, t->columns, m->means, m->powers, values);
        return;
    }
    for (size_t c = 0; c < t->columns; c++) {
        const struct moments moments = moments_of(r, t, m, c);
        values[c] = moments_value(r, &moments);
    }
}

static bool whole_moments(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    find_values(r, t, m, m->sums);
    if (vertical_asks_again(r, t->columns, K_F64, m->sums, m))
        return false;
    vertical_put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

/* ---- stats ---- */

static bool can_stats(const struct reduction *r)
{
    return vertical_can_range(r);
}

bool vertical_wants_doubles(const struct reduction *r)
{
    return r->kind == R_stats && r->work != SHEAF_F64 && r->work != SHEAF_F32;
}

static void run_stats(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    enum kdtype dtype = (enum kdtype)r->work;
    struct tile doubles = *t;
    vertical_run_range(r, t, m);
    if (vertical_wants_doubles(r)) {
        doubles.stride[0] = (ptrdiff_t)vertical_pitch(t->columns, sizeof *m->doubles);
        doubles.x[0] = (const char *)m->doubles;
        for (size_t i = 0; i < t->n; i++)
            r->k->cast[r->work][K_F64](t->columns, t->x[0] + (ptrdiff_t)i * t->stride[0], (ptrdiff_t)r->work_size,
                                       (char *)m->doubles + (ptrdiff_t)i * doubles.stride[0], sizeof *m->doubles);
        dtype = K_F64;
    }
    moments_down(r, dtype, &doubles, m, 0);
    if (t->n > MOMENT_BLOCK)
        r->k->sum_columns[dtype](t->n, t->columns, doubles.x[0], doubles.stride[0], m->scratch, m->sums);
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
    find_values(r, t, m, m->powers[2]);
    for (size_t c = 0; c < t->columns; c++)
        m->sums[c] /= (double)r->n;
    for (size_t c = 0; c < t->columns; c++)
        memcpy(out[0] + (ptrdiff_t)c * (ptrdiff_t)r->rows.step[1], &count, sizeof count);
    vertical_put(r, t->columns, K_F64, m->sums, out, 1);
    vertical_put(r, t->columns, K_F64, m->powers[2], out, 2);
    vertical_put(r, t->columns, (enum kdtype)r->work, m->least, out, 3);
    vertical_put(r, t->columns, (enum kdtype)r->work, m->greatest, out, 4);
    return true;
}

/* ---- norm, rms ---- */

static void run_squares(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    memset(m->means, 0, t->columns * sizeof *m->means);
    r->k->m2_columns[r->work](t->n, t->columns, t->x[0], t->stride[0], m->means, m->scratch, m->sums);
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
        m->sums[c] /= r->kind == R_rms ? (double)r->n : 1;
    r->k->unary[K_sqrt][K_F64](t->columns, m->sums, m->sums);
    vertical_put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

/* ---- logsumexp ---- */

/* The tile is the room's own, and spent. Where a column's greatest is not finite, it alone decides. */
static void run_logsumexp(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    double *x = (double *)m->staged[0];
    const double *max = (const double *)m->greatest;
    vertical_run_range(r, t, m);
    for (size_t i = 0; i < t->n; i++, x += t->stride[0] / (ptrdiff_t)sizeof *x) {
        r->k->binary[K_sub][K_F64](t->columns, x, max, x);
        r->k->unary[K_exp][K_F64](t->columns, x, x);
    }
    vertical_run_sum(r, t, m);
    for (size_t c = 0; c < t->columns; c++)
        m->sums[c] = isfinite(max[c]) ? m->sums[c] : 1;
}

static void tell_logsumexp(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                           union part *part)
{
    (void)r;
    (void)t;
    memcpy(&part->exponentials.max, m->greatest + column * sizeof(double), sizeof(double));
    part->exponentials.sum = m->sums[column];
}

static bool whole_logsumexp(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    r->k->unary[K_log][K_F64](t->columns, m->sums, m->sums);
    r->k->binary[K_add][K_F64](t->columns, m->greatest, m->sums, m->sums);
    vertical_put(r, t->columns, K_F64, m->sums, out, 0);
    return true;
}

/* ---- choice ---- */

const struct vertical vertical_moments[] = {
    {block_moments, can_moments, run_moments, tell_moments, whole_moments, false, layer_moments},
    {block_stats, can_stats, run_stats, tell_stats, whole_stats, false, NULL},
    {block_squares, vertical_can_sum, run_squares, tell_squares, whole_squares, false, NULL},
    {block_logsumexp, vertical_can_sum, run_logsumexp, tell_logsumexp, whole_logsumexp, false, NULL},
    {.block = NULL},
};
