#ifndef SHEAF_BATCH_FUNC_H
#define SHEAF_BATCH_FUNC_H

/* What a map runs: a catalogue function with its options, or a callback. */

#include "ops/ops.h"

struct sheaf_func {
    const struct op *op; /* NULL: a callback */
    sheaf_options options;
    sheaf_callback *callback;
    void *user;
    struct plugin *plugin; /* that the callback runs, or NULL; owned */
    int nin, nout;
    char *name;                       /* for messages */
    char *outputs[SHEAF_MAX_OUTPUTS]; /* nout of them */
};

/* Whether an item of n arrays is what the function takes. Not for callbacks. */
static inline bool func_takes(const sheaf_func *func, int n)
{
    return n == func->nin || (func->nin == SHEAF_MANY && n > 0);
}
/* Whether headers tell the shapes of the outputs. */
static inline bool func_is_known(const sheaf_func *func)
{
    return func->op && !op_varies(func->op);
}

#endif
