#include "array/array.h"
#include "ops/scan.h"
#include <string.h>

#define GROUP 8 /* rows that are gathered at a time */

static void start(const struct scanner *s, struct scan_strip *c, size_t count, size_t numbers, const void *first)
{
    for (size_t k = 0; k < numbers; k++)
        c->local[k] = -0.0;
    if (s->kind == S_cummin || s->kind == S_cummax) {
        memcpy(c->carry, first, count * s->size);
        return;
    }
    const int64_t integer = s->kind == S_cumprod;
    const double real = s->blocks ? -0.0 : 1;
    const bool integers = dtype_is_integer(s->work);
    for (size_t k = 0; k < numbers; k++)
        memcpy(c->carry + k * sizeof real, integers ? (const void *)&integer : (const void *)&real, sizeof real);
}

static void end_block(struct scan_strip *c, size_t numbers)
{
    double *carry = (double *)c->carry;
    for (size_t k = 0; k < numbers; k++) {
        carry[k] += c->local[k];
        c->local[k] = -0.0;
    }
}

void scan_strip_go(const struct scanner *s, const struct scan_layout *l, struct scan_strip *c, size_t count, size_t at,
                   size_t n, const char *x, char *y)
{
    alignas(64) unsigned char tile[GROUP * SCAN_NUMBERS * sizeof(double)];
    const ptrdiff_t size = (ptrdiff_t)s->size, tile_step = (ptrdiff_t)count * size;
    const size_t numbers = dtype_is_complex(s->work) ? 2 * count : count;
    const size_t most = l->in_direct && l->out_direct ? KERNEL_BLOCK : GROUP;
    for (size_t i = 0, m; i < n; i += m, x += (ptrdiff_t)m * l->x_step, y += (ptrdiff_t)m * l->y_step) {
        const size_t left = KERNEL_BLOCK - (at + i) % KERNEL_BLOCK;
        m = n - i < left ? n - i : left;
        m = m < most ? m : most;
        for (size_t r = 0; !l->in_direct && r < m; r++)
            l->load(count, x + (ptrdiff_t)r * l->x_step, l->x_across, tile + (ptrdiff_t)r * tile_step, size);
        const void *from = l->in_direct ? (const void *)x : (const void *)tile;
        if (at + i == 0)
            start(s, c, count, numbers, from);
        s->columns(m, numbers, from, l->in_direct ? l->x_step : tile_step, l->out_direct ? (void *)y : (void *)tile,
                   l->out_direct ? l->y_step : tile_step, c->carry, c->local);
        for (size_t r = 0; !l->out_direct && r < m; r++)
            l->store(count, tile + (ptrdiff_t)r * tile_step, size, y + (ptrdiff_t)r * l->y_step, l->y_across);
        if (s->blocks && (at + i + m) % KERNEL_BLOCK == 0)
            end_block(c, numbers);
    }
}
