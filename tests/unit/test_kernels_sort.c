/* Both sorts against qsort with a comparator that states the order: NaN last, -0 before +0, complex by parts. */

#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONG 100000

static int order_real(double a, double b)
{
    if (isnan(a) || isnan(b))
        return !!isnan(a) - !!isnan(b);
    if (a != b)
        return a < b ? -1 : 1;
    return !!signbit(b) - !!signbit(a);
}

/* As NumPy: a + bi, then those with NaN as imaginary part, as real part, as both; zeros tell apart only what is equal
 * otherwise. */
static int order_complex(double are, double aim, double bre, double bim)
{
    const int p = 2 * !!isnan(are) + !!isnan(aim), q = 2 * !!isnan(bre) + !!isnan(bim);
    if (p != q)
        return p - q;
    int by = order_real(are, bre);
    if (by != 0 && are != bre)
        return by;
    by = order_real(aim, bim);
    return by != 0 && aim != bim ? by : order_real(are, bre) != 0 ? order_real(are, bre) : by;
}

static int compare_f64(const void *a, const void *b)
{
    return order_real(*(const double *)a, *(const double *)b);
}

static int compare_f32(const void *a, const void *b)
{
    return order_real(*(const float *)a, *(const float *)b);
}

static int compare_c128(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return order_complex(p[0], p[1], q[0], q[1]);
}

static int compare_c64(const void *a, const void *b)
{
    const float *p = a, *q = b;
    return order_complex(p[0], p[1], q[0], q[1]);
}

static int signed_bytes, integer_bytes;

static int compare_integer(const void *a, const void *b)
{
    if (signed_bytes > 0) {
        int64_t p = 0, q = 0;
        memcpy((char *)&p + 8 - signed_bytes, a, (size_t)signed_bytes);
        memcpy((char *)&q + 8 - signed_bytes, b, (size_t)signed_bytes);
        return (p > q) - (p < q);
    }
    uint64_t p = 0, q = 0;
    memcpy(&p, a, (size_t)integer_bytes);
    memcpy(&q, b, (size_t)integer_bytes);
    return (p > q) - (p < q);
}

static int (*comparator(enum kdtype d))(const void *, const void *)
{
    integer_bytes = (int)kernel_data_size(d);
    signed_bytes = d >= K_I8 && d <= K_I64 ? integer_bytes : 0;
    return d == K_F64    ? compare_f64
           : d == K_F32  ? compare_f32
           : d == K_C128 ? compare_c128
           : d == K_C64  ? compare_c64
                         : compare_integer;
}

static char *given, *wanted, *got;

static void setup(void)
{
    given = malloc(LONG * 16);
    wanted = malloc(LONG * 16);
    got = malloc(LONG * 16 + 16);
    ck_assert(given && wanted && got);
}

static void teardown(void)
{
    free(given);
    free(wanted);
    free(got);
}

enum pattern {
    RANDOM,
    NO_NAN,
    ORDINARY,
    ZEROS,
    SORTED,
    REVERSED,
    FEW,
    EQUAL,
    ORGAN_PIPE,
    PATTERNS
};

static void make(enum kdtype d, size_t n, enum pattern pattern)
{
    const size_t size = kernel_data_size(d);
    kernel_data_kind(d, n, given, n + (size_t)pattern, pattern <= ZEROS ? (unsigned)pattern : 0);
    if (pattern == SORTED || pattern == REVERSED || pattern == ORGAN_PIPE)
        qsort(given, n, size, comparator(d));
    for (size_t i = 0; i < n; i++) {
        if (pattern == FEW)
            memcpy(given + i * size, given + (i * 7 % (n < 5 ? n : 5)) * size, size);
        else if (pattern == EQUAL)
            memcpy(given + i * size, given, size);
        else if (pattern == REVERSED || (pattern == ORGAN_PIPE && i > n / 2)) {
            const size_t j = pattern == REVERSED ? n - 1 - i : n / 2 + n - 1 - i;
            if (j <= i)
                break;
            char t[16];
            memcpy(t, given + i * size, size);
            memcpy(given + i * size, given + j * size, size);
            memcpy(given + j * size, t, size);
        }
    }
}

static void check(enum kdtype d, size_t n, enum pattern pattern)
{
    const size_t size = kernel_data_size(d);
    make(d, n, pattern);
    memcpy(wanted, given, n * size);
    qsort(wanted, n, size, comparator(d));
    for (int portable = 0; portable < 2; portable++) {
        memset(got, 0x5a, (n + 1) * size);
        memcpy(got, given, n * size);
        (portable ? kernel_sort_portable : kernel_sort)(d, n, got);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(got[n * size + i], 0x5a);
        if (!same_bits(got, wanted, n, (sheaf_dtype)d))
            ck_abort_msg("%s of %zu %s, pattern %d", portable ? "portable sort" : "sort", n,
                         sheaf_dtype_name((sheaf_dtype)d), pattern);
    }
}

START_TEST(short_ones)
{
    for (size_t n = 0; n <= 300; n += n < 70 ? 1 : 7) {
        for (int p = 0; p < PATTERNS; p++)
            check((enum kdtype)_i, n, (enum pattern)p);
    }
}
END_TEST

/* Around the lengths where networks give way to partitions, and partitions of every remainder. */
START_TEST(middling_ones)
{
    static const size_t edges[] = {63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513};
    for (int p = 0; p < PATTERNS; p++) {
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
            check((enum kdtype)_i, edges[i], (enum pattern)p);
        for (size_t n = 300; n < 1200; n += 37)
            check((enum kdtype)_i, n, (enum pattern)p);
    }
}
END_TEST

START_TEST(long_ones)
{
    for (int p = 0; p < PATTERNS; p++) {
        check((enum kdtype)_i, 5000, (enum pattern)p);
        check((enum kdtype)_i, LONG, (enum pattern)p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: sort");
    TCase *t = tcase_create("sort");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, short_ones, K_BOOL, K_F16);
    tcase_add_loop_test(t, short_ones, K_F32, K_COUNT);
    tcase_add_loop_test(t, middling_ones, K_BOOL, K_F16);
    tcase_add_loop_test(t, middling_ones, K_F32, K_COUNT);
    tcase_add_loop_test(t, long_ones, K_BOOL, K_F16);
    tcase_add_loop_test(t, long_ones, K_F32, K_COUNT);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
