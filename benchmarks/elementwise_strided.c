/* Elementwise work whose operand lies across or apart, beside the best tiled copy of the same elements. */

#include "elementwise.h"
#include "machine.h"
#include "timing.h"
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#define ROWS_EACH 64 /* rows of the result that a thread copies at a time */

/* A copy of the first input to C order. tile: rows and columns of a tile; 0: a line at a time, non-temporal. */
struct copy {
    const double *from;
    double *to;
    int64_t rows, columns, row_step, column_step; /* of the result; steps in elements */
    int64_t tile;
    int threads;
};

static void copy_tile(const struct copy *c, int64_t row, int64_t column, int64_t rows, int64_t columns)
{
    for (int64_t i = row; i < row + rows; i++)
        for (int64_t j = column; j < column + columns; j++)
            c->to[i * c->columns + j] = c->from[i * c->row_step + j * c->column_step];
}

/* Eight rows by a line: the sources of one tile are eight lines, or sixteen. */
static void copy_lines(const struct copy *c, int64_t row, int64_t column, int64_t rows)
{
#ifdef __x86_64__
    for (int64_t i = row; i < row + rows; i++)
        for (int64_t j = column; j < column + 8; j += 2) {
            const double *p = c->from + i * c->row_step + j * c->column_step;
            _mm_stream_pd(c->to + i * c->columns + j, _mm_set_pd(p[c->column_step], p[0]));
        }
    _mm_sfence();
#else
    copy_tile(c, row, column, rows, 8);
#endif
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void copy_rows(const struct copy *c, int64_t begin, int64_t end)
{
    int64_t high = c->tile ? c->tile : 8;
    for (int64_t i = begin; i < end; i += high)
        for (int64_t j = 0; j < c->columns; j += high)
            if (c->tile || c->columns - j < 8)
                copy_tile(c, i, j, least(high, end - i), least(high, c->columns - j));
            else
                copy_lines(c, i, j, least(high, end - i));
}

static bool copy_once(const void *context)
{
    const struct copy *c = context;
#pragma omp parallel for num_threads(c->threads) schedule(static)
    for (int64_t i = 0; i < c->rows; i += ROWS_EACH)
        copy_rows(c, i, least(i + ROWS_EACH, c->rows));
    return true;
}

/* A vector counts as rows of 4096, so that threads can share it. */
static bool run_copy(const struct call *call, int64_t tile, double *value)
{
    const sheaf_view *x = call_inputs();
    int64_t size = sheaf_view_size(x), columns = x->ndim > 1 ? x->shape[1] : least(size, 4096);
    int64_t step = x->strides[x->ndim - 1] / (int64_t)sizeof(double);
    struct copy copy = {.from = x->data,
                        .rows = size / columns,
                        .columns = columns,
                        .row_step = x->ndim > 1 ? x->strides[0] / (int64_t)sizeof(double) : columns * step,
                        .column_step = step,
                        .tile = tile,
                        .threads = call_threads(call)};
    double seconds;
    if (!machine_open((size_t)size * sizeof(double)))
        return false;
    copy.to = machine_scratch();
    timed(copy_once, &copy, &seconds);
    *value = 2e-9 * (double)size * sizeof(double) / seconds;
    return true;
}

static bool tiles_of_8(const void *work, bool first, double *value)
{
    (void)first;
    return run_copy(work, 8, value);
}

static bool tiles_of_32(const void *work, bool first, double *value)
{
    (void)first;
    return run_copy(work, 32, value);
}

static bool lines(const void *work, bool first, double *value)
{
    (void)first;
    return run_copy(work, 0, value);
}

static void add(struct case_list *list, const char *name, const struct call *call)
{
    for (int threads = 1; threads >= 0; threads--) {
        struct call with_threads = *call;
        with_threads.threads = threads;
        struct bench_case *c = case_add(list, &with_threads, "strided/%s/%s", name, threads ? "one" : "all");
        case_side(c, "tiles of 8", BENCH_LIMIT, tiles_of_8, 0);
        case_side(c, "tiles of 32", BENCH_LIMIT, tiles_of_32, 0);
        case_side(c, "lines, non-temporal", BENCH_LIMIT, lines, 0);
        case_side(c, "contiguous copy", BENCH_BASE, call_copy_streamed, 0);
        case_goal(c, BENCH_SHARE, BENCH_BEST_LIMIT, 0.8);
    }
}

void strided_cases(struct case_list *list)
{
    const struct operand x = {SHEAF_F64, 0, 4};
    int64_t side = bench_options()->small ? 96 : 4000, n = bench_options()->small ? 8192 : 1 << 23;
    struct call call = {.function = "sqrt",
                        .nin = 1,
                        .in = {x, x},
                        .layout = CALL_EVERY_OTHER,
                        .amount = CALL_BYTES,
                        .ndim = 1,
                        .shape = {n},
                        .axis = CALL_FLAT};
    add(list, "sqrt_every_other", &call);
    call.layout = CALL_TRANSPOSED;
    call.ndim = 2;
    call.shape[0] = call.shape[1] = side;
    add(list, "sqrt_transposed", &call);
    call.function = "add";
    call.nin = 2;
    add(list, "add_transposed", &call);
}
