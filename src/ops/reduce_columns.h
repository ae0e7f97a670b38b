#ifndef SHEAF_OPS_REDUCE_COLUMNS_H
#define SHEAF_OPS_REDUCE_COLUMNS_H

/* Rows of a reduction that lie interleaved in memory, as in a reduction over axis 0: they are the columns of a tile. */

#include "ops/reduce.h"

/* Whether neighbouring rows start at neighbouring elements. */
bool columns_are(const struct reduction *r);
/* Whether all of them are more than a cache nearby holds. */
bool columns_are_far(const struct reduction *r);
/* Most rows to take together. */
size_t columns_wide(const struct reduction *r);

/* Room for what becomes of so many rows, one for each thread. */
struct columns {
    const struct vertical *vertical; /* NULL: gathered */
    size_t wide, bytes;
    void *room;
    union part *parts;      /* those standing, `wide` of each */
    char *gathered[2];      /* elements of a block of each source, row by row, */
    size_t pitch;           /* so many elements apart */
    char *staged[2];        /* tiles of the sources, cast */
    double *doubles;        /* the tile as doubles, where that is no work dtype */
    double *scratch;        /* of the kernels */
    double *sums;           /* and other results of 8 bytes */
    char *least, *greatest; /* of the work dtype */
    double *means;          /* of parts of MOMENT_BLOCK elements, `wide` of each */
    double *powers[3];      /* and sums of powers of the deviations, the second to the fourth */
    bool *flags;
};
bool columns_init(struct columns *m, const struct reduction *r); /* false: no memory */
void columns_clear(struct columns *m);

/* One block of some columns: n rows of them, `stride` bytes apart, from each source. */
struct tile {
    size_t n, columns, start; /* start: position in the rows of the reduction */
    const char *x[2];
    ptrdiff_t stride[2], across[2]; /* across: between neighbouring columns, their size or 0 */
};
struct tile columns_tile(const struct reduction *r, size_t columns, char *const *p, size_t b);

/* The part of column c to parts[c * apart]. */
void columns_take(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                  size_t apart);
/* So many neighbouring rows, the first of them and its results at p, to the end. */
void columns_reduce(const struct reduction *r, size_t columns, char *const *p, const struct columns *m);

/* The same tile by tile: at first columns_whole, for rows of a single block, which is false where parts are wanted;
 * then for each block its parts go to columns_next, and columns_push takes them in; then the end. */
struct standing {
    size_t blocks, top;
};
bool columns_whole(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out);
static inline union part *columns_next(const struct columns *m, const struct standing *s)
{
    return m->parts + s->top * m->wide;
}
void columns_push(const struct reduction *r, size_t columns, const struct columns *m, struct standing *s);
void columns_end(const struct reduction *r, size_t columns, char *const *p, const struct columns *m,
                 struct standing *s);

/* reduce_gathered.c: tiles of at most GATHERED columns, to their parts; x alone, to m->gathered. */
#define GATHERED 16
void gathered_block(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                    size_t apart);
void gathered_load(const struct reduction *r, const struct tile *t, const struct columns *m);

/* reduce_vertical.c: kernels that go down the columns; NULL where there are none. */
const struct vertical *vertical_of(const struct reduction *r);
/* Whether tiles are copied, cast, before the kernels see them: then they should be small. */
bool vertical_stages(const struct reduction *r);
size_t vertical_pitch(size_t columns, size_t size); /* bytes from row to row of the copy */
void vertical_block(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                    size_t apart);
/* Blocks may also come in layers of MOMENT_BLOCK rows, where this says so: t is the layer at row `at` of a block of n,
 * and the block's parts are there after the last. */
bool vertical_layers(const struct reduction *r);
void vertical_layer(const struct reduction *r, const struct tile *t, const struct columns *m, size_t at, size_t n,
                    union part *parts, size_t apart);
/* The results of rows of a single block, at out, as whole arrays without parts; false where parts are wanted. */
bool vertical_whole(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out);

#endif
