#ifndef SHEAF_BATCH_JOURNAL_H
#define SHEAF_BATCH_JOURNAL_H

/* The journal of one output, open and locked: what an earlier run left in it, and what this one adds.
 *
 * Threads note how their items fared in lanes of their own, open to the others after each piece of work; now and then
 * one of them gathers all lanes into a block. Before the block is written, what it speaks of is on the disk. A
 * gathering is due when the time since the last is thirty times what that one took: the journal costs at most 3 % of
 * one thread, and a crash loses as little as that allows. */

#include "batch/driver.h"
#include "batch/record.h"
#include <pthread.h>

enum {
    JOURNAL_MOST_FACTS = 48
};
/* Facts that others look for; those of the output's name and history alone are not compared. */
#define JOURNAL_OUTPUT "output"
#define JOURNAL_FILES "names of files"
#define JOURNAL_FUNCTION "function"
#define JOURNAL_HISTORY "history"

struct lane {
    _Alignas(64) struct io_text own; /* of its thread alone, */
    size_t last;                     /* where in it the last record begins, */
    bool goes_on;                    /* and whether its first one is of a slice behind another one */
    pthread_mutex_t lock;
    struct io_text text; /* to be gathered */
    size_t text_last;    /* where in it the last record begins */
};

struct journal {
    struct io_output file; /* without a temporary name */
    unsigned char *bytes;  /* what was in it, pooled */
    size_t size;
    struct contents had;
    bool restart; /* begin anew, whatever it had */
    bool running; /* this run has its RUN block in it */
    bool ended;   /* and its END block */
    bool sync, synced, named;
    bool contents;  /* files are told by what is in them */
    bool marks_end; /* it says END also when no item failed, for what has no values in it */
    char suffix[IO_SUFFIX + 1];
    struct arena arena;
    struct fact facts[JOURNAL_MOST_FACTS];
    size_t nfacts;
    const char *command;
    const char *history; /* of the run that began the output, which this one goes on with; NULL: it said none */
    uint64_t place;      /* of the next block */
    pthread_mutex_t writing;
    struct io_text block;
    struct lane *lanes;
    int nlanes;
    atomic_uint_least64_t due; /* clock at which the lanes are gathered */
    atomic_size_t done;        /* items, by this run */
    bool broken;               /* a write or a sync failed: nothing may follow it. Of who holds `writing` */
    atomic_bool failed;
    sheaf_error error; /* why it could not be written */
};

/* ---- journal.c ---- */

/* Open and lock it; *out is NULL when there is none and `create` does not say to make one. Errors: IO, also for one
 * that another run holds; FORMAT, unless it is to be overwritten; NO_MEMORY. */
sheaf_status journal_open(const char *path, bool create, const sheaf_map_options *options, struct journal **out,
                          sheaf_error *error);
/* What decides the results; the value is copied. */
sheaf_status journal_fact(struct journal *j, const char *key, const char *value, sheaf_error *error);
/* The facts it had; how many. The value of the one of this key, NULL: there is none. */
size_t journal_facts_before(const struct journal *j, struct fact facts[JOURNAL_MOST_FACTS]);
const char *journal_fact_of(const struct fact *facts, size_t n, const char *key);
/* Begin the journal, or see that it is of these facts and items (CONFLICT). Then a run may begin. */
sheaf_status journal_start(struct journal *j, const char *output, const struct items *items, sheaf_error *error);
sheaf_status journal_run(struct journal *j, sheaf_error *error);
/* The output, still under its temporary name (NULL: it has none), is complete. */
sheaf_status journal_finish(struct journal *j, const struct io_output *out, const sheaf_results *results,
                            sheaf_error *error);
/* Whether it had anything to go on from. */
bool journal_is_worth(const struct journal *j);
/* Free what was in it, but for what `had` counts. */
void journal_forget(struct journal *j);
/* Items done, by this run or those before. */
size_t journal_done(const struct journal *j);
/* The end of a run. whole: every item is done and the output stands, so that nothing is left to be said: the journal
 * is removed; so is one of nothing at all. */
sheaf_status journal_close(struct journal *j, bool whole, sheaf_error *error);
/* For sheaf_journal_read: a descriptor is locked by another. */
bool journal_is_locked(int fd);
/* For the rooms of this file: the block that j->block has begun, to the file. */
sheaf_status journal_write(struct journal *j, enum block_kind kind, sheaf_error *error);
/* All of a file, from the pool. */
sheaf_status journal_load(int fd, const char *path, unsigned char **bytes, size_t *n, sheaf_error *error);

/* ---- journal_items.c: called by the driver; nothing is done for a sink without a journal ---- */

/* Where the identity of the item's file k goes, NULL when nobody asks. */
static inline struct io_identity *journal_identity(struct worker *w, int k)
{
    return w->map->sink->journal ? &w->identities[k] : NULL;
}
static inline bool journal_by_contents(const struct worker *w)
{
    return w->map->sink->journal && w->map->sink->journal->contents;
}
/* The slots of items that are done already, and a lane for every worker. */
sheaf_status journal_recall(struct map *m, sheaf_results *results, sheaf_error *error);
/* Item i has ended, its slot tells how. */
void journal_item(struct worker *w, size_t i);
/* A piece of the worker's work has ended: what it noted is open to all, and gathered if that is due. */
void journal_tick(struct worker *w, uint64_t now);
/* Write what the lanes hold, after sync. Not when it is not due, or another thread is at it, unless `now`. */
sheaf_status journal_flush(struct journal *j, const struct sink *sink, bool now, sheaf_error *error);

#endif
