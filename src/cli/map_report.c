#include "json.h"
#include "map.h"
#include <sheaf/io.h>
#include <sheaf/machine.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FAILURES_SHOWN = 5,
    AGAIN_SHOWN = 500
};

static void write_failures(struct json *j, const struct map_request *r, const sheaf_results *results)
{
    json_open(j, "failures", '[');
    for (size_t i = 0; results && i < sheaf_results_size(results); i++) {
        const char *message = "";
        sheaf_status status = sheaf_results_status(results, i, &message);
        if (status == SHEAF_OK || status == SHEAF_SKIPPED)
            continue;
        json_open(j, NULL, '{');
        json_whole(j, "index", (int64_t)i);
        json_text(j, "item", map_item_name(r, i));
        json_text(j, "status", sheaf_status_name(status));
        json_whole(j, "attempts", sheaf_results_attempts(results, i));
        json_text(j, "message", message);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* What map_write_report was told. */
struct outcome {
    const struct map_request *r;
    const sheaf_results *results;
    const sheaf_error *error;
    int status;
    double seconds;
};

static void write_body(struct json *j, void *user)
{
    const struct outcome *o = user;
    const struct map_request *r = o->r;
    const sheaf_results *results = o->results;
    sheaf_map_report report = {.items = map_items_count(r), .threads_why = ""};
    if (results)
        report = sheaf_results_report(results);
    char when[32];
    time_t t = time(NULL);
    struct tm utc;
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &utc));
    json_open(j, NULL, '{');
    json_text(j, "version", sheaf_version());
    json_whole(j, "numerics", SHEAF_NUMERICS_VERSION);
    json_text(j, "function", r->function);
    if (r->output)
        json_text(j, "output", r->output);
    else
        json_null(j, "output");
    json_text(j, "ended", when);
    json_whole(j, "exit", o->status);
    if (o->error)
        json_text(j, "error", o->error->message);
    json_real(j, "seconds", o->seconds);
    json_real(j, "map_seconds", report.seconds);
    json_whole(j, "bytes_in", (int64_t)report.bytes_in);
    json_whole(j, "bytes_out", (int64_t)report.bytes_out);
    json_whole(j, "threads", report.threads);
    json_text(j, "threads_why", report.threads_why ? report.threads_why : "");
    json_whole(j, "memory", (int64_t)report.memory);
    json_whole(j, "peak_memory", (int64_t)report.peak_memory);
    json_open(j, "plan", '{');
    json_whole(j, "wide", (int64_t)report.wide);
    json_whole(j, "narrow", (int64_t)report.narrow);
    json_close(j, '}');
    json_whole(j, "items", (int64_t)report.items);
    json_whole(j, "done", (int64_t)report.done);
    json_whole(j, "resumed", (int64_t)report.resumed);
    json_whole(j, "failed", (int64_t)report.failed);
    json_whole(j, "skipped", (int64_t)report.skipped);
    json_whole(j, "retried", (int64_t)report.retried);
    json_whole(j, "attempts", (int64_t)report.attempts);
    write_failures(j, r, results);
    json_close(j, '}');
}

int map_write_report(const struct map_request *r, const sheaf_results *results, const sheaf_error *error, int status,
                     double seconds)
{
    return json_file(r->report, "report", write_body, &(struct outcome){r, results, error, status, seconds});
}

/* Where sheaf_map_to tells how each item fared: beside OUT, beside DIR/, beside a template's fixed directory. */
static char *items_path(const char *output)
{
    size_t n = strcspn(output, "{");
    bool directory = output[n] == '{' || output[n - 1] == '/';
    if (output[n] == '{')
        while (n > 0 && output[n - 1] != '/')
            n--;
    while (n > 1 && output[n - 1] == '/')
        n--;
    size_t base = n;
    while (base > 0 && output[base - 1] != '/')
        base--;
    char *path = NULL;
    bool nameless =
        base == n || strncmp(output + base, ".", n - base) == 0 || strncmp(output + base, "..", n - base) == 0;
    if (asprintf(&path, "%.*s%s.items.csv", (int)n, n ? output : "",
                 directory && nameless ? n ? "/sheaf" : "./sheaf" : "") < 0)
        path = must(NULL);
    return path;
}

/* Why the number of threads may not be what the user thinks it is; nothing where it is. SHEAF_NUM_THREADS and -j up to
 * the processors are as asked. */
