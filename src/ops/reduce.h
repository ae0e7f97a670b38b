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

/* n: elements, or the sum of their weights. powers of deviations: m2 = Σ|x - mean|² … m4; m3 and m4 for reals. */
struct moments {
    double n, mean[2], m2, m3, m4;
};

union part {
    struct {
        double sum[2], n; /* and an imaginary part */
    };
    uint64_t integer;
    struct moments moments;
    struct {
        union scalar least, greatest; /* those that the kind asks for */
        size_t n;                     /* elements looked at; without any, the values are NaN */
    } range;
    struct {
        union scalar value;
        size_t start, n; /* start: of the block it was found in, or, if found, its own position */
        bool found;
    } best;
    struct {
        size_t zeros, others;
    } truth;
    struct {
        double sum; /* Σ(|x| / 2^scale)² */
        int scale;
    } squares;
    struct {
        double max, sum; /* Σ exp(x - max) */
    } exponentials;
    struct {
        struct moments moments;
        double sum;
        uint64_t least, greatest; /* bits of one element */
    } stats;
};

/* Elements of a block: x of dtype work, contiguous; split complex ones as doubles: n real parts at x, n imaginary parts
 * at x + KERNEL_BLOCK. y: the second operand's, or the weights as doubles. start: position in the row. */
struct chunk {
    size_t n, start;
    const void *x, *y;
};

/* Where elements come from. */
struct source {
    struct grid inner; /* the reduced dimensions */
    sheaf_dtype from;
    size_t from_size;
    grid_cast *cast;
    bool split;  /* its two parts wanted apart */
    bool direct; /* rows are contiguous and need no cast */
};

struct reduction {
    const struct kernels *k;
    enum reduction_kind kind; /* of the plain function where NaNs are left out */
    void (*block)(const struct reduction *r, const struct chunk *c, union part *part);
    void (*plain)(const struct reduction *r, const struct chunk *c, union part *part); /* block, of NaNs too */
    par_combine *combine; /* the context is the reduction */
    void (*finish)(const struct reduction *r, char *row, const union part *part, char *const *out);

    sheaf_dtype work, out[SHEAF_MAX_OUTPUTS];
    double ddof, spacing;
    size_t n, nblocks, work_size;
    bool split;    /* complex, its two parts apart */
    bool skip;     /* NaNs are left out */
    bool weighted; /* source[1] are weights */
    bool near;     /* source[0] is in a cache nearby */
    int sources;
    struct source source[2];
    struct grid rows; /* the dimensions that stay; operand 0 is source 0, then the outputs, then source 1 */
    char *base[GRID_OPERANDS];
};

/* Set what depends on kind and dtypes only. promoted: of x, or of x and y; from: the dtypes of the sources, the second
 * y's or the weights'. */
void reduce_choose(struct reduction *r, enum reduction_kind kind, sheaf_dtype promoted, const sheaf_dtype *from,
                   int sources);

/* One row of n > 0 contiguous elements of each source, all of this dtype, to *out; serial, allocates nothing. Not fsum.
 */
void reduce_vector(const struct op *op, sheaf_dtype dtype, size_t n, const void *x, const void *y, void *out);

/* n elements of a row, ready for block; buffer has REDUCE_BUFFER bytes. */
#define REDUCE_BUFFER (KERNEL_BLOCK * sizeof(union scalar))
const void *reduce_load(const struct reduction *r, int source, char *row, size_t start, size_t n, void *buffer);

/* Length of block b of a row. */
static inline size_t reduce_length(const struct reduction *r, size_t b)
{
    return b + 1 < r->nblocks ? KERNEL_BLOCK : r->n - b * KERNEL_BLOCK;
}
/* Whether the rest of the row cannot change the result. */
bool reduce_is_decided(const struct reduction *r, const union part *part);
/* Whether the block behind the part may have held a NaN. */
bool reduce_shows_nan(const struct reduction *r, const union part *part);
/* Look up where in its block the best element is, for parts whose blocks are gone when they are finished. */
void reduce_find_best(const struct reduction *r, const struct chunk *c, union part *part);
/* Set up the reduction of each column of a matrix, all of it: to outs, of so many elements without gaps. x's data is
 * not looked at but by argmin and its kin. */
void reduce_matrix(struct reduction *r, const struct op *op, const sheaf_options *options, const sheaf_view *x,
                   const sheaf_view *outs);
/* The row's results from the parts of all its blocks, which it overwrites. */
void reduce_finish_row(const struct reduction *r, size_t row, union part *parts);
/* Where row `row` and its results begin. */
void reduce_locate(const struct reduction *r, size_t row, char **p);

/* fsum, which has blocks but no parts: its accumulators are exact, so that any order gives the same. */
sheaf_status exact_run(const struct op *op, const struct reduction *r, size_t nrows, const team *t, sheaf_error *error);

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
    f->parts[0] = (union part){.moments = {0}};
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
