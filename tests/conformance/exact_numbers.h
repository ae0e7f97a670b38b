#ifndef SHEAF_TEST_EXACT_NUMBERS_H
#define SHEAF_TEST_EXACT_NUMBERS_H

/* Real arrays as long doubles, which hold every integer and float, and calls of several inputs and outputs checked to
 * the bit in every layout, at every level and on teams. */

#include "laid_out.h"

/* Of a contiguous view, real parts only; to be freed. */
static inline long double *exact_numbers(const sheaf_view *v)
{
    const int64_t n = sheaf_view_size(v);
    long double *x = malloc(((size_t)n + 1) * sizeof *x);
    double *wide = malloc(((size_t)n + 1) * sizeof *wide);
    sheaf_view from = *v, to;
    ck_ok(sheaf_view_init(&from, v->data, v->dtype, 1, &n, error));
    ck_ok(sheaf_view_init(&to, wide, SHEAF_F64, 1, &n, error));
    ck_ok(sheaf_view_copy(&from, &to, error));
    for (int64_t i = 0; i < n; i++)
        x[i] = v->dtype == SHEAF_I64   ? (long double)((const int64_t *)v->data)[i]
               : v->dtype == SHEAF_U64 ? (long double)((const uint64_t *)v->data)[i]
                                       : (long double)wide[i];
    free(wide);
    return x;
}

/* -1, 0, 1 in the order of sorting: NaN last, -0 before +0. */
static inline int exact_order(long double a, long double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    if (a == b)
        return (signbit(b) != 0) - (signbit(a) != 0);
    return a < b ? -1 : 1;
}

struct exact_place {
    long double x;
    int64_t at;
};
static inline int exact_compare(const void *a, const void *b)
{
    const struct exact_place *p = a, *q = b;
    const int order = exact_order(p->x, q->x);
    return order ? order : (p->at > q->at) - (p->at < q->at);
}

/* Element i of a contiguous view becomes x. */
static inline void put_number(sheaf_view *v, int64_t i, long double x)
{
    double number = (double)x;
    int64_t one = 1;
    sheaf_view from, to;
    if (v->dtype == SHEAF_I64) {
        ((int64_t *)v->data)[i] = (int64_t)x;
        return;
    }
    if (v->dtype == SHEAF_U64) {
        ((uint64_t *)v->data)[i] = (uint64_t)x;
        return;
    }
    ck_ok(sheaf_view_init(&from, &number, SHEAF_F64, 1, &one, error));
    ck_ok(sheaf_view_init(&to, (char *)v->data + (size_t)i * sheaf_dtype_size(v->dtype), v->dtype, 1, &one, error));
    ck_ok(sheaf_view_copy(&from, &to, error));
}

static inline sheaf_view new_view(sheaf_dtype dtype, int ndim, const int64_t *shape)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    v.data = calloc((size_t)sheaf_view_size(&v) + 1, sheaf_dtype_size(dtype));
    return v;
}

static inline void check_call_laid_out(const struct op *op, const sheaf_view *in, const sheaf_options *options,
                                       const sheaf_view *want, int layouts)
{
    for (int layout = 0; layout < (RACES_ONLY ? 1 : layouts); layout++) {
        sheaf_view laid[SHEAF_MAX_INPUTS], weights;
        void *memory[SHEAF_MAX_INPUTS + 1] = {NULL};
        sheaf_options o = *options;
        for (int k = 0; k < op->info.nin; k++)
            laid[k] = lay_out_as(&in[k], (enum layout)layout, &memory[k]);
        if (o.weights) {
            weights = lay_out_as(o.weights, (enum layout)layout, &memory[SHEAF_MAX_INPUTS]);
            o.weights = &weights;
        }
        check_levels(op, laid, &o, want, layout);
        for (int k = 0; k <= SHEAF_MAX_INPUTS; k++)
            free(memory[k]);
    }
}

#endif
