/* Results fetched one by one while the map runs. */

#include "test_map.h"
#include <pthread.h>
#include <stdatomic.h>

static char *directory;

static void setup(void)
{
    directory = scratch_new();
}

static void teardown(void)
{
    scratch_remove(directory);
}

static sheaf_map_options with(int threads, uint64_t memory, bool arrival)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = threads;
    options.memory = memory;
    options.arrival = arrival;
    return options;
}

static sheaf_stream *opened(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options)
{
    sheaf_stream *stream = NULL;
    ck_ok(sheaf_map_open(func, batch, options, &stream, error));
    return stream;
}

/* The only number of an array, which is freed. */
static double taken(sheaf_array *array)
{
    ck_assert_ptr_nonnull(array);
    const sheaf_view view = sheaf_array_view(array);
    ck_assert_int_eq(sheaf_view_size(&view), 1);
    const double value = *(const double *)view.data;
    sheaf_array_free(array);
    return value;
}

static void check_numbers(int threads, bool arrival, size_t n)
{
    double *x = counting(n);
    bool *seen = calloc(n ? n : 1, sizeof *seen);
    sheaf_func *func = named("sum");
    sheaf_batch *batch = batch_of_numbers(x, n);
    const sheaf_map_options options = with(threads, 0, arrival);
    sheaf_stream *stream = opened(func, batch, &options);
    sheaf_results *results = NULL;
    sheaf_array *array;
    sheaf_error item;
    size_t index, count = 0;
    while (sheaf_map_next(stream, &index, &array, &item)) {
        ck_assert_int_eq(item.status, SHEAF_OK);
        ck_assert(arrival || index == count);
        ck_assert(!seen[index]);
        seen[index] = true;
        ck_assert_double_eq(taken(array), (double)index);
        count++;
    }
    ck_assert_uint_eq(count, n);
    ck_assert(!sheaf_map_next(stream, NULL, NULL, NULL));
    ck_ok(sheaf_map_close(stream, &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).done, n);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(seen);
    free(x);
}

START_TEST(every_item_comes_once)
{
    for (int threads = 1; threads <= 4; threads += 3) {
        check_numbers(threads, false, 5000);
        check_numbers(threads, true, 5000);
        check_numbers(threads, false, 0);
        check_numbers(threads, true, 1);
    }
}
END_TEST

/* Odd ones fail; item 0 at its first attempt only. */
static sheaf_status odd_fails(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                              sheaf_error *error)
{
    atomic_int *first = user;
    const double value = *(const double *)x->data;
    if (item->index == 0 && atomic_fetch_add(first, 1) == 0)
        return sheaf_error_set(error, SHEAF_CALLBACK, "not yet");
    if ((long)value % 2)
        return sheaf_error_set(error, SHEAF_INVALID, "%g is odd", value);
    return sheaf_output_f64(out, value, error);
}

START_TEST(failures_come_in_their_place)
{
    enum {
        N = 300
    };
    double *x = counting(N);
    atomic_int first = 0;
    sheaf_func *func = callback(odd_fails, &first, 1);
    sheaf_batch *batch = batch_of_numbers(x, N);
    sheaf_map_options options = with(3, 0, false);
    options.retries = 1;
    sheaf_stream *stream = opened(func, batch, &options);
    sheaf_results *results = NULL;
    sheaf_array *array;
    sheaf_error item;
    size_t index;
    for (size_t i = 0; i < N; i++) {
        ck_assert(sheaf_map_next(stream, &index, &array, &item));
        ck_assert_uint_eq(index, i);
        ck_assert_int_eq(item.status, i % 2 ? SHEAF_INVALID : SHEAF_OK);
        if (i % 2)
            ck_assert_ptr_nonnull(strstr(item.message, "is odd"));
        else
            ck_assert_double_eq(taken(array), (double)i);
        ck_assert(i % 2 == 0 || !array);
    }
    ck_assert(!sheaf_map_next(stream, &index, &array, &item));
    ck_ok(sheaf_map_close(stream, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), N / 2);
    ck_assert_int_eq(sheaf_results_attempts(results, 0), 2);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(x);
}
END_TEST

