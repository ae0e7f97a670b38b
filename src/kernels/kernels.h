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
/* The same of a tile that comes in layers, all but the last of MOMENT_BLOCK rows, of at most KERNEL_LAYER_COLUMNS
 * columns. lanes: scratch that the layers share, which the first one sets. sums: NULL but for the last. */
typedef void kernel_sum_layer(size_t rows, size_t columns, const void *x, ptrdiff_t stride, bool first, double *lanes,
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
#define KERNEL_LAYER_COLUMNS 480

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

/* Which elements: x < lo, lo <= x <= hi, or x > hi. */
enum side {
    SIDE_BELOW,
    SIDE_WITHIN,
    SIDE_ABOVE
};
typedef size_t kernel_count_side(enum side side, size_t n, const void *x, const void *lo, const void *hi);
typedef size_t kernel_collect_side(enum side side, size_t n, const void *x, const void *lo, const void *hi, void *out);
typedef size_t kernel_places_side(enum side side, size_t n, const void *x, const void *lo, const void *hi,
                                  int64_t first, int64_t *places);
/* Bins of equal width. Bin k of x is where edges[k] <= x < edges[k + 1], the last one with its end; what is outside,
 * and NaN, goes to `bins`. edges are of the dtype, increasing; scale is bins / (last edge - first), and margin bounds
 * how far (x - first) * scale may be off, in bins, below 1/4. */
struct kernel_bins {
    uint32_t bins;
    double scale, margin;
    const void *edges;
};
/* How many elements are below, equal to, and above a bracket's ends, and strictly between them. */
struct kernel_bracket {
    size_t below, low, kept, high, above;
};
/* Tables of counters that are filled side by side. */
#define KERNEL_TABLES 8

typedef void kernel_turn(size_t n, size_t count, const char *src, ptrdiff_t stride, void *dst, ptrdiff_t ld);
/* Where a moving window stands. A row is cut into eights counted from its start, and its eights, down which eight
 * windows run side by side, into blocks of window / 8; what is missing, NaN and what is beyond the row's ends, counts
 * as the operation's neutral element.
 *
 * With pairs p2[i] = x[i-1] + x[i], fours p4[i] = p2[i-2] + p2[i] and eights p8[i] = p4[i-4] + p4[i], the sum of the
 * window that ends at i is few[i - 8 (window / 8)] + (behind + run): run are the p8[i], p8[i-8], … of the block that i
 * is in, added up from its start on, behind are those of the block before that are in the window, added up from its end
 * back, and few are the window % 8 elements that are left, x + (p2 + p4) of those that there are. Of run and behind
 * every WINDOW_RUN are summed on their own, then added to those before. Nothing is ever taken away: a sum depends on
 * its own elements alone, and an infinity leaves with its window.
 *
 * Least and greatest are made likewise, of numbers, and means and squared distances from them, by merging, without
 * WINDOW_RUN. */
#define WINDOW_RUN 64
enum window_kind {
    W_sum,
    W_min,
    W_max,
    W_mean, /* these are no kernels */
    W_var,
    W_std,
    W_median,
    W_ewm
};
struct window_state {
    size_t window, row; /* row: of its block, the next */
    double last[3][8];  /* elements, pairs, fours */
    double carry[8], local[8];
    double *behind; /* window / 8 + 1 rows of 8, the last one neutral; those before row are the block's own eights */
    double *rest;   /* window / 8 rows of 8 */
};
/* Mean, what is left of it, squared distances and count, one behind the other, where the above has one row of 8. */
#define WINDOW_MOMENTS 32
struct window_weights {
    double prefix[2], suffix[2], both[2]; /* of row, when nothing is missing: see merge in window_moments_body.inc */
};
struct window_moments {
    size_t window, row;
    double last[3][WINDOW_MOMENTS], run[WINDOW_MOMENTS];
    double *behind, *rest;
    const struct window_weights *weights; /* of every row of a block */
};

/* Exponential weights of c = 1 - alpha: powers c, c², … c⁸, weights 1, 1 + c, … */
struct decay {
    double alpha, powers[8], weights[8];
    int adjust;
};
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
    kernel_sum_layer *sum_layer[K_COUNT];
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

    /* For each of m queries its place in x, sorted ascending with NaN last: how many elements are less or, right, not
     * greater. Every dtype but f16. */
    void (*search[K_COUNT])(size_t n, const void *x, size_t m, const void *queries, bool right, int64_t *positions);
    /* y = the first of each run of equal elements, starts = first + their positions (may be NULL); how many. Without
     * the first run where it is equal to *before (may be NULL). y, which may be x, and starts have room for n. */
    size_t (*distinct[K_COUNT])(size_t n, const void *x, const void *before, void *y, int64_t first, int64_t *starts);
    /* index[i] = the bin of x[i]. */
    void (*bins_f32)(size_t n, const float *x, const struct kernel_bins *b, uint32_t *index);
    void (*bins_f64)(size_t n, const double *x, const struct kernel_bins *b, uint32_t *index);
    /* Count into one table, or KERNEL_TABLES of them, `stride` counters apart, which add up to the counts. */
    void (*count)(size_t n, const uint32_t *index, size_t tables, size_t stride, uint32_t *counts);
    void (*add_weights)(size_t n, const uint32_t *index, const double *weights, double *sums); /* in order */
    /* y = first + the positions of what is true; how many. y has room for n. */
    size_t (*positions)(size_t n, const uint8_t *truth, int64_t first, int64_t *y);
    /* Of sorting keys, i32 and i64: y, which has room for n, = the elements between *low and *high; *low <= *high. */
    void (*bracket[K_COUNT])(size_t n, const void *x, const void *low, const void *high, void *y,
                             struct kernel_bracket *counts);
    /* The windows that end at each of n eights of x; whether any of these is NaN. y may be x. */
    int (*window[W_max + 1])(size_t n, const double *x, double *y, struct window_state *w);
    /* Sums of squared distances from the mean, NaN where that is not finite: [0] when nothing was missing in the last
     * two blocks and is not here, [1] always. y may be x. */
    void (*window_moments[2])(size_t n, const double *x, double *y, struct window_moments *w);
    int (*any_missing)(size_t n, const double *x); /* of n eights */
    /* n eights y /= by, as y·(1/by) and a step of Newton's, then the square root if asked for. by is not 0. */
    void (*divide_all)(size_t n, double *y, double by, int root);
    void (*divide_each)(size_t n, double *y, const double *by, int root);

    /* Of n eights of finite x: sums s[i] = c s[i-1] + x[i] over their weights w[i] = c w[i-1] + 1 (adjust), or sums
     * s[i] = c s[i-1] + alpha x[i]; state: the last s, w. y may be x. */
    void (*decay)(size_t n, const double *x, double *y, const struct decay *d, double state[2]);
    int (*all_finite)(size_t n, const double *x); /* of n eights */
    /* y[i] = b[0] x[i] + … + b[m-1] x[i-m+1], by fma from the first on; m ≥ 1. */
    void (*fir)(size_t n, const double *x, size_t m, const double *b, double *y);
    /* y[i] += a[0] y[i-1] + … + a[m-1] y[i-m], by fma from the last on; m ≥ 1. Beside: of eight rows, eight doubles
     * from element to element. */
    void (*poles)(size_t n, double *y, size_t m, const double *a);
    void (*poles_beside)(size_t n, double *y, size_t m, const double *a);
    /* How many of m > 0 sorted numbers are less than each of n (keys), or not greater (f64; NaN: none are). */
    void (*places_keys)(size_t n, const int64_t *x, size_t m, const int64_t *sorted, uint32_t *places);
    void (*places_f64)(size_t n, const double *x, size_t m, const double *sorted, uint64_t *places);
    /* y[i] from the line between the neighbours of x[i] among m > 0 points xp, fp; slopes: of each of the m - 1 lines,
     * or NULL. places: those of x in xp. */
    void (*interpolate)(size_t n, const double *x, const uint64_t *places, size_t m, const double *xp, const double *fp,
                        const double *slopes, double *y);
    /* Every dtype but f16. */
    kernel_convolve *convolve[K_COUNT];
    /* Complex: z of n numbers from their sums with the real parts of the taps, p, and with the imaginary ones, q; of
     * conjugate numbers, if so. z may be p or q. */
    void (*convolve_join[K_COUNT])(size_t n, const void *p, const void *q, bool conjugate, void *z);

    /* Strided cast: dst[i] = (D)src[i], strides in bytes (any sign). Rules: sheaf_view_copy. Every pair. Fast for
     * contiguous to contiguous, and when the dtypes are the same. */
    void (*cast[K_COUNT][K_COUNT])(size_t n, const void *src, ptrdiff_t src_stride, void *dst, ptrdiff_t dst_stride);
    /* Transpose a panel of elements of 1, 2, 4, 8, 16 bytes (by log2): line r of dst, ld bytes from line to line,
     * gets element r of each of n runs of `count` neighbours, which begin `stride` bytes apart at src. */
    kernel_turn *turn[5];
    /* Of elements of 1, 2, 4, 8, 16 bytes, by log2. reverse: y[i] = x[n - 1 - i]. repeat: each element `times` times.
     * take: y[i] = x[places[i]], a negative place counted from `extent`. pack: the elements that are chosen, in order;
     * how many: nothing is written behind them. */
    void (*reverse[5])(size_t n, const void *x, void *y);
    void (*repeat[5])(size_t n, const void *x, size_t times, void *y);
    void (*take[5])(size_t n, const void *x, const int64_t *places, int64_t extent, void *y);
    size_t (*pack[5])(size_t n, const bool *chosen, const void *x, void *y);
    /* Copy past the caches, for results larger than they are; stream_end before anybody else may read them. */
    void (*stream)(size_t bytes, const void *from, void *to);
    void (*stream_end)(void);
    /* Reverse the bytes of each of n values of `size` bytes (2, 4, 8), in place. */
    void (*byteswap)(size_t n, size_t size, void *x);
    /* In place: f32 and f64 to signed integers of the same width that have their order, -0 before +0 and NaN (one for
     * all) last, u32 and u64 to signed ones; and back. */
    void (*to_keys[K_COUNT])(size_t n, void *x);
    void (*from_keys[K_COUNT])(size_t n, void *x);
    /* As kernel_sort, which calls it; NULL where the level has nothing fast to offer. */
    void (*sort[K_COUNT])(size_t n, void *x);
    /* Of sorting keys, i32 and i64; see kernel_partition and kernel_collect. */
    size_t (*partition[K_COUNT])(size_t n, void *x, const void *pivot);
    kernel_count_side *count_side[K_COUNT];
    kernel_collect_side *collect[K_COUNT];
    kernel_places_side *places[K_COUNT];
};

