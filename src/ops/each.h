#ifndef SHEAF_OPS_EACH_H
#define SHEAF_OPS_EACH_H

/* Elementwise work as it runs: operands laid over the output's shape, and a kernel that sees contiguous elements. */

#include "ops/grid.h"
#include "ops/op.h"

#define EACH_OPERANDS 4 /* an output and up to three inputs */

/* What is done to contiguous elements: one of the three; none: a cast. */
struct each_kernel {
    kernel_unary *unary;
    kernel_binary *binary;
    kernel_ternary *ternary;
};
static inline bool each_casts(const struct each_kernel *f)
{
    return !f->unary && !f->binary && !f->ternary;
}
static inline void each_apply(const struct each_kernel *f, size_t n, const void *const *in, void *out)
{
    if (f->ternary)
        f->ternary(n, in[0], in[1], in[2], out);
    else if (f->binary)
        f->binary(n, in[0], in[1], out);
    else
        f->unary(n, in[0], out);
}

/* An elementwise function of inputs whose dtypes are known. */
struct elementwise {
    struct each_kernel kernel;
    sheaf_dtype work[SHEAF_MAX_INPUTS], out; /* what the inputs are cast to, and the result */
};
/* False: there is no kernel. Looks at dtypes only. */
bool elementwise_choose(const struct op *op, const sheaf_view *in, bool fast, struct elementwise *e);
/* Whether the second input, of this dtype, must hold no negative number: an exponent of integers. */
bool elementwise_counts(const struct op *op, const struct elementwise *e, sheaf_dtype second);

struct each {
    const struct kernels *k;
    struct each_kernel kernel;
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

/* Set up nin inputs that the kernel takes as work[k]. The kernel, none here, is the caller's. */
void each_prepare(struct each *e, int nin, const sheaf_view *in, const sheaf_dtype *work, const sheaf_view *out);
void each_run(struct each *e, const team *t);

#endif
