/* The public doors: vectors against views, errors, the caller's own output, the catalogue. */

#include "base/alloc.h"
#include "golden.h"
#include <sheaf/functions.h>

/* ---- vectors and views give the same bits ---- */

static const size_t lengths[] = {0, 1, 2, 31, 32, 33, 511, 512, 513, 4095, 4096, 4097, 12289, 100003};
#define LENGTHS (sizeof lengths / sizeof lengths[0])
#define LONGEST 100003

static double x64[LONGEST + 1], y64[LONGEST + 1], got64[LONGEST + 1];
static float x32[LONGEST + 1], y32[LONGEST + 1], got32[LONGEST + 1];

static void fill(void)
{
    uint64_t seed = 53;
    for (size_t i = 0; i <= LONGEST; i++) {
        x64[i] = (random_unit(&seed) - 0.3) * 20;
        y64[i] = random_unit(&seed) * 4;
        x32[i] = (float)x64[i];
        y32[i] = (float)y64[i];
    }
}

static sheaf_view view_of(const void *data, sheaf_dtype dtype, size_t n)
{
    sheaf_view v;
    int64_t shape[1] = {(int64_t)n};
    ck_ok(sheaf_view_init(&v, (void *)(uintptr_t)data, dtype, 1, shape, error));
    return v;
}

/* From the second element on, so that vectors are not aligned. */
static void check_vector(const char *name, int nin, size_t n, sheaf_dtype dtype, const void *got)
{
    const struct op *op = op_find(name);
    bool wide = dtype == SHEAF_F64;
    sheaf_view in[2] = {view_of(wide ? (void *)(x64 + 1) : (void *)(x32 + 1), dtype, n),
                        view_of(wide ? (void *)(y64 + 1) : (void *)(y32 + 1), dtype, n)};
    sheaf_view out;
    ck_assert_int_eq(op->info.nin, nin);
    call_op(op, in, NULL, 2, &out);
    ck_assert_msg(same_bits(got, out.data, (size_t)sheaf_view_size(&out), dtype), "sheaf_vec_%s of %zu %s differs",
                  name, n, sheaf_dtype_name(dtype));
    free(out.data);
}

#define CHECK_NONE(name)
#define CHECK_MAP1(name)                         \
    sheaf_vec_##name##_f64(n, x64 + 1, got64);   \
    check_vector(#name, 1, n, SHEAF_F64, got64); \
    sheaf_vec_##name##_f32(n, x32 + 1, got32);   \
    check_vector(#name, 1, n, SHEAF_F32, got32);
#define CHECK_MAP2(name)                                \
    sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1, got64); \
    check_vector(#name, 2, n, SHEAF_F64, got64);        \
    sheaf_vec_##name##_f32(n, x32 + 1, y32 + 1, got32); \
    check_vector(#name, 2, n, SHEAF_F32, got32);
#define CHECK_SCALAR(name)                             \
    got64[0] = sheaf_vec_##name##_f64(n, x64 + 1);     \
    got32[0] = sheaf_vec_##name##_f32(n, x32 + 1);     \
    if (n == 0 && OP_##name != OP_sum) {               \
        ck_assert(isnan(got64[0]) && isnan(got32[0])); \
    } else {                                           \
        check_vector(#name, 1, n, SHEAF_F64, got64);   \
        check_vector(#name, 1, n, SHEAF_F32, got32);   \
    }

START_TEST(test_vectors)
{
    fill();
    for (size_t i = 0; i < LENGTHS; i++) {
        size_t n = lengths[i];
#define FUNCTION(name, aliases, class, nin, nout, outputs, dtypes, rule, kernel, vector, divisible, cost, bits, \
                 accuracy, help, formula, nan, example)                                                         \
    CHECK_##vector(name)
#include "ops/functions.def"
    }
}
END_TEST

/* ---- errors: status, and a message that names function, argument and shapes ---- */

static sheaf_error last;

static void check_error(sheaf_status got, sheaf_status want, const char *const *words)
{
    ck_assert_msg(got == want, "status %s (%s), expected %s", sheaf_status_name(got), last.message,
                  sheaf_status_name(want));
    ck_assert_int_eq(last.status, want);
    for (; *words; words++)
        ck_assert_msg(strstr(last.message, *words) != NULL, "\"%s\" does not say \"%s\"", last.message, *words);
}
#define refused(call, status, ...) check_error(call, status, (const char *const[]){__VA_ARGS__, NULL})

static double space[64];

static sheaf_view shaped(sheaf_dtype dtype, int ndim, int64_t a, int64_t b)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, space, dtype, ndim, (int64_t[]){a, b}, error));
    return v;
}

static sheaf_options axes(int n, int a, int b)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = n;
    o.axes[0] = a;
    o.axes[1] = b;
    return o;
}

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

