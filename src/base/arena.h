#ifndef SHEAF_BASE_ARENA_H
#define SHEAF_BASE_ARENA_H

/* Many small things freed together. Belongs to one thread. */

#include <stddef.h>

struct arena {
    struct arena_chunk *chunks; /* newest first */
    char *next, *end;
};

void *arena_alloc(struct arena *a, size_t size, size_t align); /* align a power of two ≤ 64; NULL: no memory */
char *arena_strdup(struct arena *a, const char *text);
void arena_reset(struct arena *a); /* forget everything, keep one chunk */
void arena_free(struct arena *a);  /* a zeroed arena is empty */

#endif
