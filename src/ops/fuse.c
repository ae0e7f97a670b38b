/* Passes on a team: tiles shared out, reductions of them block by block. */

#include "ops/fuse.h"
#include "base/fpenv.h"
#include "base/pool.h"
#include "ops/fuse_tiles.h"
#include "ops/reduce.h"
#include <stdalign.h>

#define PIECE 32768    /* elements of a piece, where nothing is reduced */
#define FETCHED 1024   /* elements of the next block that are asked for while this one is reduced */
#define FEW_BYTES 8192 /* tiles that find room on the stack */

struct pass {
    struct tiles tiles;
    size_t row, nrows, nblocks; /* elements of what becomes one result; blocks of a row */
    int nreductions, operand[FUSE_MOST_ENDS];
    struct reduction *r; /* of each reduction */
    const sheaf_view *results[FUSE_MOST_ENDS];
    union part *parts; /* by reduction, row and block; where blocks are shared out */
    char *memory;      /* of all threads */
    size_t each;       /* bytes of one */
    unsigned char *begun;
};

bool fuse_ends(const struct op *op)
{
    if (op->class != CLASS_REDUCE || op->info.nin != 1)
        return false;
    switch (op->kernel) {
    case R_argmin: /* these look at the row again */
    case R_argmax:
    case R_nanargmin:
    case R_nanargmax:
    case R_trapz:
    case R_fsum:
        return false;
    default:
        return true;
    }
}

bool fuse_fits(const struct fuse *f, const sheaf_view *in)
{
    return tiles_fit(f, in);
}

/* ---- a thread's work ---- */

static char *memory_of(struct pass *p, int thread)
{
    char *memory = p->memory + (size_t)thread * p->each;
    if (!p->begun[thread]) {
        tiles_begin(&p->tiles, memory);
        p->begun[thread] = 1;
    }
    return memory;
}

static void run_pieces(void *context, size_t begin, size_t end, int thread)
{
    struct pass *p = context;
    char *memory = memory_of(p, thread);
    const size_t start = begin * PIECE, stop = end * PIECE < p->tiles.n ? end * PIECE : p->tiles.n;
    tiles_run(&p->tiles, memory, start, stop - start);
    if (p->tiles.streams)
        p->tiles.k->stream_end();
}

/* One block of a row: its tiles, then the part of each reduction. */
static void run_block(const struct pass *p, char *memory, size_t row, size_t b, union part *const *parts)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    const size_t at = b * KERNEL_BLOCK, left = p->row - at, n = left < KERNEL_BLOCK ? left : KERNEL_BLOCK;
    const size_t start = row * p->row + at;
    tiles_run(&p->tiles, memory, start, n);
    for (int k = 0; k < p->nreductions; k++) {
        const struct reduction *r = &p->r[k];
        struct chunk c = {.n = n, .start = at};
        char *block = (char *)(uintptr_t)tiles_block(&p->tiles, memory, p->operand[k], start);
        tiles_fetch(&p->tiles, start + n, p->tiles.nworks ? FETCHED : KERNEL_BLOCK, k, p->nreductions);
        c.x = reduce_load(r, 0, block, 0, n, buffer);
        r->block(r, &c, parts[k]);
    }
}

static void finish(const struct pass *p, int k, size_t row, const union part *part)
{
    const struct reduction *r = &p->r[k];
    char *q[GRID_OPERANDS];
    reduce_locate(r, row, q);
    r->finish(r, NULL, part, q + 1);
}

/* Rows of several blocks, one after the other. */
static void run_long_rows(const struct pass *p, char *memory, size_t begin, size_t end)
{
    struct fold folds[FUSE_MOST_ENDS];
    union part *parts[FUSE_MOST_ENDS];
    for (size_t row = begin; row < end; row++) {
        for (int k = 0; k < p->nreductions; k++)
            fold_init(&folds[k]);
        for (size_t b = 0; b < p->nblocks; b++) {
            for (int k = 0; k < p->nreductions; k++)
                parts[k] = fold_next(&folds[k]);
            run_block(p, memory, row, b, parts);
            for (int k = 0; k < p->nreductions; k++)
                fold_push(&folds[k], &p->r[k]);
        }
        for (int k = 0; k < p->nreductions; k++)
            finish(p, k, row, fold_end(&folds[k], &p->r[k]));
    }
}

