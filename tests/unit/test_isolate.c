/* Items in worker processes: every kind of death costs one item, and the others have the bits of a map without workers.
 * Sums are closed forms. */

#include "isolated.h"
#include "test_map.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory;

static void setup(void)
{
    directory = scratch_new();
    unsetenv("CC");
    unsetenv("SHEAF_WORKER");
}

static void teardown(void)
{
    scratch_remove(directory);
}

static sheaf_results *mapped(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options)
{
    sheaf_results *results = NULL;
    ck_ok(sheaf_map(func, batch, options, &results, error));
    return results;
}

static sheaf_map_options threads(int n)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = n;
    return options;
}

static int descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* The only child of this process that is a worker; 0: none. */
static pid_t worker(void)
{
    pid_t found = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *e; (e = readdir(dir));) {
        char path[300], name[64];
        int pid, parent;
        snprintf(path, sizeof path, "/proc/%.100s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        if (f && fscanf(f, "%d (%63[^)]) %*c %d", &pid, name, &parent) == 3 && parent == getpid() &&
            strcmp(name, "sheaf-worker") == 0)
            found = pid;
        if (f)
            fclose(f);
    }
    closedir(dir);
    return found;
}

/* ---- deaths ---- */

static const struct {
    enum death death;
    const char *words;
    sheaf_status status;
} deaths[] = {
    {DIES_SEGV, "killed by SIGSEGV (Segmentation fault) while computing; peak RSS ", SHEAF_CRASHED},
    {DIES_ABORT, "killed by SIGABRT (Aborted) while computing; peak RSS ", SHEAF_CRASHED},
    {DIES_EXIT, "ended with exit status 7 while computing; peak RSS ", SHEAF_CRASHED},
    {DIES_FPE, "killed by SIGFPE (Floating point exception) while computing; peak RSS ", SHEAF_CRASHED},
    {DIES_OVERFLOW, "killed by SIGSEGV (Segmentation fault) while computing; peak RSS ", SHEAF_CRASHED},
    {DIES_KILLED, "killed by SIGKILL (by the system, when memory ran out, or by someone) while computing; peak RSS ",
     SHEAF_CRASHED},
    {DIES_NEVER, " s while computing; peak RSS ", SHEAF_TIMEOUT},
    {DIES_LATER, "ended with exit status 0 while returning its result; peak RSS ", SHEAF_CRASHED},
    {DIES_MUTE, "killed by SIGSEGV (Segmentation fault) while computing; peak RSS ", SHEAF_CRASHED},
};

START_TEST(a_death_costs_one_item)
{
    double x[6] = {3, 5, 7, 11, 13, 17};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    x[2] = deaths[_i].death;
    for (int n = 1; n <= 2; n++) {
        sheaf_map_options options = threads(n);
        options.timeout = deaths[_i].death == DIES_NEVER ? 0.3 : 0;
        sheaf_batch *batch = batch_of_numbers(x, 6);
        sheaf_results *results = mapped(func, batch, &options);
        ck_assert_uint_eq(sheaf_results_failed(results), 1);
        for (size_t i = 0; i < 6; i++)
            if (i != 2)
                ck_assert_double_eq(number_of(results, i, 0), x[i]);
        ck_status(results, 2, deaths[_i].status);
        ck_has(message_of(results, 2), "[2]: its worker process ");
        ck_has(message_of(results, 2), deaths[_i].words);
        sheaf_results_free(results);
        sheaf_batch_free(batch);
    }
    sheaf_func_free(func);
}
END_TEST

