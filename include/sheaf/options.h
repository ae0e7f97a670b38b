#ifndef SHEAF_OPTIONS_H
#define SHEAF_OPTIONS_H

/* Options of a catalogue function. Fill with sheaf_options_init, then change what you need; NULL means the
 * defaults everywhere. The struct grows at its end only. */

#include <sheaf/array.h>

typedef struct sheaf_options {
    size_t struct_size;
    int naxes; /* how many of axes are given. Reductions: any number, 0 reduces over all (trapz, dot: the last).
                  Functions along an axis: 0 or 1 (0: the last; scans: the flattened array), as in NumPy */
    int axes[SHEAF_MAX_NDIM];  /* may be negative, counting from the last */
    bool keepdims;             /* reductions: keep reduced dimensions as size 1 */
    double ddof;               /* var, std, stats, nanvar, nanstd: divide by count - ddof */
    int threads;               /* at most this many threads; 0: see sheaf_threads() */
    const sheaf_view *into;    /* single-output functions: write here (shape and dtype must match) and leave *out
                                  NULL. Must not overlap an input, except that an elementwise function may write
                                  onto an input that is exactly the same view */
    bool fast;                 /* elementary functions of real floats: up to 3.5 ULP off, where that is faster */
    int order;                 /* diff: differences of differences, so many times; 0 means once */
    double spacing;            /* gradient, trapz: the distance h of neighbours; 0 means 1 */
    const sheaf_view *weights; /* mean, var, std: w[i] of each element, real, not negative. Of x's shape or
                                  broadcasting to it, or one-dimensional along the only axis given:
                                  mean = sum w x / sum w, var = sum w |x - mean|^2 / (sum w - ddof) */
} sheaf_options;

SHEAF_API void sheaf_options_init(sheaf_options *options);

#endif
