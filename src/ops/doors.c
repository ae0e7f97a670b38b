/* The view door: sheaf_NAME(x, [y,] options, out, error) for every function. */

#include "base/alloc.h"
#include "ops/op.h"
#include <math.h>
#include <sheaf/functions.h>
#include <stdint.h>
#include <string.h>

/* A caller's struct may be an older, shorter one: it is copied to `full` then. NULL: an error. */
static const sheaf_options *read_options(const char *name, const sheaf_options *given, sheaf_options *full,
                                         sheaf_error *error)
{
    if (!given || given->struct_size >= sizeof *given)
        return options_or_default(given);
    size_t size = given->struct_size;
    if (size < offsetof(sheaf_options, naxes) + sizeof(int)) {
        sheaf_error_set(error, SHEAF_INVALID, "%s: options are not initialised, call sheaf_options_init first", name);
        return NULL;
    }
    sheaf_options_init(full);
    memcpy(full, given, size);
    full->struct_size = sizeof *full;
    return full;
}

static bool is_sound(const sheaf_view *v)
{
    bool empty = false, negative = false;
    if (!v || v->ndim < 0 || v->ndim > SHEAF_MAX_NDIM || (unsigned)v->dtype >= SHEAF_DTYPE_COUNT)
        return false;
    for (int i = 0; i < v->ndim; i++) {
        negative |= v->shape[i] < 0;
        empty |= v->shape[i] == 0;
    }
    return !negative && (empty || v->data);
}

/* What is wrong with a view that is not sound. */
static sheaf_status refuse_view(const char *name, const char *argument, const sheaf_view *v, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    if (!v)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s is NULL", name, argument);
    if (v->ndim < 0 || v->ndim > SHEAF_MAX_NDIM || (unsigned)v->dtype >= SHEAF_DTYPE_COUNT)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s is no valid view (%d dimensions, dtype %d)", name,
                               argument, v->ndim, (int)v->dtype);
    for (int i = 0; i < v->ndim; i++)
        if (v->shape[i] < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: %s has a negative dimension, shape %s", name, argument,
                                   shape_text(v->ndim, v->shape, text));
    return sheaf_error_set(error, SHEAF_INVALID, "%s: %s of shape %s has no data", name, argument,
                           shape_text(v->ndim, v->shape, text));
}

static bool same_shape(const sheaf_view *a, const sheaf_view *b)
{
    return a->ndim == b->ndim && memcmp(a->shape, b->shape, sizeof a->shape[0] * (size_t)a->ndim) == 0;
}

static bool same_view(const sheaf_view *a, const sheaf_view *b)
{
    return a->data == b->data && a->dtype == b->dtype && same_shape(a, b) &&
           memcmp(a->strides, b->strides, sizeof a->strides[0] * (size_t)a->ndim) == 0;
}

/* The addresses [*low, *high) that a view reaches; false: none. */
static bool extent(const sheaf_view *v, uintptr_t *low, uintptr_t *high)
{
    *low = (uintptr_t)v->data;
    *high = *low + sheaf_dtype_size(v->dtype);
    for (int i = 0; i < v->ndim; i++) {
        if (v->shape[i] == 0)
            return false;
        int64_t reach = v->strides[i] * (v->shape[i] - 1);
        if (reach < 0)
            *low += (uintptr_t)reach;
        else
            *high += (uintptr_t)reach;
    }
    return true;
}

static bool overlap(const sheaf_view *a, const sheaf_view *b)
{
    uintptr_t a0, a1, b0, b1;
    return extent(a, &a0, &a1) && extent(b, &b0, &b1) && a0 < b1 && b0 < a1;
}

static sheaf_status refuse_overlap(const char *name, const sheaf_view *into, const char *argument, const sheaf_view *x,
                                   sheaf_error *error)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    return sheaf_error_set(error, SHEAF_INVALID,
                           "%s: options.into of shape %s overlaps %s of shape %s; write to memory of its own", name,
                           shape_text(into->ndim, into->shape, a), argument, shape_text(x->ndim, x->shape, b));
}

