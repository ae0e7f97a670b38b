/* The whole table of this level. */

#include "level.h"

void LEVEL(fill_kernels)(struct kernels *k)
{
    LEVEL(fill_elementwise)(k);
    LEVEL(fill_elementary)(k);
    LEVEL(fill_complex)(k);
    LEVEL(fill_integers)(k);
    LEVEL(fill_reduce)(k);
    LEVEL(fill_scan)(k);
    LEVEL(fill_search)(k);
    LEVEL(fill_difference)(k);
    LEVEL(fill_cast)(k);
    LEVEL(fill_partition)(k);
}
