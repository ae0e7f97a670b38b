/* The whole table of this level. */

#include "level.h"

void LEVEL(fill_kernels)(struct kernels *k)
{
    LEVEL(fill_elementwise)(k);
    LEVEL(fill_elementary)(k);
    LEVEL(fill_elementary_f64)(k);
    LEVEL(fill_elementary_f64_long)(k);
    LEVEL(fill_elementary_f32)(k);
    LEVEL(fill_complex)(k);
    LEVEL(fill_integers)(k);
    LEVEL(fill_compare)(k);
    LEVEL(fill_rounding)(k);
    LEVEL(fill_classify)(k);
    LEVEL(fill_whole)(k);
    LEVEL(fill_bits)(k);
    LEVEL(fill_divide)(k);
    LEVEL(fill_select)(k);
    LEVEL(fill_complex_elementary)(k);
    LEVEL(fill_reduce)(k);
    LEVEL(fill_columns)(k);
    LEVEL(fill_columns_integers)(k);
    LEVEL(fill_columns_best)(k);
    LEVEL(fill_products)(k);
    LEVEL(fill_products_integers)(k);
    LEVEL(fill_scan)(k);
    LEVEL(fill_window)(k);
    LEVEL(fill_filter)(k);
    LEVEL(fill_places)(k);
    LEVEL(fill_search)(k);
    LEVEL(fill_difference)(k);
    LEVEL(fill_cast)(k);
    LEVEL(fill_move)(k);
    LEVEL(fill_order)(k);
    LEVEL(fill_partition)(k); /* after order */
    LEVEL(fill_arrange)(k);
    LEVEL(fill_tally)(k);
    LEVEL(fill_convolve)(k);
    LEVEL(fill_complex_parts)(k); /* last: uses the table's atan2 */
}
