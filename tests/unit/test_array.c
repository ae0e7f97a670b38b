#include "array/array.h"
#include "base/alloc.h"
#include "base/pool.h"
#include "support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(dtypes_have_numpy_names_and_sizes)
{
    ck_assert_str_eq(sheaf_dtype_name(SHEAF_F64), "float64");
    ck_assert_str_eq(sheaf_dtype_name(SHEAF_BOOL), "bool");
    ck_assert_str_eq(sheaf_dtype_name((sheaf_dtype)77), "?");
    ck_assert_uint_eq(sheaf_dtype_size(SHEAF_C128), 16);
    ck_assert_uint_eq(sheaf_dtype_size((sheaf_dtype)-1), 0);
}
END_TEST

/* numpy.promote_types(row, column), by NumPy 1.24 (the same in 2.x), as indices into the dtype list. */
static const char promotions[SHEAF_DTYPE_COUNT][SHEAF_DTYPE_COUNT + 1] = {
    "0123456789ABCD", "11234234B9ABCD", "22234234BAABCD", "33334334BBBBDD", "44444444BBBBDD",
    "5223456789ABCD", "633346678AABCD", "744447778BBBDD", "8BBBB8888BBBDD", "99ABB9ABB9ABCD",
    "AAABBAABBAABCD", "BBBBBBBBBBBBDD", "CCCDDCCDDCCDCD", "DDDDDDDDDDDDDD",
};

START_TEST(promotion_is_symmetric_and_idempotent)
{
    ck_assert_uint_eq(strlen(promotions[0]), SHEAF_DTYPE_COUNT);
    for (int a = 0; a < SHEAF_DTYPE_COUNT; a++) {
        ck_assert_int_eq(sheaf_dtype_promote((sheaf_dtype)a, (sheaf_dtype)a), a);
        for (int b = 0; b < SHEAF_DTYPE_COUNT; b++)
            ck_assert_int_eq(sheaf_dtype_promote((sheaf_dtype)a, (sheaf_dtype)b),
                             sheaf_dtype_promote((sheaf_dtype)b, (sheaf_dtype)a));
    }
}
END_TEST

START_TEST(promotion_is_numpys)
{
    for (int a = 0; a < SHEAF_DTYPE_COUNT; a++) {
        for (int b = 0; b < SHEAF_DTYPE_COUNT; b++) {
            char code = promotions[a][b];
            int want = code <= '9' ? code - '0' : code - 'A' + 10;
            ck_assert_msg((int)sheaf_dtype_promote((sheaf_dtype)a, (sheaf_dtype)b) == want, "%s with %s gives %s",
                          sheaf_dtype_name((sheaf_dtype)a), sheaf_dtype_name((sheaf_dtype)b),
                          sheaf_dtype_name(sheaf_dtype_promote((sheaf_dtype)a, (sheaf_dtype)b)));
        }
    }
}
END_TEST

START_TEST(bad_shapes_are_refused)
{
    sheaf_view v;
    sheaf_array *array = NULL;
    sheaf_error error;
    int64_t negative[] = {3, -1}, huge[] = {INT64_MAX, 2}, empty_huge[] = {INT64_MAX, 0, INT64_MAX};
    ck_assert_int_eq(sheaf_view_init(&v, NULL, SHEAF_F64, 2, negative, &error), SHEAF_INVALID);
    ck_assert_str_eq(error.message, "dimension 1 of shape (3, -1) is negative");
    ck_assert_int_eq(sheaf_view_init(&v, NULL, SHEAF_F64, 17, negative, &error), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_view_init(&v, NULL, (sheaf_dtype)99, 1, huge, &error), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_array_new(SHEAF_I8, 2, huge, &array, &error), SHEAF_OVERFLOW);
    ck_assert_int_eq(sheaf_array_new(SHEAF_I8, 3, empty_huge, &array, &error), SHEAF_OVERFLOW);
    ck_assert_ptr_null(array);
}
END_TEST

START_TEST(an_array_has_owners)
{
    int64_t shape[] = {3, 5};
    sheaf_array *array;
    pool_trim();
    mem_fail_at(0, 0);
    ck_ok(sheaf_array_new(SHEAF_F32, 2, shape, &array, error));
    ck_assert_uint_eq((uintptr_t)sheaf_array_data(array) % 64, 0);
    sheaf_view v = sheaf_array_view(array);
    ck_assert_int_eq(v.strides[0], 20);
    ck_assert_int_eq(v.strides[1], 4);
    ck_assert_int_eq(sheaf_view_size(&v), 15);
    ck_assert(sheaf_view_is_contiguous(&v));
    ck_assert_ptr_eq(sheaf_array_retain(array), array);
    sheaf_array_free(array);
    ((float *)sheaf_array_data(array))[14] = 1;
    sheaf_array_free(array);
    sheaf_array_free(NULL);
    ck_assert_int_eq(mem_live(), 0);
}
END_TEST

