#ifndef SHEAF_OPS_WINDOW_H
#define SHEAF_OPS_WINDOW_H

/* A row under a moving window, tile after tile. */

#include "ops/grid.h"
#include "ops/op.h"

#define WINDOW_TILE 512 /* elements of a row that are taken at a time, at most */

/* What all rows of a call have in common. The window of element i is [i - back, i + ahead], no longer than it can get
 * within a row. */
struct window {
    enum window_kind kind;
    int axis;
    size_t n, back, ahead, length; /* elements of a row; length = back + 1 + ahead */
    size_t min_count;
    double ddof;
    const struct kernels *k;
    struct window_weights *weights; /* of moments */
};

/* One row. Position j is where window [j - length + 1, j] ends, which belongs to element j - ahead. */
struct window_line {
    struct window_state state;
    struct window_moments moments;
    unsigned char *gone; /* of the last `length` elements, by position modulo length: which are missing */
    size_t at, missing;  /* in gone: the next; how many are set */
    size_t since;        /* elements since the last missing one, at least */
    bool counted;        /* moments: the counts are kept */
};

static inline bool window_has_moments(const struct window *w)
{
    return w->kind == W_var || w->kind == W_std;
}
/* Positions of a block: lines may start at its multiples. */
static inline size_t window_block(const struct window *w)
{
    return w->length < 8 ? 8 : w->length / 8 * 8;
}
size_t window_line_bytes(const struct window *w);
/* Nothing came before. memory: window_line_bytes, aligned to 64. */
void window_line_start(const struct window *w, struct window_line *line, char *memory);
/* As above, but for the eight elements x that come before. */
void window_line_prime(const struct window *w, struct window_line *line, const double *x);
/* The results y of the next n positions, a multiple of 8 up to WINDOW_TILE; x: NaN where missing. y is not x. */
void window_line_go(const struct window *w, struct window_line *line, size_t n, const double *x, double *y);
void window_fill_weights(const struct window *w);

/* moving_median; rows: the other axes, split. */
sheaf_status median_run(const struct op *op, const sheaf_view *in, const struct window *w, const team *t,
                        const sheaf_view *out, const struct grid *rows, sheaf_error *error);

#endif
