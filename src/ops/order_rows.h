#ifndef SHEAF_OPS_ORDER_ROWS_H
#define SHEAF_OPS_ORDER_ROWS_H

/* Between the files of sort and its kin. */

#include "ops/order.h"
#include <stdatomic.h>

enum rank_method {
    RANK_ordinal,
    RANK_average,
    RANK_min,
    RANK_max,
    RANK_dense
};

struct order {
    enum order_kind kind;
    enum rank_method method;
    int64_t kth;
    const team *t;
    bool team_in_rows;       /* rows in turn, each by the team */
    enum kdtype source, key; /* rows are gathered as source */
    size_t n, out_n;         /* elements of a row, and of its result */
    size_t source_size;      /* that of keys, but in sort */
    size_t store_size;       /* of the values or places that store takes */
    int64_t out_step;
    bool out_direct; /* a result lies contiguous */
    const struct kernels *k;
    grid_cast *load, *store;
    struct grid inner; /* the axis; operand 0 the input */
    struct grid rows;  /* the others; operand 0 the input, 1 the output */
    char *base[2];
    size_t scratch_bytes;
    atomic_int no_memory;
};

/* One row, and the team that works on it. */
struct order_row {
    const struct order *o;
    const team *t;
    char *in, *out;
    char *scratch;
};

/* Elements [start, start + n) of the row, and of its result. */
void order_load(const void *row, size_t start, size_t n, void *to);
void order_store(const struct order_row *r, size_t start, size_t n, const void *from);
/* The row's keys, to be loaded to the start of the scratch; loaded there. */
struct keys order_keys(const struct order_row *r);
struct keys order_loaded_keys(const struct order_row *r);

/* False: no memory. */
bool argsort_row(const struct order_row *r);
bool rank_row(const struct order_row *r);
bool partition_row(const struct order_row *r);
bool topk_row(const struct order_row *r);

#endif
