#ifndef SHEAF_OPTIONS_H
#define SHEAF_OPTIONS_H

/* Options of a catalogue function. Fill with sheaf_options_init, then change what you need; NULL means the
 * defaults everywhere. A function's entry names the options it takes (sheaf_function_info.options); it does not look
 * at others. What pointers lead to must live as long as the call, or as the sheaf_func made with them. The struct
 * grows at its end only. */

#include <sheaf/array.h>

typedef struct sheaf_options {
    size_t struct_size;
    int naxes; /* how many of axes are given. Reductions: any number, 0 reduces over all (trapz, dot: the last).
                  Functions along an axis: 0 or 1 (0: the last; scans: the flattened array), as in NumPy */
    int axes[SHEAF_MAX_NDIM];  /* may be negative, counting from the last */
    bool keepdims;             /* reductions: keep reduced dimensions as size 1 */
    double ddof;               /* var, std and their kin: divide by count - ddof */
    int threads;               /* at most this many threads; 0: see sheaf_threads() */
    const sheaf_view *into;    /* single-output functions: write here (shape and dtype must match) and leave *out
                                  NULL. Must not overlap an input, except that an elementwise function may write
                                  onto an input that is exactly the same view */
    bool fast;                 /* elementary functions of real floats: up to 3.5 ULP off, where that is faster */
    int order;                 /* diff: differences of differences, so many times; 0 means once */
    double spacing;            /* gradient, trapz: the distance h of neighbours; 0 means 1 */
    const sheaf_view *weights; /* mean, var, std: w[i] of each element, real, not negative. Of x's shape or
                                  broadcasting to it, or one-dimensional along the only axis given:
                                  mean = sum w x / sum w, var = sum w |x - mean|^2 / (sum w - ddof).
                                  histogram, bincount: what each element adds to its count, of x's shape */

    /* Words; NULL means the first of those named. */
    const char *method; /* quantiles: "linear", "lower", "higher", "nearest", "midpoint".
                           rank: "ordinal", "average", "min", "max", "dense" */
    const char *mode;   /* what happens at the edges. pad: "constant", "edge", "reflect", "wrap".
                           convolve, convolve2d, correlate2d: "full", "same", "valid"; correlate, as NumPy's:
                           "valid", "same", "full". stencil: "reflect", "constant", "nearest", "mirror", "wrap" */
    const char *side;   /* searchsorted: "left", before equal elements; "right", behind them */
    bool right;         /* digitize: intervals contain their right end instead of their left */

    /* Numbers. */
    int64_t k;                 /* topk, argtopk: how many, the greatest first; negative: the least first. partition,
                                  argpartition: the position, from the end if negative. diag, tril, triu, eye: the
                                  diagonal, 0 the main one, positive above it */
    int64_t bins;              /* histogram: how many bins of equal width; 10 */
    double range[2];           /* histogram: first and last edge; both 0: the least and greatest element */
    const sheaf_view *edges;   /* histogram: the edges themselves, rank 1, increasing */
    int64_t minlength;         /* bincount: the least length of the result */
    int64_t sections;          /* split: into how many equal parts */
    int64_t window, min_count; /* moving_*: length of the window, and how many of its elements must be numbers for a
                                  result; min_count 0: all of them */
    bool center;               /* moving_*: the window is centred on its element instead of ending there */
    double alpha;              /* ewm: the weight of the newest element, 0 < alpha <= 1 */
    bool adjust;               /* ewm: divide by the sum of the weights (true); false: y[i] = (1 - alpha) y[i-1] +
                                  alpha x[i] */
    double value;              /* pad, stencil with mode "constant": what stands outside */
    double start, stop, step;  /* arange, linspace: first number, end, and for arange the distance; 0, 0, 1 */
    int64_t num;               /* linspace: how many; 50 */
    sheaf_dtype dtype; /* zeros, ones, full, eye, linspace, arange: of the result; SHEAF_DTYPE_COUNT: not given */

    /* Lists, each with its length. */
    int nshape;
    int64_t shape[SHEAF_MAX_NDIM]; /* zeros, ones, full, reshape: the result's; one of reshape's may be -1. eye: rows,
                                      or rows and columns */
    int nshift;
    int64_t shift[SHEAF_MAX_NDIM]; /* roll: how far along each of axes; without axes one, of the flattened array */
    int nrepeats;
    int64_t repeats[SHEAF_MAX_NDIM]; /* tile: how often along each axis, the last ones when fewer. repeat: one */
    int nwidths;
    int64_t widths[SHEAF_MAX_NDIM][2]; /* pad: before and behind; one for all axes, or one for each */
    int ndestination;
    int destination[SHEAF_MAX_NDIM]; /* moveaxis: where each of axes goes */
} sheaf_options;

SHEAF_API void sheaf_options_init(sheaf_options *options);

#endif