/* One reduction of n rows, each a block of its own, side by side from `row` on. */
static void reduce_rows(const struct pass *p, const char *memory, int k, size_t row, size_t n)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    const struct reduction *r = &p->r[k];
    const size_t size = r->source[0].from_size;
    const char *block = tiles_block(&p->tiles, memory, p->operand[k], row * p->row);
    struct chunk c = {.n = p->row, .start = 0};
    union part part;
    for (size_t i = 0; i < n; i++) {
        c.x = reduce_load(r, 0, (char *)(uintptr_t)block + i * p->row * size, 0, p->row, buffer);
        r->block(r, &c, &part);
        finish(p, k, row + i, &part);
    }
}

/* Rows that are shorter than a block: as many as one holds go through their tiles together. */
static void run_short_rows(const struct pass *p, char *memory, size_t begin, size_t end)
{
    const size_t most = KERNEL_BLOCK / p->row;
    for (size_t row = begin; row < end; row += most) {
        const size_t n = end - row < most ? end - row : most;
        tiles_run(&p->tiles, memory, row * p->row, n * p->row);
        for (int k = 0; k < p->nreductions; k++)
            reduce_rows(p, memory, k, row, n);
    }
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    const struct pass *p = context;
    char *memory = memory_of(context, thread);
    if (p->nblocks > 1)
        run_long_rows(p, memory, begin, end);
    else
        run_short_rows(p, memory, begin, end);
    if (p->tiles.streams)
        p->tiles.k->stream_end();
}

static union part *part_at(const struct pass *p, int k, size_t row, size_t b)
{
    return p->parts + ((size_t)k * p->nrows + row) * p->nblocks + b;
}

static void run_blocks(void *context, size_t begin, size_t end, int thread)
{
    struct pass *p = context;
    char *memory = memory_of(p, thread);
    union part *parts[FUSE_MOST_ENDS];
    for (size_t i = begin; i < end; i++) {
        for (int k = 0; k < p->nreductions; k++)
            parts[k] = part_at(p, k, i / p->nblocks, i % p->nblocks);
        run_block(p, memory, i / p->nblocks, i % p->nblocks, parts);
    }
    if (p->tiles.streams)
        p->tiles.k->stream_end();
}

static void finish_rows(void *context, size_t begin, size_t end, int thread)
{
    struct pass *p = context;
    (void)thread;
    for (size_t row = begin; row < end; row++)
        for (int k = 0; k < p->nreductions; k++) {
            union part *parts = part_at(p, k, row, 0);
            par_tree(parts, p->nblocks, sizeof *parts, p->r[k].combine, &p->r[k]);
            finish(p, k, row, parts);
        }
}

/* ---- setting up ---- */

