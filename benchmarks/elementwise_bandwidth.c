/* Work that waits for memory, out of cache, beside copy and triad. */

#include "elementwise.h"

struct row {
    const char *name, *function;
    int nin;
    struct operand in[SHEAF_MAX_INPUTS];
};

#define F64              \
    {                    \
        SHEAF_F64, -1, 3 \
    }
#define F32              \
    {                    \
        SHEAF_F32, -1, 3 \
    }
#define I32                  \
    {                        \
        SHEAF_I32, -100, 100 \
    }
#define TRUTH            \
    {                    \
        SHEAF_BOOL, 0, 1 \
    }

static const struct row rows[] = {
    {"add_f64", "add", 2, {F64, F64}},
    {"add_f32", "add", 2, {F32, F32}},
    {"add_i32", "add", 2, {I32, I32}},
    {"mul_f64", "mul", 2, {F64, F64}},
    {"sqrt_f64", "sqrt", 1, {{SHEAF_F64, 0, 4}}},
    {"sqrt_f32", "sqrt", 1, {{SHEAF_F32, 0, 4}}},
    {"abs_f64", "abs", 1, {F64}},
    {"abs_f32", "abs", 1, {F32}},
    {"maximum_f64", "maximum", 2, {F64, F64}},
    {"less_f64", "less", 2, {F64, F64}},
    {"less_f32", "less", 2, {F32, F32}},
    {"where_f64", "where", 3, {TRUTH, F64, F64}},
    {"add_f32_f64", "add", 2, {F32, F64}},
    {"add_i32_f64", "add", 2, {I32, F64}},
    {"mul_i32_f32", "mul", 2, {I32, F32}},
    {"sqrt_i32", "sqrt", 1, {{SHEAF_I32, 0, 100}}},
};

void bandwidth_cases(struct case_list *list)
{
    int64_t n = bench_options()->small ? 10007 : (int64_t)1 << 23;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int threads = 1; threads >= 0; threads--) {
            const struct row *row = &rows[i];
            struct call call = {.function = row->function,
                                .nin = row->nin,
                                .in = {row->in[0], row->in[1], row->in[2]},
                                .amount = CALL_BYTES,
                                .ndim = 1,
                                .shape = {n},
                                .axis = CALL_FLAT,
                                .threads = threads};
            struct bench_case *c = case_add(list, &call, "elementwise/%s/%s", row->name, threads ? "one" : "all");
            bool unary = row->nin == 1;
            case_side(c, unary ? "copy" : "triad", BENCH_LIMIT, unary ? call_copy : call_triad, 0);
            case_side(c, "non-temporal", BENCH_LIMIT, unary ? call_copy_streamed : call_triad_streamed, 0);
            case_goal(c, BENCH_SHARE, BENCH_BEST_LIMIT, 0.95);
        }
}
