/* Reductions, scans and differences in plain C. Sums are long double. */

#include "reference.h"
#include <math.h>
#include <string.h>

static long double moment(const double *x, size_t n, long double centre, int power)
{
    long double sum = 0;
    for (size_t i = 0; i < n; i++) {
        long double d = x[i] - centre, term = d;
        for (int k = 1; k < power; k++)
            term *= d;
        sum += term;
    }
    return sum / (long double)n;
}

static long double average(const double *x, size_t n)
{
    return moment(x, n, 0, 1);
}

static double variance(const double *x, size_t n)
{
    return (double)moment(x, n, average(x, n), 2);
}

static double standardised(const double *x, size_t n, int power)
{
    return (double)(moment(x, n, average(x, n), power) / powl(variance(x, n), 0.5L * power));
}

/* The place of the least of sign * x. */
static size_t least(const double *x, size_t n, double sign)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if (sign * x[i] < sign * x[at])
            at = i;
    return at;
}

static double products(const double *x, const double *y, size_t n)
{
    long double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (long double)x[i] * y[i];
    return (double)sum;
}

static size_t nonzero(const double *x, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] != 0;
    return count;
}

static double product(const double *x, size_t n)
{
    long double y = 1;
    for (size_t i = 0; i < n; i++)
        y *= x[i];
    return (double)y;
}

static double log_of_sum(const double *x, size_t n)
{
    double top = x[least(x, n, -1)];
    long double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += exp(x[i] - top);
    return top + (double)logl(sum);
}

static void do_stats(const double *x, const double *y, size_t n, double *out)
{
    (void)y;
    out[0] = (double)n;
    out[1] = (double)average(x, n);
    out[2] = sqrt(variance(x, n));
    out[3] = x[least(x, n, 1)];
    out[4] = x[least(x, n, -1)];
}

static void do_cumsum(const double *x, const double *y, size_t n, double *out)
{
    long double sum = 0;
    (void)y;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)(sum += x[i]);
}

static void do_cumprod(const double *x, const double *y, size_t n, double *out)
{
    long double product = 1;
    (void)y;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)(product *= x[i]);
}

static void do_cummin(const double *x, const double *y, size_t n, double *out)
{
    (void)y;
    for (size_t i = 0; i < n; i++)
        out[i] = i && out[i - 1] < x[i] ? out[i - 1] : x[i];
}

static void do_cummax(const double *x, const double *y, size_t n, double *out)
{
    (void)y;
    for (size_t i = 0; i < n; i++)
        out[i] = i && out[i - 1] > x[i] ? out[i - 1] : x[i];
}

static void do_diff(const double *x, const double *y, size_t n, double *out)
{
    (void)y;
    for (size_t i = 0; i + 1 < n; i++)
        out[i] = x[i + 1] - x[i];
}

static void do_gradient(const double *x, const double *y, size_t n, double *out)
{
    (void)y;
    for (size_t i = 0; i < n; i++) {
        size_t before = i ? i - 1 : 0, after = i + 1 < n ? i + 1 : i;
        out[i] = (x[after] - x[before]) / (double)(after - before);
    }
}

/* name, value of the line */
#define NUMBERS(X)                                    \
    X(sum, (double)(average(x, n) * (long double)n))  \
    X(mean, (double)average(x, n))                    \
    X(var, variance(x, n))                            \
    X(std, sqrt(variance(x, n)))                      \
    X(min, x[least(x, n, 1)])                         \
    X(max, x[least(x, n, -1)])                        \
    X(ptp, x[least(x, n, -1)] - x[least(x, n, 1)])    \
    X(argmin, (double)least(x, n, 1))                 \
    X(argmax, (double)least(x, n, -1))                \
    X(any, nonzero(x, n) > 0)                         \
    X(all, nonzero(x, n) == n)                        \
    X(count_nonzero, (double)nonzero(x, n))           \
    X(norm, sqrt(products(x, x, n)))                  \
    X(rms, sqrt(products(x, x, n) / (double)n))       \
    X(dot, products(x, y, n))                         \
    X(fsum, (double)(average(x, n) * (long double)n)) \
    X(prod, product(x, n))                            \
    X(logsumexp, log_of_sum(x, n))                    \
    X(skew, standardised(x, n, 3))                    \
    X(kurtosis, standardised(x, n, 4) - 3)            \
    X(trapz, (double)(average(x, n) * (long double)n) - (x[0] + x[n - 1]) / 2)

#define X(name, expression)                                                      \
    static void name##_(const double *x, const double *y, size_t n, double *out) \
    {                                                                            \
        (void)y;                                                                 \
        *out = expression;                                                       \
    }
NUMBERS(X)
#undef X

static const struct reference_line lines[] = {
#define X(name, expression) {#name, name##_, 1},
    NUMBERS(X)
#undef X
        {"stats", do_stats, 5},
    {"cumsum", do_cumsum, REFERENCE_SAME},
    {"cumprod", do_cumprod, REFERENCE_SAME},
    {"cummin", do_cummin, REFERENCE_SAME},
    {"cummax", do_cummax, REFERENCE_SAME},
    {"diff", do_diff, REFERENCE_LESS},
    {"gradient", do_gradient, REFERENCE_SAME},
};

/* The inputs hold no NaN, so that nansum is sum. */
const struct reference_line *reference_line_find(const char *name)
{
    if (strncmp(name, "nan", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(lines[i].name, name) == 0)
            return &lines[i];
    return NULL;
}