START_TEST(deaths_in_a_row)
{
    enum {
        N = 200
    };
    double x[N];
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    for (int i = 0; i < N; i++)
        x[i] = i % 3 == 1 ? DIES_SEGV : i;
    const sheaf_map_options options = threads(3);
    sheaf_batch *batch = batch_of_numbers(x, N);
    sheaf_results *results = mapped(func, batch, &options);
    ck_assert_uint_eq(sheaf_results_failed(results), 67);
    for (size_t i = 0; i < N; i++)
        if (i % 3 == 1)
            ck_status(results, i, SHEAF_CRASHED);
        else
            ck_assert_double_eq(number_of(results, i, 0), x[i]);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

START_TEST(descriptors_and_children_are_gone)
{
    double x[4] = {1, DIES_SEGV, 3, DIES_EXIT};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 4);
    const sheaf_map_options options = threads(2);
    const int before = descriptors();
    for (int k = 0; k < 3; k++) {
        sheaf_results_free(mapped(func, batch, &options));
        ck_assert_int_eq(descriptors(), before);
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    }
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    ck_assert_int_eq(descriptors(), before - 1); /* the object's */
}
END_TEST

/* What a program that has its children reaped by the system sees. */
START_TEST(children_that_nobody_waits_for)
{
    double x[3] = {1, DIES_SEGV, 3};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 3);
    signal(SIGCHLD, SIG_IGN);
    sheaf_results *results = mapped(func, batch, NULL);
    ck_assert_uint_eq(sheaf_results_failed(results), 1);
    ck_has(message_of(results, 1), "no one knows how");
    ck_assert_double_eq(number_of(results, 2, 0), 3);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* ---- from outside ---- */

struct running {
    const sheaf_func *func;
    const sheaf_batch *batch;
    sheaf_results *results;
    sheaf_error error;
    pthread_t thread;
};

static void *run(void *context)
{
    struct running *r = context;
    const sheaf_map_options options = threads(1);
    sheaf_map(r->func, r->batch, &options, &r->results, &r->error);
    return NULL;
}

/* A map over a file, a pipe by this name, and a file; returns when somebody opened the pipe: the end to write to. */
static int start_with_pipe(struct running *r, sheaf_func *func, const char *name)
{
    sheaf_batch *batch = NULL;
    char *first = strdup(path_in(directory, "first.npy")), *last = strdup(path_in(directory, "last.npy"));
    save_numbers(first, 4, 1);
    save_numbers(last, 3, 2);
    ck_assert_int_eq(mkfifo(path_in(directory, "pipe"), 0600), 0);
    ck_ok(sheaf_batch_from_files((const char *const[]){first, name, last}, 3, &batch, error));
    *r = (struct running){.func = func, .batch = batch};
    ck_assert_int_eq(pthread_create(&r->thread, NULL, run, r), 0);
    free(first);
    free(last);
    return open(path_in(directory, "pipe"), O_WRONLY | O_CLOEXEC);
}

START_TEST(killed_from_outside)
{
    struct running r;
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    const char *name = path_in(directory, "pipe");
    int fd = start_with_pipe(&r, func, name);
    const pid_t victim = worker(); /* it waits for the pipe's first byte */
    ck_assert_int_gt(victim, 0);
    ck_assert_int_eq(kill(victim, SIGKILL), 0);
    pthread_join(r.thread, NULL);
    close(fd);
    ck_assert_msg(r.results != NULL, "%s", r.error.message);
    ck_assert_double_eq(number_of(r.results, 0, 0), 1 + 2 + 3 + 4);
    ck_assert_double_eq(number_of(r.results, 2, 0), 2 + 3 + 4);
    ck_status(r.results, 1, SHEAF_CRASHED);
    ck_has(message_of(r.results, 1), "/pipe: its worker process was killed by SIGKILL");
    ck_has(message_of(r.results, 1), " while opening its input; peak RSS ");
    sheaf_results_free(r.results);
    sheaf_batch_free((sheaf_batch *)(uintptr_t)r.batch);
    sheaf_func_free(func);
}
END_TEST

