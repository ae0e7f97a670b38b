/* One expression over arrays in memory, all cores, no temporaries: what numexpr.evaluate does for Python. */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    N = 1000000
};

static double largest_difference(const double *a, const double *b, const double *y)
{
    double worst = 0;
    for (int i = 0; i < N; i++)
        worst = fmax(worst, fabs(y[i] - sqrt(exp(-a[i] * a[i]) + b[i] * 0.5)));
    return worst;
}

int main(void)
{
    static const char *const names[] = {"a", "b"};
    double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
    sheaf_func *f = NULL;
    sheaf_array *out[2] = {NULL, NULL};
    sheaf_error error = {SHEAF_OK, ""};
    double worst = INFINITY;
    for (int i = 0; a && b && i < N; i++) {
        a[i] = 3.0 * i / N;
        b[i] = 1.0 + i % 7;
    }
    sheaf_view x = sheaf_view_f64(a, a && b ? N : 0), y = sheaf_view_f64(b, a && b ? N : 0);
    if (sheaf_func_parse("y = sqrt(exp(-a*a) + b*0.5); y, highest=max(y)", 2, names, &f, &error) ||
        sheaf_func_eval(f, 2, (const sheaf_view *const[]){&x, &y}, NULL, out, &error)) {
        fprintf(stderr, "%s\n", error.message);
    } else {
        const double *highest = sheaf_array_data(out[1]);
        worst = largest_difference(a, b, sheaf_array_data(out[0]));
        printf("%s is %.6f; the C library's results differ by %.1g at most\n", sheaf_func_output_name(f, 1), *highest,
               worst);
    }
    sheaf_array_free(out[0]);
    sheaf_array_free(out[1]);
    sheaf_func_free(f);
    free(a);
    free(b);
    return worst < 1e-15 ? 0 : 1;
}
