/* One computed function on the arrays of one item. */

#include "array/array.h"
#include "base/alloc.h"
#include "batch/func.h"
#include <string.h>

bool func_is_known(const sheaf_func *func)
{
    return func->program ? !program_may_vary(func->program) : func->op && !op_varies(func->op);
}

bool func_names_axes(const sheaf_func *func)
{
    return func->program && program_names_axes(func->program);
}

bool func_divisible(const sheaf_func *func)
{
    return func->program ? program_divisible(func->program) : func->op && op_divisible(func->op);
}

static void assign(sheaf_view *to, const sheaf_view *from)
{
    const size_t dimensions = (size_t)from->ndim * sizeof(int64_t);
    to->data = from->data;
    to->dtype = from->dtype;
    to->ndim = from->ndim;
    memcpy(to->shape, from->shape, dimensions);
    memcpy(to->strides, from->strides, dimensions);
}

static sheaf_status begin_op(struct func_call *call, sheaf_view *outs, sheaf_error *error)
{
    const sheaf_func *func = call->func;
    sheaf_status status = op_infer(func->op, call->n, call->in, &func->options, outs, error);
    if (status)
        return status;
    call->cost = op_cost(func->op, call->n, call->in);
    for (int k = 0; k < func->nout; k++)
        call->varies[k] = op_varies(func->op);
    return SHEAF_OK;
}

static sheaf_status begin_program(struct func_call *call, sheaf_view *outs, sheaf_error *error)
{
    const char *dims[FUNC_MAX_INPUTS] = {NULL};
    for (int k = 0, at = 0; k < call->n && call->dims; k++)
        if (!call->func->bound[k])
            dims[k] = call->dims[at++];
    sheaf_status status = program_compile(call->func->program, call->in, dims, &call->compiled, error);
    if (status)
        return status;
    call->cost = compiled_cost(call->compiled);
    call->scratch = compiled_scratch(call->compiled);
    for (int k = 0; k < call->func->nout; k++) {
        compiled_output(call->compiled, k, &outs[k]);
        call->varies[k] = compiled_varies(call->compiled, k);
    }
    return SHEAF_OK;
}

sheaf_status func_call_begin(struct func_call *call, const sheaf_func *func, int n, const sheaf_view *in,
                             sheaf_view *outs, sheaf_error *error)
{
    call->func = func;
    call->compiled = NULL;
    call->scratch = 0;
    call->n = n;
    if (!func_takes(func, n) || n > FUNC_MAX_INPUTS)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s takes %d arrays, but the item has %d; add items with sheaf_batch_add_views",
                               func->name, func->nin, n);
    int total = func->program ? program_nin(func->program) : n;
    for (int k = 0, at = 0; k < total; k++) {
        if (!func->bound[k]) {
            assign(&call->in[k], &in[at++]);
            continue;
        }
        const sheaf_view bound = sheaf_array_view(func->bound[k]);
        assign(&call->in[k], &bound);
    }
    call->n = total;
    return func->op ? begin_op(call, outs, error) : begin_program(call, outs, error);
}

double func_cost(const sheaf_func *func, int n, const sheaf_view *in)
{
    struct func_call call;
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    if (func->op)
        return op_cost(func->op, n, in);
    call.dims = NULL;
    if (func_call_begin(&call, func, n, in, outs, NULL) != SHEAF_OK)
        return 0;
    func_call_end(&call);
    return call.cost;
}

sheaf_status func_call_run(const struct func_call *call, size_t index, const team *t, sheaf_view *outs,
                           const struct placer *placer, sheaf_error *error)
{
    const sheaf_func *func = call->func;
    sheaf_status status = func->op ? op_run(func->op, call->n, call->in, &func->options, t, outs, placer, error)
                                   : program_run(call->compiled, call->in, (int64_t)index, t, outs, placer, error);
    if (status == SHEAF_OK && team_late(t))
        return sheaf_error_set(error, SHEAF_TIMEOUT, "computing %.100s took too long", func->name);
    return status;
}

void func_call_end(struct func_call *call)
{
    compiled_release(call->compiled);
}

/* ---- what dimensions come from ---- */

/* Of a program's inputs to the item's: those bound to names are nobody's. */
static void name_inputs(const sheaf_func *func, struct origin origins[SHEAF_MAX_NDIM])
{
    int number[FUNC_MAX_INPUTS], at = 0;
    for (int k = 0; k < FUNC_MAX_INPUTS; k++)
        number[k] = func->bound[k] ? -1 : at++;
    for (int d = 0; d < SHEAF_MAX_NDIM; d++) {
        int *from = &origins[d].from;
        const int input = *from < 0 ? -1 : number[*from / SHEAF_MAX_NDIM];
        *from = input < 0 ? ORIGIN_NONE : input * SHEAF_MAX_NDIM + *from % SHEAF_MAX_NDIM;
    }
}

