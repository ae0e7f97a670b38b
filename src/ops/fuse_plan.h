#ifndef SHEAF_OPS_FUSE_PLAN_H
#define SHEAF_OPS_FUSE_PLAN_H

/* A chain made ready: the elements in C order are cut into units, these into tiles, and registers hold a tile of a
 * value each. What a kernel wants cast is a register of its own. */

#include "ops/each.h"
#include "ops/fuse.h"
#include "ops/reduce.h"
#include "ops/scan.h"

#define FUSE_TILE 512        /* most elements, and most of a period */
#define FUSE_TILE_BYTES 2048 /* of the widest register */
enum {
    FUSE_MOST_REGISTERS = FUSE_MOST_INPUTS + (1 + SHEAF_MAX_INPUTS) * FUSE_MOST_STEPS + FUSE_MOST_ENDS,
    FUSE_MOST_SOURCES = 2 * FUSE_MOST_INPUTS,
    FUSE_FOREVER = 1 << 30
};

struct fuse_input {
    char *base;
    struct grid grid;
    size_t period; /* elements after which it repeats itself; all of them where it does not */
    bool straight; /* contiguous and of the common shape */
};

enum fuse_place {
    IN_MEMORY, /* contiguous, from base on: of an input or an output */
    IN_SLOT,   /* a tile that other registers use before and after */
    IN_BLOCK,  /* a unit, for reductions and scans */
    REPEATED   /* an input of a short period: a period and a tile of it, loaded once */
};

struct fuse_register {
    sheaf_dtype dtype;
    size_t size;
    int parent; /* the register that it is cast from; -1: none */
    int input;  /* where it is loaded from; -1: it is computed */
    int last;   /* the last move that reads it; -1: none does */
    bool split; /* complex numbers as reductions take them, the parts apart */
    bool whole; /* wanted, or made, a unit at a time */
    bool placed;
    enum fuse_place place;
    char *base;
    size_t offset; /* in a thread's scratch; of a slot, its number until all are placed */
};

struct fuse_move {
    struct each_kernel kernel; /* none: a cast */
    grid_cast *cast;
    int nin, in[SHEAF_MAX_INPUTS], out;
};

struct fuse_source {
    int reg;
    int64_t size; /* of an element of the register */
    grid_cast *cast;
    void (*repeat)(size_t n, const void *x, size_t times, void *y); /* where rows are one element, of its dtype */
    bool direct;                                                    /* needs no cast, and its rows are contiguous */
};

struct fuse_store {
    int reg;
    char *base;
    grid_cast *cast;
    size_t size;
    bool flat, stream;
    bool late;        /* what a scan makes: behind the tiles */
    struct grid grid; /* unless flat */
};

struct fuse_reduction {
    int reg, nout;
    struct reduction r;
    char *out[SHEAF_MAX_OUTPUTS];
    size_t size[SHEAF_MAX_OUTPUTS];
};

struct fuse_scan {
    int in, out; /* registers */
    struct scanner by;
};

struct fuse_plan {
    const struct kernels *k;
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    size_t n, nrows, row; /* elements; rows of reductions and scans, all of them one row where there are none */
    size_t blocks;        /* units of a row, or 1 where a unit is one row or more, or has to do with none */
    size_t unit, nunits, tile;
    double cost; /* ns per element */

    int nregisters, nmoves, nsources, nstores, nreductions, nscans, nmoving, nstraight;
    struct fuse_register registers[FUSE_MOST_REGISTERS];
    struct fuse_move moves[FUSE_MOST_REGISTERS];
    struct fuse_source sources[FUSE_MOST_SOURCES];
    struct fuse_store stores[FUSE_MOST_ENDS];
    struct fuse_reduction reductions[FUSE_MOST_ENDS];
    struct fuse_scan scans[FUSE_MOST_ENDS];
    int moving[FUSE_MOST_REGISTERS]; /* those in memory and in blocks */
    int straight[FUSE_MOST_INPUTS];  /* inputs that are read where they are */
    struct fuse_input inputs[FUSE_MOST_INPUTS];
    size_t scratch; /* bytes of a thread */
};

/* False: the chain does not fit. outs may be NULL: for fuse_fits. The plan need not be cleared. */
bool fuse_plan(struct fuse_plan *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs);
/* Where unit u begins, and its length. */
static inline size_t fuse_unit(const struct fuse_plan *p, size_t u, size_t *n)
{
    const size_t row = u / p->blocks * p->row, at = p->blocks > 1 ? u % p->blocks * p->unit : 0;
    const size_t start = p->blocks > 1 ? row + at : u * p->unit, left = p->blocks > 1 ? p->row - at : p->n - start;
    *n = left < p->unit ? left : p->unit;
    return start;
}

#endif
