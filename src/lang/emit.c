/* Instructions: each once, what is known at once computed at once. */

#include "base/alloc.h"
#include "lang/compiled.h"
#include <stdalign.h>
#include <string.h>

#define MOST_FOLDED 65536 /* bytes of a result that is computed while the program is made */

/* ---- tables that grow ---- */

static bool grow(struct binder *b, void **table, int count, int *capacity, size_t size)
{
    if (b->status)
        return false;
    if (count < *capacity)
        return true;
    const int more = *capacity ? *capacity * 2 : 16;
    void *larger = more > 2 * MOST_VALUES ? NULL : mem_realloc(*table, (size_t)more * size);
    if (!larger) {
        b->status = sheaf_error_set(b->error, SHEAF_NO_MEMORY,
                                    more > 2 * MOST_VALUES ? "the program has more than %d steps"
                                                           : "no memory for a program of %d steps",
                                    more);
        return false;
    }
    *table = larger;
    *capacity = more;
    return true;
}

static int add_value(struct binder *b, const sheaf_view *view, bool varies)
{
    struct compiled *c = b->c;
    if (!grow(b, (void **)&c->values, c->nvalues, &b->capacity_values, sizeof *c->values))
        return -1;
    struct value *v = &c->values[c->nvalues];
    view_assign(&v->view, view);
    v->instruction = c->ninstructions - 1;
    v->root = c->nvalues;
    v->varies = varies;
    v->output = -1;
    v->uses = 0;
    v->last = -1;
    v->inside = false;
    v->dims = NULL;
    return c->nvalues++;
}

static struct instruction *add_instruction(struct binder *b, enum instruction_kind kind, struct span here)
{
    struct compiled *c = b->c;
    if (!grow(b, (void **)&c->instructions, c->ninstructions, &b->capacity_instructions, sizeof *c->instructions))
        return NULL;
    struct instruction *i = &c->instructions[c->ninstructions++];
    *i = (struct instruction){.kind = kind, .weights = -1, .edges = -1, .first = c->nvalues, .here = here};
    return i;
}

static const sheaf_view *view_of_value(const struct compiled *c, int value)
{
    return &c->values[value].view;
}

