#ifndef SHEAF_BASE_ALLOC_H
#define SHEAF_BASE_ALLOC_H

/* The one allocator: everything in the library that is not a pooled buffer comes from here, and pooled buffers
 * are counted here too, so that tests can make the k-th allocation fail and see that nothing leaks. */

#include <stddef.h>

void *mem_alloc(size_t size); /* NULL when out of memory; size 0 gives a unique pointer */
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *p, size_t size);
void *mem_aligned(size_t size); /* 64-byte aligned; from 2 MiB on, aligned to a huge page */
/* Whole pages of their own, 2 MiB aligned, that the system has back as soon as they are freed: malloc keeps what it
 * can. size is a multiple of 4096. */
void *mem_pages(size_t size);
void mem_pages_free(void *p, size_t size);
char *mem_strdup(const char *text);
void mem_free(void *p);

/* Tests only: the k-th allocation from now (1 is the next) fails, and with `always` every later one; 0 switches
 * the fault off. mem_calls counts allocations since the last mem_fail_at. mem_live is allocations less frees since
 * the first mem_fail_at: a test compares two readings. Kept buffers of the pool
 * count: pool_trim first. */
void mem_fail_at(long k, int always);
long mem_calls(void);
long mem_live(void);

#endif
