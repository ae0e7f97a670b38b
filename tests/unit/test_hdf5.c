/* HDF5 and netCDF: handles that are given back, allocations that fail, many threads beside one lock. What h5py and
 * netCDF4 say is in tests/io. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/format.h"
#include "test_map.h"
#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

static const struct seed {
    const char *bytes;
    size_t n;
} seeds[] = {
#define SEED(text)            \
    {                         \
        text, sizeof text - 1 \
    }
#include "../fuzz/seeds_netcdf.h"
#ifdef SHEAF_HDF5
#include "../fuzz/seeds_hdf5.h"
#endif
};

enum {
    SEEDS = sizeof seeds / sizeof *seeds,
    FILES = 24
};

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    ck_assert_ptr_nonnull(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* Every array of a file, until one cannot be read; *bytes of them. */
static sheaf_status read_whole(const char *path, bool attributes, size_t *bytes, sheaf_error *error)
{
    sheaf_file *file = NULL;
    *bytes = 0;
    sheaf_status status = sheaf_file_open(path, NULL, &file, error);
    for (size_t part = 0; !status && part < sheaf_file_parts(file); part++) {
        sheaf_array *array = NULL;
        const char *name, *value;
        status = sheaf_file_part_load(file, part, &array, error);
        for (size_t i = 0; !status && attributes && sheaf_file_part_attribute(file, part, i, &name, &value); i++)
            ck_assert(*name && value);
        if (status)
            break;
        sheaf_view view = sheaf_array_view(array);
        *bytes += (size_t)sheaf_view_size(&view) * sheaf_dtype_size(view.dtype);
        sheaf_array_free(array);
    }
    sheaf_file_close(file);
    return status;
}

START_TEST(handles_are_given_back)
{
    const struct seed *seed = &seeds[_i];
    sheaf_error problem = {SHEAF_OK, ""};
    size_t bytes, whole;
    file_write("whole", seed->bytes, seed->n);
    ck_assert_msg(read_whole("whole", true, &whole, &problem) == SHEAF_OK, "%s", problem.message);
    ck_assert_uint_gt(whole, 0);
    const int before = descriptors();
    for (size_t n = 0; n <= seed->n; n += 5) {
        file_write("cut", seed->bytes, n);
        sheaf_status status = read_whole("cut", true, &bytes, &problem);
        ck_assert_msg(status == SHEAF_OK || status == SHEAF_FORMAT, "%zu bytes: %s", n, problem.message);
        ck_assert(status || bytes == whole);
        ck_assert_int_eq(descriptors(), before);
    }
    sheaf_file_info info;
    ck_assert_int_eq(sheaf_file_describe("whole:none", &info, &problem), SHEAF_INVALID);
    ck_has(problem.message, "has no part 'none'");
    ck_assert_int_eq(descriptors(), before);
}
END_TEST

START_TEST(every_allocation_fails)
{
    const struct seed *seed = &seeds[_i];
    sheaf_error problem = {SHEAF_OK, ""};
    size_t bytes;
    file_write("whole", seed->bytes, seed->n);
    read_whole("whole", false, &bytes, &problem);
    pool_trim();
    mem_fail_at(0, 0);
    ck_assert_int_eq(read_whole("whole", false, &bytes, &problem), SHEAF_OK);
    const long calls = mem_calls();
    const int open = descriptors();
    ck_assert_int_gt(calls, 0);
    for (long k = 1; k <= calls; k++) {
        pool_trim();
        const long before = mem_live();
        mem_fail_at(k, 1);
        sheaf_status status = read_whole("whole", false, &bytes, &problem);
        mem_fail_at(0, 0);
        pool_trim();
        ck_assert_msg(status == SHEAF_NO_MEMORY, "allocation %ld: %s", k, problem.message);
        ck_assert_int_eq(mem_live(), before);
        ck_assert_int_eq(descriptors(), open);
    }
}
END_TEST

/* Files of all kinds, several of each, on four threads: the same sums as one by one. */
START_TEST(many_threads)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results[2] = {NULL, NULL};
    sheaf_func *func = NULL;
    char name[32];
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "f%d", i);
        file_write(name, seeds[i % SEEDS].bytes, seeds[i % SEEDS].n);
        ck_ok(sheaf_batch_add_parts(batch, name, 0, NULL, error));
    }
    ck_ok(sheaf_func_parse("sum(x)", 0, NULL, &func, error));
    for (int k = 0; k < 2; k++) {
        sheaf_map_options options;
        sheaf_map_options_init(&options);
        options.threads = k ? 4 : 1;
        ck_ok(sheaf_map(func, batch, &options, &results[k], error));
        ck_assert_uint_eq(sheaf_results_failed(results[k]), 0);
    }
    for (size_t i = 0; i < sheaf_batch_size(batch); i++) {
        sheaf_view a, b;
        ck_ok(sheaf_results_view(results[0], i, 0, &a, error));
        ck_ok(sheaf_results_view(results[1], i, 0, &b, error));
        ck_assert(a.dtype == b.dtype && memcmp(a.data, b.data, sheaf_dtype_size(a.dtype)) == 0);
    }
    sheaf_results_free(results[0]);
    sheaf_results_free(results[1]);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* One open file whose ranges threads fetch at once. */
struct fetching {
    struct io_input in;
    const unsigned char *whole;
    size_t n, size;
};

static void *fetch_ranges(void *context)
{
    struct fetching *f = context;
    unsigned char *to = malloc(f->n * f->size + 1);
    void *wrong = NULL;
    for (size_t length = 1; length <= f->n; length = 2 * length + 1)
        for (size_t at = 0; at < f->n; at += length) {
            const size_t n = f->n - at < length ? f->n - at : length;
            if (io_fetch(&f->in, at, at + n, to, NULL) || memcmp(to, f->whole + at * f->size, n * f->size) != 0)
                wrong = f;
        }
    free(to);
    return wrong;
}

START_TEST(threads_fetch_ranges)
{
    const struct seed *seed = &seeds[_i];
    sheaf_file *file = NULL;
    file_write("whole", seed->bytes, seed->n);
    ck_ok(sheaf_file_open("whole", NULL, &file, error));
    for (size_t part = 0; part < sheaf_file_parts(file); part++) {
        struct fetching f = {.in = {.path = "whole", .fd = -1, .file = file, .part = part, .kept = true}};
        pthread_t threads[4];
        sheaf_array *array = NULL;
        ck_ok(sheaf_file_part_load(file, part, &array, error));
        ck_ok(sheaf_file_part_describe(file, part, &f.in.info, error));
        ck_assert(io_can_fetch(&f.in));
        f.size = sheaf_dtype_size(f.in.info.dtype);
        f.n = (size_t)f.in.info.data_bytes / f.size;
        f.whole = sheaf_array_data(array);
        for (int k = 0; k < 4; k++)
            ck_assert_int_eq(pthread_create(&threads[k], NULL, fetch_ranges, &f), 0);
        for (int k = 0; k < 4; k++) {
            void *wrong;
            ck_assert_int_eq(pthread_join(threads[k], &wrong), 0);
            ck_assert_ptr_null(wrong);
        }
        sheaf_array_free(array);
    }
    sheaf_file_close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hdf5");
    TCase *tcase = tcase_create("hdf5");
    tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
    tcase_add_loop_test(tcase, handles_are_given_back, 0, SEEDS);
    tcase_add_loop_test(tcase, every_allocation_fails, 0, SEEDS);
    tcase_add_test(tcase, many_threads);
    tcase_add_loop_test(tcase, threads_fetch_ranges, 0, SEEDS);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
