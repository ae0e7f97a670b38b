/* Runs of contiguous elements go to the kernel as they are; what is strided or of another dtype through tiles that stay
 * in L1; what lies across the rows, as in x.T + y, through panels that read whole cache lines. */

#include "ops/each.h"
#include "ops/stream.h"
#include <stdalign.h>

#define PIECE 32768          /* least number of elements worth giving to a thread */
#define WIDEST_BYTES 16      /* of a dtype */
#define LINES 128            /* bytes that a panel takes of each run that lies across: two cache lines */
#define STRIP 128            /* elements of a panel's rows */
#define STREAM_RUN_LEAST 256 /* bytes of a run that is worth streaming */
#define MOSTLY_READ 8        /* bytes read for one written from which on streaming saves too little */

static void put(const struct each *e, size_t n, const void *tile, char *to)
{
    if (e->stream)
        e->k->stream(n * e->size[0], tile, to);
    else
        e->store(n, tile, (ptrdiff_t)e->size[0], to, (ptrdiff_t)e->grid.step[0]);
}

typedef unsigned char tile[KERNEL_TILE * WIDEST_BYTES];

/* The next n ≤ KERNEL_TILE elements of each operand, from p on. An input that is one element over and over, or a line
 * of a panel, is in its tile already: ready[k]. */
static void tile_run(const struct each *e, size_t n, char *const *p, const void *const *ready, tile *tiles)
{
    const void *in[EACH_OPERANDS - 1];
    for (int k = 1; k <= e->nin; k++) {
        in[k - 1] = e->direct[k] ? p[k] : ready[k] ? ready[k] : tiles[k];
        if (!e->direct[k] && !ready[k])
            e->load[k](n, p[k], (ptrdiff_t)e->grid.step[k], tiles[k], (ptrdiff_t)e->size[k]);
    }
    bool straight = e->direct[0] && !e->stream;
    if (each_casts(&e->kernel)) {
        put(e, n, in[0], p[0]);
        return;
    }
    each_apply(&e->kernel, n, in, straight ? (void *)p[0] : (void *)tiles[0]);
    if (!straight)
        put(e, n, tiles[0], p[0]);
}

static size_t tile_length(const struct each *e)
{
    size_t widest = 1;
    for (int k = 0; k <= e->nin && e->stream; k++)
        widest = e->size[k] > widest ? e->size[k] : widest;
    return e->stream ? STREAM_TILE / widest : KERNEL_TILE;
}

/* One run of n elements through tiles. */
static void tiled_run(const struct each *e, size_t n, char *const *from)
{
    alignas(64) tile tiles[EACH_OPERANDS];
    const void *ready[EACH_OPERANDS] = {NULL};
    char *p[EACH_OPERANDS];
    size_t most = tile_length(e);
    most = n < most ? n : most;
    for (int k = 0; k <= e->nin; k++) {
        p[k] = from[k];
        if (k == 0 || e->direct[k] || e->grid.step[k] != 0)
            continue;
        e->load[k](most, p[k], 0, tiles[k], (ptrdiff_t)e->size[k]);
        ready[k] = tiles[k];
    }
    for (size_t i = 0; i < n; i += most) {
        tile_run(e, n - i < most ? n - i : most, p, ready, tiles);
        for (int k = 0; k <= e->nin; k++)
            p[k] += (int64_t)most * e->grid.step[k];
    }
}

static void run_row(const struct each *e, size_t n, char *const *p)
{
    if (each_casts(&e->kernel) && !e->stream)
        e->load[1](n, p[1], (ptrdiff_t)e->grid.step[1], p[0], (ptrdiff_t)e->grid.step[0]);
    else if (e->all_direct && !e->stream)
        each_apply(&e->kernel, n, (const void *const *)p + 1, p[0]);
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
            char *p[EACH_OPERANDS];
            for (int k = 0; k <= e->nin; k++)
                p[k] = c.p[k] + (int64_t)start * e->grid.step[k];
            run_row(e, chunk + 1 < e->chunks ? PIECE : left, p);
        }
        if (++chunk == e->chunks) {
            chunk = 0;
            cursor_next(&c, &e->grid);
        }
    }
    if (e->stream)
        e->k->stream_end();
}

