/* The kernels of products, powers, weights, exact sums and numbers without NaNs: the same bits at every level, and the
 * values of a plain loop. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

#define MAX_N 4096

static const size_t sizes[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,  15,  16,  17,  30,   31,   32,   33,
                               35, 47, 63, 64, 65, 95, 96, 97, 99, 127, 128, 129, 1000, 1024, 4095, 4096};
#define SIZES (sizeof sizes / sizeof *sizes)

static double x[MAX_N], y[MAX_N], z[MAX_N + 1], w[MAX_N + 1], re[MAX_N], im[MAX_N];
static float a[MAX_N], b[MAX_N];

enum {
    RESULTS = 16
};

static void reals(const struct kernels *k, size_t n, double *r)
{
    r[0] = k->dot_f64(n, x, y);
    r[1] = k->dot_f32(n, a, b);
    r[2] = k->weighted_m2(n, x, y, 0.3);
    k->powers_f64(n, x, 0.3, r + 3);
    k->powers_f32(n, a, -0.7, r + 6);
    r[9] = k->prod_f64(n, x);
    r[10] = k->prod_f32(n, a);
    k->prod_split(n, x, y, r + 11);
    r[13] = k->m2_f64(n, x, 0);
}

static void fill(size_t n, size_t seed, unsigned kind)
{
    kernel_data_kind(K_F64, n, x, 3 * seed, kind);
    kernel_data_kind(K_F64, n, y, 5 * seed + 1, kind);
    kernel_data_kind(K_F32, n, a, 7 * seed + 2, kind);
    kernel_data_kind(K_F32, n, b, 11 * seed + 3, kind);
}

START_TEST(levels_agree)
{
    for (size_t s = 0; s < SIZES; s++) {
        for (unsigned kind = 0; kind < 4; kind++) {
            double r[2][RESULTS] = {{0}};
            fill(sizes[s], s, kind);
            reals(kernels_at(ISA_PLAIN), sizes[s], r[0]);
            for (int level = ISA_AVX2; kernels_at(level); level++) {
                reals(kernels_at(level), sizes[s], r[1]);
                for (int i = 0; i < RESULTS; i++)
                    if (!same_bits(&r[0][i], &r[1][i], 1, SHEAF_F64))
                        ck_abort_msg("result %d of n=%zu, data %u, level %d: %a, plain %a", i, sizes[s], kind, level,
                                     r[1][i], r[0][i]);
            }
        }
    }
}
END_TEST

/* Ordinary numbers: a long double loop, to within the error of so many additions or products. */
START_TEST(values)
{
    for (size_t s = 0; s < SIZES; s++) {
        const size_t n = sizes[s];
        double r[RESULTS] = {0};
        long double want[11] = {0}, size[11] = {0};
        fill(n, s, 2);
        for (size_t i = 0; i < n; i++) { /* near 1, so that products stay ordinary */
            x[i] = 1 + x[i] / 1e6;
            a[i] = (float)(1 + (double)a[i] / 1e6);
        }
        want[9] = want[10] = 1;
        for (size_t i = 0; i < n; i++) {
            const long double d = x[i] - 0.3L, e = a[i] + 0.7L;
            const long double term[] = {(long double)x[i] * y[i],
                                        (long double)a[i] * b[i],
                                        x[i] * (y[i] - 0.3L) * (y[i] - 0.3L),
                                        d * d,
                                        d * d * d,
                                        d * d * d * d,
                                        e * e,
                                        e * e * e,
                                        e * e * e * e};
            for (int k = 0; k < 9; k++) {
                want[k] += term[k];
                size[k] += fabsl(term[k]);
            }
            want[9] *= x[i];
            want[10] *= a[i];
        }
        size[9] = want[9] * (long double)(n + 1);
        size[10] = want[10] * (long double)(n + 1);
        for (int level = 0; kernels_at(level); level++) {
            reals(kernels_at(level), n, r);
            for (int k = 0; k < 11; k++)
                ck_assert_msg(fabsl(r[k] - want[k]) <= 140 * 0x1p-53L * size[k],
                              "result %d of n=%zu: %.17g, not %.17Lg", k, n, r[k], want[k]);
        }
    }
}
END_TEST

/* Each element is what the sums and the rest make of it, exactly: big numbers, their negatives and small additions. */
START_TEST(exact_parts)
{
    for (size_t s = 0; s < SIZES; s++) {
        const size_t n = sizes[s];
        uint64_t state = s;
        long double total = 0, after;
        for (size_t i = 0; i < n; i++) { /* multiples of 2^-40 below 2^10: 64 bits hold every sum */
            x[i] = (double)(int64_t)(random_u64(&state) >> 14) * 0x1p-40 - 0x1p9;
            total += x[i];
        }
        for (int level = 0; kernels_at(level); level++) {
            double sums[2];
            const int left = kernels_at(level)->exact(n, x, 1.5 * 0x1p24, z, sums); /* e = 12 */
            after = (long double)sums[0] + sums[1];
            for (size_t i = 0; i < n; i++)
                ck_assert_double_eq(z[i], 0);
            ck_assert(!left && after == total);
            const double tiny = n > 0 ? x[n - 1] : 0;
            if (n > 0)
                x[n - 1] = 0x1p-100; /* far below the kernel's two steps */
            ck_assert_int_eq(kernels_at(level)->exact(n, x, 1.5 * 0x1p24, z, sums), n > 0);
            ck_assert(n == 0 || z[n - 1] == 0x1p-100);
            memcpy(w, x, n * sizeof *w);
            kernels_at(level)->exact(n, w, 1.5 * 0x1p24, w, sums); /* in place */
            ck_assert(memcmp(w, z, n * sizeof *w) == 0);
            if (n > 0)
                x[n - 1] = tiny;
        }
    }
}
END_TEST

