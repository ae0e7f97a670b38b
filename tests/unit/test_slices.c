/* Items that are slices of files (--each): whatever the axis, the order, the memory and the threads, each is its slice.
 * Every element is its own place, so that a slice can be told by its values. */

#include "base/alloc.h"
#include "base/pool.h"
#include "batch/items.h"
#include "test_map.h"
#include <unistd.h>

enum {
    A = 50,
    B = 30,
    C = 70,
    MOST_THREADS = 4
};

/* An .npy of a × b × c numbers, each its place in C order, laid out in either order. */
static void save_places(const char *path, int a, int b, int c, bool fortran)
{
    char header[128] = "\x93NUMPY\1\0\x76", text[118];
    double *x = malloc((size_t)(a * b * c) * sizeof *x);
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++)
            for (int k = 0; k < c; k++) {
                const int place = (i * b + j) * c + k;
                x[fortran ? (k * b + j) * a + i : place] = place;
            }
    int n = snprintf(text, sizeof text, "{'descr': '<f8', 'fortran_order': %s, 'shape': (%d, %d, %d), }",
                     fortran ? "True" : "False", a, b, c);
    memset(header + 10, ' ', 117);
    memcpy(header + 10, text, (size_t)n);
    header[127] = '\n';
    FILE *f = fopen(path, "wb");
    ck_assert(f && fwrite(header, 1, sizeof header, f) == sizeof header &&
              fwrite(x, sizeof *x, (size_t)(a * b * c), f) == (size_t)(a * b * c) && fclose(f) == 0);
    free(x);
}

/* Whether x is the item's slice along `axis` of those places; several files, one behind the other. */
static sheaf_status check_slice(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                sheaf_error *error)
{
    const int axis = *(const int *)user;
    const int64_t lengths[] = {A, B, C}, steps[] = {B * C, C, 1};
    const int first = axis == 0, second = axis == 2 ? 1 : 2;
    const int64_t slice = (int64_t)item->index % lengths[axis];
    if (x->ndim != 2 || x->shape[0] != lengths[first] || x->shape[1] != lengths[second])
        return sheaf_error_set(error, SHEAF_CALLBACK, "another shape");
    for (int64_t i = 0; i < x->shape[0]; i++)
        for (int64_t j = 0; j < x->shape[1]; j++) {
            const double is = *(double *)((char *)x->data + i * x->strides[0] + j * x->strides[1]);
            const int64_t place = slice * steps[axis] + i * steps[first] + j * steps[second];
            if (is != (double)place)
                return sheaf_error_set(error, SHEAF_CALLBACK, "%g in place of %lld", is, (long long)place);
        }
    return sheaf_output_f64(out, (double)slice, error);
}

static void run_axis(int axis, uint64_t memory, int threads)
{
    char said[8], expected[32], name[SHEAF_NAME_MAX];
    const int64_t lengths[] = {A, B, C};
    const size_t n = (size_t)lengths[axis];
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_func *func = callback(check_slice, &axis, 1);
    snprintf(said, sizeof said, "%d", axis - (threads % 2 ? 0 : 3));
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_slices(batch, "c.npy", said, error));
    ck_ok(sheaf_batch_add_slices(batch, "f.npy", said, error));
    ck_assert_uint_eq(sheaf_batch_size(batch), 2 * n);
    snprintf(expected, sizeof expected, "f.npy[%zu]", n - 1);
    ck_assert_str_eq(sheaf_batch_name(batch, 2 * n - 1, name), expected);
    sheaf_map_options_init(&options);
    options.memory = memory;
    options.threads = threads;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    for (size_t i = 0; i < 2 * n; i++) {
        ck_assert_msg(sheaf_results_status(results, i, NULL) == SHEAF_OK, "axis %d, item %zu: %s", axis, i,
                      message_of(results, i));
        ck_assert(number_of(results, i, 0) == (double)(i % n));
    }
    ck_assert_uint_eq(sheaf_results_report(results).bytes_in, (uint64_t)2 * A * B * C * 8);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}

