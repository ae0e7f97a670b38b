/* Reductions: of a whole array in L1, in L2 and out of cache, and along every axis, beside bare loads. */

#include "machine.h"
#include "reduce.h"
#include <string.h>

struct row {
    const char *function;
    double low, high;
};

/* Values that keep each one busy: nothing to find for any, no overflow for prod. */
static const struct row rows[] = {
    {"sum", -1, 3}, {"mean", -1, 3},   {"var", -1, 3},       {"std", -1, 3},  {"stats", -1, 3}, {"min", -1, 3},
    {"max", -1, 3}, {"argmin", -1, 3}, {"any", 0, 0},        {"norm", -1, 3}, {"dot", -1, 3},   {"nansum", -1, 3},
    {"prod", 1, 1}, {"skew", -1, 3},   {"logsumexp", -1, 3}, {"fsum", -1, 3},
};
#define NROWS (sizeof rows / sizeof *rows)

static const struct {
    const char *name;
    sheaf_dtype dtype;
} dtypes[] = {{"f64", SHEAF_F64}, {"f32", SHEAF_F32}, {"i32", SHEAF_I32}};

/* Bytes of all inputs together, as three dimensions whose middle and first ones are reduced in turn. */
struct place {
    const char *name;
    size_t bytes, small_bytes;
    int64_t first, middle;
    int threads;
    double goal;
    bool axes;
};

static const struct place places[] = {
    {"l1", (size_t)16 << 10, (size_t)16 << 10, 1, 1, 1, 0.7, false},
    {"l2", (size_t)256 << 10, (size_t)64 << 10, 16, 32, 1, 0.7, true},
    {"memory_one", (size_t)64 << 20, (size_t)1 << 20, 1, 1, 1, 0.95, false},
    {"memory", (size_t)64 << 20, (size_t)1 << 20, 64, 128, 0, 0.95, true},
};

static struct call call_of(const struct row *row, const struct place *place, sheaf_dtype dtype)
{
    struct operand operand = {dtype, row->low, row->high};
    int nin = strcmp(row->function, "dot") == 0 ? 2 : 1;
    size_t bytes = bench_options()->small ? place->small_bytes : place->bytes;
    int64_t n = (int64_t)(bytes / sheaf_dtype_size(dtype)) / nin;
    return (struct call){.function = row->function,
                         .nin = nin,
                         .in = {operand, operand},
                         .amount = CALL_READ,
                         .ndim = 1,
                         .shape = {n},
                         .axis = CALL_FLAT,
                         .threads = place->threads};
}

static void add(struct case_list *list, const struct row *row, const struct place *place, size_t d)
{
    struct call call = call_of(row, place, dtypes[d].dtype);
    struct bench_case *c = case_add(list, &call, "reduce/%s_%s/%s", row->function, dtypes[d].name, place->name);
    /* 16 KiB take less time than looking up a function by name and making its options. */
    if (strcmp(place->name, "l1") == 0 && reduce_has_vec(row->function, dtypes[d].dtype)) {
        c->sides[0].run = reduce_vec;
        case_side(c, "by name", BENCH_BASE, call_ours, 0);
    }
    case_side(c, "read", BENCH_LIMIT, call_read, 0);
    case_goal(c, BENCH_SHARE, "read", place->goal);
    for (int axis = 0; place->axes && axis < 2; axis++) {
        struct call along = call;
        along.ndim = 3;
        along.shape[2] = call.shape[0] / (place->first * place->middle);
        along.shape[0] = place->first;
        along.shape[1] = place->middle;
        along.axis = axis;
        c = case_add(list, &along, "reduce/%s_%s/%s_%s", row->function, dtypes[d].name, place->name,
                     axis ? "middle" : "axis0");
        case_side(c, "last axis", BENCH_BASE, call_last_axis, 0);
        case_goal(c, BENCH_SHARE, "last axis", 0.9);
    }
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
            for (size_t i = 0; i < NROWS; i++)
                add(&list, &rows[i], &places[p], d);
    const struct bench_program program = {.name = "bench_reduce", .cases = list.cases, .ncases = list.n};
    int code = bench_main(argc, argv, &program);
    inputs_free();
    machine_close();
    case_list_free(&list);
    return code;
}