/* A name that means something else in another process is read here, and the worker idles meanwhile. */
START_TEST(killed_while_idle)
{
    struct running r;
    size_t n;
    char name[400];
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    snprintf(name, sizeof name, "/proc/self/root%s", path_in(directory, "pipe"));
    int fd = start_with_pipe(&r, func, name);
    const pid_t victim = worker();
    siginfo_t info;
    ck_assert_int_gt(victim, 0);
    ck_assert_int_eq(kill(victim, SIGKILL), 0);
    ck_assert_int_eq(waitid(P_PID, (id_t)victim, &info, WEXITED | WNOWAIT), 0);
    char *bytes = file_read(path_in(directory, "first.npy"), &n);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    free(bytes);
    pthread_join(r.thread, NULL);
    ck_assert_msg(r.results != NULL, "%s", r.error.message);
    ck_assert_uint_eq(sheaf_results_failed(r.results), 0);
    ck_assert_double_eq(number_of(r.results, 1, 0), 1 + 2 + 3 + 4);
    ck_assert_double_eq(number_of(r.results, 2, 0), 2 + 3 + 4);
    sheaf_results_free(r.results);
    sheaf_batch_free((sheaf_batch *)(uintptr_t)r.batch);
    sheaf_func_free(func);
}
END_TEST

/* ---- the program ---- */

START_TEST(workers_that_cannot_be_started)
{
    double x[1] = {1};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    file_write(path_in(directory, "text"), "no program\n", 11);
    chmod(path_in(directory, "text"), 0700);
    const struct {
        const char *program, *words;
    } cases[] = {
        {"/nowhere/worker", "SHEAF_WORKER names the worker program /nowhere/worker, which cannot be run (No such file"},
        {path_in(directory, "deadly.c"), "deadly.c, which cannot be run (Permission denied)"},
        {path_in(directory, "text"), "text cannot be started: Exec format error"},
        {"/bin/false", "false does not work: its worker process ended with exit status 1 while starting"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sheaf_error error = {SHEAF_OK, ""};
        const int before = descriptors();
        setenv("SHEAF_WORKER", cases[k].program, 1);
        ck_assert_int_eq(sheaf_map(func, batch, NULL, &results, &error), SHEAF_UNSUPPORTED);
        ck_assert_ptr_null(results);
        ck_has(error.message, cases[k].words);
        ck_has(error.message, "--no-isolate");
        ck_assert_int_eq(descriptors(), before);
    }
    sheaf_map_options options = threads(0);
    options.isolate = SHEAF_ISOLATE_NEVER;
    results = mapped(func, batch, &options);
    ck_assert_double_eq(number_of(results, 0, 0), 1);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* With room for one descriptor after the other, until the map runs: what is missing is named, and nothing is left open.
 */
START_TEST(too_few_descriptors)
{
    double x[1] = {5};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    const sheaf_map_options options = threads(1);
    struct rlimit limit, before;
    int first = dup(0), refused = 0; /* the lowest number that is free */
    close(first);
    getrlimit(RLIMIT_NOFILE, &before);
    for (int room = 0; !results; room++) {
        sheaf_error error = {SHEAF_OK, ""};
        ck_assert_int_lt(room, 20);
        limit = before;
        limit.rlim_cur = (rlim_t)(first + room);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        sheaf_status status = sheaf_map(func, batch, &options, &results, &error);
        setrlimit(RLIMIT_NOFILE, &before);
        ck_assert_msg(status == SHEAF_OK || (status == SHEAF_UNSUPPORTED && *error.message), "%s", error.message);
        refused += status != SHEAF_OK;
        int again = dup(0);
        close(again);
        ck_assert_int_eq(again, first);
    }
    ck_assert_int_gt(refused, 2);
    ck_assert_double_eq(number_of(results, 0, 0), 5);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* One that works for a while: a script that starts the true one as long as its file is there. */
START_TEST(a_worker_that_cannot_be_replaced)
{
    double x[3] = {1, DIES_SEGV, 3};
    char script[3 * 4096], own[4096], *flag = strdup(path_in(directory, "flag"));
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    ck_assert_int_gt(n, 0);
    own[n] = '\0';
    *strrchr(own, '/') = '\0'; /* build/tests */
    snprintf(script, sizeof script,
             "#!/bin/sh\n[ -e '%s' ] && rm '%s' && exec '%s/../libexec/sheaf/sheaf-worker' \"$@\"\n", flag, flag, own);
    file_write(path_in(directory, "worker"), script, strlen(script));
    chmod(path_in(directory, "worker"), 0700);
    file_write(flag, "", 0);
    setenv("SHEAF_WORKER", path_in(directory, "worker"), 1);
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    const sheaf_map_options options = threads(1);
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, &error), SHEAF_UNSUPPORTED);
    ck_assert_ptr_null(results);
    ck_has(error.message, "while starting");
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(flag);
}
END_TEST

/* ---- lies (tests/support/bad_worker.c) ---- */

static sheaf_status map_with_bad_worker(const char *mode, const sheaf_batch *batch, sheaf_results **results,
                                        sheaf_error *error)
{
    sheaf_func *func = named("mean");
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    setenv("SHEAF_WORKER", SHEAF_BAD_WORKER_PATH, 1);
    setenv("SHEAF_BAD_WORKER", mode, 1);
    sheaf_status status = sheaf_map(func, batch, &options, results, error);
    sheaf_func_free(func);
    return status;
}

START_TEST(greetings_that_lie)
{
    static const struct {
        const char *mode, *words;
    } cases[] = {{"version", "is of version 0.0.0, and this is " SHEAF_VERSION},
                 {"protocol", "install both anew"},
                 {"greeting", "install both anew"},
                 {"refusal", "cannot be made in a worker process: it does not please"}};
    double x[1] = {1};
    sheaf_batch *batch = batch_of_numbers(x, 1);
    const int before = descriptors();
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sheaf_error error = {SHEAF_OK, ""};
        sheaf_results *results = NULL;
        ck_assert_int_eq(map_with_bad_worker(cases[k].mode, batch, &results, &error), SHEAF_UNSUPPORTED);
        ck_has(error.message, cases[k].words);
        ck_assert_int_eq(descriptors(), before);
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    }
    sheaf_batch_free(batch);
}
END_TEST

