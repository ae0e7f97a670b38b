#include "summary.h"
#include <math.h>
#include <sheaf/functions.h>
#include <string.h>

/* out[0..4] = count, mean, std, min, max of x. */
static sheaf_status five_numbers(const sheaf_view *x, double out[5], sheaf_error *error)
{
    sheaf_array *arrays[5] = {0};
    sheaf_status status = sheaf_stats(x, NULL, arrays, error);
    for (int k = 0; status == SHEAF_OK && k < 5; k++) {
        sheaf_view from = sheaf_array_view(arrays[k]), to;
        status = sheaf_view_init(&to, &out[k], SHEAF_F64, 0, NULL, error);
        if (status == SHEAF_OK)
            status = sheaf_view_copy(&from, &to, error);
    }
    for (int k = 0; k < 5; k++)
        sheaf_array_free(arrays[k]);
    return status;
}

static bool is_complex(sheaf_dtype dtype)
{
    return dtype == SHEAF_C64 || dtype == SHEAF_C128;
}

/* Move the values that are not NaN to the front (width 2: a complex number is NaN when a part is); their number. */
static int64_t pack(double *values, int64_t n, int width)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *v = values + i * width;
        if (isnan(v[0]) || (width == 2 && isnan(v[1])))
            continue;
        memmove(values + kept * width, v, (size_t)width * sizeof *v);
        kept++;
    }
    return kept;
}

static void finite_range(const double *values, int64_t n, double *s)
{
    double low = INFINITY, high = -INFINITY;
    int64_t infinite = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isinf(values[i])) {
            infinite++;
            continue;
        }
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    s[SUMMARY_INFINITE] = (double)infinite;
    s[SUMMARY_LOW] = low;
    s[SUMMARY_HIGH] = high;
}

static void count_bins(const double *values, int64_t n, double low, double high, double *bins)
{
    /* Halves, so that the range of the whole line of doubles does not overflow. */
    double half = high / 2 - low / 2;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        double at = half > 0 ? (values[i] / 2 - low / 2) / half * SUMMARY_BINS : 0;
        int b = at < SUMMARY_BINS - 1 ? (int)at : SUMMARY_BINS - 1;
        bins[b]++;
    }
}

/* Means of as many pieces as the line has, or the values themselves where they are fewer. NaN is left out. */
static void draw_line(const double *values, int64_t n, double *line)
{
    const int64_t pieces = n < SUMMARY_LINE ? n : SUMMARY_LINE;
    for (int64_t p = 0; p < pieces; p++) {
        double sum = 0;
        int64_t count = 0;
        for (int64_t i = p * n / pieces; i < (p + 1) * n / pieces; i++)
            if (isfinite(values[i])) {
                sum += values[i];
                count++;
            }
        line[p] = count ? sum / (double)count : NAN;
    }
}

/* count, mean and std of complex values; std is of the distance to the mean, as NumPy has it. */
static void complex_summary(const double *values, int64_t n, double *s)
{
    double re = 0, im = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        re += values[2 * i];
        im += values[2 * i + 1];
        s[SUMMARY_INFINITE] += isinf(values[2 * i]) || isinf(values[2 * i + 1]);
    }
    re /= (double)n;
    im /= (double)n;
    for (int64_t i = 0; i < n; i++) {
        double a = values[2 * i] - re, b = values[2 * i + 1] - im;
        sum += a * a + b * b;
    }
    s[SUMMARY_MEAN] = re;
    s[SUMMARY_MEAN_IMAG] = im;
    s[SUMMARY_STD] = sqrt(sum / (double)n);
}

static sheaf_status real_summary(double *values, int64_t n, double *s, double *bins, sheaf_error *error)
{
    double five[5];
    sheaf_view view = sheaf_view_f64(values, (size_t)n);
    sheaf_status status = five_numbers(&view, five, error);
    if (status != SHEAF_OK)
        return status;
    /* fabs: the sign of a NaN means nothing, and would be printed. */
    s[SUMMARY_MEAN] = isnan(five[1]) ? fabs(five[1]) : five[1];
    s[SUMMARY_STD] = fabs(five[2]);
    s[SUMMARY_MIN] = five[3];
    s[SUMMARY_MAX] = five[4];
    finite_range(values, n, s);
    count_bins(values, n, s[SUMMARY_LOW], s[SUMMARY_HIGH], bins);
    return SHEAF_OK;
}

sheaf_status summary_callback(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                              sheaf_error *error)
{
    (void)item;
    (void)user;
    int64_t fields = SUMMARY_FIELDS, nbins = SUMMARY_BINS, nline = SUMMARY_LINE, size = sheaf_view_size(x);
    bool pairs = is_complex(x->dtype);
    sheaf_view first, second, third;
    sheaf_array *copy = NULL;
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, 1, &fields, &first, error);
    if (status == SHEAF_OK)
        status = sheaf_output_array(out, SHEAF_F64, 1, &nbins, &second, error);
    if (status == SHEAF_OK)
        status = sheaf_output_array(out, SHEAF_F64, 1, &nline, &third, error);
    if (status == SHEAF_OK)
        status = sheaf_array_from_view(x, pairs ? SHEAF_C128 : SHEAF_F64, &copy, error);
    if (status != SHEAF_OK)
        goto done;
    double *s = first.data, *bins = second.data, *line = third.data, *values = sheaf_array_data(copy);
    memset(bins, 0, SUMMARY_BINS * sizeof *bins);
    for (int k = 0; k < SUMMARY_FIELDS; k++)
        s[k] = k == SUMMARY_INFINITE ? 0 : NAN;
    for (int k = 0; k < SUMMARY_LINE; k++)
        line[k] = NAN;
    if (x->ndim == 1 && !pairs)
        draw_line(values, size, line);
    int64_t n = pack(values, size, pairs ? 2 : 1);
    s[SUMMARY_COUNT] = (double)n;
    s[SUMMARY_NAN] = (double)(size - n);
    if (n > 0 && pairs)
        complex_summary(values, n, s);
    else if (n > 0)
        status = real_summary(values, n, s, bins, error);
done:
    sheaf_array_free(copy);
    return status;
}
