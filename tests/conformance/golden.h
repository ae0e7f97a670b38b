#ifndef SHEAF_TEST_GOLDEN_H
#define SHEAF_TEST_GOLDEN_H

/* The expected values of make_golden.py, calls of the catalogue from their description, and the tolerance that the
 * table's accuracy allows. Included by each conformance program. */

#include "../support/options.h"
#include "../support/support.h"
#include "ops/op.h"
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int team_sizes[] = {1, 2, 3, 7};
#define TEAM_SIZES (sizeof team_sizes / sizeof team_sizes[0])
/* Under AddressSanitizer, which looks at memory, not at bits again, every other. */
#ifdef __SANITIZE_ADDRESS__
#define TEAM_STEP 2
#else
#define TEAM_STEP 1
#endif

#define GOLDEN_INPUTS 3000
#define GOLDEN_MOST 4 /* inputs of a case */

struct golden_case {
    const struct op *op;
    int nin, nout;
    sheaf_view in[GOLDEN_MOST], out[5];
    bool scaled;
    sheaf_view scale; /* float64, of the results' shape: what errors are measured by where terms may cancel */
    sheaf_options options;
};

static struct golden_input {
    char name[24];
    sheaf_view view;
} golden_inputs[GOLDEN_INPUTS];
static int golden_ninputs, golden_first_input;
static struct golden_case *golden_cases;
static int golden_ncases, golden_room;
static char *golden_data;
#define GOLDEN_FILES 16
static char *golden_kept[GOLDEN_FILES]; /* all that was read: cases lead there */
static int golden_nfiles;

static inline const char *golden_word(void)
{
    const char *word = strtok(NULL, " ");
    ck_assert_ptr_nonnull(word);
    return word;
}

static inline long golden_number(void)
{
    return strtol(golden_word(), NULL, 10);
}

/* The words "dtype ndim shape... offset" that follow, as a view of the data read. */
static inline sheaf_view golden_array(void)
{
    sheaf_view v;
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_dtype dtype = option_dtype(golden_word());
    ck_assert_int_ne(dtype, SHEAF_DTYPE_COUNT);
    int ndim = (int)golden_number();
    for (int i = 0; i < ndim; i++)
        shape[i] = golden_number();
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    v.data = golden_data + golden_number();
    return v;
}

static inline void golden_input_line(void)
{
    struct golden_input *input = &golden_inputs[golden_ninputs++];
    ck_assert_int_le(golden_ninputs, GOLDEN_INPUTS);
    snprintf(input->name, sizeof input->name, "%s", golden_word());
    input->view = golden_array();
    /* On memory of its own, where the sanitizer sees what reads beyond it. */
    size_t bytes = (size_t)sheaf_view_size(&input->view) * sheaf_dtype_size(input->view.dtype);
    void *own = malloc(bytes);
    memcpy(own, input->view.data, bytes);
    input->view.data = own;
}

/* Of the file being read. */
static inline const sheaf_view *golden_input(const char *name)
{
    for (int i = golden_first_input; i < golden_ninputs; i++)
        if (strcmp(golden_inputs[i].name, name) == 0)
            return &golden_inputs[i].view;
    ck_abort_msg("no input %s", name);
    return NULL;
}

static inline void golden_options(sheaf_options *o)
{
    sheaf_options_init(o);
    o->naxes = (int)golden_number();
    for (int i = 0; i < o->naxes; i++)
        o->axes[i] = (int)golden_number();
    o->keepdims = golden_number() != 0;
    o->ddof = strtod(golden_word(), NULL);
    o->order = (int)golden_number();
    o->spacing = strtod(golden_word(), NULL);
    o->fast = golden_number() != 0;
    const char *weights = golden_word();
    o->weights = strcmp(weights, "-") == 0 ? NULL : golden_input(weights);
}

/* Rows of the table share tests, as each test is a process that loads the cases and is searched for leaks. */
#define GOLDEN_TURNS 12
static inline bool golden_turn(const struct op *op, int turn)
{
    return (op - op_table) % GOLDEN_TURNS == turn;
}

static int golden_wanted = -1; /* the turn whose cases are kept; -1: all are */

