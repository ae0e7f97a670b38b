/* Figures to and from JSON. */

#include "harness.h"
#include "json.h"
#include "peer.h"
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static const char *const role_names[] = {"ours", "peer", "limit", "base", "information"};
static const char *const kind_names[] = {"speedup", "cost", "value", "share"};

static void member(FILE *f, const char *key, const char *value)
{
    fprintf(f, "    \"%s\": ", key);
    json_string(f, value ? value : "");
    fputs(",\n", f);
}

static void write_machine(FILE *f)
{
    sheaf_machine m;
    struct utsname system;
    sheaf_machine_get(&m);
    fputs("  \"machine\": {\n", f);
    member(f, "cpu", m.cpu);
    member(f, "isa", m.isa);
    member(f, "isa_best", m.isa_best);
    member(f, "threads_why", m.threads_why);
    member(f, "blas", m.blas);
    member(f, "fft", m.fft);
    member(f, "sort", m.sort);
    member(f, "fingerprint", m.fingerprint);
    member(f, "openblas_coretype", getenv("OPENBLAS_CORETYPE"));
    member(f, "openblas_l2_size", getenv("OPENBLAS_L2_SIZE"));
    if (uname(&system) == 0) {
        member(f, "kernel", system.release);
        member(f, "architecture", system.machine);
    }
#ifdef __clang__
    member(f, "compiler", "clang " __clang_version__);
#else
    member(f, "compiler", "gcc " __VERSION__);
#endif
    member(f, "sheaf", sheaf_version());
    member(f, "peers", peer_versions());
    fprintf(f, "    \"numerics_version\": %d,\n    \"cores\": %d,\n    \"cpus_affinity\": %d,\n",
            SHEAF_NUMERICS_VERSION, m.cores_physical, m.cpus_affinity);
    fprintf(f, "    \"memory\": %llu\n  },\n", (unsigned long long)m.memory_total);
}

static void write_side(FILE *f, const struct bench_side *side, const struct bench_figures *x)
{
    fputs("        {\"name\": ", f);
    json_string(f, side->name);
    fprintf(f, ", \"role\": \"%s\", \"median\": %.9g, \"min\": %.9g, \"max\": %.9g, \"q1\": %.9g, \"q3\": %.9g,",
            role_names[side->role], x->median, x->min, x->max, x->q1, x->q3);
    fprintf(f, " \"first\": %.9g,\n         \"values\": [", x->first);
    for (int i = 0; i < x->n; i++)
        fprintf(f, "%s%.9g", i ? ", " : "", x->values[i]);
    fputs("]}", f);
}

static void write_goal(FILE *f, const char *of, const char *against, enum bench_goal_kind kind, double value,
                       double first, double goal)
{
    fputs("{\"against\": ", f);
    json_string(f, against ? against : "");
    if (of) {
        fputs(", \"of\": ", f);
        json_string(f, of);
    }
    fprintf(f, ", \"kind\": \"%s\", \"value\": %.6g, \"first\": %g, \"goal\": %g", kind_names[kind], value, first,
            goal);
    fprintf(f, ", \"first_met\": %s, \"goal_met\": %s}", bench_goal_met(kind, value, first) ? "true" : "false",
            bench_goal_met(kind, value, goal) ? "true" : "false");
}

static void write_record(FILE *f, const struct bench_record *record)
{
    const struct bench_case *c = record->of;
    const char *comma = "";
    if (record->absent[0]) {
        fprintf(f, "    {\"name\": \"%s\", \"absent\": ", c->name);
        json_string(f, record->absent);
        fputc('}', f);
        return;
    }
    fprintf(f,
            "    {\"name\": \"%s\", \"group\": \"%s\", \"unit\": \"%s\", \"difference\": %.3g,\n      \"sides\": [\n",
            c->name, c->group ? c->group : "", c->unit, record->difference);
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (record->sides[s].n) {
            fputs(comma, f);
            write_side(f, &c->sides[s], &record->sides[s]);
            comma = ",\n";
        }
    fputs("],\n      \"goals\": [", f);
    comma = "";
    for (int g = 0; g < BENCH_GOALS_MAX && !bench_options()->small; g++) {
        const struct bench_goal *goal = &c->goals[g];
        double value = bench_goal_value(record, goal);
        if (value < 0)
            continue;
        fputs(comma, f);
        write_goal(f, goal->of, goal->against, goal->kind, value, goal->first, goal->goal);
        comma = ", ";
    }
    fputs("]}", f);
}

