/* Copies between views of one dtype. Both are laid over one grid, ordered by how the output lies. What is contiguous on
 * both sides goes row by row; what lies across, by panels that read and write whole cache lines; results larger than
 * the caches go past them. */

#include "ops/grid.h"
#include "ops/move.h"
#include "ops/stream.h"
#include <stdalign.h>
#include <string.h>

#define PIECE 131072 /* bytes that are worth giving to a thread */
#define BUFFER 65536 /* bytes of a panel on its way */
#define LINE 64      /* of a cache line */
#define RUN 512      /* bytes that a panel reads of each run: lines that follow each other */
#define BURST 256    /* bytes that it writes of each line of its own */
#define LONG 512     /* bytes of a line from which on it is cut; shorter ones are joined where they follow each other */
#define TILE 4096    /* bytes of short rows on their way */
#define FEW 32       /* elements that are written one by one */
#define PAGE 4096
#define ASIDE 64  /* runs that are copied first */
#define SHORT 512 /* bytes of a row from which on it is streamed by itself */

enum kind {
    ROWS,    /* contiguous on both sides */
    REVERSE, /* the same backwards */
    FILL,    /* one element over and over */
    STRIDED, /* anything else */
    PANELS   /* the input is contiguous along another dimension */
};

struct mover {
    const struct kernels *k;
    enum kind kind;
    bool stream;
    bool constant; /* a fill of short rows with one element: a row is made once, and copied */
    size_t size;   /* bytes of an element; of a few that always go together */
    int log2;
    grid_cast *copy;
    struct grid grid; /* operand 0 the output, 1 the input */
    char *base[2];
    size_t chunk, chunks; /* of a row */
    /* Panels: `count` lines of n elements, lines apart in the output; where rows are short, `many` of them that follow
     * each other there make a longer one. */
    struct panels {
        size_t count, many;
        int64_t line, many_from, many_to;
        size_t high, highs, wide, wides, deep, deeps; /* of a panel, and how many: lines, elements, rows */
        bool gapless;                                 /* a line follows the one before at once */
        size_t more; /* elements that a panel has beyond its own, where lines do not begin with a cache line */
    } p;
};

/* ---- rows ---- */

static void fill_tile(const struct mover *m, const char *from, char *tile, size_t n)
{
    memcpy(tile, from, m->size);
    for (size_t done = 1; done < n; done *= 2)
        memcpy(tile + done * m->size, tile, (done < n - done ? done : n - done) * m->size);
}

/* n elements, contiguous in the output at least. */
static void row(const struct mover *m, size_t n, const char *from, char *to)
{
    const int64_t step = m->grid.step[1];
    switch (m->kind) {
    case ROWS:
        memcpy(to, from, n * m->size);
        break;
    case REVERSE:
        m->k->reverse[m->log2](n, from - (n - 1) * m->size, to);
        break;
    case FILL:
        if (n > FEW) {
            fill_tile(m, from, to, n);
            break;
        }
        m->copy(n, from, 0, to, (ptrdiff_t)m->size);
        break;
    default:
        m->copy(n, from, (ptrdiff_t)step, to, (ptrdiff_t)m->grid.step[0]);
        break;
    }
}

/* The same past the caches, by way of a tile. */
static void streamed_row(const struct mover *m, size_t n, const char *from, char *to)
{
    alignas(64) char tile[STREAM_TILE];
    const size_t most = sizeof tile / m->size;
    if (m->kind == ROWS) {
        m->k->stream(n * m->size, from, to);
        return;
    }
    if (m->kind == FILL)
        fill_tile(m, from, tile, n < most ? n : most);
    for (size_t i = 0; i < n; i += most) {
        size_t length = n - i < most ? n - i : most;
        if (m->kind != FILL)
            row(m, length, from + (int64_t)i * m->grid.step[1], tile);
        m->k->stream(length * m->size, tile, to + i * m->size);
    }
}

