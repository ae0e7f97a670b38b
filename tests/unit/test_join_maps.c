/* Maps over files that are one array each: streamed, among other items, continued; and what does not fit together. */

#include "join_files.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static sheaf_batch *batch_of(const char *const *paths, size_t n, const char *axis)
{
    sheaf_batch *batch = NULL;
    const sheaf_join join = {paths, n, axis};
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_joined(batch, &join, 1, NULL, error));
    return batch;
}

static sheaf_results *map(const char *text, const sheaf_batch *batch, int threads, uint64_t memory)
{
    sheaf_map_options options;
    sheaf_results *results = NULL;
    sheaf_func *func = NULL;
    sheaf_map_options_init(&options);
    options.threads = threads;
    options.memory = memory;
    ck_ok(sheaf_func_parse(text, 0, NULL, &func, error));
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    sheaf_func_free(func);
    return results;
}

/* What the only item fails with. */
static const char *refusal(const char *const *paths, size_t n, const char *axis, sheaf_status status)
{
    static char text[SHEAF_MESSAGE_MAX];
    const char *message;
    sheaf_batch *batch = batch_of(paths, n, axis);
    sheaf_results *results = map("x", batch, 1, 0);
    ck_assert_int_eq(sheaf_results_status(results, 0, &message), status);
    snprintf(text, sizeof text, "%s", message);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return text;
}

START_TEST(threads_share_it)
{
    const struct layout *l = &layouts[_i];
    const char *paths[MOST];
    const size_t n = save_layout(l);
    for (int k = 0; k < l->n; k++)
        paths[k] = name_of(k);
    sheaf_batch *batch = batch_of(paths, (size_t)l->n, l->axis);
    for (int threads = 1; threads < 4; threads++) {
        sheaf_results *results = map("x", batch, threads, 0);
        sheaf_view view;
        ck_ok(sheaf_results_view(results, 0, 0, &view, error));
        ck_assert_uint_eq((size_t)sheaf_view_size(&view), n);
        check_counting(view.data, 0, n);
        sheaf_results_free(results);
    }
    sheaf_batch_free(batch);
}
END_TEST

/* Of 12 files of 800 kB, within 2 MB, the sums that all in memory gives; and what needs all of it says so. */
START_TEST(streams)
{
    enum {
        FILES = 12,
        LENGTH = 100000
    };
    char names[FILES][16];
    const char *paths[FILES];
    const char *message;
    sheaf_view view, whole;
    for (int k = 0; k < FILES; k++) {
        snprintf(names[k], sizeof names[k], "m%d.npy", k);
        paths[k] = names[k];
        save_numbers(names[k], LENGTH, k * LENGTH);
    }
    sheaf_batch *batch = batch_of(paths, FILES, "new");
    sheaf_results *streamed = map("sum(x, axis=0), max(x + 1)", batch, 2, 2000000);
    sheaf_results *held = map("sum(x, axis=0), max(x + 1)", batch, 2, 0);
    ck_assert_uint_eq(sheaf_results_failed(streamed) + sheaf_results_failed(held), 0);
    ck_ok(sheaf_results_view(streamed, 0, 0, &view, error));
    ck_ok(sheaf_results_view(held, 0, 0, &whole, error));
    ck_assert_mem_eq(view.data, whole.data, LENGTH * sizeof(double));
    for (int64_t i = 0; i < LENGTH; i++) /* of the k LENGTH + i */
        ck_assert_double_eq(((double *)view.data)[i], (double)(FILES * i + LENGTH * (FILES * (FILES - 1) / 2)));
    ck_assert_double_eq(number_of(streamed, 0, 1), FILES * LENGTH);
    ck_assert_uint_le(sheaf_results_report(streamed).peak_memory, 2000000);
    sheaf_results_free(streamed);
    sheaf_results_free(held);
    streamed = map("quantile(x, 0.9, axis=0)", batch, 2, 2000000);
    ck_assert_int_ne(sheaf_results_status(streamed, 0, &message), SHEAF_OK);
    ck_has(message, "9600000 bytes");
    sheaf_results_free(streamed);
    sheaf_batch_free(batch);
}
END_TEST

