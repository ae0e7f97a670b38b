#ifndef SHEAF_OPS_FUSE_TILES_H
#define SHEAF_OPS_FUSE_TILES_H

/* A pass as it runs: what each tile of elements goes through. */

#include "ops/fuse.h"
#include "ops/grid.h"

enum {
    FUSE_TILE = 512,       /* elements; both divide KERNEL_BLOCK */
    FUSE_TILE_LARGE = 128, /* of what comes from memory: while a longer one is computed, too little is on its way */
    FUSE_MOST_WORKS = (1 + SHEAF_MAX_INPUTS) * FUSE_MOST_STEPS,
    FUSE_MOST_OPERANDS = FUSE_MOST_WORKS + 2 * FUSE_MOST_INPUTS
};

/* Where the elements of an operand are while a tile is worked on. */
enum operand_kind {
    OPERAND_DIRECT,   /* in the input's memory */
    OPERAND_FILLED,   /* one element over and over: a tile made once */
    OPERAND_PERIODIC, /* rows over and over: a tile and a row more, made once */
    OPERAND_GATHERED, /* copied to a tile, cast on the way */
    OPERAND_MADE      /* by a work */
};

struct operand {
    enum operand_kind kind;
    int value; /* of the pass */
    sheaf_dtype dtype;
    size_t size;
    char *base; /* of what is direct, or of the output that is computed in its place; else NULL */
    size_t period;
    bool reduced;    /* a whole block of it is kept together */
    int last;        /* the last work that needs it; nworks: ends do */
    size_t offset;   /* of its tile in a thread's memory */
    grid_cast *cast; /* of what is filled, periodic or gathered */
};

/* One kernel on tiles. */
struct work {
    kernel_unary *unary;
    kernel_binary *binary;
    kernel_ternary *ternary; /* all NULL: a cast */
    grid_cast *cast;
    int in[SHEAF_MAX_INPUTS], to; /* operands */
};

struct store {
    int operand;
    bool stream;
    const sheaf_view *out; /* NULL: computed in its place */
    struct grid grid;
    grid_cast *cast;
};

struct tiles {
    const struct kernels *k;
    size_t n, tile; /* elements of the common shape, of a tile */
    int noperands, nworks, nstores;
    size_t memory; /* bytes that a thread needs */
    bool streams;
    int ndirect, direct[FUSE_MOST_INPUTS]; /* operands that are read where they lie */
    struct grid grids[FUSE_MOST_INPUTS];   /* of the inputs, over the common shape */
    struct work works[FUSE_MOST_WORKS];
    struct operand operands[FUSE_MOST_OPERANDS];
    struct store stores[FUSE_MOST_ENDS];
};

/* Lay the pass out. reduced[e]: the operand that end e reduces. */
void tiles_prepare(struct tiles *t, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs, int *reduced);
bool tiles_fit(const struct fuse *f, const sheaf_view *in);
/* Fill a thread's memory with what does not change from tile to tile. */
void tiles_begin(const struct tiles *t, char *memory);
/* Elements [start, start + n) of the common shape in C order; where anything is reduced, no more than a block. */
void tiles_run(const struct tiles *t, char *memory, size_t start, size_t n);
/* Ask for the inputs' elements [at, at + n) while something else is done: part `part` of `parts` of them. */
void tiles_fetch(const struct tiles *t, size_t at, size_t n, int part, int parts);
/* The elements of an operand that is reduced, of the block that tiles_run was last given. */
const char *tiles_block(const struct tiles *t, const char *memory, int operand, size_t start);

#endif
