#ifndef SHEAF_BATCH_FUNC_H
#define SHEAF_BATCH_FUNC_H

/* What a map runs: a catalogue function with its options, or a callback. */

#include "ops/ops.h"

struct sheaf_func {
    const struct op *op; /* NULL: a callback */
    sheaf_options options;
    sheaf_callback *callback;
    void *user;
    int nin, nout;
    char *name;                       /* for messages */
    char *outputs[SHEAF_MAX_OUTPUTS]; /* nout of them */
};

#endif
