/* Transposed panels and streamed copies, at every level. */

#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>

#define GUARD 0x5a

static void check_panel(const struct kernels *k, int log2_size, size_t n, size_t count)
{
    const size_t size = (size_t)1 << log2_size, ld = n + 3, gap = size * 2 + 1;
    const ptrdiff_t stride = (ptrdiff_t)(count * size + gap);
    unsigned char *src = malloc(n * (size_t)stride + 1), *dst = malloc((count * ld + 1) * size);
    ck_assert(src && dst);
    kernel_data(K_U8, n * (size_t)stride + 1, src, n * 31 + count);
    memset(dst, GUARD, (count * ld + 1) * size);
    k->turn[log2_size](n, count, (const char *)src, stride, dst, (ptrdiff_t)(ld * size));
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < n; i++)
            ck_assert_mem_eq(dst + (r * ld + i) * size, src + i * (size_t)stride + r * size, size);
        for (size_t i = n * size; i < ld * size; i++)
            ck_assert_int_eq(dst[r * ld * size + i], GUARD);
    }
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
                check_panel(kernels_at(level), size, extents[i / EXTENTS], extents[i % EXTENTS]);
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

int main(void)
{
    Suite *suite = suite_create("kernels: movement");
    TCase *t = tcase_create("movement");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, panels);
    tcase_add_test(t, streams);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