static int *copy_ints(struct binder *b, int n, const int *from)
{
    int *to = bind_alloc(b, (size_t)n * sizeof *to);
    if (to && n > 0)
        memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

/* ---- inputs and constants ---- */

bool compile_inputs(struct binder *b, int nin, const sheaf_view *in, const char *const *dims)
{
    sheaf_view count;
    for (int k = 0; k < nin; k++) {
        sheaf_view bare;
        sheaf_status status = sheaf_view_init(&bare, NULL, in[k].dtype, in[k].ndim, in[k].shape, b->error);
        if (status)
            b->status = status;
        struct instruction *i = add_instruction(b, INSTRUCTION_INPUT, (struct span){0, 0});
        if (!i || add_value(b, &bare, false) < 0)
            return false;
        i->nout = 1;
        b->c->values[k].dims = dims[k];
    }
    sheaf_view_init(&count, NULL, SHEAF_I64, 0, NULL, NULL);
    struct instruction *i = add_instruction(b, INSTRUCTION_COUNT, (struct span){0, 0});
    if (i)
        i->nout = 1;
    return i && add_value(b, &count, false) >= 0;
}

static bool same_constant(const sheaf_view *a, const sheaf_view *b)
{
    return a->dtype == b->dtype && a->ndim == b->ndim &&
           memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0 &&
           memcmp(a->data, b->data, (size_t)sheaf_view_size(a) * sheaf_dtype_size(a->dtype)) == 0;
}

bool emit_constant(struct binder *b, const sheaf_view *view, int *value)
{
    struct compiled *c = b->c;
    for (int k = 0; k < c->ninstructions; k++)
        if (c->instructions[k].kind == INSTRUCTION_CONSTANT &&
            same_constant(&c->values[c->instructions[k].first].view, view)) {
            *value = c->instructions[k].first;
            return true;
        }
    struct instruction *i = add_instruction(b, INSTRUCTION_CONSTANT, (struct span){0, 0});
    if (!i)
        return false;
    i->nout = 1;
    *value = add_value(b, view, false);
    return *value >= 0;
}

static bool is_constant(const struct compiled *c, int value)
{
    return c->instructions[c->values[value].instruction].kind == INSTRUCTION_CONSTANT;
}

/* ---- calls ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_options(const sheaf_options *a, const sheaf_options *b)
{
    sheaf_options x, y;
    memcpy(&x, options_or_default(a), sizeof x);
    memcpy(&y, options_or_default(b), sizeof y);
    const bool same = same_text(x.method, y.method) && same_text(x.mode, y.mode) && same_text(x.side, y.side);
    x.method = x.mode = x.side = y.method = y.mode = y.side = NULL;
    return same && memcmp(&x, &y, sizeof x) == 0;
}

/* An instruction made before that is this call. */
static const struct instruction *made_before(const struct compiled *c, const struct call *call, int nin, const int *in)
{
    for (int k = 0; k < c->ninstructions; k++) {
        const struct instruction *i = &c->instructions[k];
        if (i->kind == INSTRUCTION_CALL && i->op == call->op && i->nin == nin &&
            (nin == 0 || memcmp(i->in, in, (size_t)nin * sizeof *in) == 0) && i->weights == call->weights &&
            i->edges == call->edges && ((!i->options && !call->options) || same_options(i->options, call->options)))
            return i;
    }
    return NULL;
}

/* The error of what lies below, with the place in the text. */
static bool refuse_below(struct binder *b, struct span here, sheaf_status status, const struct op *op,
                         const sheaf_error *below)
{
    const size_t n = op ? strlen(op->info.name) : 0;
    if (op && (strncmp(below->message, op->info.name, n) != 0 || below->message[n] != ':'))
        return bind_refuse(b, here, status, "%s: %s", op->info.name, below->message);
    return bind_refuse(b, here, status, "%s", below->message);
}

/* All inputs are known: so is the result. It becomes constants instead of the instruction. */
static bool fold(struct binder *b, const struct call *call, int nin, const sheaf_view *in, sheaf_view *outs, int *first)
{
    sheaf_error below = {SHEAF_OK, ""};
    const team one = team_one();
    const int nout = call->op->info.nout;
    for (int k = 0; k < nout; k++)
        if (!(outs[k].data = bind_alloc(b, (size_t)sheaf_view_size(&outs[k]) * sheaf_dtype_size(outs[k].dtype) + 1)))
            return false;
    sheaf_status status = op_run(call->op, nin, in, call->options, &one, outs, NULL, &below);
    if (status)
        return refuse_below(b, call->node->here, status, call->op, &below);
    struct instruction *i = add_instruction(b, INSTRUCTION_CONSTANT, call->node->here);
    if (!i)
        return false;
    i->op = call->op;
    i->nout = nout;
    *first = i->first;
    for (int k = 0; k < nout; k++)
        if (add_value(b, &outs[k], false) < 0)
            return false;
    return true;
}

static bool is_foldable(const struct compiled *c, const struct call *call, int nin, const int *in,
                        const sheaf_view *outs)
{
    uint64_t bytes = 0;
    if (op_varies(call->op) || call->weights >= 0 || call->edges >= 0)
        return false;
    for (int k = 0; k < nin; k++)
        if (!is_constant(c, in[k]))
            return false;
    for (int k = 0; k < call->op->info.nout; k++)
        bytes += (uint64_t)sheaf_view_size(&outs[k]) * sheaf_dtype_size(outs[k].dtype);
    return bytes <= MOST_FOLDED;
}

/* Whether the result may show its input's memory. */
static bool shows_input(const struct op *op)
{
    return op->class == CLASS_VIEW;
}

/* Whether one result is made of all there is, however much that is. */
static bool takes_all(const struct call *call, const sheaf_view *x, const sheaf_view *out)
{
    bool along[SHEAF_MAX_NDIM];
    if (out->ndim == 0)
        return true;
    if (call->op->class != CLASS_REDUCE)
        return false;
    op_axes(call->op, x, options_or_default(call->options), along);
    for (int i = 0; i < x->ndim; i++)
        if (!along[i])
            return false;
    return true;
}

static bool add_call(struct binder *b, const struct call *call, int nin, const int *in, const sheaf_view *outs,
                     int *first)
{
    struct compiled *c = b->c;
    bool varies = op_varies(call->op);
    int *ids = copy_ints(b, nin, in);
    for (int k = 0; k < nin; k++)
        varies = varies || c->values[in[k]].varies;
    struct instruction *i = ids ? add_instruction(b, INSTRUCTION_CALL, call->node->here) : NULL;
    if (!i)
        return false;
    i->op = call->op;
    i->options = call->options;
    i->weights = call->weights;
    i->edges = call->edges;
    i->nin = nin;
    i->in = ids;
    i->nout = call->op->info.nout;
    i->late = varies;
    *first = i->first;
    const char *dims = dims_of_call(b, call, nin, in, &outs[0]);
    if (varies && !op_varies(call->op) && takes_all(call, view_of_value(c, in[0]), &outs[0]))
        varies = false;
    for (int k = 0; k < call->op->info.nout; k++) {
        const int v = add_value(b, &outs[k], varies);
        if (v < 0)
            return false;
        c->values[v].dims = dims;
        if (shows_input(call->op))
            c->values[v].root = c->values[in[0]].root;
    }
    return true;
}

/* Dimension d from the last one, or 1. */
static int64_t extent(const sheaf_view *v, int d)
{
    return d < v->ndim ? v->shape[v->ndim - 1 - d] : 1;
}

/* Inputs whose shapes only running tells, as large as they must be to fit the others: those whose shapes are known, or
 * else the largest. */
static void let_fit(const struct compiled *c, int nin, const int *in, sheaf_view *views)
{
    for (int d = 0; d < SHEAF_MAX_NDIM; d++) {
        int64_t known = 1, largest = 1;
        for (int k = 0; k < nin; k++) {
            int64_t *most = c->values[in[k]].varies ? &largest : &known;
            *most = extent(&views[k], d) > *most ? extent(&views[k], d) : *most;
        }
        for (int k = 0; k < nin; k++)
            if (c->values[in[k]].varies && d < views[k].ndim)
                views[k].shape[views[k].ndim - 1 - d] = known > 1 ? known : largest;
    }
}

/* Elementwise work on shapes that are not known yet may prove possible. */
static sheaf_status infer(const struct compiled *c, const struct call *call, int nin, const int *in, sheaf_view *views,
                          sheaf_view *outs, sheaf_error *below)
{
    const sheaf_status status = op_infer(call->op, nin, views, call->options, outs, below);
    bool varies = false;
    for (int k = 0; k < nin; k++)
        varies = varies || c->values[in[k]].varies;
    if (status != SHEAF_SHAPE || !varies || !op_is_elementwise(call->op))
        return status;
    let_fit(c, nin, in, views);
    return op_infer(call->op, nin, views, call->options, outs, below);
}

bool emit_call(struct binder *b, const struct call *call, int nin, const int *in, int *first)
{
    struct compiled *c = b->c;
    sheaf_view few[SHEAF_MAX_INPUTS], *views = few, outs[5];
    sheaf_error below = {SHEAF_OK, ""};
    if (b->status)
        return false;
    const struct instruction *before = made_before(c, call, nin, in);
    if (before) {
        *first = before->first;
        return true;
    }
    if (nin > SHEAF_MAX_INPUTS && !(views = bind_alloc(b, (size_t)nin * sizeof *views)))
        return false;
    for (int k = 0; k < nin; k++)
        view_assign(&views[k], &c->values[in[k]].view);
    if (call->weights >= 0)
        call->options->weights = &c->values[call->weights].view;
    if (call->edges >= 0)
        call->options->edges = &c->values[call->edges].view;
    sheaf_status status = infer(c, call, nin, in, views, outs, &below);
    if (call->options)
        call->options->weights = call->options->edges = NULL;
    if (status)
        return refuse_below(b, call->node->here, status, call->op, &below);
    if (call->op == &op_table[OP_bincount]) /* any length: that of x stands for it */
        outs[0].shape[0] =
            sheaf_view_size(&views[0]) > outs[0].shape[0] ? sheaf_view_size(&views[0]) : outs[0].shape[0];
    if (is_foldable(c, call, nin, in, outs))
        return fold(b, call, nin, views, outs, first);
    return add_call(b, call, nin, in, outs, first);
}

/* ---- slices and sizes ---- */

static bool emit_constant_copy(struct binder *b, const sheaf_view *seen, int *value)
{
    sheaf_view copy;
    char *data = bind_alloc(b, (size_t)sheaf_view_size(seen) * sheaf_dtype_size(seen->dtype));
    sheaf_view_init(&copy, data, seen->dtype, seen->ndim, seen->shape, NULL);
    if (data)
        sheaf_view_copy(seen, &copy, NULL);
    return data && emit_constant(b, &copy, value);
}

bool emit_slice(struct binder *b, int x, int n, const struct index *indices, struct span here, int *value)
{
    struct compiled *c = b->c;
    sheaf_view seen, bare;
    sheaf_error below = {SHEAF_OK, ""};
    if (b->status)
        return false;
    for (int k = 0; k < c->ninstructions; k++) {
        const struct instruction *i = &c->instructions[k];
        if (i->kind == INSTRUCTION_SLICE && i->in[0] == x && i->nindices == n &&
            memcmp(i->indices, indices, (size_t)n * sizeof *indices) == 0) {
            *value = i->first;
            return true;
        }
    }
    sheaf_status status = slice_view(&c->values[x].view, n, indices, &seen, &below);
    if (status)
        return refuse_below(b, here, status, NULL, &below);
    if (is_constant(c, x))
        return emit_constant_copy(b, &seen, value);
    sheaf_view_init(&bare, NULL, seen.dtype, seen.ndim, seen.shape, NULL);
    struct index *kept = bind_alloc(b, (size_t)n * sizeof *kept);
    int *in = copy_ints(b, 1, &x);
    struct instruction *i = kept && in ? add_instruction(b, INSTRUCTION_SLICE, here) : NULL;
    if (!i)
        return false;
    memcpy(kept, indices, (size_t)n * sizeof *kept);
    i->in = in;
    i->nin = i->nout = 1;
    i->indices = kept;
    i->nindices = n;
    *value = add_value(b, &bare, c->values[x].varies);
    if (*value < 0)
        return false;
    c->values[*value].root = c->values[x].root;
    return true;
}

bool emit_foreign(struct binder *b, const struct foreign *f, int x, struct span here, int *value)
{
    const struct compiled *c = b->c;
    const sheaf_view *v = &c->values[x].view;
    sheaf_view result;
    for (int k = 0; k < c->ninstructions; k++)
        if (c->instructions[k].foreign == f && c->instructions[k].in[0] == x) {
            *value = c->instructions[k].first;
            return true;
        }
    if (dtype_kind(v->dtype) == 'c')
        return bind_refuse(b, here, SHEAF_DTYPE, "%s takes %s, not %s", f->name, sheaf_dtype_name(f->dtype),
                           sheaf_dtype_name(v->dtype));
    int *in = copy_ints(b, 1, &x);
    struct instruction *i = in ? add_instruction(b, INSTRUCTION_FOREIGN, here) : NULL;
    if (!i)
        return false;
    i->foreign = f;
    i->in = in;
    i->nin = i->nout = 1;
    sheaf_view_init(&result, NULL, f->dtype, f->scalar ? 0 : v->ndim, v->shape, NULL);
    *value = add_value(b, &result, c->values[x].varies && !f->scalar);
    return *value >= 0;
}

bool emit_size(struct binder *b, int x, struct span here, int *value)
{
    sheaf_view size;
    int *in = copy_ints(b, 1, &x);
    struct instruction *i = in ? add_instruction(b, INSTRUCTION_SIZE, here) : NULL;
    if (!i)
        return false;
    i->in = in;
    i->nin = i->nout = 1;
    sheaf_view_init(&size, NULL, SHEAF_I64, 0, NULL, NULL);
    *value = add_value(b, &size, false);
    return *value >= 0;
}
