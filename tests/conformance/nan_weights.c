/* Reductions that leave NaNs out, and weights: against the same without NaNs, and with elements repeated. */

#include "reductions.h"

static sheaf_error error_of_test;

static const char *const skipping[][2] = {{"nansum", "sum"},       {"nanmean", "mean"},    {"nanvar", "var"},
                                          {"nanstd", "std"},       {"nanmin", "min"},      {"nanmax", "max"},
                                          {"nanargmin", "argmin"}, {"nanargmax", "argmax"}};

/* Without a NaN each gives the bits of its plain twin, infinities and integers included. */
START_TEST(nothing_to_skip)
{
    double *x = numbers(N, 3, 1, 4);
    int16_t *whole = malloc(N * sizeof *whole);
    for (size_t i = 0; i < N; i++)
        whole[i] = (int16_t)(x[i] * 1000);
    const char *const *names = skipping[_i];
    sheaf_view v = row(x, SHEAF_F64, N), w = row(whole, SHEAF_I16, N);
    for (int threads = 1; threads <= 2; threads++) {
        ck_assert_double_eq(call(names[0], &v, NULL, threads), call(names[1], &v, NULL, threads));
        ck_assert_double_eq(call(names[0], &w, NULL, threads), call(names[1], &w, NULL, threads));
    }
    x[5000] = INFINITY;
    x[70000] = -INFINITY;
    double got = call(names[0], &v, NULL, 2), want = call(names[1], &v, NULL, 2);
    ck_assert(got == want || (isnan(got) && isnan(want)));
    free(x);
    free(whole);
}
END_TEST

/* Which elements become NaN. */
static bool chosen(int pattern, size_t i)
{
    switch (pattern) {
    case 0:
        return i == 0 || i == 4095 || i == 4096 || i == N - 1;
    case 1: /* two whole blocks in the middle, and neighbours */
        return i >= 8190 && i < 16400;
    case 2:
        return i % 3 == 0;
    case 3: /* all but one */
        return i != 123456;
    default: /* the first blocks */
        return i < 20000;
    }
}

START_TEST(rows_with_nan)
{
    double *x = numbers(N, 7, 2, 4);
    float *single = malloc(N * sizeof *single);
    long double sum = 0, size = 0, square = 0, sum32 = 0;
    double least = INFINITY, greatest = -INFINITY;
    size_t n = 0, argmin = 0, argmax = 0;
    for (size_t i = 0; i < N; i++) {
        if (chosen(_i, i)) {
            x[i] = NAN;
        } else {
            n++;
            sum += x[i];
            size += fabsl(x[i]);
            sum32 += (float)x[i];
            if (x[i] < least)
                least = x[argmin = i];
            if (x[i] > greatest)
                greatest = x[argmax = i];
        }
        single[i] = (float)x[i];
    }
    long double mean = sum / n;
    for (size_t i = 0; i < N; i++)
        square += isnan(x[i]) ? 0 : (x[i] - mean) * (x[i] - mean);
    sheaf_view v = row(x, SHEAF_F64, N), s = row(single, SHEAF_F32, N);
    sheaf_options o;
    sheaf_options_init(&o);
    const long double depth = 4096 / 32 + 14;
    for (int threads = 1; threads <= 2; threads++) {
        near(call("nansum", &v, NULL, threads), sum, depth * EPS * size);
        near(call("nansum", &s, NULL, threads), sum32, 0x1p-23L * size);
        near(call("nanmean", &v, NULL, threads), mean, depth * EPS * size / n);
        o.ddof = 1;
        long double v1 = square / (n - 1.0L);
        if (n > 1) {
            near(call("nanvar", &v, &o, threads), v1, depth * 4 * EPS * v1);
            near(call("nanstd", &v, &o, threads), sqrtl(v1), depth * 4 * EPS * sqrtl(v1));
        } else {
            ck_assert(isnan(call("nanvar", &v, &o, threads)) && isnan(call("nanstd", &v, &o, threads)));
        }
        near(call("nanvar", &v, NULL, threads), square / n, depth * 4 * EPS * square / n);
        ck_assert_double_eq(call("nanmin", &v, NULL, threads), least);
        ck_assert_double_eq(call("nanmax", &v, NULL, threads), greatest);
        ck_assert_double_eq(call("nanmin", &s, NULL, threads), (float)least);
        ck_assert_double_eq(call("nanargmin", &v, NULL, threads), (double)argmin);
        ck_assert_double_eq(call("nanargmax", &v, NULL, threads), (double)argmax);
    }
    x[123456] = INFINITY;
    ck_assert(call("nansum", &v, NULL, 2) == INFINITY && call("nanmax", &v, NULL, 2) == INFINITY);
    ck_assert(isnan(call("nanvar", &v, NULL, 2)));
    ck_assert_double_eq(call("nanargmax", &v, NULL, 2), 123456);
    free(x);
    free(single);
}
END_TEST

