#include "info.h"
#include "args.h"
#include "json.h"
#include "plot.h"
#include "summary.h"
#include <langinfo.h>
#include <math.h>
#include <sheaf/io.h>
#include <sheaf/map.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    INFO_JSON = ARG_FIRST_FREE,
    INFO_MACHINE,
    INFO_FILES_FROM,
    INFO_NUL,
    INFO_RECURSIVE,
    INFO_JOBS,
    INFO_SPARKLINE,
    INFO_PLOT,
    INFO_PLOT_AS
};

static const struct args_option options[] = {
    {INFO_JSON, 0, "json", TAKES_NOTHING, NULL, "as JSON"},
    {INFO_MACHINE, 0, "machine", TAKES_NOTHING, NULL, "the machine instead of files: processor, threads, libraries"},
    {INFO_FILES_FROM, 0, "files-from", TAKES_VALUE, "LIST", "read file names from LIST, one a line; - is stdin"},
    {INFO_NUL, '0', NULL, TAKES_NOTHING, NULL, "names in LIST end with NUL, as 'find -print0' writes them"},
    {INFO_RECURSIVE, 'r', "recursive", TAKES_NOTHING, NULL, "take every array file below a directory, sorted by name"},
    INPUTS_OPTIONS,
    {INFO_SPARKLINE, 0, "sparkline", TAKES_NOTHING, NULL, "draw arrays of one dimension as a line, also in a pipe"},
    {INFO_PLOT, 0, "plot", TAKES_VALUE, "FILE", "draw a FILE.png or .svg of the arrays, by gnuplot"},
    {INFO_PLOT_AS, 0, "plot-as", TAKES_VALUE, "KIND", "hist: their values' histograms; auto: lines, maps, columns"},
    {INFO_JOBS, 'j', "jobs", TAKES_VALUE, "N", "at most N threads"},
    FETCHING_OPTIONS,
    {FETCHING_CACHE, 0, "cache", TAKES_VALUE, "DIR", "keep what URLs gave there"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

struct info_request {
    struct inputs inputs;
    struct fetching fetching;
    struct paths paths;
    struct fetched *fetched; /* as many as paths; NULL: no URL is among them */
    bool json, machine, sparkline;
    const char *plot;
    bool histograms; /* in the plot */
    int threads;
};

static void print_help(void)
{
    printf(
        "Usage: sheaf info INPUT...\n"
        "       sheaf info OUT.sheaf-journal...\n"
        "       sheaf info --machine\n\n"
        "Show what is in array files: dtype, shape, order, dimensions and attributes where they have such, quick\n"
        "statistics, a histogram of the finite values, on a terminal a line of those of one dimension. NaN values are\n"
        "counted, and left out of the statistics. Of the journal of an unfinished output: how far it is, what failed,\n"
        "and the command that continues it.\n\nOptions:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf info data/*.npy\n"
           "  sheaf info --json data/*.npy > info.json\n"
           "  sheaf info --plot tas.png model.nc:tas\n"
           "  sheaf info --machine\n");
}

/* ---- files ---- */

/* One file: its header, and its two rows of results, NULL when the data could not be read. */
struct file {
    const char *path;
    sheaf_error error;
    sheaf_file_info info;
    const double *s, *bins, *line;
    sheaf_file *open; /* for its dimensions and attributes; NULL: none */
    size_t part;
};

static const char *endianness(const sheaf_file_info *info)
{
    return sheaf_dtype_size(info->dtype) == 1 ? "" : info->big_endian ? ", big-endian" : ", little-endian";
}

/* One of nine heights. */
static void put_block(int level)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char ascii[] = " .:-=+*#@";
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        fputs(blocks[level], stdout);
    else
        putchar(ascii[level]);
}

static void print_histogram(const struct file *f)
{
    double most = 1;
    for (int b = 0; b < SUMMARY_BINS; b++)
        most = f->bins[b] > most ? f->bins[b] : most;
    printf("  %.6g ", f->s[SUMMARY_LOW]);
    for (int b = 0; b < SUMMARY_BINS; b++)
        put_block((int)ceil(8 * f->bins[b] / most));
    printf(" %.6g\n", f->s[SUMMARY_HIGH]);
}

/* What has one dimension, from its first element to its last; blank where nothing is finite. */
static void print_line(const struct file *f)
{
    double low = INFINITY, high = -INFINITY;
    int n = SUMMARY_LINE;
    for (int i = 0; i < SUMMARY_LINE; i++) {
        low = f->line[i] < low ? f->line[i] : low;
        high = f->line[i] > high ? f->line[i] : high;
    }
    if (f->info.shape[0] < n)
        n = (int)f->info.shape[0];
    if (!(high > low))
        return;
    fputs("  [0] ", stdout);
    for (int i = 0; i < n; i++)
        put_block(isnan(f->line[i]) ? 0 : 1 + (int)(7 * ((f->line[i] / 2 - low / 2) / (high / 2 - low / 2)) + 0.5));
    printf(" [%lld]\n", (long long)f->info.shape[0] - 1);
}

/* ---- dimensions and attributes ---- */

static bool has_names(const struct file *f)
{
    for (int d = 0; f->open && d < f->info.ndim; d++)
        if (*sheaf_file_part_dimension(f->open, f->part, d))
            return true;
    return false;
}

static void print_details(const struct file *f)
{
    const char *name, *value;
    if (has_names(f)) {
        fputs("  dimensions", stdout);
        for (int d = 0; d < f->info.ndim; d++) {
            putchar(' ');
            name = sheaf_file_part_dimension(f->open, f->part, d);
            put_visible(stdout, *name ? name : "-");
            printf("=%lld", (long long)f->info.shape[d]);
        }
        putchar('\n');
    }
    for (size_t i = 0; f->open && sheaf_file_part_attribute(f->open, f->part, i, &name, &value); i++) {
        fputs("  ", stdout);
        put_visible(stdout, name);
        fputs(": ", stdout);
        put_visible(stdout, value);
        putchar('\n');
    }
}

static void json_details(struct json *j, const struct file *f)
{
    const char *name, *value;
    if (has_names(f)) {
        json_open(j, "dimensions", '[');
        j->flat = j->depth;
        for (int d = 0; d < f->info.ndim; d++)
            json_text(j, NULL, sheaf_file_part_dimension(f->open, f->part, d));
        json_close(j, ']');
    }
    if (!f->open || !sheaf_file_part_attribute(f->open, f->part, 0, &name, &value))
        return;
    json_open(j, "attributes", '{');
    for (size_t i = 0; sheaf_file_part_attribute(f->open, f->part, i, &name, &value); i++)
        json_text(j, name, value);
    json_close(j, '}');
}

static void file_text(const struct info_request *r, const struct file *f)
{
    const sheaf_file_info *i = &f->info;
    bool bold = color_on(stdout);
    fputs(bold ? "\033[1m" : "", stdout);
    put_visible(stdout, f->path);
    printf("%s: %s, %s %s, %s order%s, %s\n", bold ? "\033[0m" : "", i->format, sheaf_dtype_name(i->dtype),
           shape_text(i->ndim, i->shape), i->fortran_order ? "Fortran" : "C", endianness(i),
           bytes_text((double)i->data_bytes));
    print_details(f);
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
    if (i->ndim == 1 && (r->sparkline || isatty(STDOUT_FILENO)))
        print_line(f);
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
        json_details(j, f);
    }
    if (f->s)
        json_statistics(j, f);
    if (f->error.status != SHEAF_OK) {
        json_text(j, "status", sheaf_status_name(f->error.status));
        json_text(j, "message", f->error.message);
    }
    json_close(j, '}');
}