/* Rows are what the last axes make one result of. */
static void find_rows(struct pass *p, const struct fuse *f, const struct fuse_end *end, const int64_t *shape, int ndim)
{
    bool along[SHEAF_MAX_NDIM];
    sheaf_view x = {.ndim = ndim};
    (void)f;
    p->row = p->nrows = 1;
    for (int i = 0; i < ndim; i++)
        x.shape[i] = shape[i];
    op_axes(end->op, &x, end->options, along);
    for (int i = 0; i < ndim; i++)
        *(along[i] ? &p->row : &p->nrows) *= (size_t)shape[i];
    p->nblocks = (p->row + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
}

/* The results' dimensions, walked together. */
static void result_grid(struct reduction *r, const struct op *op, const sheaf_view *outs)
{
    int64_t strides[GRID_OPERANDS] = {0};
    grid_init(&r->rows, 1 + op->info.nout);
    r->base[0] = NULL;
    for (int k = 0; k < op->info.nout; k++) {
        r->base[k + 1] = outs[k].data;
        r->out[k] = outs[k].dtype;
    }
    for (int i = 0; i < outs[0].ndim; i++) {
        for (int k = 0; k < op->info.nout; k++)
            strides[k + 1] = outs[k].strides[i];
        grid_add(&r->rows, outs[0].shape[i], strides);
    }
    grid_split(&r->rows);
}

static void add_reduction(struct pass *p, const struct fuse_end *end, int operand, const sheaf_view *outs)
{
    struct reduction *r = &p->r[p->nreductions];
    const struct operand *o = &p->tiles.operands[operand];
    const int64_t stride = (int64_t)o->size;
    r->ddof = end->options->ddof;
    r->spacing = end->options->spacing;
    r->weighted = false;
    reduce_choose(r, (enum reduction_kind)end->op->kernel, o->dtype, &o->dtype, 1);
    result_grid(r, end->op, outs);
    grid_init(&r->source[0].inner, 1);
    grid_add(&r->source[0].inner, KERNEL_BLOCK, &stride);
    grid_split(&r->source[0].inner);
    r->source[0].direct = !r->split && o->dtype == r->work;
    r->n = p->row;
    r->nblocks = p->nblocks;
    p->operand[p->nreductions++] = operand;
}

static void add_reductions(struct pass *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs,
                           const int *reduced)
{
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    op_broadcast("", f->nin, in, &ndim, shape, NULL);
    for (int e = 0, at = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        if (end->op) {
            if (p->nreductions == 0)
                find_rows(p, f, end, shape, ndim);
            add_reduction(p, end, reduced[e], &outs[at]);
        }
        at += end->op ? end->op->info.nout : 1;
    }
}

/* ---- sharing out ---- */

static sheaf_status share_blocks(struct pass *p, const team *t, sheaf_error *error)
{
    const size_t count = p->nrows * p->nblocks, bytes = count * (size_t)p->nreductions * sizeof *p->parts;
    p->parts = pool_get(bytes);
    if (!p->parts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the partial results of %zu blocks", count);
    par_for(t, count, 4, run_blocks, p);
    par_for(t, p->nrows, 16, finish_rows, p);
    pool_put(p->parts, bytes);
    return SHEAF_OK;
}

static sheaf_status share(struct pass *p, const team *t, sheaf_error *error)
{
    const size_t n = p->tiles.n;
    const bool alone = t->threads <= 1 || n < 2 * PIECE;
    const team one = team_one();
    if (p->nreductions == 0) {
        par_for(alone ? &one : t, (n + PIECE - 1) / PIECE, alone ? 0 : 1, run_pieces, p);
        return SHEAF_OK;
    }
    if (!alone && p->nblocks > 1 && p->nrows < 4 * (size_t)t->threads)
        return share_blocks(p, t, error);
    const size_t grain = p->row < PIECE ? PIECE / p->row : 1;
    par_for(alone ? &one : t, p->nrows, alone ? 0 : grain, run_rows, p);
    return SHEAF_OK;
}

static sheaf_status run(struct pass *p, const team *t, sheaf_error *error)
{
    alignas(64) char few[FEW_BYTES];
    unsigned char begun[64] = {0};
    const size_t threads = p->tiles.n < 2 * PIECE ? 1 : (size_t)t->threads;
    p->each = p->tiles.memory;
    const size_t bytes = threads * (p->each + 64); /* and a mark for each thread */
    if (threads == 1 && p->each <= sizeof few) {
        p->memory = few;
        p->begun = begun;
        return share(p, t, error);
    }
    p->memory = pool_get(bytes);
    if (!p->memory)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of tiles", bytes);
    p->begun = (unsigned char *)p->memory + threads * p->each;
    for (size_t k = 0; k < threads; k++)
        p->begun[k] = 0;
    sheaf_status status = share(p, t, error);
    pool_put(p->memory, bytes);
    return status;
}

sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error)
{
    struct pass p; /* not cleared: its tables are large, and calls on few elements would pay for it */
    int reduced[FUSE_MOST_ENDS];
    struct fp_saved fp = fp_enter();
    int reductions = 0;
    for (int e = 0; e < f->nends; e++)
        reductions += f->ends[e].op != NULL;
    struct reduction few, *r = &few;
    const size_t bytes = (size_t)reductions * sizeof *r;
    sheaf_status status = SHEAF_OK;
    if (reductions > 1 && !(r = pool_get(bytes)))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %d reductions", reductions);
    if (!status) {
        p.r = r;
        p.nreductions = 0;
        p.parts = NULL;
        tiles_prepare(&p.tiles, f, in, outs, reduced);
        add_reductions(&p, f, in, outs, reduced);
        status = run(&p, t, error);
    }
    if (r != &few)
        pool_put(r, bytes);
    fp_leave(fp);
    return status;
}
