/* Moving windows against their definition, each result from its own elements; the same bits in every layout, at every
 * level and on every team. */

#include "laid_out.h"
#include <float.h>

static const char *const functions[] = {"moving_sum", "moving_mean", "moving_min",   "moving_max",
                                        "moving_var", "moving_std",  "moving_median"};
enum {
    SUM,
    MEAN,
    LEAST,
    GREATEST,
    VAR,
    STD,
    MEDIAN,
    FUNCTIONS
};

/* ---- the definition ---- */

/* NaN last, -0 before 0. */
static int in_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : (signbit(y) != 0) - (signbit(x) != 0);
}

struct expected {
    double value, scale; /* what errors are measured by; infinite: anything may come out */
};

static struct expected sorted_value(int kind, size_t n, double *v)
{
    qsort(v, n, sizeof *v, in_order);
    if (kind == LEAST || kind == GREATEST)
        return (struct expected){v[kind == LEAST ? 0 : n - 1], 0};
    const double a = v[(n - 1) / 2], b = v[n / 2];
    double value = n % 2 ? a : (double)(((long double)a + b) / 2);
    return (struct expected){value, 0};
}

static struct expected value_of(int kind, size_t n, double *v, double ddof)
{
    long double sum = 0, size = 0, square = 0;
    double most = 0;
    bool infinite = false;
    if (kind == LEAST || kind == GREATEST || kind == MEDIAN)
        return sorted_value(kind, n, v);
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        size += isinf(v[i]) ? 0 : fabs(v[i]);
        most = isinf(v[i]) ? most : fmax(most, fabs(v[i]));
        infinite |= isinf(v[i]) != 0;
    }
    const double far = most > (kind >= VAR ? 1e145 : 1e300) ? INFINITY : 0;
    if (kind == SUM)
        return (struct expected){(double)sum, (double)size + far};
    if (kind == MEAN)
        return (struct expected){(double)(sum / n), (double)(size / n) + far};
    if ((double)n <= ddof || infinite)
        return (struct expected){NAN, 0};
    for (size_t i = 0; i < n; i++)
        square += (v[i] - sum / n) * (v[i] - sum / n);
    square /= (long double)((double)n - ddof);
    if (far > 0 || (square > 0 && square < 1e-290L))
        return (struct expected){0, INFINITY};
    const double value = (double)(kind == STD ? sqrtl(square) : square), longer = 1 + (double)n / 20000;
    return (struct expected){value, value * longer + (double)(kind == STD ? size / n : size / n * size / n) * 1e-12};
}

static struct expected expected_at(int kind, const sheaf_options *o, size_t n, const double *x, size_t i)
{
    const int64_t ahead = o->center ? (o->window - 1) / 2 : 0, first = (int64_t)i + ahead - o->window + 1;
    const size_t begin = first > 0 ? (size_t)first : 0;
    const size_t end = (int64_t)(n - i) - 1 < ahead ? n : i + (size_t)ahead + 1;
    double *v = malloc((end - begin + 1) * sizeof *v);
    size_t count = 0;
    for (size_t k = begin; k < end; k++)
        if (!isnan(x[k]))
            v[count++] = x[k];
    struct expected e = {NAN, 0};
    if ((int64_t)count >= (o->min_count ? o->min_count : o->window))
        e = value_of(kind, count, v, kind == VAR || kind == STD ? o->ddof : 0);
    free(v);
    return e;
}

static void check_value(int kind, struct expected want, double got, bool single, const char *what, size_t i)
{
    if (isinf(want.scale))
        return;
    const double rounding = single ? fabs(want.value) * 0x1p-24 + 0x1p-149 : 0;
    bool fine =
        isnan(want.value) ? isnan(got) : got == want.value || fabs(got - want.value) <= want.scale * 0x1p-47 + rounding;
    if (single && fabs(want.value) > FLT_MAX)
        fine = true;
    if (kind == LEAST || kind == GREATEST)
        fine = fine && (isnan(got) || signbit(got) == signbit(want.value));
    if (!fine)
        ck_abort_msg("%s [%zu]: %.17g, expected %.17g", what, i, got, want.value);
}

/* ---- calls ---- */