/* What only an open file tells; a pipe has been read already. */
static void open_details(struct file *f, const sheaf_read *read)
{
    struct stat st;
    if (inputs_stat(f->path, &st) && S_ISREG(st.st_mode))
        sheaf_file_open_part(f->path, read, &f->open, &f->part, NULL);
}

static void fill_file(struct file *f, const struct info_request *r, const sheaf_batch *batch,
                      const sheaf_results *results, size_t i)
{
    sheaf_view first, second, third;
    const char *message = "";
    *f = (struct file){.path = r->paths.at[i]};
    if (r->fetched && is_url(f->path)) {
        f->info = r->fetched[i].info;
        f->error = r->fetched[i].error;
        if (f->error.status != SHEAF_OK)
            return;
    } else if (sheaf_batch_describe(batch, i, &f->info, &f->error) != SHEAF_OK) {
        f->info.format[0] = 0;
        return;
    }
    sheaf_status status = sheaf_results_status(results, i, &message);
    if (status != SHEAF_OK)
        sheaf_error_set(&f->error, status, "%s", message);
    else if (sheaf_results_view(results, i, 0, &first, &f->error) == SHEAF_OK &&
             sheaf_results_view(results, i, 1, &second, &f->error) == SHEAF_OK &&
             sheaf_results_view(results, i, 2, &third, &f->error) == SHEAF_OK) {
        f->s = first.data;
        f->bins = second.data;
        f->line = third.data;
    }
}

