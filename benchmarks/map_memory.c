/* The seven workloads in memory: views in, results out, all in one process. */

#include "bench_map.h"
#include "peer.h"
#include "scratch.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TILE 512

/* The stack whose rows are the items; several workloads share one. */
struct input {
    const char *name;
    size_t items, small_items;
    int ndim; /* of an item */
    int64_t side, small_side;
    uint64_t seed;
};

static const struct input rows_1k = {"rows_1k", 10000, 100, 1, 1000, 1000, 1};
static const struct input rows_250k = {"rows_250k", 128, 6, 1, 250000, 10000, 2};
static const struct input rows_8m = {"rows_8m", 4, 2, 1, 8000000, 300000, 3};
static const struct input squares = {"squares", 2000, 20, 2, 64, 64, 4};

struct work {
    const char *python;
    const struct input *input;
    const char *function;     /* of the catalogue */
    sheaf_callback *callback; /* or our own */
    int ninputs;              /* how often the item is given */
    reference_check *reference;
    double tolerance;
    bool normwise;
};

static struct {
    const struct input *input;
    sheaf_array *stack;
    sheaf_view *views; /* ninputs per item */
    char path[512];
    sheaf_func *func;
    sheaf_results *first;
} now;

static size_t items_of(const struct input *input)
{
    return bench_options()->small ? input->small_items : input->items;
}

static void release_input(void)
{
    sheaf_array_free(now.stack);
    free(now.views);
    if (now.path[0])
        scratch_remove(now.path);
    now.stack = NULL;
    now.views = NULL;
    now.path[0] = '\0';
    now.input = NULL;
}

