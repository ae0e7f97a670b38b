/* What kernels compute, at every level, against the definition written out in scalar C: lane sums, extremes, integer
 * wrapping, running sums, searches. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 4096

static double x[N], y[N], z[N];
static float xf[N];

static const size_t sizes[] = {1, 2, 5, 31, 32, 33, 63, 64, 65, 100, 128, 130, 1000, N};
#define SIZES (sizeof sizes / sizeof *sizes)

static double fold(double *lane)
{
    for (int width = 16; width > 0; width /= 2) {
        for (int l = 0; l < width; l++)
            lane[l] += lane[l + width];
    }
    return lane[0];
}

/* Lane l takes elements l, l + 32, …; -0 leaves a sum as it is. */
static double sum_of(size_t n)
{
    double lane[32];
    for (size_t l = 0; l < 32; l++) {
        lane[l] = -0.0;
        for (size_t i = l; i < n; i += 32)
            lane[l] += x[i];
    }
    return fold(lane);
}

static double m2_of(size_t n, double mean)
{
    double lane[32];
    for (size_t l = 0; l < 32; l++) {
        lane[l] = 0;
        for (size_t i = l; i < n; i += 32)
            lane[l] = fma(x[i] - mean, x[i] - mean, lane[l]);
    }
    return fold(lane);
}

static int before(double a, double b)
{
    return a < b || (a == b && signbit(a) && !signbit(b));
}

static void extremes_of(size_t n, double *min, double *max)
{
    *min = *max = x[0];
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            *min = *max = NAN;
            return;
        }
        *min = before(x[i], *min) ? x[i] : *min;
        *max = before(*max, x[i]) ? x[i] : *max;
    }
}

static void check_reductions(const struct kernels *k, size_t n, enum kdtype d)
{
    double want[7], got[7];
    want[0] = want[4] = sum_of(n);
    want[1] = m2_of(n, 0.125);
    extremes_of(n, &want[2], &want[3]);
    want[5] = want[2];
    want[6] = want[3];
    if (d == K_F64) {
        got[0] = k->sum_f64(n, x);
        got[1] = k->m2_f64(n, x, 0.125);
        k->minmax_f64(n, x, &got[2], &got[3]);
        k->summinmax_f64(n, x, &got[4], &got[5], &got[6]);
    } else {
        float min, max;
        got[0] = k->sum_f32(n, xf);
        got[1] = k->m2_f32(n, xf, 0.125);
        k->minmax_f32(n, xf, &min, &max);
        k->summinmax_f32(n, xf, &got[4], &got[5], &got[6]);
        got[2] = min;
        got[3] = max;
    }
    for (int i = 0; i < 7; i++) {
        if (!same_bits(&want[i], &got[i], 1, SHEAF_F64))
            ck_abort_msg("dtype %d n=%zu result %d: %a, not %a", d, n, i, got[i], want[i]);
    }
}

START_TEST(reductions)
{
    for (int level = 0; kernels_at(level); level++) {
        for (size_t s = 0; s < SIZES; s++) {
            for (unsigned kind = 0; kind < 4; kind++) {
                kernel_data_kind(K_F64, sizes[s], x, s + kind, kind);
                check_reductions(kernels_at(level), sizes[s], K_F64);
                for (size_t i = 0; i < sizes[s]; i++)
                    x[i] = xf[i] = kernel_data_f32(x[i]);
                check_reductions(kernels_at(level), sizes[s], K_F32);
            }
        }
        ck_assert(kernels_at(level)->sum_f64(0, x) == 0 && kernels_at(level)->sum_f32(0, xf) == 0);
    }
}
END_TEST

/* A NaN or a zero of the other sign at any place is seen. */
START_TEST(extremes)
{
    for (int level = 0; kernels_at(level); level++) {
        for (size_t at = 0; at < 130; at++) {
            double min, max, sum;
            for (size_t i = 0; i < 130; i++)
                x[i] = 0;
            x[at] = -0.0;
            kernels_at(level)->minmax_f64(130, x, &min, &max);
            ck_assert(signbit(min) && !signbit(max));
            for (size_t i = 0; i < 130; i++)
                x[i] = -0.0;
            kernels_at(level)->summinmax_f64(130, x, &sum, &min, &max);
            ck_assert(signbit(min) && signbit(max) && signbit(sum));
            x[at] = NAN;
            x[(at + 1) % 130] = INFINITY;
            kernels_at(level)->minmax_f64(130, x, &min, &max);
            ck_assert(isnan(min) && isnan(max));
            kernels_at(level)->summinmax_f64(130, x, &sum, &min, &max);
            ck_assert(isnan(min) && isnan(max));
            x[at] = -INFINITY;
            kernels_at(level)->summinmax_f64(130, x, &sum, &min, &max);
            ck_assert(isnan(sum) && min == -INFINITY && max == INFINITY);
        }
    }
}
END_TEST

