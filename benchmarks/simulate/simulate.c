/* The plan on paper: what batch/plan.c makes of four batches, on 1 to 256 threads. Prints docs/driver.md's table.
 *
 *   simulate [--item-ns X] [--team-ns X] [--bandwidth GB/s] [--plot DIR]
 *
 * Costs that are not given are measured here. --plot writes DIR/simulate.svg where gnuplot is installed. */

#include "base/clock.h"
#include "par/par.h"
#include "schedule.h"
#include <math.h>
#include <sheaf/map.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 10001,
    SIZES = 9, /* 1, 2, 4, … 256 threads */
    ROUNDS = 5
};

/* ---- what it costs here ---- */

static sheaf_status nothing(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                            sheaf_error *error)
{
    (void)item, (void)user;
    return sheaf_output_f64(out, *(const double *)x->data, error);
}

/* Nanoseconds of an item that has nothing to do, on one thread. */
static double measure_item(void)
{
    enum {
        N = 200000
    };
    static double x;
    static const char *const names[] = {"x"};
    sheaf_view *views = calloc(N, sizeof *views), one = sheaf_view_f64(&x, 1);
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    sheaf_map_options options;
    double best = INFINITY;
    sheaf_map_options_init(&options);
    options.threads = 1;
    for (size_t i = 0; views && i < N; i++)
        views[i] = one;
    bool good = views && !sheaf_batch_from_views(views, N, &batch, NULL) &&
                !sheaf_func_callback(nothing, NULL, 1, names, &func, NULL);
    for (int round = 0; good && round < ROUNDS; round++) {
        sheaf_results *results = NULL;
        good = sheaf_map(func, batch, &options, &results, NULL) == SHEAF_OK;
        if (good)
            best = fmin(best, sheaf_results_report(results).seconds * 1e9 / N);
        sheaf_results_free(results);
    }
    sheaf_func_free(func);
    sheaf_batch_free(batch);
    free(views);
    return good ? best : 100;
}

static void touch(void *context, size_t begin, size_t end, int thread)
{
    (void)begin, (void)end, (void)thread;
    (void)context;
}

/* Nanoseconds that a second thread adds to a loop of two pieces with nothing in them. */
static double measure_team(void)
{
    enum {
        TIMES = 2000
    };
    double best = INFINITY;
    team t = team_lease(2);
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t before = clock_ns();
        for (int k = 0; k < TIMES; k++)
            par_for(&t, 2, 1, touch, NULL);
        best = fmin(best, (double)(clock_ns() - before) / TIMES);
    }
    team_release(&t);
    return best;
}

/* ---- batches ---- */

