/* From trees to instructions: what each node is, for inputs of these dtypes and shapes. */

#include "lang/compiled.h"
#include <math.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *bind_alloc(struct binder *b, size_t size)
{
    void *p = b->status ? NULL : arena_alloc(&b->c->arena, size ? size : 1, alignof(max_align_t));
    if (p)
        memset(p, 0, size);
    else if (!b->status)
        b->status = sheaf_error_set(b->error, SHEAF_NO_MEMORY, "no memory for the program");
    return p;
}

bool bind_refuse(struct binder *b, struct span here, sheaf_status status, const char *format, ...)
{
    char message[400];
    va_list list;
    if (b->status)
        return false;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    b->status = tree_refuse(b->tree, here, status, b->error, "%s", message);
    return false;
}

/* ---- literals as arrays ---- */

static sheaf_dtype weak_dtype(const struct weak *w)
{
    return w->kind == WEAK_BOOL    ? SHEAF_BOOL
           : w->kind == WEAK_INT   ? SHEAF_I64
           : w->kind == WEAK_FLOAT ? SHEAF_F64
                                   : SHEAF_C128;
}

/* NumPy's rule: the dtype of a literal beside arrays that promote to `other`. */
static sheaf_dtype weak_beside(const struct weak *w, sheaf_dtype other)
{
    const char kind = dtype_kind(other);
    if (w->kind == WEAK_BOOL)
        return SHEAF_BOOL;
    if (kind == 'b' || (w->kind >= WEAK_FLOAT && (kind == 'i' || kind == 'u')))
        return weak_dtype(w);
    if (other == SHEAF_F16) /* which is computed in float32 */
        other = SHEAF_F32;
    if (w->kind == WEAK_COMPLEX && kind == 'f')
        return other == SHEAF_F32 ? SHEAF_C64 : SHEAF_C128;
    return other;
}

static bool fits(wide_int value, sheaf_dtype dtype)
{
    const int bits = 8 * (int)sheaf_dtype_size(dtype);
    if (dtype_kind(dtype) == 'u')
        return value >= 0 && value < (wide_int)1 << bits;
    return dtype_kind(dtype) != 'i' || (value >= -((wide_int)1 << (bits - 1)) && value < (wide_int)1 << (bits - 1));
}

/* Write it as an element of this dtype. */
static bool weak_store(struct binder *b, const struct weak *w, sheaf_dtype dtype, struct span here, void *to)
{
    const char kind = dtype_kind(dtype);
    if (kind == 'b') {
        *(uint8_t *)to = w->kind <= WEAK_INT ? w->integer != 0 : w->re != 0 || w->im != 0;
        return true;
    }
    if (kind == 'i' || kind == 'u') {
        if (!fits(w->integer, dtype))
            return bind_refuse(b, here, SHEAF_OVERFLOW, "%.0f is out of range for %s", (double)w->integer,
                               sheaf_dtype_name(dtype));
        const uint64_t bits = (uint64_t)w->integer;
        memcpy(to, &bits, sheaf_dtype_size(dtype)); /* little endian */
        return true;
    }
    const double pair[2] = {weak_double(w), w->kind == WEAK_COMPLEX ? w->im : 0};
    const float single[2] = {(float)pair[0], (float)pair[1]};
    const bool wide = dtype == SHEAF_F64 || dtype == SHEAF_C128;
    memcpy(to, wide ? (const void *)pair : (const void *)single, sheaf_dtype_size(dtype));
    return true;
}

static bool weak_value(struct binder *b, const struct weak *w, sheaf_dtype dtype, struct span here, int *value)
{
    sheaf_view v;
    char *data = bind_alloc(b, 16);
    if (dtype == SHEAF_DTYPE_COUNT)
        dtype = weak_dtype(w);
    if (!data || !weak_store(b, w, dtype, here, data))
        return false;
    sheaf_view_init(&v, data, dtype, 0, NULL, NULL);
    return emit_constant(b, &v, value);
}

