/* Prints what is generated from functions.def: `generate header` the C prototypes, `generate docs` the reference page.
 * A program of the build, not part of the library. */

#include <stdio.h>
#include <string.h>

enum {
    MANY = -1
};

struct row {
    const char *name, *aliases, *class;
    int nin;
    const char *arguments;
    int nout;
    const char *outputs, *options, *shapes, *dtypes, *rule, *vector, *bits, *accuracy, *help, *formula, *nan, *example;
};

static const struct row rows[] = {
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    {#name,  aliases, #class,  nin,   arguments, nout, outputs, takes, shapes,                                     \
     dtypes, #rule,   #vector, #bits, accuracy,  help, formula, nan,   example},
#include "ops/functions.def"
};
#define COUNT (sizeof rows / sizeof rows[0])

static int is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* "b i u f c" in words. */
static void print_dtypes(const struct row *r)
{
    static const char *const words[][2] = {
        {"b", "bool"}, {"i", "signed integers"}, {"u", "unsigned integers"}, {"f", "floats"}, {"c", "complex"}};
    const char *comma = "";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strchr(r->dtypes, words[i][0][0])) {
            printf("%s%s", comma, words[i][1]);
            comma = ", ";
        }
}

static const char *result_dtype(const struct row *r)
{
    static const char *const rules[][2] = {
        {"SAME", "that of the input"},
        {"SAME_INT", "that of the input, int8 for bool"},
        {"REAL", "that of the input, its real part's for complex"},
        {"FLOAT", "float32 for bool, 8 and 16 bit integers, float64 for other integers, else that of the input"},
        {"DIVIDE", "float64 for integers and bool, else that of the input"},
        {"SUM", "int64 or uint64 for integers and bool, else that of the input"},
        {"MEAN", "float64 for integers and bool, else that of the input"},
        {"MEAN_REAL", "float64 for integers and bool, its real part's for complex, else that of the input"},
        {"COUNT", "int64"},
        {"TRUTH", "bool"},
        {"LOGIC", "bool"},
        {"WHERE", "that of y and z together"},
        {"FLOAT_REAL",
         "as float32 for bool, 8 and 16 bit integers, float64 for other integers, its real part's for complex"},
        {"FOURIER", "complex64 for float16 and float32, else complex128"},
        {"HISTOGRAM",
         "counts int64, with weights float64; edges float64 for integers and bool, else that of the input, or "
         "that of the edges given"},
        {"BINCOUNT", "int64, with weights float64"},
        {"UNIQUE", "values that of the input, the others int64"},
        {"KEEP", "that of the input, of several what they promote to; float16 stays"},
        {"MADE", "options.dtype, float64 when not given"},
        {"FULL", "options.dtype, when not given that of x; float16 stays"},
        {"STATS", "count int64; mean and std as mean; min and max that of the input"}};
    if (is(r->class, "CAST"))
        return r->name;
    if (is(r->name, "rank"))
        return "int64, float64 with method average";
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (is(r->rule, rules[i][0]))
            return rules[i][1];
    return "?";
}

static const char *shapes(const struct row *r)
{
    if (*r->shapes)
        return r->shapes;
    if (is(r->class, "CAST") || is(r->class, "UNARY"))
        return "x: any; out: x's";
    if (is(r->class, "BINARY"))
        return "x and y broadcast together; out: the common shape";
    if (is(r->class, "TERNARY"))
        return "x, y and z broadcast together; out: the common shape";
    if (is(r->name, "dot"))
        return "x and y broadcast together; out: the common shape without the axis (size 1 with keepdims); no axis "
               "given: the last, unless both have several";
    if (is(r->name, "trapz"))
        return "x: at least one dimension; out: x's without the axis (size 1 with keepdims)";
    if (is(r->class, "REDUCE"))
        return "x: any; out: x's without the reduced axes (size 1 with keepdims); no axis given: all are reduced";
    if (is(r->class, "ORDER") || is(r->class, "WINDOW"))
        return "x: at least one dimension; out: x's";
    if (is(r->class, "SCAN"))
        return "x: any; out: x's; no axis given: (x.size,)";
    if (is(r->name, "diff"))
        return "x: at least one dimension; out: x's, less by order along the axis";
    if (is(r->class, "DIFFERENCE"))
        return "x: at least one dimension, two elements or more along the axis; out: x's";
    if (is(r->class, "TRANSFORM"))
        return "x: at least one dimension, n > 0 elements along the axis; out: x's with n/2+1 along the axis";
    return "x (..., m, k) or (k,), y (..., k, n) or (k,); out (..., m, n) without what a vector lacks";
}

