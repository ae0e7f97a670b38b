/* Partition, selection and collection against their definitions, at every level. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

#define LONG 20000

static char *given, *sorted, *got, *rest;
static int64_t *places;

static void setup(void)
{
    given = malloc(LONG * 16);
    sorted = malloc(LONG * 16);
    got = malloc(LONG * 16);
    rest = malloc(LONG * 16);
    places = malloc(LONG * sizeof *places);
    ck_assert(given && sorted && got && rest && places);
}

static void teardown(void)
{
    free(given);
    free(sorted);
    free(got);
    free(rest);
    free(places);
}

enum pattern {
    RANDOM,
    NO_NAN,
    ORDINARY,
    ZEROS,
    FEW,
    EQUAL,
    SORTED,
    REVERSED,
    PATTERNS
};

/* Sorting has tests of its own. */
static void make(enum kdtype d, size_t n, enum pattern pattern)
{
    const size_t size = kernel_data_size(d);
    kernel_data_kind(d, n, given, n + (size_t)pattern, pattern <= ZEROS ? (unsigned)pattern : 0);
    for (size_t i = 0; i < n && (pattern == FEW || pattern == EQUAL); i++)
        memcpy(given + i * size, given + (pattern == FEW ? i * 7 % (n < 5 ? n : 5) : 0) * size, size);
    if (d == K_BOOL)
        for (size_t i = 0; i < n; i++)
            given[i] = given[i] != 0;
    memcpy(sorted, given, n * size);
    kernel_sort_portable(d, n, sorted);
    if (pattern == SORTED)
        memcpy(given, sorted, n * size);
    for (size_t i = 0; i < n && pattern == REVERSED; i++)
        memcpy(given + i * size, sorted + (n - 1 - i) * size, size);
}

/* Each part of got, sorted, is that part of sorted. */
static void check_parts(enum kdtype d, size_t n, size_t k, size_t upto, const char *what, int pattern)
{
    const size_t size = kernel_data_size(d);
    kernel_sort_portable(d, k, got);
    if (upto < n)
        kernel_sort_portable(d, n - upto, got + upto * size);
    ck_assert_msg(same_bits(got, sorted, n, (sheaf_dtype)d), "%s of %zu %s at %zu, pattern %d, %s", what, n,
                  sheaf_dtype_name((sheaf_dtype)d), k, pattern, isa_name(cpu_isa()));
}

static void check_select(enum kdtype d, size_t n, int pattern)
{
    const size_t size = kernel_data_size(d), ks[] = {0, n / 2, n - 1, n / 10, n - 1 - n / 7};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        memcpy(got, given, n * size);
        kernel_select(d, n, got, ks[i]);
        check_parts(d, n, ks[i], ks[i] + 1, "select", pattern);
    }
}

static void to_key_dtype(enum kdtype d, size_t n, char *x)
{
    if (kernels()->to_keys[d])
        kernels()->to_keys[d](n, x);
}

/* The three sides of a pivot by comparison, element by element. */
static void check_sides(enum kdtype key, size_t n, const void *x, const void *lo, const void *hi)
{
    const size_t size = kernel_data_size(key);
    for (enum side side = SIDE_BELOW; side <= SIDE_ABOVE; side++) {
        size_t m = 0;
        const size_t count = kernel_collect(key, side, n, x, lo, hi, rest);
        ck_assert_uint_eq(kernel_count(key, side, n, x, lo, hi), count);
        ck_assert_uint_eq(kernel_places(key, side, n, x, lo, hi, 1000, places), count);
        for (size_t i = 0; i < n; i++) {
            const char *v = (const char *)x + i * size;
            const bool below = kernel_compare(key, v, lo)<0, above = kernel_compare(key, v, hi)> 0;
            if (side == SIDE_BELOW ? !below : side == SIDE_ABOVE ? !above : below || above)
                continue;
            if (m == count || memcmp(rest + m * size, v, size) != 0 || places[m] != 1000 + (int64_t)i)
                ck_abort_msg("side %d of %zu %s: element %zu", (int)side, n, sheaf_dtype_name((sheaf_dtype)key), i);
            m++;
        }
        ck_assert_uint_eq(m, count);
    }
}

static void check_keys(enum kdtype d, size_t n, int pattern)
{
    const enum kdtype key = kernel_key(d);
    const size_t size = kernel_data_size(key), at[] = {0, n / 2, n - 1};
    to_key_dtype(d, n, given);
    to_key_dtype(d, n, sorted);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        for (int equal = 0; equal < 2; equal++) {
            const char *pivot = sorted + at[i] * size;
            memcpy(got, given, n * size);
            const size_t below = kernel_partition(key, n, got, pivot, equal);
            for (size_t j = 0; j < n; j++) {
                const int by = kernel_compare(key, got + j * size, pivot);
                if (j < below ? by >= equal : by < equal)
                    ck_abort_msg("partition of %zu %s: element %zu", n, sheaf_dtype_name((sheaf_dtype)key), j);
            }
            check_parts(key, n, below, below, "partition", pattern);
            check_sides(key, n, given, pivot, equal ? sorted + (n - 1) * size : pivot);
        }
}

static void check_all(enum kdtype d, size_t n)
{
    for (int isa = ISA_PLAIN; kernels_at(isa); isa++)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
            cpu_isa_force((enum isa)isa);
            make(d, n, (enum pattern)pattern);
            check_select(d, n, pattern);
            if (kernel_key_source(d) == d)
                check_keys(d, n, pattern);
        }
}

START_TEST(short_ones)
{
    for (size_t n = 1; n <= 300; n += n < 70 ? 1 : 13)
        check_all((enum kdtype)_i, n);
}
END_TEST

START_TEST(long_ones)
{
    check_all((enum kdtype)_i, 4095);
    check_all((enum kdtype)_i, 5001);
    check_all((enum kdtype)_i, LONG);
}
END_TEST

/* The least and the greatest key there are. */
START_TEST(extremes)
{
    const int64_t wide[] = {INT64_MIN, 5, INT64_MAX, INT64_MIN, INT64_MAX, 7};
    const int32_t narrow[] = {INT32_MIN, 5, INT32_MAX, INT32_MIN, INT32_MAX, 7};
    for (int isa = ISA_PLAIN; kernels_at(isa); isa++) {
        cpu_isa_force((enum isa)isa);
        for (size_t i = 0; i < 3; i++)
            for (size_t j = i; j < 3; j++) {
                check_sides(K_I64, 6, wide, wide + i, wide + j);
                check_sides(K_I32, 6, narrow, narrow + i, narrow + j);
            }
        memcpy(got, wide, sizeof wide);
        ck_assert_uint_eq(kernel_partition(K_I64, 6, got, &wide[2], true), 6);
        ck_assert_uint_eq(kernel_partition(K_I64, 6, got, &wide[0], false), 0);
    }
    kernel_select(K_F64, 0, NULL, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: order");
    TCase *t = tcase_create("order");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, short_ones, K_BOOL, K_F16);
    tcase_add_loop_test(t, short_ones, K_F32, K_COUNT);
    tcase_add_loop_test(t, long_ones, K_BOOL, K_F16);
    tcase_add_loop_test(t, long_ones, K_F32, K_COUNT);
    tcase_add_test(t, extremes);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
