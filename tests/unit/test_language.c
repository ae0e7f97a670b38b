/* The language: what its texts mean, and what is said of those that mean nothing. */

#include "support.h"
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double numbers[] = {1, 2, 3, 4, 5, 6};
static const float singles[] = {1, 2, 3, 4, 5, 6};
static const int32_t integers[] = {1, 2, 3, 4, 5, 6};
static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6};
static const bool truths[] = {true, false, true, false, true, true};

/* x: (2, 3) doubles; s, i, u, b: the same of other dtypes. */
static const char *const names[] = {"x", "s", "i", "u", "b"};
static sheaf_view views[5];

static void set_up(void)
{
    const int64_t shape[] = {2, 3};
    sheaf_view_init(&views[0], (void *)(uintptr_t)numbers, SHEAF_F64, 2, shape, NULL);
    sheaf_view_init(&views[1], (void *)(uintptr_t)singles, SHEAF_F32, 2, shape, NULL);
    sheaf_view_init(&views[2], (void *)(uintptr_t)integers, SHEAF_I32, 2, shape, NULL);
    sheaf_view_init(&views[3], (void *)(uintptr_t)bytes, SHEAF_U8, 2, shape, NULL);
    sheaf_view_init(&views[4], (void *)(uintptr_t)truths, SHEAF_BOOL, 2, shape, NULL);
}

static sheaf_status evaluate(const char *text, sheaf_array **out, int *nout, sheaf_error *error)
{
    const sheaf_view *in[] = {&views[0], &views[1], &views[2], &views[3], &views[4]};
    sheaf_func *f = NULL;
    sheaf_status status = sheaf_func_parse(text, 5, names, &f, error);
    if (!status) {
        *nout = sheaf_func_nout(f);
        status = sheaf_func_eval(f, 5, in, NULL, out, error);
    }
    sheaf_func_free(f);
    return status;
}

/* The result as "float64 (2, 3): 1.0 2.0 …"; several behind one another, with " | ". */
static void describe(const char *text, char *to, size_t room)
{
    sheaf_array *out[SHEAF_MAX_OUTPUTS] = {NULL};
    sheaf_error error = {SHEAF_OK, ""};
    int nout = 0;
    to[0] = '\0';
    if (evaluate(text, out, &nout, &error)) {
        snprintf(to, room, "%s", error.message);
        return;
    }
    for (int k = 0; k < nout; k++) {
        const sheaf_view v = sheaf_array_view(out[k]);
        snprintf(to + strlen(to), room - strlen(to), "%s%s (", k ? " | " : "", sheaf_dtype_name(v.dtype));
        for (int d = 0; d < v.ndim; d++)
            snprintf(to + strlen(to), room - strlen(to), d ? ", %d" : "%d", (int)v.shape[d]);
        snprintf(to + strlen(to), room - strlen(to), v.ndim == 1 ? ",):" : "):");
        for (int64_t i = 0; i < sheaf_view_size(&v) && i < 12; i++) {
            char number[64];
            sheaf_view one;
            sheaf_view_init(&one, (char *)v.data + i * (int64_t)sheaf_dtype_size(v.dtype), v.dtype, 0, NULL, NULL);
            sheaf_format_scalar(&one, number, sizeof number);
            snprintf(to + strlen(to), room - strlen(to), " %s", number);
        }
        sheaf_array_free(out[k]);
    }
}

/* What NumPy 2 gives for the text, x = np.arange(1., 7).reshape(2, 3), s i u the same as float32 int32 uint8, b =
 * [[1,0,1], [0,1,1]] as bool. */
