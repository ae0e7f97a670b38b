/* The driver of reductions: rows and blocks, alone or on a team. */

#include "ops/reduce.h"
#include "base/checked.h"
#include "base/pool.h"
#include "ops/reduce_columns.h"
#include <stdalign.h>
#include <string.h>

const void *reduce_load(const struct reduction *r, int source, char *row, size_t start, size_t n, void *buffer)
{
    const struct source *s = &r->source[source];
    if (s->direct)
        return row + start * s->from_size;
    size_t size = s->split || (source == 1 && r->weighted) ? sizeof(double) : r->work_size;
    grid_gather(&s->inner, row, start, n, s->cast, buffer, size);
    double *imaginary = (double *)buffer + KERNEL_BLOCK;
    if (s->split && dtype_kind(s->from) == 'c')
        grid_gather(&s->inner, row + s->from_size / 2, start, n, s->cast, imaginary, size);
    else if (s->split)
        memset(imaginary, 0, n * size);
    return buffer;
}

/* One block of the row at p; buffers: REDUCE_BUFFER bytes for each source. */
static void run_block(const struct reduction *r, char *const *p, size_t b, unsigned char *buffers, union part *part)
{
    struct chunk c = {.n = reduce_length(r, b), .start = b * KERNEL_BLOCK};
    c.x = reduce_load(r, 0, p[0], c.start, c.n, buffers);
    if (r->sources > 1)
        c.y = reduce_load(r, 1, p[r->rows.operands - 1], c.start, c.n, buffers + REDUCE_BUFFER);
    r->block(r, &c, part);
}

bool reduce_is_decided(const struct reduction *r, const union part *part)
{
    return (r->kind == R_any && part->truth.others) || (r->kind == R_all && part->truth.zeros);
}

/* One row, p[0] being its first element and p[1]… its results; serial, allocates nothing. */
static void reduce_row(const struct reduction *r, char *const *p)
{
    alignas(64) unsigned char buffers[2 * REDUCE_BUFFER];
    struct fold f;
    fold_init(&f);
    for (size_t b = 0; b < r->nblocks; b++) {
        union part *part = fold_next(&f);
        run_block(r, p, b, buffers, part);
        bool decided = reduce_is_decided(r, part);
        fold_push(&f, r);
        if (decided)
            break;
    }
    r->finish(r, p[0], fold_end(&f, r), p + 1);
}

/* ---- rows ---- */

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct reduction *r = context;
    const struct grid *rows = &r->rows;
    struct cursor c;
    cursor_set(&c, rows, r->base, begin / rows->n);
    size_t at = begin % rows->n;
    for (size_t row = begin; row < end; row++) {
        char *p[GRID_OPERANDS];
        for (int k = 0; k < rows->operands; k++)
            p[k] = c.p[k] + (int64_t)at * rows->step[k];
        reduce_row(r, p);
        if (++at == rows->n) {
            at = 0;
            cursor_next(&c, rows);
        }
    }
}

/* ---- blocks of few long rows ---- */

struct blocks {
    const struct reduction *r;
    union part *parts; /* row by row */
};

void reduce_locate(const struct reduction *r, size_t row, char **p)
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
    alignas(64) unsigned char buffers[2 * REDUCE_BUFFER];
    char *p[GRID_OPERANDS];
    bool decided = false;
    for (size_t i = begin; i < end; i++) {
        size_t b = i % r->nblocks;
        if (i == begin || b == 0) {
            reduce_locate(r, i / r->nblocks, p);
            decided = false;
        }
        union part *part = &work->parts[i];
        if (decided) {
            memset(part, 0, sizeof *part);
            continue;
        }
        run_block(r, p, b, buffers, part);
        decided = reduce_is_decided(r, part);
    }
}

/* ---- interleaved rows: tiles of neighbours ---- */

struct tiles {
    const struct reduction *r;
    size_t wide, across; /* rows of a tile; tiles across the innermost dimension */
    union part *parts;   /* where blocks are shared out */
};

