#ifndef SHEAF_OPS_GRID_H
#define SHEAF_OPS_GRID_H

/* Nested dimensions that several operands walk together, each with its own strides. The last dimension stands
 * apart as (n, step): it is the run that kernels see; the leading ones are walked by a cursor. */

#include "kernels/kernels.h"
#include <sheaf/array.h>

#define GRID_OPERANDS 7

struct grid {
    int ndim, operands;
    size_t size; /* product of the leading dimensions; of all before grid_split */
    int64_t shape[SHEAF_MAX_NDIM];
    int64_t strides[GRID_OPERANDS][SHEAF_MAX_NDIM];
    size_t n;
    int64_t step[GRID_OPERANDS];
};

void grid_init(struct grid *g, int operands);
/* One more dimension, inside the ones before, or no dimension at all when extent is 1. Strides are given per operand.
 */
void grid_add(struct grid *g, int64_t extent, const int64_t *strides);
/* Order the dimensions by operand 0's strides, the largest first: for work whose order does not matter. */
void grid_order(struct grid *g);
void grid_swap(struct grid *g, int a, int b); /* two dimensions */
/* Merge neighbours that every operand walks with one stride, then set the last dimension apart. */
void grid_split(struct grid *g);

struct cursor {
    int64_t index[SHEAF_MAX_NDIM];
    char *p[GRID_OPERANDS];
};

/* Stand on the at-th place of the leading dimensions, counted in C order. */
void cursor_set(struct cursor *c, const struct grid *g, char *const *base, size_t at);

static inline void cursor_next(struct cursor *c, const struct grid *g)
{
    for (int i = g->ndim - 1; i >= 0; i--) {
        c->index[i]++;
        for (int k = 0; k < g->operands; k++)
            c->p[k] += g->strides[k][i];
        if (c->index[i] < g->shape[i])
            return;
        for (int k = 0; k < g->operands; k++)
            c->p[k] -= g->strides[k][i] * g->shape[i];
        c->index[i] = 0;
    }
}

typedef void grid_cast(size_t n, const void *src, ptrdiff_t src_stride, void *dst, ptrdiff_t dst_stride);

/* Elements [start, start + n) of operand 0, counted in C order over all dimensions, cast to dst, one `size` apart. */
void grid_gather(const struct grid *g, char *base, size_t start, size_t n, grid_cast *cast, void *dst, size_t size);

#endif