/* ---- panels ---- */

/* n columns of `rows` rows, the first element of each operand at p. */
static void panel_strip(const struct each *e, size_t rows, size_t n, char *const *p)
{
    alignas(64) unsigned char lines[EACH_OPERANDS][LINES * STRIP];
    alignas(64) tile tiles[EACH_OPERANDS];
    int last = e->grid.ndim - 1;
    for (int k = 1; k <= e->nin; k++)
        if (e->across[k])
            e->k->turn[__builtin_ctzl(e->from[k])](n, rows, p[k], (ptrdiff_t)e->grid.step[k], lines[k],
                                                   (ptrdiff_t)(STRIP * e->from[k]));
    for (size_t r = 0; r < rows; r++) {
        const void *ready[EACH_OPERANDS] = {NULL};
        char *q[EACH_OPERANDS];
        for (int k = 0; k <= e->nin; k++) {
            q[k] = p[k] + (int64_t)r * e->grid.strides[k][last];
            if (!e->across[k])
                continue;
            ready[k] = lines[k] + r * STRIP * e->from[k];
            if (e->converts[k]) {
                e->load[k](n, ready[k], (ptrdiff_t)e->from[k], tiles[k], (ptrdiff_t)e->size[k]);
                ready[k] = tiles[k];
            }
        }
        tile_run(e, n, q, ready, tiles);
    }
}

/* Units are chunks of panels. */
static void run_panels(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct each *e = context;
    const struct grid *g = &e->grid;
    size_t high = (size_t)g->shape[g->ndim - 1], panels = (high + e->panel - 1) / e->panel;
    for (size_t unit = begin; unit < end; unit++) {
        size_t chunk = unit % e->chunks, panel = unit / e->chunks % panels, outer = unit / e->chunks / panels;
        size_t row = panel * e->panel, rows = high - row < e->panel ? high - row : e->panel;
        size_t length = (g->n + e->chunks - 1) / e->chunks, start = chunk * length;
        size_t stop = start + length < g->n ? start + length : g->n;
        struct cursor c;
        cursor_set(&c, g, e->base, outer * high + row);
        for (size_t i = start; i < stop; i += STRIP) {
            char *p[EACH_OPERANDS];
            for (int k = 0; k <= e->nin; k++)
                p[k] = c.p[k] + (int64_t)i * g->step[k];
            panel_strip(e, rows, stop - i < STRIP ? stop - i : STRIP, p);
        }
    }
    if (e->stream)
        e->k->stream_end();
}

static void share_panels(struct each *e, const team *t)
{
    const struct grid *g = &e->grid;
    size_t high = (size_t)g->shape[g->ndim - 1], panels = (high + e->panel - 1) / e->panel * (g->size / high);
    e->chunks = g->n * e->panel / PIECE + 1;
    const team used = g->size * g->n < 2 * PIECE ? team_alone(t) : *t;
    par_pieces(&used, panels * e->chunks, 1, run_panels, e);
}

void each_run(struct each *e, const team *t)
{
    struct grid *g = &e->grid;
    if (g->n == 0 || g->size == 0)
        return;
    if (e->panel > 0) {
        share_panels(e, t);
        return;
    }
    const team used = g->size * g->n < 2 * PIECE ? team_alone(t) : *t;
    const bool whole = (used.threads <= 1 && !used.deadline) || g->n < 2 * PIECE;
    e->chunks = whole ? 1 : (g->n + PIECE - 1) / PIECE;
    par_pieces(&used, g->size * e->chunks, whole ? (PIECE + g->n - 1) / g->n : 1, run_units, e);
}

