/* What is in memory of a cut file. */

#include "array/array.h"
#include "base/alloc.h"
#include "base/pool.h"
#include "batch/slices.h"
#include "io/format.h"
#include <string.h>

enum {
    SMALL = 256 << 10, /* bytes of slices that are read together, where they lie together */
    PIECE = 1 << 20,   /* bytes that a thread reads at a time */
    RUN = 32 << 10     /* bytes of a row, shorter than which all of the row is read */
};

/* ---- how it lies ---- */

static bool is_outermost(const struct cut_input *x)
{
    return x->outer == 1;
}

static uint64_t slice_bytes(const struct cut_input *x)
{
    return (uint64_t)x->outer * x->inner * x->size;
}

/* Slices of a row of chunks, where it is of whole slices. */
static size_t slices_of_grain(const struct cut_input *x)
{
    return is_outermost(x) && x->grain > x->inner && x->grain % x->inner == 0 ? x->grain / x->inner : 1;
}

size_t slab_slices(const struct cut_file *f, uint64_t bytes)
{
    size_t n = f->cut->n, grain = 1;
    uint64_t most = f->slice_bytes ? bytes / f->slice_bytes : n;
    bool together = true;
    for (int k = 0; k < f->count; k++) {
        const struct cut_input *x = &f->inputs[k];
        if (!x->ranges)
            continue;
        together = together && is_outermost(x);
        grain = slices_of_grain(x) > grain ? slices_of_grain(x) : grain;
    }
    if (together && f->slice_bytes) {
        const uint64_t small = SMALL / f->slice_bytes;
        most = most < (small > grain ? small : grain) ? most : small > grain ? small : grain;
    }
    if (most > grain)
        most = most / grain * grain;
    return most < 1 ? 1 : most < n ? (size_t)most : n;
}

/* ---- pieces ---- */

static size_t slices_in(const struct slab *s)
{
    return s->end - s->begin;
}

/* The elements, or rows, of one of its inputs' pieces. */
struct cutting {
    size_t step, pieces;
    bool rows; /* of all slices, of which those of the slab are picked out; else runs of them */
};

static size_t pieces_of(size_t n, size_t step)
{
    return n / step + (n % step != 0);
}

static struct cutting cutting_of(const struct slab *s, const struct cut_input *x)
{
    const size_t m = slices_in(s), run = m * x->inner * x->size, row = x->n * x->inner, most = PIECE / x->size;
    struct cutting c = {.rows = false};
    if (is_outermost(x)) {
        c.step = most < x->grain ? x->grain : most / x->grain * x->grain;
        c.pieces = pieces_of(m * x->inner, c.step);
        return c;
    }
    c.rows = run < RUN || m == x->n || x->grain > 1;
    const size_t width = c.rows ? row : m * x->inner;
    c.step = width < most ? most / width : 1;
    if (x->grain > row && x->grain % row == 0 && x->grain <= s->file->staging / x->size) { /* rows of chunks */
        const size_t grain = x->grain / row;
        c.step = c.step < grain ? grain : c.step / grain * grain;
    }
    c.pieces = pieces_of(x->outer, c.step);
    return c;
}

sheaf_status slab_prepare(struct slab *s, sheaf_error *error)
{
    struct cut_file *f = s->file;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < f->count && status == SHEAF_OK; k++) {
        struct cut_input *x = &f->inputs[k];
        if (s->whole == x->ranges)
            continue;
        if (s->whole) {
            status = io_prepare(&x->in, &x->buffer, &x->view, error);
            s->npieces += x->in.npieces;
            continue;
        }
        const size_t bytes = (size_t)slice_bytes(x) * slices_in(s);
        s->data[k] = pool_get(bytes);
        if (!s->data[k])
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for slices of %zu bytes", bytes);
        s->npieces += cutting_of(s, x).pieces;
    }
    return status;
}

void slab_free(struct slab *s)
{
    for (int k = 0; k < s->file->count; k++)
        if (s->data[k])
            pool_put(s->data[k], (size_t)slice_bytes(&s->file->inputs[k]) * slices_in(s));
    mem_free(s);
}

/* ---- reading ---- */

