#ifndef SHEAF_OPS_REDUCE_VERTICAL_H
#define SHEAF_OPS_REDUCE_VERTICAL_H

/* Kernels that go down the columns: what each kind of block asks of them, and what it then makes of their results. */

#include "ops/reduce_columns.h"
#include "ops/reduce_parts.h"

/* What the columns of a tile are to a kind of block. Tables end with a NULL block. */
struct vertical {
    reduce_block *block;
    bool (*can)(const struct reduction *r); /* whether there are kernels */
    void (*run)(const struct reduction *r, const struct tile *t, const struct columns *m);
    void (*tell)(const struct reduction *r, const struct tile *t, const struct columns *m, size_t column,
                 union part *part);
    /* Results of rows of one block, from what run has left; false where parts are wanted. */
    bool (*whole)(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out);
    /* Blocks in layers of MOMENT_BLOCK rows: where parts may be joined in any order, every layer makes one; else this
     * runs rows from `at` on of a block of n. */
    bool any_order;
    void (*layer)(const struct reduction *r, const struct tile *t, const struct columns *m, size_t at, size_t n);
};

/* reduce_vertical_sums.c, reduce_vertical_moments.c */
extern const struct vertical vertical_sums[], vertical_moments[];
bool vertical_can_sum(const struct reduction *r), vertical_can_range(const struct reduction *r);
void vertical_run_sum(const struct reduction *r, const struct tile *t, const struct columns *m);
void vertical_run_range(const struct reduction *r, const struct tile *t, const struct columns *m);
/* Whether the tile is wanted as doubles too, in m->doubles. */
bool vertical_wants_doubles(const struct reduction *r);

/* n results to output k. */
void vertical_put(const struct reduction *r, size_t n, enum kdtype from, const void *x, char *const *out, int k);
/* Whether NaNs among the results call for another look. */
bool vertical_asks_again(const struct reduction *r, size_t n, enum kdtype dtype, const void *x,
                         const struct columns *m);

#endif
