/* norm, rms and logsumexp: sums of what may leave the range of doubles, kept beside a scale. */

#include "ops/reduce_parts.h"
#include <math.h>

/* ---- norm, rms ---- */

/* Within these a sum of squares has lost nothing to underflow and leaves room to add others. */
#define LEAST_SQUARES 0x1p-900
#define MOST_SQUARES 0x1p960
/* 2^-e must be a normal number. */
#define LEAST_SCALE (-1000)

static void scaled_squares(const struct reduction *r, size_t n, const double *x, union part *part)
{
    double least, greatest;
    int scale;
    r->k->minmax_f64(n, x, &least, &greatest);
    double size = fmax(-least, greatest);
    if (!(size > 0 && size < INFINITY))
        return;
    frexp(size, &scale);
    scale = scale < LEAST_SCALE ? LEAST_SCALE : scale;
    const double down = ldexp(1, -(scale / 2)), rest = ldexp(1, -(scale - scale / 2));
    alignas(64) double tile[KERNEL_BLOCK];
    for (size_t i = 0; i < n; i++)
        tile[i] = x[i] * down * rest;
    part->squares.sum = r->k->m2_f64(n, tile, 0);
    part->squares.scale = scale;
}

bool squares_are_safe(const struct reduction *r, double sum)
{
    return r->work != SHEAF_F64 || (sum >= LEAST_SQUARES && sum <= MOST_SQUARES) || isnan(sum);
}

static void squares_of(const struct reduction *r, size_t n, const void *x, union part *part)
{
    double sum = m2_of(r, n, x, 0);
    part->squares.sum = sum;
    part->squares.scale = 0;
    if (!squares_are_safe(r, sum))
        scaled_squares(r, n, x, part);
}

void combine_squares(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into, b = *(const union part *)from;
    if (b.squares.sum == 0)
        return;
    if (a->squares.sum == 0) {
        *a = b;
        return;
    }
    union part *low = a->squares.scale < b.squares.scale ? a : &b, *high = low == a ? &b : a;
    double sum = high->squares.sum + ldexp(low->squares.sum, 2 * (low->squares.scale - high->squares.scale));
    a->squares.scale = high->squares.scale;
    a->squares.sum = sum;
}

void block_squares(const struct reduction *r, const struct chunk *c, union part *part)
{
    squares_of(r, c->n, c->x, part);
    if (r->split) {
        union part other;
        squares_of(r, c->n, imaginary(c->x), &other);
        combine_squares(r, part, &other);
    }
}

void finish_squares(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    double sum = r->kind == R_rms ? part->squares.sum / (double)r->n : part->squares.sum;
    store_real(r->out[0], ldexp(sqrt(sum), part->squares.scale), out[0]);
}

/* ---- logsumexp ---- */

/* exp and log by the kernels, for the same bits on every machine. */
static double one(kernel_unary *f, double x)
{
    double y;
    f(1, &x, &y);
    return y;
}

void block_logsumexp(const struct reduction *r, const struct chunk *c, union part *part)
{
    alignas(64) double tile[KERNEL_BLOCK];
    const double *x = c->x;
    double least, max;
    r->k->minmax_f64(c->n, x, &least, &max);
    part->exponentials.max = max;
    part->exponentials.sum = 1;
    if (!isfinite(max))
        return;
    for (size_t i = 0; i < c->n; i++)
        tile[i] = x[i] - max;
    r->k->unary[K_exp][K_F64](c->n, tile, tile);
    part->exponentials.sum = r->k->sum_f64(c->n, tile);
}

/* Where max is not finite, it alone decides: NaN before inf before all else, -inf after all else. */
void combine_logsumexp(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into, b = *(const union part *)from;
    double x = a->exponentials.max, y = b.exponentials.max;
    if (isnan(x) || (x == INFINITY && !isnan(y)) || y == -INFINITY)
        return;
    if (!isfinite(y) || !isfinite(x)) {
        *a = b;
        return;
    }
    kernel_unary *exp = r->k->unary[K_exp][K_F64];
    if (x < y) {
        a->exponentials.sum = a->exponentials.sum * one(exp, x - y) + b.exponentials.sum;
        a->exponentials.max = y;
    } else {
        a->exponentials.sum += b.exponentials.sum * one(exp, y - x);
    }
}

void finish_logsumexp(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    double max = r->n ? part->exponentials.max : -INFINITY;
    double rest = isfinite(max) ? one(r->k->unary[K_log][K_F64], part->exponentials.sum) : 0;
    store_real(r->out[0], max + rest, out[0]);
}
