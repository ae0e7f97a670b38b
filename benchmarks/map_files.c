/* Maps over files in the page cache, beside Python and beside bare loops of system calls. */

#include "bench_map.h"
#include "peer.h"
#include "scratch.h"
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 128 /* bytes of an .npy header of one dimension */

struct work {
    const char *python, *function, *name;
    size_t files, small_files, bytes, small_bytes;
    bool saves;
};

static struct {
    char directory[PATH_MAX];
    char **paths;
    size_t n, bytes;
    unsigned char **buffers; /* one per thread, for the bare loops */
    sheaf_func *func;
    sheaf_results *first;
} now;

bool make_files(const char *directory, size_t n, size_t bytes)
{
    sheaf_error error = {0};
    size_t size = (bytes - HEADER) / sizeof(double);
    double *x = malloc(size * sizeof *x);
    bool ok = x && scratch_directory(directory);
    for (size_t i = 0; ok && i < size; i++) {
        scratch_fill(&x[i], 1, i);
        x[i] = fabs(x[i]);
    }
    for (size_t i = 0; ok && i < n; i++) {
        char path[PATH_MAX];
        sheaf_view view = sheaf_view_f64(x, size);
        x[i % size] += 1; /* no two files alike */
        snprintf(path, sizeof path, "%s/%06zu.npy", directory, i);
        ok = sheaf_file_save(path, &view, false, &error) == SHEAF_OK || bench_fail("%s", error.message);
    }
    free(x);
    sync(); /* or writing back would disturb what is measured */
    return ok;
}

static void finish(const void *context)
{
    (void)context;
    for (size_t i = 0; now.paths && i < now.n; i++)
        free(now.paths[i]);
    for (int t = 0; now.buffers && t < bench_options()->threads; t++)
        free(now.buffers[t]);
    free(now.paths);
    free(now.buffers);
    sheaf_func_free(now.func);
    sheaf_results_free(now.first);
    if (now.directory[0])
        scratch_remove(now.directory);
    scratch_remove(peer_output("sheaf"));
    scratch_remove(peer_output("bare"));
    scratch_remove(peer_output("pool"));
    scratch_remove(peer_output("serial"));
    scratch_remove(peer_output("threads"));
    scratch_remove(peer_output("joblib"));
    scratch_remove(peer_output("new_pool"));
    memset(&now, 0, sizeof now);
}