/* Results of 80 kB each within 200 kB: the map cannot be far ahead, and the slowest consumer gets everything. */
static void check_bound(int threads, bool arrival)
{
    enum {
        N = 60,
        LENGTH = 10000
    };
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_array *array;
    sheaf_error item;
    size_t index, count = 0;
    char name[32];
    ck_ok(sheaf_func_parse("x + 1", 0, NULL, &func, error));
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%zu.npy", i);
        save_numbers(path_in(directory, name), LENGTH, (double)i);
        ck_ok(sheaf_batch_add_file(batch, path_in(directory, name), error));
    }
    const sheaf_map_options options = with(threads, 200000, arrival);
    sheaf_stream *stream = opened(func, batch, &options);
    for (; sheaf_map_next(stream, &index, &array, &item); count++) {
        ck_assert_msg(item.status == SHEAF_OK, "%s", item.message);
        ck_assert(arrival || index == count);
        const sheaf_view view = sheaf_array_view(array);
        ck_assert_double_eq(((const double *)view.data)[LENGTH - 1], (double)index + LENGTH);
        sheaf_array_free(array);
        for (int k = 0; k < 20; k++)
            sched_yield();
    }
    ck_assert_uint_eq(count, N);
    ck_ok(sheaf_map_close(stream, &results, error));
    /* the budget, the item that never waits, and each thread's results counted twice while they are handed over */
    ck_assert_uint_le(sheaf_results_report(results).peak_memory, 200000 + 160000 + (uint64_t)threads * 80000);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}

START_TEST(results_that_wait_count)
{
    check_bound(1, false);
    check_bound(4, false);
    check_bound(4, true);
}
END_TEST

/* Fetch `fetched` of many, then close. */
static void check_early(size_t fetched, int threads, uint64_t memory, bool arrival)
{
    enum {
        N = 20000
    };
    double *x = counting(N);
    sheaf_func *func = NULL;
    ck_ok(sheaf_func_parse("x + arange(100)", 0, NULL, &func, error));
    sheaf_batch *batch = batch_of_numbers(x, N);
    sheaf_results *results = NULL;
    sheaf_array *array;
    sheaf_error item;
    size_t index;
    const sheaf_map_options options = with(threads, memory, arrival);
    sheaf_stream *stream = opened(func, batch, &options);
    for (size_t i = 0; i < fetched; i++) {
        ck_assert(sheaf_map_next(stream, &index, &array, &item));
        sheaf_array_free(array);
    }
    ck_ok(sheaf_map_close(stream, &results, error));
    const sheaf_map_report report = sheaf_results_report(results);
    ck_assert_uint_eq(report.done + report.skipped, N);
    /* Nobody can have been far ahead. */
    if (memory)
        ck_assert_uint_le(report.done, fetched + memory / 800 + 8 * (size_t)threads);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(x);
}

START_TEST(closed_early)
{
    check_early(0, 3, 10000, false);
    check_early(0, 1, 0, false);
    check_early(50, 3, 10000, false);
    check_early(50, 3, 10000, true);
    check_early(50, 1, 4000, false);
}
END_TEST

/* Small ones around ones that are worth the whole team, which all threads gather for. */
START_TEST(large_items_in_their_place)
{
    enum {
        N = 24,
        LARGE = 600000
    };
    sheaf_func *func = named("sum");
    sheaf_batch *batch = NULL;
    sheaf_array *array;
    sheaf_error item;
    size_t index;
    char name[32];
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%zu.npy", i);
        save_numbers(path_in(directory, name), i % 8 == 3 ? LARGE : 10, (double)i);
        ck_ok(sheaf_batch_add_file(batch, path_in(directory, name), error));
    }
    for (int threads = 1; threads <= 4; threads++) {
        const sheaf_map_options options = with(threads, 6000000, false);
        sheaf_stream *stream = opened(func, batch, &options);
        for (size_t i = 0; i < N; i++) {
            const double n = i % 8 == 3 ? LARGE : 10;
            ck_assert(sheaf_map_next(stream, &index, &array, &item));
            ck_assert_uint_eq(index, i);
            ck_assert_double_eq(taken(array), n * (double)i + n * (n - 1) / 2);
        }
        ck_ok(sheaf_map_close(stream, NULL, error));
    }
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

static void *consume(void *arg)
{
    (void)arg;
    check_numbers(2, false, 2000);
    check_numbers(3, true, 2000);
    return NULL;
}

