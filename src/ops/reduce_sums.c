/* Sums, products and counts. */

#include "ops/reduce_parts.h"
#include <math.h>

/* ---- sum, mean ---- */

void block_sum(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->sum[0] = sum_of(r, c->n, c->x);
    part->sum[1] = r->split ? sum_of(r, c->n, imaginary(c->x)) : 0;
    part->n = (double)c->n;
}

void combine_sum(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into;
    const union part *b = from;
    a->sum[0] += b->sum[0];
    a->sum[1] += b->sum[1];
    a->n += b->n;
}

void finish_sum(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    bool nothing = r->skip && part->n == 0;
    store_complex(r->out[0], nothing ? 0 : part->sum[0], nothing ? 0 : part->sum[1], out[0]);
}

void finish_mean(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    double n = part->n == 0 ? NAN : part->n;
    store_complex(r->out[0], part->sum[0] / n, part->sum[1] / n, out[0]);
}

void block_weighted_sum(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->sum[0] = r->k->dot_f64(c->n, c->y, c->x);
    part->sum[1] = r->split ? r->k->dot_f64(c->n, c->y, imaginary(c->x)) : 0;
    part->n = r->k->sum_f64(c->n, c->y);
}

void block_integer(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->integer = r->k->sum_int[r->work](c->n, c->x);
}

void combine_integer(const void *context, void *into, const void *from)
{
    (void)context;
    ((union part *)into)->integer += ((const union part *)from)->integer;
}

void finish_integer(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)r;
    (void)row;
    memcpy(out[0], &part->integer, sizeof part->integer);
}

/* ---- trapz ---- */

/* The blocks at the ends of a row are summed from a copy in which the first and the last element are halves: to take
 * halves off the whole sum would turn an infinity into a NaN. The lanes of sum_f32 are those of sum_f64. */
static double trapz_part(const struct reduction *r, const struct chunk *c, const void *x)
{
    bool first = c->start == 0, last = c->start + c->n == r->n;
    if (!first && !last)
        return sum_of(r, c->n, x);
    alignas(64) double tile[KERNEL_BLOCK];
    r->k->cast[r->work][K_F64](c->n, x, (ptrdiff_t)r->work_size, tile, sizeof tile[0]);
    if (first)
        tile[0] *= 0.5;
    if (last)
        tile[c->n - 1] *= 0.5;
    return r->k->sum_f64(c->n, tile);
}

void block_trapz(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->sum[0] = trapz_part(r, c, c->x);
    part->sum[1] = r->split ? trapz_part(r, c, imaginary(c->x)) : 0;
    part->n = (double)c->n;
}

void finish_trapz(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    double h = r->spacing == 0 ? 1 : r->spacing;
    bool nothing = r->n < 2;
    store_complex(r->out[0], nothing ? 0 : h * part->sum[0], nothing ? 0 : h * part->sum[1], out[0]);
}

/* ---- prod ---- */

void block_prod(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->sum[1] = 0;
    if (r->split)
        r->k->prod_split(c->n, c->x, imaginary(c->x), part->sum);
    else
        part->sum[0] = r->work == SHEAF_F32 ? r->k->prod_f32(c->n, c->x) : r->k->prod_f64(c->n, c->x);
}

void combine_prod(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    double *a = ((union part *)into)->sum;
    const double *b = ((const union part *)from)->sum;
    if (r->split) {
        double re[2] = {a[0], b[0]}, im[2] = {a[1], b[1]};
        r->k->prod_split(2, re, im, a);
    } else {
        a[0] *= b[0];
    }
}

void finish_prod(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    store_complex(r->out[0], r->n ? part->sum[0] : 1, r->n ? part->sum[1] : 0, out[0]);
}

void block_prod_integer(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->integer = r->k->prod_int[r->work](c->n, c->x);
}

void combine_prod_integer(const void *context, void *into, const void *from)
{
    (void)context;
    ((union part *)into)->integer *= ((const union part *)from)->integer;
}

void finish_prod_integer(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    uint64_t value = r->n ? part->integer : 1;
    memcpy(out[0], &value, sizeof value);
}

/* ---- dot ---- */

void block_dot(const struct reduction *r, const struct chunk *c, union part *part)
{
    const struct kernels *k = r->k;
    part->sum[1] = 0;
    part->n = (double)c->n;
    if (r->split) {
        const double *xi = imaginary(c->x), *yi = imaginary(c->y);
        part->sum[0] = k->dot_f64(c->n, c->x, c->y) - k->dot_f64(c->n, xi, yi);
        part->sum[1] = k->dot_f64(c->n, c->x, yi) + k->dot_f64(c->n, xi, c->y);
    } else {
        part->sum[0] = r->work == SHEAF_F32 ? k->dot_f32(c->n, c->x, c->y) : k->dot_f64(c->n, c->x, c->y);
    }
}

void block_dot_integer(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->integer = r->k->dot_int[r->work](c->n, c->x, c->y);
}

/* The lowest bits of the sum, as many as the result has. */
void finish_dot_integer(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    uint64_t value = r->out[0] == SHEAF_BOOL ? part->integer != 0 : part->integer;
    r->k->cast[K_U64][r->out[0]](1, &value, sizeof value, out[0], (ptrdiff_t)sheaf_dtype_size(r->out[0]));
}

/* ---- any, all, count_nonzero ---- */

void block_truth(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->truth.others = r->k->count_nonzero[r->work](c->n, c->x);
    part->truth.zeros = c->n - part->truth.others;
}

void combine_truth(const void *context, void *into, const void *from)
{
    (void)context;
    union part *a = into;
    const union part *b = from;
    a->truth.zeros += b->truth.zeros;
    a->truth.others += b->truth.others;
}

void finish_truth(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    if (r->kind == R_count_nonzero) {
        int64_t count = (int64_t)part->truth.others;
        memcpy(out[0], &count, sizeof count);
    } else {
        out[0][0] = r->kind == R_any ? part->truth.others > 0 : part->truth.zeros == 0;
    }
}
