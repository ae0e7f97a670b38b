/* Dimensions by name. Those of an array are one text, each name with a line end behind it; NULL: they are not known. */

#include "lang/compiled.h"
#include <string.h>

/* The d-th name, of *n bytes. */
static const char *name_at(const char *dims, int d, size_t *n)
{
    for (; d > 0; d--)
        dims += strcspn(dims, "\n") + 1;
    *n = strcspn(dims, "\n");
    return dims;
}

/* Those that a reduction leaves. */
static const char *left(struct binder *b, const struct call *call, const sheaf_view *x, const char *dims)
{
    const sheaf_options *options = options_or_default(call->options);
    bool along[SHEAF_MAX_NDIM];
    char *text = bind_alloc(b, strlen(dims) + 1), *at = text;
    op_axes(call->op, x, options, along);
    for (int d = 0; d < x->ndim && text; d++) {
        size_t n;
        const char *name = name_at(dims, d, &n);
        if (!along[d] || options->keepdims) {
            memcpy(at, name, n + 1);
            at += n + 1;
        }
    }
    return text;
}

const char *dims_of_call(struct binder *b, const struct call *call, int nin, const int *in, const sheaf_view *out)
{
    const struct value *values = b->c->values;
    if (call->op->class == CLASS_REDUCE)
        return values[in[0]].dims ? left(b, call, &values[in[0]].view, values[in[0]].dims) : NULL;
    for (int k = 0; k < nin && op_is_elementwise(call->op); k++)
        if (values[in[k]].dims && values[in[k]].view.ndim == out->ndim)
            return values[in[k]].dims;
    return NULL;
}

bool dims_find(struct binder *b, const struct call *call, const struct node *n, int *axis)
{
    const char *dims = call->x >= 0 ? b->c->values[call->x].dims : NULL;
    const size_t length = (size_t)n->here.length;
    if (!dims)
        return bind_refuse(b, n->whole, SHEAF_INVALID,
                           "this array's dimensions have no known names: the input's have, where its file names them, "
                           "and elementwise work and reductions keep them; give a number");
    const int ndim = b->c->values[call->x].view.ndim;
    for (int d = 0; d < ndim; d++) {
        size_t m;
        const char *name = name_at(dims, d, &m);
        *axis = d;
        if (m == length && memcmp(name, b->tree->text + n->here.at, m) == 0)
            return true;
    }
    char list[160];
    size_t at = 0;
    for (const char *c = dims; *c && at < sizeof list - 3; c++) {
        if (*c != '\n')
            list[at++] = *c;
        else if (c[1]) {
            list[at++] = ',';
            list[at++] = ' ';
        }
    }
    list[at] = '\0';
    return bind_refuse(b, n->whole, SHEAF_INVALID, "there is no dimension of this name: this array has %s", list);
}
