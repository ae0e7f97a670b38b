#ifndef SHEAF_BATCH_PREVIEW_H
#define SHEAF_BATCH_PREVIEW_H

/* What a batch holds and what a function makes of it, from headers alone. */

#include "batch/func.h"
#include "batch/items.h"
#include "io/io.h"

struct preview {
    /* given: */
    uint64_t memory; /* that items may need; 0: any */
    bool isolated;
    /* made: */
    size_t readable, unreadable, too_large;
    size_t unknown; /* URLs */
    uint64_t bytes_in, bytes_out;
    uint64_t largest_need;              /* of memory, of the items that are not too large */
    size_t first;                       /* the first readable item; the number of items when there is none */
    sheaf_view outs[SHEAF_MAX_OUTPUTS]; /* its outputs, when func is of the catalogue */
    size_t other; /* the first item whose outputs differ from those; the number of items when there is none */
    sheaf_view other_outs[SHEAF_MAX_OUTPUTS];
    size_t problem;    /* the first unreadable item; the number of items when there is none */
    sheaf_error error; /* of that one */
};

/* Look at every item, a team at once. costs (may be NULL) gets each item's cost in nanoseconds, negative for
 * unreadable ones. */
sheaf_status preview_make(const sheaf_func *func, const struct items *items, const team *t, struct preview *p,
                          float *costs, sheaf_error *error);
/* The origins of output k of item i, as func_origins has them, and the dtype of its first array. */
sheaf_status preview_origins(const sheaf_func *func, const struct items *items, size_t i, int k,
                             struct origin origins[SHEAF_MAX_NDIM], bool *known, sheaf_dtype *dtype,
                             sheaf_error *error);
/* The outputs of one item; buffer is for its header, and keeps a container for the next. */
sheaf_status preview_item(const sheaf_func *func, const struct items *items, size_t i, uint64_t *bytes, double *cost,
                          size_t *scratch, struct io_buffer *buffer, sheaf_view *outs, sheaf_error *error);

#endif
