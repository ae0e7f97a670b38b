/* The vector doors of the reductions: a whole array without views or options. */

#include "reduce.h"
#include "reference.h"
#include "timing.h"
#include <math.h>
#include <string.h>

#define NUMBERS(X) X(sum) X(mean) X(var) X(std) X(min) X(max) X(norm) X(nansum) X(prod) X(skew) X(logsumexp) X(fsum)

static const struct numbers {
    const char *name;
    double (*f64)(size_t n, const double *x);
    float (*f32)(size_t n, const float *x);
} numbers[] = {
#define X(name) {#name, sheaf_vec_##name##_f64, sheaf_vec_##name##_f32},
    NUMBERS(X)
#undef X
};

static double call(const char *name, const sheaf_view *in)
{
    size_t n = (size_t)sheaf_view_size(&in[0]);
    bool single = in[0].dtype == SHEAF_F32;
    const void *x = in[0].data, *y = in[1].data;
    if (strcmp(name, "argmin") == 0)
        return (double)(single ? sheaf_vec_argmin_f32(n, x) : sheaf_vec_argmin_f64(n, x));
    if (strcmp(name, "any") == 0)
        return single ? sheaf_vec_any_f32(n, x) : sheaf_vec_any_f64(n, x);
    if (strcmp(name, "dot") == 0)
        return single ? (double)sheaf_vec_dot_f32(n, x, y) : sheaf_vec_dot_f64(n, x, y);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].name, name) == 0)
            return single ? (double)numbers[i].f32(n, x) : numbers[i].f64(n, x);
    return NAN;
}

bool reduce_has_vec(const char *name, sheaf_dtype dtype)
{
    return (dtype == SHEAF_F64 || dtype == SHEAF_F32) && strcmp(name, "stats") != 0;
}

static volatile double sink;

static bool once(const void *context)
{
    const struct call *work = context;
    sink = call(work->function, call_inputs());
    return true;
}

/* The other door's result has been compared with plain C: this one's is the same. */
bool reduce_vec(const void *work, bool first, double *value)
{
    const struct call *c = work;
    double seconds, other = reference_element(call_output(), 0);
    if (!timed(once, c, &seconds))
        return false;
    *value = call_value(c, seconds);
    return !first || sink == other || bench_fail("%s: the two doors differ: %.17g, %.17g", c->function, sink, other);
}
