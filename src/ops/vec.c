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

static void map3(enum kternary kernel, enum kdtype dtype, size_t n, const void *x, const void *y, const void *z,
                 void *w)
{
    if (n == 0)
        return;
    struct fp_saved fp = fp_enter();
    kernels()->ternary[kernel][dtype](n, x, y, z, w);
    fp_leave(fp);
}

/* One row of n elements of x (and y) to *out; what the view door refuses leaves it as it was. */
static void reduce(enum op_index index, sheaf_dtype dtype, size_t n, const void *x, const void *y, void *out)
{
    const struct op *op = &op_table[index];
    struct fp_saved fp = fp_enter();
    if (n > 0 && op->kernel != R_fsum) {
        reduce_vector(op, dtype, n, x, y, out);
        fp_leave(fp);
        return;
    }
    sheaf_options options;
    sheaf_view in[2], result;
    int64_t shape = (int64_t)n;
    team t = team_one();
    sheaf_options_init(&options);
    sheaf_view_init(&in[0], (void *)(uintptr_t)x, dtype, 1, &shape, NULL);
    sheaf_view_init(&in[1], (void *)(uintptr_t)y, dtype, 1, &shape, NULL);
    if (op_infer(op, op->info.nin, in, &options, &result, NULL) == SHEAF_OK) {
        result.data = out;
        reduce_run(op, in, &options, &t, &result, NULL);
    }
    fp_leave(fp);
}

/* A running sum or a difference of one row; what the view door refuses leaves y as it was. */
static void scan(enum op_index index, sheaf_dtype dtype, size_t n, const void *x, void *y)
{
    const struct op *op = &op_table[index];
    sheaf_options options;
    sheaf_view in, out;
    int64_t shape = (int64_t)n;
    team t = team_one();
    sheaf_options_init(&options);
    sheaf_view_init(&in, (void *)(uintptr_t)x, dtype, 1, &shape, NULL);
    if (op_infer(op, 1, &in, &options, &out, NULL) == SHEAF_OK) {
        out.data = y;
        op_run(op, 1, &in, &options, &t, &out, NULL, NULL);
    }
}

#define EACH_TYPE(X, name, kernel) X(name, kernel, f64, F64, double) X(name, kernel, f32, F32, float)

#define MAP1(name, kernel, suffix, DTYPE, T)                     \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, T *y) \
    {                                                            \
        map1(kernel, K_##DTYPE, n, x, y);                        \
    }
#define MAP2(name, kernel, suffix, DTYPE, T)                                 \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, const T *y, T *z) \
    {                                                                        \
        map2(kernel, K_##DTYPE, n, x, y, z);                                 \
    }
#define MAP3(name, kernel, suffix, DTYPE, T)                                             \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, const T *y, const T *z, T *w) \
    {                                                                                    \
        map3(kernel, K_##DTYPE, n, x, y, z, w);                                          \
    }
#define TEST1(name, kernel, suffix, DTYPE, T)                       \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, bool *y) \
    {                                                               \
        map1(kernel, K_##DTYPE, n, x, y);                           \
    }
#define TEST2(name, kernel, suffix, DTYPE, T)                                   \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, const T *y, bool *z) \
    {                                                                           \
        map2(kernel, K_##DTYPE, n, x, y, z);                                    \
    }
#define SCAN(name, kernel, suffix, DTYPE, T)                     \
    void sheaf_vec_##name##_##suffix(size_t n, const T *x, T *y) \
    {                                                            \
        scan(OP_##name, SHEAF_##DTYPE, n, x, y);                 \
    }
#define SCALAR(name, kernel, suffix, DTYPE, T)            \
    T sheaf_vec_##name##_##suffix(size_t n, const T *x)   \
    {                                                     \
        T y = (T)NAN;                                     \
        reduce(OP_##name, SHEAF_##DTYPE, n, x, NULL, &y); \
        return y;                                         \
    }
#define SCALAR2(name, kernel, suffix, DTYPE, T)                     \
    T sheaf_vec_##name##_##suffix(size_t n, const T *x, const T *y) \
    {                                                               \
        T z = (T)NAN;                                               \
        reduce(OP_##name, SHEAF_##DTYPE, n, x, y, &z);              \
        return z;                                                   \
    }
#define INDEX(name, kernel, suffix, DTYPE, T)                 \
    int64_t sheaf_vec_##name##_##suffix(size_t n, const T *x) \
    {                                                         \
        int64_t y = -1;                                       \
        reduce(OP_##name, SHEAF_##DTYPE, n, x, NULL, &y);     \
        return y;                                             \
    }
#define TRUTH(name, kernel, suffix, DTYPE, T)              \
    bool sheaf_vec_##name##_##suffix(size_t n, const T *x) \
    {                                                      \
        bool y = false;                                    \
        reduce(OP_##name, SHEAF_##DTYPE, n, x, NULL, &y);  \
        return y;                                          \
    }
#define NONE(name, kernel, suffix, DTYPE, T)
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    EACH_TYPE(vector, name, kernel)
#include "ops/functions.def"
