/* Every function on every dtype against NumPy's values, within the accuracy that its row of the table promises. */

#include "blas/blas.h"
#include "golden.h"

/* ---- the accuracy texts of functions.def ----
 *
 * Clauses between "; ": one for real numbers, then "complex BOUND", "fast BOUND" and "integers exact ..." where these
 * differ. Each is a bound and, after a comma, remarks. The bound is one of
 *   exact                      no error
 *   correctly rounded          half an ULP: no difference from values good to half an ULP
 *   NUMBER ULP [of ...]        of the result, or of what the golden case gives as the scale of its errors;
 *                              NUMBER may be "a few", or "(n - 1)", "i", "k": the number of elements that meet
 *   NUMBER ULP an element
 *   pairwise                   a few ULP of the sum of magnitudes
 *   as FUNCTION
 * and the remark "in float64" promises a float32 result that is rounded but once. */

#define A_FEW 4

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The clause of this kind, or the first one. */
static const char *clause(const char *text, const char *kind)
{
    for (const char *at = text; (at = strstr(at, "; ")) != NULL;) {
        at += 2;
        if (starts(at, kind))
            return at + strlen(kind) + 1;
    }
    return text;
}

/* NaN: the text is not of the form above. */
static double bound_ulps(const char *text, double elements)
{
    if (starts(text, "exact") || starts(text, "correctly rounded"))
        return 0;
    if (starts(text, "pairwise") || starts(text, "a few ULP"))
        return A_FEW;
    if (starts(text, "(n - 1) ULP") || starts(text, "i ULP") || starts(text, "k ULP"))
        return elements;
    char *end;
    double ulps = strtod(text, &end);
    if (end == text || !(ulps > 0) || !starts(end, " ULP"))
        return NAN;
    return starts(end, " ULP an element") ? ulps * elements : ulps;
}

/* The row whose text speaks of output k: that of the function named by "as" or by the output. */
static const char *accuracy_of(const struct op *op, int k)
{
    char name[24];
    const char *text = op->info.accuracy, *from = text + 3;
    if (!starts(text, "as "))
        return text;
    if (op->info.nout > 1)
        for (from = op->info.outputs; k > 0; k--)
            from += strcspn(from, " ") + 1;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(from, " ,"), from);
    if (strcmp(name, "count") == 0)
        return "exact";
    const struct op *other = op_find(name);
    ck_assert_msg(other != NULL, "accuracy of %s: there is no %s", op->info.name, name);
    return other->info.accuracy;
}

struct promise {
    double ulps;
    bool rounded_once; /* a float32 result of work in float64 */
};

static struct promise promised(const struct op *op, int k, bool complex, bool fast, double elements)
{
    const char *text = accuracy_of(op, k);
    const char *part = clause(text, complex ? "complex" : fast ? "fast" : "real");
    double ulps = bound_ulps(part, elements);
    ck_assert_msg(!isnan(ulps), "accuracy of %s: cannot read \"%s\"", op->info.name, part);
    size_t length = strcspn(part, ";");
    const char *inside = strstr(part, "in float64");
    return (struct promise){ulps, inside && inside < part + length};
}

START_TEST(test_accuracy_texts)
{
    for (int i = 0; i < OP_COUNT; i++)
        for (int k = 0; k < op_table[i].info.nout; k++)
            for (int kind = 0; kind < 3; kind++)
                ck_assert_double_ge(promised(&op_table[i], k, kind == 1, kind == 2, 1).ulps, 0);
}
END_TEST

/* ---- comparison ---- */

static double last_place(double value, bool single)
{
    int exponent, least = single ? -149 : -1074;
    frexp(value, &exponent);
    int unit = exponent - (single ? 24 : 53);
    return ldexp(1, unit < least ? least : unit);
}

/* Elements that meet in one result. */
static double elements_of(const struct golden_case *c)
{
    const sheaf_view *x = &c->in[0];
    if (c->op->class == CLASS_MATMUL)
        return (double)x->shape[x->ndim - 1];
    if (c->op->class == CLASS_CONVOLVE)
        return fmin((double)sheaf_view_size(x), (double)sheaf_view_size(&c->in[1]));
    if (c->op->class == CLASS_SCAN && c->options.naxes)
        return (double)x->shape[op_axis(x, &c->options)];
    int64_t results = c->op->class == CLASS_REDUCE ? sheaf_view_size(&c->out[0]) : 1;
    return (double)sheaf_view_size(x) / (double)(results ? results : 1);
}

static double apart(const double *got, const double *want, bool complex)
{
    if (isnan(want[0]) || isnan(want[1]))
        return isnan(got[0]) || isnan(got[1]) ? 0 : INFINITY;
    if (got[0] == want[0] && got[1] == want[1])
        return 0;
    bool finite = isfinite(got[0]) && isfinite(got[1]) && isfinite(want[0]) && isfinite(want[1]);
    if (complex && !finite) /* an infinity, whose finite part may be off and whose NaN part may be either */
        return (isinf(got[0]) || isinf(got[1])) && (isinf(want[0]) || isinf(want[1])) ? 0 : INFINITY;
    return finite ? hypot(got[0] - want[0], got[1] - want[1]) : INFINITY;
}

