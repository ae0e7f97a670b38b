/* Elementary functions: in L2 on one thread beside raw SLEEF and NumPy, in memory on all threads beside one. */

#include "elementwise.h"
#include "reference.h"
#include "timing.h"
#include <stdio.h>
#include <string.h>

static sleef_loop *widest_sleef(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return sleef_loop_64;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return sleef_loop_32;
#endif
    return NULL;
}

/* Inputs and output together are 192 KiB, or less. */
#define L2_BYTES ((size_t)192 << 10)

static bool in_sleef(const char *name)
{
    sleef_loop *loop = widest_sleef();
    return loop && loop(name, false, 0, NULL, NULL, NULL);
}

struct bare {
    const struct call *call;
    sleef_loop *loop;
};

static bool bare_once(const void *context)
{
    static _Alignas(64) char output[L2_BYTES / 2];
    const struct bare *bare = context;
    const sheaf_view *in = call_inputs();
    return bare->loop(bare->call->function, in[0].dtype == SHEAF_F32, (size_t)sheaf_view_size(&in[0]), in[0].data,
                      in[1].data, output);
}

static bool run_sleef(const void *work, bool first, double *value)
{
    struct bare bare = {work, widest_sleef()};
    double seconds;
    (void)first;
    if (!timed(bare_once, &bare, &seconds))
        return bench_fail("SLEEF has no %s", bare.call->function);
    *value = call_value(work, seconds);
    return true;
}

/* The exponents of pow; every other second argument is like the first. */
static struct call call_of(const struct reference_map *map, sheaf_dtype dtype)
{
    const sheaf_function_info *info = sheaf_catalogue_find(map->name);
    bool power = strcmp(map->name, "pow") == 0;
    return (struct call){.function = map->name,
                         .nin = info ? info->nin : 1,
                         .in = {{dtype, map->low, map->high}, {dtype, power ? -4 : map->low, power ? 4 : map->high}},
                         .amount = CALL_ELEMENTS,
                         .ndim = 1,
                         .axis = CALL_FLAT};
}

/* real and imag are views there. */
static bool in_numpy(const char *name)
{
    static const char *const missing[] = {"erf", "erfc", "gamma", "lgamma", "sigmoid", "relu", "real", "imag"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        if (strcmp(missing[i], name) == 0)
            return false;
    return true;
}

/* Functions of floats that NumPy's SVML has within more than 1 ULP (README.md): its goal is for our fast mode. */
static bool numpy_is_fast(const char *name, bool single)
{
    static const char *const within_1_ulp[] = {"exp2", "asinh", "acosh", "pow", "atan2", "hypot"};
    for (size_t i = 0; i < sizeof within_1_ulp / sizeof *within_1_ulp; i++)
        if (strcmp(within_1_ulp[i], name) == 0)
            return false;
    return single && in_sleef(name);
}

static void add_l2(struct case_list *list, const struct reference_map *map, sheaf_dtype dtype)
{
    bool single = dtype == SHEAF_F32;
    const sheaf_function_info *info = sheaf_catalogue_find(map->name);
    struct call call = call_of(map, dtype);
    call.shape[0] = (int64_t)(L2_BYTES / (single ? 4 : 8) / (info && info->nin > 1 ? 3 : 2));
    call.threads = 1;
    call.numpy = in_numpy(map->name);
    struct bench_case *c = case_add(list, &call, "elementary/%s_%s/l2", map->name, single ? "f32" : "f64");
    if (in_sleef(map->name)) {
        case_side(c, "SLEEF", BENCH_LIMIT, run_sleef, 0);
        case_goal(c, BENCH_SHARE, "SLEEF", 0.95);
    }
    if (call.numpy) {
        const char *of = numpy_is_fast(map->name, single) ? "fast" : NULL;
        if (of)
            case_side(c, of, BENCH_BASE, call_fast, 0);
        case_side(c, "NumPy", BENCH_PEER, call_numpy, 0);
        case_goal_of(c, of, BENCH_SHARE, "NumPy", 1);
    }
}

static void add_memory(struct case_list *list, const struct reference_map *map, sheaf_dtype dtype)
{
    struct call call = call_of(map, dtype);
    call.shape[0] = bench_options()->small ? 10007 : 1 << 21;
    struct bench_case *c =
        case_add(list, &call, "elementary/%s_%s/memory", map->name, dtype == SHEAF_F32 ? "f32" : "f64");
    case_side(c, "one thread", BENCH_BASE, call_one_thread, 0);
    /* What SLEEF has takes longer than its memory; neg and its like wait for memory, with one thread as with two. */
    if (bench_options()->threads == 2 && in_sleef(map->name))
        case_goal(c, BENCH_SHARE, "one thread", 1.9);
}

void elementary_cases(struct case_list *list)
{
    for (int memory = 0; memory < 2; memory++)
        for (int single = 0; single < 2; single++)
            for (size_t i = 0; i < reference_nmaps; i++)
                if (reference_maps[i].elementary)
                    (memory ? add_memory : add_l2)(list, &reference_maps[i], single ? SHEAF_F32 : SHEAF_F64);
}
