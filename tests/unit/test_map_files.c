/* Maps over files, and what can be wrong with them. */

#include "test_map.h"
#include <math.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;

static void setup(void)
{
    dir = scratch_new();
}

static void teardown(void)
{
    scratch_remove(dir);
}

static char *path_of(const char *name)
{
    return strdup(path_in(dir, name));
}

START_TEST(files_and_memory_in_one_batch)
{
    char name[32];
    double x[3] = {1, 2, 6};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("mean");
    sheaf_view view = sheaf_view_f64(x, 3);
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(path_in(dir, name), 2 * i + 1, i);
        ck_ok(sheaf_batch_add_file(batch, path_in(dir, name), error));
        ck_ok(sheaf_batch_add_views(batch, &view, 1, NULL, error));
    }
    for (int threads = 1; threads < 4; threads++) {
        sheaf_map_options options;
        sheaf_map_options_init(&options);
        options.threads = threads;
        ck_ok(sheaf_map(func, batch, &options, &results, error));
        for (size_t i = 0; i < 50; i++) {
            ck_assert(number_of(results, 2 * i, 0) == 2.0 * (double)i); /* i + half of 2 i */
            ck_assert(number_of(results, 2 * i + 1, 0) == 3);
        }
        ck_assert_uint_eq(sheaf_results_report(results).bytes_in, 8 * (50 * 50 + 50 * 3));
        sheaf_results_free(results);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Every kind of bad file among good ones. */
START_TEST(bad_files_fail_alone)
{
    const char *const objects = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";
    unsigned char bytes[128] = "\x93NUMPY\1\0\x76";
    char *paths[8];
    size_t n;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("sum");
    save_numbers(path_in(dir, "good.npy"), 3, 1);
    save_numbers(path_in(dir, "last.npy"), 4, 1);
    char *whole = file_read(path_in(dir, "good.npy"), &n);
    file_write(path_in(dir, "cut.npy"), whole, n - 1);
    file_write(path_in(dir, "text.npy"), "a,b\n1,2\n", 8);
    file_write(path_in(dir, "empty.npy"), "", 0);
    memset(bytes + 10, ' ', sizeof bytes - 10);
    memcpy(bytes + 10, objects, strlen(objects));
    file_write(path_in(dir, "objects.npy"), bytes, sizeof bytes);
    ck_assert_int_eq(mkdir(path_in(dir, "directory.npy"), 0777), 0);
    free(whole);
    const char *const names[] = {"good.npy",  "missing.npy", "cut.npy",       "text.npy",
                                 "empty.npy", "objects.npy", "directory.npy", "last.npy"};
    const sheaf_status expected[] = {SHEAF_OK,     SHEAF_IO,          SHEAF_FORMAT, SHEAF_FORMAT,
                                     SHEAF_FORMAT, SHEAF_UNSUPPORTED, SHEAF_IO,     SHEAF_OK};
    for (int i = 0; i < 8; i++)
        paths[i] = path_of(names[i]);
    ck_ok(sheaf_batch_from_files((const char *const *)paths, 8, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    for (size_t i = 0; i < 8; i++) {
        char message[SHEAF_MESSAGE_MAX];
        snprintf(message, sizeof message, "%s", message_of(results, i));
        ck_status(results, i, expected[i]);
        if (expected[i] == SHEAF_OK)
            continue;
        ck_has(message, paths[i]);
        if (i != 6) /* a directory's message says what to write instead */
            ck_assert_msg(!strstr(message + strlen(paths[i]), paths[i]), "named twice: %s", message);
    }
    ck_assert(number_of(results, 0, 0) == 6);
    ck_assert(number_of(results, 7, 0) == 10);
    ck_assert_uint_eq(sheaf_results_report(results).failed, 6);
    sheaf_results_free(results);
    for (int i = 0; i < 8; i++)
        free(paths[i]);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

START_TEST(wrong_dtype_and_shape_fail_alone)
{
    bool truth[2] = {true, false};
    double numbers[2] = {1, 2};
    const int64_t two[] = {2};
    const char *paths[2];
    sheaf_view view;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("neg"); /* NumPy has no negative of bool */
    ck_ok(sheaf_view_init(&view, truth, SHEAF_BOOL, 1, two, error));
    ck_ok(sheaf_file_save(path_in(dir, "truth.npy"), &view, false, error));
    view = sheaf_view_f64(numbers, 2);
    ck_ok(sheaf_file_save(path_in(dir, "numbers.npy"), &view, false, error));
    paths[0] = path_in(dir, "truth.npy");
    paths[1] = path_in(dir, "numbers.npy");
    ck_ok(sheaf_batch_from_files(paths, 2, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_status(results, 0, SHEAF_DTYPE);
    ck_has(message_of(results, 0), "truth.npy: ");
    ck_has(message_of(results, 0), "neg");
    ck_has(message_of(results, 0), "bool");
    ck_status(results, 1, SHEAF_OK);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* A file of many megabytes among small ones is set aside when it is opened, and read and computed by the team. */
START_TEST(a_big_file_runs_wide)
{
    const int64_t big = 3000017;
    char name[32];
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("stats");
    sheaf_results *results[4];
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(path_in(dir, name), i == 7 ? big : 100, i);
        ck_ok(sheaf_batch_add_file(batch, path_in(dir, name), error));
    }
    for (int t = 0; t < 4; t++) {
        sheaf_map_options options;
        sheaf_map_options_init(&options);
        options.threads = (int[]){1, 2, 3, 7}[t];
        ck_ok(sheaf_map(func, batch, &options, &results[t], error));
        sheaf_map_report report = sheaf_results_report(results[t]);
        ck_assert_uint_eq(report.wide, t > 0);
        ck_assert_uint_eq(report.done, 20);
        ck_assert_uint_eq(report.failed, 0);
        ck_assert_uint_eq(report.bytes_in, 8 * ((uint64_t)big + 1900));
        /* count, mean, std, min, max of 7 … 7 + big - 1 */
        sheaf_view count;
        ck_ok(sheaf_results_view(results[t], 7, 0, &count, error));
        ck_assert_int_eq(*(int64_t *)count.data, big);
        ck_assert_double_eq_tol(number_of(results[t], 7, 1), 7 + (double)(big - 1) / 2, 1e-6);
        ck_assert_double_eq_tol(number_of(results[t], 7, 2), sqrt(((double)big * (double)big - 1) / 12), 1e-6);
        ck_assert(number_of(results[t], 7, 3) == 7);
        ck_assert(number_of(results[t], 7, 4) == 7 + (double)big - 1);
        for (size_t i = 0; i < 20 && t > 0; i++) {
            for (int k = 1; k < 5; k++) {
                double a = number_of(results[0], i, k), b = number_of(results[t], i, k);
                ck_assert(same_bits(&a, &b, 1, SHEAF_F64));
            }
        }
    }
    for (int t = 0; t < 4; t++)
        sheaf_results_free(results[t]);
    /* Alone, it is wide too; one that vanishes between two looks fails alone. */
    sheaf_plan plan;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = 2;
    ck_assert_int_eq(unlink(path_in(dir, "f3.npy")), 0);
    ck_ok(sheaf_map_plan(func, batch, &options, &plan, error));
    ck_assert_uint_eq(plan.items, 20);
    ck_assert_uint_eq(plan.unreadable, 1);
    ck_assert_uint_eq(plan.wide, 1);
    ck_assert_uint_eq(plan.narrow, 18);
    ck_assert_int_eq(plan.threads, 2);
    ck_assert_uint_eq(plan.bytes_in, 8 * ((uint64_t)big + 1800));
    ck_assert(plan.uniform);
    ck_assert_int_eq(plan.nout, 5);
    ck_assert_int_eq(plan.output[1].dtype, SHEAF_F64);
    ck_assert_int_eq(plan.output[1].ndim, 0);
    ck_has(plan.first_problem, "f3.npy");
    ck_assert_uint_ge(plan.peak_bytes, 8 * (uint64_t)big);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(plan_of_differing_items_and_of_callbacks)
{
    const char *paths[2];
    sheaf_batch *batch = NULL;
    sheaf_plan plan;
    sheaf_func *func = named("exp");
    save_numbers(path_in(dir, "a.npy"), 3, 0);
    save_numbers(path_in(dir, "b.npy"), 4, 0);
    paths[0] = path_in(dir, "a.npy");
    paths[1] = path_in(dir, "b.npy");
    ck_ok(sheaf_batch_from_files(paths, 2, &batch, error));
    ck_ok(sheaf_map_plan(func, batch, NULL, &plan, error));
    ck_assert(!plan.uniform);
    ck_assert_int_eq(plan.nout, 1);
    ck_assert_int_eq(plan.output[0].shape[0], 3);
    ck_assert_uint_eq(plan.bytes_out, 56);
    ck_assert_str_eq(plan.first_problem, "");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_status first_of(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                             sheaf_error *error)
{
    (void)user;
    if (!strstr(item->name, ".npy") || item->ninputs != 1 || item->inputs != x)
        return sheaf_error_set(error, SHEAF_CALLBACK, "the item is not what it should be");
    return sheaf_output_f64(out, *(const double *)x->data, error);
}

START_TEST(callbacks_over_files)
{
    char name[32];
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = callback(first_of, NULL, 1);
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(path_in(dir, name), 5, i);
        ck_ok(sheaf_batch_add_file(batch, path_in(dir, name), error));
    }
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    for (size_t i = 0; i < 30; i++)
        ck_assert(number_of(results, i, 0) == (double)i);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

static long resident_peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss; /* KiB */
}

/* The promise: threads × 2 × the largest file + 32 MiB. */
START_TEST(memory_does_not_grow_with_the_batch)
{
    const int64_t n = 1 << 20; /* 8 MiB */
    char name[32];
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("stats");
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 24; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(path_in(dir, name), n, i);
        ck_ok(sheaf_batch_add_file(batch, path_in(dir, name), error));
    }
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = 2;
    long before = resident_peak();
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    long grown = resident_peak() - before;
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert_msg(grown <= 2 * 2 * 8 * 1024 + 32 * 1024, "the map took %ld KiB", grown);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_files");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, files_and_memory_in_one_batch);
    tcase_add_test(files, bad_files_fail_alone);
    tcase_add_test(files, wrong_dtype_and_shape_fail_alone);
    tcase_add_test(files, a_big_file_runs_wide);
    tcase_add_test(files, plan_of_differing_items_and_of_callbacks);
    tcase_add_test(files, callbacks_over_files);
    tcase_add_test(files, memory_does_not_grow_with_the_batch);
    suite_add_tcase(suite, files);
    return run_suite(suite);
}