/* Rows that follow each other in the output at once, together. */
static size_t short_rows(const struct mover *m, struct cursor *c, size_t rows)
{
    alignas(64) char tile[TILE];
    const size_t bytes = m->grid.n * m->size;
    char *to = c->p[0];
    size_t done = 0, filled = 0;
    while (done < rows && filled + bytes <= sizeof tile && c->p[0] == to + filled) {
        row(m, m->grid.n, c->p[1], tile + filled);
        filled += bytes;
        cursor_next(c, &m->grid);
        done++;
    }
    m->k->stream(filled, tile, to);
    return done;
}

/* Units are rows, or chunks of rows where rows are long. */
static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct mover *m = context;
    alignas(64) char filled[TILE];
    struct mover rows;
    if (m->constant) {
        fill_tile(m, m->base[1], filled, m->grid.n);
        rows = *m;
        rows.kind = ROWS;
        rows.base[1] = filled;
        m = &rows;
    }
    struct cursor c;
    cursor_set(&c, &m->grid, m->base, begin / m->chunks);
    size_t chunk = begin % m->chunks;
    for (size_t unit = begin; unit < end;) {
        if (m->stream && m->chunks == 1 && m->grid.n * m->size < SHORT) {
            unit += short_rows(m, &c, end - unit);
            continue;
        }
        size_t start = chunk * m->chunk, left = m->grid.n - start, n = left < m->chunk ? left : m->chunk;
        char *to = c.p[0] + (int64_t)start * m->grid.step[0];
        const char *from = c.p[1] + (int64_t)start * m->grid.step[1];
        if (m->stream)
            streamed_row(m, n, from, to);
        else
            row(m, n, from, to);
        unit++;
        if (++chunk == m->chunks) {
            chunk = 0;
            cursor_next(&c, &m->grid);
        }
    }
    if (m->stream)
        m->k->stream_end();
}

static void share_rows(struct mover *m, const team *t)
{
    const struct grid *g = &m->grid;
    const size_t bytes = g->n * m->size;
    const team used = bytes * g->size < 2 * PIECE ? team_alone(t) : *t;
    const bool whole = used.threads <= 1 && !used.deadline;
    m->chunks = whole || bytes < 2 * PIECE ? 1 : (bytes + PIECE - 1) / PIECE;
    m->chunk = m->chunks == 1 ? g->n : PIECE / m->size;
    if (m->chunks > 1)
        m->chunks = (g->n + m->chunk - 1) / m->chunk;
    par_pieces(&used, g->size * m->chunks, m->chunks > 1 ? 1 : PIECE / bytes + 1, run_rows, m);
}

/* ---- panels ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Elements from address p on up to the next cache line. */
static size_t to_line(const struct mover *m, const char *p)
{
    return (size_t)(-(uintptr_t)p % LINE) / m->size;
}

/* Lines of n elements from the buffer, of `length` bytes, past the caches. Every line is written in whole cache lines
 * but for its ends: what is left of one before this panel's part is the panel's before, what is begun behind it is its.
 */
static void stream_lines(const struct mover *m, const char *buffer, size_t length, char *to, size_t high, size_t n,
                         bool first, bool last)
{
    const struct panels *p = &m->p;
    for (size_t r = 0; r < high; r++, buffer += length, to += p->line) {
        size_t skip = first || !p->more ? 0 : least(to_line(m, to) * m->size, length);
        size_t end = last || !p->more ? length : least((n + to_line(m, to + n * m->size)) * m->size, length);
        m->k->stream(end - skip, buffer + skip, to + skip);
    }
}

/* high lines of n elements, from runs that are step apart. Runs a multiple of a page apart share a set of the first
 * cache, which forgets a line before all its elements are taken where those are small: such runs are copied first. */
static void turn(const struct mover *m, size_t n, size_t high, const char *from, int64_t step, char *to, int64_t ld)
{
    const size_t bytes = high * m->size, pitch = bytes + LINE;
    if (m->size > 1 || step % PAGE != 0 || bytes > RUN) {
        m->k->turn[m->log2](n, high, from, (ptrdiff_t)step, to, (ptrdiff_t)ld);
        return;
    }
    alignas(64) char aside[ASIDE * (RUN + LINE)];
    for (size_t i = 0, few; i < n; i += few) {
        few = least(ASIDE, n - i);
        for (size_t j = 0; j < few; j++)
            memcpy(aside + j * pitch, from + (int64_t)(i + j) * step, bytes);
        m->k->turn[m->log2](few, high, aside, (ptrdiff_t)pitch, to + i * m->size, (ptrdiff_t)ld);
    }
}