START_TEST(an_array_without_memory_is_an_error)
{
    int64_t shape[] = {100000};
    sheaf_array *array;
    sheaf_error error;
    pool_trim();
    for (long k = 1; k <= 2; k++) {
        mem_fail_at(k, 0);
        long before = mem_live();
        ck_assert_int_eq(sheaf_array_new(SHEAF_F64, 1, shape, &array, &error), SHEAF_NO_MEMORY);
        ck_assert_ptr_null(array);
        pool_trim();
        ck_assert_int_eq(mem_live(), before);
    }
}
END_TEST

/* Python's slice(start, stop, step).indices(7) and the count it gives, made with CPython. */
static const struct {
    int64_t start, stop, step, first, count;
} slices[] = {
    {0, 7, 1, 0, 7},  {2, 5, 1, 2, 3},      {-3, 7, 1, 4, 3},      {0, -1, 2, 0, 3},
    {6, 0, -1, 6, 6}, {6, -8, -1, 6, 7},    {100, -100, -2, 6, 4}, {5, 2, 1, 5, 0},
    {2, 5, -1, 2, 0}, {-100, 100, 3, 0, 3}, {3, 4, 1000, 3, 1},    {0, 7, INT64_MAX, 0, 1},
};

START_TEST(slices_follow_python)
{
    double data[7] = {0, 1, 2, 3, 4, 5, 6};
    sheaf_view x = sheaf_view_f64(data, 7), s;
    ck_ok(sheaf_view_slice(&x, -1, slices[_i].start, slices[_i].stop, slices[_i].step, &s, error));
    ck_assert_int_eq(s.shape[0], slices[_i].count);
    if (s.shape[0] > 0)
        ck_assert_double_eq(*(double *)s.data, (double)slices[_i].first);
    for (int64_t i = 0; i < s.shape[0]; i++)
        ck_assert_double_eq(*(double *)((char *)s.data + i * s.strides[0]),
                            (double)(slices[_i].first + (i ? i * slices[_i].step : 0)));
}
END_TEST

START_TEST(bad_axes_are_named)
{
    double data[6] = {0};
    sheaf_view x = sheaf_view_f64(data, 6), out;
    sheaf_error error;
    ck_assert_int_eq(sheaf_view_slice(&x, 1, 0, 1, 1, &out, &error), SHEAF_INVALID);
    ck_assert_str_eq(error.message, "slice: axis 1 is out of range for shape (6,)");
    ck_assert_int_eq(sheaf_view_slice(&x, 0, 0, 1, 0, &out, &error), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_view_index(&x, 0, 6, &out, &error), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_view_index(&x, 0, -7, &out, &error), SHEAF_INVALID);
    int twice[] = {0, 0};
    int64_t shape[] = {2, 3};
    ck_ok(sheaf_view_reshape(&x, 2, shape, &x, error));
    ck_assert_int_eq(sheaf_view_transpose(&x, twice, &out, &error), SHEAF_INVALID);
    ck_assert_str_eq(error.message, "transpose: axis 0 is given twice");
}
END_TEST

