#ifndef SHEAF_OPS_SCAN_H
#define SHEAF_OPS_SCAN_H

/* A row's scan as it goes from block to block: struct scan_state in kernels.h says to the bit what it carries. */

#include "kernels/kernels.h"
#include <sheaf/array.h>
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
/* Until it is this piece's turn, which the thread that has the piece before passes on. */
void scan_wait(atomic_size_t *turn, size_t piece);

#endif
