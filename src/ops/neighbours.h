#ifndef SHEAF_OPS_NEIGHBOURS_H
#define SHEAF_OPS_NEIGHBOURS_H

/* Weighted sums of neighbours, which convolutions, correlations and stencils are: a window of taps lies on x at every
 * place of the result. */

#include "ops/op.h"

/* What stands outside x: nothing, so that terms are left out; the same number everywhere; or elements of x. With abcd
 * in x there stand: a a|abcd|d d; b a|abcd|d c; c b|abcd|c b; c d|abcd|a b. */
enum edge {
    EDGE_NOTHING,
    EDGE_CONSTANT,
    EDGE_NEAREST,
    EDGE_REFLECT,
    EDGE_MIRROR,
    EDGE_WRAP
};

/* out[i] = sum over k of x[i + k - origin] taps[k], term after term in the order of x's elements. All have as many
 * dimensions; where x is a stack, taps has extent 1. */
struct neighbours {
    const char *name; /* of the function */
    sheaf_view x, taps, out;
    int64_t origin[SHEAF_MAX_NDIM];
    enum edge edge;
    double value; /* outside, where it is EDGE_CONSTANT */
    bool conjugate_x, conjugate_taps;
};
sheaf_status neighbours_run(const struct neighbours *n, const team *t, sheaf_error *error);

/* Which element, of n, stands at place i of an axis; -1 for none. */
int64_t neighbours_place(enum edge edge, int64_t i, int64_t n);

#endif
