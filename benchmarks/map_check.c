/* Maps whose items all succeed; results compared before times are reported: with the other side's, and with plain C. */

#include "bench_map.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846264338327950288L

bool map_checked(const sheaf_func *func, const sheaf_batch *batch, sheaf_results **results)
{
    sheaf_error error = {0};
    sheaf_map_options map_options;
    const char *message = "";
    sheaf_map_options_init(&map_options);
    map_options.threads = bench_options()->threads;
    map_options.isolate = SHEAF_ISOLATE_NEVER; /* what that costs, map_isolated.c measures */
    if (sheaf_map(func, batch, &map_options, results, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    for (size_t i = 0; sheaf_results_failed(*results) && i < sheaf_results_size(*results); i++)
        if (sheaf_results_status(*results, i, &message) != SHEAF_OK)
            return bench_fail("item %zu: %s", i, message);
    return true;
}

bool item_values(const sheaf_results *results, size_t i, double buffer[SHEAF_MAX_OUTPUTS], const double **values,
                 size_t *n)
{
    sheaf_error error = {0};
    for (int k = 0;; k++) {
        sheaf_view y, cell;
        if (sheaf_results_view(results, i, k, &y, &error) != SHEAF_OK) {
            *values = buffer;
            *n = (size_t)k;
            return k > 0 || bench_fail("%s", error.message);
        }
        if (k == 0 && y.ndim > 0) {
            *values = y.data;
            *n = (size_t)sheaf_view_size(&y) * (y.dtype == SHEAF_C128 ? 2 : 1);
            return y.dtype == SHEAF_F64 || y.dtype == SHEAF_C128 || bench_fail("item %zu is not in double", i);
        }
        if (k >= SHEAF_MAX_OUTPUTS || sheaf_view_init(&cell, &buffer[k], SHEAF_F64, 0, NULL, &error) != SHEAF_OK ||
            sheaf_view_copy(&y, &cell, &error) != SHEAF_OK)
            return bench_fail("item %zu: %s", i, error.message);
    }
}

double worst_difference(const double *a, const double *b, size_t n, bool normwise)
{
    double worst = 0, norm = 0;
    for (size_t i = 0; normwise && i < n; i++)
        norm = fmax(norm, fabs(b[i]));
    for (size_t i = 0; i < n; i++) {
        double scale = normwise ? norm : fabs(b[i]);
        double difference = a[i] == b[i] || (isnan(a[i]) && isnan(b[i])) ? 0 : fabs(a[i] - b[i]) / scale;
        if (!(difference <= worst))
            worst = isnan(difference) ? INFINITY : difference;
    }
    return worst;
}

bool compare_results(const sheaf_results *results, const char *path, bool normwise, double *worst)
{
    sheaf_error error = {0};
    sheaf_array *array = NULL;
    bool ok = false;
    if (sheaf_file_load(path, &array, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    sheaf_view theirs = sheaf_array_view(array);
    size_t items = sheaf_results_size(results);
    size_t each = items ? (size_t)sheaf_view_size(&theirs) * (theirs.dtype == SHEAF_C128 ? 2 : 1) / items : 0;
    if (theirs.ndim < 1 || (size_t)theirs.shape[0] != items ||
        (theirs.dtype != SHEAF_F64 && theirs.dtype != SHEAF_C128)) {
        bench_fail("%s: another number of items, or not in double", path);
        goto done;
    }
    for (size_t i = 0; i < items; i++) {
        double buffer[SHEAF_MAX_OUTPUTS];
        const double *values;
        size_t n;
        if (!item_values(results, i, buffer, &values, &n))
            goto done;
        if (n != each) {
            bench_fail("item %zu: %zu numbers, the other side has %zu", i, n, each);
            goto done;
        }
        *worst = fmax(*worst, worst_difference(values, (const double *)theirs.data + i * each, n, normwise));
    }
    ok = true;
done:
    sheaf_array_free(array);
    return ok;
}

double reference_stats(const sheaf_view *x, const double *values, size_t n)
{
    const double *data = x->data;
    int64_t size = sheaf_view_size(x);
    long double sum = 0, squares = 0;
    double expected[5] = {(double)size, 0, 0, data[0], data[0]};
    if (n != 5)
        return INFINITY;
    for (int64_t i = 0; i < size; i++) {
        sum += data[i];
        expected[3] = fmin(expected[3], data[i]);
        expected[4] = fmax(expected[4], data[i]);
    }
    for (int64_t i = 0; i < size; i++)
        squares += (data[i] - sum / size) * (data[i] - sum / size);
    expected[1] = (double)(sum / size);
    expected[2] = (double)sqrtl(squares / size);
    return worst_difference(values, expected, 5, false);
}

double reference_heavy(const sheaf_view *x, const double *values, size_t n)
{
    const double *data = x->data;
    double worst = (int64_t)n == sheaf_view_size(x) ? 0 : INFINITY;
    for (size_t i = 0; i < n && worst < INFINITY; i++) {
        double expected = sqrt(exp(-data[i] * data[i]) + log1p(fabs(data[i])));
        worst = fmax(worst, worst_difference(&values[i], &expected, 1, false));
    }
    return worst;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double reference_sort(const sheaf_view *x, const double *values, size_t n)
{
    double *sorted = malloc(n * sizeof *sorted), worst = INFINITY;
    if (sorted && (int64_t)n == sheaf_view_size(x)) {
        memcpy(sorted, x->data, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_value);
        worst = worst_difference(values, sorted, n, false);
    }
    free(sorted);
    return worst;
}

/* A few bins of the definition, over the root of Σx², to which rounding errors of an FFT are relative. */
double reference_rfft(const sheaf_view *x, const double *values, size_t n)
{
    const double *data = x->data;
    uint64_t size = (uint64_t)sheaf_view_size(x);
    const uint64_t bins[] = {0, 1, size / 3, size / 2};
    long double squares = 0;
    double worst = 0;
    if (n != 2 * (size / 2 + 1))
        return INFINITY;
    for (uint64_t j = 0; j < size; j++)
        squares += data[j] * data[j];
    for (size_t b = 0; b < 4; b++) {
        long double re = 0, im = 0;
        for (uint64_t j = 0; j < size; j++) {
            long double angle = 2 * PI * (long double)(j * bins[b] % size) / (long double)size;
            re += data[j] * cosl(angle);
            im -= data[j] * sinl(angle);
        }
        re -= values[2 * bins[b]];
        im -= values[2 * bins[b] + 1];
        worst = fmax(worst, (double)sqrtl((re * re + im * im) / squares));
    }
    return worst;
}

double reference_matmul(const sheaf_view *x, const double *values, size_t n)
{
    const double *a = x->data;
    int64_t m = x->shape[0];
    double worst = 0, norm = 0;
    if (x->ndim != 2 || m != x->shape[1] || (int64_t)n != m * m)
        return INFINITY;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < m; j++) {
            long double sum = 0;
            for (int64_t k = 0; k < m; k++)
                sum += (long double)a[i * m + k] * a[k * m + j];
            worst = fmax(worst, fabs((double)(sum - values[i * m + j])));
            norm = fmax(norm, fabs((double)sum));
        }
    return worst / norm;
}
