/* Scans against their definition written out once more, to the bit. */

#include "base/alloc.h"
#include "laid_out.h"
#include <sheaf/functions.h>

static const char *const scans[] = {"cumsum", "cumprod", "cummin", "cummax"};

/* ---- the definition ---- */

/* Groups of 8 within blocks of 4096: pairs, then fours, then the group; the group onto the block's sum so far, that
 * onto the last result of the block before. */
static void running_sums(size_t n, const double *x, double *y)
{
    double before = -0.0, sum = -0.0;
    for (size_t i = 0; i < n; i += 8) {
        double t[8], p[8];
        if (i > 0 && i % 4096 == 0) {
            before = y[i - 1];
            sum = -0.0;
        }
        for (size_t j = 0; j < 8; j++)
            t[j] = i + j < n ? x[i + j] : -0.0;
        p[0] = t[0];
        p[1] = t[0] + t[1];
        p[2] = p[1] + t[2];
        p[3] = p[1] + (t[2] + t[3]);
        p[4] = p[3] + t[4];
        p[5] = p[3] + (t[4] + t[5]);
        p[6] = p[3] + ((t[4] + t[5]) + t[6]);
        p[7] = p[3] + ((t[4] + t[5]) + (t[6] + t[7]));
        for (size_t j = 0; j < 8 && i + j < n; j++)
            y[i + j] = before + (sum + p[j]);
        sum += p[7];
    }
}

static double better(bool greatest, double a, double b)
{
    if (isnan(a) || isnan(b))
        return NAN;
    if (a == b)
        return greatest == !signbit(a) ? a : b;
    return (a < b) == greatest ? b : a;
}

/* Of real floats, and of the parts of complex sums. */
static void running_reals(int kind, size_t n, const double *x, double *y)
{
    if (kind == S_cumsum) {
        running_sums(n, x, y);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0)
            y[i] = x[i];
        else if (kind == S_cumprod)
            y[i] = y[i - 1] * x[i];
        else
            y[i] = better(kind == S_cummax, y[i - 1], x[i]);
    }
}

static void running_products(size_t n, const double (*x)[2], double (*y)[2])
{
    for (size_t i = 0; i < n; i++) {
        memcpy(y[i], x[i], sizeof y[i]);
        if (i == 0)
            continue;
        const double *p = y[i - 1];
        volatile double ac = p[0] * x[i][0], bd = p[1] * x[i][1], ad = p[0] * x[i][1], bc = p[1] * x[i][0];
        y[i][0] = ac - bd;
        y[i][1] = ad + bc;
    }
}

static void running_integers(int kind, bool is_signed, size_t n, const uint64_t *x, uint64_t *y)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t last = i > 0 ? y[i - 1] : x[i];
        bool less = is_signed ? (int64_t)x[i] < (int64_t)last : x[i] < last;
        bool greater = is_signed ? (int64_t)x[i] > (int64_t)last : x[i] > last;
        if (kind == S_cumsum)
            y[i] = i > 0 ? last + x[i] : x[i];
        else if (kind == S_cumprod)
            y[i] = i > 0 ? last * x[i] : x[i];
        else
            y[i] = (kind == S_cummin ? less : greater) ? x[i] : last;
    }
}

/* One row of n elements, `stride` elements apart in x and y, through contiguous wide numbers. */
static void expect_row(int kind, size_t n, const char *x, sheaf_dtype from, int64_t stride, char *y, sheaf_dtype to)
{
    int64_t shape = (int64_t)n;
    bool complex = dtype_kind(from) == 'c';
    sheaf_dtype wide = complex                   ? SHEAF_C128
                       : is_float(from)          ? SHEAF_F64
                       : dtype_kind(from) == 'u' ? SHEAF_U64
                                                 : SHEAF_I64;
    double(*a)[2] = malloc((n + 1) * sizeof *a), (*b)[2] = malloc((n + 1) * sizeof *b);
    double *re = calloc(4 * (n + 1), sizeof *re), *im = re + n, *sum_re = im + n, *sum_im = sum_re + n;
    sheaf_view in, out, wide_in, wide_out;
    ck_ok(sheaf_view_init(&in, (void *)(uintptr_t)x, from, 1, &shape, error));
    ck_ok(sheaf_view_init(&out, y, to, 1, &shape, error));
    ck_ok(sheaf_view_init(&wide_in, a, wide, 1, &shape, error));
    ck_ok(sheaf_view_init(&wide_out, b, wide, 1, &shape, error));
    in.strides[0] *= stride;
    out.strides[0] *= stride;
    ck_ok(sheaf_view_copy(&in, &wide_in, error));
    if (!is_float(from)) {
        running_integers(kind, wide == SHEAF_I64, n, (const uint64_t *)a, (uint64_t *)b);
    } else if (!complex) {
        running_reals(kind, n, (const double *)a, (double *)b);
    } else if (kind == S_cumprod) {
        running_products(n, (const double(*)[2])a, b);
    } else {
        for (size_t i = 0; i < n; i++) {
            re[i] = a[i][0];
            im[i] = a[i][1];
        }
        running_sums(n, re, sum_re);
        running_sums(n, im, sum_im);
        for (size_t i = 0; i < n; i++) {
            b[i][0] = sum_re[i];
            b[i][1] = sum_im[i];
        }
    }
    ck_ok(sheaf_view_copy(&wide_out, &out, error));
    free(a);
    free(b);
    free(re);
}

