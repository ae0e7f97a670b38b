/* sheaf_map_to with a journal: what is continued, what is computed again, and what is refused. */

#include "array/array.h"
#include "base/alloc.h"
#include "base/pool.h"
#include "batch/journal.h"
#include "test_map.h"
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    N = 12
};

static const char *name_of(int i)
{
    static char names[4][20];
    static int turn;
    char *name = names[turn++ % 4];
    snprintf(name, sizeof names[0], "f%d.npy", i);
    return name;
}

static sheaf_batch *batch_of(int n)
{
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < n; i++)
        ck_ok(sheaf_batch_add_file(batch, name_of(i), error));
    return batch;
}

/* n files of three numbers each, 10 i and on. */
static sheaf_batch *files(int n)
{
    for (int i = 0; i < n; i++)
        save_numbers(name_of(i), 3, 10 * i);
    return batch_of(n);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool same_bytes(const char *a, const char *b)
{
    size_t n, m;
    char *x = file_read(a, &n), *y = file_read(b, &m);
    ck_assert_msg(x && y, "%s or %s is not there", a, b);
    const bool same = n == m && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

/* Every item's number of calls; the item that cancels the map, or fails. */
struct calls {
    atomic_int of[N];
    int cancels, fails;
    volatile int flag;
};

static struct calls calls;

static sheaf_status twice(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                          sheaf_error *error)
{
    const int i = (int)item->index;
    sheaf_view view;
    (void)user;
    atomic_fetch_add(&calls.of[i], 1);
    if (i == calls.cancels)
        sheaf_cancel(&calls.flag);
    if (i == calls.fails)
        return sheaf_error_set(error, SHEAF_CALLBACK, "not today");
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, 1, x->shape, &view, error);
    for (int64_t k = 0; status == SHEAF_OK && k < x->shape[0]; k++)
        ((double *)view.data)[k] = 2 * ((const double *)x->data)[k];
    return status;
}

static void start(int cancels, int fails)
{
    memset(&calls, 0, sizeof calls);
    calls.cancels = cancels;
    calls.fails = fails;
}

static int total(void)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += atomic_load(&calls.of[i]);
    return n;
}

static sheaf_map_options keeping(bool resume)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = 1; /* in order, unless a test says otherwise */
    options.journal = true;
    options.resume = resume;
    options.no_sync = true;
    options.identity = "twice";
    options.cancel = &calls.flag;
    return options;
}

static const char *const outputs[] = {"t.csv", "s.npy", "out/", "{dir}/sub/{stem}.npy"};
static const char *const journals[] = {"t.csv.sheaf-journal", "s.npy.sheaf-journal", "out.sheaf-journal",
                                       "./sheaf.sheaf-journal"};
enum {
    KINDS = sizeof outputs / sizeof *outputs
};

static void same_as_quiet(int kind, const char *quiet)
{
    char a[64], b[64];
    if (kind < 2) {
        ck_assert(same_bytes(outputs[kind], quiet));
        return;
    }
    for (int i = 0; i < N; i++) {
        snprintf(a, sizeof a, kind == 2 ? "out/%s" : "sub/%s", name_of(i));
        snprintf(b, sizeof b, "%s%s", quiet, name_of(i));
        ck_assert(same_bytes(a, b));
    }
}

