/* diff and gradient against their definitions. */

#include "base/alloc.h"
#include "laid_out.h"

static const int64_t boxes[][3] = {{3, 5, 4}, {2, 7, 9}, {5, 2, 3}, {3, 40, 50}, {2, 3, 20011}};
#define BOXES (sizeof boxes / sizeof boxes[0])

static size_t after_axis(const int64_t *shape, int axis)
{
    size_t after = 1;
    for (int i = axis + 1; i < 3; i++)
        after *= (size_t)shape[i];
    return after;
}

/* Differences of wide numbers, each rounded to (or wrapped in) the result's dtype. */
static void check_diff(sheaf_dtype dtype, const int64_t *shape, int axis, int order, int layouts)
{
    const struct op *op = op_find("diff");
    sheaf_view x = awkward_view(dtype, 3, shape, 11 + (size_t)axis, (unsigned)order % 3), want;
    sheaf_options options;
    sheaf_options_init(&options);
    options.naxes = 1;
    options.axes[0] = axis;
    options.order = order;
    ck_ok(op_infer(op, op->info.nin, &x, &options, &want, error));
    int64_t n = shape[axis], m = n;
    size_t after = after_axis(shape, axis), rows = (size_t)sheaf_view_size(&x) / (size_t)n, size, parts;
    sheaf_dtype part = dtype_real(want.dtype), wide = is_float(dtype) ? SHEAF_F64 : SHEAF_I64;
    parts = dtype_kind(dtype) == 'c' ? 2 : 1;
    size = sheaf_dtype_size(part);
    want.data = malloc((size_t)sheaf_view_size(&want) * sheaf_dtype_size(want.dtype) + 1);
    int64_t length = n * (int64_t)parts;
    double *t = malloc((size_t)length * sizeof *t);
    int64_t *integer = (int64_t *)t;
    for (size_t row = 0; row < rows; row++) {
        size_t b = row / after, a = row % after;
        sheaf_view from, whole;
        char *first = (char *)x.data + (b * (size_t)n * after + a) * sheaf_dtype_size(dtype);
        ck_ok(sheaf_view_init(&from, first, dtype_real(dtype), 2, (int64_t[]){n, (int64_t)parts}, error));
        from.strides[0] = (int64_t)(after * sheaf_dtype_size(dtype));
        ck_ok(sheaf_view_init(&whole, t, wide, 2, (int64_t[]){n, (int64_t)parts}, error));
        ck_ok(sheaf_view_copy(&from, &whole, error));
        m = n;
        for (int k = 0; k < (order ? order : 1) && m > 0; k++, m--)
            for (size_t i = 0; i + parts < (size_t)m * parts; i++) {
                if (!is_float(dtype))
                    integer[i] = (int64_t)((uint64_t)integer[i + parts] - (uint64_t)integer[i]);
                else
                    t[i] = part == SHEAF_F32 ? (double)(float)(t[i + parts] - t[i]) : t[i + parts] - t[i];
            }
        char *y = (char *)want.data + (b * (size_t)m * after + a) * sheaf_dtype_size(want.dtype);
        for (int64_t i = 0; i < m * (int64_t)parts; i++) {
            char *at = y + (size_t)(i / (int64_t)parts) * after * sheaf_dtype_size(want.dtype) +
                       (size_t)(i % (int64_t)parts) * size;
            float single = (float)t[i];
            memcpy(at, is_float(dtype) && size == 4 ? (void *)&single : (void *)&t[i], size);
        }
    }
    ck_assert_int_eq(want.shape[axis], m);
    check_laid_out(op, &x, &options, &want, layouts);
    free(t);
    free(want.data);
    free(x.data);
}

START_TEST(test_diff)
{
    for (int d = SHEAF_I8; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s < (is_sample((sheaf_dtype)d) ? BOXES : BOXES - 1); s++)
            for (int axis = 0; axis < 3; axis++)
                check_diff((sheaf_dtype)d, boxes[s], axis, _i, s < 2 ? LAYOUT_COUNT : 1);
}
END_TEST

