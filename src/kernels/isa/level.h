#ifndef SHEAF_KERNELS_LEVEL_H
#define SHEAF_KERNELS_LEVEL_H

/* Every file of this folder is compiled once per ISA level; LEVEL(name) keeps their external names apart. */

#include "kernels/kernels.h"

#ifndef SHEAF_LEVEL
#error "SHEAF_LEVEL must be 0 (plain), 1 (AVX2) or 2 (AVX-512)"
#elif SHEAF_LEVEL == 0
#define LEVEL(name) name##_plain
#elif SHEAF_LEVEL == 1
#define LEVEL(name) name##_avx2
#else
#define LEVEL(name) name##_avx512
#endif

/* Each fills its part of the table. */
void LEVEL(fill_elementwise)(struct kernels *k);
void LEVEL(fill_elementary)(struct kernels *k);
void LEVEL(fill_elementary_f64)(struct kernels *k); /* after elementary, as f32 */
void LEVEL(fill_elementary_f64_long)(struct kernels *k);
void LEVEL(fill_elementary_f32)(struct kernels *k);
void LEVEL(fill_complex)(struct kernels *k);
void LEVEL(fill_integers)(struct kernels *k);
void LEVEL(fill_compare)(struct kernels *k);
void LEVEL(fill_rounding)(struct kernels *k);
void LEVEL(fill_classify)(struct kernels *k);
void LEVEL(fill_whole)(struct kernels *k);
void LEVEL(fill_bits)(struct kernels *k);
void LEVEL(fill_divide)(struct kernels *k);
void LEVEL(fill_select)(struct kernels *k);
void LEVEL(fill_complex_elementary)(struct kernels *k);
void LEVEL(fill_complex_parts)(struct kernels *k);
void LEVEL(fill_reduce)(struct kernels *k);
void LEVEL(fill_columns)(struct kernels *k);
void LEVEL(fill_columns_integers)(struct kernels *k);
void LEVEL(fill_columns_best)(struct kernels *k);
void LEVEL(fill_products)(struct kernels *k);
void LEVEL(fill_products_integers)(struct kernels *k);
void LEVEL(fill_scan)(struct kernels *k);
void LEVEL(fill_window)(struct kernels *k);
void LEVEL(fill_filter)(struct kernels *k);
void LEVEL(fill_places)(struct kernels *k);
void LEVEL(fill_search)(struct kernels *k);
void LEVEL(fill_difference)(struct kernels *k);
void LEVEL(fill_cast)(struct kernels *k);
void LEVEL(fill_move)(struct kernels *k);
void LEVEL(fill_order)(struct kernels *k);
void LEVEL(fill_arrange)(struct kernels *k);
void LEVEL(fill_partition)(struct kernels *k);
void LEVEL(fill_tally)(struct kernels *k);
void LEVEL(fill_convolve)(struct kernels *k);
void LEVEL(fill_kernels)(struct kernels *k);

#endif
