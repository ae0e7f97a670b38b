#ifndef SHEAF_OPS_SCAN_H
#define SHEAF_OPS_SCAN_H

/* A row's scan as it goes from block to block: struct scan_state in kernels.h says to the bit what it carries. */

#include "ops/grid.h"
#include <sheaf/array.h>
#include <stdalign.h>
#include <stdatomic.h>

struct scanner {
    enum scan_kind kind;
    sheaf_dtype work;
    size_t size;
    bool blocks; /* local sums, block by block */
    kernel_scan *scan;
    kernel_scan_end *end; /* NULL: a block cannot be summed up before its start is known */
    kernel_scan_columns *columns;
};

/* False: there is no kernel. */
bool scanner_choose(struct scanner *s, enum scan_kind kind, sheaf_dtype work);
/* The state before an element that nothing comes before. */
struct scan_state scanner_start(const struct scanner *s, const void *first);
/* After the last element of a block. */
void scanner_end_block(const struct scanner *s, struct scan_state *state);
/* From the state before a block to the one behind it, by the state of the block alone. */
void scanner_follow(const struct scanner *s, const struct scan_state *block, struct scan_state *state);

/* ---- scan_columns.c: rows that lie across memory, walked side by side ---- */

#define SCAN_NUMBERS 512 /* that are walked at most: a complex element is two */

struct scan_strip {
    alignas(64) unsigned char carry[SCAN_NUMBERS * sizeof(double)];
    double local[SCAN_NUMBERS];
};
/* Bytes from one element of a row to the next, and from row to row. */
struct scan_layout {
    grid_cast *load, *store;    /* to and from the working dtype */
    bool in_direct, out_direct; /* rows are neighbours and, of the input, of the working dtype */
    ptrdiff_t x_step, x_across, y_step, y_across;
};
/* Elements [at, at + n) of `count` rows, whose state is in c; at is 0 or a multiple of 8. x and y are where they lie.
 */
void scan_strip_go(const struct scanner *s, const struct scan_layout *l, struct scan_strip *c, size_t count, size_t at,
                   size_t n, const char *x, char *y);

/* Until it is this piece's turn, which the thread that has the piece before passes on. */
void scan_wait(atomic_size_t *turn, size_t piece);

#endif
