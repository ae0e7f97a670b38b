#ifndef SHEAF_KERNELS_H
#define SHEAF_KERNELS_H

/* Serial range kernels: plain loops over n contiguous elements. They cannot fail, allocate nothing, open no team.
 * Every table below is compiled once per ISA level; kernels() gives the level in use.
 *
 * Bits: a kernel's result depends on the n values alone. Floating sums run over 32 lanes (lane l takes elements
 * l, l+32, …), the lanes are folded 16, 8, 4, 2, 1 apart; the three levels give the same bits. Elementary
 * functions are within 1 ULP or what functions.def says: SLEEF's finz variants, and kernels of our own for most. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The dtypes a kernel knows, in the order of sheaf_dtype (array/ checks that they agree). */
enum kdtype {
    K_BOOL,
    K_I8,
    K_I16,
    K_I32,
    K_I64,
    K_U8,
    K_U16,
    K_U32,
    K_U64,
    K_F16,
    K_F32,
    K_F64,
    K_C64,
    K_C128,
    K_COUNT
};

/* Elementwise kernels: name in functions.def, and the row order of the tables. */
/* clang-format off */
#define KERNELS_UNARY(X)                                                                                               \
    X(neg) X(abs) X(sqrt) X(square) X(exp) X(expm1) X(log) X(log1p) X(sin) X(cos) X(tanh)                              \
    X(cbrt) X(reciprocal) X(exp2) X(log2) X(log10) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(asinh) X(acosh)    \
    X(atanh) X(erf) X(erfc) X(gamma) X(lgamma) X(sigmoid) X(relu) X(sign) X(floor) X(ceil) X(trunc) X(round)           \
    X(isnan) X(isinf) X(isfinite) X(nan_to_num) X(real) X(imag) X(conj) X(angle) X(logical_not) X(bitwise_not)
#define KERNELS_BINARY(X)                                                                                              \
    X(add) X(sub) X(mul) X(div) X(pow) X(minimum) X(maximum) X(floor_divide) X(mod) X(fmod) X(hypot) X(atan2)          \
    X(equal) X(not_equal) X(less) X(less_equal) X(greater) X(greater_equal) X(logical_and) X(logical_or)               \
    X(logical_xor) X(bitwise_and) X(bitwise_or) X(bitwise_xor) X(left_shift) X(right_shift)
#define KERNELS_TERNARY(X) X(where) X(clip) X(slope)
/* clang-format on */

enum kunary {
#define X(name) K_##name,
    KERNELS_UNARY(X)
#undef X
    K_UNARY_COUNT
};
enum kbinary {
#define X(name) K_##name,
    KERNELS_BINARY(X)
#undef X
    K_BINARY_COUNT
};
enum kternary {
#define X(name) K_##name,
    KERNELS_TERNARY(X)
#undef X
    K_TERNARY_COUNT
};
enum scan_kind {
    S_cumsum,
    S_cumprod,
    S_cummin,
    S_cummax,
    SCAN_COUNT
};

/* Elements of the block that reductions work on: partial results are per block, counted from the start. */
#define KERNEL_BLOCK 4096
/* Elements of the parts of a block that have a mean of their own in var and its kin: the second pass hits L1. */
#define MOMENT_BLOCK 1024
/* Elements of the tile that gathers strided or cast input for elementwise work. */
#define KERNEL_TILE 512

/* y[i] = f(x[i]). x and y are either the same or do not overlap. y has x's dtype, except abs, real, imag and angle of
 * complex (real) and isnan, isinf and isfinite (bool). logical kernels take and give bool only: what is tested is cast
 * to bool above. */
typedef void kernel_unary(size_t n, const void *x, void *y);
/* z[i] = f(x[i], y[i]); z may be x or y. Integer overflow wraps. pow of integers: the exponent is ≥ 0 (checked
 * above). */
typedef void kernel_binary(size_t n, const void *x, const void *y, void *z);
/* w[i] = f(x[i], y[i], z[i]); w may be any of them. where: x is bool, the others and w of the table's dtype. slope:
 * (y[i] - x[i]) / z[i], of floats and complex, by the real part of z. */