static double scalar_unary(int f, double a)
{
    return f == K_neg ? -a : f == K_abs ? fabs(a) : f == K_sqrt ? sqrt(a) : a * a;
}

/* minimum and maximum: NaN when either is, -0 below +0. */
static double scalar_binary(int f, double a, double b)
{
    switch (f) {
    case K_add:
        return a + b;
    case K_sub:
        return a - b;
    case K_mul:
        return a * b;
    case K_div:
        return a / b;
    case K_minimum:
        return isnan(a) || isnan(b) ? NAN : before(a, b) ? a : b;
    default:
        return isnan(a) || isnan(b) ? NAN : before(a, b) ? b : a;
    }
}

START_TEST(arithmetic)
{
    static const int unary[] = {K_neg, K_abs, K_sqrt, K_square},
                     binary[] = {K_add, K_sub, K_mul, K_div, K_minimum, K_maximum};
    kernel_data(K_F64, N, x, 1);
    kernel_data(K_F64, N, y, 2);
    for (size_t i = 0; i < 64; i++) {
        x[i] = (double[]){0.0, -0.0, NAN, 1, -1, INFINITY, -INFINITY, 2}[i % 8];
        y[i] = (double[]){0.0, -0.0, NAN, 1, -1, INFINITY, -INFINITY, 2}[i / 8];
    }
    for (int level = 0; kernels_at(level); level++) {
        for (size_t f = 0; f < sizeof unary / sizeof *unary; f++) {
            kernels_at(level)->unary[unary[f]][K_F64](N, x, z);
            for (size_t i = 0; i < N; i++) {
                const double want = scalar_unary(unary[f], x[i]);
                ck_assert_msg(same_bits(&want, &z[i], 1, SHEAF_F64), "unary %d of %a: %a", unary[f], x[i], z[i]);
            }
        }
        for (size_t f = 0; f < sizeof binary / sizeof *binary; f++) {
            kernels_at(level)->binary[binary[f]][K_F64](N, x, y, z);
            for (size_t i = 0; i < N; i++) {
                const double want = scalar_binary(binary[f], x[i], y[i]);
                if (!same_bits(&want, &z[i], 1, SHEAF_F64))
                    ck_abort_msg("binary %d of %a, %a: %a", binary[f], x[i], y[i], z[i]);
            }
        }
    }
}
END_TEST

/* The element's value in 64 bits, sign-extended. */
static uint64_t wide(enum kdtype d, const void *p)
{
    const int bits = (int)(8 * kernel_data_size(d));
    uint64_t v = 0;
    memcpy(&v, p, kernel_data_size(d));
    if (d <= K_I64 && d != K_BOOL && bits < 64 && v >> (bits - 1))
        v |= ~(uint64_t)0 << bits;
    return v;
}

static int less_integer(enum kdtype d, uint64_t a, uint64_t b)
{
    return d <= K_I64 && d != K_BOOL ? (int64_t)a < (int64_t)b : a < b;
}

static uint64_t integer_binary(int f, enum kdtype d, uint64_t a, uint64_t b)
{
    uint64_t power = 1;
    switch (f) {
    case K_add:
        return a + b;
    case K_sub:
        return a - b;
    case K_mul:
        return a * b;
    case K_minimum:
        return less_integer(d, a, b) ? a : b;
    case K_maximum:
        return less_integer(d, a, b) ? b : a;
    default:
        for (uint64_t i = 0; i < b; i++)
            power *= a;
        return power;
    }
}

