/* Exponential weights, linear filters and interpolation against their definitions; the same bits in every layout, at
 * every level and on every team. */

#include "laid_out.h"

/* Three inputs, of which the first or the last is laid out otherwise; all levels alone, then the best one on teams. */
static void check_laid_out_of_three(const struct op *op, const sheaf_view *in, int which, const sheaf_options *options,
                                    const sheaf_view *want, int layouts)
{
    for (int layout = 0; layout < (RACES_ONLY ? 1 : layouts); layout++) {
        void *memory[3];
        sheaf_view laid[3];
        for (int k = 0; k < 3; k++)
            laid[k] = lay_out_as(&in[k], (enum layout)(k == which ? layout : (layout + k) % LAYOUT_COUNT), &memory[k]);
        check_levels(op, laid, options, want, layout);
        for (int k = 0; k < 3; k++)
            free(memory[k]);
    }
}

static sheaf_view vector(double *x, int64_t n)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, x, SHEAF_F64, 1, &n, error));
    return v;
}

static void close_to(double got, long double want, long double scale, const char *what, size_t i)
{
    if (isnan((double)want) ? !isnan(got) : !(got == (double)want || fabsl(got - want) <= scale))
        ck_abort_msg("%s [%zu]: %.17g, expected %.17Lg", what, i, got, want);
}

/* ---- exponential weights ---- */

/* pandas' words: the weight of an element k places back is (1 - alpha)^k, what is missing counts in k, the sum is
 * divided by that of the weights; without adjust the first has no factor alpha, and each result stands for all before
 * it. */
static void check_decayed(size_t n, const double *x, const double *y, double alpha, bool adjust)
{
    long double sum = 0, size = 0, weight = 0, c = 1 - alpha, mean = NAN, scale = 0;
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        sum *= c;
        size *= c;
        weight *= c;
        if (!isnan(x[i])) {
            const long double fresh = adjust || first ? 1 : alpha;
            sum += fresh * x[i];
            size += fresh * fabs(x[i]);
            weight += fresh;
            if (!adjust) {
                sum /= weight;
                size /= weight;
                weight = 1;
            }
        }
        if (!isnan(x[i])) {
            first = false;
            mean = sum / weight;
            scale = size / weight * (0x1p-50L + 0x1p-52L / alpha);
        }
        close_to(y[i], mean, scale, "ewm", i);
    }
}

/* kind 4: ordinary numbers with gaps, at the start too. */
static void check_ewm(int ndim, const int64_t *shape, int axis, double alpha, bool adjust, unsigned kind, int layouts)
{
    const struct op *op = op_find("ewm");
    sheaf_view x = awkward_view(SHEAF_F64, ndim, shape, 5, kind == 4 ? 2 : kind), got;
    for (int64_t i = 0; kind == 4 && i < sheaf_view_size(&x); i++)
        if (i % 1000 < 3 || (i > 4000 && i < 5200))
            ((double *)x.data)[i] = NAN;
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = axis;
    o.alpha = alpha;
    o.adjust = adjust;
    cpu_isa_force(ISA_PLAIN);
    call_op(op, &x, &o, 1, &got);
    if (ndim == 1 && (kind == 2 || kind == 4)) /* long runs of zeros make errors of the weights show */
        check_decayed((size_t)shape[0], x.data, got.data, alpha, adjust);
    check_laid_out(op, &x, &o, &got, layouts);
    free(got.data);
    free(x.data);
}

START_TEST(test_ewm)
{
    static const int64_t sizes[] = {0, 1, 2, 7, 8, 9, 100, 511, 512, 513, 9000}, block[] = {30, 700, 9};
    static const double alphas[] = {1, 0.9, 0.5, 0.1, 0.01, 1e-4};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t a = 0; a < sizeof alphas / sizeof alphas[0]; a++)
            for (unsigned kind = 0; kind < 5; kind++)
                check_ewm(1, &sizes[s], 0, alphas[a], _i, kind, a == 2 ? LAYOUT_COUNT : 1);
    for (int axis = 0; axis < 3; axis++)
        check_ewm(3, block, axis, 0.3, _i, 2, LAYOUT_COUNT);
}
END_TEST

