/* Rows of many blocks against long double references and identities. */

#include "blas/blas.h"
#include "golden.h"

#define N 300007

static double *numbers(size_t n, uint64_t seed, double offset)
{
    double *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = offset + (random_unit(&seed) - 0.5) * 6;
    return x;
}

static double number_of(const sheaf_view *v)
{
    double value[2];
    element(v, 0, value);
    return value[0];
}

static double reduce(const char *name, const sheaf_view *x, int threads)
{
    sheaf_view out;
    call_op(op_find(name), x, NULL, threads, &out);
    double value = number_of(&out);
    free(out.data);
    return value;
}

struct reference {
    long double sum, absolute, mean, variance, square;
    double min, max;
    size_t argmin, argmax;
};

static struct reference refer(size_t n, const double *x)
{
    struct reference r = {0, 0, 0, 0, 0, x[0], x[0], 0, 0};
    for (size_t i = 0; i < n; i++) {
        r.sum += x[i];
        r.absolute += fabsl(x[i]);
        r.square += (long double)x[i] * x[i];
        if (x[i] < r.min) {
            r.min = x[i];
            r.argmin = i;
        }
        if (x[i] > r.max) {
            r.max = x[i];
            r.argmax = i;
        }
    }
    r.mean = r.sum / (long double)n;
    for (size_t i = 0; i < n; i++)
        r.variance += (x[i] - r.mean) * (x[i] - r.mean);
    r.variance /= (long double)n;
    return r;
}

#define near(got, want, bound)                                                                                    \
    ck_assert_msg(fabsl((got) - (want)) <= (bound), "%s: %.17g, expected %.17Lg within %Lg", #got, (double)(got), \
                  (long double)(want), (long double)(bound))

/* The pairwise bound: each number passes through at most n/32 of a block, 5 folds and log2 of the blocks additions. */
START_TEST(test_reductions)
{
    static const double offsets[] = {0, 3, 1e9};
    const long double eps = 0x1p-53L;
    double *x = numbers(N, 17, offsets[_i]);
    struct reference want = refer(N, x);
    sheaf_view v = sheaf_view_f64(x, N);
    long double depth = KERNEL_BLOCK / 32 + 5 + log2l((long double)N / KERNEL_BLOCK) + 1;
    for (int threads = 1; threads <= 2; threads++) {
        near(reduce("sum", &v, threads), want.sum, depth * eps * want.absolute);
        near(reduce("mean", &v, threads), want.mean, depth * eps * want.absolute / N);
        /* Cancellation would cost a factor (mean/std)² ≈ 1e17 at the last offset; mean's rounding costs its square. */
        long double slip = eps * fabsl(want.mean) * 4;
        near(reduce("var", &v, threads), want.variance,
             depth * eps * want.variance * 2 + slip * slip * depth + slip * sqrtl(want.variance));
        near(reduce("norm", &v, threads), sqrtl(want.square), 64 * eps * sqrtl(want.square));
        ck_assert_double_eq(reduce("min", &v, threads), want.min);
        ck_assert_double_eq(reduce("max", &v, threads), want.max);
        ck_assert_double_eq(reduce("ptp", &v, threads), want.max - want.min);
        ck_assert_double_eq(reduce("argmin", &v, threads), (double)want.argmin);
        ck_assert_double_eq(reduce("argmax", &v, threads), (double)want.argmax);
    }
    free(x);
}
END_TEST

/* One reading gives what the five functions give. */
START_TEST(test_stats_agrees)
{
    static const char *const names[] = {"count", "mean", "std", "min", "max"};
    double *x = numbers(N, 23, 2);
    sheaf_view v = sheaf_view_f64(x, N), outs[5];
    call_op(op_find("stats"), &v, NULL, 2, outs);
    ck_assert_double_eq(number_of(&outs[0]), N);
    for (int k = 1; k < 5; k++)
        ck_assert_msg(number_of(&outs[k]) == reduce(names[k], &v, 1), "stats.%s is %.17g, %s %.17g", names[k],
                      number_of(&outs[k]), names[k], reduce(names[k], &v, 1));
    free_outs(op_find("stats"), outs);
    free(x);
}
END_TEST

START_TEST(test_specials)
{
    static const size_t places[] = {0, 31, 4095, 4096, 100000, N - 1};
    static const char *const propagate[] = {"sum", "mean", "var", "std", "min", "max", "ptp", "norm"};
    double *x = numbers(N, 29, 1);
    sheaf_view v = sheaf_view_f64(x, N);
    size_t at = places[_i];
    double kept = x[at];
    x[at] = NAN;
    for (size_t i = 0; i < sizeof propagate / sizeof propagate[0]; i++)
        ck_assert_msg(isnan(reduce(propagate[i], &v, 2)), "%s of a NaN at %zu is no NaN", propagate[i], at);
    ck_assert_double_eq(reduce("argmin", &v, 2), (double)at);
    ck_assert_double_eq(reduce("argmax", &v, 1), (double)at);
    x[at] = INFINITY;
    ck_assert(isinf(reduce("sum", &v, 2)) && isinf(reduce("mean", &v, 2)) && isinf(reduce("norm", &v, 2)));
    ck_assert(isnan(reduce("var", &v, 2)));
    ck_assert_double_eq(reduce("argmax", &v, 2), (double)at);
    x[at] = kept;
    memset(x, 0, N * sizeof *x);
    ck_assert_double_eq(reduce("any", &v, 2), 0);
    x[at] = -0.0;
    ck_assert_double_eq(reduce("any", &v, 2), 0);
    x[at] = 1;
    ck_assert_double_eq(reduce("any", &v, 2), 1);
    ck_assert_double_eq(reduce("all", &v, 2), 0);
    ck_assert_double_eq(reduce("count_nonzero", &v, 2), 1);
    free(x);
}
END_TEST

