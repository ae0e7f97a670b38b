#ifndef SHEAF_BATCH_DRIVER_H
#define SHEAF_BATCH_DRIVER_H

/* The map driver: runs every item of a batch once and hands its outputs to a sink. */

#include "base/clock.h"
#include "batch/again.h"
#include "batch/budget.h"
#include "batch/isolate.h"
#include "batch/plan.h"
#include "batch/results.h"
#include "batch/slices.h"
#include "batch/transfers.h"
#include "io/io.h"

struct journal;
struct map;
struct record;
struct worker;

/* Where in a file an output's data go. */
struct far_place {
    struct io_output own;        /* the sink's, where every output has a file */
    const struct io_output *out; /* the file */
    uint64_t at;                 /* byte of the first element */
};

/* Where outputs go. Called from all workers at once, each with its own `worker`. */
struct sink {
    void *self;
    /* Give output k of item i, described by view in C order, its memory: set view->data. A sink that says so in
     * `strides` may set the strides too. */
    sheaf_status (*place)(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error);
    /* The item's outputs are complete. A failure is the item's, unless the sink also stops the map. NULL: nothing
     * to do. */
    sheaf_status (*deliver)(void *self, struct worker *w, size_t i, const sheaf_view *outs, sheaf_error *error);
    bool keeps; /* values stay in the results */
    /* Outputs too large for memory, of which there is one: its place in a file, where it is written piece by piece, and
     * then what deliver is to others; with `whole` false it is thrown away. NULL, or in_memory: outputs
     * of any size have memory, as elsewhere. */
    bool in_memory;
    sheaf_status (*open)(void *self, struct worker *w, size_t i, const sheaf_view *view, struct far_place *place,
                         sheaf_error *error);
    sheaf_status (*close)(void *self, struct worker *w, struct far_place *place, bool whole, sheaf_error *error);
    bool elsewhere; /* outputs are computed in memory that is not the map's */
    /* Of a stream, NULL otherwise: told of the map before any item is run, of every item that has ended for good, and
     * when no more will. `ordered`: items are started in the batch's order, and retried at once. */
    bool ordered;
    void (*begin)(void *self, struct map *m, sheaf_results *results);
    void (*ended)(void *self, size_t i);
    void (*end)(void *self);
    /* Of a sink with a journal, NULL otherwise: what it has to say about an item that is done (NULL: nothing), whether
     * such an item of an earlier run is still there, its values being put back where they were, and how all that was
     * delivered gets to the disk (NULL: it is in the records). */
    struct journal *journal;
    bool (*record)(void *self, struct io_text *t, const sheaf_view *outs, int nout);
    bool (*recall)(void *self, sheaf_results *results, size_t i, const struct record *record);
    sheaf_status (*sync)(void *self, sheaf_error *error);
};

/* Keep an output in the results: the sink of sheaf_map, and what other sinks that keep values call. */
sheaf_status keep_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error);

struct sheaf_output {
    struct worker *worker;
    size_t index;
    int count;
    bool too_many;
    sheaf_view views[SHEAF_MAX_OUTPUTS];
};

/* What one thread has to itself. */
struct worker {
    _Alignas(64) struct map *map;
    struct io_buffer buffer;                    /* the file at hand */
    struct io_buffer more[ITEM_MAX_INPUTS - 1]; /* its item's other ones */
    struct arena *arena;                        /* the results' */
    struct result *first;                       /* outputs kept of the item at hand */
    bool pooled;
    void *scratch; /* for sinks: one output of the item at hand */
    size_t scratch_size;
    size_t done; /* these four: not yet added to the map's totals */
    uint64_t bytes_in, bytes_out;
    double done_cost;
    uint64_t held; /* of the budget */
    /* the item at hand */
    bool admitted, too_large;
    uint64_t bytes;      /* of its input */
    double cost;         /* estimated ns, 0 where nobody asks */
    bool transient;      /* why it failed may be over by the next attempt */
    sheaf_attempt times; /* for the trace */
    struct trace trace;
    size_t *parked; /* files to be run wide at the end */
    size_t nparked, parked_capacity;
    char name[SHEAF_NAME_MAX]; /* of an item without one */
    sheaf_error error;
    sheaf_view inputs[ITEM_MAX_INPUTS];
    const char *dims[ITEM_MAX_INPUTS]; /* names of their dimensions, where the function asks for them */
    struct io_text dims_text[ITEM_MAX_INPUTS];
    struct io_identity identities[ITEM_MAX_INPUTS]; /* of their files, when there is a journal */
    struct sheaf_output output;
    struct func_call call;
    struct isolated isolated;
    struct sliced sliced; /* the cut file at hand */
};

/* At least size bytes, aligned, of the worker's own; NULL: no memory. */
void *worker_scratch(struct worker *w, size_t size);

enum map_stop {
    MAP_RUNS,
    MAP_HALTED,
    MAP_CANCELLED,
    MAP_UNWRITABLE,
    MAP_NO_WORKER
};