static const struct {
    const char *text, *result;
} cases[] = {
    {"x", "float64 (2, 3): 1.0 2.0 3.0 4.0 5.0 6.0"},
    {"-x[0]**2", "float64 (3,): -1.0 -4.0 -9.0"},
    {"2**-1", "float64 (): 0.5"},
    {"2**3**2", "int64 (): 512"},
    {"-2**2", "int64 (): -4"},
    {"7 // 2, -7 // 2, 7 % -3, 7.5 % 2, 7 / 2",
     "int64 (): 3 | int64 (): -4 | int64 (): -2 | float64 (): 1.5 | float64 (): 3.5"},
    {"1 + 2 * 3 - 4 / 2", "float64 (): 5.0"},
    {"6 & 3 | 8 ^ 1 << 2", "int64 (): 14"},
    {"~5, +5, --5", "int64 (): -6 | int64 (): 5 | int64 (): 5"},
    {"True & False, True + True, 3 > 2", "bool (): False | int64 (): 2 | bool (): True"},
    {"1j * 1j, (1+2j) / 2", "complex128 (): (-1.0+0.0j) | complex128 (): (0.5+1.0j)"},
    {"0x1F, 0b101, 0o17, 1_000, 1e3, .5, 5.",
     "int64 (): 31 | int64 (): 5 | int64 (): 15 | int64 (): 1000 | float64 (): 1000.0 | "
     "float64 (): 0.5 | float64 (): 5.0"},
    /* NEP 50: literals are weak, all else is not. */
    {"(u < 300)[0], (u == -1)[0], (-1 < u)[0]",
     "bool (3,): True True True | bool (3,): False False False | bool (3,): True True True"},
    {"(i != 2**70)[0], (i > -2**64)[0], (i >= 2**63)[0]",
     "bool (3,): True True True | bool (3,): True True True | bool (3,): False False False"},
    {"(s + 1)[0], (s * 0.5)[0]", "float32 (3,): 2.0 3.0 4.0 | float32 (3,): 0.5 1.0 1.5"},
    {"(i + 1)[0], (i + 1.0)[0], (i / 2)[0]",
     "int32 (3,): 2 3 4 | float64 (3,): 2.0 3.0 4.0 | float64 (3,): 0.5 1.0 1.5"},
    {"(u + 1)[0], (u + 254)[0], (u + i)[0]", "uint8 (3,): 2 3 4 | uint8 (3,): 255 0 1 | int32 (3,): 2 4 6"},
    {"(b + 1)[0], (b * 1.5)[0], (s * 1j)[0]",
     "int64 (3,): 2 1 2 | float64 (3,): 1.5 0.0 1.5 | complex64 (3,): (0.0+1.0j) (0.0+2.0j) (0.0+3.0j)"},
    {"(s * sqrt(4))[0]", "float64 (3,): 2.0 4.0 6.0"},
    {"(s * (pi - pi + 2))[0]", "float32 (3,): 2.0 4.0 6.0"},
    {"where(b, 1, 0)[0], where(b, s, 0.5)[0]", "int64 (3,): 1 0 1 | float32 (3,): 1.0 0.5 3.0"},
    {"clip(s, 2, 5)", "float32 (2, 3): 2.0 2.0 3.0 4.0 5.0 5.0"},
    {"(i**2)[0], (s**0.5)[1, 0], (x**-1)[0, 1], (i**2.0)[0]",
     "int32 (3,): 1 4 9 | float32 (): 2.0 | float64 (): 0.5 | float64 (3,): 1.0 4.0 9.0"},
    /* Indices. */
    {"x[0, 1], x[-1], x[:, 0]", "float64 (): 2.0 | float64 (3,): 4.0 5.0 6.0 | float64 (2,): 1.0 4.0"},
    {"x[:, ::-1], x[..., 1:], x[1:, -2]",
     "float64 (2, 3): 3.0 2.0 1.0 6.0 5.0 4.0 | float64 (2, 2): 2.0 3.0 5.0 6.0 | float64 (1,): 5.0"},
    {"x[newaxis].shape, x[0, None, :]", "int64 (3,): 1 2 3 | float64 (1, 3): 1.0 2.0 3.0"},
    {"x[[1, 0], 0], x[:, [2, 2]]", "float64 (2,): 4.0 1.0 | float64 (2, 2): 3.0 3.0 6.0 6.0"},
    {"x[x > 2], x[b]", "float64 (4,): 3.0 4.0 5.0 6.0 | float64 (4,): 1.0 3.0 5.0 6.0"},
    {"x[:, x[0] > 1], x[x > 9].size", "float64 (2, 2): 2.0 3.0 5.0 6.0 | int64 (): 0"},
    {"x[0][argsort(-x[0])], x[argmax(x[:, 0])]", "float64 (3,): 3.0 2.0 1.0 | float64 (3,): 4.0 5.0 6.0"},
    {"x[x > 2].mean(), mean(x[x > 2] * 2)", "float64 (): 4.5 | float64 (): 9.0"},
    {"any(diff(x[x > 9]) < x[x > 9]), diff(x[x > 5]) + x[x > 5]", "bool (): False | float64 (0,):"},
    {"x[x > 3] + x[0], x[0] * diff(x[x > 2])", "float64 (3,): 5.0 7.0 9.0 | float64 (3,): 1.0 2.0 3.0"},
    /* Sugar. */
    {"np.mean(x), x.mean(axis=0), x.T[0]", "float64 (): 3.5 | float64 (3,): 2.5 3.5 4.5 | float64 (2,): 1.0 4.0"},
    {"x.shape, x.size, x.ndim, x.shape[1] * 2", "int64 (2,): 2 3 | int64 (): 6 | int64 (): 2 | int64 (): 6"},
    {"x.reshape(-1)[4], x.reshape((3, 2))[2], zeros(x.shape, dtype=i.dtype).sum()",
     "float64 (): 5.0 | float64 (2,): 5.0 6.0 | int64 (): 0"},
    {"float32(x)[0], x.astype(int32)[0], i.astype('float64')[0]",
     "float32 (3,): 1.0 2.0 3.0 | int32 (3,): 1 2 3 | float64 (3,): 1.0 2.0 3.0"},
    /* Arguments. */
    {"sum(x, 0), sum(x, axis=(0, 1)), sum(x, axis=-1, keepdims=True)",
     "float64 (3,): 5.0 7.0 9.0 | float64 (): 21.0 | float64 (2, 1): 6.0 15.0"},
    {"quantile(x, 0.5), quantile(x, [0, 1]), percentile(x, 50, axis=0)",
     "float64 (): 3.5 | float64 (2,): 1.0 6.0 | float64 (3,): 2.5 3.5 4.5"},
    {"diff(x, axis=0), diff(x[0], 2), diff(x[0], n=1)",
     "float64 (1, 3): 3.0 3.0 3.0 | float64 (1,): 0.0 | float64 (2,): 1.0 1.0"},
    {"std(x), std(x, ddof=1)", "float64 (): 1.707825127659933 | float64 (): 1.8708286933869707"},
    {"roll(x[0], 1), topk(x[0], 2), arange(3), arange(1, 2, 0.5), linspace(0, 1, 3)",
     "float64 (3,): 3.0 1.0 2.0 | float64 (2,): 3.0 2.0 | int64 (3,): 0 1 2 | float64 (2,): 1.0 1.5 | float64 (3,): "
     "0.0 0.5 1.0"},
    {"full((2,), 7), zeros(2), ones((1, 2), dtype='int8'), eye(2)",
     "int64 (2,): 7 7 | float64 (2,): 0.0 0.0 | int8 (1, 2): 1 1 | float64 (2, 2): 1.0 0.0 0.0 1.0"},
    {"concat([x[0], [9]]), stack([x[0], x[1]], axis=1)[0]", "float64 (4,): 1.0 2.0 3.0 9.0 | float64 (2,): 1.0 4.0"},
    {"pad(x[0], 1), pad(x[0], (0, 2), mode='edge')",
     "float64 (5,): 0.0 1.0 2.0 3.0 0.0 | float64 (5,): 1.0 2.0 3.0 3.0 3.0"},
    {"mean(x[0], weights=[1, 0, 1]), histogram(x, bins=[0, 3, 7]).counts", "float64 (): 2.0 | int64 (2,): 2 4"},
    {"convolve(x[0], [1, 1]), searchsorted(x[0], 2.5), searchsorted(x[0], 2, side='right')",
     "float64 (4,): 1.0 3.0 5.0 3.0 | int64 (): 2 | int64 (): 2"},
    {"x[0] @ x[1], (x @ x.T)[0]", "float64 (): 32.0 | float64 (2,): 14.0 32.0"},
    /* Programs. */
    {"y = x - mean(x); z = y * y; sum(z), max(z)", "float64 (): 17.5 | float64 (): 6.25"},
    {"lo=min(x), hi=max(x)", "float64 (): 1.0 | float64 (): 6.0"},
    {"e = 2; e * 3 # e is no constant any more", "int64 (): 6"},
    {"s_ = stats(x); s_.mean, s_[4]", "float64 (): 3.5 | float64 (): 6.0"},
    {"unique_counts([3, 1, 3]).counts, unique([3, 1, 3])", "int64 (2,): 1 2 | int64 (2,): 1 3"},
    {"x\n  # a comment\n  [0]", "float64 (3,): 1.0 2.0 3.0"},
    {"index + 1, isnan(nan), inf > 1e308", "int64 (): 1 | bool (): True | bool (): True"},
};