START_TEST(a_cancelled_run_is_continued)
{
    const int kind = _i;
    const char *const quiet[] = {"quiet.csv", "quiet.npy", "quiet/", "quiet/"};
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    sheaf_results *results = NULL;
    start(-1, -1);
    ck_ok(sheaf_map_to(func, batch, &plain, quiet[kind], NULL, error));
    for (int stop = 0; stop < N - 1; stop++) {
        start(stop, -1);
        sheaf_status status = sheaf_map_to(func, batch, &plain, outputs[kind], &results, NULL);
        ck_assert_int_eq(status, kind < 2 ? SHEAF_SKIPPED : SHEAF_OK);
        ck_assert_uint_eq(sheaf_results_report(results).skipped, N - stop - 1);
        sheaf_results_free(results);
        ck_assert(exists(journals[kind]));
        ck_assert_int_eq(total(), stop + 1);
        calls.flag = 0;
        calls.cancels = -1;
        resume.threads = 1 + stop % 3;
        ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], &results, error));
        ck_assert_uint_eq(sheaf_results_report(results).resumed, stop + 1);
        ck_assert_uint_eq(sheaf_results_report(results).narrow, N - stop - 1);
        ck_assert(!sheaf_results_report(results).untouched);
        sheaf_results_free(results);
        for (int i = 0; i < N; i++)
            ck_assert_int_eq(atomic_load(&calls.of[i]), 1); /* none twice */
        ck_assert(!exists(journals[kind]));
        same_as_quiet(kind, quiet[kind]);
        /* Finished: nothing to do, or start over. */
        ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], &results, error));
        ck_assert(sheaf_results_report(results).untouched);
        sheaf_results_free(results);
        ck_assert_int_eq(total(), N);
        plain.overwrite = true;
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(what_failed_is_retried)
{
    const int kind = _i;
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    sheaf_results *results = NULL;
    sheaf_error e = {SHEAF_OK, ""};
    start(-1, 5);
    ck_ok(sheaf_map_to(func, batch, &plain, outputs[kind], NULL, error));
    ck_assert(exists(journals[kind]));
    ck_assert_int_eq(sheaf_map_to(func, batch, &plain, outputs[kind], &results, &e), SHEAF_EXISTS);
    ck_has(e.message, "is finished, but 1 of its 12 items failed: --resume");
    ck_assert_ptr_null(results);
    ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], &results, error)); /* it fails again */
    ck_assert_uint_eq(sheaf_results_failed(results), 1);
    ck_status(results, 5, SHEAF_CALLBACK);
    sheaf_results_free(results);
    ck_assert_int_eq(total(), N + 1);
    calls.fails = -1;
    ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], NULL, error));
    ck_assert_int_eq(total(), N + 2);
    ck_assert_int_eq(atomic_load(&calls.of[5]), 3);
    ck_assert(!exists(journals[kind]));
    ck_ok(sheaf_map_to(func, batch, &plain,
                       kind == 2   ? "quiet/"
                       : kind == 3 ? "quiet/{stem}.npy"
                                   : "quiet.csv",
                       NULL, error));
    if (kind != 1)
        same_as_quiet(kind, kind == 0 ? "quiet.csv" : "quiet/");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

#define ck_refused(func, batch, options, path, expected, part)                                  \
    do {                                                                                        \
        sheaf_error refused_ = {SHEAF_OK, ""};                                                  \
        sheaf_status got_ = sheaf_map_to((func), (batch), (options), (path), NULL, &refused_);  \
        ck_assert_msg(got_ == (expected), "%s: %s", sheaf_status_name(got_), refused_.message); \
        ck_has(refused_.message, (part));                                                       \
    } while (0)

/* Every way of changing a file that its size, time, or place tells. */
START_TEST(changed_inputs_are_computed_again)
{
    const int kind = _i;
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    const struct timespec before[2] = {{1000000000, 0}, {1000000000, 1}};
    start(N - 2, -1);
    sheaf_map_to(func, batch, &plain, outputs[kind], NULL, NULL);
    save_numbers(name_of(1), 3, 500); /* another inode */
    ck_assert_int_eq(utimensat(AT_FDCWD, name_of(2), before, 0), 0);
    unlink(name_of(3));
    start(-1, -1);
    ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], NULL, error));
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(atomic_load(&calls.of[i]), i == 1 || i == 2 || i == N - 1);
    if (kind >= 2)
        ck_assert(!exists(kind == 2 ? "out/f3.npy" : "sub/f3.npy")); /* that of the first run */
    save_numbers(name_of(3), 3, 30);
    ck_ok(sheaf_map_to(func, batch, &resume, outputs[kind], NULL, error));
    ck_ok(sheaf_map_to(func, batch, &plain, kind < 2 ? kind ? "quiet.npy" : "quiet.csv" : "quiet/", NULL, error));
    same_as_quiet(kind, kind < 2 ? kind ? "quiet.npy" : "quiet.csv" : "quiet/");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* With `verify` it is the bytes that count, wherever they are and since when. */
