/* The functions that only see an array's elements otherwise: transpose, reshape and their kin. */

#include "base/pool.h"
#include "ops/move.h"

/* ---- shared with the functions that move elements ---- */

sheaf_status spare_new(const struct op *op, sheaf_dtype dtype, int ndim, const int64_t *shape, struct spare *s,
                       sheaf_error *error)
{
    sheaf_status status = sheaf_view_init(&s->view, NULL, dtype, ndim, shape, error);
    s->memory = NULL;
    if (status)
        return status;
    s->bytes = (size_t)sheaf_view_size(&s->view) * sheaf_dtype_size(dtype);
    s->memory = pool_get(s->bytes ? s->bytes : 1);
    if (!s->memory)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for a copy of %zu bytes", op->info.name,
                               s->bytes);
    s->view.data = s->memory;
    return SHEAF_OK;
}

sheaf_status spare_copy(const struct op *op, const sheaf_view *x, const team *t, struct spare *s, sheaf_error *error)
{
    sheaf_status status = spare_new(op, x->dtype, x->ndim, x->shape, s, error);
    if (!status)
        copy_run(x, t, &s->view);
    return status;
}

void spare_free(struct spare *s)
{
    pool_put(s->memory, s->bytes ? s->bytes : 1);
    s->memory = NULL;
}

sheaf_status op_elements(const struct op *op, const sheaf_view *x, int64_t *n, sheaf_error *error)
{
    *n = 1;
    for (int i = 0; i < x->ndim; i++)
        if (x->shape[i] == 0) {
            *n = 0;
            return SHEAF_OK;
        }
    for (int i = 0; i < x->ndim; i++)
        if (__builtin_mul_overflow(*n, x->shape[i], n)) {
            char text[SHAPE_TEXT];
            return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: x of shape %s has more elements than can be counted",
                                   op->info.name, shape_text(x->ndim, x->shape, text));
        }
    return SHEAF_OK;
}

sheaf_status flat_view(const struct op *op, const sheaf_view *x, const team *t, struct spare *s, sheaf_view *flat,
                       sheaf_error *error)
{
    const int64_t n = sheaf_view_size(x);
    s->memory = NULL;
    if (sheaf_view_reshape(x, 1, &n, flat, NULL) == SHEAF_OK)
        return SHEAF_OK;
    sheaf_status status = spare_copy(op, x, t, s, error);
    return status ? status : sheaf_view_reshape(&s->view, 1, &n, flat, error);
}

/* ---- views ---- */

static sheaf_status refuse(const struct op *op, const sheaf_view *x, const char *why, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    return sheaf_error_set(error, SHEAF_INVALID, "%s: %s (x has shape %s)", op->info.name, why,
                           shape_text(x->ndim, x->shape, text));
}

/* x as a stack of its equal parts. */
static sheaf_status view_parts(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                               sheaf_error *error)
{
    char text[SHAPE_TEXT];
    if (x->ndim == 0 || x->ndim == SHEAF_MAX_NDIM)
        return refuse(op, x, x->ndim ? "there are too many dimensions for one more" : "a scalar has no axis", error);
    int axis = o->naxes ? op_axis(x, o) : 0;
    int64_t n = o->sections;
    if (n < 1 || x->shape[axis] % n != 0)
        return sheaf_error_set(error, n < 1 ? SHEAF_INVALID : SHEAF_SHAPE,
                               "%s: axis %d of x, of shape %s, cannot be cut into %lld equal sections", op->info.name,
                               axis, shape_text(x->ndim, x->shape, text), (long long)n);
    int64_t length = x->shape[axis] / n, stride = x->strides[axis];
    view_assign(out, x);
    out->ndim = x->ndim + 1;
    for (int i = x->ndim; i > 0; i--) {
        out->shape[i] = i - 1 == axis ? length : x->shape[i - 1];
        out->strides[i] = x->strides[i - 1];
    }
    out->shape[0] = n;
    out->strides[0] = stride * length;
    return SHEAF_OK;
}

