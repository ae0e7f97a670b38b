#ifndef SHEAF_OPS_COUNTING_H
#define SHEAF_OPS_COUNTING_H

/* Counting how many elements, or what weights, go to each of a number of places. */

#include "ops/flat.h"

struct counting {
    const char *name; /* of the function, for errors */
    size_t n;
    size_t places; /* and one more, for elements that go nowhere */
    /* The places of elements [start, start + m), m ≤ FLAT_TILE; tile has FLAT_BYTES. */
    void (*find)(const void *self, size_t start, size_t m, void *tile, uint32_t *index);
    const void *self;
    const struct flat *weights; /* as doubles; NULL: each element counts as 1 */
    double ns;                  /* of an element */
};

/* out: so many int64, or doubles where there are weights. Weighted sums are made block by block from the start, and
 * the blocks' sums added in order: the same bits for any team. */
sheaf_status counting_run(const struct counting *c, const team *t, void *out, sheaf_error *error);

#endif
