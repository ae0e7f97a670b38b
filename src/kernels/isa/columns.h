#ifndef SHEAF_KERNELS_COLUMNS_H
#define SHEAF_KERNELS_COLUMNS_H

/* Common to the reductions down columns. */

#include <stdbool.h>
#include <stddef.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Bytes of a row that are read at a time: with less, the processor's own prefetching does not keep up. */
#define COLUMNS_BYTES 4096
/* Rows that are added together before they go to what stands in memory. */
#define COLUMNS_ROWS 8

static inline const void *down(const void *x, size_t rows, ptrdiff_t stride)
{
    return (const char *)x + (ptrdiff_t)rows * stride;
}

/* Where rows follow each other without a gap and the order does not matter, so many of them, a power of two, make one
 * row. */
static inline size_t rows_together(size_t rows, size_t columns, size_t size, ptrdiff_t stride)
{
    size_t together = 1;
    while (stride == (ptrdiff_t)(columns * size) && 2 * together * columns * size <= COLUMNS_BYTES &&
           2 * together * COLUMNS_ROWS <= rows)
        together *= 2;
    return together;
}

#endif