/* Whether the caller's own place can take the result `want`. */
static sheaf_status check_into(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                               const sheaf_view *want, sheaf_error *error)
{
    const sheaf_view *into = options->into;
    const char *name = op->info.name;
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    if (op->info.nout != 1)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: has several outputs, options.into is for one", name);
    if (op_varies(op))
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: the shape of its result depends on the data, so options.into cannot be used", name);
    if (!is_sound(into))
        return refuse_view(name, "options.into", into, error);
    if (!same_shape(into, want))
        return sheaf_error_set(error, SHEAF_SHAPE, "%s: options.into has shape %s, the result %s", name,
                               shape_text(into->ndim, into->shape, a), shape_text(want->ndim, want->shape, b));
    if (into->dtype != want->dtype)
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: options.into is %s, the result of shape %s is %s", name,
                               sheaf_dtype_name(into->dtype), shape_text(want->ndim, want->shape, b),
                               sheaf_dtype_name(want->dtype));
    const bool empty = sheaf_view_size(into) == 0;
    for (int i = 0; i < into->ndim && !empty; i++)
        if (into->shape[i] > 1 && into->strides[i] == 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: options.into of shape %s repeats elements along axis %d",
                                   name, shape_text(into->ndim, into->shape, a), i);
    char argument[ARGUMENT_TEXT];
    for (int k = 0; k < nin; k++)
        if (!(op_is_elementwise(op) && same_view(into, &in[k])) && overlap(into, &in[k]))
            return refuse_overlap(name, into, op_argument(op, k, argument), &in[k], error);
    if (options->weights && overlap(into, options->weights))
        return refuse_overlap(name, into, "options.weights", options->weights, error);
    if (options->edges && overlap(into, options->edges))
        return refuse_overlap(name, into, "options.edges", options->edges, error);
    return SHEAF_OK;
}

static sheaf_status run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                        sheaf_view *outs, const struct placer *placer, sheaf_error *error)
{
    double ns = op_cost(op, nin, in);
    if (!op_varies(op)) /* some make much of little */
        ns = fmax(ns, op->cost * (double)sheaf_view_size(&outs[0]));
    bool big = options->threads != 1 && ns >= OP_TEAM_NS;
    team t = big ? team_lease(options->threads) : team_one();
    sheaf_status status = op_run(op, nin, in, options, &t, outs, placer, error);
    team_release(&t);
    return status;
}

sheaf_status op_place_array(void *self, int k, sheaf_view *out, sheaf_error *error)
{
    sheaf_array **arrays = self;
    sheaf_status status = sheaf_array_new(out->dtype, out->ndim, out->shape, &arrays[k], error);
    if (!status)
        out->data = sheaf_array_data(arrays[k]);
    return status;
}

static sheaf_status run_to_arrays(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                                  sheaf_view *outs, sheaf_array **out, sheaf_error *error)
{
    const struct placer placer = {op_place_array, out};
    const bool varies = op_varies(op);
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < op->info.nout && !status && !varies; k++)
        status = op_place_array(out, k, &outs[k], error);
    if (!status)
        status = run(op, nin, in, options, outs, &placer, error);
    for (int k = 0; k < op->info.nout && status; k++) {
        sheaf_array_free(out[k]);
        out[k] = NULL;
    }
    return status;
}

static sheaf_status check_inputs(const struct op *op, int nin, const sheaf_view *const *inputs,
                                 const sheaf_options *options, sheaf_view *in, sheaf_error *error)
{
    char argument[ARGUMENT_TEXT];
    for (int k = 0; k < nin; k++) {
        if (!is_sound(inputs[k]))
            return refuse_view(op->info.name, op_argument(op, k, argument), inputs[k], error);
        view_assign(&in[k], inputs[k]);
    }
    if (options->weights && !is_sound(options->weights))
        return refuse_view(op->info.name, "options.weights", options->weights, error);
    if (options->edges && !is_sound(options->edges))
        return refuse_view(op->info.name, "options.edges", options->edges, error);
    return SHEAF_OK;
}

