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
    CLASSES = 4 * 50
};

struct block {
    struct block *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *kept[CLASSES];
static size_t kept_bytes;

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
    if (b) {
        kept[class] = b->next;
        kept_bytes -= rounded;
    }
    pthread_mutex_unlock(&lock);
    if (b)
        return b;
    void *p = mem_aligned(rounded);
    if (p && rounded >= HUGE_FROM)
        madvise(p, rounded & ~(size_t)4095, MADV_HUGEPAGE);
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
    bool keep = kept_bytes + rounded <= kept_limit();
    if (keep) {
        b->next = kept[class];
        kept[class] = b;
        kept_bytes += rounded;
    }
    pthread_mutex_unlock(&lock);
    if (!keep)
        mem_free(p);
}

void pool_trim(void)
{
    struct block *all = NULL;
    pthread_mutex_lock(&lock);
    for (unsigned c = 0; c < CLASSES; c++) {
        while (kept[c]) {
            struct block *b = kept[c];
            kept[c] = b->next;
            b->next = all;
            all = b;
        }
    }
    kept_bytes = 0;
    pthread_mutex_unlock(&lock);
    while (all) {
        struct block *next = all->next;
        mem_free(all);
        all = next;
    }
}

size_t pool_kept(void)
{
    pthread_mutex_lock(&lock);
    size_t bytes = kept_bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}
