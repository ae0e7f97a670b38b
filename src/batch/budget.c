#include "batch/budget.h"

#include "base/clock.h"
#include "base/pool.h"
#include "par/par.h"

/* Asking the system takes longer than a small map. */
#define ASK_AGAIN_NS 1000000000u

enum {
    SPARE = 2 << 20,      /* of one thread, */
    ALL_SPARE = 16 << 20, /* of all of them */
    UNKNOWN = 1 << 30     /* where the system does not tell what is free */
};

struct waiter {
    struct waiter *next;
};

uint64_t budget_default(void)
{
    static atomic_uint_least64_t known, since;
    const uint64_t now = clock_ns();
    uint64_t bytes = atomic_load(&known);
    if (bytes == 0 || now - atomic_load(&since) > ASK_AGAIN_NS) {
        bytes = topo_free_memory();
        bytes = bytes ? bytes / 2 + 1 : UNKNOWN;
        atomic_store(&known, bytes);
        atomic_store(&since, now);
    }
    return bytes;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void budget_init(struct budget *b, uint64_t limit, int threads)
{
    const uint64_t n = (uint64_t)threads;
    *b = (struct budget){.limit = limit ? limit : budget_default()};
    b->keep = b->limit / (4 * n);
    b->spare = least(b->keep, least(SPARE, ALL_SPARE / n));
    b->last = &b->first;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
}

void budget_clear(struct budget *b)
{
    pool_bound(SIZE_MAX);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
}

/* What the pool keeps fits beside what is held. Whoever changes that comes here, and the last one sees it all. */
static void bound_pool(struct budget *b)
{
    pthread_mutex_lock(&b->lock);
    const uint64_t held = atomic_load(&b->held);
    pool_bound(held < b->limit ? (size_t)(b->limit - held) : 0);
    pthread_mutex_unlock(&b->lock);
}

static void note_peak(struct budget *b, uint64_t held)
{
    uint64_t peak = atomic_load_explicit(&b->peak, memory_order_relaxed);
    while (held > peak && !atomic_compare_exchange_weak(&b->peak, &peak, held))
        ;
}

/* Without regard to those who wait. */
static bool take(struct budget *b, uint64_t bytes)
{
    uint64_t held = atomic_load(&b->held);
    do {
        if (held > b->limit || bytes > b->limit - held)
            return false;
    } while (!atomic_compare_exchange_weak(&b->held, &held, held + bytes));
    note_peak(b, held + bytes);
    return true;
}

bool budget_take(struct budget *b, uint64_t bytes)
{
    if (atomic_load(&b->waiting) || !take(b, bytes))
        return false;
    bound_pool(b);
    return true;
}

static bool is_urgent(const struct budget *b, size_t item)
{
    return atomic_load(&b->hurry) || (b->urgent && atomic_load(b->urgent) == item);
}

void budget_wait(struct budget *b, size_t item, uint64_t bytes)
{
    struct waiter own = {NULL}, **at;
    bool taken = false;
    pthread_mutex_lock(&b->lock);
    *b->last = &own;
    b->last = &own.next;
    atomic_fetch_add(&b->waiting, 1);
    while (!(b->first == &own && (taken = take(b, bytes))) && !is_urgent(b, item))
        pthread_cond_wait(&b->changed, &b->lock);
    for (at = &b->first; *at != &own; at = &(*at)->next)
        ;
    *at = own.next;
    if (b->last == &own.next)
        b->last = at;
    atomic_fetch_sub(&b->waiting, 1);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    if (taken)
        bound_pool(b);
    else
        budget_count(b, bytes);
}

void budget_count(struct budget *b, uint64_t bytes)
{
    note_peak(b, atomic_fetch_add(&b->held, bytes) + bytes);
    bound_pool(b);
}

void budget_wake(struct budget *b)
{
    /* Whoever waits has said so before looking at what is held, and this looks after changing that. */
    if (!atomic_load(&b->waiting))
        return;
    pthread_mutex_lock(&b->lock);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void budget_give(struct budget *b, uint64_t bytes)
{
    if (bytes == 0)
        return;
    atomic_fetch_sub(&b->held, bytes);
    bound_pool(b);
    budget_wake(b);
}