/* A constant stays what it is; with alpha 1 all is as it was; a great number is forgotten. */
START_TEST(test_ewm_values)
{
    enum {
        N = 3000
    };
    static double x[N];
    sheaf_view v = vector(x, N), got;
    sheaf_options o;
    sheaf_options_init(&o);
    o.adjust = _i;
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < N; i++)
            x[i] = turn == 0 ? 0.1 : turn == 1 ? i * 0.37 : i == 600 ? 1e30 : 1;
        o.alpha = turn == 1 ? 1 : 0.2;
        call_op(op_find("ewm"), &v, &o, 1, &got);
        for (int i = 0; i < N; i++)
            if (turn != 2 || i < 600 || i > 1600)
                ck_assert(fabs(((double *)got.data)[i] - x[i]) <= (turn == 1 ? 0 : 1.2e-15 * x[i]));
        free(got.data);
    }
}
END_TEST

/* ---- filters ---- */

static void check_filtered(size_t nb, const double *b, size_t na, const double *a, size_t n, const double *x,
                           const double *y)
{
    long double *want = malloc((n + 1) * sizeof *want), most = 0;
    for (size_t i = 0; i < n; i++) {
        want[i] = 0;
        for (size_t k = 0; k < nb && k <= i; k++)
            want[i] += (long double)b[k] * x[i - k];
        for (size_t k = 1; k < na && k <= i; k++)
            want[i] -= (long double)a[k] * want[i - k];
        want[i] /= a[0];
        most = fmaxl(most, fabsl(want[i]));
        for (size_t k = 0; k < nb && k <= i; k++)
            most = fmaxl(most, fabsl((long double)b[k] * x[i - k] / a[0]));
        close_to(y[i], want[i], most * 0x1p-46L, "lfilter", i);
    }
    free(want);
}

static const struct coefficients {
    size_t nb, na;
    double b[24], a[9];
} coefficients[] = {{1, 1, {0.5}, {4}},
                    {3, 1, {1, -2, 0.75}, {1}},
                    {24, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -5, -6}, {3}},
                    {1, 2, {0.1}, {1, -0.9}},
                    {2, 3, {1, 1}, {2, -1.5, 0.75}},
                    {4, 4, {0.25, 0, 0, 1}, {1, -0.5, 0.25, -0.125}},
                    {3, 9, {1, 0.5, 0.25}, {-1, 0.3, 0.1, 0, 0, -0.1, 0.05, 0, 0.2}}};
#define FILTERS (sizeof coefficients / sizeof *coefficients)

static void check_filter(size_t f, sheaf_dtype dtype, int ndim, const int64_t *shape, int axis, unsigned kind,
                         int layouts)
{
    struct coefficients c = coefficients[f];
    sheaf_view in[3] = {vector(c.b, (int64_t)c.nb), vector(c.a, (int64_t)c.na)}, got;
    in[2] = awkward_view(dtype, ndim, shape, 3 + f, kind);
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = axis;
    cpu_isa_force(ISA_PLAIN);
    call_op(op_find("lfilter"), in, &o, 1, &got);
    if (ndim == 1 && dtype == SHEAF_F64 && kind >= 2)
        check_filtered(c.nb, c.b, c.na, c.a, (size_t)shape[0], in[2].data, got.data);
    check_laid_out_of_three(op_find("lfilter"), in, 2, &o, &got, layouts);
    free(got.data);
    free(in[2].data);
}

START_TEST(test_lfilter)
{
    static const int64_t sizes[] = {0, 1, 2, 8, 23, 24, 100, 513, 150001}, block[] = {21, 530, 11};
    for (size_t f = 0; f < FILTERS; f++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (unsigned kind = 0; kind < 4; kind++)
                check_filter(f, SHEAF_F64, 1, &sizes[s], 0, kind, s < 8 || kind == 2 ? LAYOUT_COUNT : 1);
        for (int axis = 0; axis < 3; axis++)
            for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
                if (is_sample((sheaf_dtype)d) && dtype_kind((sheaf_dtype)d) != 'c')
                    check_filter(f, (sheaf_dtype)d, 3, block, axis, 2, d == SHEAF_F64 ? LAYOUT_COUNT : 1);
    }
}
END_TEST

