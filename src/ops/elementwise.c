/* Elementwise work: broadcasting, tiles for what is strided or of another dtype, pieces for the team. */

#include "ops/grid.h"
#include "ops/op.h"
#include <stdalign.h>

#define PIECE 32768     /* least number of elements worth giving to a thread */
#define WIDEST_BYTES 16 /* of a dtype */
#define OPERANDS 4      /* an output and up to three inputs */

struct each {
    const struct kernels *k;
    kernel_unary *unary; /* all NULL: a cast */
    kernel_binary *binary;
    kernel_ternary *ternary;
    int nin;
    struct grid grid; /* operand 0 is the output */
    char *base[OPERANDS];
    grid_cast *load[OPERANDS]; /* from an input's dtype to the working dtype */
    size_t size[OPERANDS];     /* bytes of an element as the kernel sees it */
    bool direct[OPERANDS];     /* the kernel may use the operand's memory as it is */
    bool all_direct;
    grid_cast *store;
    size_t chunks; /* pieces of a row */
};

static void apply(const struct each *e, size_t n, const void *const *in, void *out)
{
    if (e->ternary)
        e->ternary(n, in[0], in[1], in[2], out);
    else if (e->binary)
        e->binary(n, in[0], in[1], out);
    else
        e->unary(n, in[0], out);
}

/* One run of n elements through tiles. */
static void tiled_run(const struct each *e, size_t n, char *const *p)
{
    alignas(64) unsigned char tile[OPERANDS][KERNEL_TILE * WIDEST_BYTES];
    const void *in[OPERANDS - 1];
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
        apply(e, m, in, e->direct[0] ? (void *)to : (void *)tile[0]);
        if (!e->direct[0])
            e->store(m, tile[0], (ptrdiff_t)e->size[0], to, (ptrdiff_t)step[0]);
    }
}

static void run_row(const struct each *e, size_t n, char *const *p)
{
    if (!e->unary && !e->binary && !e->ternary)
        e->load[1](n, p[1], (ptrdiff_t)e->grid.step[1], p[0], (ptrdiff_t)e->grid.step[0]);
    else if (e->all_direct)
        apply(e, n, (const void *const *)p + 1, p[0]);
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
            char *p[OPERANDS];
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

/* Lay the operands over the output's shape. */
static void lay_out(struct each *e, const sheaf_view *in, const sheaf_view *out)
{
    sheaf_view wide[OPERANDS - 1];
    for (int k = 0; k < e->nin; k++)
        wide[k] = op_stretched(&in[k], out->ndim, out->shape);
    grid_init(&e->grid, e->nin + 1);
    for (int i = 0; i < out->ndim; i++) {
        int64_t strides[OPERANDS] = {out->strides[i]};
        for (int k = 0; k < e->nin; k++)
            strides[k + 1] = wide[k].strides[i];
        grid_add(&e->grid, out->shape[i], strides);
    }
    grid_order(&e->grid);
    grid_split(&e->grid);
}

/* work[k] is what the kernel takes input k in. */
static void prepare(struct each *e, const sheaf_view *in, const sheaf_dtype *work, const sheaf_view *out)
{
    e->k = kernels();
    lay_out(e, in, out);
    e->base[0] = out->data;
    e->size[0] = sheaf_dtype_size(out->dtype);
    e->store = e->k->cast[out->dtype][out->dtype];
    bool one = e->grid.n == 1;
    e->all_direct = e->direct[0] = one || e->grid.step[0] == (int64_t)e->size[0];
    for (int k = 1; k <= e->nin; k++) {
        e->base[k] = in[k - 1].data;
        e->load[k] = e->k->cast[in[k - 1].dtype][work[k - 1]];
        e->size[k] = sheaf_dtype_size(work[k - 1]);
        e->direct[k] = in[k - 1].dtype == work[k - 1] && (one || e->grid.step[k] == (int64_t)e->size[k]);
        e->all_direct &= e->direct[k];
    }
}

void copy_run(const sheaf_view *in, const team *t, const sheaf_view *out)
{
    struct each e = {.nin = 1};
    prepare(&e, in, &out->dtype, out);
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

static void choose_kernel(struct each *e, const struct op *op, sheaf_dtype work, bool fast)
{
    if (op->class == CLASS_TERNARY)
        e->ternary = e->k->ternary[op->kernel][work];
    else if (op->class == CLASS_BINARY)
        e->binary = e->k->binary[op->kernel][work];
    else if (fast && e->k->fast[op->kernel][work])
        e->unary = e->k->fast[op->kernel][work];
    else
        e->unary = e->k->unary[op->kernel][work];
}

sheaf_status elementwise_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                             const sheaf_view *out, sheaf_error *error)
{
    if (is_empty(out))
        return SHEAF_OK;
    struct each e = {.nin = op->info.nin};
    sheaf_dtype work = op_work_dtype(op->rule, op_promoted(op, in));
    sheaf_dtype works[] = {op->rule == RULE_WHERE ? SHEAF_BOOL : work, work, work};
    prepare(&e, in, works, out);
    choose_kernel(&e, op, work, options->fast);
    if (!e.unary && !e.binary && !e.ternary)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: has no kernel for %s", op->info.name,
                               sheaf_dtype_name(work));
    if (e.binary && op->kernel == K_pow && dtype_kind(work) == 'i' && dtype_kind(in[1].dtype) == 'i') {
        sheaf_status status = check_exponents(op, &in[1], error);
        if (status)
            return status;
    }
    run_team(&e, t);
    return SHEAF_OK;
}