static int print_files(const struct info_request *r, const sheaf_batch *batch, const sheaf_results *results)
{
    int status = DONE;
    struct json j = {.out = stdout};
    struct file f;
    sheaf_read *read = NULL;
    sheaf_read_new(r->inputs.read.n, (const char *const *)r->inputs.read.at, &read, NULL);
    if (r->json)
        json_open(&j, NULL, '[');
    for (size_t i = 0; i < r->paths.n; i++) {
        fill_file(&f, r, batch, results, i);
        open_details(&f, read);
        if (r->json)
            file_json(&j, &f);
        else if (f.info.format[0])
            file_text(r, &f);
        sheaf_file_close(f.open);
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
    if (r->plot && status == DONE)
        status = plot_files(&r->paths, read, r->plot, r->histograms);
    sheaf_read_free(read);
    return status;
}

/* URLs are fetched now, and the batch is of what they held. */
static sheaf_status make_batch(struct info_request *r, sheaf_batch **batch, sheaf_error *error)
{
    for (size_t i = 0; i < r->paths.n; i++)
        if (is_url(r->paths.at[i]))
            return info_fetch(&r->inputs, &r->fetching, &r->paths, &r->fetched, batch, error);
    return inputs_batch(&r->inputs, &r->paths, batch, error);
}

static int show_files(struct info_request *r)
{
    static const char *const names[] = {"summary", "histogram", "line"};
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
    if (sheaf_func_callback(summary_callback, NULL, 3, names, &func, &error) != SHEAF_OK ||
        make_batch(r, &batch, &error) != SHEAF_OK || sheaf_map(func, batch, &map_options, &results, &error) != SHEAF_OK)
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
    bool bad;
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
        case INFO_SPARKLINE:
            r->sparkline = true;
            break;
        case INFO_PLOT:
            r->plot = value;
            break;
        case INFO_PLOT_AS:
            r->histograms = strcmp(value, "hist") == 0;
            if (!r->histograms && strcmp(value, "auto") != 0)
                return complain(REFUSED, "--plot-as takes hist or auto, not '%s'", value);
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
            if (!inputs_option(&r->inputs, id, value) && !fetching_option(&r->fetching, id, value, &bad))
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
    if ((status = plot_check(r.plot)) != DONE)
        goto done;
    status = inputs_expand(&r.inputs, "info", &r.paths);
    if (status == DONE)
        status = are_journals(&r.paths) ? show_journals(&r.paths, r.json) : show_files(&r);
done:
    inputs_free(&r.inputs);
    paths_free(&r.paths);
    fetching_free(&r.fetching);
    free(r.fetched);
    return status;
}
