/* Scans and differences: out of cache beside a copy, everywhere beside NumPy on one thread. */

#include "call.h"
#include <string.h>

static const char *const functions[] = {"cumsum", "cumprod", "cummin", "cummax", "diff", "gradient"};

static const struct {
    const char *name;
    sheaf_dtype dtype;
} dtypes[] = {{"f64", SHEAF_F64}, {"f32", SHEAF_F32}, {"i64", SHEAF_I64}};

static void add(struct case_list *list, const char *function, size_t d, bool memory, int threads)
{
    bool product = strcmp(function, "cumprod") == 0;
    size_t bytes = (size_t)(!memory ? 96 : bench_options()->small ? 1000 : 64 << 10) << 10;
    struct call call = {.function = function,
                        .nin = 1,
                        .in = {{dtypes[d].dtype, product ? 1 : -1, product ? 1 : 3}},
                        .amount = CALL_BYTES,
                        .ndim = 1,
                        .shape = {(int64_t)(bytes / sheaf_dtype_size(dtypes[d].dtype))},
                        .axis = 0,
                        .threads = threads,
                        .numpy = threads == 1};
    struct bench_case *c = case_add(list, &call, "scan/%s_%s/%s", function, dtypes[d].name,
                                    !memory        ? "l2"
                                    : threads == 1 ? "memory_one"
                                                   : "memory");
    if (memory) {
        case_side(c, "copy", BENCH_LIMIT, call_copy, 0);
        case_side(c, "non-temporal copy", BENCH_LIMIT, call_copy_streamed, 0);
    }
    if (threads == 1) {
        case_side(c, "NumPy", BENCH_PEER, call_numpy, memory ? 3 : 0);
        case_goal(c, BENCH_SHARE, "NumPy", 1);
    } else
        case_goal(c, BENCH_SHARE, BENCH_BEST_LIMIT, strcmp(function, "cumsum") == 0 ? 0.8 : 0.0);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (int place = 0; place < 3; place++)
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
            for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
                add(&list, functions[i], d, place > 0, place < 2);
    return call_main(argc, argv, "bench_scan", "arrays.py", &list);
}
