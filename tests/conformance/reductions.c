/* The reductions over rows of many blocks, against long double references, closed forms and identities. */

#include "reductions.h"

/* ---- prod ---- */

START_TEST(prod_of_floats)
{
    double *x = numbers(N, 3, 1, 0.01), *angles = numbers(N, 5, 0, 6), *z = malloc(N * 2 * sizeof *z);
    float *single = malloc(N * sizeof *single);
    long double want = 1, turn = 0, want32 = 1;
    for (size_t i = 0; i < N; i++) {
        want *= x[i];
        single[i] = (float)x[i];
        want32 *= single[i];
        z[2 * i] = cos(angles[i]);
        z[2 * i + 1] = sin(angles[i]);
        turn += atan2l(z[2 * i + 1], z[2 * i]);
    }
    sheaf_view v = row(x, SHEAF_F64, N), s = row(single, SHEAF_F32, N), c = row(z, SHEAF_C128, N);
    for (int threads = 1; threads <= 2; threads++) {
        double value[2];
        near(call("prod", &v, NULL, threads), want, N * EPS * want);
        near(call("prod", &s, NULL, threads), want32, 0x1p-24L * want32);
        call_at("prod", &c, NULL, threads, 0, value);
        near(value[0], cosl(turn), 4 * N * EPS);
        near(value[1], sinl(turn), 4 * N * EPS);
    }
    ck_assert_double_eq(of("prod", x, 0), 1);
    ck_assert_double_eq(of("prod", x, 1), x[0]);
    x[4096] = NAN;
    ck_assert(isnan(of("prod", x, N)));
    double infinite[] = {INFINITY, 0}, value[2];
    c = row(infinite, SHEAF_C128, 1);
    call_at("prod", &c, NULL, 1, 0, value);
    ck_assert(value[0] == INFINITY && value[1] == 0);
    free(x);
    free(angles);
    free(z);
    free(single);
}
END_TEST

START_TEST(prod_of_integers)
{
    int64_t *x = malloc(N * sizeof *x);
    int8_t *small = malloc(N);
    uint64_t want = 1, want8 = 1, seed = 9;
    for (size_t i = 0; i < N; i++) {
        x[i] = (int64_t)(random_u64(&seed) | 1);
        small[i] = (int8_t)x[i];
        want *= (uint64_t)x[i];
        want8 *= (uint64_t)(int64_t)small[i];
    }
    for (int threads = 1; threads <= 2; threads++) {
        sheaf_view v = row(x, SHEAF_I64, N), out;
        call_op(op_find("prod"), &v, NULL, threads, &out);
        ck_assert(out.dtype == SHEAF_I64 && *(uint64_t *)out.data == want);
        free(out.data);
        v = row(small, SHEAF_I8, N);
        call_op(op_find("prod"), &v, NULL, threads, &out);
        ck_assert(out.dtype == SHEAF_I64 && *(uint64_t *)out.data == want8);
        free(out.data);
    }
    uint8_t truth[] = {1, 1, 1, 0};
    sheaf_view v = row(truth, SHEAF_BOOL, 3);
    ck_assert_double_eq(call("prod", &v, NULL, 1), 1);
    v = row(truth, SHEAF_BOOL, 4);
    ck_assert_double_eq(call("prod", &v, NULL, 1), 0);
    v = row(truth, SHEAF_BOOL, 0);
    ck_assert_double_eq(call("prod", &v, NULL, 1), 1);
    free(x);
    free(small);
}
END_TEST

/* ---- norm, rms ---- */

static long double four_ulps(long double x)
{
    return 4 * (nextafter((double)x, INFINITY) - (double)x);
}

