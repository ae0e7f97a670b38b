/* Elementwise work: broadcasting, tiles for what is strided or of another dtype, pieces for the team. */

#include "ops/grid.h"
#include "ops/op.h"
#include <stdalign.h>

#define PIECE 32768     /* least number of elements worth giving to a thread */
#define WIDEST_BYTES 16 /* of a dtype */

struct each {
    const struct kernels *k;
    kernel_unary *unary; /* both NULL: a cast */
    kernel_binary *binary;
    int nin;
    struct grid grid; /* operand 0 is the output */
    char *base[3];
    grid_cast *load[3]; /* from an input's dtype to the working dtype */
    size_t size[3];     /* bytes of an element as the kernel sees it */
    bool direct[3];     /* the kernel may use the operand's memory as it is */
    bool all_direct;
    grid_cast *store;
    size_t chunks; /* pieces of a row */
};

static void apply(const struct each *e, size_t n, const void *x, const void *y, void *out)
{
    if (e->binary)
        e->binary(n, x, y, out);
    else
        e->unary(n, x, out);
}

/* One run of n elements through tiles. */
static void tiled_run(const struct each *e, size_t n, char *const *p)
{
    alignas(64) unsigned char tile[3][KERNEL_TILE * WIDEST_BYTES];
    const void *in[2] = {NULL, NULL};
    const int64_t *step = e->grid.step;
    size_t most = n < KERNEL_TILE ? n : KERNEL_TILE;
    for (int k = 1; k <= e->nin; k++)
        if (!e->direct[k] && step[k] == 0)
            e->load[k](most, p[k], 0, tile[k], (ptrdiff_t)e->size[k]);
    for (size_t i = 0; i < n; i += most) {
        size_t m = n - i < most ? n - i : most;
        for (int k = 1; k <= e->nin; k++) {
            char *from = p[k] + (int64_t)i * step[k];
            in[k - 1] = e->direct[k] ? (void *)from : (void *)tile[k];
            if (!e->direct[k] && step[k] != 0)
                e->load[k](m, from, (ptrdiff_t)step[k], tile[k], (ptrdiff_t)e->size[k]);
        }
        char *to = p[0] + (int64_t)i * step[0];
        apply(e, m, in[0], in[1], e->direct[0] ? (void *)to : (void *)tile[0]);
        if (!e->direct[0])
            e->store(m, tile[0], (ptrdiff_t)e->size[0], to, (ptrdiff_t)step[0]);
    }
}

static void run_row(const struct each *e, size_t n, char *const *p)
{
    if (!e->unary && !e->binary)
        e->load[1](n, p[1], (ptrdiff_t)e->grid.step[1], p[0], (ptrdiff_t)e->grid.step[0]);
    else if (e->all_direct)
        apply(e, n, p[1], e->nin == 2 ? p[2] : NULL, p[0]);
    else
        tiled_run(e, n, p);
}

/* Units are rows, or chunks of rows where rows are long. */
static void run_units(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct each *e = context;
    struct cursor c;
    cursor_set(&c, &e->grid, e->base, begin / e->chunks);
    size_t chunk = begin % e->chunks;
    for (size_t unit = begin; unit < end; unit++) {
        if (e->chunks == 1) {
            run_row(e, e->grid.n, c.p);
        } else {
            size_t start = chunk * PIECE, left = e->grid.n - start;
            char *p[3];
            for (int k = 0; k <= e->nin; k++)
                p[k] = c.p[k] + (int64_t)start * e->grid.step[k];
            run_row(e, chunk + 1 < e->chunks ? PIECE : left, p);
        }
        if (++chunk == e->chunks) {
            chunk = 0;
            cursor_next(&c, &e->grid);
        }
    }
}

static void run_team(struct each *e, const team *t)
{
    struct grid *g = &e->grid;
    if (g->n == 0 || g->size == 0)
        return;
    bool alone = t->threads <= 1 || g->size * g->n < 2 * PIECE;
    e->chunks = alone || g->n < 2 * PIECE ? 1 : (g->n + PIECE - 1) / PIECE;
    if (alone)
        run_units(e, 0, g->size, 0);
    else if (e->chunks > 1)
        par_for(t, g->size * e->chunks, 1, run_units, e);
    else
        par_for(t, g->size, (PIECE + g->n - 1) / g->n, run_units, e);
}

