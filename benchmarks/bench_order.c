/* sort and its kin: one row in L2 and out of cache, and many rows, beside NumPy, vqsort and one thread. */

#include "call.h"
#include "order_vqsort.h"
#include "timing.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    sheaf_dtype dtype;
} dtypes[] = {{"f64", SHEAF_F64}, {"f32", SHEAF_F32}, {"i64", SHEAF_I64}, {"i32", SHEAF_I32}};

static const char *const pattern_names[] = {"random", "ascending", "descending", "few", "nan"};

/* ---- options ---- */

static void set_k(sheaf_options *o, int64_t parameter)
{
    o->k = parameter;
}

static void set_average(sheaf_options *o, int64_t parameter)
{
    (void)parameter;
    o->method = "average";
}

#define HALF 0 /* of the row's length: k of partition */

struct row {
    const char *function;
    void (*set)(sheaf_options *options, int64_t parameter);
    int64_t parameter;
    const char *peer; /* %d: the parameter */
};

static const struct row rows[] = {
    {"sort", NULL, 0, "np.sort(x)"},
    {"argsort", NULL, 0, "np.argsort(x)"},
    {"partition", set_k, HALF, "np.partition(x, %lld)"},
    {"topk", set_k, 10, "np.sort(np.partition(x, -%lld)[-10:])[::-1]"},
    {"argtopk", set_k, 10, "(lambda p: p[np.argsort(-x[p])])(np.argpartition(x, -%lld)[-10:])"},
    {"rank", set_average, 0, "pd.Series(x).rank().to_numpy()"},
};

/* ---- checks: what NumPy leaves to chance is compared with the definition ---- */

static double element(const sheaf_view *v, int64_t i)
{
    const char *p = (const char *)v->data + i * v->strides[v->ndim - 1];
    switch (v->dtype) {
    case SHEAF_F64:
        return *(const double *)p;
    case SHEAF_F32:
        return (double)*(const float *)p;
    case SHEAF_I64:
        return (double)*(const int64_t *)p;
    default:
        return *(const int32_t *)p;
    }
}

static bool is_before(double a, double b)
{
    return a < b || (isnan(b) && !isnan(a));
}

static bool ascends(const sheaf_view *y)
{
    for (int64_t i = 1; i < y->shape[y->ndim - 1]; i++)
        if (is_before(element(y, i), element(y, i - 1)))
            return false;
    return true;
}

/* Ascending, ties by place, and every place once. */
static bool places_ascend(const sheaf_view *x, const sheaf_view *y)
{
    const int64_t n = y->shape[0], *places = y->data;
    unsigned char *seen = calloc((size_t)n + 1, 1);
    bool fine = seen != NULL;
    for (int64_t i = 0; fine && i < n; i++) {
        fine = places[i] >= 0 && places[i] < n && !seen[places[i]]++;
        if (fine && i > 0) {
            double a = element(x, places[i - 1]), b = element(x, places[i]);
            fine = !is_before(b, a) && (is_before(a, b) || places[i] > places[i - 1]);
        }
    }
    free(seen);
    return fine;
}

static bool sides_are_right(const sheaf_view *y, int64_t k)
{
    double pivot = element(y, k);
    for (int64_t i = 0; i < y->shape[0]; i++)
        if (i < k ? is_before(pivot, element(y, i)) : is_before(element(y, i), pivot))
            return false;
    return true;
}

/* Descending, and fewer than all of them are before the last. */
static bool are_greatest(const sheaf_view *x, const sheaf_view *y, bool places)
{
    const int64_t n = y->shape[0], *at = y->data;
    double last = 0;
    int64_t greater = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = places ? element(x, at[i]) : element(y, i);
        if (i > 0 && is_before(last, v))
            return false;
        last = v;
    }
    for (int64_t i = 0; i < x->shape[0]; i++)
        greater += is_before(last, element(x, i));
    return greater < n;
}

static bool ranks_add_up(const sheaf_view *y)
{
    double sum = 0, n = (double)y->shape[0];
    for (int64_t i = 0; i < y->shape[0]; i++)
        sum += element(y, i);
    return sum == n * (n + 1) / 2;
}

/* The definition, of the first row; and what NumPy gives, unless it leaves that to chance. */
static bool check(const void *work, double *difference)
{
    const struct call *call = work;
    const sheaf_view *x = call_inputs(), *y = call_output();
    const char *name = call->function;
    const bool chance = strcmp(name, "argsort") == 0 || strcmp(name, "partition") == 0 || strcmp(name, "argtopk") == 0;
    bool fine = strcmp(name, "argsort") == 0     ? places_ascend(x, y)
                : strcmp(name, "partition") == 0 ? sides_are_right(y, call->parameter)
                : strcmp(name, "topk") == 0      ? are_greatest(x, y, false)
                : strcmp(name, "argtopk") == 0   ? are_greatest(x, y, true)
                : strcmp(name, "rank") == 0      ? ranks_add_up(y)
                                                 : ascends(y);
    *difference = fine ? 0 : INFINITY;
    return fine && (chance || !bench_options()->peers || call_check(work, difference));
}