/* The error's message, of whatever lies below, begins with the function's name. */
static sheaf_status named(const struct op *op, sheaf_status status, sheaf_error *error)
{
    const size_t length = strlen(op->info.name);
    char message[sizeof error->message];
    if (!error || (strncmp(error->message, op->info.name, length) == 0 && error->message[length] == ':'))
        return status;
    memcpy(message, error->message, sizeof message);
    return sheaf_error_set(error, status, "%s: %s", op->info.name, message);
}

static sheaf_status call_on(const struct op *op, int nin, const sheaf_view *const *inputs, const sheaf_options *options,
                            sheaf_view *in, sheaf_array **out, sheaf_error *error)
{
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    sheaf_status status = check_inputs(op, nin, inputs, options, in, error);
    if (status || (status = op_infer(op, nin, in, options, outs, error)))
        return named(op, status, error);
    if (options->into) {
        status = check_into(op, nin, in, options, &outs[0], error);
        if (status)
            return status;
        view_assign(&outs[0], options->into);
        return run(op, nin, in, options, outs, NULL, error);
    }
    if (!out)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: out is NULL and options.into is not given", op->info.name);
    status = run_to_arrays(op, nin, in, options, outs, out, error);
    return status ? named(op, status, error) : SHEAF_OK;
}

static sheaf_status call(const struct op *op, int nin, const sheaf_view *const *inputs, const sheaf_options *given,
                         sheaf_array **out, sheaf_error *error)
{
    sheaf_options full;
    sheaf_view few[SHEAF_MAX_INPUTS], *in = few;
    for (int k = 0; out && k < op->info.nout; k++)
        out[k] = NULL;
    const sheaf_options *options = read_options(op->info.name, given, &full, error);
    if (!options)
        return SHEAF_INVALID;
    if (op->info.nin == MANY ? nin < 1 : nin != op->info.nin)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %d inputs given, takes %s%d", op->info.name, nin,
                               op->info.nin == MANY ? "at least " : "", op->info.nin == MANY ? 1 : op->info.nin);
    if (!inputs && nin > 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: inputs is NULL", op->info.name);
    if (nin > SHEAF_MAX_INPUTS && !(in = mem_alloc((size_t)nin * sizeof *in)))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %d views", op->info.name, nin);
    sheaf_status status = call_on(op, nin, inputs, options, in, out, error);
    if (in != few)
        mem_free(in);
    return status;
}

sheaf_status sheaf_function_call(const sheaf_function_info *info, int nin, const sheaf_view *const *inputs,
                                 const sheaf_options *options, sheaf_array **out, sheaf_error *error)
{
    /* By its place: finding it by name takes longer than a small call. */
    const size_t row = ((uintptr_t)info - (uintptr_t)op_table) / sizeof *op_table;
    if (!info || row >= OP_COUNT || info != &op_table[row].info)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_function_call: info is no entry of the catalogue");
    return call(&op_table[row], nin, inputs, options, out, error);
}

#define OUT_1 **out
#define OUT_2 *out[2]
#define OUT_4 *out[4]
#define OUT_5 *out[5]
#define IN_0
#define IN_1 const sheaf_view *x,
#define IN_2 const sheaf_view *x, const sheaf_view *y,
#define IN_3 const sheaf_view *x, const sheaf_view *y, const sheaf_view *z,
#define IN_MANY int n, const sheaf_view *const *x,
#define LIST_0 0, NULL
#define LIST_1                     \
    1, (const sheaf_view *const[]) \
    {                              \
        x                          \
    }
#define LIST_2                     \
    2, (const sheaf_view *const[]) \
    {                              \
        x, y                       \
    }
#define LIST_3                     \
    3, (const sheaf_view *const[]) \
    {                              \
        x, y, z                    \
    }
#define LIST_MANY n, x
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    sheaf_status sheaf_##name(IN_##nin const sheaf_options *options, sheaf_array OUT_##nout, sheaf_error *error)   \
    {                                                                                                              \
        return call(&op_table[OP_##name], LIST_##nin, options, out, error);                                        \
    }
#include "ops/functions.def"
