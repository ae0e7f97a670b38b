/* Programs of the function language beside numexpr, Numba and NumPy, and beside what the machine can do; what a program
 * costs by itself; a user's C function beside the same in a bare loop. */

#include "bench_language.h"
#include "machine.h"
#include <math.h>
#include <stdlib.h>

#define BLOCK 12288 /* elements of an operand and a result in L2: 192 KiB, as elementary's */
#define READ_BYTES ((size_t)128 << 20)

/* ---- limits ---- */

static bool bandwidth(const void *work, bool first, double *value)
{
    double streamed = 0;
    bool ok = call_triad(work, first, value) && call_triad_streamed(work, first, &streamed);
    *value = fmax(*value, streamed);
    return ok;
}

static bool reading(const void *work, bool first, double *value)
{
    const size_t bytes = bench_options()->small ? READ_BYTES >> 6 : READ_BYTES;
    (void)first;
    if (!machine_open(bytes))
        return false;
    *value = machine_read(call_threads(work), bytes);
    return true;
}

/* exp and sqrt of as many elements as the case has, each thread in its own L2. */
static bool elementary(const void *work, bool first, double *value)
{
    const struct call *call = work;
    const int64_t blocks = (call->shape[0] + BLOCK - 1) / BLOCK;
    const int threads = call_threads(call);
    double *memory = aligned_alloc(64, (size_t)threads * 2 * BLOCK * sizeof *memory), seconds = 0;
    (void)first;
    if (!memory)
        return bench_fail("out of memory");
#pragma omp parallel num_threads(threads)
    {
        double *x = memory, *y;
#pragma omp for schedule(static, 1)
        for (int t = 0; t < threads; t++) {
            x = memory + (size_t)t * 2 * BLOCK;
            for (int64_t i = 0; i < BLOCK; i++)
                x[i] = -9.0 * (double)i / BLOCK;
        }
        y = x + BLOCK;
        sheaf_vec_exp_f64(BLOCK, x, y);
#pragma omp barrier
#pragma omp master
        seconds = -bench_seconds();
#pragma omp for schedule(static)
        for (int64_t b = 0; b < blocks; b++) {
            sheaf_vec_exp_f64(BLOCK, x, y);
            sheaf_vec_sqrt_f64(BLOCK, y, y);
        }
#pragma omp master
        seconds += bench_seconds();
    }
    free(memory);
    *value = call_value(call, seconds * (double)call->shape[0] / (double)(blocks * BLOCK));
    return true;
}

/* One reading of x, and one select. */
static bool sum_and_quantile(const void *work, bool first, double *value)
{
    static const double probabilities[] = {0.05, 0.5, 0.95};
    const sheaf_view q = sheaf_view_f64(probabilities, 3);
    sheaf_error error = {0};
    sheaf_array *sum = NULL, *quantiles = NULL;
    sheaf_options options;
    (void)first;
    sheaf_options_init(&options);
    options.threads = call_threads(work);
    double begin = bench_seconds();
    bool ok = sheaf_sum(call_inputs(), &options, &sum, &error) == SHEAF_OK &&
              sheaf_quantile(call_inputs(), &q, &options, &quantiles, &error) == SHEAF_OK;
    *value = call_value(work, bench_seconds() - begin);
    sheaf_array_free(sum);
    sheaf_array_free(quantiles);
    return ok || bench_fail("%s", error.message);
}

/* ---- the programs ---- */

#define SUMMARY "mean(x), std(x), min(x), max(x), quantile(x, [0.05, 0.5, 0.95])"
#define BLACK_SCHOLES                                                              \
    "width = 0.3 * sqrt(z); d = (log(x / y) + (0.02 + 0.5 * 0.3**2) * z) / width;" \
    "call = 0.5 * (x * (1 + erf(d / sqrt(2))) - y * exp(-0.02 * z) * (1 + erf((d - width) / sqrt(2))))"