/* Lines [line, line + high) and rows [deep, deep + many) of elements [at, at + n), of which c stands at the first. */
static void panel(const struct mover *m, const struct cursor *c, size_t line, size_t high, size_t at, size_t n,
                  size_t deep, size_t many)
{
    alignas(64) char buffer[BUFFER];
    const struct panels *p = &m->p;
    const int64_t step = m->grid.step[1];
    const char *from = c->p[1] + (int64_t)(line * m->size) + (int64_t)at * step + (int64_t)deep * p->many_from;
    char *to = c->p[0] + (int64_t)line * p->line + (int64_t)(at * m->size) + (int64_t)deep * p->many_to;
    const size_t whole = least(n + p->more, m->grid.n - at), length = whole * m->size * many;
    const int64_t ld = m->stream ? (int64_t)length : p->line;
    for (size_t j = 0; j < many; j++)
        turn(m, whole, high, from + (int64_t)j * p->many_from, step,
             m->stream ? buffer + j * n * m->size : to + (int64_t)j * p->many_to, ld);
    if (m->stream && p->gapless)
        m->k->stream(length * high, buffer, to);
    else if (m->stream)
        stream_lines(m, buffer, length, to, high, n, at == 0, at + n == m->grid.n);
}

static void run_panels(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct mover *m = context;
    const struct panels *p = &m->p;
    for (size_t unit = begin; unit < end; unit++) {
        size_t rest = unit;
        size_t line = rest % p->highs * p->high;
        rest /= p->highs;
        size_t at = rest % p->wides * p->wide;
        rest /= p->wides;
        size_t deep = rest % p->deeps * p->deep;
        struct cursor c;
        cursor_set(&c, &m->grid, m->base, rest / p->deeps);
        panel(m, &c, line, least(p->high, p->count - line), at, least(p->wide, m->grid.n - at), deep,
              least(p->deep, p->many - deep));
    }
    if (m->stream)
        m->k->stream_end();
}

/* Take dimension i out of the walked ones. */
static void take_out(struct grid *g, int i)
{
    for (int j = i; j < g->ndim - 1; j++)
        grid_swap(g, j, j + 1);
    g->ndim--;
    g->size /= (size_t)g->shape[g->ndim];
}

static size_t parts(size_t n, size_t each)
{
    return (n + each - 1) / each;
}

/* Dimension `across`, along which the input is contiguous, becomes the panels' lines. */
static void set_panels(struct mover *m, int across)
{
    struct grid *g = &m->grid;
    struct panels *p = &m->p;
    take_out(g, across);
    p->count = (size_t)g->shape[g->ndim];
    p->line = g->strides[0][g->ndim];
    if (g->strides[1][g->ndim] < 0) { /* from its other end */
        m->base[0] += (int64_t)(p->count - 1) * p->line;
        m->base[1] += (int64_t)(p->count - 1) * g->strides[1][g->ndim];
        p->line = -p->line;
    }
    const int64_t bytes = (int64_t)(g->n * m->size);
    p->many = 1;
    p->many_from = p->many_to = 0;
    p->gapless = p->line == bytes && bytes < LONG;
    if (!p->gapless && bytes < LONG)
        for (int i = 0; i < g->ndim; i++)
            if (g->strides[0][i] == bytes) {
                take_out(g, i);
                p->many = (size_t)g->shape[g->ndim];
                p->many_to = g->strides[0][g->ndim];
                p->many_from = g->strides[1][g->ndim];
                break;
            }
    const size_t run = least(RUN, RUN / 2 * m->size), burst = least(BURST, BUFFER / 4 * 3 * m->size / run);
    p->wide = bytes <= LONG ? g->n : burst / m->size;
    p->deep = p->wide < g->n ? 1 : least(p->many, LONG / (size_t)bytes + 1);
    p->more = 0;
    int64_t odd = (int64_t)(uintptr_t)m->base[0] | p->line;
    for (int i = 0; i < g->ndim; i++)
        odd |= g->strides[0][i];
    if (m->stream && p->wide < g->n && odd % LINE)
        p->more = LINE / m->size;
    p->high = BUFFER / ((p->wide + p->more) * m->size * p->deep);
    if (p->high > LINE / m->size)
        p->high -= p->high % (LINE / m->size);
    p->high = least(p->gapless ? p->high : least(p->high, run / m->size), p->count);
    p->highs = parts(p->count, p->high);
    p->wides = parts(g->n, p->wide);
    p->deeps = parts(p->many, p->deep);
}

