/* What the view door refuses: the status, and a message that names function, argument and shapes. */

#include "refused.h"
#include <math.h>

START_TEST(test_axis_errors)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4),
               scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options two = axes(1, 2, 0), low = axes(1, -3, 0), twice = axes(2, 1, -1), both = axes(2, 0, 1),
                  one = axes(1, 0, 0);
    sheaf_options many = axes(17, 0, 1);
    refused(sheaf_sum(&x, &two, out, &last), SHEAF_INVALID, "sum", "axis 2", "(3, 4)");
    ck_assert_ptr_null(out[0]);
    refused(sheaf_mean(&x, &low, out, &last), SHEAF_INVALID, "mean", "axis -3", "(3, 4)");
    refused(sheaf_var(&x, &twice, out, &last), SHEAF_INVALID, "var", "axis -1", "twice", "(3, 4)");
    refused(sheaf_sum(&x, &many, out, &last), SHEAF_INVALID, "sum", "17", "(3, 4)");
    refused(sheaf_argmax(&x, &both, out, &last), SHEAF_INVALID, "argmax", "2 axes", "(3, 4)");
    refused(sheaf_sort(&x, &both, out, &last), SHEAF_INVALID, "sort", "2 axes", "(3, 4)");
    refused(sheaf_rfft(&x, &two, out, &last), SHEAF_INVALID, "rfft", "axis 2", "(3, 4)");
    refused(sheaf_exp(&x, &one, out, &last), SHEAF_INVALID, "exp", "no axis", "(3, 4)");
    refused(sheaf_sort(&scalar, NULL, out, &last), SHEAF_INVALID, "sort", "()");
    refused(sheaf_sum(&scalar, &one, out, &last), SHEAF_INVALID, "sum", "axis 0", "()");
    refused(sheaf_min(&nothing, NULL, out, &last), SHEAF_INVALID, "min", "(0, 4)");
    refused(sheaf_argmin(&nothing, &one, out, &last), SHEAF_INVALID, "argmin", "(0, 4)");
    refused(sheaf_ptp(&nothing, NULL, out, &last), SHEAF_INVALID, "ptp", "(0, 4)");
    refused(sheaf_stats(&nothing, NULL, out, &last), SHEAF_INVALID, "stats", "(0, 4)");
    refused(sheaf_rfft(&nothing, &one, out, &last), SHEAF_INVALID, "rfft", "axis 0", "(0, 4)");
}
END_TEST

START_TEST(test_shape_and_dtype_errors)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), y = shaped(SHEAF_F64, 2, 3, 5), scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_view b = shaped(SHEAF_BOOL, 1, 7, 0), c = shaped(SHEAF_C128, 1, 6, 0), i = shaped(SHEAF_I32, 1, 5, 0);
    refused(sheaf_add(&x, &y, NULL, out, &last), SHEAF_SHAPE, "add", "(3, 4)", "(3, 5)");
    refused(sheaf_matmul(&x, &y, NULL, out, &last), SHEAF_SHAPE, "matmul", "(3, 4)", "(3, 5)");
    refused(sheaf_matmul(&scalar, &y, NULL, out, &last), SHEAF_SHAPE, "matmul", "()", "(3, 5)", "mul");
    refused(sheaf_neg(&b, NULL, out, &last), SHEAF_DTYPE, "neg", "bool", "(7,)");
    refused(sheaf_sub(&b, &b, NULL, out, &last), SHEAF_DTYPE, "sub", "bool", "(7,)");
    refused(sheaf_ptp(&b, NULL, out, &last), SHEAF_DTYPE, "ptp", "bool", "(7,)");
    refused(sheaf_rfft(&c, NULL, out, &last), SHEAF_DTYPE, "rfft", "complex", "(6,)");
    refused(sheaf_stats(&c, NULL, out, &last), SHEAF_DTYPE, "stats", "complex", "(6,)");
    for (int k = 0; k < 5; k++)
        ((int32_t *)space)[k] = k - 1;
    refused(sheaf_pow(&i, &i, NULL, out, &last), SHEAF_INVALID, "pow", "y", "(5,)", "-1");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_argument_errors)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), lost = x, negative = x, wrong = x;
    sheaf_options blank;
    memset(&blank, 0, sizeof blank);
    lost.data = NULL;
    negative.shape[1] = -4;
    wrong.dtype = (sheaf_dtype)99;
    refused(sheaf_exp(NULL, NULL, out, &last), SHEAF_INVALID, "exp", "x", "NULL");
    refused(sheaf_add(&x, NULL, NULL, out, &last), SHEAF_INVALID, "add", "y", "NULL");
    refused(sheaf_exp(&lost, NULL, out, &last), SHEAF_INVALID, "exp", "x", "(3, 4)", "data");
    refused(sheaf_add(&x, &negative, NULL, out, &last), SHEAF_INVALID, "add", "y", "(3, -4)");
    refused(sheaf_sum(&wrong, NULL, out, &last), SHEAF_INVALID, "sum", "x", "99");
    refused(sheaf_sum(&x, &blank, out, &last), SHEAF_INVALID, "sum", "sheaf_options_init");
    refused(sheaf_sum(&x, NULL, NULL, &last), SHEAF_INVALID, "sum", "out");
    ck_assert_int_eq(sheaf_exp(NULL, NULL, out, NULL), SHEAF_INVALID);
}
END_TEST

