/* take: the slices of an array at given places along an axis. */

#include "base/pool.h"
#include "ops/grid.h"
#include "ops/move.h"
#include <stdatomic.h>
#include <string.h>

#define PIECE_BYTES 65536

sheaf_status take_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error)
{
    const sheaf_view *x = &in[0], *places = &in[1];
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int64_t shape[2 * SHEAF_MAX_NDIM], n;
    sheaf_status status = op_check_axes(op, x, o, 1, error);
    if (!status)
        status = op_elements(op, x, &n, error);
    if (status)
        return status;
    if (dtype_kind(places->dtype) != 'i' && dtype_kind(places->dtype) != 'u')
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: the indices, of shape %s, are %s: they must be integers",
                               op->info.name, shape_text(places->ndim, places->shape, a),
                               sheaf_dtype_name(places->dtype));
    int axis = o->naxes ? op_axis(x, o) : 0, ndim = 0;
    for (int i = 0; i < axis; i++)
        shape[ndim++] = x->shape[i];
    for (int i = 0; i < places->ndim; i++)
        shape[ndim++] = places->shape[i];
    for (int i = axis + 1; o->naxes && i < x->ndim; i++)
        shape[ndim++] = x->shape[i];
    if (ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: x of shape %s at indices of shape %s has %d dimensions, at most %d are possible",
                               op->info.name, shape_text(x->ndim, x->shape, a),
                               shape_text(places->ndim, places->shape, b), ndim, SHEAF_MAX_NDIM);
    return sheaf_view_init(out, NULL, x->dtype, ndim, shape, error);
}

/* ---- places ---- */

struct checking {
    const int64_t *places;
    int64_t low, high;   /* each is in [low, high) */
    atomic_size_t wrong; /* the first that is not */
};

static void check_places(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct checking *c = context;
    const struct kernels *k = kernels();
    for (size_t i = begin; i < end; i += KERNEL_BLOCK) {
        size_t m = end - i < KERNEL_BLOCK ? end - i : KERNEL_BLOCK, first = atomic_load(&c->wrong);
        int64_t least, greatest;
        k->minmax[K_I64](m, c->places + i, &least, &greatest);
        if (least >= c->low && greatest < c->high)
            continue;
        size_t at = i;
        while (c->places[at] >= c->low && c->places[at] < c->high)
            at++;
        while (at < first && !atomic_compare_exchange_weak(&c->wrong, &first, at))
            ;
        return;
    }
}

/* Nothing is written before all are known to be right. uint64 places beyond int64 look like negative ones here, of
 * which there are none in uint64. */
static sheaf_status check_all(const struct op *op, const sheaf_view *x, const sheaf_view *given, size_t n,
                              const int64_t *places, int64_t extent, const team *t, sheaf_error *error)
{
    struct checking c = {.places = places, .low = given->dtype == SHEAF_U64 ? 0 : -extent, .high = extent};
    atomic_init(&c.wrong, SIZE_MAX);
    par_for(t, n, t->threads > 1 ? 65536 : 0, check_places, &c);
    const size_t at = atomic_load(&c.wrong);
    if (at == SIZE_MAX)
        return SHEAF_OK;
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int64_t place[SHEAF_MAX_NDIM], rest = (int64_t)at;
    for (int i = given->ndim - 1; i >= 0; i--) {
        place[i] = rest % given->shape[i];
        rest /= given->shape[i];
    }
    const bool unsigned_one = given->dtype == SHEAF_U64 && places[at] < 0;
    return sheaf_error_set(error, SHEAF_INVALID,
                           unsigned_one ? "%s: index %llu at %s is out of range for %lld elements (x has shape %s)"
                                        : "%s: index %lld at %s is out of range for %lld elements (x has shape %s)",
                           op->info.name, (long long)places[at], shape_text(given->ndim, place, a), (long long)extent,
                           shape_text(x->ndim, x->shape, b));
}

/* ---- the slices ---- */

struct taking {
    const struct kernels *k;
    grid_cast *copy;
    struct grid outer; /* axes before; operand 0 the output, 1 the input */
    struct grid inner; /* axes behind, split */
    char *base[2];
    int64_t n, extent, from, to; /* places; the axis's extent and its strides */
    const int64_t *places;
    size_t size, bytes; /* of an element, of a slice that lies contiguous on both sides; 0: it does not */
    size_t chunk, chunks;
};

static inline char *slice_at(const struct taking *g, char *x, int64_t place)
{
    return x + (place < 0 ? place + g->extent : place) * g->from;
}

static void take_slices(const struct taking *g, char *out, char *x, const int64_t *places, size_t n)
{
    for (size_t i = 0; i < n; i++, out += g->to) {
        char *slice = slice_at(g, x, places[i]);
        if (g->bytes) {
            if (i + 8 < n)
                __builtin_prefetch(slice_at(g, x, places[i + 8]));
            memcpy(out, slice, g->bytes);
            continue;
        }
        struct cursor c;
        char *const base[2] = {out, slice};
        cursor_set(&c, &g->inner, base, 0);
        for (size_t row = 0; row < g->inner.size; row++, cursor_next(&c, &g->inner))
            g->copy(g->inner.n, c.p[1], (ptrdiff_t)g->inner.step[1], c.p[0], (ptrdiff_t)g->inner.step[0]);
    }
}

