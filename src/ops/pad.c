/* pad: the input in the middle, then what goes around it, axis by axis from the last to the first: each takes what lies
 * before and behind from what is there already, so corners come by themselves, as in NumPy. */

#include "ops/move.h"
#include "ops/stream.h"
#include <string.h>

enum pad_mode {
    PAD_CONSTANT,
    PAD_EDGE,
    PAD_REFLECT,
    PAD_WRAP,
    PAD_MODES
};

static const char *const modes[PAD_MODES] = {"constant", "edge", "reflect", "wrap"};

#define SLAB 131072     /* bytes of output that a thread takes at a time */
#define LONG_ROW 4096   /* bytes of a row whose two ends are few of its lines */
#define LARGE (1 << 20) /* bytes from which on a slice is given to the team */

struct padding {
    enum pad_mode mode;
    const sheaf_options *o;
    bool large; /* rows so long, and so many, that they should go past the caches */
    uint64_t value[2];
};

static enum pad_mode mode_of(const sheaf_options *o)
{
    int mode = PAD_CONSTANT;
    while (o->mode && mode < PAD_MODES && strcmp(o->mode, modes[mode]) != 0)
        mode++;
    return (enum pad_mode)mode;
}

static const int64_t *widths_of(const sheaf_options *o, int axis)
{
    return o->widths[o->nwidths == 1 ? 0 : axis];
}

sheaf_status pad_infer(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                       sheaf_error *error)
{
    char text[SHAPE_TEXT];
    int64_t shape[SHEAF_MAX_NDIM];
    const enum pad_mode mode = mode_of(o);
    sheaf_status status = op_check_axes(op, x, o, 0, error);
    if (status)
        return status;
    if (mode == PAD_MODES)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: there is no mode \"%s\": use constant, edge, reflect or wrap",
                               op->info.name, o->mode);
    if (mode == PAD_CONSTANT && (status = op_check_value(op, o, x->dtype, error)))
        return status;
    if (o->nwidths != 1 && (o->nwidths != x->ndim || x->ndim == 0))
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: options.widths has %d pairs: give one for all axes of x, of shape %s, or one each",
                               op->info.name, o->nwidths, shape_text(x->ndim, x->shape, text));
    for (int i = 0; i < x->ndim; i++) {
        const int64_t *w = widths_of(o, i);
        if (w[0] < 0 || w[1] < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: widths (%lld, %lld) of axis %d must not be negative",
                                   op->info.name, (long long)w[0], (long long)w[1], i);
        if (mode != PAD_CONSTANT && x->shape[i] == 0 && (w[0] || w[1]))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%s: axis %d of x, of shape %s, is empty, and can only be extended by a constant",
                                   op->info.name, i, shape_text(x->ndim, x->shape, text));
        if (__builtin_add_overflow(x->shape[i], w[0], &shape[i]) || __builtin_add_overflow(shape[i], w[1], &shape[i]))
            return sheaf_error_set(error, SHEAF_OVERFLOW,
                                   "%s: axis %d of x, of shape %s, gets longer than can be counted", op->info.name, i,
                                   shape_text(x->ndim, x->shape, text));
    }
    return sheaf_view_init(out, NULL, x->dtype, x->ndim, shape, error);
}

/* Within out, along axis: n elements at `to` are those at `from`, backwards if so. */
static void copy_within(const sheaf_view *out, int axis, int64_t to, int64_t from, int64_t n, bool backwards,
                        const team *t)
{
    sheaf_view source, target;
    if (n <= 0)
        return;
    cut(out, axis, from, n, &source);
    cut(out, axis, to, n, &target);
    if (backwards)
        sheaf_view_flip(&source, 1, &axis, &source, NULL);
    copy_run(&source, t, &target);
}