/* Either part makes a complex number NaN. */
START_TEST(complex_with_nan)
{
    double *z = numbers(2 * N, 11, 1, 4);
    long double re = 0, im = 0;
    double want[2] = {INFINITY, 0};
    size_t n = 0, at = 0;
    for (size_t i = 0; i < N; i++) {
        if (i % 5 == 0)
            z[2 * i + (i & 1)] = NAN;
        if (isnan(z[2 * i]) || isnan(z[2 * i + 1]))
            continue;
        n++;
        re += z[2 * i];
        im += z[2 * i + 1];
        if (z[2 * i] < want[0]) {
            memcpy(want, z + 2 * i, sizeof want);
            at = i;
        }
    }
    sheaf_view v = row(z, SHEAF_C128, N);
    double value[2];
    for (int threads = 1; threads <= 2; threads++) {
        call_at("nanmean", &v, NULL, threads, 0, value);
        near(value[0], re / n, 512 * EPS);
        near(value[1], im / n, 512 * EPS);
        call_at("nanmin", &v, NULL, threads, 0, value);
        ck_assert(value[0] == want[0] && value[1] == want[1]);
        ck_assert_double_eq(call("nanargmin", &v, NULL, threads), (double)at);
    }
    free(z);
}
END_TEST

START_TEST(nothing_but_nan)
{
    double *x = malloc(N * sizeof *x);
    for (size_t i = 0; i < N; i++)
        x[i] = NAN;
    sheaf_view v = row(x, SHEAF_F64, N);
    for (int threads = 1; threads <= 2; threads++) {
        ck_assert(call("nansum", &v, NULL, threads) == 0);
        ck_assert(isnan(call("nanmean", &v, NULL, threads)) && isnan(call("nanvar", &v, NULL, threads)));
        ck_assert(isnan(call("nanmin", &v, NULL, threads)) && isnan(call("nanmax", &v, NULL, threads)));
    }
    ck_assert(of("nansum", x, 0) == 0 && isnan(of("nanmean", x, 0)) && isnan(of("nanstd", x, 0)));
    free(x);
}
END_TEST

static void fails(const char *name, const sheaf_view *v, const sheaf_options *o, int threads, const char *row,
                  const char *shape)
{
    sheaf_view out;
    team t = {.threads = threads};
    ck_ok(op_infer(op_find(name), 1, v, o, &out, error));
    out.data = malloc((size_t)sheaf_view_size(&out) * 8);
    ck_assert_int_eq(op_run(op_find(name), 1, v, o, &t, &out, NULL, &error_of_test), SHEAF_INVALID);
    ck_assert_msg(strstr(error_of_test.message, name) && strstr(error_of_test.message, row) &&
                      strstr(error_of_test.message, shape),
                  "%s", error_of_test.message);
    free(out.data);
}