void map_tell_threads(const struct map_request *r, const sheaf_results *results)
{
    const sheaf_map_report report = sheaf_results_report(results);
    const bool inherited = strncmp(report.threads_why, "OMP_", 4) == 0, quota = strstr(report.threads_why, "quota");
    sheaf_machine machine;
    if (r->options.threads < 2 && !inherited && !quota)
        return;
    sheaf_machine_get(&machine);
    if (inherited && report.threads != machine.cores_physical)
        note("threads %d (%s), of %d cores; -j or SHEAF_NUM_THREADS says how many", report.threads, report.threads_why,
             machine.cores_physical);
    else if (quota)
        note("threads %d (%s), of %d cores", report.threads, report.threads_why, machine.cores_physical);
    else if (report.threads > machine.cpus_affinity)
        note("threads %d (-j), of %d processors", report.threads, machine.cpus_affinity);
}

/* ", 3 retried", or nothing. */
static const char *retried_text(const sheaf_map_report *report, char text[48])
{
    *text = '\0';
    if (report->retried)
        snprintf(text, 48, ", %zu retried", report->retried);
    return text;
}

void map_tell_failures(const struct map_request *r, const sheaf_results *results)
{
    sheaf_map_report report = sheaf_results_report(results);
    size_t shown = 0;
    char retried[48];
    if (report.failed)
        complain(0, "%zu of %zu items failed%s:", report.failed, report.items, retried_text(&report, retried));
    for (size_t i = 0; i < report.items && shown < FAILURES_SHOWN; i++) {
        const char *message = "";
        sheaf_status status = sheaf_results_status(results, i, &message);
        if (status == SHEAF_OK || status == SHEAF_SKIPPED)
            continue;
        const char *name = map_item_name(r, i);
        if (strstr(message, name))
            note("  %s", message);
        else
            note("  %s: %s", name, message);
        shown++;
    }
    if (report.failed > shown)
        note("  … and %zu more", report.failed - shown);
    if (report.skipped)
        note("  halted: %zu of %zu items were not run", report.skipped, report.items);
    if (!r->output)
        return;
    char *items = items_path(r->output);
    if (access(items, R_OK) == 0)
        note("  each item's status is in %s", items);
    free(items);
}

void map_tell_continue(const struct map_request *r)
{
    char path[SHEAF_PATH_MAX];
    if (!r->output || sheaf_journal_path(r->output, path, NULL) != SHEAF_OK || access(path, F_OK) != 0)
        return;
    bool piped = false;
    for (size_t i = 0; i < r->inputs.lists.n; i++)
        piped = piped || strcmp(r->inputs.lists.at[i], "-") == 0;
    if (strlen(r->again) <= AGAIN_SHOWN)
        note("  to continue: %s%s", r->again, piped ? "   (with the same list on standard input)" : "");
    else
        note("  to continue: the same command with --resume; 'sheaf info %s' shows it", path);
}

static size_t arrays_in(const char *path)
{
    sheaf_file *file = NULL;
    if (sheaf_file_open(path, NULL, &file, NULL) != SHEAF_OK)
        return 0;
    size_t n = sheaf_file_parts(file);
    sheaf_file_close(file);
    return n;
}

void map_tell_written(const struct map_request *r, const sheaf_results *results)
{
    sheaf_map_report report = sheaf_results_report(results);
    sheaf_file_info info;
    size_t n = report.items, failed = report.failed;
    char retried[48];
    retried_text(&report, retried);
    if (!r->output || strcmp(r->output, "-") == 0) {
        if (report.retried && !failed)
            note("%zu items, 0 failed%s", n, retried);
        return;
    }
    if (report.resumed)
        note("%zu of %zu items were done already", report.resumed, n);
    bool single = r->output[strlen(r->output) - 1] != '/' && !strchr(r->output, '{');
    if (single && text_ends(r->output, ".csv") && !r->options.as_is)
        note("wrote %s: %zu rows, %zu items, %zu failed%s", r->output, n, n, failed, retried);
    else if (single && text_ends(r->output, ".npz"))
        note("wrote %s: %zu arrays, %zu items, %zu failed%s", r->output, arrays_in(r->output), n, failed, retried);
    else if (single && sheaf_file_describe(r->output, &info, NULL) == SHEAF_OK)
        note("wrote %s: %s %s, %zu items, %zu failed%s", r->output, sheaf_dtype_name(info.dtype),
             shape_text(info.ndim, info.shape), n, failed, retried);
    else if (single && access(r->output, F_OK) == 0)
        note("wrote %s: %zu arrays, %zu items, %zu failed%s", r->output, arrays_in(r->output), n, failed, retried);
    else if (!single)
        note("wrote %s: %zu files, %zu items, %zu failed%s", r->output, report.done - failed, n, failed, retried);
}
