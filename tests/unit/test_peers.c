/* What users of other pools suffer from, as far as no other test says that it cannot happen here: docs/reliability.md
 * has the list. */

#include "test_map.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    THREADS = 2,
    CALLERS = 4,
    ITEMS = 64
};

static char *directory;

static void setup(void)
{
    directory = scratch_new();
    setenv("SHEAF_NUM_THREADS", "2", 1);
}

static void teardown(void)
{
    scratch_remove(directory);
}

static const char *numbered(size_t i)
{
    char name[32];
    snprintf(name, sizeof name, "%zu.npy", i);
    return path_in(directory, name);
}

/* Makes the file of the next item: who looks at the whole input first does not find it. */
static sheaf_status makes_the_next(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                   sheaf_error *error)
{
    (void)user;
    const double next = *(const double *)x->data + 1;
    sheaf_view view = sheaf_view_f64(&next, 1);
    sheaf_status status = sheaf_file_save(numbered(item->index + 1), &view, false, error);
    return status == SHEAF_OK ? sheaf_output_f64(out, next, error) : status;
}

START_TEST(inputs_are_opened_when_their_turn_comes)
{
    char *paths[ITEMS];
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = callback(makes_the_next, NULL, 1);
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = 1;
    for (size_t i = 0; i < ITEMS; i++)
        paths[i] = strdup(numbered(i));
    save_numbers(paths[0], 1, 0);
    ck_ok(sheaf_batch_from_files((const char *const *)paths, ITEMS, &batch, error));
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert_double_eq(number_of(results, ITEMS - 1, 0), ITEMS);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    for (size_t i = 0; i < ITEMS; i++)
        free(paths[i]);
}
END_TEST

static int tasks(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

static void raise_to(atomic_int *most, int now)
{
    int before = atomic_load(most);
    while (before < now && !atomic_compare_exchange_weak(most, &before, now))
        ;
}

struct seen {
    atomic_int tasks, inside, together;
};

/* A function that opens a team of its own, as a user's OpenMP code would. */
static sheaf_status with_a_team(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                sheaf_error *error)
{
    struct seen *seen = user;
    const double *values = x->data;
    double sum = 0;
    (void)item;
    raise_to(&seen->together, atomic_fetch_add(&seen->inside, 1) + 1);
#pragma omp parallel for reduction(+ : sum)
    for (int k = 0; k < 1000; k++)
        sum += values[0];
    raise_to(&seen->tasks, tasks());
    atomic_fetch_sub(&seen->inside, 1);
    return sheaf_output_f64(out, sum, error);
}

START_TEST(threads_are_not_squared)
{
    struct seen seen = {0};
    double *x = counting(ITEMS);
    sheaf_batch *batch = batch_of_numbers(x, ITEMS);
    sheaf_func *func = callback(with_a_team, &seen, 1);
    sheaf_map_options options;
    sheaf_results *results = NULL;
    sheaf_map_options_init(&options);
    options.threads = 3;
    const int before = tasks();
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    for (size_t i = 0; i < ITEMS; i++)
        ck_assert_double_eq(number_of(results, i, 0), 1000 * (double)i);
    ck_assert_int_le(atomic_load(&seen.together), options.threads);
    ck_assert_int_le(atomic_load(&seen.tasks), before + options.threads - 1);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

static sheaf_status counts_the_others(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                      sheaf_error *error)
{
    struct seen *seen = user;
    volatile double sum = 0;
    (void)item;
    raise_to(&seen->together, atomic_fetch_add(&seen->inside, 1) + 1);
    for (int k = 0; k < 20000; k++)
        sum += *(const double *)x->data;
    raise_to(&seen->tasks, tasks());
    atomic_fetch_sub(&seen->inside, 1);
    return sheaf_output_f64(out, sum, error);
}

struct caller {
    pthread_t thread;
    pthread_barrier_t *together;
    const sheaf_func *func;
    const sheaf_batch *batch;
    size_t failed;
    sheaf_status status;
};

static void *maps(void *argument)
{
    struct caller *c = argument;
    pthread_barrier_wait(c->together);
    for (int round = 0; round < 10 && c->status == SHEAF_OK; round++) {
        sheaf_results *results = NULL;
        c->status = sheaf_map(c->func, c->batch, NULL, &results, NULL);
        c->failed += results ? sheaf_results_failed(results) : 0;
        sheaf_results_free(results);
    }
    return NULL;
}

/* Each caller has itself; of the process's two threads only one is left to share. */
START_TEST(callers_share_the_threads)
{
    struct seen seen = {0};
    double *x = counting(ITEMS);
    struct caller callers[CALLERS];
    pthread_barrier_t together;
    sheaf_batch *batch = batch_of_numbers(x, ITEMS);
    sheaf_func *func = callback(counts_the_others, &seen, 1);
    const int before = tasks();
    pthread_barrier_init(&together, NULL, CALLERS);
    for (int k = 0; k < CALLERS; k++) {
        callers[k] = (struct caller){.together = &together, .func = func, .batch = batch};
        ck_assert_int_eq(pthread_create(&callers[k].thread, NULL, maps, &callers[k]), 0);
    }
    for (int k = 0; k < CALLERS; k++) {
        pthread_join(callers[k].thread, NULL);
        ck_assert_int_eq(callers[k].status, SHEAF_OK);
        ck_assert_uint_eq(callers[k].failed, 0);
    }
    ck_assert_int_gt(atomic_load(&seen.together), 1);
    ck_assert_int_le(atomic_load(&seen.together), CALLERS + THREADS - 1);
    /* The OpenMP runtime keeps for each caller the threads it once had, asleep. */
    ck_assert_int_le(atomic_load(&seen.tasks), before + CALLERS * THREADS);
    pthread_barrier_destroy(&together);
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

static sheaf_status sums(const sheaf_batch *batch, double expected)
{
    sheaf_func *func = named("sum");
    sheaf_results *results = NULL;
    double sum = 0;
    sheaf_status status = sheaf_map(func, batch, NULL, &results, NULL);
    for (size_t i = 0; status == SHEAF_OK && i < ITEMS; i++)
        sum += number_of(results, i, 0);
    sheaf_results_free(results);
    sheaf_func_free(func);
    return status == SHEAF_OK && sum == expected ? SHEAF_OK : SHEAF_CALLBACK;
}

/* fork of a process that has had a team: the child computes alone, and ends. */
START_TEST(a_forked_child_maps)
{
    double *x = counting(ITEMS);
    const double expected = ITEMS * (ITEMS - 1) / 2;
    sheaf_batch *batch = batch_of_numbers(x, ITEMS);
    int status = 0;
    ck_assert_int_eq(sums(batch, expected), SHEAF_OK);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        const bool alone = sums(batch, expected) == SHEAF_OK && tasks() == 1;
        _exit(alone ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "the child was ended by signal %d", WTERMSIG(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert_int_eq(sums(batch, expected), SHEAF_OK);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peers");
    TCase *peers = tcase_create("peers");
    tcase_add_checked_fixture(peers, setup, teardown);
    tcase_add_test(peers, inputs_are_opened_when_their_turn_comes);
    tcase_add_test(peers, threads_are_not_squared);
    tcase_add_test(peers, callers_share_the_threads);
    tcase_add_test(peers, a_forked_child_maps);
    suite_add_tcase(suite, peers);
    return run_suite(suite);
}
