/* A user's C function, compiled and loaded by the library, beside the same function in a bare loop. */

#include "bench_language.h"
#include "bench_map.h"
#include "scratch.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double language_squares(const double *x, size_t n); /* language_squares.c */

static struct {
    sheaf_func *func;
    sheaf_array *stack;
    sheaf_view *views;
    double *sums; /* the bare loop's */
    sheaf_results *first;
    size_t items;
} now;

static bool load(void)
{
    sheaf_error error = {0};
    sheaf_compile_options options;
    sheaf_compile_options_init(&options);
    options.cache = scratch_path("compiled");
    const sheaf_status status = sheaf_func_from_file(BENCH_SQUARES, &options, &now.func, &error);
    if (status == SHEAF_UNSUPPORTED)
        return bench_absent("no compiler: %s", error.message);
    return status == SHEAF_OK || bench_fail("%s", error.message);
}

static bool prepare(const void *work)
{
    const int64_t shape[2] = {bench_options()->small ? 6 : 128, bench_options()->small ? 10000 : 250000};
    sheaf_error error = {0};
    (void)work;
    memset(&now, 0, sizeof now);
    now.items = (size_t)shape[0];
    now.views = calloc(now.items, sizeof *now.views);
    now.sums = calloc(now.items, sizeof *now.sums);
    if (!now.views || !now.sums || sheaf_array_new(SHEAF_F64, 2, shape, &now.stack, &error) != SHEAF_OK)
        return bench_fail("out of memory");
    double *x = sheaf_array_data(now.stack);
    scratch_fill(x, (size_t)(shape[0] * shape[1]), 2);
    for (size_t i = 0; i < now.items; i++)
        now.views[i] = sheaf_view_f64(x + i * (size_t)shape[1], (size_t)shape[1]);
    return load();
}

static void finish(const void *work)
{
    (void)work;
    sheaf_results_free(now.first);
    sheaf_func_free(now.func);
    sheaf_array_free(now.stack);
    free(now.views);
    free(now.sums);
    memset(&now, 0, sizeof now);
}

/* Timed: from the views to the results. */
static bool mapped(const void *work, bool first, double *value)
{
    sheaf_error error = {0};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    (void)work;
    const double begin = bench_seconds();
    bool ok =
        sheaf_batch_from_views(now.views, now.items, &batch, &error) == SHEAF_OK || bench_fail("%s", error.message);
    ok = ok && map_checked(now.func, batch, &results);
    *value = bench_seconds() - begin;
    if (ok && first)
        now.first = results;
    else
        sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

static bool bare_loop(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    const double begin = bench_seconds();
#pragma omp parallel for num_threads(bench_options()->threads) schedule(dynamic, 1)
    for (size_t i = 0; i < now.items; i++)
        now.sums[i] = language_squares(now.views[i].data, (size_t)now.views[i].shape[0]);
    *value = bench_seconds() - begin;
    return true;
}

static bool check(const void *work, double *difference)
{
    (void)work;
    *difference = 0;
    for (size_t i = 0; i < now.items; i++) {
        double buffer[SHEAF_MAX_OUTPUTS];
        const double *values;
        size_t n;
        if (!item_values(now.first, i, buffer, &values, &n))
            return false;
        *difference = fmax(*difference, worst_difference(values, &now.sums[i], 1, false));
    }
    return *difference <= 1e-13;
}

void add_own(struct case_list *list)
{
    struct bench_case *c = case_add(list, &(struct call){.function = "squares"}, "language_own/squares/128x250k");
    c->prepare = prepare;
    c->check = check;
    c->finish = finish;
    c->sides[0].run = mapped;
    case_side(c, "bare loop", BENCH_LIMIT, bare_loop, 0);
    case_goal(c, BENCH_COST, "bare loop", 1.05);
}