START_TEST(reshape_without_a_copy)
{
    int32_t data[24];
    int64_t s24[] = {24}, s234[] = {2, 3, 4}, s64[] = {6, 4}, s2_34[] = {2, -1}, s8_3[] = {8, 3}, two_free[] = {-1, -1},
            bad[] = {5, 5}, with_ones[] = {1, 2, 1, 12, 1};
    sheaf_view flat, x, t, out;
    sheaf_error error;
    ck_ok(sheaf_view_init(&flat, data, SHEAF_I32, 1, s24, error));
    ck_ok(sheaf_view_reshape(&flat, 3, s234, &x, error));
    ck_assert_int_eq(x.strides[0], 48);
    ck_ok(sheaf_view_reshape(&x, 2, s2_34, &out, error));
    ck_assert_int_eq(out.shape[1], 12);
    ck_assert_int_eq(sheaf_view_reshape(&x, 2, bad, &out, &error), SHEAF_SHAPE);
    ck_assert_str_eq(error.message, "reshape: shape (2, 3, 4) cannot become (5, 5)");
    ck_assert_int_eq(sheaf_view_reshape(&x, 2, two_free, &out, &error), SHEAF_SHAPE);
    /* every second row of x: the last two dimensions still merge, the first does not */
    ck_ok(sheaf_view_slice(&x, 1, 0, 3, 2, &t, error));
    int64_t s2_2_2_2[] = {2, 2, 2, 2}, s4_4[] = {4, 4};
    ck_ok(sheaf_view_reshape(&t, 4, s2_2_2_2, &out, error));
    ck_assert_int_eq(out.strides[0], 48);
    ck_assert_int_eq(out.strides[1], 32);
    ck_assert_int_eq(out.strides[2], 8);
    ck_assert_int_eq(out.strides[3], 4);
    ck_assert_int_eq(sheaf_view_reshape(&t, 2, s4_4, &out, &error), SHEAF_SHAPE);
    ck_ok(sheaf_view_transpose(&x, NULL, &t, error));
    ck_assert_int_eq(sheaf_view_reshape(&t, 2, s8_3, &out, &error), SHEAF_SHAPE);
    ck_ok(sheaf_view_reshape(&x, 5, with_ones, &out, error));
    ck_ok(sheaf_view_reshape(&out, 2, s64, &out, error));
    ck_assert_int_eq(out.strides[0], 16);
}
END_TEST

/* A copy must put src[index] at dst[index] for every index, whatever the layouts. */
START_TEST(copies_keep_every_index)
{
    enum {
        A = 5,
        B = 67,
        C = 3
    };
    static double data[A * B * C * 4];
    static float target[A * B * C];
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        data[i] = (double)i;
    int64_t shape[] = {2 * A, B, 2 * C};
    sheaf_view x, t, y;
    ck_ok(sheaf_view_init(&x, data, SHEAF_F64, 3, shape, error));
    ck_ok(sheaf_view_slice(&x, 0, 0, 2 * A, 2, &x, error));
    ck_ok(sheaf_view_slice(&x, 2, 5, -7, -2, &x, error));
    int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};
    ck_ok(sheaf_view_transpose(&x, orders[_i], &t, error));
    ck_ok(sheaf_view_init(&y, target, SHEAF_F32, 3, t.shape, error));
    ck_ok(sheaf_view_copy(&t, &y, error));
    size_t at = 0;
    for (int64_t i = 0; i < t.shape[0]; i++)
        for (int64_t j = 0; j < t.shape[1]; j++)
            for (int64_t k = 0; k < t.shape[2]; k++) {
                int64_t index[3];
                int64_t p[] = {i, j, k};
                for (int d = 0; d < 3; d++)
                    index[orders[_i][d]] = p[d];
                double want = (double)((2 * index[0]) * B * 2 * C + index[1] * 2 * C + (5 - 2 * index[2]));
                ck_assert_double_eq((double)target[at++], want);
            }
}
END_TEST

START_TEST(copy_refuses_other_shapes)
{
    double a[6] = {0}, b[6];
    sheaf_view x = sheaf_view_f64(a, 6), y = sheaf_view_f64(b, 5);
    sheaf_error error;
    ck_assert_int_eq(sheaf_view_copy(&x, &y, &error), SHEAF_SHAPE);
    ck_assert_str_eq(error.message, "copy: shape (6,) cannot be copied to shape (5,)");
}
END_TEST

START_TEST(from_view_casts)
{
    double data[] = {1.9, -1.9, 0, NAN, 1e300};
    sheaf_view x = sheaf_view_f64(data, 5);
    sheaf_array *a;
    ck_ok(sheaf_array_from_view(&x, SHEAF_I32, &a, error));
    const int32_t *i = sheaf_array_data(a);
    ck_assert_int_eq(i[0], 1);
    ck_assert_int_eq(i[1], -1);
    ck_assert_int_eq(i[2], 0);
    ck_assert_int_eq(i[3], INT32_MIN);
    ck_assert_int_eq(i[4], INT32_MIN);
    sheaf_array_free(a);
}
END_TEST

