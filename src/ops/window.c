/* Moving sums, means, extremes, variances and medians along an axis. Rows are shared out to the team; the few long ones
 * are cut at the starts of blocks (kernels.h), each piece beginning a block early; rows that lie across memory are
 * taken in strips of neighbours, which are transposed tile by tile. */

#include "ops/window.h"
#include "base/pool.h"
#include "ops/stream.h"
#include <math.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#define STRIP 16               /* rows that are taken together, at most */
#define STRIP_BYTES (4u << 20) /* that their lines take, at most, but for one */
#define PIECE_LEAST 32768      /* elements of a piece of a row */
#define PIECE_BLOCKS 8         /* blocks of it: one more is read */

struct windows {
    struct window w;
    sheaf_dtype in, out;
    size_t in_size, out_size;
    int64_t in_step, out_step; /* along the axis */
    bool in_direct, out_direct;
    bool stream; /* the results are contiguous, and too many for the caches */
    grid_cast *load, *store;
    struct grid rows; /* the other axes; operand 0 the input, 1 the output */
    char *base[2];
    size_t strip, strips; /* rows of a strip, strips of the rows' last dimension */
    size_t piece, pieces; /* positions of a piece, pieces of a row */
    size_t line_bytes;
    atomic_int no_memory;
};

struct strip {
    char *in, *out;
    size_t lines;
    struct window_line line[STRIP];
    alignas(64) double x[STRIP * WINDOW_TILE], y[STRIP * WINDOW_TILE];
    alignas(64) double other[STRIP * WINDOW_TILE]; /* in the input's or output's dtype */
};

/* ---- tiles: positions [j, j + m) of the strip's rows ---- */

static int log2_of(size_t size)
{
    return __builtin_ctz((unsigned)size);
}

/* To s->x; NaN behind the row's end. */
static void load_tile(const struct windows *ws, struct strip *s, size_t j, size_t m)
{
    const size_t inside = j >= ws->w.n ? 0 : ws->w.n - j < m ? ws->w.n - j : m;
    const char *from = s->in + (int64_t)j * ws->in_step;
    const bool wide = ws->in == SHEAF_F64;
    if (inside > 0 && s->lines == 1)
        ws->load(inside, from, (ptrdiff_t)ws->in_step, s->x, sizeof(double));
    else if (inside > 0)
        ws->w.k->turn[log2_of(ws->in_size)](inside, s->lines, from, (ptrdiff_t)ws->in_step, wide ? s->x : s->other,
                                            (ptrdiff_t)(WINDOW_TILE * ws->in_size));
    for (size_t l = 0; l < s->lines; l++) {
        if (inside > 0 && s->lines > 1 && !wide)
            ws->load(inside, (char *)s->other + l * WINDOW_TILE * ws->in_size, (ptrdiff_t)ws->in_size,
                     s->x + l * WINDOW_TILE, sizeof(double));
        for (size_t e = inside; e < m; e++)
            s->x[l * WINDOW_TILE + e] = NAN;
    }
}

/* Elements [i, i + m) from y, which has them `skip` places in. */
static void store_tile(const struct windows *ws, struct strip *s, size_t i, size_t m, size_t skip)
{
    char *to = s->out + (int64_t)i * ws->out_step;
    if (ws->stream) {
        ws->w.k->stream(m * sizeof(double), s->y + skip, to);
    } else if (s->lines == 1) {
        ws->store(m, s->y + skip, sizeof(double), to, (ptrdiff_t)ws->out_step);
    } else {
        const bool wide = ws->out == SHEAF_F64;
        for (size_t l = 0; !wide && l < s->lines; l++)
            ws->store(m, s->y + l * WINDOW_TILE + skip, sizeof(double),
                      (char *)s->other + l * WINDOW_TILE * ws->out_size, (ptrdiff_t)ws->out_size);
        ws->w.k->turn[log2_of(ws->out_size)](s->lines, m, wide ? (char *)(s->y + skip) : (char *)s->other,
                                             (ptrdiff_t)(WINDOW_TILE * ws->out_size), to, (ptrdiff_t)ws->out_step);
    }
}

