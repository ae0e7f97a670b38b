/* What isolation costs: a map in worker processes less the same map in this one, an item. */

#include "bench_map.h"
#include "scratch.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char directory[] = "isolated";

static struct {
    sheaf_func *func;
    sheaf_batch *batch;
    double *numbers;
    double sums[2]; /* of the results, here and isolated */
} now;

static size_t items(void)
{
    return bench_options()->small ? 200 : 20000;
}

static void finish(const void *files)
{
    sheaf_batch_free(now.batch);
    sheaf_func_free(now.func);
    free(now.numbers);
    if (*(const bool *)files)
        scratch_remove(scratch_path(directory));
    memset(&now, 0, sizeof now);
}

static bool prepare(const void *files)
{
    sheaf_error error = {0};
    enum {
        LENGTH = 16
    };
    now.numbers = calloc(items() * LENGTH, sizeof *now.numbers);
    bool ok = now.numbers && sheaf_func_named("mean", NULL, &now.func, &error) == SHEAF_OK &&
              sheaf_batch_new(&now.batch, &error) == SHEAF_OK;
    for (size_t i = 0; ok && i < items() * LENGTH; i++)
        scratch_fill(&now.numbers[i], 1, i);
    if (ok && *(const bool *)files && !make_files(scratch_path(directory), items(), 4096))
        return false;
    for (size_t i = 0; ok && i < items(); i++) {
        char path[PATH_MAX];
        const sheaf_view view = sheaf_view_f64(now.numbers + i * LENGTH, LENGTH);
        snprintf(path, sizeof path, "%s/%06zu.npy", scratch_path(directory), i);
        ok = (*(const bool *)files ? sheaf_batch_add_file(now.batch, path, &error)
                                   : sheaf_batch_add_views(now.batch, &view, 1, NULL, &error)) == SHEAF_OK;
    }
    return ok || bench_fail("%s", error.message);
}

/* Microseconds an item. */
static bool run(bool isolated, double *value)
{
    sheaf_error error = {0};
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = bench_options()->threads;
    options.isolate = isolated ? SHEAF_ISOLATE_ALWAYS : SHEAF_ISOLATE_NEVER;
    if (sheaf_map(now.func, now.batch, &options, &results, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    *value = 1e6 * sheaf_results_report(results).seconds / (double)items();
    now.sums[isolated] = 0;
    bool ok = sheaf_results_failed(results) == 0 || bench_fail("items failed");
    for (size_t i = 0; ok && i < items(); i++) {
        sheaf_view mean;
        ok = sheaf_results_view(results, i, 0, &mean, &error) == SHEAF_OK || bench_fail("%s", error.message);
        now.sums[isolated] += ok ? *(double *)mean.data * (double)(i + 1) : 0;
    }
    sheaf_results_free(results);
    return ok;
}

static bool run_difference(const void *files, bool first, double *value)
{
    double here, there;
    (void)files, (void)first;
    if (!run(false, &here) || !run(true, &there))
        return false;
    *value = there - here;
    return true;
}

static bool run_here(const void *files, bool first, double *value)
{
    (void)files, (void)first;
    return run(false, value);
}

static bool run_isolated(const void *files, bool first, double *value)
{
    (void)files, (void)first;
    return run(true, value);
}

static bool check(const void *files, double *difference)
{
    (void)files;
    *difference = fabs(now.sums[0] - now.sums[1]);
    return *difference == 0 || bench_fail("the results differ");
}

#define ISOLATED(title, files)                                                                         \
    {                                                                                                  \
        .name = title, .unit = "us", .work = &(const bool){files}, .prepare = prepare, .check = check, \
        .finish = finish,                                                                              \
        .sides = {{"isolated less here", BENCH_OURS, run_difference, 0},                               \
                  {"isolated", BENCH_INFO, run_isolated, 0},                                           \
                  {"here", BENCH_INFO, run_here, 0}},                                                  \
        .goals = {                                                                                     \
            {NULL, BENCH_VALUE, 20, 20, NULL}                                                          \
        }                                                                                              \
    }

const struct bench_case isolated_cases[] = {
    ISOLATED("isolated/arrays_128b", false),
    ISOLATED("isolated/files_4kb", true),
};
const size_t isolated_ncases = sizeof isolated_cases / sizeof *isolated_cases;