/* Expected spellings are Python's repr. */
START_TEST(numbers_as_text)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {1.0, "1.0"},        {-0.0, "-0.0"},    {1e22, "1e+22"}, {1.0 / 3, "0.3333333333333333"},
                 {NAN, "nan"}, {-INFINITY, "-inf"}, {5e-324, "5e-324"}};
    char text[64];
    int64_t none[1];
    sheaf_view v;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = cases[i].value;
        ck_ok(sheaf_view_init(&v, &value, SHEAF_F64, 0, none, error));
        sheaf_format_scalar(&v, text, sizeof text);
        ck_assert(strtod(text, NULL) == value || isnan(value));
        if (fabs(value) > 1e-300 || value == 0)
            ck_assert_str_eq(text, cases[i].text);
    }
    float single = 0.1f;
    ck_ok(sheaf_view_init(&v, &single, SHEAF_F32, 0, none, error));
    sheaf_format_scalar(&v, text, sizeof text);
    ck_assert_str_eq(text, "0.1");
    uint64_t big = UINT64_MAX;
    ck_ok(sheaf_view_init(&v, &big, SHEAF_U64, 0, none, error));
    sheaf_format_scalar(&v, text, sizeof text);
    ck_assert_str_eq(text, "18446744073709551615");
    double complex_value[2] = {1, -2};
    ck_ok(sheaf_view_init(&v, complex_value, SHEAF_C128, 0, none, error));
    sheaf_format_scalar(&v, text, sizeof text);
    ck_assert_str_eq(text, "(1.0-2.0j)");
}
END_TEST

/* ---- axes moved, left out, reversed, cut: every element is where the definition says ---- */

static int64_t box_data[3 * 1 * 4 * 5];

static sheaf_view box(void)
{
    sheaf_view v;
    for (int64_t i = 0; i < 60; i++)
        box_data[i] = i;
    ck_ok(sheaf_view_init(&v, box_data, SHEAF_I64, 4, (const int64_t[]){3, 1, 4, 5}, error));
    return v;
}

static int64_t at(const sheaf_view *v, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t index[] = {a, b, c, d};
    const char *p = v->data;
    for (int i = 0; i < v->ndim; i++)
        p += index[i] * v->strides[i];
    return *(const int64_t *)(const void *)p;
}

static int64_t in_box(int64_t a, int64_t c, int64_t d)
{
    return (a * 4 + c) * 5 + d;
}

static void has_shape(const sheaf_view *v, int ndim, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t shape[] = {a, b, c, d};
    ck_assert_int_eq(v->ndim, ndim);
    for (int i = 0; i < ndim; i++)
        ck_assert_int_eq(v->shape[i], shape[i]);
}

START_TEST(axes_move)
{
    sheaf_view x = box(), v;
    ck_ok(sheaf_view_moveaxis(&x, 1, (const int[]){-1}, (const int[]){0}, &v, error));
    has_shape(&v, 4, 5, 3, 1, 4);
    ck_assert_int_eq(at(&v, 4, 2, 0, 3), in_box(2, 3, 4));
    ck_ok(sheaf_view_moveaxis(&x, 2, (const int[]){0, 2}, (const int[]){3, 0}, &v, error));
    has_shape(&v, 4, 4, 1, 5, 3);
    ck_assert_int_eq(at(&v, 3, 0, 1, 2), in_box(2, 3, 1));
    ck_ok(sheaf_view_moveaxis(&x, 0, NULL, NULL, &v, error));
    has_shape(&v, 4, 3, 1, 4, 5);
    sheaf_error e;
    ck_assert_int_eq(sheaf_view_moveaxis(&x, 1, (const int[]){4}, (const int[]){0}, &v, &e), SHEAF_INVALID);
    ck_assert_ptr_nonnull(strstr(e.message, "axis 4"));
    ck_assert_int_eq(sheaf_view_moveaxis(&x, 2, (const int[]){0, -4}, (const int[]){0, 1}, &v, &e), SHEAF_INVALID);
    ck_assert_ptr_nonnull(strstr(e.message, "twice"));
}
END_TEST

START_TEST(axes_of_size_one_go)
{
    sheaf_view x = box(), v;
    ck_ok(sheaf_view_squeeze(&x, 0, NULL, &v, error));
    has_shape(&v, 3, 3, 4, 5, 0);
    ck_assert_int_eq(at(&v, 2, 1, 3, 0), in_box(2, 1, 3));
    ck_ok(sheaf_view_squeeze(&x, 1, (const int[]){-3}, &x, error));
    has_shape(&x, 3, 3, 4, 5, 0);
    sheaf_error e;
    ck_assert_int_eq(sheaf_view_squeeze(&x, 1, (const int[]){2}, &v, &e), SHEAF_SHAPE);
    ck_assert_ptr_nonnull(strstr(e.message, "(3, 4, 5)"));
}
END_TEST