/* Fill a stack; the Python side reads the same values from a file. */
static bool make_input(const struct input *input)
{
    char name[64];
    sheaf_error error = {0};
    int64_t side = bench_options()->small ? input->small_side : input->side;
    int64_t shape[3] = {(int64_t)items_of(input), side, side};
    if (now.input == input)
        return true;
    release_input();
    now.views = calloc(2 * items_of(input), sizeof *now.views);
    if (!now.views || sheaf_array_new(SHEAF_F64, 1 + input->ndim, shape, &now.stack, &error) != SHEAF_OK)
        return bench_fail("%s", now.views ? error.message : "out of memory");
    sheaf_view stack = sheaf_array_view(now.stack);
    scratch_fill(stack.data, (size_t)sheaf_view_size(&stack), input->seed);
    now.input = input;
    snprintf(name, sizeof name, "%s.npy", input->name);
    if (!bench_options()->peers)
        return true;
    snprintf(now.path, sizeof now.path, "%s", scratch_path(name));
    return sheaf_file_save(now.path, &stack, true, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

static bool prepare(const void *context)
{
    const struct work *work = context;
    sheaf_error error = {0};
    if (!make_input(work->input))
        return false;
    sheaf_view stack = sheaf_array_view(now.stack);
    for (size_t i = 0; i < items_of(work->input); i++)
        for (int k = 0; k < work->ninputs; k++)
            if (sheaf_view_index(&stack, 0, (int64_t)i, &now.views[i * work->ninputs + k], &error) != SHEAF_OK)
                return bench_fail("%s", error.message);
    static const char *const names[] = {"y"};
    sheaf_status status = work->callback ? sheaf_func_callback(work->callback, NULL, 1, names, &now.func, &error)
                                         : sheaf_func_named(work->function, NULL, &now.func, &error);
    if (status != SHEAF_OK)
        return bench_fail("%s", error.message);
    peer_work(work->python, now.path, false);
    sheaf_pool_trim();
    return true;
}

static bool make_batch(const struct work *work, sheaf_batch **batch)
{
    sheaf_error error = {0};
    size_t items = items_of(work->input);
    sheaf_status status = SHEAF_OK;
    if (work->ninputs == 1)
        status = sheaf_batch_from_views(now.views, items, batch, &error);
    else
        status = sheaf_batch_new(batch, &error);
    for (size_t i = 0; work->ninputs > 1 && i < items && status == SHEAF_OK; i++)
        status = sheaf_batch_add_views(*batch, &now.views[i * work->ninputs], work->ninputs, NULL, &error);
    return status == SHEAF_OK || bench_fail("%s", error.message);
}

/* Timed: from the views to the results, as Pool.map goes from arrays to results. */
static bool run_sheaf(const void *context, bool first, double *seconds)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    double begin = bench_seconds();
    bool ok = make_batch(context, &batch) && map_checked(now.func, batch, &results);
    *seconds = bench_seconds() - begin;
    if (ok && first) {
        now.first = results;
        results = NULL;
    }
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

static bool check_item(const struct work *work, size_t i, double *difference)
{
    double buffer[SHEAF_MAX_OUTPUTS];
    const double *values;
    size_t n;
    if (!item_values(now.first, i, buffer, &values, &n))
        return false;
    *difference = fmax(*difference, work->reference(&now.views[i * work->ninputs], values, n));
    return *difference <= work->tolerance;
}

static bool check(const void *context, double *difference)
{
    const struct work *work = context;
    bool ok = true;
    *difference = 0;
    ok = check_item(work, 0, difference) && check_item(work, items_of(work->input) - 1, difference);
    for (int side = 0; ok && bench_options()->peers && side < 2; side++) {
        const char *path = peer_result(side ? "serial" : "pool");
        ok = compare_results(now.first, path, work->normwise, difference) && *difference <= work->tolerance;
        scratch_remove(path);
    }
    sheaf_results_free(now.first);
    now.first = NULL;
    return ok;
}

static void finish(const void *context)
{
    (void)context;
    sheaf_results_free(now.first);
    sheaf_func_free(now.func);
    now.first = NULL;
    now.func = NULL;
}

static void finish_input(const void *context)
{
    finish(context);
    release_input();
}

/* sqrt(exp(-x*x) + log1p(abs(x))), tile by tile in the first-level cache. */
static sheaf_status heavy(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                          sheaf_error *error)
{
    sheaf_view y;
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, x->ndim, x->shape, &y, error);
    size_t n = (size_t)sheaf_view_size(x);
    (void)item;
    (void)user;
    if (status != SHEAF_OK)
        return status;
    for (size_t begin = 0; begin < n; begin += TILE) {
        double bell[TILE], slope[TILE];
        size_t m = n - begin < TILE ? n - begin : TILE;
        const double *from = (const double *)x->data + begin;
        sheaf_vec_mul_f64(m, from, from, bell);
        sheaf_vec_neg_f64(m, bell, bell);
        sheaf_vec_exp_f64(m, bell, bell);
        sheaf_vec_abs_f64(m, from, slope);
        sheaf_vec_log1p_f64(m, slope, slope);
        sheaf_vec_add_f64(m, bell, slope, bell);
        sheaf_vec_sqrt_f64(m, bell, (double *)y.data + begin);
    }
    return SHEAF_OK;
}

static const struct work stats_1k = {"stats", &rows_1k, "stats", NULL, 1, reference_stats, 1e-12, false};
static const struct work stats_250k = {"stats", &rows_250k, "stats", NULL, 1, reference_stats, 1e-12, false};
static const struct work stats_8m = {"stats", &rows_8m, "stats", NULL, 1, reference_stats, 1e-12, false};
static const struct work heavy_250k = {"heavy", &rows_250k, NULL, heavy, 1, reference_heavy, 1e-14, false};
static const struct work sort_250k = {"sort", &rows_250k, "sort", NULL, 1, reference_sort, 0, false};
static const struct work rfft_250k = {"rfft", &rows_250k, "rfft", NULL, 1, reference_rfft, 1e-13, true};
static const struct work matmul_64 = {"matmul", &squares, "matmul", NULL, 2, reference_matmul, 1e-13, true};

#define CASE(title, what, end, ...)                                                                                   \
    {                                                                                                                 \
        .name = "memory/" title, .group = "memory", .unit = "s", .work = &(what), .prepare = prepare, .check = check, \
        .finish = end, .sides = {{"sheaf", BENCH_OURS, run_sheaf, 0}, PEER_SIDES(0, 2)}, __VA_ARGS__                  \
    }
#define GOALS(pool_first, pool, serial) \
    .goals = {{"Pool.map", BENCH_SPEEDUP, pool_first, pool}, {"serial NumPy", BENCH_SPEEDUP, 0, serial}}

const struct bench_case memory_cases[] = {
    CASE("stats_10000x1k", stats_1k, finish_input, GOALS(60, 80, 7)),
    CASE("stats_128x250k", stats_250k, finish, GOALS(60, 80, 7)),
    CASE("heavy_128x250k", heavy_250k, finish, GOALS(30, 45, 7)),
    CASE("sort_128x250k", sort_250k, finish, GOALS(20, 25, 10)),
    CASE("rfft_128x250k", rfft_250k, finish_input, GOALS(20, 22, 6), .available = sheaf_has_fftw),
    CASE("stats_4x8m", stats_8m, finish_input, GOALS(60, 80, 7)),
    CASE("matmul_2000x64x64", matmul_64, finish_input, GOALS(25, 30, 3.8)),
};
const size_t memory_ncases = sizeof memory_cases / sizeof *memory_cases;
