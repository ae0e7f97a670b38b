/* Searching, counting, binning and bracketing kernels against their definitions, at every level. */

#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

#define LONG 3001

static const size_t sizes[] = {0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 65, 1000, LONG};
#define SIZES (sizeof sizes / sizeof sizes[0])
#define EACH_LEVEL for (const struct kernels *k = kernels_at(0); k; k = next_level(k))

static const struct kernels *next_level(const struct kernels *k)
{
    int isa = 0;
    while (kernels_at(isa) != k)
        isa++;
    return kernels_at(isa + 1);
}

START_TEST(test_search_and_distinct)
{
    static unsigned char x[LONG * 16], q[LONG * 16], y[LONG * 16];
    static int64_t want[LONG], got[LONG], starts[LONG];
    static const enum kdtype dtypes[] = {K_BOOL, K_I8,  K_I16, K_I32, K_I64, K_U8,  K_U16,
                                         K_U32,  K_U64, K_F32, K_F64, K_C64, K_C128};
    const enum kdtype d = dtypes[_i];
    const size_t size = kernel_data_size(d);
    for (size_t s = 0; s < SIZES; s++)
        for (unsigned kind = 0; kind < 8; kind++) {
            const size_t n = sizes[s];
            const bool right = kind / 4;
            kernel_data_kind(d, n, x, 3 + n, kind % 4);
            kernel_data_kind(d, LONG, q, 5 + n, kind % 4);
            kernel_sort(d, n, x);
            kernels_at(0)->search[d](n, x, LONG, q, right, want);
            for (size_t i = 0; i < 40; i++) { /* one by one: the places before it do not sort behind the query */
                int64_t below = 0, one;
                for (size_t j = 0; j < n; j++) {
                    kernels_at(0)->search[d](1, x + j * size, 1, q + i * size, right, &one);
                    below += one;
                }
                ck_assert_int_eq(below, want[i]);
            }
            EACH_LEVEL
            {
                k->search[d](n, x, LONG, q, right, got);
                ck_assert(memcmp(got, want, sizeof got) == 0);
                const size_t kept = k->distinct[d](n, x, NULL, y, 7, starts);
                memcpy(q, x, n * size);
                const size_t alone = k->distinct[d](n, q, NULL, q, 0, NULL); /* in place */
                ck_assert_uint_eq(kept, alone);
                ck_assert(memcmp(q, y, kept * size) == 0);
                size_t runs = 0;
                for (size_t i = 0; i < n; i++) {
                    size_t again = 1;
                    if (i > 0)
                        again = kernels_at(0)->distinct[d](1, x + i * size, x + (i - 1) * size, got, 0, NULL);
                    if (!again)
                        continue;
                    ck_assert_int_eq(starts[runs], 7 + (int64_t)i);
                    ck_assert(memcmp(y + runs * size, x + i * size, size) == 0);
                    runs++;
                }
                ck_assert_uint_eq(runs, kept);
                kernel_data_kind(d, LONG, q, 5 + n, kind % 4);
            }
        }
}
END_TEST

/* The edges decide, whatever the guess. */
START_TEST(test_bins)
{
    enum {
        BINS = 37
    };
    static double x[LONG], edges[BINS + 1];
    static float single[LONG], single_edges[BINS + 1];
    static uint32_t got[LONG];
    for (int i = 0; i <= BINS; i++)
        single_edges[i] = (float)(edges[i] = i == BINS ? 5 : -3 + i * (8.0 / BINS));
    const struct kernel_bins wide = {BINS, BINS / 8.0, 1e-9, edges}, narrow = {BINS, BINS / 8.0, 1e-3, single_edges};
    for (unsigned kind = 0; kind < 4; kind++) {
        kernel_data_kind(K_F64, LONG, x, kind, kind);
        for (size_t i = 0; i < LONG; i += 3)
            x[i] = i % 2 ? edges[i % (BINS + 1)] : nextafter(edges[i % (BINS + 1)], i % 4 ? -9 : 9);
        for (size_t i = 0; i < LONG; i++)
            single[i] = i % 3 ? kernel_data_f32(x[i]) : single_edges[i % (BINS + 1)];
        for (size_t s = 0; s < SIZES; s++)
            EACH_LEVEL
        for (int f = 0; f < 2; f++) {
            if (f)
                k->bins_f32(sizes[s], single, &narrow, got);
            else
                k->bins_f64(sizes[s], x, &wide, got);
            for (size_t i = 0; i < sizes[s]; i++) {
                const double v = f ? (double)single[i] : x[i];
                uint32_t bin = BINS;
                for (uint32_t b = 0; b < BINS; b++) {
                    const double low = f ? (double)single_edges[b] : edges[b];
                    const double high = f ? (double)single_edges[b + 1] : edges[b + 1];
                    if (v >= low && (v < high || (b + 1 == BINS && v == high)))
                        bin = b;
                }
                ck_assert_msg(got[i] == bin, "%.17g is in bin %u, not %u", v, bin, got[i]);
            }
        }
    }
}
END_TEST

