/* Functions that move elements in blocks: each block is a view of the input copied to a view of the output. */

#include "ops/move.h"
#include "ops/grid.h"
#include <stdlib.h>
#include <string.h>

/* ---- roll ---- */

static int64_t wrapped(int64_t shift, int64_t n)
{
    shift %= n;
    return shift < 0 ? shift + n : shift;
}

/* Both pieces of every axis from this one on. */
static void roll_axes(const sheaf_view *x, const int64_t *by, int axis, const team *t, const sheaf_view *out)
{
    while (axis < x->ndim && by[axis] == 0)
        axis++;
    if (axis == x->ndim) {
        copy_run(x, t, out);
        return;
    }
    int64_t n = x->shape[axis], shift = by[axis];
    sheaf_view from, to;
    cut(x, axis, 0, n - shift, &from);
    cut(out, axis, shift, n - shift, &to);
    roll_axes(&from, by, axis + 1, t, &to);
    cut(x, axis, n - shift, shift, &from);
    cut(out, axis, 0, shift, &to);
    roll_axes(&from, by, axis + 1, t, &to);
}

static sheaf_status roll_run(const struct op *op, const sheaf_view *x, const sheaf_options *o, const team *t,
                             const sheaf_view *out, sheaf_error *error)
{
    int64_t by[SHEAF_MAX_NDIM] = {0};
    if (o->naxes) {
        for (int k = 0; k < o->naxes; k++) {
            int axis = o->axes[k] < 0 ? o->axes[k] + x->ndim : o->axes[k];
            by[axis] = (by[axis] + wrapped(o->shift[o->nshift == 1 ? 0 : k], x->shape[axis])) % x->shape[axis];
        }
        roll_axes(x, by, 0, t, out);
        return SHEAF_OK;
    }
    struct spare s, d = {NULL, 0, *out};
    sheaf_view from, to;
    const int64_t n = sheaf_view_size(x);
    for (int k = 0; k < o->nshift; k++)
        by[0] = (by[0] + wrapped(o->shift[k], n)) % n;
    sheaf_status status = flat_view(op, x, t, &s, &from, error);
    if (status)
        return status;
    if (sheaf_view_reshape(out, 1, &n, &to, NULL) == SHEAF_OK) {
        roll_axes(&from, by, 0, t, &to);
    } else if (!(status = spare_new(op, x->dtype, 1, &n, &d, error))) { /* to strided memory by way of a copy */
        roll_axes(&from, by, 0, t, &d.view);
        status = copy_flat(op, &d.view, t, out, error);
        spare_free(&d);
    }
    spare_free(&s);
    return status;
}

/* ---- tile, repeat ---- */

/* Bytes that are laid out by doubling before they are copied over and over. */
#define PATTERN 16384

/* out along axis is a period of `filled`, once there already, to its end. */
static void spread(const sheaf_view *out, int axis, int64_t filled, const team *t)
{
    const int64_t n = out->shape[axis];
    const int64_t element = llabs(out->strides[axis]);
    sheaf_view from, to;
    while (filled < n && filled * element < PATTERN) {
        int64_t more = filled < n - filled ? filled : n - filled;
        cut(out, axis, 0, more, &from);
        cut(out, axis, filled, more, &to);
        copy_run(&from, t, &to);
        filled += more;
    }
    if (filled < n && out->ndim < SHEAF_MAX_NDIM) { /* all whole periods at once */
        int64_t times = n / filled - 1;
        cut(out, axis, 0, filled, &from);
        cut(out, axis, filled, filled, &to);
        for (int i = out->ndim; i > 0; i--) {
            from.shape[i] = to.shape[i] = to.shape[i - 1];
            from.strides[i] = to.strides[i] = to.strides[i - 1];
        }
        from.ndim = to.ndim = out->ndim + 1;
        from.shape[0] = to.shape[0] = times;
        from.strides[0] = 0;
        to.strides[0] = out->strides[axis] * filled;
        if (times > 0)
            copy_run(&from, t, &to);
        cut(out, axis, 0, n % filled, &from);
        cut(out, axis, n - n % filled, n % filled, &to);
        if (n % filled)
            copy_run(&from, t, &to);
        return;
    }
    for (int64_t at = filled; at < n; at += filled) {
        int64_t more = filled < n - at ? filled : n - at;
        cut(out, axis, 0, more, &from);
        cut(out, axis, at, more, &to);
        copy_run(&from, t, &to);
    }
}

