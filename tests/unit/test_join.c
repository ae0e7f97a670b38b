/* Several files as one array: read whole and in ranges. The joined array is 0, 1, 2, … throughout. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/format.h"
#include "join_files.h"
#include <unistd.h>

static sheaf_read *join_of(const struct layout *l)
{
    const char *paths[MOST];
    sheaf_read *read = NULL;
    for (int k = 0; k < l->n; k++)
        paths[k] = name_of(k);
    ck_ok(read_joined((size_t)l->n, paths, l->axis, NULL, &read, error));
    return read;
}

START_TEST(all_of_it)
{
    const size_t n = save_layout(&layouts[_i]);
    sheaf_read *read = join_of(&layouts[_i]);
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    ck_ok(io_open("whole", read, &buffer, &in, error));
    ck_assert_uint_eq(in.info.data_bytes, 8 * n);
    ck_ok(io_read_all(&in, &buffer, &view, error));
    ck_assert_uint_eq((size_t)sheaf_view_size(&view), n);
    check_counting(view.data, 0, n);
    io_buffer_free(&buffer);
    sheaf_read_free(read);
}
END_TEST

START_TEST(ranges)
{
    const size_t n = save_layout(&layouts[_i]);
    sheaf_read *read = join_of(&layouts[_i]);
    struct io_buffer buffer = {0};
    struct io_input in;
    double *x = malloc(n * sizeof *x);
    uint64_t random = 1;
    ck_ok(io_open("whole", read, &buffer, &in, error));
    ck_assert(io_can_fetch(&in));
    for (int k = 0; k < 50; k++) {
        const size_t begin = random_u64(&random) % n, end = begin + random_u64(&random) % (n - begin) + 1;
        ck_ok(io_fetch(&in, begin, end, x, error));
        check_counting(x, begin, end - begin);
    }
    for (size_t begin = 0; begin < n && n < 100; begin++)
        for (size_t end = begin; end <= n; end++) {
            ck_ok(io_fetch(&in, begin, end, x, error));
            check_counting(x, begin, end - begin);
        }
    io_close(&in);
    io_buffer_free(&buffer);
    sheaf_read_free(read);
    free(x);
}
END_TEST

/* A file that is another one when it is opened to be read. */
START_TEST(changed_meanwhile)
{
    const struct layout *l = &layouts[0];
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_error problem;
    double x[45];
    save_layout(l);
    sheaf_read *read = join_of(l);
    ck_ok(io_open("whole", read, &buffer, &in, error));
    ck_ok(io_fetch(&in, 0, 10, x, error));
    save_numbers(name_of(2), 35, 0);
    ck_assert_int_eq(io_fetch(&in, 5, 20, x, &problem), SHEAF_FORMAT);
    ck_has(problem.message, "m2.npy: has changed");
    ck_assert(in.transient);
    io_close(&in);
    save_layout(l); /* and the next who opens it looks anew */
    ck_ok(io_open("whole", read, &buffer, &in, error));
    ck_ok(io_fetch(&in, 5, 20, x, error));
    check_counting(x, 5, 15);
    io_close(&in);
    io_buffer_free(&buffer);
    sheaf_read_free(read);
}
END_TEST

/* ---- want of memory ---- */

static sheaf_status work(const sheaf_read *read, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    double x[4];
    sheaf_status status = io_open("whole", read, &buffer, &in, error);
    if (status == SHEAF_OK)
        status = io_fetch(&in, 4, 8, x, error);
    if (status == SHEAF_OK)
        status = io_read_all(&in, &buffer, &view, error);
    io_close(&in);
    io_buffer_free(&buffer);
    return status;
}

START_TEST(every_allocation_fails)
{
    sheaf_read *read = NULL;
    struct grid b = plain_grid;
    b.time = 9;
    save_two(&b);
    ck_ok(read_joined(2, nc, "time", NULL, &read, error));
    mem_fail_at(0, 0);
    ck_ok(work(read, error));
    const long calls = mem_calls();
    ck_assert_int_gt(calls, 10);
    for (int always = 0; always < 2; always++)
        for (long k = 1; k <= calls; k++) {
            sheaf_error problem = {SHEAF_OK, ""};
            pool_trim();
            const long before = mem_live();
            mem_fail_at(k, always);
            sheaf_status status = work(read, &problem);
            mem_fail_at(0, 0);
            pool_trim();
            ck_assert_msg(status == SHEAF_NO_MEMORY, "allocation %ld: %s", k, problem.message);
            ck_assert_int_eq(mem_live(), before);
        }
    sheaf_read_free(read);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("join");
    TCase *tcase = tcase_create("join");
    tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
    tcase_add_loop_test(tcase, all_of_it, 0, LAYOUTS);
    tcase_add_loop_test(tcase, ranges, 0, LAYOUTS);
    tcase_add_test(tcase, changed_meanwhile);
    tcase_add_test(tcase, every_allocation_fails);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
