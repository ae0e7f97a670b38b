/* Linear filters along an axis, as scipy.signal.lfilter. What b makes of the input is found first, tile by tile; then,
 * if a has more than one element, the results feed back: one after the other within a row, of eight rows side by side.
 * Rows are shared out to the team; without feedback also the pieces of a row. */

#include "base/pool.h"
#include "ops/grid.h"
#include "ops/op.h"
#include <stdatomic.h>
#include <string.h>

#define TILE 512
#define BESIDE 8 /* rows of a strip, of which kernels->poles_beside makes eight at once */
#define PIECE 32768

struct filter {
    const struct kernels *k;
    size_t nb, na;       /* a without a[0] */
    const double *b, *a; /* over a[0], and a of the opposite sign */
    size_t n;
    int64_t in_step, out_step;
    grid_cast *load, *store;
    struct grid rows;
    char *base[2];
    size_t strip, strips, piece, pieces;
    size_t row_doubles; /* of a row's tile, with the b behind it */
    atomic_int no_memory;
};

struct strip {
    char *in, *out;
    size_t lines;
    double *x, *u; /* BESIDE rows each, of row_doubles and of TILE */
    double *y;     /* na + TILE elements of BESIDE rows side by side, or of one */
};

static size_t scratch_doubles(const struct filter *f)
{
    return f->strip * (f->row_doubles + TILE) + (f->na + TILE) * (f->strip > 1 ? BESIDE : 1) + 3 * 8;
}

/* What b makes of elements [at, at + n) of row l, to u. */
static void run_b(const struct filter *f, struct strip *s, size_t l, size_t at, size_t n, double *u)
{
    const size_t before = f->nb - 1;
    double *x = s->x + l * f->row_doubles;
    f->load(n, s->in + (int64_t)l * f->rows.step[0] + (int64_t)at * f->in_step, (ptrdiff_t)f->in_step, x + before,
            sizeof *x);
    f->k->fir(n, x + before, f->nb, f->b, u);
    memmove(x, x + n, before * sizeof *x);
}

static void store_row(const struct filter *f, const struct strip *s, size_t l, size_t at, size_t n, const double *y)
{
    f->store(n, y, sizeof *y, s->out + (int64_t)l * f->rows.step[1] + (int64_t)at * f->out_step,
             (ptrdiff_t)f->out_step);
}

static void run_row_tile(const struct filter *f, struct strip *s, size_t at, size_t n)
{
    double *y = s->y + f->na;
    run_b(f, s, 0, at, n, y);
    if (f->na > 0) {
        f->k->poles(n, y, f->na, f->a);
        store_row(f, s, 0, at, n, y);
        memmove(s->y, s->y + n, f->na * sizeof *y);
    } else {
        store_row(f, s, 0, at, n, y);
    }
}

static void run_strip_tile(const struct filter *f, struct strip *s, size_t at, size_t n)
{
    double *y = s->y + BESIDE * f->na;
    for (size_t l = 0; l < s->lines; l++)
        run_b(f, s, l, at, n, s->u + l * TILE);
    f->k->turn[3](BESIDE, n, (const char *)s->u, TILE * sizeof *y, y, BESIDE * sizeof *y);
    f->k->poles_beside(n, y, f->na, f->a);
    f->k->turn[3](n, BESIDE, (const char *)y, BESIDE * sizeof *y, s->u, TILE * sizeof *y);
    for (size_t l = 0; l < s->lines; l++)
        store_row(f, s, l, at, n, s->u + l * TILE);
    memmove(s->y, s->y + BESIDE * n, BESIDE * f->na * sizeof *y);
}

static void fill(double *p, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        p[i] = value;
}

static void run_piece(const struct filter *f, struct strip *s, size_t begin, size_t end)
{
    const size_t before = f->nb - 1, known = begin < before ? begin : before;
    fill(s->x, f->strip * f->row_doubles, 0);
    fill(s->u, f->strip * TILE, 0);
    fill(s->y, f->na * (f->strip > 1 ? BESIDE : 1), 0);
    for (size_t l = 0; known && l < s->lines; l++)
        f->load(known, s->in + (int64_t)l * f->rows.step[0] + (int64_t)(begin - known) * f->in_step,
                (ptrdiff_t)f->in_step, s->x + l * f->row_doubles + before - known, sizeof(double));
    for (size_t at = begin, n; at < end; at += n) {
        n = end - at < TILE ? end - at : TILE;
        if (f->strip > 1)
            run_strip_tile(f, s, at, n);
        else
            run_row_tile(f, s, at, n);
    }
}

