/* Containers and packed files: parts by name, items of a batch, a team that reads; every byte and bit of small archives
 * damaged, and allocations that fail. What NumPy says is in tests/io. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/format.h"
#include "test_map.h"
#include <unistd.h>

/* Archives, gzip and zstd of arange(3, dtype='i2'), by others. */
static const struct seed {
    const char *bytes;
    size_t n;
} seeds[] = {
#define SEED(text)            \
    {                         \
        text, sizeof text - 1 \
    }
#include "../fuzz/seeds_formats.h"
};

/* Every array of a file, or what is wrong: OK when all could be read. right: none is other than arange(3). */
static sheaf_status read_whole(const char *path, bool *right, sheaf_error *error)
{
    static const int16_t expected[] = {0, 1, 2};
    sheaf_file *file = NULL;
    *right = true;
    sheaf_status status = sheaf_file_open(path, NULL, &file, error);
    for (size_t part = 0; !status && part < sheaf_file_parts(file); part++) {
        sheaf_array *array = NULL;
        status = sheaf_file_part_load(file, part, &array, error);
        if (status)
            break;
        sheaf_view view = sheaf_array_view(array);
        *right = *right && view.dtype == SHEAF_I16 && view.ndim == 1 && view.shape[0] == 3 &&
                 memcmp(view.data, expected, sizeof expected) == 0;
        sheaf_array_free(array);
    }
    sheaf_file_close(file);
    return status;
}

static bool can_read(const struct seed *seed)
{
    sheaf_error problem = {SHEAF_OK, ""};
    bool right;
    file_write("whole", seed->bytes, seed->n);
    sheaf_status status = read_whole("whole", &right, &problem);
    if (status == SHEAF_UNSUPPORTED) /* built without: named, with the remedy */
        ck_has(problem.message, "build Sheaf again");
    else
        ck_assert_msg(status == SHEAF_OK && right, "%s", problem.message);
    return status == SHEAF_OK;
}

START_TEST(cut_everywhere)
{
    const struct seed *seed = &seeds[_i];
    bool right;
    if (!can_read(seed))
        return;
    for (size_t n = 0; n < seed->n; n++) {
        sheaf_error problem = {SHEAF_OK, ""};
        file_write("cut", seed->bytes, n);
        ck_assert_msg(read_whole("cut", &right, &problem) == SHEAF_FORMAT, "%zu bytes: %s", n, problem.message);
        ck_has(problem.message, "cut");
    }
}
END_TEST

/* One bit wrong, anywhere: refused with a message, or, where nothing hangs on the bit, the right values. In an archive
 * a name may change, and with it the number of arrays. */
START_TEST(every_bit)
{
    const struct seed *seed = &seeds[_i];
    size_t refused = 0;
    bool right;
    if (!can_read(seed))
        return;
    char *wrong = malloc(seed->n);
    memcpy(wrong, seed->bytes, seed->n);
    for (size_t bit = 0; bit < 8 * seed->n; bit++) {
        sheaf_error problem = {SHEAF_OK, ""};
        wrong[bit / 8] = (char)(wrong[bit / 8] ^ 1 << bit % 8);
        file_write("wrong", wrong, seed->n);
        sheaf_status status = read_whole("wrong", &right, &problem);
        ck_assert_msg(right, "bit %zu of byte %zu gives other values", bit % 8, bit / 8);
        ck_assert(status == SHEAF_OK || problem.message[0]);
        refused += status != SHEAF_OK;
        wrong[bit / 8] = (char)(wrong[bit / 8] ^ 1 << bit % 8);
    }
    free(wrong);
    ck_assert_uint_gt(refused, seed->n);
}
END_TEST

