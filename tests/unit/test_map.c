/* Maps over arrays in memory: callbacks and the catalogue. */

#include "test_map.h"
#include "base/fpenv.h"
#include <math.h>
#include <pthread.h>
#include <sheaf/functions.h>
#include <stdatomic.h>

static sheaf_map_options with_threads(int threads)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = threads;
    return options;
}

static sheaf_status triple(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                           sheaf_error *error)
{
    (void)user, (void)item;
    return sheaf_output_f64(out, 3 * *(const double *)x->data, error);
}

/* Fails items whose number is divisible by 7. */
static sheaf_status no_sevens(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                              sheaf_error *error)
{
    if (item->index % 7 == 0)
        return sheaf_error_set(error, SHEAF_CALLBACK, "sensor %zu is dead", item->index);
    return triple(x, item, out, user, error);
}

START_TEST(results_come_in_order)
{
    const size_t n = 10000;
    double *x = counting(n);
    sheaf_batch *batch = batch_of_numbers(x, n);
    sheaf_func *func = callback(triple, NULL, 1);
    for (int threads = 1; threads <= 3; threads++) {
        sheaf_map_options options = with_threads(threads);
        sheaf_results *results = NULL;
        ck_ok(sheaf_map(func, batch, &options, &results, error));
        ck_assert_uint_eq(sheaf_results_size(results), n);
        ck_assert_uint_eq(sheaf_results_failed(results), 0);
        for (size_t i = 0; i < n; i++)
            ck_assert(number_of(results, i, 0) == 3.0 * (double)i);
        sheaf_map_report report = sheaf_results_report(results);
        ck_assert_uint_eq(report.items, n);
        ck_assert_uint_eq(report.done, n);
        ck_assert_uint_eq(report.narrow, n);
        ck_assert_uint_eq(report.bytes_in, 8 * n);
        ck_assert_uint_eq(report.bytes_out, 8 * n);
        ck_assert_int_eq(report.threads, threads);
        sheaf_results_free(results);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* The library within a callback: a reduction, a product into the result's own place, a map in the map. x holds 0, 1, …
 * n-1, so the sum is n(n-1)/2; as a square of ones times c, the product with itself holds c² a row's length. */
enum {
    INNER = 100000,
    SIDE = 48
};

static sheaf_status sum_of(const sheaf_view *x, sheaf_output *out, sheaf_error *error)
{
    sheaf_array *sum = NULL;
    sheaf_status status = sheaf_sum(x, NULL, &sum, error);
    if (status == SHEAF_OK)
        status = sheaf_output_f64(out, *(double *)sheaf_array_data(sum), error);
    sheaf_array_free(sum);
    return status;
}

static sheaf_status product_of(double c, sheaf_output *out, sheaf_error *error)
{
    double ones[SIDE * SIDE];
    sheaf_view square, place;
    const int64_t shape[] = {SIDE, SIDE};
    sheaf_options options;
    for (int i = 0; i < SIDE * SIDE; i++)
        ones[i] = c;
    sheaf_status status = sheaf_view_init(&square, ones, SHEAF_F64, 2, shape, error);
    if (status == SHEAF_OK)
        status = sheaf_output_array(out, SHEAF_F64, 2, shape, &place, error);
    sheaf_options_init(&options);
    options.into = &place;
    return status == SHEAF_OK ? sheaf_matmul(&square, &square, &options, NULL, error) : status;
}

static sheaf_status map_of(const sheaf_view *x, sheaf_output *out, sheaf_error *error)
{
    sheaf_func *max = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_status status = sheaf_func_named("max", NULL, &max, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_from_views(x, 1, &batch, error);
    if (status == SHEAF_OK)
        status = sheaf_map(max, batch, NULL, &results, error);
    if (status == SHEAF_OK)
        status = sheaf_output_f64(out, number_of(results, 0, 0), error);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(max);
    return status;
}

static sheaf_status library_inside(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                   sheaf_error *error)
{
    (void)user;
    sheaf_status status = sum_of(x, out, error);
    if (status == SHEAF_OK)
        status = product_of((double)item->index, out, error);
    return status == SHEAF_OK ? map_of(x, out, error) : status;
}

START_TEST(callbacks_may_call_the_library)
{
    double *x = counting(INNER);
    sheaf_func *func = callback(library_inside, NULL, 3);
    for (int threads = 1; threads <= 3; threads++) {
        for (size_t n = 1; n <= 9; n += 8) {
            sheaf_batch *batch = NULL;
            sheaf_view views[9];
            sheaf_map_options options = with_threads(threads);
            sheaf_results *results = NULL;
            for (size_t i = 0; i < n; i++)
                views[i] = sheaf_view_f64(x, INNER - i);
            ck_ok(sheaf_batch_from_views(views, n, &batch, error));
            ck_ok(sheaf_map(func, batch, &options, &results, error));
            ck_assert_uint_eq(sheaf_results_failed(results), 0);
            for (size_t i = 0; i < n; i++) {
                double length = (double)(INNER - i);
                sheaf_view product;
                ck_assert(number_of(results, i, 0) == length * (length - 1) / 2);
                ck_ok(sheaf_results_view(results, i, 1, &product, error));
                for (int k = 0; k < SIDE * SIDE; k++)
                    ck_assert(((double *)product.data)[k] == (double)(i * i) * SIDE);
                ck_assert(number_of(results, i, 2) == length - 1);
            }
            sheaf_results_free(results);
            sheaf_batch_free(batch);
        }
    }
    sheaf_func_free(func);
    free(x);
}
END_TEST

START_TEST(results_outlive_batch_and_function)
{
    double *x = counting(3);
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_func *func = callback(triple, NULL, 1);
    sheaf_results *results = NULL;
    struct text text = {.n = 0};
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
    ck_ok(sheaf_results_csv(results, text_add, &text, error));
    ck_assert_str_eq(text.data, "item,a\n[0],0.0\n[1],3.0\n[2],6.0\n");
    sheaf_results_free(results);
}
END_TEST

START_TEST(one_failure_stops_no_other)
{
    double *x = counting(100);
    sheaf_batch *batch = batch_of_numbers(x, 100);
    sheaf_func *func = callback(no_sevens, NULL, 1);
    sheaf_results *results = NULL;
    sheaf_view view;
    sheaf_error e;
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 15);
    for (size_t i = 0; i < 100; i++)
        ck_status(results, i, i % 7 ? SHEAF_OK : SHEAF_CALLBACK);
    ck_assert_str_eq(message_of(results, 14), "[14]: sensor 14 is dead");
    ck_assert_str_eq(message_of(results, 13), "");
    ck_assert_int_eq(sheaf_results_view(results, 14, 0, &view, &e), SHEAF_INVALID);
    ck_has(e.message, "sensor 14 is dead");
    ck_assert_int_eq(sheaf_results_view(results, 100, 0, &view, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_results_view(results, 1, 1, &view, &e), SHEAF_INVALID);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* Each item misbehaves in its own way. */
static sheaf_status misbehave(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                              sheaf_error *error)
{
    sheaf_view view;
    const int64_t shape[] = {-3};
    (void)x, (void)user;
    switch (item->index) {
    case 0: /* too few outputs */
        return sheaf_output_f64(out, 1, error);
    case 1: /* too many, the error ignored */
        for (int i = 0; i < 3; i++)
            sheaf_output_f64(out, 1, NULL);
        return SHEAF_OK;
    case 2: /* no message */
        return SHEAF_CALLBACK;
    case 3: /* no status of ours */
        return (sheaf_status)1234;
    case 4: /* pretends not to have run */
        return SHEAF_SKIPPED;
    case 5:
        return sheaf_output_array(out, SHEAF_F64, 1, shape, &view, error);
    default: /* as it should, but for a message nobody asked for */
        sheaf_error_set(error, SHEAF_CALLBACK, "never mind");
        sheaf_output_f64(out, 1, error);
        return sheaf_output_f64(out, 2, error);
    }
}

START_TEST(misbehaving_callbacks_fail_their_item)
{
    double *x = counting(7);
    sheaf_batch *batch = batch_of_numbers(x, 7);
    sheaf_func *func = callback(misbehave, NULL, 2);
    sheaf_results *results = NULL;
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_status(results, 0, SHEAF_INVALID);
    ck_has(message_of(results, 0), "only 1 of its 2 outputs");
    ck_status(results, 1, SHEAF_INVALID);
    ck_has(message_of(results, 1), "more than 2 of its 2 outputs");
    for (size_t i = 2; i < 5; i++) {
        ck_status(results, i, SHEAF_CALLBACK);
        ck_has(message_of(results, i), "without a message");
    }
    ck_status(results, 5, SHEAF_INVALID);
    ck_status(results, 6, SHEAF_OK);
    ck_assert(number_of(results, 6, 1) == 2);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(halting_skips_the_rest)
{
    double *x = counting(100);
    sheaf_batch *batch = batch_of_numbers(x, 100);
    sheaf_func *func = callback(no_sevens, NULL, 1);
    sheaf_map_options options = with_threads(1);
    sheaf_results *results = NULL;
    options.halt_after = 3;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_status(results, 14, SHEAF_CALLBACK);
    for (size_t i = 15; i < 100; i++) {
        ck_status(results, i, SHEAF_SKIPPED);
        ck_assert_str_eq(message_of(results, i), "not run: halted after 3 failures");
    }
    sheaf_map_report report = sheaf_results_report(results);
    ck_assert_uint_eq(report.done, 15);
    ck_assert_uint_eq(report.failed, 3);
    ck_assert_uint_eq(report.skipped, 85);
    sheaf_results_free(results);
    options.halt_after = 0;
    options.halt_fraction = 0.015; /* two of a hundred */
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).failed, 2);
    ck_assert_uint_eq(sheaf_results_report(results).done, 8);
    sheaf_results_free(results);
    options.halt_fraction = 1.5;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    options.halt_fraction = NAN;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    options = with_threads(-1);
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    ck_assert_ptr_null(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

static volatile int cancelled;

static sheaf_status cancel_at_5(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                sheaf_error *error)
{
    if (item->index == 5)
        cancelled = 1;
    return triple(x, item, out, user, error);
}

START_TEST(cancelling_starts_no_further_item)
{
    double *x = counting(100);
    sheaf_batch *batch = batch_of_numbers(x, 100);
    sheaf_func *func = callback(cancel_at_5, NULL, 1);
    sheaf_map_options options = with_threads(1);
    sheaf_results *results = NULL;
    options.cancel = &cancelled;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).done, 6);
    ck_assert(number_of(results, 5, 0) == 15);
    ck_status(results, 6, SHEAF_SKIPPED);
    ck_assert_str_eq(message_of(results, 6), "not run: cancelled");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

struct watch {
    atomic_int inside;
    int calls, overlaps;
    sheaf_progress last;
};

static bool watching(const sheaf_progress *progress, void *user)
{
    struct watch *w = user;
    if (atomic_fetch_add(&w->inside, 1))
        w->overlaps++;
    ck_assert_uint_ge(progress->done, w->last.done);
    w->calls++;
    w->last = *progress;
    atomic_fetch_sub(&w->inside, 1);
    return true;
}

START_TEST(progress_is_told_and_ends_at_the_end)
{
    const size_t n = 50000;
    double *x = counting(n);
    sheaf_batch *batch = batch_of_numbers(x, n);
    sheaf_func *func = callback(no_sevens, NULL, 1);
    struct watch watch = {0};
    sheaf_map_options options = with_threads(2);
    sheaf_results *results = NULL;
    options.progress = watching;
    options.progress_user = &watch;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_int_eq(watch.overlaps, 0);
    ck_assert_uint_eq(watch.last.items, n);
    ck_assert_uint_eq(watch.last.done, n);
    ck_assert_uint_eq(watch.last.failed, (n + 6) / 7);
    ck_assert_uint_eq(watch.last.bytes, 8 * n);
    ck_assert_int_le(watch.calls, 2 + (int)(sheaf_results_report(results).seconds * 10));
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

static sheaf_status upset_mode(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                               sheaf_error *error)
{
    volatile double tiny = 0x1p-1060, half = 0.5;
    sheaf_status status = sheaf_output_f64(out, tiny * half, error);
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040); /* flush subnormals, for everybody who comes after */
#endif
    (void)x, (void)item, (void)user;
    return status;
}

START_TEST(floating_point_mode_is_default_inside_and_kept_outside)
{
    double *x = counting(4);
    sheaf_batch *batch = batch_of_numbers(x, 4);
    sheaf_func *func = callback(upset_mode, NULL, 1);
    sheaf_map_options options = with_threads(1);
    sheaf_results *results = NULL;
#if defined(__x86_64__)
    unsigned mine = 0x3f80; /* round down, as the caller's own */
    _mm_setcsr(mine);
#endif
    sheaf_status status = sheaf_map(func, batch, &options, &results, NULL);
#if defined(__x86_64__)
    unsigned after = _mm_getcsr();
    _mm_setcsr(0x1f80);
    ck_assert_uint_eq(after & ~0x3fu, mine);
#endif
    ck_assert_int_eq(status, SHEAF_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert(number_of(results, i, 0) == 0x1p-1061);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* ---- the catalogue ---- */

START_TEST(catalogue_over_views_of_every_kind)
{
    double x[12] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    int32_t whole[4] = {1, 2, 3, 4};
    sheaf_view views[4] = {sheaf_view_f64(x, 12), sheaf_view_f64(x, 12), sheaf_view_f64(x, 0)};
    const int64_t shape[] = {2, 2};
    ck_ok(sheaf_view_slice(&views[0], 0, 10, 0, -5, &views[1], error)); /* 5, 9 */
    ck_ok(sheaf_view_init(&views[3], whole, SHEAF_I32, 2, shape, error));
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("mean");
    ck_ok(sheaf_batch_from_views(views, 4, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert(number_of(results, 0, 0) == 52.0 / 12);
    ck_assert(number_of(results, 1, 0) == 7);
    ck_assert(isnan(number_of(results, 2, 0)));
    ck_assert(number_of(results, 3, 0) == 2.5);
    sheaf_results_free(results);
    sheaf_func_free(func);
    func = named("min"); /* of nothing there is none */
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 1);
    ck_assert(sheaf_results_status(results, 2, NULL) != SHEAF_OK);
    ck_has(message_of(results, 2), "[2]");
    ck_has(message_of(results, 2), "min");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(functions_of_two_arrays)
{
    double x[2] = {1, 2}, y[2] = {10, 20};
    sheaf_view views[2] = {sheaf_view_f64(x, 2), sheaf_view_f64(y, 2)}, sum;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("add");
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_views(batch, views, 2, NULL, error));
    ck_ok(sheaf_batch_add_views(batch, views, 1, "alone", error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_ok(sheaf_results_view(results, 0, 0, &sum, error));
    ck_assert_int_eq(sum.shape[0], 2);
    ck_assert(((double *)sum.data)[0] == 11 && ((double *)sum.data)[1] == 22);
    ck_status(results, 1, SHEAF_INVALID);
    ck_assert_str_eq(message_of(results, 1),
                     "alone: add takes 2 arrays, but the item has 1; add items with sheaf_batch_add_views");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* One giant among small ones: the giant runs wide. The bits must not tell. */
START_TEST(same_bits_whatever_the_threads)
{
    enum {
        SMALL = 40
    };
    const char *const names[] = {"stats", "sum", "sort", "cumsum", "var", "exp", "argmax"};
    const size_t giant = 3000017;
    uint64_t seed = 1;
    double *x = malloc((giant + SMALL * 1000) * sizeof *x);
    for (size_t i = 0; i < giant + SMALL * 1000; i++)
        x[i] = (random_unit(&seed) - 0.3) * 100;
    sheaf_view views[SMALL + 1];
    for (size_t i = 0; i < SMALL; i++)
        views[i] = sheaf_view_f64(x + giant + 1000 * i, 17 * i + 1);
    views[SMALL] = sheaf_view_f64(x, giant);
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_from_views(views, SMALL + 1, &batch, error));
    for (size_t f = 0; f < sizeof names / sizeof *names; f++) {
        sheaf_func *func = named(names[f]);
        sheaf_results *first = NULL, *results = NULL;
        sheaf_map_options options = with_threads(1);
        ck_ok(sheaf_map(func, batch, &options, &first, error));
        ck_assert_uint_eq(sheaf_results_report(first).wide, 0);
        for (int t = 0; t < 3; t++) {
            options = with_threads((int[]){2, 3, 7}[t]);
            ck_ok(sheaf_map(func, batch, &options, &results, error));
            ck_assert_uint_eq(sheaf_results_failed(results), 0);
            if (strcmp(names[f], "cumsum") != 0 && strcmp(names[f], "sort") != 0)
                ck_assert_uint_eq(sheaf_results_report(results).wide, 1);
            for (size_t i = 0; i <= SMALL; i++) {
                for (int k = 0; k < sheaf_func_nout(func); k++) {
                    sheaf_view a, b;
                    ck_ok(sheaf_results_view(first, i, k, &a, error));
                    ck_ok(sheaf_results_view(results, i, k, &b, error));
                    ck_assert_int_eq(sheaf_view_size(&a), sheaf_view_size(&b));
                    ck_assert_msg(same_bits(a.data, b.data, (size_t)sheaf_view_size(&a), a.dtype),
                                  "%s of item %zu differs", names[f], i);
                }
            }
            sheaf_results_free(results);
        }
        sheaf_results_free(first);
        sheaf_func_free(func);
    }
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

struct caller {
    pthread_t thread;
    const sheaf_func *func;
    const sheaf_batch *batch;
    int wrong;
};

static void *call_often(void *user)
{
    struct caller *c = user;
    for (int repeat = 0; repeat < 20; repeat++) {
        sheaf_results *results = NULL;
        sheaf_view view;
        if (sheaf_map(c->func, c->batch, NULL, &results, NULL) != SHEAF_OK)
            c->wrong++;
        for (size_t i = 0; results && i < sheaf_results_size(results); i++) {
            if (sheaf_results_view(results, i, 0, &view, NULL) != SHEAF_OK || *(double *)view.data != (double)i)
                c->wrong++;
        }
        sheaf_results_free(results);
    }
    return NULL;
}

START_TEST(many_callers_at_once)
{
    double *x = counting(500);
    sheaf_batch *batch = batch_of_numbers(x, 500);
    sheaf_func *func = named("sum");
    struct caller callers[5];
    for (int i = 0; i < 5; i++) {
        callers[i] = (struct caller){.func = func, .batch = batch};
        ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (int i = 0; i < 5; i++) {
        pthread_join(callers[i].thread, NULL);
        ck_assert_int_eq(callers[i].wrong, 0);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *callbacks = tcase_create("callbacks"), *catalogue = tcase_create("catalogue");
    tcase_add_test(callbacks, results_come_in_order);
    tcase_add_test(callbacks, callbacks_may_call_the_library);
    tcase_add_test(callbacks, results_outlive_batch_and_function);
    tcase_add_test(callbacks, one_failure_stops_no_other);
    tcase_add_test(callbacks, misbehaving_callbacks_fail_their_item);
    tcase_add_test(callbacks, halting_skips_the_rest);
    tcase_add_test(callbacks, cancelling_starts_no_further_item);
    tcase_add_test(callbacks, progress_is_told_and_ends_at_the_end);
    tcase_add_test(callbacks, floating_point_mode_is_default_inside_and_kept_outside);
    tcase_add_test(catalogue, catalogue_over_views_of_every_kind);
    tcase_add_test(catalogue, functions_of_two_arrays);
    tcase_add_test(catalogue, same_bits_whatever_the_threads);
    tcase_add_test(catalogue, many_callers_at_once);
    suite_add_tcase(suite, callbacks);
    suite_add_tcase(suite, catalogue);
    return run_suite(suite);
}
