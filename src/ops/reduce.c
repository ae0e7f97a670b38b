/* The driver of reductions: rows and blocks, alone or on a team. */

#include "ops/reduce.h"
#include "base/checked.h"
#include "base/pool.h"
#include <stdalign.h>
#include <string.h>

#define PIECE_NS 20000.0 /* least work worth giving to a thread */
#define COLUMNS 16       /* most rows gathered together where neighbours share cache lines */
#define STRIP 64         /* elements of each gathered at a time, so that the lines stay in L1 */

const void *reduce_load(const struct reduction *r, char *row, size_t start, size_t n, void *buffer)
{
    if (r->direct)
        return row + start * r->from_size;
    grid_gather(&r->inner, row, start, n, r->cast, buffer, r->work_size);
    if (r->split)
        grid_gather(&r->inner, row + r->from_size / 2, start, n, r->cast, (double *)buffer + KERNEL_BLOCK,
                    r->work_size);
    return buffer;
}

/* Whether the rest of the row cannot change the result. */
static bool is_decided(const struct reduction *r, const union part *part)
{
    return (r->kind == R_any && part->truth.others) || (r->kind == R_all && part->truth.zeros);
}

static size_t block_length(const struct reduction *r, size_t b)
{
    return b + 1 < r->nblocks ? KERNEL_BLOCK : r->n - b * KERNEL_BLOCK;
}

void reduce_row(const struct reduction *r, char *const *p)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    struct fold f;
    fold_init(&f);
    for (size_t b = 0; b < r->nblocks; b++) {
        size_t start = b * KERNEL_BLOCK, n = block_length(r, b);
        union part *part = fold_next(&f);
        r->block(r, n, reduce_load(r, p[0], start, n, buffer), start, part);
        bool decided = is_decided(r, part);
        fold_push(&f, r);
        if (decided)
            break;
    }
    r->finish(r, p[0], fold_end(&f, r), p + 1);
}

/* ---- columns: neighbouring rows interleaved in memory, as in a reduction over axis 0 ---- */

static bool has_columns(const struct reduction *r)
{
    return !r->direct && !r->split && r->inner.ndim == 0 && r->n >= 8 && r->rows.n > 1 &&
           r->rows.step[0] == (int64_t)r->from_size;
}

static size_t columns_bytes(const struct reduction *r)
{
    return COLUMNS * (r->n < KERNEL_BLOCK ? r->n : KERNEL_BLOCK) * r->work_size;
}

static void load_columns(const struct reduction *r, size_t columns, const char *first, size_t start, size_t n,
                         char *buffer)
{
    ptrdiff_t step = (ptrdiff_t)r->inner.step[0];
    for (size_t i = 0; i < n; i += STRIP) {
        size_t m = n - i < STRIP ? n - i : STRIP;
        const char *from = first + (ptrdiff_t)(start + i) * step;
        for (size_t column = 0; column < columns; column++)
            r->cast(m, from + column * r->from_size, step, buffer + (column * n + i) * r->work_size,
                    (ptrdiff_t)r->work_size);
    }
}

/* So many neighbouring rows, the first of them at p. */
static void reduce_columns(const struct reduction *r, size_t columns, char *const *p, char *buffer)
{
    struct fold f[COLUMNS];
    for (size_t column = 0; column < columns; column++)
        fold_init(&f[column]);
    for (size_t b = 0; b < r->nblocks; b++) {
        size_t start = b * KERNEL_BLOCK, n = block_length(r, b);
        load_columns(r, columns, p[0], start, n, buffer);
        for (size_t column = 0; column < columns; column++) {
            r->block(r, n, buffer + column * n * r->work_size, start, fold_next(&f[column]));
            fold_push(&f[column], r);
        }
    }
    for (size_t column = 0; column < columns; column++) {
        char *q[GRID_OPERANDS];
        for (int k = 0; k < r->rows.operands; k++)
            q[k] = p[k] + (int64_t)column * r->rows.step[k];
        r->finish(r, q[0], fold_end(&f[column], r), q + 1);
    }
}

/* ---- rows ---- */

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct reduction *r = context;
    const struct grid *rows = &r->rows;
    size_t bytes = columns_bytes(r);
    char *columns = has_columns(r) ? pool_get(bytes) : NULL; /* without memory, row by row */
    struct cursor c;
    cursor_set(&c, rows, r->base, begin / rows->n);
    size_t at = begin % rows->n;
    for (size_t row = begin; row < end;) {
        char *p[GRID_OPERANDS];
        for (int k = 0; k < rows->operands; k++)
            p[k] = c.p[k] + (int64_t)at * rows->step[k];
        size_t many = rows->n - at < end - row ? rows->n - at : end - row;
        many = !columns ? 1 : many < COLUMNS ? many : COLUMNS;
        if (many > 1)
            reduce_columns(r, many, p, columns);
        else
            reduce_row(r, p);
        row += many;
        at += many;
        if (at == rows->n) {
            at = 0;
            cursor_next(&c, rows);
        }
    }
    pool_put(columns, bytes);
}

