/* x[…] and x.attribute. */

#include "lang/compiled.h"
#include <string.h>

sheaf_status slice_view(const sheaf_view *x, int n, const struct index *indices, sheaf_view *out, sheaf_error *error)
{
    int axis = 0, ndim = 0;
    out->data = x->data;
    out->dtype = x->dtype;
    for (int i = 0; i < n; i++) {
        const struct index *at = &indices[i];
        sheaf_view one;
        sheaf_status status = SHEAF_OK;
        if (ndim == SHEAF_MAX_NDIM)
            return sheaf_error_set(error, SHEAF_INVALID, "the result has more than %d dimensions", SHEAF_MAX_NDIM);
        if (at->kind == INDEX_NEW) {
            out->shape[ndim] = 1;
            out->strides[ndim++] = 0;
            continue;
        }
        /* One axis at a time. */
        sheaf_view_init(&one, out->data, x->dtype, 1, &x->shape[axis], NULL);
        one.strides[0] = x->strides[axis++];
        if (at->kind == INDEX_RANGE)
            status = sheaf_view_slice(&one, 0, at->start, at->stop, at->step, &one, error);
        else if (at->kind == INDEX_AT)
            status = sheaf_view_index(&one, 0, at->start, &one, error);
        if (status)
            return status;
        out->data = one.data;
        if (at->kind == INDEX_AT)
            continue;
        out->shape[ndim] = one.shape[0];
        out->strides[ndim++] = one.strides[0];
    }
    out->ndim = ndim;
    return SHEAF_OK;
}

/* ---- what the indices are ---- */

struct indexing {
    struct index items[2 * SHEAF_MAX_NDIM];
    int n, axes; /* axes of x they speak of */
    int axis;    /* where the array among them stands, in the slice; -1: none */
    int array;   /* its value */
    const struct node *node;
};

static bool range_of(struct binder *b, const struct node *n, struct index *at)
{
    const struct node *start = n->first, *stop = start->next, *step = stop->next;
    *at = (struct index){INDEX_RANGE, 0, 0, 1};
    if (step->kind != NODE_ABSENT && step->kind != NODE_NONE && !bind_integer(b, step, "the step", &at->step))
        return false;
    if (at->step == 0)
        return bind_refuse(b, step->whole, SHEAF_INVALID, "the step cannot be 0");
    at->start = at->step > 0 ? 0 : INT64_MAX;
    at->stop = at->step > 0 ? INT64_MAX : INT64_MIN;
    return (start->kind == NODE_ABSENT || start->kind == NODE_NONE ||
            bind_integer(b, start, "the start", &at->start)) &&
           (stop->kind == NODE_ABSENT || stop->kind == NODE_NONE || bind_integer(b, stop, "the end", &at->stop));
}

/* Axes of x that an index speaks of: a mask of several dimensions speaks of as many. */
static bool array_index(struct binder *b, struct indexing *x, const struct node *n, const struct bound *bound)
{
    if (x->axis >= 0)
        return bind_refuse(b, n->whole, SHEAF_UNSUPPORTED,
                           "there can be one array, list or mask among the indices: index twice");
    if (!bind_value(b, bound, SHEAF_DTYPE_COUNT, n, &x->array))
        return false;
    const sheaf_view *v = &b->c->values[x->array].view;
    const char kind = dtype_kind(v->dtype);
    if (kind != 'i' && kind != 'u' && kind != 'b' && sheaf_view_size(v) > 0)
        return bind_refuse(b, n->whole, SHEAF_DTYPE, "indices are integers or a mask, this is %s",
                           sheaf_dtype_name(v->dtype));
    if (kind == 'b' && v->ndim == 0)
        return bind_refuse(b, n->whole, SHEAF_SHAPE, "a mask has the shape of what it is for, this is one truth value");
    x->axis = x->n;
    x->node = n;
    for (int k = 0; k < (kind == 'b' ? v->ndim : 1); k++) {
        x->items[x->n++] = (struct index){INDEX_KEEP, 0, 0, 0};
        x->axes++;
    }
    return true;
}

