/* Scan kernels: every level gives the bits of plain C, in one call or several, alone or side by side. */

#include "kernels_data.h"

#define MOST 600
#define WIDE 130

static const size_t sizes[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 65, 255, 256, 257, 511, 513, MOST};
#define SIZES (sizeof sizes / sizeof sizes[0])

static struct scan_state fresh(int kind, enum kdtype dtype, const void *first)
{
    struct scan_state s = {{0, 0}, {0, 0}};
    const int64_t one = 1;
    if (kind >= S_cummin)
        memcpy(s.carry, first, kernel_data_size(dtype));
    else if (dtype == K_I64 || dtype == K_U64)
        memcpy(s.carry, &one, kind == S_cumprod ? sizeof one : 0);
    else if (kind == S_cumprod)
        s.carry[0] = 1;
    else
        s.carry[0] = s.carry[1] = s.local[0] = s.local[1] = -0.0;
    return s;
}

static int same_number(double a, double b)
{
    return same_bits(&a, &b, 1, SHEAF_F64);
}

/* What the state carries on, in the dtype it is kept in. */
static int same_state(int kind, enum kdtype dtype, const struct scan_state *a, const struct scan_state *b)
{
    if (kind >= S_cummin)
        return same_bits(a->carry, b->carry, 1, (sheaf_dtype)dtype);
    if (dtype == K_I64 || dtype == K_U64)
        return memcmp(a->carry, b->carry, 8) == 0;
    return same_number(a->carry[0], b->carry[0]) && same_number(a->carry[1], b->carry[1]) &&
           same_number(a->local[0], b->local[0]) && same_number(a->local[1], b->local[1]);
}

static char x[WIDE * MOST * 16], y[WIDE * MOST * 16], want[WIDE * MOST * 16];

/* Whole, in two calls of which the first takes groups, in place, and without results. */
static void check_scan(int kind, enum kdtype dtype, size_t n, unsigned data)
{
    const size_t size = kernel_data_size(dtype), half = n / 16 * 8;
    kernel_data_kind(dtype, n + 1, x, n + (size_t)kind, data);
    const struct scan_state start = fresh(kind, dtype, x);
    struct scan_state end = start;
    kernels_at(0)->scan[kind][dtype](n, x, want, &end);
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        struct scan_state s = start, halves = start, in_place = start, only = start;
        k->scan[kind][dtype](n, x, y, &s);
        ck_assert_msg(same_bits(y, want, n, (sheaf_dtype)dtype) && same_state(kind, dtype, &s, &end),
                      "scan %d, dtype %d, n %zu, level %d", kind, (int)dtype, n, level);
        k->scan[kind][dtype](half, x, y, &halves);
        k->scan[kind][dtype](n - half, x + half * size, y + half * size, &halves);
        ck_assert_msg(same_bits(y, want, n, (sheaf_dtype)dtype) && same_state(kind, dtype, &halves, &end),
                      "halves: scan %d, dtype %d, n %zu, level %d", kind, (int)dtype, n, level);
        memcpy(y, x, n * size);
        k->scan[kind][dtype](n, y, y, &in_place);
        ck_assert(same_bits(y, want, n, (sheaf_dtype)dtype) && same_state(kind, dtype, &in_place, &end));
        if (k->scan_end[kind][dtype]) {
            k->scan_end[kind][dtype](n, x, &only);
            ck_assert_msg(same_state(kind, dtype, &only, &end), "end: scan %d, dtype %d, n %zu, level %d", kind,
                          (int)dtype, n, level);
        }
    }
}

START_TEST(rows)
{
    for (int kind = 0; kind < SCAN_COUNT; kind++)
        for (int d = 0; d < K_COUNT; d++)
            for (size_t s = 0; kernels_at(0)->scan[kind][d] && s < SIZES; s++)
                for (unsigned data = 0; data < 4; data++)
                    check_scan(kind, (enum kdtype)d, sizes[s], data);
}
END_TEST