/* Lay the operands over the output's shape: an input's missing and unit dimensions have stride 0. */
static void lay_out(struct each *e, const sheaf_view *in, const sheaf_view *out)
{
    grid_init(&e->grid, e->nin + 1);
    for (int i = 0; i < out->ndim; i++) {
        int64_t strides[3] = {out->strides[i], 0, 0};
        for (int k = 0; k < e->nin; k++) {
            int at = i - (out->ndim - in[k].ndim);
            strides[k + 1] = at < 0 || in[k].shape[at] == 1 ? 0 : in[k].strides[at];
        }
        grid_add(&e->grid, out->shape[i], strides);
    }
    grid_order(&e->grid);
    grid_split(&e->grid);
}

static void prepare(struct each *e, const sheaf_view *in, sheaf_dtype work, const sheaf_view *out)
{
    e->k = kernels();
    lay_out(e, in, out);
    e->base[0] = out->data;
    e->size[0] = sheaf_dtype_size(out->dtype);
    e->store = e->k->cast[out->dtype][out->dtype];
    size_t work_size = sheaf_dtype_size(work);
    bool one = e->grid.n == 1;
    e->all_direct = e->direct[0] = one || e->grid.step[0] == (int64_t)e->size[0];
    for (int k = 1; k <= e->nin; k++) {
        e->base[k] = in[k - 1].data;
        e->load[k] = e->k->cast[in[k - 1].dtype][work];
        e->size[k] = work_size;
        e->direct[k] = in[k - 1].dtype == work && (one || e->grid.step[k] == (int64_t)work_size);
        e->all_direct &= e->direct[k];
    }
}

void copy_run(const sheaf_view *in, const team *t, const sheaf_view *out)
{
    struct each e;
    e.unary = NULL;
    e.binary = NULL;
    e.nin = 1;
    prepare(&e, in, out->dtype, out);
    run_team(&e, t);
}

/* NumPy's rule: an integer has no negative integer power. */
static sheaf_status check_exponents(const struct op *op, const sheaf_view *y, sheaf_error *error)
{
    const struct kernels *k = kernels();
    struct grid g;
    struct cursor c;
    char *base = y->data;
    grid_init(&g, 1);
    for (int i = 0; i < y->ndim; i++)
        grid_add(&g, y->shape[i], &y->strides[i]);
    grid_split(&g);
    cursor_set(&c, &g, &base, 0);
    for (size_t row = 0; row < g.size; row++, cursor_next(&c, &g))
        for (size_t i = 0; i < g.n; i += KERNEL_TILE) {
            int64_t tile[KERNEL_TILE], least, greatest;
            size_t m = g.n - i < KERNEL_TILE ? g.n - i : KERNEL_TILE;
            k->cast[y->dtype][K_I64](m, c.p[0] + (int64_t)i * g.step[0], (ptrdiff_t)g.step[0], tile, sizeof tile[0]);
            k->minmax[K_I64](m, tile, &least, &greatest);
            if (least < 0) {
                char text[SHAPE_TEXT];
                return sheaf_error_set(error, SHEAF_INVALID,
                                       "%s: y of shape %s holds %lld, and integers have no negative integer powers: "
                                       "convert x to a float dtype",
                                       op->info.name, shape_text(y->ndim, y->shape, text), (long long)least);
            }
        }
    return SHEAF_OK;
}

static bool is_empty(const sheaf_view *x)
{
    for (int i = 0; i < x->ndim; i++)
        if (x->shape[i] == 0)
            return true;
    return false;
}

sheaf_status elementwise_run(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                             sheaf_error *error)
{
    if (is_empty(out))
        return SHEAF_OK;
    struct each e;
    sheaf_dtype work = op_work_dtype(op->rule, op_promoted(op, in));
    e.nin = op->info.nin;
    prepare(&e, in, work, out);
    e.unary = e.nin == 1 ? e.k->unary[op->kernel][work] : NULL;
    e.binary = e.nin == 2 ? e.k->binary[op->kernel][work] : NULL;
    if (!e.unary && !e.binary)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: has no kernel for %s", op->info.name,
                               sheaf_dtype_name(work));
    if (op->kernel == K_pow && e.binary && dtype_kind(work) == 'i' && dtype_kind(in[1].dtype) == 'i') {
        sheaf_status status = check_exponents(op, &in[1], error);
        if (status)
            return status;
    }
    run_team(&e, t);
    return SHEAF_OK;
}
