/* Files of each format read, beside the libraries that people read them with: from the page cache to a sum of all their
 * numbers, or, of netCDF files that are one array, to their mean. And a table written. */

#include "harness.h"
#include "peer.h"
#include "scratch.h"
#include <limits.h>
#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum way {
    WHOLE,   /* the file is one array */
    PARTS,   /* each of its arrays is an item */
    JOINED,  /* a directory of files is one array */
    WRITTEN, /* an array goes to a file */
};

struct file {
    const char *name, *function;
    enum way way;
    bool (*make)(const char *path);
    const char *part; /* of the file, or NULL */
    bool alone;       /* on one thread */
    bool narrow;      /* its results are doubles of single precision sums */
};

static struct {
    char path[PATH_MAX], out[PATH_MAX]; /* out: where the other side writes */
    char **paths;
    size_t n;
    sheaf_func *func;
    double sum; /* of the first run */
} now;

/* ---- files ---- */

static size_t scaled(size_t n, size_t small)
{
    return bench_options()->small ? small : n;
}

/* n arrays of the same numbers, but for one each, through the function to `path`. */
static bool save(const char *path, const char *function, sheaf_dtype dtype, int ndim, const int64_t *shape, size_t n,
                 bool compress)
{
    sheaf_error error = {0};
    sheaf_map_options options;
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_view view;
    size_t size = 1;
    for (int d = 0; d < ndim; d++)
        size *= (size_t)shape[d];
    double *x = malloc((size * n + 1) * sizeof *x);
    sheaf_map_options_init(&options);
    options.no_sync = options.overwrite = true;
    options.as_is = !strchr(path, '{'); /* a file for each is as it is, and its variable is called as the output */
    options.compress = compress;
    bool ok = x && sheaf_batch_new(&batch, &error) == SHEAF_OK &&
              sheaf_func_parse(function, 0, NULL, &func, &error) == SHEAF_OK;
    for (size_t i = 0; ok && i < n; i++) {
        char name[24];
        float *narrow = (float *)(x + i * size);
        snprintf(name, sizeof name, "m%03zu.npy", i);
        scratch_fill(x + i * size, size, i);
        for (size_t k = 0; k < size; k++)
            if (dtype == SHEAF_F32)
                narrow[k] = (float)floor(x[i * size + k] * 256) / 256;
            else
                x[i * size + k] = floor(x[i * size + k] * 4096) / 4096;
        ok = sheaf_view_init(&view, x + i * size, dtype, ndim, shape, &error) == SHEAF_OK &&
             sheaf_batch_add_views(batch, &view, 1, name, &error) == SHEAF_OK;
    }
    ok = ok && sheaf_map_to(func, batch, &options, path, NULL, &error) == SHEAF_OK;
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(x);
    sync(); /* or writing back would disturb what is measured */
    return ok || bench_fail("%s", error.message);
}

static bool make_stored(const char *path)
{
    return save(path, "x", SHEAF_F64, 1, &(int64_t){(int64_t)scaled(100000, 100)}, 100, false);
}

static bool make_deflated(const char *path)
{
    return save(path, "x", SHEAF_F64, 1, &(int64_t){(int64_t)scaled(100000, 100)}, 100, true);
}

static bool make_netcdf(const char *directory)
{
    char path[PATH_MAX];
    const int64_t shape[] = {(int64_t)scaled(2000, 20), 2500};
    snprintf(path, sizeof path, "%s/{stem}.nc", directory);
    return scratch_directory(directory) && save(path, "values=x", SHEAF_F32, 2, shape, scaled(40, 3), false);
}

static bool make_table(const char *path)
{
    const size_t rows = scaled(300000, 300);
    double x[10];
    FILE *out = fopen(path, "w");
    for (size_t i = 0; out && i < rows; i++) {
        scratch_fill(x, 10, i);
        for (int k = 0; k < 10; k++)
            fprintf(out, "%.17g%c", x[k], k < 9 ? ',' : '\n');
    }
    return (out && fclose(out) == 0) || bench_fail("%s: cannot be written", path);
}

static bool make_matrix(const char *path)
{
    const size_t side = 2000, entries = scaled(1000000, 1000);
    double x;
    FILE *out = fopen(path, "w");
    if (out)
        fprintf(out, "%%%%MatrixMarket matrix coordinate real general\n%zu %zu %zu\n", side, side, entries);
    for (size_t i = 0; out && i < entries; i++) { /* no place twice: 1999 has no factor of 2000 */
        scratch_fill(&x, 1, i);
        const size_t place = i * 1999 % (side * side);
        fprintf(out, "%zu %zu %.17g\n", place / side + 1, place % side + 1, x);
    }
    return (out && fclose(out) == 0) || bench_fail("%s: cannot be written", path);
}

static bool make_hdf5(const char *path)
{
    double nothing;
    if (access(path, R_OK) == 0)
        return true;
    if (bench_options()->small || !bench_options()->peers)
        return bench_absent("h5py makes the file");
    return peer_ask("make_hdf5", "-", path, "-", "-", &nothing);
}

