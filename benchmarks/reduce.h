#ifndef BENCH_REDUCE_H
#define BENCH_REDUCE_H

#include "call.h"

/* A side: the function's vector door, sheaf_vec_NAME_f64 or _f32. */
bool reduce_has_vec(const char *name, sheaf_dtype dtype);
bool reduce_vec(const void *work, bool first, double *value);

#endif
