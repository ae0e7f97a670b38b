/* Many callers at once, through the public door only: what must stay silent under ThreadSanitizer. Every thread runs
 * the same calls (a team, the budget, the pool, the FFT plans, OpenBLAS, shared functions, a program among them whose
 * layouts are kept, and a shared batch) and must get the bits of the first. */

#include <pthread.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <string.h>

enum {
    THREADS = 4,
    ROUNDS = 5,
    ITEMS = 12,
    N = 30000,
    SIDE = 96,
    FUNCTIONS = 4
};

static double data[ITEMS][N];
static const sheaf_func *functions[FUNCTIONS];
static const sheaf_batch *batch;

struct caller {
    pthread_t thread;
    unsigned long long digest;
    int failed;
};

static unsigned long long mix(unsigned long long digest, const sheaf_view *view)
{
    const unsigned char *bytes = view->data;
    size_t n = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    for (size_t i = 0; i < n; i++)
        digest = (digest ^ bytes[i]) * 0x100000001b3u;
    return digest;
}

static int add_map(const sheaf_func *function, unsigned long long *digest)
{
    sheaf_results *results = NULL;
    int failed = sheaf_map(function, batch, NULL, &results, NULL) || sheaf_results_failed(results) > 0;
    for (size_t i = 0; !failed && i < ITEMS; i++) {
        sheaf_view view;
        failed = sheaf_results_view(results, i, 0, &view, NULL) != SHEAF_OK;
        if (!failed)
            *digest = mix(*digest, &view);
    }
    sheaf_results_free(results);
    return failed;
}

static int add_product(unsigned long long *digest)
{
    sheaf_array *product = NULL;
    sheaf_view square, view;
    int failed = sheaf_view_init(&square, data[0], SHEAF_F64, 2, (const int64_t[]){SIDE, SIDE}, NULL) ||
                 sheaf_matmul(&square, &square, NULL, &product, NULL);
    if (!failed) {
        view = sheaf_array_view(product);
        *digest = mix(*digest, &view);
    }
    sheaf_array_free(product);
    return failed;
}

static void *work(void *argument)
{
    struct caller *caller = argument;
    for (int round = 0; round < ROUNDS && !caller->failed; round++) {
        for (int f = 0; f < FUNCTIONS; f++)
            caller->failed |= functions[f] && add_map(functions[f], &caller->digest);
        caller->failed |= add_product(&caller->digest);
    }
    return NULL;
}

int main(void)
{
    static struct caller callers[THREADS];
    const char *names[FUNCTIONS] = {"stats", "sort", "rfft", "y = x - mean(x); sort(y * y + 1)[::2], std(y)"};
    sheaf_func *made[FUNCTIONS] = {0};
    sheaf_batch *items = NULL;
    sheaf_view views[ITEMS];
    int failed = 0, started = 0;
    for (int i = 0; i < ITEMS; i++) {
        for (int j = 0; j < N; j++)
            data[i][j] = (double)((j * 7919 + i * 104729) % 10007) / 10007 - 0.5;
        views[i] = sheaf_view_f64(data[i], (size_t)N / (size_t)(i % 3 + 1));
    }
    for (int f = 0; f < FUNCTIONS; f++) {
        if (strcmp(names[f], "rfft") != 0 || sheaf_has_fftw())
            failed |= sheaf_func_parse(names[f], 0, NULL, &made[f], NULL) != SHEAF_OK;
        functions[f] = made[f];
    }
    failed |= sheaf_batch_from_views(views, ITEMS, &items, NULL) != SHEAF_OK;
    batch = items;
    while (!failed && started < THREADS && !pthread_create(&callers[started].thread, NULL, work, &callers[started]))
        started++;
    for (int t = 0; t < started; t++) {
        pthread_join(callers[t].thread, NULL);
        failed |= callers[t].failed || callers[t].digest != callers[0].digest;
    }
    failed |= started < THREADS;
    for (int f = 0; f < FUNCTIONS; f++)
        sheaf_func_free(made[f]);
    sheaf_batch_free(items);
    printf("%d callers, %s\n", started, failed ? "not all alike" : "the same bits for all");
    return failed;
}
