#ifndef SHEAF_MAP_H
#define SHEAF_MAP_H

/* Batches, and a function mapped over one.
 *
 * sheaf_map runs a function over every item of a batch on all cores. Large divisible items run wide (one at a
 * time, every thread inside), the rest narrow (one thread each, many at once). Which does not change a bit of
 * any result. One item's failure never stops the others unless asked: sheaf_map returns OK when it ran to its
 * end, and each slot tells how its item fared. */

#include <sheaf/func.h>
#include <sheaf/io.h>

/* ---- batch: an ordered list of items ---- */

/* Not to be appended to while a map over it runs. */
typedef struct sheaf_batch sheaf_batch;

SHEAF_API sheaf_status sheaf_batch_new(sheaf_batch **out, sheaf_error *error);
SHEAF_API void sheaf_batch_free(sheaf_batch *batch);
/* Append an item of n arrays in memory (n is the function's number of inputs, usually 1). The view structs are
 * copied; the memory they point to is borrowed until the batch is freed. name (copied) may be NULL: the item is
 * then called "[index]". */
SHEAF_API sheaf_status sheaf_batch_add_views(sheaf_batch *batch, const sheaf_view *views, int n, const char *name,
                                             sheaf_error *error);
/* Append an array, becoming one of its owners until the batch is freed. */
SHEAF_API sheaf_status sheaf_batch_add_array(sheaf_batch *batch, sheaf_array *array, const char *name,
                                             sheaf_error *error);
/* Append a file, opened when its turn comes, or an http:// or https:// URL, fetched while other items are computed, of
 * which URL#PART means a part (docs/urls.md). Nothing is checked here. The item is called as its URL without user and
 * query, so that no secret comes into an output or a message. */
SHEAF_API sheaf_status sheaf_batch_add_file(sheaf_batch *batch, const char *path, sheaf_error *error);
/* Append a part of a file: its array called `part`. The item is called FILE:PART, and sheaf_batch_add_file with that
 * text does the same (sheaf/io.h). */
SHEAF_API sheaf_status sheaf_batch_add_part(sheaf_batch *batch, const char *path, const char *part, sheaf_error *error);
/* Append the n parts of a file that select names, or, when n is 0, every one it has, in its order. For the latter the
 * file's list of parts is read now, unless its name ends in .npy; a file that is one array, or that cannot be opened,
 * becomes one item, which fails when its turn comes. */
SHEAF_API sheaf_status sheaf_batch_add_parts(sheaf_batch *batch, const char *path, size_t n, const char *const *select,
                                             sheaf_error *error);
/* What is to be known about the batch's files that they do not say themselves: n texts KEY=VALUE, as sheaf_read_new
 * takes them (of items of several files, about the first). Call it before adding what needs it. */
SHEAF_API sheaf_status sheaf_batch_read(sheaf_batch *batch, size_t n, const char *const *texts, sheaf_error *error);
/* Append an item of several arrays, each from a file of its own; the item is called as the first. */
SHEAF_API sheaf_status sheaf_batch_add_files(sheaf_batch *batch, const char *const *paths, int n, sheaf_error *error);
/* An array of an item that is one file, or n of them: joined along `axis` (a number, negative ones from the last
 * dimension on, or a dimension's name), or, where axis is "new", stacked on a new first axis. They need one dtype, and
 * one shape but for the joined axis; where files have names and coordinates for their dimensions, and units, these have
 * to agree too, but for the coordinates along the joined axis (docs/formats.md). axis NULL: one file, as it is. */
typedef struct sheaf_join {
    const char *const *paths;
    size_t n;
    const char *axis;
} sheaf_join;
/* Append an item of n arrays, each of so many files. It is called `name`, or, where that is NULL, after the first
 * array's first and last file. Nothing is opened here: an item one of whose files cannot be read, or does not fit,
 * fails. The result of a batch that is one such item is not stacked: sheaf_map_to writes NAME.npy as it is. */
SHEAF_API sheaf_status sheaf_batch_add_joined(sheaf_batch *batch, const sheaf_join *arrays, int n, const char *name,
                                              sheaf_error *error);
/* Append every slice along an axis of a file's array (of FILE:PART's) as an item: FILE[0], FILE[1], …; they take no
 * record each. The axis is a number, "0", "-1", or the name of a dimension where the format has such. The header is
 * read now, to count the slices. A file that cannot be opened or cut becomes one item, which fails when its turn
 * comes; along an axis of length 0 there are no items. Errors: NO_MEMORY, INVALID (an empty path or axis, too many
 * items). */