START_TEST(raw_settings)
{
    static const char *const good[] = {"format=raw", "dtype=>i2", "shape=-1,2", "skip=1"};
    static const char *const bad[] = {"format=raw", "delimiter=;"};
    static const unsigned char bytes[] = {9, 0, 1, 0, 2, 1, 0, 255, 255};
    static const int16_t expected[] = {1, 2, 256, -1};
    sheaf_read *settings = NULL;
    sheaf_file *file = NULL;
    sheaf_array *array = NULL;
    sheaf_error problem;
    file_write("x.bin", bytes, sizeof bytes);
    ck_ok(sheaf_read_new(4, good, &settings, error));
    ck_ok(sheaf_file_open("x.bin", settings, &file, error));
    ck_ok(sheaf_file_part_load(file, 0, &array, error));
    ck_assert_mem_eq(sheaf_array_data(array), expected, sizeof expected);
    ck_assert_str_eq(sheaf_file_part_name(file, 0), "");
    ck_assert_str_eq(sheaf_file_part_dimension(file, 0, 0), "");
    sheaf_array_free(array);
    sheaf_file_close(file);
    sheaf_read_free(settings);
    ck_assert_int_eq(sheaf_read_new(2, bad, &settings, &problem), SHEAF_INVALID);
    ck_has(problem.message, "the format raw has no such setting");
    ck_assert_ptr_null(settings);
}
END_TEST

#ifdef SHEAF_DEFLATE

enum {
    LARGE = 1200000
};

/* d.npz with `large`, 0 to LARGE - 1, and `small`, (2, 3) of 0 to 5, big enough for a team. */
static sheaf_status write_archive(const char *path, bool deflated, size_t large, sheaf_error *error)
{
    struct io_output out = {0};
    struct npz_output z = {0};
    double *x = counting(large), small[6] = {0, 1, 2, 3, 4, 5};
    sheaf_view whole = sheaf_view_f64(x, large), view;
    sheaf_status status = io_create(path, &out, error);
    npz_begin(&z, &out, deflated);
    if (!status)
        status = npz_add(&z, "large", &whole, error);
    if (!status)
        status = sheaf_view_init(&view, small, SHEAF_F64, 2, (int64_t[]){2, 3}, error);
    if (!status)
        status = npz_add(&z, "small", &view, error);
    if (!status)
        status = npz_end(&z, error);
    if (!status)
        status = io_commit(&out, false, error);
    npz_clear(&z);
    io_discard(&out);
    free(x);
    return status;
}

START_TEST(parts)
{
    sheaf_file *file = NULL;
    sheaf_file_info info;
    sheaf_array *array = NULL;
    sheaf_error problem;
    ck_ok(write_archive("d.npz", _i, 10, error));
    ck_ok(sheaf_file_open("d.npz", NULL, &file, error));
    ck_assert_uint_eq(sheaf_file_parts(file), 2);
    ck_assert_str_eq(sheaf_file_part_name(file, 1), "small");
    ck_ok(sheaf_file_part_describe(file, 1, &info, error));
    ck_assert_str_eq(info.format, _i ? "npz deflated" : "npz stored");
    ck_assert(info.ndim == 2 && info.shape[0] == 2 && info.shape[1] == 3);
    ck_assert_int_eq(sheaf_file_part_describe(file, 2, &info, &problem), SHEAF_INVALID);
    sheaf_file_close(file);
    ck_assert_int_eq(sheaf_file_load("d.npz", &array, &problem), SHEAF_INVALID);
    ck_has(problem.message, "holds 2 arrays (large, small)");
    ck_assert_int_eq(sheaf_file_load("d.npz:none", &array, &problem), SHEAF_INVALID);
    ck_has(problem.message, "has no part 'none'; it holds large, small");
    ck_assert_int_eq(sheaf_file_load("e.npz:small", &array, &problem), SHEAF_IO);
    ck_has(problem.message, "e.npz:small: No such file");
    ck_ok(sheaf_file_load("d.npz:small", &array, error));
    ck_assert_double_eq(((double *)sheaf_array_data(array))[5], 5);
    sheaf_array_free(array);
    save_numbers("d.npz:small", 3, 7); /* a file of the whole name comes first */
    ck_ok(sheaf_file_load("d.npz:small", &array, error));
    ck_assert_double_eq(((double *)sheaf_array_data(array))[0], 7);
    sheaf_array_free(array);
}
END_TEST