static void op_call_origins(const struct func_call *call, const sheaf_view *out, struct origin origins[SHEAF_MAX_NDIM])
{
    int all[FUNC_MAX_INPUTS][SHEAF_MAX_NDIM], made[SHEAF_MAX_NDIM];
    for (int d = 0; d < SHEAF_MAX_NDIM; d++)
        made[d] = ORIGIN_NONE;
    for (int k = 0; k < call->n; k++)
        for (int d = 0; d < SHEAF_MAX_NDIM; d++)
            all[k][d] = k * SHEAF_MAX_NDIM + d;
    op_origins(call->func->op, call->n, call->in, (const int(*)[SHEAF_MAX_NDIM])all, &call->func->options, out, made);
    for (int d = 0; d < SHEAF_MAX_NDIM; d++)
        origins[d].from = made[d];
}

sheaf_status func_origins(const sheaf_func *func, int n, const sheaf_view *in, const char *const *dims, int k,
                          struct origin origins[SHEAF_MAX_NDIM], bool *known, sheaf_error *error)
{
    struct func_call call = {.dims = dims};
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    for (int d = 0; d < SHEAF_MAX_NDIM; d++)
        origins[d] = (struct origin){func->elementwise ? d : ORIGIN_NONE, false, 0, 1};
    *known = func->elementwise || func_is_computed(func);
    if (!func_is_computed(func))
        return SHEAF_OK;
    sheaf_status status = func_call_begin(&call, func, n, in, outs, error);
    if (status != SHEAF_OK)
        return status;
    if (func->op)
        op_call_origins(&call, &outs[k], origins);
    else if (!compiled_origins(call.compiled, k, origins))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the dimensions of %.100s", func->name);
    func_call_end(&call);
    name_inputs(func, origins);
    return status;
}

/* ---- without a batch ---- */

static sheaf_status eval(struct func_call *call, int threads, sheaf_view *outs, sheaf_array **out, sheaf_error *error)
{
    const struct placer placer = {op_place_array, out};
    const int nout = call->func->nout;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < nout && !status; k++)
        if (!call->varies[k])
            status = op_place_array(out, k, &outs[k], error);
    if (status)
        return status;
    team t = threads != 1 && call->cost >= OP_TEAM_NS ? team_lease(threads) : team_one();
    status = func_call_run(call, 0, &t, outs, &placer, error);
    team_release(&t);
    return status;
}

static sheaf_status check_inputs(int n, const sheaf_view *const *inputs, sheaf_view *in, sheaf_error *error)
{
    if (n > FUNC_MAX_INPUTS)
        return sheaf_error_set(error, SHEAF_INVALID, "%d arrays; at most %d are possible", n, FUNC_MAX_INPUTS);
    for (int k = 0; k < n; k++) {
        const sheaf_view *v = inputs ? inputs[k] : NULL;
        size_t bytes;
        if (!v)
            return sheaf_error_set(error, SHEAF_INVALID, "array %d is NULL", k);
        sheaf_status status = array_bytes(v->dtype, v->ndim, v->shape, &bytes, error);
        if (status)
            return status;
        if (!v->data && bytes > 0)
            return sheaf_error_set(error, SHEAF_INVALID, "array %d has no data", k);
        assign(&in[k], v);
    }
    return SHEAF_OK;
}

sheaf_status sheaf_func_eval(const sheaf_func *func, int n, const sheaf_view *const *inputs,
                             const sheaf_options *options, sheaf_array **out, sheaf_error *error)
{
    struct func_call call;
    sheaf_view in[FUNC_MAX_INPUTS], outs[SHEAF_MAX_OUTPUTS];
    for (int k = 0; k < func->nout; k++)
        out[k] = NULL;
    call.dims = NULL;
    if (!func_is_computed(func))
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "a callback is run by sheaf_map, not by sheaf_func_eval");
    sheaf_status status = check_inputs(n, inputs, in, error);
    if (status || (status = func_call_begin(&call, func, n, in, outs, error)))
        return status;
    status = eval(&call, options ? options->threads : 0, outs, out, error);
    func_call_end(&call);
    for (int k = 0; k < func->nout && status; k++) {
        sheaf_array_free(out[k]);
        out[k] = NULL;
    }
    return status;
}

sheaf_status func_explain(const sheaf_func *func, int n, const sheaf_view *in, const char *const *dims,
                          sheaf_write_fn *write, void *user, sheaf_error *error)
{
    struct func_call call = {.dims = dims};
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    if (!func->program)
        return SHEAF_OK;
    sheaf_status status = func_call_begin(&call, func, n, in, outs, error);
    if (status)
        return status;
    status = program_explain(call.compiled, write, user, error);
    func_call_end(&call);
    return status;
}

sheaf_status sheaf_func_explain(const sheaf_func *func, int n, const sheaf_view *const *inputs, sheaf_write_fn *write,
                                void *user, sheaf_error *error)
{
    sheaf_view in[FUNC_MAX_INPUTS];
    for (int k = 0; k < n && k < FUNC_MAX_INPUTS; k++)
        assign(&in[k], inputs[k]);
    return func_explain(func, n, in, NULL, write, user, error);
}
