/* Every function on every dtype against NumPy's values. */

#include "blas/blas.h"
#include "golden.h"

/* Complex results are compared as points of the plane: |got - want| in units of |want|. */
static double complex_ulps(const double *got, const double *want, bool single)
{
    if (isnan(want[0]) || isnan(want[1]))
        return isnan(got[0]) || isnan(got[1]) ? 0 : INFINITY;
    if (got[0] == want[0] && got[1] == want[1])
        return 0;
    double size = hypot(want[0], want[1]), apart = hypot(got[0] - want[0], got[1] - want[1]);
    return apart == 0 ? 0 : ulps(size + apart, size, single);
}

/* The results of transforms, products and sums cancel: their error is in units of the largest result or term. */
static double scale_of(const struct golden_case *c, const sheaf_view *want)
{
    double largest = 0, value[2];
    for (int64_t i = 0; i < sheaf_view_size(want); i++) {
        element(want, i, value);
        largest = fmax(largest, hypot(value[0], value[1]));
    }
    for (int k = 0; k < c->nin; k++)
        for (int64_t i = 0; i < sheaf_view_size(&c->in[k]); i++) {
            element(&c->in[k], i, value);
            double size = hypot(value[0], value[1]);
            largest = isfinite(size) ? fmax(largest, size * size) : largest;
        }
    return largest;
}

static bool is_cancelling(const struct op *op, sheaf_dtype dtype)
{
    if (dtype_kind(dtype) != 'f' && dtype_kind(dtype) != 'c')
        return false;
    return op->class == CLASS_TRANSFORM || op->class == CLASS_MATMUL ||
           (op->class == CLASS_SCAN && op->kernel == S_cumsum) ||
           (op->class == CLASS_REDUCE && (op->kernel == R_sum || op->kernel == R_mean || op->kernel == R_var ||
                                          op->kernel == R_std || op->kernel == R_stats));
}

static void check_output(const struct golden_case *c, int k, const sheaf_view *got)
{
    const sheaf_view *want = &c->out[k];
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    const char *call = call_text(c->op, c->in, &c->options);
    ck_assert_msg(got->dtype == want->dtype, "%s: %s, NumPy %s", call, sheaf_dtype_name(got->dtype),
                  sheaf_dtype_name(want->dtype));
    ck_assert_msg(got->ndim == want->ndim && memcmp(got->shape, want->shape, sizeof(int64_t) * (size_t)got->ndim) == 0,
                  "%s: shape %s, NumPy %s", call, shape_text(got->ndim, got->shape, a),
                  shape_text(want->ndim, want->shape, b));
    bool complex = dtype_kind(want->dtype) == 'c', single = dtype_real(want->dtype) == SHEAF_F32;
    bool from_complex = dtype_kind(c->in[0].dtype) == 'c' || (c->nin == 2 && dtype_kind(c->in[1].dtype) == 'c');
    double allowed = allowed_ulps(c->op, from_complex), scale = scale_of(c, want), x[2], y[2];
    bool exact = dtype_kind(want->dtype) != 'f' && !complex;
    for (int64_t i = 0; i < sheaf_view_size(want); i++) {
        element(got, i, x);
        element(want, i, y);
        if (exact) {
            size_t size = sheaf_dtype_size(want->dtype), at = (size_t)i * size;
            ck_assert_msg(memcmp((char *)got->data + at, (char *)want->data + at, size) == 0,
                          "%s: element %lld is %.17g, NumPy %.17g", call, (long long)i, x[0], y[0]);
            continue;
        }
        double off = complex ? complex_ulps(x, y, single) : ulps(x[0], y[0], single);
        bool close = off <= allowed;
        if (!close && is_cancelling(c->op, want->dtype))
            close = hypot(x[0] - y[0], x[1] - y[1]) <= 8 * scale * (single ? 0x1p-24 : 0x1p-53);
        ck_assert_msg(close, "%s: output %d element %lld is %.17g%+.17gj, NumPy %.17g%+.17gj: %.3g ULP, allowed %.3g",
                      call, k, (long long)i, x[0], x[1], y[0], y[1], off, allowed);
    }
}

START_TEST(test_values_are_numpys)
{
    golden_load();
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        if (c->op->class == CLASS_TRANSFORM && !fft_available())
            continue;
        sheaf_view outs[SHEAF_MAX_OUTPUTS];
        ck_assert_int_eq(c->op->info.nin, c->nin);
        ck_assert_int_eq(c->op->info.nout, c->nout);
        call_op(c->op, c->in, &c->options, 1, outs);
        for (int k = 0; k < c->nout; k++)
            check_output(c, k, &outs[k]);
        free_outs(c->op, outs);
    }
}
END_TEST

/* A row of the table that no golden case visits would go untested. */
START_TEST(test_every_function_has_cases)
{
    golden_load();
    for (int i = 0; i < OP_COUNT; i++) {
        int cases = 0;
        for (int j = 0; j < golden_ncases; j++)
            cases += golden_cases[j].op == &op_table[i];
        ck_assert_msg(cases >= 10, "%s has only %d golden cases: extend make_golden.py", op_table[i].info.name, cases);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: values");
    TCase *tc = tcase_create("golden");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_values_are_numpys);
    tcase_add_test(tc, test_every_function_has_cases);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
