#ifndef SHEAF_LANG_COMPILED_H
#define SHEAF_LANG_COMPILED_H

/* A program for inputs of certain dtypes and shapes: instructions on values, and the steps they run in. */

#include "lang/ast.h"
#include "ops/fuse.h"

enum instruction_kind {
    INSTRUCTION_INPUT, /* these three need nothing run */
    INSTRUCTION_COUNT, /* the item's number */
    INSTRUCTION_CONSTANT,
    INSTRUCTION_SLICE, /* basic indexing: a view */
    INSTRUCTION_SIZE,  /* how many elements a value has, where only running tells */
    INSTRUCTION_CALL,
    INSTRUCTION_FOREIGN
};

/* One of the indices of a slice. */
enum index_kind {
    INDEX_KEEP, /* the whole axis */
    INDEX_NEW,
    INDEX_AT,
    INDEX_RANGE
};
struct index {
    enum index_kind kind;
    int64_t start, stop, step; /* Python's, the absent ones filled in */
};

struct instruction {
    enum instruction_kind kind;
    const struct op *op; /* of a call */
    const struct foreign *foreign;
    sheaf_options *options; /* NULL: the defaults */
    int nin, *in;           /* values */
    int weights, edges;     /* values, or -1 */
    bool late;              /* checked again when it runs, on shapes that only running tells */
    int nindices;
    struct index *indices;
    int first, nout;       /* values it makes */
    bool link;             /* steps.c: it can run in a pass, */
    struct fuse_axes axes; /* or end one that goes over these */
    int stage;             /* those of a stage need none of it but through elementwise work on one shape */
    struct span here;
};

struct value {
    sheaf_view view; /* dtype and shape; data of constants */
    int instruction;
    int root;         /* the value whose memory it may show; itself */
    bool varies;      /* only running tells its shape, which is no larger than view's */
    int output;       /* the output that is computed in its place, or -1 */
    int uses;         /* by instructions and outputs; less those within its own pass, once there is one */
    int last;         /* step of the last use of its memory */
    bool inside;      /* it lives in tiles only */
    const char *dims; /* names of its dimensions (dims.c), or NULL */
};

/* One instruction, or several in one pass. */
struct step {
    int n;
    const int *instructions;
    struct fuse *fuse; /* NULL: one after the other. A single instruction runs so only if it is fed */
    const int *inputs; /* of the pass: values */
    const int *made;   /* by its ends: the values, in the order of the outputs of fuse_run */
    int nmade;
    const int *done; /* values whose memory nothing needs from here on */
    int ndone;
};

struct compiled {
    struct compiled *next; /* in the program's list */
    bool kept;             /* by the program: not to be freed by its user */
    const struct tree *tree;
    int nin;
    sheaf_view *inputs; /* the signature: dtypes and shapes, */
    const char **dims;  /* and names of dimensions, where the text may use them */
    int ninstructions, nvalues, nsteps;
    struct instruction *instructions;
    struct value *values;
    struct step *steps;
    int nout, outputs[SHEAF_MAX_OUTPUTS]; /* values */
    int parts[SHEAF_MAX_OUTPUTS];         /* of each output statement: its first output */
    double cost;                          /* ns on one thread */
    bool unfused;                         /* for tests: every instruction by itself */
    size_t scratch;                       /* the most bytes of values between steps */
    struct arena arena;
};

/* ---- while it is made ---- */

enum {
    MOST_VALUES = 2048
};

enum bound_kind {
    BOUND_VALUES, /* of an instruction: usually one */
    BOUND_WEAK,
    BOUND_LIST, /* the node's children */
    BOUND_WORD, /* a string, None, … : the node */
};
/* What a node has become. */
struct bound {
    enum bound_kind kind;
    int first, n; /* values */
    struct weak weak;
    const struct node *node;
    const struct bound *items; /* of a list that was computed, as x.shape: n of them */
};

struct binder {
    const struct tree *tree;
    struct compiled *c;
    struct bound *variables;
    const struct bound **seen; /* what nodes have become already */
    int capacity_values, capacity_instructions;
    sheaf_error *error;
    sheaf_status status;
};

/* All that follow return false when b->status is set. */
bool bind_node(struct binder *b, const struct node *n, struct bound *out);
/* One value of what was bound: literals and lists become constants of this dtype (SHEAF_DTYPE_COUNT: their own). */
bool bind_value(struct binder *b, const struct bound *x, sheaf_dtype dtype, const struct node *n, int *value);
bool bind_index(struct binder *b, const struct node *n, struct bound *out);
bool bind_attribute(struct binder *b, const struct node *n, struct bound *out);
/* An integer that is known before anything is read. */
bool bind_integer(struct binder *b, const struct node *n, const char *what, int64_t *value);
bool bind_refuse(struct binder *b, struct span here, sheaf_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void *bind_alloc(struct binder *b, size_t size); /* in the arena, zeroed */

/* A call's arguments that are no inputs, into options; value ids of weights and edges. `from`: the first argument that
 * is none of the inputs. */
struct call {
    const struct node *node;
    const struct op *op;
    sheaf_options *options; /* NULL until one is given */
    int weights, edges;
    int x; /* the value it works on, -1 while there is none */
};
bool bind_options(struct binder *b, struct call *call, const struct node *from);

/* dims.c: names of the result's dimensions, and the dimension that is called as the string says. */
const char *dims_of_call(struct binder *b, const struct call *call, int nin, const int *in, const sheaf_view *out);
bool dims_find(struct binder *b, const struct call *call, const struct node *n, int *axis);

/* The instruction, or one made before that does the same. *first: its first value. */
bool emit_call(struct binder *b, const struct call *call, int nin, const int *in, int *first);
bool emit_slice(struct binder *b, int x, int n, const struct index *indices, struct span here, int *value);
bool emit_size(struct binder *b, int x, struct span here, int *value);
bool emit_foreign(struct binder *b, const struct foreign *f, int x, struct span here, int *value);
bool emit_constant(struct binder *b, const sheaf_view *view, int *value);
/* x seen so. */
sheaf_status slice_view(const sheaf_view *x, int n, const struct index *indices, sheaf_view *out, sheaf_error *error);

bool compile_inputs(struct binder *b, int nin, const sheaf_view *in, const char *const *dims);
bool compile_steps(struct binder *b);

/* ---- what runs it ---- */

struct running {
    const struct compiled *c;
    const sheaf_view *in;
    int64_t index;
    const team *team;
    sheaf_view *outs;
    const struct placer *placer; /* NULL: no output varies */
    const struct far *far;       /* NULL: all is in memory */
    sheaf_error *error;
};
sheaf_status compiled_run(const struct running *r);
/* far.c: whether the step works on what is far, and how it then runs. */
bool far_uses(const struct running *r, const struct step *s);
sheaf_status far_pass(const struct running *r, const struct step *s, const sheaf_view *in, const sheaf_view *outs,
                      sheaf_error *error);
void compiled_free(struct compiled *c);

#endif
