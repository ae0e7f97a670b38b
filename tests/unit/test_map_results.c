/* The results of a map: views, arrays, stacks, CSV, and rows of the caller's memory. */

#include "test_map.h"
#include <math.h>

/* An array of the item's number of rows, or of 1000 for every third; NaN-free. */
static sheaf_status rows_of(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                            sheaf_error *error)
{
    const int64_t *length = user;
    const int64_t shape[] = {*length};
    sheaf_view view;
    if (item->index == 1)
        return sheaf_error_set(error, SHEAF_CALLBACK, "no rows");
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, 1, shape, &view, error);
    for (int64_t i = 0; status == SHEAF_OK && i < *length; i++)
        ((double *)view.data)[i] = *(const double *)x->data + (double)i;
    return status;
}

START_TEST(taking_and_stacking)
{
    double *x = counting(3);
    sheaf_batch *batch = batch_of_numbers(x, 3);
    for (int64_t length = 2; length < 5000; length += 4000) { /* small results, and pooled ones */
        sheaf_func *func = callback(rows_of, &length, 1);
        sheaf_results *results = NULL;
        sheaf_array *stack = NULL, *taken = NULL;
        sheaf_error e;
        ck_ok(sheaf_map(func, batch, NULL, &results, error));
        ck_ok(sheaf_results_stack(results, 0, &stack, error));
        sheaf_view view = sheaf_array_view(stack);
        ck_assert_int_eq(view.ndim, 2);
        ck_assert_int_eq(view.shape[0], 3);
        ck_assert_int_eq(view.shape[1], length);
        const double *data = view.data;
        for (int64_t i = 0; i < length; i++) {
            ck_assert(data[i] == (double)i);
            ck_assert(isnan(data[length + i]));
            ck_assert(data[2 * length + i] == (double)i + 2);
        }
        sheaf_array_free(stack);
        ck_ok(sheaf_results_take(results, 2, 0, &taken, error));
        bool moved = sheaf_results_view(results, 2, 0, &view, &e) != SHEAF_OK;
        ck_assert_int_eq(moved, length * 8 > 4096);
        ck_assert_int_eq(sheaf_results_take(results, 1, 0, &stack, &e), SHEAF_INVALID);
        ck_assert_int_eq(sheaf_results_take(results, 2, 0, &stack, &e), moved ? SHEAF_INVALID : SHEAF_OK);
        sheaf_array_free(stack);
        sheaf_results_free(results);
        ck_assert(((double *)sheaf_array_data(taken))[1] == 3); /* lives on */
        sheaf_array_free(taken);
        sheaf_func_free(func);
    }
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(what_does_not_stack)
{
    double x[6] = {0};
    sheaf_view views[3] = {sheaf_view_f64(x, 2), sheaf_view_f64(x, 3), sheaf_view_f64(x, 4)};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_array *stack = NULL;
    sheaf_error e;
    sheaf_func *func = named("exp"), *counts = named("argmax");
    ck_ok(sheaf_batch_from_views(views, 3, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert_int_eq(sheaf_results_stack(results, 0, &stack, &e), SHEAF_SHAPE);
    ck_assert_ptr_null(stack);
    ck_has(e.message, "[0] gives float64 (2,), but [1] gives float64 (3,)");
    ck_assert_int_eq(sheaf_results_stack(results, 1, &stack, &e), SHEAF_INVALID);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    views[1].shape[0] = 0; /* argmax of nothing fails, and integers have no NaN */
    ck_ok(sheaf_batch_from_views(views, 2, &batch, error));
    ck_ok(sheaf_map(counts, batch, NULL, &results, error));
    ck_assert_int_eq(sheaf_results_stack(results, 0, &stack, &e), SHEAF_SHAPE);
    ck_has(e.message, "int64");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_assert_uint_eq(sheaf_results_size(results), 0);
    ck_assert_int_eq(sheaf_results_stack(results, 0, &stack, &e), SHEAF_INVALID);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(counts);
    sheaf_func_free(func);
}
END_TEST

/* Two outputs: a number and a vector of the item's own length. */
static sheaf_status ragged(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                           sheaf_error *error)
{
    const int64_t shape[] = {(int64_t)item->index};
    sheaf_view view;
    if (item->index == 2)
        return sheaf_error_set(error, SHEAF_CALLBACK, "bad");
    sheaf_status status = sheaf_output_f64(out, *(const double *)x->data / 4, error);
    if (status == SHEAF_OK)
        status = sheaf_output_array(out, SHEAF_I32, 1, shape, &view, error);
    for (int64_t i = 0; status == SHEAF_OK && i < shape[0]; i++)
        ((int32_t *)view.data)[i] = (int32_t)(10 * i);
    (void)user;
    return status;
}

START_TEST(csv_text)
{
    double x[4] = {1, NAN, 3, -INFINITY};
    const char *const names[] = {"plain", "a,\"b\"", NULL, "line\nbreak"};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    struct text text = {.n = 0};
    sheaf_func *func = callback(ragged, NULL, 2);
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 4; i++) {
        sheaf_view view = sheaf_view_f64(x + i, 1);
        ck_ok(sheaf_batch_add_views(batch, &view, 1, names[i], error));
    }
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    ck_ok(sheaf_results_csv(results, text_add, &text, error));
    ck_assert_str_eq(text.data, "item,a,b[0],b[1],b[2]\n"
                                "plain,0.25,,,\n"
                                "\"a,\"\"b\"\"\",nan,0,,\n"
                                "[2],,,,\n"
                                "\"line\nbreak\",-inf,0,10,20\n");
    sheaf_results_free(results);
    sheaf_func_free(func);
    int64_t length = 1025;
    func = callback(rows_of, &length, 1);
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    sheaf_error e;
    ck_assert_int_eq(sheaf_results_csv(results, text_add, &text, &e), SHEAF_SHAPE);
    ck_has(e.message, "plain: a is float64 (1025,)");
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* ---- sheaf_map_into ---- */

START_TEST(into_the_callers_rows)
{
    double *x = counting(3), out[3][4];
    int64_t length = 2;
    const int64_t shape[] = {3, 4};
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_func *func = callback(rows_of, &length, 1);
    sheaf_view all, every_other, first_two;
    sheaf_results *results = NULL;
    sheaf_error e;
    for (int strided = 0; strided < 2; strided++) {
        for (int i = 0; i < 12; i++)
            (&out[0][0])[i] = -1;
        ck_ok(sheaf_view_init(&all, out, SHEAF_F64, 2, shape, error));
        ck_ok(sheaf_view_slice(&all, 1, 0, 4, 2, &every_other, error));
        ck_ok(sheaf_view_slice(&all, 1, 0, 2, 1, &first_two, error));
        ck_ok(sheaf_map_into(func, batch, NULL, strided ? &every_other : &first_two, &results, error));
        int second = strided ? 2 : 1, untouched = strided ? 1 : 2;
        ck_assert(out[0][0] == 0 && out[0][second] == 1 && out[2][0] == 2 && out[2][second] == 3);
        ck_assert(isnan(out[1][0]) && isnan(out[1][second]));
        for (int i = 0; i < 3; i++)
            ck_assert(out[i][untouched] == -1 && out[i][3] == -1);
        ck_status(results, 1, SHEAF_CALLBACK);
        ck_assert_int_eq(sheaf_results_view(results, 0, 0, &all, &e), SHEAF_INVALID);
        sheaf_results_free(results);
    }
    ck_ok(sheaf_view_init(&all, out, SHEAF_F64, 2, shape, error));
    ck_ok(sheaf_map_into(func, batch, NULL, &all, &results, error)); /* rows of 4 for results of 2 */
    ck_status(results, 0, SHEAF_SHAPE);
    ck_has(message_of(results, 0), "the result is float64 (2,), but a row of the output is float64 (4,)");
    ck_assert(isnan(out[0][0]));
    sheaf_results_free(results);
    all.shape[0] = 2;
    ck_assert_int_eq(sheaf_map_into(func, batch, NULL, &all, NULL, &e), SHEAF_SHAPE);
    ck_has(e.message, "2 rows, but the batch 3 items");
    sheaf_func_free(func);
    func = named("stats");
    ck_assert_int_eq(sheaf_map_into(func, batch, NULL, &all, NULL, &e), SHEAF_INVALID);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

START_TEST(into_rows_by_the_catalogue)
{
    int32_t x[2][3] = {{3, 1, 2}, {9, 7, 8}}, out[3][2];
    const int64_t in_shape[] = {3}, out_shape[] = {3, 2};
    sheaf_view views[2], all, turned;
    sheaf_batch *batch = NULL;
    sheaf_func *func = named("sort");
    for (int i = 0; i < 2; i++)
        ck_ok(sheaf_view_init(&views[i], x[i], SHEAF_I32, 1, in_shape, error));
    ck_ok(sheaf_batch_from_views(views, 2, &batch, error));
    ck_ok(sheaf_view_init(&all, out, SHEAF_I32, 2, out_shape, error));
    ck_ok(sheaf_view_transpose(&all, NULL, &turned, error)); /* the rows are columns */
    ck_ok(sheaf_map_into(func, batch, NULL, &turned, NULL, error));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(out[i][0], i + 1);
        ck_assert_int_eq(out[i][1], i + 7);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_results");
    TCase *results = tcase_create("results");
    tcase_add_test(results, taking_and_stacking);
    tcase_add_test(results, what_does_not_stack);
    tcase_add_test(results, csv_text);
    tcase_add_test(results, into_the_callers_rows);
    tcase_add_test(results, into_rows_by_the_catalogue);
    suite_add_tcase(suite, results);
    return run_suite(suite);
}
