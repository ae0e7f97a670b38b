#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

/* The benchmark harness. A case is one piece of work with several sides: ours, peers (other software doing the same),
 * limits (what the machine can do), bases (ours again, on one thread or along another axis) and information (further
 * figures, no goal). After one first, cold run of each side the results are compared; then the sides take turns, round
 * by round, so that all meet the same machine. A turn is a run that is not timed and one that is. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_FORMAT "sheaf-benchmark"
#define BENCH_FORMAT_VERSION 1
#define BENCH_SIDES_MAX 7
#define BENCH_GOALS_MAX 3
#define BENCH_ROUNDS_MAX 101

enum bench_role {
    BENCH_OURS,
    BENCH_PEER,
    BENCH_LIMIT,
    BENCH_BASE,
    BENCH_INFO
};

struct bench_side {
    const char *name;
    enum bench_role role;
    /* One run, its value in the case's unit. first: the cold run, whose results are kept for the check. On failure
     * call bench_fail, which returns false. */
    bool (*run)(const void *work, bool first, double *value);
    int rounds; /* 0: as many as asked for; information takes fewer */
};

/* SPEEDUP: against ÷ ours at least; COST: ours ÷ against at most; VALUE: ours at most; SHARE, of rates: ours ÷ against
 * at least. 0: none. */
enum bench_goal_kind {
    BENCH_SPEEDUP,
    BENCH_COST,
    BENCH_VALUE,
    BENCH_SHARE
};

/* A goal against the greatest of the case's limits (of rates). */
#define BENCH_BEST_LIMIT "best limit"
/* Against the least of them: work that waits for whichever it meets first. */
#define BENCH_LEAST_LIMIT "least limit"

struct bench_goal {
    const char *against; /* a side's name; NULL for VALUE */
    enum bench_goal_kind kind;
    double first, goal; /* of the first version; of the design */
    const char *of;     /* the side whose value it is about; NULL: ours */
};

struct bench_case {
    const char *name, *group, *unit;
    const void *work;
    bool (*available)(void); /* NULL: always; false: this build cannot do it, and the case is left out */
    bool (*prepare)(const void *work);
    /* The worst relative difference of the first runs' results; false: they disagree. May be NULL. */
    bool (*check)(const void *work, double *difference);
    void (*finish)(const void *work);
    struct bench_side sides[BENCH_SIDES_MAX];
    struct bench_goal goals[BENCH_GOALS_MAX];
};

/* The geometric mean of a group's speedups. */
struct bench_mean {
    const char *group, *against;
    double first, goal;
};

struct bench_program {
    const char *name;
    const char *peer_script; /* in benchmarks/peers */
    const struct bench_case *cases;
    size_t ncases;
    const struct bench_mean *means;
    size_t nmeans;
    bool brief; /* a line per case, and at the end those that missed their goal */
};

struct bench_options {
    const char *filter, *json, *compare;
    int threads, rounds;
    bool list, peers, small, large, help;
};

struct bench_figures {
    double first, median, min, max, q1, q3;
    double values[BENCH_ROUNDS_MAX];
    int n; /* 0: the side did not run */
};

struct bench_record {
    const struct bench_case *of;
    struct bench_figures sides[BENCH_SIDES_MAX];
    double difference; /* -1: nothing to compare */
    char absent[160];  /* why it was left out; "": it ran */
};

/* Sets bench_options() from the command line: for programs that make their cases by it. bench_main does so too. False,
 * with a message: usage. */
bool bench_parse(int argc, char **argv);
/* Runs the program by its command line; returns the exit code: 0, 1 (a run or a comparison of results failed), 2
 * (usage, or nothing matches the filter). */
int bench_main(int argc, char **argv, const struct bench_program *program);

const struct bench_options *bench_options(void);
double bench_seconds(void);
/* Print the message to stderr; always false. */
bool bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* In prepare: the case cannot be done (not in this build, for one); it is reported with the reason, and left out.
 * Always false. */
bool bench_absent(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a goal compares: the ratio or value; -1 when its side did not run or there is no goal. */
double bench_goal_value(const struct bench_record *record, const struct bench_goal *goal);
bool bench_goal_met(enum bench_goal_kind kind, double value, double bound);
/* -1 when a case of the group did not run. */
double bench_mean_value(const struct bench_program *program, const struct bench_record *records, size_t n,
                        const struct bench_mean *mean);

/* report.c */
bool bench_write_json(const char *path, const struct bench_program *program, const struct bench_record *records,
                      size_t n);
bool bench_compare(const char *path, const struct bench_record *records, size_t n);

#endif
