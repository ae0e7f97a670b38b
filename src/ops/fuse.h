#ifndef SHEAF_OPS_FUSE_H
#define SHEAF_OPS_FUSE_H

/* Elementwise work on arrays that broadcast together, and what ends it, in one pass over tiles that stay in the
 * first-level cache. The bits are those of the functions run one by one. */

#include "ops/op.h"

enum {
    FUSE_MOST_INPUTS = 16,
    FUSE_MOST_STEPS = 64,
    FUSE_MOST_ENDS = 16
};

/* Values: 0 .. nin-1 are the inputs, nin + s is the result of step s. A step is an elementwise function. */
struct fuse_step {
    const struct op *op;
    int in[SHEAF_MAX_INPUTS];
    bool fast;
};

/* What becomes of a value: op NULL: it is stored, in the common shape; else a reduction over all axes or the last ones,
 * the same for all ends. What is reduced has the common shape. */
struct fuse_end {
    int value;
    const struct op *op;
    const sheaf_options *options;
};

struct fuse {
    int nin, nsteps, nends;
    const struct fuse_step *steps;
    const struct fuse_end *ends;
};

/* Whether a pass can end in this function. */
bool fuse_ends(const struct op *op);
/* Whether these inputs, which broadcast to one shape, can be worked on in one pass: one by one otherwise. */
bool fuse_fits(const struct fuse *f, const sheaf_view *in);
/* outs: the outputs of the ends one after another, as op_infer describes them, with data and any strides. */
sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error);

#endif
