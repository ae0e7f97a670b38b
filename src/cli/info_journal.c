#include "info.h"
#include "json.h"
#include <sheaf/map.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FAILURES_SHOWN = 5
};

bool are_journals(const struct paths *paths)
{
    return paths->n > 0 && text_ends(paths->at[0], ".sheaf-journal");
}

static const char *state_word(const sheaf_journal_state *s)
{
    return s->running ? "running" : s->finished ? "finished" : "unfinished";
}

static void time_text(int64_t seconds, char text[32])
{
    time_t t = (time_t)seconds;
    struct tm utc;
    text[0] = 0;
    if (gmtime_r(&t, &utc))
        strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* Whether the command of the journal has to be given in another directory than this. */
static bool is_elsewhere(const sheaf_journal_state *s)
{
    char *here = getcwd(NULL, 0);
    const bool elsewhere = s->directory[0] && (!here || strcmp(here, s->directory) != 0);
    free(here);
    return elsewhere;
}

static void put_field(const char *name, const char *value)
{
    printf("  %-11s", name);
    put_visible(stdout, value);
    putchar('\n');
}

static void put_failures(sheaf_journal *journal, const sheaf_journal_state *s)
{
    const char *name, *message;
    sheaf_status status;
    size_t shown = 0;
    for (size_t i = 0; shown < FAILURES_SHOWN && sheaf_journal_failure(journal, &i, &name, &status, &message); i++) {
        printf("  %-11s", shown++ ? "" : "failures");
        if (!strstr(message, name)) {
            put_visible(stdout, name);
            fputs(": ", stdout);
        }
        put_visible(stdout, message);
        putchar('\n');
    }
    if (s->failed > shown)
        printf("  %-11s… and %zu more\n", "", s->failed - shown);
}

static void journal_text(const char *path, sheaf_journal *journal)
{
    const sheaf_journal_state s = sheaf_journal_about(journal);
    char when[32];
    time_text(s.started, when);
    put_visible(stdout, path);
    printf(": %s, %zu of %zu items (%d %%) done, %zu failed\n", state_word(&s), s.done, s.items,
           (int)(100.0 * (double)s.done / (double)(s.items ? s.items : 1)), s.failed);
    put_field("output", s.output);
    put_field("function", s.function);
    if (s.pid) {
        printf("  %-11s%s, process %lld on ", "last run", when, (long long)s.pid);
        put_visible(stdout, s.host);
        putchar('\n');
    }
    put_failures(journal, &s);
    if (s.running || !s.command[0])
        return;
    printf("  %-11s", "continue");
    if (is_elsewhere(&s)) {
        fputs("cd ", stdout);
        put_quoted(stdout, s.directory);
        fputs(" && ", stdout);
    }
    put_visible(stdout, s.command);
    putchar('\n');
}

static void journal_json(struct json *j, const char *path, sheaf_journal *journal)
{
    const sheaf_journal_state s = sheaf_journal_about(journal);
    const char *name, *message;
    sheaf_status status;
    char when[32];
    time_text(s.started, when);
    json_open(j, NULL, '{');
    json_text(j, "path", path);
    json_text(j, "state", state_word(&s));
    json_text(j, "output", s.output);
    json_text(j, "function", s.function);
    json_whole(j, "items", (int64_t)s.items);
    json_whole(j, "done", (int64_t)s.done);
    json_whole(j, "failed", (int64_t)s.failed);
    json_text(j, "started", when);
    json_whole(j, "process", s.pid);
    json_text(j, "host", s.host);
    json_text(j, "directory", s.directory);
    json_text(j, "continue", s.command);
    json_open(j, "failures", '[');
    for (size_t i = 0; sheaf_journal_failure(journal, &i, &name, &status, &message); i++) {
        json_open(j, NULL, '{');
        json_whole(j, "index", (int64_t)i);
        json_text(j, "item", name);
        json_text(j, "status", sheaf_status_name(status));
        json_text(j, "message", message);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

int show_journals(const struct paths *paths, bool json)
{
    struct json j = {.out = stdout};
    int status = DONE;
    for (size_t i = 0; i < paths->n; i++)
        if (!text_ends(paths->at[i], ".sheaf-journal"))
            return complain(REFUSED, "info: '%s' is no journal: ask for journals and arrays one by one", paths->at[i]);
    if (json)
        json_open(&j, NULL, '[');
    for (size_t i = 0; i < paths->n; i++) {
        sheaf_journal *journal = NULL;
        sheaf_error error = {SHEAF_OK, ""};
        if (sheaf_journal_read(paths->at[i], &journal, &error) != SHEAF_OK)
            status = complain(SOME_FAILED, "%s", error.message);
        else if (json)
            journal_json(&j, paths->at[i], journal);
        else
            journal_text(paths->at[i], journal);
        sheaf_journal_free(journal);
    }
    if (json)
        json_close(&j, ']');
    return status;
}
