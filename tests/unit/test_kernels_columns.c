/* Reductions down the columns of a tile, at every level, against the kernels for contiguous elements on each column
 * gathered. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 0x5a
#define GUARDS 64

static double scratch[KERNEL_COLUMN_SCRATCH];

struct tile {
    const struct kernels *k;
    enum kdtype dtype;
    size_t rows, columns, size;
    ptrdiff_t stride;
    const char *x;
    char *column; /* gathered */
};

/* Room for one result of 8 bytes per column, with guards after it. */
static void *results_new(size_t columns)
{
    char *p = malloc(8 * columns + GUARDS);
    memset(p, GUARD, 8 * columns + GUARDS);
    return p;
}

static void results_free(void *results, size_t bytes, size_t columns)
{
    const char *p = results;
    for (size_t i = bytes; i < 8 * columns + GUARDS; i++) {
        if (p[i] != GUARD)
            ck_abort_msg("byte %zu after %zu of results is written", i - bytes, bytes);
    }
    free(results);
}

static void gather(struct tile *t, size_t column)
{
    for (size_t r = 0; r < t->rows; r++)
        memcpy(t->column + r * t->size, t->x + (ptrdiff_t)r * t->stride + column * t->size, t->size);
}

static void check_same(const struct tile *t, const char *what, size_t column, const void *want, const void *got,
                       enum kdtype dtype)
{
    if (!same_bits(want, got, 1, (sheaf_dtype)dtype))
        ck_abort_msg("%s of dtype %d, column %zu of %zu, %zu rows %td apart", what, (int)t->dtype, column, t->columns,
                     t->rows, t->stride);
}

static void check_sums(struct tile *t)
{
    const struct kernels *k = t->k;
    double *sums = results_new(t->columns), *m2s = results_new(t->columns), *means = results_new(t->columns);
    k->sum_columns[t->dtype](t->rows, t->columns, t->x, t->stride, scratch, sums);
    for (size_t c = 0; c < t->columns; c++)
        means[c] = c % 5 == 0 ? 0.125 : sums[c] / (double)t->rows;
    k->m2_columns[t->dtype](t->rows, t->columns, t->x, t->stride, means, scratch, m2s);
    for (size_t c = 0; c < t->columns; c++) {
        gather(t, c);
        const void *x = t->column;
        double sum = t->dtype == K_F64 ? k->sum_f64(t->rows, x) : k->sum_f32(t->rows, x);
        double m2 = t->dtype == K_F64 ? k->m2_f64(t->rows, x, means[c]) : k->m2_f32(t->rows, x, means[c]);
        check_same(t, "sum", c, &sum, &sums[c], K_F64);
        check_same(t, "m2", c, &m2, &m2s[c], K_F64);
    }
    results_free(sums, 8 * t->columns, t->columns);
    results_free(m2s, 8 * t->columns, t->columns);
    free(means);
}

static void check_products(struct tile *t)
{
    const struct kernels *k = t->k;
    double *products = results_new(t->columns), *dots = results_new(t->columns), *means = results_new(t->columns);
    double *powers[] = {results_new(t->columns), results_new(t->columns), results_new(t->columns)};
    k->prod_columns[t->dtype](t->rows, t->columns, t->x, t->stride, scratch, products);
    k->dot_columns[t->dtype](t->rows, t->columns, t->x, t->stride, t->x, t->stride, scratch, dots);
    for (size_t c = 0; c < t->columns; c++)
        means[c] = 0.125 * (double)(c % 5);
    k->powers_columns[t->dtype](t->rows, t->columns, t->x, t->stride, means, scratch, powers);
    for (size_t c = 0; c < t->columns; c++) {
        gather(t, c);
        const void *x = t->column;
        const bool f64 = t->dtype == K_F64;
        double product = f64 ? k->prod_f64(t->rows, x) : k->prod_f32(t->rows, x), s[3];
        double dot = f64 ? k->dot_f64(t->rows, x, x) : k->dot_f32(t->rows, x, x);
        if (f64)
            k->powers_f64(t->rows, x, means[c], s);
        else
            k->powers_f32(t->rows, x, means[c], s);
        check_same(t, "prod", c, &product, &products[c], K_F64);
        check_same(t, "dot", c, &dot, &dots[c], K_F64);
        for (int p = 0; p < 3; p++)
            check_same(t, "powers", c, &s[p], &powers[p][c], K_F64);
    }
    results_free(products, 8 * t->columns, t->columns);
    results_free(dots, 8 * t->columns, t->columns);
    for (int p = 0; p < 3; p++)
        results_free(powers[p], 8 * t->columns, t->columns);
    free(means);
}

