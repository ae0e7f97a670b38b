/* sheaf_map_to: what each sink writes, and what it refuses. */

#include "base/alloc.h"
#include "io/io.h"
#include "test_map.h"
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char *dir;

static void setup(void)
{
    dir = scratch_new();
    ck_assert_int_eq(chdir(dir), 0); /* short relative names */
}

static void teardown(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove(dir);
}

/* Files a.npy … of 3 numbers each: 0 1 2, 10 11 12, … */
static sheaf_batch *files(int n)
{
    char name[16];
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%c.npy", 'a' + i);
        save_numbers(name, 3, 10 * i);
        ck_ok(sheaf_batch_add_file(batch, name, error));
    }
    return batch;
}

static void ck_text(const char *path, const char *expected)
{
    size_t n;
    char *text = file_read(path, &n);
    ck_assert_msg(text != NULL, "%s is not there", path);
    ck_assert_str_eq(text, expected);
    free(text);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Names in a directory that are no .npy inputs of ours: nothing may be left lying about. */
static int entries(const char *path)
{
    DIR *d = opendir(path);
    int n = 0;
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static sheaf_array *load(const char *path)
{
    sheaf_array *array = NULL;
    ck_ok(sheaf_file_load(path, &array, error));
    return array;
}

static sheaf_map_options quick(bool overwrite)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.no_sync = true;
    options.overwrite = overwrite;
    options.threads = 2;
    return options;
}

#define ck_refused(func, batch, options, path, expected, part)                                   \
    do {                                                                                         \
        sheaf_error refused_ = {SHEAF_OK, ""};                                                   \
        sheaf_results *none_ = (sheaf_results *)1;                                               \
        sheaf_status got_ = sheaf_map_to((func), (batch), (options), (path), &none_, &refused_); \
        ck_assert_msg(got_ == (expected), "%s: %s", sheaf_status_name(got_), refused_.message);  \
        ck_assert_int_eq(refused_.status, (expected));                                           \
        ck_assert_ptr_null(none_);                                                               \
        ck_has(refused_.message, (part));                                                        \
    } while (0)

START_TEST(a_table)
{
    sheaf_batch *batch = files(3);
    sheaf_func *func = named("stats");
    sheaf_results *results = NULL;
    ck_ok(sheaf_map_to(func, batch, NULL, "t.csv", &results, error)); /* with sync */
    ck_assert(number_of(results, 1, 1) == 11);
    sheaf_results_free(results);
    /* The population's standard deviation of three neighbours is √(2/3). */
    ck_text("t.csv", "item,stats.count,stats.mean,stats.std,stats.min,stats.max\n"
                     "a.npy,3,1.0,0.816496580927726,0.0,2.0\n"
                     "b.npy,3,11.0,0.816496580927726,10.0,12.0\n"
                     "c.npy,3,21.0,0.816496580927726,20.0,22.0\n");
    ck_assert_int_eq(entries("."), 4);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(failures_stand_beside_a_table)
{
    sheaf_batch *batch = files(2);
    sheaf_func *func = named("cumsum");
    sheaf_map_options options = quick(true);
    sheaf_results *results = NULL;
    size_t n;
    ck_ok(sheaf_batch_add_file(batch, "no, such.npy", error));
    ck_ok(sheaf_map_to(func, batch, &options, "t.csv", &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 1);
    sheaf_results_free(results);
    ck_text("t.csv", "item,cumsum[0],cumsum[1],cumsum[2]\n"
                     "a.npy,0.0,1.0,3.0\n"
                     "b.npy,10.0,21.0,33.0\n"
                     "\"no, such.npy\",,,\n");
    char *items = file_read("t.csv.items.csv", &n);
    ck_assert_ptr_nonnull(items);
    ck_has(items, "index,item,status,attempts,message\n0,a.npy,OK,1,\n1,b.npy,OK,1,\n"
                  "2,\"no, such.npy\",IO,1,\"no, such.npy: No such file");
    free(items);
    save_numbers("no, such.npy", 3, 0);
    ck_ok(sheaf_map_to(func, batch, &options, "t.csv", NULL, error));
    ck_assert(!exists("t.csv.items.csv")); /* that of the earlier run */
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(a_stack)
{
    sheaf_batch *batch = files(2);
    sheaf_func *func = named("sqrt");
    sheaf_map_options options = quick(true);
    ck_ok(sheaf_map_to(func, batch, NULL, "s.npy", NULL, error)); /* with sync */
    sheaf_array *stack = load("s.npy");
    sheaf_view view = sheaf_array_view(stack);
    const double *x = view.data;
    ck_assert(view.ndim == 2 && view.shape[0] == 2 && view.shape[1] == 3);
    for (int i = 0; i < 6; i++)
        ck_assert(x[i] == sqrt(i / 3 * 10 + i % 3));
    sheaf_array_free(stack);
    ck_text("s.npy.items.csv", "index,item,status,attempts,message\n0,a.npy,OK,1,\n1,b.npy,OK,1,\n");
    ck_assert_int_eq(entries("."), 4);
    /* A failed row is NaN, and an integer one stops the stack before it is begun. */
    ck_ok(sheaf_batch_add_file(batch, "missing.npy", error));
    ck_ok(sheaf_map_to(func, batch, &options, "s.npy", NULL, error));
    stack = load("s.npy");
    x = sheaf_array_data(stack);
    ck_assert(x[3] == sqrt(10) && isnan(x[6]) && isnan(x[7]) && isnan(x[8]));
    sheaf_array_free(stack);
    sheaf_func *positions = named("argmax");
    ck_refused(positions, batch, &options, "p.npy", SHEAF_IO, "write a .csv");
    ck_assert(!exists("p.npy") && !exists("p.npy.items.csv"));
    ck_assert_int_eq(entries("."), 4);
    sheaf_func_free(positions);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* A sparse file whose stack, and whose one output, would be larger than what is free. Nothing is read or begun. */
START_TEST(too_little_space_is_refused)
{
    const int64_t shape[] = {(int64_t)1 << 40};
    const off_t bytes = (off_t)8 << 40;
    unsigned char *header = NULL;
    size_t n = 0;
    struct statvfs fs;
    ck_assert_int_eq(statvfs(".", &fs), 0);
    ck_ok(npy_header(SHEAF_F64, 1, shape, &header, &n, error));
    file_write("giant.npy", header, n);
    mem_free(header);
    if ((double)fs.f_bavail * (double)fs.f_frsize > (double)bytes || truncate("giant.npy", (off_t)n + bytes) != 0) {
        fprintf(stderr, "skipped: no sparse file of 8 TiB can be larger than what is free here\n");
        return;
    }
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("neg");
    sheaf_map_options options = quick(false);
    const char *path = "giant.npy";
    ck_ok(sheaf_batch_from_files(&path, 1, &batch, error));
    ck_refused(func, batch, &options, "out.npy", SHEAF_IO, "out.npy: the output needs 8796093.0 MB, but only");
    ck_refused(func, batch, &options, "out/", SHEAF_IO, "make room or choose another disk");
    ck_assert(!exists("out.npy") && !exists("out.npy.items.csv") && !exists("out/giant.npy"));
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Too large to be gathered in memory: rows go to the file one by one. */
START_TEST(a_large_stack)
{
    enum {
        N = 40,
        LENGTH = 30000
    };
    char name[32];
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("neg");
    sheaf_map_options options = quick(false);
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        if (i != 20)
            save_numbers(name, LENGTH, i);
        ck_ok(sheaf_batch_add_file(batch, name, error));
    }
    ck_ok(sheaf_map_to(func, batch, &options, "s.npy", NULL, error));
    sheaf_array *stack = load("s.npy");
    const double *x = sheaf_array_data(stack);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < LENGTH; j++) {
            double value = x[i * LENGTH + j];
            ck_assert(i == 20 ? isnan(value) : value == -(i + j));
        }
    }
    sheaf_array_free(stack);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Integer rows of *user elements (the third item has one more when *user is odd); numbers below zero fail. */
static sheaf_status whole(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                          sheaf_error *error)
{
    const int64_t length = *(int64_t *)user, shape[] = {item->index == 2 ? length + length % 2 : length};
    sheaf_view view;
    if (*(const double *)x->data < 0)
        return sheaf_error_set(error, SHEAF_CALLBACK, "below zero");
    sheaf_status status = sheaf_output_array(out, SHEAF_I32, 1, shape, &view, error);
    for (int64_t i = 0; status == SHEAF_OK && i < shape[0]; i++)
        ((int32_t *)view.data)[i] = (int32_t)(item->index * 100 + (size_t)i);
    return status;
}

START_TEST(a_stack_of_a_callbacks_results)
{
    int64_t length = 2;
    sheaf_batch *batch = files(3);
    sheaf_func *func = callback(whole, &length, 1);
    sheaf_map_options options = quick(false);
    sheaf_results *results = NULL;
    sheaf_error e;
    ck_ok(sheaf_map_to(func, batch, &options, "s.npy", NULL, error));
    sheaf_array *stack = load("s.npy");
    sheaf_view view = sheaf_array_view(stack);
    ck_assert(view.dtype == SHEAF_I32 && view.ndim == 2 && view.shape[0] == 3 && view.shape[1] == 2);
    ck_assert_int_eq(((int32_t *)view.data)[5], 201);
    sheaf_array_free(stack);
    length = 3; /* the third has another */
    ck_assert_int_eq(sheaf_map_to(func, batch, &options, "t.npy", &results, &e), SHEAF_SHAPE);
    ck_has(e.message, "a.npy gives int32 (3,), but c.npy gives int32 (4,)");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(an_integer_stack_with_failures_is_not_finished)
{
    int64_t length = 2;
    sheaf_batch *batch = files(2);
    sheaf_func *func = callback(whole, &length, 1);
    sheaf_map_options options = quick(false);
    sheaf_results *results = NULL;
    sheaf_error e;
    save_numbers("z.npy", 3, -5);
    ck_ok(sheaf_batch_add_file(batch, "z.npy", error));
    ck_assert_int_eq(sheaf_map_to(func, batch, &options, "s.npy", &results, &e), SHEAF_INVALID);
    ck_has(e.message, "z.npy: below zero");
    ck_has(e.message, "write a .csv instead");
    ck_assert_ptr_nonnull(results); /* the slots tell */
    ck_status(results, 2, SHEAF_CALLBACK);
    sheaf_results_free(results);
    ck_assert_int_eq(entries("."), 3);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(a_directory_and_templates)
{
    sheaf_batch *batch = files(2);
    sheaf_func *func = named("exp");
    sheaf_map_options options = quick(false);
    sheaf_results *results = NULL;
    ck_ok(sheaf_batch_add_file(batch, "missing.npy", error));
    ck_ok(sheaf_map_to(func, batch, NULL, "new/deep/", &results, error)); /* with sync */
    sheaf_results_free(results);
    sheaf_array *one = load("new/deep/b.npy");
    ck_assert_double_eq_tol(((double *)sheaf_array_data(one))[0], exp(10), 1e-11);
    sheaf_array_free(one);
    ck_assert(!exists("new/deep/missing.npy"));
    ck_assert_int_eq(entries("new/deep"), 2);
    ck_assert(exists("new/deep.items.csv"));
    ck_ok(sheaf_map_to(func, batch, &options, "{dir}/out_{index}_{stem}_{name}.npy", NULL, error));
    ck_assert(exists("out_0_a_a.npy.npy") && exists("out_1_b_b.npy.npy"));
    ck_assert(exists("./sheaf.items.csv"));
    ck_assert_int_eq(mkdir("there", 0777), 0);
    ck_ok(sheaf_map_to(func, batch, &options, "there", NULL, error)); /* an existing directory, no slash */
    ck_assert(exists("there/a.npy") && exists("there.items.csv"));
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

static void ck_numbers(const char *path, int n, const double *expected)
{
    sheaf_array *array = load(path);
    sheaf_view v = sheaf_array_view(array);
    ck_assert_int_eq(v.dtype, SHEAF_F64);
    ck_assert_int_eq(sheaf_view_size(&v), n);
    for (int i = 0; i < n; i++)
        ck_assert_double_eq(((double *)v.data)[i], expected[i]);
    sheaf_array_free(array);
}

START_TEST(netcdf_by_itself_and_stacked)
{
    static const double sums[] = {0, 1, 3, 10, 21, 33, 20, 41, 63};
    sheaf_batch *batch = files(3), *again = NULL;
    sheaf_func *func = named("cumsum");
    sheaf_map_options options = quick(false);
    sheaf_file *file = NULL;
    ck_ok(sheaf_map_to(func, batch, &options, "{stem}.nc", NULL, error));
    for (int i = 0; i < 3; i++)
        ck_numbers((const char *[]){"a.nc", "b.nc", "c.nc"}[i], 3, sums + 3 * i);
    ck_ok(sheaf_map_to(func, batch, &options, "s.nc", NULL, error));
    ck_numbers("s.nc", 9, sums);
    ck_ok(sheaf_map_to(func, batch, &options, "{stem}.csv", NULL, error));
    ck_text("b.csv", "10.0\n21.0\n33.0\n");
    ck_ok(sheaf_map_to(func, batch, &options, "t/{stem}.npz", NULL, error));
    ck_numbers("t/c.npz", 3, sums + 6);
    /* What was written, each as it is. */
    ck_ok(sheaf_batch_from_files((const char *const[]){"a.nc", "b.nc"}, 2, &again, error));
    sheaf_func *same = NULL;
    ck_ok(sheaf_func_parse("x", 1, (const char *const[]){"x"}, &same, error));
    options.as_is = true;
    options.history = "made by a test";
    options.history_beside = true;
    ck_ok(sheaf_map_to(same, again, &options, "two.nc", NULL, error));
    ck_text("two.nc.history.txt", "made by a test\n");
    ck_ok(sheaf_file_open("two.nc", NULL, &file, error));
    ck_assert_int_eq(sheaf_file_parts(file), 2);
    ck_assert_str_eq(sheaf_file_part_name(file, 1), "b");
    sheaf_file_close(file);
    ck_numbers("two.nc:b", 3, sums + 3);
    ck_assert_int_eq(entries("."), 3 + 3 + 1 + 3 + 1 + 2);
    ck_refused(same, again, &options, "two.npy", SHEAF_INVALID, "two.npy holds one array, and there are 2");
    sheaf_func_free(same);
    sheaf_func_free(func);
    sheaf_batch_free(again);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_status twice(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                          sheaf_error *error)
{
    sheaf_view y;
    (void)item, (void)user;
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, x->ndim, x->shape, &y, error);
    for (int64_t i = 0; status == SHEAF_OK && i < sheaf_view_size(x); i++)
        ((double *)y.data)[i] = 2 * ((const double *)x->data)[i];
    return status;
}

/* A callback keeps dimensions only when it is said to. */
START_TEST(netcdf_of_a_callback)
{
    /* CDF-1 by hand: a dimension t of 2, the doubles 1 and 2 on it. */
    static const char in[] = "CDF\1"
                             "\0\0\0\0"
                             "\0\0\0\12"
                             "\0\0\0\1"
                             "\0\0\0\1"
                             "t\0\0\0"
                             "\0\0\0\2"
                             "\0\0\0\0"
                             "\0\0\0\0"
                             "\0\0\0\13"
                             "\0\0\0\1"
                             "\0\0\0\1"
                             "v\0\0\0"
                             "\0\0\0\1"
                             "\0\0\0\0"
                             "\0\0\0\0"
                             "\0\0\0\0"
                             "\0\0\0\6"
                             "\0\0\0\20"
                             "\0\0\0\120"
                             "\77\360\0\0\0\0\0\0"
                             "\100\0\0\0\0\0\0";
    static const double doubled[] = {2, 4};
    static const char *const wanted[] = {"dim_0", "t"};
    double numbers[] = {1, 2};
    sheaf_view view = sheaf_view_f64(numbers, 2);
    sheaf_batch *memory = NULL, *batch = NULL;
    sheaf_func *func = NULL;
    sheaf_map_options options = quick(true);
    sheaf_file *file = NULL;
    file_write("in.nc", in, sizeof in);
    ck_ok(sheaf_func_callback(twice, NULL, 1, (const char *const[]){"y"}, &func, error));
    ck_ok(sheaf_batch_from_views(&view, 1, &memory, error));
    ck_ok(sheaf_map_to(func, memory, &options, "m.nc", NULL, error));
    ck_numbers("m.nc:y", 2, doubled);
    ck_ok(sheaf_batch_from_files((const char *const[]){"in.nc"}, 1, &batch, error));
    for (int said = 0; said < 2; said++) {
        sheaf_func_set_elementwise(func, said);
        ck_ok(sheaf_map_to(func, batch, &options, "y.nc", NULL, error));
        ck_numbers("y.nc", 2, doubled);
        ck_ok(sheaf_file_open("y.nc", NULL, &file, error));
        ck_assert_str_eq(sheaf_file_part_dimension(file, 0, 0), wanted[said]);
        sheaf_file_close(file);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    sheaf_batch_free(memory);
}
END_TEST

START_TEST(items_without_a_file)
{
    double x[2] = {1, 4};
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("sqrt");
    sheaf_map_options options = quick(false);
    sheaf_view view = sheaf_view_f64(x, 2);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_views(batch, &view, 1, NULL, error));
    ck_ok(sheaf_batch_add_views(batch, &view, 1, "trial.1", error));
    ck_ok(sheaf_map_to(func, batch, &options, "out/", NULL, error));
    ck_assert(exists("out/0.npy") && exists("out/trial.1.npy"));
    ck_assert(!exists("out.items.csv"));
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(names_are_refused)
{
    sheaf_batch *batch = files(2), *two = NULL, *none = NULL;
    sheaf_func *func = named("sqrt"), *sum = named("sum");
    sheaf_map_options fresh = quick(false), over = quick(true);
    const char *const same[] = {"a.npy", "sub/a.npy"};
    ck_refused(func, batch, &fresh, "out.txt", SHEAF_UNSUPPORTED, "\".txt\"");
    ck_refused(func, batch, &fresh, "out", SHEAF_UNSUPPORTED, "NAME.csv");
    ck_refused(func, batch, &fresh, "", SHEAF_INVALID, "empty");
    ck_refused(func, batch, &fresh, "{stem}.txt", SHEAF_INVALID, "must end in .npy");
    ck_refused(func, batch, &fresh, "out/{stme}.npy", SHEAF_INVALID, "\"{stme}\" is no placeholder");
    ck_refused(func, batch, &fresh, "out/{stem.npy", SHEAF_INVALID, "is no placeholder");
    /* Existing outputs. */
    file_write("t.csv", "mine", 4);
    ck_refused(sum, batch, &fresh, "t.csv", SHEAF_EXISTS, "t.csv: exists already");
    ck_text("t.csv", "mine");
    ck_ok(sheaf_map_to(sum, batch, &over, "t.csv", NULL, error));
    ck_text("t.csv", "item,sum\na.npy,3.0\nb.npy,33.0\n");
    ck_assert_int_eq(mkdir("out", 0777), 0);
    file_write("out/b.npy", "mine", 4);
    ck_refused(func, batch, &fresh, "out/", SHEAF_EXISTS, "out/b.npy: exists already");
    ck_assert_int_eq(entries("out"), 1);
    /* Outputs that are inputs, also by another spelling or link, also with overwrite. */
    ck_refused(func, batch, &fresh, "a.npy", SHEAF_CONFLICT, "this output is the input a.npy");
    ck_refused(func, batch, &over, "out/../b.npy", SHEAF_CONFLICT, "is the input b.npy");
    ck_refused(func, batch, &over, "./", SHEAF_CONFLICT, "is the input a.npy");
    ck_refused(func, batch, &over, "{stem}.npy", SHEAF_CONFLICT, "is the input a.npy");
    ck_assert_int_eq(symlink("../a.npy", "out/a.npy"), 0);
    ck_refused(func, batch, &over, "out/", SHEAF_CONFLICT, "out/a.npy: this output is the input a.npy");
    /* Two outputs of one name. */
    ck_assert_int_eq(mkdir("sub", 0777), 0);
    save_numbers("sub/a.npy", 3, 0);
    ck_ok(sheaf_batch_from_files(same, 2, &two, error));
    ck_refused(func, two, &fresh, "new/", SHEAF_CONFLICT, "a.npy and sub/a.npy would both be written to new/a.npy");
    ck_refused(func, two, &fresh, "new/x.npy/{stem}.npy", SHEAF_CONFLICT, "would both be written to");
    ck_refused(func, two, &fresh, "new/fixed{stem}/../{stem}.npy", SHEAF_CONFLICT, "would both be written to");
    ck_assert(!exists("new"));
    ck_ok(sheaf_map_to(func, two, &fresh, "new/{index}.npy", NULL, error));
    ck_ok(sheaf_batch_new(&none, error));
    ck_refused(func, none, &fresh, "none.npy", SHEAF_INVALID, "empty");
    ck_ok(sheaf_map_to(func, none, &fresh, "none.csv", NULL, error));
    ck_text("none.csv", "item,sqrt\n");
    sheaf_batch_free(none);
    sheaf_batch_free(two);
    sheaf_func_free(sum);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(results_no_sink_can_hold_are_refused_before_computing)
{
    const int64_t shape[] = {1, 3};
    double x[3] = {1, 2, 3};
    sheaf_batch *batch = files(2);
    sheaf_view view;
    sheaf_func *func = named("sqrt"), *stats = named("stats"), *add = named("add");
    sheaf_map_options options = quick(false);
    ck_refused(stats, batch, &options, "s.npy", SHEAF_UNSUPPORTED, "use a .csv");
    ck_refused(stats, batch, &options, "out/", SHEAF_UNSUPPORTED, "use a .csv");
    ck_refused(add, batch, &options, "s.csv", SHEAF_INVALID, "add takes 2 arrays");
    save_numbers("long.npy", 4, 0);
    ck_ok(sheaf_batch_add_file(batch, "long.npy", error));
    ck_refused(func, batch, &options, "s.npy", SHEAF_SHAPE,
               "a.npy gives float64 (3,), but long.npy gives float64 (4,)");
    sheaf_batch_free(batch);
    ck_ok(sheaf_view_init(&view, x, SHEAF_F64, 2, shape, error));
    ck_ok(sheaf_file_save("plane.npy", &view, false, error));
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_file(batch, "missing.npy", error));
    ck_refused(func, batch, &options, "s.npy", SHEAF_IO, "missing.npy");
    ck_ok(sheaf_batch_add_file(batch, "plane.npy", error));
    ck_refused(func, batch, &options, "s.csv", SHEAF_SHAPE, "sqrt gives float64 (1, 3)");
    save_numbers("long.npy", 1025, 0);
    ck_ok(sheaf_batch_add_file(batch, "long.npy", error));
    sheaf_batch_free(batch);
    /* Where the first item fits, the others fail alone. */
    batch = files(1);
    sheaf_results *results = NULL;
    ck_ok(sheaf_batch_add_file(batch, "plane.npy", error));
    ck_ok(sheaf_batch_add_file(batch, "long.npy", error));
    ck_ok(sheaf_map_to(func, batch, &options, "s.csv", &results, error));
    ck_status(results, 0, SHEAF_OK);
    ck_status(results, 1, SHEAF_SHAPE);
    ck_status(results, 2, SHEAF_SHAPE);
    ck_has(message_of(results, 1), "plane.npy: sqrt gives float64 (1, 3)");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(add);
    sheaf_func_free(stats);
    sheaf_func_free(func);
}
END_TEST

/* sheaf_map_to where no file may grow beyond 20,000 bytes, as on a full disk. The limit must not hold while check
 * writes its own files. */
static sheaf_status map_to_full_disk(const sheaf_func *func, const sheaf_batch *batch, const char *path,
                                     sheaf_results **results, sheaf_error *error)
{
    sheaf_map_options options = quick(false);
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 20000;
    *results = NULL;
    setrlimit(RLIMIT_FSIZE, &limit);
    sheaf_status status = sheaf_map_to(func, batch, &options, path, results, error);
    setrlimit(RLIMIT_FSIZE, &before);
    return status;
}

/* Nothing is left, not even a temporary. */
START_TEST(a_full_disk)
{
    enum {
        LENGTH = 4000,
        SHORT = 1000
    };
    int64_t length = 9000;
    char name[16];
    sheaf_batch *large = NULL, *small = NULL;
    sheaf_func *func = named("sqrt"), *mine = callback(whole, &length, 1);
    sheaf_results *results = NULL;
    sheaf_error e;
    ck_ok(sheaf_batch_new(&large, error));
    ck_ok(sheaf_batch_new(&small, error));
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(name, i < 4 ? LENGTH : SHORT, i);
        ck_ok(sheaf_batch_add_file(i < 4 ? large : small, name, error));
    }
    /* Room is reserved before anything is computed. */
    ck_assert_int_eq(map_to_full_disk(func, large, "s.npy", &results, &e), SHEAF_IO);
    ck_has(e.message, "s.npy");
    ck_assert_ptr_null(results);
    ck_assert_int_eq(map_to_full_disk(mine, large, "s.npy", &results, &e), SHEAF_IO);
    ck_assert_ptr_nonnull(results);
    sheaf_results_free(results);
    ck_assert_int_eq(map_to_full_disk(func, small, "t.csv", &results, &e), SHEAF_IO);
    ck_has(e.message, "t.csv");
    sheaf_results_free(results);
    ck_assert_int_eq(entries("."), 300);
    ck_assert_int_eq(map_to_full_disk(func, large, "out/", &results, &e), SHEAF_IO);
    ck_has(e.message, "0 of 4 files were written");
    ck_assert_uint_ge(sheaf_results_report(results).failed, 1);
    sheaf_results_free(results);
    ck_assert_int_eq(entries("out"), 0);
    sheaf_func_free(mine);
    sheaf_func_free(func);
    sheaf_batch_free(small);
    sheaf_batch_free(large);
}
END_TEST

START_TEST(a_directory_that_takes_no_file)
{
    sheaf_batch *batch = files(1);
    sheaf_func *func = named("sum");
    sheaf_map_options options = quick(false);
    file_write("file", "", 0);
    ck_refused(func, batch, &options, "nowhere/t.csv", SHEAF_IO, "nowhere");
    ck_refused(func, batch, &options, "nowhere/s.npy", SHEAF_IO, "nowhere");
    ck_refused(func, batch, &options, "file/deep/", SHEAF_IO, "file");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_to");
    TCase *sinks = tcase_create("sinks"), *refusals = tcase_create("refusals");
    tcase_add_checked_fixture(sinks, setup, teardown);
    tcase_add_checked_fixture(refusals, setup, teardown);
    tcase_add_test(sinks, a_table);
    tcase_add_test(sinks, failures_stand_beside_a_table);
    tcase_add_test(sinks, a_stack);
    tcase_add_test(sinks, too_little_space_is_refused);
    tcase_add_test(sinks, a_large_stack);
    tcase_add_test(sinks, a_stack_of_a_callbacks_results);
    tcase_add_test(sinks, an_integer_stack_with_failures_is_not_finished);
    tcase_add_test(sinks, a_directory_and_templates);
    tcase_add_test(sinks, netcdf_by_itself_and_stacked);
    tcase_add_test(sinks, netcdf_of_a_callback);
    tcase_add_test(sinks, items_without_a_file);
    tcase_add_test(refusals, names_are_refused);
    tcase_add_test(refusals, results_no_sink_can_hold_are_refused_before_computing);
    tcase_add_test(refusals, a_full_disk);
    tcase_add_test(refusals, a_directory_that_takes_no_file);
    suite_add_tcase(suite, sinks);
    suite_add_tcase(suite, refusals);
    return run_suite(suite);
}