static void repeat_plane(const sheaf_view *out, int axis, int64_t to, int64_t n, int64_t plane, const team *t)
{
    sheaf_view source, target;
    if (n <= 0)
        return;
    cut(out, axis, plane, 1, &source);
    source.shape[axis] = n;
    source.strides[axis] = 0;
    cut(out, axis, to, n, &target);
    copy_run(&source, t, &target);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What is before and behind the n elements from `before` on. */
static void surround(const struct padding *p, const sheaf_view *out, int axis, int64_t before, int64_t n, const team *t)
{
    const int64_t total = out->shape[axis], end = before + n;
    int64_t low = before, high = end, period = n;
    if (p->mode == PAD_CONSTANT) {
        sheaf_view part;
        cut(out, axis, 0, before, &part);
        fill_run(p->value, t, &part);
        cut(out, axis, end, total - end, &part);
        fill_run(p->value, t, &part);
        return;
    }
    if (p->mode == PAD_EDGE || (p->mode == PAD_REFLECT && n == 1)) {
        repeat_plane(out, axis, 0, before, before, t);
        repeat_plane(out, axis, end, total - end, end - 1, t);
        return;
    }
    if (p->mode == PAD_REFLECT) {
        int64_t left = least(before, n - 1), right = least(total - end, n - 1);
        period = 2 * (n - 1);
        copy_within(out, axis, before - left, before + 1, left, true, t);
        copy_within(out, axis, end, end - 1 - right, right, true, t);
        low -= left;
        high += right;
    }
    while (low > 0) { /* what is there is one period or more: the next such many are the same again */
        int64_t whole = (high - low) / period * period, more = least(low, whole);
        copy_within(out, axis, low - more, low - more + whole, more, false, t);
        low -= more;
    }
    while (high < total) {
        int64_t whole = (high - low) / period * period, more = least(total - high, whole);
        copy_within(out, axis, high, high - whole, more, false, t);
        high += more;
    }
}

/* Axes from x's `first` on; x's axis 0 is the call's `axis`. */
static void pad_whole(const struct padding *p, const sheaf_view *x, int axis, int first, const team *t,
                      const sheaf_view *out)
{
    sheaf_view part = *out;
    for (int i = first; i < x->ndim; i++)
        cut(&part, i, widths_of(p->o, axis + i)[0], x->shape[i], &part);
    copy_block(x, t, &part, p->large);
    for (int i = x->ndim - 1; i >= first; i--) {
        const int64_t *w = widths_of(p->o, axis + i);
        part.shape[i] = out->shape[i];
        part.data = (char *)part.data - w[0] * out->strides[i];
        if (w[0] || w[1])
            surround(p, &part, i, w[0], x->shape[i], t);
    }
}

struct slabs {
    const struct padding *p;
    const sheaf_view *x, *out;
    int axis;
};

static void run_slabs(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct slabs *s = context;
    const team alone = team_one();
    sheaf_view x, out;
    cut(s->x, 0, (int64_t)begin, (int64_t)(end - begin), &x);
    cut(s->out, 0, (int64_t)begin + widths_of(s->p->o, s->axis)[0], (int64_t)(end - begin), &out);
    pad_whole(s->p, &x, s->axis, 1, &alone, &out);
}

/* Inner axes are padded while a slice is in the cache. */
static void pad_axes(const struct padding *p, const sheaf_view *x, int axis, const team *t, const sheaf_view *out)
{
    const int64_t *w = widths_of(p->o, axis), n = x->ndim ? x->shape[0] : 0;
    int64_t slice = (int64_t)sheaf_dtype_size(out->dtype);
    bool inner = false;
    for (int i = 1; i < x->ndim; i++) {
        slice *= out->shape[i];
        inner |= widths_of(p->o, axis + i)[0] || widths_of(p->o, axis + i)[1];
    }
    if (!inner) {
        pad_whole(p, x, axis, 0, t, out);
        return;
    }
    if (slice >= LARGE) {
        for (int64_t i = 0; i < n; i++) {
            sheaf_view from, to;
            sheaf_view_index(x, 0, i, &from, NULL);
            sheaf_view_index(out, 0, i + w[0], &to, NULL);
            pad_axes(p, &from, axis + 1, t, &to);
        }
    } else {
        struct slabs s = {p, x, out, axis};
        par_for(t, (size_t)n, (size_t)(SLAB / slice) + 1, run_slabs, &s);
    }
    if (w[0] || w[1])
        surround(p, out, 0, w[0], n, t);
}

sheaf_status pad_run(const sheaf_view *x, const sheaf_options *o, const team *t, const sheaf_view *out)
{
    struct padding p = {.mode = mode_of(o), .o = o};
    const int64_t size = (int64_t)sheaf_dtype_size(out->dtype);
    p.large = x->ndim > 0 && x->shape[x->ndim - 1] * size >= LONG_ROW && sheaf_view_size(out) * size >= STREAM_LEAST;
    kernels()->cast[K_F64][x->dtype](1, &o->value, 0, p.value, 0);
    pad_axes(&p, x, 0, t, out);
    return SHEAF_OK;
}
