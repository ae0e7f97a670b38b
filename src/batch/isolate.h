#ifndef SHEAF_BATCH_ISOLATE_H
#define SHEAF_BATCH_ISOLATE_H

/* Items that worker processes compute. Each thread of a map has a worker of its own, started when its first item comes.
 */

#include "batch/items.h"
#include "batch/recipe.h"
#include "par/par.h"
#include "worker/worker.h"

struct map;
struct worker;

/* What the workers of one map share. */
struct isolation {
    char program[PATH_MAX];
    struct packet hello;
    int fds[1 + LANG_MOST_FOREIGN]; /* the function, in memory; its plugins', which are its own */
    int nfds;
    atomic_flag failed; /* some worker could not be started: why */
    sheaf_error error;
};

/* One thread's worker, and what the two say to each other. Zeroed: not started. */
struct isolated {
    struct worker_process process;
    struct packet question, answer;
    uint64_t asked; /* questions so far: an answer says which it answers */
};

/* An array of an item up to this many bytes goes with the message, as long as there is room. */
#define ISOLATE_HERE ((size_t)32 << 10)
/* So does an output up to this many bytes. */
#define ISOLATE_OUTPUT_HERE ((size_t)4 << 10)
/* Arrays in the worker's file begin at multiples of this, so that they can be mapped. */
#define ISOLATE_PAGE ((uint64_t)65536)

/* Whether the options want this function isolated. Errors: UNSUPPORTED for a callback within this process. */
sheaf_status isolation_wanted(const sheaf_func *func, const sheaf_map_options *options, bool *wanted,
                              sheaf_error *error);
/* Find the program, and start the first worker: what is wrong with it is found before anything is computed. */
sheaf_status isolation_begin(struct isolation *s, const sheaf_func *func, struct worker *first, sheaf_error *error);
/* End the workers of these n threads, and forget them. *error, and its status, when one could not be started meanwhile.
 */
sheaf_status isolation_end(struct isolation *s, struct worker *workers, int n, sheaf_error *error);

/* Whether the item is a file, or several, that a worker opens itself. Not so a name of one of this process's
 * descriptors, nor what --read tells of: they are read here, and go on as arrays. */
bool isolate_opens(const struct items *items, const struct item *item);
/* Compute item i in w's worker, which opens its files, or gets the arrays w->inputs. The outputs are placed and
 * described as those of an item computed here. deadline: of clock_ns(), 0 for none. A worker that dies fails the item
 * (CRASHED, or TIMEOUT at the deadline); one that cannot be started also stops the map. */
sheaf_status isolate_run(struct worker *w, size_t i, const char *name, const team *t, uint64_t deadline);

#endif
