/* What the functions of shape, movement and creation refuse: the status, and a message that says why. */

#include "refused.h"
#include <math.h>
#include <stdlib.h>

static sheaf_options options_of(int naxes, int axis)
{
    return axes(naxes, axis, 0);
}

static sheaf_array *out;

START_TEST(test_shapes_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), y = shaped(SHEAF_F64, 2, 2, 4), v = shaped(SHEAF_F64, 1, 5, 0),
               s = shaped(SHEAF_F64, 0, 0, 0);
    const sheaf_view *two[] = {&x, &x, &y}, *ranks[] = {&x, &v}, *scalars[] = {&s, &s}, *lost[] = {&x, NULL};
    sheaf_options o = options_of(0, 0), one = options_of(1, 1), far = options_of(1, 2), three = options_of(1, 3);
    o.nshape = 2;
    o.shape[0] = 5, o.shape[1] = -1;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_SHAPE, "reshape", "(3, 4)", "(5, -1)");
    o.shape[0] = -1;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_SHAPE, "reshape", "(3, 4)", "(-1, -1)");
    o.nshape = 17;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_INVALID, "reshape", "17");
    refused(sheaf_concat(3, two, &one, &out, &last), SHEAF_SHAPE, "concat", "input 2", "(2, 4)", "(3, 4)");
    refused(sheaf_concat(2, ranks, NULL, &out, &last), SHEAF_SHAPE, "concat", "input 1", "(5,)", "(3, 4)");
    refused(sheaf_concat(2, scalars, NULL, &out, &last), SHEAF_INVALID, "concat", "()", "stack");
    refused(sheaf_concat(2, two, &far, &out, &last), SHEAF_INVALID, "concat", "axis 2", "(3, 4)");
    refused(sheaf_concat(2, lost, NULL, &out, &last), SHEAF_INVALID, "concat", "x[1]", "NULL");
    refused(sheaf_concat(0, two, NULL, &out, &last), SHEAF_INVALID, "concat", "0 inputs");
    refused(sheaf_stack(3, two, NULL, &out, &last), SHEAF_SHAPE, "stack", "input 2", "(2, 4)", "(3, 4)");
    refused(sheaf_stack(2, two, &three, &out, &last), SHEAF_INVALID, "stack", "axis 3", "(3, 4)");
    refused(sheaf_squeeze(&x, &one, &out, &last), SHEAF_SHAPE, "squeeze", "axis 1", "(3, 4)");
    refused(sheaf_squeeze(&x, &far, &out, &last), SHEAF_INVALID, "squeeze", "axis 2", "(3, 4)");
    refused(sheaf_flip(&x, &far, &out, &last), SHEAF_INVALID, "flip", "axis 2", "(3, 4)");
    refused(sheaf_transpose(&x, &one, &out, &last), SHEAF_INVALID, "transpose", "every axis", "(3, 4)");
    refused(sheaf_moveaxis(&x, &one, &out, &last), SHEAF_INVALID, "moveaxis", "destination", "(3, 4)");
    one.ndestination = 1;
    one.destination[0] = -3;
    refused(sheaf_moveaxis(&x, &one, &out, &last), SHEAF_INVALID, "moveaxis", "destination", "-3", "(3, 4)");
    one.sections = 3;
    refused(sheaf_split(&x, &one, &out, &last), SHEAF_SHAPE, "split", "axis 1", "(3, 4)", "3 equal");
    one.sections = 0;
    refused(sheaf_split(&x, &one, &out, &last), SHEAF_INVALID, "split", "0 equal");
    refused(sheaf_diag(&s, NULL, &out, &last), SHEAF_INVALID, "diag", "()", "vector");
    refused(sheaf_tril(&v, NULL, &out, &last), SHEAF_INVALID, "tril", "(5,)", "matrix");
    refused(sheaf_compress(&v, &x, &one, &out, &last), SHEAF_SHAPE, "compress", "(5,)", "(3, 4)");
    refused(sheaf_compress(&y, &x, NULL, &out, &last), SHEAF_SHAPE, "compress", "(2, 4)", "(3, 4)");
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_arguments_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4), wide = shaped(SHEAF_F64, 1, 8, 0);
    sheaf_options o = options_of(0, 0);
    refused(sheaf_roll(&x, &o, &out, &last), SHEAF_INVALID, "roll", "shift", "(3, 4)");
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_INVALID, "repeat", "repeats", "(3, 4)");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "0 pairs", "(3, 4)");
    o.nrepeats = o.nwidths = 1;
    o.repeats[0] = -1;
    o.widths[0][1] = -2;
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_INVALID, "repeat", "not negative", "(3, 4)");
    refused(sheaf_tile(&x, &o, &out, &last), SHEAF_INVALID, "tile", "negative", "(3, 4)");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "(0, -2)", "axis 0");
    o.widths[0][1] = 2;
    o.mode = "edgy";
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "edgy", "reflect");
    o.mode = "reflect";
    refused(sheaf_pad(&nothing, &o, &out, &last), SHEAF_INVALID, "pad", "axis 0", "(0, 4)", "constant");
    o.repeats[0] = o.widths[0][1] = INT64_MAX;
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_OVERFLOW, "repeat");
    refused(sheaf_tile(&x, &o, &out, &last), SHEAF_OVERFLOW, "tile");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_OVERFLOW, "pad", "(3, 4)");
    o.k = INT64_MAX;
    refused(sheaf_diag(&wide, &o, &out, &last), SHEAF_OVERFLOW, "diag");
    o.k = INT64_MIN;
    refused(sheaf_diag(&wide, &o, &out, &last), SHEAF_OVERFLOW, "diag");
    wide.shape[0] = INT64_MAX / 2;
    wide.strides[0] = 0;
    refused(sheaf_outer(&wide, &wide, NULL, &out, &last), SHEAF_OVERFLOW, "does not fit");
    wide.ndim = 2;
    wide.shape[1] = 4;
    wide.strides[1] = 0;
    refused(sheaf_ravel(&wide, NULL, &out, &last), SHEAF_OVERFLOW, "ravel");
    sheaf_options once = options_of(0, 0);
    once.nrepeats = 1;
    once.repeats[0] = 1;
    refused(sheaf_repeat(&wide, &once, &out, &last), SHEAF_OVERFLOW, "repeat");
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_sizes_refused)
{
    sheaf_options o = options_of(0, 0);
    o.nshape = 1;
    o.shape[0] = -1;
    refused(sheaf_zeros(&o, &out, &last), SHEAF_INVALID, "zeros: ", "(-1,)");
    o.shape[0] = (int64_t)1 << 62;
    refused(sheaf_ones(&o, &out, &last), SHEAF_OVERFLOW, "ones: ", "(4611686018427387904,)");
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_values_refused)
{
    sheaf_view x = shaped(SHEAF_I8, 1, 3, 0), unsigned_x = shaped(SHEAF_U8, 1, 3, 0);
    sheaf_options o = options_of(0, 0);
    o.nwidths = 1;
    o.widths[0][0] = 1;
    o.value = 300;
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_OVERFLOW, "pad", "options.value is 300", "int8");
    o.value = NAN;
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_OVERFLOW, "pad", "options.value is nan", "int8");
    o.value = -1;
    refused(sheaf_pad(&unsigned_x, &o, &out, &last), SHEAF_OVERFLOW, "pad", "options.value is -1", "uint8");
    o.value = 128;
    o.mode = "constant";
    refused(sheaf_stencil(&x, &x, &o, &out, &last), SHEAF_OVERFLOW, "stencil", "options.value is 128", "int8");
    ck_assert_ptr_null(out);
}
END_TEST

