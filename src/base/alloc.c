#include "base/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* fault: 0 off, otherwise the number of calls still to succeed plus one. The counters are exact only while a fault
 * is armed or counting was asked for (mem_fail_at), so that ordinary use pays one relaxed load. */
static atomic_int watching;
static atomic_long countdown, calls, live;
static atomic_int sticky;

static int refused(void)
{
    if (!atomic_load_explicit(&watching, memory_order_relaxed))
        return 0;
    atomic_fetch_add(&calls, 1);
    if (atomic_load(&countdown) == 0)
        return 0;
    long left = atomic_fetch_sub(&countdown, 1);
    if (left > 1)
        return 0;
    if (atomic_load(&sticky))
        atomic_store(&countdown, 1);
    else if (left == 1)
        atomic_store(&countdown, 0);
    return 1;
}

static void *counted(void *p)
{
    if (p && atomic_load_explicit(&watching, memory_order_relaxed))
        atomic_fetch_add(&live, 1);
    return p;
}

void *mem_alloc(size_t size)
{
    return refused() ? NULL : counted(malloc(size ? size : 1));
}

void *mem_calloc(size_t count, size_t size)
{
    return refused() ? NULL : counted(calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *p, size_t size)
{
    if (!p)
        return mem_alloc(size);
    return refused() ? NULL : realloc(p, size ? size : 1);
}

void *mem_aligned(size_t size)
{
    void *p = NULL;
    size_t align = size >= (2u << 20) ? 2u << 20 : 64;
    if (refused() || posix_memalign(&p, align, size ? size : 1) != 0)
        return NULL;
    return counted(p);
}

#ifdef __SANITIZE_ADDRESS__ /* which watches over what malloc gives */
void *mem_pages(size_t size)
{
    return mem_aligned(size);
}

void mem_pages_free(void *p, size_t size)
{
    (void)size;
    mem_free(p);
}
#else
void *mem_pages(size_t size)
{
    const size_t align = 2u << 20;
    if (refused() || size > SIZE_MAX - align)
        return NULL;
    char *all = mmap(NULL, size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    const size_t before = -(uintptr_t)all & (align - 1), after = align - before;
    if (before)
        munmap(all, before);
    if (after)
        munmap(all + before + size, after);
    return counted(all + before);
}

void mem_pages_free(void *p, size_t size)
{
    if (atomic_load_explicit(&watching, memory_order_relaxed))
        atomic_fetch_sub(&live, 1);
    munmap(p, size);
}
#endif

char *mem_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = mem_alloc(n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

void mem_free(void *p)
{
    if (p && atomic_load_explicit(&watching, memory_order_relaxed))
        atomic_fetch_sub(&live, 1);
    free(p);
}

void mem_fail_at(long k, int always)
{
    atomic_store(&watching, 1);
    atomic_store(&calls, 0);
    atomic_store(&sticky, always);
    atomic_store(&countdown, k);
}

long mem_calls(void)
{
    return atomic_load(&calls);
}

long mem_live(void)
{
    return atomic_load(&live);
}
