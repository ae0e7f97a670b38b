/* Running sums, products and extremes; differences. */

#include "ops/op.h"

sheaf_status scan_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    if (op->kernel == S_cumsum)
        return rows_run(op, in, options, t, out, error);
    return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: not yet", op->info.name);
}

sheaf_status difference_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                            const sheaf_view *out, sheaf_error *error)
{
    (void)in, (void)options, (void)t, (void)out;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: not yet", op->info.name);
}
