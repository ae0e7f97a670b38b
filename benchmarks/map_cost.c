/* What a map itself costs: time of an empty item, memory of a map over files. */

#include "bench_map.h"
#include "scratch.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- time: ns per item ---- */

static struct {
    double *numbers;
    sheaf_view *views;
    size_t n;
    sheaf_func *func;
} now;

static sheaf_status nothing(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                            sheaf_error *error)
{
    (void)x;
    (void)item;
    (void)out;
    (void)user;
    (void)error;
    return SHEAF_OK;
}

static void empty_finish(const void *work)
{
    (void)work;
    sheaf_func_free(now.func);
    free(now.numbers);
    free(now.views);
    memset(&now, 0, sizeof now);
}

static bool empty_prepare(const void *work)
{
    sheaf_error error = {0};
    (void)work;
    now.n = bench_options()->small ? 10000 : 1000000;
    now.numbers = calloc(now.n, sizeof *now.numbers);
    now.views = calloc(now.n, sizeof *now.views);
    if (!now.numbers || !now.views)
        return bench_fail("out of memory");
    for (size_t i = 0; i < now.n; i++)
        now.views[i] = sheaf_view_f64(&now.numbers[i], 1);
    sheaf_pool_trim();
    return sheaf_func_callback(nothing, NULL, 0, NULL, &now.func, &error) == SHEAF_OK ||
           bench_fail("%s", error.message);
}

static bool run_empty(bool with_batch, double *value)
{
    sheaf_error error = {0};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    double begin = bench_seconds();
    bool ok = sheaf_batch_from_views(now.views, now.n, &batch, &error) == SHEAF_OK || bench_fail("%s", error.message);
    if (!with_batch)
        begin = bench_seconds();
    ok = ok && map_checked(now.func, batch, &results);
    *value = 1e9 * (bench_seconds() - begin) / (double)now.n;
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

static bool empty_sheaf(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    return run_empty(false, value);
}

static bool empty_with_batch(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    return run_empty(true, value);
}

static bool empty_omp(const void *work, bool first, double *value)
{
    sheaf_callback *volatile call = nothing;
    double begin = bench_seconds();
    size_t failed = 0;
    (void)work;
    (void)first;
#pragma omp parallel for num_threads(bench_options()->threads) schedule(dynamic, 1) reduction(+ : failed)
    for (size_t i = 0; i < now.n; i++)
        failed += call(&now.views[i], NULL, NULL, NULL, NULL) != SHEAF_OK;
    *value = 1e9 * (bench_seconds() - begin) / (double)now.n;
    return !failed;
}

/* ---- memory: MiB at the high-water mark of a child process ---- */

struct peak {
    const char *name;
    size_t files, small_files, bytes, small_bytes;
};

static const struct peak many = {"peak_many", 200, 20, (size_t)1 << 20, 1 << 16};
static const struct peak large = {"peak_large", 8, 4, (size_t)64 << 20, 1 << 20};
static const double mib = 1 << 20;

static size_t peak_bytes(const struct peak *p)
{
    return bench_options()->small ? p->small_bytes : p->bytes;
}

static bool peak_prepare(const void *work)
{
    const struct peak *p = work;
    return make_files(scratch_path(p->name), bench_options()->small ? p->small_files : p->files, peak_bytes(p));
}

static void peak_finish(const void *work)
{
    scratch_remove(scratch_path(((const struct peak *)work)->name));
}

/* The child's answer is a line with its VmHWM in KiB. */
static bool ask_child(const char *directory, double *value)
{
    int ends[2], status = 0;
    char threads[16], answer[64] = "";
    if (pipe(ends) != 0)
        return bench_fail("no pipe");
    snprintf(threads, sizeof threads, "%d", bench_options()->threads);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execl("/proc/self/exe", "bench_map", "--peak-child", directory, threads, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t got = child < 0 ? 0 : read(ends[0], answer, sizeof answer - 1);
    close(ends[0]);
    if (child > 0)
        waitpid(child, &status, 0);
    if (child < 0 || got <= 0 || status != 0)
        return bench_fail("the child process failed");
    *value = strtod(answer, NULL) * 1024 / mib;
    return true;
}

static bool peak_sheaf(const void *work, bool first, double *value)
{
    (void)first;
    return ask_child(scratch_path(((const struct peak *)work)->name), value);
}

static bool peak_idle(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    return ask_child("", value);
}

static bool peak_allowance(const void *work, bool first, double *value)
{
    (void)first;
    *value = bench_options()->threads * 2 * (double)peak_bytes(work) / mib + 32;
    return true;
}

static bool add_files(sheaf_batch *batch, const char *directory)
{
    DIR *entries = opendir(directory);
    bool ok = entries != NULL;
    for (struct dirent *entry; ok && (entry = readdir(entries));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        ok = entry->d_name[0] == '.' || sheaf_batch_add_file(batch, path, NULL) == SHEAF_OK;
    }
    if (entries)
        closedir(entries);
    return ok;
}

int peak_child(const char *directory, int threads)
{
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options map_options;
    bool ok = true;
    if (*directory) {
        sheaf_map_options_init(&map_options);
        map_options.threads = threads;
        ok = sheaf_func_named("stats", NULL, &func, NULL) == SHEAF_OK && sheaf_batch_new(&batch, NULL) == SHEAF_OK &&
             add_files(batch, directory) && sheaf_map(func, batch, &map_options, &results, NULL) == SHEAF_OK &&
             sheaf_results_failed(results) == 0;
    }
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    FILE *f = ok ? fopen("/proc/self/status", "r") : NULL;
    char line[256];
    long peak = 0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtol(line + 6, NULL, 10);
    if (f)
        fclose(f);
    printf("%ld\n", peak);
    return ok && peak > 0 ? 0 : 1;
}

#define PEAK(title, what)                                                                              \
    {                                                                                                  \
        .name = title, .unit = "MiB", .work = &(what), .prepare = peak_prepare, .finish = peak_finish, \
        .sides = {{"sheaf", BENCH_OURS, peak_sheaf, 3},                                                \
                  {"allowance", BENCH_LIMIT, peak_allowance, 1},                                       \
                  {"idle process", BENCH_LIMIT, peak_idle, 1}},                                        \
        .goals = {                                                                                     \
            {"allowance", BENCH_COST, 1, 1}                                                            \
        }                                                                                              \
    }

const struct bench_case cost_cases[] = {
    {.name = "cost/empty_item",
     .unit = "ns",
     .prepare = empty_prepare,
     .finish = empty_finish,
     .sides = {{"sheaf", BENCH_OURS, empty_sheaf, 0},
               {"omp dynamic,1", BENCH_LIMIT, empty_omp, 0},
               {"batch and map", BENCH_INFO, empty_with_batch, 0}},
     .goals = {{NULL, BENCH_VALUE, 200, 100}}},
    PEAK("cost/peak_200x1mb", many),
    PEAK("cost/peak_8x64mb", large),
};
const size_t cost_ncases = sizeof cost_cases / sizeof *cost_cases;