START_TEST(verified_inputs_are_told_by_their_bytes)
{
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true), other = keeping(true);
    const struct timespec before[2] = {{1000000000, 0}, {1000000000, 1}};
    struct stat st;
    plain.verify = resume.verify = true;
    start(N - 2, -1);
    sheaf_map_to(func, batch, &plain, "t.csv", NULL, NULL);
    ck_assert_int_eq(rename(name_of(1), "old.npy"), 0);
    save_numbers(name_of(1), 3, 10); /* another inode */
    ck_assert_int_eq(utimensat(AT_FDCWD, name_of(2), before, 0), 0);
    ck_assert_int_eq(stat(name_of(3), &st), 0);
    const int fd = open(name_of(3), O_WRONLY);
    ck_assert_int_eq(pwrite(fd, "\x01", 1, st.st_size - 24), 1);
    close(fd);
    const struct timespec times[2] = {st.st_atim, st.st_mtim};
    ck_assert_int_eq(utimensat(AT_FDCWD, name_of(3), times, 0), 0);
    start(-1, -1);
    ck_refused(func, batch, &other, "t.csv", SHEAF_CONFLICT,
               "the way to tell changed inputs was \"their bytes (--verify)\"");
    ck_ok(sheaf_map_to(func, batch, &resume, "t.csv", NULL, error));
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(atomic_load(&calls.of[i]), i == 3 || i == N - 1);
    ck_ok(sheaf_map_to(func, batch, &plain, "quiet.csv", NULL, error));
    same_as_quiet(0, "quiet.csv");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Of outputs that are files, those that are gone or cut short are made again. */
