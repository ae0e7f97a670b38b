#ifndef SHEAF_OPS_REDUCE_COLUMNS_H
#define SHEAF_OPS_REDUCE_COLUMNS_H

/* Rows of a reduction that lie interleaved in memory. */

#include "ops/reduce.h"

/* Whether neighbouring rows start at neighbouring elements. */
bool columns_are(const struct reduction *r);
/* Most rows to take together. */
size_t columns_wide(const struct reduction *r);

/* Room for what becomes of so many rows, one for each thread. */
struct columns {
    size_t wide, bytes;
    void *room;
    union part *parts;      /* those standing, `wide` of each */
    char *gathered;         /* elements of a block, row by row */
    double *lanes;          /* the kernels' scratch */
    double *sums;           /* and other results of 8 bytes */
    char *least, *greatest; /* of the work dtype */
    double *means, *m2s;    /* of parts of MOMENT_BLOCK elements, `wide` of each */
};
bool columns_init(struct columns *m, const struct reduction *r); /* false: no memory */
void columns_clear(struct columns *m);

/* So many neighbouring rows, the first of them and its results at p, to the end. */
void columns_reduce(const struct reduction *r, size_t columns, char *const *p, const struct columns *m);
/* Block b of them only: the part of row c to parts[c * apart]. */
void columns_block(const struct reduction *r, size_t columns, const char *x, size_t b, const struct columns *m,
                   union part *parts, size_t apart);

#endif