/* ---- vqsort, on one thread, of a copy ---- */

struct copied {
    const sheaf_view *x;
    void *to;
    size_t bytes;
};

static bool sort_copy(const void *context)
{
    const struct copied *c = context;
    const int64_t n = c->x->shape[c->x->ndim - 1], rows_here = c->x->ndim > 1 ? c->x->shape[0] : 1;
    memcpy(c->to, c->x->data, c->bytes);
    for (int64_t r = 0; r < rows_here; r++)
        order_vqsort(c->x->dtype, (size_t)n, (char *)c->to + (size_t)(r * n) * sheaf_dtype_size(c->x->dtype));
    return true;
}

static bool run_vqsort(const void *work, bool first, double *value)
{
    static void *memory;
    static size_t size;
    const sheaf_view *x = call_inputs();
    struct copied c = {x, NULL, (size_t)sheaf_view_size(x) * sheaf_dtype_size(x->dtype)};
    double seconds;
    (void)first;
    if (size < c.bytes) {
        free(memory);
        memory = malloc(size = c.bytes);
    }
    c.to = memory;
    if (!memory || !timed(sort_copy, &c, &seconds))
        return bench_fail("no memory for a copy");
    *value = call_value(work, seconds);
    return true;
}

/* ---- cases ---- */

static struct call call_of(const struct row *row, size_t d, int64_t n, int threads, enum pattern pattern)
{
    struct call call = {.function = row->function,
                        .nin = 1,
                        .in = {{dtypes[d].dtype, -1e9, 1e9}},
                        .patterns = {pattern},
                        .amount = CALL_ELEMENTS,
                        .ndim = 1,
                        .shape = {n},
                        .axis = 0,
                        .threads = threads,
                        .numpy = true,
                        .set = row->set,
                        .parameter = row->set == set_k && row->parameter == HALF ? n / 2 : row->parameter};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(call.peer, sizeof call.peer, row->peer, (long long)call.parameter);
#pragma GCC diagnostic pop
    return call;
}

/* Per thread: of a library that sorts through vqsort itself, and of one in plain C. */
static double vqsort_goal(void)
{
    sheaf_machine machine;
    sheaf_machine_get(&machine);
    return strstr(machine.sort, "vqsort") ? 0.9 : 0.5;
}

static void finish_case(struct bench_case *c, const struct row *row, int threads, bool one)
{
    const struct call *call = c->work;
    c->check = check;
    case_side(c, "NumPy", BENCH_PEER, call_numpy, 5);
    case_goal(c, BENCH_SHARE, "NumPy", one ? 0.9 : threads > 1 ? 1.5 : 0);
    if (strcmp(row->function, "sort") != 0)
        return;
    if (order_has_vqsort() && call->patterns[0] != PATTERN_NAN) { /* Highway 1.0.3 crashes on NaN */
        case_side(c, "vqsort", BENCH_PEER, run_vqsort, 5);
        case_goal(c, BENCH_SHARE, "vqsort", one ? vqsort_goal() : 0);
    }
}

static void add(struct case_list *list, const struct row *row, size_t d, int64_t n, const char *place, int threads,
                enum pattern pattern)
{
    const bool one = threads == 1;
    struct call call = call_of(row, d, n, threads, pattern);
    struct bench_case *c =
        case_add(list, &call, "order/%s_%s_%s/%s", row->function, dtypes[d].name, pattern_names[pattern], place);
    finish_case(c, row, one ? 1 : bench_options()->threads, one);
    if (!one)
        case_one_thread(c, strcmp(row->function, "sort") == 0 ? 1.8 : 0);
}

/* 128 rows of 250,000. */
static void add_rows(struct case_list *list, size_t d)
{
    const struct row *row = &rows[0];
    struct call call = call_of(row, d, bench_options()->small ? 2000 : 250000, 0, PATTERN_RANDOM);
    call.ndim = 2;
    call.shape[1] = call.shape[0];
    call.shape[0] = bench_options()->small ? 8 : 128;
    call.axis = 1;
    struct bench_case *c = case_add(list, &call, "order/sort_%s_random/rows", dtypes[d].name);
    finish_case(c, row, bench_options()->threads, false);
    case_one_thread(c, 1.8);
}

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    const int64_t large = bench_options()->small ? 100000 : 10000000;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
            add(&list, &rows[i], d, 1000, "1000", 1, PATTERN_RANDOM);
            add(&list, &rows[i], d, 100000, "l2", 1, PATTERN_RANDOM);
            if (i > 0 && d > 1) /* NumPy takes minutes, and floats tell as much */
                continue;
            add(&list, &rows[i], d, large, "memory_one", 1, PATTERN_RANDOM);
            add(&list, &rows[i], d, large, "memory", 0, PATTERN_RANDOM);
        }
    for (int pattern = PATTERN_ASCENDING; pattern <= PATTERN_NAN; pattern++)
        for (size_t i = 0; i < 2; i++)
            add(&list, &rows[i], 0, 100000, "l2", 1, (enum pattern)pattern);
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
        add_rows(&list, d);
    return call_main(argc, argv, "bench_order", "arrays.py", &list);
}
