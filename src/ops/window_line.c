/* A row under a moving window: the kernel's state, and how many of the window's elements are missing. */

#include "ops/window.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

static size_t block_rows(const struct window *w)
{
    return w->length / 8;
}

static size_t row_doubles(const struct window *w)
{
    return window_has_moments(w) ? WINDOW_MOMENTS : 8;
}

static double neutral(enum window_kind kind)
{
    return kind == W_min ? INFINITY : kind == W_max ? -INFINITY : -0.0;
}

size_t window_line_bytes(const struct window *w)
{
    return (2 * block_rows(w) + 1) * row_doubles(w) * sizeof(double) + (w->length + 63) / 64 * 64;
}

static void fill(double *p, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        p[i] = value;
}

void window_line_start(const struct window *w, struct window_line *line, char *memory)
{
    const size_t rows = block_rows(w), each = row_doubles(w);
    double *behind = (double *)memory, *rest = behind + (rows + 1) * each;
    memset(line, 0, sizeof *line);
    fill(behind, (2 * rows + 1) * each, window_has_moments(w) ? 0 : neutral(w->kind));
    line->gone = (unsigned char *)(rest + rows * each);
    memset(line->gone, 1, w->length);
    line->missing = w->length;
    if (window_has_moments(w)) {
        line->moments =
            (struct window_moments){.window = w->length, .behind = behind, .rest = rest, .weights = w->weights};
        line->counted = true;
        return;
    }
    line->state.window = w->length;
    line->state.behind = behind;
    line->state.rest = rest;
    fill(line->state.last[0], 24, neutral(w->kind));
    fill(line->state.carry, 8, neutral(w->kind));
    fill(line->state.local, 8, neutral(w->kind));
}

/* ---- what is missing ---- */

static void pass_clean(const struct window *w, struct window_line *line, size_t n)
{
    for (size_t m; n > 0; n -= m) {
        m = w->length - line->at < n ? w->length - line->at : n;
        memset(line->gone + line->at, 0, m);
        line->at += m;
        if (line->at == w->length)
            line->at = 0;
    }
}

/* counts[i]: how many numbers are in the window that ends at x[i]. */
static void pass(const struct window *w, struct window_line *line, size_t n, const double *x, double *counts)
{
    size_t at = line->at, missing = line->missing;
    for (size_t i = 0; i < n; i++) {
        const unsigned char gone = x[i] != x[i];
        missing += (size_t)gone - line->gone[at];
        line->gone[at] = gone;
        counts[i] = (double)(w->length - missing);
        at = at + 1 < w->length ? at + 1 : 0;
    }
    line->at = at;
    line->missing = missing;
}

/* ---- moments ---- */

void window_fill_weights(const struct window *w)
{
    const size_t rows = block_rows(w);
    for (size_t k = 0; k < rows; k++) {
        struct window_weights *of = &w->weights[k];
        const double before = (double)(8 * k), after = (double)(8 * (rows - 1 - k)), all = (double)(8 * rows);
        of->prefix[0] = 8 / (before + 8);
        of->prefix[1] = before * of->prefix[0];
        of->suffix[0] = after / (8 + after);
        of->suffix[1] = 8 * of->suffix[0];
        of->both[0] = (before + 8) / all;
        of->both[1] = after * of->both[0];
    }
}

/* Start to keep counts again, all full. */
static void fill_counts(const struct window *w, struct window_line *line)
{
    struct window_moments *m = &line->moments;
    const size_t rows = block_rows(w);
    for (size_t k = 0; k < 3; k++)
        fill(m->last[k] + 24, 8, (double)(1 << k));
    fill(m->run + 24, 8, (double)(8 * m->row));
    for (size_t k = 0; k < rows; k++) {
        fill(m->behind + k * WINDOW_MOMENTS + 24, 8, (double)(k < m->row ? 8 : 8 * (rows - k)));
        fill(m->rest + k * WINDOW_MOMENTS + 24, 8, (double)(w->length % 8));
    }
}

static bool go_moments(const struct window *w, struct window_line *line, size_t n, const double *x, double *y)
{
    struct window_moments *m = &line->moments;
    const bool missing = w->k->any_missing(n / 8, x);
    const bool full = !missing && line->since >= 8 * (block_rows(w) + m->row + 1);
    if (!full && !line->counted)
        fill_counts(w, line);
    line->counted = !full;
    line->since = missing ? 0 : line->since + n;
    w->k->window_moments[!full](n / 8, x, y, m);
    return missing;
}

/* ---- a tile ---- */

/* From sums to results, where every window is full. */
static void finish_full(const struct window *w, size_t n, double *y)
{
    const double by = (double)w->length - w->ddof;
    if (w->kind == W_mean)
        w->k->divide_all(n / 8, y, (double)w->length, 0);
    else if (window_has_moments(w) && by > 0)
        w->k->divide_all(n / 8, y, by, w->kind == W_std);
    else if (window_has_moments(w))
        fill(y, n, NAN);
}

static void finish_counted(const struct window *w, size_t n, double *y, double *counts)
{
    const double least = (double)w->min_count;
    if (w->kind < W_mean) {
        for (size_t i = 0; i < n; i++)
            y[i] = counts[i] < least ? (double)NAN : y[i];
        return;
    }
    const double ddof = w->kind == W_mean ? 0 : w->ddof;
    for (size_t i = 0; i < n; i++)
        counts[i] = counts[i] < least || counts[i] <= ddof ? (double)NAN : counts[i] - ddof;
    w->k->divide_each(n / 8, y, counts, w->kind == W_std);
}

void window_line_go(const struct window *w, struct window_line *line, size_t n, const double *x, double *y)
{
    alignas(64) double counts[WINDOW_TILE];
    const bool missing = window_has_moments(w)
                             ? go_moments(w, line, n, x, y)
                             : w->k->window[w->kind == W_mean ? W_sum : w->kind](n / 8, x, y, &line->state) != 0;
    if (!missing && line->missing == 0) {
        pass_clean(w, line, n);
        finish_full(w, n, y);
        return;
    }
    pass(w, line, n, x, counts);
    finish_counted(w, n, y, counts);
}

void window_line_prime(const struct window *w, struct window_line *line, const double *x)
{
    double none[8];
    if (window_has_moments(w)) {
        struct window_moments few = line->moments;
        few.window = 1;
        w->k->window_moments[1](1, x, none, &few);
        memcpy(line->moments.last, few.last, sizeof few.last);
    } else {
        struct window_state few = line->state;
        few.window = 1;
        w->k->window[w->kind == W_mean ? W_sum : w->kind](1, x, none, &few);
        memcpy(line->state.last, few.last, sizeof few.last);
    }
    pass(w, line, 8, x, none);
}