static void check_best(struct tile *t, bool greatest)
{
    const struct kernels *k = t->k;
    size_t *positions = results_new(t->columns);
    char *best = results_new(t->columns);
    k->best_columns[t->dtype](t->rows, t->columns, t->x, t->stride, greatest, best, positions);
    for (size_t c = 0; c < t->columns; c++) {
        uint64_t ends[2];
        gather(t, c);
        if (t->dtype == K_F64)
            k->minmax_f64(t->rows, (void *)t->column, (void *)&ends[0], (void *)&ends[1]);
        else if (t->dtype == K_F32)
            k->minmax_f32(t->rows, (void *)t->column, (void *)&ends[0], (void *)&ends[1]);
        else
            k->minmax[t->dtype](t->rows, t->column, &ends[0], &ends[1]);
        size_t at = k->find[t->dtype](t->rows, t->column, &ends[greatest]);
        check_same(t, "position", c, &at, &positions[c], K_U64);
        at = k->find[t->dtype](1, best + c * t->size, &ends[greatest]);
        ck_assert_msg(at == 0, "best of dtype %d, column %zu", (int)t->dtype, c);
    }
    results_free(positions, 8 * t->columns, t->columns);
    results_free(best, t->size * t->columns, t->columns);
}

static void check_extremes(struct tile *t)
{
    const struct kernels *k = t->k;
    char *min = results_new(t->columns), *max = results_new(t->columns);
    k->minmax_columns[t->dtype](t->rows, t->columns, t->x, t->stride, min, max);
    for (size_t c = 0; c < t->columns; c++) {
        uint64_t least, greatest;
        gather(t, c);
        if (t->dtype == K_F64)
            k->minmax_f64(t->rows, (void *)t->column, (void *)&least, (void *)&greatest);
        else if (t->dtype == K_F32)
            k->minmax_f32(t->rows, (void *)t->column, (void *)&least, (void *)&greatest);
        else
            k->minmax[t->dtype](t->rows, t->column, &least, &greatest);
        check_same(t, "min", c, &least, min + c * t->size, t->dtype);
        check_same(t, "max", c, &greatest, max + c * t->size, t->dtype);
    }
    results_free(min, t->size * t->columns, t->columns);
    results_free(max, t->size * t->columns, t->columns);
}

static void check_counts(struct tile *t)
{
    size_t *counts = results_new(t->columns);
    t->k->count_nonzero_columns[t->dtype](t->rows, t->columns, t->x, t->stride, counts);
    for (size_t c = 0; c < t->columns; c++) {
        gather(t, c);
        size_t count = t->k->count_nonzero[t->dtype](t->rows, t->column);
        check_same(t, "count_nonzero", c, &count, &counts[c], K_U64);
    }
    results_free(counts, 8 * t->columns, t->columns);
}

static void check_integers(struct tile *t)
{
    const struct kernels *k = t->k;
    uint64_t *sums = results_new(t->columns), *products = results_new(t->columns), *dots = results_new(t->columns);
    k->sum_int_columns[t->dtype](t->rows, t->columns, t->x, t->stride, sums);
    k->prod_int_columns[t->dtype](t->rows, t->columns, t->x, t->stride, products);
    k->dot_int_columns[t->dtype](t->rows, t->columns, t->x, t->stride, t->x, t->stride, dots);
    for (size_t c = 0; c < t->columns; c++) {
        gather(t, c);
        uint64_t sum = k->sum_int[t->dtype](t->rows, t->column), product = k->prod_int[t->dtype](t->rows, t->column);
        uint64_t dot = k->dot_int[t->dtype](t->rows, t->column, t->column);
        check_same(t, "sum", c, &sum, &sums[c], K_U64);
        check_same(t, "prod", c, &product, &products[c], K_U64);
        check_same(t, "dot", c, &dot, &dots[c], t->dtype);
    }
    results_free(sums, 8 * t->columns, t->columns);
    results_free(products, 8 * t->columns, t->columns);
    results_free(dots, 8 * t->columns, t->columns);
}

/* gap: bytes between rows, or, negative, that many bytes and the rows in reverse. */
static void check_tile(enum kdtype dtype, size_t rows, size_t columns, ptrdiff_t gap, unsigned kind)
{
    const size_t size = kernel_data_size(dtype), between = (size_t)(gap < 0 ? -gap : gap) * size;
    const size_t pitch = columns * size + between, bytes = rows * pitch - between;
    char *x = malloc(bytes);
    kernel_data_kind(dtype, bytes / size, x, rows + columns, kind);
    struct tile t = {NULL, dtype, rows, columns, size, (ptrdiff_t)pitch, x, malloc(rows * size)};
    if (gap < 0) {
        t.x = x + (rows - 1) * pitch;
        t.stride = -t.stride;
    }
    for (int level = 0; (t.k = kernels_at(level)); level++) {
        if (t.k->sum_columns[dtype])
            check_sums(&t);
        if (t.k->prod_columns[dtype])
            check_products(&t);
        if (t.k->best_columns[dtype]) {
            check_best(&t, false);
            check_best(&t, true);
        }
        if (t.k->sum_int_columns[dtype])
            check_integers(&t);
        if (t.k->minmax_columns[dtype])
            check_extremes(&t);
        if (t.k->count_nonzero_columns[dtype])
            check_counts(&t);
    }
    free(t.column);
    free(x);
}