static inline void golden_case_line(void)
{
    const char *function = golden_word();
    const struct op *op = op_find(function);
    ck_assert_msg(op != NULL, "no function %s", function);
    if (golden_wanted >= 0 && !golden_turn(op, golden_wanted))
        return;
    if (golden_ncases == golden_room) {
        golden_room = golden_room ? 2 * golden_room : 256;
        golden_cases = realloc(golden_cases, (size_t)golden_room * sizeof *golden_cases);
        ck_assert_ptr_nonnull(golden_cases);
    }
    struct golden_case *c = &golden_cases[golden_ncases++];
    memset(c, 0, sizeof *c);
    c->op = op;
    c->nin = (int)golden_number();
    ck_assert_int_le(c->nin, GOLDEN_MOST);
    for (int k = 0; k < c->nin; k++)
        c->in[k] = *golden_input(golden_word());
    golden_options(&c->options);
    c->nout = (int)golden_number();
    for (int k = 0; k < c->nout; k++)
        c->out[k] = golden_array();
    c->scaled = golden_number() != 0;
    if (c->scaled)
        c->scale = golden_array();
    for (const char *word; (word = strtok(NULL, " "));)
        ck_assert_msg(option_set(&c->options, word, golden_input), "no option %s", word);
}

/* The index at path, and the numbers that belong to it. */
static inline void golden_load_file(const char *path)
{
    char numbers[1024], line[1024];
    size_t n;
    snprintf(numbers, sizeof numbers, "%.*s.dat", (int)(strlen(path) - 4), path);
    golden_data = file_read(numbers, &n);
    golden_kept[golden_nfiles++ % GOLDEN_FILES] = golden_data;
    ck_assert_msg(golden_data != NULL, "cannot read %s", numbers);
    golden_first_input = golden_ninputs;
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "cannot read %s", path);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(strtok(line, " "), "C") == 0)
            golden_case_line();
        else
            golden_input_line();
    }
    fclose(f);
}

