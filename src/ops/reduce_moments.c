/* var, std, skew, kurtosis, stats: within a part of a block around its own mean, between parts by Chan, Golub and
 * LeVeque (1979), for third and fourth powers by Pébay (2008, Sandia report 2008-6212). */

#include "ops/reduce_parts.h"
#include <math.h>

bool moments_want_powers(const struct reduction *r)
{
    return r->kind == R_skew || r->kind == R_kurtosis;
}

static void merge_powers(struct moments *a, const struct moments *b)
{
    double n = a->n + b->n, d = b->mean[0] - a->mean[0], s = d / n, na = a->n, nb = b->n;
    double skewed = na * b->m2 - nb * a->m2, squared = na * na * b->m2 + nb * nb * a->m2;
    double d3 = d * s * s * na * nb;
    a->m4 += b->m4 + d3 * s * (na * na - na * nb + nb * nb) + 6 * s * s * squared + 4 * s * (na * b->m3 - nb * a->m3);
    a->m3 += b->m3 + d3 * (na - nb) + 3 * s * skewed;
}

static void merge(const void *context, void *into, const void *from)
{
    struct moments *a = into;
    const struct moments *b = from;
    if (a->n == 0 || b->n == 0) {
        /* Weights of 0 hide no NaN: it is in m2. */
        double m2 = a->m2 + b->m2;
        if (a->n == 0)
            *a = *b;
        a->m2 = m2;
        return;
    }
    if (moments_want_powers(context))
        merge_powers(a, b);
    double n = a->n + b->n, share = b->n / n, apart = 0;
    for (int k = 0; k < 2; k++) {
        double d = b->mean[k] - a->mean[k];
        a->mean[k] += d * share;
        apart += d * d;
    }
    a->m2 += b->m2 + apart * (a->n * share);
    a->n = n;
}

/* Mean k, and what it adds to m2 (and m3, m4). */
static void moments_of(const struct reduction *r, size_t n, const void *x, int k, struct moments *m)
{
    double s[3];
    m->mean[k] = sum_of(r, n, x) / m->n;
    if (!moments_want_powers(r)) {
        m->m2 += m2_of(r, n, x, m->mean[k]);
        return;
    }
    if (r->work == SHEAF_F32)
        r->k->powers_f32(n, x, m->mean[k], s);
    else
        r->k->powers_f64(n, x, m->mean[k], s);
    m->m2 = s[0];
    m->m3 = s[1];
    m->m4 = s[2];
}

static void weighted_moments_of(const struct reduction *r, size_t n, const double *x, const double *w, int k,
                                struct moments *m)
{
    double sum = r->k->dot_f64(n, w, x);
    m->mean[k] = m->n == 0 ? 0 : sum / m->n;
    m->m2 += m->n == 0 ? sum - sum : r->k->weighted_m2(n, w, x, m->mean[k]);
}

static struct moments block_part(const struct reduction *r, const struct chunk *c, size_t from, size_t n)
{
    struct moments m = {.n = (double)n};
    const char *x = (const char *)c->x + from * r->work_size;
    const double *w = r->weighted ? (const double *)c->y + from : NULL;
    if (w)
        m.n = r->k->sum_f64(n, w);
    for (int k = 0; k <= r->split; k++) {
        const void *part = k ? (const void *)imaginary(x) : x;
        if (w)
            weighted_moments_of(r, n, part, w, k, &m);
        else
            moments_of(r, n, part, k, &m);
    }
    return m;
}

struct moments moments_joined(const struct reduction *r, struct moments *parts, size_t count)
{
    par_tree(parts, count, sizeof *parts, merge, r);
    return parts[0];
}

void block_moments(const struct reduction *r, const struct chunk *c, union part *part)
{
    struct moments m[KERNEL_BLOCK / MOMENT_BLOCK];
    size_t count = 0;
    for (size_t i = 0; i < c->n; i += MOMENT_BLOCK)
        m[count++] = block_part(r, c, i, c->n - i < MOMENT_BLOCK ? c->n - i : MOMENT_BLOCK);
    part->moments = moments_joined(r, m, count);
}

void combine_moments(const void *context, void *into, const void *from)
{
    merge(context, &((union part *)into)->moments, &((const union part *)from)->moments);
}

/* What m2 is divided by. */
static double freedom(const struct reduction *r, double n)
{
    double divisor = n - r->ddof;
    return divisor > 0 ? divisor : r->skip ? NAN : 0;
}

