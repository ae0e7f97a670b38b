#ifndef SHEAF_OPS_TALLY_H
#define SHEAF_OPS_TALLY_H

/* Parts of the functions whose results' shapes the data decide. */

#include "ops/op.h"

/* Whether output k has an element for each of x. */
bool tally_is_inverse(const struct op *op, int k);
/* Bytes of memory that this process can hope for. */
double tally_memory_bytes(void);
/* options->weights must have x's shape. */
sheaf_status tally_check_weights(const struct op *op, const sheaf_view *x, const sheaf_options *options,
                                 sheaf_error *error);
sheaf_status unique_run(const struct op *op, const sheaf_view *x, const team *t, sheaf_view *outs,
                        const struct placer *placer, sheaf_error *error);

#endif
