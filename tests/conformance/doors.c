/* The public doors: vectors against views, a function by its entry, the caller's own output, memory, the catalogue. */

#include "base/alloc.h"
#include "golden.h"
#include "refused.h"
#include <sheaf/functions.h>
#include <sheaf/machine.h>

/* ---- vectors and views give the same bits ---- */

static const size_t lengths[] = {0, 1, 2, 31, 32, 33, 511, 512, 513, 4095, 4096, 4097, 12289, 100003};
#define LENGTHS (sizeof lengths / sizeof lengths[0])
#define LONGEST 100003

static double x64[LONGEST + 1], y64[LONGEST + 1], z64[LONGEST + 1], got64[LONGEST + 1];
static float x32[LONGEST + 1], y32[LONGEST + 1], z32[LONGEST + 1], got32[LONGEST + 1];
static bool truth[LONGEST + 1];
static int64_t position;

static void fill(void)
{
    uint64_t seed = 53;
    for (size_t i = 0; i <= LONGEST; i++) {
        x64[i] = (random_unit(&seed) - 0.3) * 20;
        y64[i] = random_unit(&seed) * 4;
        z64[i] = i % 7 ? random_unit(&seed) * 9 : -y64[i];
        x32[i] = (float)x64[i];
        y32[i] = (float)y64[i];
        z32[i] = (float)z64[i];
    }
}

static sheaf_view view_of(const void *data, sheaf_dtype dtype, size_t n)
{
    sheaf_view v;
    int64_t shape[1] = {(int64_t)n};
    ck_ok(sheaf_view_init(&v, (void *)(uintptr_t)data, dtype, 1, shape, error));
    return v;
}

/* From the second element on, so that vectors are not aligned. What has no value is NaN, or the index -1. */
static void check_vector(enum op_index index, size_t n, sheaf_dtype dtype, const void *got)
{
    const struct op *op = &op_table[index];
    const void *const wide[] = {x64 + 1, y64 + 1, z64 + 1}, *const narrow[] = {x32 + 1, y32 + 1, z32 + 1};
    sheaf_view in[SHEAF_MAX_INPUTS], out;
    for (int k = 0; k < SHEAF_MAX_INPUTS; k++)
        in[k] = view_of(dtype == SHEAF_F64 ? wide[k] : narrow[k], dtype, n);
    if (op_infer(op, op->info.nin, in, NULL, &out, NULL) != SHEAF_OK) {
        bool too_few = op->class == CLASS_DIFFERENCE && n < 2; /* which leaves the output alone */
        ck_assert_msg(n == 0 || too_few, "%s refuses %zu elements", op->info.name, n);
        ck_assert(too_few                  ? true
                  : op->rule == RULE_COUNT ? *(const int64_t *)got == -1
                  : dtype == SHEAF_F64     ? isnan(*(const double *)got)
                                           : isnan(*(const float *)got));
        return;
    }
    call_op(op, in, NULL, 2, &out);
    ck_assert_msg(same_bits(got, out.data, (size_t)sheaf_view_size(&out), out.dtype), "sheaf_vec_%s of %zu %s differs",
                  op->info.name, n, sheaf_dtype_name(dtype));
    free(out.data);
}

