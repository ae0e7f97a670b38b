/* Several threads of one's own calling the library at once. They share the machine's cores through one budget, and
 * every one of them gets the same bits. */

#include <pthread.h>
#include <sheaf/sheaf.h>
#include <stdio.h>

enum {
    THREADS = 8,
    ROUNDS = 20,
    ITEMS = 64,
    N = 20000
};

static double data[ITEMS][N];

struct job {
    pthread_t thread;
    const sheaf_func *func; /* shared: functions and finished batches are never changed */
    const sheaf_batch *batch;
    double sum;
    int failed;
};

static void *work(void *argument)
{
    struct job *job = argument;
    for (int round = 0; round < ROUNDS; round++) {
        sheaf_results *results = NULL;
        sheaf_array *means = NULL, *sum = NULL;
        sheaf_view view;
        if (sheaf_map(job->func, job->batch, NULL, &results, NULL) || sheaf_results_stack(results, 0, &means, NULL) ||
            (view = sheaf_array_view(means), sheaf_sum(&view, NULL, &sum, NULL)))
            job->failed = 1;
        else
            job->sum = *(double *)sheaf_array_data(sum);
        sheaf_array_free(sum);
        sheaf_array_free(means);
        sheaf_results_free(results);
    }
    return NULL;
}

int main(void)
{
    struct job jobs[THREADS];
    sheaf_view views[ITEMS];
    sheaf_error error;
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    int failed = 0, started = 0;
    for (int i = 0; i < ITEMS; i++) {
        for (int j = 0; j < N; j++)
            data[i][j] = i + j;
        views[i] = sheaf_view_f64(data[i], N);
    }
    if (sheaf_func_named("mean", NULL, &func, &error) || sheaf_batch_from_views(views, ITEMS, &batch, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (; started < THREADS; started++) {
        jobs[started] = (struct job){.func = func, .batch = batch};
        if (pthread_create(&jobs[started].thread, NULL, work, &jobs[started]))
            break;
    }
    /* The mean of i, i+1, …, i+N-1 is i + (N-1)/2; all sums are exact. */
    double expected = ITEMS * ((ITEMS - 1) / 2.0 + (N - 1) / 2.0);
    for (int t = 0; t < started; t++) {
        pthread_join(jobs[t].thread, NULL);
        failed |= jobs[t].failed || jobs[t].sum != expected;
    }
    failed |= started < THREADS;
    printf("%d threads, %d maps each: the sum of the means is %.1f%s\n", started, ROUNDS, expected,
           failed ? ", but not everywhere" : "");
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return failed;
}