/* An output without elements may have any strides. */
START_TEST(test_empty_into)
{
    sheaf_view x = shaped(SHEAF_F64, 2, 5, 0), into = shaped(SHEAF_F64, 2, 5, 0);
    sheaf_options o = options_of(0, 0);
    into.strides[0] = into.strides[1] = 0;
    o.into = &into;
    ck_ok(sheaf_flip(&x, &o, &out, error));
}
END_TEST

START_TEST(test_creation_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 1, 3, 0), scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options o = options_of(0, 0);
    o.stop = 10;
    o.step = 0;
    refused(sheaf_arange(&o, &out, &last), SHEAF_INVALID, "arange", "steps of 0");
    o.step = NAN;
    refused(sheaf_arange(&o, &out, &last), SHEAF_INVALID, "arange", "nan");
    o.step = 1e-300;
    refused(sheaf_arange(&o, &out, &last), SHEAF_OVERFLOW, "arange", "1e-300");
    o.step = 1;
    o.dtype = SHEAF_BOOL;
    refused(sheaf_arange(&o, &out, &last), SHEAF_DTYPE, "arange", "bool");
    o.dtype = SHEAF_U8;
    o.start = -3;
    refused(sheaf_arange(&o, &out, &last), SHEAF_OVERFLOW, "arange", "-3", "uint8");
    o.start = 0, o.stop = -5, o.step = -1;
    refused(sheaf_arange(&o, &out, &last), SHEAF_OVERFLOW, "arange", "-1", "uint8");
    o.start = 0, o.stop = 1, o.step = 300; /* one number: there is no second one to refuse */
    ck_ok(sheaf_arange(&o, &out, error));
    ck_assert_uint_eq(*(uint8_t *)sheaf_array_data(out), 0);
    sheaf_array_free(out);
    out = NULL;
    o.start = -3, o.stop = 10, o.step = 1;
    o.dtype = (sheaf_dtype)77;
    refused(sheaf_zeros(&o, &out, &last), SHEAF_INVALID, "zeros", "77");
    o.dtype = SHEAF_DTYPE_COUNT;
    o.num = -1;
    refused(sheaf_linspace(&o, &out, &last), SHEAF_INVALID, "linspace", "-1");
    refused(sheaf_eye(&o, &out, &last), SHEAF_INVALID, "eye", "rows");
    o.nshape = 2;
    o.shape[0] = -1;
    refused(sheaf_ones(&o, &out, &last), SHEAF_INVALID, "(-1, 0)");
    o.shape[0] = o.shape[1] = INT64_MAX / 2;
    refused(sheaf_full(&scalar, &o, &out, &last), SHEAF_OVERFLOW, "does not fit");
    refused(sheaf_full(&x, &o, &out, &last), SHEAF_SHAPE, "full", "(3,)", "scalar");
    ck_assert_ptr_null(out);
}
END_TEST

