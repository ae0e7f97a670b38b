#ifndef SHEAF_OPS_QUANTILE_H
#define SHEAF_OPS_QUANTILE_H

/* Order statistics of rows, by sorting keys (kernel_key): integers of 32 or 64 bits that have the elements' order. */

#include "ops/grid.h"
#include "ops/op.h"

enum quantile_method {
    M_linear,
    M_lower,
    M_higher,
    M_nearest,
    M_midpoint,
    METHOD_COUNT
};

struct quantile {
    const struct op *op;
    const struct kernels *k;
    enum quantile_method method;
    bool median, skip; /* skip: NaNs are left out */
    int nq;
    double *q; /* from 0 to 1 */
    sheaf_dtype source, key, out;
    bool floats;
    int64_t infinity;         /* the key of it, where there are NaNs behind */
    size_t n, size, out_size; /* n elements of a row; bytes of a key and of a result */
    grid_cast *load;
    struct grid inner; /* the reduced axes; operand 0 the input */
    struct grid rows;  /* the others; operand 0 the input, 1 the output */
    int64_t q_step;    /* bytes from one quantile of a row to the next */
    char *base[2];
};

/* What one row is selected with. */
struct selection {
    size_t count; /* elements that are no NaN */
    size_t nranks;
    size_t *ranks; /* places in sorted order, ascending, each once; room for 2 nq */
    char *values;  /* the keys there */
};

/* Elements [start, start + n) of a row, as keys. */
void quantile_load(const struct quantile *q, char *row, size_t start, size_t n, void *keys);
/* The places that the quantiles of s->count elements need. */
void quantile_ranks(const struct quantile *q, struct selection *s);
/* NaNs among n keys. */
size_t quantile_nans(const struct quantile *q, size_t n, const void *keys);
/* The values at the ranks of a row that is too long for one thread's cache: false, when nothing can be promised by its
 * sample; or no memory. s->count and ranks are set, values too when count > 0 and, unless q->skip, there is no NaN. */
bool quantile_long(const struct quantile *q, char *row, const team *t, struct selection *s);
/* The keys at `ranks` of n keys, which are reordered, the first of them being at place `first`. */
void quantile_pick(const struct quantile *q, char *keys, size_t n, size_t first, const size_t *ranks, size_t nranks,
                   char *values);

#define QUANTILE_LONG 65536 /* elements from which on a row is bracketed */

#endif
