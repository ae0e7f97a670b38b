/* Further attempts, deadlines, halts, progress, and the record of attempts. */

#include "base/alloc.h"
#include "base/clock.h"
#include "batch/results.h"
#include "test_map.h"
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

static sheaf_map_options with(int threads, int retries)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = threads;
    options.retries = retries;
    return options;
}

/* ---- further attempts ---- */

enum {
    ITEMS = 500
};

/* Item i fails its first i % 5 attempts. */
struct failing {
    atomic_int attempts[ITEMS];
    sheaf_status status; /* so */
    size_t order[4 * ITEMS];
    atomic_size_t calls;
};

static sheaf_status fail_at_first(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                  sheaf_error *error)
{
    struct failing *f = user;
    f->order[atomic_fetch_add(&f->calls, 1)] = item->index;
    const int attempt = atomic_fetch_add(&f->attempts[item->index], 1);
    if (attempt < (int)(item->index % 5))
        return sheaf_error_set(error, f->status, "attempt %d of item %zu", attempt + 1, item->index);
    return sheaf_output_f64(out, 2 * *(const double *)x->data, error);
}

START_TEST(failed_items_are_tried_again)
{
    static struct failing failing;
    double *x = counting(ITEMS);
    sheaf_batch *batch = batch_of_numbers(x, ITEMS);
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(_i, 2);
    sheaf_results *results = NULL;
    failing = (struct failing){.status = SHEAF_CALLBACK};
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    const sheaf_map_report report = sheaf_results_report(results);
    for (size_t i = 0; i < ITEMS; i++) {
        const int wanted = (int)(i % 5) + 1, made = wanted < 3 ? wanted : 3;
        ck_assert_int_eq(sheaf_results_attempts(results, i), made);
        ck_assert_int_eq(atomic_load(&failing.attempts[i]), made);
        ck_status(results, i, wanted <= 3 ? SHEAF_OK : SHEAF_CALLBACK);
        if (wanted <= 3) {
            ck_assert(number_of(results, i, 0) == 2 * (double)i);
            ck_assert_str_eq(message_of(results, i), "");
        } else {
            ck_has(message_of(results, i), "attempt 3 of item");
        }
    }
    /* A fifth each of 1, 2, 3, 3 and 3 attempts; nothing is counted twice. */
    ck_assert_uint_eq(report.done, ITEMS);
    ck_assert_uint_eq(report.failed, ITEMS / 5 * 2);
    ck_assert_uint_eq(report.skipped, 0);
    ck_assert_uint_eq(report.narrow, ITEMS);
    ck_assert_uint_eq(report.retried, ITEMS / 5 * 4);
    ck_assert_uint_eq(report.attempts, ITEMS / 5 * 12);
    ck_assert_uint_eq(report.bytes_in, 8 * ITEMS);
    ck_assert_uint_eq(report.bytes_out, 8 * ITEMS / 5 * 3);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(further_attempts_come_after_all_items)
{
    static struct failing failing;
    double *x = counting(7);
    sheaf_batch *batch = batch_of_numbers(x, 7);
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(1, 9);
    sheaf_results *results = NULL;
    const size_t expected[] = {0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 6, 2, 3, 4, 3, 4, 4};
    failing = (struct failing){.status = SHEAF_CALLBACK};
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert_uint_eq(atomic_load(&failing.calls), sizeof expected / sizeof *expected);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        ck_assert_uint_eq(failing.order[k], expected[k]);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(only_what_may_pass_is_tried_again)
{
    static const struct {
        sheaf_status status;
        int attempts;
    } cases[] = {{SHEAF_CALLBACK, 3}, {SHEAF_IO, 3},      {SHEAF_NO_MEMORY, 3},   {SHEAF_SHAPE, 1},
                 {SHEAF_DTYPE, 1},    {SHEAF_INVALID, 1}, {SHEAF_UNSUPPORTED, 1}, {SHEAF_FORMAT, 1}};
    static struct failing failing;
    double x[4] = {0};
    sheaf_batch *batch = batch_of_numbers(x, 4); /* item 3 wants four attempts */
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(1, 2);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sheaf_results *results = NULL;
        failing = (struct failing){.status = cases[k].status};
        ck_ok(sheaf_map(func, batch, &options, &results, error));
        ck_assert_int_eq(sheaf_results_attempts(results, 3), cases[k].attempts);
        ck_status(results, 3, cases[k].status);
        sheaf_results_free(results);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Files as they are: no attempt changes what is missing, no array, or of the wrong kind. */
START_TEST(what_a_file_is_stays)
{
    static const char *const paths[] = {"missing.npy", "text.npy", "short.npy", ".", "ok.npy"};
    static const sheaf_status statuses[] = {SHEAF_IO, SHEAF_FORMAT, SHEAF_FORMAT, SHEAF_IO, SHEAF_OK};
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("mean");
    sheaf_map_options options = with(2, 5);
    sheaf_results *results = NULL;
    size_t n;
    save_numbers("ok.npy", 100, 1);
    file_write("text.npy", "1,2,3\n", 6);
    char *bytes = file_read("ok.npy", &n);
    file_write("short.npy", bytes, n - 100);
    ck_ok(sheaf_batch_from_files(paths, 5, &batch, error));
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    for (size_t i = 0; i < 5; i++) {
        ck_status(results, i, statuses[i]);
        ck_assert_int_eq(sheaf_results_attempts(results, i), 1);
    }
    ck_assert_uint_eq(sheaf_results_report(results).retried, 0);
    free(bytes);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Gives files back to the process. */
static sheaf_status raise_limit(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                sheaf_error *error)
{
    if (strcmp(item->name, "raise") == 0)
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, user), 0);
    return sheaf_output_f64(out, *(const double *)x->data, error);
}

START_TEST(too_many_open_files_may_pass)
{
    double one = 1;
    struct rlimit limit, none;
    sheaf_view view = sheaf_view_f64(&one, 1);
    sheaf_batch *batch = NULL;
    sheaf_func *func = callback(raise_limit, &limit, 1);
    sheaf_map_options options = with(1, 1);
    sheaf_results *results = NULL;
    save_numbers("a.npy", 3, 7);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_file(batch, "a.npy", error));
    ck_ok(sheaf_batch_add_views(batch, &view, 1, "raise", error));
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_ok(sheaf_map(func, batch, &options, &results, error)); /* libraries open what they open at first use */
    sheaf_results_free(results);
    none = limit;
    none.rlim_cur = 3; /* standard input, output and error */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    sheaf_status status = sheaf_map(func, batch, &options, &results, NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(status, SHEAF_OK);
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert(number_of(results, 0, 0) == 7);
    ck_assert_int_eq(sheaf_results_attempts(results, 0), 2);
    ck_assert_int_eq(sheaf_results_attempts(results, 1), 1);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* ---- halts ---- */

START_TEST(a_halt_counts_items_not_attempts)
{
    static struct failing failing;
    double *x = counting(10);
    sheaf_batch *batch = batch_of_numbers(x, 10);
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(1, 4);
    sheaf_results *results = NULL;
    options.halt_after = 1;
    failing = (struct failing){.status = SHEAF_CALLBACK};
    ck_ok(sheaf_map(func, batch, &options, &results, error)); /* in the end none fails */
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert_uint_eq(sheaf_results_report(results).skipped, 0);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(a_halt_leaves_what_waits_as_failed)
{
    /* One thread: item 0 is to be tried again, item 1 fails for good, 2 and 3 are not run. */
    static struct failing failing;
    double x[2] = {1, 2};
    sheaf_view views[2] = {sheaf_view_f64(x, 1), sheaf_view_f64(x + 1, 1)};
    sheaf_batch *batch = NULL;
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(1, 4);
    sheaf_results *results = NULL;
    options.halt_after = 1;
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_views(batch, views, 1, "good", error)); /* item 0 needs one attempt */
    ck_ok(sheaf_batch_add_views(batch, views, 1, "waits", error));
    ck_ok(sheaf_batch_add_file(batch, "missing.npy", error));
    ck_ok(sheaf_batch_add_views(batch, views, 1, "never", error));
    failing = (struct failing){.status = SHEAF_CALLBACK};
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_status(results, 0, SHEAF_OK);
    ck_status(results, 1, SHEAF_CALLBACK);
    ck_status(results, 2, SHEAF_IO);
    ck_status(results, 3, SHEAF_SKIPPED);
    ck_assert_int_eq(sheaf_results_attempts(results, 1), 1);
    ck_assert_int_eq(sheaf_results_attempts(results, 3), 0);
    ck_assert_str_eq(message_of(results, 3), "not run: halted after 1 failure");
    ck_assert_uint_eq(sheaf_results_report(results).failed, 2);
    ck_assert_uint_eq(sheaf_results_report(results).done, 3);
    ck_assert_uint_eq(sheaf_results_report(results).skipped, 1);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_status always_fail(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                sheaf_error *error)
{
    (void)x, (void)out, (void)user;
    return sheaf_error_set(error, SHEAF_CALLBACK, "item %zu", item->index);
}

START_TEST(a_halt_at_a_percentage_of_all_items)
{
    double *x = counting(1000);
    sheaf_func *func = callback(always_fail, NULL, 1);
    /* The least number of failures that is p per cent of n. */
    for (size_t n = 1; n <= 1000; n = n * 3 + 1) {
        sheaf_batch *batch = batch_of_numbers(x, n);
        for (size_t percent = 1; percent <= 100; percent++) {
            sheaf_map_options options = with(1, 0);
            sheaf_results *results = NULL;
            options.halt_fraction = (double)percent / 100;
            ck_ok(sheaf_map(func, batch, &options, &results, error));
            ck_assert_uint_eq(sheaf_results_failed(results), (percent * n + 99) / 100);
            sheaf_results_free(results);
        }
        sheaf_batch_free(batch);
    }
    sheaf_func_free(func);
    free(x);
}
END_TEST

/* ---- deadlines ---- */

enum {
    LONG = 30000000
};

/* Longer than a millisecond by far; integers, whose rows stay as they were when an item fails. One thread goes through
 * them in order, so that the last one tells whether it came to the end. */
START_TEST(a_program_stops_at_its_deadline)
{
    static const char *const texts[] = {"x*x + 1", "bitwise_not(x)", "sort(x*0)", "cumsum(x) * 2"};
    int64_t *x = calloc(LONG, sizeof *x), *y = calloc(LONG, sizeof *y);
    const int64_t shape[] = {LONG}, rows[] = {1, LONG};
    sheaf_view in, out;
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    sheaf_map_options options = with(1, 1);
    sheaf_results *results = NULL;
    ck_ok(sheaf_view_init(&in, x, SHEAF_I64, 1, shape, error));
    ck_ok(sheaf_view_init(&out, y, SHEAF_I64, 2, rows, error));
    ck_ok(sheaf_batch_from_views(&in, 1, &batch, error));
    ck_ok(sheaf_func_parse(texts[_i], 0, NULL, &func, error));
    y[LONG - 1] = -7;
    options.timeout = 0.001;
    ck_ok(sheaf_map_into(func, batch, &options, &out, &results, error));
    ck_status(results, 0, SHEAF_TIMEOUT);
    ck_has(message_of(results, 0), "[0]: not done within 0.001 s: this took too long\n  ");
    ck_assert_int_eq(sheaf_results_attempts(results, 0), 2);
    ck_assert_int_eq(y[LONG - 1], -7);
    sheaf_results_free(results);
    options.timeout = 1000;
    ck_ok(sheaf_map_into(func, batch, &options, &out, &results, error));
    ck_status(results, 0, SHEAF_OK);
    ck_assert_int_eq(y[LONG - 1], _i == 0 ? 1 : _i == 1 ? -1 : 0);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
    free(y);
}
END_TEST

/* Whatever is computed, and by how many threads, the deadline is found to be over, and memory is as it should be. */
START_TEST(every_kind_of_work_can_be_late)
{
    static const char *const texts[] = {"sum(sin(x))",
                                        "sort(x)",
                                        "argsort(x)",
                                        "unique(x)",
                                        "median(x)",
                                        "cumsum(x)",
                                        "cumsum(sin(x)) * 2",
                                        "mean(reshape(x, (1000, 3000)) * 2, axis=0)",
                                        "x[x > 2]",
                                        "moving_mean(x, window=100)",
                                        "histogram(x, bins=50)",
                                        "fsum(x)",
                                        "argmax(x)",
                                        "take(x, argsort(x))",
                                        "take(x, int32(x * 1000))",
                                        "bincount(int16(x * 100))",
                                        "unique(float32(x))",
                                        "searchsorted(sort(x), flip(x))",
                                        "reshape(x, (1000, 3000)) @ transpose(reshape(x, (1000, 3000)))",
                                        "var(reshape(x, (1000, 3000)), axis=0)",
                                        "transpose(reshape(x, (1000, 3000))) + 1"};
    const size_t n = 3000000;
    double *x = malloc(n * sizeof *x);
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    uint64_t seed = 7;
    for (size_t i = 0; i < n; i++)
        x[i] = 4 * random_unit(&seed);
    sheaf_view view = sheaf_view_f64(x, n);
    ck_ok(sheaf_batch_from_views(&view, 1, &batch, error));
    ck_ok(sheaf_func_parse(texts[_i], 0, NULL, &func, error));
    for (int threads = 1; threads <= 3; threads++)
        for (double timeout = 1e-6; timeout < 0.1; timeout *= 10) {
            sheaf_map_options options = with(threads, 0);
            sheaf_results *results = NULL;
            options.timeout = timeout;
            ck_ok(sheaf_map(func, batch, &options, &results, error));
            ck_status(results, 0, timeout < 1e-5 || sheaf_results_failed(results) ? SHEAF_TIMEOUT : SHEAF_OK);
            sheaf_results_free(results);
        }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* Works for so many nanoseconds. */
static sheaf_status busy(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user, sheaf_error *error)
{
    const uint64_t until = clock_ns() + *(const uint64_t *)user;
    while (item->index % 2 == 0 && clock_ns() < until)
        ;
    return sheaf_output_f64(out, *(const double *)x->data, error);
}

START_TEST(a_callback_that_comes_late_has_failed)
{
    double *x = counting(4);
    uint64_t ns = 200000000;
    sheaf_batch *batch = batch_of_numbers(x, 4);
    sheaf_func *func = callback(busy, &ns, 1);
    sheaf_map_options options = with(1, 1);
    sheaf_results *results = NULL;
    options.timeout = 0.1;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    for (size_t i = 0; i < 4; i++) {
        ck_status(results, i, i % 2 ? SHEAF_OK : SHEAF_TIMEOUT);
        ck_assert_int_eq(sheaf_results_attempts(results, i), i % 2 ? 1 : 2);
    }
    ck_assert_str_eq(message_of(results, 0), "[0]: not done within 0.1 s: the callback took too long");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(reading_stops_at_the_deadline)
{
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("mean");
    const char *path = "large.npy";
    sheaf_results *results = NULL;
    save_numbers(path, 1, 0);
    /* The header of a gigabyte, which the file then has. */
    size_t n;
    char *bytes = file_read(path, &n);
    memcpy(strstr(bytes + 10, "(1,)"), "(134217728,)", 12);
    char *rest = strstr(bytes + 10, "728,)") + 5;
    memset(rest, ' ', (size_t)(bytes + 127 - rest));
    memcpy(rest, ", }", 3);
    file_write(path, bytes, n);
    ck_assert_int_eq(truncate(path, 128 + 134217728LL * 8), 0);
    ck_ok(sheaf_batch_from_files(&path, 1, &batch, error));
    for (int threads = 1; threads <= 2; threads++) {
        sheaf_map_options options = with(threads, 0);
        options.timeout = 0.005;
        ck_ok(sheaf_map(func, batch, &options, &results, error));
        ck_status(results, 0, SHEAF_TIMEOUT);
        ck_assert_str_eq(message_of(results, 0), "not done within 0.005 s: reading large.npy took too long");
        sheaf_results_free(results);
    }
    free(bytes);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* ---- progress ---- */

struct told {
    sheaf_progress first;
    int calls;
    bool go_on;
};

static bool keep_first(const sheaf_progress *progress, void *user)
{
    struct told *t = user;
    if (t->calls++ == 0)
        t->first = *progress;
    return t->go_on;
}

/* An item a hundred times as large as the hundred others together, and slow enough to be told of. */
static sheaf_batch *uneven(double *x)
{
    sheaf_batch *batch = NULL;
    sheaf_view views[101];
    for (int i = 0; i < 101; i++)
        views[i] = sheaf_view_f64(x, i == 0 ? 10000 : 1);
    ck_ok(sheaf_batch_from_views(views, 101, &batch, error));
    return batch;
}

static sheaf_status slow_when_large(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                    sheaf_error *error)
{
    const uint64_t until = clock_ns() + 120000000;
    (void)user, (void)item;
    while (x->shape[0] > 1 && clock_ns() < until)
        ;
    return sheaf_output_f64(out, *(const double *)x->data, error);
}

START_TEST(progress_weighs_costs)
{
    double *x = counting(10000);
    sheaf_batch *batch = uneven(x);
    sheaf_func *func = callback(slow_when_large, NULL, 1);
    sheaf_map_options options = with(1, 0);
    struct told told = {.go_on = true};
    options.progress = keep_first;
    options.progress_user = &told;
    sheaf_results *results = NULL;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(told.first.done, 1);
    ck_assert_double_eq_tol(told.first.share, 10000.0 / 10100, 1e-4);
    ck_assert_double_eq_tol(told.first.left, told.first.seconds * 100 / 10000, 1e-6);
    ck_assert_int_ge(told.calls, 2);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(progress_that_says_no_cancels)
{
    double *x = counting(10000);
    sheaf_batch *batch = uneven(x);
    sheaf_func *func = callback(slow_when_large, NULL, 1);
    sheaf_map_options options = with(1, 0);
    struct told told = {.go_on = false};
    options.progress = keep_first;
    options.progress_user = &told;
    sheaf_results *results = NULL;
    sheaf_error error;
    ck_assert_int_eq(sheaf_map_to(func, batch, &options, "t.csv", &results, &error), SHEAF_SKIPPED);
    ck_assert_str_eq(error.message, "t.csv was not written: cancelled after 1 of 101 items");
    ck_assert_uint_eq(sheaf_results_report(results).skipped, 100);
    ck_assert_str_eq(message_of(results, 50), "not run: cancelled");
    ck_assert_int_ne(access("t.csv", F_OK), 0);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* ---- the record of attempts ---- */

START_TEST(every_attempt_is_kept)
{
    static struct failing failing;
    double *x = counting(ITEMS);
    sheaf_batch *batch = batch_of_numbers(x, ITEMS);
    sheaf_func *func = callback(fail_at_first, &failing, 1);
    sheaf_map_options options = with(_i, 2);
    sheaf_results *results = NULL;
    int seen[ITEMS][4] = {{0}};
    uint64_t last = 0;
    int thread = 0;
    size_t lost = 99;
    options.trace = true;
    failing = (struct failing){.status = SHEAF_CALLBACK};
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    const size_t n = sheaf_results_attempts_kept(results, &lost);
    ck_assert_uint_eq(n, ITEMS / 5 * 12);
    ck_assert_uint_eq(lost, 0);
    for (size_t k = 0; k < n; k++) {
        const sheaf_attempt a = sheaf_results_attempt_at(results, k);
        ck_assert(a.attempt >= 1 && a.attempt <= 3 && a.item < ITEMS && seen[a.item][a.attempt]++ == 0);
        ck_assert(a.thread >= thread && a.thread < _i && a.threads == 1);
        last = a.thread > thread ? 0 : last;
        thread = a.thread;
        ck_assert(a.begin >= last && a.begin <= a.opened && a.opened <= a.read);
        ck_assert(a.read <= a.computed && a.computed <= a.end);
        last = a.end;
        ck_assert_int_eq(a.status, a.attempt <= (int)(a.item % 5) ? SHEAF_CALLBACK : SHEAF_OK);
        ck_assert_uint_eq(a.bytes, 8);
    }
    ck_assert_int_eq(sheaf_results_attempt_at(results, n).status, SHEAF_INVALID);
    sheaf_results_free(results);
    options.trace = false;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_attempts_kept(results, NULL), 0);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(what_is_kept_is_bounded)
{
    struct trace a = {0}, b = {0};
    atomic_size_t room = 1000;
    for (int k = 0; k < 900; k++)
        trace_add(&a, &room, &(sheaf_attempt){.attempt = k});
    for (int k = 0; k < 900; k++)
        trace_add(&b, &room, &(sheaf_attempt){.attempt = k});
    ck_assert_uint_eq(a.capacity + b.capacity, 1000);
    ck_assert_uint_eq(a.n + a.lost, 900);
    ck_assert_uint_eq(b.n + b.lost, 900);
    ck_assert_uint_eq(b.n, b.capacity);
    for (int k = 0; k < (int)b.n; k++)
        ck_assert_int_eq(b.at[k].attempt, k);
    mem_free(a.at);
    mem_free(b.at);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    double x = 0;
    sheaf_batch *batch = batch_of_numbers(&x, 1);
    sheaf_func *func = named("mean");
    sheaf_results *results = NULL;
    sheaf_map_options options = with(1, -1);
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    options.retries = 0;
    options.timeout = -1;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    options.timeout = NAN;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, NULL), SHEAF_INVALID);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_errors");
    TCase *tests = tcase_create("errors");
    tcase_add_checked_fixture(tests, scratch_enter, scratch_leave);
    tcase_add_loop_test(tests, failed_items_are_tried_again, 1, 4);
    tcase_add_test(tests, further_attempts_come_after_all_items);
    tcase_add_test(tests, only_what_may_pass_is_tried_again);
    tcase_add_test(tests, what_a_file_is_stays);
    tcase_add_test(tests, too_many_open_files_may_pass);
    tcase_add_test(tests, a_halt_counts_items_not_attempts);
    tcase_add_test(tests, a_halt_leaves_what_waits_as_failed);
    tcase_add_test(tests, a_halt_at_a_percentage_of_all_items);
    tcase_add_loop_test(tests, a_program_stops_at_its_deadline, 0, 4);
    tcase_add_loop_test(tests, every_kind_of_work_can_be_late, 0, 21);
    tcase_add_test(tests, a_callback_that_comes_late_has_failed);
    tcase_add_test(tests, reading_stops_at_the_deadline);
    tcase_add_test(tests, progress_weighs_costs);
    tcase_add_test(tests, progress_that_says_no_cancels);
    tcase_add_loop_test(tests, every_attempt_is_kept, 1, 4);
    tcase_add_test(tests, what_is_kept_is_bounded);
    tcase_add_test(tests, bad_options_are_refused);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
