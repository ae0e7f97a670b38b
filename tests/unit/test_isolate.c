/* Items in worker processes: every kind of death costs one item, whose message tells of it. Sums are closed forms. */

#include "isolated.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
        ck_has(message_of(results, 2), "its worker process ");
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
            ck_has(message_of(results, i), "SIGSEGV");
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
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
