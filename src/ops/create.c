/* Arrays made of no other: zeros, ones, full, eye, linspace, arange. */

#include "ops/grid.h"
#include "ops/move.h"
#include <math.h>
#include <string.h>

/* Elements of arange and linspace that are one piece of work. */
#define PIECE 16384

static sheaf_status eye_shape(const struct op *op, const sheaf_options *o, int64_t shape[2], sheaf_error *error)
{
    char text[SHAPE_TEXT];
    if (o->nshape != 1 && o->nshape != 2)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: options.shape takes the rows, or rows and columns, not %s",
                               op->info.name, shape_text(o->nshape < 0 ? 0 : o->nshape % 17, o->shape, text));
    shape[0] = o->shape[0];
    shape[1] = o->shape[o->nshape - 1];
    return SHEAF_OK;
}

/* How many numbers arange gives, as NumPy counts. */
static sheaf_status arange_length(const struct op *op, const sheaf_options *o, int64_t *n, sheaf_error *error)
{
    const char *name = op->info.name;
    if (o->step == 0 || isnan(o->step) || !isfinite(o->start) || isnan(o->stop))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: from %g to %g by steps of %g there is no end", name, o->start,
                               o->stop, o->step);
    double distance = o->stop - o->start, steps = distance / o->step;
    double length = distance != 0 && steps == 0 ? (signbit(steps) ? 0 : 1) : ceil(steps); /* a step beyond all */
    if (!(length < 0x1p62))
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: from %g to %g by steps of %g are too many numbers", name,
                               o->start, o->stop, o->step);
    *n = length > 0 ? (int64_t)length : 0;
    return SHEAF_OK;
}

/* The first two numbers, if there are so many, which NumPy converts to an integer dtype by themselves, must be some. */
static sheaf_status arange_fits(const struct op *op, const sheaf_options *o, int64_t n, sheaf_dtype dtype,
                                sheaf_error *error)
{
    if (dtype == SHEAF_BOOL)
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: does not make bool: choose a dtype of numbers", op->info.name);
    for (int k = 0; k < 2 && k < n; k++) {
        const double value = k ? o->start + o->step : o->start;
        if (!dtype_holds(dtype, value))
            return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: %g is no %s", op->info.name, trunc(value),
                                   sheaf_dtype_name(dtype));
    }
    return SHEAF_OK;
}

sheaf_status create_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                          sheaf_error *error)
{
    sheaf_dtype dtype = o->dtype != SHEAF_DTYPE_COUNT ? o->dtype : op->kernel == N_full ? in->dtype : SHEAF_F64;
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_status status = SHEAF_OK;
    if ((unsigned)dtype >= SHEAF_DTYPE_COUNT)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: options.dtype is %d, which is no dtype", op->info.name,
                               (int)dtype);
    switch (op->kernel) {
    case N_eye:
        status = eye_shape(op, o, shape, error);
        return status ? status : sheaf_view_init(out, NULL, dtype, 2, shape, error);
    case N_linspace:
        if (o->num < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: options.num is %lld, which is negative", op->info.name,
                                   (long long)o->num);
        return sheaf_view_init(out, NULL, dtype, 1, &o->num, error);
    case N_arange:
        if (!(status = arange_length(op, o, &shape[0], error)))
            status = arange_fits(op, o, shape[0], dtype, error);
        return status ? status : sheaf_view_init(out, NULL, dtype, 1, shape, error);
    default:
        if (op->kernel == N_full && in->ndim != 0) {
            char text[SHAPE_TEXT];
            return sheaf_error_set(error, SHEAF_SHAPE, "%s: x must be a scalar, it has shape %s", op->info.name,
                                   shape_text(in->ndim, in->shape, text));
        }
        return sheaf_view_init(out, NULL, dtype, o->nshape, o->shape, error);
    }
}

/* ---- numbers in a line ---- */

struct line {
    const struct op *op;
    const sheaf_options *o;
    const sheaf_view *out;
    grid_cast *store;
    union {
        double f64[3];
        float f32[3];
        uint64_t u64[3];
    } first; /* the first number, the second, and what lies between them, as the dtype knows them */
    sheaf_dtype work;
};

/* NumPy's: i steps of this size from the start, the last one by itself. */
static void linspace_tile(const struct line *l, int64_t at, size_t n, double *tile)
{
    const sheaf_options *o = l->o;
    double delta = o->stop - o->start, parts = (double)(o->num - 1), step = parts > 0 ? delta / parts : delta;
    for (size_t i = 0; i < n; i++) {
        double place = (double)(at + (int64_t)i);
        tile[i] = (step != 0 || parts <= 0 ? place * step : place / parts * delta) + o->start;
        if (o->num > 1 && at + (int64_t)i == o->num - 1)
            tile[i] = o->stop;
        if (dtype_kind(l->out->dtype) == 'i' || dtype_kind(l->out->dtype) == 'u')
            tile[i] = floor(tile[i]);
    }
}