/* The place is named, and a caller's own memory is as it was. */
START_TEST(test_places_refused)
{
    enum {
        N = 300000
    };
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), places, into, huge;
    sheaf_options o = options_of(1, 1);
    int64_t *p = calloc(N, sizeof *p), big = N;
    double *numbers = calloc(3 * (size_t)N, sizeof *numbers);
    const uint64_t beyond[] = {1, UINT64_MAX};
    ck_ok(sheaf_view_init(&places, p, SHEAF_I64, 1, &big, error));
    ck_ok(sheaf_view_init(&into, numbers, SHEAF_F64, 2, (const int64_t[]){3, big}, error));
    ck_ok(sheaf_view_init(&huge, (void *)(uintptr_t)beyond, SHEAF_U64, 1, (const int64_t[]){2}, error));
    for (int i = 0; i < 3 * N; i++)
        numbers[i] = 7;
    p[200001] = -5;
    p[250000] = 9;
    refused(sheaf_take(&x, &x, &o, &out, &last), SHEAF_DTYPE, "take", "float64", "integers");
    refused(sheaf_take(&x, &huge, &o, &out, &last), SHEAF_INVALID, "take", "18446744073709551615", "(1,)", "(3, 4)");
    o.into = &into;
    refused(sheaf_take(&x, &places, &o, &out, &last), SHEAF_INVALID, "take", "index -5", "(200001,)", "4 elements");
    for (int i = 0; i < 3 * N; i++)
        ck_assert(numbers[i] == 7);
    ck_assert_ptr_null(out);
    free(p);
    free(numbers);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: movement refused");
    TCase *tc = tcase_create("refusals");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_shapes_refused);
    tcase_add_test(tc, test_arguments_refused);
    tcase_add_test(tc, test_creation_refused);
    tcase_add_test(tc, test_sizes_refused);
    tcase_add_test(tc, test_values_refused);
    tcase_add_test(tc, test_empty_into);
    tcase_add_test(tc, test_places_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
