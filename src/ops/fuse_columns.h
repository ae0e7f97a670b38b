#ifndef SHEAF_OPS_FUSE_COLUMNS_H
#define SHEAF_OPS_FUSE_COLUMNS_H

/* Chains whose reductions and scans go over leading axes, or axes in the middle: down the columns of one matrix, or of
 * each of several. */

#include "ops/fuse_plan.h"
#include "ops/reduce_columns.h"

struct fuse_column_reduction {
    const struct op *op;
    const sheaf_options *options;
    const sheaf_view *outs; /* NULL: not known yet */
    int tile;
    struct reduction r;
};

struct fuse_column_scan {
    struct scanner by;
    struct scan_layout layout;
    int tile;
    sheaf_view out; /* as matrices */
};

struct fuse_columns {
    sheaf_view in[FUSE_MOST_INPUTS], stores[FUSE_MOST_ENDS]; /* as matrices */
    struct fuse inner;                                       /* a block's work: every end stores, tiles come first */
    struct fuse_end ends[FUSE_MOST_ENDS];
    size_t planes, rows, columns; /* matrices, and of each */
    size_t nblocks, wide, strips; /* of each */
    size_t group;                 /* matrices of a tile: one, or some small ones */
    size_t high;                  /* rows of a tile: a block, or a layer of one */
    bool direct;                  /* nothing is computed: the tiles are parts of the inputs */
    int nreductions, nscans, ntiles, nstores;
    struct fuse_column_reduction reductions[FUSE_MOST_ENDS];
    struct fuse_column_scan scans[FUSE_MOST_ENDS];
    struct {
        sheaf_dtype dtype;
        size_t size, offset, pitch; /* pitch: between rows */
    } tiles[FUSE_MOST_ENDS];
    size_t bytes; /* of the tiles of a thread, and of the scans' states behind them */
    size_t states;
    double cost; /* ns per element */
};

/* A tile: so many matrices, of each these rows and columns. */
struct fuse_extent {
    size_t plane, row, column, planes, rows, columns;
};
/* What of matrices, and what of every input, is there. */
sheaf_view fuse_columns_part(const sheaf_view *m, const struct fuse_extent *at);
void fuse_columns_inputs(const struct fuse_columns *p, const struct fuse_extent *at, sheaf_view *in);

/* False: the chain does not fit. outs may be NULL: for fuse_fits. The plan need not be cleared. */
/* fed: what the feed brings is gone through once, also where function by function is as fast in memory. */
bool fuse_columns_plan(struct fuse_columns *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs,
                       bool fed);
/* With a feed: no scans. */
sheaf_status fuse_columns_run(const struct fuse_columns *p, const team *t, const struct fuse_feed *feed,
                              sheaf_error *error);

#endif