/* Outputs larger than their part of the memory, and results of reductions, have the bytes they have otherwise. */
START_TEST(streams_to_files)
{
    enum {
        FILES = 12,
        LENGTH = 50000
    };
    static const char *const texts[] = {
        "x", "x * 2 + 1", "sum(x, axis=0)", "max(x, axis=1)", "cumsum(x, axis=1)", "nanmean(x, axis=0)"};
    char names[FILES][16];
    const char *paths[FILES];
    sheaf_func *func = NULL;
    sheaf_map_options options;
    size_t n, m;
    for (int k = 0; k < FILES; k++) {
        snprintf(names[k], sizeof names[k], "m%d.npy", k);
        paths[k] = names[k];
        save_numbers(names[k], LENGTH, k * LENGTH);
    }
    sheaf_batch *batch = batch_of(paths, FILES, "new");
    ck_ok(sheaf_func_parse(texts[_i], 0, NULL, &func, error));
    sheaf_map_options_init(&options);
    ck_ok(sheaf_map_to(func, batch, &options, "whole.npy", NULL, error));
    options.memory = 1200000;
    ck_ok(sheaf_map_to(func, batch, &options, "streamed/{stem}.npy", NULL, error));
    char *whole = file_read("whole.npy", &n), *streamed = file_read("streamed/m0..m11.npy", &m);
    ck_assert_ptr_nonnull(streamed);
    ck_assert(n == m && memcmp(whole, streamed, n) == 0);
    free(whole);
    free(streamed);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* More files than may be open at once. */
START_TEST(few_descriptors)
{
    enum {
        FILES = 300
    };
    const struct rlimit few = {64, 64};
    char names[FILES][16];
    const char *paths[FILES];
    for (int k = 0; k < FILES; k++) {
        snprintf(names[k], sizeof names[k], "m%d.npy", k);
        paths[k] = names[k];
        save_numbers(names[k], 100, 100 * k);
    }
    sheaf_batch *batch = batch_of(paths, FILES, "0");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    const uint64_t all = (uint64_t)FILES * 100;
    for (int in_memory = 0; in_memory < 2; in_memory++) {
        sheaf_results *results = map("sum(x)", batch, 4, in_memory ? 0 : 200000);
        ck_assert_double_eq(number_of(results, 0, 0), (double)(all * (all - 1) / 2));
        sheaf_results_free(results);
    }
    sheaf_batch_free(batch);
}
END_TEST

/* Beside other items, and as one of two arrays of an item. */
START_TEST(among_others)
{
    static const char *const paths[] = {"a.npy", "b.npy"}, *const gone[] = {"a.npy", "none.npy"},
                             *const one[] = {"c.npy"};
    const sheaf_join arrays[] = {{paths, 2, "0"}, {one, 1, NULL}}, lost[] = {{gone, 2, "0"}, {one, 1, NULL}};
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    sheaf_results *results = NULL;
    sheaf_error problem;
    char unnamed[SHEAF_NAME_MAX], path[SHEAF_PATH_MAX];
    save_numbers("a.npy", 3, 0);
    save_numbers("b.npy", 2, 3);
    save_numbers("c.npy", 5, 1);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_joined(batch, arrays, 2, NULL, error));
    ck_ok(sheaf_batch_add_joined(batch, lost, 2, "both", error));
    ck_ok(sheaf_batch_add_files(batch, (const char *const[]){"c.npy", "c.npy"}, 2, error));
    ck_assert_str_eq(sheaf_batch_name(batch, 0, unnamed), "a..b.npy");
    ck_assert_str_eq(sheaf_batch_name(batch, 1, unnamed), "both");
    ck_ok(sheaf_batch_path(batch, 0, "{stem}", path, error));
    ck_assert_str_eq(path, "a..b");
    ck_ok(sheaf_func_parse("sum(y - x)", 2, (const char *const[]){"x", "y"}, &func, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert_double_eq(number_of(results, 0, 0), 5);
    ck_has(message_of(results, 1), "none.npy: No such file");
    ck_assert_double_eq(number_of(results, 2, 0), 0);
    ck_assert_int_eq(sheaf_batch_read(batch, 0, NULL, &problem), SHEAF_INVALID);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Names, and arguments that make no sense. */
START_TEST(names_and_arguments)
{
    static const char *const months[] = {"d/m01.nc:tas", "d/m02.nc:tas", "e/m12.nc:tas"}, *const two[] = {"a.npy",
                                                                                                          "b.csv"};
    const sheaf_join good[] = {{months, 3, "time"}, {two, 2, "new"}, {two, 1, "0"}},
                     bad[] = {{two, 0, "0"}, {two, 2, NULL}, {two, 2, ""}, {(const char *const[]){"a", ""}, 2, "0"}};
    static const char *const names[] = {"d/m01..m12.nc:tas", "a.npy..b.csv", "a.npy"};
    sheaf_batch *batch = NULL;
    sheaf_error problem;
    char unnamed[SHEAF_NAME_MAX];
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t k = 0; k < 3; k++) {
        ck_ok(sheaf_batch_add_joined(batch, &good[k], 1, NULL, error));
        ck_assert_str_eq(sheaf_batch_name(batch, k, unnamed), names[k]);
    }
    for (size_t k = 0; k < 4; k++)
        ck_assert_int_eq(sheaf_batch_add_joined(batch, &bad[k], 1, NULL, &problem), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_batch_add_joined(batch, good, 17, NULL, &problem), SHEAF_INVALID);
    ck_assert_uint_eq(sheaf_batch_size(batch), 3);
    sheaf_batch_free(batch);
}
END_TEST

/* Slices of a joined array, along every axis: they make up the whole. */
START_TEST(slices_of_a_joined_array)
{
    static const int cases[][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 2}, {4, 0}, {4, 2}};
    const struct layout *l = &layouts[cases[_i][0]];
    const int axis = cases[_i][1];
    const bool cut = true;
    char said[4];
    const char *paths[MOST];
    sheaf_batch *batch = NULL;
    sheaf_array *whole = NULL, *made = NULL;
    sheaf_view x, slice;
    save_layout(l);
    for (int k = 0; k < l->n; k++)
        paths[k] = name_of(k);
    snprintf(said, sizeof said, "%d", axis);
    const sheaf_join join = {paths, (size_t)l->n, l->axis};
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_joined_slices(batch, &join, 1, &cut, said, NULL, error));
    sheaf_results *slices = map("x", batch, 2, 0);
    sheaf_batch *one = batch_of(paths, (size_t)l->n, l->axis);
    sheaf_results *all = map("x", one, 1, 0);
    ck_ok(sheaf_results_take(all, 0, 0, &whole, error));
    x = sheaf_array_view(whole);
    ck_assert_uint_eq(sheaf_results_size(slices), (size_t)x.shape[axis]);
    for (size_t i = 0; i < sheaf_results_size(slices); i++) {
        ck_ok(sheaf_view_index(&x, axis, (int64_t)i, &slice, error));
        ck_ok(sheaf_results_take(slices, i, 0, &made, error));
        const sheaf_view got = sheaf_array_view(made);
        sheaf_array *expected = NULL;
        ck_ok(sheaf_array_from_view(&slice, slice.dtype, &expected, error));
        ck_assert_int_eq(got.ndim, slice.ndim);
        ck_assert_mem_eq(got.data, sheaf_array_data(expected), (size_t)sheaf_view_size(&slice) * sizeof(double));
        sheaf_array_free(expected);
        sheaf_array_free(made);
    }
    sheaf_array_free(whole);
    sheaf_results_free(all);
    sheaf_results_free(slices);
    sheaf_batch_free(one);
    sheaf_batch_free(batch);
}
END_TEST