/* Items that are parts, the large one wide; values by a closed form. */
START_TEST(items)
{
    static const char *const select[] = {"small", "none"};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_file_info info;
    sheaf_func *sum = named("sum");
    char unnamed[SHEAF_NAME_MAX];
    ck_ok(write_archive("d.npz", _i, LARGE, error));
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_parts(batch, "d.npz", 0, NULL, error));
    ck_ok(sheaf_batch_add_parts(batch, "d.npz", 2, select, error));
    ck_ok(sheaf_batch_add_part(batch, "d.npz", "large", error));
    ck_ok(sheaf_batch_add_parts(batch, "missing", 0, NULL, error));
    ck_assert_uint_eq(sheaf_batch_size(batch), 6);
    ck_assert_str_eq(sheaf_batch_name(batch, 0, unnamed), "d.npz:large");
    ck_ok(sheaf_batch_describe(batch, 4, &info, error));
    ck_assert_int_eq(info.shape[0], LARGE);
    sheaf_map_options_init(&options);
    options.threads = 3;
    ck_ok(sheaf_map(sum, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 2);
    const double expected = (double)LARGE * (LARGE - 1) / 2;
    ck_assert_double_eq(number_of(results, 0, 0), expected);
    ck_assert_double_eq(number_of(results, 1, 0), 15);
    ck_assert_double_eq(number_of(results, 2, 0), 15);
    ck_has(message_of(results, 3), "has no part 'none'");
    ck_assert_double_eq(number_of(results, 4, 0), expected);
    ck_has(message_of(results, 5), "No such file");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(sum);
}
END_TEST

static sheaf_status work(int which, sheaf_error *error)
{
    sheaf_array *array = NULL;
    sheaf_status status;
    bool right;
    switch (which) {
    case 0:
        return read_whole("stored.npz", &right, error);
    case 1:
        return read_whole("deflated.npz", &right, error);
    case 2:
        return read_whole("x.gz", &right, error);
    case 3:
        status = sheaf_file_load("stored.npz:a", &array, error);
        sheaf_array_free(array);
        return status;
    default:
        return write_archive("out.npz", which == 5, 10, error);
    }
}

START_TEST(every_allocation_fails)
{
    file_write("stored.npz", seeds[0].bytes, seeds[0].n);
    file_write("deflated.npz", seeds[1].bytes, seeds[1].n);
    file_write("x.gz", seeds[3].bytes, seeds[3].n);
    mem_fail_at(0, 0);
    ck_ok(work(_i, error));
    long calls = mem_calls();
    ck_assert_int_gt(calls, 0);
    for (int always = 0; always < 2; always++)
        for (long k = 1; k <= calls; k++) {
            sheaf_error problem = {SHEAF_OK, ""};
            remove("out.npz");
            pool_trim();
            const long before = mem_live();
            mem_fail_at(k, always);
            sheaf_status status = work(_i, &problem);
            mem_fail_at(0, 0);
            pool_trim();
            ck_assert_msg(status == SHEAF_NO_MEMORY, "allocation %ld: %s", k, problem.message);
            ck_has(problem.message, "no memory");
            ck_assert_int_eq(mem_live(), before);
            ck_assert_int_ne(access("out.npz", F_OK), 0);
        }
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("formats");
    TCase *tcase = tcase_create("formats");
    tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
    tcase_add_loop_test(tcase, cut_everywhere, 0, sizeof seeds / sizeof *seeds);
    tcase_add_loop_test(tcase, every_bit, 0, sizeof seeds / sizeof *seeds);
    tcase_add_test(tcase, raw_settings);
#ifdef SHEAF_DEFLATE
    tcase_add_loop_test(tcase, parts, 0, 2);
    tcase_add_loop_test(tcase, items, 0, 2);
    tcase_add_loop_test(tcase, every_allocation_fails, 0, 6);
#endif
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