/* Blocks whose squares overflow, vanish and behave, in every order. */
START_TEST(norm_across_scales)
{
    static const double sizes[] = {1e300, 1e-300, 1, 5e-324, 0, 1e160, 1e-170, 1.7e308};
    double *x = numbers(N, 11, 0, 1);
    sheaf_view v = row(x, SHEAF_F64, N), z = row(x, SHEAF_C128, N / 2);
    for (int a = 0; a < 8; a++) {
        for (int b = 0; b < 8; b++) {
            long double square = 0;
            for (size_t i = 0; i < N; i++) {
                double unit = (double)(i % 7) / 1e4 + 1e-4;
                x[i] = unit * (i % 30000 < 15000 ? sizes[a] : sizes[b]);
                square += (long double)x[i] * x[i];
            }
            long double want = sqrtl(square), mean = sqrtl(square / N);
            near(call("norm", &v, NULL, 1 + b % 2), want, four_ulps(want));
            near(call("rms", &v, NULL, 1 + a % 2), mean, four_ulps(mean));
            square -= (long double)x[N - 1] * x[N - 1];
            want = sqrtl(square);
            near(call("norm", &z, NULL, 1), want, four_ulps(want));
        }
    }
    x[77] = INFINITY;
    ck_assert(call("norm", &v, NULL, 2) == INFINITY && call("rms", &v, NULL, 1) == INFINITY);
    x[200000] = NAN;
    ck_assert(isnan(call("norm", &v, NULL, 2)) && isnan(call("rms", &v, NULL, 1)));
    x[78] = NAN;
    ck_assert(isnan(of("norm", x, 100)));
    ck_assert_double_eq(of("norm", x, 0), 0);
    ck_assert(isnan(of("rms", x, 0)));
    free(x);
}
END_TEST

/* ---- skew, kurtosis ---- */

START_TEST(third_and_fourth_moments)
{
    static const double offsets[] = {0, 3, 1000};
    double *x = numbers(N, 13, 0, 2);
    long double mean = 0, m[5] = {0}, size3 = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = offsets[_i] + (x[i] + 1) * (x[i] + 1) * (i % 3 ? 1 : 0.3);
        mean += x[i];
    }
    mean /= N;
    for (size_t i = 0; i < N; i++) {
        long double d = x[i] - mean;
        m[2] += d * d / N;
        m[3] += d * d * d / N;
        size3 += fabsl(d * d * d) / N;
        m[4] += d * d * d * d / N;
    }
    long double skew = m[3] / (m[2] * sqrtl(m[2])), kurtosis = m[4] / (m[2] * m[2]);
    long double slip = 64 * EPS * (1 + fabsl(mean) / sqrtl(m[2]) / 16), scale = size3 / (m[2] * sqrtl(m[2]));
    sheaf_view v = row(x, SHEAF_F64, N);
    for (int threads = 1; threads <= 2; threads++) {
        near(call("skew", &v, NULL, threads), skew, slip * scale);
        near(call("kurtosis", &v, NULL, threads), kurtosis - 3, slip * kurtosis);
    }
    x[N - 1] = NAN;
    ck_assert(isnan(call("skew", &v, NULL, 2)) && isnan(call("kurtosis", &v, NULL, 1)));
    for (size_t i = 0; i < N; i++)
        x[i] = 0.1;
    ck_assert(isnan(call("skew", &v, NULL, 2)) && isnan(call("kurtosis", &v, NULL, 1)));
    ck_assert(isnan(of("skew", x, 0)) && isnan(of("kurtosis", x, 1)));
    free(x);
}
END_TEST

/* scipy.stats 1.17.1. */
START_TEST(moments_of_scipy)
{
    double x[] = {2, 8, 0, 4, 1, 9, 9, 0, -3.5, 17.25};
    near(of("skew", x, 10), 0.69500816623952533L, 1e-15L);
    near(of("kurtosis", x, 10), -0.24842253878899756L, 2e-15L);
}
END_TEST

/* ---- logsumexp ---- */

START_TEST(logsumexp_values)
{
    static const double offsets[] = {0, 800, -1e5, 1e300};
    double *x = numbers(N, 17, offsets[_i], 40);
    long double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < N; i++)
        max = fmaxl(max, x[i]);
    for (size_t i = 0; i < N; i++)
        sum += expl(x[i] - max);
    long double want = max + logl(sum), bound = 4 * EPS * fmaxl(1, fabsl(want));
    sheaf_view v = row(x, SHEAF_F64, N);
    near(call("logsumexp", &v, NULL, 1), want, bound);
    near(call("logsumexp", &v, NULL, 2), want, bound);
    for (size_t i = 4096; i < 12288; i++)
        x[i] = -INFINITY;
    x[0] = -INFINITY;
    ck_assert(isfinite(call("logsumexp", &v, NULL, 2)));
    x[5000] = INFINITY;
    ck_assert(call("logsumexp", &v, NULL, 2) == INFINITY);
    x[N - 1] = NAN;
    ck_assert(isnan(call("logsumexp", &v, NULL, 2)));
    x[5000] = 0;
    ck_assert(isnan(call("logsumexp", &v, NULL, 1)));
    for (size_t i = 0; i < N; i++)
        x[i] = -INFINITY;
    ck_assert(call("logsumexp", &v, NULL, 2) == -INFINITY);
    ck_assert(of("logsumexp", x, 0) == -INFINITY);
    free(x);
}
END_TEST