START_TEST(test_three_inputs)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), y = shaped(SHEAF_F64, 1, 4, 0), z = shaped(SHEAF_F64, 2, 2, 4);
    sheaf_view b = shaped(SHEAF_BOOL, 1, 7, 0), c = shaped(SHEAF_C64, 1, 6, 0), wrong = x;
    sheaf_options one = axes(1, 0, 0);
    wrong.dtype = (sheaf_dtype)99;
    refused(sheaf_where(&x, &y, &z, NULL, out, &last), SHEAF_SHAPE, "where", "(3, 4)", "(4,)", "(2, 4)");
    refused(sheaf_clip(&x, &y, &z, NULL, out, &last), SHEAF_SHAPE, "clip", "(3, 4)", "(4,)", "(2, 4)");
    refused(sheaf_clip(&b, &b, &b, NULL, out, &last), SHEAF_DTYPE, "clip", "bool", "(7,)");
    refused(sheaf_clip(&c, &c, &c, NULL, out, &last), SHEAF_DTYPE, "clip", "complex", "(6,)");
    refused(sheaf_where(&x, &wrong, &y, NULL, out, &last), SHEAF_INVALID, "where", "y", "99");
    refused(sheaf_where(&x, &y, NULL, NULL, out, &last), SHEAF_INVALID, "where", "z", "NULL");
    refused(sheaf_where(&x, &y, &y, &one, out, &last), SHEAF_INVALID, "where", "no axis", "(3, 4)");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_dtypes_not_taken)
{
    sheaf_array *out[5];
    sheaf_view f = shaped(SHEAF_F64, 1, 5, 0), i = shaped(SHEAF_I64, 1, 5, 0), u = shaped(SHEAF_U64, 1, 5, 0);
    sheaf_view b = shaped(SHEAF_BOOL, 1, 7, 0), c = shaped(SHEAF_C128, 1, 6, 0);
    refused(sheaf_left_shift(&f, &i, NULL, out, &last), SHEAF_DTYPE, "left_shift", "float", "(5,)");
    refused(sheaf_right_shift(&i, &f, NULL, out, &last), SHEAF_DTYPE, "right_shift", "float", "(5,)");
    refused(sheaf_bitwise_and(&f, &f, NULL, out, &last), SHEAF_DTYPE, "bitwise_and", "float", "(5,)");
    refused(sheaf_bitwise_xor(&i, &u, NULL, out, &last), SHEAF_DTYPE, "bitwise_xor", "float", "(5,)");
    refused(sheaf_bitwise_not(&f, NULL, out, &last), SHEAF_DTYPE, "bitwise_not", "float", "(5,)",
            "to an integer dtype");
    refused(sheaf_floor_divide(&c, &c, NULL, out, &last), SHEAF_DTYPE, "floor_divide", "complex", "(6,)");
    refused(sheaf_mod(&c, &f, NULL, out, &last), SHEAF_DTYPE, "mod", "complex", "(6,)");
    refused(sheaf_erf(&c, NULL, out, &last), SHEAF_DTYPE, "erf", "complex", "(6,)", "real part");
    refused(sheaf_hypot(&c, &c, NULL, out, &last), SHEAF_DTYPE, "hypot", "complex", "(6,)");
    refused(sheaf_sign(&b, NULL, out, &last), SHEAF_DTYPE, "sign", "bool", "(7,)", "to an integer dtype");
    refused(sheaf_diff(&b, NULL, out, &last), SHEAF_DTYPE, "diff", "bool", "(7,)");
    refused(sheaf_fsum(&c, NULL, out, &last), SHEAF_DTYPE, "fsum", "complex", "(6,)");
    refused(sheaf_skew(&c, NULL, out, &last), SHEAF_DTYPE, "skew", "complex", "(6,)");
    refused(sheaf_cummin(&c, NULL, out, &last), SHEAF_DTYPE, "cummin", "complex", "(6,)");
}
END_TEST