/* Called in each test: check runs it in a process of its own. */
static inline void golden_load(void)
{
    glob_t found;
    golden_ninputs = golden_ncases = 0;
    ck_assert_int_eq(glob(SHEAF_SOURCE "/tests/conformance/golden/*.txt", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        golden_load_file(found.gl_pathv[i]);
    globfree(&found);
    ck_assert_int_ge(golden_ncases, golden_wanted < 0 ? 5000 : 100);
}

static inline void golden_load_turn(int turn)
{
    golden_wanted = turn;
    golden_load();
}

static inline sheaf_status golden_place(void *self, int k, sheaf_view *out, sheaf_error *e)
{
    (void)self, (void)k, (void)e;
    size_t bytes = (size_t)sheaf_view_size(out) * sheaf_dtype_size(out->dtype);
    out->data = aligned_alloc(64, (bytes + 64) / 64 * 64);
    memset(out->data, 0x5a, bytes);
    return SHEAF_OK;
}
static const struct placer golden_placer = {golden_place, NULL};

/* Run op on n views with a team of this many threads; outs get fresh memory. */
static inline void call_on(const struct op *op, int n, const sheaf_view *in, const sheaf_options *options, int threads,
                           sheaf_view *outs)
{
    team t = {.threads = threads};
    ck_ok(op_infer(op, n, in, options, outs, error));
    for (int k = 0; k < op->info.nout && !op_varies(op); k++)
        golden_place(NULL, k, &outs[k], NULL);
    ck_ok(op_run(op, n, in, options, &t, outs, &golden_placer, error));
}
static inline void call_op(const struct op *op, const sheaf_view *in, const sheaf_options *options, int threads,
                           sheaf_view *outs)
{
    call_on(op, op->info.nin, in, options, threads, outs);
}

static inline void free_outs(const struct op *op, sheaf_view *outs)
{
    for (int k = 0; k < op->info.nout; k++)
        free(outs[k].data);
}

/* "matmul of float64 (3, 4) and int8 (4,)" in one of two static buffers; of many inputs, the first. */
static inline const char *call_text(const struct op *op, const sheaf_view *in, const sheaf_options *o)
{
    static char text[2][1024];
    static int turn;
    char shape[SHAPE_TEXT];
    char *t = text[turn ^= 1];
    int at = snprintf(t, sizeof text[0], "%s of", op->info.name);
    for (int k = 0; k < (op->info.nin == MANY ? 1 : op->info.nin); k++)
        at += snprintf(t + at, sizeof text[0] - (size_t)at, "%s %s %s", k ? " and" : "", sheaf_dtype_name(in[k].dtype),
                       shape_text(in[k].ndim, in[k].shape, shape));
    for (int k = 0; o && k < o->naxes; k++)
        at += snprintf(t + at, sizeof text[0] - (size_t)at, "%s%d", k ? "," : " axis ", o->axes[k]);
    if (o && o->order)
        at += snprintf(t + at, sizeof text[0] - (size_t)at, " order %d", o->order);
    if (o && o->weights)
        snprintf(t + at, sizeof text[0] - (size_t)at, " weights %s %s", sheaf_dtype_name(o->weights->dtype),
                 shape_text(o->weights->ndim, o->weights->shape, shape));
    else if (o && o->fast)
        snprintf(t + at, sizeof text[0] - (size_t)at, ", fast");
    return t;
}

/* ---- arrays of given numbers ---- */

/* How many doubles the elements are: two where they are complex. */
static inline int64_t number_count(const sheaf_view *v)
{
    return sheaf_view_size(v) * (dtype_kind(v->dtype) == 'c' ? 2 : 1);
}

/* Memory of its own for a contiguous view, with these numbers, which are freed. */
static inline void take_numbers(sheaf_view *v, double *x)
{
    sheaf_view from, to;
    int64_t n = number_count(v);
    v->data = malloc((size_t)sheaf_view_size(v) * sheaf_dtype_size(v->dtype));
    ck_ok(sheaf_view_init(&from, x, SHEAF_F64, 1, &n, error));
    ck_ok(sheaf_view_init(&to, v->data, dtype_real(v->dtype), 1, &n, error));
    ck_ok(sheaf_view_copy(&from, &to, error));
    free(x);
}

/* ---- layouts: the same values, laid out otherwise ---- */

enum layout {
    LAYOUT_C,
    LAYOUT_FORTRAN,
    LAYOUT_REVERSED,
    LAYOUT_SLICED,
    LAYOUT_SHIFTED,
    LAYOUT_COUNT
};

/* A view equal to v, on memory of its own at *memory. */
static inline sheaf_view lay_out_as(const sheaf_view *v, enum layout layout, void **memory)
{
    sheaf_view w = *v;
    int64_t size = (int64_t)sheaf_dtype_size(v->dtype), step = layout == LAYOUT_SLICED ? 3 * size : size, total = step;
    for (int j = 0; j < v->ndim; j++) {
        int i = layout == LAYOUT_FORTRAN ? j : v->ndim - 1 - j;
        w.strides[i] = layout == LAYOUT_REVERSED ? -total : total;
        total *= v->shape[i];
    }
    char *data = malloc((size_t)(total + 2 * size));
    memset(data, 0x33, (size_t)(total + 2 * size));
    *memory = data;
    w.data = layout == LAYOUT_REVERSED ? data + total - size : layout == LAYOUT_SHIFTED ? data + size : data;
    if (sheaf_view_size(v) > 0)
        ck_ok(sheaf_view_copy(v, &w, error));
    return w;
}

/* ---- comparison ---- */

static inline void element(const sheaf_view *v, int64_t i, double value[2])
{
    int64_t shape[1] = {1};
    sheaf_view from, to;
    char *data = (char *)v->data + i * (int64_t)sheaf_dtype_size(v->dtype);
    ck_ok(sheaf_view_init(&from, data, v->dtype, 1, shape, error));
    ck_ok(sheaf_view_init(&to, value, SHEAF_C128, 1, shape, error));
    ck_ok(sheaf_view_copy(&from, &to, error));
}

/* Distance in units of want's last place in this dtype (float32 or float64). */
static inline double ulps(double got, double want, bool single)
{
    if (got == want || (isnan(got) && isnan(want)))
        return 0;
    if (!isfinite(got) || !isfinite(want))
        return INFINITY;
    int exponent;
    frexp(want, &exponent);
    int least = single ? -149 : -1074, unit = exponent - (single ? 24 : 53);
    return fabs(got - want) / ldexp(1, unit < least ? least : unit);
}

#endif
