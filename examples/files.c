/* A batch of files from C: `files FILE.npy...`; without arguments the bearings of data/, whose faulty ones it names. */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>

/* Item i's k-th output, a scalar of whatever dtype, as a double. */
static double number(const sheaf_results *results, size_t i, int k)
{
    double value = NAN;
    sheaf_view from, to;
    if (!sheaf_results_view(results, i, k, &from, NULL) && !sheaf_view_init(&to, &value, SHEAF_F64, 0, NULL, NULL))
        sheaf_view_copy(&from, &to, NULL);
    return value;
}

/* Whether a plain loop finds this mean in a file of float32; other files are taken as right. */
static int mean_is_right(const char *path, double mean)
{
    sheaf_array *array = NULL;
    if (sheaf_file_load(path, &array, NULL))
        return 0;
    sheaf_view view = sheaf_array_view(array);
    int64_t n = view.dtype == SHEAF_F32 ? sheaf_view_size(&view) : 0;
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += ((float *)view.data)[i];
    sheaf_array_free(array);
    return n == 0 || fabs(sum / (double)n - mean) < 1e-6;
}

/* From the outputs of stats (count, mean, std, min, max). Returns the number of items that failed or are wrong. */
static int report(const sheaf_batch *batch, const sheaf_results *results)
{
    int failed = 0;
    for (size_t i = 0; i < sheaf_results_size(results); i++) {
        char room[SHEAF_NAME_MAX];
        const char *message, *name = sheaf_batch_name(batch, i, room);
        double mean = number(results, i, 1), std = number(results, i, 2), max = number(results, i, 4);
        if (sheaf_results_status(results, i, &message) || !mean_is_right(name, mean)) {
            fprintf(stderr, "%s: %s\n", name, *message ? message : "the mean is wrong");
            failed++;
        } else if (max > 2.5) {
            printf("%s: peak %.2f g, deviation %.2f g\n", name, max, std);
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    static char names[48][40], *bearings[48];
    for (int i = 0; i < 48; i++) {
        snprintf(names[i], sizeof names[i], "data/bearings/bearing-%02d.npy", i);
        bearings[i] = names[i];
    }
    const char *const *paths = (const char *const *)(argc > 1 ? argv + 1 : bearings);
    size_t n = argc > 1 ? (size_t)argc - 1 : 48;
    sheaf_error error;
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    int failed = 1;
    if (sheaf_func_named("stats", NULL, &func, &error) || sheaf_batch_from_files(paths, n, &batch, &error) ||
        sheaf_map(func, batch, NULL, &results, &error))
        fprintf(stderr, "%s\n", error.message);
    else
        failed = report(batch, results);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return failed != 0;
}
