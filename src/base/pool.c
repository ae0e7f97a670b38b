#include "base/pool.h"

#include "base/alloc.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Blocks of at least SMALL bytes are kept by size class: four classes to a doubling, so at most a quarter is
 * wasted. A kept block's first bytes link it to the next of its class. */
enum {
    SMALL = 4 << 10,
    HUGE_FROM = 2 << 20,
    GIVE_FROM = 128 << 10,
    CLASSES = 4 * 50
};

struct block {
    struct block *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *kept[CLASSES];
static size_t kept_bytes;
static size_t bound = SIZE_MAX;

/* The size of a class's blocks. */
static size_t size_of_class(unsigned class)
{
    const size_t base = (size_t)1 << (class / 4 + 11);
    return base + (class % 4 + 1) * (base / 4);
}

/* The whole pages of [p, p + size) go, their addresses stay. */
static void drop_pages(char *p, size_t size)
{
    const uintptr_t page = 4096, begin = ((uintptr_t)p + page - 1) & ~(page - 1),
                    end = ((uintptr_t)p + size) & ~(page - 1);
    if (size >= GIVE_FROM)
        madvise((void *)begin, end - begin, MADV_DONTNEED);
}

/* Free a block. The allocator may keep its address, but not its pages. */
static void give_back(void *p, size_t size)
{
    if (size >= HUGE_FROM) {
        mem_pages_free(p, size);
        return;
    }
    drop_pages(p, size);
    mem_free(p);
}

/* The class of a size ≥ SMALL, and the size all its blocks have. */
static unsigned class_of(size_t size, size_t *rounded)
{
    unsigned exponent = 63 - (unsigned)__builtin_clzll(size - 1); /* 2^e < size ≤ 2^(e+1) */
    size_t base = (size_t)1 << exponent;
    size_t quarter = (size - 1 - base) / (base / 4);
    *rounded = base + (quarter + 1) * (base / 4);
    return (exponent - 11) * 4 + (unsigned)quarter;
}

/* At most an eighth of the machine's memory is kept. */
static size_t kept_limit(void)
{
    static size_t limit;
    if (!limit) {
        long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
        limit = pages > 0 && page > 0 ? (size_t)pages * (size_t)page / 8 : (size_t)256 << 20;
    }
    return limit;
}

void *pool_get(size_t size)
{
    if (size < SMALL)
        return mem_aligned(size);
    if (size > (size_t)1 << 60)
        return NULL;
    size_t rounded;
    unsigned class = class_of(size, &rounded);
    pthread_mutex_lock(&lock);
    struct block *b = kept[class];
    const bool scarce = bound / 8 < rounded;
    if (b) {
        kept[class] = b->next;
        kept_bytes -= rounded;
    }
    pthread_mutex_unlock(&lock);
    if (b && scarce) /* a larger one has used more of it */
        drop_pages((char *)b + size, rounded - size);
    if (b)
        return b;
    void *p = rounded >= HUGE_FROM ? mem_pages(rounded) : mem_aligned(rounded);
    if (p && rounded >= HUGE_FROM)
        madvise(p, rounded, MADV_HUGEPAGE);
    return p;
}

void pool_put(void *p, size_t size)
{
    if (!p)
        return;
    if (size < SMALL) {
        mem_free(p);
        return;
    }
    size_t rounded;
    unsigned class = class_of(size, &rounded);
    struct block *b = p;
    pthread_mutex_lock(&lock);
    const size_t limit = kept_limit() < bound ? kept_limit() : bound;
    bool keep = kept_bytes + rounded <= limit;
    if (keep) {
        b->next = kept[class];
        kept[class] = b;
        kept_bytes += rounded;
    }
    pthread_mutex_unlock(&lock);
    if (!keep)
        give_back(p, rounded);
}

/* Give blocks back, the largest first, until at most `most` bytes are kept. */
static void shrink(size_t most, size_t *now_bound)
{
    struct block *given[CLASSES] = {NULL};
    pthread_mutex_lock(&lock);
    if (now_bound)
        bound = *now_bound;
    for (unsigned c = CLASSES; c-- > 0 && kept_bytes > most;) {
        while (kept[c] && kept_bytes > most) {
            struct block *b = kept[c];
            kept[c] = b->next;
            b->next = given[c];
            given[c] = b;
            kept_bytes -= size_of_class(c);
        }
    }
    pthread_mutex_unlock(&lock);
    for (unsigned c = 0; c < CLASSES; c++) {
        while (given[c]) {
            struct block *next = given[c]->next;
            give_back(given[c], size_of_class(c));
            given[c] = next;
        }
    }
}

void pool_trim(void)
{
    shrink(0, NULL);
}

void pool_bound(size_t most)
{
    shrink(most, &most);
}

size_t pool_kept(void)
{
    pthread_mutex_lock(&lock);
    size_t bytes = kept_bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}