/* ---- outputs ---- */

START_TEST(one_result_is_not_stacked)
{
    static const char *const paths[] = {"a.npy", "b.npy"};
    sheaf_array *array = NULL;
    sheaf_func *func = named("sort");
    save_numbers("a.npy", 2, 5);
    save_numbers("b.npy", 3, 0);
    sheaf_batch *batch = batch_of(paths, 2, "0");
    ck_ok(sheaf_map_to(func, batch, NULL, "out.npy", NULL, error));
    ck_ok(sheaf_file_load("out.npy", &array, error));
    const sheaf_view view = sheaf_array_view(array);
    ck_assert(view.ndim == 1 && view.shape[0] == 5);
    ck_assert_double_eq(((double *)view.data)[3], 5);
    ck_assert_int_ne(access("out.npy.items.csv", F_OK), 0);
    sheaf_array_free(array);
    sheaf_error problem;
    ck_assert_int_eq(sheaf_map_to(func, batch, NULL, "b.npy", NULL, &problem), SHEAF_CONFLICT);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Of two joins one fails; resuming computes that one, and both when a file of the other has changed too. */
START_TEST(resumed)
{
    static const char *const good[] = {"a.npy", "b.npy"}, *const bad[] = {"a.npy", "c.npy"},
                             *const more[] = {"b.npy", "a.npy"};
    const sheaf_join joins[] = {{good, 2, "0"}, {bad, 2, "0"}};
    sheaf_batch *batch = NULL, *other = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_error problem;
    sheaf_func *func = named("sum");
    save_numbers("a.npy", 2, 0);
    save_numbers("b.npy", 3, 0);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_new(&other, error));
    for (int k = 0; k < 2; k++) {
        const sheaf_join swapped = {more, 2, "0"};
        ck_ok(sheaf_batch_add_joined(batch, &joins[k], 1, k ? "second" : "first", error));
        ck_ok(sheaf_batch_add_joined(other, k ? &joins[k] : &swapped, 1, k ? "second" : "first", error));
    }
    sheaf_map_options_init(&options);
    options.journal = true;
    ck_ok(sheaf_map_to(func, batch, &options, "t.csv", NULL, error));
    save_numbers("c.npy", 1, 7);
    options.resume = true;
    ck_assert_int_eq(sheaf_map_to(func, other, &options, "t.csv", NULL, &problem), SHEAF_CONFLICT);
    ck_has(problem.message, "joined");
    if (_i)
        save_numbers("b.npy", 4, 0);
    ck_ok(sheaf_map_to(func, batch, &options, "t.csv", &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).resumed, _i ? 0 : 1);
    ck_assert_double_eq(number_of(results, 0, 0), _i ? 7 : 4);
    ck_assert_double_eq(number_of(results, 1, 0), 8);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_batch_free(other);
    sheaf_func_free(func);
}
END_TEST

