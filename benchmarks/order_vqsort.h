#ifndef BENCH_ORDER_VQSORT_H
#define BENCH_ORDER_VQSORT_H

#include <sheaf/array.h>
#include <stdbool.h>

/* Highway's vqsort of n values in place: f64 f32 i64 i32. */
bool order_has_vqsort(void);
void order_vqsort(sheaf_dtype dtype, size_t n, void *x);

#endif