static double random_unit(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

static double random_normal(uint64_t *state)
{
    const double u = 1 - random_unit(state), v = random_unit(state);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

static size_t uniform(double *ns, int threads)
{
    (void)threads;
    for (size_t i = 0; i < 10000; i++)
        ns[i] = 100e3;
    return 10000;
}

static size_t lognormal(double *ns, int threads)
{
    uint64_t state = 1;
    (void)threads;
    for (size_t i = 0; i < 10000; i++)
        ns[i] = 50e3 * exp(2 * random_normal(&state));
    return 10000;
}

static size_t giant(double *ns, int threads)
{
    (void)threads;
    for (size_t i = 0; i <= 10000; i++)
        ns[i] = i == 5000 ? 1e9 : 10e3;
    return 10001;
}

static size_t one_more(double *ns, int threads)
{
    for (int i = 0; i <= threads; i++)
        ns[i] = 10e6;
    return (size_t)threads + 1;
}

static const struct batch {
    const char *name;
    size_t (*make)(double *ns, int threads);
} batches[] = {{"10,000 × 100 µs", uniform},
               {"10,000 lognormal, σ = 2, median 50 µs", lognormal},
               {"one of 1 s + 10,000 × 10 µs", giant},
               {"T + 1 × 10 ms", one_more}};

/* ---- the tables ---- */

struct setting {
    const char *title;
    bool divisible, capped;
};

static const struct setting settings[] = {{"Items that a team can share", true, false},
                                          {"The same, streaming 2 GB/s a thread", true, true},
                                          {"Items that cannot be shared", false, false}};

/* Makespan ÷ lower bound; estimates are off by up to `error` either way. */
static double ratio(const struct batch *batch, const struct setting *s, double error, struct machine m)
{
    static double ns[MOST];
    static struct work work[MOST];
    static float estimates[MOST];
    uint64_t state = 2;
    const size_t n = batch->make(ns, m.threads);
    for (size_t i = 0; i < n; i++) {
        work[i] = (struct work){ns[i], s->capped ? 2 * ns[i] : 0};
        estimates[i] = (float)(ns[i] * (1 + error * (2 * random_unit(&state) - 1)));
    }
    m.bandwidth = s->capped ? m.bandwidth : 0;
    return simulate(work, estimates, n, s->divisible, &m) / lower_bound(work, n, s->divisible, &m);
}

static void print_tables(const struct machine *m, FILE *data)
{
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
        printf("\n%s:\n\n| batch | estimates |", settings[k].title);
        for (int size = 0; size < SIZES; size++)
            printf(" %d |", 1 << size);
        printf("\n|---|---|%s\n", "--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
            for (int off = 0; off < 2; off++) {
                printf("| %s | %s |", batches[b].name, off ? "±20 %" : "exact");
                if (data)
                    fprintf(data, "\"%s, %s, %s\"\n", settings[k].title, batches[b].name, off ? "±20 %" : "exact");
                for (int size = 0; size < SIZES; size++) {
                    struct machine sized = *m;
                    sized.threads = 1 << size;
                    const double r = ratio(&batches[b], &settings[k], off ? 0.2 : 0, sized);
                    printf(" %.3f |", r);
                    if (data)
                        fprintf(data, "%d %.6f\n", sized.threads, r);
                }
                printf("\n");
                if (data)
                    fprintf(data, "\n\n");
            }
    }
}

/* ---- the plot ---- */

static int plot(const char *directory)
{
    char command[4096];
    const int most = (int)sizeof command;
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) {
        fprintf(stderr, "simulate: no gnuplot: %s/simulate.dat has the figures\n", directory);
        return 0;
    }
    if (snprintf(command, sizeof command,
                 "gnuplot -e \"set terminal svg size 900,600; set output '%s/simulate.svg'; set logscale x 2; "
                 "set xlabel 'threads'; set ylabel 'makespan / lower bound'; set key outside below; "
                 "plot for [i=0:23] '%s/simulate.dat' index i using 1:2 with linespoints title columnheader(1)\"",
                 directory, directory) >= most)
        return 1;
    return system(command) != 0;
}

static bool number(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0;
}

int main(int argc, char **argv)
{
    struct machine m = {.item_ns = -1, .team_ns = -1, .bandwidth = 40};
    const char *directory = NULL;
    char path[4096];
    FILE *data = NULL;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        bool good = strcmp(argv[i], "--item-ns") == 0     ? number(value, &m.item_ns)
                    : strcmp(argv[i], "--team-ns") == 0   ? number(value, &m.team_ns)
                    : strcmp(argv[i], "--bandwidth") == 0 ? number(value, &m.bandwidth)
                    : strcmp(argv[i], "--plot") == 0      ? (directory = value, *value)
                                                          : false;
        if (!good) {
            fprintf(stderr, "usage: simulate [--item-ns X] [--team-ns X] [--bandwidth GB/s] [--plot DIR]\n");
            return 2;
        }
    }
    if (directory &&
        (snprintf(path, sizeof path, "%s/simulate.dat", directory) >= (int)sizeof path || !(data = fopen(path, "w")))) {
        fprintf(stderr, "simulate: %s/simulate.dat cannot be written\n", directory);
        return 1;
    }
    m.item_ns = m.item_ns < 0 ? measure_item() : m.item_ns;
    m.team_ns = m.team_ns < 0 ? measure_team() : m.team_ns;
    printf("Each item costs %.0f ns beside its work, each further thread of a team %.0f ns; memory gives %.0f GB/s.\n",
           m.item_ns, m.team_ns, m.bandwidth);
    print_tables(&m, data);
    return data ? fclose(data) != 0 || plot(directory) : 0;
}