const struct kernels *kernels(void);
/* The table of one level (enum isa of base/cpu.h), NULL where this machine cannot run it. For tests and timing. */
const struct kernels *kernels_at(int isa);

/* Sort n elements in place, ascending: NaN last, -0 before +0, complex by real then imaginary part. Every dtype but
 * f16. The same result whichever does it: the level's own sort, vqsort (which dispatches by itself) or portable C. */
void kernel_sort(enum kdtype dtype, size_t n, void *x);
void kernel_sort_portable(enum kdtype dtype, size_t n, void *x);
bool kernel_sort_has_vqsort(void);

/* The sort of dtype is that of signed keys of this dtype: K_I32, K_I64, K_C64 or K_C128. Elements are cast to
 * kernel_key_source, then go through to_keys[source] where there is one. */
enum kdtype kernel_key_source(enum kdtype dtype);
enum kdtype kernel_key(enum kdtype dtype);

/* The following know keys only. Reorder x so that what is below the pivot comes first, or also what equals it; how many
 * those are. What order either side is in depends on the level. */
size_t kernel_partition(enum kdtype key, size_t n, void *x, const void *pivot, bool with_equal);
/* The elements on that side, in their order, to out, which has room for n; or their places counted from `first`; how
 * many they are. */
size_t kernel_count(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi);
size_t kernel_collect(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi,
                      void *out);
size_t kernel_places(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi,
                     int64_t first, int64_t *places);
/* -1, 0, 1 as a sorts before, with or behind b. */
int kernel_compare(enum kdtype key, const void *a, const void *b);

/* Reorder x so that x[k], k < n, is what sorting would put there, nothing before it is greater and nothing behind it
 * less. Every dtype but f16. Which order the rest is in depends on the level. */
void kernel_select(enum kdtype dtype, size_t n, void *x, size_t k);

#endif
