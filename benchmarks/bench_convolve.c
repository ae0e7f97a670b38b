/* Convolutions beside NumPy and SciPy and the machine's multiply-adds, stencils beside SciPy and a copy. */

#include "call.h"
#include <stdio.h>
#include <string.h>

static void set_same(sheaf_options *o, int64_t parameter)
{
    (void)parameter;
    o->mode = "same";
}

static void set_valid(sheaf_options *o, int64_t parameter)
{
    (void)parameter;
    o->mode = "valid";
}

static const struct row {
    const char *function, *name, *peer;
    void (*set)(sheaf_options *options, int64_t parameter);
    int ndim;
    int64_t shape[2], kernel[2];
    double goal;    /* of the multiply-adds on one thread; of a copy */
    double threads; /* of one thread, on all */
} rows[] = {
    {"convolve", "8_same", "np.convolve(x, y, 'same')", set_same, 1, {10000000}, {8}, 0, 1.8},
    {"convolve", "64_same", "np.convolve(x, y, 'same')", set_same, 1, {10000000}, {64}, 0.5, 1.8},
    {"convolve", "64_valid", "np.convolve(x, y, 'valid')", set_valid, 1, {10000000}, {64}, 0.5, 1.8},
    {"convolve", "512_same", "np.convolve(x, y, 'same')", set_same, 1, {10000000}, {512}, 0, 1.8},
    {"convolve2d", "5x5", "signal.convolve2d(x, y, 'same')", set_same, 2, {2048, 2048}, {5, 5}, 0, 0},
    {"convolve2d", "16x16", "signal.convolve2d(x, y, 'same')", set_same, 2, {2048, 2048}, {16, 16}, 0, 0},
    {"stencil", "3x3", "ndimage.correlate(x, y)", NULL, 2, {4096, 4096}, {3, 3}, 0.8, 0},
    {"stencil", "5x5", "ndimage.correlate(x, y)", NULL, 2, {4096, 4096}, {5, 5}, 0, 0},
};

static void add(struct case_list *list, const struct row *row, sheaf_dtype dtype, int threads)
{
    const bool copies = strcmp(row->function, "stencil") == 0;
    const int64_t cut = !bench_options()->small ? 1 : row->ndim == 1 ? 100 : 16;
    char name[32];
    struct call call = {.function = row->function,
                        .nin = 2,
                        .in = {{dtype, -1, 1}, {dtype, -1, 1}},
                        .lengths = {0, row->kernel[0]},
                        .widths = {0, row->kernel[1]},
                        .amount = copies ? CALL_BYTES : CALL_FLOPS,
                        .ndim = row->ndim,
                        .shape = {row->shape[0] / cut, row->shape[1] / cut},
                        .axis = CALL_FLAT,
                        .threads = threads,
                        .set = row->set};
    snprintf(call.peer, sizeof call.peer, "%s", row->peer);
    snprintf(name, sizeof name, "%s_%s", row->name, dtype == SHEAF_F64 ? "f64" : "f32");
    struct bench_case *c = case_add_python(list, &call, "convolve", name, 0);
    if (copies) {
        case_side(c, "copy", BENCH_LIMIT, call_copy, 0);
        case_side(c, "non-temporal copy", BENCH_LIMIT, call_copy_streamed, 0);
    } else
        case_side(c, "multiply-adds", BENCH_LIMIT, call_multiply_adds, 0);
    case_goal(c, BENCH_SHARE, BENCH_BEST_LIMIT, copies || threads == 1 ? row->goal : 0);
    if (threads != 1)
        case_one_thread(c, row->threads);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int single = 0; single < (strcmp(rows[i].function, "convolve2d") == 0 ? 1 : 2); single++)
            for (int threads = 1; threads >= 0; threads--)
                add(&list, &rows[i], single ? SHEAF_F32 : SHEAF_F64, threads);
    return call_main(argc, argv, "bench_convolve", "arrays.py", &list);
}