/* An array to be written. */
static bool make_array(const char *path)
{
    const int64_t shape[] = {(int64_t)scaled(100000, 100), 10};
    return save(path, "x", SHEAF_F64, 2, shape, 1, false);
}

/* ---- runs ---- */

static const char written_name[] = "ours.csv";

static bool list_files(void)
{
    now.paths = calloc(40, sizeof *now.paths);
    for (size_t i = 0; now.paths && i < 40; i++) {
        if (asprintf(&now.paths[i], "%s/m%03zu.nc", now.path, i) < 0)
            return bench_fail("out of memory");
        if (access(now.paths[i], R_OK) != 0)
            return true;
        now.n++;
    }
    return now.paths != NULL;
}

static bool prepare(const void *work)
{
    const struct file *f = work;
    sheaf_error error = {0};
    snprintf(now.path, sizeof now.path, "%s", scratch_path(f->name));
    snprintf(now.out, sizeof now.out, "%s", scratch_path(f->way == WRITTEN ? "theirs.csv" : "mean.nc"));
    if (!f->make(now.path) || (f->way == JOINED && !list_files()))
        return false;
    sheaf_pool_trim();
    return sheaf_func_parse(f->function, 0, NULL, &now.func, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

static void finish(const void *work)
{
    const struct file *f = work;
    for (size_t i = 0; now.paths && i < 40; i++)
        free(now.paths[i]);
    free(now.paths);
    sheaf_func_free(now.func);
    if (!f->part) /* others read it too */
        scratch_remove(now.path);
    memset(&now, 0, sizeof now);
}

static bool sum_up(const sheaf_results *results, double *sum)
{
    sheaf_error error = {0};
    *sum = 0;
    for (size_t i = 0; i < sheaf_results_size(results); i++) {
        sheaf_view x;
        const char *message;
        if (sheaf_results_status(results, i, &message) != SHEAF_OK)
            return bench_fail("%s", message);
        if (sheaf_results_view(results, i, 0, &x, &error) != SHEAF_OK)
            return bench_fail("%s", error.message);
        const int64_t n = sheaf_view_size(&x);
        for (int64_t k = 0; k < n; k++)
            *sum += x.dtype == SHEAF_F32 ? (double)((const float *)x.data)[k] : ((const double *)x.data)[k];
    }
    return true;
}

static sheaf_status add(const struct file *f, sheaf_batch *batch, sheaf_error *error)
{
    const sheaf_join join = {(const char *const *)now.paths, now.n, "new"};
    if (f->way == JOINED)
        return sheaf_batch_add_joined(batch, &join, 1, NULL, error);
    if (f->part)
        return sheaf_batch_add_part(batch, now.path, f->part, error);
    return f->way == PARTS ? sheaf_batch_add_parts(batch, now.path, 0, NULL, error)
                           : sheaf_batch_add_file(batch, now.path, error);
}

/* Timed: from the path to the results, or to the file. */
static bool run_sheaf(const void *work, bool first, double *value)
{
    const struct file *f = work;
    sheaf_error error = {0};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    double sum;
    sheaf_map_options_init(&options);
    options.threads = f->alone ? 1 : bench_options()->threads;
    options.no_sync = options.overwrite = options.as_is = true;
    const double begin = bench_seconds();
    bool ok = sheaf_batch_new(&batch, &error) == SHEAF_OK && add(f, batch, &error) == SHEAF_OK &&
              (f->way == WRITTEN ? sheaf_map_to(now.func, batch, &options, scratch_path(written_name), NULL, &error)
                                 : sheaf_map(now.func, batch, &options, &results, &error)) == SHEAF_OK;
    *value = 1e3 * (bench_seconds() - begin);
    if (!ok)
        bench_fail("%s", error.message);
    else if (f->way != WRITTEN && (ok = sum_up(results, &sum)) && first)
        now.sum = sum;
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    return ok;
}

static bool ask(const char *side, bool first, double *value)
{
    double seconds;
    if (!peer_ask(side, "-", now.path, now.out, first ? peer_result("sum") : "-", &seconds))
        return false;
    *value = 1e3 * seconds;
    return true;
}

#define PEER(function, side)                                          \
    static bool function(const void *work, bool first, double *value) \
    {                                                                 \
        (void)work;                                                   \
        return ask(side, first, value);                               \
    }
PEER(run_load, "np.load")
PEER(run_savetxt, "np.savetxt")
PEER(run_pandas, "pandas")
PEER(run_polars, "polars")
PEER(run_mmread, "scipy.io.mmread")
PEER(run_chunked, "h5py chunked")
PEER(run_contiguous, "h5py contiguous")
PEER(run_nces, "nces")
PEER(run_cdo, "cdo ensmean")

/* How long the file may take at 0.8 GB/s. */
static bool run_rate(const void *work, bool first, double *value)
{
    (void)work, (void)first;
    FILE *file = fopen(now.path, "r");
    const bool ok = file && fseek(file, 0, SEEK_END) == 0;
    *value = ok ? (double)ftell(file) / 0.8e6 : 0;
    if (file)
        fclose(file);
    return ok || bench_fail("%s: cannot be opened", now.path);
}

static bool load_sum(const char *path, double *sum)
{
    sheaf_error error = {0};
    sheaf_array *array = NULL;
    if (sheaf_file_load(path, &array, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    const sheaf_view x = sheaf_array_view(array);
    *sum = 0;
    for (int64_t k = 0; k < sheaf_view_size(&x); k++)
        *sum += ((const double *)x.data)[k];
    sheaf_array_free(array);
    return true;
}

/* The sums are of different orders, and NumPy's of float32 of that precision. */
static bool check(const void *work, double *difference)
{
    const struct file *f = work;
    double theirs, ours = now.sum;
    *difference = -1;
    if (!bench_options()->peers)
        return true;
    if (!load_sum(peer_result("sum"), &theirs) || (f->way == WRITTEN && !load_sum(scratch_path(written_name), &ours)))
        return false;
    *difference = fabs(ours - theirs) / fabs(theirs);
    return *difference < (f->narrow ? 1e-4 : 1e-9) || bench_fail("the sums differ: %.17g and %.17g", ours, theirs);
}

static const struct file stored = {"stored.npz", "sum(x)", PARTS, make_stored, NULL, false, false};
static const struct file deflated = {"deflated.npz", "sum(x)", PARTS, make_deflated, NULL, false, false};
static const struct file table = {"table.csv", "sum(x)", WHOLE, make_table, NULL, true, false};
static const struct file table_two = {"table.csv", "sum(x)", WHOLE, make_table, NULL, false, false};
static const struct file matrix = {"matrix.mtx", "sum(x)", WHOLE, make_matrix, NULL, false, false};
static const struct file chunked = {"data.h5", "sum(x)", WHOLE, make_hdf5, "chunked", false, false};
static const struct file contiguous = {"data.h5", "sum(x)", WHOLE, make_hdf5, "contiguous", false, false};
static const struct file ensemble = {"ensemble", "nanmean(x, axis=0)", JOINED, make_netcdf, NULL, false, true};
static const struct file written = {"table.npy", "x", WRITTEN, make_array, NULL, false, false};

static bool has_nces(void)
{
    return bench_options()->small || system("command -v nces >/dev/null") == 0;
}

static bool has_cdo(void)
{
    return system("command -v cdo >/dev/null 2>&1") == 0;
}

/* Beside one other side, that many times as fast at least. */
#define BESIDE(title, file, which, peer, run_peer, turns, least, wanted)                                       \
    {                                                                                                          \
        .name = title, .unit = "ms", .work = &(file), .available = which, .prepare = prepare, .check = check,  \
        .finish = finish, .sides = {{"sheaf", BENCH_OURS, run_sheaf, 0}, {peer, BENCH_PEER, run_peer, turns}}, \
        .goals = {                                                                                             \
            {peer, BENCH_SPEEDUP, least, wanted, NULL}                                                         \
        }                                                                                                      \
    }

static const struct bench_case cases[] = {
    BESIDE("formats/npz_100_stored", stored, NULL, "np.load", run_load, 0, 3, 4),
    BESIDE("formats/npz_100_deflated", deflated, NULL, "np.load", run_load, 0, 2, 3),
    {.name = "formats/csv_one_thread",
     .unit = "ms",
     .work = &table,
     .prepare = prepare,
     .check = check,
     .finish = finish,
     .sides = {{"sheaf", BENCH_OURS, run_sheaf, 0},
               {"pandas", BENCH_PEER, run_pandas, 0},
               {"0.8 GB/s", BENCH_LIMIT, run_rate, 0}},
     .goals = {{"pandas", BENCH_SPEEDUP, 2, 5, NULL}, {"0.8 GB/s", BENCH_COST, 2, 1, NULL}}},
    BESIDE("formats/csv", table_two, NULL, "polars", run_polars, 0, 1, 1.5),
    BESIDE("formats/csv_written", written, NULL, "np.savetxt", run_savetxt, 3, 5, 10),
    BESIDE("formats/mtx", matrix, NULL, "scipy.io.mmread", run_mmread, 0, 2, 10),
    BESIDE("formats/hdf5_gzip", chunked, NULL, "h5py", run_chunked, 0, 1.5, 1.8),
    BESIDE("formats/hdf5_contiguous", contiguous, NULL, "h5py", run_contiguous, 0, 0, 0),
    BESIDE("formats/netcdf_joined_mean_nces", ensemble, has_nces, "nces", run_nces, 0, 2, 10),
    BESIDE("formats/netcdf_joined_mean_cdo", ensemble, has_cdo, "cdo", run_cdo, 5, 4, 20),
};

int main(int argc, char **argv)
{
    const struct bench_program program = {
        .name = "bench_formats", .peer_script = "formats.py", .cases = cases, .ncases = sizeof cases / sizeof *cases};
    return bench_main(argc, argv, &program);
}