/* From all of it at once to slice by slice. */
START_TEST(every_axis)
{
    const uint64_t memories[] = {0, 4 << 20, 300 << 10, 60 << 10};
    save_places("c.npy", A, B, C, false);
    save_places("f.npy", A, B, C, true);
    for (int axis = 0; axis < 3; axis++)
        for (size_t m = 0; m < sizeof memories / sizeof *memories; m++)
            run_axis(axis, memories[m], _i + 1);
}
END_TEST

/* Files that cannot be cut, among others; items that are no slices. */
START_TEST(bad_files_fail_alone)
{
    const struct {
        const char *path, *axis;
        size_t n;
        sheaf_status status;
        const char *message;
    } inputs[] = {{"missing.npy", "0", 1, SHEAF_IO, "missing.npy"},
                  {"c.npy", "1", 3, SHEAF_OK, NULL},
                  {"c.npy", "3", 1, SHEAF_INVALID, "c.npy: has 3 dimensions, and no axis 3: give one of -3 to 2"},
                  {"c.npy", "-4", 1, SHEAF_INVALID, "no axis -4"},
                  {"c.npy", "time", 1, SHEAF_INVALID, "its dimensions have no names, so no 'time': give a number"},
                  {"c.npy", "-1", 4, SHEAF_OK, NULL},
                  {"cut.npy", "0", 1, SHEAF_FORMAT, "cut.npy: header declares 192 bytes of data, file holds 191"},
                  {"one.npy", "0", 1, SHEAF_INVALID, "one.npy: is one number, and has no axis"},
                  {"none.npy", "0", 0, SHEAF_OK, NULL},
                  {"c.npy", "0", 2, SHEAF_OK, NULL}};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("sum");
    double one = 1;
    size_t n, at = 0;
    sheaf_view view = sheaf_view_f64(&one, 1);
    view.ndim = 0;
    ck_ok(sheaf_file_save("one.npy", &view, false, error));
    save_numbers("none.npy", 0, 0);
    save_numbers("plain.npy", 3, 1);
    save_places("c.npy", 2, 3, 4, false);
    char *whole = file_read("c.npy", &n);
    file_write("cut.npy", whole, n - 1);
    free(whole);
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
        ck_ok(sheaf_batch_add_slices(batch, inputs[k].path, inputs[k].axis, error));
        ck_ok(sheaf_batch_add_file(batch, "plain.npy", error));
    }
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
        for (size_t i = 0; i < inputs[k].n; i++, at++) {
            ck_status(results, at, inputs[k].status);
            if (inputs[k].message)
                ck_has(message_of(results, at), inputs[k].message);
        }
        ck_assert(number_of(results, at++, 0) == 6);
    }
    ck_assert_uint_eq(at, sheaf_batch_size(batch));
    ck_assert_int_eq(sheaf_batch_add_slices(batch, "c.npy", "", NULL), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_batch_add_slices(batch, "", "0", NULL), SHEAF_INVALID);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* x is cut, w is whole; both are cut. */
START_TEST(items_of_several_files)
{
    const char *const paths[] = {"c.npy", "w.npy"};
    const char *const texts[] = {"sum(x * w)", "sum(x) + w"};
    const char *const names[] = {"x", "w"};
    save_places("c.npy", 6, 3, 4, false);
    save_numbers("w.npy", 4, 1);
    for (int both = 0; both < 2; both++) {
        const bool sliced[] = {true, both == 1};
        sheaf_batch *batch = NULL;
        sheaf_results *results = NULL;
        sheaf_func *func = NULL;
        ck_ok(sheaf_func_parse(texts[both], 2, names, &func, error));
        ck_ok(sheaf_batch_new(&batch, error));
        ck_ok(sheaf_batch_add_files_slices(batch, paths, 2, sliced, both ? "-1" : "0", error));
        ck_assert_uint_eq(sheaf_batch_size(batch), both ? 4 : 6);
        ck_ok(sheaf_map(func, batch, NULL, &results, error));
        for (size_t i = 0; i < sheaf_batch_size(batch); i++) {
            double sum = 0;
            for (int j = 0; j < 3 && !both; j++)
                for (int k = 0; k < 4; k++)
                    sum += ((double)i * 12 + 4 * j + k) * (1 + k);
            for (int j = 0; j < 18 && both; j++)
                sum += j * 4 + (double)i;
            ck_assert(number_of(results, i, 0) == sum + (both ? 1 + (double)i : 0));
        }
        sheaf_results_free(results);
        sheaf_batch_free(batch);
        sheaf_func_free(func);
    }
}
END_TEST