static const char *const lies[] = {"message", "count", "dtype",  "rank", "negative", "overflow", "huge",
                                   "here",    "place", "behind", "old",  "long",     "cut"};

START_TEST(answers_that_lie)
{
    double x[3] = {1, 2, 3};
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker(lies[_i], batch, &results, error));
    for (size_t i = 0; i < 3; i++) {
        ck_status(results, i, SHEAF_CRASHED);
        ck_has(message_of(results, i), "gave an answer that makes no sense");
    }
    sheaf_results_free(results);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(answers_that_only_look_so)
{
    double x[3] = {1, 2, 3};
    sheaf_batch *batch = batch_of_numbers(x, 3);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker("shrink", batch, &results, error)); /* it could not */
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(number_of(results, i, 0), 42);
    sheaf_results_free(results);
    ck_ok(map_with_bad_worker("status", batch, &results, error));
    for (size_t i = 0; i < 3; i++) {
        ck_status(results, i, SHEAF_CALLBACK);
        ck_assert_str_eq(message_of(results, i) + 5, "no such status");
    }
    sheaf_results_free(results);
    ck_ok(map_with_bad_worker("twice", batch, &results, error)); /* the second is no answer to the next question */
    ck_assert_double_eq(number_of(results, 0, 0), 42);
    ck_status(results, 1, SHEAF_CRASHED);
    ck_assert_double_eq(number_of(results, 2, 0), 42);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(noise)
{
    enum {
        N = 100
    };
    double *x = counting(N);
    sheaf_batch *batch = batch_of_numbers(x, N);
    sheaf_results *results = NULL;
    ck_ok(map_with_bad_worker("noise", batch, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), N);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* ---- what is computed ---- */

static sheaf_status never_called(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                 sheaf_error *error)
{
    (void)x, (void)item, (void)out, (void)user;
    return sheaf_error_set(error, SHEAF_CALLBACK, "called");
}

START_TEST(a_callback_cannot_be_isolated)
{
    double x[1] = {1};
    sheaf_func *func = callback(never_called, NULL, 1);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, &error), SHEAF_UNSUPPORTED);
    ck_has(error.message, "sheaf_func_from_file");
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

