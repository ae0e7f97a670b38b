/* Weighted sums of neighbours.
 *
 * The last dimensions are a line of numbers, the ones before are rows: a line of the result is made of as many lines of
 * x as the window has rows. Lines are cut into tiles; a unit of work is a tile of some rows, so that what they have in
 * common stays in a cache. Where the window reaches beyond a line, padded copies of its ends serve. */

#include "ops/neighbours.h"
#include "base/checked.h"
#include "base/pool.h"
#include "ops/stream.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define TILE 4032   /* numbers of a line at a time */
#define UNIT 131072 /* numbers of a unit of work */
#define FEW 64      /* numbers behind the window's last dimension that are taken into the line */
#define FEW_TAPS 20 /* so few, and memory is what holds up the work */

struct sums {
    const struct kernels *k;
    const struct neighbours *n;
    sheaf_dtype dtype; /* of everything */
    size_t size;       /* of a number */
    bool complex, finite, stream;
    char *x, *out;
    /* Rows */
    int ndim;
    int64_t x_shape[SHEAF_MAX_NDIM], out_shape[SHEAF_MAX_NDIM], extent[SHEAF_MAX_NDIM], origin[SHEAF_MAX_NDIM];
    int64_t x_strides[SHEAF_MAX_NDIM], out_strides[SHEAF_MAX_NDIM];
    size_t nrows, window_rows;
    /* Lines, in numbers */
    int64_t x_length, length, step; /* step: between the numbers that neighbouring taps meet */
    int64_t count, middle;          /* of a row of taps, and the one that lies on the result's own place */
    char *taps[2];                  /* real and imaginary parts, row after row */
    /* Work */
    size_t tiles, block, blocks;
    int64_t ends; /* numbers of padded lines at a time */
    size_t padded_bytes, outside_bytes, scratch_bytes;
    atomic_int no_memory;
};

/* What a thread works with. */
struct bench {
    const struct sums *s;
    int64_t index[SHEAF_MAX_NDIM]; /* of the row */
    size_t found;                  /* rows of the window that take part: */
    size_t *which;                 /* which they are, */
    const char **lines;            /* the lines of x they lie on, NULL outside, */
    const void **from, **taps;     /* and what the kernel gets */
    char *parts, *tile, *outside, *padded;
};

int64_t neighbours_place(enum edge edge, int64_t i, int64_t n)
{
    if (i >= 0 && i < n)
        return i;
    if (edge == EDGE_NOTHING || edge == EDGE_CONSTANT || n == 0)
        return -1;
    if (edge == EDGE_NEAREST || n == 1)
        return i < 0 ? 0 : n - 1;
    const int64_t period = edge == EDGE_WRAP ? n : edge == EDGE_REFLECT ? 2 * n : 2 * n - 2;
    i %= period;
    i += i < 0 ? period : 0;
    return i < n ? i : edge == EDGE_REFLECT ? period - 1 - i : period - i;
}

/* ---- one piece of a line ---- */

/* Numbers [0, n) from the tap rows of `part` at tap `first` on. */
static void add_up(struct bench *b, int part, int64_t first, int64_t count, const void *const *rows, size_t n, void *z)
{
    const struct sums *s = b->s;
    for (size_t r = 0; r < b->found; r++)
        b->taps[r] = s->taps[part] + ((size_t)s->count * b->which[r] + (size_t)first) * s->size;
    const struct kernel_convolution w = {b->found, (size_t)count, (size_t)s->step, rows, b->taps};
    s->k->convolve[s->dtype](&w, n, z, b->parts);
}

/* Results whose terms begin at b->from, to z. */
static void piece(struct bench *b, int64_t first, int64_t count, size_t n, char *z)
{
    const struct sums *s = b->s;
    add_up(b, 0, first, count, b->from, n, z);
    if (s->complex) {
        char *imaginary = b->tile + TILE * s->size;
        add_up(b, 1, first, count, b->from, n, imaginary);
        s->k->convolve_join[s->dtype](n / 2, z, imaginary, s->n->conjugate_x, z);
    }
    for (size_t i = 0; s->dtype == SHEAF_BOOL && i < n; i++)
        z[i] = z[i] != 0;
}

