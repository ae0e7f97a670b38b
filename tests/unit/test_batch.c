/* Batches, functions to map, and the plan. */

#include "base/alloc.h"
#include "batch/plan.h"
#include "test_map.h"

START_TEST(items_keep_their_names_and_order)
{
    double x[6] = {1, 2, 3, 4, 5, 6};
    char buffer[SHEAF_NAME_MAX];
    sheaf_batch *batch = NULL;
    sheaf_array *array = NULL;
    sheaf_view views[2] = {sheaf_view_f64(x, 3), sheaf_view_f64(x + 3, 3)};
    char path[] = "dir/file.npy";
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_views(batch, views, 1, NULL, error));
    ck_ok(sheaf_batch_add_views(batch, views, 2, "both", error));
    ck_ok(sheaf_batch_add_file(batch, path, error));
    ck_ok(sheaf_array_from_view(&views[0], SHEAF_F64, &array, error));
    ck_ok(sheaf_batch_add_array(batch, array, "array", error));
    sheaf_array_free(array); /* the batch is an owner */
    path[0] = '?';           /* copied */
    ck_assert_uint_eq(sheaf_batch_size(batch), 4);
    ck_assert_str_eq(sheaf_batch_name(batch, 0, buffer), "[0]");
    ck_assert_str_eq(sheaf_batch_name(batch, 1, buffer), "both");
    ck_assert_str_eq(sheaf_batch_name(batch, 2, buffer), "dir/file.npy");
    ck_assert_str_eq(sheaf_batch_name(batch, 3, buffer), "array");
    sheaf_batch_free(batch);
    sheaf_batch_free(NULL);
}
END_TEST

START_TEST(bad_items_are_refused)
{
    double x = 0;
    sheaf_batch *batch = NULL;
    sheaf_error e;
    ck_ok(sheaf_batch_new(&batch, error));
    sheaf_view good = sheaf_view_f64(&x, 1), bad = good;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &good, 0, NULL, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_batch_add_views(batch, &good, 17, NULL, &e), SHEAF_INVALID);
    bad.data = NULL;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &bad, 1, NULL, &e), SHEAF_INVALID);
    bad = good, bad.dtype = (sheaf_dtype)99;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &bad, 1, NULL, &e), SHEAF_INVALID);
    bad = good, bad.ndim = 17;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &bad, 1, NULL, &e), SHEAF_INVALID);
    bad = good, bad.shape[0] = -1;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &bad, 1, NULL, &e), SHEAF_INVALID);
    bad = good, bad.shape[0] = INT64_MAX;
    ck_assert_int_eq(sheaf_batch_add_views(batch, &bad, 1, NULL, &e), SHEAF_OVERFLOW);
    ck_assert_int_eq(sheaf_batch_add_file(batch, "", &e), SHEAF_INVALID);
    ck_assert_uint_eq(sheaf_batch_size(batch), 0);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_status nothing(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                            sheaf_error *error)
{
    (void)x, (void)item, (void)out, (void)user, (void)error;
    return SHEAF_OK;
}