START_TEST(axes_turn_round)
{
    sheaf_view x = box(), v, none;
    ck_ok(sheaf_view_flip(&x, 2, (const int[]){0, -1}, &v, error));
    for (int64_t i = 0; i < 60; i++)
        ck_assert_int_eq(at(&v, i / 20, 0, i / 5 % 4, i % 5), in_box(2 - i / 20, i / 5 % 4, 4 - i % 5));
    ck_ok(sheaf_view_flip(&x, 0, NULL, &v, error));
    for (int64_t i = 0; i < 60; i++)
        ck_assert_int_eq(at(&v, i / 20, 0, i / 5 % 4, i % 5), 59 - i);
    ck_ok(sheaf_view_init(&none, NULL, SHEAF_F64, 2, (const int64_t[]){0, 3}, error));
    ck_ok(sheaf_view_flip(&none, 0, NULL, &v, error));
    ck_assert_ptr_null(v.data);
    sheaf_error e;
    ck_assert_int_eq(sheaf_view_flip(&x, 5, (const int[]){0, 1, 2, 3, 0}, &v, &e), SHEAF_INVALID);
}
END_TEST

START_TEST(diagonals_are_views)
{
    sheaf_view x = box(), v;
    for (int64_t k = -6; k <= 6; k++) {
        const int64_t length = k >= 0 ? (5 - k < 4 ? 5 - k : 4) : 4 + k;
        ck_ok(sheaf_view_diagonal(&x, k, 2, -1, &v, error));
        has_shape(&v, 3, 3, 1, length > 0 ? length : 0, 0);
        for (int64_t i = 0; i < length; i++)
            ck_assert_int_eq(at(&v, 1, 0, i, 0), in_box(1, i - (k < 0 ? k : 0), i + (k > 0 ? k : 0)));
    }
    sheaf_error e;
    ck_assert_int_eq(sheaf_view_diagonal(&x, 0, 1, 1, &v, &e), SHEAF_INVALID);
    x.ndim = 1;
    ck_assert_int_eq(sheaf_view_diagonal(&x, 0, 0, 1, &v, &e), SHEAF_INVALID);
}
END_TEST

/* numpy.array_split(range(60).reshape(3, 1, 4, 5), n, 3). */
START_TEST(parts_are_views)
{
    sheaf_view x = box(), v;
    for (int64_t n = 1; n <= 7; n++) {
        int64_t start = 0;
        for (int64_t i = 0; i < n; i++) {
            ck_ok(sheaf_view_split(&x, -1, n, i, &v, error));
            has_shape(&v, 4, 3, 1, 4, 5 / n + (i < 5 % n));
            if (v.shape[3] > 0)
                ck_assert_int_eq(at(&v, 2, 0, 1, 0), in_box(2, 1, start));
            start += v.shape[3];
        }
        ck_assert_int_eq(start, 5);
    }
    sheaf_error e;
    ck_assert_int_eq(sheaf_view_split(&x, 0, 2, 2, &v, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_view_split(&x, 0, 0, 0, &v, &e), SHEAF_INVALID);
    ck_assert_int_eq(sheaf_view_split(&x, 4, 2, 0, &v, &e), SHEAF_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("array");
    TCase *tests = tcase_create("array");
    tcase_add_test(tests, dtypes_have_numpy_names_and_sizes);
    tcase_add_test(tests, promotion_is_symmetric_and_idempotent);
    tcase_add_test(tests, promotion_is_numpys);
    tcase_add_test(tests, bad_shapes_are_refused);
    tcase_add_test(tests, an_array_has_owners);
    tcase_add_test(tests, an_array_without_memory_is_an_error);
    tcase_add_loop_test(tests, slices_follow_python, 0, (int)(sizeof slices / sizeof *slices));
    tcase_add_test(tests, bad_axes_are_named);
    tcase_add_test(tests, reshape_without_a_copy);
    tcase_add_loop_test(tests, copies_keep_every_index, 0, 4);
    tcase_add_test(tests, copy_refuses_other_shapes);
    tcase_add_test(tests, from_view_casts);
    tcase_add_test(tests, numbers_as_text);
    tcase_add_test(tests, axes_move);
    tcase_add_test(tests, axes_of_size_one_go);
    tcase_add_test(tests, axes_turn_round);
    tcase_add_test(tests, diagonals_are_views);
    tcase_add_test(tests, parts_are_views);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
