/* Every function of the catalogue that NumPy has, over sizes, both on one thread: lists every loss. */

#include "call.h"
#include "peer.h"
#include "reference.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t sizes[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

static bool prepare(const void *work)
{
    const struct call *call = work;
    char question[64];
    double has = 0;
    if (!bench_options()->peers && !reference_map_find(call->function) && !reference_line_find(call->function))
        return bench_absent("nothing to compare with but NumPy");
    snprintf(question, sizeof question, "has %s", call->function);
    if (bench_options()->peers && !peer_ask("numpy", question, "-", "-", "-", &has))
        return false;
    if (bench_options()->peers && has <= 0)
        return bench_absent("NumPy has none");
    return call_prepare(work);
}

/* Arguments inside the domain, and for some functions others for the second and third. */
static void choose_operands(struct call *call, sheaf_dtype dtype)
{
    const struct reference_map *map = reference_map_find(call->function);
    struct operand usual = {dtype, map ? map->low : -1, map ? map->high : 3};
    for (int k = 0; k < SHEAF_MAX_INPUTS; k++)
        call->in[k] = usual;
    if (strcmp(call->function, "pow") == 0)
        call->in[1] = (struct operand){dtype, dtype == SHEAF_I32 ? 0 : -4, 4};
    else if (strcmp(call->function, "where") == 0)
        call->in[0] = (struct operand){SHEAF_BOOL, 0, 1};
    else if (strcmp(call->function, "clip") == 0) {
        call->in[1] = (struct operand){dtype, -1, 1};
        call->in[2] = (struct operand){dtype, 1, 3};
    } else if (strcmp(call->function, "prod") == 0 || strcmp(call->function, "cumprod") == 0 ||
               strcmp(call->function, "nanprod") == 0)
        call->in[0] = (struct operand){dtype, 1, 1};
    else if (strcmp(call->function, "any") == 0)
        call->in[0] = (struct operand){dtype, 0, 0};
    else if (strcmp(call->function, "all") == 0)
        call->in[0] = (struct operand){dtype, 1, 3};
}

static bool integers_only(const sheaf_function_info *info)
{
    return !strchr(info->dtypes, 'f');
}

static void add(struct case_list *list, const sheaf_function_info *info, int64_t n, sheaf_dtype dtype, const char *name)
{
    struct call call = {.function = info->name,
                        .nin = info->nin,
                        .ndim = 1,
                        .shape = {n},
                        .axis = CALL_FLAT,
                        .threads = 1,
                        .numpy = true};
    choose_operands(&call, dtype);
    if (strcmp(info->name, "matmul") == 0) {
        call.ndim = 2;
        call.shape[0] = call.shape[1] = (int64_t)sqrt((double)n);
    }
    struct bench_case *c = case_add(list, &call, "sweep/%s_%s/%lld", info->name, name, (long long)n);
    c->prepare = prepare;
    case_side(c, "NumPy", BENCH_PEER, call_numpy, 0);
    case_goal(c, BENCH_SPEEDUP, "NumPy", 1);
}

/* What one vector of one length says little about has benchmarks of its own. */
static bool is_swept(const sheaf_function_info *info)
{
    static const char *const groups[] = {"cast",       "elementwise", "reduction",     "scan",
                                         "difference", "transform",   "linear algebra"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(info->group, groups[i]) == 0)
            return info->nout == 1;
    return strcmp(info->name, "sort") == 0;
}

/* Differences need neighbours; a product of matrices of 10^7 elements takes seconds and is OpenBLAS on both sides. */
static bool takes(const sheaf_function_info *info, int64_t n)
{
    if (strcmp(info->name, "gradient") == 0 || strcmp(info->name, "trapz") == 0 || strcmp(info->name, "diff") == 0)
        return n > 1;
    return strcmp(info->name, "matmul") != 0 || n <= 1000000;
}

static void add_size(struct case_list *list, int64_t n)
{
    for (size_t i = 0; i < sheaf_catalogue_size(); i++) {
        const sheaf_function_info *info = sheaf_catalogue_at(i);
        if (!is_swept(info) || !takes(info, n))
            continue;
        if (integers_only(info))
            add(list, info, n, SHEAF_I64, "i64");
        else
            add(list, info, n, SHEAF_F64, "f64");
        if (bench_options()->large && !integers_only(info))
            add(list, info, n, SHEAF_F32, "f32");
        if (bench_options()->large)
            add(list, info, n, SHEAF_I32, "i32");
    }
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    int64_t most = bench_options()->small ? 1000 : bench_options()->large ? 100000000 : 10000000;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes && sizes[s] <= most; s++)
        add_size(&list, sizes[s]);
    const struct bench_program program = {
        .name = "bench_sweep", .peer_script = "arrays.py", .cases = list.cases, .ncases = list.n, .brief = true};
    int code = bench_main(argc, argv, &program);
    inputs_free();
    case_list_free(&list);
    return code;
}