static void run_taking(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct taking *g = context;
    for (size_t unit = begin; unit < end; unit++) {
        struct cursor c;
        cursor_set(&c, &g->outer, g->base, unit / g->chunks);
        size_t start = unit % g->chunks * g->chunk, left = (size_t)g->n - start, n = left < g->chunk ? left : g->chunk;
        char *out = c.p[0] + (int64_t)start * g->to;
        const bool line = g->bytes && (g->bytes & (g->bytes - 1)) == 0 && g->bytes <= 16;
        if (line && g->to == (int64_t)g->bytes && g->from == (int64_t)g->bytes)
            g->k->take[__builtin_ctzl(g->bytes)](n, c.p[1], g->places + start, g->extent, out);
        else
            take_slices(g, out, c.p[1], g->places + start, n);
    }
}

/* out: x's axes, the taken one in its place with as many elements as there are places. */
void take_places(const sheaf_view *x, int axis, int64_t n, const int64_t *places, const team *t, const sheaf_view *out)
{
    struct taking g = {.k = kernels(), .n = n, .extent = x->shape[axis], .places = places};
    g.size = sheaf_dtype_size(x->dtype);
    g.copy = g.k->cast[x->dtype][x->dtype];
    g.base[0] = out->data;
    g.base[1] = x->data;
    g.from = x->strides[axis];
    g.to = out->strides[axis];
    grid_init(&g.outer, 2);
    grid_init(&g.inner, 2);
    for (int i = 0; i < x->ndim; i++)
        if (i != axis)
            grid_add(i < axis ? &g.outer : &g.inner, x->shape[i], (int64_t[]){out->strides[i], x->strides[i]});
    const size_t slice = g.inner.size * g.size;
    if (slice == 0 || g.outer.size == 0 || n == 0)
        return;
    grid_split(&g.inner);
    const bool one = g.inner.n == 1;
    if (g.inner.ndim == 0 && (one || (g.inner.step[0] == (int64_t)g.size && g.inner.step[1] == (int64_t)g.size)))
        g.bytes = slice;
    g.chunk = PIECE_BYTES / slice + 1;
    g.chunks = ((size_t)n + g.chunk - 1) / g.chunk;
    par_for(t, g.outer.size * g.chunks, t->threads > 1 ? (g.chunks > 1 ? 1 : PIECE_BYTES / (slice * (size_t)n) + 1) : 0,
            run_taking, &g);
}

/* The places' own dimensions as one: out seen with x's rank. False: its strides do not allow it. */
static bool one_place_axis(const sheaf_view *x, int axis, const sheaf_view *places, const sheaf_view *out,
                           sheaf_view *seen)
{
    sheaf_view part = *out, line;
    part.ndim = places->ndim;
    for (int i = 0; i < places->ndim; i++) {
        part.shape[i] = out->shape[axis + i];
        part.strides[i] = out->strides[axis + i];
    }
    const int64_t n = sheaf_view_size(places);
    if (sheaf_view_reshape(&part, 1, &n, &line, NULL))
        return false;
    seen->data = out->data;
    seen->dtype = out->dtype;
    seen->ndim = x->ndim;
    for (int i = 0; i < x->ndim; i++) {
        int at = i < axis ? i : i - 1 + places->ndim;
        seen->shape[i] = i == axis ? n : x->shape[i];
        seen->strides[i] = i == axis ? line.strides[0] : out->strides[at];
    }
    return true;
}

static sheaf_status take_checked(const struct op *op, const sheaf_view *x, int axis, const sheaf_view *given,
                                 const int64_t *places, const team *t, const sheaf_view *out, sheaf_error *error)
{
    const int64_t n = sheaf_view_size(given);
    sheaf_view seen;
    sheaf_status status = check_all(op, x, given, (size_t)n, places, x->shape[axis], t, error);
    if (status || sheaf_view_size(out) == 0)
        return status;
    if (one_place_axis(x, axis, given, out, &seen)) {
        take_places(x, axis, n, places, t, &seen);
        return SHEAF_OK;
    }
    struct spare s;
    status = spare_new(op, out->dtype, out->ndim, out->shape, &s, error);
    if (status)
        return status;
    if (one_place_axis(x, axis, given, &s.view, &seen))
        take_places(x, axis, n, places, t, &seen);
    copy_run(&s.view, t, out);
    spare_free(&s);
    return SHEAF_OK;
}

sheaf_status take_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    struct spare flat = {NULL, 0, in[0]}, s = {NULL, 0, in[1]};
    sheaf_view x = in[0], places;
    const team whole = team_unhurried(t);
    sheaf_status status = SHEAF_OK;
    if (!o->naxes)
        status = flat_view(op, &in[0], t, &flat, &x, error);
    if (!status && (in[1].dtype != SHEAF_I64 || !sheaf_view_is_contiguous(&in[1]))) {
        status = spare_new(op, SHEAF_I64, in[1].ndim, in[1].shape, &s, error);
        if (!status)
            copy_run(&in[1], &whole, &s.view);
    }
    places = s.view;
    if (!status)
        status = take_checked(op, &x, o->naxes ? op_axis(&in[0], o) : 0, &in[1], places.data, t, out, error);
    spare_free(&s);
    spare_free(&flat);
    return status;
}