/* Whichever of its buffers diff does not get. */
START_TEST(test_diff_without_memory)
{
    const struct op *op = op_find("diff");
    static double x[3000];
    sheaf_view v = sheaf_view_f64(x, 3000), out;
    sheaf_options options;
    sheaf_error failed = {SHEAF_OK, ""};
    team t = {.threads = 1};
    sheaf_options_init(&options);
    options.order = 3;
    call_op(op, &v, &options, 1, &out);
    sheaf_pool_trim();
    mem_fail_at(0, 0);
    long live = mem_live();
    for (int k = 1; k <= 2; k++) {
        sheaf_pool_trim();
        mem_fail_at(k, 1);
        sheaf_status status = op_run(op, op->info.nin, &v, &options, &t, &out, NULL, &failed);
        mem_fail_at(0, 0);
        ck_assert_int_eq(status, SHEAF_NO_MEMORY);
        ck_assert(strstr(failed.message, "diff") != NULL);
        sheaf_pool_trim();
        ck_assert_int_eq(mem_live(), live);
    }
    free(out.data);
}
END_TEST

/* Two doubles an element. */
static double *wide_copy(const sheaf_view *v)
{
    sheaf_view to;
    ck_ok(sheaf_view_init(&to, malloc(16 * (size_t)sheaf_view_size(v)), SHEAF_C128, v->ndim, v->shape, error));
    ck_ok(sheaf_view_copy(v, &to, error));
    return to.data;
}

/* The formula in long double. Each result costs a subtraction and a division, of which the last rounds once more. */
static void check_gradient(sheaf_dtype dtype, const int64_t *shape, int axis, double spacing)
{
    const struct op *op = op_find("gradient");
    sheaf_view x = awkward_view(dtype, 3, shape, 29, 2), got;
    sheaf_options options;
    sheaf_options_init(&options);
    options.naxes = 1;
    options.axes[0] = axis;
    options.spacing = spacing;
    call_op(op, &x, &options, 1, &got);
    bool single = dtype_real(got.dtype) == SHEAF_F32;
    ck_assert(single == (dtype == SHEAF_F16 || dtype == SHEAF_F32 || dtype == SHEAF_C64));
    size_t n = (size_t)shape[axis], after = after_axis(shape, axis), size = (size_t)sheaf_view_size(&x);
    long double h = spacing == 0 ? 1 : spacing, unit = single ? 0x1p-23L : 0x1p-52L;
    double *from = wide_copy(&x), *to = wide_copy(&got);
    for (size_t i = 0; i < size; i++) {
        size_t at = i / after % n, low = at > 0 ? i - after : i, high = at + 1 < n ? i + after : i;
        for (int part = 0; part < (dtype_kind(dtype) == 'c' ? 2 : 1); part++) {
            long double a = from[2 * low + (size_t)part], b = from[2 * high + (size_t)part],
                        y = to[2 * i + (size_t)part];
            long double distance = (high - low) / after == 2 ? 2 * h : h, expected = (b - a) / distance;
            long double bound = 2 * unit * fmaxl(fabsl(a), fabsl(b)) / fabsl(distance);
            if (fabsl(y - expected) > bound)
                ck_abort_msg("%s at %zu: %.17Lg, expected %.17Lg", call_text(op, &x, &options), i, y, expected);
        }
    }
    free(from);
    free(to);
    check_laid_out(op, &x, &options, &got, LAYOUT_COUNT);
    free(got.data);
    free(x.data);
}

START_TEST(test_gradient)
{
    static const double spacings[] = {0, 0.1, -3};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s + 1 < BOXES; s++)
            for (int axis = 0; axis < 3; axis++)
                check_gradient((sheaf_dtype)d, boxes[s], axis, spacings[_i]);
}
END_TEST

/* Slopes of a straight line, which has one: exact, also where differences of integers would wrap. */
START_TEST(test_gradient_values)
{
    static const int8_t line[] = {-128, 127, -128};
    static const double slopes[] = {255, 0, -255};
    sheaf_view v, out;
    int64_t n = 3;
    ck_ok(sheaf_view_init(&v, (void *)(uintptr_t)line, SHEAF_I8, 1, &n, error));
    call_op(op_find("gradient"), &v, NULL, 1, &out);
    ck_assert(out.dtype == SHEAF_F64 && memcmp(out.data, slopes, sizeof slopes) == 0);
    free(out.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: differences");
    TCase *tc = tcase_create("differences");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_diff, 0, 5);
    tcase_add_test(tc, test_diff_without_memory);
    tcase_add_loop_test(tc, test_gradient, 0, 3);
    tcase_add_test(tc, test_gradient_values);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