SHEAF_API sheaf_status sheaf_batch_add_slices(sheaf_batch *batch, const char *path, const char *axis,
                                              sheaf_error *error);
/* The same of items of several arrays: the files that `sliced` marks are cut, all into the same number of slices; of
 * the others each item has all. The items are called after the first file. */
SHEAF_API sheaf_status sheaf_batch_add_files_slices(sheaf_batch *batch, const char *const *paths, int n,
                                                    const bool *sliced, const char *axis, sheaf_error *error);
/* As sheaf_batch_add_files_slices, of arrays that are joined: those that `sliced` marks are cut along `axis`. */
SHEAF_API sheaf_status sheaf_batch_add_joined_slices(sheaf_batch *batch, const sheaf_join *arrays, int n,
                                                     const bool *sliced, const char *axis, const char *name,
                                                     sheaf_error *error);
/* A batch of n files; a batch of n views. */
SHEAF_API sheaf_status sheaf_batch_from_files(const char *const *paths, size_t n, sheaf_batch **out,
                                              sheaf_error *error);
SHEAF_API sheaf_status sheaf_batch_from_views(const sheaf_view *views, size_t n, sheaf_batch **out, sheaf_error *error);
SHEAF_API size_t sheaf_batch_size(const sheaf_batch *batch);
/* The item's path or name; for slices the text "FILE[number]" is written to buffer, for unnamed items "[index]". */
#define SHEAF_NAME_MAX 4352
SHEAF_API const char *sheaf_batch_name(const sheaf_batch *batch, size_t i, char buffer[SHEAF_NAME_MAX]);

/* The header of item i, a file, as sheaf_file_describe gives it. Errors also: INVALID for an item in memory. */
SHEAF_API sheaf_status sheaf_batch_describe(const sheaf_batch *batch, size_t i, sheaf_file_info *info,
                                            sheaf_error *error);

/* template with item i's {stem}, {name}, {dir} and {index} filled in, as sheaf_map_to names files; path has
 * SHEAF_PATH_MAX bytes. Errors: INVALID for another placeholder or a name too long. */
#define SHEAF_PATH_MAX 4096
SHEAF_API sheaf_status sheaf_batch_path(const sheaf_batch *batch, size_t i, const char *template_, char *path,
                                        sheaf_error *error);

/* ---- map ---- */

typedef struct sheaf_progress {
    size_t items, done, failed; /* done: run to their end, the failed ones included */
    uint64_t bytes;             /* of input, so far */
    double seconds;
    double share; /* of the work, 0 to 1: by estimated cost where that is known, as far as items were seen */
    double left;  /* seconds until the end, estimated; negative: not known yet */
} sheaf_progress;

/* Which functions a map runs in worker processes, where a crash, an exit() or an endless loop costs one item
 * (docs/driver.md). Catalogue functions and programs can be isolated too; a callback of this process cannot. */
typedef enum sheaf_isolate {
    SHEAF_ISOLATE_OWN_C, /* those of C files (sheaf_func_from_file), and programs that use such */
    SHEAF_ISOLATE_NEVER,
    SHEAF_ISOLATE_ALWAYS
} sheaf_isolate;

/* Tells how far a map is: at most ten times a second, after an item has ended, and once at the end; never twice at
 * once, from any thread that works on the map, which waits for it. It must not call back into the map. False: no
 * further item is started, as with `cancel`. */
typedef bool sheaf_progress_fn(const sheaf_progress *progress, void *user);

