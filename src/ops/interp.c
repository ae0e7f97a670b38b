/* Piecewise linear interpolation, to the bit NumPy's. */

#include "base/pool.h"
#include "ops/grid.h"
#include "ops/op.h"
#include "ops/stream.h"
#include <stdalign.h>
#include <string.h>

#define TILE 512

struct interp {
    const struct kernels *k;
    size_t m;
    const double *xp, *fp, *slopes;
    grid_cast *load;
    struct grid grid; /* operand 0: x, 1: out */
    char *base[2];
    size_t tiles; /* of a run */
};

/* Among the points between the least and the greatest: few, where x is in order. */
static void find_places(const struct interp *p, size_t n, const double *x, uint64_t *places)
{
    double ends[2];
    uint64_t within[2] = {0, p->m};
    p->k->minmax_f64(n, x, &ends[0], &ends[1]);
    if (ends[0] <= ends[1])
        p->k->places_f64(2, ends, p->m, p->xp, within);
    const size_t first = (size_t)within[0], some = (size_t)within[1] - first;
    if (some > 0)
        p->k->places_f64(n, x, some, p->xp + first, places);
    for (size_t i = 0; i < n; i++)
        places[i] = some > 0 ? places[i] + first : first;
}

static void run_tile(const struct interp *p, const char *in, char *out, size_t n)
{
    alignas(64) double x[TILE], y[TILE];
    uint64_t places[TILE];
    p->load(n, in, (ptrdiff_t)p->grid.step[0], x, sizeof *x);
    find_places(p, n, x, places);
    p->k->interpolate(n, x, places, p->m, p->xp, p->fp, p->slopes, y);
    p->k->cast[K_F64][K_F64](n, y, sizeof *y, out, (ptrdiff_t)p->grid.step[1]);
}

static void run_tiles(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct interp *p = context;
    struct cursor c;
    cursor_set(&c, &p->grid, p->base, begin / p->tiles);
    size_t tile = begin % p->tiles;
    for (size_t i = begin; i < end; i++) {
        const size_t at = tile * TILE, n = p->grid.n - at < TILE ? p->grid.n - at : TILE;
        run_tile(p, c.p[0] + (int64_t)at * p->grid.step[0], c.p[1] + (int64_t)at * p->grid.step[1], n);
        if (++tile == p->tiles) {
            tile = 0;
            cursor_next(&c, &p->grid);
        }
    }
}

/* The points as doubles, to points; then the slopes of the lines between them, if there are fewer than numbers to find,
 * as each costs a division. */
static sheaf_status take_points(struct interp *p, const sheaf_view *in, size_t n, double *points, sheaf_error *error)
{
    double *xp = points, *fp = xp + p->m, *slopes = fp + p->m;
    p->k->cast[in[1].dtype][K_F64](p->m, in[1].data, (ptrdiff_t)in[1].strides[0], xp, sizeof *xp);
    p->k->cast[in[2].dtype][K_F64](p->m, in[2].data, (ptrdiff_t)in[2].strides[0], fp, sizeof *fp);
    for (size_t i = 0; i < p->m; i++)
        if (!(xp[i] >= xp[i ? i - 1 : 0]))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "interp: xp[%zu] is %g after %g: the %zu points xp must increase and not be NaN, "
                                   "sort them (and fp with them) first",
                                   i, xp[i], xp[i ? i - 1 : 0], p->m);
    for (size_t i = 0; p->m <= n && i + 1 < p->m; i++)
        slopes[i] = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i]);
    p->xp = xp;
    p->fp = fp;
    p->slopes = p->m <= n ? slopes : NULL;
    return SHEAF_OK;
}

sheaf_status interp_run(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                        sheaf_error *error)
{
    struct interp p = {.k = kernels(), .m = (size_t)in[1].shape[0], .base = {in->data, out->data}};
    const size_t bytes = 3 * p.m * sizeof(double);
    double *points = pool_get(bytes);
    if (!points)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu points", op->info.name, p.m);
    p.load = p.k->cast[in->dtype][K_F64];
    grid_init(&p.grid, 2);
    for (int i = 0; i < in->ndim; i++)
        grid_add(&p.grid, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    const size_t n = p.grid.size;
    sheaf_status status = take_points(&p, in, n, points, error);
    if (!status && n > 0) {
        grid_order(&p.grid);
        grid_split(&p.grid);
        p.tiles = (p.grid.n + TILE - 1) / TILE;
        const size_t all = p.grid.size * p.tiles;
        par_share(t, all, op->cost * (double)n / (double)all, run_tiles, &p);
    }
    pool_put(points, bytes);
    return status;
}

static sheaf_status refuse_points(const struct op *op, const sheaf_view *in, const char *what, sheaf_error *error)
{
    char x[SHAPE_TEXT], f[SHAPE_TEXT];
    return sheaf_error_set(error, SHEAF_SHAPE, "%s: xp of shape %s and fp of shape %s: %s", op->info.name,
                           shape_text(in[1].ndim, in[1].shape, x), shape_text(in[2].ndim, in[2].shape, f), what);
}

sheaf_status interp_infer(const struct op *op, const sheaf_view *in, sheaf_view *out, sheaf_error *error)
{
    if (in[1].ndim != 1 || in[2].ndim != 1)
        return refuse_points(op, in, "both must have one dimension", error);
    if (in[1].shape[0] != in[2].shape[0])
        return refuse_points(op, in, "they must have the same length", error);
    if (in[1].shape[0] == 0)
        return refuse_points(op, in, "there must be at least one point", error);
    return sheaf_view_init(out, NULL, SHEAF_F64, in->ndim, in->shape, error);
}