static const char *errors(const struct row *r)
{
    if (is(r->name, "pow"))
        return "DTYPE, SHAPE (do not broadcast), INVALID (negative integer power, bad argument), NO_MEMORY";
    if (is(r->class, "BINARY") || is(r->class, "TERNARY"))
        return "DTYPE, SHAPE (do not broadcast), INVALID (bad argument), NO_MEMORY";
    if (is(r->class, "MATMUL"))
        return "DTYPE, SHAPE (inner dimensions differ, stacks do not broadcast), INVALID, NO_MEMORY";
    if (is(r->name, "concat") || is(r->name, "stack"))
        return "SHAPE (an input does not fit the first), INVALID (bad axis), NO_MEMORY, OVERFLOW";
    if (is(r->name, "take"))
        return "DTYPE (indices are no integers), INVALID (bad axis, index out of range), NO_MEMORY, OVERFLOW";
    if (is(r->class, "VIEW") || is(r->class, "MOVE") || is(r->class, "COMPRESS") || is(r->class, "CREATE") ||
        is(r->class, "OUTER"))
        return "SHAPE (what is given does not fit), INVALID (bad axis or argument), NO_MEMORY, OVERFLOW (too large)";
    if (is(r->class, "CONVOLVE"))
        return "DTYPE, SHAPE (bad rank, empty, neither lies within the other), INVALID (no such mode, bad axis), "
               "NO_MEMORY";
    if (is(r->class, "TRANSFORM"))
        return "DTYPE, INVALID (bad axis, empty rows), UNSUPPORTED (built without FFTW), NO_MEMORY";
    if (is(r->class, "QUANTILE") && r->nin == 2)
        return "DTYPE, SHAPE (q), INVALID (bad axis, method or q, nothing to reduce), NO_MEMORY";
    if (is(r->name, "lfilter"))
        return "DTYPE, SHAPE (b or a not of one dimension or empty), INVALID (a[0] is 0, bad axis), NO_MEMORY";
    if (is(r->name, "interp"))
        return "DTYPE, SHAPE (xp, fp), INVALID (xp not increasing), NO_MEMORY";
    if (is(r->class, "SEARCH"))
        return "DTYPE, SHAPE (several dimensions where one is wanted), INVALID (bad argument, unsorted bins), "
               "NO_MEMORY";
    if (is(r->class, "HISTOGRAM"))
        return "DTYPE, SHAPE (edges, weights), INVALID (bins, range, unsorted edges, too many bins), NO_MEMORY";
    if (is(r->name, "bincount"))
        return "DTYPE, SHAPE (weights), INVALID (negative element or minlength), OVERFLOW (too long), NO_MEMORY";
    return is(r->class, "CAST") || is(r->class, "UNARY") ? "DTYPE, INVALID (bad argument), NO_MEMORY"
                                                         : "DTYPE, INVALID (bad axis or argument), NO_MEMORY";
}

/* ---- header ---- */

/* The vector forms: result type (* stands for the numbers' own), inputs, name of the output argument. */
static const struct form {
    const char *name, *result;
    int nin;
    const char *out_type, *out;
} forms[] = {{"MAP1", "void", 1, "*", "y"},     {"MAP2", "void", 2, "*", "z"},     {"MAP3", "void", 3, "*", "w"},
             {"TEST1", "void", 1, "bool", "y"}, {"TEST2", "void", 2, "bool", "z"}, {"SCAN", "void", 1, "*", "y"},
             {"SCALAR", "*", 1, "", ""},        {"SCALAR2", "*", 2, "", ""},       {"INDEX", "int64_t", 1, "", ""},
             {"TRUTH", "bool", 1, "", ""}};

static const char *type_of(const char *type, const char *own)
{
    return is(type, "*") ? own : type;
}

static void header_vector(const struct row *r, const char *suffix, const char *type)
{
    static const char *const inputs[] = {"x", "y", "z"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct form *f = &forms[i];
        if (!is(f->name, r->vector))
            continue;
        printf("SHEAF_API %s sheaf_vec_%s_%s(size_t n", type_of(f->result, type), r->name, suffix);
        for (int k = 0; k < f->nin; k++)
            printf(", const %s *%s", type, inputs[k]);
        if (*f->out)
            printf(", %s *%s", type_of(f->out_type, type), f->out);
        printf(");\n");
    }
}