struct map {
    const sheaf_func *func;
    const struct items *items;
    sheaf_map_options options;
    const struct sink *sink;
    struct slot *slots;
    struct worker *workers;
    struct slicing slicing;
    struct isolation *isolation; /* NULL: items are computed here */
    struct transfers *transfers; /* NULL: no item is a URL */
    struct budget *budget;       /* NULL: nobody counts, within a worker process */
    team team;
    struct plan plan;
    double known_cost;    /* of items in memory, ns */
    float *costs;         /* theirs, one by one, when the caller wants to know how far the map is */
    size_t failure_limit; /* 0: none */
    uint64_t started;
    size_t wide; /* items that ended so */

    _Alignas(64) atomic_size_t next; /* the ready queue: a position in the plan's order */
    _Alignas(64) atomic_int stop;    /* enum map_stop */
    atomic_size_t failed;
    atomic_size_t done;
    size_t resumed; /* of those done: by an earlier run */
    atomic_uint_least64_t bytes_in, bytes_out, done_cost;
    struct again again;       /* behind the ready queue */
    atomic_size_t trace_room; /* attempts that may still be kept */
    /* Files met so far, their cost, and the cost of the parked ones among them, ns. */
    atomic_size_t files_seen;
    atomic_uint_least64_t files_cost, parked_cost;
    atomic_bool gather; /* of an ordered map: an item waits for the whole team, and nobody takes further ones */
    atomic_flag reporting;
    atomic_uint_least64_t reported; /* clock at the last progress call */
};

/* Copy and check options (NULL: defaults). */
sheaf_status map_options(const sheaf_map_options *options, sheaf_map_options *out, sheaf_error *error);
/* Threads a map of n items asks for: items that cannot be shared leave the other threads to the callbacks. */
int map_threads(const sheaf_func *func, size_t n, const sheaf_map_options *options);
/* Run the map. *out gets the slots whenever it ran. options are checked ones. */
sheaf_status map_run(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                     const struct sink *sink, sheaf_results **out, sheaf_error *error);

/* ---- admit.c: the memory of items ---- */

/* Files of an item that are open, and the buffers they are read into: of the first, those of the others are w->more. */
struct opened {
    struct io_input in[ITEM_MAX_INPUTS];
    int n;
    struct io_buffer *buffer;
};
/* What the outputs and scratch of w->call take, outs being as func_call_begin gave them. */
uint64_t admit_need(const struct worker *w, const sheaf_view *outs);
/* Let item i in, which needs so much memory: wait until it is free, with buffers of no more than what was read of the
 * files (NULL: none are open). The time is not the item's: t's deadline moves. NO_MEMORY when it can never be. */
sheaf_status admit(struct worker *w, size_t i, uint64_t need, struct opened *files, team *t);
/* Memory that the item turns out to take besides. */
void admit_more(struct worker *w, uint64_t bytes);
/* The item has ended: keep its buffers if they are small and nobody waits. */
void admit_end(struct worker *w);
/* Give everything back. */
void admit_clear(struct worker *w);

/* Start no further item. */
void map_stop(struct map *m, enum map_stop why);
bool map_stopped(struct map *m);

/* clock_ns() by which an item that starts now must be done; 0: whenever. */
static inline uint64_t map_deadline(const struct map *m)
{
    return m->options.timeout > 0 ? clock_ns() + (uint64_t)(m->options.timeout * 1e9) : 0;
}

/* Add the worker's counts to the map's, and tell the caller how far it is. */
void map_note(struct map *m, struct worker *w, uint64_t now, bool last);
/* How the map ran, when it has ended. */
void map_report(struct map *m, sheaf_results *r);

/* Run item i on a team; m's totals and the slot are updated. */
void run_item(struct worker *w, size_t i, const team *t, bool wide);
/* Read an opened file of the item at hand into buffer. Closes it. */
sheaf_status read_file(struct worker *w, struct io_input *in, struct io_buffer *buffer, sheaf_view *view,
                       const team *t);
/* Note the names of its dimensions, as of array k, if the function asks for such. */
sheaf_status read_dims(struct worker *w, int k, const struct io_input *in);
void read_clear(struct worker *w);
/* ---- open.c: file k of item i, or what was fetched of the URL that it is ---- */

sheaf_status open_path(struct worker *w, size_t i, int k, struct io_buffer *buffer, struct io_input *in);
/* Its header for the plan; not *known: a pipe, or nothing that can be read, of which opening it will tell. The error is
 * that of a URL that was not fetched. */
sheaf_status describe_path(struct worker *w, size_t i, int k, sheaf_file_info *info, bool *known);

/* Compute an item from w->inputs, within this process. */
sheaf_status item_compute(struct worker *w, size_t i, const char *name, int n, const team *t);
/* Estimated cost of reading this many bytes of a file, ns. */
static inline double reading_cost(uint64_t bytes)
{
    return 0.1 * (double)bytes;
}

#endif