static unsigned kinds(enum kdtype dtype)
{
    return dtype == K_F32 || dtype == K_F64 ? 4 : 1;
}

START_TEST(shapes)
{
    static const size_t rows[] = {1, 2, 7, 31, 32, 33, 100, 257, 1000};
    const enum kdtype dtype = (enum kdtype)_i;
    for (size_t columns = 1; columns <= 67; columns++) {
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const ptrdiff_t gap = (ptrdiff_t)(columns + r) % 3 * 3 - 3;
            check_tile(dtype, rows[r], columns, gap, (unsigned)(columns + r) % kinds(dtype));
        }
    }
}
END_TEST

START_TEST(whole_blocks)
{
    static const size_t columns[] = {1, 2, 3, 5, 8, 16, 17, 33, 64, 67};
    const enum kdtype dtype = (enum kdtype)_i;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        for (unsigned kind = 0; kind < kinds(dtype); kind++) {
            check_tile(dtype, KERNEL_BLOCK, columns[c], 0, kind);
            check_tile(dtype, KERNEL_BLOCK - 1, columns[c], (kind & 1) == 0 ? 5 : -1, kind);
        }
    }
}
END_TEST

/* More columns than a kernel takes at a time. */
START_TEST(wide)
{
    static const size_t sizes[][2] = {{1, 5000}, {8, 4099}, {40, 4097}, {33, 513}, {70, 1027}, {300, 515}};
    const enum kdtype dtype = (enum kdtype)_i;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (unsigned kind = 0; kind < kinds(dtype); kind++)
            check_tile(dtype, sizes[s][0], sizes[s][1], (ptrdiff_t)s % 3 - 1, kind);
    }
}
END_TEST

/* A column of zeros, with a zero of the other sign or a NaN at any place. */
START_TEST(zeros)
{
    enum {
        ROWS = 600,
        COLUMNS = 9
    };
    static double x[ROWS][COLUMNS];
    for (int level = 0; kernels_at(level); level++) {
        for (size_t at = 0; at < ROWS; at++) {
            double min[COLUMNS], max[COLUMNS];
            const size_t c = at % COLUMNS;
            for (size_t i = 0; i < ROWS * COLUMNS; i++)
                x[i / COLUMNS][i % COLUMNS] = i % COLUMNS % 2 == 0 ? 0.0 : -0.0;
            x[at][c] = -x[at][c];
            x[at][(c + 1) % COLUMNS] = NAN;
            kernels_at(level)->minmax_columns[K_F64](ROWS, COLUMNS, x, sizeof x[0], min, max);
            for (size_t i = 0; i < COLUMNS; i++) {
                if (i == (c + 1) % COLUMNS)
                    ck_assert_msg(isnan(min[i]) && isnan(max[i]), "NaN at %zu", at);
                else
                    ck_assert_msg(min[i] == 0 && max[i] == 0 && signbit(min[i]) == (i == c || i % 2 == 1) &&
                                      signbit(max[i]) == (i != c && i % 2 == 1),
                                  "zero at %zu, column %zu", at, i);
            }
        }
    }
}
END_TEST

/* Nothing but one number: no zero of the kernels' own may show. */
START_TEST(one_number)
{
    enum {
        MOST = 70 * 40
    };
    static float x[MOST];
    for (int level = 0; kernels_at(level); level++) {
        for (size_t rows = 1; rows <= 70; rows++) {
            for (size_t columns = 1; columns <= 40; columns++) {
                const float number = (rows + columns) % 2 == 0 ? 3 : -3;
                float min[40], max[40];
                for (size_t i = 0; i < rows * columns; i++)
                    x[i] = number;
                kernels_at(level)->minmax_columns[K_F32](rows, columns, x, (ptrdiff_t)(columns * sizeof *x), min, max);
                for (size_t c = 0; c < columns; c++)
                    ck_assert_msg(min[c] == number && max[c] == number, "column %zu of %zu, %zu rows", c, columns,
                                  rows);
            }
        }
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("columns");
    tcase_add_loop_test(tc, shapes, 0, K_COUNT);
    tcase_add_loop_test(tc, whole_blocks, 0, K_COUNT);
    tcase_add_loop_test(tc, wide, 0, K_COUNT);
    tcase_add_test(tc, zeros);
    tcase_add_test(tc, one_number);
    Suite *s = suite_create("kernels_columns");
    suite_add_tcase(s, tc);
    return run_suite(s);
}