typedef void kernel_ternary(size_t n, const void *x, const void *y, const void *z, void *w);

/* Reductions down the columns of a tile: rows ≤ KERNEL_BLOCK rows of columns contiguous elements each, stride bytes
 * (any sign) apart. Result c has the bits that the kernel for contiguous elements gives for column c gathered. */
typedef void kernel_sum_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, double *scratch,
                                double *sums);
typedef void kernel_m2_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, const double *means,
                               double *scratch, double *m2s);
typedef void kernel_dot_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, const void *y,
                                ptrdiff_t y_stride, double *scratch, double *dots);
typedef void kernel_powers_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, const double *means,
                                   double *scratch, double *const s[3]);
typedef void kernel_dot_int_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, const void *y,
                                    ptrdiff_t y_stride, uint64_t *dots);
typedef void kernel_sum_int_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, uint64_t *sums);
typedef void kernel_minmax_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, void *min, void *max);
typedef void kernel_count_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, size_t *counts);
/* The position of the first least or greatest element of each column, of the first NaN if any, and a value equal to
 * it. */
typedef void kernel_best_columns(size_t rows, size_t columns, const void *x, ptrdiff_t stride, bool greatest,
                                 void *best, size_t *positions);
/* Scratch of the floating ones: so many doubles for any tile. */
#define KERNEL_COLUMN_SCRATCH 16384

/* Where a scan stands. What one number carries on is in carry[0]; complex ones use [1] too.
 *
 * Sums of floats and complex, in doubles: a row is cut into blocks of KERNEL_BLOCK counted from its start, and
 * y[i] = carry + (local + p[i]), where p are the running sums of the group of 8 that i is in (simd.h has their order),
 * local is the sum of the block's groups before it, and carry is the unrounded last y of the block before. All of them
 * start as -0. Whoever walks a row ends its blocks: carry += local, local = -0. A call begins at a multiple of 8.
 * Products of floats and complex go left to right, in doubles: no other order keeps what overflows or vanishes on the
 * way. They start as 1, complex ones also with local[0] = 0, which the first element makes 1.
 * Sums and products of integers start as 0 or 1, in 64 bits; running extremes as the first element, in their dtype. */
struct scan_state {
    double carry[2], local[2];
};
typedef void kernel_scan(size_t n, const void *x, void *y, struct scan_state *s); /* y may be x */
typedef void kernel_scan_end(size_t n, const void *x, struct scan_state *s);      /* the state only */
/* The same down n rows of neighbouring columns, whose rows are a step (in bytes) apart; carry and local have an element
 * a column. For sums of complex numbers a column is a part. y may be x with x's step. */
typedef void kernel_scan_columns(size_t n, size_t columns, const void *x, ptrdiff_t x_step, void *y, ptrdiff_t y_step,
                                 void *carry, double *local);

/* Weighted sums of neighbours: z[j] = sum over rows r, then taps c, of rows[r][j + c step] taps[r][c], term after term
 * from 0. Floats add by fma; a sum that is -0 is given as 0, so that terms which are zeros can be left out. Integers
 * are exact modulo 2^bits; bool: or of ands, its taps all ones or 0, any bits a result that is true. */
struct kernel_convolution {
    size_t nrows, count;     /* count: taps of a row */
    size_t step;             /* numbers from one tap's to the next one's */
    const void *const *rows; /* each of n + (count - 1) step numbers */
    const void *const *taps;
};
/* z and its n results lie contiguous, apart from the rows. scratch: KERNEL_CONVOLVE_SCRATCH bytes, aligned to 64; used
 * by floats only. A complex dtype's kernel is its real one: both parts are numbers, the step is 2. */
typedef void kernel_convolve(const struct kernel_convolution *w, size_t n, void *z, void *scratch);
#define KERNEL_CONVOLVE_SCRATCH 98304

