#ifndef SHEAF_OPTIONS_H
#define SHEAF_OPTIONS_H

/* Options of a catalogue function. Fill with sheaf_options_init, then change what you need; NULL means the
 * defaults everywhere. The struct grows at its end only. */

#include <sheaf/array.h>

typedef struct sheaf_options {
    size_t struct_size;
    int naxes; /* reductions: how many of axes are given; 0 reduces over all. sort, cumsum, rfft: 0 or 1 (0: last
                  axis for sort and rfft; the flattened array for cumsum), as in NumPy */
    int axes[SHEAF_MAX_NDIM]; /* may be negative, counting from the last */
    bool keepdims;            /* reductions: keep reduced dimensions as size 1 */
    double ddof;              /* var, std, stats: divide by count - ddof */
    int threads;              /* at most this many threads; 0: see sheaf_threads() */
    const sheaf_view *into;   /* single-output functions: write here (shape and dtype must match) and leave *out
                                 NULL. Must not overlap an input, except that an elementwise function may write
                                 onto an input that is exactly the same view */
} sheaf_options;

SHEAF_API void sheaf_options_init(sheaf_options *options);

#endif
