/* Items of every size in one batch, beside what a perfect plan would take: one thread's time, shared out. As equal
 * shares of as much work, one for each thread, cost nothing for items, they are shown beside it. And what a journal
 * costs. */

#include "bench_map.h"
#include "scratch.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    sheaf_func *func;
    sheaf_batch *mixed, *even;
    double *numbers;
    double sums[2]; /* of all results, each times its elements: of the mixed batch, of the even one */
} now;

static void finish(const void *work)
{
    (void)work;
    sheaf_batch_free(now.mixed);
    sheaf_batch_free(now.even);
    sheaf_func_free(now.func);
    free(now.numbers);
    memset(&now, 0, sizeof now);
}

/* ---- mixed batches ---- */

struct mix {
    const char *function;
    size_t items;
    double sigma; /* of the logarithm of their sizes */
    size_t typical;
    size_t giant; /* elements of the first item, when not 0 */
    size_t equal; /* elements of one item more than there are threads, when not 0 */
};

static double unit(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

static size_t size_of(const struct mix *m, size_t i, uint64_t *seed)
{
    const size_t scale = bench_options()->small ? 100 : 1;
    if (m->equal)
        return m->equal / scale;
    if (m->giant && i == 0)
        return m->giant / scale;
    const double radius = sqrt(-2 * log(unit(seed))), normal = radius * cos(6.283185307179586 * unit(seed));
    const double n = (double)m->typical * exp(m->sigma * fmin(fmax(normal, -3), 3));
    return n < 1 ? 1 : (size_t)n;
}

static bool add(sheaf_batch *batch, size_t first, size_t n)
{
    sheaf_error error = {0};
    const sheaf_view view = sheaf_view_f64(now.numbers + first, (int64_t)n);
    return sheaf_batch_add_views(batch, &view, 1, NULL, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

static bool mixed_prepare(const void *work)
{
    const struct mix *m = work;
    const size_t threads = (size_t)bench_options()->threads, n = m->equal ? threads + 1 : m->items;
    sheaf_error error = {0};
    uint64_t seed = 7;
    size_t total = 0;
    size_t *sizes = calloc(n, sizeof *sizes);
    for (size_t i = 0; sizes && i < n; i++)
        total += sizes[i] = size_of(m, i, &seed);
    now.numbers = malloc(total * sizeof *now.numbers);
    bool ok = sizes && now.numbers && sheaf_func_parse(m->function, 0, NULL, &now.func, &error) == SHEAF_OK &&
              sheaf_batch_new(&now.mixed, &error) == SHEAF_OK && sheaf_batch_new(&now.even, &error) == SHEAF_OK;
    if (!ok)
        bench_fail("%s", error.message);
    else
        scratch_fill(now.numbers, total, 3);
    for (size_t i = 0, at = 0; i < n && ok; at += sizes[i++])
        ok = add(now.mixed, at, sizes[i]);
    for (size_t t = 0; t < threads && ok; t++)
        ok = add(now.even, total * t / threads, total * (t + 1) / threads - total * t / threads);
    free(sizes);
    return ok;
}

static bool run_batch(const sheaf_batch *batch, int threads, double *value, double *sum)
{
    sheaf_error error = {0};
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = threads;
    const double begin = bench_seconds();
    bool ok = sheaf_map(now.func, batch, &options, &results, &error) == SHEAF_OK || bench_fail("%s", error.message);
    *value = 1e3 * (bench_seconds() - begin);
    *sum = 0;
    for (size_t i = 0; ok && i < sheaf_batch_size(batch); i++) {
        sheaf_view out;
        ok = sheaf_results_view(results, i, 0, &out, NULL) == SHEAF_OK || bench_fail("an item has no result");
        *sum += ok ? *(const double *)out.data : 0;
    }
    sheaf_results_free(results);
    return ok;
}

static bool run_mixed(const void *work, bool first, double *value)
{
    (void)work, (void)first;
    return run_batch(now.mixed, bench_options()->threads, value, &now.sums[0]);
}

static bool run_even(const void *work, bool first, double *value)
{
    (void)work, (void)first;
    return run_batch(now.even, bench_options()->threads, value, &now.sums[1]);
}

/* One thread's time over what this many threads are worth together, as equal shares tell: memory, and cores that are
 * not whole ones, give less than each its own. */
static bool run_bound(const void *work, bool first, double *value)
{
    double alone, shares, shares_alone, sum;
    if (!run_batch(now.mixed, 1, &alone, &sum) || !run_batch(now.even, 1, &shares_alone, &sum) ||
        !run_even(work, first, &shares))
        return false;
    *value = alone * shares / shares_alone;
    return true;
}

static bool mixed_check(const void *work, double *difference)
{
    (void)work;
    *difference = fabs(now.sums[0] - now.sums[1]) / fabs(now.sums[1]);
    return *difference < 1e-9 || bench_fail("the results differ");
}

/* ---- the journal ---- */

static const char files[] = "journalled", table[] = "journalled.csv";

static size_t nfiles(void)
{
    return bench_options()->small ? 200 : 20000;
}

static bool journal_prepare(const void *work)
{
    sheaf_error error = {0};
    (void)work;
    bool ok = make_files(scratch_path(files), nfiles(), 4096) &&
              ((sheaf_func_parse("mean(x), std(x)", 0, NULL, &now.func, &error) == SHEAF_OK &&
                sheaf_batch_new(&now.mixed, &error) == SHEAF_OK) ||
               bench_fail("%s", error.message));
    for (size_t i = 0; ok && i < nfiles(); i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%06zu.npy", scratch_path(files), i);
        ok = sheaf_batch_add_file(now.mixed, path, &error) == SHEAF_OK || bench_fail("%s", error.message);
    }
    return ok;
}

static void journal_finish(const void *work)
{
    finish(work);
    scratch_remove(scratch_path(files));
    scratch_remove(scratch_path(table));
}

static bool run_table(bool journal, double *ms)
{
    sheaf_error error = {0};
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = bench_options()->threads;
    options.overwrite = options.no_sync = true;
    options.journal = journal;
    const double begin = bench_seconds();
    const bool ok = sheaf_map_to(now.func, now.mixed, &options, scratch_path(table), NULL, &error) == SHEAF_OK;
    *ms = 1e3 * (bench_seconds() - begin);
    return ok || bench_fail("%s", error.message);
}

/* Turn by turn, and the medians of several: what is looked for is less than what a run varies by. */
static bool run_journal(const void *work, bool first, double *value)
{
    enum {
        TURNS = 9
    };
    double with[TURNS], without[TURNS];
    (void)work, (void)first;
    for (int i = 0; i < TURNS; i++)
        if (!run_table(i % 2, i % 2 ? &with[i] : &without[i]) || !run_table(!(i % 2), i % 2 ? &without[i] : &with[i]))
            return false;
    for (int i = 1; i < TURNS; i++)
        for (int k = i; k > 0; k--) {
            const double a = with[k - 1], b = without[k - 1];
            with[k - 1] = fmin(a, with[k]);
            with[k] = fmax(a, with[k]);
            without[k - 1] = fmin(b, without[k]);
            without[k] = fmax(b, without[k]);
        }
    *value = 100 * (with[TURNS / 2] / without[TURNS / 2] - 1);
    return true;
}

static const struct mix lognormal = {"sum(sqrt(exp(-x*x) + 1))", 4000, 2, 3000, 0, 0};
static const struct mix giant = {"sum(sqrt(exp(-x*x) + 1))", 10001, 0.3, 100, 8000000, 0};
static const struct mix equal = {"sum(sqrt(exp(-x*x) + 1))", 0, 0, 0, 0, 4000000};
static const struct mix reading = {"sum(x)", 4000, 2, 6000, 0, 0};

#define MIXED(title, mix)                                                                                              \
    {                                                                                                                  \
        .name = title, .unit = "ms", .work = &(mix), .prepare = mixed_prepare, .check = mixed_check, .finish = finish, \
        .sides = {{"sheaf", BENCH_OURS, run_mixed, 0},                                                                 \
                  {"bound", BENCH_LIMIT, run_bound, 0},                                                                \
                  {"equal shares", BENCH_INFO, run_even, 0}},                                                          \
        .goals = {                                                                                                     \
            {"bound", BENCH_COST, 1.25, 1.111, NULL}                                                                   \
        }                                                                                                              \
    }

const struct bench_case mixed_cases[] = {
    MIXED("mixed/lognormal", lognormal),
    MIXED("mixed/giant_and_10000_tiny", giant),
    MIXED("mixed/one_more_than_threads", equal),
    MIXED("mixed/lognormal_read_only", reading),
    {.name = "journal/files_4kb",
     .unit = "%",
     .prepare = journal_prepare,
     .finish = journal_finish,
     .sides = {{"of the time without it", BENCH_OURS, run_journal, 0}},
     .goals = {{NULL, BENCH_VALUE, 6, 3, NULL}}},
};
const size_t mixed_ncases = sizeof mixed_cases / sizeof *mixed_cases;