struct kernels {
    /* NULL where the dtype has no such kernel. neg abs square: all numeric but f16 (abs and square of bool: copy /
     * and); the rest: f32 f64 c64 c128. */
    kernel_unary *unary[K_UNARY_COUNT][K_COUNT];
    kernel_unary *fast[K_UNARY_COUNT][K_COUNT]; /* up to 3.5 ULP; NULL where unary's is the fastest there is */
    /* add sub mul minimum maximum: all but f16 (bool: or, -, and, and, or; sub of bool is NULL); div: f32 f64 c64
     * c128; pow: integers, f32 f64 c64 c128. minimum and maximum give NaN when either is NaN (complex:
     * lexicographic). Comparisons give bool. */
    kernel_binary *binary[K_BINARY_COUNT][K_COUNT];
    kernel_ternary *ternary[K_TERNARY_COUNT][K_COUNT];

    /* Reductions over n ≤ KERNEL_BLOCK contiguous elements, in double. */
    double (*sum_f64)(size_t n, const double *x);
    double (*sum_f32)(size_t n, const float *x);
    double (*m2_f64)(size_t n, const double *x, double mean); /* Σ (x - mean)², lanes as for sum, by fma */
    double (*m2_f32)(size_t n, const float *x, double mean);
    /* Least and greatest, n ≥ 1, both NaN when any element is; of equal zeros, -0 is less. Either may be NULL. */
    void (*minmax_f64)(size_t n, const double *x, double *min, double *max);
    void (*minmax_f32)(size_t n, const float *x, float *min, float *max);
    /* One pass over the block for stats: as sum and minmax together. */
    void (*summinmax_f64)(size_t n, const double *x, double *sum, double *min, double *max);
    void (*summinmax_f32)(size_t n, const float *x, double *sum, double *min, double *max);

    /* Σ x y, by fma. */
    double (*dot_f64)(size_t n, const double *x, const double *y);
    double (*dot_f32)(size_t n, const float *x, const float *y);
    /* Σ w (x - mean)², as fma(w d, d, sum). */
    double (*weighted_m2)(size_t n, const double *w, const double *x, double mean);
    /* Σ d², Σ d³, Σ d⁴ with d = x - mean. */
    void (*powers_f64)(size_t n, const double *x, double mean, double s[3]);
    void (*powers_f32)(size_t n, const float *x, double mean, double s[3]);
    /* Products; complex ones, their parts apart, multiply as the elementwise kernel does. */
    double (*prod_f64)(size_t n, const double *x);
    double (*prod_f32)(size_t n, const float *x);
    void (*prod_split)(size_t n, const double *re, const double *im, double product[2]);
    /* Exact sums of parts of the elements. big = 1.5 · 2^(e+12) with |x[i]| ≤ 2^e, -990 ≤ e ≤ 1000: sums[0] of the
     * parts that are multiples of 2^(e-40), sums[1] of what is left as multiples of 2^(e-81). What then remains of
     * each goes to rest, which may be x; whether any of it is not 0. */
    int (*exact)(size_t n, const double *x, double big, double *rest, double sums[2]);
    /* y = the elements of x that are not NaN (complex: in neither part), in order; their number. y has room for n and
     * is not x. f32 f64 c64 c128; NULL for the others. */
    size_t (*compress[K_COUNT])(size_t n, const void *x, void *y);
    size_t (*compress_split)(size_t n, const double *re, const double *im, double *to_re, double *to_im);

    /* Modulo 2⁶⁴, signed dtypes sign-extended; bool: and. NULL for what is no integer. */
    uint64_t (*prod_int[K_COUNT])(size_t n, const void *x);
    /* Σ x y, right in the dtype's own bits; bool: or of ands. */
    uint64_t (*dot_int[K_COUNT])(size_t n, const void *x, const void *y);
    /* Integers (and bool, as 0 and 1): exact modulo 2⁶⁴; sign-extended for signed dtypes. NULL for the others. */
    uint64_t (*sum_int[K_COUNT])(size_t n, const void *x);
    /* Least and greatest element, n ≥ 1; integers, bool and complex (lexicographic; a NaN element if any). */
    void (*minmax[K_COUNT])(size_t n, const void *x, void *min, void *max);

