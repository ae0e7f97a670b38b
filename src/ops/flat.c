#include "ops/flat.h"

#include "base/pool.h"
#include <stdalign.h>
#include <string.h>

#define PIECE_NS 20000.0

static void open_flat(struct flat *f, const sheaf_view *x, sheaf_dtype work)
{
    f->view = x;
    grid_init(&f->grid, 1);
    for (int i = 0; i < x->ndim; i++)
        grid_add(&f->grid, x->shape[i], &x->strides[i]);
    f->n = f->grid.size;
    if (f->n > 0)
        grid_split(&f->grid);
    f->k = kernels();
    f->work = work;
    f->size = sheaf_dtype_size(work);
    f->base = x->data;
    f->direct = x->dtype == work && f->grid.ndim == 0 && (f->n <= 1 || f->grid.step[0] == (int64_t)f->size);
}

void flat_read(struct flat *f, const sheaf_view *x, sheaf_dtype work)
{
    open_flat(f, x, work);
    f->cast = f->k->cast[x->dtype][work];
}

void flat_write(struct flat *f, const sheaf_view *out, sheaf_dtype work)
{
    open_flat(f, out, work);
    f->cast = f->k->cast[work][out->dtype];
}

const void *flat_load(const struct flat *f, size_t start, size_t n, void *tile)
{
    if (f->direct)
        return f->base + start * f->size;
    grid_gather(&f->grid, f->base, start, n, f->cast, tile, f->size);
    return tile;
}

void *flat_place(const struct flat *f, size_t start, void *tile)
{
    return f->direct ? f->base + start * f->size : tile;
}

void flat_store(const struct flat *f, size_t start, size_t n, const void *tile)
{
    if (f->direct)
        return;
    struct cursor c;
    const char *from = tile;
    ptrdiff_t step = (ptrdiff_t)f->grid.step[0];
    size_t skip = start % f->grid.n;
    cursor_set(&c, &f->grid, &f->base, start / f->grid.n);
    while (n > 0) {
        size_t m = f->grid.n - skip < n ? f->grid.n - skip : n;
        f->cast(m, from, (ptrdiff_t)f->size, c.p[0] + (ptrdiff_t)skip * step, step);
        from += m * f->size;
        n -= m;
        skip = 0;
        if (n > 0)
            cursor_next(&c, &f->grid);
    }
}

void flat_share(const team *t, size_t n, size_t grain, double ns, par_body *body, void *context)
{
    if (t->threads <= 1 || n <= grain || ns * (double)n < 2 * PIECE_NS)
        body(context, 0, n, 0);
    else
        par_for(t, n, grain, body, context);
}

/* ---- extremes ---- */

#define EXTREMES_GRAIN (64 * KERNEL_BLOCK)

struct extremes {
    const struct flat *f;
    char *least, *greatest; /* of each piece */
};

static void merge(const struct flat *f, size_t n, const void *x, void *least, void *greatest)
{
    if (f->work == SHEAF_F64)
        f->k->minmax_f64(n, x, least, greatest);
    else if (f->work == SHEAF_F32)
        f->k->minmax_f32(n, x, least, greatest);
    else
        f->k->minmax[f->work](n, x, least, greatest);
}

/* The least of n at low to its start, the greatest of n at high to its. */
static void merge_pairs(const struct flat *f, size_t n, unsigned char *low, unsigned char *high)
{
    alignas(16) unsigned char least[8], greatest[8], other[8];
    merge(f, n, low, least, other);
    merge(f, n, high, other, greatest);
    memcpy(low, least, f->size);
    memcpy(high, greatest, f->size);
}

/* Of [begin, end), by way of the extremes of its blocks, which come in pairs with what was found so far. */
static void extremes_of(const struct flat *f, size_t begin, size_t end, void *least, void *greatest)
{
    alignas(64) unsigned char tile[FLAT_BYTES], low[16], high[16];
    const size_t most = f->direct ? KERNEL_BLOCK : FLAT_TILE, size = f->size;
    for (size_t at = begin, n; at < end; at += n) {
        n = end - at < most ? end - at : most;
        const size_t second = at > begin ? size : 0;
        merge(f, n, flat_load(f, at, n, tile), low + second, high + second);
        if (at > begin)
            merge_pairs(f, 2, low, high);
    }
    memcpy(least, low, size);
    memcpy(greatest, high, size);
}

static void extremes_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct extremes *e = context;
    for (size_t at = begin; at < end; at += EXTREMES_GRAIN) {
        size_t piece = at / EXTREMES_GRAIN * e->f->size;
        extremes_of(e->f, at, end - at < EXTREMES_GRAIN ? end : at + EXTREMES_GRAIN, e->least + piece,
                    e->greatest + piece);
    }
}

void flat_extremes(const struct flat *f, const team *t, void *least, void *greatest)
{
    enum {
        MOST = 512
    };
    alignas(64) unsigned char parts[2][MOST * 8];
    struct extremes e = {f, (char *)parts[0], (char *)parts[1]};
    size_t pieces = (f->n + EXTREMES_GRAIN - 1) / EXTREMES_GRAIN;
    if (pieces < 2 || pieces > MOST || t->threads <= 1) {
        extremes_of(f, 0, f->n, least, greatest);
        return;
    }
    flat_share(t, f->n, EXTREMES_GRAIN, 0.3, extremes_body, &e);
    merge_pairs(f, pieces, parts[0], parts[1]);
    memcpy(least, parts[0], f->size);
    memcpy(greatest, parts[1], f->size);
}

/* ---- a copy ---- */

void *flat_copy(const struct flat *f, const team *t, bool own, size_t *bytes)
{
    *bytes = 0;
    if (f->direct && !own)
        return f->base;
    *bytes = (f->n ? f->n : 1) * f->size;
    void *copy = pool_get(*bytes);
    sheaf_view to;
    const team whole = team_unhurried(t);
    if (copy && f->n > 0 && !sheaf_view_init(&to, copy, f->work, f->view->ndim, f->view->shape, NULL))
        copy_run(f->view, &whole, &to);
    return copy;
}
