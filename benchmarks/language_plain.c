/* The programs of bench_language in plain C, at some places of their results. */

#include "bench_language.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 65536 /* evenly spread */

static double difference(double a, double b)
{
    double d = a == b ? 0 : fabs(a - b) / fmax(fabs(b), 1);
    return isnan(d) ? INFINITY : d;
}

static double element(const sheaf_view *view, int64_t i)
{
    return view->dtype == SHEAF_BOOL ? (double)((const bool *)view->data)[i] : ((const double *)view->data)[i];
}

static double elementwise(double (*value)(double x, double y, double z), int nin, const sheaf_view *inputs,
                          const sheaf_view *output)
{
    const int64_t n = sheaf_view_size(output), step = n / PLACES + 1;
    double worst = n == sheaf_view_size(&inputs[0]) ? 0 : INFINITY;
    for (int64_t i = 0; i < n && worst < INFINITY; i += step) {
        double x[3] = {0};
        for (int k = 0; k < nin; k++)
            x[k] = element(&inputs[k], i);
        worst = fmax(worst, difference(element(output, i), value(x[0], x[1], x[2])));
    }
    return worst;
}

static double bell(double x, double y, double z)
{
    (void)z;
    return sqrt(exp(-x * x) + y * 0.5);
}

static double compare(double x, double y, double z)
{
    (void)z;
    return x * y - 4.1 * x > 2.5 * y;
}

static double black_scholes(double x, double y, double z)
{
    const double width = 0.3 * sqrt(z), d = (log(x / y) + (0.02 + 0.5 * 0.3 * 0.3) * z) / width;
    return 0.5 * (x * erfc(-d / sqrt(2)) - y * exp(-0.02 * z) * erfc((width - d) / sqrt(2)));
}

double plain_bell(const sheaf_view *inputs, const sheaf_view *outputs)
{
    return elementwise(bell, 2, inputs, outputs);
}

double plain_compare(const sheaf_view *inputs, const sheaf_view *outputs)
{
    return elementwise(compare, 2, inputs, outputs);
}

double plain_black_scholes(const sheaf_view *inputs, const sheaf_view *outputs)
{
    return elementwise(black_scholes, 3, inputs, outputs);
}

/* Mean and standard deviation of n numbers, a stride apart. */
static void moments(const double *x, int64_t n, int64_t stride, double *mean, double *deviation)
{
    long double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i * stride];
    for (int64_t i = 0; i < n; i++)
        squares += (x[i * stride] - sum / n) * (x[i * stride] - sum / n);
    *mean = (double)(sum / n);
    *deviation = (double)sqrtl(squares / n);
}

/* The first and the last column. */
double plain_standardise(const sheaf_view *inputs, const sheaf_view *outputs)
{
    const double *x = inputs->data, *y = outputs->data;
    const int64_t rows = inputs->shape[0], columns = inputs->shape[1];
    double worst = sheaf_view_size(outputs) == rows * columns ? 0 : INFINITY;
    for (int64_t c = 0; c < columns && worst<INFINITY; c += columns> 1 ? columns - 1 : 1) {
        double mean, deviation;
        moments(x + c, rows, columns, &mean, &deviation);
        for (int64_t i = c; i < rows * columns; i += columns)
            worst = fmax(worst, difference(y[i], (x[i] - mean) / deviation));
    }
    return worst;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_quantile(const double *sorted, int64_t n, double q)
{
    const double place = q * (double)(n - 1), low = floor(place);
    const int64_t i = (int64_t)low, next = i + 1 < n ? i + 1 : i;
    return sorted[i] + (place - low) * (sorted[next] - sorted[i]);
}

double plain_summary(const sheaf_view *inputs, const sheaf_view *outputs)
{
    static const double q[] = {0.05, 0.5, 0.95};
    const int64_t n = sheaf_view_size(inputs);
    double *sorted = malloc((size_t)n * sizeof *sorted), expected[4], worst = 0;
    if (!sorted || sheaf_view_size(&outputs[4]) != 3) {
        free(sorted);
        return INFINITY;
    }
    memcpy(sorted, inputs->data, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    moments(inputs->data, n, 1, &expected[0], &expected[1]);
    expected[2] = sorted[0];
    expected[3] = sorted[n - 1];
    for (int k = 0; k < 4; k++)
        worst = fmax(worst, difference(element(&outputs[k], 0), expected[k]));
    for (int k = 0; k < 3; k++)
        worst = fmax(worst, difference(element(&outputs[4], k), sorted_quantile(sorted, n, q[k])));
    free(sorted);
    return worst;
}
