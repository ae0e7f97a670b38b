/* Rows that lie interleaved in memory, as in a reduction over axis 0: the rows of the reduction are the columns of a
 * tile. Kernels go down the columns of it where there are such kernels; else a few columns at a time are gathered. */

#include "ops/reduce_columns.h"
#include "base/pool.h"
#include "ops/reduce_parts.h"
#include <math.h>

#define TILE_BYTES 4096           /* of a row of the tile: what lies together is read together */
#define GATHERED 16               /* columns gathered together */
#define STRIP 64                  /* elements of each gathered at a time, so that the lines stay in L1 */
#define MOMENTS_BYTES (256 << 10) /* a part of a tile that is read twice, and stays in L2 meanwhile */
#define PARTS (KERNEL_BLOCK / MOMENT_BLOCK)

/* n rows of so many elements, `stride` bytes apart. */
struct tile {
    size_t n, columns;
    const char *x;
    ptrdiff_t stride;
};

/* ---- shape ---- */

bool columns_are(const struct reduction *r)
{
    const struct source *s = &r->source[0];
    return r->sources == 1 && !s->direct && !s->split && s->inner.ndim == 0 && r->n > 1 && r->rows.n > 1 &&
           r->rows.step[0] == (int64_t)s->from_size;
}

static bool is_truth(const struct reduction *r)
{
    return r->kind == R_any || r->kind == R_all || r->kind == R_count_nonzero;
}

static bool is_integer_sum(const struct reduction *r)
{
    return r->plain == block_integer;
}

/* Whether kernels go down its columns. */
static bool is_vertical(const struct reduction *r)
{
    const struct source *s = &r->source[0];
    const struct kernels *k = r->k;
    const bool aligned =
        ((uintptr_t)r->base[0] | (uintptr_t)s->inner.step[0]) % sheaf_dtype_size(dtype_real(r->work)) == 0;
    if (s->from != r->work || r->weighted || !aligned)
        return false;
    switch (r->kind) {
    case R_sum:
    case R_mean:
        return is_integer_sum(r) ? k->sum_int_columns[r->work] != NULL : k->sum_columns[r->work] != NULL;
    case R_var:
    case R_std:
    case R_stats:
        return k->m2_columns[r->work] != NULL;
    case R_min:
    case R_max:
    case R_ptp:
        return k->minmax_columns[r->work] != NULL;
    case R_any:
    case R_all:
    case R_count_nonzero:
        return k->count_nonzero_columns[r->work] != NULL;
    default:
        return false;
    }
}

size_t columns_wide(const struct reduction *r)
{
    return is_vertical(r) ? TILE_BYTES / r->work_size : GATHERED;
}

static size_t depth(const struct reduction *r)
{
    size_t levels = 1;
    for (size_t b = r->nblocks; b > 1; b /= 2)
        levels++;
    return levels + 1;
}

/* The next bytes of the room, on a cache line of their own. */
static void *take(uintptr_t *at, size_t bytes)
{
    void *p = (void *)*at;
    *at += (bytes + 63) / 64 * 64;
    return p;
}

/* Lay out the room from `at`; from 0 to learn its size, which is returned. */
static size_t lay_out(const struct reduction *r, struct columns *m, uintptr_t at)
{
    const uintptr_t begin = at;
    const size_t wide = columns_wide(r), block = r->n < KERNEL_BLOCK ? r->n : KERNEL_BLOCK;
    m->wide = wide;
    m->parts = take(&at, depth(r) * wide * sizeof *m->parts);
    m->gathered = take(&at, is_vertical(r) && !r->skip ? 0 : GATHERED * block * r->work_size);
    if (is_vertical(r)) {
        m->lanes = take(&at, KERNEL_COLUMN_LANES * sizeof *m->lanes);
        m->sums = take(&at, wide * sizeof *m->sums);
        m->least = take(&at, wide * r->work_size);
        m->greatest = take(&at, wide * r->work_size);
        m->means = take(&at, PARTS * wide * sizeof *m->means);
        m->m2s = take(&at, PARTS * wide * sizeof *m->m2s);
    }
    return (size_t)(at - begin);
}

bool columns_init(struct columns *m, const struct reduction *r)
{
    m->bytes = lay_out(r, m, 0);
    m->room = pool_get(m->bytes);
    if (m->room)
        lay_out(r, m, (uintptr_t)m->room);
    return m->room != NULL;
}

void columns_clear(struct columns *m)
{
    pool_put(m->room, m->bytes);
}

/* ---- by kernels down the columns ---- */

