/* One's own C function mapped over arrays in memory: root mean square and peak of 1000 sine waves. */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WAVES = 1000,
    SAMPLES = 4096
};

/* Called from several threads at once, with one array each time. */
static sheaf_status rms_and_peak(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                 sheaf_error *error)
{
    (void)user;
    if (x->dtype != SHEAF_F64 || !sheaf_view_is_contiguous(x))
        return sheaf_error_set(error, SHEAF_CALLBACK, "%s: contiguous float64 is wanted", item->name);
    const double *values = x->data;
    double squares = 0, peak = 0;
    int64_t n = sheaf_view_size(x);
    for (int64_t i = 0; i < n; i++) {
        squares += values[i] * values[i];
        peak = fmax(peak, fabs(values[i]));
    }
    sheaf_status status = sheaf_output_f64(out, sqrt(squares / (double)n), error);
    return status ? status : sheaf_output_f64(out, peak, error);
}

/* Wave i has the amplitude i, hence the root mean square i/√2 and the peak i. */
static int check(const sheaf_results *results)
{
    for (size_t i = 0; i < WAVES; i++) {
        sheaf_view rms, peak;
        if (sheaf_results_view(results, i, 0, &rms, NULL) || sheaf_results_view(results, i, 1, &peak, NULL) ||
            fabs(*(double *)rms.data - (double)i / sqrt(2)) > 1e-9 || *(double *)peak.data != (double)i) {
            fprintf(stderr, "wave %zu is wrong\n", i);
            return 1;
        }
    }
    printf("%zu waves: root mean square = amplitude/sqrt(2), as it should be\n", sheaf_results_size(results));
    return 0;
}

int main(void)
{
    sheaf_error error;
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    int failed = 1;
    double *data = malloc(sizeof(double) * WAVES * SAMPLES);
    sheaf_view *views = malloc(sizeof *views * WAVES);
    if (!data || !views)
        goto done;
    for (size_t i = 0; i < WAVES; i++) {
        for (size_t j = 0; j < SAMPLES; j++)
            data[i * SAMPLES + j] = (double)i * cos(2 * 3.141592653589793 * (double)j / SAMPLES);
        views[i] = sheaf_view_f64(data + i * SAMPLES, SAMPLES);
    }
    if (sheaf_func_callback(rms_and_peak, NULL, 2, (const char *const[]){"rms", "peak"}, &func, &error) ||
        sheaf_batch_from_views(views, WAVES, &batch, &error) || sheaf_map(func, batch, NULL, &results, &error)) {
        fprintf(stderr, "%s\n", error.message);
        goto done;
    }
    failed = check(results);
done:
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(views);
    free(data);
    return failed;
}
