/* The view door: sheaf_NAME(x, [y,] options, out, error) for every function. */

#include "ops/op.h"
#include <sheaf/functions.h>
#include <stdint.h>
#include <string.h>

/* Below this a team is not worth leasing. */
#define TEAM_NS 40000.0

/* A caller's struct may be an older, shorter one. */
static sheaf_status read_options(const char *name, const sheaf_options *given, sheaf_options *options,
                                 sheaf_error *error)
{
    sheaf_options_init(options);
    if (!given)
        return SHEAF_OK;
    size_t size = given->struct_size;
    if (size < offsetof(sheaf_options, naxes) + sizeof(int))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: options are not initialised, call sheaf_options_init first",
                               name);
    memcpy(options, given, size < sizeof *options ? size : sizeof *options);
    options->struct_size = sizeof *options;
    return SHEAF_OK;
}

static sheaf_status check_view(const char *name, const char *argument, const sheaf_view *v, sheaf_error *error)
{
    if (!v)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s is NULL", name, argument);
    if (v->ndim < 0 || v->ndim > SHEAF_MAX_NDIM || (unsigned)v->dtype >= SHEAF_DTYPE_COUNT)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s is no valid view (%d dimensions, dtype %d)", name,
                               argument, v->ndim, (int)v->dtype);
    bool empty = false;
    char text[SHAPE_TEXT];
    for (int i = 0; i < v->ndim; i++) {
        if (v->shape[i] < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: %s has a negative dimension, shape %s", name, argument,
                                   shape_text(v->ndim, v->shape, text));
        empty |= v->shape[i] == 0;
    }
    if (!empty && !v->data)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s of shape %s has no data", name, argument,
                               shape_text(v->ndim, v->shape, text));
    return SHEAF_OK;
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

/* Whether the caller's own place can take the result `want`. */
static sheaf_status check_into(const struct op *op, const sheaf_view *in, const sheaf_view *into,
                               const sheaf_view *want, sheaf_error *error)
{
    const char *name = op->info.name;
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    if (op->info.nout != 1)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: has several outputs, options.into is for one", name);
    sheaf_status status = check_view(name, "options.into", into, error);
    if (status)
        return status;
    if (!same_shape(into, want))
        return sheaf_error_set(error, SHEAF_SHAPE, "%s: options.into has shape %s, the result %s", name,
                               shape_text(into->ndim, into->shape, a), shape_text(want->ndim, want->shape, b));
    if (into->dtype != want->dtype)
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: options.into is %s, the result of shape %s is %s", name,
                               sheaf_dtype_name(into->dtype), shape_text(want->ndim, want->shape, b),
                               sheaf_dtype_name(want->dtype));
    for (int i = 0; i < into->ndim; i++)
        if (into->shape[i] > 1 && into->strides[i] == 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: options.into of shape %s repeats elements along axis %d",
                                   name, shape_text(into->ndim, into->shape, a), i);
    for (size_t k = 0; k < (size_t)op->info.nin; k++)
        if (!(op_is_elementwise(op) && same_view(into, &in[k])) && overlap(into, &in[k]))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%s: options.into of shape %s overlaps %s of shape %s; write to memory of its own",
                                   name, shape_text(into->ndim, into->shape, a), op_argument(k),
                                   shape_text(in[k].ndim, in[k].shape, b));
    return SHEAF_OK;
}

static sheaf_status run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const sheaf_view *outs,
                        sheaf_error *error)
{
    bool big = options->threads != 1 && op_cost(op, in) >= TEAM_NS;
    team t = big ? team_lease(options->threads) : team_one();
    sheaf_status status = op_run(op, in, options, &t, outs, error);
    team_release(&t);
    return status;
}

static sheaf_status call(const struct op *op, const sheaf_view *const *inputs, const sheaf_options *given,
                         sheaf_array **out, sheaf_error *error)
{
    const char *name = op->info.name;
    int nout = op->info.nout;
    sheaf_options options;
    sheaf_view in[SHEAF_MAX_INPUTS], outs[SHEAF_MAX_OUTPUTS];
    for (int k = 0; out && k < nout; k++)
        out[k] = NULL;
    sheaf_status status = read_options(name, given, &options, error);
    for (size_t k = 0; !status && k < (size_t)op->info.nin; k++) {
        status = check_view(name, op_argument(k), inputs[k], error);
        if (!status)
            view_assign(&in[k], inputs[k]);
    }
    if (!status && options.weights)
        status = check_view(name, "options.weights", options.weights, error);
    if (status || (status = op_infer(op, in, &options, outs, error)))
        return status;
    if (options.into) {
        status = check_into(op, in, options.into, &outs[0], error);
        return status ? status : run(op, in, &options, options.into, error);
    }
    if (!out)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: out is NULL and options.into is not given", name);
    for (int k = 0; k < nout && !status; k++) {
        status = sheaf_array_new(outs[k].dtype, outs[k].ndim, outs[k].shape, &out[k], error);
        if (!status)
            outs[k].data = sheaf_array_data(out[k]);
    }
    if (!status)
        status = run(op, in, &options, outs, error);
    for (int k = 0; k < nout && status; k++) {
        sheaf_array_free(out[k]);
        out[k] = NULL;
    }
    return status;
}

/* The row that info is in, without its name being looked up. */
static const struct op *row_of(const sheaf_function_info *info)
{
    const uintptr_t begin = (uintptr_t)&op_table[0].info, at = (uintptr_t)info;
    if (at < begin || at >= begin + sizeof op_table || (at - begin) % sizeof op_table[0] != 0)
        return NULL;
    return &op_table[(at - begin) / sizeof op_table[0]];
}

sheaf_status sheaf_function_call(const sheaf_function_info *info, const sheaf_view *const *inputs,
                                 const sheaf_options *options, sheaf_array **out, sheaf_error *error)
{
    const struct op *op = row_of(info);
    if (!op)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_function_call: info is no entry of the catalogue");
    if (!inputs)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: inputs is NULL", info->name);
    return call(op, inputs, options, out, error);
}

#define OUT_1 **out
#define OUT_5 *out[5]
#define IN_1 const sheaf_view *x
#define IN_2 const sheaf_view *x, const sheaf_view *y
#define IN_3 const sheaf_view *x, const sheaf_view *y, const sheaf_view *z
#define LIST_1 x
#define LIST_2 x, y
#define LIST_3 x, y, z
#define FUNCTION(name, aliases, class, nin, nout, outputs, dtypes, rule, kernel, vector, divisible, cost, bits,   \
                 accuracy, help, formula, nan, example)                                                           \
    sheaf_status sheaf_##name(IN_##nin, const sheaf_options *options, sheaf_array OUT_##nout, sheaf_error *error) \
    {                                                                                                             \
        return call(&op_table[OP_##name], (const sheaf_view *const[]){LIST_##nin}, options, out, error);          \
    }
#include "ops/functions.def"