typedef struct sheaf_map_options {
    size_t struct_size;
    int threads;                 /* 0: see sheaf_threads() */
    size_t halt_after;           /* stop starting items after this many items failed for good; 0: never */
    double halt_fraction;        /* the same as a share of all items (0.05 is 5 %); 0: never */
    sheaf_progress_fn *progress; /* may be NULL */
    void *progress_user;
    const volatile int *cancel; /* when not NULL and non-zero, no further item is started: sheaf_cancel */
    /* for sheaf_map_to only */
    bool overwrite; /* replace an existing output */
    bool no_sync;   /* do not wait for the disk */
    /* errors and deadlines (docs/driver.md) */
    int retries;    /* further attempts at an item that failed for a reason that may pass; after all other items */
    double timeout; /* seconds for reading and computing one item, else it fails (TIMEOUT); 0: any time. A callback is
                       not interrupted: its result is thrown away when it comes too late */
    bool trace;     /* keep each attempt's times for sheaf_results_attempt_at */
    /* isolation (docs/driver.md): with it a callback that does not return in time is stopped, too */
    sheaf_isolate isolate;
    /* the journal of sheaf_map_to (docs/driver.md); all items must be files */
    bool journal; /* keep PATH.sheaf-journal as long as the output is unfinished or an item failed, so that nothing
                     done is lost whatever ends the program */
    bool resume;  /* go on from that journal: run what is not done, what failed, and what has changed since. Nothing
                     to go on from: as `journal`. The output is finished: OK, and the report says `untouched` */
    const char *identity; /* of a callback, which the journal cannot look into: a text that is another one when it
                             computes something else */
    const char *command;  /* what continues this run, for whoever reads the journal; NULL: nothing is said */
    bool compress;        /* sheaf_map_to, .npz: deflate the members */
    uint64_t memory; /* bytes that inputs read from files, results on their way and scratch may take at once, the reused
                        buffers among them (docs/driver.md); 0: half of what the machine or the cgroup has free. An item
                        that needs more fails (NO_MEMORY) */
    bool arrival;    /* sheaf_map_open: results in the order in which they arrive */
    bool verify; /* tell the journal's input files by a hash of their bytes, not by inode and time of change: each is
                    read once more */
    const sheaf_http *http; /* how the batch's URLs are fetched (sheaf/io.h); NULL: the defaults */
    /* sheaf_map_to: how and as what results are written */
    bool as_is;          /* each by itself: NAME.npy and NAME.csv take a single item, NAME.npz and NAME.nc a member or
                            variable of each item's own shape, called as its part or its {stem} */
    bool fortran_order;  /* .npy and .npz of single arrays: columns together */
    bool big_endian;     /* the same: big-endian instead of little-endian */
    const char *history; /* one line that says how the output was made; NULL: none. In .nc it comes before the input's
                            history. An output that is continued keeps the line it was begun with */
    bool history_beside; /* the line stands in PATH.history.txt too */
} sheaf_map_options;

SHEAF_API void sheaf_map_options_init(sheaf_map_options *options);
/* Set the flag that `cancel` points to: the map starts no further item, lets those that run end, and returns. From any
 * thread, and from a signal handler. */
SHEAF_API void sheaf_cancel(volatile int *flag);

typedef struct sheaf_results sheaf_results;

/* Map func over batch and keep the results in memory. cost: one reading of each input, one writing of each
 * result, about 0.1 µs an item, 10 µs an isolated one. *out is set whenever the map ran, also when items failed.
 * UNSUPPORTED when items are to be isolated and no worker can be started: the message has the path tried. */
SHEAF_API sheaf_status sheaf_map(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                                 sheaf_results **out, sheaf_error *error);

/* As sheaf_map, for one output of one shape and dtype: item i's result is written to out[i] along out's first
 * axis, which must have as many entries as the batch. An item whose result does not fit fails; the row of a
 * failed item holds NaN (float, complex) or is left as it was (integers). out must not overlap an input. results
 * may be NULL; otherwise it receives the slots, without arrays. */
SHEAF_API sheaf_status sheaf_map_into(const sheaf_func *func, const sheaf_batch *batch,
                                      const sheaf_map_options *options, const sheaf_view *out, sheaf_results **results,
                                      sheaf_error *error);

/* As sheaf_map, writing the results to `path` as they come (docs/architecture.md has the table):
 *   NAME.csv            a row per item; scalars and short vectors
 *   NAME.npy            all results stacked on a new first axis
 *   NAME.npz            a member for each output: numbers and vectors stacked; arrays, unless there are several
 *                       outputs, a member for each item, named by its {stem}, failed ones left out. Written at the end
 *   NAME.nc             netCDF classic: a variable for each output, several items stacked on a first dimension `item`;
 *                       items that are different variables of files each stay one. Names, coordinates and attributes
 *                       of a netCDF input's dimensions are kept where they still hold (docs/formats.md). Written at
 *                       the end
 *   DIR/                one .npy per item, DIR/{stem}.npy; the directory is made if need be
 *   a path with {stem} {dir} {index} {name}   one .npy, .nc, .npz or .csv per item, so named
 * Outputs appear whole or not at all. Beside an output with failures, and beside every stacked .npy, stands
 * PATH.items.csv (index,item,status,attempts,message); for DIR/ that is DIR.items.csv, for a template the same of its
 * fixed directory, for the current directory sheaf.items.csv. Refused before starting: an existing output without
 * `overwrite` (EXISTS), an output that is an input or two outputs of one name (CONFLICT), results that the
 * output cannot hold, as far as headers tell (SHAPE), too little free space (IO).
 * Returns OK when the output stands, also when items failed; otherwise nothing stands under its name (of DIR/ and
 * templates the files finished before the failure stay, each of them whole).
 * results may be NULL; otherwise it receives the slots (with values only for .csv) whenever the map ran, also
 * when the output could not be finished.
 * With a journal (options.journal, options.resume, or one that is there) an output that could not be finished is
 * continued by a call with options.resume, and ends as the same bytes. Refused then: an unfinished output without
 * resume or overwrite, or one whose items failed (EXISTS); another function, option, version or list of items than the
 * journal's (CONFLICT); a damaged journal (FORMAT); an output that another run is writing (IO). */
