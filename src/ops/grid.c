#include "ops/grid.h"

void grid_init(struct grid *g, int operands)
{
    g->ndim = 0;
    g->operands = operands;
    g->size = 1;
}

void grid_add(struct grid *g, int64_t extent, const int64_t *strides)
{
    if (extent == 1)
        return;
    g->size *= (size_t)extent;
    g->shape[g->ndim] = extent;
    for (int k = 0; k < g->operands; k++)
        g->strides[k][g->ndim] = strides[k];
    g->ndim++;
}

static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

void grid_swap(struct grid *g, int a, int b)
{
    int64_t extent = g->shape[a];
    g->shape[a] = g->shape[b];
    g->shape[b] = extent;
    for (int k = 0; k < g->operands; k++) {
        int64_t stride = g->strides[k][a];
        g->strides[k][a] = g->strides[k][b];
        g->strides[k][b] = stride;
    }
}

void grid_order(struct grid *g)
{
    for (int i = 1; i < g->ndim; i++)
        for (int j = i; j > 0 && magnitude(g->strides[0][j]) > magnitude(g->strides[0][j - 1]); j--)
            grid_swap(g, j, j - 1);
}

/* Whether dimension i and the one after it are one for every operand. */
static bool mergeable(const struct grid *g, int i)
{
    for (int k = 0; k < g->operands; k++)
        if (g->strides[k][i] != g->strides[k][i + 1] * g->shape[i + 1])
            return false;
    return true;
}

void grid_split(struct grid *g)
{
    for (int i = g->ndim - 2; i >= 0; i--) {
        if (!mergeable(g, i))
            continue;
        g->shape[i] *= g->shape[i + 1];
        for (int k = 0; k < g->operands; k++)
            g->strides[k][i] = g->strides[k][i + 1];
        for (int j = i + 1; j + 1 < g->ndim; j++) {
            g->shape[j] = g->shape[j + 1];
            for (int k = 0; k < g->operands; k++)
                g->strides[k][j] = g->strides[k][j + 1];
        }
        g->ndim--;
    }
    g->n = 1;
    for (int k = 0; k < g->operands; k++)
        g->step[k] = 0;
    if (g->ndim == 0)
        return;
    g->ndim--;
    g->n = (size_t)g->shape[g->ndim];
    for (int k = 0; k < g->operands; k++)
        g->step[k] = g->strides[k][g->ndim];
    g->size = 1;
    for (int i = 0; i < g->ndim; i++)
        g->size *= (size_t)g->shape[i];
}

void cursor_set(struct cursor *c, const struct grid *g, char *const *base, size_t at)
{
    for (int k = 0; k < g->operands; k++)
        c->p[k] = base[k];
    for (int i = g->ndim - 1; i >= 0; i--) {
        c->index[i] = (int64_t)(at % (size_t)g->shape[i]);
        at /= (size_t)g->shape[i];
        for (int k = 0; k < g->operands; k++)
            c->p[k] += c->index[i] * g->strides[k][i];
    }
}

void grid_gather(const struct grid *g, char *base, size_t start, size_t n, grid_cast *cast, void *dst, size_t size)
{
    ptrdiff_t step = (ptrdiff_t)g->step[0];
    if (g->ndim == 0) {
        cast(n, base + (ptrdiff_t)start * step, step, dst, (ptrdiff_t)size);
        return;
    }
    struct cursor c;
    char *to = dst;
    size_t skip = start % g->n;
    cursor_set(&c, g, &base, start / g->n);
    while (n > 0) {
        size_t m = g->n - skip < n ? g->n - skip : n;
        cast(m, c.p[0] + (ptrdiff_t)skip * step, step, to, (ptrdiff_t)size);
        to += m * size;
        n -= m;
        skip = 0;
        if (n > 0)
            cursor_next(&c, g);
    }
}
