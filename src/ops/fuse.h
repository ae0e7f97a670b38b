#ifndef SHEAF_OPS_FUSE_H
#define SHEAF_OPS_FUSE_H
#include "ops/op.h"
enum {
    FUSE_MOST_INPUTS = 16,
    FUSE_MOST_STEPS = 64,
    FUSE_MOST_ENDS = 16
};
struct fuse_step {
    const struct op *op;
    int in[SHEAF_MAX_INPUTS];
    bool fast;
};
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
bool fuse_fits(const struct fuse *f, const sheaf_view *in);
sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error);
bool fuse_ends(const struct op *op);
#endif