/* Integers are exact: beyond 2⁵³, and modulo 2⁶⁴. */
START_TEST(test_integers)
{
    int64_t n = 20000, *x = malloc((size_t)n * sizeof *x);
    uint64_t sum = 0, seed = 31;
    for (int64_t i = 0; i < n; i++) {
        x[i] = (int64_t)random_u64(&seed);
        sum += (uint64_t)x[i];
    }
    sheaf_view v, out;
    ck_ok(sheaf_view_init(&v, x, SHEAF_I64, 1, &n, error));
    call_op(op_find("sum"), &v, NULL, 2, &out);
    ck_assert(*(uint64_t *)out.data == sum);
    free(out.data);
    call_op(op_find("cumsum"), &v, NULL, 2, &out);
    ck_assert(((uint64_t *)out.data)[n - 1] == sum);
    free(out.data);
    free(x);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Each number of a running sum passes through at most 3 additions in its group, one for each group of the block and
 * one for each block. */
START_TEST(test_sort_and_cumsum)
{
    double *x = numbers(N, 37, 0), *want = malloc(N * sizeof *want);
    long double running = 0, absolute = 0, depth = 3 + KERNEL_BLOCK / 8 + 1 + (long double)N / KERNEL_BLOCK + 1;
    sheaf_view v = sheaf_view_f64(x, N), out;
    memcpy(want, x, N * sizeof *x);
    qsort(want, N, sizeof *want, by_value);
    call_op(op_find("sort"), &v, NULL, 2, &out);
    ck_assert(memcmp(out.data, want, N * sizeof *want) == 0);
    free(out.data);
    call_op(op_find("cumsum"), &v, NULL, 2, &out);
    for (size_t i = 0; i < N; i++) {
        running += x[i];
        absolute += fabsl(x[i]);
        near(((double *)out.data)[i], running, depth * 0x1p-53L * absolute);
    }
    free(out.data);
    free(want);
    free(x);
}
END_TEST

/* y[k] by its definition, angles reduced exactly. */
START_TEST(test_rfft)
{
    static const int64_t lengths[] = {1, 2, 3, 7, 64, 101, 1000, 4096, 10007};
    if (!fft_available())
        return;
    int64_t n = lengths[_i];
    double *x = numbers((size_t)n, 41, 0.5);
    sheaf_view v = sheaf_view_f64(x, (size_t)n), out;
    call_op(op_find("rfft"), &v, NULL, 1, &out);
    ck_assert_int_eq(out.shape[0], n / 2 + 1);
    struct reference r = refer((size_t)n, x);
    for (int64_t k = 0; k <= n / 2; k += 1 + n / 20) {
        long double re = 0, im = 0, turn = -2 * 3.14159265358979323846264338327950288L / (long double)n;
        for (int64_t j = 0; j < n; j++) {
            long double angle = turn * (long double)(j * k % n);
            re += x[j] * cosl(angle);
            im += x[j] * sinl(angle);
        }
        const double *y = (const double *)out.data + 2 * k;
        long double bound = 0x1p-53L * (4 + 2 * log2l((long double)n + 1)) * sqrtl(r.square * (long double)n);
        near(y[0], re, bound);
        near(y[1], im, bound);
    }
    free(out.data);
    free(x);
}
END_TEST

START_TEST(test_matmul)
{
    enum {
        M = 300,
        K = 77,
        C = 2100
    };
    double *a = numbers(M * K, 43, 0), *b = numbers(K * C, 47, 0);
    sheaf_view in[2], out;
    ck_ok(sheaf_view_init(&in[0], a, SHEAF_F64, 2, (int64_t[]){M, K}, error));
    ck_ok(sheaf_view_init(&in[1], b, SHEAF_F64, 2, (int64_t[]){K, C}, error));
    call_op(op_find("matmul"), in, NULL, 2, &out);
    const double *c = out.data;
    for (int i = 0; i < M; i += 7)
        for (int j = 0; j < C; j += 11) {
            long double want = 0, size = 0;
            for (int k = 0; k < K; k++) {
                want += (long double)a[i * K + k] * b[k * C + j];
                size += fabsl((long double)a[i * K + k] * b[k * C + j]);
            }
            near(c[i * C + j], want, K * 0x1p-53L * size);
        }
    free(out.data);
    free(a);
    free(b);
}
END_TEST

/* Squares that overflow or vanish do not spoil the norm. */
START_TEST(test_norm_range)
{
    double x[10000];
    for (int i = 0; i < 10000; i++)
        x[i] = 1e300;
    sheaf_view v = sheaf_view_f64(x, 10000);
    near(reduce("norm", &v, 1), 1e302L, 1e302L * 0x1p-50L);
    for (int i = 0; i < 10000; i++)
        x[i] = 1e-300;
    near(reduce("norm", &v, 1), 1e-298L, 1e-298L * 0x1p-50L);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: large");
    TCase *tc = tcase_create("large");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_reductions, 0, 3);
    tcase_add_test(tc, test_stats_agrees);
    tcase_add_loop_test(tc, test_specials, 0, 6);
    tcase_add_test(tc, test_integers);
    tcase_add_test(tc, test_sort_and_cumsum);
    tcase_add_loop_test(tc, test_rfft, 0, 9);
    tcase_add_test(tc, test_matmul);
    tcase_add_test(tc, test_norm_range);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