/* The same to where it belongs, past the caches if need be. */
static void place_piece(struct bench *b, int64_t first, int64_t count, size_t n, char *to)
{
    if (!b->s->stream) {
        piece(b, first, count, n, to);
        return;
    }
    piece(b, first, count, n, b->tile);
    b->s->k->stream(n * b->s->size, b->tile, to);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Copy places [at, at + n) of a line, beyond its ends too. */
static void pad(const struct bench *b, const char *line, int64_t at, int64_t n, char *to)
{
    const struct sums *s = b->s;
    const int64_t size = (int64_t)s->size, elements = s->x_length / s->step;
    for (int64_t i = 0; i < n;) {
        const int64_t element = floor_divide(at + i, s->step), part = at + i - element * s->step;
        const int64_t place = line ? neighbours_place(s->n->edge, element, elements) : -1;
        int64_t m = place >= 0 && place == element ? s->x_length - (at + i) : s->step - part;
        m = m < n - i ? m : n - i;
        if (place >= 0)
            memcpy(to + i * size, line + (place * s->step + part) * size, (size_t)(m * size));
        else
            memcpy(to + i * size, b->outside + part % 2 * size, (size_t)(m * size));
        i += m;
    }
}

/* Results [at, end) of a line, whose window reaches beyond the ends of x. */
static void line_ends(struct bench *b, int64_t at, int64_t end, char *to)
{
    const struct sums *s = b->s;
    const bool nothing = s->n->edge == EDGE_NOTHING;
    const int64_t size = (int64_t)s->size;
    for (int64_t n; at < end; at += n) {
        n = end - at < s->ends ? end - at : s->ends;
        /* No tap that is not finite may meet the zeros that are put outside: one place at a time has none of them. */
        if (nothing && !s->finite && n > s->step - at % s->step)
            n = s->step - at % s->step;
        int64_t first = 0, last = s->count;
        if (nothing) {
            const int64_t least = s->middle - (at + n - 1) / s->step;
            const int64_t most = s->middle + floor_divide(s->x_length - at + s->step - 1, s->step);
            first = least > 0 ? least : 0;
            last = most < last ? most : last;
        }
        const int64_t length = n + (last - first - 1) * s->step, from = at + (first - s->middle) * s->step;
        for (size_t r = 0; r < b->found; r++) {
            char *padded = b->padded + r * s->padded_bytes;
            pad(b, b->lines[r], from, length, padded);
            b->from[r] = padded;
        }
        place_piece(b, first, last - first, (size_t)n, to + at * size);
    }
}

/* Results [at, end) of a line whose window lies in x. */
static void line_middle(struct bench *b, int64_t at, int64_t end, char *to)
{
    const struct sums *s = b->s;
    const int64_t size = (int64_t)s->size;
    const int64_t few = s->stream && s->count * (int64_t)s->window_rows < FEW_TAPS ? STREAM_TILE / size : TILE;
    for (int64_t n; at < end; at += n) {
        n = end - at < few ? end - at : few;
        for (size_t r = 0; r < b->found; r++)
            b->from[r] = b->lines[r] ? b->lines[r] + (at - s->middle * s->step) * size : b->outside;
        place_piece(b, 0, s->count, (size_t)n, to + at * size);
    }
}

/* ---- rows ---- */

/* The lines of x that the window's rows lie on. */
static void find_rows(struct bench *b)
{
    const struct sums *s = b->s;
    int64_t k[SHEAF_MAX_NDIM] = {0};
    b->found = 0;
    for (size_t r = 0; r < s->window_rows; r++) {
        const char *line = s->x;
        bool outside = false;
        for (int d = 0; d < s->ndim; d++) {
            const int64_t i = neighbours_place(s->n->edge, b->index[d] + k[d] - s->origin[d], s->x_shape[d]);
            outside |= i < 0;
            line += i * s->x_strides[d];
        }
        if (!outside || s->n->edge == EDGE_CONSTANT) {
            b->lines[b->found] = outside ? NULL : line;
            b->which[b->found++] = r;
        }
        for (int d = s->ndim - 1; d >= 0 && ++k[d] == s->extent[d]; d--)
            k[d] = 0;
    }
}

static char *out_line(const struct bench *b)
{
    char *line = b->s->out;
    for (int d = 0; d < b->s->ndim; d++)
        line += b->index[d] * b->s->out_strides[d];
    return line;
}

static void next_row(struct bench *b)
{
    for (int d = b->s->ndim - 1; d >= 0 && ++b->index[d] == b->s->out_shape[d]; d--)
        b->index[d] = 0;
}

static void tile_of_rows(struct bench *b, size_t row, size_t count, int64_t at, int64_t end)
{
    const struct sums *s = b->s;
    for (int d = s->ndim - 1; d >= 0; d--) {
        b->index[d] = (int64_t)(row % (size_t)s->out_shape[d]);
        row /= (size_t)s->out_shape[d];
    }
    /* The places whose window lies in x. */
    int64_t begin = s->middle * s->step, stop = s->x_length - (s->count - 1 - s->middle) * s->step;
    begin = begin < at ? at : begin > end ? end : begin;
    stop = stop < begin ? begin : stop > end ? end : stop;
    for (size_t i = 0; i < count; i++) {
        char *to = out_line(b);
        find_rows(b);
        line_ends(b, at, begin, to);
        line_middle(b, begin, stop, to);
        line_ends(b, stop, end, to);
        next_row(b);
    }
}

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Cut the scratch up. What stands outside is one number, or a complex one, again and again: for whole lines where they
 * may lie there, else for a step. */
static void set_up(struct bench *b, const struct sums *s, char *scratch)
{
    const size_t pointers = rounded(s->window_rows * sizeof(void *));
    b->s = s;
    b->parts = scratch;
    b->tile = b->parts + KERNEL_CONVOLVE_SCRATCH;
    b->outside = b->tile + 2 * TILE * s->size;
    b->padded = b->outside + s->outside_bytes;
    char *lists = b->padded + s->padded_bytes * s->window_rows;
    b->which = (size_t *)(void *)lists;
    b->lines = (const char **)(void *)(lists + pointers);
    b->from = (const void **)(void *)(lists + 2 * pointers);
    b->taps = (const void **)(void *)(lists + 3 * pointers);
    const double value[2] = {s->n->edge == EDGE_CONSTANT ? s->n->value : 0, 0};
    char element[16];
    const size_t size = sheaf_dtype_size(s->dtype);
    s->k->cast[SHEAF_F64][s->dtype](1, value, 0, element, 0);
    const size_t all = s->n->edge == EDGE_CONSTANT ? s->outside_bytes : ((size_t)s->step + 1) * s->size;
    memcpy(b->outside, element, size);
    for (size_t done = size, m; done < all; done += m) {
        m = done < all - done ? done : all - done;
        memcpy(b->outside + done, b->outside, m);
    }
}

static void run_units(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct sums *s = context;
    char *scratch = pool_get(s->scratch_bytes);
    if (!scratch) {
        atomic_store(&s->no_memory, 1);
        return;
    }
    struct bench b;
    set_up(&b, s, scratch);
    for (size_t unit = begin; unit < end; unit++) {
        const size_t row = unit % s->blocks * s->block;
        const int64_t at = (int64_t)(unit / s->blocks) * TILE;
        tile_of_rows(&b, row, s->nrows - row < s->block ? s->nrows - row : s->block, at,
                     s->length - at < TILE ? s->length : at + TILE);
    }
    if (s->stream)
        s->k->stream_end();
    pool_put(scratch, s->scratch_bytes);
}

/* ---- the call ---- */

/* Whether the dimensions from `first` on lie in C order without gaps. */
static bool is_dense(const sheaf_view *v, int first)
{
    int64_t stride = (int64_t)sheaf_dtype_size(v->dtype);
    for (int d = v->ndim - 1; d >= first; d--) {
        if (v->shape[d] > 1 && v->strides[d] != stride)
            return false;
        stride *= v->shape[d];
    }
    return true;
}

/* The first dimension of a line, and whether the window extends along it (otherwise along none of the line's). Few
 * numbers behind the window's last dimension, such as the colours of an image, are part of the line with it. */
static int line_begins(const struct neighbours *n, bool *within)
{
    int last = n->x.ndim - 1;
    while (last > 0 && n->taps.shape[last] == 1)
        last--;
    int64_t behind = 1;
    for (int d = last + 1; d < n->x.ndim && behind < FEW; d++)
        behind *= n->x.shape[d];
    *within = behind < FEW;
    return *within ? last : last + 1;
}

static void lay_out(struct sums *s, const struct neighbours *n, const sheaf_view *x, const sheaf_view *out, int line,
                    bool within)
{
    s->ndim = line;
    s->nrows = s->window_rows = 1;
    for (int d = 0; d < line; d++) {
        s->x_shape[d] = x->shape[d];
        s->out_shape[d] = out->shape[d];
        s->x_strides[d] = x->strides[d];
        s->out_strides[d] = out->strides[d];
        s->extent[d] = n->taps.shape[d];
        s->origin[d] = n->origin[d];
        s->nrows *= (size_t)out->shape[d];
        s->window_rows *= (size_t)n->taps.shape[d];
    }
    s->x_length = s->length = s->step = s->complex ? 2 : 1;
    for (int d = line; d < x->ndim; d++) {
        s->x_length *= x->shape[d];
        s->length *= out->shape[d];
        s->step *= within && d > line ? x->shape[d] : 1;
    }
    s->count = within ? n->taps.shape[line] : 1;
    s->middle = within ? n->origin[line] : 0;
    s->x = x->data;
    s->out = out->data;
}

/* Tiles, rows of a unit, and the scratch of a thread. */
static sheaf_status cut(struct sums *s, const team *t, sheaf_error *error)
{
    const size_t threads = (size_t)t->threads;
    s->tiles = ((size_t)s->length + TILE - 1) / TILE;
    const size_t width = s->length < TILE ? (size_t)s->length : TILE, share = s->nrows * s->tiles / (4 * threads) + 1;
    s->block = UNIT / width / (s->window_rows * (size_t)s->count / 16 + 1) + 1;
    s->block = s->block < share ? s->block : share;
    s->block = s->block < s->nrows ? s->block : s->nrows;
    s->blocks = (s->nrows + s->block - 1) / s->block;
    s->ends = TILE / (int64_t)s->window_rows / 64 * 64;
    s->ends = s->ends < 64 ? 64 : s->ends;
    size_t span, padded; /* windows of one column never reach beyond a line */
    const size_t pointers = s->window_rows * sizeof(void *);
    if (!size_mul((size_t)s->count * s->size, (size_t)s->step, &span) ||
        !size_mul(s->padded_bytes = s->count > 1 ? rounded((size_t)s->ends * s->size + span) : 0, s->window_rows,
                  &padded))
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: the window's rows are too long", s->n->name);
    s->outside_bytes = rounded(TILE * s->size + span);
    s->scratch_bytes = KERNEL_CONVOLVE_SCRATCH + 2 * TILE * s->size + s->outside_bytes + padded + 4 * rounded(pointers);
    return SHEAF_OK;
}

static bool all_finite(const struct sums *s)
{
    bool finite = true;
    for (size_t i = 0; i < s->window_rows * (size_t)s->count; i++)
        for (int part = 0; part < (s->complex ? 2 : 1); part++)
            finite &= dtype_real(s->dtype) == SHEAF_F32 ? isfinite(((float *)s->taps[part])[i]) != 0
                                                        : isfinite(((double *)s->taps[part])[i]) != 0;
    return finite;
}

/* The taps in their order, complex ones as two sets. */
static void take_taps(struct sums *s, char *memory)
{
    const struct neighbours *n = s->n;
    const size_t count = (size_t)sheaf_view_size(&n->taps);
    sheaf_view all = n->taps;
    sheaf_view_init(&all, memory, s->dtype, all.ndim, all.shape, NULL);
    sheaf_view_copy(&n->taps, &all, NULL);
    s->taps[0] = s->taps[1] = memory;
    if (s->dtype == SHEAF_BOOL)
        for (size_t i = 0; i < count; i++)
            memory[i] = memory[i] ? (char)255 : 0;
    if (!s->complex) {
        s->finite = !dtype_is_float(s->dtype) || all_finite(s);
        return;
    }
    char *re = s->taps[0] = memory + count * 2 * s->size, *im = s->taps[1] = re + count * s->size;
    const ptrdiff_t size = (ptrdiff_t)s->size;
    const sheaf_dtype real = dtype_real(s->dtype);
    s->k->cast[real][real](count, memory, 2 * size, re, size);
    s->k->cast[real][real](count, memory + size, 2 * size, im, size);
    if (n->conjugate_taps)
        s->k->unary[K_neg][real](count, im, im);
    s->finite = all_finite(s);
}

/* *v as it is if its lines are dense and of the dtype, else the description of a copy. */
static sheaf_status make_dense(const struct sums *s, const sheaf_view *v, int line, const char *what, sheaf_view *copy,
                               size_t *bytes, sheaf_error *error)
{
    *copy = *v;
    *bytes = 0;
    if (v->dtype == s->dtype && is_dense(v, line))
        return SHEAF_OK;
    sheaf_status status = sheaf_view_init(copy, NULL, s->dtype, v->ndim, v->shape, error);
    if (status)
        return status;
    *bytes = (size_t)sheaf_view_size(copy) * sheaf_dtype_size(s->dtype);
    copy->data = pool_get(*bytes);
    return copy->data
               ? SHEAF_OK
               : sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of %s", s->n->name, *bytes, what);
}

static sheaf_status work(struct sums *s, const team *t, sheaf_error *error)
{
    sheaf_status status = cut(s, t, error);
    if (status)
        return status;
    const double ns = 0.05 * (double)s->nrows * (double)s->length * ((double)s->window_rows * (double)s->count + 8);
    const size_t units = s->blocks * s->tiles;
    par_share(t, units, ns / (double)units, run_units, s);
    if (atomic_load(&s->no_memory))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of padded rows", s->n->name,
                               s->scratch_bytes);
    return SHEAF_OK;
}

