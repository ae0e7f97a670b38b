#ifndef SHEAF_BATCH_STREAM_H
#define SHEAF_BATCH_STREAM_H

/* A map that runs in a thread of its own, and its results, fetched one by one. */

#include "batch/driver.h"

struct csv;

struct sheaf_stream {
    const sheaf_func *func;
    const sheaf_batch *batch;
    sheaf_map_options options;
    const struct csv *csv;
    struct sink sink;
    pthread_t runner;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock: */
    struct map *map; /* while it runs */
    sheaf_results *results;
    bool finished, closed;
    size_t *arrived; /* of options.arrival: items in that order, */
    size_t narrived, fetched;
    sheaf_status status;
    sheaf_error error;
    atomic_size_t position; /* the item to be fetched next; after all that arrived, where to look for skipped ones */
};

/* options are checked. csv (may be NULL): results must fit its columns. */
sheaf_status stream_open(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                         const struct csv *csv, sheaf_stream **out, sheaf_error *error);
/* Whether the next result would not be waited for. */
bool stream_ready(sheaf_stream *s);
/* Wait for the next item that has ended; false: there is none. Its slot is the consumer's until stream_release, which
 * gives back what is left of its results. */
bool stream_wait(sheaf_stream *s, size_t *i);
void stream_release(sheaf_stream *s, size_t i);

#endif