static bool one_index(struct binder *b, struct indexing *x, const struct node *n)
{
    struct bound bound;
    if (x->n >= SHEAF_MAX_NDIM)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "more than %d indices", SHEAF_MAX_NDIM);
    if (n->kind == NODE_NONE || n->kind == NODE_NEWAXIS) {
        x->items[x->n++] = (struct index){INDEX_NEW, 0, 0, 0};
        return true;
    }
    if (n->kind == NODE_SLICE) {
        x->axes++;
        return range_of(b, n, &x->items[x->n++]);
    }
    if (n->kind == NODE_STRING)
        return bind_refuse(b, n->whole, SHEAF_INVALID,
                           "names are for the parts of files, as in x['name'], with nothing else in the brackets");
    if (!bind_node(b, n, &bound))
        return false;
    if (bound.kind != BOUND_WEAK)
        return array_index(b, x, n, &bound);
    x->axes++;
    x->items[x->n].kind = INDEX_AT;
    return bind_integer(b, n, "an index", &x->items[x->n++].start);
}

/* Axes that indices speak of, before they are looked at; a mask counts as its dimensions. */
static int axes_behind(struct binder *b, const struct node *n)
{
    int axes = 0;
    struct bound bound;
    for (; n; n = n->next) {
        if (n->kind == NODE_NONE || n->kind == NODE_NEWAXIS)
            continue;
        axes++;
        if (n->kind == NODE_SLICE || n->kind == NODE_ELLIPSIS || !bind_node(b, n, &bound) || bound.kind != BOUND_VALUES)
            continue;
        const sheaf_view *v = &b->c->values[bound.first].view;
        axes += v->dtype == SHEAF_BOOL ? v->ndim - 1 : 0;
    }
    return axes;
}

static void keep_axes(struct indexing *x, int count)
{
    for (; count > 0 && x->n < 2 * SHEAF_MAX_NDIM; count--) {
        x->items[x->n++] = (struct index){INDEX_KEEP, 0, 0, 0};
        x->axes++;
    }
}

static bool read_indices(struct binder *b, const struct node *n, int ndim, struct indexing *x)
{
    bool dots = false;
    for (const struct node *i = n; i; i = i->next) {
        if (i->kind == NODE_ELLIPSIS) {
            if (dots)
                return bind_refuse(b, i->whole, SHEAF_INVALID, "there is a \"...\" already");
            dots = true;
            keep_axes(x, ndim - x->axes - axes_behind(b, i->next));
        } else if (!one_index(b, x, i)) {
            return false;
        }
    }
    if (x->axes > ndim)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "too many indices: there are %d, for %d dimension%s", x->axes,
                           ndim, ndim == 1 ? "" : "s");
    keep_axes(x, ndim - x->axes);
    return true;
}

/* Where item `at` of the slice stands among the dimensions of its result. */
static int result_axis(const struct indexing *x, int at)
{
    int axis = 0;
    for (int i = 0; i < at; i++)
        axis += x->items[i].kind != INDEX_AT;
    return axis;
}

static bool all_kept(const struct indexing *x)
{
    for (int i = 0; i < x->n; i++)
        if (x->items[i].kind != INDEX_KEEP)
            return false;
    return true;
}

/* The array among the indices, on the slice by the others: take, or compress for a mask. */
static bool apply_array(struct binder *b, const struct node *n, const struct indexing *x, int sliced, struct bound *out)
{
    const sheaf_view *v = &b->c->values[x->array].view;
    const bool mask = dtype_kind(v->dtype) == 'b';
    const int axis = result_axis(x, x->axis), ndim = b->c->values[sliced].view.ndim;
    struct call call = {n, &op_table[mask ? OP_compress : OP_take], NULL, -1, -1, -1};
    const int in[2] = {mask ? x->array : sliced, mask ? sliced : x->array};
    if (mask && v->ndim > 1 && v->ndim < ndim)
        return bind_refuse(b, x->node->whole, SHEAF_UNSUPPORTED, "a mask is for one axis, or for all %d", ndim);
    if (!mask || (v->ndim == 1 && ndim > 1)) {
        call.options = bind_alloc(b, sizeof *call.options);
        if (!call.options)
            return false;
        sheaf_options_init(call.options);
        call.options->naxes = 1;
        call.options->axes[0] = axis;
    }
    return emit_call(b, &call, 2, in, &out->first);
}

/* A part of a function with several outputs, or of a list of numbers, by its number. */
static bool bind_part(struct binder *b, const struct node *n, const struct bound *x, struct bound *out)
{
    int64_t k;
    const struct node *index = n->first->next;
    if (index->next || index->kind == NODE_SLICE || index->kind == NODE_ELLIPSIS)
        return bind_refuse(b, index->whole, SHEAF_INVALID, "choose one of the %d parts by its number", x->n);
    if (!bind_integer(b, index, "the part's number", &k))
        return false;
    if (k < -x->n || k >= x->n)
        return bind_refuse(b, index->whole, SHEAF_INVALID, "there are %d parts, no number %lld", x->n, (long long)k);
    k += k < 0 ? x->n : 0;
    if (x->kind == BOUND_LIST)
        *out = x->items[k];
    else
        *out = (struct bound){.kind = BOUND_VALUES, .first = x->first + (int)k, .n = 1};
    return true;
}