static const char several[] =
    "#include <sheaf/plugin.h>\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "static sheaf_status several(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,\n"
    "                            sheaf_error *error)\n"
    "{\n"
    "    sheaf_view a;\n"
    "    const int64_t shape[2] = {3, (int64_t)item->index * 2000};\n"
    "    if (item->index == 3)\n"
    "        return sheaf_error_set(error, SHEAF_CALLBACK, \"%s is odd\", item->name);\n"
    "    if (item->index == 4)\n"
    "        return sheaf_output_f64(out, 1, error);\n"
    "    sheaf_status status = sheaf_output_array(out, SHEAF_I16, 2, shape, &a, error);\n"
    "    if (status != SHEAF_OK)\n"
    "        return status;\n"
    "    for (int64_t i = 0; i < sheaf_view_size(&a); i++)\n"
    "        ((int16_t *)a.data)[i] = (int16_t)(i + item->ninputs);\n"
    "    return sheaf_output_f64(out, *(double *)x->data + (user != NULL), error);\n"
    "}\n"
    "SHEAF_FUNCTION(several, \"a\", \"b\");\n";

START_TEST(a_function_with_everything)
{
    double x[5] = {1, 2, 3, 4, 5};
    sheaf_func *func = own_function(directory, "several.c", several);
    sheaf_batch *batch = batch_of_numbers(x, 5);
    sheaf_results *results = mapped(func, batch, NULL);
    for (size_t i = 0; i < 3; i++) {
        sheaf_view a;
        ck_assert_double_eq(number_of(results, i, 1), x[i]);
        ck_ok(sheaf_results_view(results, i, 0, &a, error));
        ck_assert_int_eq(a.dtype, SHEAF_I16);
        ck_assert_int_eq(a.ndim, 2);
        ck_assert_int_eq(a.shape[0], 3);
        ck_assert_int_eq(a.shape[1], (int64_t)i * 2000);
        for (int64_t k = 0; k < sheaf_view_size(&a); k++)
            ck_assert_int_eq(((int16_t *)a.data)[k], (int16_t)(k + 1));
    }
    ck_status(results, 3, SHEAF_CALLBACK);
    ck_assert_str_eq(message_of(results, 3), "[3] is odd");
    ck_status(results, 4, SHEAF_INVALID);
    ck_has(message_of(results, 4), "only 1 of its 2 outputs");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* Arrays of all sizes, dtypes and layouts, and files. */
static sheaf_batch *all_kinds(void)
{
    static double numbers[96 * 70];
    static float floats[40 * 30];
    static int16_t shorts[500];
    static double complexes[40];
    static bool bools[9];
    sheaf_batch *batch = NULL;
    sheaf_view v, t;
    uint64_t state = 7;
    for (size_t i = 0; i < 96 * 70; i++)
        numbers[i] = random_unit(&state) * 9 - 4;
    numbers[17] = (double)NAN;
    for (size_t i = 0; i < 40 * 30; i++)
        floats[i] = (float)numbers[i + 50];
    for (size_t i = 0; i < 500; i++)
        shorts[i] = (int16_t)random_u64(&state);
    for (size_t i = 0; i < 40; i++)
        complexes[i] = numbers[i + 900];
    for (size_t i = 0; i < 9; i++)
        bools[i] = i % 3 == 0;
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 2, (const int64_t[]){96, 70}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "large", error));
    ck_ok(sheaf_view_transpose(&v, NULL, &t, error));
    ck_ok(sheaf_batch_add_views(batch, &t, 1, "transposed", error));
    ck_ok(sheaf_file_save(path_in(directory, "large.npy"), &v, false, error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "large.npy"), error));
    ck_ok(sheaf_view_init(&v, floats, SHEAF_F32, 2, (const int64_t[]){40, 30}, error));
    ck_ok(sheaf_view_flip(&v, 0, NULL, &v, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, shorts, SHEAF_I16, 1, (const int64_t[]){500}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_file_save(path_in(directory, "shorts.npy"), &v, false, error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "shorts.npy"), error));
    ck_ok(sheaf_view_init(&v, complexes, SHEAF_C128, 1, (const int64_t[]){20}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, bools, SHEAF_BOOL, 2, (const int64_t[]){3, 3}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 2, (const int64_t[]){0, 4}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "empty", error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 0, NULL, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "number", error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "missing.npy"), error));
    return batch;
}