/* ---- trapz ---- */

START_TEST(trapz_values)
{
    double *x = numbers(N, 19, 1, 3);
    long double want = 0, size = 0;
    for (size_t i = 0; i + 1 < N; i++) {
        want += ((long double)x[i] + x[i + 1]) / 2;
        size += fabsl((long double)x[i] + x[i + 1]) / 2;
    }
    sheaf_view v = row(x, SHEAF_F64, N), z = row(x, SHEAF_C128, N / 2);
    sheaf_options o = along(0);
    long double bound = (4096 / 32 + 14) * EPS * size;
    near(call("trapz", &v, NULL, 1), want, bound);
    o.spacing = 0.25;
    near(call("trapz", &v, &o, 2), want / 4, bound / 4);
    long double re = 0, im = 0;
    for (size_t i = 0; i + 1 < N / 2; i++) {
        re += ((long double)x[2 * i] + x[2 * i + 2]) / 2;
        im += ((long double)x[2 * i + 1] + x[2 * i + 3]) / 2;
    }
    double value[2];
    call_at("trapz", &z, NULL, 2, 0, value);
    near(value[0], re, bound);
    near(value[1], im, bound);
    x[0] = INFINITY;
    ck_assert(call("trapz", &v, NULL, 2) == INFINITY);
    x[N - 1] = -INFINITY;
    ck_assert(isnan(call("trapz", &v, NULL, 1)));
    x[0] = 1;
    ck_assert(call("trapz", &v, NULL, 1) == -INFINITY);
    ck_assert_double_eq(of("trapz", x, 0), 0);
    ck_assert_double_eq(of("trapz", x, 1), 0);
    ck_assert_double_eq(of("trapz", x + 1, 2), (x[1] + x[2]) / 2);
    float single[] = {1.5f, 2, 4};
    v = row(single, SHEAF_F32, 3);
    ck_assert_double_eq(call("trapz", &v, NULL, 1), 4.75);
    free(x);
}
END_TEST

/* ---- dot ---- */

START_TEST(dot_of_floats)
{
    double *x = numbers(N, 23, 0.1, 3), *y = numbers(N, 29, -0.2, 3);
    float *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
    long double want = 0, size = 0, want32 = 0, re = 0, im = 0;
    for (size_t i = 0; i < N; i++) {
        want += (long double)x[i] * y[i];
        size += fabsl((long double)x[i] * y[i]);
        a[i] = (float)x[i];
        b[i] = (float)y[i];
        want32 += (long double)a[i] * b[i];
    }
    for (size_t i = 0; i + 1 < N; i += 2) {
        re += (long double)x[i] * y[i] - (long double)x[i + 1] * y[i + 1];
        im += (long double)x[i] * y[i + 1] + (long double)x[i + 1] * y[i];
    }
    long double bound = (4096 / 32 + 14) * EPS * size;
    for (int threads = 1; threads <= 2; threads++) {
        double value[2];
        near(call("dot", (sheaf_view[]){row(x, SHEAF_F64, N), row(y, SHEAF_F64, N)}, NULL, threads), want, bound);
        near(call("dot", (sheaf_view[]){row(a, SHEAF_F32, N), row(b, SHEAF_F32, N)}, NULL, threads), want32,
             bound + 0x1p-24L * fabsl(want32));
        call_at("dot", (sheaf_view[]){row(x, SHEAF_C128, N / 2), row(y, SHEAF_C128, N / 2)}, NULL, threads, 0, value);
        near(value[0], re, bound);
        near(value[1], im, bound);
        call_at("dot", (sheaf_view[]){row(x, SHEAF_C128, N / 2), row(y, SHEAF_F64, N / 2)}, NULL, threads, 0, value);
        re = im = 0;
        for (size_t i = 0; i < N / 2; i++) {
            re += (long double)x[2 * i] * y[i];
            im += (long double)x[2 * i + 1] * y[i];
        }
        near(value[0], re, bound);
        near(value[1], im, bound);
        re = im = 0;
        for (size_t i = 0; i + 1 < N; i += 2) {
            re += (long double)x[i] * y[i] - (long double)x[i + 1] * y[i + 1];
            im += (long double)x[i] * y[i + 1] + (long double)x[i + 1] * y[i];
        }
    }
    y[4095] = NAN;
    ck_assert(isnan(call("dot", (sheaf_view[]){row(x, SHEAF_F64, N), row(y, SHEAF_F64, N)}, NULL, 2)));
    ck_assert_double_eq(call("dot", (sheaf_view[]){row(x, SHEAF_F64, 0), row(y, SHEAF_F64, 0)}, NULL, 1), 0);
    free(x);
    free(y);
    free(a);
    free(b);
}
END_TEST