/* keep: of the results, those of positions from here on are wanted. */
static void run_tile(const struct windows *ws, struct strip *s, size_t j, size_t m, size_t keep)
{
    const size_t ahead = ws->w.ahead, n = ws->w.n;
    const size_t first = j > keep ? j : keep, end = j + m < n + ahead ? j + m : n + ahead;
    const bool inside = j >= keep && j + m <= n + ahead;
    const bool direct_in = ws->in_direct && j + m <= n, direct_out = ws->out_direct && !ws->stream && inside;
    if (!direct_in)
        load_tile(ws, s, j, m);
    for (size_t l = 0; l < s->lines; l++) {
        const double *x = direct_in ? (const double *)(s->in + (int64_t)j * ws->in_step) : s->x + l * WINDOW_TILE;
        double *y = direct_out ? (double *)(s->out + (int64_t)(j - ahead) * ws->out_step) : s->y + l * WINDOW_TILE;
        window_line_go(&ws->w, &s->line[l], m, x, y);
    }
    if (!direct_out && first < end)
        store_tile(ws, s, first - ahead, end - first, first - j);
}

/* Positions [begin, end) of a strip; begin is the start of a block, and end may lie behind the last position. */
static void run_piece(const struct windows *ws, struct strip *s, size_t begin, size_t end, char *memory)
{
    const size_t block = window_block(&ws->w), last = ws->w.n + ws->w.ahead;
    const size_t keep = begin > ws->w.ahead ? begin : ws->w.ahead;
    size_t j = 0;
    end = end < last ? end : last;
    for (size_t l = 0; l < s->lines; l++)
        window_line_start(&ws->w, &s->line[l], memory + l * ws->line_bytes);
    if (begin > block) {
        j = begin - block;
        load_tile(ws, s, j - 8, 8);
        for (size_t l = 0; l < s->lines; l++)
            window_line_prime(&ws->w, &s->line[l], s->x + l * WINDOW_TILE);
    }
    /* What is missing before the row's start is soon past: tiles without anything missing are faster. */
    const size_t full = j + (ws->w.length + 7) / 8 * 8 + (window_has_moments(&ws->w) ? block + 16 : 0);
    for (size_t m; j < end; j += m) {
        const size_t left = (j < full && full < end ? full : end) - j;
        m = left < 8 ? 8 : left < WINDOW_TILE ? left / 8 * 8 : WINDOW_TILE;
        run_tile(ws, s, j, m, keep);
    }
}

/* ---- the call ---- */

static void run_units(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct windows *ws = context;
    const size_t room = (sizeof(struct strip) + 63) / 64 * 64, bytes = room + ws->strip * ws->line_bytes;
    char *memory = pool_get(bytes);
    if (!memory) {
        atomic_store(&ws->no_memory, 1);
        return;
    }
    struct strip *s = (struct strip *)memory;
    for (size_t unit = begin; unit < end; unit++) {
        const size_t strip = unit / ws->pieces, piece = unit % ws->pieces, first = strip % ws->strips * ws->strip;
        struct cursor c;
        cursor_set(&c, &ws->rows, ws->base, strip / ws->strips);
        s->lines = ws->rows.n - first < ws->strip ? ws->rows.n - first : ws->strip;
        s->in = c.p[0] + (int64_t)first * ws->rows.step[0];
        s->out = c.p[1] + (int64_t)first * ws->rows.step[1];
        run_piece(ws, s, piece * ws->piece, (piece + 1) * ws->piece, memory + room);
    }
    if (ws->stream)
        ws->w.k->stream_end();
    pool_put(memory, bytes);
}

