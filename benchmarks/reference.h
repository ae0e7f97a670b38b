#ifndef BENCH_REFERENCE_H
#define BENCH_REFERENCE_H

/* What the functions of the catalogue are, in plain C over doubles: results are compared with it before a time is
 * reported. */

#include <sheaf/sheaf.h>

/* Elementwise, and the arguments it is timed on: x over [low, high). NULL where there is none. */
struct reference_map {
    const char *name;
    double (*value)(double x, double y, double z);
    double low, high;
    bool elementary; /* of the benchmark of unary functions and pow, atan2, hypot */
};
extern const struct reference_map reference_maps[];
extern const size_t reference_nmaps;
const struct reference_map *reference_map_find(const char *name);

/* Along an axis: a line of n elements to outputs; y is of functions with two inputs only. */
struct reference_line {
    const char *name;
    void (*value)(const double *x, const double *y, size_t n, double *out);
    int nout; /* numbers a line gives; REFERENCE_SAME: n, REFERENCE_LESS: n - 1 */
};
#define REFERENCE_SAME (-1)
#define REFERENCE_LESS (-2)
const struct reference_line *reference_line_find(const char *name);

/* The element at this place in C order, as a double. */
double reference_element(const sheaf_view *view, int64_t place);

/* The worst |a - b| / max(|b|, 1) of the output (or outputs, of stats) at some or all places; -1: no reference,
 * INFINITY: of another shape. axis: -1 for the whole array as one line. */
double reference_compare(const char *name, const sheaf_view *inputs, int axis, const sheaf_view *outputs, int nout);

#endif
