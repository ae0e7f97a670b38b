/* Workers that cannot be started, and workers that lie. */

#include "isolated.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the program ---- */

START_TEST(workers_that_cannot_be_started)
{
    double x[1] = {1};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    file_write(path_in(directory, "text"), "no program\n", 11);
    chmod(path_in(directory, "text"), 0700);
    const struct {
        const char *program, *words;
    } cases[] = {
        {"/nowhere/worker", "SHEAF_WORKER names the worker program /nowhere/worker, which cannot be run (No such file"},
        {path_in(directory, "deadly.c"), "deadly.c, which cannot be run (Permission denied)"},
        {path_in(directory, "text"), "text cannot be started: Exec format error"},
        {"/bin/false", "false does not work: its worker process ended with exit status 1 while starting"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sheaf_error error = {SHEAF_OK, ""};
        const int before = descriptors();
        setenv("SHEAF_WORKER", cases[k].program, 1);
        ck_assert_int_eq(sheaf_map(func, batch, NULL, &results, &error), SHEAF_UNSUPPORTED);
        ck_assert_ptr_null(results);
        ck_has(error.message, cases[k].words);
        ck_has(error.message, "--no-isolate");
        ck_assert_int_eq(descriptors(), before);
    }
    sheaf_map_options options = threads(0);
    options.isolate = SHEAF_ISOLATE_NEVER;
    results = mapped(func, batch, &options);
    ck_assert_double_eq(number_of(results, 0, 0), 1);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* With room for one descriptor after the other, until the map runs: what is missing is named, and nothing is left open.
 */
START_TEST(too_few_descriptors)
{
    double x[1] = {5};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    const sheaf_map_options options = threads(1);
    struct rlimit limit, before;
    int first = dup(0), refused = 0; /* the lowest number that is free */
    close(first);
    getrlimit(RLIMIT_NOFILE, &before);
    for (int room = 0; !results; room++) {
        sheaf_error error = {SHEAF_OK, ""};
        ck_assert_int_lt(room, 20);
        limit = before;
        limit.rlim_cur = (rlim_t)(first + room);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        sheaf_status status = sheaf_map(func, batch, &options, &results, &error);
        setrlimit(RLIMIT_NOFILE, &before);
        ck_assert_msg(status == SHEAF_OK || (status == SHEAF_UNSUPPORTED && *error.message), "%s", error.message);
        refused += status != SHEAF_OK;
        int again = dup(0);
        close(again);
        ck_assert_int_eq(again, first);
    }
    ck_assert_int_gt(refused, 2);
    ck_assert_double_eq(number_of(results, 0, 0), 5);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* One that works for a while: a script that starts the true one as long as its file is there. */
START_TEST(a_worker_that_cannot_be_replaced)
{
    double x[3] = {1, DIES_SEGV, 3};
    char script[3 * 4096], own[4096], *flag = strdup(path_in(directory, "flag"));
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    ck_assert_int_gt(n, 0);
    own[n] = '\0';
    *strrchr(own, '/') = '\0'; /* build/tests */
    snprintf(script, sizeof script,
             "#!/bin/sh\n[ -e '%s' ] && rm '%s' && exec '%s/../libexec/sheaf/sheaf-worker' \"$@\"\n", flag, flag, own);
    file_write(path_in(directory, "worker"), script, strlen(script));
    chmod(path_in(directory, "worker"), 0700);
    file_write(flag, "", 0);
    setenv("SHEAF_WORKER", path_in(directory, "worker"), 1);
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    const sheaf_map_options options = threads(1);
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, &error), SHEAF_UNSUPPORTED);
    ck_assert_ptr_null(results);
    ck_has(error.message, "while starting");
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(flag);
}
END_TEST

/* ---- lies (tests/support/bad_worker.c) ---- */

static sheaf_status map_with_bad_worker(const char *mode, const sheaf_batch *batch, sheaf_results **results,
                                        sheaf_error *error)
{
    sheaf_func *func = named("mean");
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    setenv("SHEAF_WORKER", SHEAF_BAD_WORKER_PATH, 1);
    setenv("SHEAF_BAD_WORKER", mode, 1);
    sheaf_status status = sheaf_map(func, batch, &options, results, error);
    sheaf_func_free(func);
    return status;
}

START_TEST(greetings_that_lie)
{
    static const struct {
        const char *mode, *words;
    } cases[] = {{"version", "is of version 0.0.0, and this is " SHEAF_VERSION},
                 {"protocol", "install both anew"},
                 {"greeting", "install both anew"},
                 {"refusal", "cannot be made in a worker process: it does not please"}};
    double x[1] = {1};
    sheaf_batch *batch = batch_of_numbers(x, 1);
    const int before = descriptors();
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sheaf_error error = {SHEAF_OK, ""};
        sheaf_results *results = NULL;
        ck_assert_int_eq(map_with_bad_worker(cases[k].mode, batch, &results, &error), SHEAF_UNSUPPORTED);
        ck_has(error.message, cases[k].words);
        ck_assert_int_eq(descriptors(), before);
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    }
    sheaf_batch_free(batch);
}
END_TEST

static const char *const lies[] = {"message", "identities", "count", "dtype",  "rank", "negative", "overflow",
                                   "huge",    "here",       "place", "behind", "old",  "long",     "cut"};

START_TEST(answers_that_lie)
{
    double x[3] = {1, 2, 3};
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker(lies[_i], batch, &results, error));
    for (size_t i = 0; i < 3; i++) {
        ck_status(results, i, SHEAF_CRASHED);
        ck_has(message_of(results, i), "gave an answer that makes no sense");
    }
    sheaf_results_free(results);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(answers_that_only_look_so)
{
    double x[3] = {1, 2, 3};
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker("shrink", batch, &results, error)); /* it could not */
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(number_of(results, i, 0), 42);
    sheaf_results_free(results);
    ck_ok(map_with_bad_worker("status", batch, &results, error));
    for (size_t i = 0; i < 3; i++) {
        ck_status(results, i, SHEAF_CALLBACK);
        ck_assert_str_eq(message_of(results, i) + 5, "no such status");
    }
    sheaf_results_free(results);
    ck_ok(map_with_bad_worker("twice", batch, &results, error)); /* the second is no answer to the next question */
    ck_assert_double_eq(number_of(results, 0, 0), 42);
    ck_status(results, 1, SHEAF_CRASHED);
    ck_assert_double_eq(number_of(results, 2, 0), 42);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(noise)
{
    enum {
        N = 100
    };
    double *x = counting(N);
    sheaf_batch *batch = batch_of_numbers(x, N);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker("noise", batch, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), N);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isolate_start");
    TCase *tests = tcase_create("isolate_start");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, workers_that_cannot_be_started);
    tcase_add_test(tests, too_few_descriptors);
    tcase_add_test(tests, a_worker_that_cannot_be_replaced);
    tcase_add_test(tests, greetings_that_lie);
    tcase_add_loop_test(tests, answers_that_lie, 0, (int)(sizeof lies / sizeof *lies));
    tcase_add_test(tests, answers_that_only_look_so);
    tcase_add_test(tests, noise);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
