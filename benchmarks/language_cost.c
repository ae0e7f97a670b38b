/* What a program costs besides its kernels: reading the text, laying out the work, and each evaluation of a short
 * array. In microseconds. */

#include "bench_language.h"
#include "timing.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 100
#define PARSES 51

static const char *const xy[] = {"x", "y"};
static const char twenty[] = "a = x*x + y*y; b = (x - y) / (1 + a); d = -b * 0.5 + a**3 - x; "
                             "where((d > 0) & (b < 1), a*2 - d, b % 3) + abs(d - a) * 0.5";

static struct {
    sheaf_func *func;
    double x[SHORT], y[SHORT], two[SHORT], one[SHORT], out[SHORT];
    sheaf_view views[2];
    const sheaf_view *inputs[2];
    int n;
    sheaf_options options;
} now;

static bool parse(const char *text, sheaf_func **func)
{
    sheaf_error error = {0};
    return sheaf_func_parse(text, now.n, xy, func, &error) == SHEAF_OK || bench_fail("%s", error.message);
}

static bool evaluate(const void *context)
{
    const sheaf_func *func = context;
    sheaf_error error = {0};
    sheaf_array *out = NULL;
    const sheaf_status status = sheaf_func_eval(func, now.n, now.inputs, &now.options, &out, &error);
    sheaf_array_free(out);
    return status == SHEAF_OK || bench_fail("%s", error.message);
}

static bool prepare(const char *text, int n)
{
    memset(&now, 0, sizeof now);
    now.n = n;
    sheaf_options_init(&now.options);
    now.options.threads = bench_options()->threads;
    for (int i = 0; i < SHORT; i++) {
        now.x[i] = 0.5 + i;
        now.y[i] = 70.25 - i;
        now.two[i] = 2;
        now.one[i] = 1;
    }
    now.views[0] = sheaf_view_f64(now.x, SHORT);
    now.views[1] = sheaf_view_f64(now.y, SHORT);
    now.inputs[0] = &now.views[0];
    now.inputs[1] = &now.views[1];
    return parse(text, &now.func);
}

static void finish(const void *work)
{
    (void)work;
    sheaf_func_free(now.func);
    now.func = NULL;
}

/* The worst difference of the evaluation from value(x, y). */
static bool check(double (*value)(double x, double y), double *difference)
{
    sheaf_error error = {0};
    sheaf_array *array = NULL;
    if (sheaf_func_eval(now.func, now.n, now.inputs, &now.options, &array, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    const double *out = sheaf_array_data(array);
    *difference = 0;
    for (int i = 0; i < SHORT; i++) {
        const double expected = value(now.x[i], now.y[i]);
        *difference = fmax(*difference, fabs(out[i] - expected) / fmax(fabs(expected), 1));
    }
    sheaf_array_free(array);
    return *difference <= 1e-14;
}

/* ---- from the text to the first result ---- */

static double value_twenty(double x, double y)
{
    const double a = x * x + y * y, b = (x - y) / (1 + a), d = -b * 0.5 + pow(a, 3) - x;
    const double remainder = fmod(b, 3), wrapped = remainder < 0 ? remainder + 3 : remainder;
    return (d > 0 && b < 1 ? a * 2 - d : wrapped) + fabs(d - a) * 0.5;
}

static bool check_parse(const void *work, double *difference)
{
    (void)work;
    return check(value_twenty, difference);
}

static bool prepare_parse(const void *work)
{
    (void)work;
    return prepare(twenty, 2);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median microseconds of a text that is new, with its first evaluation or without. */
static bool new_text(bool evaluated, double *value)
{
    double taken[PARSES];
    for (int i = 0; i < PARSES; i++) {
        sheaf_func *func = NULL;
        const double begin = bench_seconds();
        const bool ok = parse(twenty, &func) && (!evaluated || evaluate(func));
        taken[i] = 1e6 * (bench_seconds() - begin);
        sheaf_func_free(func);
        if (!ok)
            return false;
    }
    qsort(taken, PARSES, sizeof *taken, by_value);
    *value = taken[PARSES / 2];
    return true;
}

static bool evaluation(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    if (!timed(evaluate, now.func, value))
        return false;
    *value *= 1e6;
    return true;
}

static bool parse_and_check(const void *work, bool first, double *value)
{
    double later;
    if (!new_text(true, value) || !evaluation(work, first, &later))
        return false;
    *value -= later;
    return true;
}

static bool parse_alone(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    return new_text(false, value);
}

/* ---- each evaluation ---- */

static double value_short(double x, double y)
{
    (void)y;
    return sqrt(x * 2 + 1);
}

static bool check_short(const void *work, double *difference)
{
    (void)work;
    return check(value_short, difference);
}

static bool prepare_short(const void *work)
{
    (void)work;
    return prepare("sqrt(x*2+1)", 1);
}

static bool call_kernels(const void *context)
{
    (void)context;
    sheaf_vec_mul_f64(SHORT, now.x, now.two, now.out);
    sheaf_vec_add_f64(SHORT, now.out, now.one, now.out);
    sheaf_vec_sqrt_f64(SHORT, now.out, now.out);
    return true;
}

static bool kernels(const void *work, bool first, double *value)
{
    (void)work;
    (void)first;
    if (!timed(call_kernels, NULL, value))
        return false;
    *value *= 1e6;
    return true;
}

static bool beyond_kernels(const void *work, bool first, double *value)
{
    double without;
    if (!evaluation(work, first, value) || !kernels(work, first, &without))
        return false;
    *value -= without;
    return true;
}

static struct bench_case *add(struct case_list *list, const char *name)
{
    struct bench_case *c = case_add(list, &(struct call){.function = name}, "language_cost/%s", name);
    c->unit = "us";
    c->finish = finish;
    return c;
}

void add_costs(struct case_list *list)
{
    struct bench_case *c = add(list, "parse/20_operators");
    c->prepare = prepare_parse;
    c->check = check_parse;
    c->sides[0].run = parse_and_check;
    case_side(c, "parse alone", BENCH_BASE, parse_alone, 0);
    case_side(c, "later evaluation", BENCH_BASE, evaluation, 0);
    case_goal(c, BENCH_VALUE, NULL, 20);
    c = add(list, "evaluation/100_elements");
    c->prepare = prepare_short;
    c->check = check_short;
    c->sides[0].run = beyond_kernels;
    case_side(c, "evaluation", BENCH_BASE, evaluation, 0);
    case_side(c, "kernels", BENCH_BASE, kernels, 0);
    case_goal(c, BENCH_VALUE, NULL, 2);
}
