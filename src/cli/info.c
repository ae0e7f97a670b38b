#include "info.h"
#include "args.h"
#include "json.h"
#include "summary.h"
#include <langinfo.h>
#include <math.h>
#include <sheaf/io.h>
#include <sheaf/machine.h>
#include <sheaf/map.h>
#include <stdlib.h>
#include <string.h>

enum {
    INFO_JSON = ARG_FIRST_FREE,
    INFO_MACHINE,
    INFO_FILES_FROM,
    INFO_NUL,
    INFO_RECURSIVE,
    INFO_JOBS
};

static const struct args_option options[] = {
    {INFO_JSON, 0, "json", TAKES_NOTHING, NULL, "as JSON"},
    {INFO_MACHINE, 0, "machine", TAKES_NOTHING, NULL, "the machine instead of files: processor, threads, libraries"},
    {INFO_FILES_FROM, 0, "files-from", TAKES_VALUE, "LIST", "read file names from LIST, one a line; - is stdin"},
    {INFO_NUL, '0', NULL, TAKES_NOTHING, NULL, "names in LIST end with NUL, as 'find -print0' writes them"},
    {INFO_RECURSIVE, 'r', "recursive", TAKES_NOTHING, NULL,
     "take every array file below a directory, sorted by name"},
    INPUTS_OPTIONS,
    {INFO_JOBS, 'j', "jobs", TAKES_VALUE, "N", "at most N threads"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

struct info_request {
    struct inputs inputs;
    struct paths paths;
    bool json, machine;
    int threads;
};

static void print_help(void)
{
    printf(
        "Usage: sheaf info INPUT...\n"
        "       sheaf info OUT.sheaf-journal...\n"
        "       sheaf info --machine\n\n"
        "Show what is in array files: dtype, shape, order, quick statistics, a histogram of the finite values.\n"
        "NaN values are counted, and left out of the statistics. Of the journal of an unfinished output: how far it\n"
        "is, what failed, and the command that continues it.\n\nOptions:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf info data/*.npy\n"
           "  sheaf info --json data/*.npy > info.json\n"
           "  sheaf info --machine\n");
}

/* ---- the machine ---- */

static void machine_json(const sheaf_machine *m)
{
    struct json j = {.out = stdout};
    json_open(&j, NULL, '{');
    json_text(&j, "version", sheaf_version());
    json_whole(&j, "numerics", SHEAF_NUMERICS_VERSION);
    json_text(&j, "cpu", m->cpu);
    json_text(&j, "isa", m->isa);
    json_text(&j, "isa_best", m->isa_best);
    json_whole(&j, "cpus_online", m->cpus_online);
    json_whole(&j, "cpus_affinity", m->cpus_affinity);
    json_whole(&j, "cores_physical", m->cores_physical);
    json_real(&j, "cgroup_cpus", m->cgroup_cpus);
    json_whole(&j, "memory_total", (int64_t)m->memory_total);
    json_whole(&j, "memory_limit", (int64_t)m->memory_limit);
    json_whole(&j, "threads", m->threads);
    json_text(&j, "threads_why", m->threads_why);
    json_text(&j, "blas", m->blas);
    json_text(&j, "fft", m->fft);
    json_text(&j, "sort", m->sort);
    json_text(&j, "fingerprint", m->fingerprint);
    json_close(&j, '}');
}

static void machine_text(const sheaf_machine *m)
{
    printf("sheaf        %s (numerics %d)\n", sheaf_version(), SHEAF_NUMERICS_VERSION);
    printf("cpu          %s\n", m->cpu);
    printf("kernels      %s (best here: %s)\n", m->isa, m->isa_best);
    printf("cpus         %d online, %d in the affinity mask, %d physical cores\n", m->cpus_online, m->cpus_affinity,
           m->cores_physical);
    if (m->cgroup_cpus > 0)
        printf("cpu quota    %.4g (cgroup)\n", m->cgroup_cpus);
    else
        printf("cpu quota    none\n");
    printf("memory       %s", bytes_text((double)m->memory_total));
    printf(m->memory_limit ? ", limited to %s by the cgroup\n" : ", no cgroup limit\n",
           bytes_text((double)m->memory_limit));
    printf("threads      %d (%s)\n", m->threads, m->threads_why);
    printf("blas         %s\n", m->blas);
    printf("fft          %s\n", m->fft);
    printf("sort         %s\n", m->sort);
    printf("fingerprint  %s\n", m->fingerprint);
}

static int show_machine(bool json)
{
    sheaf_machine machine;
    sheaf_machine_get(&machine);
    if (json)
        machine_json(&machine);
    else
        machine_text(&machine);
    return DONE;
}

/* ---- files ---- */

/* One file: its header, and its two rows of results, NULL when the data could not be read. */
struct file {
    const char *path;
    sheaf_error error;
    sheaf_file_info info;
    const double *s, *bins;
};

static const char *endianness(const sheaf_file_info *info)
{
    return sheaf_dtype_size(info->dtype) == 1 ? "" : info->big_endian ? ", big-endian" : ", little-endian";
}

static void print_histogram(const struct file *f)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char ascii[] = " .:-=+*#@";
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    double most = 1;
    for (int b = 0; b < SUMMARY_BINS; b++)
        most = f->bins[b] > most ? f->bins[b] : most;
    printf("  %.6g ", f->s[SUMMARY_LOW]);
    for (int b = 0; b < SUMMARY_BINS; b++) {
        int level = (int)ceil(8 * f->bins[b] / most);
        if (utf8)
            fputs(blocks[level], stdout);
        else
            putchar(ascii[level]);
    }
    printf(" %.6g\n", f->s[SUMMARY_HIGH]);
}

static void file_text(const struct file *f)
{
    const sheaf_file_info *i = &f->info;
    bool bold = color_on(stdout);
    fputs(bold ? "\033[1m" : "", stdout);
    put_visible(stdout, f->path);
    printf("%s: %s, %s %s, %s order%s, %s\n", bold ? "\033[0m" : "", i->format, sheaf_dtype_name(i->dtype),
           shape_text(i->ndim, i->shape), i->fortran_order ? "Fortran" : "C", endianness(i),
           bytes_text((double)i->data_bytes));
    const double *s = f->s;
    if (!s)
        return;
    printf("  count %.15g", s[SUMMARY_COUNT]);
    bool pairs = !isnan(s[SUMMARY_MEAN_IMAG]);
    if (pairs)
        printf("  mean (%.6g%+.6gj)  std %.6g", s[SUMMARY_MEAN], s[SUMMARY_MEAN_IMAG], s[SUMMARY_STD]);
    else if (s[SUMMARY_COUNT] > 0)
        printf("  mean %.6g  std %.6g  min %.6g  max %.6g", s[SUMMARY_MEAN], s[SUMMARY_STD], s[SUMMARY_MIN],
               s[SUMMARY_MAX]);
    if (s[SUMMARY_NAN] > 0)
        printf("  NaN %.15g", s[SUMMARY_NAN]);
    if (s[SUMMARY_INFINITE] > 0)
        printf("  infinite %.15g", s[SUMMARY_INFINITE]);
    putchar('\n');
    if (isfinite(s[SUMMARY_LOW]))
        print_histogram(f);
}

static void json_statistics(struct json *j, const struct file *f)
{
    const double *s = f->s;
    json_whole(j, "count", (int64_t)s[SUMMARY_COUNT]);
    json_whole(j, "nan", (int64_t)s[SUMMARY_NAN]);
    json_whole(j, "infinite", (int64_t)s[SUMMARY_INFINITE]);
    json_real(j, "mean", s[SUMMARY_MEAN]);
    if (!isnan(s[SUMMARY_MEAN_IMAG]))
        json_real(j, "mean_imag", s[SUMMARY_MEAN_IMAG]);
    json_real(j, "std", s[SUMMARY_STD]);
    json_real(j, "min", s[SUMMARY_MIN]);
    json_real(j, "max", s[SUMMARY_MAX]);
    if (!isfinite(s[SUMMARY_LOW]))
        return;
    json_open(j, "histogram", '{');
    json_real(j, "low", s[SUMMARY_LOW]);
    json_real(j, "high", s[SUMMARY_HIGH]);
    json_open(j, "counts", '[');
    j->flat = j->depth;
    for (int b = 0; b < SUMMARY_BINS; b++)
        json_whole(j, NULL, (int64_t)f->bins[b]);
    json_close(j, ']');
    json_close(j, '}');
}

static void file_json(struct json *j, const struct file *f)
{
    const sheaf_file_info *i = &f->info;
    json_open(j, NULL, '{');
    json_text(j, "path", f->path);
    if (i->format[0]) {
        json_text(j, "format", i->format);
        json_text(j, "dtype", sheaf_dtype_name(i->dtype));
        json_open(j, "shape", '[');
        j->flat = j->depth;
        for (int k = 0; k < i->ndim; k++)
            json_whole(j, NULL, i->shape[k]);
        json_close(j, ']');
        json_bool(j, "fortran_order", i->fortran_order);
        json_bool(j, "big_endian", i->big_endian);
        json_whole(j, "data_offset", (int64_t)i->data_offset);
        json_whole(j, "data_bytes", (int64_t)i->data_bytes);
    }
    if (f->s)
        json_statistics(j, f);
    if (f->error.status != SHEAF_OK) {
        json_text(j, "status", sheaf_status_name(f->error.status));
        json_text(j, "message", f->error.message);
    }
    json_close(j, '}');
}

static void fill_file(struct file *f, const char *path, const sheaf_batch *batch, const sheaf_results *results,
                      size_t i)
{
    sheaf_view first, second;
    const char *message = "";
    *f = (struct file){.path = path};
    if (sheaf_batch_describe(batch, i, &f->info, &f->error) != SHEAF_OK) {
        f->info.format[0] = 0;
        return;
    }
    sheaf_status status = sheaf_results_status(results, i, &message);
    if (status != SHEAF_OK)
        sheaf_error_set(&f->error, status, "%s", message);
    else if (sheaf_results_view(results, i, 0, &first, &f->error) == SHEAF_OK &&
             sheaf_results_view(results, i, 1, &second, &f->error) == SHEAF_OK) {
        f->s = first.data;
        f->bins = second.data;
    }
}

static int print_files(const struct info_request *r, const sheaf_batch *batch, const sheaf_results *results)
{
    int status = DONE;
    struct json j = {.out = stdout};
    struct file f;
    if (r->json)
        json_open(&j, NULL, '[');
    for (size_t i = 0; i < r->paths.n; i++) {
        fill_file(&f, r->paths.at[i], batch, results, i);
        if (r->json)
            file_json(&j, &f);
        else if (f.info.format[0])
            file_text(&f);
        if (f.error.status == SHEAF_OK)
            continue;
        status = SOME_FAILED;
        if (strstr(f.error.message, f.path))
            complain(status, "%s", f.error.message);
        else
            complain(status, "%s: %s", f.path, f.error.message);
    }
    if (r->json)
        json_close(&j, ']');
    return status;
}

static int show_files(const struct info_request *r)
{
    static const char *const names[] = {"summary", "histogram"};
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options map_options;
    sheaf_error error = {SHEAF_OK, ""};
    int status = NO_OUTPUT;
    sheaf_map_options_init(&map_options);
    map_options.threads = r->threads;
    signals_catch();
    map_options.cancel = signal_flag();
    if (sheaf_func_callback(summary_callback, NULL, 2, names, &func, &error) != SHEAF_OK ||
        inputs_batch(&r->inputs, &r->paths, &batch, &error) != SHEAF_OK ||
        sheaf_map(func, batch, &map_options, &results, &error) != SHEAF_OK)
        complain(status, "%s", error.message);
    else
        status = signal_status() ? signal_status() : print_files(r, batch, results);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return status;
}

static int parse(struct info_request *r, int argc, char **argv, bool *stop)
{
    struct args a;
    const char *value;
    long jobs;
    args_init(&a, options, argc, argv, false);
    for (int id; (id = args_next(&a, &value)) != ARGS_END;) {
        switch (id) {
        case ARG_HELP:
            print_help();
            *stop = true;
            return DONE;
        case INFO_JSON:
            r->json = true;
            break;
        case INFO_MACHINE:
            r->machine = true;
            break;
        case INFO_FILES_FROM:
            paths_add(&r->inputs.lists, value);
            break;
        case INFO_NUL:
            r->inputs.nul_separated = true;
            break;
        case INFO_RECURSIVE:
            r->inputs.recursive = true;
            break;
        case INFO_JOBS:
            if (!args_count("--jobs", value, 1, &jobs))
                return REFUSED;
            r->threads = jobs > 4096 ? 4096 : (int)jobs;
            break;
        case ARGS_OPERAND:
            paths_add(&r->inputs.given, value);
            break;
        default:
            if (!inputs_option(&r->inputs, id, value))
                return REFUSED;
        }
    }
    return DONE;
}

int info_command(int argc, char **argv)
{
    struct info_request r = {0};
    bool stop = false;
    int status = parse(&r, argc, argv, &stop);
    if (status != DONE || stop)
        goto done;
    if (r.machine) {
        status = r.inputs.given.n || r.inputs.lists.n ? complain(REFUSED, "info: --machine goes without files")
                                                      : show_machine(r.json);
        goto done;
    }
    status = inputs_expand(&r.inputs, "info", &r.paths);
    if (status == DONE)
        status = are_journals(&r.paths) ? show_journals(&r.paths, r.json) : show_files(&r);
done:
    inputs_free(&r.inputs);
    paths_free(&r.paths);
    return status;
}