START_TEST(no_index)
{
    double *x = numbers(100000, 13, 0, 1);
    for (int i = 0; i < 2500; i++)
        x[17 * 2500 + i] = x[31 * 2500 + i] = NAN;
    sheaf_view rows = view(x, SHEAF_F64, 2, (int64_t[]){40, 2500});
    sheaf_options o = along(1);
    for (int threads = 1; threads <= 2; threads++) {
        fails("nanargmin", &rows, &o, threads, "row 17", "(40, 2500)");
        fails("nanargmax", &rows, &o, threads, "row 17", "(40, 2500)");
    }
    for (int i = 50000; i < 100000; i++)
        x[i] = NAN;
    rows = view(x, SHEAF_F64, 2, (int64_t[]){2, 50000});
    fails("nanargmin", &rows, &o, 2, "row 1", "(2, 50000)");
    o = along(0);
    rows = view(x, SHEAF_F64, 2, (int64_t[]){40, 2500});
    sheaf_view out;
    call_op(op_find("nanargmax"), &rows, &o, 2, &out); /* each column has numbers */
    for (int j = 0; j < 2500; j++) {
        int best = 0;
        for (int i = 1; i < 20; i++)
            best = x[i * 2500 + j] > x[best * 2500 + j] ? i : best;
        ck_assert_int_eq(((int64_t *)out.data)[j], best);
    }
    free(out.data);
    free(x);
}
END_TEST

/* ---- weights ---- */

static sheaf_options weighted(const sheaf_view *w)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.weights = w;
    return o;
}

/* Whole weights count elements as if repeated. */
START_TEST(repetitions)
{
    double *x = numbers(N, 17, _i ? 1000 : 1, 4), *many = malloc(4 * N * sizeof *many);
    float *single = malloc(N * sizeof *single);
    uint8_t *w = malloc(N);
    uint64_t seed = 19;
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        w[i] = i >= 4000 && i < 9000 ? 0 : (uint8_t)(random_u64(&seed) % 4);
        x[i] = (float)x[i];
        single[i] = (float)x[i];
        for (int k = 0; k < w[i]; k++)
            many[n++] = x[i];
    }
    sheaf_view v = row(x, SHEAF_F64, N), s = row(single, SHEAF_F32, N), all = row(many, SHEAF_F64, n),
               ww = row(w, SHEAF_U8, N);
    sheaf_options o = weighted(&ww), plain;
    sheaf_options_init(&plain);
    for (int threads = 1; threads <= 2; threads++) {
        double mean = call("mean", &all, &plain, threads), var = call("var", &all, &plain, threads);
        near(call("mean", &v, &o, threads), mean, 300 * EPS * fabs(mean));
        near(call("mean", &s, &o, threads), mean, 0x1p-23L * fabs(mean));
        near(call("var", &v, &o, threads), var, 600 * EPS * var);
        o.ddof = plain.ddof = 1;
        near(call("std", &v, &o, threads), call("std", &all, &plain, threads), 600 * EPS * sqrt(var));
        near(call("var", &v, &o, threads), var * (double)n / (double)(n - 1), 600 * EPS * var);
        o.ddof = plain.ddof = 0;
    }
    free(x);
    free(many);
    free(single);
    free(w);
}
END_TEST

/* numpy.average of a (3, 4) array, along both axes, with weights of its shape, of one axis, and broadcasting. */
START_TEST(average_of_numpy)
{
    double x[12], w12[] = {1, 0, 2, 0.5, 3, 1, 1, 0.25, 0, 2, 4, 8}, w4[] = {1, 2, 0, 5}, w3[] = {0.5, 2, 1};
    for (int i = 0; i < 12; i++)
        x[i] = i * i - 3 * i + 0.5;
    sheaf_view v = view(x, SHEAF_F64, 2, (int64_t[]){3, 4}), full = view(w12, SHEAF_F64, 2, (int64_t[]){3, 4}),
               last = row(w4, SHEAF_F64, 4), first = row(w3, SHEAF_F64, 3), out;
    const double want_full[] = {3.5, 39.833333333333336, 42.5, 81.757142857142853}, want_last[] = {0, 21, 74},
                 want_first[] = {14.214285714285714, 21.357142857142858, 30.5, 41.642857142857146};
    sheaf_options o = along(0);
    o.weights = &full;
    call_op(op_find("mean"), &v, &o, 1, &out);
    for (int i = 0; i < 4; i++)
        near(((double *)out.data)[i], want_full[i], 4 * EPS * fabs(want_full[i]));
    free(out.data);
    o.weights = &first;
    call_op(op_find("mean"), &v, &o, 1, &out);
    for (int i = 0; i < 4; i++)
        near(((double *)out.data)[i], want_first[i], 4 * EPS * fabs(want_first[i]));
    free(out.data);
    o.axes[0] = -1;
    o.weights = &last;
    call_op(op_find("mean"), &v, &o, 2, &out);
    for (int i = 0; i < 3; i++)
        near(((double *)out.data)[i], want_last[i], 4 * EPS * fabs(want_last[i]));
    free(out.data);
    sheaf_options all = weighted(&last); /* broadcast over the rows */
    near(call("mean", &v, &all, 1), 31.666666666666668, 8 * EPS * 31.666666666666668);
}
END_TEST