/* ---- options.into ---- */

START_TEST(test_into)
{
    double data[13] = {0}, want[12];
    sheaf_view x, y, shorter, into;
    sheaf_options o;
    sheaf_array *out[5];
    for (int i = 0; i < 13; i++)
        data[i] = i - 4.5;
    sheaf_vec_exp_f64(12, data, want);
    ck_ok(sheaf_view_init(&x, data, SHEAF_F64, 2, (int64_t[]){3, 4}, error));
    ck_ok(sheaf_view_init(&y, data + 1, SHEAF_F64, 2, (int64_t[]){3, 4}, error));
    ck_ok(sheaf_view_init(&shorter, space, SHEAF_F64, 2, (int64_t[]){3, 1}, error));
    sheaf_options_init(&o);
    o.into = &into;
    into = y;
    refused(sheaf_exp(&x, &o, out, &last), SHEAF_INVALID, "exp", "into", "overlaps x", "(3, 4)");
    into = shorter;
    refused(sheaf_exp(&x, &o, out, &last), SHEAF_SHAPE, "exp", "into", "(3, 1)", "(3, 4)");
    into = shaped(SHEAF_F32, 2, 3, 4);
    refused(sheaf_exp(&x, &o, out, &last), SHEAF_DTYPE, "exp", "into", "float32", "float64");
    into = shaped(SHEAF_F64, 2, 3, 4);
    into.strides[0] = 0;
    refused(sheaf_exp(&x, &o, out, &last), SHEAF_INVALID, "exp", "into", "repeats", "axis 0");
    refused(sheaf_stats(&x, &o, out, &last), SHEAF_INVALID, "stats", "into");
    into = x;
    refused(sheaf_cumsum(&x, &o, out, &last), SHEAF_SHAPE, "cumsum", "(3, 4)", "(12,)");
    refused(sheaf_sort(&x, &o, out, &last), SHEAF_INVALID, "sort", "overlaps x");
    refused(sheaf_add(&x, &y, &o, out, &last), SHEAF_INVALID, "add", "overlaps y");
    ck_ok(sheaf_exp(&x, &o, out, error));
    ck_assert_ptr_null(out[0]);
    ck_assert(memcmp(data, want, sizeof want) == 0);
}
END_TEST

/* An input both given and written to, of a large array on a team. */
START_TEST(test_in_place)
{
    fill();
    sheaf_view x = view_of(x64, SHEAF_F64, LONGEST), y = view_of(y64, SHEAF_F64, LONGEST);
    sheaf_options o;
    sheaf_vec_pow_f64(LONGEST, y64, x64, got64);
    sheaf_options_init(&o);
    o.into = &x;
    ck_ok(sheaf_pow(&y, &x, &o, NULL, error));
    ck_assert(same_bits(x64, got64, LONGEST, SHEAF_F64));
}
END_TEST

/* ---- memory: a failed allocation is an error, and nothing leaks ---- */

