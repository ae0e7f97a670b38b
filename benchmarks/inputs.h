#ifndef BENCH_INPUTS_H
#define BENCH_INPUTS_H

/* Reproducible inputs of benchmarks that call one function of the catalogue, kept for the next case that asks for the
 * same, and their files for the Python side. */

#include <sheaf/sheaf.h>

/* In which order the values come, and which. */
enum pattern {
    PATTERN_RANDOM,
    PATTERN_ASCENDING,
    PATTERN_DESCENDING,
    PATTERN_FEW, /* 16 different ones */
    PATTERN_NAN  /* a quarter NaN, where the dtype has it */
};

/* Values spread evenly over [low, high), whole ones for integers; low and -low when low = high; for bool either. */
struct operand {
    sheaf_dtype dtype;
    double low, high;
};

/* The first n values of input slot (0 to SHEAF_MAX_INPUTS - 1) as a vector. False, with a message: no memory. */
bool inputs_get(int slot, const struct operand *operand, enum pattern pattern, int64_t n, sheaf_view *view);
/* Its .npy, reshaped; valid until the next inputs_get of another kind. */
const char *inputs_file(int slot, int ndim, const int64_t *shape);
void inputs_free(void);

#endif
