#ifndef SHEAF_BASE_POOL_H
#define SHEAF_BASE_POOL_H

/* Reused buffers. A fresh page costs more than the arithmetic on it, so big blocks are kept and handed out again,
 * backed by huge pages; small ones go straight to the allocator. Thread-safe. */

#include <stddef.h>

void *pool_get(size_t size);         /* at least size bytes, 64-byte aligned, not initialised; NULL: no memory */
void pool_put(void *p, size_t size); /* the size given to pool_get; NULL is fine */
void pool_trim(void);                /* give everything kept back to the system */
size_t pool_kept(void);              /* bytes kept */
/* Keep no more than this from now on, and give back what is beyond, the largest blocks first; SIZE_MAX: as much as
 * without the call. */
void pool_bound(size_t most);

#endif
