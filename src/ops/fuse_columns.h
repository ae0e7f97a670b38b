#ifndef SHEAF_OPS_FUSE_COLUMNS_H
#define SHEAF_OPS_FUSE_COLUMNS_H

/* Chains whose reductions go over the leading axes. */

#include "ops/fuse_plan.h"
#include "ops/reduce_columns.h"

struct fuse_column_reduction {
    const struct op *op;
    const sheaf_options *options;
    const sheaf_view *outs; /* NULL: not known yet */
    int tile;
    struct reduction r;
};

struct fuse_columns {
    sheaf_view in[FUSE_MOST_INPUTS], stores[FUSE_MOST_ENDS]; /* as matrices */
    struct fuse inner;                                       /* a block's work: every end stores, tiles come first */
    struct fuse_end ends[FUSE_MOST_ENDS];
    size_t rows, columns, nblocks, wide, strips;
    size_t high; /* rows of a tile: a block, or a layer of one */
    bool direct; /* nothing is computed: the tiles are parts of the inputs */
    int nreductions, ntiles, nstores;
    struct fuse_column_reduction reductions[FUSE_MOST_ENDS];
    struct {
        sheaf_dtype dtype;
        size_t size, offset;
    } tiles[FUSE_MOST_ENDS];
    size_t bytes; /* of the tiles of a thread */
    double cost;  /* ns per element */
};

/* A tile's rows and columns. */
struct fuse_extent {
    size_t row, column, rows, columns;
};
/* What of a matrix, and what of every input, is there. */
sheaf_view fuse_columns_part(const sheaf_view *m, const struct fuse_extent *at);
void fuse_columns_inputs(const struct fuse_columns *p, const struct fuse_extent *at, sheaf_view *in);

/* False: the chain does not fit. outs may be NULL: for fuse_fits and fuse_scratch. The plan need not be cleared. */
bool fuse_columns_plan(struct fuse_columns *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs);
sheaf_status fuse_columns_run(const struct fuse_columns *p, const team *t, const struct fuse_feed *feed,
                              sheaf_error *error);

#endif
