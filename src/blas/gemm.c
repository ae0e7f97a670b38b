/* OpenBLAS, always on the calling thread alone. */

#include "blas/blas.h"
#include <cblas.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>

/* openblas_get_parallel() */
#define BLAS_PTHREADS 1
#define BLAS_OPENMP 2

static int threading;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Which build is loaded is decided at run time. The pthread one has a process-wide setting only. */
static void look(void)
{
    threading = openblas_get_parallel();
    if (threading == BLAS_PTHREADS)
        openblas_set_num_threads(1);
}

/* The OpenMP build is serial within a parallel region by itself; elsewhere it asks the calling thread's setting.
 * Returns what to restore, 0: nothing. */
static int blas_enter(void)
{
    pthread_once(&once, look);
    if (threading != BLAS_OPENMP || omp_in_parallel())
        return 0;
    int saved = omp_get_max_threads();
    if (saved == 1)
        return 0;
    omp_set_num_threads(1);
    return saved;
}

static void blas_leave(int saved)
{
    if (saved)
        omp_set_num_threads(saved);
}

void blas_gemm(sheaf_dtype dtype, size_t m, size_t n, size_t k, const void *a, size_t lda, const void *b, size_t ldb,
               void *c, size_t ldc)
{
    static const float one32[2] = {1, 0}, zero32[2] = {0, 0};
    static const double one64[2] = {1, 0}, zero64[2] = {0, 0};
    blasint rows = (blasint)m, columns = (blasint)n, inner = (blasint)k;
    blasint la = (blasint)lda, lb = (blasint)ldb, lc = (blasint)ldc;
    int saved = blas_enter();
    switch (dtype) {
    case SHEAF_F32:
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, 1, a, la, b, lb, 0, c, lc);
        break;
    case SHEAF_F64:
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, 1, a, la, b, lb, 0, c, lc);
        break;
    case SHEAF_C64:
        cblas_cgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, one32, a, la, b, lb, zero32, c,
                    lc);
        break;
    default:
        cblas_zgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, one64, a, la, b, lb, zero64, c,
                    lc);
        break;
    }
    blas_leave(saved);
}

void blas_describe(char *text, size_t size)
{
    pthread_once(&once, look);
    const char *model = threading == BLAS_OPENMP ? "OpenMP" : threading == BLAS_PTHREADS ? "pthreads" : "serial";
    const char *config = openblas_get_config();
    int version = 0;
    while (config[version] && !(config[version] == ' ' && version > 9))
        version++;
    snprintf(text, size, "%.*s, %s, %s kernels", version, config, model, openblas_get_corename());
}