/* ---- calls ---- */

/* A scan along the axis of an array (before, n, after); axis -1: of the flattened array. */
static void check_scan(int kind, sheaf_dtype dtype, int ndim, const int64_t *shape, int axis, unsigned data,
                       int layouts)
{
    const struct op *op = op_find(scans[kind]);
    sheaf_view x = awkward_view(dtype, ndim, shape, 3 + (size_t)kind + (size_t)dtype, data), want;
    sheaf_options options;
    sheaf_options_init(&options);
    options.naxes = axis >= 0;
    options.axes[0] = axis;
    if (op_infer(op, op->info.nin, &x, &options, &want, NULL) == SHEAF_OK) {
        size_t before = 1, after = 1, n = axis < 0 ? (size_t)sheaf_view_size(&x) : (size_t)shape[axis];
        for (int i = 0; axis >= 0 && i < ndim; i++) {
            if (i < axis)
                before *= (size_t)shape[i];
            else if (i > axis)
                after *= (size_t)shape[i];
        }
        size_t size = sheaf_dtype_size(dtype), out_size = sheaf_dtype_size(want.dtype);
        want.data = malloc(before * n * after * out_size + 1);
        for (size_t b = 0; b < before; b++)
            for (size_t a = 0; a < after; a++) {
                size_t first = b * n * after + a;
                expect_row(kind, n, (char *)x.data + first * size, dtype, (int64_t)after,
                           (char *)want.data + first * out_size, want.dtype);
            }
        check_laid_out(op, &x, &options, &want, layouts);
        free(want.data);
    } else {
        ck_assert(dtype_kind(dtype) == 'c' && kind >= S_cummin);
    }
    free(x.data);
}

START_TEST(test_rows)
{
    static const int64_t sizes[] = {0, 1, 2, 7, 8, 9, 17, 511, 513, 4095, 4096, 4097, 8200};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (unsigned data = 0; data < 4; data++)
                check_scan(_i, (sheaf_dtype)d, 1, &sizes[s], data % 2 ? 0 : -1, data, s < 8 ? LAYOUT_COUNT : 1);
}
END_TEST

/* Several pieces of a row on a team. */
START_TEST(test_long_rows)
{
    static const int64_t size = 100003, pair[] = {2, 70001};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++) {
        check_scan(_i, (sheaf_dtype)d, 1, &size, 0, 2, 1);
        check_scan(_i, (sheaf_dtype)d, 1, &size, -1, 3, 1);
    }
    check_scan(_i, SHEAF_F64, 2, pair, 1, 2, LAYOUT_COUNT);
    check_scan(_i, SHEAF_F64, 2, pair, -1, 0, LAYOUT_COUNT);
    check_scan(_i, SHEAF_F32, 2, pair, 1, 1, 1);
}
END_TEST

START_TEST(test_axes)
{
    static const int64_t shapes[][3] = {{40, 50, 60}, {3, 5, 4},    {9, 17, 7},   {1, 4097, 5}, {4097, 1, 9},
                                        {2, 3, 4097}, {17, 2, 530}, {8, 1, 1100}, {0, 3, 2},    {3, 0, 2}};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = is_sample((sheaf_dtype)d) ? 0 : 1; s < sizeof shapes / sizeof shapes[0]; s++)
            for (int axis = -1; axis < 3; axis++)
                check_scan(_i, (sheaf_dtype)d, 3, shapes[s], axis, (unsigned)(s + (size_t)d) % 4,
                           s == 1 || s == 2 ? LAYOUT_COUNT
                           : s == 0         ? 1
                                            : 2);
}
END_TEST

/* ---- values ---- */

static void scan_f64(const char *name, size_t n, const double *x, double *y)
{
    sheaf_view v = sheaf_view_f64((void *)(uintptr_t)x, n), out;
    call_op(op_find(name), &v, NULL, 2, &out);
    memcpy(y, out.data, n * sizeof *y);
    free(out.data);
}

#define check_values(name, x, want)                                                            \
    do {                                                                                       \
        double got_[sizeof(x) / sizeof(x)[0]];                                                 \
        scan_f64(name, sizeof(x) / sizeof(x)[0], x, got_);                                     \
        ck_assert_msg(same_bits(got_, want, sizeof(x) / sizeof(x)[0], SHEAF_F64), "%s", name); \
    } while (0)