static void header_row(const struct row *r)
{
    char out[32] = "**out";
    if (r->nout > 1)
        snprintf(out, sizeof out, "*out[%d]", r->nout);
    printf("/* %s: %s.\n *   %s\n", r->name, r->help, r->formula);
    if (r->nout > 1)
        printf(" * Outputs, in order: %s.\n", r->outputs);
    printf(" * Shapes  %s.\n * Dtypes  ", shapes(r));
    print_dtypes(r);
    printf("; result: %s.\n", result_dtype(r));
    if (*r->options)
        printf(" * Options  %s.\n", r->options);
    printf(" * NaN     %s.\n * Errors  %s.\n * Accuracy  %s. */\n", r->nan, errors(r), r->accuracy);
    printf("SHEAF_API sheaf_status sheaf_%s(", r->name);
    if (r->nin == MANY)
        printf("int n, const sheaf_view *const *x, ");
    const char *names = *r->arguments ? r->arguments : "x y z";
    for (int k = 0; k < r->nin; k++) {
        int length = (int)strcspn(names, " ");
        printf("const sheaf_view *%.*s, ", length, names);
        names += length + (names[length] == ' ');
    }
    if (r->nin >= 2)
        printf("\n        ");
    printf("const sheaf_options *options,\n        sheaf_array %s, sheaf_error *error);\n", out);
    header_vector(r, "f64", "double");
    header_vector(r, "f32", "float");
    printf("\n");
}

static void print_header(void)
{
    printf(
        "#ifndef SHEAF_FUNCTIONS_H\n#define SHEAF_FUNCTIONS_H\n\n"
        "/* The functions of the catalogue. Generated from src/ops/functions.def.\n"
        " *\n"
        " * Each has two doors into the same kernels, with the same bits:\n"
        " *   sheaf_NAME      views of any dtype, shape and strides; a team of threads; results are new arrays, to\n"
        " *                   be freed with sheaf_array_free, or go to options->into. options NULL: the defaults.\n"
        " *   sheaf_vec_NAME  n contiguous numbers; serial, never allocates, never fails, any n. The output may be an\n"
        " *                   input of the same type; other overlaps are not allowed. What has no value, such as the\n"
        " *                   mean or the minimum of nothing, is NaN; the index of nothing is -1.\n"
        " *\n"
        " * float16 input is computed and returned as float32, but by sheaf_float16 and where elements are only "
        "moved.\n"
        " * options->into must not overlap an input, nor reach into the addresses between its elements, except that "
        "an\n"
        " * elementwise function may write onto an input that is exactly the same view: INVALID otherwise. */\n\n"
        "#include <sheaf/options.h>\n\n");
    for (size_t i = 0; i < COUNT; i++)
        header_row(&rows[i]);
    printf("#endif\n");
}

/* ---- docs ---- */

/* A bar would end the cell. */
static void docs_cell(const char *name, const char *text)
{
    printf("| %s | ", name);
    for (const char *c = text; *c; c++)
        printf(*c == '|' ? "\\|" : "%c", *c);
    printf(" |\n");
}

static void docs_row(const struct row *r)
{
    printf("\n## %s\n\n%s.", r->name, r->help);
    if (*r->aliases)
        printf(" Also called: %s.", r->aliases);
    printf("\n\n    %s\n\n", r->formula);
    printf("| | |\n|---|---|\n| example | `%s` |\n", r->example);
    if (r->nout > 1)
        docs_cell("outputs", r->outputs);
    if (*r->options)
        docs_cell("options", r->options);
    docs_cell("shapes", shapes(r));
    printf("| dtypes | ");
    print_dtypes(r);
    printf(" |\n");
    docs_cell("result", result_dtype(r));
    docs_cell("NaN", r->nan);
    docs_cell("accuracy", r->accuracy);
    docs_cell("bits", is(r->bits, "HOST") ? "host" : "portable");
    docs_cell("errors", errors(r));
    printf("| C | `sheaf_%s`", r->name);
    if (!is(r->vector, "NONE"))
        printf(", `sheaf_vec_%s_f64`, `sheaf_vec_%s_f32`", r->name, r->name);
    printf(" |\n");
}

static void print_docs(void)
{
    printf("# Functions\n\n"
           "Generated from `src/ops/functions.def`; do not edit. `sheaf functions NAME` shows one of them.\n\n"
           "Dtypes, broadcasting, axes and empty arrays follow NumPy 2. The differences: float16 is computed and\n"
           "returned as float32, but by the cast `float16`; where NumPy gives float16 for 8-bit integers, Sheaf gives "
           "float32; `stats` has no\n"
           "NumPy counterpart. *Portable* bits are the same on every AVX2 and AVX-512 machine; *host* bits belong to\n"
           "one build of OpenBLAS or FFTW on one kind of processor.\n\n"
           "| function | what |\n|---|---|\n");
    for (size_t i = 0; i < COUNT; i++)
        printf("| [%s](#%s) | %s |\n", rows[i].name, rows[i].name, rows[i].help);
    for (size_t i = 0; i < COUNT; i++)
        docs_row(&rows[i]);
}

int main(int argc, char **argv)
{
    if (argc == 2 && is(argv[1], "header")) {
        print_header();
    } else if (argc == 2 && is(argv[1], "docs")) {
        print_docs();
    } else {
        fprintf(stderr, "usage: generate header|docs\n");
        return 2;
    }
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
