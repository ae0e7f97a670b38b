#ifndef BENCH_CALL_H
#define BENCH_CALL_H

/* Cases that call one function of the catalogue, by name and through its C door, or a program of the function language,
 * on inputs made for it: the sides ours, bases, limits and Python, and the check of the results. */

#include "harness.h"
#include "inputs.h"

enum call_layout {
    CALL_PLAIN,
    CALL_EVERY_OTHER, /* x[::2], the first input */
    CALL_TRANSPOSED   /* x.T, the first input */
};

enum call_amount {
    CALL_SECONDS,
    CALL_BYTES,    /* GB/s of inputs and outputs */
    CALL_READ,     /* GB/s of inputs */
    CALL_TWICE,    /* GB/s of inputs, each read twice, and outputs */
    CALL_ELEMENTS, /* Gel/s */
    CALL_FLOPS     /* GFLOP/s: for each element of the output as many multiply-adds as the second input has elements */
};

#define CALL_FLAT 99 /* no axis given */

struct call {
    const char *function; /* of a program: what the case calls it */
    const char *program;  /* of x, y, z; NULL: the function */
    /* Of a program: the worst difference of its outputs from plain C, as reference_compare's. */
    double (*plain)(const sheaf_view *inputs, const sheaf_view *outputs);
    int nin; /* those the function does not take are for set and the Python side */
    struct operand in[SHEAF_MAX_INPUTS];
    enum pattern patterns[SHEAF_MAX_INPUTS];
    int64_t lengths[SHEAF_MAX_INPUTS]; /* of inputs that are vectors of their own length; 0: they have the shape */
    int64_t widths[SHEAF_MAX_INPUTS];  /* of those that are matrices: lengths x widths; 0: vectors */
    enum call_layout layout;
    enum call_amount amount;
    int ndim;
    int64_t shape[3]; /* of the other inputs */
    int axis;         /* or CALL_FLAT */
    int threads;      /* 0: the option's */
    bool numpy;       /* its Python side takes part (peers/arrays.py) */
    bool exact;       /* its results are ours to the bit */
    bool anew;        /* every call makes its results: their shape depends on the data */
    void (*set)(sheaf_options *options, int64_t parameter); /* further options */
    int64_t parameter;
    /* The Python side as an expression of x, y, z, np, pd, signal, ndimage; "": NumPy's by the name. */
    char peer[128];
    const char *python; /* the side of peers/language.py that computes `peer`; NULL: peers/arrays.py */
};

/* Parts of a bench_case whose work is a struct call. */
bool call_prepare(const void *work);
bool call_check(const void *work, double *difference);
void call_finish(const void *work);

bool call_ours(const void *work, bool first, double *value);
bool call_one_thread(const void *work, bool first, double *value);
bool call_fast(const void *work, bool first, double *value); /* ours in the fast mode */
bool call_last_axis(const void *work, bool first, double *value);
bool call_numpy(const void *work, bool first, double *value); /* one thread, where `python` has no more */

/* Limits on as many threads and as much memory. */
bool call_read(const void *work, bool first, double *value);
bool call_copy(const void *work, bool first, double *value);
bool call_copy_streamed(const void *work, bool first, double *value);
bool call_triad(const void *work, bool first, double *value);
bool call_triad_streamed(const void *work, bool first, double *value);
bool call_multiply_adds(const void *work, bool first, double *value); /* of the first input's precision */

/* For sides of one's own: the inputs, the first output, and seconds turned into the case's unit. */
const sheaf_view *call_inputs(void);
const sheaf_view *call_output(void);
double call_value(const struct call *call, double seconds);
int call_threads(const struct call *call);
const char *call_unit(const struct call *call);

/* The cases of a program, made by loops. Texts are copied; the work is copied too. Ends the process when it has no
 * memory. */
struct case_list {
    struct bench_case *cases;
    size_t n;
};
struct bench_case *case_add(struct case_list *list, const struct call *call, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* FAMILY/FUNCTION/NAME on one thread, or FAMILY/FUNCTION/NAME_all, beside its Python side (on one thread). */
struct bench_case *case_add_python(struct case_list *list, const struct call *call, const char *family,
                                   const char *name, double goal);
void case_list_free(struct case_list *list);
/* Add a side, or a goal, to the case. */
void case_side(struct bench_case *c, const char *name, enum bench_role role,
               bool (*run)(const void *work, bool first, double *value), int rounds);
void case_goal(struct bench_case *c, enum bench_goal_kind kind, const char *against, double goal);
/* The same of another side of ours. */
void case_goal_of(struct bench_case *c, const char *of, enum bench_goal_kind kind, const char *against, double goal);
/* The side "one thread", and the goal against it where there are more. */
void case_one_thread(struct bench_case *c, double goal);

/* Runs a program of such cases beside a script of benchmarks/peers, and gives all back; returns the exit code. */
int call_main(int argc, char **argv, const char *name, const char *peer_script, struct case_list *list);

#endif