START_TEST(several_streams_at_once)
{
    pthread_t threads[3];
    for (int k = 0; k < 3; k++)
        pthread_create(&threads[k], NULL, consume, NULL);
    for (int k = 0; k < 3; k++)
        pthread_join(threads[k], NULL);
}
END_TEST

START_TEST(what_cannot_run)
{
    double x = 1;
    sheaf_func *func = named("sum");
    sheaf_batch *batch = batch_of_numbers(&x, 1);
    sheaf_map_options options = with(-1, 0, false);
    sheaf_stream *stream = NULL;
    sheaf_results *results = NULL;
    sheaf_error error;
    ck_assert_int_eq(sheaf_map_open(func, batch, &options, &stream, &error), SHEAF_INVALID);
    ck_assert_ptr_null(stream);
    setenv("SHEAF_WORKER", "/nowhere/worker", 1);
    options = with(1, 0, false);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    stream = opened(func, batch, &options);
    ck_assert(!sheaf_map_next(stream, NULL, NULL, NULL));
    ck_assert_int_eq(sheaf_map_close(stream, &results, &error), SHEAF_UNSUPPORTED);
    ck_assert_ptr_null(results);
    ck_assert_ptr_nonnull(strstr(error.message, "/nowhere/worker"));
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* ---- as CSV ---- */

struct written {
    char data[200000];
    size_t n, pieces, most;
};

static bool append(const char *data, size_t n, void *user)
{
    struct written *t = user;
    if (t->most && t->pieces == t->most)
        return false;
    ck_assert_uint_le(t->n + n, sizeof t->data);
    memcpy(t->data + t->n, data, n);
    t->n += n;
    t->pieces++;
    return true;
}

/* The text is that of the results of a map, whatever the headers tell. */
static void check_csv(const char *program, const sheaf_batch *batch)
{
    static struct written at_once, streamed;
    sheaf_func *func = NULL;
    sheaf_results *results = NULL;
    at_once.n = streamed.n = at_once.most = streamed.most = 0;
    ck_ok(sheaf_func_parse(program, 0, NULL, &func, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_ok(sheaf_results_csv(results, append, &at_once, error));
    sheaf_results_free(results);
    const sheaf_map_options options = with(3, 0, false);
    ck_ok(sheaf_map_csv(func, batch, &options, append, &streamed, &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).done, sheaf_batch_size(batch));
    ck_assert_uint_eq(streamed.n, at_once.n);
    ck_assert_mem_eq(streamed.data, at_once.data, at_once.n);
    sheaf_results_free(results);
    sheaf_func_free(func);
}

START_TEST(csv_is_that_of_the_results)
{
    sheaf_batch *batch = NULL;
    char name[32];
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "%zu.npy", i);
        if (i != 7) /* it is missing */
            save_numbers(path_in(directory, name), 10 + (int64_t)i % 3, (double)i);
        ck_ok(sheaf_batch_add_file(batch, path_in(directory, name), error));
    }
    check_csv("mean(x), std(x)", batch);
    check_csv("x[:3] * 2, sum(x)", batch);
    check_csv("x + 1", batch);     /* as long as the input */
    check_csv("x[x > 10]", batch); /* only the data tell */
    check_csv("x[:, 0]", batch);   /* all fail */
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(csv_that_nobody_takes)
{
    static struct written text;
    double *x = counting(20000);
    sheaf_func *func = named("sum");
    sheaf_batch *batch = batch_of_numbers(x, 20000);
    sheaf_results *results = NULL;
    sheaf_error error;
    const sheaf_map_options options = with(2, 0, false);
    text.most = 1;
    ck_assert_int_eq(sheaf_map_csv(func, batch, &options, append, &text, &results, &error), SHEAF_IO);
    ck_assert_ptr_nonnull(results);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *c = tcase_create("stream");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, every_item_comes_once);
    tcase_add_test(c, failures_come_in_their_place);
    tcase_add_test(c, results_that_wait_count);
    tcase_add_test(c, closed_early);
    tcase_add_test(c, large_items_in_their_place);
    tcase_add_test(c, several_streams_at_once);
    tcase_add_test(c, what_cannot_run);
    tcase_add_test(c, csv_is_that_of_the_results);
    tcase_add_test(c, csv_that_nobody_takes);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