static void lay_out(struct windows *ws, const sheaf_view *in, const sheaf_options *options, const sheaf_view *out)
{
    const int axis = ws->w.axis = op_axis(in, options);
    grid_init(&ws->rows, 2);
    for (int i = 0; i < in->ndim; i++)
        if (i != axis)
            grid_add(&ws->rows, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    ws->w.n = (size_t)in->shape[axis];
    ws->in_step = in->strides[axis];
    ws->out_step = out->strides[axis];
    ws->base[0] = in->data;
    ws->base[1] = out->data;
    grid_order(&ws->rows);
}

static void set_window(struct window *w, const struct op *op, const sheaf_options *options)
{
    const size_t window = (size_t)options->window, most = w->n - 1;
    const size_t ahead = options->center ? (window - 1) / 2 : 0, back = window - 1 - ahead;
    w->kind = (enum window_kind)op->kernel;
    w->ahead = ahead < most ? ahead : most;
    w->back = back < most ? back : most;
    w->length = w->back + 1 + w->ahead;
    w->min_count = options->min_count ? (size_t)options->min_count : window;
    w->ddof = options->ddof;
    w->k = kernels();
}

static void prepare(struct windows *ws, const sheaf_view *in, const sheaf_view *out)
{
    const struct kernels *k = ws->w.k;
    ws->in = in->dtype;
    ws->out = out->dtype;
    ws->in_size = sheaf_dtype_size(ws->in);
    ws->out_size = sheaf_dtype_size(ws->out);
    ws->load = k->cast[ws->in][SHEAF_F64];
    ws->store = k->cast[SHEAF_F64][ws->out];
    ws->in_direct = ws->in == SHEAF_F64 && (ws->w.n == 1 || ws->in_step == sizeof(double));
    ws->out_direct = ws->out == SHEAF_F64 && (ws->w.n == 1 || ws->out_step == sizeof(double));
    ws->stream = ws->out_direct && ws->w.n >= WINDOW_TILE && ws->w.n * ws->rows.size * sizeof(double) >= STREAM_LEAST;
    ws->line_bytes = window_line_bytes(&ws->w);
}

/* Neighbours in memory that belong to different rows are taken together; few rows are cut to pieces. */
static void cut(struct windows *ws, const team *t)
{
    const size_t all = ws->rows.size * ws->rows.n, threads = (size_t)t->threads, block = window_block(&ws->w);
    const size_t positions = ws->w.n + ws->w.ahead;
    const bool across = !ws->in_direct && !ws->out_direct && ws->rows.step[0] == (int64_t)ws->in_size &&
                        ws->rows.step[1] == (int64_t)ws->out_size && ws->out_step > 0 &&
                        ws->out_step % (int64_t)ws->out_size == 0 && ws->w.n > 1;
    ws->strip = 1;
    while (across && ws->strip < STRIP && 2 * ws->strip * ws->line_bytes <= STRIP_BYTES)
        ws->strip *= 2;
    ws->strips = (ws->rows.n + ws->strip - 1) / ws->strip;
    ws->piece = positions;
    if (threads > 1 && all / ws->strip < 4 * threads) {
        size_t least = PIECE_BLOCKS * block;
        least = least < PIECE_LEAST ? PIECE_LEAST : least;
        ws->piece = positions / (4 * threads) < least ? least : positions / (4 * threads);
    }
    ws->piece = (ws->piece + block - 1) / block * block;
    ws->pieces = (positions + ws->piece - 1) / ws->piece;
}

sheaf_status window_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error)
{
    if (op->kernel == W_ewm)
        return ewm_run(op, in, options, t, out);
    struct windows ws;
    lay_out(&ws, in, options, out);
    if (ws.w.n == 0 || ws.rows.size == 0)
        return SHEAF_OK;
    const size_t all = ws.rows.size;
    set_window(&ws.w, op, options);
    prepare(&ws, in, out);
    grid_split(&ws.rows);
    if (ws.w.kind == W_median)
        return median_run(op, in, &ws.w, t, out, &ws.rows, error);
    cut(&ws, t);
    atomic_init(&ws.no_memory, 0);
    const size_t weights = window_has_moments(&ws.w) ? ws.w.length / 8 * sizeof *ws.w.weights : 0;
    ws.w.weights = weights ? pool_get(weights) : NULL;
    if (weights && !ws.w.weights)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes", op->info.name, weights);
    if (weights)
        window_fill_weights(&ws.w);
    const size_t units = ws.rows.size * ws.strips * ws.pieces;
    const double ns = op->cost * (double)ws.w.n * (double)all;
    par_share(t, units, ns / (double)units, run_units, &ws);
    pool_put(ws.w.weights, weights);
    if (atomic_load(&ws.no_memory))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for scratch rows of %zu bytes", op->info.name,
                               ws.strip * ws.line_bytes);
    return SHEAF_OK;
}

sheaf_status window_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                          sheaf_error *error)
{
    const char *name = op->info.name;
    char text[SHAPE_TEXT];
    shape_text(in->ndim, in->shape, text);
    if (in->ndim == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: x is a scalar (shape ()), which has no axis to work along",
                               name);
    if (op->kernel == W_ewm) {
        if (!(options->alpha > 0 && options->alpha <= 1))
            return sheaf_error_set(
                error, SHEAF_INVALID,
                "%s: options.alpha is %g: give the weight of the newest element, above 0 and at most "
                "1 (x of shape %s)",
                name, options->alpha, text);
        return sheaf_view_init(out, NULL, op_result_dtype(op->rule, in->dtype, 0), in->ndim, in->shape, error);
    }
    if (options->window < 1)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: options.window is %lld: give the length of the window, at least 1 (x of shape %s)",
                               name, (long long)options->window, text);
    if (options->min_count < 0 || options->min_count > options->window)
        return sheaf_error_set(
            error, SHEAF_INVALID,
            "%s: options.min_count is %lld: it must be from 1 to the window's length, %lld, or 0 for "
            "all of it (x of shape %s)",
            name, (long long)options->min_count, (long long)options->window, text);
    return sheaf_view_init(out, NULL, op_result_dtype(op->rule, in->dtype, 0), in->ndim, in->shape, error);
}