static const struct program {
    struct call call;
    const char *peer; /* the side's name */
    double peer_one, peer_all;
    const char *limit; /* the goal is against it */
    double share;
    struct bench_side limits[2];
} programs[] = {
    {{.function = "bell",
      .program = "sqrt(exp(-x*x) + y*0.5)",
      .nin = 2,
      .in = {{SHEAF_F64, -3, 3}, {SHEAF_F64, 0, 4}},
      .amount = CALL_BYTES,
      .ndim = 1,
      .shape = {20000000},
      .plain = plain_bell,
      .python = "numexpr",
      .peer = "sqrt(exp(-x*x) + y*0.5)"},
     "numexpr",
     0,
     7,
     BENCH_LEAST_LIMIT,
     0.8,
     {{"bandwidth", BENCH_LIMIT, bandwidth, 0}, {"exp and sqrt in L2", BENCH_LIMIT, elementary, 0}}},
    {{.function = "compare",
      .program = "x*y - 4.1*x > 2.5*y",
      .nin = 2,
      .in = {{SHEAF_F64, -10, 10}, {SHEAF_F64, -10, 10}},
      .amount = CALL_BYTES,
      .ndim = 1,
      .shape = {20000000},
      .exact = true,
      .plain = plain_compare,
      .python = "numexpr",
      .peer = "x*y - 4.1*x > 2.5*y"},
     "numexpr",
     0,
     0,
     BENCH_BEST_LIMIT,
     0.9,
     {{"read", BENCH_LIMIT, reading, 0}}},
    {{.function = "black_scholes",
      .program = BLACK_SCHOLES,
      .nin = 3,
      .in = {{SHEAF_F64, 50, 150}, {SHEAF_F64, 50, 150}, {SHEAF_F64, 0.1, 2}},
      .amount = CALL_BYTES,
      .ndim = 1,
      .shape = {10000000},
      .plain = plain_black_scholes,
      .python = "numba",
      .peer = "black_scholes"},
     "Numba",
     1.5,
     1.5,
     NULL,
     0,
     {{0}}},
    {{.function = "standardise",
      .program = "(x - mean(x, axis=0)) / std(x, axis=0)",
      .nin = 1,
      .in = {{SHEAF_F64, -1, 3}},
      .amount = CALL_TWICE,
      .ndim = 2,
      .shape = {1000000, 64},
      .plain = plain_standardise,
      .python = "numpy",
      .peer = "(x - x.mean(axis=0)) / x.std(axis=0)"},
     "NumPy",
     0,
     0,
     BENCH_BEST_LIMIT,
     0.8,
     {{"bandwidth", BENCH_LIMIT, bandwidth, 0}}},
    {{.function = "summary",
      .program = SUMMARY,
      .nin = 1,
      .in = {{SHEAF_F64, -1, 3}},
      .amount = CALL_READ,
      .ndim = 1,
      .shape = {20000000},
      .plain = plain_summary,
      .python = "numpy",
      .peer = "x.mean(), x.std(), x.min(), x.max(), np.quantile(x, [0.05, 0.5, 0.95])"},
     "NumPy",
     0,
     0,
     NULL,
     0,
     {{"sum and quantile", BENCH_LIMIT, sum_and_quantile, 0}}},
};

static void add_program(struct case_list *list, const struct program *program, int threads)
{
    struct call call = program->call;
    call.threads = threads;
    call.axis = CALL_FLAT;
    call.numpy = true;
    if (bench_options()->small)
        call.shape[0] = call.shape[0] / 1000 + 7;
    struct bench_case *c =
        case_add(list, &call, "language/%s/%s", call.function, threads == 1 ? "memory" : "memory_all");
    for (int s = 0; s < 2 && program->limits[s].run; s++)
        case_side(c, program->limits[s].name, program->limits[s].role, program->limits[s].run, 0);
    case_side(c, program->peer, BENCH_PEER, call_numpy, 3);
    case_goal(c, BENCH_SHARE, program->limit, program->share);
    case_goal(c, BENCH_SHARE, program->peer, threads == 1 ? program->peer_one : program->peer_all);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        for (int threads = 1; threads >= 0; threads--)
            add_program(&list, &programs[i], threads);
    add_costs(&list);
    add_own(&list);
    return call_main(argc, argv, "bench_language", "language.py", &list);
}
