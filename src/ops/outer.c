/* outer: every element of x times every element of y, by the multiplication of mul. */

#include "ops/move.h"

static const struct op *multiply(void)
{
    return &op_table[OP_mul];
}

sheaf_status outer_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                         sheaf_error *error)
{
    int64_t shape[2];
    sheaf_status status = op_check_axes(op, in, o, 0, error);
    for (int k = 0; k < 2 && !status; k++)
        status = op_elements(op, &in[k], &shape[k], error);
    return status ? status
                  : sheaf_view_init(out, NULL, op_result_dtype(multiply()->rule, op_promoted(op, 2, in), 0), 2, shape,
                                    error);
}

sheaf_status outer_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                       const sheaf_view *out, sheaf_error *error)
{
    struct spare s[2] = {{NULL, 0, in[0]}, {NULL, 0, in[1]}};
    sheaf_view flat[2];
    sheaf_status status = flat_view(op, &in[0], t, &s[0], &flat[0], error);
    if (!status)
        status = flat_view(op, &in[1], t, &s[1], &flat[1], error);
    if (!status) {
        flat[0].ndim = 2;
        flat[0].shape[1] = 1;
        flat[0].strides[1] = 0;
        status = elementwise_run(multiply(), flat, o, t, out, error);
    }
    spare_free(&s[0]);
    spare_free(&s[1]);
    return status;
}