START_TEST(test_counting)
{
    static uint32_t index[LONG], counts[KERNEL_TABLES * 50];
    static double weights[LONG], sums[50], want[50];
    static uint8_t truth[LONG];
    static int64_t places[LONG];
    kernel_data_kind(K_F64, LONG, weights, 3, 2);
    for (size_t i = 0; i < LONG; i++) {
        index[i] = (uint32_t)(i * i % 49);
        truth[i] = (uint8_t)(i % 5 == 1 || i / 128 % 3 == 1 ? 1 + i % 200 : 0);
    }
    for (size_t s = 0; s < SIZES; s++)
        EACH_LEVEL
        {
            for (size_t tables = 1; tables <= KERNEL_TABLES; tables += KERNEL_TABLES - 1) {
                memset(counts, 0, sizeof counts);
                k->count(sizes[s], index, tables, 50, counts);
                for (size_t b = 0; b < 50; b++) {
                    size_t sum = 0, real = 0;
                    for (size_t t = 0; t < tables; t++)
                        sum += counts[t * 50 + b];
                    for (size_t i = 0; i < sizes[s]; i++)
                        real += index[i] == b;
                    ck_assert_uint_eq(sum, real);
                }
            }
            memset(sums, 0, sizeof sums);
            memset(want, 0, sizeof want);
            k->add_weights(sizes[s], index, weights, sums);
            for (size_t i = 0; i < sizes[s]; i++)
                want[index[i]] += weights[i];
            ck_assert(memcmp(sums, want, sizeof sums) == 0);
            const size_t found = k->positions(sizes[s], truth, 11, places);
            size_t at = 0;
            for (size_t i = 0; i < sizes[s]; i++)
                if (truth[i])
                    ck_assert_int_eq(places[at++], 11 + (int64_t)i);
            ck_assert_uint_eq(at, found);
        }
}
END_TEST

START_TEST(test_brackets)
{
    static int64_t x[LONG], y[LONG + 8];
    static int32_t *const narrow = (int32_t *)x;
    for (size_t s = 0; s < SIZES; s++)
        for (unsigned round = 0; round < 6; round++)
            EACH_LEVEL
    for (int wide = 0; wide < 2; wide++) {
        const int64_t lows[] = {-20, 0, 5, INT32_MIN, 5, -20}, highs[] = {20, 0, 6, INT32_MAX, 5, INT32_MAX};
        const int64_t low = lows[round], high = highs[round];
        const int32_t low32 = (int32_t)low, high32 = (int32_t)high;
        struct kernel_bracket got, want = {0};
        for (size_t i = 0; i < sizes[s]; i++) {
            const int64_t v = (int64_t)(i * i * 7 % 61) - 30;
            if (wide)
                x[i] = v;
            else
                narrow[i] = (int32_t)v;
            want.below += v < low;
            want.low += v == low;
            want.kept += v > low && v < high;
            want.high += v == high;
            want.above += v > high;
        }
        if (wide)
            k->bracket[K_I64](sizes[s], x, &low, &high, y, &got);
        else
            k->bracket[K_I32](sizes[s], x, &low32, &high32, y, &got);
        ck_assert(memcmp(&got, &want, sizeof got) == 0);
        size_t at = 0;
        for (size_t i = 0; i < sizes[s]; i++) {
            const int64_t v = wide ? x[i] : narrow[i];
            if (v > low && v < high) {
                ck_assert_int_eq(wide ? y[at] : ((int32_t *)y)[at], v);
                at++;
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: searching and counting");
    TCase *tc = tcase_create("tally");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_search_and_distinct, 0, 13);
    tcase_add_test(tc, test_bins);
    tcase_add_test(tc, test_counting);
    tcase_add_test(tc, test_brackets);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