/* Row after row of x and of its results, every step-th of them, as doubles. */
static void check_rows(int kind, const sheaf_view *x, const sheaf_view *y, const sheaf_options *o, int axis,
                       size_t step)
{
    size_t before = 1, after = 1, n = (size_t)x->shape[axis];
    for (int i = 0; i < x->ndim; i++)
        *(i < axis ? &before : &after) *= i == axis ? 1 : (size_t)x->shape[i];
    double *row = malloc((n + 1) * sizeof *row);
    for (size_t r = 0; r < before * after; r++) {
        const size_t first = r / after * n * after + r % after;
        int64_t length = (int64_t)n;
        sheaf_view from, to;
        ck_ok(
            sheaf_view_init(&from, (char *)x->data + first * sheaf_dtype_size(x->dtype), x->dtype, 1, &length, error));
        ck_ok(sheaf_view_init(&to, row, SHEAF_F64, 1, &length, error));
        from.strides[0] *= (int64_t)after;
        ck_ok(sheaf_view_copy(&from, &to, error));
        for (size_t i = n > step ? r % step : 0; i < n; i += step) {
            const size_t at = first + i * after;
            const bool single = y->dtype == SHEAF_F32;
            check_value(kind, expected_at(kind, o, n, row, i),
                        single ? (double)((float *)y->data)[at] : ((double *)y->data)[at], single,
                        call_text(op_find(functions[kind]), x, o), i);
        }
    }
    free(row);
}

struct setting {
    int64_t window, min_count;
    bool center;
    double ddof;
};

static void check_window(int kind, sheaf_dtype dtype, int ndim, const int64_t *shape, int axis, struct setting setting,
                         unsigned data, int layouts, size_t step)
{
    const struct op *op = op_find(functions[kind]);
    sheaf_view x = awkward_view(dtype, ndim, shape, 11 + (size_t)kind + (size_t)dtype, data), got;
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = axis;
    o.window = setting.window;
    o.min_count = setting.min_count;
    o.center = setting.center;
    o.ddof = setting.ddof;
    cpu_isa_force(ISA_PLAIN);
    call_op(op, &x, &o, 1, &got);
    check_rows(kind, &x, &got, &o, axis, step);
    check_laid_out(op, &x, &o, &got, layouts);
    free(got.data);
    free(x.data);
}

START_TEST(test_short_rows)
{
    static const int64_t sizes[] = {0, 1, 2, 7, 8, 9, 31, 64, 65, 200, 521};
    static const struct setting settings[] = {
        {1, 0, false, 0},  {2, 1, false, 1}, {3, 0, true, 0},   {5, 2, false, 0},  {7, 3, true, 2},
        {8, 0, false, 0},  {9, 1, true, 0},  {15, 0, false, 0}, {16, 4, false, 0}, {22, 0, true, 0},
        {50, 0, false, 1}, {61, 7, true, 0}, {77, 1, false, 0}, {500, 9, true, 0}, {5000, 3, false, 0}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t w = 0; w < sizeof settings / sizeof settings[0]; w++)
            for (unsigned data = 0; data < 4; data++)
                check_window(_i, SHEAF_F64, 1, &sizes[s], 0, settings[w], data, data == 0 ? LAYOUT_COUNT : 1,
                             s < 9 ? 1 : 7);
}
END_TEST

START_TEST(test_dtypes)
{
    static const int64_t shape[2] = {5, 203};
    static const struct setting settings[] = {{4, 0, false, 0}, {19, 3, true, 1}, {100, 90, false, 0}};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t w = 0; dtype_kind((sheaf_dtype)d) != 'c' && w < 3; w++)
            for (int axis = 0; axis < 2; axis++)
                check_window(_i, (sheaf_dtype)d, 2, shape, axis, settings[w], 2 * (unsigned)w % 3, LAYOUT_COUNT, 3);
}
END_TEST

/* Strips of neighbours, several tiles and blocks. */
START_TEST(test_axes)
{
    static const int64_t shapes[][3] = {{500, 3, 21}, {3, 601, 17}, {20, 50, 40}, {2, 7, 900}};
    static const struct setting settings[] = {{6, 2, false, 0}, {90, 30, true, 0}};
    for (size_t s = 0; s < 4; s++)
        for (int axis = 0; axis < 3; axis++)
            for (size_t w = 0; w < 2; w++)
                check_window(_i, (s + w) % 2 ? SHEAF_F32 : SHEAF_F64, 3, shapes[s], axis, settings[w], (unsigned)s % 3,
                             s < 2 ? LAYOUT_COUNT : 2, 37);
}
END_TEST