static size_t tile_rows(const struct tiles *work, size_t tile)
{
    size_t at = tile % work->across * work->wide, n = work->r->rows.n;
    return n - at < work->wide ? n - at : work->wide;
}

static size_t first_row(const struct tiles *work, size_t tile)
{
    return tile / work->across * work->r->rows.n + tile % work->across * work->wide;
}

static void run_tiles(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct tiles *work = context;
    const struct grid *rows = &work->r->rows;
    struct columns m;
    if (!columns_init(&m, work->r)) {
        size_t last = first_row(work, end - 1) + tile_rows(work, end - 1);
        run_rows((void *)(uintptr_t)work->r, first_row(work, begin), last, 0);
        return;
    }
    struct cursor c;
    cursor_set(&c, rows, work->r->base, begin / work->across);
    for (size_t tile = begin; tile < end; tile++) {
        char *p[GRID_OPERANDS];
        for (int k = 0; k < rows->operands; k++)
            p[k] = c.p[k] + (int64_t)(tile % work->across * work->wide) * rows->step[k];
        columns_reduce(work->r, tile_rows(work, tile), p, &m);
        if ((tile + 1) % work->across == 0)
            cursor_next(&c, rows);
    }
    columns_clear(&m);
}

static void run_tile_blocks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct tiles *work = context;
    const struct reduction *r = work->r;
    struct columns m;
    bool room = columns_init(&m, r);
    for (size_t i = begin; i < end; i++) {
        size_t tile = i / r->nblocks, b = i % r->nblocks, row = first_row(work, tile);
        char *p[GRID_OPERANDS];
        if (room) {
            reduce_locate(r, row, p);
            const struct tile t = columns_tile(r, tile_rows(work, tile), p, b);
            columns_take(r, &t, &m, work->parts + row * r->nblocks + b, r->nblocks);
            continue;
        }
        for (size_t k = 0; k < tile_rows(work, tile); k++)
            run_blocks(&(struct blocks){r, work->parts}, (row + k) * r->nblocks + b, (row + k) * r->nblocks + b + 1, 0);
    }
    if (room)
        columns_clear(&m);
}

/* ---- teams ---- */

void reduce_finish_row(const struct reduction *r, size_t row, union part *parts)
{
    char *p[GRID_OPERANDS];
    reduce_locate(r, row, p);
    par_tree(parts, r->nblocks, sizeof *parts, r->combine, r);
    r->finish(r, p[0], parts, p + 1);
}

static void finish_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct blocks *work = context;
    for (size_t row = begin; row < end; row++)
        reduce_finish_row(work->r, row, work->parts + row * work->r->nblocks);
}

/* Run body over n pieces that each give a block's part of so many rows; then the rows from the parts. */
static sheaf_status share_blocks(const struct op *op, const struct reduction *r, size_t nrows, struct tiles *tiles,
                                 const team *t, sheaf_error *error)
{
    struct blocks work = {r, NULL};
    size_t count = nrows * r->nblocks, bytes;
    double block_ns = op->cost * KERNEL_BLOCK;
    if (!size_mul(count, sizeof *work.parts, &bytes) || !(work.parts = pool_get(bytes)))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for the partial results of %zu blocks",
                               op->info.name, count);
    if (tiles) {
        tiles->parts = work.parts;
        size_t pieces = nrows / r->rows.n * tiles->across * r->nblocks;
        par_share(t, pieces, block_ns * (double)tiles->wide, run_tile_blocks, tiles);
    } else {
        par_share(t, count, block_ns, run_blocks, &work);
    }
    par_share(t, nrows, 100.0 * (double)r->nblocks, finish_rows, &work);
    pool_put(work.parts, bytes);
    return SHEAF_OK;
}