START_TEST(texts_mean_what_numpy_gives)
{
    char got[2000];
    set_up();
    describe(cases[_i].text, got, sizeof got);
    ck_assert_msg(strcmp(got, cases[_i].result) == 0, "%s gives\n%s, expected\n%s", cases[_i].text, got,
                  cases[_i].result);
}
END_TEST

/* The message's first line must hold `message`, the caret stand at `column` (from 0, in columns of a terminal). */
static const struct {
    const char *text, *message;
    int column;
} refusals[] = {
    {"x +", "found the end", 3},
    {"maen(x)", "did you mean \"mean\"", 0},
    {"x + zzzzzz", "nothing is called \"zzzzzz\"", 4},
    {"x + mean", "mean(x)", 4},
    {"mean()", "mean takes 1 array (x), 0 given", 0},
    {"add(x)", "add takes 2 arrays (x, y), 1 given", 0},
    {"mean(x, 0, 1)", "no further argument without a name", 11},
    {"mean(x, axs=0)", "mean has no option axs; it takes axis keepdims weights", 8},
    {"sqrt(x, axis=0)", "sqrt has no option axis, and no others", 8},
    {"mean(x, axis=0, axis=1)", "axis is given twice", 21},
    {"mean(axis=0, x)", "stands behind one with a name", 13},
    {"mean(x, axis=2)", "axis 2 is out of range", 0},
    {"mean(x, axis='a')", "dimensions have no known names", 13},
    {"mean(x, keepdims=3)", "keepdims must be True or False", 17},
    {"x + [1, 2]", "do not broadcast together", 2},
    {"x @ x", "must be equal", 2},
    {"x and x", "use &", 2},
    {"not x", "use ~", 0},
    {"x if x else 1", "where(condition, a, b)", 2},
    {"1 < x < 2", "comparisons do not chain", 6},
    {"x && x", "use &", 2},
    {"!x", "use ~", 0},
    {"x = 1; x", "\"x\" is an input", 0},
    {"mean = 1; mean", "\"mean\" is a function", 0},
    {"y = 1; y = 2; y", "\"y\" has a value already", 7},
    {"y = x;", "ends without an output", 6},
    {"x; x", "has no name and is no output", 0},
    {"a=x, a=x", "two outputs are called \"a\"", 5},
    {"mean(x), mean(x)", "two outputs are called \"mean(x)\"", 9},
    {"x[9]", "out of range", 1},
    {"x[0, 0, 0]", "too many indices: there are 3, for 2 dimensions", 2},
    {"x[..., ...]", "there is a \"...\" already", 7},
    {"x[::0]", "the step cannot be 0", 4},
    {"x[1.5]", "must be an integer", 2},
    {"x['a', 0]", "names are for the parts of files", 2},
    {"x[0]['a']", "names are for the parts of files", 5},
    {"x['a'] + max(x)", "x is several arrays here, as in x['a']", 13},
    {"x['']", "a part's name has 1 to 255 bytes", 3},
    {"x[]", "an index is missing", 2},
    {"x.foo", "\"foo\" is no attribute", 2},
    {"x.foo()", "no function is called \"foo\"", 2},
    {"x(1)", "cannot be called", 1},
    {"(x", "expected \")\"", 2},
    {"x)", "found \")\"", 1},
    {"x y", "found \"y\"", 2},
    {"[1, [2]]", "not all as deep", 5},
    {"[[1], [2, 3]]", "not all as long", 6},
    {"concat(x)", "concat takes a list of arrays", 7},
    {"'abc", "has no end", 0},
    {"12abc", "is no number", 0},
    {"012", "integers do not begin with 0", 0},
    {"1__", "is no number", 0},
    {"u + 300", "300 is out of range for uint8", 4},
    {"i ** -1", "no negative integer powers", 2},
    {"1 / 0", "division by zero", 2},
    {"x $ 1", "a program has no $", 2},
    {"x += 1; x", "assigns nothing", 2},
    {"bitwise_and(x, 1)", "does not take floats", 0},
    {"x[\"\u6e29\u5ea6\"] + x", "x is several arrays here", 12},
    {"x * (\"\u6e29\u5ea6\" + zzzz)", "nothing is called \"zzzz\"", 14},
    {"\"\u00e9\u00e9\" * zzzz", "nothing is called \"zzzz\"", 7},
};