START_TEST(test_reductions_refuse)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4),
               scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_view y = shaped(SHEAF_F64, 1, 5, 0), nans;
    sheaf_options both = axes(2, 0, 1), one = axes(1, 0, 0), two = axes(1, 2, 0);
    double values[] = {1, NAN, 2, NAN};
    ck_ok(sheaf_view_init(&nans, values, SHEAF_F64, 2, (int64_t[]){2, 2}, error));
    refused(sheaf_trapz(&scalar, NULL, out, &last), SHEAF_INVALID, "trapz", "()");
    refused(sheaf_trapz(&x, &both, out, &last), SHEAF_INVALID, "trapz", "2 axes", "(3, 4)");
    refused(sheaf_dot(&x, &x, NULL, out, &last), SHEAF_INVALID, "dot", "(3, 4)", "matmul");
    refused(sheaf_dot(&x, &y, NULL, out, &last), SHEAF_SHAPE, "dot", "(3, 4)", "(5,)");
    refused(sheaf_dot(&x, &x, &two, out, &last), SHEAF_INVALID, "dot", "axis 2", "(3, 4)");
    refused(sheaf_nanmin(&nothing, NULL, out, &last), SHEAF_INVALID, "nanmin", "(0, 4)");
    refused(sheaf_nanargmax(&nothing, &one, out, &last), SHEAF_INVALID, "nanargmax", "(0, 4)");
    refused(sheaf_nanargmin(&x, &both, out, &last), SHEAF_INVALID, "nanargmin", "2 axes", "(3, 4)");
    refused(sheaf_nanargmin(&nans, &one, out, &last), SHEAF_INVALID, "nanargmin", "NaN", "(2, 2)");
    refused(sheaf_nanargmax(&nans, &one, out, &last), SHEAF_INVALID, "nanargmax", "NaN", "(2, 2)");
    ck_assert_ptr_null(out[0]);
    ck_ok(sheaf_nanargmax(&nans, NULL, out, error));
    ck_assert(*(int64_t *)sheaf_array_data(out[0]) == 2);
    sheaf_array_free(out[0]);
}
END_TEST

