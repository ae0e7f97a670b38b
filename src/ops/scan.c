/* Running sums, products and extremes along an axis. What they are, to the bit, is at struct scan_state in kernels.h.
 * Rows that lie along memory are shared out to the team, or, when they are few and long, cut into pieces; rows that
 * lie across memory are walked side by side, in memory order. */

#include "ops/scan.h"
#include "ops/op.h"
#include "ops/stream.h"
#include <string.h>

#define PIECE 4  /* blocks that a thread takes of a row that several work on: in L2 when it comes back to them */
#define TILE 512 /* elements gathered or cast at a time */
#define FEW_COLUMNS 4
#define WIDEST_BYTES 16

struct scan {
    struct scanner by;
    size_t n;
    bool in_direct, out_direct; /* neighbours are contiguous and, of the input, of the working dtype */
    bool stream;                /* the results are contiguous, and too many for the caches */
    const struct kernels *k;
    grid_cast *load, *store;
    struct grid inner; /* the axis; operand 0 the input */
    struct grid rows;  /* the others; operand 0 the input, 1 the output */
    int64_t out_step;
    char *base[2];
    size_t strip, strips; /* rows of a strip, strips of the rows' last dimension */
    /* One row on a team. */
    size_t pieces;      /* of a row */
    atomic_size_t turn; /* the piece that `shared` is the start of */
    struct scan_state shared;
};

/* ---- a row along memory ---- */

static const void *load(const struct scan *s, char *row, size_t start, size_t n, void *tile)
{
    if (s->in_direct)
        return row + start * s->by.size;
    grid_gather(&s->inner, row, start, n, s->load, tile, s->by.size);
    return tile;
}

/* So many elements from `at` on, at most `most`, go to the kernel at once. */
static size_t stretch(size_t at, size_t end, size_t most)
{
    most = most < KERNEL_BLOCK ? most : KERNEL_BLOCK - at % KERNEL_BLOCK;
    return end - at < most ? end - at : most;
}

static void store(const struct scan *s, size_t n, const void *tile, char *to)
{
    if (s->stream)
        s->k->stream(n * s->by.size, tile, to);
    else
        s->store(n, tile, (ptrdiff_t)s->by.size, to, (ptrdiff_t)s->out_step);
}

/* The state before element `at`, which nothing comes before. */
static struct scan_state first_state(const struct scan *s, char *row, size_t at)
{
    alignas(16) unsigned char tile[WIDEST_BYTES];
    return scanner_start(&s->by, load(s, row, at, 1, tile));
}

/* Elements [at, end) of a row; at is the start of a block. */
static void scan_span(const struct scan *s, char *in, char *out, size_t at, size_t end, struct scan_state *state)
{
    alignas(64) unsigned char tile[TILE * WIDEST_BYTES];
    const bool straight = s->out_direct && !s->stream;
    const size_t most = s->stream ? STREAM_TILE / s->by.size : s->in_direct && straight ? KERNEL_BLOCK : TILE;
    for (size_t m; at < end; at += m) {
        m = stretch(at, end, most);
        char *to = out + (int64_t)at * s->out_step;
        void *y = straight ? (void *)to : (void *)tile;
        s->by.scan(m, load(s, in, at, m, y), y, state);
        if (!straight)
            store(s, m, tile, to);
        if ((at + m) % KERNEL_BLOCK == 0)
            scanner_end_block(&s->by, state);
    }
}

/* ---- few long rows on a team: piece after piece, each thread waiting for the carry of the piece before ---- */

/* What [at, end), all within a block, does to a state that nothing came before. */
static struct scan_state block_end(const struct scan *s, char *in, size_t at, size_t end)
{
    alignas(64) unsigned char tile[TILE * WIDEST_BYTES];
    struct scan_state state = first_state(s, in, at);
    for (size_t m; at < end; at += m) {
        m = stretch(at, end, s->in_direct ? KERNEL_BLOCK : TILE);
        s->by.end(m, load(s, in, at, m, tile), &state);
    }
    return state;
}