/* Tiles of even width, whole cache lines; narrower ones where that gives every thread some. */
static struct tiles cut_tiles(const struct reduction *r, size_t nrows, size_t pieces)
{
    const size_t n = r->rows.n, line = 64 / r->source[0].from_size, least = 4 * line;
    size_t across = (n + columns_wide(r) - 1) / columns_wide(r), outer = nrows / n;
    if (r->nblocks == 1 && outer * across < pieces)
        across = (pieces + outer - 1) / outer;
    size_t wide = ((n + across - 1) / across + line - 1) / line * line;
    wide = wide < least ? least : wide;
    wide = wide > columns_wide(r) ? columns_wide(r) : wide;
    return (struct tiles){r, wide, (n + wide - 1) / wide, NULL};
}

static sheaf_status run_team(const struct op *op, struct reduction *r, size_t nrows, const team *t, sheaf_error *error)
{
    const double row_ns = op->cost * (double)r->n + 10;
    const bool alone = t->threads <= 1 || row_ns * (double)nrows < 2 * PAR_PIECE_NS, across = columns_are(r);
    const size_t pieces = alone ? 1 : 4 * (size_t)t->threads;
    if (across) {
        struct tiles tiles = cut_tiles(r, nrows, pieces);
        size_t count = nrows / r->rows.n * tiles.across;
        if (alone || r->nblocks <= 1 || count >= pieces)
            par_share(t, count, row_ns * (double)tiles.wide, run_tiles, &tiles);
        else
            return share_blocks(op, r, nrows, &tiles, t, error);
        return SHEAF_OK;
    }
    if (alone || r->nblocks <= 1 || nrows >= pieces)
        par_share(t, nrows, row_ns, run_rows, r);
    else
        return share_blocks(op, r, nrows, NULL, t, error);
    return SHEAF_OK;
}

/* Dimension i of the sources and the outputs, into the grids. */
static void add_dimension(struct reduction *r, const sheaf_view *from, const sheaf_view *outs, int nout, int i,
                          bool along, int kept)
{
    int64_t strides[GRID_OPERANDS] = {from[0].strides[i]};
    if (along) {
        for (int k = 0; k < r->sources; k++)
            grid_add(&r->source[k].inner, from[0].shape[i], &from[k].strides[i]);
        return;
    }
    for (int k = 0; k < nout; k++)
        strides[k + 1] = outs[k].strides[kept];
    if (r->sources > 1)
        strides[nout + 1] = from[1].strides[i];
    grid_add(&r->rows, from[0].shape[i], strides);
}

