/* A user's file: the sum of squares. */

#include <stddef.h>

double language_squares(const double *x, size_t n);

double language_squares(const double *x, size_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}