/* ---- lists ---- */

/* The shape of nested lists, and the dtype of their numbers. */
static bool list_shape(struct binder *b, const struct node *n, int depth, int *ndim, int64_t *shape,
                       enum weak_kind *kind)
{
    struct bound x;
    if (n->kind != NODE_LIST) {
        if (depth != *ndim && *ndim >= 0)
            return bind_refuse(b, n->whole, SHEAF_SHAPE, "the lists are not all as deep");
        *ndim = depth;
        if (!bind_node(b, n, &x))
            return false;
        if (x.kind != BOUND_WEAK)
            return bind_refuse(b, n->whole, SHEAF_INVALID,
                               "a list's elements are numbers that are known before data is read");
        *kind = x.weak.kind > *kind ? x.weak.kind : *kind;
        return true;
    }
    int64_t count = 0;
    for (const struct node *item = n->first; item; item = item->next)
        count++;
    if (depth >= 8)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "the list is nested too deep");
    if (shape[depth] >= 0 && shape[depth] != count)
        return bind_refuse(b, n->whole, SHEAF_SHAPE, "the lists are not all as long");
    shape[depth] = count;
    if (count == 0)
        *ndim = depth + 1;
    for (const struct node *item = n->first; item; item = item->next)
        if (!list_shape(b, item, depth + 1, ndim, shape, kind))
            return false;
    return true;
}

static bool list_store(struct binder *b, const struct node *n, sheaf_dtype dtype, char **to)
{
    struct bound x;
    if (n->kind != NODE_LIST) {
        if (!bind_node(b, n, &x) || !weak_store(b, &x.weak, dtype, n->whole, *to))
            return false;
        *to += sheaf_dtype_size(dtype);
        return true;
    }
    for (const struct node *item = n->first; item; item = item->next)
        if (!list_store(b, item, dtype, to))
            return false;
    return true;
}