static void share_panels(struct mover *m, const team *t)
{
    const struct panels *p = &m->p;
    const size_t units = p->highs * p->wides * p->deeps * m->grid.size;
    const size_t bytes = p->high * p->wide * p->deep * m->size;
    const team used = units * bytes < 2 * PIECE ? team_alone(t) : *t;
    par_pieces(&used, units, PIECE / bytes + 1, run_panels, m);
}

/* ---- which ---- */

/* Both over the output's dimensions, those backwards in it from their other end. */
static void lay_out(struct mover *m, const sheaf_view *in, const sheaf_view *out)
{
    m->base[0] = out->data;
    m->base[1] = in->data;
    grid_init(&m->grid, 2);
    for (int i = 0; i < out->ndim; i++) {
        int64_t strides[2] = {out->strides[i], in->strides[i]};
        if (out->shape[i] > 1 && strides[0] < 0)
            for (int k = 0; k < 2; k++) {
                m->base[k] += (out->shape[i] - 1) * strides[k];
                strides[k] = -strides[k];
            }
        grid_add(&m->grid, out->shape[i], strides);
    }
    grid_order(&m->grid);
    grid_split(&m->grid);
}

/* Rows of a few bytes, contiguous on both sides, become elements. */
static void widen(struct mover *m)
{
    struct grid *g = &m->grid;
    const int64_t size = (int64_t)m->size;
    size_t bytes = g->n * m->size;
    if (g->n < 2 || g->ndim == 0 || g->step[0] != size || g->step[1] != size || bytes > 16 || (bytes & (bytes - 1)))
        return;
    m->size = bytes;
    g->ndim--;
    g->n = (size_t)g->shape[g->ndim];
    g->size /= g->n;
    for (int k = 0; k < 2; k++)
        g->step[k] = g->strides[k][g->ndim];
}

static void choose(struct mover *m)
{
    struct grid *g = &m->grid;
    const int64_t size = (int64_t)m->size;
    m->kind = STRIDED;
    if (g->n > 1 && g->step[0] != size)
        return;
    if (g->n == 1 || g->step[1] == size) {
        m->kind = ROWS;
        return;
    }
    if (g->step[1] == 0 || g->step[1] == -size) {
        m->kind = g->step[1] ? REVERSE : FILL;
        m->constant = m->kind == FILL && g->n * m->size <= TILE;
        for (int i = 0; i < g->ndim; i++)
            m->constant = m->constant && g->strides[1][i] == 0;
        return;
    }
    for (int i = g->ndim - 1; i >= 0; i--)
        if (g->strides[1][i] == size || g->strides[1][i] == -size) {
            m->kind = PANELS;
            set_panels(m, i);
            return;
        }
}

static const sheaf_dtype of_size[] = {SHEAF_U8, SHEAF_U16, SHEAF_U32, SHEAF_U64, SHEAF_C128};

void copy_block(const sheaf_view *in, const team *t, const sheaf_view *out, bool large)
{
    struct mover m = {.k = kernels(), .size = sheaf_dtype_size(out->dtype)};
    lay_out(&m, in, out);
    if (m.grid.n == 0 || m.grid.size == 0)
        return;
    widen(&m);
    m.log2 = __builtin_ctzl(m.size);
    m.copy = m.k->cast[of_size[m.log2]][of_size[m.log2]];
    const bool direct = m.grid.n == 1 || m.grid.step[0] == (int64_t)m.size;
    const size_t bytes = m.grid.n * m.grid.size * m.size;
    m.stream = direct && (large || bytes >= STREAM_LEAST);
    choose(&m);
    if (m.kind == PANELS)
        share_panels(&m, t);
    else
        share_rows(&m, t);
}
