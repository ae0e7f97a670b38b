#ifndef SHEAF_BLAS_H
#define SHEAF_BLAS_H

/* OpenBLAS and FFTW behind plain serial calls. Every OpenBLAS call runs on the calling thread alone. */

#include <sheaf/array.h>

/* c = a·b for row-major blocks, leading dimensions in elements; dtype f32 f64 c64 c128. Serial. */
void blas_gemm(sheaf_dtype dtype, size_t m, size_t n, size_t k, const void *a, size_t lda, const void *b, size_t ldb,
               void *c, size_t ldc);
void blas_describe(char *text, size_t size); /* library, threading model, kernel set */

/* Real FFT of length n, forward, unnormalised: y[k] = Σ_j x[j]·exp(-2πi·jk/n), k = 0..n/2. One plan per (dtype, n),
 * made once under a lock and kept. dtype F32 or F64 (of the input). */
struct fft_plan;
sheaf_status fft_plan_real(sheaf_dtype dtype, size_t n, const struct fft_plan **plan, sheaf_error *error);
/* In place: x, 64-byte aligned, holds n reals and gets n/2+1 complex numbers, for which it has room. Serial. */
void fft_execute_real(const struct fft_plan *plan, void *x);
bool fft_available(void);
const char *fft_describe(void);

#endif
