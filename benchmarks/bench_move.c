/* Movement: out of cache beside a copy, everywhere beside NumPy on one thread. */

#include "call.h"
#include <stdio.h>
#include <string.h>

/* ---- options of the calls ---- */

/* Axes as the digits of order: 201 for (2, 0, 1). */
static void set_order(sheaf_options *o, int64_t order)
{
    o->naxes = 3;
    for (int i = 2; i >= 0; i--, order /= 10)
        o->axes[i] = (int)(order % 10);
}

static void set_shift(sheaf_options *o, int64_t shift)
{
    o->nshift = 1;
    o->shift[0] = shift;
}

static void set_width(sheaf_options *o, int64_t width)
{
    static const char *const modes[] = {"constant", "edge", "reflect", "wrap"};
    o->nwidths = 1;
    o->widths[0][0] = o->widths[0][1] = width / 10;
    o->mode = modes[width % 10];
}

static void set_times(sheaf_options *o, int64_t times)
{
    o->nrepeats = 1;
    o->repeats[0] = times;
}

static void set_twice(sheaf_options *o, int64_t times)
{
    o->nrepeats = 2;
    o->repeats[0] = o->repeats[1] = times;
}

/* ---- the cases ---- */

#define FLAT CALL_FLAT

/* Shapes are for 64 MiB of doubles; elsewhere the first dimension is cut, or the second where the first is short. */
static const struct work {
    const char *name, *function;
    int nin, ndim;
    int64_t shape[3];
    int axis;
    void (*set)(sheaf_options *options, int64_t parameter);
    int64_t parameter;
    const char *peer;
    double goal; /* of the copy */
} works[] = {
    {"transpose", "transpose", 1, 2, {2048, 4096}, FLAT, NULL, 0, "np.ascontiguousarray(x.T)", 0.8},
    {"transpose_odd", "transpose", 1, 2, {2731, 3071}, FLAT, NULL, 0, "np.ascontiguousarray(x.T)", 0.8},
    {"transpose_021", "transpose", 1, 3, {64, 256, 512}, FLAT, set_order, 21, "", 0.8},
    {"transpose_102", "transpose", 1, 3, {256, 64, 512}, FLAT, set_order, 102, "", 0.8},
    {"transpose_120", "transpose", 1, 3, {64, 256, 512}, FLAT, set_order, 120, "", 0.8},
    {"transpose_201", "transpose", 1, 3, {64, 256, 512}, FLAT, set_order, 201, "", 0.8},
    {"transpose_210", "transpose", 1, 3, {64, 256, 512}, FLAT, set_order, 210, "", 0.8},
    {"transpose_planes", "transpose", 1, 2, {2796203, 3}, FLAT, NULL, 0, "np.ascontiguousarray(x.T)", 0.8},
    {"concat", "concat", 2, 2, {1024, 4096}, 0, NULL, 0, "np.concatenate((x, y))", 0.9},
    {"concat_last", "concat", 2, 2, {1024, 4096}, 1, NULL, 0, "np.concatenate((x, y), 1)", 0.9},
    {"stack", "stack", 2, 2, {1024, 4096}, 0, NULL, 0, "np.stack((x, y))", 0.9},
    {"roll", "roll", 1, 1, {8388608}, FLAT, set_shift, 1001, "np.roll(x, 1001)", 0.9},
    {"roll_last", "roll", 1, 2, {2048, 4096}, 1, set_shift, 1001, "np.roll(x, 1001, 1)", 0.9},
    {"flip", "flip", 1, 2, {2048, 4096}, 1, NULL, 0, "np.ascontiguousarray(x[:, ::-1])", 0.9},
    {"flip_first", "flip", 1, 2, {2048, 4096}, 0, NULL, 0, "np.ascontiguousarray(x[::-1])", 0.9},
    {"pad_constant", "pad", 1, 2, {2048, 4096}, FLAT, set_width, 80, "np.pad(x, 8)", 0.9},
    {"pad_edge", "pad", 1, 2, {2048, 4096}, FLAT, set_width, 81, "np.pad(x, 8, 'edge')", 0.9},
    {"pad_reflect", "pad", 1, 2, {2048, 4096}, FLAT, set_width, 82, "np.pad(x, 8, 'reflect')", 0.9},
    {"pad_wrap", "pad", 1, 2, {2048, 4096}, FLAT, set_width, 83, "np.pad(x, 8, 'wrap')", 0.9},
    {"tile", "tile", 1, 2, {1024, 2048}, FLAT, set_twice, 2, "np.tile(x, (2, 2))", 0},
    {"repeat", "repeat", 1, 1, {4194304}, FLAT, set_times, 3, "np.repeat(x, 3)", 0},
    {"repeat_first", "repeat", 1, 2, {1024, 4096}, 0, set_times, 2, "np.repeat(x, 2, 0)", 0},
    {"take", "take", 2, 1, {4194304}, FLAT, NULL, 0, "np.take(x, y)", 0},
    {"take_rows", "take", 2, 2, {65536, 64}, 0, NULL, 0, "np.take(x, y, 0)", 0},
    {"compress", "compress", 2, 1, {8388608}, FLAT, NULL, 0, "y[x]", 0},
    {"tril", "tril", 1, 2, {2048, 4096}, FLAT, NULL, 0, "np.tril(x)", 0},
};