    /* The same down columns: f32 and f64, of which powers want what lies in a cache; integers and bool; real
     * dtypes, n ≥ 1; every dtype but f16. */
    kernel_sum_columns *sum_columns[K_COUNT];
    kernel_m2_columns *m2_columns[K_COUNT];
    kernel_sum_columns *prod_columns[K_COUNT];
    kernel_dot_columns *dot_columns[K_COUNT];
    kernel_powers_columns *powers_columns[K_COUNT];
    kernel_sum_int_columns *sum_int_columns[K_COUNT];
    kernel_sum_int_columns *prod_int_columns[K_COUNT];
    kernel_dot_int_columns *dot_int_columns[K_COUNT];
    kernel_minmax_columns *minmax_columns[K_COUNT];
    kernel_best_columns *best_columns[K_COUNT]; /* all of these but bool */
    kernel_count_columns *count_nonzero_columns[K_COUNT];

    /* Every dtype but f16: number of elements that are not 0 (NaN counts). */
    size_t (*count_nonzero[K_COUNT])(size_t n, const void *x);
    /* Position of the first element equal to *value (or the first NaN when *value is NaN); n when there is none. */
    size_t (*find[K_COUNT])(size_t n, const void *x, const void *value);

    /* Sums and products: int64, uint64, floats, complex; extremes: all but complex; none of f16. scan_end is NULL
     * for products of floats, scan_columns for those of complex. */
    kernel_scan *scan[SCAN_COUNT][K_COUNT];
    kernel_scan_end *scan_end[SCAN_COUNT][K_COUNT];
    kernel_scan_columns *scan_columns[SCAN_COUNT][K_COUNT];

    /* Every dtype but f16. */
    kernel_convolve *convolve[K_COUNT];
    /* Complex: z of n numbers from their sums with the real parts of the taps, p, and with the imaginary ones, q; of
     * conjugate numbers, if so. z may be p or q. */
    void (*convolve_join[K_COUNT])(size_t n, const void *p, const void *q, bool conjugate, void *z);

    /* Strided cast: dst[i] = (D)src[i], strides in bytes (any sign). Rules: sheaf_view_copy. Every pair. Fast for
     * contiguous to contiguous, and when the dtypes are the same. */
    void (*cast[K_COUNT][K_COUNT])(size_t n, const void *src, ptrdiff_t src_stride, void *dst, ptrdiff_t dst_stride);
    /* Transpose a panel of elements of 1, 2, 4, 8, 16 bytes (by log2): line r of dst, ld elements from line to line,
     * gets element r of each of n runs of `count` neighbours, which begin `stride` bytes apart at src. */
    void (*transpose[5])(size_t n, size_t count, const char *src, ptrdiff_t stride, void *dst, size_t ld);
    /* Copy past the caches, for results larger than they are; stream_end before anybody else may read them. */
    void (*stream)(size_t bytes, const void *from, void *to);
    void (*stream_end)(void);
    /* Reverse the bytes of each of n values of `size` bytes (2, 4, 8), in place. */
    void (*byteswap)(size_t n, size_t size, void *x);
    /* f32 and f64, in place: numbers to signed integers of the same width that have their order, -0 before +0 and NaN
     * (one for all) last; and back. */
    void (*to_keys[K_COUNT])(size_t n, void *x);
    void (*from_keys[K_COUNT])(size_t n, void *x);
    /* As kernel_sort, which calls it; NULL where the level has nothing fast to offer. */
    void (*sort[K_COUNT])(size_t n, void *x);
};

const struct kernels *kernels(void);
/* The table of one level (enum isa of base/cpu.h), NULL where this machine cannot run it. For tests and timing. */
const struct kernels *kernels_at(int isa);

/* Sort n elements in place, ascending: NaN last, -0 before +0, complex by real then imaginary part. Every dtype but
 * f16. The same result whichever does it: the level's own sort, vqsort (which dispatches by itself) or portable C. */
void kernel_sort(enum kdtype dtype, size_t n, void *x);
void kernel_sort_portable(enum kdtype dtype, size_t n, void *x);
bool kernel_sort_has_vqsort(void);

#endif