/* By hand: what went infinite stays so, what became NaN too. */
START_TEST(test_specials)
{
    static const double infinities[] = {INFINITY, 1, -INFINITY, 2}, sums[] = {INFINITY, INFINITY, NAN, NAN};
    static const double zeros[] = {-0.0, -0.0, 0.0, -0.0}, sums0[] = {-0.0, -0.0, 0.0, 0.0};
    static const double mixed[] = {0.0, -0.0, 0.0, -1, 2, NAN, -5}, least[] = {0.0, -0.0, -0.0, -1, -1, NAN, NAN},
                        greatest[] = {0.0, 0.0, 0.0, 0.0, 2, NAN, NAN};
    static const double big[] = {0, 1e200, 1e200, 1e200, 1e200, 1e-200}, none[] = {0, 0, 0, 0, 0, 0};
    static const double small[] = {1e-200, 1e-200, 1e200, 1e200}, vanished[] = {1e-200, 0, 0, 0};
    check_values("cumsum", infinities, sums);
    check_values("cumsum", zeros, sums0);
    check_values("cummin", mixed, least);
    check_values("cummax", mixed, greatest);
    check_values("cumprod", big, none);
    check_values("cumprod", small, vanished);
}
END_TEST

START_TEST(test_nan_places)
{
    enum {
        N = 50000
    };
    static const size_t places[] = {0, 1, 7, 8, 4095, 4096, 16383, 16384, 33333, N - 1};
    static double x[N], y[N];
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
        for (size_t i = 0; i < N; i++)
            x[i] = i == places[p] ? NAN : 1 + (double)(i % 3) * 0x1p-20;
        scan_f64(scans[_i], N, x, y);
        for (size_t i = 0; i < N; i++)
            if (isnan(y[i]) != (i >= places[p]))
                ck_abort_msg("%s: %g at %zu, NaN at %zu", scans[_i], y[i], i, places[p]);
    }
}
END_TEST

/* ---- the vector door ---- */

#define check_vector(name)                                                                  \
    do {                                                                                    \
        call_op(op_find(#name), &wide, NULL, 2, &out);                                      \
        memset(y, 0, sizeof y);                                                             \
        sheaf_vec_##name##_f64(n, x, y);                                                    \
        ck_assert(same_bits(y, out.data, (size_t)sheaf_view_size(&out), SHEAF_F64));        \
        free(out.data);                                                                     \
        call_op(op_find(#name), &narrow, NULL, 2, &out);                                    \
        sheaf_vec_##name##_f32(n, single, single_y);                                        \
        ck_assert(same_bits(single_y, out.data, (size_t)sheaf_view_size(&out), SHEAF_F32)); \
        free(out.data);                                                                     \
    } while (0)

/* Neither memory is asked for, nor anything written when there is nothing to give. */
START_TEST(test_vectors)
{
    enum {
        MOST = 9000
    };
    static double x[MOST], y[MOST];
    static float single[MOST], single_y[MOST];
    static const size_t lengths[] = {2, 9, 4097, MOST};
    sheaf_view wide, narrow, out;
    kernel_data_kind(K_F64, MOST, x, 31, 2);
    kernel_data_kind(K_F32, MOST, single, 37, 2);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t n = lengths[i];
        wide = sheaf_view_f64(x, n);
        ck_ok(sheaf_view_init(&narrow, single, SHEAF_F32, 1, (int64_t[]){(int64_t)n}, error));
        check_vector(cumsum);
        check_vector(cumprod);
        check_vector(cummin);
        check_vector(cummax);
        check_vector(diff);
        check_vector(gradient);
    }
    mem_fail_at(1, 1);
    sheaf_vec_cumsum_f64(MOST, x, y);
    sheaf_vec_cumprod_f64(MOST, x, y);
    sheaf_vec_cummin_f32(MOST, single, single_y);
    sheaf_vec_diff_f64(MOST, x, y);
    sheaf_vec_gradient_f64(MOST, x, y);
    ck_assert_int_eq(mem_calls(), 0);
    mem_fail_at(0, 0);
    y[0] = 7;
    sheaf_vec_gradient_f64(1, x, y);
    sheaf_vec_gradient_f64(0, x, y);
    sheaf_vec_diff_f64(1, x, y);
    sheaf_vec_cumsum_f64(0, x, y);
    ck_assert_double_eq(y[0], 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: scans");
    TCase *tc = tcase_create("scans");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_rows, 0, 4);
    tcase_add_loop_test(tc, test_long_rows, 0, 4);
    tcase_add_loop_test(tc, test_axes, 0, 4);
    tcase_add_test(tc, test_specials);
    tcase_add_loop_test(tc, test_nan_places, 0, 4);
    tcase_add_test(tc, test_vectors);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