static void check_integer(const struct kernels *k, enum kdtype d)
{
    const size_t size = kernel_data_size(d);
    uint64_t sum = 0, min = wide(d, x), max = min, count = 0;
    for (size_t i = 0; i < N; i++) {
        const uint64_t v = wide(d, (char *)x + i * size);
        sum += v;
        count += v != 0;
        min = less_integer(d, v, min) ? v : min;
        max = less_integer(d, max, v) ? v : max;
    }
    uint64_t lo = 0, hi = 0;
    k->minmax[d](N, x, &lo, &hi);
    ck_assert_uint_eq(k->sum_int[d](N, x), sum);
    ck_assert_uint_eq(k->count_nonzero[d](N, x), count);
    ck_assert_uint_eq(wide(d, &lo), min);
    ck_assert_uint_eq(wide(d, &hi), max);
    static const int binary[] = {K_add, K_sub, K_mul, K_minimum, K_maximum, K_pow};
    for (size_t f = 0; d != K_BOOL && f < sizeof binary / sizeof *binary; f++) {
        if (binary[f] == K_pow) {
            for (size_t i = 0; i < N; i++)
                memcpy((char *)y + i * size, &(uint64_t){i % 100}, size);
        }
        k->binary[binary[f]][d](N, x, y, z);
        for (size_t i = 0; i < N; i++) {
            const uint64_t a = wide(d, (char *)x + i * size), b = wide(d, (char *)y + i * size);
            const uint64_t r = integer_binary(binary[f], d, a, b);
            if (memcmp(&r, (char *)z + i * size, size) != 0)
                ck_abort_msg("binary %d of dtype %d, element %zu", binary[f], d, i);
        }
    }
    static const int unary[] = {K_neg, K_abs, K_square};
    for (size_t f = 0; d != K_BOOL && f < 3; f++) {
        k->unary[unary[f]][d](N, x, z);
        for (size_t i = 0; i < N; i++) {
            const uint64_t a = wide(d, (char *)x + i * size);
            const uint64_t r = f == 2 ? a * a : f == 0 || less_integer(d, a, 0) ? 0 - a : a;
            ck_assert_mem_eq(&r, (char *)z + i * size, size);
        }
    }
}

START_TEST(integers)
{
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_BOOL; d <= K_U64; d++) {
            kernel_data((enum kdtype)d, N, x, 4 + (size_t)d);
            kernel_data((enum kdtype)d, N, y, 40 + (size_t)d);
            check_integer(kernels_at(level), (enum kdtype)d);
        }
    }
}
END_TEST

START_TEST(booleans)
{
    uint8_t p[4] = {0, 0, 1, 1}, q[4] = {0, 1, 0, 1}, r[4];
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        k->binary[K_add][K_BOOL](4, p, q, r);
        ck_assert_mem_eq(r, ((uint8_t[]){0, 1, 1, 1}), 4);
        k->binary[K_maximum][K_BOOL](4, p, q, r);
        ck_assert_mem_eq(r, ((uint8_t[]){0, 1, 1, 1}), 4);
        k->binary[K_mul][K_BOOL](4, p, q, r);
        ck_assert_mem_eq(r, ((uint8_t[]){0, 0, 0, 1}), 4);
        k->binary[K_minimum][K_BOOL](4, p, q, r);
        ck_assert_mem_eq(r, ((uint8_t[]){0, 0, 0, 1}), 4);
        ck_assert(k->binary[K_sub][K_BOOL] == NULL);
        ck_assert(k->unary[K_neg][K_BOOL] == NULL);
    }
}
END_TEST

START_TEST(searches)
{
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (size_t at = 0; at < 1100; at += 1 + at / 7) {
            const double seven = 7, nan = NAN, zero = -0.0;
            memset(x, 0, sizeof x);
            ck_assert_uint_eq(k->find[K_F64](1100, x, &seven), 1100);
            ck_assert_uint_eq(k->find[K_F64](1100, x, &nan), 1100);
            ck_assert_uint_eq(k->find[K_F64](1100, x, &zero), 0);
            x[at] = 7;
            x[at + 1] = NAN;
            ck_assert_uint_eq(k->find[K_F64](1100, x, &seven), at);
            ck_assert_uint_eq(k->find[K_F64](1100, x, &nan), at + 1 < 1100 ? at + 1 : 1100);
            ck_assert_uint_eq(k->count_nonzero[K_F64](1100, x), at + 1 < 1100 ? 2 : 1);
            ck_assert_uint_eq(k->find[K_C128](550, x, (double[]){NAN, 0}), at + 1 < 1100 ? (at + 1) / 2 : 550);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: values");
    TCase *t = tcase_create("values");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, reductions);
    tcase_add_test(t, extremes);
    tcase_add_test(t, arithmetic);
    tcase_add_test(t, integers);
    tcase_add_test(t, booleans);
    tcase_add_test(t, searches);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
