#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

/* The scratch directory, and the inputs that both sides read. */

#include <sheaf/array.h>
#include <stdbool.h>
#include <stdint.h>

bool scratch_open(void);
void scratch_close(void); /* removes it with all it holds */
/* The path of name in the scratch directory, in one of eight buffers used in turn. */
const char *scratch_path(const char *name);
bool scratch_remove(const char *path); /* a file, or a directory of files; fine when it does not exist */
bool scratch_directory(const char *path);

/* n reproducible doubles, near normal with mean 0.5 and deviation 1. The values depend on seed alone. */
void scratch_fill(double *x, size_t n, uint64_t seed);

#endif
