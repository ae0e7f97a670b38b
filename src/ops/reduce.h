#ifndef SHEAF_OPS_REDUCE_H
#define SHEAF_OPS_REDUCE_H

/* Reductions. A row is all that becomes one result; it is cut into blocks of KERNEL_BLOCK elements counted from its
 * start. A block gives a part; the parts of a row are combined in a fixed tree over their index. Hence the same bits
 * however blocks and rows are shared out. */

#include "ops/grid.h"
#include "ops/op.h"

/* One element of any dtype. */
union scalar {
    double f64[2];
    float f32[4];
    uint64_t u64[2];
};

union part {
    double sum[2]; /* and an imaginary part */
    uint64_t integer;
    struct {
        double n, mean[2], m2; /* m2 = Σ|x - mean|² */
    } moments;
    struct {
        union scalar least, greatest;
    } range;
    struct {
        union scalar value;
        size_t start; /* of the block it was found in */
    } best;
    struct {
        size_t zeros, others;
    } truth;
    struct {
        double n, sum, mean, m2;
        uint64_t least, greatest; /* bits of one element */
    } stats;
};

struct reduction {
    const struct kernels *k;
    enum reduction_kind kind;
    /* x: n elements of dtype work, contiguous; split complex ones as doubles: n real parts at x, n imaginary parts at
     * x + KERNEL_BLOCK. start: position in the row. */
    void (*block)(const struct reduction *r, size_t n, const void *x, size_t start, union part *part);
    par_combine *combine; /* the context is the reduction */
    void (*finish)(const struct reduction *r, char *row, const union part *part, char *const *out);

    sheaf_dtype from, work, out[SHEAF_MAX_OUTPUTS];
    double ddof;
    size_t n, nblocks;
    size_t from_size, work_size;
    bool split;  /* complex, its two parts apart */
    bool direct; /* rows are contiguous and need no cast */
    grid_cast *cast;
    struct grid inner; /* the reduced dimensions */
    struct grid rows;  /* the others; operand 0 the input, then the outputs */
    char *base[GRID_OPERANDS];
};

/* Set what depends on kind and dtypes only: k to split, and cast. */
void reduce_choose(struct reduction *r, enum reduction_kind kind, sheaf_dtype from);

/* n elements of a row, ready for block; buffer has REDUCE_BUFFER bytes. */
#define REDUCE_BUFFER (KERNEL_BLOCK * sizeof(union scalar))
const void *reduce_load(const struct reduction *r, char *row, size_t start, size_t n, void *buffer);

/* One row, p[0] being its first element and p[1]… its results; serial, allocates nothing. */
void reduce_row(const struct reduction *r, char *const *p);

/* The parts of a row as they come, combined as par_tree would combine them all at the end. */
#define FOLD_DEPTH 48
struct fold {
    size_t count; /* blocks so far */
    int top;      /* parts standing */
    union part parts[FOLD_DEPTH];
};
static inline void fold_init(struct fold *f)
{
    f->count = 0;
    f->top = 0;
    f->parts[0] = (union part){.moments = {0, {0, 0}, 0}};
}
/* Where the next block's part goes; fold_push then takes it in. */
static inline union part *fold_next(struct fold *f)
{
    return &f->parts[f->top];
}
static inline void fold_push(struct fold *f, const struct reduction *r)
{
    f->top++;
    f->count++;
    for (size_t c = f->count; (c & 1) == 0; c >>= 1, f->top--)
        r->combine(r, &f->parts[f->top - 2], &f->parts[f->top - 1]);
}
static inline const union part *fold_end(struct fold *f, const struct reduction *r)
{
    for (; f->top > 1; f->top--)
        r->combine(r, &f->parts[f->top - 2], &f->parts[f->top - 1]);
    return &f->parts[0];
}

#endif