/* ---- blocks of few long rows ---- */

struct blocks {
    const struct reduction *r;
    union part *parts; /* row by row */
};

static void locate_row(const struct reduction *r, size_t row, char **p)
{
    struct cursor c;
    cursor_set(&c, &r->rows, r->base, row / r->rows.n);
    for (int k = 0; k < r->rows.operands; k++)
        p[k] = c.p[k] + (int64_t)(row % r->rows.n) * r->rows.step[k];
}

static void run_blocks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct blocks *work = context;
    const struct reduction *r = work->r;
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    char *p[GRID_OPERANDS];
    bool decided = false;
    for (size_t i = begin; i < end; i++) {
        size_t b = i % r->nblocks, n = block_length(r, b);
        if (i == begin || b == 0) {
            locate_row(r, i / r->nblocks, p);
            decided = false;
        }
        union part *part = &work->parts[i];
        if (decided) {
            memset(part, 0, sizeof *part);
            continue;
        }
        r->block(r, n, reduce_load(r, p[0], b * KERNEL_BLOCK, n, buffer), b * KERNEL_BLOCK, part);
        decided = is_decided(r, part);
    }
}

static size_t grain_of(double ns_each)
{
    double grain = PIECE_NS / ns_each;
    return grain < 1 ? 1 : grain > 1e9 ? (size_t)1e9 : (size_t)grain;
}

static sheaf_status run_team(const struct op *op, struct reduction *r, size_t nrows, const team *t, sheaf_error *error)
{
    double row_ns = op->cost * (double)r->n + 10;
    if (t->threads <= 1 || row_ns * (double)nrows < 2 * PIECE_NS) {
        run_rows(r, 0, nrows, 0);
        return SHEAF_OK;
    }
    if (r->nblocks <= 1 || nrows >= 4 * (size_t)t->threads) {
        size_t grain = grain_of(row_ns);
        if (has_columns(r))
            grain = (grain + COLUMNS - 1) / COLUMNS * COLUMNS;
        par_for(t, nrows, grain, run_rows, r);
        return SHEAF_OK;
    }
    struct blocks work = {r, NULL};
    size_t count = nrows * r->nblocks, bytes;
    if (!size_mul(count, sizeof *work.parts, &bytes) || !(work.parts = pool_get(bytes)))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for the partial results of %zu blocks",
                               op->info.name, count);
    par_for(t, count, grain_of(op->cost * KERNEL_BLOCK), run_blocks, &work);
    for (size_t row = 0; row < nrows; row++) {
        char *p[GRID_OPERANDS];
        locate_row(r, row, p);
        par_tree(work.parts + row * r->nblocks, r->nblocks, sizeof *work.parts, r->combine, r);
        r->finish(r, p[0], &work.parts[row * r->nblocks], p + 1);
    }
    pool_put(work.parts, bytes);
    return SHEAF_OK;
}

sheaf_status reduce_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *outs, sheaf_error *error)
{
    struct reduction r = {0};
    bool along[SHEAF_MAX_NDIM];
    int nout = op->info.nout, kept = 0;
    reduce_choose(&r, (enum reduction_kind)op->kernel, in->dtype);
    op_axes(op, in, options, along);
    grid_init(&r.inner, 1);
    grid_init(&r.rows, 1 + nout);
    r.base[0] = in->data;
    for (int k = 0; k < nout; k++) {
        r.base[k + 1] = outs[k].data;
        r.out[k] = outs[k].dtype;
    }
    for (int i = 0; i < in->ndim; i++) {
        if (along[i]) {
            grid_add(&r.inner, in->shape[i], &in->strides[i]);
            kept += options->keepdims;
            continue;
        }
        int64_t strides[GRID_OPERANDS] = {in->strides[i]};
        for (int k = 0; k < nout; k++)
            strides[k + 1] = outs[k].strides[kept];
        grid_add(&r.rows, in->shape[i], strides);
        kept++;
    }
    if (!r.block)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: not yet", op->info.name);
    r.ddof = options->ddof;
    r.n = r.inner.size;
    size_t nrows = r.rows.size;
    if (nrows == 0)
        return SHEAF_OK;
    r.nblocks = (r.n + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
    grid_split(&r.inner);
    grid_split(&r.rows);
    r.direct = !r.split && r.work == r.from && r.inner.ndim == 0 &&
               (r.inner.n <= 1 || r.inner.step[0] == (int64_t)r.from_size);
    return run_team(op, &r, nrows, t, error);
}
