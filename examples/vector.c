/* Sheaf as a maths library: a function on views, which uses all cores, and one on plain vectors, which never fails.
 *
 *     cc vector.c $(pkg-config --cflags --libs sheaf) -lm -o vector */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    enum {
        ROWS = 100,
        COLUMNS = 20000,
        N = ROWS * COLUMNS
    };
    sheaf_error error;
    sheaf_array *sums = NULL;
    int failed = 1;
    double *x = malloc(sizeof(double) * N), *y = malloc(sizeof(double) * N);
    if (!x || !y)
        goto done;

    /* y = exp(x), to within 1 ULP; serial, no allocation. */
    for (int i = 0; i < N; i++)
        x[i] = -1e-4 * (i % COLUMNS);
    sheaf_vec_exp_f64(N, x, y);

    /* Sums along the rows: a view with a shape, and an axis. */
    sheaf_view view;
    sheaf_options options;
    sheaf_options_init(&options);
    options.naxes = 1;
    options.axes[0] = -1;
    if (sheaf_view_init(&view, y, SHEAF_F64, 2, (const int64_t[]){ROWS, COLUMNS}, &error) ||
        sheaf_sum(&view, &options, &sums, &error)) {
        fprintf(stderr, "%s\n", error.message);
        goto done;
    }

    /* A geometric series: Σ qʲ = (1 - qⁿ)/(1 - q) with q = e^(-0.0001). */
    double expected = expm1(-1e-4 * COLUMNS) / expm1(-1e-4);
    const double *sum = sheaf_array_data(sums);
    for (int i = 0; i < ROWS; i++) {
        if (!(fabs(sum[i] / expected - 1) < 1e-14)) {
            fprintf(stderr, "row %d: %.17g, expected %.17g\n", i, sum[i], expected);
            goto done;
        }
    }
    printf("%d sums of %d exponentials: %.15g each\n", ROWS, COLUMNS, sum[0]);
    failed = 0;
done:
    sheaf_array_free(sums);
    free(y);
    free(x);
    return failed;
}