/* Column by column, what the row kernel gives for it. */
static void check_columns(int kind, enum kdtype dtype, size_t n, size_t columns)
{
    const size_t size = kernel_data_size(dtype), step = (columns + 3) * size;
    const int split = dtype == K_C64 || dtype == K_C128;
    double carry[2 * WIDE] = {0}, local[2 * WIDE] = {0};
    struct scan_state ends[WIDE];
    kernel_data_kind(dtype, n * (columns + 3), x, n + columns, (unsigned)columns % 4);
    for (size_t c = 0; c < columns; c++) {
        char row[MOST * 16], sums[MOST * 16];
        for (size_t i = 0; i < n; i++)
            memcpy(row + i * size, x + i * step + c * size, size);
        ends[c] = fresh(kind, dtype, row);
        kernels_at(0)->scan[kind][dtype](n, row, sums, &ends[c]);
        for (size_t i = 0; i < n; i++)
            memcpy(want + (i * columns + c) * size, sums + i * size, size);
    }
    for (int level = 0; kernels_at(level); level++) {
        for (size_t c = 0; c < columns; c++) {
            const struct scan_state start = fresh(kind, dtype, x + c * size);
            if (kind >= S_cummin)
                memcpy((char *)carry + c * size, start.carry, size);
            for (size_t part = 0; kind < S_cummin && part <= (size_t)split; part++) {
                carry[c * (1 + (size_t)split) + part] = start.carry[part];
                local[c * (1 + (size_t)split) + part] = start.local[part];
            }
        }
        memset(y, 0x5a, sizeof y);
        kernels_at(level)->scan_columns[kind][dtype](n, split ? 2 * columns : columns, x, (ptrdiff_t)step, y,
                                                     (ptrdiff_t)(columns * size), carry, local);
        ck_assert_msg(same_bits(y, want, n * columns, (sheaf_dtype)dtype),
                      "columns: scan %d, dtype %d, %zux%zu, level %d", kind, (int)dtype, n, columns, level);
        ck_assert_int_eq(y[n * columns * size], 0x5a);
        if (kind == S_cumsum && dtype == K_F64)
            for (size_t c = 0; c < columns; c++)
                ck_assert(same_number(local[c], ends[c].local[0]));
    }
}

START_TEST(columns)
{
    static const size_t heights[] = {1, 7, 8, 9, 24, 29}, widths[] = {1, 2, 3, 4, 7, 9, 16, 17, 63, 64, 65, WIDE};
    for (int kind = 0; kind < SCAN_COUNT; kind++)
        for (int d = 0; d < K_COUNT; d++)
            for (size_t h = 0; kernels_at(0)->scan_columns[kind][d] && h < sizeof heights / sizeof heights[0]; h++)
                for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
                    check_columns(kind, (enum kdtype)d, heights[h], widths[w]);
}
END_TEST

/* Worked by hand: which numbers are added first shows in the roundings. With u = 2^-53, 1 + u is a tie that gives 1,
 * so is 1 + 2u + u, which gives 1 + 4u, and 1 + 2u + 3u, which does too. */
START_TEST(association)
{
    const double u = 0x1p-53, in[10] = {1, u, u, u, u, u, u, u, u, u};
    const double expected[10] = {1, 1, 1, 1 + 2 * u, 1 + 4 * u, 1 + 4 * u, 1 + 4 * u, 1 + 6 * u, 1 + 8 * u, 1 + 8 * u};
    const float single[3] = {16777216, 1, 1};
    float rounded[3];
    for (int level = 0; kernels_at(level); level++) {
        struct scan_state s = fresh(S_cumsum, K_F64, NULL), t = s;
        double sums[10];
        kernels_at(level)->scan[S_cumsum][K_F64](10, in, sums, &s);
        for (int i = 0; i < 10; i++)
            ck_assert_msg(sums[i] == expected[i], "level %d, y[%d] is %a, expected %a", level, i, sums[i], expected[i]);
        kernels_at(level)->scan[S_cumsum][K_F32](3, single, rounded, &t);
        ck_assert(rounded[1] == 16777216 && rounded[2] == 16777218);
    }
}
END_TEST

/* A true of any bits counts as one. */
START_TEST(booleans)
{
    const unsigned char in[4] = {2, 1, 0, 255}, least[4] = {1, 1, 0, 0}, greatest[4] = {1, 1, 1, 1};
    for (int level = 0; kernels_at(level); level++) {
        struct scan_state s = fresh(S_cummin, K_BOOL, in), t = s;
        unsigned char out[4];
        kernels_at(level)->scan[S_cummin][K_BOOL](4, in, out, &s);
        ck_assert_mem_eq(out, least, 4);
        kernels_at(level)->scan[S_cummax][K_BOOL](4, in, out, &t);
        ck_assert_mem_eq(out, greatest, 4);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: scans");
    TCase *tc = tcase_create("scans");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, rows);
    tcase_add_test(tc, columns);
    tcase_add_test(tc, association);
    tcase_add_test(tc, booleans);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
