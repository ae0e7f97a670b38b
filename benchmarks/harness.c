#include "harness.h"
#include "peer.h"
#include "scratch.h"
#include <math.h>
#include <sheaf/sheaf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct bench_options options;
static char absent[160]; /* by bench_absent, of the case that is prepared */

const struct bench_options *bench_options(void)
{
    return &options;
}

double bench_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool bench_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("benchmark: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

bool bench_absent(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(absent, sizeof absent, format, arguments);
    va_end(arguments);
    return false;
}

static void usage(FILE *to, const char *name)
{
    fprintf(to,
            "usage: %s [options]\n"
            "  --filter TEXT       only benchmarks whose name contains TEXT\n"
            "  --list              print the names and stop\n"
            "  --threads N         threads of every side (default: the library's, %d)\n"
            "  --repetitions N     timed rounds, 1 to %d (default 7)\n"
            "  --json FILE         write all figures and the machine's description\n"
            "  --compare OLD.json  print the ratio to an earlier run\n"
            "  --no-peers          leave out the other software\n"
            "  --small             tiny sizes, to see that everything works; no goals\n"
            "  --large             sweeps: also 10^8 elements, float32 and int32\n"
            "SHEAF_BENCH_DIR, else TMPDIR, else /tmp holds the files while it runs.\n",
            name, sheaf_threads(), BENCH_ROUNDS_MAX);
}

static bool parse_int(const char *text, int least, int most, int *out)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < least || value > most)
        return bench_fail("'%s' is not a number from %d to %d", text, least, most);
    *out = (int)value;
    return true;
}

/* The value of --name VALUE or --name=VALUE; NULL when argv[*i] is another option. */
static const char *option_value(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0)
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    if (argv[*i][n] || *i + 1 >= argc)
        return NULL;
    return argv[++*i];
}

bool bench_parse(int argc, char **argv)
{
    options = (struct bench_options){.threads = sheaf_threads(), .rounds = 7, .peers = true};
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--help") == 0)
            options.help = true;
        else if (strcmp(argv[i], "--list") == 0)
            options.list = true;
        else if (strcmp(argv[i], "--no-peers") == 0)
            options.peers = false;
        else if (strcmp(argv[i], "--small") == 0)
            options.small = true;
        else if (strcmp(argv[i], "--large") == 0)
            options.large = true;
        else if ((value = option_value(argc, argv, &i, "--filter")))
            options.filter = value;
        else if ((value = option_value(argc, argv, &i, "--json")))
            options.json = value;
        else if ((value = option_value(argc, argv, &i, "--compare")))
            options.compare = value;
        else if ((value = option_value(argc, argv, &i, "--threads"))) {
            if (!parse_int(value, 1, 4096, &options.threads))
                return false;
        } else if ((value = option_value(argc, argv, &i, "--repetitions"))) {
            if (!parse_int(value, 1, BENCH_ROUNDS_MAX, &options.rounds))
                return false;
        } else {
            bench_fail("unknown option, or one without its value: %s", argv[i]);
            usage(stderr, argv[0]);
            return false;
        }
    }
    return true;
}

/* Known before minutes are spent: the earlier run can be read, the new one written. */
static bool files_usable(void)
{
    if (options.compare && access(options.compare, R_OK) != 0)
        return bench_fail("cannot read %s", options.compare);
    FILE *f = options.json ? fopen(options.json, "a") : NULL;
    if (options.json && !f)
        return bench_fail("cannot write %s", options.json);
    if (f)
        fclose(f);
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int n, double q)
{
    double position = q * (n - 1);
    int below = (int)position;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
}

static void summarise(struct bench_figures *f)
{
    double sorted[BENCH_ROUNDS_MAX];
    memcpy(sorted, f->values, (size_t)f->n * sizeof *sorted);
    qsort(sorted, (size_t)f->n, sizeof *sorted, by_value);
    f->min = sorted[0];
    f->max = sorted[f->n - 1];
    f->q1 = quantile(sorted, f->n, 0.25);
    f->median = quantile(sorted, f->n, 0.5);
    f->q3 = quantile(sorted, f->n, 0.75);
}

static bool takes_part(const struct bench_side *side)
{
    return side->run && (options.peers || (side->role != BENCH_PEER && side->role != BENCH_INFO));
}

static int rounds_of(const struct bench_side *side)
{
    return side->rounds && side->rounds < options.rounds ? side->rounds : options.rounds;
}

/* A run to warm up again after the other sides had the machine, then the timed one. Information does without. */
static bool take_turn(const struct bench_case *c, const struct bench_side *side, struct bench_figures *f)
{
    double warm;
    return (side->role == BENCH_INFO || side->run(c->work, false, &warm)) &&
           side->run(c->work, false, &f->values[f->n++]);
}