START_TEST(errors_point_at_the_place)
{
    char got[2000];
    set_up();
    describe(refusals[_i].text, got, sizeof got);
    const char *line = strchr(got, '\n'), *caret = strrchr(got, '\n');
    ck_assert_msg(line && caret, "%s: %s", refusals[_i].text, got);
    const char *found = strstr(got, refusals[_i].message);
    ck_assert_msg(found && found < line, "%s: \"%s\" is not in:\n%s", refusals[_i].text, refusals[_i].message, got);
    ck_assert_msg(caret[strlen(caret) - 1] == '^' && (int)strlen(caret) == refusals[_i].column + 4,
                  "%s: the place is %d:\n%s", refusals[_i].text, (int)strlen(caret) - 4, got);
}
END_TEST

/* Lines of docs/language.md: a program, and behind the # what it gives. */
START_TEST(examples_of_the_documentation_hold)
{
    size_t n;
    char *text = file_read(SHEAF_SOURCE "/docs/language.md", &n), got[2000], *next;
    int checked = 0;
    bool inside = false;
    ck_assert_ptr_nonnull(text);
    set_up();
    for (char *line = text; *line; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = '\0';
        if (strncmp(line, "```", 3) == 0) {
            inside = strcmp(line, "```sheaf") == 0;
            continue;
        }
        const char *expected = inside ? strstr(line, "# ") : NULL;
        ck_assert_msg(!inside || expected, "no result: %s", line);
        if (!inside)
            continue;
        describe(line, got, sizeof got);
        ck_assert_msg(strcmp(got, expected + 2) == 0, "%s\ngives %s", line, got);
        checked++;
    }
    ck_assert_int_gt(checked, 15);
    free(text);
}
END_TEST

