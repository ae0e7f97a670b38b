#ifndef SHEAF_OPS_H
#define SHEAF_OPS_H

/* The catalogue at work: check a call and say what it gives, then run it on a team. */

#include "par/par.h"
#include <sheaf/func.h>

struct op; /* one row of functions.def */

const struct op *op_find(const char *name); /* name or alias; NULL: unknown */
const sheaf_function_info *op_info(const struct op *op);

/* The libraries that decide the bits of host rows, and their kernels for this processor. */
#define OP_LIBRARIES 256
void op_libraries(char text[OP_LIBRARIES]);

/* Check inputs and options, and describe the outputs: dtype, shape and C-order strides, data NULL. Looks at the
 * inputs' dtype and shape only, so headers suffice. outs has op_info(op)->nout entries. nin is op_info(op)->nin, or
 * any number where that is MANY. */
sheaf_status op_infer(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                      sheaf_view *outs, sheaf_error *error);
/* Whether a team can share one call of it. */
bool op_divisible(const struct op *op);
/* Estimated nanoseconds of the call on one thread. */
double op_cost(const struct op *op, int nin, const sheaf_view *in);
/* Whether the function only shows x otherwise, and *out is x as it shows it: no copy is needed. */
bool op_view(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *out);
/* Whether the outputs' shapes are known from the data only: op_infer then gives the largest they can be. */
bool op_varies(const struct op *op);
/* Which dimension of an input each dimension of an output runs along, so that what names and numbers that one has are
 * its own too: input * SHEAF_MAX_NDIM + dimension, with a multiple of ORIGIN_PARTS added where it is a part of it, by
 * a table of the caller's; ORIGIN_NONE where nothing says, ORIGIN_MIXED where none does any more. origins[k] are those
 * of input k, made those of out, of the call that op_infer has checked. */
enum {
    ORIGIN_NONE = -1,
    ORIGIN_MIXED = -2,
    ORIGIN_PARTS = 1 << 12
};
/* That of a dimension of a result, which, of a part, has every step-th element from `start` on. */
struct origin {
    int from;
    bool part;
    int64_t start, step;
};
void op_origins(const struct op *op, int nin, const sheaf_view *in, const int (*origins)[SHEAF_MAX_NDIM],
                const sheaf_options *options, const sheaf_view *out, int *made);
/* Where outputs of such a function go: called once for each output k, whose shape is known now, it sets out->data, and
 * the output is written there in C order. */
struct placer {
    sheaf_status (*place)(void *self, int k, sheaf_view *out, sheaf_error *error);
    void *self;
};
/* A place in new arrays: self are as many pointers to them. */
sheaf_status op_place_array(void *self, int k, sheaf_view *out, sheaf_error *error);
/* Below this many nanoseconds a team is not worth leasing. */
#define OP_TEAM_NS 40000.0
/* Run on checked inputs. outs as described by op_infer (or with other strides), with data; without where the function
 * varies, which asks the placer then and leaves the outputs in outs. */
sheaf_status op_run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options, const team *t,
                    sheaf_view *outs, const struct placer *placer, sheaf_error *error);

#endif