static void locate_row(const struct scan *s, size_t row, char **p)
{
    struct cursor c;
    cursor_set(&c, &s->rows, s->base, row / s->rows.n);
    for (int k = 0; k < 2; k++)
        p[k] = c.p[k] + (int64_t)(row % s->rows.n) * s->rows.step[k];
}

static void run_piece(struct scan *s, size_t piece)
{
    struct scan_state ends[PIECE], states[PIECE + 1];
    char *p[2];
    locate_row(s, piece / s->pieces, p);
    size_t start = piece % s->pieces * PIECE * KERNEL_BLOCK, blocks = 0;
    size_t end = s->n - start < PIECE * KERNEL_BLOCK ? s->n : start + PIECE * KERNEL_BLOCK;
    for (size_t at = start; at < end; at += KERNEL_BLOCK, blocks++)
        ends[blocks] = block_end(s, p[0], at, end - at < KERNEL_BLOCK ? end : at + KERNEL_BLOCK);
    scan_wait(&s->turn, piece);
    states[0] = start == 0 ? first_state(s, p[0], 0) : s->shared;
    for (size_t b = 0; b < blocks; b++) {
        states[b + 1] = states[b];
        scanner_follow(&s->by, &ends[b], &states[b + 1]);
    }
    s->shared = states[blocks];
    atomic_store_explicit(&s->turn, piece + 1, memory_order_release);
    for (size_t b = 0; b < blocks; b++) {
        size_t at = start + b * KERNEL_BLOCK;
        scan_span(s, p[0], p[1], at, end - at < KERNEL_BLOCK ? end : at + KERNEL_BLOCK, &states[b]);
    }
}

static void run_pieces(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct scan *s = context;
    for (size_t piece = begin; piece < end; piece++)
        run_piece(s, piece);
    if (s->stream)
        s->k->stream_end();
}

/* ---- many rows ---- */

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct scan *s = context;
    struct cursor c;
    cursor_set(&c, &s->rows, s->base, begin / s->rows.n);
    size_t at = begin % s->rows.n;
    for (size_t row = begin; row < end; row++) {
        char *in = c.p[0] + (int64_t)at * s->rows.step[0], *out = c.p[1] + (int64_t)at * s->rows.step[1];
        struct scan_state state = first_state(s, in, 0);
        scan_span(s, in, out, 0, s->n, &state);
        if (++at == s->rows.n) {
            at = 0;
            cursor_next(&c, &s->rows);
        }
    }
    if (s->stream)
        s->k->stream_end();
}

/* ---- rows across memory, side by side ---- */

static void run_strips(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct scan *s = context;
    struct cursor c;
    cursor_set(&c, &s->rows, s->base, begin / s->strips);
    size_t strip = begin % s->strips;
    const struct scan_layout l = {s->load,
                                  s->store,
                                  s->in_direct,
                                  s->out_direct,
                                  (ptrdiff_t)s->inner.step[0],
                                  (ptrdiff_t)s->rows.step[0],
                                  (ptrdiff_t)s->out_step,
                                  (ptrdiff_t)s->rows.step[1]};
    struct scan_strip state;
    for (size_t unit = begin; unit < end; unit++) {
        size_t first = strip * s->strip, left = s->rows.n - first;
        scan_strip_go(&s->by, &l, &state, left < s->strip ? left : s->strip, 0, s->n,
                      c.p[0] + (int64_t)first * s->rows.step[0], c.p[1] + (int64_t)first * s->rows.step[1]);
        if (++strip == s->strips) {
            strip = 0;
            cursor_next(&c, &s->rows);
        }
    }
}

/* ---- the call ---- */

static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

/* Whether neighbours in memory, of input and output, belong to different rows. */
static bool lies_across(const struct scan *s)
{
    return s->by.columns && s->inner.ndim == 0 && s->n > 1 && s->rows.n >= FEW_COLUMNS &&
           magnitude(s->rows.step[0]) < magnitude(s->inner.step[0]) &&
           magnitude(s->rows.step[1]) < magnitude(s->out_step);
}

