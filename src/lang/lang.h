#ifndef SHEAF_LANG_H
#define SHEAF_LANG_H

/* The function language (docs/language.md): a text is parsed and checked once, typed and laid out once for each
 * signature of inputs, then run by any number of threads. */

#include "ops/ops.h"

struct program;
struct compiled;

/* A function of the user's own, which programs call by its name: of the elements of one array, in C order and of this
 * dtype, to one number or to as many elements. Any number of threads call it. */
struct foreign {
    const char *name;
    sheaf_dtype dtype;
    bool scalar;
    void (*call)(const void *self, const void *x, size_t n, void *y);
    const void *self;
};

enum {
    LANG_MOST_FOREIGN = 16
};

/* names: of the arrays it works on, in the order of the inputs. */
sheaf_status program_parse(const char *text, int nnames, const char *const *names, int nforeign,
                           const struct foreign *foreign, struct program **out, sheaf_error *error);
void program_free(struct program *p);
/* For tests: every instruction by itself, with the same bits. Before the first signature. */
void program_set_unfused(struct program *p);
const char *program_text(const struct program *p);
int program_nin(const struct program *p);
const char *program_input_name(const struct program *p, int k);
/* The name that the text has for input k, and, where it is x['part'], that part; else NULL. */
const char *program_input_base(const struct program *p, int k, const char **part);
/* Whether the shape of something in it may depend on the data, as far as the text tells. */
bool program_may_vary(const struct program *p);
/* Whether it may call axes by the names of dimensions. */
bool program_names_axes(const struct program *p);
/* Whether a team can share all that it calls. */
bool program_divisible(const struct program *p);
/* Outputs: their number follows from the text alone (a function with several is as many outputs). */
int program_nout(const struct program *p);
const char *program_output_name(const struct program *p, int k);

/* For inputs of these dtypes and shapes; data is not looked at. Made once for each signature and kept. dims: of each
 * input the names of its dimensions, a line end behind each; NULL: not known, also of all of them. */
sheaf_status program_compile(const struct program *p, const sheaf_view *in, const char *const *dims,
                             const struct compiled **out, sheaf_error *error);
void compiled_release(const struct compiled *c);
/* Output k; of one that varies the largest it can be. */
void compiled_output(const struct compiled *c, int k, sheaf_view *out);
bool compiled_varies(const struct compiled *c, int k);
/* Its dimensions' origins in the inputs, as op_origins has them; false: no memory. */
bool compiled_origins(const struct compiled *c, int k, struct origin origins[SHEAF_MAX_NDIM]);
double compiled_cost(const struct compiled *c);    /* ns on one thread */
size_t compiled_scratch(const struct compiled *c); /* bytes between steps, at most */

/* outs as compiled_output describes them, with data and with any strides; those that vary are placed by the placer,
 * and left in outs. index: the item's number. */
sheaf_status program_run(const struct compiled *c, const sheaf_view *in, int64_t index, const team *t, sheaf_view *outs,
                         const struct placer *placer, sheaf_error *error);

/* Inputs and outputs of which memory holds parts only: C-ordered, at addresses that are merely reserved. A part is runs
 * of `length` bytes, `pitch` bytes apart, `offset` bytes behind the data. */
struct far_part {
    size_t offset, runs, length, pitch;
};
struct far {
    void *self;
    size_t bytes;             /* of all of them, about so many at once */
    uint64_t inputs, outputs; /* bit k: number k is one */
    sheaf_status (*fetch)(void *self, int input, const struct far_part *part, sheaf_error *error);
    sheaf_status (*written)(void *self, int output, const struct far_part *part, sheaf_error *error);
    void (*drop)(void *self, int input, const struct far_part *part); /* it has been read */
};
/* Whether output k is made in the order of a pass over its elements, so that it can be far; and the number of the
 * input that it is, as it is, which no pass makes; -1: it is none. */
bool program_streams(const struct compiled *c, int k);
int program_input_of(const struct compiled *c, int k);
/* Whether the program can run so: what goes over them are passes, and what they make is small, or such an output. Else
 * UNSUPPORTED, with the place. */
sheaf_status program_check_far(const struct compiled *c, const struct far *far, sheaf_error *error);
/* As program_run, on what passes program_check_far. */
sheaf_status program_run_far(const struct compiled *c, const sheaf_view *in, int64_t index, const team *t,
                             sheaf_view *outs, const struct far *far, sheaf_error *error);

/* The steps as text, a line each: what is read, computed and written in one pass, and how many bytes that moves. */
sheaf_status program_explain(const struct compiled *c, sheaf_write_fn *write, void *user, sheaf_error *error);

#endif