/* Every example of the catalogue is a program. */
START_TEST(examples_of_the_table_parse)
{
    static const char *const arrays[] = {"x",  "y",    "z",         "a",       "b",      "q",   "xp",
                                         "fp", "mask", "condition", "indices", "kernel", "bins"};
    for (size_t i = 0; i < sheaf_catalogue_size(); i++) {
        const sheaf_function_info *info = sheaf_catalogue_at(i);
        sheaf_error error = {SHEAF_OK, ""};
        sheaf_func *f = NULL;
        ck_assert_msg(sheaf_func_parse(info->example, 13, arrays, &f, &error) == SHEAF_OK, "%s: %s", info->name,
                      error.message);
        sheaf_func_free(f);
    }
}
END_TEST

static void repeated(char *to, const char *open, int n, const char *middle, const char *close)
{
    to[0] = '\0';
    for (int i = 0; i < n; i++)
        strcat(to, open);
    strcat(to, middle);
    for (int i = 0; i < n; i++)
        strcat(to, close);
}

/* Deep texts are refused, and never overflow the stack. */
START_TEST(depth_is_bounded)
{
    static const char *const around[][2] = {{"(", ")"}, {"sqrt(", ")"}, {"-", ""},  {"x[", "]"}, {"[", "]"},
                                            {"", "+x"}, {"", "[0]"},    {"", ".T"}, {"x**", ""}, {"x[...,", "]"}};
    char *text = malloc(70000);
    for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
        const size_t each = strlen(around[k][0]) + strlen(around[k][1]);
        for (int n = 100; n < (int)(65000 / each); n *= 3) {
            sheaf_error error = {SHEAF_OK, ""};
            sheaf_func *f = NULL;
            repeated(text, around[k][0], n, "x", around[k][1]);
            sheaf_status status = sheaf_func_parse(text, 0, NULL, &f, &error);
            ck_assert(n < 301 || status != SHEAF_OK || strcmp(around[k][0], "x**") == 0);
            sheaf_func_free(f);
        }
    }
    memset(text, 'x', 69999);
    text[69999] = '\0';
    sheaf_func *f = NULL;
    ck_assert_int_eq(sheaf_func_parse(text, 0, NULL, &f, NULL), SHEAF_INVALID);
    free(text);
}
END_TEST

