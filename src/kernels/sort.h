#ifndef SHEAF_KERNELS_SORT_H
#define SHEAF_KERNELS_SORT_H

#include "kernels/kernels.h"

/* Both take what kernel_sort takes except f32 and f64, which reach them as integer keys; sort_vqsort 16, 32 and 64-bit
 * integers only. (vqsort sorts floats too, but Highway 1.0 may drop infinities and the signs of zeros.) */
void sort_plain(enum kdtype dtype, size_t n, void *x);
void sort_vqsort(enum kdtype dtype, size_t n, void *x);

#endif
