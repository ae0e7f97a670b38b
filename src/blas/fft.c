/* FFTW. Executing a plan is thread-safe, making one is not: plans are made under a lock, once, and kept. */

#include "blas/blas.h"

#ifdef SHEAF_FFTW

#include "base/alloc.h"
#include <fftw3.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

struct fft_plan {
    sheaf_dtype dtype;
    size_t n;
    fftw_plan f64;
    fftwf_plan f32;
    struct fft_plan *next;
};

/* Lists that only grow, at their head: read without the lock. */
#define BUCKETS 64
static _Atomic(struct fft_plan *) plans[BUCKETS];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static const struct fft_plan *find_plan(size_t bucket, sheaf_dtype dtype, size_t n)
{
    struct fft_plan *p = atomic_load_explicit(&plans[bucket], memory_order_acquire);
    while (p && (p->n != n || p->dtype != dtype))
        p = p->next;
    return p;
}

/* Estimated plans depend on dtype and n only, and on alignment: the scratch has that of every later call. */
static bool make_plan(struct fft_plan *p)
{
    size_t size = sheaf_dtype_size(p->dtype);
    void *x = mem_aligned((p->n / 2 + 1) * 2 * size);
    if (x && p->dtype == SHEAF_F32)
        p->f32 = fftwf_plan_dft_r2c_1d((int)p->n, x, x, FFTW_ESTIMATE);
    else if (x)
        p->f64 = fftw_plan_dft_r2c_1d((int)p->n, x, x, FFTW_ESTIMATE);
    mem_free(x);
    return p->f32 || p->f64;
}

sheaf_status fft_plan_real(sheaf_dtype dtype, size_t n, const struct fft_plan **plan, sheaf_error *error)
{
    size_t bucket = (n * 2654435761u + (dtype == SHEAF_F32)) / 7 % BUCKETS;
    *plan = find_plan(bucket, dtype, n);
    if (*plan)
        return SHEAF_OK;
    if (n > INT_MAX)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "rfft: rows of %zu elements; FFTW takes at most %d", n,
                               INT_MAX);
    pthread_mutex_lock(&making);
    *plan = find_plan(bucket, dtype, n);
    if (!*plan) {
        struct fft_plan *made = mem_calloc(1, sizeof *made);
        if (made) {
            made->dtype = dtype;
            made->n = n;
        }
        if (made && make_plan(made)) {
            made->next = atomic_load_explicit(&plans[bucket], memory_order_relaxed);
            atomic_store_explicit(&plans[bucket], made, memory_order_release);
            *plan = made;
        } else {
            mem_free(made);
        }
    }
    pthread_mutex_unlock(&making);
    if (!*plan)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "rfft: no memory to plan a transform of %zu elements", n);
    return SHEAF_OK;
}

void fft_execute_real(const struct fft_plan *plan, void *x)
{
    if (plan->f32)
        fftwf_execute_dft_r2c(plan->f32, x, x);
    else
        fftw_execute_dft_r2c(plan->f64, x, x);
}

bool fft_available(void)
{
    return true;
}

const char *fft_describe(void)
{
    return fftw_version;
}

#else

sheaf_status fft_plan_real(sheaf_dtype dtype, size_t n, const struct fft_plan **plan, sheaf_error *error)
{
    *plan = NULL;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "rfft: this build has no FFTW (%zu elements of %s not transformed); configure with "
                           "-DSHEAF_FFTW=ON",
                           n, sheaf_dtype_name(dtype));
}

void fft_execute_real(const struct fft_plan *plan, void *x)
{
    (void)plan;
    (void)x;
}

bool fft_available(void)
{
    return false;
}

const char *fft_describe(void)
{
    return "none";
}

#endif
