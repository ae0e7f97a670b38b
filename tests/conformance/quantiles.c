/* Medians and quantiles against their definition, to the bit: the row sorted, and numpy's formulas between its
 * elements. */

#include "exact_numbers.h"

static const char *const methods[] = {"linear", "lower", "higher", "nearest", "midpoint"};

static double interpolated(long double low, long double high, double t, bool integers)
{
    const double a = (double)low, b = (double)high, d = integers ? (double)(high - low) : b - a;
    if (t == 0 || a == b)
        return a;
    if (isinf(a) || isinf(b))
        return a + b;
    if (isinf(d))
        return a * (1 - t) + b * t;
    return t < 0.5 ? a + d * t : b - d * (1 - t);
}

/* Of n sorted numbers; method -1: the median. */
static long double quantile_of(const struct exact_place *s, int64_t n, int method, double q, bool integers)
{
    const double place = (double)(n - 1) * q, below = floor(place);
    if (method < 0) {
        const double a = (double)s[(n - 1) / 2].x, b = (double)s[n / 2].x, sum = a + b;
        return n % 2 ? a : isinf(sum) && isfinite(a) && isfinite(b) ? a / 2 + b / 2 : sum / 2;
    }
    const int64_t low = (int64_t)below, high = (int64_t)ceil(place);
    if (method == 1)
        return s[low].x;
    if (method == 2)
        return s[high].x;
    if (method == 3)
        return s[(int64_t)rint(place)].x;
    return interpolated(s[low].x, s[high].x, low == high ? 0 : method == 4 ? 0.5 : place - below, integers);
}

/* Rows of n elements, `after` apart, of x (before, n, after); results (nq, before, after). */
static void expect(const sheaf_view *x, int64_t before, int64_t n, int64_t after, int method, bool skip, int nq,
                   const double *q, sheaf_view *want)
{
    long double *numbers = exact_numbers(x);
    struct exact_place *row = malloc(((size_t)n + 1) * sizeof *row);
    const bool integers = dtype_kind(x->dtype) != 'f';
    for (int64_t r = 0; r < before * after; r++) {
        int64_t count = 0;
        for (int64_t i = 0; i < n; i++) {
            const long double v = numbers[(r / after * n + i) * after + r % after];
            if (!isnan(v))
                row[count++] = (struct exact_place){v, 0};
        }
        qsort(row, (size_t)count, sizeof *row, exact_compare);
        for (int k = 0; k < nq; k++)
            put_number(want, k * before * after + r,
                       count == 0 || (count < n && !skip) ? (long double)NAN
                                                          : quantile_of(row, count, method, q[k], integers));
    }
    free(row);
    free(numbers);
}

/* The function along axis `axis` of a shape of three, -1: of all; method -1: the median. */
static void check(sheaf_dtype dtype, const int64_t *shape, int axis, int method, bool skip, int nq, unsigned kind,
                  int layouts)
{
    static double qs[] = {0.5, 0.123, 0.999, 0, 0.25, 1, 0.75, 0.1, 0.5001};
    const struct op *op = op_find(method < 0 ? skip ? "nanmedian" : "median" : skip ? "nanquantile" : "quantile");
    sheaf_view in[2] = {awkward_view(dtype, 3, shape, 5 + (size_t)dtype, kind)}, want;
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = axis >= 0;
    o.axes[0] = axis;
    o.method = method < 0 ? NULL : methods[method];
    ck_ok(sheaf_view_init(&in[1], qs, SHEAF_F64, nq == 0 ? 0 : 1, (int64_t[]){nq}, error));
    if (op_infer(op, op->info.nin, in, &o, &want, NULL) == SHEAF_OK) {
        int64_t before = 1, after = 1, n = axis < 0 ? sheaf_view_size(&in[0]) : shape[axis];
        for (int i = 0; i < 3 && axis >= 0; i++)
            *(i < axis ? &before : &after) *= i == axis ? 1 : shape[i];
        want = new_view(want.dtype, want.ndim, want.shape);
        expect(&in[0], before, n, after, method, skip, nq && method >= 0 ? nq : 1, qs, &want);
        check_call_laid_out(op, in, &o, &want, layouts);
        free(want.data);
    } else {
        ck_assert(dtype_kind(dtype) == 'c' || sheaf_view_size(&in[0]) == 0);
    }
    free(in[0].data);
}

START_TEST(test_small)
{
    static const int64_t shapes[][3] = {{4, 5, 6}, {1, 1, 1},   {1, 2, 1},  {3, 1, 7},
                                        {2, 0, 3}, {2, 600, 3}, {1, 37, 40}};
    const bool skip = _i % 2, median = _i >= 10;
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s < (is_sample((sheaf_dtype)d) ? sizeof shapes / sizeof shapes[0] : 5); s++)
            for (int axis = -1; axis < 3; axis++)
                check((sheaf_dtype)d, shapes[s], axis, median ? -1 : _i / 2, skip, (axis + 1) * 3, (unsigned)(s % 4),
                      s < 4 ? LAYOUT_COUNT : 2);
}
END_TEST