START_TEST(lost_outputs_are_made_again)
{
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    start(-1, 7);
    ck_ok(sheaf_map_to(func, batch, &plain, "out/", NULL, error));
    ck_assert_int_eq(unlink("out/f0.npy"), 0);
    ck_assert_int_eq(truncate("out/f1.npy", 0), 0);
    start(-1, -1);
    ck_ok(sheaf_map_to(func, batch, &resume, "out/", NULL, error));
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(atomic_load(&calls.of[i]), i == 0 || i == 1 || i == 7);
    ck_ok(sheaf_map_to(func, batch, &plain, "quiet/", NULL, error));
    same_as_quiet(2, "quiet/");
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* An output of mean(x + w) over five files, the third of which is missing. */
static sheaf_func *program(const char *text, double w)
{
    const char *const names[] = {"x", "w"};
    sheaf_func *func = NULL;
    sheaf_array *array = NULL;
    sheaf_view view = sheaf_view_f64(&w, 1);
    ck_ok(sheaf_func_parse(text, 2, names, &func, error));
    ck_ok(sheaf_array_from_view(&view, SHEAF_F64, &array, error));
    ck_ok(sheaf_func_bind(func, "w", array, error));
    sheaf_array_free(array);
    return func;
}

START_TEST(another_run_is_refused)
{
    const char *path = "s.csv";
    size_t n, m;
    sheaf_batch *batch = files(5), *fewer = batch_of(4), *others = NULL;
    sheaf_func *func = program("mean(x + w)", 1), *text = program("mean(x - w)", 1), *array = program("mean(x + w)", 2);
    sheaf_func *bare = named("mean"), *call = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    unlink(name_of(2));
    ck_ok(sheaf_map_to(func, batch, &plain, path, NULL, error));
    char *before = file_read("s.csv.sheaf-journal", &n);
    ck_refused(text, batch, &resume, path, SHEAF_CONFLICT,
               "the function was \"mean(x + w)\" when this output was begun, and is \"mean(x - w)\" now: --force");
    ck_refused(array, batch, &resume, path, SHEAF_CONFLICT, "the array w was \"float64 (1,), ");
    ck_refused(bare, batch, &resume, path, SHEAF_CONFLICT, "and is \"mean\" now");
    ck_refused(call, batch, &resume, path, SHEAF_CONFLICT, "and is \"twice\" now");
    ck_refused(func, fewer, &resume, path, SHEAF_CONFLICT, "the number of inputs was \"5\"");
    ck_ok(sheaf_batch_add_file(fewer, "other.npy", error));
    ck_refused(func, fewer, &resume, path, SHEAF_CONFLICT, "the input was \"f4.npy\"");
    resume.identity = NULL;
    ck_refused(call, batch, &resume, path, SHEAF_INVALID, "options.identity");
    char *after = file_read("s.csv.sheaf-journal", &m);
    ck_assert(n == m && memcmp(before, after, n) == 0); /* none of them has touched it */
    ck_ok(sheaf_map_to(func, batch, &resume, path, NULL, error));
    plain.overwrite = true;
    ck_ok(sheaf_map_to(text, batch, &plain, path, NULL, error)); /* starts over */
    ck_refused(func, batch, &resume, path, SHEAF_CONFLICT, "was \"mean(x - w)\"");
    /* Items in memory cannot be told from others. */
    double x[2] = {1, 4};
    sheaf_view view = sheaf_view_f64(x, 2);
    ck_ok(sheaf_batch_from_views(&view, 1, &others, error));
    ck_refused(bare, others, &plain, "m.csv", SHEAF_INVALID, "only files can be continued");
    ck_assert(!exists("m.csv.sheaf-journal"));
    free(before);
    free(after);
    sheaf_func_free(call);
    sheaf_func_free(bare);
    sheaf_func_free(array);
    sheaf_func_free(text);
    sheaf_func_free(func);
    sheaf_batch_free(others);
    sheaf_batch_free(fewer);
    sheaf_batch_free(batch);
}
END_TEST

/* Two templates whose journals have one name. */
START_TEST(a_journal_of_another_output)
{
    sheaf_batch *batch = files(3);
    sheaf_func *func = named("sqrt");
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    unlink(name_of(1));
    ck_ok(sheaf_map_to(func, batch, &plain, "out/a-{stem}.npy", NULL, error));
    ck_refused(func, batch, &plain, "out/b-{stem}.npy", SHEAF_CONFLICT, "of another output, out/a-{stem}.npy");
    ck_refused(func, batch, &resume, "out/", SHEAF_CONFLICT, "of another output");
    plain.overwrite = true;
    ck_refused(func, batch, &plain, "out/b-{stem}.npy", SHEAF_CONFLICT, "of another output");
    ck_ok(sheaf_map_to(func, batch, &resume, "./out/../out/a-{stem}.npy", NULL, error)); /* the same by another way */
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

static sheaf_batch *shared_batch;

/* Item 1 begins a second run on the same output. */
static sheaf_status again(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                          sheaf_error *error)
{
    sheaf_map_options options = keeping(item->index % 2);
    sheaf_func *func = user;
    sheaf_error e = {SHEAF_OK, ""};
    if (item->index == 1 || item->index == 2) {
        options.overwrite = item->index == 2;
        sheaf_status status = sheaf_map_to(func, shared_batch, &options, "t.csv", NULL, &e);
        if (status != SHEAF_IO || !strstr(e.message, "another run is at work on this output (process "))
            return sheaf_error_set(error, SHEAF_CALLBACK, "%s: %s", sheaf_status_name(status), e.message);
    }
    return sheaf_output_f64(out, ((const double *)x->data)[0], error);
}

START_TEST(two_runs_at_once)
{
    sheaf_func *mean = named("mean"), *func = callback(again, mean, 1);
    sheaf_map_options plain = keeping(false);
    sheaf_results *results = NULL;
    shared_batch = files(4);
    plain.threads = 2;
    ck_ok(sheaf_map_to(func, shared_batch, &plain, "t.csv", &results, error));
    for (int i = 0; i < 4; i++)
        ck_status(results, i, SHEAF_OK);
    sheaf_results_free(results);
    ck_assert(!exists("t.csv.sheaf-journal"));
    sheaf_func_free(func);
    sheaf_func_free(mean);
    sheaf_batch_free(shared_batch);
}
END_TEST

/* Of an array whose first number is below zero, x[k] with k far outside. */
static void save_large(int i, bool fails)
{
    enum {
        LENGTH = 100000
    };
    double *x = malloc(LENGTH * sizeof *x);
    for (int k = 0; k < LENGTH; k++)
        x[k] = i + k;
    sheaf_view view = sheaf_view_f64(x, LENGTH);
    ck_ok(sheaf_file_save(name_of(i), &view, false, error));
    if (fails)
        ck_assert_int_eq(truncate(name_of(i), 1000), 0);
    free(x);
}

/* Rows that stay in the file, which is larger than what is gathered: finished with a failure, then continued. */
START_TEST(a_large_stack)
{
    char *part = NULL;
    sheaf_func *func = named("neg");
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    sheaf_results *results = NULL;
    plain.threads = 2;
    for (int i = 0; i < N; i++)
        save_large(i, i == 4);
    sheaf_batch *batch = batch_of(N);
    ck_ok(sheaf_map_to(func, batch, &plain, "s.npy", NULL, error));
    ck_refused(func, batch, &plain, "s.npy", SHEAF_EXISTS, "is finished, but 1 of its 12 items failed");
    /* The finished file changed: its rows are nobody's. */
    ck_assert_int_eq(rename("s.npy", "mine.npy"), 0);
    ck_refused(func, batch, &resume, "s.npy", SHEAF_CONFLICT, "cannot be continued: the file with the rows");
    file_write("s.npy", "x", 1);
    ck_refused(func, batch, &plain, "s.npy", SHEAF_EXISTS, "is unfinished: 11 of 12 items (91 %) done, 1 failed");
    ck_refused(func, batch, &resume, "s.npy", SHEAF_CONFLICT, "is gone; start over");
    ck_assert_int_eq(rename("mine.npy", "s.npy"), 0);
    save_large(4, false);
    ck_ok(sheaf_map_to(func, batch, &resume, "s.npy", &results, error));
    ck_assert_uint_eq(sheaf_results_report(results).resumed, N - 1);
    sheaf_results_free(results);
    ck_ok(sheaf_map_to(func, batch, &plain, "quiet.npy", NULL, error));
    ck_assert(same_bytes("s.npy", "quiet.npy"));
    ck_assert(!exists("s.npy.sheaf-journal"));
    DIR *d = opendir(".");
    for (struct dirent *entry; (entry = readdir(d));)
        part = strstr(entry->d_name, ".sheaf-") ? entry->d_name : part;
    ck_assert_ptr_null(part);
    closedir(d);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* Whatever allocation fails in the run that goes on: the rows stay, and a later run ends. */
START_TEST(no_memory_loses_no_rows)
{
    sheaf_func *func = named("neg");
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    sheaf_status status = SHEAF_NO_MEMORY;
    long k = 0;
    for (int i = 0; i < N; i++)
        save_large(i, i == 4);
    sheaf_batch *batch = batch_of(N);
    plain.halt_after = 1;
    ck_ok(sheaf_map_to(func, batch, &plain, "s.npy", NULL, error));
    save_large(4, false);
    /* Not finished, with rows in its temporary file: the next one is stopped before it ends. */
    calls.flag = 1;
    ck_assert_int_eq(sheaf_map_to(func, batch, &resume, "s.npy", NULL, NULL), SHEAF_SKIPPED);
    calls.flag = 0;
    while (status == SHEAF_NO_MEMORY) {
        sheaf_results *results = NULL;
        sheaf_error e = {SHEAF_OK, ""};
        mem_fail_at(++k, 0);
        status = sheaf_map_to(func, batch, &resume, "s.npy", &results, &e);
        mem_fail_at(0, 0);
        ck_assert_msg(status == SHEAF_OK || status == SHEAF_NO_MEMORY, "allocation %ld: %s", k, e.message);
        sheaf_results_free(results);
    }
    ck_assert_int_gt(k, 10);
    ck_ok(sheaf_map_to(func, batch, &resume, "s.npy", NULL, error));
    plain.halt_after = 0;
    ck_ok(sheaf_map_to(func, batch, &plain, "quiet.npy", NULL, error));
    ck_assert(same_bytes("s.npy", "quiet.npy"));
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

/* What a damaged journal says is refused by every run, but for one that starts over. */
START_TEST(a_damaged_journal)
{
    size_t n;
    sheaf_batch *batch = files(3);
    sheaf_func *func = named("mean");
    sheaf_map_options plain = keeping(false), resume = keeping(true);
    unlink(name_of(0));
    ck_ok(sheaf_map_to(func, batch, &plain, "t.csv", NULL, error));
    char *bytes = file_read("t.csv.sheaf-journal", &n);
    bytes[30] ^= 4;
    file_write("t.csv.sheaf-journal", bytes, n);
    ck_refused(func, batch, &plain, "t.csv", SHEAF_FORMAT, "t.csv.sheaf-journal: this journal is damaged at byte 0");
    ck_refused(func, batch, &resume, "t.csv", SHEAF_FORMAT, "damaged at byte 0");
    plain.overwrite = true;
    ck_ok(sheaf_map_to(func, batch, &plain, "t.csv", NULL, error));
    /* A torn tail is cut off. */
    plain.overwrite = false;
    free(bytes);
    bytes = file_read("t.csv.sheaf-journal", &n);
    file_write("t.csv.sheaf-journal", bytes, n - 1);
    ck_refused(func, batch, &plain, "t.csv", SHEAF_EXISTS, "is unfinished: 2 of 3 items");
    save_numbers(name_of(0), 3, 0);
    ck_ok(sheaf_map_to(func, batch, &resume, "t.csv", NULL, error));
    free(bytes);
    bytes = file_read("t.csv", &n);
    ck_assert_str_eq(bytes, "item,mean\nf0.npy,1.0\nf1.npy,11.0\nf2.npy,21.0\n");
    free(bytes);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(what_a_journal_tells)
{
    char path[SHEAF_PATH_MAX];
    const char *name, *message;
    sheaf_status status;
    size_t index = 0;
    sheaf_journal *journal = NULL;
    sheaf_batch *batch = files(N);
    sheaf_func *func = callback(twice, NULL, 1);
    sheaf_map_options plain = keeping(false);
    plain.command = "make again";
    start(6, 2);
    sheaf_map_to(func, batch, &plain, "t.csv", NULL, NULL);
    ck_ok(sheaf_journal_path("t.csv", path, error));
    ck_assert_str_eq(path, "t.csv.sheaf-journal");
    ck_ok(sheaf_journal_read(path, &journal, error));
    const sheaf_journal_state s = sheaf_journal_about(journal);
    ck_assert(s.items == N && s.done == 6 && s.failed == 1 && !s.finished && !s.running);
    ck_assert_str_eq(s.output, "t.csv");
    ck_assert_str_eq(s.function, "twice");
    ck_assert_str_eq(s.command, "make again");
    ck_assert_int_eq(s.pid, getpid());
    ck_assert(sheaf_journal_failure(journal, &index, &name, &status, &message));
    ck_assert(index == 2 && status == SHEAF_CALLBACK);
    ck_assert_str_eq(name, "f2.npy");
    ck_has(message, "not today");
    index++;
    ck_assert(!sheaf_journal_failure(journal, &index, &name, &status, &message));
    sheaf_journal_free(journal);
    ck_ok(sheaf_journal_path("out/{stem}.npy", path, error));
    ck_assert_str_eq(path, "out.sheaf-journal");
    ck_assert_int_eq(sheaf_journal_read("none", &journal, NULL), SHEAF_IO);
    sheaf_journal_free(NULL);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resume");
    TCase *tc = tcase_create("runs");
    tcase_add_checked_fixture(tc, scratch_enter, scratch_leave);
    tcase_add_loop_test(tc, a_cancelled_run_is_continued, 0, KINDS);
    tcase_add_loop_test(tc, what_failed_is_retried, 0, KINDS);
    tcase_add_loop_test(tc, changed_inputs_are_computed_again, 0, KINDS);
    tcase_add_test(tc, verified_inputs_are_told_by_their_bytes);
    tcase_add_test(tc, lost_outputs_are_made_again);
    tcase_add_test(tc, another_run_is_refused);
    tcase_add_test(tc, a_journal_of_another_output);
    tcase_add_test(tc, two_runs_at_once);
    tcase_add_test(tc, a_large_stack);
    tcase_add_test(tc, no_memory_loses_no_rows);
    tcase_add_test(tc, a_damaged_journal);
    tcase_add_test(tc, what_a_journal_tells);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
