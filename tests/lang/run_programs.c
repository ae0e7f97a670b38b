/* run_programs DIR: each line of DIR/programs.txt on the arrays DIR/a.npy, DIR/b.npy …; result k of program i
 * goes to DIR/i.k.got.npy, a message to DIR/i.error. Every program runs fused and function by function, on one thread
 * and on three: results that are not the same bits are an error, too. */

#include "batch/func.h"
#include <math.h>
#include <sheaf/io.h>
#include <sheaf/map.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16

static const char *directory;
static sheaf_array *arrays[MOST];
static sheaf_view views[MOST];
static const sheaf_view *inputs[MOST];
static const char *names[MOST];
static int count;

static void load_arrays(void)
{
    static char letters[MOST][2];
    char path[4096];
    for (int i = 0; i < MOST; i++) {
        sheaf_error error = {SHEAF_OK, ""};
        snprintf(path, sizeof path, "%s/%c.npy", directory, 'a' + i);
        FILE *file = fopen(path, "r");
        if (!file)
            continue;
        fclose(file);
        if (sheaf_file_load(path, &arrays[count], &error)) {
            fprintf(stderr, "%s\n", error.message);
            exit(2);
        }
        letters[count][0] = (char)('a' + i);
        names[count] = letters[count];
        views[count] = sheaf_array_view(arrays[count]);
        inputs[count] = &views[count];
        count++;
    }
}

static bool same_floats(const void *a, const void *b, int64_t n, bool wide)
{
    for (int64_t i = 0; i < n; i++) {
        const double x = wide ? ((const double *)a)[i] : (double)((const float *)a)[i];
        const double y = wide ? ((const double *)b)[i] : (double)((const float *)b)[i];
        if (!(isnan(x) && isnan(y)) && (x != y || signbit(x) != signbit(y)))
            return false;
    }
    return true;
}

static bool same(const sheaf_array *a, const sheaf_array *b)
{
    const sheaf_view x = sheaf_array_view(a), y = sheaf_array_view(b);
    if (x.dtype != y.dtype || x.ndim != y.ndim || memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape) != 0)
        return false;
    const int64_t n = sheaf_view_size(&x);
    switch (x.dtype) {
    case SHEAF_F32:
    case SHEAF_F64:
        return same_floats(x.data, y.data, n, x.dtype == SHEAF_F64);
    case SHEAF_C64:
    case SHEAF_C128:
        return same_floats(x.data, y.data, 2 * n, x.dtype == SHEAF_C128);
    default:
        return memcmp(x.data, y.data, (size_t)n * sheaf_dtype_size(x.dtype)) == 0;
    }
}

static void free_all(sheaf_array **out)
{
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++) {
        sheaf_array_free(out[k]);
        out[k] = NULL;
    }
}

static sheaf_status evaluate(const char *text, int threads, bool unfused, sheaf_array **out, int *nout,
                             sheaf_error *error)
{
    sheaf_func *f = NULL;
    sheaf_options options;
    sheaf_options_init(&options);
    options.threads = threads;
    sheaf_status status = sheaf_func_parse(text, count, names, &f, error);
    if (!status && unfused)
        program_set_unfused(f->program);
    if (!status) {
        *nout = sheaf_func_nout(f);
        status = sheaf_func_eval(f, count, inputs, &options, out, error);
    }
    sheaf_func_free(f);
    return status;
}

/* The other ways to run it give the same. */
static sheaf_status compare(const char *text, sheaf_array **out, sheaf_error *error)
{
    static const struct {
        int threads;
        bool unfused;
    } ways[] = {{3, false}, {1, true}, {3, true}};
    sheaf_status status = SHEAF_OK;
    for (size_t w = 0; w < sizeof ways / sizeof *ways && !status; w++) {
        sheaf_array *other[SHEAF_MAX_OUTPUTS] = {NULL};
        int n = 0;
        status = evaluate(text, ways[w].threads, ways[w].unfused, other, &n, error);
        for (int k = 0; k < n && !status; k++)
            if (!same(out[k], other[k]))
                status = sheaf_error_set(error, SHEAF_INVALID, "output %d has other bits on %d threads, %s", k,
                                         ways[w].threads, ways[w].unfused ? "unfused" : "fused");
        free_all(other);
    }
    return status;
}

static bool run(int i, const char *text)
{
    sheaf_array *out[SHEAF_MAX_OUTPUTS] = {NULL};
    sheaf_error error = {SHEAF_OK, ""};
    char path[4096];
    int n = 0;
    sheaf_status status = evaluate(text, 1, false, out, &n, &error);
    if (!status)
        status = compare(text, out, &error);
    for (int k = 0; k < n && !status; k++) {
        const sheaf_view v = sheaf_array_view(out[k]);
        snprintf(path, sizeof path, "%s/%d.%d.got.npy", directory, i, k);
        status = sheaf_file_save(path, &v, false, &error);
    }
    free_all(out);
    if (!status)
        return true;
    snprintf(path, sizeof path, "%s/%d.error", directory, i);
    FILE *file = fopen(path, "w");
    if (!file || fprintf(file, "%s\n", error.message) < 0 || fclose(file))
        exit(2);
    return false;
}

int main(int argc, char **argv)
{
    char path[4096], *line = NULL;
    size_t size = 0;
    int i = 0, failed = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: run_programs DIR\n");
        return 2;
    }
    directory = argv[1];
    load_arrays();
    snprintf(path, sizeof path, "%s/programs.txt", directory);
    FILE *file = fopen(path, "r");
    if (!file || count == 0) {
        fprintf(stderr, "%s: no programs or no arrays\n", directory);
        return 2;
    }
    for (; getline(&line, &size, file) > 0; i++) {
        line[strcspn(line, "\n")] = '\0';
        failed += !run(i, line);
    }
    free(line);
    fclose(file);
    for (int k = 0; k < count; k++)
        sheaf_array_free(arrays[k]);
    printf("%d programs, %d failed\n", i, failed);
    return 0;
}