static const struct {
    const char *name;
    sheaf_dtype dtype;
} dtypes[] = {{"f64", SHEAF_F64}, {"f32", SHEAF_F32}, {"i16", SHEAF_I16}, {"u8", SHEAF_U8}, {"c128", SHEAF_C128}};

static int64_t cut_shape(const struct work *w, int64_t *shape, size_t size, bool memory)
{
    const int64_t bytes = memory ? (bench_options()->small ? 1 << 20 : 64 << 20) : 256 << 10;
    int64_t elements = 1;
    memcpy(shape, w->shape, sizeof w->shape);
    for (int i = 0; i < w->ndim; i++)
        elements *= shape[i];
    for (int i = 0; elements * (int64_t)size > bytes * 5 / 4;) {
        for (int j = 0; j < w->ndim; j++)
            i = shape[j] > shape[i] ? j : i;
        elements /= shape[i];
        shape[i] = (shape[i] + 1) / 2 + (shape[i] % 2 && shape[i] > 9 ? shape[i] / 2 % 2 : 0);
        elements *= shape[i];
    }
    return elements;
}

static void add(struct case_list *list, const struct work *w, size_t d, bool memory, int threads)
{
    const size_t size = sheaf_dtype_size(dtypes[d].dtype);
    const bool chooses = strcmp(w->function, "compress") == 0, takes = strcmp(w->function, "take") == 0;
    struct call call = {.function = w->function,
                        .nin = w->nin,
                        .in = {{dtypes[d].dtype, 0, 200}, {dtypes[d].dtype, 0, 200}},
                        .amount = CALL_BYTES,
                        .ndim = w->ndim,
                        .axis = w->axis,
                        .threads = threads,
                        .numpy = true,
                        .anew = chooses,
                        .set = w->set,
                        .parameter = w->parameter};
    const int64_t elements = cut_shape(w, call.shape, size, memory);
    if (chooses)
        call.in[0] = (struct operand){SHEAF_BOOL, 0, 1};
    if (takes) {
        const int64_t n = w->axis == FLAT ? elements : call.shape[w->axis];
        call.in[1] = (struct operand){SHEAF_I64, 0, (double)n};
        call.lengths[1] = n;
    }
    if (w->peer[0])
        snprintf(call.peer, sizeof call.peer, "%s", w->peer);
    else
        snprintf(call.peer, sizeof call.peer, "np.ascontiguousarray(x.transpose(%d, %d, %d))",
                 (int)(w->parameter / 100), (int)(w->parameter / 10 % 10), (int)(w->parameter % 10));
    struct bench_case *c = case_add(list, &call, "move/%s_%s/%s", w->name, dtypes[d].name,
                                    !memory        ? "l2"
                                    : threads == 1 ? "memory_one"
                                                   : "memory");
    if (memory) {
        case_side(c, "copy", BENCH_LIMIT, call_copy, 0);
        case_side(c, "non-temporal copy", BENCH_LIMIT, call_copy_streamed, 0);
    }
    case_side(c, "NumPy", BENCH_PEER, call_numpy, memory ? 3 : 0); /* on one thread everywhere, to compare with */
    if (threads == 1)
        case_goal(c, BENCH_SHARE, "NumPy", 1);
    else
        case_goal(c, BENCH_SHARE, BENCH_BEST_LIMIT, w->goal);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (int place = 0; place < 3; place++)
        for (size_t i = 0; i < sizeof works / sizeof *works; i++)
            for (size_t d = 0; d < (strcmp(works[i].function, "transpose") == 0 ? 5 : 2); d++)
                add(&list, &works[i], d, place > 0, place < 2);
    return call_main(argc, argv, "bench_move", "arrays.py", &list);
}