static void arange_tile(const struct line *l, int64_t at, size_t n, void *tile)
{
    double *f64 = tile;
    float *f32 = tile;
    uint64_t *u64 = tile;
    for (size_t i = 0; i < n; i++) {
        int64_t place = at + (int64_t)i;
        if (l->work == SHEAF_F64)
            f64[i] = place < 2 ? l->first.f64[place] : l->first.f64[0] + (double)place * l->first.f64[2];
        else if (l->work == SHEAF_F32)
            f32[i] = place < 2 ? l->first.f32[place] : l->first.f32[0] + (float)place * l->first.f32[2];
        else
            u64[i] = l->first.u64[0] + (uint64_t)place * l->first.u64[2];
    }
}

static void run_line(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct line *l = context;
    double tile[KERNEL_TILE];
    ptrdiff_t step = (ptrdiff_t)l->out->strides[0], size = (ptrdiff_t)sheaf_dtype_size(l->work);
    for (size_t i = begin; i < end; i += KERNEL_TILE) {
        size_t n = end - i < KERNEL_TILE ? end - i : KERNEL_TILE;
        if (l->op->kernel == N_linspace)
            linspace_tile(l, (int64_t)i, n, tile);
        else
            arange_tile(l, (int64_t)i, n, tile);
        l->store(n, tile, size, (char *)l->out->data + (int64_t)i * step, step);
    }
}

/* NumPy converts the first two numbers to the dtype, and steps by their difference there. */
static void arange_first(struct line *l)
{
    const int64_t n = l->out->shape[0];
    const double start = n > 0 ? l->o->start : 0, second = n > 1 ? start + l->o->step : start;
    const sheaf_dtype real = dtype_real(l->out->dtype);
    l->work = real == SHEAF_F64 ? SHEAF_F64 : real == SHEAF_F32 || real == SHEAF_F16 ? SHEAF_F32 : SHEAF_U64;
    if (l->work == SHEAF_F64) {
        l->first.f64[0] = start;
        l->first.f64[1] = second;
        l->first.f64[2] = second - start;
    } else if (l->work == SHEAF_F32) {
        float *pair = l->first.f32;
        uint16_t half[2];
        const struct kernels *k = kernels();
        k->cast[K_F64][real](2, (const double[]){start, second}, 8, real == SHEAF_F16 ? (void *)half : (void *)pair,
                             real == SHEAF_F16 ? 2 : 4);
        if (real == SHEAF_F16)
            k->cast[K_F16][K_F32](2, half, 2, pair, 4);
        pair[2] = pair[1] - pair[0];
    } else {
        uint64_t *pair = l->first.u64;
        pair[0] = start < 0 ? (uint64_t)(int64_t)start : (uint64_t)start;
        pair[1] = second < 0 ? (uint64_t)(int64_t)second : (uint64_t)second;
        pair[2] = pair[1] - pair[0];
    }
}

static void line_run(const struct op *op, const sheaf_options *o, const team *t, const sheaf_view *out)
{
    struct line l = {.op = op, .o = o, .out = out, .work = SHEAF_F64};
    if (op->kernel == N_arange)
        arange_first(&l);
    l.store = kernels()->cast[l.work][out->dtype];
    const size_t n = (size_t)out->shape[0];
    par_for(t, n, t->threads > 1 && n >= 2 * PIECE ? PIECE : n, run_line, &l);
}

/* ---- the others ---- */

static void eye_run(const sheaf_options *o, const team *t, const sheaf_view *out)
{
    const uint8_t zero[16] = {0}, one = 1;
    uint8_t value[16];
    sheaf_view diagonal;
    fill_run(zero, t, out);
    kernels()->cast[K_U8][out->dtype](1, &one, 0, value, 0);
    if (sheaf_view_diagonal(out, o->k, 0, 1, &diagonal, NULL) == SHEAF_OK)
        fill_run(value, t, &diagonal);
}

sheaf_status create_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                        const sheaf_view *out, sheaf_error *error)
{
    (void)error;
    uint8_t value[16] = {0};
    const uint8_t one = 1;
    if (sheaf_view_size(out) == 0)
        return SHEAF_OK;
    switch (op->kernel) {
    case N_eye:
        eye_run(o, t, out);
        break;
    case N_linspace:
    case N_arange:
        line_run(op, o, t, out);
        break;
    case N_full:
        kernels()->cast[in->dtype][out->dtype](1, in->data, 0, value, 0);
        fill_run(value, t, out);
        break;
    case N_ones:
        kernels()->cast[K_U8][out->dtype](1, &one, 0, value, 0);
        fill_run(value, t, out);
        break;
    default:
        fill_run(value, t, out);
        break;
    }
    return SHEAF_OK;
}
