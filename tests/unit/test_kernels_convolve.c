/* Weighted sums of neighbours, at every level, against their definition written out. */

#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>

#define ROWS 4

static uint64_t integer_at(const char *x, size_t i, size_t size)
{
    uint64_t v = 0;
    memcpy(&v, x + i * size, size);
    return v;
}

/* One result, term after term. */
static void define(enum kdtype dtype, const struct kernel_convolution *w, size_t j, void *to)
{
    double wide = 0;
    float narrow = 0;
    uint64_t whole = 0;
    const size_t size = kernel_data_size(dtype);
    for (size_t r = 0; r < w->nrows; r++)
        for (size_t c = 0; c < w->count; c++) {
            const size_t i = j + c * w->step;
            if (dtype == K_F64) {
                wide = fma(((const double *)w->rows[r])[i], ((const double *)w->taps[r])[c], wide);
            } else if (dtype == K_F32) {
                narrow = fmaf(((const float *)w->rows[r])[i], ((const float *)w->taps[r])[c], narrow);
            } else {
                const uint64_t x = integer_at(w->rows[r], i, size), tap = integer_at(w->taps[r], c, size);
                whole = dtype == K_BOOL ? whole | (x & tap) : whole + x * tap;
            }
        }
    wide += 0.0;
    narrow += 0.0F;
    memcpy(to, dtype == K_F64 ? (void *)&wide : dtype == K_F32 ? (void *)&narrow : (void *)&whole, size);
}

/* On memory that ends where the numbers do, for the sanitizer's sake. */
static void check(enum kdtype dtype, size_t n, size_t nrows, size_t count, size_t step, unsigned kind)
{
    const size_t size = kernel_data_size(dtype), length = n + (count - 1) * step;
    void *rows[ROWS], *taps[ROWS], *want = malloc(n * size + 1), *got = malloc(n * size + 1);
    void *scratch = aligned_alloc(64, KERNEL_CONVOLVE_SCRATCH);
    for (size_t r = 0; r < nrows; r++) {
        rows[r] = malloc(length * size + 1);
        taps[r] = malloc(count * size);
        kernel_data_kind(dtype, length, rows[r], n + 7 * r, kind);
        kernel_data_kind(dtype, count, taps[r], count + 5 * r, kind == 0 && r == 0 ? 2 : kind);
        for (size_t c = 0; dtype == K_BOOL && c < count; c++)
            ((uint8_t *)taps[r])[c] = ((uint8_t *)taps[r])[c] ? 255 : 0;
    }
    const struct kernel_convolution w = {nrows, count, step, (const void *const *)rows, (const void *const *)taps};
    for (size_t j = 0; j < n; j++)
        define(dtype, &w, j, (char *)want + j * size);
    for (int level = 0; kernels_at(level); level++) {
        memset(got, 0x5a, n * size + 1);
        kernels_at(level)->convolve[dtype](&w, n, got, scratch);
        ck_assert_msg(same_bits(got, want, n, (sheaf_dtype)dtype),
                      "dtype %d level %d: %zu of %zu rows, %zu taps %zu apart", (int)dtype, level, n, nrows, count,
                      step);
        ck_assert_int_eq(((char *)got)[n * size], 0x5a);
    }
    for (size_t r = 0; r < nrows; r++) {
        free(rows[r]);
        free(taps[r]);
    }
    free(want);
    free(got);
    free(scratch);
}

START_TEST(convolutions)
{
    static const enum kdtype dtypes[] = {K_F64, K_F32, K_BOOL, K_U8, K_I16, K_I32, K_U64};
    static const size_t lengths[] = {0, 1, 2, 3, 7, 15, 16, 17, 63, 100, 129, 255, 300};
    static const size_t counts[] = {1, 2, 3, 4, 9, 19};
    const enum kdtype dtype = dtypes[_i];
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t nrows = 0; nrows <= 3; nrows++)
                for (size_t step = 1; step <= 2; step++)
                    check(dtype, lengths[n], nrows, counts[c], step, (unsigned)(n + c + nrows) % 4);
}
END_TEST

/* Laid out for it, in one go and in several, with a rest. */
START_TEST(long_convolutions)
{
    static const size_t lengths[] = {47, 48, 95, 96, 191, 192, 383, 384, 385, 700, 2016, 4032, 4100};
    static const size_t counts[] = {19, 20, 31, 32, 33, 64, 513, 1100};
    const enum kdtype dtype = _i % 2 ? K_F32 : K_F64;
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            if (lengths[n] * counts[c] > 1000000 && c % 2)
                continue;
            check(dtype, lengths[n], 1 + (n + c) % 2, counts[c], 1 + (size_t)_i / 2, (unsigned)(n + c) % 4);
        }
}
END_TEST

START_TEST(joins)
{
    double p[] = {1, 2, 3, 4}, q[] = {10, 20, 30, 40}, z[4];
    float ps[] = {1, 2, 3, 4}, qs[] = {10, 20, 30, 40}, zs[4];
    for (int level = 0; kernels_at(level); level++)
        for (int conjugate = 0; conjugate < 2; conjugate++) {
            const double want[2][4] = {{-19, 12, -37, 34}, {21, 8, 43, 26}};
            kernels_at(level)->convolve_join[K_C128](2, p, q, conjugate, z);
            kernels_at(level)->convolve_join[K_C64](2, ps, qs, conjugate, zs);
            for (int i = 0; i < 4; i++) {
                ck_assert_double_eq(z[i], want[conjugate][i]);
                ck_assert_float_eq(zs[i], (float)want[conjugate][i]);
            }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: convolutions");
    TCase *t = tcase_create("convolutions");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, convolutions, 0, 7);
    tcase_add_loop_test(t, long_convolutions, 0, 4);
    tcase_add_test(t, joins);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
