#ifndef SHEAF_OPS_FLAT_H
#define SHEAF_OPS_FLAT_H

/* A view as one row of elements in C order, read or written piece by piece through another dtype. */

#include "ops/grid.h"
#include "ops/op.h"

struct flat {
    const sheaf_view *view;
    struct grid grid;
    const struct kernels *k;
    sheaf_dtype work; /* that of the pieces */
    size_t n, size;   /* size: bytes of an element in the working dtype */
    grid_cast *cast;
    char *base;
    bool direct; /* contiguous, and of the working dtype */
};

/* Elements of the pieces that the functions of whole arrays work on. */
#define FLAT_TILE 1024
#define FLAT_BYTES (FLAT_TILE * 16)

void flat_read(struct flat *f, const sheaf_view *x, sheaf_dtype work);
void flat_write(struct flat *f, const sheaf_view *out, sheaf_dtype work);
/* Elements [start, start + n) in the working dtype: where they lie, or copied to tile. */
const void *flat_load(const struct flat *f, size_t start, size_t n, void *tile);
/* Where a piece may be written; flat_store then brings it to its place. */
void *flat_place(const struct flat *f, size_t start, void *tile);
void flat_store(const struct flat *f, size_t start, size_t n, const void *tile);
/* Least and greatest of all the n > 0 elements, in the working dtype; NaN when any is. Not for complex. */
void flat_extremes(const struct flat *f, const team *t, void *least, void *greatest);
/* A contiguous copy in the working dtype from the pool, or the elements where they lie (*bytes 0); NULL: no memory.
 * pool_put it with *bytes. */
void *flat_copy(const struct flat *f, const team *t, bool own, size_t *bytes);

/* body over [0, n) in pieces of `grain` elements; alone where that is not worth a team. ns: of an element. */
void flat_share(const team *t, size_t n, size_t grain, double ns, par_body *body, void *context);

#endif
