#include "base/arena.h"

#include "base/pool.h"
#include <stdint.h>
#include <string.h>

enum {
    FIRST = 4 << 10,
    LARGEST = 256 << 10
};

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of the whole chunk */
};

/* Chunks double in size, so a small arena is small and a large one needs few. */
static int grow(struct arena *a, size_t least)
{
    size_t size = a->chunks ? a->chunks->size * 2 : FIRST;
    if (size > LARGEST)
        size = LARGEST;
    if (least > SIZE_MAX - 128)
        return 0;
    if (size < least + 128)
        size = least + 128;
    struct arena_chunk *chunk = pool_get(size);
    if (!chunk)
        return 0;
    chunk->next = a->chunks;
    chunk->size = size;
    a->chunks = chunk;
    a->next = (char *)(chunk + 1);
    a->end = (char *)chunk + size;
    return 1;
}

static char *aligned(char *p, size_t align)
{
    return p + (-(uintptr_t)p & (align - 1));
}

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
    if (!a->chunks || (size_t)(a->end - a->next) < size + align) {
        if (!grow(a, size))
            return NULL;
    }
    char *p = aligned(a->next, align);
    a->next = p + size;
    return p;
}

char *arena_strdup(struct arena *a, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(a, n, 1);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

void arena_reset(struct arena *a)
{
    if (!a->chunks)
        return;
    while (a->chunks->next) {
        struct arena_chunk *next = a->chunks->next->next;
        pool_put(a->chunks->next, a->chunks->next->size);
        a->chunks->next = next;
    }
    a->next = (char *)(a->chunks + 1);
}

void arena_free(struct arena *a)
{
    while (a->chunks) {
        struct arena_chunk *next = a->chunks->next;
        pool_put(a->chunks, a->chunks->size);
        a->chunks = next;
    }
    memset(a, 0, sizeof *a);
}