START_TEST(without_nan)
{
    for (size_t s = 0; s < SIZES; s++) {
        for (int d = 0; d < K_COUNT; d++) {
            const size_t n = d == K_C64 || d == K_C128 ? sizes[s] / 2 : sizes[s];
            const size_t size = kernel_data_size((enum kdtype)d);
            const bool floating = d == K_F32 || d == K_F64 || d == K_C64 || d == K_C128;
            ck_assert_int_eq(kernels_at(ISA_PLAIN)->compress[d] != NULL, floating);
            if (!floating)
                continue;
            kernel_data((enum kdtype)d, n, x, s + 1000 * (size_t)d);
            size_t kept = 0;
            for (size_t i = 0; i < n; i++) {
                double complex v = 0;
                sheaf_view from, to;
                int64_t one = 1;
                ck_ok(sheaf_view_init(&from, (char *)x + i * size, (sheaf_dtype)d, 1, &one, error));
                ck_ok(sheaf_view_init(&to, &v, SHEAF_C128, 1, &one, error));
                ck_ok(sheaf_view_copy(&from, &to, error));
                if (!isnan(creal(v)) && !isnan(cimag(v)))
                    memcpy((char *)y + kept++ * size, (char *)x + i * size, size);
            }
            for (int level = 0; kernels_at(level); level++) {
                memset((char *)z + n * size, 0x5a, 8);
                ck_assert_uint_eq(kernels_at(level)->compress[d](n, x, z), kept);
                ck_assert(memcmp(z, y, kept * size) == 0);
                ck_assert_int_eq(((char *)z)[n * size], 0x5a);
            }
        }
        const size_t n = sizes[s];
        size_t kept = 0;
        fill(n, s, 0);
        for (size_t i = 0; i < n; i++) {
            re[kept] = x[i];
            im[kept] = y[i];
            kept += !isnan(x[i]) && !isnan(y[i]);
        }
        for (int level = 0; kernels_at(level); level++) {
            ck_assert_uint_eq(kernels_at(level)->compress_split(n, x, y, z, w), kept);
            ck_assert(memcmp(z, re, kept * sizeof *z) == 0 && memcmp(w, im, kept * sizeof *w) == 0);
        }
    }
}
END_TEST

/* Modulo 2^64, or the dtype's own bits; signs extended. */
START_TEST(integers)
{
    for (size_t s = 0; s < SIZES; s++) {
        for (int d = K_BOOL; d < K_F16; d++) {
            const size_t n = sizes[s], size = kernel_data_size((enum kdtype)d);
            const bool is_signed = d >= K_I8 && d <= K_I64;
            kernel_data((enum kdtype)d, n, x, s + 77 * (size_t)d);
            kernel_data((enum kdtype)d, n, y, s + 99 * (size_t)d);
            uint64_t prod = 1, dot = 0;
            for (size_t i = 0; i < n; i++) {
                uint64_t p = 0, q = 0;
                memcpy(&p, (char *)x + i * size, size);
                memcpy(&q, (char *)y + i * size, size);
                const unsigned up = 64 - 8 * (unsigned)size;
                if (is_signed)
                    p = (uint64_t)((int64_t)(p << up) >> up);
                prod *= p;
                dot = d == K_BOOL ? dot | (p & q) : dot + p * q;
            }
            const uint64_t mask = size == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;
            for (int level = 0; kernels_at(level); level++) {
                ck_assert_uint_eq(kernels_at(level)->prod_int[d](n, x), prod);
                ck_assert_uint_eq(kernels_at(level)->dot_int[d](n, x, y) & mask, dot & mask);
            }
        }
    }
}
END_TEST

/* An infinite product has no NaN that a padding of 1 + 0i would bring; 3 numbers, whose fold is uneven. */
START_TEST(complex_products)
{
    const double p[3] = {INFINITY, 2, 3}, q[3] = {0, 0, 0};
    for (int level = 0; kernels_at(level); level++) {
        double r[2];
        kernels_at(level)->prod_split(1, p, q, r);
        ck_assert(r[0] == INFINITY && r[1] == 0);
        kernels_at(level)->prod_split(0, p, q, r);
        ck_assert(r[0] == 1 && r[1] == 0);
        const double u[] = {1, 0, 2}, v[] = {1, 1, -1}; /* (1+i) i (2-i) = -1+3i */
        kernels_at(level)->prod_split(3, u, v, r);
        ck_assert(r[0] == -1 && r[1] == 3);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: reductions");
    TCase *t = tcase_create("reductions");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, levels_agree);
    tcase_add_test(t, values);
    tcase_add_test(t, exact_parts);
    tcase_add_test(t, without_nan);
    tcase_add_test(t, integers);
    tcase_add_test(t, complex_products);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
