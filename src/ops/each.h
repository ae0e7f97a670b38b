#ifndef SHEAF_OPS_EACH_H
#define SHEAF_OPS_EACH_H

/* Elementwise work as it runs: operands laid over the output's shape, and a kernel that sees contiguous elements. */

#include "ops/grid.h"
#include "ops/op.h"

#define EACH_OPERANDS 4 /* an output and up to three inputs */

struct each {
    const struct kernels *k;
    kernel_unary *unary; /* all NULL: a cast */
    kernel_binary *binary;
    kernel_ternary *ternary;
    int nin;
    struct grid grid; /* operand 0 is the output */
    char *base[EACH_OPERANDS];
    grid_cast *load[EACH_OPERANDS]; /* from an input's dtype to the working dtype */
    size_t size[EACH_OPERANDS];     /* bytes of an element as the kernel sees it */
    size_t from[EACH_OPERANDS];     /* bytes of an element in memory */
    bool direct[EACH_OPERANDS];     /* the kernel may use the operand's memory as it is */
    bool across[EACH_OPERANDS];     /* contiguous along the last leading dimension instead of along the rows */
    bool converts[EACH_OPERANDS];   /* the input is of another dtype than the kernel takes */
    bool all_direct;
    bool stream; /* the output is so large that it should not pass through the caches */
    grid_cast *store;
    size_t chunks; /* pieces of a row */
    size_t panel;  /* rows that are gathered together where an operand lies across; 0: none does */
};

/* Set up nin inputs that the kernel takes as work[k]. Kernel pointers, NULL here, are the caller's. */
void each_prepare(struct each *e, int nin, const sheaf_view *in, const sheaf_dtype *work, const sheaf_view *out);
void each_run(struct each *e, const team *t);

#endif
