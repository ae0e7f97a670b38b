/* A calculation of one's own, put together from functions of the catalogue (docs/porting.md): `robust FILE...` prints
 * the mean of the samples within 3 MADs of the median, NaN if fewer than 10 remain, and the share that was kept;
 * without arguments it tries itself on numbers with two outliers. */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>

static const sheaf_view *of(const sheaf_array *array, sheaf_view *view)
{
    *view = sheaf_array_view(array);
    return view;
}

/* Of float64 samples. */
static bool robust(const sheaf_view *x, double *mean, double *share, sheaf_error *error)
{
    sheaf_array *middle = NULL, *off = NULL, *far = NULL, *mad = NULL, *limit = NULL, *keep = NULL, *kept = NULL;
    sheaf_view m, o, f, s, l, mask, three;
    sheaf_view_init(&three, &(double){3}, SHEAF_F64, 0, NULL, NULL);
    const bool failed = sheaf_median(x, NULL, &middle, error) || sheaf_sub(x, of(middle, &m), NULL, &off, error) ||
                        sheaf_abs(of(off, &o), NULL, &far, error) || sheaf_median(of(far, &f), NULL, &mad, error) ||
                        sheaf_mul(of(mad, &s), &three, NULL, &limit, error) ||
                        sheaf_less_equal(&f, of(limit, &l), NULL, &keep, error) ||
                        sheaf_compress(of(keep, &mask), x, NULL, &kept, error); /* x[keep] */
    if (!failed) {
        const sheaf_view rest = sheaf_array_view(kept);
        const int64_t n = sheaf_view_size(&rest);
        *mean = n < 10 ? NAN : sheaf_vec_mean_f64((size_t)n, rest.data);
        *share = (double)n / (double)sheaf_view_size(x);
    }
    sheaf_array *const made[] = {middle, off, far, mad, limit, keep, kept};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        sheaf_array_free(made[i]);
    return failed;
}

static bool robust_file(const char *path, sheaf_error *error)
{
    sheaf_array *array = NULL;
    sheaf_view x;
    double mean, share;
    bool failed = sheaf_file_load(path, &array, error) != SHEAF_OK;
    if (!failed && of(array, &x)->dtype != SHEAF_F64)
        failed = sheaf_error_set(error, SHEAF_DTYPE, "%s: float64 is wanted", path) != SHEAF_OK;
    failed = failed || robust(&x, &mean, &share, error);
    if (!failed)
        printf("%s,%.17g,%.17g\n", path, mean, share);
    sheaf_array_free(array);
    return failed;
}

int main(int argc, char **argv)
{
    /* 0 to 10 and 10 to 20: the median is 10, the MAD 5.5. */
    double samples[24] = {1000, -900}, mean = 0, share = 0;
    sheaf_error error;
    bool failed = false;
    for (int i = 0; i < 22; i++)
        samples[i + 2] = i < 11 ? i : i - 1;
    for (int i = 1; i < argc && !failed; i++)
        failed = robust_file(argv[i], &error);
    if (argc == 1) {
        const sheaf_view x = sheaf_view_f64(samples, 24);
        failed = robust(&x, &mean, &share, &error);
    }
    if (failed)
        fprintf(stderr, "%s\n", error.message);
    else if (argc == 1)
        printf("robust mean %g of %.0f of 24 samples\n", mean, 24 * share);
    return failed || (argc == 1 && (fabs(mean - 10) > 1e-12 || share != 22.0 / 24));
}