/* The shape that reshape or ravel gives. */
static sheaf_status shape_of(const struct op *op, const sheaf_view *x, const sheaf_options *o, int *ndim,
                             int64_t *shape, sheaf_error *error)
{
    const int64_t flat = -1;
    int64_t elements;
    sheaf_status status = op_elements(op, x, &elements, error);
    if (status)
        return status;
    if (op->kernel == V_ravel) {
        *ndim = 1;
        shape[0] = elements;
        return SHEAF_OK;
    }
    *ndim = o->nshape;
    return view_resolve_shape(x, o->nshape, o->nshape ? o->shape : &flat, shape, error);
}

/* *is_view false: no view shows x so; out has the shape only. */
static sheaf_status see(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                        bool *is_view, sheaf_error *error)
{
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    sheaf_status status = SHEAF_OK;
    *is_view = true;
    if (op->kernel != V_moveaxis) /* which says more itself */
        status = op_check_axes(op, x, o, op->kernel >= V_reshape ? op->kernel == V_split : SHEAF_MAX_NDIM, error);
    if (status)
        return status;
    switch (op->kernel) {
    case V_transpose:
        if (o->naxes && o->naxes != x->ndim)
            return refuse(op, x, "give every axis once, or none", error);
        return sheaf_view_transpose(x, o->naxes ? o->axes : NULL, out, error);
    case V_moveaxis:
        if (o->naxes != o->ndestination)
            return refuse(op, x, "give as many destinations as axes", error);
        return sheaf_view_moveaxis(x, o->naxes, o->axes, o->destination, out, error);
    case V_squeeze:
        return sheaf_view_squeeze(x, o->naxes, o->axes, out, error);
    case V_flip:
        return sheaf_view_flip(x, o->naxes, o->axes, out, error);
    case V_split:
        return view_parts(op, x, o, out, error);
    default:
        if ((status = shape_of(op, x, o, &ndim, shape, error)))
            return status;
        *is_view = sheaf_view_reshape(x, ndim, shape, out, NULL) == SHEAF_OK;
        return *is_view ? SHEAF_OK : sheaf_view_init(out, NULL, x->dtype, ndim, shape, error);
    }
}

bool op_view(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *out)
{
    bool is_view;
    return op->class == CLASS_VIEW && see(op, x, options_or_default(options), out, &is_view, NULL) == SHEAF_OK &&
           is_view;
}

sheaf_status view_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error)
{
    sheaf_view seen;
    bool is_view;
    sheaf_status status = see(op, in, o, &seen, &is_view, error);
    return status ? status : sheaf_view_init(out, NULL, in->dtype, seen.ndim, seen.shape, error);
}

sheaf_status copy_flat(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                       sheaf_error *error)
{
    sheaf_view seen;
    if (sheaf_view_reshape(in, out->ndim, out->shape, &seen, NULL) == SHEAF_OK) {
        copy_run(&seen, t, out);
        return SHEAF_OK;
    }
    if (sheaf_view_reshape(out, in->ndim, in->shape, &seen, NULL) == SHEAF_OK) {
        copy_run(in, t, &seen);
        return SHEAF_OK;
    }
    struct spare flat;
    sheaf_status status = spare_copy(op, in, t, &flat, error);
    if (status)
        return status;
    status = sheaf_view_reshape(&flat.view, out->ndim, out->shape, &seen, error);
    if (!status)
        copy_run(&seen, t, out);
    spare_free(&flat);
    return status;
}

sheaf_status view_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    sheaf_view seen;
    bool is_view;
    sheaf_status status = see(op, in, o, &seen, &is_view, error);
    if (status)
        return status;
    if (!is_view)
        return copy_flat(op, in, t, out, error);
    copy_run(&seen, t, out);
    return SHEAF_OK;
}