static bool list_value(struct binder *b, const struct node *n, sheaf_dtype dtype, int *value)
{
    int64_t shape[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
    enum weak_kind kind = WEAK_BOOL;
    int ndim = -1;
    sheaf_view v;
    if (!list_shape(b, n, 0, &ndim, shape, &kind))
        return false;
    const struct weak like = {.kind = n->first ? kind : WEAK_FLOAT};
    sheaf_view_init(&v, NULL, dtype == SHEAF_DTYPE_COUNT ? weak_dtype(&like) : dtype, ndim, shape, NULL);
    char *data = bind_alloc(b, (size_t)sheaf_view_size(&v) * sheaf_dtype_size(v.dtype)), *to = data;
    if (!data || !list_store(b, n, v.dtype, &to))
        return false;
    v.data = data;
    return emit_constant(b, &v, value);
}

/* Of literals that were computed: x.shape. */
static bool items_value(struct binder *b, const struct bound *x, int *value)
{
    sheaf_view v;
    const int64_t n = x->n;
    int64_t *data = bind_alloc(b, (size_t)n * sizeof *data);
    if (!data)
        return false;
    for (int i = 0; i < x->n; i++)
        data[i] = (int64_t)x->items[i].weak.integer;
    sheaf_view_init(&v, data, SHEAF_I64, 1, &n, NULL);
    return emit_constant(b, &v, value);
}

bool bind_value(struct binder *b, const struct bound *x, sheaf_dtype dtype, const struct node *n, int *value)
{
    switch (x->kind) {
    case BOUND_VALUES:
        if (x->n != 1)
            return bind_refuse(b, n->whole, SHEAF_INVALID, "this has %d parts: choose one by its name or number", x->n);
        *value = x->first;
        return true;
    case BOUND_WEAK:
        return weak_value(b, &x->weak, dtype, n->whole, value);
    case BOUND_LIST:
        return x->items ? items_value(b, x, value) : list_value(b, x->node, dtype, value);
    default:
        return bind_refuse(b, n->whole, SHEAF_INVALID, "expected an array");
    }
}

/* ---- calls ---- */

/* The dtype to which the literals among the inputs give way; SHEAF_DTYPE_COUNT: there is none. */
static sheaf_dtype strong_dtype(const struct binder *b, const struct op *op, int nin, const struct bound *in)
{
    sheaf_dtype dtype = SHEAF_DTYPE_COUNT;
    for (int k = op->rule == RULE_WHERE; k < nin; k++)
        if (in[k].kind == BOUND_VALUES) {
            const sheaf_dtype d = b->c->values[in[k].first].view.dtype;
            dtype = dtype == SHEAF_DTYPE_COUNT ? d : sheaf_dtype_promote(dtype, d);
        }
    return dtype;
}

/* Of literals alone: the widest of them. */
static const struct weak *widest(int nin, const struct bound *in, bool where)
{
    const struct weak *w = NULL;
    for (int k = where; k < nin; k++)
        if (in[k].kind == BOUND_WEAK && (!w || in[k].weak.kind > w->kind))
            w = &in[k].weak;
    return w;
}

/* An integer that its neighbours' dtype cannot hold, where the work is done in another. */
static sheaf_dtype weak_where_computed(const struct op *op, sheaf_dtype dtype)
{
    const sheaf_dtype work = op_work_dtype(op->rule, dtype);
    return op->rule == RULE_LOGIC ? SHEAF_BOOL : dtype_kind(work) == 'f' ? work : dtype;
}

/* To compare with a number beyond all of a dtype's is to compare with an infinity. */
static struct weak beyond(const struct weak *w)
{
    return (struct weak){.kind = WEAK_FLOAT, .re = w->integer < 0 ? -INFINITY : INFINITY};
}

/* The dtypes that literals among an elementwise function's inputs take. */
static void weak_dtypes(const struct binder *b, const struct op *op, int nin, struct bound *in, sheaf_dtype *dtypes)
{
    const bool where = op->rule == RULE_WHERE;
    sheaf_dtype strong = strong_dtype(b, op, nin, in);
    const struct weak *wide = widest(nin, in, where);
    for (int k = 0; k < nin; k++) {
        dtypes[k] = SHEAF_DTYPE_COUNT;
        if (in[k].kind != BOUND_WEAK || (where && k == 0))
            continue;
        dtypes[k] = strong == SHEAF_DTYPE_COUNT ? weak_dtype(wide) : weak_beside(&in[k].weak, strong);
        if (in[k].weak.kind != WEAK_INT || fits(in[k].weak.integer, dtypes[k]))
            continue;
        const bool compares = op->class == CLASS_BINARY && op->rule == RULE_TRUTH;
        dtypes[k] = compares ? SHEAF_F64 : weak_where_computed(op, dtypes[k]);
        if (compares)
            in[k].weak = beyond(&in[k].weak);
    }
}

/* x ** 2, ** 0.5, ** -1: what NumPy makes of them. */
static const struct op *reduced_power(const struct binder *b, const struct bound *in)
{
    if (in[0].kind != BOUND_VALUES || in[0].n != 1 || in[1].kind != BOUND_WEAK || !weak_is_real(&in[1].weak) ||
        in[1].weak.kind == WEAK_BOOL)
        return NULL;
    const char kind = dtype_kind(b->c->values[in[0].first].view.dtype);
    const double y = weak_double(&in[1].weak);
    const bool whole = in[1].weak.kind == WEAK_INT, is_float = kind == 'f' || kind == 'c';
    if (y == 2 && (is_float || (whole && kind != 'b')))
        return &op_table[OP_square];
    if (!is_float)
        return NULL;
    return y == 0.5 ? &op_table[OP_sqrt] : y == -1 ? &op_table[OP_reciprocal] : NULL;
}

/* The catalogue compares arrays only. */
static bool integer_power(struct binder *b, const struct node *n, const struct bound *in)
{
    if (in[0].kind == BOUND_VALUES && in[1].kind == BOUND_WEAK && in[1].weak.kind == WEAK_INT &&
        in[1].weak.integer < 0 && strchr("iub", dtype_kind(b->c->values[in[0].first].view.dtype)))
        return bind_refuse(b, n->here, SHEAF_INVALID,
                           "integers have no negative integer powers: write float64(…) ** %lld",
                           (long long)in[1].weak.integer);
    return true;
}

static bool fold_operator(struct binder *b, const struct node *n, int nin, const struct bound *in, struct bound *out)
{
    const char *why;
    struct weak w[2] = {in[0].weak, in[nin - 1].weak};
    *out = (struct bound){.kind = BOUND_WEAK};
    return weak_operate(n->op->info.name, nin, w, &out->weak, &why) ||
           bind_refuse(b, n->here, SHEAF_INVALID, "%s", why);
}

static int count_children(const struct node *n)
{
    int count = 0;
    for (const struct node *c = n->first; c; c = c->next)
        count++;
    return count;
}

/* The arguments that are inputs, in their order; *from: the first behind them. */
static bool bind_inputs(struct binder *b, const struct node *n, struct bound *in, const struct node **nodes,
                        const struct node **from)
{
    const struct node *a = n->first;
    int nin = 0;
    for (; a && nin < n->op->info.nin; a = a->next, nin++) {
        if (a->keyword.length && !names_input(b->tree, n->op, nin, a->keyword))
            break;
        nodes[nin] = a;
        if (!bind_node(b, a, &in[nin]))
            return false;
    }
    *from = a;
    return true;
}

/* full(shape, value): the shape comes first, as in NumPy. */
static bool bind_full(struct binder *b, const struct node *n, struct bound *out)
{
    struct call call = {n, n->op, NULL, -1, -1, -1};
    struct node shape;
    struct bound x;
    int value;
    if (count_children(n) < 2 || n->first->keyword.length || n->first->next->keyword.length)
        return bind_refuse(b, n->here, SHEAF_INVALID, "full takes a shape and a value: full((2, 3), 0.5)");
    shape = *n->first;
    shape.next = n->first->next->next;
    *out = (struct bound){.kind = BOUND_VALUES, .n = 1};
    return bind_node(b, n->first->next, &x) && bind_value(b, &x, SHEAF_DTYPE_COUNT, n->first->next, &value) &&
           bind_options(b, &call, &shape) && emit_call(b, &call, 1, &value, &out->first);
}

/* concat and stack: a list of arrays. */
static bool bind_many(struct binder *b, const struct node *n, struct bound *out)
{
    struct call call = {n, n->op, NULL, -1, -1, -1};
    const struct node *list = n->first;
    struct bound x;
    const int nin = count_children(list);
    int *in = bind_alloc(b, (size_t)nin * sizeof *in), k = 0;
    for (const struct node *item = list->first; item && in; item = item->next)
        if (!bind_node(b, item, &x) || !bind_value(b, &x, SHEAF_DTYPE_COUNT, item, &in[k++]))
            return false;
    *out = (struct bound){.kind = BOUND_VALUES, .n = n->op->info.nout};
    call.x = in && nin ? in[0] : -1;
    return in && bind_options(b, &call, list->next) && emit_call(b, &call, nin, in, &out->first);
}

/* Whole numbers where NumPy's arange gives int64. */
static void arange_dtype(struct binder *b, struct call *call, const struct node *n)
{
    struct bound x;
    bool whole = call->options->dtype == SHEAF_DTYPE_COUNT;
    for (const struct node *a = n->first; a && whole; a = a->next)
        whole = bind_node(b, a, &x) && x.kind == BOUND_WEAK && x.weak.kind <= WEAK_INT;
    if (whole)
        call->options->dtype = SHEAF_I64;
}

static bool bind_call(struct binder *b, const struct node *n, struct bound *out)
{
    struct call call = {n, n->op, NULL, -1, -1, -1};
    struct bound in[SHEAF_MAX_INPUTS];
    const struct node *nodes[SHEAF_MAX_INPUTS], *from;
    sheaf_dtype dtypes[SHEAF_MAX_INPUTS] = {SHEAF_DTYPE_COUNT, SHEAF_DTYPE_COUNT, SHEAF_DTYPE_COUNT};
    int values[SHEAF_MAX_INPUTS], nin = n->op->info.nin;
    if (nin == MANY)
        return bind_many(b, n, out);
    if (n->op == &op_table[OP_full])
        return bind_full(b, n, out);
    if (!bind_inputs(b, n, in, nodes, &from))
        return false;
    bool literals = n->infix;
    for (int k = 0; k < nin; k++)
        literals = literals && in[k].kind == BOUND_WEAK;
    if (literals)
        return fold_operator(b, n, nin, in, out);
    if (n->op == &op_table[OP_pow]) {
        const struct op *better = reduced_power(b, in);
        call.op = better ? better : n->op;
        nin = better ? 1 : nin;
        if (!better && !integer_power(b, n, in))
            return false;
    }
    if (op_is_elementwise(call.op))
        weak_dtypes(b, call.op, nin, in, dtypes);
    for (int k = 0; k < nin; k++)
        if (!bind_value(b, &in[k], dtypes[k], nodes[k], &values[k]))
            return false;
    *out = (struct bound){.kind = BOUND_VALUES, .n = call.op->info.nout};
    call.x = nin ? values[0] : -1;
    if (!bind_options(b, &call, from))
        return false;
    if (call.op == &op_table[OP_arange])
        arange_dtype(b, &call, n);
    return emit_call(b, &call, nin, values, &out->first);
}

static bool bind_foreign(struct binder *b, const struct node *n, struct bound *out)
{
    struct bound x;
    int value;
    *out = (struct bound){.kind = BOUND_VALUES, .n = 1};
    return bind_node(b, n->first, &x) && bind_value(b, &x, SHEAF_DTYPE_COUNT, n->first, &value) &&
           emit_foreign(b, &b->tree->foreign[n->variable], value, n->here, &out->first);
}

/* Nodes that make instructions, once: what looks at one twice must not pay for all that is below it twice. */
static bool bind_once(struct binder *b, const struct node *n, struct bound *out)
{
    const struct bound **seen = &b->seen[n->id];
    if (!*seen) {
        struct bound *made = bind_alloc(b, sizeof *made);
        if (!made || !(n->kind == NODE_CALL      ? bind_call(b, n, made)
                       : n->kind == NODE_FOREIGN ? bind_foreign(b, n, made)
                       : n->kind == NODE_INDEX   ? bind_index(b, n, made)
                                                 : bind_attribute(b, n, made)))
            return false;
        *seen = made;
    }
    *out = **seen;
    return true;
}

bool bind_node(struct binder *b, const struct node *n, struct bound *out)
{
    *out = (struct bound){.kind = BOUND_WORD, .node = n};
    if (b->status)
        return false;
    switch (n->kind) {
    case NODE_NUMBER:
        out->kind = BOUND_WEAK;
        out->weak = n->number;
        return true;
    case NODE_LIST:
        out->kind = BOUND_LIST;
        return true;
    case NODE_ARRAY:
        *out = (struct bound){.kind = BOUND_VALUES, .first = n->variable, .n = 1};
        return true;
    case NODE_COUNT:
        *out = (struct bound){.kind = BOUND_VALUES, .first = b->c->nin, .n = 1};
        return true;
    case NODE_VARIABLE:
        *out = b->variables[n->variable];
        return true;
    case NODE_CALL:
    case NODE_FOREIGN:
    case NODE_INDEX:
    case NODE_ATTRIBUTE:
        return bind_once(b, n, out);
    default:
        return true;
    }
}