static void lay_out(struct scan *s, const sheaf_view *in, const sheaf_options *options, const sheaf_view *out)
{
    bool flat = options->naxes == 0;
    int axis = flat ? 0 : op_axis(in, options);
    grid_init(&s->inner, 1);
    grid_init(&s->rows, 2);
    for (int i = 0; i < in->ndim; i++) {
        if (flat || i == axis)
            grid_add(&s->inner, in->shape[i], &in->strides[i]);
        else
            grid_add(&s->rows, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    }
    s->n = s->inner.size;
    s->out_step = out->strides[axis];
    s->base[0] = in->data;
    s->base[1] = out->data;
    grid_order(&s->rows);
}

static void prepare(struct scan *s, enum scan_kind kind, const sheaf_view *in, const sheaf_view *out)
{
    const sheaf_dtype work = out->dtype;
    s->k = kernels();
    scanner_choose(&s->by, kind, work);
    s->load = s->k->cast[in->dtype][work];
    s->store = s->k->cast[work][work];
}

/* Neighbours along the rows, or across them. */
static void look_for_direct(struct scan *s, const sheaf_view *in, bool across)
{
    int64_t step_in = across ? s->rows.step[0] : s->inner.step[0];
    int64_t step_out = across ? s->rows.step[1] : s->out_step;
    s->in_direct = in->dtype == s->by.work && s->inner.ndim == 0 && (s->n <= 1 || step_in == (int64_t)s->by.size);
    s->out_direct = s->n <= 1 || step_out == (int64_t)s->by.size;
    s->stream = !across && s->out_direct && s->n >= STREAM_TILE / s->by.size && s->base[0] != s->base[1] &&
                s->n * s->rows.size * s->rows.n * s->by.size >= STREAM_LEAST;
}

/* Strips of a cache line's multiple, and some for every thread. */
static void cut_strips(struct scan *s, const team *t)
{
    size_t most = SCAN_NUMBERS / (dtype_is_complex(s->by.work) ? 2 : 1), threads = (size_t)t->threads;
    size_t wanted = threads > 1 && s->rows.size < 4 * threads ? (s->rows.n / (2 * threads) + 15) / 16 * 16 : most;
    s->strip = wanted < 16 ? 16 : wanted < most ? wanted : most;
    s->strips = (s->rows.n + s->strip - 1) / s->strip;
}

sheaf_status scan_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    struct scan s;
    lay_out(&s, in, options, out);
    prepare(&s, (enum scan_kind)op->kernel, in, out);
    size_t nrows = s.rows.size;
    if (s.n == 0 || nrows == 0)
        return SHEAF_OK;
    if (!s.by.scan)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: has no kernel for %s", op->info.name,
                               sheaf_dtype_name(s.by.work));
    grid_split(&s.inner);
    grid_split(&s.rows);
    bool across = lies_across(&s);
    look_for_direct(&s, in, across);
    double ns = op->cost * (double)s.n;
    bool alone = t->threads <= 1 || ns * (double)nrows < 2 * PAR_PIECE_NS;
    if (across) {
        cut_strips(&s, t);
        size_t units = s.rows.size * s.strips;
        par_share(t, units, ns * (double)s.strip, run_strips, &s);
        return SHEAF_OK;
    }
    s.pieces = (s.n + PIECE * KERNEL_BLOCK - 1) / (PIECE * KERNEL_BLOCK);
    if (alone || nrows >= 4 * (size_t)t->threads || s.pieces < 2 || !s.by.end) {
        par_share(t, nrows, ns, run_rows, &s);
    } else {
        atomic_init(&s.turn, 0); /* each piece waits for the one before: none may be left out */
        par_for(t, nrows * s.pieces, 1, run_pieces, &s);
    }
    return SHEAF_OK;
}