/* ---- what does not fit ---- */

START_TEST(other_shapes)
{
    static const char *const paths[] = {"a.npy", "b.npy"};
    const struct member a = {2, 0, 2, 3, 4}, b = {2, 2, 2, 4, 4};
    float number = 1;
    sheaf_view view;
    save_member("a.npy", &a, 3, (int64_t[]){2, 2, 3});
    save_member("b.npy", &b, 3, (int64_t[]){2, 2, 4});
    ck_has(refusal(paths, 2, "1", SHEAF_SHAPE), "a.npy is of shape (2, 2, 3) and b.npy of (2, 2, 4): they may differ "
                                                "along axis 1 only");
    ck_has(refusal(paths, 2, "new", SHEAF_SHAPE), "only arrays of one shape can be stacked");
    ck_has(refusal(paths, 2, "3", SHEAF_INVALID), "no axis 3");
    ck_has(refusal(paths, 2, "-4", SHEAF_INVALID), "no axis -4");
    ck_has(refusal(paths, 2, "time", SHEAF_INVALID), "its dimensions have no names");
    save_numbers("b.npy", 5, 0);
    ck_has(refusal(paths, 2, "0", SHEAF_SHAPE), "b.npy of (5,)");
    ck_ok(sheaf_view_init(&view, &number, SHEAF_F32, 3, (int64_t[]){1, 1, 1}, error));
    ck_ok(sheaf_file_save("b.npy", &view, false, error));
    ck_has(refusal(paths, 2, "0", SHEAF_DTYPE), "a.npy is float64 and b.npy is float32");
}
END_TEST

START_TEST(not_a_file)
{
    static const char *const paths[] = {"a.npy", "pipe"};
    save_numbers("a.npy", 5, 0);
    ck_assert_int_eq(mkfifo("pipe", 0666), 0);
    ck_has(refusal(paths, 1, "9", SHEAF_INVALID), "a.npy");
    const int fd = open("pipe", O_RDWR); /* so that nobody waits for the other end */
    size_t n;
    char *bytes = file_read("a.npy", &n);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    ck_has(refusal(paths, 2, "0", SHEAF_UNSUPPORTED), "pipe: is no regular file");
    close(fd);
    free(bytes);
}
END_TEST

/* ---- grids ---- */

