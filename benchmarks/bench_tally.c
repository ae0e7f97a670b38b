/* Choosing, counting and finding beside NumPy on one thread; histograms beside reading too. */

#include "call.h"
#include <stdio.h>
#include <string.h>

/* ---- options of the calls ---- */

static void set_bins(sheaf_options *o, int64_t bins)
{
    o->bins = bins;
}

static void set_range(sheaf_options *o, int64_t bins)
{
    o->bins = bins;
    o->range[0] = -1;
    o->range[1] = 1;
}

static void set_edges(sheaf_options *o, int64_t parameter)
{
    (void)parameter;
    o->edges = &call_inputs()[1];
}

/* ---- the cases ---- */

struct given {
    struct operand operand;
    enum pattern pattern;
    int64_t length; /* 0: the row's */
};

#define RANDOM                                \
    {                                         \
        {SHEAF_F64, -1, 1}, PATTERN_RANDOM, 0 \
    }
#define FLOATS                                \
    {                                         \
        {SHEAF_F32, -1, 1}, PATTERN_RANDOM, 0 \
    }
#define WHOLE                                     \
    {                                             \
        {SHEAF_I64, -1e9, 1e9}, PATTERN_RANDOM, 0 \
    }
#define FEW                                \
    {                                      \
        {SHEAF_F64, -1, 1}, PATTERN_FEW, 0 \
    }
#define SORTED                                   \
    {                                            \
        {SHEAF_F64, -1, 1}, PATTERN_ASCENDING, 0 \
    }
#define HOLES                              \
    {                                      \
        {SHEAF_F64, -1, 1}, PATTERN_NAN, 0 \
    }
#define COUNTS                                  \
    {                                           \
        {SHEAF_I64, 0, 1000}, PATTERN_RANDOM, 0 \
    }
#define TRUTHS                                \
    {                                         \
        {SHEAF_BOOL, 0, 1}, PATTERN_RANDOM, 0 \
    }
#define TABLE(n)                                 \
    {                                            \
        {SHEAF_F64, -1, 1}, PATTERN_ASCENDING, n \
    }
#define SHARES(n, of)                         \
    {                                         \
        {SHEAF_F64, 0, of}, PATTERN_RANDOM, n \
    }
#define NONE                                 \
    {                                        \
        {SHEAF_F64, 0, 0}, PATTERN_RANDOM, 0 \
    }

#define LARGE 10000000
#define MILLION 1000000

