#ifndef SHEAF_CLI_MAP_H
#define SHEAF_CLI_MAP_H

/* `sheaf map`: map.c understands the request, with map_function.c for what is to be computed; map_run.c runs it, and
 * map_report.c tells how it went. */

#include "args.h"
#include "inputs.h"
#include "progress.h"
#include <sheaf/io.h>
#include <sheaf/map.h>

enum {
    MAP_MOST_NAMES = 16 /* x and those of --with */
};

/* Options, also of commands that are maps by another name. */
enum {
    MAP_OUTPUT = ARG_FIRST_FREE,
    MAP_PROGRAM,
    MAP_WITH,
    MAP_USE,
    MAP_EACH,
    MAP_FILES_FROM,
    MAP_NUL,
    MAP_RECURSIVE,
    MAP_JOIN,
    MAP_WRITE,
    MAP_JOBS,
    MAP_MEMORY,
    MAP_HALT,
    MAP_RESUME,
    MAP_FORCE,
    MAP_VERIFY,
    MAP_DRY_RUN,
    MAP_REPORT,
    MAP_NO_SYNC,
    MAP_RETRIES,
    MAP_TIMEOUT,
    MAP_TRACE,
    MAP_PROGRESS,
    MAP_NO_PROGRESS,
    MAP_QUIET,
    MAP_VERBOSE,
    MAP_ISOLATE,
    MAP_NO_ISOLATE,
    MAP_HISTORY,
    MAP_NO_HISTORY,
    MAP_FIRST_FREE
};

/* Rows of options that map and convert have in common. */
#define MAP_INPUT_OPTIONS                                                                                         \
    {MAP_FILES_FROM, 0, "files-from", TAKES_VALUE, "LIST", "read input names from LIST, one a line; - is stdin"}, \
        {MAP_NUL, '0', NULL, TAKES_NOTHING, NULL, "names in LIST end with NUL, as 'find -print0' writes them"},   \
        {MAP_RECURSIVE, 'r',  "recursive",                                                                        \
         TAKES_NOTHING, NULL, "take every array file below a directory, sorted by name"},                         \
        INPUTS_OPTIONS
#define MAP_DRIVER_OPTIONS                                                                                            \
    {MAP_JOIN, 0,                                                                                                     \
     "join",   TAKES_VALUE,                                                                                           \
     "AXIS",   "the inputs are one array: along AXIS, a number or a dimension's name; new: on a new first axis"},     \
        {MAP_WRITE,   0,           "write",                                                                           \
         TAKES_VALUE, "KEY=VALUE", "compression=deflate makes .npz smaller, and slower to write"},                    \
        {MAP_JOBS, 'j', "jobs", TAKES_VALUE, "N", "at most N threads"},                                               \
        {MAP_MEMORY,  0,      "memory",                                                                               \
         TAKES_VALUE, "SIZE", "of memory for items at once, such as 2G; default: half of what is free"},              \
        {MAP_HALT, 0, "halt", TAKES_OPTIONAL, "N|P%", "start no more items after N (bare: 1) or P % failures"},       \
    {                                                                                                                 \
        MAP_RETRIES, 0, "retries", TAKES_VALUE, "N", "try items that failed for a passing reason up to N times again" \
    }
#define MAP_RERUN_OPTIONS                                                                                            \
    {MAP_RESUME, 0, "resume", TAKES_NOTHING, NULL, "go on with an unfinished output; run what failed again"},        \
        {MAP_VERIFY, 0, "verify", TAKES_NOTHING, NULL, "tell changed inputs by their bytes, not by time and inode"}, \
        {MAP_FORCE, 'f', "force", TAKES_NOTHING, NULL, "replace an existing output, start an unfinished one over"},  \
        {MAP_DRY_RUN, 0, "dry-run", TAKES_NOTHING, NULL, "show the plan, from headers alone, and stop"},             \
        {MAP_REPORT, 0, "report", TAKES_VALUE, "FILE", "write times, plan and failures to FILE as JSON"},            \
    {                                                                                                                \
        MAP_NO_SYNC, 0, "no-sync", TAKES_NOTHING, NULL, "do not wait until the output is on the disk"                \
    }
#define MAP_HISTORY_OPTIONS                                                                           \
    {MAP_HISTORY,   0,    "history",                                                                  \
     TAKES_NOTHING, NULL, "say in OUT.history.txt how the output was made (.nc: it says so itself)"}, \
    {                                                                                                 \
        MAP_NO_HISTORY, 0, "no-history", TAKES_NOTHING, NULL, "no history in .nc"                     \
    }

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
    char *history;       /* the line that says how the output was made; NULL: none */
    const char *report, *trace;
    sheaf_map_options options;
    enum progress_mode progress;
    bool dry_run, quiet, verbose, no_history;
};

/* Understand one option; false after a message. */
bool map_option(struct map_request *r, int id, const char *value);
/* What is to be said of -o, and of the files of --report and --trace, before anything is done. DONE, or REFUSED after a
 * message. */
int map_check_output(struct map_request *r);
int map_check_files(const struct map_request *r);
/* "2026-11-27T12:00:00Z: sheaf map …" without what is secret in URLs; malloc'ed. */
char *history_line(int argc, char **argv);

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

void map_clear(struct map_request *r);
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