/* One after the other in time; the second is longer. */
START_TEST(in_time)
{
    struct grid next = plain_grid;
    sheaf_batch *batch = batch_of(nc, 2, "time");
    sheaf_view view;
    next.times = 3;
    next.time = 40;
    next.value = 2 * LATS;
    save_two(&next);
    sheaf_results *results = map("x", batch, 2, 0);
    ck_assert_int_eq(sheaf_results_failed(results), 0);
    ck_ok(sheaf_results_view(results, 0, 0, &view, error));
    ck_assert(view.ndim == 2 && view.shape[0] == 5 && view.shape[1] == LATS);
    check_counting(view.data, 0, 5 * LATS);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(other_grids)
{
    struct grid b = plain_grid;
    b.lat = 11;
    save_two(&b);
    ck_has(refusal(nc, 2, "time", SHEAF_SHAPE),
           "a.nc:x and b.nc:x are not on one grid: lat[0] is 10 there and 11 here");
    ck_has(refusal(nc, 2, "new", SHEAF_SHAPE), "lat[0] is 10 there and 11 here");
    b = plain_grid;
    b.time = 1e-9;
    save_two(&b);
    ck_has(refusal(nc, 2, "new", SHEAF_SHAPE), "time[0] is 0 there and 1e-09 here");
    b = plain_grid;
    b.lat_name = "y";
    save_two(&b);
    ck_has(refusal(nc, 2, "time", SHEAF_SHAPE), "dimension 1 is called 'lat' there and 'y' here");
    b = plain_grid;
    b.units = "degC";
    save_two(&b);
    ck_has(refusal(nc, 2, "time", SHEAF_SHAPE), "the unit of the array is 'K' there and 'degC' here");
    b.units = NULL;
    save_two(&b);
    ck_has(refusal(nc, 2, "new", SHEAF_SHAPE), "is 'K' there and '' here");
    b = plain_grid;
    b.time_units = "days since 2001-01-01";
    save_two(&b);
    ck_has(refusal(nc, 2, "time", SHEAF_SHAPE),
           "the unit of time is 'days since 2000-01-01' there and 'days since 2001");
    b = plain_grid;
    b.calendar = "noleap";
    save_two(&b);
    ck_has(refusal(nc, 2, "time", SHEAF_SHAPE), "the calendar of time");
    ck_has(refusal(nc, 2, "level", SHEAF_INVALID), "it has time, lat");
}
END_TEST

/* Axes by the names of dimensions, of a joined item and of a file, in one map. */
START_TEST(axes_by_name)
{
    static const struct {
        const char *text, *refusal; /* NULL: it gives the sums over time */
    } cases[] = {
        {"sum(x, axis='time')", NULL},
        {"sum(2*x, axis=('time',)) / 2", NULL},
        {"sum(sum(x, axis='time', keepdims=True), axis='time')", NULL},
        {"sum(x, axis='lon')", "no dimension of this name: this array has time, lat"},
        {"sum(x.T, axis='time')", "dimensions have no known names"},
        {"max(sum(x, axis='time'), axis='time')", "no dimension of this name: this array has lat"},
    };
    struct grid next = plain_grid;
    sheaf_func *func = NULL;
    sheaf_results *results = NULL;
    next.time = 40;
    next.value = 2 * LATS;
    save_two(&next);
    sheaf_batch *batch = batch_of(nc, 2, "time");
    ck_ok(sheaf_func_parse(cases[_i].text, 0, NULL, &func, error));
    ck_ok(sheaf_batch_add_file(batch, "a.nc:x", error));
    save_numbers("c.npy", 3, 0);
    ck_ok(sheaf_batch_add_file(batch, "c.npy", error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_has(message_of(results, 2), "c.npy");
    for (size_t i = 0; i < 2; i++) {
        sheaf_view view;
        if (cases[_i].refusal) {
            ck_has(message_of(results, i), cases[_i].refusal);
            continue;
        }
        ck_ok(sheaf_results_view(results, i, 0, &view, error));
        ck_assert(view.ndim == 1 && view.shape[0] == LATS);
        for (int l = 0; l < LATS; l++)
            ck_assert_double_eq(((double *)view.data)[l], i ? 3 + 2 * l : 18 + 4 * l);
    }
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("joined maps");
    TCase *tcase = tcase_create("joined maps");
    tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
    tcase_add_loop_test(tcase, threads_share_it, 0, LAYOUTS);
    tcase_add_test(tcase, streams);
    tcase_add_loop_test(tcase, streams_to_files, 0, 6);
    tcase_add_test(tcase, few_descriptors);
    tcase_add_test(tcase, among_others);
    tcase_add_test(tcase, names_and_arguments);
    tcase_add_loop_test(tcase, slices_of_a_joined_array, 0, 8);
    tcase_add_test(tcase, one_result_is_not_stacked);
    tcase_add_loop_test(tcase, resumed, 0, 2);
    tcase_add_test(tcase, other_shapes);
    tcase_add_test(tcase, not_a_file);
    tcase_add_test(tcase, in_time);
    tcase_add_test(tcase, other_grids);
    tcase_add_loop_test(tcase, axes_by_name, 0, 6);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