/* Parts of MOMENT_BLOCK rows, so few columns at a time that the second reading finds them in the cache. */
static void moments_down(const struct reduction *r, const struct tile *t, size_t bytes, const struct columns *m)
{
    const size_t high = t->n < MOMENT_BLOCK ? t->n : MOMENT_BLOCK, line = 64 / r->work_size;
    size_t most = bytes / (high * r->work_size) / line * line;
    most = most < 2 * line ? 2 * line : most;
    for (size_t c = 0; c < t->columns; c += most) {
        const size_t columns = t->columns - c < most ? t->columns - c : most;
        for (size_t part = 0; part * MOMENT_BLOCK < t->n; part++) {
            const size_t n = t->n - part * MOMENT_BLOCK < MOMENT_BLOCK ? t->n - part * MOMENT_BLOCK : MOMENT_BLOCK;
            const char *x = t->x + (ptrdiff_t)(part * MOMENT_BLOCK) * t->stride + c * r->work_size;
            double *means = m->means + part * m->wide + c, *m2s = m->m2s + part * m->wide + c;
            r->k->sum_columns[r->work](n, columns, x, t->stride, m->lanes, means);
            for (size_t i = 0; i < columns; i++)
                means[i] /= (double)n;
            r->k->m2_columns[r->work](n, columns, x, t->stride, means, m->lanes, m2s);
        }
    }
}

static void run_kernels(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    const struct kernels *k = r->k;
    if (is_truth(r))
        k->count_nonzero_columns[r->work](t->n, t->columns, t->x, t->stride, (size_t *)m->sums);
    else if (is_integer_sum(r))
        k->sum_int_columns[r->work](t->n, t->columns, t->x, t->stride, (uint64_t *)m->sums);
    else if (r->kind == R_sum || r->kind == R_mean || r->kind == R_stats)
        k->sum_columns[r->work](t->n, t->columns, t->x, t->stride, m->lanes, m->sums);
    if (r->kind == R_min || r->kind == R_max || r->kind == R_ptp || r->kind == R_stats)
        k->minmax_columns[r->work](t->n, t->columns, t->x, t->stride, m->least, m->greatest);
    if (r->kind == R_var || r->kind == R_std || r->kind == R_stats)
        moments_down(r, t, MOMENTS_BYTES, m);
}

static struct moments moments_of(const struct reduction *r, size_t n, size_t column, const struct columns *m)
{
    struct moments parts[PARTS];
    size_t count = 0;
    for (size_t i = 0; i < n; i += MOMENT_BLOCK, count++) {
        const size_t at = count * m->wide + column;
        parts[count] = (struct moments){
            .n = (double)(n - i < MOMENT_BLOCK ? n - i : MOMENT_BLOCK), .mean = {m->means[at], 0}, .m2 = m->m2s[at]};
    }
    return moments_joined(r, parts, count);
}

/* What the kernels found for a column, as the part of its block. */
static void tell_part(const struct reduction *r, size_t n, size_t column, const struct columns *m, union part *part)
{
    const size_t at = column * r->work_size;
    if (is_truth(r)) {
        memcpy(&part->truth.others, &m->sums[column], sizeof part->truth.others);
        part->truth.zeros = n - part->truth.others;
    } else if (is_integer_sum(r)) {
        memcpy(&part->integer, &m->sums[column], sizeof part->integer);
    } else if (r->kind == R_sum || r->kind == R_mean) {
        part->sum[0] = m->sums[column];
        part->sum[1] = 0;
        part->n = (double)n;
    } else if (r->kind == R_var || r->kind == R_std) {
        part->moments = moments_of(r, n, column, m);
    } else if (r->kind == R_stats) {
        part->stats.moments = moments_of(r, n, column, m);
        part->stats.sum = m->sums[column];
        memcpy(&part->stats.least, m->least + at, r->work_size);
        memcpy(&part->stats.greatest, m->greatest + at, r->work_size);
    } else {
        memcpy(&part->range.least, m->least + at, r->work_size);
        memcpy(&part->range.greatest, m->greatest + at, r->work_size);
        part->range.n = n;
    }
}

/* ---- gathered ---- */

/* A tile of at most GATHERED columns; part c is at parts[c * apart]. */
static void gather(const struct reduction *r, const struct tile *t, size_t start, const struct columns *m,
                   union part *parts, size_t apart)
{
    const struct source *s = &r->source[0];
    struct chunk c = {.n = t->n, .start = start};
    for (size_t i = 0; i < t->n; i += STRIP) {
        const size_t n = t->n - i < STRIP ? t->n - i : STRIP;
        for (size_t column = 0; column < t->columns; column++)
            s->cast(n, t->x + (ptrdiff_t)i * t->stride + column * s->from_size, t->stride,
                    m->gathered + (column * t->n + i) * r->work_size, (ptrdiff_t)r->work_size);
    }
    for (size_t column = 0; column < t->columns; column++) {
        c.x = m->gathered + column * t->n * r->work_size;
        r->block(r, &c, &parts[column * apart]);
    }
}