START_TEST(test_differences_refuse)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 1, 4), scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options o = axes(1, 0, 0), both = axes(2, 0, 1);
    refused(sheaf_gradient(&x, &o, out, &last), SHEAF_INVALID, "gradient", "axis 0", "(1, 4)", "2");
    refused(sheaf_gradient(&x, &both, out, &last), SHEAF_INVALID, "gradient", "2 axes", "(1, 4)");
    refused(sheaf_gradient(&scalar, NULL, out, &last), SHEAF_INVALID, "gradient", "()");
    refused(sheaf_diff(&scalar, NULL, out, &last), SHEAF_INVALID, "diff", "()");
    refused(sheaf_cumprod(&x, &both, out, &last), SHEAF_INVALID, "cumprod", "2 axes", "(1, 4)");
    o.order = -1;
    refused(sheaf_diff(&x, &o, out, &last), SHEAF_INVALID, "diff", "order -1", "(1, 4)");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_weights_refused)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), w = shaped(SHEAF_F64, 1, 4, 0), lost = w;
    sheaf_options o = axes(0, 0, 0), one = axes(1, 0, 0);
    lost.data = NULL;
    o.weights = one.weights = &w;
    refused(sheaf_sum(&x, &o, out, &last), SHEAF_INVALID, "sum", "weights");
    refused(sheaf_exp(&x, &o, out, &last), SHEAF_INVALID, "exp", "weights");
    refused(sheaf_nanmean(&x, &o, out, &last), SHEAF_INVALID, "nanmean", "weights");
    refused(sheaf_cumsum(&x, &o, out, &last), SHEAF_INVALID, "cumsum", "weights");
    refused(sheaf_mean(&x, &one, out, &last), SHEAF_SHAPE, "mean", "weights", "(4,)", "(3, 4)");
    w = shaped(SHEAF_F64, 2, 4, 3);
    refused(sheaf_var(&x, &o, out, &last), SHEAF_SHAPE, "var", "weights", "(4, 3)", "(3, 4)");
    w = shaped(SHEAF_F64, 2, 2, 4);
    refused(sheaf_std(&x, &o, out, &last), SHEAF_SHAPE, "std", "weights", "(2, 4)", "(3, 4)");
    w = shaped(SHEAF_C64, 2, 3, 4);
    refused(sheaf_mean(&x, &o, out, &last), SHEAF_DTYPE, "mean", "weights", "complex64", "(3, 4)");
    o.weights = &lost;
    refused(sheaf_mean(&x, &o, out, &last), SHEAF_INVALID, "mean", "weights", "data");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_function_call_refuses)
{
    sheaf_array *out[5] = {NULL};
    const sheaf_function_info *where = sheaf_catalogue_find("where");
    sheaf_function_info copy = *where, unknown = {.name = "unknown"};
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4);
    const sheaf_view *inputs[] = {&x, &x, NULL};
    refused(sheaf_function_call(NULL, 3, inputs, NULL, out, &last), SHEAF_INVALID, "sheaf_function_call", "info");
    refused(sheaf_function_call(&copy, 3, inputs, NULL, out, &last), SHEAF_INVALID, "sheaf_function_call", "info");
    refused(sheaf_function_call(&unknown, 3, inputs, NULL, out, &last), SHEAF_INVALID, "sheaf_function_call", "info");
    refused(sheaf_function_call(where, 3, NULL, NULL, out, &last), SHEAF_INVALID, "where", "inputs", "NULL");
    refused(sheaf_function_call(where, 3, inputs, NULL, out, &last), SHEAF_INVALID, "where", "z", "NULL");
    refused(sheaf_function_call(where, 2, inputs, NULL, out, &last), SHEAF_INVALID, "where", "2 inputs", "takes 3");
    refused(sheaf_function_call(sheaf_catalogue_find("exp"), 1, inputs, NULL, NULL, &last), SHEAF_INVALID, "exp",
            "out");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: refusals");
    TCase *tc = tcase_create("refusals");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_axis_errors);
    tcase_add_test(tc, test_shape_and_dtype_errors);
    tcase_add_test(tc, test_argument_errors);
    tcase_add_test(tc, test_three_inputs);
    tcase_add_test(tc, test_dtypes_not_taken);
    tcase_add_test(tc, test_reductions_refuse);
    tcase_add_test(tc, test_differences_refuse);
    tcase_add_test(tc, test_weights_refused);
    tcase_add_test(tc, test_function_call_refuses);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