static void set_up(struct reduction *r, const struct op *op, const sheaf_view *from, const sheaf_options *options,
                   const sheaf_view *outs)
{
    bool along[SHEAF_MAX_NDIM];
    int nout = op->info.nout, kept = 0;
    op_axes(op, from, options, along);
    grid_init(&r->rows, nout + r->sources);
    for (int k = 0; k < r->sources; k++)
        grid_init(&r->source[k].inner, 1);
    r->base[0] = from[0].data;
    for (int k = 0; k < nout; k++) {
        r->base[k + 1] = outs[k].data;
        r->out[k] = outs[k].dtype;
    }
    if (r->sources > 1)
        r->base[nout + 1] = from[1].data;
    for (int i = 0; i < from[0].ndim; i++) {
        add_dimension(r, from, outs, nout, i, along[i], kept);
        kept += !along[i] || options->keepdims;
    }
    r->n = r->source[0].inner.size;
    r->nblocks = (r->n + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
}

/* The grids are whole: set their last dimensions apart. */
static void settle(struct reduction *r)
{
    grid_split(&r->rows);
    for (int k = 0; k < r->sources; k++) {
        struct source *s = &r->source[k];
        sheaf_dtype wanted = k == 1 && r->weighted ? SHEAF_F64 : r->work;
        grid_split(&s->inner);
        s->direct = !s->split && s->from == wanted && s->inner.ndim == 0 &&
                    (s->inner.n <= 1 || s->inner.step[0] == (int64_t)s->from_size);
    }
}

void reduce_matrix(struct reduction *r, const struct op *op, const sheaf_options *options, const sheaf_view *x,
                   const sheaf_view *outs)
{
    sheaf_options down;
    sheaf_view rows[SHEAF_MAX_OUTPUTS];
    sheaf_options_init(&down);
    down.naxes = 1;
    down.axes[0] = 0;
    for (int k = 0; k < op->info.nout; k++)
        sheaf_view_init(&rows[k], outs[k].data, outs[k].dtype, 1, &x->shape[1], NULL);
    r->ddof = options->ddof;
    r->spacing = 0;
    r->weighted = false;
    reduce_choose(r, (enum reduction_kind)op->kernel, x->dtype, &x->dtype, 1);
    set_up(r, op, x, &down, rows);
    settle(r);
}

/* argmin and argmax without NaNs have no answer where there is nothing else. */
static sheaf_status check_found(const struct op *op, const struct reduction *r, const sheaf_view *x, size_t nrows,
                                sheaf_error *error)
{
    for (size_t row = 0; row < nrows; row++) {
        char *p[GRID_OPERANDS], text[SHAPE_TEXT];
        int64_t index;
        reduce_locate(r, row, p);
        memcpy(&index, p[1], sizeof index);
        if (index < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: x of shape %s has only NaN in row %zu", op->info.name,
                                   shape_text(x->ndim, x->shape, text), row);
    }
    return SHEAF_OK;
}

void reduce_vector(const struct op *op, sheaf_dtype dtype, size_t n, const void *x, const void *y, void *out)
{
    struct reduction r; /* not cleared: its grids are large, and calls on few elements would pay for it */
    int64_t stride = (int64_t)sheaf_dtype_size(dtype);
    const sheaf_dtype from[] = {dtype, dtype};
    char *p[] = {(char *)(uintptr_t)x, out, (char *)(uintptr_t)y};
    r.ddof = r.spacing = 0;
    r.weighted = false;
    reduce_choose(&r, (enum reduction_kind)op->kernel, dtype, from, op->info.nin);
    r.out[0] = op_result_dtype(op->rule, dtype, 0);
    r.n = n;
    r.nblocks = (n - 1) / KERNEL_BLOCK + 1;
    grid_init(&r.rows, 1 + op->info.nin);
    for (int k = 0; k < r.sources; k++) {
        grid_init(&r.source[k].inner, 1);
        grid_add(&r.source[k].inner, (int64_t)n, &stride);
    }
    settle(&r);
    reduce_row(&r, p);
}

sheaf_status reduce_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *outs, sheaf_error *error)
{
    struct reduction r; /* not cleared, as above */
    sheaf_view from[2];
    sheaf_status status = SHEAF_OK;
    int sources = 1;
    r.ddof = options->ddof;
    r.spacing = options->spacing;
    view_assign(&from[0], &in[0]);
    from[1].dtype = from[0].dtype;
    if (op->info.nin == 2) {
        int64_t shape[SHEAF_MAX_NDIM];
        int ndim;
        status = op_broadcast(op->info.name, 2, in, &ndim, shape, error);
        for (int k = 0; k < 2 && !status; k++)
            op_stretch(&in[k], ndim, shape, &from[k]);
        sources = 2;
    } else if (options->weights) {
        status = op_weights(op, in, options, &from[1], error);
        sources = 2;
    }
    if (status)
        return status;
    r.weighted = options->weights != NULL;
    reduce_choose(&r, (enum reduction_kind)op->kernel, op_promoted(op, op->info.nin, in),
                  (const sheaf_dtype[]){from[0].dtype, from[1].dtype}, sources);
    set_up(&r, op, from, options, outs);
    size_t nrows = r.rows.size;
    if (nrows == 0)
        return SHEAF_OK;
    settle(&r);
    if (r.kind == R_fsum)
        return exact_run(op, &r, nrows, t, error);
    status = run_team(op, &r, nrows, t, error);
    if (!status && r.skip && (r.kind == R_argmin || r.kind == R_argmax))
        status = check_found(op, &r, in, nrows, error);
    return status;
}