START_TEST(weights_at_the_edge)
{
    double x[] = {1, NAN, 3}, z[] = {1, 2, 3, -4}, zero[] = {0, 0, 0}, w[] = {1, 0, 1}, one[] = {1, 3};
    sheaf_view v = row(x, SHEAF_F64, 3), none = row(zero, SHEAF_F64, 3), some = row(w, SHEAF_F64, 3),
               c = row(z, SHEAF_C128, 2), two = row(one, SHEAF_F64, 2);
    sheaf_options o = weighted(&some);
    double value[2];
    ck_assert(isnan(call("mean", &v, &o, 1)) && isnan(call("var", &v, &o, 1))); /* 0 NaN is NaN, as in NumPy */
    x[1] = 7;
    ck_assert_double_eq(call("mean", &v, &o, 1), 2);
    ck_assert_double_eq(call("var", &v, &o, 1), 1);
    o.weights = &none;
    ck_assert(isnan(call("mean", &v, &o, 1)) && isnan(call("std", &v, &o, 1)));
    o.weights = &two;
    call_at("mean", &c, &o, 1, 0, value);
    ck_assert(value[0] == 2.5 && value[1] == -2.5);
    ck_assert_double_eq(call("var", &c, &o, 1), (2.25 + 20.25 + 3 * (0.25 + 2.25)) / 4);
}
END_TEST

START_TEST(weights_refused)
{
    double x[12] = {0}, w[12] = {0};
    sheaf_view v = view(x, SHEAF_F64, 2, (int64_t[]){3, 4}), w3 = row(w, SHEAF_F64, 3), wc = row(w, SHEAF_C128, 4), out;
    sheaf_options o = weighted(&w3);
    ck_assert_int_eq(op_infer(op_find("mean"), 1, &v, &o, &out, &error_of_test), SHEAF_SHAPE);
    ck_assert(strstr(error_of_test.message, "(3,)") && strstr(error_of_test.message, "(3, 4)"));
    o = along(1);
    o.weights = &w3;
    ck_assert_int_eq(op_infer(op_find("var"), 1, &v, &o, &out, &error_of_test), SHEAF_SHAPE);
    o.axes[0] = 0;
    ck_ok(op_infer(op_find("var"), 1, &v, &o, &out, error));
    o.weights = &wc;
    ck_assert_int_eq(op_infer(op_find("std"), 1, &v, &o, &out, &error_of_test), SHEAF_DTYPE);
    o.weights = &w3;
    static const char *const others[] = {"sum", "nanmean", "stats", "sqrt", "sort", "dot"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        sheaf_view in[2] = {v, v}, outs[SHEAF_MAX_OUTPUTS];
        ck_assert_int_eq(op_infer(op_find(others[i]), op_find(others[i])->info.nin, in, &o, outs, &error_of_test),
                         SHEAF_INVALID);
        ck_assert(strstr(error_of_test.message, others[i]) && strstr(error_of_test.message, "weights"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: NaN left out, weights");
    TCase *tc = tcase_create("nan");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, nothing_to_skip, 0, 8);
    tcase_add_loop_test(tc, rows_with_nan, 0, 5);
    tcase_add_test(tc, complex_with_nan);
    tcase_add_test(tc, nothing_but_nan);
    tcase_add_test(tc, no_index);
    suite_add_tcase(suite, tc);
    tc = tcase_create("weights");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, repetitions, 0, 2);
    tcase_add_test(tc, average_of_numpy);
    tcase_add_test(tc, weights_at_the_edge);
    tcase_add_test(tc, weights_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