/* ---- interpolation ---- */

static double line(double x, size_t m, const double *xp, const double *fp)
{
    if (isnan(x))
        return x;
    if (x < xp[0])
        return fp[0];
    size_t j = 0;
    while (j + 1 < m && xp[j + 1] <= x)
        j++;
    if (j + 1 == m || xp[j] == x)
        return fp[j];
    const double slope = (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]);
    volatile double left = slope * (x - xp[j]), right = slope * (x - xp[j + 1]);
    double y = left + fp[j];
    if (isnan(y))
        y = right + fp[j + 1];
    return isnan(y) && fp[j] == fp[j + 1] ? fp[j] : y;
}

static void check_interp(size_t m, sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned kind, int layouts)
{
    double *xp = malloc(m * sizeof *xp), *fp = malloc(m * sizeof *fp);
    kernel_data_kind(K_F64, m, xp, m, kind == 0 ? 1 : 2);
    kernel_data_kind(K_F64, m, fp, m + 1, kind);
    kernel_sort(K_F64, m, xp);
    sheaf_view in[3] = {awkward_view(dtype, ndim, shape, m, kind), vector(xp, (int64_t)m), vector(fp, (int64_t)m)}, got,
               wide;
    cpu_isa_force(ISA_PLAIN);
    call_op(op_find("interp"), in, NULL, 1, &got);
    ck_assert_int_eq(got.dtype, SHEAF_F64);
    const int64_t n = sheaf_view_size(&got);
    double *x = malloc((size_t)n * sizeof *x + 8);
    wide = got;
    wide.data = x;
    ck_ok(sheaf_view_copy(&in[0], &wide, error));
    for (int64_t i = 0; i < n; i++) {
        const double want = line(x[i], m, xp, fp);
        ck_assert_msg(same_bits(&((double *)got.data)[i], &want, 1, SHEAF_F64), "interp of %g among %zu", x[i], m);
    }
    check_laid_out_of_three(op_find("interp"), in, 0, NULL, &got, layouts);
    free(x);
    free(got.data);
    free(in[0].data);
    free(xp);
    free(fp);
}

START_TEST(test_interp)
{
    static const size_t points[] = {1, 2, 3, 7, 8, 9, 100, 1500};
    static const int64_t sizes[] = {0, 1, 9, 513}, large = 60001, block[] = {17, 40, 13};
    for (size_t p = 0; p < sizeof points / sizeof points[0]; p++)
        for (unsigned kind = 0; kind < 4; kind++) {
            for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
                check_interp(points[p], SHEAF_F64, 1, &sizes[s], kind, 1);
            check_interp(points[p], SHEAF_F32, 3, block, kind, LAYOUT_COUNT);
        }
    check_interp(300, SHEAF_F64, 1, &large, 2, LAYOUT_COUNT);
    check_interp(11, SHEAF_I16, 1, &large, 2, 1);
}
END_TEST

/* Infinities of both signs have no mean, now and later. */
START_TEST(test_ewm_infinities)
{
    double x[] = {1, INFINITY, -INFINITY, 3, 4, 5};
    sheaf_view v = sheaf_view_f64(x, 6), got;
    sheaf_options o;
    sheaf_options_init(&o);
    o.alpha = 0.5;
    call_op(op_find("ewm"), &v, &o, 1, &got);
    const double *y = got.data;
    ck_assert(y[0] == 1 && y[1] == INFINITY);
    for (int i = 2; i < 6; i++)
        ck_assert(isnan(y[i]));
    free(got.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: filters");
    TCase *tc = tcase_create("filters");
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, test_ewm, 0, 2);
    tcase_add_loop_test(tc, test_ewm_values, 0, 2);
    tcase_add_test(tc, test_lfilter);
    tcase_add_test(tc, test_interp);
    tcase_add_test(tc, test_ewm_infinities);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