/* The same outcome of every item, to the bit and the word. */
static void same_outcome(const char *what, const sheaf_func *func, const sheaf_results *a, const sheaf_results *b)
{
    for (size_t i = 0; i < sheaf_results_size(a); i++) {
        ck_assert_msg(sheaf_results_status(a, i, NULL) == sheaf_results_status(b, i, NULL), "%s, item %zu: %s or %s",
                      what, i, message_of(a, i), message_of(b, i));
        ck_assert_str_eq(message_of(a, i), message_of(b, i));
        for (int k = 0; k < sheaf_func_nout(func) && sheaf_results_status(a, i, NULL) == SHEAF_OK; k++) {
            sheaf_view x, y;
            ck_ok(sheaf_results_view(a, i, k, &x, error));
            ck_ok(sheaf_results_view(b, i, k, &y, error));
            ck_assert_msg(x.dtype == y.dtype && x.ndim == y.ndim &&
                              memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape) == 0,
                          "%s, item %zu: shapes differ", what, i);
            ck_assert_msg(same_bits(x.data, y.data, (size_t)sheaf_view_size(&x), x.dtype), "%s, item %zu: bits differ",
                          what, i);
        }
    }
}

/* Here on one thread, and isolated on three. */
static size_t compare(const char *what, sheaf_func *func, const sheaf_batch *batch)
{
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_NEVER;
    sheaf_results *here = mapped(func, batch, &options);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    options.threads = 3;
    sheaf_results *there = mapped(func, batch, &options);
    same_outcome(what, func, here, there);
    sheaf_results_free(there);
    const size_t done = sheaf_results_size(here) - sheaf_results_failed(here);
    sheaf_results_free(here);
    sheaf_func_free(func);
    return done;
}