SHEAF_API sheaf_status sheaf_map_to(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                                    const char *path, sheaf_results **results, sheaf_error *error);

/* ---- results: one slot per item, in the batch's order ---- */

SHEAF_API void sheaf_results_free(sheaf_results *results);
SHEAF_API size_t sheaf_results_size(const sheaf_results *results);
/* Items that failed; those skipped by a halt are not among them (sheaf_results_report counts them). */
SHEAF_API size_t sheaf_results_failed(const sheaf_results *results);
/* How item i fared: OK, its error, or SKIPPED. *message (may be NULL) is "" for OK. */
SHEAF_API sheaf_status sheaf_results_status(const sheaf_results *results, size_t i, const char **message);
/* Attempts at item i: 0 for one never started. */
SHEAF_API int sheaf_results_attempts(const sheaf_results *results, size_t i);
/* Item i's k-th output, borrowed from results. INVALID when the item failed or its values were not kept. */
SHEAF_API sheaf_status sheaf_results_view(const sheaf_results *results, size_t i, int k, sheaf_view *out,
                                          sheaf_error *error);
/* Item i's k-th output as an array of the caller's own (moved when large, else copied; a moved one is gone from
 * results). */
SHEAF_API sheaf_status sheaf_results_take(sheaf_results *results, size_t i, int k, sheaf_array **out,
                                          sheaf_error *error);
/* The k-th output of all items on a new first axis; a failed item's row holds NaN. Errors: SHAPE when shapes or
 * dtypes differ (the first two that do are named), or an item failed and the dtype is an integer. */
SHEAF_API sheaf_status sheaf_results_stack(const sheaf_results *results, int k, sheaf_array **out, sheaf_error *error);
/* Write the results as CSV (header, a row per item in order) through write (sheaf/func.h).
 * Scalars and vectors of at most SHEAF_CSV_MAX_VECTOR elements: SHAPE error otherwise. An output has as many columns
 * as its longest vector has elements; cells without a value are empty. */
#define SHEAF_CSV_MAX_VECTOR 1024
SHEAF_API sheaf_status sheaf_results_csv(const sheaf_results *results, sheaf_write_fn *write, void *user,
                                         sheaf_error *error);

/* How the map ran. */
typedef struct sheaf_map_report {
    size_t items, done, failed, skipped; /* items = done + skipped; done includes the failed */
    size_t wide, narrow;                 /* items run wide and narrow */
    int threads;                         /* leased */
    const char *threads_why;
    uint64_t bytes_in, bytes_out;
    double seconds;
    size_t retried;               /* items that took more than one attempt, and */
    size_t attempts;              /* all attempts at all items */
    size_t resumed;               /* of those done: by an earlier run, and not run again */
    bool untouched;               /* the output was finished before: nothing was run or written */
    uint64_t memory, peak_memory; /* the budget, and the most that was taken of it at once */
} sheaf_map_report;
SHEAF_API sheaf_map_report sheaf_results_report(const sheaf_results *results);

/* One attempt at one item, of a map with `trace`. Times are nanoseconds since the map's start; a stage that an attempt
 * did not come to ends with the one before. */
typedef struct sheaf_attempt {
    size_t item;
    int attempt;         /* 1 is the first */
    int thread, threads; /* which of the map's threads, and how many the item had */
    sheaf_status status;
    uint64_t bytes; /* of input */
    uint64_t begin, opened, read, computed, end;
} sheaf_attempt;

/* The attempts kept: of each thread in their order, one thread after the other. At most SHEAF_ATTEMPTS_MAX of a map
 * are; *lost (may be NULL) is how many were not, for want of room. 0 without `trace`. */
#define SHEAF_ATTEMPTS_MAX (1 << 20)
SHEAF_API size_t sheaf_results_attempts_kept(const sheaf_results *results, size_t *lost);
SHEAF_API sheaf_attempt sheaf_results_attempt_at(const sheaf_results *results, size_t k);

/* ---- stream: results one by one, while the map runs ---- */

/* For one consumer at a time. */
typedef struct sheaf_stream sheaf_stream;

