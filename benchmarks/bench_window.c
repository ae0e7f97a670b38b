/* Windows, filters and interpolation beside pandas, SciPy and NumPy on one thread, and beside a copy. */

#include "call.h"
#include <stdio.h>
#include <string.h>

/* What is done to a million numbers. */
struct work {
    const char *function, *name, *peer;
    void (*set)(sheaf_options *options, int64_t parameter);
    int64_t parameter;
    int nin;
    int64_t lengths[SHEAF_MAX_INPUTS];
    enum pattern patterns[SHEAF_MAX_INPUTS];
    double goal; /* speedup over the peer */
};

static int64_t length(void)
{
    return bench_options()->small ? 20000 : 1000000;
}

static void set_window(sheaf_options *options, int64_t window)
{
    options->window = window;
}

static void set_decay(sheaf_options *options, int64_t adjust)
{
    options->alpha = 0.1;
    options->adjust = adjust != 0;
}

/* Beside the peer, on all threads beside a copy too. Inputs are between 0 and 1. */
static void add(struct case_list *list, const struct work *w, int threads)
{
    const int64_t n = length();
    struct call call = {.function = w->function,
                        .nin = w->nin,
                        .amount = CALL_BYTES,
                        .ndim = 1,
                        .shape = {n},
                        .axis = CALL_FLAT,
                        .threads = threads,
                        .set = w->set,
                        .parameter = w->parameter};
    for (int k = 0; k < w->nin; k++) {
        call.in[k] = (struct operand){SHEAF_F64, 0.125, 1};
        call.lengths[k] = w->lengths[k];
        call.patterns[k] = w->patterns[k];
    }
    snprintf(call.peer, sizeof call.peer, "%s", w->peer);
    struct bench_case *c = case_add_python(list, &call, "window", w->name, w->goal);
    if (threads != 1)
        case_side(c, "copy", BENCH_LIMIT, call_copy, 0);
}

static void add_both(struct case_list *list, const struct work *w)
{
    add(list, w, 1);
    add(list, w, 0);
}

static void add_windows(struct case_list *list)
{
    static const char *const functions[] = {"moving_sum", "moving_mean",   "moving_min",
                                            "moving_max", "moving_median", "moving_std"};
    static const int windows[] = {5, 50, 1000};
    char name[32], peer[128];
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        for (size_t k = 0; k < sizeof windows / sizeof *windows; k++) {
            const struct work w = {.function = functions[i],
                                   .name = name,
                                   .peer = peer,
                                   .set = set_window,
                                   .parameter = windows[k],
                                   .nin = 1,
                                   .goal = 3};
            snprintf(name, sizeof name, "%d", windows[k]);
            snprintf(peer, sizeof peer, "pd.Series(x).rolling(%d).%s(%s).to_numpy()", windows[k],
                     functions[i] + strlen("moving_"), strcmp(functions[i], "moving_std") == 0 ? "ddof=0" : "");
            add_both(list, &w);
        }
}

/* Coefficients that fall make a stable filter. */
static void add_others(struct case_list *list)
{
    static const struct work works[] = {
        {"ewm", "adjusted", "pd.Series(x).ewm(alpha=0.1).mean().to_numpy()", set_decay, 1, 1, {0}, {0}, 3},
        {"ewm", "plain", "pd.Series(x).ewm(alpha=0.1, adjust=False).mean().to_numpy()", set_decay, 0, 1, {0}, {0}, 3},
        {"lfilter", "fir_8", "signal.lfilter(x, y, z)", NULL, 0, 3, {8, 1}, {0}, 1},
        {"lfilter", "fir_64", "signal.lfilter(x, y, z)", NULL, 0, 3, {64, 1}, {0}, 1},
        {"lfilter", "order_2", "signal.lfilter(x, y, z)", NULL, 0, 3, {3, 3}, {0, PATTERN_DESCENDING}, 1},
        {"lfilter", "order_8", "signal.lfilter(x, y, z)", NULL, 0, 3, {9, 9}, {0, PATTERN_DESCENDING}, 1},
        {"interp", "10", "np.interp(x, y, z)", NULL, 0, 3, {0, 10, 10}, {0, PATTERN_ASCENDING}, 1},
        {"interp", "1000", "np.interp(x, y, z)", NULL, 0, 3, {0, 1000, 1000}, {0, PATTERN_ASCENDING}, 1},
        {"interp",
         "1000_ascending",
         "np.interp(x, y, z)",
         NULL,
         0,
         3,
         {0, 1000, 1000},
         {PATTERN_ASCENDING, PATTERN_ASCENDING},
         1}};
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        add_both(list, &works[i]);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    add_windows(&list);
    add_others(&list);
    return call_main(argc, argv, "bench_window", "arrays.py", &list);
}
