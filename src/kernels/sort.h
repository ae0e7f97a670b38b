#ifndef SHEAF_KERNELS_SORT_H
#define SHEAF_KERNELS_SORT_H

#include "kernels/kernels.h"

/* Both take what kernel_sort takes except f32 and f64, which reach them as integer keys; sort_vqsort 16, 32 and 64-bit
 * integers only. (vqsort sorts floats too, but Highway 1.0 may drop infinities and the signs of zeros.) */
void sort_plain(enum kdtype dtype, size_t n, void *x);
void sort_vqsort(enum kdtype dtype, size_t n, void *x);

/* Of c64 and c128, as the kernels of keys. */
void sort_complex(enum kdtype dtype, size_t n, void *x);
size_t partition_complex(enum kdtype dtype, size_t n, void *x, const void *pivot);
kernel_count_side *complex_count(enum kdtype dtype);
kernel_collect_side *complex_collect(enum kdtype dtype);
kernel_places_side *complex_places(enum kdtype dtype);
int complex_compare(enum kdtype dtype, const void *a, const void *b);
/* Pairs of a complex number and its place, by the number, then the place. */
struct complex_place {
    double re, im;
    int64_t place;
};
void sort_complex_places(size_t n, struct complex_place *x);

#endif