START_TEST(test_no_memory)
{
    const struct op *op = &op_table[_i];
    int failures = 0;
    golden_load(NULL);
    for (int i = 0; i < golden_ncases; i += 3) {
        const struct golden_case *c = &golden_cases[i];
        if (c->op != op)
            continue;
        sheaf_view outs[SHEAF_MAX_OUTPUTS];
        void *memory[SHEAF_MAX_OUTPUTS], *laid_memory[2];
        sheaf_view laid[2];
        for (int k = 0; k < c->nout; k++)
            outs[k] = lay_out_as(&c->out[k], LAYOUT_SLICED, &memory[k]);
        for (int k = 0; k < c->nin; k++)
            laid[k] = lay_out_as(&c->in[k], LAYOUT_SLICED, &laid_memory[k]);
        team t = {1};
        sheaf_pool_trim();
        long live = mem_live();
        mem_fail_at(1, 1);
        last.status = SHEAF_OK;
        sheaf_status status = op_run(op, laid, &c->options, &t, outs, &last);
        mem_fail_at(0, 0);
        ck_assert_msg(status == SHEAF_OK || status == SHEAF_NO_MEMORY || status == SHEAF_UNSUPPORTED, "%s: %s",
                      op->info.name, last.message);
        ck_assert_int_eq(last.status, status);
        failures += status == SHEAF_NO_MEMORY;
        sheaf_pool_trim();
        ck_assert_int_eq(mem_live(), live);
        for (int k = 0; k < c->nout; k++)
            free(memory[k]);
        for (int k = 0; k < c->nin; k++)
            free(laid_memory[k]);
    }
    bool needs_scratch = op->class == CLASS_ORDER || op->class == CLASS_SCAN || op->class == CLASS_MATMUL;
    ck_assert_msg(failures > 0 || !needs_scratch, "%s met no failed allocation", op->info.name);
}
END_TEST

/* ---- catalogue ---- */

START_TEST(test_catalogue)
{
    size_t n = sheaf_catalogue_size();
    ck_assert_uint_eq(n, OP_COUNT);
    ck_assert_ptr_null(sheaf_catalogue_at(n));
    for (size_t i = 0; i < n; i++) {
        const sheaf_function_info *info = sheaf_catalogue_at(i);
        ck_assert_ptr_eq(sheaf_catalogue_find(info->name), info);
        if (i > 0)
            ck_assert_int_lt(strcmp(sheaf_catalogue_at(i - 1)->name, info->name), 0);
        ck_assert_str_eq(sheaf_catalogue_suggest(info->name), info->name);
        ck_assert_msg(strstr(info->example, info->name) == info->example, "%s's example", info->name);
    }
    ck_assert_str_eq(sheaf_catalogue_find("absolute")->name, "abs");
    ck_assert_str_eq(sheaf_catalogue_find("true_divide")->name, "div");
    ck_assert_ptr_null(sheaf_catalogue_find("true"));
    ck_assert_ptr_null(sheaf_catalogue_find(""));
    ck_assert_ptr_null(sheaf_catalogue_find(NULL));
    ck_assert_str_eq(sheaf_catalogue_suggest("maen"), "mean");
    ck_assert_str_eq(sheaf_catalogue_suggest("sqr"), "sqrt");
    ck_assert_str_eq(sheaf_catalogue_suggest("substract"), "sub");
    ck_assert_str_eq(sheaf_catalogue_suggest("statistics") ? "something" : "nothing", "nothing");
    ck_assert_ptr_null(sheaf_catalogue_suggest("entirely_else"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: doors");
    TCase *tc = tcase_create("doors");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_vectors);
    tcase_add_test(tc, test_axis_errors);
    tcase_add_test(tc, test_shape_and_dtype_errors);
    tcase_add_test(tc, test_argument_errors);
    tcase_add_test(tc, test_into);
    tcase_add_test(tc, test_in_place);
    tcase_add_loop_test(tc, test_no_memory, 0, OP_COUNT);
    tcase_add_test(tc, test_catalogue);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
