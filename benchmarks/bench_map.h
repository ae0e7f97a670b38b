#ifndef BENCH_MAP_H
#define BENCH_MAP_H

/* The rooms of bench_map. */

#include "harness.h"
#include <sheaf/sheaf.h>

extern const struct bench_case machine_cases[], memory_cases[], file_cases[], cost_cases[], isolated_cases[],
    mixed_cases[];
extern const size_t machine_ncases, memory_ncases, file_ncases, cost_ncases, isolated_ncases, mixed_ncases;

/* ---- map_check.c ---- */

/* A map over the options' threads. On a failed item, too, prints the message and returns false. */
bool map_checked(const sheaf_func *func, const sheaf_batch *batch, sheaf_results **results);

/* Item i's outputs as doubles: a pointer into the results for one array, else the scalars in buffer. */
bool item_values(const sheaf_results *results, size_t i, double buffer[SHEAF_MAX_OUTPUTS], const double **values,
                 size_t *n);
/* The largest |a - b| / |b|, or over the largest |b| when normwise. */
double worst_difference(const double *a, const double *b, size_t n, bool normwise);
/* All results against the stacked .npy that the other side saved. False, with a message: another shape. */
bool compare_results(const sheaf_results *results, const char *path, bool normwise, double *worst);
/* One item against a plain C computation. */
typedef double reference_check(const sheaf_view *x, const double *values, size_t n);
reference_check reference_stats, reference_heavy, reference_sort, reference_rfft, reference_matmul;

/* ---- map_files.c ---- */

/* A directory of n .npy files of `bytes` bytes each, with positive values. */
bool make_files(const char *directory, size_t n, size_t bytes);
/* Used by the child process of the peak memory cases: stats over a directory's files, then the high-water mark. */
int peak_child(const char *directory, int threads);

#endif