/* A file that is another one when its slices are read fails them, and no other. */
START_TEST(a_changed_file)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("sum");
    save_places("c.npy", 4, 3, 2, false);
    save_places("d.npy", 4, 3, 2, false);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_slices(batch, "c.npy", "0", error));
    ck_ok(sheaf_batch_add_slices(batch, "d.npy", "0", error));
    save_places("c.npy", 5, 3, 2, false);
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    for (size_t i = 0; i < 8; i++)
        ck_status(results, i, i < 4 ? SHEAF_FORMAT : SHEAF_OK);
    ck_has(message_of(results, 3), "c.npy[3]");
    ck_has(message_of(results, 3), "another shape or dtype than when its slices were counted");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* Bookkeeping is of files, not of slices. */
START_TEST(slices_cost_nothing)
{
    enum {
        MANY = 1000000
    };
    sheaf_batch *batch = NULL;
    char name[SHEAF_NAME_MAX];
    save_places("c.npy", MANY, 1, 1, false);
    ck_ok(sheaf_batch_new(&batch, error));
    const long before = mem_live();
    ck_ok(sheaf_batch_add_slices(batch, "c.npy", "0", error));
    ck_assert_int_lt(mem_live() - before, 16);
    ck_assert_uint_eq(sheaf_batch_size(batch), MANY);
    ck_assert_str_eq(sheaf_batch_name(batch, MANY - 1, name), "c.npy[999999]");
    ck_assert_uint_eq(batch->items->entries, 1);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_status map_once(const char *axis, uint64_t memory, sheaf_error *error)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = NULL;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.memory = memory;
    options.threads = 1;
    sheaf_status status = sheaf_func_named("sum", NULL, &func, error);
    if (!status)
        status = sheaf_batch_new(&batch, error);
    if (!status)
        status = sheaf_batch_add_slices(batch, "c.npy", axis, error);
    if (!status)
        status = sheaf_map(func, batch, &options, &results, error);
    for (size_t i = 0; !status && i < sheaf_batch_size(batch); i++)
        status = sheaf_results_status(results, i, NULL);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return status;
}

/* Each allocation in turn, of slabs and of all else: told, and nothing is left behind. */
START_TEST(every_allocation_fails)
{
    const char *const axis = _i ? "1" : "0";
    sheaf_error problem = {SHEAF_OK, ""};
    save_places("c.npy", 12, 20, 10, false);
    ck_ok(map_once(axis, 20 << 10, error));
    pool_trim();
    mem_fail_at(0, 0);
    ck_ok(map_once(axis, 20 << 10, error));
    const long calls = mem_calls();
    ck_assert_int_gt(calls, 0);
    for (long k = 1; k <= calls; k++) {
        pool_trim();
        const long before = mem_live();
        mem_fail_at(k, 1);
        const sheaf_status status = map_once(axis, 20 << 10, &problem);
        mem_fail_at(0, 0);
        pool_trim();
        ck_assert_msg(status == SHEAF_NO_MEMORY || status == SHEAF_OK, "allocation %ld: %s", k, problem.message);
        ck_assert_int_eq(mem_live(), before);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slices");
    TCase *tcase = tcase_create("slices");
    tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
    tcase_add_loop_test(tcase, every_axis, 0, MOST_THREADS);
    tcase_add_test(tcase, bad_files_fail_alone);
    tcase_add_test(tcase, items_of_several_files);
    tcase_add_test(tcase, a_changed_file);
    tcase_add_test(tcase, slices_cost_nothing);
    tcase_add_loop_test(tcase, every_allocation_fails, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
