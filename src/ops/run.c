/* Running a checked call. */

#include "base/fpenv.h"
#include "ops/move.h"
#include <math.h>

static double size_of(const sheaf_view *x)
{
    double size = 1;
    for (int i = 0; i < x->ndim; i++)
        size *= (double)x->shape[i];
    return size;
}

double op_cost(const struct op *op, int nin, const sheaf_view *in)
{
    double size = nin ? size_of(&in[0]) : 0;
    struct matmul_shape s;
    switch (op->class) {
    case CLASS_BINARY:
    case CLASS_TERNARY:
    case CLASS_REDUCE:
        for (int k = 1; k < nin; k++)
            size = fmax(size, size_of(&in[k]));
        return op->cost * size;
    case CLASS_MOVE:
        for (int k = 1; k < nin; k++)
            size += size_of(&in[k]);
        return op->cost * size;
    case CLASS_COMPRESS:
        return op->cost * (size + size_of(&in[1]));
    case CLASS_OUTER:
        return op->cost * size * size_of(&in[1]);
    case CLASS_FILTER: /* b's and a's products */
        return op->cost * size_of(&in[2]) * (1 + size / 16 + size_of(&in[1]) / 4);
    case CLASS_ORDER:
        return order_cost(op, in);
    case CLASS_TRANSFORM: {
        double n = in->ndim ? (double)in->shape[in->ndim - 1] : 1;
        return op->cost * size * log2(n + 2);
    }
    case CLASS_MATMUL: {
        if (matmul_infer(op, in, &s, NULL, NULL))
            return 0;
        double products = (double)s.m * (double)s.k * (double)s.n;
        for (int i = 0; i < s.ndim; i++)
            products *= (double)s.stack[i];
        return op->cost * products;
    }
    case CLASS_SEARCH: /* the other input is asked */
        size = size_of(&in[op->kernel == F_searchsorted ? 1 : 0]);
        return op->cost * size;
    case CLASS_CONVOLVE:
        return convolve_cost(op, in);
    default:
        return op->cost * size;
    }
}

sheaf_status op_run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options, const team *t,
                    sheaf_view *outs, const struct placer *placer, sheaf_error *error)
{
    (void)nin;
    options = options_or_default(options);
    struct fp_saved fp = fp_enter();
    sheaf_status status;
    switch (op->class) {
    case CLASS_CAST:
    case CLASS_UNARY:
    case CLASS_BINARY:
    case CLASS_TERNARY:
        status = elementwise_run(op, in, options, t, outs, error);
        break;
    case CLASS_REDUCE:
        status = reduce_run(op, in, options, t, outs, error);
        break;
    case CLASS_MATMUL:
        status = matmul_run(op, in, t, outs, error);
        break;
    case CLASS_ORDER:
        status = order_run(op, in, options, t, outs, error);
        break;
    case CLASS_SCAN:
        status = scan_run(op, in, options, t, outs, error);
        break;
    case CLASS_DIFFERENCE:
        status = difference_run(op, in, options, t, outs, error);
        break;
    case CLASS_QUANTILE:
        status = quantile_run(op, in, options, t, outs, error);
        break;
    case CLASS_SEARCH:
        status = search_run(op, in, options, t, outs, error);
        break;
    case CLASS_HISTOGRAM:
        status = histogram_run(op, in, options, t, outs, error);
        break;
    case CLASS_TALLY:
        status = tally_run(op, in, options, t, outs, placer, error);
        break;
    case CLASS_VIEW:
        status = view_run(op, in, options, t, outs, error);
        break;
    case CLASS_MOVE:
        status = move_run(op, nin, in, options, t, outs, error);
        break;
    case CLASS_CREATE:
        status = create_run(op, in, options, t, outs, error);
        break;
    case CLASS_OUTER:
        status = outer_run(op, in, options, t, outs, error);
        break;
    case CLASS_COMPRESS:
        status = compress_run(op, in, options, t, outs, placer, error);
        break;
    case CLASS_WINDOW:
        status = window_run(op, in, options, t, outs, error);
        break;
    case CLASS_FILTER:
        status = filter_run(op, in, options, t, outs, error);
        break;
    case CLASS_INTERP:
        status = interp_run(op, in, t, outs, error);
        break;
    case CLASS_CONVOLVE:
        status = convolve_run(op, in, options, t, outs, error);
        break;
    default:
        status = rows_run(op, in, options, t, outs, error);
        break;
    }
    fp_leave(fp);
    return status;
}