/* Rows that are bracketed by a sample, alone and side by side. */
START_TEST(test_long)
{
    static const int64_t one[] = {1, 150001, 1}, across[] = {1, 70001, 3}, many[] = {5, 65536, 1};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_I64, SHEAF_U64, SHEAF_U8, SHEAF_I32, SHEAF_F16};
    for (unsigned kind = 0; kind < 4; kind++) {
        check(dtypes[_i], one, -1, 0, true, 9, kind, 1);
        check(dtypes[_i], one, 1, -1, kind % 2, 0, kind, 1);
        check(dtypes[_i], across, 1, 0, kind % 2, 3, kind, 1);
        check(dtypes[_i], many, 1, (int)kind, true, 2, kind, 1);
    }
    check(dtypes[_i], one, -1, 4, true, 3, 2, LAYOUT_COUNT);
}
END_TEST

/* A sample cannot tell where half of the elements are alike, where all are, or where they are sorted. */
START_TEST(test_patterns)
{
    enum {
        N = 200000
    };
    const struct op *op = op_find("quantile");
    static double x[N], qs[] = {0.3, 0.5, 0.500001, 0.8};
    struct exact_place *sorted = malloc(N * sizeof *sorted);
    sheaf_view in[2], want = new_view(SHEAF_F64, 1, (int64_t[]){4});
    sheaf_options o;
    uint64_t seed = 77;
    for (int64_t i = 0; i < N; i++) {
        const double r = random_unit(&seed);
        x[i] = _i == 0   ? (i % 2 ? 3 : r * 6)
               : _i == 1 ? 7
               : _i == 2 ? (double)i
               : _i == 3 ? (double)(N - i)
               : _i == 4 ? (double)(i % 3)
               : _i == 5 ? (r < 0.5 ? -0.0 : 0.0)
               : _i == 6 ? ldexp(r, (int)(r * 1e6) % 600 - 300)
                         : (i % 12 == 0 ? 1e300 : 1);
        sorted[i] = (struct exact_place){x[i], i};
    }
    qsort(sorted, N, sizeof *sorted, exact_compare);
    for (int k = 0; k < 4; k++)
        ((double *)want.data)[k] = (double)quantile_of(sorted, N, 0, qs[k], false);
    sheaf_options_init(&o);
    ck_ok(sheaf_view_init(&in[0], x, SHEAF_F64, 1, (int64_t[]){N}, error));
    ck_ok(sheaf_view_init(&in[1], qs, SHEAF_F64, 1, (int64_t[]){4}, error));
    check_call_laid_out(op, in, &o, &want, 1);
    free(want.data);
    free(sorted);
}
END_TEST

/* Percentiles by the hundred, more than there are brackets for. */
START_TEST(test_many_quantiles)
{
    const struct op *op = op_find("percentile");
    const int64_t shape[] = {1, 100003, 1};
    double q[101], share[101];
    sheaf_view in[2] = {awkward_view(SHEAF_F64, 1, shape + 1, 9, 2)}, want = new_view(SHEAF_F64, 1, (int64_t[]){101});
    sheaf_options o;
    for (int i = 0; i < 101; i++) {
        q[i] = 100 - i;
        share[i] = q[i] / 100;
    }
    sheaf_options_init(&o);
    ck_ok(sheaf_view_init(&in[1], q, SHEAF_F64, 1, (int64_t[]){101}, error));
    expect(&in[0], 1, shape[1], 1, 0, false, 101, share, &want);
    check_call_laid_out(op, in, &o, &want, 2);
    free(want.data);
    free(in[0].data);
}
END_TEST

/* By hand: what numpy's formula makes of infinities. */
START_TEST(test_infinities)
{
    double x[] = {1, 2, INFINITY}, y[] = {-INFINITY, 1}, z[] = {-DBL_MAX, DBL_MAX}, half = 0.5, quarter = 0.25;
    sheaf_view in[2], out;
    ck_ok(sheaf_view_init(&in[1], &half, SHEAF_F64, 0, NULL, error));
    in[0] = sheaf_view_f64(x, 3);
    call_op(op_find("quantile"), in, NULL, 1, &out);
    ck_assert(*(double *)out.data == 2);
    free(out.data);
    in[1].data = &quarter;
    in[0] = sheaf_view_f64(y, 2);
    call_op(op_find("quantile"), in, NULL, 1, &out);
    ck_assert(*(double *)out.data == -INFINITY);
    free(out.data);
    in[0] = sheaf_view_f64(z, 2);
    call_op(op_find("quantile"), in, NULL, 1, &out);
    ck_assert_double_eq_tol(*(double *)out.data / DBL_MAX, -0.5, 1e-15);
    free(out.data);
    call_op(op_find("median"), in, NULL, 1, &out);
    ck_assert(*(double *)out.data == 0);
    free(out.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: quantiles");
    TCase *tc = tcase_create("quantiles");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, test_small, 0, 12);
    tcase_add_loop_test(tc, test_long, 0, 7);
    tcase_add_loop_test(tc, test_patterns, 0, 8);
    tcase_add_test(tc, test_many_quantiles);
    tcase_add_test(tc, test_infinities);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