/* Columns that show a NaN, again and without it, and with them their neighbours. */
static void leave_nans_out(const struct reduction *r, const struct tile *t, size_t start, const struct columns *m,
                           union part *parts, size_t apart)
{
    for (size_t c = 0; c < t->columns; c += GATHERED) {
        const size_t columns = t->columns - c < GATHERED ? t->columns - c : GATHERED;
        bool shown = false;
        for (size_t i = 0; i < columns; i++)
            shown |= reduce_shows_nan(r, &parts[(c + i) * apart]);
        if (shown)
            gather(r, &(struct tile){t->n, columns, t->x + c * r->work_size, t->stride}, start, m, parts + c * apart,
                   apart);
    }
}

/* ---- blocks, rows ---- */

static struct tile tile_of(const struct reduction *r, size_t columns, const char *x, size_t b)
{
    const ptrdiff_t stride = (ptrdiff_t)r->source[0].inner.step[0];
    return (struct tile){reduce_length(r, b), columns, x + (ptrdiff_t)(b * KERNEL_BLOCK) * stride, stride};
}

void columns_block(const struct reduction *r, size_t columns, const char *x, size_t b, const struct columns *m,
                   union part *parts, size_t apart)
{
    const struct tile t = tile_of(r, columns, x, b);
    if (!is_vertical(r)) {
        gather(r, &t, b * KERNEL_BLOCK, m, parts, apart);
        return;
    }
    run_kernels(r, &t, m);
    for (size_t c = 0; c < columns; c++)
        tell_part(r, t.n, c, m, &parts[c * apart]);
    if (r->skip)
        leave_nans_out(r, &t, b * KERNEL_BLOCK, m, parts, apart);
}

static void combine(const struct reduction *r, size_t columns, union part *into, const union part *from)
{
    for (size_t c = 0; c < columns; c++)
        r->combine(r, &into[c], &from[c]);
}

/* Whether the rest of the rows cannot change any result. */
static bool all_decided(const struct reduction *r, size_t columns, const union part *parts)
{
    for (size_t c = 0; c < columns; c++) {
        if (!reduce_is_decided(r, &parts[c]))
            return false;
    }
    return true;
}

/* The results of a single block that are at hand: whole arrays of them, without parts. */
static bool write_whole(const struct reduction *r, size_t columns, const char *x, const struct columns *m, char *out,
                        ptrdiff_t step)
{
    const bool extremes = r->kind == R_min || r->kind == R_max;
    if (r->nblocks != 1 || r->skip || !is_vertical(r) || !(extremes || r->kind == R_sum || r->kind == R_mean))
        return false;
    const struct tile t = tile_of(r, columns, x, 0);
    run_kernels(r, &t, m);
    const enum kdtype to = (enum kdtype)r->out[0];
    if (extremes) {
        r->k->cast[to][to](columns, r->kind == R_min ? m->least : m->greatest, (ptrdiff_t)r->work_size, out, step);
    } else if (is_integer_sum(r)) {
        r->k->cast[to][to](columns, m->sums, sizeof *m->sums, out, step);
    } else {
        for (size_t c = 0; c < columns && r->kind == R_mean; c++)
            m->sums[c] /= (double)r->n;
        r->k->cast[K_F64][to](columns, m->sums, sizeof *m->sums, out, step);
    }
    return true;
}

void columns_reduce(const struct reduction *r, size_t columns, char *const *p, const struct columns *m)
{
    if (write_whole(r, columns, p[0], m, p[1], (ptrdiff_t)r->rows.step[1]))
        return;
    const size_t wide = m->wide;
    size_t top = 0;
    for (size_t b = 0; b < r->nblocks; b++) {
        union part *parts = m->parts + top++ * wide;
        columns_block(r, columns, p[0], b, m, parts, 1);
        const bool decided = all_decided(r, columns, parts);
        for (size_t c = b + 1; (c & 1) == 0; c >>= 1, top--)
            combine(r, columns, m->parts + (top - 2) * wide, m->parts + (top - 1) * wide);
        if (decided)
            break;
    }
    for (; top > 1; top--)
        combine(r, columns, m->parts + (top - 2) * wide, m->parts + (top - 1) * wide);
    for (size_t column = 0; column < columns; column++) {
        char *q[GRID_OPERANDS];
        for (int k = 0; k < r->rows.operands; k++)
            q[k] = p[k] + (int64_t)column * r->rows.step[k];
        r->finish(r, q[0], &m->parts[column], q + 1);
    }
}
