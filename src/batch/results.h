#ifndef SHEAF_BATCH_RESULTS_H
#define SHEAF_BATCH_RESULTS_H

/* One slot per item. Small outputs and messages live in arenas that the worker threads filled and the results own
 * now; big outputs are pool buffers. */

#include "batch/func.h"
#include "batch/items.h"

/* One output of one item. */
struct result {
    struct result *next; /* the item's next output */
    void *data;
    size_t pooled; /* size given to pool_get; 0: data lives in an arena */
    uint8_t output, dtype, ndim;
    bool taken;
    int64_t shape[]; /* ndim of them */
};

struct slot {
    struct result *outputs;
    const char *message; /* NULL for OK and for items never started */
    uint8_t status;      /* sheaf_status */
    bool met;            /* a file whose cost was noted */
    bool ended;          /* for good, of a stream */
    uint32_t attempts;
};

/* The attempts of one thread, for sheaf_results_attempt_at. */
struct trace {
    sheaf_attempt *at;
    size_t n, capacity, lost;
};
/* room: attempts that all threads of the map may still keep. */
void trace_add(struct trace *t, atomic_size_t *room, const sheaf_attempt *attempt);

struct sheaf_results {
    struct slot *slots; /* one per item, from the pool */
    size_t n, slots_size;
    struct items *items; /* for names */
    int nout;
    char *names[SHEAF_MAX_OUTPUTS];
    struct arena *arenas; /* one of each thread; */
    struct trace *traces; /* the same, NULL without a trace */
    int narenas;
    bool pooled; /* some output is a pool buffer */
    bool kept;   /* values were kept */
    size_t failed;
    char skipped[96]; /* why items were not run */
    bool cancelled;
    sheaf_map_report report;
};

/* Outputs up to this many bytes live in an arena. */
#define RESULT_SMALL 4096
/* The same where results go before the map ends: what arenas hold stays. */
#define RESULT_TINY 64

/* A new output as described by view (C order, data not set), which gets its address: the item's k-th. They may come in
 * any order. Up to `small` bytes are in the arena. */
sheaf_status result_new(struct arena *arena, struct result **list, int k, size_t small, sheaf_view *view,
                        sheaf_error *error);
/* Give the pool buffers of a list of outputs back. */
void result_drop(struct result *list);

/* Slots of all items, none of them run yet. */
sheaf_status results_new(const sheaf_func *func, struct items *items, int narenas, sheaf_results **out,
                         sheaf_error *error);

/* The first failed (not merely skipped) item, or n. */
size_t results_first_failed(const sheaf_results *results);
/* Check that all kept k-th outputs agree; *first is one that has it, or n when no item has. SHAPE otherwise. */
sheaf_status results_uniform(const sheaf_results *results, int k, size_t *first, sheaf_view *signature,
                             sheaf_error *error);

/* "float64 (3, 4)"; returns text. */
#define VIEW_TEXT 400
char *view_text(const sheaf_view *view, char text[VIEW_TEXT]);
/* One element that is NaN, seen as a view of the shape of like; room holds it. */
sheaf_view view_of_nan(const sheaf_view *like, double room[2]);
bool has_nan(sheaf_dtype dtype);
/* Same dtype and shape. */
bool same_signature(const sheaf_view *a, const sheaf_view *b);

#endif