/* Whether all operands are contiguous and of one shape: then there is one run and nothing to lay out. */
static bool lies_flat(struct each *e, const sheaf_view *in, const sheaf_view *out)
{
    if (!sheaf_view_is_contiguous(out))
        return false;
    for (int k = 0; k < e->nin; k++) {
        if (in[k].ndim != out->ndim || !sheaf_view_is_contiguous(&in[k]))
            return false;
        for (int i = 0; i < out->ndim; i++)
            if (in[k].shape[i] != out->shape[i])
                return false;
        e->grid.step[k + 1] = (int64_t)sheaf_dtype_size(in[k].dtype);
    }
    e->grid.step[0] = (int64_t)sheaf_dtype_size(out->dtype);
    e->grid.n = (size_t)sheaf_view_size(out);
    return true;
}

/* Lay the operands over the output's shape. */
static void lay_out(struct each *e, const sheaf_view *in, const sheaf_view *out)
{
    sheaf_view wide[EACH_OPERANDS - 1];
    grid_init(&e->grid, e->nin + 1);
    if (lies_flat(e, in, out))
        return;
    for (int k = 0; k < e->nin; k++)
        op_stretch(&in[k], out->ndim, out->shape, &wide[k]);
    for (int i = 0; i < out->ndim; i++) {
        int64_t strides[EACH_OPERANDS] = {out->strides[i]};
        for (int k = 0; k < e->nin; k++)
            strides[k + 1] = wide[k].strides[i];
        grid_add(&e->grid, out->shape[i], strides);
    }
    grid_order(&e->grid);
    grid_split(&e->grid);
}

static bool lies_across(const struct each *e, int k, int dimension)
{
    int64_t step = e->grid.step[k];
    return !e->direct[k] && step != 0 && step != (int64_t)e->from[k] &&
           e->grid.strides[k][dimension] == (int64_t)e->from[k];
}

/* Find a leading dimension along which an input is contiguous, and make it the last of them. */
static void choose_panels(struct each *e)
{
    struct grid *g = &e->grid;
    e->panel = 0;
    for (int i = g->ndim - 1; i >= 0 && !e->panel; i--)
        for (int k = 1; k <= e->nin && g->n >= 4 && g->shape[i] >= 4; k++)
            if (lies_across(e, k, i)) {
                for (int j = i; j < g->ndim - 1; j++)
                    grid_swap(g, j, j + 1);
                e->panel = LINES;
                break;
            }
    for (int k = 1; k <= e->nin; k++) {
        e->across[k] = e->panel && lies_across(e, k, g->ndim - 1);
        if (e->across[k] && LINES / e->from[k] < e->panel)
            e->panel = LINES / e->from[k];
    }
}

static bool is_large(const struct each *e)
{
    size_t bytes = e->grid.n * e->size[0], read = 0;
    for (int k = 1; k <= e->nin; k++) {
        if (e->base[k] == e->base[0])
            return false;
        read += e->grid.step[k] ? e->from[k] : 0;
    }
    if (read >= MOSTLY_READ * e->size[0])
        return false;
    return e->direct[0] && bytes >= STREAM_RUN_LEAST && e->grid.size * bytes >= STREAM_LEAST;
}

void each_prepare(struct each *e, int nin, const sheaf_view *in, const sheaf_dtype *work, const sheaf_view *out)
{
    e->k = kernels();
    e->kernel = (struct each_kernel){NULL, NULL, NULL};
    e->nin = nin;
    lay_out(e, in, out);
    e->base[0] = out->data;
    e->from[0] = e->size[0] = sheaf_dtype_size(out->dtype);
    e->store = e->k->cast[out->dtype][out->dtype];
    bool one = e->grid.n == 1;
    e->all_direct = e->direct[0] = one || e->grid.step[0] == (int64_t)e->size[0];
    e->across[0] = e->converts[0] = false;
    for (int k = 1; k <= e->nin; k++) {
        e->base[k] = in[k - 1].data;
        e->load[k] = e->k->cast[in[k - 1].dtype][work[k - 1]];
        e->from[k] = sheaf_dtype_size(in[k - 1].dtype);
        e->size[k] = sheaf_dtype_size(work[k - 1]);
        e->converts[k] = in[k - 1].dtype != work[k - 1];
        e->direct[k] = !e->converts[k] && (one || e->grid.step[k] == (int64_t)e->size[k]);
        e->all_direct &= e->direct[k];
    }
    choose_panels(e);
    e->stream = is_large(e);
}