/* What differs by rounding errors of the mean alone counts as equal. */
#define RESOLUTION 1e-15

/* skew or kurtosis; root: of m2. */
static inline double shape(bool skew, double n, double mean, double m2, double root, double m3, double m4)
{
    const double slip = RESOLUTION * mean, value = skew ? m3 / n / (m2 * root) : m4 / n / (m2 * m2) - 3;
    return m2 > slip * slip ? value : NAN;
}

double moments_value(const struct reduction *r, const struct moments *m)
{
    if (moments_want_powers(r))
        return shape(r->kind == R_skew, m->n, m->mean[0], m->m2 / m->n, sqrt(m->m2 / m->n), m->m3, m->m4);
    double v = m->m2 / freedom(r, m->n);
    return r->kind == R_var ? v : sqrt(v);
}

void moments_values(const struct reduction *r, double n, size_t columns, const double *means, double *const s[3],
                    double *values)
{
    const bool skew = r->kind == R_skew, powers = moments_want_powers(r);
    const double divisor = powers ? n : freedom(r, n);
    for (size_t c = 0; c < columns; c++)
        values[c] = s[0][c] /= divisor;
    if (r->kind != R_var)
        r->k->unary[K_sqrt][K_F64](columns, values, values);
    for (size_t c = 0; c < columns && powers; c++)
        values[c] = shape(skew, n, means[c], s[0][c], values[c], s[1][c], s[2][c]);
}

void finish_moments(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    store_real(r->out[0], moments_value(r, &part->moments), out[0]);
}

/* ---- stats ---- */

void block_stats(const struct reduction *r, const struct chunk *c, union part *part)
{
    double least = 0, greatest = 0;
    union part moments;
    if (r->work == SHEAF_F64) {
        r->k->summinmax_f64(c->n, c->x, &part->stats.sum, &least, &greatest);
        memcpy(&part->stats.least, &least, sizeof least);
        memcpy(&part->stats.greatest, &greatest, sizeof greatest);
        block_moments(r, c, &moments);
    } else if (r->work == SHEAF_F32) {
        r->k->summinmax_f32(c->n, c->x, &part->stats.sum, &least, &greatest);
        float least32 = (float)least, greatest32 = (float)greatest;
        memcpy(&part->stats.least, &least32, sizeof least32);
        memcpy(&part->stats.greatest, &greatest32, sizeof greatest32);
        block_moments(r, c, &moments);
    } else {
        alignas(64) double tile[KERNEL_BLOCK];
        struct reduction doubles = *r;
        doubles.work = SHEAF_F64;
        doubles.work_size = sizeof tile[0];
        r->k->minmax[r->work](c->n, c->x, &part->stats.least, &part->stats.greatest);
        r->k->cast[r->work][K_F64](c->n, c->x, (ptrdiff_t)r->work_size, tile, sizeof tile[0]);
        part->stats.sum = r->k->sum_f64(c->n, tile);
        block_moments(&doubles, &(struct chunk){c->n, c->start, tile, NULL}, &moments);
    }
    part->stats.moments = moments.moments;
}

void combine_stats(const void *context, void *into, const void *from)
{
    const struct reduction *r = context;
    union part *a = into;
    const union part *b = from;
    merge(r, &a->stats.moments, &b->stats.moments);
    a->stats.sum += b->stats.sum;
    union scalar pair[2], least, greatest;
    pair_up(r, &a->stats.least, &b->stats.least, pair);
    reduce_minmax(r, 2, pair, &least, &greatest);
    memcpy(&a->stats.least, &least, r->work_size);
    pair_up(r, &a->stats.greatest, &b->stats.greatest, pair);
    reduce_minmax(r, 2, pair, &least, &greatest);
    memcpy(&a->stats.greatest, &greatest, r->work_size);
}

void finish_stats(const struct reduction *r, char *row, const union part *part, char *const *out)
{
    (void)row;
    int64_t count = (int64_t)r->n;
    memcpy(out[0], &count, sizeof count);
    store_real(r->out[1], part->stats.sum / (double)r->n, out[1]);
    store_real(r->out[2], moments_value(r, &part->stats.moments), out[2]);
    memcpy(out[3], &part->stats.least, r->work_size);
    memcpy(out[4], &part->stats.greatest, r->work_size);
}
