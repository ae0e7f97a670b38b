/* The vector door: n contiguous numbers, serial, no allocation, no failure, the bits of the view door. */

#include "base/fpenv.h"
#include "ops/reduce.h"
#include <math.h>
#include <sheaf/functions.h>

static void map1(enum kunary kernel, enum kdtype dtype, size_t n, const void *x, void *y)
{
    if (n == 0)
        return;
    struct fp_saved fp = fp_enter();
    kernels()->unary[kernel][dtype](n, x, y);
    fp_leave(fp);
}

static void map2(enum kbinary kernel, enum kdtype dtype, size_t n, const void *x, const void *y, void *z)
{
    if (n == 0)
        return;
    struct fp_saved fp = fp_enter();
    kernels()->binary[kernel][dtype](n, x, y, z);
    fp_leave(fp);
}

/* The least and greatest of nothing, which the view door refuses, are NaN here. */
static void scalar(enum reduction_kind kind, sheaf_dtype dtype, size_t n, const void *x, void *y)
{
    struct fp_saved fp = fp_enter();
    struct reduction r;
    reduce_choose(&r, kind, dtype);
    r.out[0] = dtype;
    r.ddof = 0;
    r.n = n;
    r.nblocks = n / KERNEL_BLOCK + (n % KERNEL_BLOCK != 0);
    r.direct = true;
    char *p[2] = {(char *)(uintptr_t)x, y};
    reduce_row(&r, p);
    fp_leave(fp);
}

#define VECTOR_NONE(name, kernel)
#define VECTOR_MAP1(name, kernel)                                     \
    void sheaf_vec_##name##_f64(size_t n, const double *x, double *y) \
    {                                                                 \
        map1(kernel, K_F64, n, x, y);                                 \
    }                                                                 \
    void sheaf_vec_##name##_f32(size_t n, const float *x, float *y)   \
    {                                                                 \
        map1(kernel, K_F32, n, x, y);                                 \
    }
#define VECTOR_MAP2(name, kernel)                                                      \
    void sheaf_vec_##name##_f64(size_t n, const double *x, const double *y, double *z) \
    {                                                                                  \
        map2(kernel, K_F64, n, x, y, z);                                               \
    }                                                                                  \
    void sheaf_vec_##name##_f32(size_t n, const float *x, const float *y, float *z)    \
    {                                                                                  \
        map2(kernel, K_F32, n, x, y, z);                                               \
    }
#define VECTOR_SCALAR(name, kernel)                          \
    double sheaf_vec_##name##_f64(size_t n, const double *x) \
    {                                                        \
        double y = NAN;                                      \
        if (n > 0 || kernel == R_sum)                        \
            scalar(kernel, SHEAF_F64, n, x, &y);             \
        return y;                                            \
    }                                                        \
    float sheaf_vec_##name##_f32(size_t n, const float *x)   \
    {                                                        \
        float y = NAN;                                       \
        if (n > 0 || kernel == R_sum)                        \
            scalar(kernel, SHEAF_F32, n, x, &y);             \
        return y;                                            \
    }
#define FUNCTION(name, aliases, class, nin, nout, outputs, dtypes, rule, kernel, vector, divisible, cost, bits, \
                 accuracy, help, formula, nan, example)                                                         \
    VECTOR_##vector(name, kernel)
#include "ops/functions.def"