/* Start a map whose results sheaf_map_next hands out. Results that wait for it count as memory (options.memory): when
 * there is none left, items wait until results are fetched, only never the one that is to be fetched next. func and
 * batch must stay until sheaf_map_close; `progress` is called from other threads than the caller's. Errors: what the
 * options or memory say; others come with sheaf_map_close. */
SHEAF_API sheaf_status sheaf_map_open(const sheaf_func *func, const sheaf_batch *batch,
                                      const sheaf_map_options *options, sheaf_stream **out, sheaf_error *error);
/* Wait for the next result, in the items' order unless options.arrival; false: there are no more. Every item comes
 * once: item->status is OK and arrays (as many as the function has outputs; NULL: not wanted) are the caller's own, or
 * it tells why there are none, SKIPPED for an item that was not run, and they are NULL. */
SHEAF_API bool sheaf_map_next(sheaf_stream *stream, size_t *index, sheaf_array **arrays, sheaf_error *item);
/* End the map, also before all is fetched: no further item is started then, and those that run are waited for. results
 * (may be NULL) receives the slots, without arrays, when the map ran. The status is the map's, as of sheaf_map. */
SHEAF_API sheaf_status sheaf_map_close(sheaf_stream *stream, sheaf_results **results, sheaf_error *error);

/* As sheaf_map, with the text of sheaf_results_csv written through write, from this thread, row by row as the items'
 * turn comes, within options.memory. At the end instead, when only running or the headers of items that differ tell how
 * many columns there are. A map that was cancelled writes no rows for what it did not come to. results (may be NULL)
 * receives the slots whenever the map ran. IO when write returns false: the map is cancelled then. */
SHEAF_API sheaf_status sheaf_map_csv(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                                     sheaf_write_fn *write, void *user, sheaf_results **results, sheaf_error *error);

/* ---- journal: what is left of an unfinished output ---- */

/* The name of the journal that belongs to an output of sheaf_map_to; path has SHEAF_PATH_MAX bytes. */
SHEAF_API sheaf_status sheaf_journal_path(const char *output, char *path, sheaf_error *error);

typedef struct sheaf_journal sheaf_journal;

/* Read a journal; a run that is writing it is not disturbed. Errors: IO, FORMAT, NO_MEMORY. */
SHEAF_API sheaf_status sheaf_journal_read(const char *path, sheaf_journal **out, sheaf_error *error);
SHEAF_API void sheaf_journal_free(sheaf_journal *journal);

/* Texts live as long as the journal; they are "" where it does not say. */
typedef struct sheaf_journal_state {
    size_t items, done, failed;
    bool finished; /* the output stands; its failed items can be retried */
    bool running;  /* a run is at work on it */
    const char *output, *function;
    const char *command, *directory, *host; /* of the last run */
    int64_t pid, started;                   /* the same; seconds since 1970 */
} sheaf_journal_state;
SHEAF_API sheaf_journal_state sheaf_journal_about(const sheaf_journal *journal);
/* The next failed item from *index on (0 to begin with), in order; false: there is none. *name and *message live until
 * the next call. */
SHEAF_API bool sheaf_journal_failure(sheaf_journal *journal, size_t *index, const char **name, sheaf_status *status,
                                     const char **message);

/* ---- plan: what a map would do, from headers alone ---- */

typedef struct sheaf_plan {
    size_t items, unreadable; /* items whose header could not be read, or whom the function refuses */
    size_t wide, narrow;
    int threads;
    const char *threads_why;
    uint64_t bytes_in, bytes_out, peak_bytes;
    bool uniform; /* all readable items give the same dtypes and shapes, which are: */
    int nout;     /* 0 when only running can tell (a callback) */
    struct {
        sheaf_dtype dtype;
        int ndim;
        int64_t shape[SHEAF_MAX_NDIM];
    } output[SHEAF_MAX_OUTPUTS];
    char first_problem[SHEAF_MESSAGE_MAX]; /* of the first unreadable item, or "" */
    uint64_t memory;                       /* the budget, which peak_bytes keeps to */
    size_t too_large;                      /* items that need more, and will fail */
    size_t unknown;                        /* items that are known when they have been fetched: URLs */
} sheaf_plan;

SHEAF_API sheaf_status sheaf_map_plan(const sheaf_func *func, const sheaf_batch *batch,
                                      const sheaf_map_options *options, sheaf_plan *plan, sheaf_error *error);
/* Tell how the item will be computed, as sheaf_func_explain does. Reads its header. Errors: what it would fail with. */
SHEAF_API sheaf_status sheaf_map_explain(const sheaf_func *func, const sheaf_batch *batch, size_t item,
                                         sheaf_write_fn *write, void *user, sheaf_error *error);

#endif