static bool run_sides(const struct bench_case *c, struct bench_record *record)
{
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (takes_part(&c->sides[s]) && !c->sides[s].run(c->work, true, &record->sides[s].first))
            return bench_fail("%s: %s failed", c->name, c->sides[s].name);
    if (c->check && !c->check(c->work, &record->difference))
        return bench_fail("%s: the results disagree (relative difference %g)", c->name, record->difference);
    for (int round = 0; round < options.rounds; round++)
        for (int s = 0; s < BENCH_SIDES_MAX; s++)
            if (takes_part(&c->sides[s]) && round < rounds_of(&c->sides[s]) &&
                !take_turn(c, &c->sides[s], &record->sides[s]))
                return bench_fail("%s: %s failed", c->name, c->sides[s].name);
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (record->sides[s].n)
            summarise(&record->sides[s]);
    return true;
}

static int side_by_role(const struct bench_case *c, enum bench_role role)
{
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (c->sides[s].run && c->sides[s].role == role)
            return s;
    return -1;
}

static bool is_named(const char *name, const char *text)
{
    return name && strcmp(name, text) == 0;
}

/* The median of the side of this name (NULL: ours), of the limits the greatest or least; 0: it did not run. */
static double median_of(const struct bench_record *record, const char *name)
{
    int ours = side_by_role(record->of, BENCH_OURS);
    bool least = is_named(name, BENCH_LEAST_LIMIT), limits = least || is_named(name, BENCH_BEST_LIMIT);
    double value = 0;
    for (int s = 0; s < BENCH_SIDES_MAX; s++) {
        const struct bench_side *side = &record->of->sides[s];
        double median = record->sides[s].median;
        if (record->sides[s].n && (!name    ? s == ours
                                   : limits ? side->role == BENCH_LIMIT
                                            : strcmp(side->name, name) == 0))
            value = least && value > 0 ? fmin(value, median) : fmax(value, median);
    }
    return value;
}

static double ratio_to(const struct bench_record *record, const char *of, const char *against,
                       enum bench_goal_kind kind)
{
    double mine = median_of(record, of), other = kind == BENCH_VALUE ? 1 : median_of(record, against);
    if (mine <= 0 || other <= 0)
        return -1;
    return kind == BENCH_SPEEDUP ? other / mine : mine / other;
}

double bench_goal_value(const struct bench_record *record, const struct bench_goal *goal)
{
    bool given = goal->first > 0 || goal->goal > 0;
    return given ? ratio_to(record, goal->of, goal->against, goal->kind) : -1;
}

bool bench_goal_met(enum bench_goal_kind kind, double value, double bound)
{
    return kind == BENCH_SPEEDUP || kind == BENCH_SHARE ? value >= bound : value <= bound;
}

double bench_mean_value(const struct bench_program *program, const struct bench_record *records, size_t n,
                        const struct bench_mean *mean)
{
    double logs = 0;
    size_t members = 0, ran = 0;
    for (size_t i = 0; i < program->ncases; i++)
        members += program->cases[i].group && strcmp(program->cases[i].group, mean->group) == 0;
    for (size_t i = 0; i < n; i++) {
        double ratio = ratio_to(&records[i], NULL, mean->against, BENCH_SPEEDUP);
        if (!records[i].of->group || strcmp(records[i].of->group, mean->group) != 0 || ratio <= 0)
            continue;
        logs += log(ratio);
        ran++;
    }
    return ran && ran == members ? exp(logs / (double)ran) : -1;
}

static void print_value(double value, const char *unit)
{
    if (strcmp(unit, "s") != 0)
        printf("%9.2f %s", value, unit);
    else if (value < 1e-3)
        printf("%9.1f us", value * 1e6);
    else
        printf("%9.2f ms", value * 1e3);
}

static void print_goal(const char *what, enum bench_goal_kind kind, double value, double first, double goal)
{
    const char *sign = kind == BENCH_SPEEDUP || kind == BENCH_SHARE ? ">=" : "<=";
    printf("    %s %.2f", what, value);
    if (first > 0 && !options.small)
        printf("; %s %g %s", sign, first, bench_goal_met(kind, value, first) ? "met" : "MISSED");
    if (goal > 0 && !options.small)
        printf("; goal %s %g %s", sign, goal, bench_goal_met(kind, value, goal) ? "met" : "missed");
    putchar('\n');
}

static void print_record(const struct bench_record *record)
{
    const struct bench_case *c = record->of;
    printf("%s", c->name);
    if (record->difference >= 0)
        printf("  (results agree: relative difference %.2g)", record->difference);
    putchar('\n');
    for (int s = 0; s < BENCH_SIDES_MAX; s++) {
        const struct bench_figures *f = &record->sides[s];
        if (!f->n)
            continue;
        printf("    %-18s", c->sides[s].name);
        print_value(f->median, c->unit);
        printf("  [");
        print_value(f->min, c->unit);
        printf(" ..");
        print_value(f->max, c->unit);
        printf(" ]  first");
        print_value(f->first, c->unit);
        putchar('\n');
    }
    for (int g = 0; g < BENCH_GOALS_MAX; g++) {
        const struct bench_goal *goal = &c->goals[g];
        double value = bench_goal_value(record, goal);
        char what[64] = "value";
        if (value < 0)
            continue;
        const char *mine = goal->of ? goal->of : "ours";
        bool speedup = goal->kind == BENCH_SPEEDUP;
        if (goal->kind != BENCH_VALUE)
            snprintf(what, sizeof what, "%s / %s", speedup ? goal->against : mine, speedup ? mine : goal->against);
        print_goal(what, goal->kind, value, goal->first, goal->goal);
    }
    fflush(stdout);
}

