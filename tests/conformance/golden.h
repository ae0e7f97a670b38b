#ifndef SHEAF_TEST_GOLDEN_H
#define SHEAF_TEST_GOLDEN_H

/* The expected values of make_golden.py, calls of the catalogue from their description, and the tolerance that the
 * table's accuracy allows. Included by each conformance program. */

#include "../support/support.h"
#include "ops/op.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_CASES 2500
#define GOLDEN_INPUTS 160

struct golden_case {
    char function[20];
    const struct op *op;
    int nin, nout;
    sheaf_view in[2], out[5];
    sheaf_options options;
};

static struct golden_input {
    char name[20];
    sheaf_view view;
} golden_inputs[GOLDEN_INPUTS];
static int golden_ninputs;
static struct golden_case golden_cases[GOLDEN_CASES];
static int golden_ncases;
static char *golden_data;

static inline sheaf_dtype dtype_named(const char *name)
{
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (strcmp(sheaf_dtype_name((sheaf_dtype)d), name) == 0)
            return (sheaf_dtype)d;
    ck_abort_msg("no dtype %s", name);
    return SHEAF_F64;
}

static inline long golden_number(void)
{
    const char *word = strtok(NULL, " ");
    ck_assert_ptr_nonnull(word);
    return strtol(word, NULL, 10);
}

/* The words "dtype ndim shape... offset" that follow. */
static inline sheaf_view golden_array(void)
{
    sheaf_view v;
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_dtype dtype = dtype_named(strtok(NULL, " "));
    int ndim = (int)golden_number();
    for (int i = 0; i < ndim; i++)
        shape[i] = golden_number();
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    size_t bytes = (size_t)sheaf_view_size(&v) * sheaf_dtype_size(dtype);
    v.data = aligned_alloc(64, (bytes + 64) / 64 * 64);
    memcpy(v.data, golden_data + golden_number(), bytes);
    return v;
}

static inline void golden_case_line(void)
{
    struct golden_case *c = &golden_cases[golden_ncases++];
    ck_assert_int_le(golden_ncases, GOLDEN_CASES);
    snprintf(c->function, sizeof c->function, "%s", strtok(NULL, " "));
    c->op = op_find(c->function);
    ck_assert_msg(c->op != NULL, "no function %s", c->function);
    c->nin = (int)golden_number();
    for (int k = 0; k < c->nin; k++) {
        const char *name = strtok(NULL, " ");
        int i = 0;
        while (i < golden_ninputs && strcmp(golden_inputs[i].name, name) != 0)
            i++;
        ck_assert_int_lt(i, golden_ninputs);
        c->in[k] = golden_inputs[i].view;
    }
    sheaf_options_init(&c->options);
    c->options.naxes = (int)golden_number();
    for (int i = 0; i < c->options.naxes; i++)
        c->options.axes[i] = (int)golden_number();
    c->options.keepdims = golden_number() != 0;
    c->options.ddof = (double)golden_number();
    c->nout = (int)golden_number();
    for (int k = 0; k < c->nout; k++)
        c->out[k] = golden_array();
}

/* Called in each test: check runs it in a process of its own. */
static inline void golden_load(void)
{
    char path[1024], line[1024];
    const char *slash = strrchr(__FILE__, '/');
    int directory = slash ? (int)(slash - __FILE__ + 1) : 0;
    size_t n;
    snprintf(path, sizeof path, "%.*sgolden/golden.dat", directory, __FILE__);
    golden_data = file_read(path, &n);
    ck_assert_msg(golden_data != NULL, "cannot read %s", path);
    snprintf(path, sizeof path, "%.*sgolden/golden.txt", directory, __FILE__);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "cannot read %s", path);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        const char *kind = strtok(line, " ");
        if (strcmp(kind, "C") == 0) {
            golden_case_line();
        } else {
            struct golden_input *input = &golden_inputs[golden_ninputs++];
            ck_assert_int_le(golden_ninputs, GOLDEN_INPUTS);
            snprintf(input->name, sizeof input->name, "%s", strtok(NULL, " "));
            input->view = golden_array();
        }
    }
    fclose(f);
    ck_assert_int_gt(golden_ncases, 1000);
}

/* Run op on views with a team of this many threads; outs get fresh memory. */
static inline void call_op(const struct op *op, const sheaf_view *in, const sheaf_options *options, int threads,
                           sheaf_view *outs)
{
    team t = {threads};
    ck_ok(op_infer(op, in, options, outs, error));
    for (int k = 0; k < op->info.nout; k++) {
        size_t bytes = (size_t)sheaf_view_size(&outs[k]) * sheaf_dtype_size(outs[k].dtype);
        outs[k].data = aligned_alloc(64, (bytes + 64) / 64 * 64);
        memset(outs[k].data, 0x5a, bytes);
    }
    ck_ok(op_run(op, in, options, &t, outs, error));
}

static inline void free_outs(const struct op *op, sheaf_view *outs)
{
    for (int k = 0; k < op->info.nout; k++)
        free(outs[k].data);
}

/* "matmul of float64 (3, 4) and int8 (4,)" in one of two static buffers. */
static inline const char *call_text(const struct op *op, const sheaf_view *in, const sheaf_options *options)
{
    static char text[2][1024];
    static int turn;
    char shape[SHAPE_TEXT];
    char *t = text[turn ^= 1];
    int at = snprintf(t, sizeof text[0], "%s of", op->info.name);
    for (int k = 0; k < op->info.nin; k++)
        at += snprintf(t + at, sizeof text[0] - (size_t)at, "%s %s %s", k ? " and" : "", sheaf_dtype_name(in[k].dtype),
                       shape_text(in[k].ndim, in[k].shape, shape));
    for (int k = 0; options && k < options->naxes; k++)
        at += snprintf(t + at, sizeof text[0] - (size_t)at, "%s%d", k ? "," : " axis ", options->axes[k]);
    return t;
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

/* ULPs that the table's accuracy text allows for small inputs such as the golden ones. */
static inline double allowed_ulps(const struct op *op, bool complex)
{
    const char *text = op->info.accuracy, *part = strstr(text, "complex ");
    if (complex && part)
        return strtod(part + 8, NULL);
    if (strncmp(text, "exact", 5) == 0 || strncmp(text, "correctly", 9) == 0 || strncmp(text, "left", 4) == 0)
        return complex ? 2 : 0;
    double stated = strtod(text, NULL);
    return stated > 0 ? stated : 4;
}

#endif
