/* Smoothing a field of two dimensions: `smooth IN.npy OUT.npy` writes the mean of each point's 5 x 5 neighbourhood;
 * without arguments, a slope of 300 x 400 points, which smoothing must leave as it is but at its rim. */

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>

#define SIZE 5

/* A new array: the mean of SIZE x SIZE neighbours of x; beyond the rim lies the nearest point. */
static sheaf_status smooth(const sheaf_view *x, sheaf_array **y, sheaf_error *error)
{
    float taps[SIZE][SIZE];
    for (int i = 0; i < SIZE * SIZE; i++)
        taps[i / SIZE][i % SIZE] = 1.0f / (SIZE * SIZE); /* float32: a float32 field stays one */
    sheaf_view kernel;
    sheaf_status status = sheaf_view_init(&kernel, taps, SHEAF_F32, 2, (int64_t[]){SIZE, SIZE}, error);
    sheaf_options options;
    sheaf_options_init(&options);
    options.mode = "nearest";
    return status ? status : sheaf_stencil(x, &kernel, &options, y, error);
}

static sheaf_status smooth_file(const char *from, const char *to, sheaf_error *error)
{
    sheaf_array *x = NULL, *y = NULL;
    sheaf_status status = sheaf_file_load(from, &x, error);
    if (!status) {
        sheaf_view view = sheaf_array_view(x);
        status = smooth(&view, &y, error);
    }
    if (!status) {
        sheaf_view view = sheaf_array_view(y);
        status = sheaf_file_save(to, &view, false, error);
    }
    sheaf_array_free(x);
    sheaf_array_free(y);
    return status;
}

static sheaf_status smooth_slope(double *worst, sheaf_error *error)
{
    enum {
        M = 300,
        N = 400
    };
    static double slope[M][N];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++)
            slope[i][j] = 2.0 * i - 0.5 * j;
    sheaf_array *y = NULL;
    sheaf_view x;
    sheaf_status status = sheaf_view_init(&x, slope, SHEAF_F64, 2, (int64_t[]){M, N}, error);
    if (!status)
        status = smooth(&x, &y, error);
    *worst = 0;
    for (int i = SIZE / 2; i < M - SIZE / 2 && !status; i++)
        for (int j = SIZE / 2; j < N - SIZE / 2; j++)
            *worst = fmax(*worst, fabs(((double *)sheaf_array_data(y))[i * N + j] - slope[i][j]));
    sheaf_array_free(y);
    return status;
}

int main(int argc, char **argv)
{
    sheaf_error error;
    double worst = 0;
    if (argc == 3 ? smooth_file(argv[1], argv[2], &error) : smooth_slope(&worst, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (argc != 3)
        printf("a slope smoothed: off by %.1e at most\n", worst);
    return worst > 1e-4; /* 25 taps of float32 add up to 1 within a few 1e-8 */
}