START_TEST(functions_know_their_outputs)
{
    const char *twice[] = {"a", "a"}, *one[] = {"mine"};
    sheaf_func *func = NULL;
    sheaf_error e;
    func = named("mean");
    ck_assert_int_eq(sheaf_func_nout(func), 1);
    ck_assert_str_eq(sheaf_func_output_name(func, 0), "mean");
    sheaf_func_free(func);
    func = named("stats");
    ck_assert_int_eq(sheaf_func_nout(func), 5);
    ck_assert_str_eq(sheaf_func_output_name(func, 0), "stats.count");
    ck_assert_str_eq(sheaf_func_output_name(func, 3), "stats.min");
    ck_assert_str_eq(sheaf_func_output_name(func, 5), "");
    sheaf_func_free(func);
    ck_ok(sheaf_func_callback(nothing, NULL, 1, one, &func, error));
    ck_assert_str_eq(sheaf_func_output_name(func, 0), "mine");
    sheaf_func_free(func);
    ck_assert_int_eq(sheaf_func_callback(NULL, NULL, 1, one, &func, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_func_callback(nothing, NULL, 17, one, &func, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_func_callback(nothing, NULL, 1, NULL, &func, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_func_callback(nothing, NULL, 2, twice, &func, &e), SHEAF_INVALID);
    ck_has(e.message, "\"a\"");
    sheaf_func_free(NULL);
}
END_TEST

START_TEST(unknown_functions_get_an_answer)
{
    sheaf_func *func = NULL;
    sheaf_error e;
    ck_assert_int_eq(sheaf_func_named("maen", NULL, &func, &e), SHEAF_UNKNOWN);
    ck_assert_ptr_null(func);
    ck_has(e.message, "\"maen\"");
    ck_has(e.message, "did you mean \"mean\"?");
    ck_has(e.message, "sheaf functions lists all");
    ck_assert_int_eq(sheaf_func_named("mean(x)", NULL, &func, &e), SHEAF_UNKNOWN);
    ck_has(e.message, "is not a name: give one of the catalogue");
    ck_assert_int_eq(sheaf_func_named("x**2 + 1", NULL, &func, &e), SHEAF_UNKNOWN);
    ck_has(e.message, "sheaf_func_parse takes expressions");
    ck_assert_int_eq(sheaf_func_named("", NULL, &func, &e), SHEAF_UNKNOWN);
    ck_assert_int_eq(sheaf_func_named(NULL, NULL, &func, &e), SHEAF_UNKNOWN);
}
END_TEST

static struct plan plan(const float *costs, size_t n, int threads, bool divisible)
{
    struct plan p;
    ck_ok(plan_make(costs, n, threads, divisible, &p, error));
    return p;
}

START_TEST(plan_of_equal_items)
{
    float costs[20];
    for (int i = 0; i < 20; i++)
        costs[i] = 300e3f;
    /* Two threads: 2·c > n·c/10 for n < 20 only. */
    struct plan p = plan(costs, 20, 2, true);
    ck_assert_ptr_null(p.order);
    ck_assert_uint_eq(p.wide, 0);
    ck_assert_uint_eq(plan(costs, 19, 2, true).wide, 19);
    ck_assert_uint_eq(plan(costs, 19, 2, false).wide, 0);
    ck_assert_uint_eq(plan(costs, 19, 1, true).wide, 0);
    /* One more item than threads. */
    ck_assert_uint_eq(plan(costs, 3, 2, true).wide, 3);
    for (int i = 0; i < 20; i++)
        costs[i] = 199e3f;
    ck_assert_uint_eq(plan(costs, 3, 2, true).wide, 0);
    for (int i = 0; i < 20; i++)
        costs[i] = 0;
    p = plan(costs, 20, 2, true);
    ck_assert_ptr_null(p.order);
    ck_assert_uint_eq(p.wide, 0);
    ck_assert_uint_eq(plan(costs, 0, 2, true).wide, 0);
}
END_TEST

START_TEST(plan_puts_the_dearest_first)
{
    const float costs[] = {10, 1e9f, 10, 5e6f, -1, 10, 20e6f, 0, -1};
    const uint32_t expected[] = {1, 6, 3, 0, 2, 5, 7, 4, 8};
    struct plan p = plan(costs, 9, 4, true);
    ck_assert_ptr_nonnull(p.order);
    for (int i = 0; i < 9; i++)
        ck_assert_uint_eq(p.order[i], expected[i]);
    /* 1e9 of 1.025e9; 20e6 of 25e6; 5e6 of 5e6; then 10 ns is below the least. */
    ck_assert_uint_eq(p.wide, 3);
    mem_free(p.order);
}
END_TEST

START_TEST(plan_stops_at_the_first_item_that_fails)
{
    /* A giant, then a thousand of 300 µs: 0.3·2 > 300/10 is false, so none of them. */
    float costs[1001];
    for (int i = 0; i < 1001; i++)
        costs[i] = i == 500 ? 1e9f : 300e3f;
    struct plan p = plan(costs, 1001, 2, true);
    ck_assert_uint_eq(p.wide, 1);
    ck_assert_uint_eq(p.order[0], 500);
    for (uint32_t i = 1; i < 1001; i++)
        ck_assert_uint_eq(p.order[i], i <= 500 ? i - 1 : i);
    mem_free(p.order);
}
END_TEST

START_TEST(a_large_team_wants_large_items)
{
    /* 256 threads start and end in about 0.3 ms, and 10 ms are 0.04 for each of them. */
    float *costs = malloc(10001 * sizeof *costs);
    for (int i = 0; i < 257; i++)
        costs[i] = 10e6f;
    ck_assert_uint_eq(plan(costs, 257, 256, true).wide, 0);
    for (int i = 0; i < 257; i++)
        costs[i] = 1e9f;
    ck_assert_uint_eq(plan(costs, 257, 256, true).wide, 257);
    /* All others would wait for this one. */
    for (int i = 0; i < 10001; i++)
        costs[i] = i == 7 ? 10e6f : 10e3f;
    struct plan p = plan(costs, 10001, 256, true);
    ck_assert_uint_eq(p.wide, 1);
    ck_assert_uint_eq(p.order[0], 7);
    mem_free(p.order);
    free(costs);
}
END_TEST

START_TEST(pieces_grow_and_shrink)
{
    ck_assert_uint_eq(plan_piece(1, 1, 99, 1000000, 2), 8); /* of 200 that would take 20 µs */
    ck_assert_uint_eq(plan_piece(8, 8, 799, 1000000, 2), 64);
    ck_assert_uint_eq(plan_piece(1000, 1000, 99999, 1000000, 2), 200);
    ck_assert_uint_eq(plan_piece(1000, 1000, 99, 1600, 2), 100); /* an eighth of a share */
    ck_assert_uint_eq(plan_piece(8, 8, 1e9, 1000000, 2), 1);
    ck_assert_uint_eq(plan_piece(1, 1, 0, 0, 256), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch");
    TCase *batch = tcase_create("batch"), *planning = tcase_create("plan");
    tcase_add_test(batch, items_keep_their_names_and_order);
    tcase_add_test(batch, bad_items_are_refused);
    tcase_add_test(batch, functions_know_their_outputs);
    tcase_add_test(batch, unknown_functions_get_an_answer);
    tcase_add_test(planning, plan_of_equal_items);
    tcase_add_test(planning, plan_puts_the_dearest_first);
    tcase_add_test(planning, plan_stops_at_the_first_item_that_fails);
    tcase_add_test(planning, a_large_team_wants_large_items);
    tcase_add_test(planning, pieces_grow_and_shrink);
    suite_add_tcase(suite, batch);
    suite_add_tcase(suite, planning);
    return run_suite(suite);
}
