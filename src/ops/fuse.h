#ifndef SHEAF_OPS_FUSE_H
#define SHEAF_OPS_FUSE_H

/* Elementwise work on arrays that broadcast together, and what ends it, in one pass over tiles that stay in L1. The
 * bits are those of the functions run one after the other. */

#include "ops/op.h"

enum {
    FUSE_MOST_INPUTS = 16,
    FUSE_MOST_STEPS = 64,
    FUSE_MOST_ENDS = 16
};

/* Values: 0 … nin - 1 are the inputs, nin + s is step s's result. All count as of the inputs' common shape. */
struct fuse_step {
    const struct op *op; /* elementwise */
    int in[SHEAF_MAX_INPUTS];
    bool fast;
};
/* What becomes of a value: stored (op NULL), reduced over axes that are neighbours, or scanned over all of them or one.
 */
struct fuse_end {
    int value;
    const struct op *op;
    const sheaf_options *options; /* NULL: the defaults */
};
struct fuse {
    int nin, nsteps, nends;
    const struct fuse_step *steps;
    const struct fuse_end *ends;
};

/* Which of the ndim axes of a pass a reduction or scan goes over: `count` of them from `first` on; 0: no pass can end
 * in it. Those of a pass go over the same axes. */
struct fuse_axes {
    int first, count;
};
struct fuse_axes fuse_axes(const struct op *op, const sheaf_options *options, int ndim);
static inline bool fuse_same_axes(struct fuse_axes a, struct fuse_axes b)
{
    return a.first == b.first && a.count == b.count;
}
/* Whether it can run in one pass over these inputs: by dtypes and shapes, strides, and the data of exponents. Else the
 * caller runs function by function. op_infer must have passed each call. */
bool fuse_fits(const struct fuse *f, const sheaf_view *in);
/* Run what fits; of what does not nothing is done: SHEAF_UNSUPPORTED. outs: of the ends, one after another, with data,
 * which overlaps no input; a stored value's has the common shape and any strides, the other outputs are as op_infer
 * describes them. */
sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error);

/* Where memory does not hold all of the inputs and stored values at once: their addresses are reserved, and parts of
 * them come and go. A region is runs of neighbouring elements, `pitch` elements apart, in the C order of the pass. */
struct fuse_region {
    size_t first, runs, length, pitch;
};
struct fuse_feed {
    void *self;
    size_t elements; /* at hand at once, unless a pass needs more */
    sheaf_status (*fetch)(void *self, const struct fuse_region *r, sheaf_error *error);
    sheaf_status (*release)(void *self, const struct fuse_region *r, sheaf_error *error); /* read, and written */
};
/* Whether it can run so: scans go along memory, and can sum up a block of a row before they know where it starts. */
bool fuse_can_be_fed(const struct fuse *f, const sheaf_view *in);
sheaf_status fuse_run_fed(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                          const struct fuse_feed *feed, sheaf_error *error);

#endif