/* From staging, row by row, to where each slice has its own. */
static sheaf_status spread(const struct slab *s, const struct cut_input *x, size_t row, size_t rows, bool all,
                           unsigned char *staging, unsigned char *data, sheaf_error *error)
{
    const int64_t m = (int64_t)slices_in(s), inner = (int64_t)x->inner, size = (int64_t)x->size;
    const int64_t shape[3] = {(int64_t)rows, m, inner}, width = all ? (int64_t)x->n * inner : m * inner;
    sheaf_view from, to;
    sheaf_status status = sheaf_view_init(&from, staging, x->in.info.dtype, 3, shape, error);
    if (status == SHEAF_OK)
        status = sheaf_view_init(&to, data, x->in.info.dtype, 3, shape, error);
    if (status != SHEAF_OK)
        return status;
    from.data = staging + (all ? (int64_t)s->begin * inner * size : 0);
    from.strides[0] = width * size;
    to.data = data + (int64_t)row * inner * size;
    to.strides[0] = inner * size;
    to.strides[1] = (int64_t)x->outer * inner * size;
    return sheaf_view_copy(&from, &to, error);
}

static sheaf_status read_rows(struct slab *s, struct cut_input *x, const struct cutting *c, size_t piece,
                              unsigned char *data, sheaf_error *error)
{
    const size_t row = piece * c->step, rows = x->outer - row < c->step ? x->outer - row : c->step;
    const size_t run = slices_in(s) * x->inner, all = x->n * x->inner, bytes = rows * (c->rows ? all : run) * x->size;
    unsigned char *staging = pool_get(bytes);
    sheaf_status status = SHEAF_OK;
    if (!staging)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to read %zu bytes", bytes);
    if (c->rows)
        status = io_fetch(&x->in, row * all, (row + rows) * all, staging, error);
    for (size_t r = 0; r < rows && !c->rows && status == SHEAF_OK; r++) {
        const uint64_t first = (uint64_t)(row + r) * all + s->begin * x->inner;
        status = io_fetch(&x->in, first, first + run, staging + r * run * x->size, error);
    }
    if (status == SHEAF_OK)
        status = spread(s, x, row, rows, c->rows, staging, data, error);
    pool_put(staging, bytes);
    return status;
}

static sheaf_status read_part(struct slab *s, struct cut_input *x, const struct cutting *c, size_t piece,
                              unsigned char *data, sheaf_error *error)
{
    if (!is_outermost(x))
        return read_rows(s, x, c, piece, data, error);
    const size_t at = piece * c->step, left = slices_in(s) * x->inner - at, n = left < c->step ? left : c->step;
    const uint64_t first = (uint64_t)s->begin * x->inner + at;
    return io_fetch(&x->in, first, first + n, data + at * x->size, error);
}

sheaf_status slab_read(struct slab *s, size_t piece, sheaf_error *error)
{
    struct cut_file *f = s->file;
    for (int k = 0; k < f->count; k++) {
        struct cut_input *x = &f->inputs[k];
        if (s->whole == x->ranges)
            continue;
        const struct cutting c = s->whole ? (struct cutting){.pieces = x->in.npieces} : cutting_of(s, x);
        if (piece < c.pieces)
            return s->whole ? io_read_piece(&x->in, piece, &x->view, error)
                            : read_part(s, x, &c, piece, s->data[k], error);
        piece -= c.pieces;
    }
    return SHEAF_OK;
}

sheaf_status slab_finish(struct slab *s, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < s->file->count && s->whole && status == SHEAF_OK; k++)
        if (!s->file->inputs[k].ranges)
            status = io_finish(&s->file->inputs[k].in, error);
    return status;
}

/* ---- one slice ---- */

/* Without an axis, at its i-th place. */
static void drop_axis(const sheaf_view *all, int axis, size_t i, sheaf_view *view)
{
    view->data = (char *)all->data + (int64_t)i * all->strides[axis];
    for (int d = 0, to = 0; d < all->ndim; d++)
        if (d != axis)
            view->strides[to++] = all->strides[d];
}

static void own_strides(const struct cut_input *x, sheaf_view *view)
{
    int64_t stride = (int64_t)x->size;
    for (int d = 0; d < view->ndim && x->in.info.fortran_order; d++) {
        view->strides[d] = stride;
        stride *= view->shape[d];
    }
}

void slab_views(const struct slab *range, const struct cut_file *f, size_t slice, sheaf_view *views)
{
    for (int k = 0; k < f->count; k++) {
        const struct cut_input *x = &f->inputs[k];
        views[k] = x->part->view;
        if (x->ranges) {
            views[k].data = range->data[k] + (slice - range->begin) * slice_bytes(x);
            own_strides(x, &views[k]);
        } else if (x->part->sliced) {
            drop_axis(&x->view, x->part->axis, slice, &views[k]);
        } else {
            views[k] = x->view;
        }
    }
}