sheaf_status neighbours_run(const struct neighbours *n, const team *t, sheaf_error *error)
{
    struct sums s = {.n = n, .k = kernels(), .dtype = n->out.dtype};
    sheaf_view x, out;
    size_t x_bytes = 0, out_bytes = 0, tap_bytes = 0;
    char *taps = NULL;
    if (sheaf_view_size(&n->out) == 0)
        return SHEAF_OK;
    bool within;
    const int line = line_begins(n, &within);
    s.complex = dtype_is_complex(s.dtype);
    s.size = sheaf_dtype_size(dtype_real(s.dtype));
    out.data = NULL;
    sheaf_status status = make_dense(&s, &n->x, line, "x in C order", &x, &x_bytes, error);
    if (!status)
        status = make_dense(&s, &n->out, line, "result in C order", &out, &out_bytes, error);
    tap_bytes = (size_t)sheaf_view_size(&n->taps) * sheaf_dtype_size(s.dtype) * 2;
    if (!status && !(taps = pool_get(tap_bytes)))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of taps", n->name, tap_bytes);
    if (!status) {
        if (x_bytes)
            copy_run(&n->x, t, &x);
        lay_out(&s, n, &x, &out, line, within);
        take_taps(&s, taps);
        s.stream = (size_t)sheaf_view_size(&out) * sheaf_dtype_size(s.dtype) >= STREAM_LEAST;
        status = work(&s, t, error);
        if (!status && out_bytes)
            copy_run(&out, t, &n->out);
    }
    pool_put(taps, taps ? tap_bytes : 0);
    pool_put(out_bytes ? out.data : NULL, out_bytes);
    pool_put(x_bytes ? x.data : NULL, x_bytes);
    return status;
}