static const struct row {
    const char *function, *name, *peer;
    int64_t n;
    int nin;
    struct given in[2];
    void (*set)(sheaf_options *options, int64_t parameter);
    int64_t parameter;
} rows[] = {
    {"median", "f64", "np.median(x)", LARGE, 1, {RANDOM, NONE}, NULL, 0},
    {"median", "f32", "np.median(x)", LARGE, 1, {FLOATS, NONE}, NULL, 0},
    {"nanmedian", "f64", "np.nanmedian(x)", LARGE, 1, {HOLES, NONE}, NULL, 0},
    {"quantile", "one", "np.quantile(x, y)", LARGE, 2, {RANDOM, SHARES(1, 1)}, NULL, 0},
    {"quantile", "nine", "np.quantile(x, y)", LARGE, 2, {RANDOM, SHARES(9, 1)}, NULL, 0},
    {"percentile", "nine", "np.percentile(x, y)", LARGE, 2, {RANDOM, SHARES(9, 100)}, NULL, 0},
    {"unique", "f64", "np.unique(x)", MILLION, 1, {RANDOM, NONE}, NULL, 0},
    {"unique", "f32", "np.unique(x)", MILLION, 1, {FLOATS, NONE}, NULL, 0},
    {"unique", "i64", "np.unique(x)", MILLION, 1, {WHOLE, NONE}, NULL, 0},
    {"unique", "few", "np.unique(x)", MILLION, 1, {FEW, NONE}, NULL, 0},
    {"unique", "sorted", "np.unique(x)", MILLION, 1, {SORTED, NONE}, NULL, 0},
    {"unique_counts", "f64", "np.unique_counts(x)", MILLION, 1, {RANDOM, NONE}, NULL, 0},
    {"unique_counts", "f32", "np.unique_counts(x)", MILLION, 1, {FLOATS, NONE}, NULL, 0},
    {"unique_counts", "i64", "np.unique_counts(x)", MILLION, 1, {WHOLE, NONE}, NULL, 0},
    {"unique_counts", "few", "np.unique_counts(x)", MILLION, 1, {FEW, NONE}, NULL, 0},
    {"unique_counts", "sorted", "np.unique_counts(x)", MILLION, 1, {SORTED, NONE}, NULL, 0},
    {"unique_inverse", "f64", "np.unique_inverse(x)", MILLION, 1, {RANDOM, NONE}, NULL, 0},
    {"unique_inverse", "f32", "np.unique_inverse(x)", MILLION, 1, {FLOATS, NONE}, NULL, 0},
    {"unique_inverse", "i64", "np.unique_inverse(x)", MILLION, 1, {WHOLE, NONE}, NULL, 0},
    {"unique_inverse", "few", "np.unique_inverse(x)", MILLION, 1, {FEW, NONE}, NULL, 0},
    {"unique_inverse", "sorted", "np.unique_inverse(x)", MILLION, 1, {SORTED, NONE}, NULL, 0},
    {"searchsorted", "1000", "np.searchsorted(x, y)", MILLION, 2, {TABLE(1000), RANDOM}, NULL, 0},
    {"searchsorted", "1000000", "np.searchsorted(x, y)", MILLION, 2, {TABLE(MILLION), RANDOM}, NULL, 0},
    {"searchsorted", "1000_sorted", "np.searchsorted(x, y)", MILLION, 2, {TABLE(1000), SORTED}, NULL, 0},
    {"digitize", "1000", "np.digitize(x, y)", LARGE, 2, {RANDOM, TABLE(1000)}, NULL, 0},
    {"histogram", "10", "np.histogram(x)", LARGE, 1, {RANDOM, NONE}, set_bins, 10},
    {"histogram", "1000", "np.histogram(x, 1000)", LARGE, 1, {RANDOM, NONE}, set_bins, 1000},
    {"histogram", "10_range", "np.histogram(x, 10, (-1, 1))", LARGE, 1, {RANDOM, NONE}, set_range, 10},
    {"histogram", "1000_range", "np.histogram(x, 1000, (-1, 1))", LARGE, 1, {RANDOM, NONE}, set_range, 1000},
    {"histogram", "1000_edges", "np.histogram(x, y)", LARGE, 2, {RANDOM, TABLE(1001)}, set_edges, 0},
    {"bincount", "1000", "np.bincount(x)", LARGE, 1, {COUNTS, NONE}, NULL, 0},
    {"nonzero", "bool", "np.nonzero(x)", LARGE, 1, {TRUTHS, NONE}, NULL, 0},
    {"nonzero", "f64", "np.nonzero(x)", LARGE, 1, {RANDOM, NONE}, NULL, 0},
};

static bool is(const struct row *row, const char *function)
{
    return strcmp(row->function, function) == 0;
}

/* How many times as fast as NumPy on one thread. */
static double goal(const struct row *row, int threads)
{
    if (is(row, "bincount") || is(row, "nonzero"))
        return 0;
    return threads == 1 ? 0.9 : bench_options()->threads > 1 ? 1.5 : 0;
}

static void add(struct case_list *list, const struct row *row, int threads)
{
    const bool histogram = is(row, "histogram");
    struct call call = {.function = row->function,
                        .nin = row->nin,
                        .amount = histogram ? CALL_READ : CALL_ELEMENTS,
                        .ndim = 1,
                        .shape = {bench_options()->small ? row->n / 100 : row->n},
                        .axis = CALL_FLAT,
                        .threads = threads,
                        .exact = true,
                        .anew = is(row, "unique") || is(row, "nonzero") || is(row, "bincount"),
                        .set = row->set,
                        .parameter = row->parameter};
    for (int k = 0; k < row->nin; k++) {
        call.in[k] = row->in[k].operand;
        call.patterns[k] = row->in[k].pattern;
        call.lengths[k] = row->in[k].length;
    }
    snprintf(call.peer, sizeof call.peer, "%s", row->peer);
    struct bench_case *c = case_add_python(list, &call, "tally", row->name, goal(row, threads));
    if (histogram) {
        case_side(c, "read", BENCH_LIMIT, call_read, 0);
        case_goal(c, BENCH_SHARE, "read", row->set == set_edges ? 0 : 0.5);
    }
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int threads = 1; threads >= 0; threads--)
            add(&list, &rows[i], threads);
    return call_main(argc, argv, "bench_tally", "arrays.py", &list);
}
