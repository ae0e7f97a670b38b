/* Several threads of a program, each mapping over workers of its own, some of which die: what must stay silent under
 * ThreadSanitizer. Every thread must get the sums. */

#include <pthread.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS = 4,
    ROUNDS = 3,
    ITEMS = 24,
    N = 6000
};

static const char source[] = "#include <stddef.h>\n"
                             "#include <stdlib.h>\n"
                             "void twice(const double *x, double *y, size_t n)\n"
                             "{\n"
                             "    if (x[0] < 0)\n"
                             "        abort();\n"
                             "    for (size_t i = 0; i < n; i++)\n"
                             "        y[i] = 2 * x[i];\n"
                             "}\n";

static double data[ITEMS][N];
static const sheaf_func *func;
static const sheaf_batch *batch;

static bool dies(size_t i)
{
    return i % 5 == 2;
}

static bool right(const sheaf_results *results, size_t i)
{
    sheaf_view y;
    if (dies(i))
        return sheaf_results_status(results, i, NULL) == SHEAF_CRASHED;
    if (sheaf_results_view(results, i, 0, &y, NULL) != SHEAF_OK || sheaf_view_size(&y) != N)
        return false;
    for (size_t k = 0; k < N; k++)
        if (((double *)y.data)[k] != 2 * data[i][k])
            return false;
    return true;
}

static void *call(void *failed)
{
    for (int round = 0; round < ROUNDS; round++) {
        sheaf_results *results = NULL;
        sheaf_map_options options;
        sheaf_map_options_init(&options);
        options.threads = 3;
        if (sheaf_map(func, batch, &options, &results, NULL) != SHEAF_OK)
            *(int *)failed = 1;
        for (size_t i = 0; results && i < ITEMS; i++)
            *(int *)failed |= !right(results, i);
        sheaf_results_free(results);
    }
    return NULL;
}

static bool make_function(sheaf_func **out)
{
    char directory[] = "/tmp/sheaf-race-XXXXXX", path[64];
    sheaf_error error = {SHEAF_OK, ""};
    if (!mkdtemp(directory))
        return false;
    snprintf(path, sizeof path, "%s/twice.c", directory);
    setenv("HOME", "", 1); /* no cache: the object is gone as soon as it is loaded */
    unsetenv("XDG_CACHE_HOME");
    FILE *f = fopen(path, "w");
    bool made = f && fputs(source, f) >= 0;
    made = f && fclose(f) == 0 && made && sheaf_func_from_file(path, NULL, out, &error) == SHEAF_OK;
    if (!made)
        printf("%s\n", error.message);
    unlink(path);
    rmdir(directory);
    return made;
}

int main(void)
{
    pthread_t threads[THREADS];
    int failed[THREADS] = {0}, any = 0;
    sheaf_func *made = NULL;
    sheaf_batch *items = NULL;
    if (!make_function(&made) || sheaf_batch_new(&items, NULL) != SHEAF_OK)
        return 1;
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t k = 0; k < N; k++)
            data[i][k] = (double)(i * N + k + 1);
        data[i][0] = dies(i) ? -1 : 1;
        const sheaf_view x = sheaf_view_f64(data[i], N);
        if (sheaf_batch_add_views(items, &x, 1, NULL, NULL) != SHEAF_OK)
            return 1;
    }
    func = made;
    batch = items;
    for (int k = 0; k < THREADS; k++)
        pthread_create(&threads[k], NULL, call, &failed[k]);
    for (int k = 0; k < THREADS; k++) {
        pthread_join(threads[k], NULL);
        any |= failed[k];
    }
    sheaf_batch_free(items);
    sheaf_func_free(made);
    printf("%d threads, %d maps each: %s\n", THREADS, ROUNDS, any ? "wrong" : "right");
    return any;
}