bool bind_index(struct binder *b, const struct node *n, struct bound *out)
{
    struct bound x;
    struct indexing indexing = {.axis = -1};
    int value;
    if (!bind_node(b, n->first, &x))
        return false;
    if ((x.kind == BOUND_VALUES && x.n > 1) || (x.kind == BOUND_LIST && x.items))
        return bind_part(b, n, &x, out);
    if (!bind_value(b, &x, SHEAF_DTYPE_COUNT, n->first, &value) ||
        !read_indices(b, n->first->next, b->c->values[value].view.ndim, &indexing))
        return false;
    if (!all_kept(&indexing) && !emit_slice(b, value, indexing.n, indexing.items, n->here, &value))
        return false;
    *out = (struct bound){.kind = BOUND_VALUES, .first = value, .n = 1};
    return indexing.axis < 0 || apply_array(b, n, &indexing, value, out);
}

/* ---- attributes ---- */

static bool weak_integer(struct bound *out, int64_t value)
{
    *out = (struct bound){.kind = BOUND_WEAK, .weak = {.kind = WEAK_INT, .integer = value}};
    return true;
}

static bool shape_of(struct binder *b, const struct node *n, int value, struct bound *out)
{
    const struct value *v = &b->c->values[value];
    if (v->varies)
        return bind_refuse(b, n->here, SHEAF_UNSUPPORTED,
                           "the shape depends on the data: .size and count_nonzero tell sizes");
    struct bound *items = bind_alloc(b, sizeof *items * SHEAF_MAX_NDIM);
    if (!items)
        return false;
    for (int i = 0; i < v->view.ndim; i++)
        weak_integer(&items[i], v->view.shape[i]);
    *out = (struct bound){.kind = BOUND_LIST, .n = v->view.ndim, .items = items, .node = n};
    return true;
}

/* .mean of stats(x): the output of that name. */
static bool output_named(struct binder *b, const struct node *n, const struct bound *x, struct bound *out)
{
    const struct instruction *i = &b->c->instructions[b->c->values[x->first].instruction];
    const char *w = i->op ? i->op->info.outputs : "";
    for (int k = 0; k < x->n; k++, w += strspn(w, " ")) {
        const size_t length = strcspn(w, " ");
        if ((size_t)n->here.length == length && memcmp(b->tree->text + n->here.at, w, length) == 0) {
            *out = (struct bound){.kind = BOUND_VALUES, .first = x->first + k, .n = 1};
            return true;
        }
        w += length;
    }
    return bind_refuse(b, n->here, SHEAF_INVALID, "%s has the parts %s", i->op ? i->op->info.name : "this",
                       i->op ? i->op->info.outputs : "");
}

bool bind_attribute(struct binder *b, const struct node *n, struct bound *out)
{
    struct bound x;
    int value;
    if (!bind_node(b, n->first, &x))
        return false;
    if (x.kind == BOUND_VALUES && x.n > 1)
        return output_named(b, n, &x, out);
    if (!bind_value(b, &x, SHEAF_DTYPE_COUNT, n->first, &value))
        return false;
    const struct value *v = &b->c->values[value];
    if (span_is(b->tree, n->here, "ndim"))
        return weak_integer(out, v->view.ndim);
    if (span_is(b->tree, n->here, "shape"))
        return shape_of(b, n, value, out);
    *out = (struct bound){.kind = BOUND_VALUES, .n = 1};
    if (span_is(b->tree, n->here, "size"))
        return v->varies ? emit_size(b, value, n->here, &out->first) : weak_integer(out, sheaf_view_size(&v->view));
    const struct op *op = span_is(b->tree, n->here, "T")      ? &op_table[OP_transpose]
                          : span_is(b->tree, n->here, "real") ? &op_table[OP_real]
                          : span_is(b->tree, n->here, "imag") ? &op_table[OP_imag]
                                                              : NULL;
    if (op)
        return emit_call(b, &(struct call){n, op, NULL, -1, -1, -1}, 1, &value, &out->first);
    return bind_refuse(
        b, n->here, SHEAF_UNKNOWN,
        "\"%.*s\" is no attribute: there are T shape size ndim real imag, and methods, written with brackets",
        n->here.length, b->tree->text + n->here.at);
}
