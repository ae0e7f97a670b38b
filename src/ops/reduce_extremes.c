/* min, max, ptp, argmin, argmax. */

#include "ops/reduce_parts.h"

/* Either result may be NULL. */
void reduce_minmax(const struct reduction *r, size_t n, const void *x, void *least, void *greatest)
{
    union scalar unused;
    if (r->work == SHEAF_F64)
        r->k->minmax_f64(n, x, least, greatest);
    else if (r->work == SHEAF_F32)
        r->k->minmax_f32(n, x, least, greatest);
    else
        r->k->minmax[r->work](n, x, least ? least : &unused, greatest ? greatest : &unused);
}

void block_range(const struct reduction *r, const struct chunk *c, union part *part)
{
    reduce_minmax(r, c->n, c->x, r->kind == R_max ? NULL : &part->range.least,
                  r->kind == R_min ? NULL : &part->range.greatest);
    part->range.n = c->n;
}

void combine_range(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    if (b->range.n == 0)
        return;
    if (a->range.n == 0) {
        *a = *b;
        return;
    }
    union scalar pair[2];
    if (r->kind != R_max) {
        pair_up(r, &a->range.least, &b->range.least, pair);
        reduce_minmax(r, 2, pair, &a->range.least, NULL);
    }
    if (r->kind != R_min) {
        pair_up(r, &a->range.greatest, &b->range.greatest, pair);
        reduce_minmax(r, 2, pair, NULL, &a->range.greatest);
    }
}

void finish_range(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    if (r->kind == R_ptp)
        r->k->binary[K_sub][r->work](1, &part->range.greatest, &part->range.least, out[0]);
    else
        memcpy(out[0], r->kind == R_min ? &part->range.least : &part->range.greatest, r->work_size);
}

void block_best(const struct reduction *r, const struct chunk *c, union part *part)
{
    reduce_minmax(r, c->n, c->x, r->kind == R_argmin ? &part->best.value : NULL,
                  r->kind == R_argmin ? NULL : &part->best.value);
    part->best.start = c->start;
    part->best.n = c->n;
    part->best.found = false;
}

void reduce_find_best(const struct reduction *r, const struct chunk *c, union part *part)
{
    part->best.start = c->start + r->k->find[r->work](c->n, c->x, &part->best.value);
    part->best.found = true;
}

/* The earlier block wins unless the later one is truly better; that a NaN is best of all falls out of minmax. */
void combine_best(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    if (b->best.n == 0)
        return;
    if (a->best.n == 0) {
        a->best = b->best;
        return;
    }
    union scalar pair[2], least, greatest;
    pair_up(r, &a->best.value, &b->best.value, pair);
    reduce_minmax(r, 2, pair, &least, &greatest);
    if (r->k->find[r->work](2, pair, r->kind == R_argmin ? &least : &greatest) == 1)
        a->best = b->best;
}

void finish_best(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    int64_t index = -1; /* nothing but NaN: reduce_run then fails */
    if (part->best.n > 0 && part->best.found) {
        index = (int64_t)part->best.start;
    } else if (part->best.n > 0) {
        size_t start = part->best.start, n = r->n - start < KERNEL_BLOCK ? r->n - start : KERNEL_BLOCK;
        const void *x = reduce_load(r, 0, row, start, n, buffer);
        index = (int64_t)(start + r->k->find[r->work](n, x, &part->best.value));
    }
    memcpy(out[0], &index, sizeof index);
}
