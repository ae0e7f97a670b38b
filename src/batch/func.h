#ifndef SHEAF_BATCH_FUNC_H
#define SHEAF_BATCH_FUNC_H

/* What a map runs: a catalogue function with its options, a program of the language, or a callback. */

#include "lang/lang.h"

#define FUNC_MAX_INPUTS 16

struct sheaf_func {
    const struct op *op; /* at most one of these two; neither: a callback */
    struct program *program;
    sheaf_options options;
    sheaf_callback *callback;
    void *user;
    struct plugin *plugins[LANG_MOST_FOREIGN]; /* that it runs; owned */
    int nplugins;
    int nin, nout;                       /* nin: arrays of an item */
    sheaf_array *bound[FUNC_MAX_INPUTS]; /* of a program: by number of the name; NULL: the items' */
    bool elementwise;                    /* a callback whose outputs have the dimensions of its first input */
    char *name;                          /* for messages */
    char *outputs[SHEAF_MAX_OUTPUTS];    /* nout of them */
};

/* A program with these functions beside the catalogue's; its only output is called `name`, unless that is NULL. */
sheaf_status func_program(const char *text, int nnames, const char *const *names, int nforeign,
                          const struct foreign *foreign, const char *name, sheaf_func **out, sheaf_error *error);
/* The user's own function that func is, for other programs to call; false: it is none, or a callback. */
bool func_foreign(const sheaf_func *func, struct foreign *out);
struct foreign func_foreign_of(const struct plugin *p);
/* The function that a plugin is. It becomes p's owner, also when this fails. */
sheaf_status func_of_plugin(struct plugin *p, sheaf_func **out, sheaf_error *error);

/* Whether headers tell what it makes of an item, but for shapes that depend on the data. */
static inline bool func_is_computed(const sheaf_func *func)
{
    return func->op || func->program;
}
/* Whether an item of n arrays is what the function takes. Of computed ones. */
static inline bool func_takes(const sheaf_func *func, int n)
{
    return n == func->nin || (func->nin == SHEAF_MANY && n > 0);
}
/* Whether headers tell the shapes of the outputs. */
bool func_is_known(const sheaf_func *func);
/* Estimated nanoseconds on an item of n arrays, on one thread; of what is taken. */
double func_cost(const sheaf_func *func, int n, const sheaf_view *in);
/* Whether it calls axes by the names of dimensions, which are then to be told. */
bool func_names_axes(const sheaf_func *func);
/* Whether a team can share one call. */
bool func_divisible(const sheaf_func *func);

/* The origins (ops/ops.h) of output k's dimensions in the arrays of an item; dims as of a
 * func_call; *known is false where nobody knows. */
sheaf_status func_origins(const sheaf_func *func, int n, const sheaf_view *in, const char *const *dims, int k,
                          struct origin origins[SHEAF_MAX_NDIM], bool *known, sheaf_error *error);

/* As sheaf_func_explain; dims as of a func_call. */
sheaf_status func_explain(const sheaf_func *func, int n, const sheaf_view *in, const char *const *dims,
                          sheaf_write_fn *write, void *user, sheaf_error *error);

/* A computed function and the arrays of one item: checked, and what is made of them. */
struct func_call {
    const sheaf_func *func;
    const struct compiled *compiled;
    int n;
    sheaf_view in[FUNC_MAX_INPUTS]; /* the item's, and those bound to names */
    double cost;                    /* ns */
    size_t scratch;                 /* bytes */
    bool varies[SHEAF_MAX_OUTPUTS]; /* its shape is known from the data only */
    const char *const *dims;        /* names of the item's arrays' dimensions, as program_compile takes them, or NULL */
};
/* outs as op_infer gives them; call->dims is the caller's. func_call_end when it has returned OK. func_call_run gives
 * TIMEOUT when the team's deadline has passed. */
sheaf_status func_call_begin(struct func_call *call, const sheaf_func *func, int n, const sheaf_view *in,
                             sheaf_view *outs, sheaf_error *error);
sheaf_status func_call_run(const struct func_call *call, size_t index, const team *t, sheaf_view *outs,
                           const struct placer *placer, sheaf_error *error);
void func_call_end(struct func_call *call);

#endif