START_TEST(the_same_bits_of_the_catalogue)
{
    sheaf_batch *batch = all_kinds();
    size_t done = 0, functions = 0;
    for (size_t f = 0; f < sheaf_catalogue_size(); f++) {
        const sheaf_function_info *info = sheaf_catalogue_at(f);
        if (info->nin != 1 && info->nin != SHEAF_MANY)
            continue;
        done += compare(info->name, named(info->name), batch);
        functions++;
    }
    ck_assert_uint_gt(functions, 100);
    ck_assert_uint_gt(done, 5 * functions);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(the_same_bits_of_options_and_programs)
{
    double weights[70], edges[4] = {-3, -1, 0.5, 2};
    sheaf_batch *batch = all_kinds();
    sheaf_options o;
    sheaf_func *func = NULL;
    for (int i = 0; i < 70; i++)
        weights[i] = i * 0.25;
    const sheaf_view w = sheaf_view_f64(weights, 70), e = sheaf_view_f64(edges, 4);
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = -1;
    o.weights = &w;
    ck_ok(sheaf_func_named("mean", &o, &func, error));
    ck_assert_uint_gt(compare("mean", func, batch), 1);
    sheaf_options_init(&o);
    o.edges = &e;
    ck_ok(sheaf_func_named("histogram", &o, &func, error));
    ck_assert_uint_gt(compare("histogram", func, batch), 3);
    sheaf_options_init(&o);
    o.method = "dense";
    ck_ok(sheaf_func_named("rank", &o, &func, error));
    ck_assert_uint_gt(compare("rank", func, batch), 3);
    static const char *const texts[] = {"mean(x), std(x)",   "y = sqrt(abs(x)); y - mean(y), index",
                                        "sort(x), x[x > 0]", "x + b",
                                        "unique(x)",         "pad(x, 2, mode='edge')"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        sheaf_array *b = NULL;
        ck_ok(sheaf_array_from_view(&w, SHEAF_F32, &b, error));
        ck_ok(sheaf_func_parse(texts[k], 2, (const char *const[]){"x", "b"}, &func, error));
        ck_ok(sheaf_func_bind(func, "b", b, error));
        ck_assert_uint_gt(compare(texts[k], func, batch), 2);
        sheaf_array_free(b);
    }
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(programs_that_use_own_c)
{
    sheaf_batch *batch = all_kinds();
    sheaf_func *own = own_function(directory, "deadly.c", deadly), *func = NULL;
    ck_ok(sheaf_func_parse_using("deadly(x * 0 + 1), mean(x)", 0, NULL, 1, (const sheaf_func *const[]){own}, &func,
                                 error));
    ck_assert_uint_gt(compare("program", func, batch), 5);
    /* by default, too: it dies there and not here */
    ck_ok(sheaf_func_parse_using("deadly(x[:0]), deadly(ones(3) * -1)", 0, NULL, 1, (const sheaf_func *const[]){own},
                                 &func, error));
    sheaf_results *results = mapped(func, batch, NULL);
    ck_status(results, 0, SHEAF_CRASHED);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_func_free(own);
    sheaf_batch_free(batch);
}
END_TEST

/* Items worth a team's while: one worker computes each with all threads. Several inputs; what is freed between items.
 */
START_TEST(large_items)
{
    enum {
        N = 1500000
    };
    double *x = malloc(N * sizeof *x);
    uint64_t state = 3;
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    for (size_t i = 0; i < N; i++)
        x[i] = random_unit(&state);
    ck_ok(sheaf_batch_new(&batch, error));
    const sheaf_view two[2] = {sheaf_view_f64(x, N), sheaf_view_f64(x, N)};
    for (int k = 0; k < 3; k++) {
        ck_ok(sheaf_batch_add_views(batch, two, 2, NULL, error));
        ck_ok(sheaf_batch_add_views(batch, (const sheaf_view[]){sheaf_view_f64(x, 3), sheaf_view_f64(x + 3, 3)}, 2,
                                    NULL, error));
    }
    ck_ok(sheaf_func_parse("sort(x) + y, cumsum(y), x * 2, sqrt(y), exp(x)", 2, (const char *const[]){"x", "y"}, &func,
                           error));
    ck_assert_uint_eq(compare("large", func, batch), 6);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* ---- where it goes ---- */

START_TEST(into_rows_of_any_stride)
{
    double x[3] = {1, 2, DIES_ABORT}, out[4][6];
    sheaf_func *func = own_function(directory, "twice.c",
                                    "#include <stddef.h>\n#include <stdlib.h>\n"
                                    "void twice(const double *x, double *y, size_t n)\n"
                                    "{ for (size_t i = 0; i < n; i++) { if (x[i] < 0) abort(); y[i] = 2 * x[i]; } }\n");
    sheaf_view views[3], rows, every;
    for (int i = 0; i < 3; i++) {
        views[i] = sheaf_view_f64(&x[i], 1);
        views[i].shape[0] = 4;
        views[i].strides[0] = 0;
    }
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_from_views(views, 3, &batch, error));
    ck_ok(sheaf_view_init(&rows, out, SHEAF_F64, 2, (const int64_t[]){4, 6}, error));
    ck_ok(sheaf_view_transpose(&rows, NULL, &rows, error)); /* 6 rows of 4 */
    ck_ok(sheaf_view_slice(&rows, 0, 0, 6, 2, &every, error));
    ck_ok(sheaf_map_into(func, batch, NULL, &every, NULL, error));
    for (int d = 0; d < 4; d++) {
        ck_assert_double_eq(out[d][0], 2);
        ck_assert_double_eq(out[d][2], 4);
        ck_assert_double_nan(out[d][4]);
    }
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* A stack on disk has the bytes of one computed here. */
START_TEST(to_a_file)
{
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    char *a = strdup(path_in(directory, "a.npy")), *b = strdup(path_in(directory, "b.npy"));
    save_numbers(a, 3000, 1);
    save_numbers(b, 3000, 5);
    ck_ok(sheaf_func_parse("sqrt(x) + 1", 0, NULL, &func, error));
    ck_ok(sheaf_batch_from_files((const char *const[]){a, b}, 2, &batch, error));
    sheaf_map_options options = threads(2);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    ck_ok(sheaf_map_to(func, batch, &options, path_in(directory, "there.npy"), NULL, error));
    options.isolate = SHEAF_ISOLATE_NEVER;
    ck_ok(sheaf_map_to(func, batch, &options, path_in(directory, "here.npy"), NULL, error));
    size_t n, m;
    char *there = file_read(path_in(directory, "there.npy"), &n), *here = file_read(path_in(directory, "here.npy"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_int_eq(memcmp(there, here, n), 0);
    free(there);
    free(here);
    free(a);
    free(b);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* The compiled file is removed, and another lies under its name, before the first worker starts. */
START_TEST(an_object_that_is_gone)
{
    double x[2] = {4, 5};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 2);
    DIR *dir = opendir(path_in(directory, "cache"));
    int removed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[600];
        snprintf(path, sizeof path, "%s/cache/%.255s", directory, e->d_name);
        removed += unlink(path) == 0;
    }
    closedir(dir);
    ck_assert_int_eq(removed, 1);
    sheaf_results *results = mapped(func, batch, NULL);
    ck_assert_double_eq(number_of(results, 0, 0), 4);
    ck_assert_double_eq(number_of(results, 1, 0), 5);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isolate");
    TCase *tests = tcase_create("isolate");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_death_costs_one_item, 0, (int)(sizeof deaths / sizeof *deaths));
    tcase_add_test(tests, deaths_in_a_row);
    tcase_add_test(tests, descriptors_and_children_are_gone);
    tcase_add_test(tests, children_that_nobody_waits_for);
    tcase_add_test(tests, killed_from_outside);
    tcase_add_test(tests, killed_while_idle);
    tcase_add_test(tests, workers_that_cannot_be_started);
    tcase_add_test(tests, too_few_descriptors);
    tcase_add_test(tests, a_worker_that_cannot_be_replaced);
    tcase_add_test(tests, greetings_that_lie);
    tcase_add_loop_test(tests, answers_that_lie, 0, (int)(sizeof lies / sizeof *lies));
    tcase_add_test(tests, answers_that_only_look_so);
    tcase_add_test(tests, noise);
    tcase_add_test(tests, a_callback_cannot_be_isolated);
    tcase_add_test(tests, a_function_with_everything);
    tcase_add_test(tests, the_same_bits_of_the_catalogue);
    tcase_add_test(tests, the_same_bits_of_options_and_programs);
    tcase_add_test(tests, programs_that_use_own_c);
    tcase_add_test(tests, large_items);
    tcase_add_test(tests, into_rows_of_any_stride);
    tcase_add_test(tests, to_a_file);
    tcase_add_test(tests, an_object_that_is_gone);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
