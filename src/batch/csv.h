#ifndef SHEAF_BATCH_CSV_H
#define SHEAF_BATCH_CSV_H

/* Results as CSV text, row by row. */

#include "batch/results.h"
#include "io/io.h"

struct csv {
    const sheaf_results *results; /* of the rows */
    char *const *names;           /* of the outputs, */
    int nout;
    sheaf_write_fn *write;
    void *user;
    struct io_text text;
    int64_t width[SHEAF_MAX_OUTPUTS]; /* columns of each output */
    bool scalar[SHEAF_MAX_OUTPUTS];   /* every item's is a number: the column has the bare name */
};

sheaf_status csv_header(struct csv *c, sheaf_error *error);
/* Item i's, handed on now and then; */
sheaf_status csv_row(struct csv *c, size_t i, sheaf_error *error);
/* and all that is not handed on yet, if it is at least so many bytes. */
sheaf_status csv_flush(struct csv *c, size_t least, sheaf_error *error);

#endif