/* One line: the medians, and the ratio of the first goal. */
static void print_brief(const struct bench_record *record)
{
    const struct bench_case *c = record->of;
    double ratio = bench_goal_value(record, &c->goals[0]);
    printf("%-32s", c->name);
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (record->sides[s].n) {
            printf("  %s", c->sides[s].name);
            print_value(record->sides[s].median, c->unit);
        }
    if (ratio >= 0)
        printf("  %6.2f%s", ratio,
               options.small || bench_goal_met(c->goals[0].kind, ratio, c->goals[0].goal) ? "" : "  LOSS");
    putchar('\n');
    fflush(stdout);
}

static bool run_case(const struct bench_case *c, struct bench_record *record, bool brief)
{
    *record = (struct bench_record){.of = c, .difference = -1};
    absent[0] = '\0';
    bool ok = (!c->prepare || c->prepare(c->work)) && run_sides(c, record);
    if (c->finish)
        c->finish(c->work);
    if (!ok) {
        *record = (struct bench_record){.of = c, .difference = -1};
        snprintf(record->absent, sizeof record->absent, "%s", absent[0] ? absent : "failed");
    }
    if (!ok && absent[0])
        printf("%-32s  left out: %s\n", c->name, absent);
    if (ok && brief)
        print_brief(record);
    else if (ok)
        print_record(record);
    return ok || absent[0];
}

static bool matches(const struct bench_case *c)
{
    return (!c->available || c->available()) && (!options.filter || strstr(c->name, options.filter));
}

static bool wants_peer(const struct bench_program *program)
{
    for (size_t i = 0; options.peers && i < program->ncases; i++)
        if (matches(&program->cases[i]) && side_by_role(&program->cases[i], BENCH_PEER) >= 0)
            return true;
    return false;
}

/* A brief program's end: the cases that missed their first goal, and one line. */
static void print_losses(const struct bench_record *records, size_t n)
{
    size_t compared = 0, lost = 0, missing = 0;
    for (size_t i = 0; i < n; i++) {
        const struct bench_goal *goal = &records[i].of->goals[0];
        double value = records[i].absent[0] ? -1 : bench_goal_value(&records[i], goal);
        missing += records[i].absent[0] != '\0';
        compared += value >= 0;
        if (value < 0 || bench_goal_met(goal->kind, value, goal->goal) || options.small)
            continue;
        printf("%s%-32s %.2f\n", lost++ ? "" : "losses:\n", records[i].of->name, value);
    }
    printf("%zu cases, %zu compared, %zu lost, %zu left out\n", n, compared, lost, missing);
}

static int run_all(const struct bench_program *program, struct bench_record *records)
{
    size_t n = 0;
    int code = 0;
    for (size_t i = 0; i < program->ncases; i++) {
        if (!matches(&program->cases[i]))
            continue;
        if (!run_case(&program->cases[i], &records[n++], program->brief))
            code = 1;
    }
    for (size_t m = 0; m < program->nmeans; m++) {
        const struct bench_mean *mean = &program->means[m];
        double value = bench_mean_value(program, records, n, mean);
        char what[96];
        snprintf(what, sizeof what, "%s, geometric mean of %s / ours", mean->group, mean->against);
        if (value > 0)
            print_goal(what, BENCH_SPEEDUP, value, mean->first, mean->goal);
    }
    if (program->brief)
        print_losses(records, n);
    if (options.json && !bench_write_json(options.json, program, records, n))
        return 1;
    if (options.compare && !bench_compare(options.compare, records, n))
        return 1;
    return code;
}

int bench_main(int argc, char **argv, const struct bench_program *program)
{
    if (!bench_parse(argc, argv))
        return 2;
    if (options.help) {
        usage(stdout, argv[0]);
        return 0;
    }
    if (!files_usable())
        return 2;
    size_t selected = 0;
    for (size_t i = 0; i < program->ncases; i++)
        if (matches(&program->cases[i])) {
            selected++;
            if (options.list)
                puts(program->cases[i].name);
        }
    if (!selected) {
        bench_fail("no benchmark's name contains '%s'; --list shows them", options.filter);
        return 2;
    }
    if (options.list)
        return 0;
    struct bench_record *records = calloc(selected, sizeof *records);
    int code = 1;
    if (!records)
        bench_fail("out of memory");
    else if (wants_peer(program) && !peer_start(program->peer_script, options.threads))
        code = 2;
    else if (scratch_open())
        code = run_all(program, records);
    peer_stop();
    scratch_close();
    free(records);
    return code;
}
