#ifndef SHEAF_CLI_MAP_H
#define SHEAF_CLI_MAP_H

/* `sheaf map`: map.c understands the request, with map_function.c for what is to be computed; map_run.c runs it, and
 * map_report.c tells how it went. */

#include "inputs.h"
#include "progress.h"
#include <sheaf/io.h>
#include <sheaf/map.h>

enum {
    MAP_MOST_NAMES = 16 /* x and those of --with */
};

struct map_request {
    const char *function, *program;  /* program: the file it is in */
    char *text;                      /* of that file */
    struct paths use;                /* FILE.c */
    struct paths with;               /* NAME=FILE */
    const char *each;                /* the axis whose slices are items; NULL: none */
    const sheaf_function_info *info; /* of a bare name, else NULL */
    sheaf_func *func;
    struct fetching fetching; /* of URLs */
    struct inputs inputs;
    struct paths paths;  /* the inputs, expanded; of --join what they are together called */
    const char *join;    /* along what the inputs are one array; NULL: each is one */
    struct paths joined; /* those inputs */
    sheaf_batch *batch;  /* the items; NULL: not made yet */
    char *output;        /* NULL: standard output */
    char *again;         /* the command that continues this one */
    const char *report, *trace;
    sheaf_map_options options;
    enum progress_mode progress;
    bool dry_run, quiet, verbose;
};

/* Make r->func of what the request says. DONE, or REFUSED after a message. */
int map_function(struct map_request *r);
/* Whether FILE of --with is a template or a pattern, which gives each item its own. */
bool map_is_each(const char *file);
/* Whether the function takes parts of its inputs by name: then a file is an item, whatever is in it. */
bool map_takes_parts(const struct map_request *r);
/* With --join, make one input of the inputs. DONE, or a message and REFUSED or NO_OUTPUT. */
int map_join(struct map_request *r);
/* Make r->batch: each input, or its slices, and what --with gives it. DONE, or a message and REFUSED or NO_OUTPUT. */
int map_items(struct map_request *r);
size_t map_items_count(const struct map_request *r);
/* Item i as it is called in messages, until the next call. */
const char *map_item_name(const struct map_request *r, size_t i);

int run_map(struct map_request *r);
int dry_run_map(struct map_request *r);

/* ---- map_report.c ---- */

/* The JSON of --report: results may be NULL when the map was refused (error says why). NO_OUTPUT after a message. */
int map_write_report(const struct map_request *r, const sheaf_results *results, const sheaf_error *error, int status,
                     double seconds);
/* The Chrome trace of --trace. NO_OUTPUT after a message. */
int map_write_trace(const struct map_request *r, const sheaf_results *results);
/* The first failed items and where the rest is told, on stderr. */
void map_tell_failures(const struct map_request *r, const sheaf_results *results);
/* "threads 1 (OMP_NUM_THREADS=1), of 8 cores" on stderr, where that number may surprise. */
void map_tell_threads(const struct map_request *r, const sheaf_results *results);
/* How to go on with an output that is not finished, where there is something to go on from. */
void map_tell_continue(const struct map_request *r);
/* "wrote t.csv: 12 rows, 12 items, 0 failed" on stderr; of what was printed only that items were retried. */
void map_tell_written(const struct map_request *r, const sheaf_results *results);

#endif