START_TEST(dot_of_integers)
{
    enum {
        M = 9001
    };
    int8_t a[M], b[M], want = 0;
    int64_t c[M];
    uint64_t seed = 37, wide = 0;
    for (int i = 0; i < M; i++) {
        a[i] = (int8_t)random_u64(&seed);
        b[i] = (int8_t)random_u64(&seed);
        c[i] = (int64_t)random_u64(&seed);
        want = (int8_t)(want + a[i] * b[i]);
        wide += (uint64_t)(int64_t)a[i] * (uint64_t)c[i];
    }
    sheaf_view out;
    call_op(op_find("dot"), (sheaf_view[]){row(a, SHEAF_I8, M), row(b, SHEAF_I8, M)}, NULL, 1, &out);
    ck_assert(out.dtype == SHEAF_I8 && *(int8_t *)out.data == want);
    free(out.data);
    call_op(op_find("dot"), (sheaf_view[]){row(a, SHEAF_I8, M), row(c, SHEAF_I64, M)}, NULL, 2, &out);
    ck_assert(out.dtype == SHEAF_I64 && *(uint64_t *)out.data == wide);
    free(out.data);
    uint8_t p[300] = {0}, q[300] = {0};
    p[0] = q[1] = 1;
    for (int both = 0; both < 2; both++) {
        for (int i = 10; both && i < 266; i++) /* 256 of them: 0 modulo 2^8 */
            p[i] = q[i] = 1;
        call_op(op_find("dot"), (sheaf_view[]){row(p, SHEAF_BOOL, 300), row(q, SHEAF_BOOL, 300)}, NULL, 1, &out);
        ck_assert(out.dtype == SHEAF_BOOL && *(uint8_t *)out.data == both);
        free(out.data);
    }
}
END_TEST

/* Every element of a (3, 1, 5000) by (4, 5000) call, along the last and along another axis. */
START_TEST(dot_broadcasts)
{
    double *x = numbers(15000, 41, 0, 2), *y = numbers(20000, 43, 0, 2);
    sheaf_view in[] = {view(x, SHEAF_F64, 3, (int64_t[]){3, 1, 5000}), view(y, SHEAF_F64, 2, (int64_t[]){4, 5000})},
               out;
    sheaf_options last = along(-1), middle = along(1);
    call_op(op_find("dot"), in, &last, 2, &out);
    ck_assert(out.ndim == 2 && out.shape[0] == 3 && out.shape[1] == 4);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) {
            long double want = 0;
            for (int k = 0; k < 5000; k++)
                want += (long double)x[5000 * i + k] * y[5000 * j + k];
            near(((double *)out.data)[4 * i + j], want, 1e-12L);
        }
    free(out.data);
    call_op(op_find("dot"), in, &middle, 2, &out);
    ck_assert(out.ndim == 2 && out.shape[0] == 3 && out.shape[1] == 5000);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 5000; k += 7) {
            long double want = 0;
            for (int j = 0; j < 4; j++)
                want += (long double)x[5000 * i + k] * y[5000 * j + k];
            near(((double *)out.data)[5000 * i + k], want, 8 * EPS);
        }
    free(out.data);
    free(x);
    free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: reductions");
    TCase *tc = tcase_create("reductions");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, prod_of_floats);
    tcase_add_test(tc, prod_of_integers);
    tcase_add_test(tc, norm_across_scales);
    tcase_add_loop_test(tc, third_and_fourth_moments, 0, 3);
    tcase_add_test(tc, moments_of_scipy);
    tcase_add_loop_test(tc, logsumexp_values, 0, 4);
    tcase_add_test(tc, trapz_values);
    tcase_add_test(tc, dot_of_floats);
    tcase_add_test(tc, dot_of_integers);
    tcase_add_test(tc, dot_broadcasts);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
