#include "json.h"
#include "map.h"
#include <errno.h>
#include <sheaf/io.h>
#include <sheaf/machine.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
        json_text(j, "item", r->paths.at[i]);
        json_text(j, "status", sheaf_status_name(status));
        json_text(j, "message", message);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_body(struct json *j, const struct map_request *r, const sheaf_results *results,
                       const sheaf_error *error, int status, double seconds)
{
    sheaf_map_report report = {.items = r->paths.n, .threads_why = ""};
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
    json_whole(j, "exit", status);
    if (error)
        json_text(j, "error", error->message);
    json_real(j, "seconds", seconds);
    json_real(j, "map_seconds", report.seconds);
    json_whole(j, "bytes_in", (int64_t)report.bytes_in);
    json_whole(j, "bytes_out", (int64_t)report.bytes_out);
    json_whole(j, "threads", report.threads);
    json_text(j, "threads_why", report.threads_why ? report.threads_why : "");
    json_open(j, "plan", '{');
    json_whole(j, "wide", (int64_t)report.wide);
    json_whole(j, "narrow", (int64_t)report.narrow);
    json_close(j, '}');
    json_whole(j, "items", (int64_t)report.items);
    json_whole(j, "done", (int64_t)report.done);
    json_whole(j, "resumed", (int64_t)report.resumed);
    json_whole(j, "failed", (int64_t)report.failed);
    json_whole(j, "skipped", (int64_t)report.skipped);
    write_failures(j, r, results);
    json_close(j, '}');
}

int map_write_report(const struct map_request *r, const sheaf_results *results, const sheaf_error *error, int status,
                     double seconds)
{
    char *temporary = NULL;
    bool written = false;
    if (asprintf(&temporary, "%s.XXXXXX", r->report) < 0)
        temporary = must(NULL);
    mode_t mask = umask(0);
    umask(mask);
    int fd = mkstemp(temporary);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file) {
        struct json j = {.out = file};
        write_body(&j, r, results, error, status, seconds);
        bool whole = fchmod(fd, 0666 & ~mask) == 0 && !ferror(file);
        whole = fclose(file) == 0 && whole;
        written = whole && rename(temporary, r->report) == 0;
    }
    if (!written) {
        complain(NO_OUTPUT, "cannot write the report '%s': %s", r->report, strerror(errno));
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
    return written ? DONE : NO_OUTPUT;
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

void map_tell_failures(const struct map_request *r, const sheaf_results *results)
{
    sheaf_map_report report = sheaf_results_report(results);
    size_t shown = 0;
    if (report.failed)
        complain(0, "%zu of %zu items failed:", report.failed, report.items);
    for (size_t i = 0; i < report.items && shown < FAILURES_SHOWN; i++) {
        const char *message = "", *name = r->paths.at[i];
        sheaf_status status = sheaf_results_status(results, i, &message);
        if (status == SHEAF_OK || status == SHEAF_SKIPPED)
            continue;
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

void map_tell_written(const struct map_request *r, const sheaf_results *results)
{
    sheaf_map_report report = sheaf_results_report(results);
    sheaf_file_info info;
    size_t n = report.items, failed = report.failed;
    if (report.resumed)
        note("%zu of %zu items were done already", report.resumed, n);
    bool single = r->output[strlen(r->output) - 1] != '/' && !strchr(r->output, '{');
    if (single && text_ends(r->output, ".csv"))
        note("wrote %s: %zu rows, %zu items, %zu failed", r->output, n, n, failed);
    else if (single && sheaf_file_describe(r->output, &info, NULL) == SHEAF_OK)
        note("wrote %s: %s %s, %zu items, %zu failed", r->output, sheaf_dtype_name(info.dtype),
             shape_text(info.ndim, info.shape), n, failed);
    else
        note("wrote %s: %zu files, %zu items, %zu failed", r->output, report.done - failed, n, failed);
}