/* The first period is a copy of x; each axis, the last one first, is spread within what is there of those before. */
static void tile_run(const sheaf_view *x, const team *t, const sheaf_view *out)
{
    sheaf_view wide, part = *out;
    int64_t shape[SHEAF_MAX_NDIM];
    for (int i = 0; i < out->ndim; i++) {
        int at = i - (out->ndim - x->ndim);
        shape[i] = part.shape[i] = at < 0 ? 1 : x->shape[at];
    }
    op_stretch(x, out->ndim, shape, &wide);
    copy_run(&wide, t, &part);
    for (int i = out->ndim - 1; i >= 0; i--) {
        part.shape[i] = out->shape[i];
        if (out->shape[i] > shape[i])
            spread(&part, i, shape[i], t);
    }
}

struct repeating {
    const struct kernels *k;
    struct grid rows; /* the other axes; operand 0 the output, 1 the input */
    char *base[2];
    size_t n, times, chunks, chunk;
    int size;
};

static void run_repeats(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct repeating *r = context;
    for (size_t unit = begin; unit < end; unit++) {
        struct cursor c;
        cursor_set(&c, &r->rows, r->base, unit / r->chunks);
        size_t start = unit % r->chunks * r->chunk, left = r->n - start;
        r->k->repeat[r->size](left < r->chunk ? left : r->chunk, c.p[1] + (start << r->size), r->times,
                              c.p[0] + (start * r->times << r->size));
    }
}

/* Single elements that lie in a line on both sides. */
static bool repeat_line(const sheaf_view *x, int axis, int64_t times, const team *t, const sheaf_view *out)
{
    const int64_t size = (int64_t)sheaf_dtype_size(x->dtype);
    if (x->strides[axis] != size || out->strides[axis] != size || times > PATTERN)
        return false;
    struct repeating r = {.k = kernels(), .n = (size_t)x->shape[axis], .times = (size_t)times};
    r.size = __builtin_ctzl((size_t)size);
    r.base[0] = out->data;
    r.base[1] = x->data;
    grid_init(&r.rows, 2);
    for (int i = 0; i < x->ndim; i++)
        if (i != axis)
            grid_add(&r.rows, x->shape[i], (int64_t[]){out->strides[i], x->strides[i]});
    r.chunk = 65536 / (size_t)(times * size) + 1;
    r.chunks = (r.n + r.chunk - 1) / r.chunk;
    par_for(t, r.rows.size * r.chunks, t->threads > 1 ? 1 : 0, run_repeats, &r);
    return true;
}

/* Every slice along axis so many times. */
static void repeat_axis(const sheaf_view *x, int axis, int64_t times, const team *t, const sheaf_view *out)
{
    if (repeat_line(x, axis, times, t, out))
        return;
    sheaf_view from = *x, to = *out;
    to.shape[axis] = x->shape[axis];
    to.strides[axis] = out->strides[axis] * times;
    if (x->ndim < SHEAF_MAX_NDIM) {
        for (int i = x->ndim; i > axis; i--) {
            from.shape[i] = to.shape[i] = to.shape[i - 1];
            from.strides[i] = from.strides[i - 1];
            to.strides[i] = to.strides[i - 1];
        }
        from.ndim = to.ndim = x->ndim + 1;
        from.shape[axis + 1] = to.shape[axis + 1] = times;
        from.shape[axis] = to.shape[axis] = x->shape[axis];
        from.strides[axis + 1] = 0;
        to.strides[axis + 1] = out->strides[axis];
        copy_run(&from, t, &to);
        return;
    }
    for (int64_t i = 0; i < times; i++) {
        to.data = (char *)out->data + i * out->strides[axis];
        copy_run(&from, t, &to);
    }
}

static sheaf_status repeat_run(const struct op *op, const sheaf_view *x, const sheaf_options *o, const team *t,
                               const sheaf_view *out, sheaf_error *error)
{
    if (o->naxes) {
        repeat_axis(x, op_axis(x, o), o->repeats[0], t, out);
        return SHEAF_OK;
    }
    struct spare s;
    sheaf_view flat;
    sheaf_status status = flat_view(op, x, t, &s, &flat, error);
    if (status)
        return status;
    repeat_axis(&flat, 0, o->repeats[0], t, out);
    spare_free(&s);
    return SHEAF_OK;
}

/* ---- concat, stack ---- */

struct joining {
    const sheaf_view *in;
    const sheaf_view *parts; /* of the output */
};

static void join_parts(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct joining *j = context;
    const team alone = team_one();
    for (size_t k = begin; k < end; k++)
        copy_run(&j->in[k], &alone, &j->parts[k]);
}

/* Inputs so small that a thread takes many of them. */
#define SMALL_PART 65536
#define PARTS 64

