/* Transposed panels and streamed copies, at every level. */

#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>

#define GUARD 0x5a

static void check_panel(const struct kernels *k, int log2_size, size_t n, size_t count, size_t apart, size_t gap)
{
    const size_t size = (size_t)1 << log2_size, ld = n + apart;
    const ptrdiff_t stride = (ptrdiff_t)(count * size + gap);
    unsigned char *src = malloc(n * (size_t)stride), *dst = malloc((count * ld + 1) * size);
    ck_assert(src && dst);
    kernel_data(K_U8, n * (size_t)stride, src, n * 31 + count);
    memset(dst, GUARD, (count * ld + 1) * size);
    k->turn[log2_size](n, count, (const char *)src, stride, dst, (ptrdiff_t)(ld * size));
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < n; i++)
            ck_assert_mem_eq(dst + (r * ld + i) * size, src + i * (size_t)stride + r * size, size);
        for (size_t i = n * size; i < ld * size; i++)
            ck_assert_int_eq(dst[r * ld * size + i], GUARD);
    }
    /* Runs that go backwards, to lines that do. */
    memset(dst, GUARD, (count * ld + 1) * size);
    k->turn[log2_size](n, count, (const char *)src + (n - 1) * (size_t)stride, -stride, dst + (count - 1) * ld * size,
                       -(ptrdiff_t)(ld * size));
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < n; i++)
            ck_assert_mem_eq(dst + ((count - 1 - r) * ld + i) * size, src + (n - 1 - i) * (size_t)stride + r * size,
                             size);
    free(src);
    free(dst);
}

START_TEST(panels)
{
    static const size_t extents[] = {1, 2, 3, 4, 7, 8, 9, 16, 31, 33, 64, 128};
    enum {
        EXTENTS = sizeof extents / sizeof *extents
    };
    for (int level = 0; kernels_at(level); level++)
        for (int size = 0; size <= 4; size++)
            for (size_t i = 0; i < EXTENTS * EXTENTS; i++)
                for (size_t gaps = 0; gaps < 4; gaps++)
                    check_panel(kernels_at(level), size, extents[i / EXTENTS], extents[i % EXTENTS], gaps & 1 ? 3 : 0,
                                gaps & 2 ? 2 * ((size_t)1 << size) + 1 : 0);
}
END_TEST

START_TEST(streams)
{
    enum {
        MOST = 1000
    };
    unsigned char *src = malloc(MOST + 64), *dst = malloc(MOST + 256);
    ck_assert(src && dst);
    kernel_data(K_U8, MOST + 64, src, 5);
    for (int level = 0; kernels_at(level); level++)
        for (size_t n = 0; n < MOST; n += 1 + n / 9)
            for (size_t at = 0; at < 128; at += 1 + at / 3) {
                memset(dst, GUARD, MOST + 256);
                kernels_at(level)->stream(n, src + at % 64, dst + at);
                kernels_at(level)->stream_end();
                ck_assert_mem_eq(dst + at, src + at % 64, n);
                ck_assert(at == 0 || dst[at - 1] == GUARD);
                ck_assert_int_eq(dst[at + n], GUARD);
            }
    free(src);
    free(dst);
}
END_TEST

/* ---- elements in another order ---- */

enum {
    LONGEST = 700
};
static const size_t lengths[] = {0,  1,  2,  3,   7,   8,   15,  16,  17,  31,  33,
                                 63, 64, 65, 127, 128, 129, 255, 256, 257, 513, 700};
#define LENGTHS (sizeof lengths / sizeof *lengths)

