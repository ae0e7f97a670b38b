#ifndef FUZZ_EVALUATE_H
#define FUZZ_EVALUATE_H

/* One text, fused and function by function, on one thread and on three: all the same, status and bits. */

#include "batch/func.h"
#include "fuzz.h"
#include "support.h"
#include <sheaf/map.h>

/* A text whose work would be more than this many nanoseconds, or bytes, is left alone. */
#define MOST_WORK 2e7

static inline bool is_small(const sheaf_func *f, int n, const sheaf_view *in)
{
    struct func_call call = {.dims = NULL};
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    double bytes = 0;
    if (func_call_begin(&call, f, n, in, outs, NULL))
        return true;
    for (int k = 0; k < f->nout; k++)
        bytes += (double)sheaf_view_size(&outs[k]) * (double)sheaf_dtype_size(outs[k].dtype);
    const bool small = call.cost + (double)call.scratch + bytes < MOST_WORK;
    func_call_end(&call);
    return small;
}

static inline void same_outputs(const sheaf_func *f, sheaf_array **a, sheaf_array **b)
{
    for (int k = 0; k < f->nout; k++) {
        const sheaf_view x = sheaf_array_view(a[k]), y = sheaf_array_view(b[k]);
        require(x.dtype == y.dtype && x.ndim == y.ndim);
        for (int d = 0; d < x.ndim; d++)
            require(x.shape[d] == y.shape[d]);
        require(same_bits(x.data, y.data, (size_t)sheaf_view_size(&x), x.dtype));
    }
}

/* Whether it could be computed. */
static inline bool evaluate_all_ways(const char *text, int n, const char *const *names, const sheaf_view *in)
{
    const sheaf_view *inputs[FUNC_MAX_INPUTS];
    sheaf_array *first[SHEAF_MAX_OUTPUTS] = {NULL};
    sheaf_status expected = SHEAF_OK;
    for (int k = 0; k < n; k++)
        inputs[k] = &in[k];
    for (int way = 0; way < 4; way++) {
        sheaf_array *out[SHEAF_MAX_OUTPUTS] = {NULL};
        sheaf_func *f = NULL;
        sheaf_options options;
        sheaf_options_init(&options);
        options.threads = way & 1 ? 3 : 1;
        if (sheaf_func_parse(text, n, names, &f, NULL) || !is_small(f, n, in)) {
            sheaf_func_free(f);
            return false;
        }
        if (f->program && way > 1)
            program_set_unfused(f->program);
        sheaf_status status = sheaf_func_eval(f, n, inputs, &options, out, NULL);
        if (way == 0)
            expected = status;
        require(status == expected);
        if (way > 0 && status == SHEAF_OK)
            same_outputs(f, first, out);
        for (int k = 0; k < f->nout; k++) {
            sheaf_array_free(way == 0 ? NULL : out[k]);
            first[k] = way == 0 ? out[k] : first[k];
        }
        sheaf_func_free(f);
    }
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++)
        sheaf_array_free(first[k]);
    return expected == SHEAF_OK;
}

#endif