static void join_run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o, const team *t,
                     const sheaf_view *out)
{
    const bool stacks = op->kernel == M_stack;
    const int axis = stacks ? stack_axis(in, o) : o->naxes ? op_axis(in, o) : 0;
    const bool small = sheaf_view_size(out) / nin * (int64_t)sheaf_dtype_size(out->dtype) < SMALL_PART;
    sheaf_view parts[PARTS];
    int64_t at = 0;
    for (int k = 0; k < nin;) {
        int n = 0;
        for (; n < PARTS && k + n < nin; n++) {
            int64_t length = stacks ? 1 : in[k + n].shape[axis];
            if (stacks)
                sheaf_view_index(out, axis, at, &parts[n], NULL);
            else
                cut(out, axis, at, length, &parts[n]);
            at += length;
        }
        struct joining j = {in + k, parts};
        if (small && n > 1)
            par_for(t, (size_t)n, t->threads > 1 ? 4 : 0, join_parts, &j);
        else
            for (int i = 0; i < n; i++)
                copy_run(&in[k + i], t, &parts[i]);
        k += n;
    }
}

/* ---- diag, tril, triu ---- */

static void diag_run(const sheaf_view *x, const sheaf_options *o, const team *t, const sheaf_view *out)
{
    static const uint64_t zero[2];
    sheaf_view seen;
    if (x->ndim == 2) {
        sheaf_view_diagonal(x, o->k, 0, 1, &seen, NULL);
        copy_run(&seen, t, out);
        return;
    }
    fill_run(zero, t, out);
    sheaf_view_diagonal(out, o->k, 0, 1, &seen, NULL);
    copy_run(x, t, &seen);
}

struct triangle {
    const struct kernels *k;
    grid_cast *copy;
    const sheaf_view *x, *out;
    int64_t diagonal;
    bool lower;
    struct grid stack; /* operand 0 the output, 1 the input */
    char *base[2];
};

static void run_triangle(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    static const uint64_t zero[2];
    const struct triangle *r = context;
    const int i = r->x->ndim - 2, j = i + 1;
    const int64_t rows = r->x->shape[i], n = r->x->shape[j], from = r->x->strides[j], to = r->out->strides[j];
    for (size_t unit = begin; unit < end; unit++) {
        struct cursor c;
        cursor_set(&c, &r->stack, r->base, unit / (size_t)rows);
        int64_t row = (int64_t)(unit % (size_t)rows), split;
        char *out = c.p[0] + row * r->out->strides[i], *x = c.p[1] + row * r->x->strides[i];
        if (__builtin_add_overflow(row + r->lower, r->diagonal, &split)) /* columns up to here are on one side */
            split = r->diagonal < 0 ? 0 : n;
        split = split < 0 ? 0 : split > n ? n : split;
        size_t kept = (size_t)(r->lower ? split : n - split), cleared = (size_t)n - kept;
        int64_t first = r->lower ? 0 : split, gap = r->lower ? split : 0;
        r->copy(kept, x + first * from, (ptrdiff_t)from, out + first * to, (ptrdiff_t)to);
        if (to == (int64_t)sheaf_dtype_size(r->x->dtype))
            memset(out + gap * to, 0, cleared * (size_t)to);
        else
            r->copy(cleared, zero, 0, out + gap * to, (ptrdiff_t)to);
    }
}

static void triangle_run(const struct op *op, const sheaf_view *x, const sheaf_options *o, const team *t,
                         const sheaf_view *out)
{
    struct triangle r = {.k = kernels(), .x = x, .out = out, .diagonal = o->k, .lower = op->kernel == M_tril};
    r.copy = r.k->cast[x->dtype][x->dtype];
    r.base[0] = out->data;
    r.base[1] = x->data;
    grid_init(&r.stack, 2);
    for (int i = 0; i < x->ndim - 2; i++)
        grid_add(&r.stack, x->shape[i], (int64_t[]){out->strides[i], x->strides[i]});
    size_t rows = r.stack.size * (size_t)x->shape[x->ndim - 2];
    size_t bytes = (size_t)x->shape[x->ndim - 1] * sheaf_dtype_size(x->dtype);
    par_for(t, rows, t->threads > 1 ? 65536 / bytes + 1 : rows, run_triangle, &r);
}

/* ---- all ---- */

sheaf_status move_run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    if (sheaf_view_size(out) == 0 && op->kernel != M_take) /* whose places are looked at all the same */
        return SHEAF_OK;
    switch (op->kernel) {
    case M_roll:
        return roll_run(op, in, o, t, out, error);
    case M_pad:
        return pad_run(in, o, t, out);
    case M_tile:
        tile_run(in, t, out);
        return SHEAF_OK;
    case M_repeat:
        return repeat_run(op, in, o, t, out, error);
    case M_take:
        return take_run(op, in, o, t, out, error);
    case M_diag:
        diag_run(in, o, t, out);
        return SHEAF_OK;
    case M_tril:
    case M_triu:
        triangle_run(op, in, o, t, out);
        return SHEAF_OK;
    default:
        join_run(op, nin, in, o, t, out);
        return SHEAF_OK;
    }
}