/* Pieces of a row on a team; runs within blocks. */
START_TEST(test_long_rows)
{
    static const int64_t size = 300007, pair[2] = {2, 150001}, across[2] = {150001, 2};
    check_window(_i, SHEAF_F64, 1, &size, 0, (struct setting){5, 0, false, 0}, 2, LAYOUT_COUNT, 997);
    check_window(_i, SHEAF_F64, 1, &size, 0, (struct setting){50, 9, true, 0}, 0, 1, 997);
    check_window(_i, SHEAF_F64, 1, &size, 0, (struct setting){1003, 100, false, 0}, 2, 1, 997);
    check_window(_i, SHEAF_F32, 1, &size, 0, (struct setting){2050, 1, true, 0}, 0, 2, 3001);
    check_window(_i, SHEAF_F64, 2, pair, 1, (struct setting){9000, 800, false, 0}, 2, 2, 30011);
    check_window(_i, SHEAF_F64, 2, across, 0, (struct setting){100, 1, true, 0}, 1, 2, 3001);
    check_window(_i, SHEAF_I32, 1, &size, 0, (struct setting){64, 0, false, 0}, 0, 1, 997);
    check_window(_i, SHEAF_F64, 1, &size, 0, (struct setting){1000000, 7, true, 0}, 2, 1, 150000);
}
END_TEST

/* Large enough for results to be streamed. */
START_TEST(test_streamed)
{
    static const int64_t size = 1200011;
    if (_i != MEDIAN)
        check_window(_i, SHEAF_F64, 1, &size, 0, (struct setting){33, 0, _i % 2, 0}, 0, 1, 9973);
}
END_TEST

/* ---- what has left a window leaves nothing behind ---- */

static void window_f64(int kind, size_t n, const double *x, int64_t window, double *y)
{
    sheaf_view v = sheaf_view_f64((void *)(uintptr_t)x, n), out;
    sheaf_options o;
    sheaf_options_init(&o);
    o.window = window;
    call_op(op_find(functions[kind]), &v, &o, 2, &out);
    memcpy(y, out.data, n * sizeof *y);
    free(out.data);
}

START_TEST(test_nothing_lingers)
{
    enum {
        N = 6000
    };
    static const double intruders[] = {INFINITY, -INFINITY, NAN, DBL_MAX, -1e300, 1e17};
    static const int64_t windows[] = {2, 5, 8, 13, 50, 700};
    static double x[N], y[N], want[N];
    for (size_t k = 0; k < sizeof intruders / sizeof *intruders; k++)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
            for (size_t i = 0; i < N; i++)
                x[i] = (double)(i * 7 % 11) / 16;
            window_f64(_i, N, x, windows[w], want);
            x[1234] = intruders[k];
            x[1240] = -intruders[k];
            window_f64(_i, N, x, windows[w], y);
            ck_assert(same_bits(y, want, 1234, SHEAF_F64));
            const size_t clear = 1240 + (size_t)windows[w];
            ck_assert_msg(same_bits(y + clear, want + clear, N - clear, SHEAF_F64), "%s, window %d, %g", functions[_i],
                          (int)windows[w], intruders[k]);
        }
}
END_TEST

/* Far from 0, and constant. */
START_TEST(test_deviations)
{
    enum {
        N = 4000
    };
    static const int64_t windows[] = {2, 4, 6, 16, 30, 100, 1000};
    static double x[N], y[N];
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        for (size_t i = 0; i < N; i++)
            x[i] = 1e12 + (double)(i % 2);
        window_f64(STD, N, x, windows[w], y);
        for (size_t i = (size_t)windows[w]; i < N; i++)
            ck_assert_double_eq_tol(y[i], 0.5, 1e-14);
        for (size_t i = 0; i < N; i++)
            x[i] = 0.1;
        window_f64(VAR, N, x, windows[w], y);
        for (size_t i = (size_t)windows[w]; i < N; i++)
            ck_assert_double_eq(y[i], 0);
        window_f64(MEAN, N, x, windows[w], y);
        for (size_t i = (size_t)windows[w]; i < N; i++)
            ck_assert_double_eq_tol(y[i], 0.1, 1e-15);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: windows");
    TCase *tc = tcase_create("windows");
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, test_short_rows, 0, FUNCTIONS);
    tcase_add_loop_test(tc, test_dtypes, 0, FUNCTIONS);
    tcase_add_loop_test(tc, test_axes, 0, FUNCTIONS);
    tcase_add_loop_test(tc, test_long_rows, 0, FUNCTIONS);
    tcase_add_loop_test(tc, test_streamed, 0, FUNCTIONS);
    tcase_add_loop_test(tc, test_nothing_lingers, 0, FUNCTIONS);
    tcase_add_test(tc, test_deviations);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