static void run_units(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct filter *f = context;
    const size_t bytes = scratch_doubles(f) * sizeof(double);
    struct strip s = {.x = pool_get(bytes)};
    if (!s.x) {
        atomic_store(&f->no_memory, 1);
        return;
    }
    s.u = s.x + (f->strip * f->row_doubles + 7) / 8 * 8;
    s.y = s.u + f->strip * TILE;
    void *memory = s.x;
    for (size_t unit = begin; unit < end; unit++) {
        const size_t strip = unit / f->pieces, from = unit % f->pieces * f->piece;
        const size_t first = strip % f->strips * f->strip;
        struct cursor c;
        cursor_set(&c, &f->rows, f->base, strip / f->strips);
        s.lines = f->rows.n - first < f->strip ? f->rows.n - first : f->strip;
        s.in = c.p[0] + (int64_t)first * f->rows.step[0];
        s.out = c.p[1] + (int64_t)first * f->rows.step[1];
        run_piece(f, &s, from, f->n - from < f->piece ? f->n : from + f->piece);
    }
    pool_put(memory, bytes);
}

/* ---- the call ---- */

static void lay_out(struct filter *f, const sheaf_view *x, const sheaf_options *options, const sheaf_view *out)
{
    const int axis = op_axis(x, options);
    grid_init(&f->rows, 2);
    for (int i = 0; i < x->ndim; i++)
        if (i != axis)
            grid_add(&f->rows, x->shape[i], (int64_t[]){x->strides[i], out->strides[i]});
    grid_order(&f->rows);
    f->n = (size_t)x->shape[axis];
    f->in_step = x->strides[axis];
    f->out_step = out->strides[axis];
    f->base[0] = x->data;
    f->base[1] = out->data;
    f->load = f->k->cast[x->dtype][K_F64];
    f->store = f->k->cast[K_F64][out->dtype];
}

/* b and a as doubles, over a[0]. */
static sheaf_status take_coefficients(struct filter *f, const struct op *op, const sheaf_view *in, double *to,
                                      sheaf_error *error)
{
    double *a = to, *b = a + f->na + 1;
    f->k->cast[in[0].dtype][K_F64](f->nb, in[0].data, (ptrdiff_t)in[0].strides[0], b, sizeof *b);
    f->k->cast[in[1].dtype][K_F64](f->na + 1, in[1].data, (ptrdiff_t)in[1].strides[0], a, sizeof *a);
    if (a[0] == 0)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: a[0] is 0 (a of shape (%zu,)): it is what all coefficients are divided by, leave "
                               "leading zeros out",
                               op->info.name, f->na + 1);
    for (size_t k = 0; k < f->nb; k++)
        b[k] /= a[0];
    for (size_t k = 1; k <= f->na; k++)
        a[k] = -(a[k] / a[0]);
    f->a = a + 1;
    f->b = b;
    return SHEAF_OK;
}

static void run(struct filter *f, const struct op *op, const team *t)
{
    const size_t all = f->rows.size, threads = (size_t)t->threads;
    grid_split(&f->rows);
    f->strip = f->na > 0 && f->rows.n > 1 ? BESIDE : 1;
    f->strips = (f->rows.n + f->strip - 1) / f->strip;
    f->row_doubles = f->nb - 1 + TILE;
    f->piece = f->na > 0 || all >= 4 * threads || f->n < 2 * PIECE ? f->n : PIECE;
    f->pieces = (f->n + f->piece - 1) / f->piece;
    const size_t units = f->rows.size * f->strips * f->pieces;
    const double ns = op->cost * (double)f->n * (double)all * (1 + (double)f->nb / 16 + (double)f->na / 4);
    atomic_init(&f->no_memory, 0);
    par_share(t, units, ns / (double)units, run_units, f);
}

sheaf_status filter_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error)
{
    struct filter f = {.k = kernels(), .nb = (size_t)in[0].shape[0], .na = (size_t)in[1].shape[0] - 1};
    const size_t bytes = (f.nb + f.na + 1) * sizeof(double);
    double *coefficients = pool_get(bytes);
    if (!coefficients)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu coefficients", op->info.name,
                               f.nb + f.na + 1);
    sheaf_status status = take_coefficients(&f, op, in, coefficients, error);
    if (!status) {
        lay_out(&f, &in[2], options, out);
        if (f.n > 0 && f.rows.size > 0) {
            run(&f, op, t);
            if (atomic_load(&f.no_memory))
                status = sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for scratch rows of %zu bytes",
                                         op->info.name, scratch_doubles(&f) * sizeof(double));
        }
    }
    pool_put(coefficients, bytes);
    return status;
}

sheaf_status filter_infer(const struct op *op, const sheaf_view *in, sheaf_view *out, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    for (int k = 0; k < 2; k++)
        if (in[k].ndim != 1 || in[k].shape[0] == 0)
            return sheaf_error_set(error, SHEAF_SHAPE,
                                   "%s: %s of shape %s: it must have one dimension and at least one element",
                                   op->info.name, k ? "a" : "b", shape_text(in[k].ndim, in[k].shape, text));
    if (in[2].ndim == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: x is a scalar (shape ()), which has no axis to work along",
                               op->info.name);
    return sheaf_view_init(out, NULL, op_result_dtype(op->rule, op_promoted(op, 3, in), 0), in[2].ndim, in[2].shape,
                           error);
}