START_TEST(reversed)
{
    unsigned char *x = malloc(16 * LONGEST + 1), *y = malloc(16 * LONGEST + 18);
    kernel_data(K_U8, 16 * LONGEST + 1, x, 3);
    for (int level = 0; kernels_at(level); level++)
        for (size_t l = 0; l < 5 * LENGTHS; l++) {
            const size_t size = (size_t)1 << l % 5, n = lengths[l / 5];
            memset(y, GUARD, 16 * LONGEST + 18);
            kernels_at(level)->reverse[l % 5](n, x + 1, y + 1);
            for (size_t i = 0; i < n; i++)
                ck_assert_mem_eq(y + 1 + i * size, x + 1 + (n - 1 - i) * size, size);
            ck_assert_int_eq(y[0], GUARD);
            ck_assert_int_eq(y[1 + n * size], GUARD);
        }
    free(x);
    free(y);
}
END_TEST

START_TEST(repeated)
{
    unsigned char *x = malloc(16 * LONGEST), *y = malloc(16 * 7 * LONGEST + 1);
    kernel_data(K_U8, 16 * LONGEST, x, 7);
    for (int level = 0; kernels_at(level); level++)
        for (size_t times = 0; times <= 7; times++)
            for (size_t l = 0; l < 5 * LENGTHS; l++) {
                const size_t size = (size_t)1 << l % 5, n = lengths[l / 5];
                y[n * times * size] = GUARD;
                kernels_at(level)->repeat[l % 5](n, x, times, y);
                for (size_t i = 0; i < n * times; i++)
                    ck_assert_mem_eq(y + i * size, x + i / times * size, size);
                ck_assert_int_eq(y[n * times * size], GUARD);
            }
    free(x);
    free(y);
}
END_TEST

START_TEST(taken)
{
    unsigned char *x = malloc(16 * LONGEST), *y = malloc(16 * LONGEST);
    int64_t places[LONGEST];
    uint64_t seed = 11;
    kernel_data(K_U8, 16 * LONGEST, x, 9);
    for (size_t i = 0; i < LONGEST; i++)
        places[i] = (int64_t)(random_u64(&seed) % (2 * LONGEST)) - LONGEST;
    for (int level = 0; kernels_at(level); level++)
        for (size_t l = 0; l < 5 * LENGTHS; l++) {
            const size_t size = (size_t)1 << l % 5, n = lengths[l / 5];
            kernels_at(level)->take[l % 5](n, x, places, LONGEST, y);
            for (size_t i = 0; i < n; i++)
                ck_assert_mem_eq(y + i * size, x + (size_t)((places[i] + LONGEST) % LONGEST) * size, size);
        }
    free(x);
    free(y);
}
END_TEST

/* Of every density; truths may be any byte but 0. */
START_TEST(packed)
{
    unsigned char *x = malloc(16 * LONGEST), *y = malloc(16 * LONGEST + 1), chosen[LONGEST];
    uint64_t seed = 13;
    kernel_data(K_U8, 16 * LONGEST, x, 5);
    for (int level = 0; kernels_at(level); level++)
        for (unsigned density = 0; density <= 4; density++)
            for (size_t l = 0; l < 5 * LENGTHS; l++) {
                const size_t size = (size_t)1 << l % 5, n = lengths[l / 5];
                size_t kept = 0, at = 0;
                for (size_t i = 0; i < n; i++) {
                    chosen[i] = random_u64(&seed) % 4 < density ? (unsigned char)(1 + random_u64(&seed) % 255) : 0;
                    kept += chosen[i] != 0;
                }
                y[kept * size] = GUARD;
                ck_assert_uint_eq(kernels_at(level)->pack[l % 5](n, (const bool *)(const void *)chosen, x, y), kept);
                for (size_t i = 0; i < n; i++)
                    if (chosen[i]) {
                        ck_assert_mem_eq(y + at * size, x + i * size, size);
                        at++;
                    }
                ck_assert_int_eq(y[kept * size], GUARD);
            }
    free(x);
    free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: movement");
    TCase *t = tcase_create("movement");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, panels);
    tcase_add_test(t, streams);
    tcase_add_test(t, reversed);
    tcase_add_test(t, repeated);
    tcase_add_test(t, taken);
    tcase_add_test(t, packed);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