/* Whether the signs of zeros are NumPy's to say: not where one of two equal numbers is chosen. */
static bool has_signed_zeros(const struct op *op, bool complex, double ulps)
{
    static const int choices[] = {OP_minimum, OP_maximum, OP_relu, OP_clip};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        if (op == &op_table[choices[i]])
            return false;
    return op_is_elementwise(op) && (!complex || ulps == 0);
}

static bool same_zeros(const double *got, const double *want)
{
    for (int i = 0; i < 2; i++)
        if (got[i] == 0 && want[i] == 0 && signbit(got[i]) != signbit(want[i]))
            return false;
    return true;
}

static void check_kind(const struct golden_case *c, int k, const sheaf_view *got)
{
    const sheaf_view *want = &c->out[k];
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    const char *call = call_text(c->op, c->in, &c->options);
    ck_assert_msg(got->dtype == want->dtype, "%s: %s, NumPy %s", call, sheaf_dtype_name(got->dtype),
                  sheaf_dtype_name(want->dtype));
    ck_assert_msg(got->ndim == want->ndim && memcmp(got->shape, want->shape, sizeof(int64_t) * (size_t)got->ndim) == 0,
                  "%s: shape %s, NumPy %s", call, shape_text(got->ndim, got->shape, a),
                  shape_text(want->ndim, want->shape, b));
}

static void check_integers(const struct golden_case *c, const sheaf_view *got, const sheaf_view *want)
{
    size_t size = sheaf_dtype_size(want->dtype);
    for (int64_t i = 0; i < sheaf_view_size(want); i++) {
        double x[2], y[2];
        element(got, i, x);
        element(want, i, y);
        ck_assert_msg(memcmp((char *)got->data + (size_t)i * size, (char *)want->data + (size_t)i * size, size) == 0,
                      "%s: element %lld is %.17g, NumPy %.17g", call_text(c->op, c->in, &c->options), (long long)i,
                      x[0], y[0]);
    }
}

static void check_floats(const struct golden_case *c, int k, const sheaf_view *got, const sheaf_view *want)
{
    bool complex = dtype_kind(want->dtype) == 'c', single = dtype_real(want->dtype) == SHEAF_F32, from_complex = false;
    for (int j = 0; j < c->nin; j++)
        from_complex |= dtype_kind(c->in[j].dtype) == 'c';
    struct promise p = promised(c->op, k, from_complex, c->options.fast, elements_of(c));
    bool zeros = has_signed_zeros(c->op, complex, p.ulps);
    for (int64_t i = 0; i < sheaf_view_size(want); i++) {
        double x[2], y[2], scale[2] = {0};
        element(got, i, x);
        element(want, i, y);
        if (c->scaled)
            element(&c->scale, i, scale);
        double size = hypot(y[0], y[1]), place = last_place(isfinite(size) ? size : 1, single);
        double within = scale[0] > size ? scale[0] : isfinite(size) ? size : 1;
        double allowed = p.ulps * last_place(within, single);
        if (p.rounded_once && single)
            allowed = fmin(allowed, place + p.ulps * last_place(within, false));
        double off = apart(x, y, complex);
        ck_assert_msg(off <= allowed,
                      "%s: output %d element %lld is %.17g%+.17gj, NumPy %.17g%+.17gj: %.3g ULP, allowed %.3g",
                      call_text(c->op, c->in, &c->options), k, (long long)i, x[0], x[1], y[0], y[1], off / place,
                      allowed / place);
        ck_assert_msg(!zeros || same_zeros(x, y), "%s: element %lld is %g%+gj, NumPy %g%+gj",
                      call_text(c->op, c->in, &c->options), (long long)i, x[0], x[1], y[0], y[1]);
    }
}

START_TEST(test_values_are_numpys)
{
    golden_load_turn(_i);
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        const struct op *op = c->op;
        if (!golden_turn(op, _i))
            continue;
        if (op->class == CLASS_TRANSFORM && !fft_available())
            continue;
        sheaf_view outs[SHEAF_MAX_OUTPUTS];
        ck_assert(op->info.nin == MANY || op->info.nin == c->nin);
        ck_assert_int_eq(op->info.nout, c->nout);
        call_on(op, c->nin, c->in, &c->options, 1, outs);
        for (int k = 0; k < c->nout; k++) {
            char kind = dtype_kind(c->out[k].dtype);
            check_kind(c, k, &outs[k]);
            if (kind == 'f' || kind == 'c')
                check_floats(c, k, &outs[k], &c->out[k]);
            else
                check_integers(c, &outs[k], &c->out[k]);
        }
        free_outs(op, outs);
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
    tcase_add_test(tc, test_accuracy_texts);
    tcase_add_test(tc, test_every_function_has_cases);
    tcase_add_loop_test(tc, test_values_are_numpys, 0, GOLDEN_TURNS);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