#define CHECK(name, DTYPE, got, call) \
    call;                             \
    check_vector(OP_##name, n, SHEAF_##DTYPE, got);
/* The output may be an input of the same type. */
#define ONTO(name, DTYPE, x, got, call)      \
    memcpy(got, (x) + 1, n * sizeof *(got)); \
    call;                                    \
    check_vector(OP_##name, n, SHEAF_##DTYPE, got);

#define CHECK_NONE(name)
#define CHECK_MAP1(name)                                                 \
    CHECK(name, F64, got64, sheaf_vec_##name##_f64(n, x64 + 1, got64))   \
    CHECK(name, F32, got32, sheaf_vec_##name##_f32(n, x32 + 1, got32))   \
    ONTO(name, F64, x64, got64, sheaf_vec_##name##_f64(n, got64, got64)) \
    ONTO(name, F32, x32, got32, sheaf_vec_##name##_f32(n, got32, got32))
#define CHECK_MAP2(name)                                                          \
    CHECK(name, F64, got64, sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1, got64))   \
    CHECK(name, F32, got32, sheaf_vec_##name##_f32(n, x32 + 1, y32 + 1, got32))   \
    ONTO(name, F64, x64, got64, sheaf_vec_##name##_f64(n, got64, y64 + 1, got64)) \
    ONTO(name, F32, y32, got32, sheaf_vec_##name##_f32(n, x32 + 1, got32, got32))
#define CHECK_MAP3(name)                                                                   \
    CHECK(name, F64, got64, sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1, z64 + 1, got64))   \
    CHECK(name, F32, got32, sheaf_vec_##name##_f32(n, x32 + 1, y32 + 1, z32 + 1, got32))   \
    ONTO(name, F64, z64, got64, sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1, got64, got64)) \
    ONTO(name, F32, x32, got32, sheaf_vec_##name##_f32(n, got32, y32 + 1, z32 + 1, got32))
#define CHECK_TEST1(name)                                              \
    CHECK(name, F64, truth, sheaf_vec_##name##_f64(n, x64 + 1, truth)) \
    CHECK(name, F32, truth, sheaf_vec_##name##_f32(n, x32 + 1, truth))
#define CHECK_TEST2(name)                                                       \
    CHECK(name, F64, truth, sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1, truth)) \
    CHECK(name, F32, truth, sheaf_vec_##name##_f32(n, x32 + 1, y32 + 1, truth))
#define CHECK_SCAN(name)                                                                      \
    CHECK(name, F64, got64, sheaf_vec_##name##_f64(n, x64 + 1, got64))                        \
    CHECK(name, F32, got32, sheaf_vec_##name##_f32(n, x32 + 1, got32))                        \
    if (op_table[OP_##name].class == CLASS_SCAN) { /* a difference looks back at its input */ \
        ONTO(name, F64, x64, got64, sheaf_vec_##name##_f64(n, got64, got64))                  \
        ONTO(name, F32, x32, got32, sheaf_vec_##name##_f32(n, got32, got32))                  \
    }
#define CHECK_SCALAR(name)                                                 \
    CHECK(name, F64, got64, got64[0] = sheaf_vec_##name##_f64(n, x64 + 1)) \
    CHECK(name, F32, got32, got32[0] = sheaf_vec_##name##_f32(n, x32 + 1))
#define CHECK_SCALAR2(name)                                                         \
    CHECK(name, F64, got64, got64[0] = sheaf_vec_##name##_f64(n, x64 + 1, y64 + 1)) \
    CHECK(name, F32, got32, got32[0] = sheaf_vec_##name##_f32(n, x32 + 1, y32 + 1))
#define CHECK_INDEX(name)                                                      \
    CHECK(name, F64, &position, position = sheaf_vec_##name##_f64(n, x64 + 1)) \
    CHECK(name, F32, &position, position = sheaf_vec_##name##_f32(n, x32 + 1))
#define CHECK_TRUTH(name)                                                  \
    CHECK(name, F64, truth, truth[0] = sheaf_vec_##name##_f64(n, x64 + 1)) \
    CHECK(name, F32, truth, truth[0] = sheaf_vec_##name##_f32(n, x32 + 1))

START_TEST(test_vectors)
{
    fill();
    for (size_t i = 0; i < LENGTHS; i++) {
        size_t n = lengths[i];
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    if (golden_turn(&op_table[OP_##name], _i)) {                                                                   \
        CHECK_##vector(name)                                                                                       \
    }
#include "ops/functions.def"
    }
}
END_TEST

/* ---- a function by its entry, and by its own name ---- */

static sheaf_status direct(enum op_index index, int n, const sheaf_view *in, const sheaf_options *options,
                           sheaf_array **out, sheaf_error *error)
{
    (void)n;
#define INPUTS_0
#define INPUTS_1 &in[0],
#define INPUTS_2 &in[0], &in[1],
#define INPUTS_3 &in[0], &in[1], &in[2],
#define INPUTS_MANY n, (const sheaf_view *const[]){&in[0], &in[1], &in[2], &in[3]},
    switch (index) {
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    case OP_##name:                                                                                                \
        return sheaf_##name(INPUTS_##nin options, out, error);
#include "ops/functions.def"
    default:
        return SHEAF_INVALID;
    }
}

START_TEST(test_entry_and_name_agree)
{
    golden_load_turn(_i);
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        const struct op *op = c->op;
        const sheaf_function_info *info = sheaf_catalogue_find(op->info.name);
        ck_assert_ptr_eq(info, &op->info);
        if (!golden_turn(op, _i) || (op->class == CLASS_TRANSFORM && !sheaf_has_fftw()))
            continue;
        const sheaf_view *inputs[] = {&c->in[0], &c->in[1], &c->in[2], &c->in[3]};
        sheaf_array *a[SHEAF_MAX_OUTPUTS], *b[SHEAF_MAX_OUTPUTS];
        ck_ok(sheaf_function_call(info, c->nin, inputs, &c->options, a, error));
        ck_ok(direct((enum op_index)(op - op_table), c->nin, c->in, &c->options, b, error));
        for (int k = 0; k < c->nout; k++) {
            sheaf_view v = sheaf_array_view(a[k]), w = sheaf_array_view(b[k]);
            ck_assert_int_eq(sheaf_view_size(&v), sheaf_view_size(&w));
            ck_assert(same_bits(v.data, w.data, (size_t)sheaf_view_size(&v), v.dtype));
            sheaf_array_free(a[k]);
            sheaf_array_free(b[k]);
        }
    }
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

/* The third input counts as the others do, and so do weights. */
START_TEST(test_into_of_three)
{
    double data[14], want[12];
    bool chosen[12];
    sheaf_view x, y, z, into;
    sheaf_options o;
    sheaf_array *out;
    for (int i = 0; i < 14; i++)
        data[i] = i - 4.5;
    for (int i = 0; i < 12; i++) {
        chosen[i] = i % 3 != 0;
        want[i] = chosen[i] ? space[i] : data[i];
    }
    ck_ok(sheaf_view_init(&x, chosen, SHEAF_BOOL, 2, (int64_t[]){3, 4}, error));
    y = shaped(SHEAF_F64, 2, 3, 4);
    ck_ok(sheaf_view_init(&z, data, SHEAF_F64, 2, (int64_t[]){3, 4}, error));
    sheaf_options_init(&o);
    o.into = &into;
    ck_ok(sheaf_view_init(&into, data + 1, SHEAF_F64, 2, (int64_t[]){3, 4}, error));
    refused(sheaf_where(&x, &y, &z, &o, &out, &last), SHEAF_INVALID, "where", "overlaps z", "(3, 4)");
    refused(sheaf_clip(&z, &y, &y, &o, &out, &last), SHEAF_INVALID, "clip", "overlaps x", "(3, 4)");
    refused(sheaf_clip(&y, &z, &y, &o, &out, &last), SHEAF_INVALID, "clip", "overlaps y", "(3, 4)");
    refused(sheaf_equal(&y, &y, &o, &out, &last), SHEAF_DTYPE, "equal", "float64", "bool");
    o.weights = &z;
    into = shaped(SHEAF_F64, 2, 3, 4);
    into.data = data + 11;
    into.ndim = 0;
    refused(sheaf_mean(&y, &o, &out, &last), SHEAF_INVALID, "mean", "into", "overlaps options.weights", "(3, 4)");
    o.weights = NULL;
    into = z;
    ck_ok(sheaf_where(&x, &y, &z, &o, &out, error));
    ck_assert_ptr_null(out);
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

/* ---- options of version 0.1, whose struct ended after `into` ---- */

START_TEST(test_older_options)
{
    size_t size = offsetof(sheaf_options, into) + sizeof(sheaf_view *);
    sheaf_options now, *older = malloc(size);
    double values[] = {1, 2, 4, 8, 16, 32}, results[2];
    sheaf_view x, into = {.data = results, .dtype = SHEAF_F64, .ndim = 1, .shape = {2}, .strides = {8}};
    ck_ok(sheaf_view_init(&x, values, SHEAF_F64, 2, (int64_t[]){2, 3}, error));
    sheaf_options_init(&now);
    now.struct_size = size;
    now.naxes = 1;
    now.axes[0] = -1;
    now.ddof = 1;
    now.into = &into;
    memcpy(older, &now, size);
    ck_ok(sheaf_mean(&x, older, NULL, error));
    ck_assert(results[0] == 7.0 / 3 && results[1] == 56.0 / 3);
    ck_ok(sheaf_var(&x, older, NULL, error));
    ck_assert_double_eq_tol(results[0], 7.0 / 3, 1e-15);
    now.into = NULL;
    memcpy(older, &now, size);
    sheaf_array *out;
    ck_ok(sheaf_diff(&x, older, &out, error));
    const double *steps = sheaf_array_data(out);
    ck_assert(steps[0] == 1 && steps[1] == 2 && steps[2] == 8 && steps[3] == 16);
    sheaf_array_free(out);
    free(older);
}
END_TEST

/* ---- memory: a failed allocation is an error, and nothing leaks ---- */

START_TEST(test_no_memory)
{
    int failures[OP_COUNT] = {0};
    golden_load_turn(_i);
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        const struct op *op = c->op;
        if (!golden_turn(op, _i) || op_varies(op))
            continue;
        sheaf_view outs[SHEAF_MAX_OUTPUTS];
        void *memory[SHEAF_MAX_OUTPUTS], *laid_memory[GOLDEN_MOST];
        sheaf_view laid[GOLDEN_MOST];
        for (int k = 0; k < c->nout; k++)
            outs[k] = lay_out_as(&c->out[k], LAYOUT_SLICED, &memory[k]);
        for (int k = 0; k < c->nin; k++)
            laid[k] = lay_out_as(&c->in[k], LAYOUT_SLICED, &laid_memory[k]);
        team t = {.threads = 1};
        sheaf_pool_trim();
        long live = mem_live();
        mem_fail_at(1, 1);
        last.status = SHEAF_OK;
        sheaf_status status = op_run(op, c->nin, laid, &c->options, &t, outs, NULL, &last);
        mem_fail_at(0, 0);
        ck_assert_msg(status == SHEAF_OK || status == SHEAF_NO_MEMORY || status == SHEAF_UNSUPPORTED, "%s: %s",
                      op->info.name, last.message);
        ck_assert_int_eq(last.status, status);
        failures[op - op_table] += status == SHEAF_NO_MEMORY;
        sheaf_pool_trim();
        ck_assert_int_eq(mem_live(), live);
        for (int k = 0; k < c->nout; k++)
            free(memory[k]);
        for (int k = 0; k < c->nin; k++)
            free(laid_memory[k]);
    }
    for (int i = 0; i < OP_COUNT; i++) {
        bool needs_scratch = op_table[i].class == CLASS_ORDER || op_table[i].class == CLASS_MATMUL;
        ck_assert_msg(failures[i] > 0 || !needs_scratch || !golden_turn(&op_table[i], _i),
                      "%s met no failed allocation", op_table[i].info.name);
    }
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
        char aliases[64], *alias = strtok(memcpy(aliases, info->aliases, strlen(info->aliases) + 1), " ");
        for (; alias; alias = strtok(NULL, " "))
            ck_assert_msg(sheaf_catalogue_find(alias) == info, "%s is not %s", alias, info->name);
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

static int words_of(const char *text)
{
    int words = *text != '\0';
    for (; *text; text++)
        words += *text == ' ';
    return words;
}

/* Names are given to every input or to none, to every output of several, and options are ones that there are. */
START_TEST(test_columns_of_words)
{
    static const char options[] =
        " axis keepdims ddof fast order spacing weights method mode side right k bins range edges minlength sections "
        "window min_count center alpha adjust value start stop step num dtype shape shift repeats widths destination ";
    for (int i = 0; i < OP_COUNT; i++) {
        const sheaf_function_info *info = &op_table[i].info;
        int names = words_of(info->arguments), wanted = info->nin == SHEAF_MANY ? 1 : info->nin;
        ck_assert_msg(names == 0 || names == wanted, "%s has %d inputs, %d names", info->name, wanted, names);
        ck_assert_msg(words_of(info->outputs) == (info->nout > 1 ? info->nout : 0), "%s's outputs", info->name);
        char copy[256], word[64], *rest = NULL;
        snprintf(copy, sizeof copy, "%s", info->options);
        for (const char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
            snprintf(word, sizeof word, " %s ", w);
            ck_assert_msg(strstr(options, word) != NULL, "%s takes %s, which is no option", info->name, w);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: doors");
    TCase *tc = tcase_create("doors");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_vectors, 0, GOLDEN_TURNS);
    tcase_add_loop_test(tc, test_entry_and_name_agree, 0, GOLDEN_TURNS);
    tcase_add_test(tc, test_into);
    tcase_add_test(tc, test_into_of_three);
    tcase_add_test(tc, test_older_options);
    tcase_add_test(tc, test_in_place);
    tcase_add_loop_test(tc, test_no_memory, 0, GOLDEN_TURNS);
    tcase_add_test(tc, test_catalogue);
    tcase_add_test(tc, test_columns_of_words);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
