/* searchsorted and digitize: places among sorted elements. Queries go to the team in pieces. */

#include "base/pool.h"
#include "ops/flat.h"
#include <stdalign.h>
#include <string.h>

struct search {
    struct flat queries, out;
    const void *sorted; /* ascending, of the queries' working dtype */
    size_t n;
    bool right;
    bool falls; /* the caller's are in descending order: places count from their end */
};

/* searchsorted(x, y) and digitize(x, bins): which input is sorted, and which asks. */
static int sorted_input(const struct op *op)
{
    return op->kernel == F_searchsorted ? 0 : 1;
}

static sheaf_status read_side(const struct op *op, const sheaf_options *options, bool *right, sheaf_error *error)
{
    *right = op->kernel == F_digitize ? !options->right : options->side && strcmp(options->side, "right") == 0;
    if (op->kernel == F_digitize || !options->side || *right || strcmp(options->side, "left") == 0)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_INVALID, "%s: side \"%.40s\" is unknown, give \"left\" or \"right\"",
                           op->info.name, options->side);
}

sheaf_status search_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                          sheaf_error *error)
{
    char argument[ARGUMENT_TEXT], text[SHAPE_TEXT];
    int sorted = sorted_input(op);
    bool right;
    if (in[sorted].ndim != 1)
        return sheaf_error_set(
            error, SHEAF_SHAPE, "%s: %s must have one dimension, sorted, but has shape %s; flatten and sort it",
            op->info.name, op_argument(op, sorted, argument), shape_text(in[sorted].ndim, in[sorted].shape, text));
    sheaf_status status = read_side(op, options, &right, error);
    const sheaf_view *queries = &in[1 - sorted];
    return status ? status : sheaf_view_init(out, NULL, SHEAF_I64, queries->ndim, queries->shape, error);
}

static void search_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct search *s = context;
    alignas(64) unsigned char tile[FLAT_BYTES];
    alignas(64) int64_t found[FLAT_TILE];
    for (size_t at = begin, m; at < end; at += m) {
        m = end - at < FLAT_TILE ? end - at : FLAT_TILE;
        int64_t *to = flat_place(&s->out, at, found);
        s->queries.k->search[s->queries.work](s->n, s->sorted, m, flat_load(&s->queries, at, m, tile), s->right, to);
        for (size_t i = 0; s->falls && i < m; i++)
            to[i] = (int64_t)s->n - to[i];
        flat_store(&s->out, at, m, to);
    }
}

/* ---- the order of bins ---- */

/* Whether neighbours x and y are in the wrong order, where NaN counts as the greatest. */
static bool is_turn(const struct kernels *k, sheaf_dtype work, const char *x, const char *y, bool falling)
{
    int64_t not_above;
    k->search[work](1, falling ? y : x, 1, falling ? x : y, true, &not_above);
    return not_above == 0;
}

/* The first place where x turns down, or, falling, up; n: none. */
static size_t find_turn(const struct kernels *k, sheaf_dtype work, size_t n, const char *x, bool falling)
{
    bool in_order[FLAT_TILE];
    const size_t size = sheaf_dtype_size(work);
    for (size_t at = 0, m; at + 1 < n; at += m) {
        m = n - 1 - at < FLAT_TILE ? n - 1 - at : FLAT_TILE;
        const char *from = x + at * size;
        k->binary[falling ? K_greater_equal : K_less_equal][work](m, from, from + size, in_order);
        for (size_t i = 0; i < m; i++)
            if (!in_order[i] && is_turn(k, work, from + i * size, from + (i + 1) * size, falling))
                return at + i;
    }
    return n;
}

sheaf_status search_check_order(const char *name, const char *argument, const struct kernels *k, sheaf_dtype work,
                                size_t n, const void *x, bool *falls, sheaf_error *error)
{
    const size_t size = sheaf_dtype_size(work), down = find_turn(k, work, n, x, false);
    const size_t up = falls && down < n ? find_turn(k, work, n, x, true) : 0;
    if (falls)
        *falls = down < n;
    if (down == n || up == n)
        return SHEAF_OK;
    double pair[2];
    const size_t at = up > down ? up : down;
    k->cast[work][K_F64](2, (const char *)x + at * size, (ptrdiff_t)size, pair, sizeof pair[0]);
    return sheaf_error_set(error, SHEAF_INVALID, "%s: %s must %s, but %s[%zu] is %.17g and %s[%zu] %.17g; sort them",
                           name, argument, falls ? "all increase or all decrease" : "increase", argument, at, pair[0],
                           argument, at + 1, pair[1]);
}

/* A sorted copy of what descends. */
static void reverse(const struct search *s, char *x)
{
    const size_t size = s->queries.size;
    unsigned char aside[16];
    for (size_t i = 0, j = s->n; i + 1 < j; i++) {
        j--;
        memcpy(aside, x + i * size, size);
        memcpy(x + i * size, x + j * size, size);
        memcpy(x + j * size, aside, size);
    }
}

static double nanoseconds(size_t n)
{
    return 3 + 0.2 * (double)(64 - __builtin_clzll(n | 1));
}

sheaf_status search_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error)
{
    struct search s = {.falls = false};
    struct flat sorted;
    const int which = sorted_input(op);
    sheaf_dtype work = op_work_dtype(RULE_SAME, op_promoted(op, 2, in));
    work = work == SHEAF_BOOL ? SHEAF_U8 : work; /* cast, so that any byte but 0 is 1 */
    size_t bytes;
    sheaf_status status = read_side(op, options, &s.right, error);
    flat_read(&s.queries, &in[1 - which], work);
    flat_write(&s.out, out, SHEAF_I64);
    flat_read(&sorted, &in[which], work);
    s.n = sorted.n;
    if (status || (s.queries.n == 0 && op->kernel != F_digitize))
        return status;
    void *x = flat_copy(&sorted, t, op->kernel == F_digitize, &bytes);
    if (!x && bytes)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu sorted elements", op->info.name, s.n);
    if (op->kernel == F_digitize)
        status = search_check_order(op->info.name, "bins", s.queries.k, work, s.n, x, &s.falls, error);
    if (s.falls)
        reverse(&s, x);
    s.sorted = x;
    if (!status)
        flat_share(t, s.queries.n, 8 * FLAT_TILE, nanoseconds(s.n), search_body, &s);
    if (bytes)
        pool_put(x, bytes);
    return status;
}