static bool make_lists(void)
{
    int threads = bench_options()->threads;
    now.paths = calloc(now.n, sizeof *now.paths);
    now.buffers = calloc((size_t)threads, sizeof *now.buffers);
    if (!now.paths || !now.buffers)
        return bench_fail("out of memory");
    for (size_t i = 0; i < now.n; i++) {
        char path[PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/%06zu.npy", now.directory, i);
        if (!(now.paths[i] = strdup(path)))
            return bench_fail("out of memory");
    }
    for (int t = 0; t < threads; t++) {
        if (!(now.buffers[t] = aligned_alloc(4096, now.bytes + 4096)))
            return bench_fail("out of memory");
        memset(now.buffers[t], 1, now.bytes + 4096);
    }
    return true;
}

static bool prepare(const void *context)
{
    const struct work *work = context;
    sheaf_error error = {0};
    bool small = bench_options()->small;
    now.n = small ? work->small_files : work->files;
    now.bytes = small ? work->small_bytes : work->bytes;
    snprintf(now.directory, sizeof now.directory, "%s", scratch_path(work->name));
    if (!make_files(now.directory, now.n, now.bytes) || !make_lists())
        return false;
    peer_work(work->python, now.directory, work->saves);
    sheaf_pool_trim();
    return sheaf_func_named(work->function, NULL, &now.func, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

/* Timed: from the paths to the results. */
static bool run_sheaf(const void *context, bool first, double *seconds)
{
    sheaf_error error = {0};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    double begin = bench_seconds();
    bool ok = sheaf_batch_from_files((const char *const *)now.paths, now.n, &batch, &error) == SHEAF_OK ||
              bench_fail("%s", error.message);
    (void)context;
    ok = ok && map_checked(now.func, batch, &results);
    *seconds = bench_seconds() - begin;
    if (ok && first) {
        now.first = results;
        results = NULL;
    }
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

/* Timed: from the paths to the files under their final names, in a new directory. */
static bool run_sheaf_saving(const void *context, bool first, double *seconds)
{
    sheaf_error error = {0};
    sheaf_batch *batch = NULL;
    sheaf_map_options map_options;
    char output[PATH_MAX + 1];
    (void)context;
    (void)first;
    sheaf_map_options_init(&map_options);
    map_options.threads = bench_options()->threads;
    map_options.no_sync = true;
    snprintf(output, sizeof output, "%s/", peer_output("sheaf"));
    if (!scratch_remove(peer_output("sheaf")))
        return false;
    double begin = bench_seconds();
    sheaf_status status = sheaf_batch_from_files((const char *const *)now.paths, now.n, &batch, &error);
    sheaf_results *results = NULL;
    if (status == SHEAF_OK)
        status = sheaf_map_to(now.func, batch, &map_options, output, &results, &error);
    *seconds = bench_seconds() - begin;
    bool ok = status == SHEAF_OK || bench_fail("%s", error.message);
    if (ok && sheaf_results_failed(results))
        ok = bench_fail("%zu items failed", sheaf_results_failed(results));
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

/* The file's bytes in buffer; 0 when something went wrong. */
static size_t read_bare(const char *path, unsigned char *buffer)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, buffer, now.bytes + 4096);
    if (fd >= 0)
        close(fd);
    return got > 0 ? (size_t)got : 0;
}

static bool write_bare(const char *directory, size_t i, const unsigned char *buffer, size_t n)
{
    char temporary[PATH_MAX], path[PATH_MAX];
    snprintf(temporary, sizeof temporary, "%s/.%06zu.tmp", directory, i);
    snprintf(path, sizeof path, "%s/%06zu.npy", directory, i);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    bool ok = write(fd, buffer, n) == (ssize_t)n;
    return close(fd) == 0 && ok && rename(temporary, path) == 0;
}

static bool run_bare(const void *context, bool first, double *seconds)
{
    const struct work *work = context;
    const char *output = peer_output("bare");
    size_t failed = 0;
    (void)first;
    if (work->saves && (!scratch_remove(output) || !scratch_directory(output)))
        return false;
    double begin = bench_seconds();
#pragma omp parallel for num_threads(bench_options()->threads) schedule(dynamic, 1) reduction(+ : failed)
    for (size_t i = 0; i < now.n; i++) {
        unsigned char *buffer = now.buffers[omp_get_thread_num()];
        size_t n = read_bare(now.paths[i], buffer);
        failed += n < HEADER || (work->saves && !write_bare(output, i, buffer, n));
    }
    *seconds = bench_seconds() - begin;
    return !failed || bench_fail("the bare loop could not handle %zu files", failed);
}

static bool load(const char *path, sheaf_array **array)
{
    sheaf_error error = {0};
    return sheaf_file_load(path, array, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

static bool check_stats(const void *context, double *difference)
{
    double buffer[SHEAF_MAX_OUTPUTS];
    const double *values;
    size_t n, items[2] = {0, now.n - 1};
    bool ok = true;
    (void)context;
    *difference = 0;
    for (int k = 0; ok && k < 2; k++) {
        sheaf_array *array = NULL;
        ok = load(now.paths[items[k]], &array) && item_values(now.first, items[k], buffer, &values, &n);
        if (ok) {
            sheaf_view x = sheaf_array_view(array);
            *difference = fmax(*difference, reference_stats(&x, values, n));
        }
        sheaf_array_free(array);
    }
    for (int side = 0; ok && bench_options()->peers && side < 2; side++) {
        const char *path = peer_result(side ? "serial" : "pool");
        ok = compare_results(now.first, path, false, difference);
        scratch_remove(path);
    }
    sheaf_results_free(now.first);
    now.first = NULL;
    return ok && *difference <= 1e-12;
}

/* Every file of output against the other side's file of the same name; NULL: against sqrt of the input. */
static bool compare_file(size_t i, const char *output, double *difference)
{
    char path[PATH_MAX];
    sheaf_array *ours = NULL, *theirs = NULL;
    snprintf(path, sizeof path, "%s/%06zu.npy", peer_output("sheaf"), i);
    bool ok = load(path, &ours);
    if (output)
        snprintf(path, sizeof path, "%s/%06zu.npy", output, i);
    ok = ok && load(output ? path : now.paths[i], &theirs);
    if (ok) {
        sheaf_view a = sheaf_array_view(ours), b = sheaf_array_view(theirs);
        size_t n = (size_t)sheaf_view_size(&b);
        double *expected = b.data;
        ok = a.dtype == SHEAF_F64 && b.dtype == SHEAF_F64 && sheaf_view_size(&a) == (int64_t)n;
        for (size_t k = 0; ok && !output && k < n; k++)
            expected[k] = sqrt(expected[k]);
        if (ok)
            *difference = fmax(*difference, worst_difference(a.data, expected, n, false));
        else
            bench_fail("%s: another size or dtype", path);
    }
    sheaf_array_free(ours);
    sheaf_array_free(theirs);
    return ok;
}

/* A square root is correctly rounded on both sides: no difference at all. */
static bool check_sqrt(const void *context, double *difference)
{
    bool ok = true;
    (void)context;
    *difference = 0;
    for (size_t i = 0; ok && i < now.n; i++)
        ok = compare_file(i, bench_options()->peers ? peer_output(i % 2 ? "pool" : "serial") : NULL, difference);
    return ok && *difference == 0;
}

static const struct work big = {"stats_of_file", "stats", "big", 2000, 20, 1 << 20, 1 << 16, false};
static const struct work little = {"stats_of_file", "stats", "little", 20000, 100, 1 << 12, 1 << 12, false};
static const struct work saved = {"sqrt_to_file", "sqrt", "saved", 500, 10, 1 << 20, 1 << 16, true};

const struct bench_case file_cases[] = {
    {.name = "files/stats_2000x1mb",
     .unit = "s",
     .work = &big,
     .prepare = prepare,
     .check = check_stats,
     .finish = finish,
     .sides = {{"sheaf", BENCH_OURS, run_sheaf, 0}, {"bare loop", BENCH_LIMIT, run_bare, 0}, PEER_SIDES(3, 1)},
     .goals = {{"Pool.map", BENCH_SPEEDUP, 8, 9}, {"bare loop", BENCH_COST, 1.5, 1.3}}},
    {.name = "files/stats_20000x4kb",
     .unit = "s",
     .work = &little,
     .prepare = prepare,
     .check = check_stats,
     .finish = finish,
     .sides = {{"sheaf", BENCH_OURS, run_sheaf, 0}, {"bare loop", BENCH_LIMIT, run_bare, 0}, PEER_SIDES(3, 1)},
     .goals = {{"Pool.map", BENCH_SPEEDUP, 20, 25}, {"bare loop", BENCH_COST, 1.5, 1.3}}},
    {.name = "files/sqrt_500x1mb",
     .unit = "s",
     .work = &saved,
     .prepare = prepare,
     .check = check_sqrt,
     .finish = finish,
     .sides = {{"sheaf", BENCH_OURS, run_sheaf_saving, 0}, {"bare loop", BENCH_LIMIT, run_bare, 0}, PEER_SIDES(3, 1)},
     .goals = {{"Pool.map", BENCH_SPEEDUP, 0, 6}, {"bare loop", BENCH_COST, 0, 1.3}}},
};
const size_t file_ncases = sizeof file_cases / sizeof *file_cases;