static void names_are(const char *text, int n, const char *const *expected)
{
    sheaf_func *f = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    ck_assert_msg(sheaf_func_parse(text, 0, NULL, &f, &error) == SHEAF_OK, "%s", error.message);
    ck_assert_int_eq(sheaf_func_nout(f), n);
    for (int k = 0; k < n; k++)
        ck_assert_str_eq(sheaf_func_output_name(f, k), expected[k]);
    sheaf_func_free(f);
}

START_TEST(outputs_have_names)
{
    names_are("mean(x), hi=max(x)", 2, (const char *const[]){"mean(x)", "hi"});
    names_are("mean", 1, (const char *const[]){"mean"});
    names_are("stats(x)", 5, (const char *const[]){"stats.count", "stats.mean", "stats.std", "stats.min", "stats.max"});
    names_are("s = unique_counts(x[0]); u=s, sqrt( # why\n  x)", 3,
              (const char *const[]){"u.values", "u.counts", "sqrt( x)"});
}
END_TEST

START_TEST(names_can_be_bound)
{
    const char *const two[] = {"x", "w"};
    const int64_t shape[] = {3};
    sheaf_func *f = NULL;
    sheaf_array *w = NULL, *out[1];
    set_up();
    ck_ok(sheaf_func_parse("x @ w", 2, two, &f, NULL));
    ck_ok(sheaf_array_new(SHEAF_F64, 1, shape, &w, NULL));
    memcpy(sheaf_array_data(w), numbers, sizeof(double[3]));
    ck_ok(sheaf_func_bind(f, "w", w, NULL));
    ck_assert_int_eq(sheaf_func_bind(f, "v", w, NULL), SHEAF_UNKNOWN);
    sheaf_array_free(w);
    const sheaf_view *in[] = {&views[0]};
    ck_ok(sheaf_func_eval(f, 1, in, NULL, out, NULL));
    ck_assert_double_eq(((double *)sheaf_array_data(out[0]))[0], 14);
    ck_assert_double_eq(((double *)sheaf_array_data(out[0]))[1], 32);
    sheaf_array_free(out[0]);
    ck_assert_int_eq(sheaf_func_eval(f, 2, (const sheaf_view *const[]){&views[0], &views[0]}, NULL, out, NULL),
                     SHEAF_INVALID);
    sheaf_func_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("language");
    TCase *t = tcase_create("language");
    tcase_add_loop_test(t, texts_mean_what_numpy_gives, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(t, errors_point_at_the_place, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(t, examples_of_the_documentation_hold);
    tcase_add_test(t, examples_of_the_table_parse);
    tcase_add_test(t, depth_is_bounded);
    tcase_add_test(t, outputs_have_names);
    tcase_add_test(t, names_can_be_bound);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
