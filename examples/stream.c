/* Results in the items' order while the map still runs, within a bound on memory: `stream FILE...` prints a running
 * mean of all elements, and stops at the first file that fails; without arguments it tries itself on numbers. */

#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>

struct running {
    double sum;
    int64_t count;
};

/* Fetch all results, which are the sum and the size of each item. */
static sheaf_status follow(sheaf_stream *stream, struct running *r, bool print)
{
    sheaf_array *outputs[2];
    sheaf_error item;
    size_t index;
    while (sheaf_map_next(stream, &index, outputs, &item)) {
        if (item.status != SHEAF_OK) {
            fprintf(stderr, "%s\n", item.message);
            return item.status;
        }
        const sheaf_view sum = sheaf_array_view(outputs[0]), size = sheaf_array_view(outputs[1]);
        r->sum += *(const double *)sum.data;
        r->count += *(const int64_t *)size.data;
        if (print)
            printf("%zu: %g\n", index, r->sum / (double)r->count);
        for (int k = 0; k < 2; k++)
            sheaf_array_free(outputs[k]);
    }
    return SHEAF_OK;
}

static sheaf_status map(const sheaf_batch *batch, struct running *r, bool print)
{
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_func *func = NULL;
    sheaf_stream *stream = NULL;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.memory = 100 << 20;
    sheaf_status status = sheaf_func_parse("sum(float64(x)), x.size", 0, NULL, &func, &error);
    if (status == SHEAF_OK)
        status = sheaf_map_open(func, batch, &options, &stream, &error);
    const sheaf_status followed = status == SHEAF_OK ? follow(stream, r, print) : status;
    if (stream) /* also in the middle: the rest is not run */
        status = sheaf_map_close(stream, NULL, &error);
    if (status != SHEAF_OK)
        fprintf(stderr, "%s\n", error.message);
    sheaf_func_free(func);
    return status != SHEAF_OK ? status : followed;
}

int main(int argc, char **argv)
{
    static double x[1000];
    sheaf_view views[100];
    sheaf_batch *batch = NULL;
    struct running r = {0, 0};
    const bool try = argc < 2;
    for (size_t i = 0; i < 1000; i++)
        x[i] = (double)i;
    for (size_t i = 0; i < 100; i++)
        views[i] = sheaf_view_f64(x + 10 * i, 10);
    bool ok = (try ? sheaf_batch_from_views(views, 100, &batch, NULL)
                   : sheaf_batch_from_files((const char *const *)argv + 1, (size_t)argc - 1, &batch, NULL)) == SHEAF_OK;
    ok = ok && map(batch, &r, !try) == SHEAF_OK;
    if (ok && try)
        ok = r.count == 1000 && r.sum == 499500;
    sheaf_batch_free(batch);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
