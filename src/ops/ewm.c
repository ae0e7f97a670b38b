/* Exponentially weighted moving means, as pandas' ewm(alpha, adjust).mean(). Rows are shared out to the team. A row is
 * cut into blocks counted from its start: those of finite numbers are done by vectors, the others one by one. */

#include "ops/window.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

struct ewm {
    struct decay d;
    const struct kernels *k;
    size_t n;
    int64_t in_step, out_step;
    grid_cast *load, *store;
    struct grid rows;
    char *base[2];
};

/* What came before: the mean, NaN while nothing has begun, and its weight: 1 without adjust, but while elements are
 * missing. */
struct mean {
    double mean, weight;
    bool begun;
};

/* pandas, element by element. */
static void one_by_one(const struct ewm *e, size_t n, const double *x, double *y, struct mean *m)
{
    const double c = e->d.powers[0], fresh = e->d.adjust ? 1 : e->d.alpha;
    for (size_t i = 0; i < n; i++) {
        if (m->begun) {
            m->weight *= c;
            if (x[i] == x[i]) {
                if (m->weight == 0)
                    m->mean = x[i];
                else if (m->mean != x[i])
                    m->mean = (m->weight * m->mean + fresh * x[i]) / (m->weight + fresh);
                m->weight = e->d.adjust ? m->weight + fresh : 1;
            }
        } else if (x[i] == x[i]) {
            *m = (struct mean){x[i], 1, true};
        }
        y[i] = m->mean;
    }
}

/* A block of finite numbers after a finite mean, if any. */
static bool by_vectors(const struct ewm *e, size_t n, const double *x, double *y, struct mean *m)
{
    const bool first = !m->begun;
    double state[2] = {m->mean * m->weight, m->weight};
    if (first) {
        state[0] = e->d.adjust ? 0 : x[0];
        state[1] = 0;
    }
    if ((!first && !e->d.adjust && m->weight != 1) || !isfinite(state[0]) || !e->k->all_finite(n / 8, x))
        return false;
    e->k->decay(n / 8, x, y, &e->d, state);
    if (first)
        y[0] = x[0];
    *m = (struct mean){y[n - 1], e->d.adjust ? state[1] : 1, true};
    return true;
}

static void run_row(const struct ewm *e, const char *in, char *out)
{
    alignas(64) double x[WINDOW_TILE], y[WINDOW_TILE];
    struct mean m = {NAN, 0, false};
    for (size_t at = 0, n; at < e->n; at += n) {
        n = e->n - at < WINDOW_TILE ? e->n - at : WINDOW_TILE;
        e->load(n, in + (int64_t)at * e->in_step, (ptrdiff_t)e->in_step, x, sizeof *x);
        const size_t whole = (n + 7) / 8 * 8;
        for (size_t i = n; i < whole; i++)
            x[i] = 0;
        if (!by_vectors(e, whole, x, y, &m))
            one_by_one(e, n, x, y, &m);
        e->store(n, y, sizeof *y, out + (int64_t)at * e->out_step, (ptrdiff_t)e->out_step);
    }
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct ewm *e = context;
    struct cursor c;
    cursor_set(&c, &e->rows, e->base, begin / e->rows.n);
    size_t at = begin % e->rows.n;
    for (size_t row = begin; row < end; row++) {
        run_row(e, c.p[0] + (int64_t)at * e->rows.step[0], c.p[1] + (int64_t)at * e->rows.step[1]);
        if (++at == e->rows.n) {
            at = 0;
            cursor_next(&c, &e->rows);
        }
    }
}

static void set_decay(struct decay *d, const sheaf_options *options)
{
    d->alpha = options->alpha;
    d->adjust = options->adjust;
    d->powers[0] = 1 - options->alpha;
    d->weights[0] = 1;
    for (int k = 1; k < 8; k++) {
        d->powers[k] = d->powers[0] * d->powers[k - 1];
        d->weights[k] = d->powers[0] * d->weights[k - 1] + 1;
    }
}

sheaf_status ewm_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                     const sheaf_view *out)
{
    const int axis = op_axis(in, options);
    struct ewm e = {.k = kernels(), .n = (size_t)in->shape[axis], .base = {in->data, out->data}};
    set_decay(&e.d, options);
    e.in_step = in->strides[axis];
    e.out_step = out->strides[axis];
    e.load = e.k->cast[in->dtype][SHEAF_F64];
    e.store = e.k->cast[SHEAF_F64][out->dtype];
    grid_init(&e.rows, 2);
    for (int i = 0; i < in->ndim; i++)
        if (i != axis)
            grid_add(&e.rows, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    const size_t nrows = e.rows.size;
    if (e.n == 0 || nrows == 0)
        return SHEAF_OK;
    grid_order(&e.rows);
    grid_split(&e.rows);
    par_share(t, nrows, op->cost * (double)e.n, run_rows, &e);
    return SHEAF_OK;
}