bool bench_write_json(const char *path, const struct bench_program *program, const struct bench_record *records,
                      size_t n)
{
    char date[32];
    time_t now = time(NULL);
    struct tm utc;
    FILE *f = fopen(path, "w");
    if (!f)
        return bench_fail("cannot write %s", path);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    fprintf(f, "{\n  \"format\": \"%s\",\n  \"version\": %d,\n  \"program\": \"%s\",\n  \"date\": \"%s\",\n",
            BENCH_FORMAT, BENCH_FORMAT_VERSION, program->name, date);
    fputs("  \"commit\": ", f);
    json_string(f, getenv("SHEAF_BENCH_COMMIT") ? getenv("SHEAF_BENCH_COMMIT") : "");
    fputs(",\n", f);
    fprintf(f, "  \"threads\": %d,\n  \"repetitions\": %d,\n  \"small\": %s,\n", bench_options()->threads,
            bench_options()->rounds, bench_options()->small ? "true" : "false");
    write_machine(f);
    fputs("  \"benchmarks\": [\n", f);
    for (size_t i = 0; i < n; i++) {
        write_record(f, &records[i]);
        fputs(i + 1 < n ? ",\n" : "\n", f);
    }
    fputs("  ],\n  \"means\": [", f);
    const char *comma = "";
    for (size_t m = 0; m < program->nmeans; m++) {
        const struct bench_mean *mean = &program->means[m];
        double value = bench_mean_value(program, records, n, mean);
        if (value <= 0 || bench_options()->small)
            continue;
        fprintf(f, "%s\n    {\"group\": \"%s\", \"goal\": ", comma, mean->group);
        write_goal(f, NULL, mean->against, BENCH_SPEEDUP, value, mean->first, mean->goal);
        fputc('}', f);
        comma = ",";
    }
    fputs("]\n}\n", f);
    return fclose(f) == 0 || bench_fail("cannot write %s", path);
}

/* ---- comparison with an earlier run ---- */

struct comparison {
    const struct bench_record *records;
    size_t n;
    char name[128], role[16], format[32];
    double version;
    size_t matched;
};

static const struct bench_figures *ours_of(const struct comparison *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (int s = 0; s < BENCH_SIDES_MAX; s++)
            if (strcmp(c->records[i].of->name, c->name) == 0 && c->records[i].sides[s].n &&
                c->records[i].of->sides[s].role == BENCH_OURS)
                return &c->records[i].sides[s];
    return NULL;
}

static void compare_leaf(void *context, const char *place, const char *value)
{
    struct comparison *c = context;
    const char *leaf = strrchr(place, '.');
    if (strcmp(place, "format") == 0)
        snprintf(c->format, sizeof c->format, "%s", value);
    else if (strcmp(place, "version") == 0)
        c->version = strtod(value, NULL);
    if (!leaf || strncmp(place, "benchmarks.", 11) != 0)
        return;
    bool in_side = strstr(place, ".sides.") != NULL;
    if (!in_side && strcmp(leaf, ".name") == 0)
        snprintf(c->name, sizeof c->name, "%s", value);
    else if (in_side && strcmp(leaf, ".role") == 0)
        snprintf(c->role, sizeof c->role, "%s", value);
    else if (in_side && strcmp(leaf, ".median") == 0 && strcmp(c->role, role_names[BENCH_OURS]) == 0) {
        const struct bench_figures *now = ours_of(c);
        double before = strtod(value, NULL);
        if (!now || before <= 0)
            return;
        printf("    %-32s %12.6g -> %12.6g   ratio %.3f\n", c->name, before, now->median, now->median / before);
        c->matched++;
    }
}

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    long size;
    if (!f)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
        (text = malloc((size_t)size + 1)))
        text[fread(text, 1, (size_t)size, f)] = '\0';
    fclose(f);
    return text;
}

bool bench_compare(const char *path, const struct bench_record *records, size_t n)
{
    struct comparison c = {.records = records, .n = n};
    char *text = read_text(path);
    bool ok = false;
    if (!text)
        return bench_fail("cannot read %s", path);
    printf("compared with %s\n", path);
    if (!json_walk(text, compare_leaf, &c))
        bench_fail("%s: damaged JSON", path);
    else if (strcmp(c.format, BENCH_FORMAT) != 0 || c.version != BENCH_FORMAT_VERSION)
        bench_fail("%s: not a %s file of version %d", path, BENCH_FORMAT, BENCH_FORMAT_VERSION);
    else if (!c.matched)
        bench_fail("%s: no benchmark in common", path);
    else
        ok = true;
    free(text);
    return ok;
}
