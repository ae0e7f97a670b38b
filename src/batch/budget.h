#ifndef SHEAF_BATCH_BUDGET_H
#define SHEAF_BATCH_BUDGET_H

/* The memory of a map: items are let in as far as they fit beside those in flight.
 *
 * A thread holds what its item needs, and between items what its buffers have grown to, as long as that is little and
 * nobody waits. So most items need no more than what their thread holds, and take no leave at all. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct waiter;

struct budget {
    uint64_t limit;
    uint64_t spare;              /* of a thread, that nobody counts: the buffers of small items */
    uint64_t keep;               /* what a thread may hold between items */
    const atomic_size_t *urgent; /* this item never waits: others cannot end before it; NULL: none is */
    atomic_bool hurry;           /* nobody waits: all are to end, whatever they take */
    bool shared;                 /* what waits to be fetched counts too: even items that need nothing ask */
    _Alignas(64) atomic_uint_least64_t held;
    atomic_uint_least64_t peak;
    atomic_uint waiting;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct waiter *first, **last;
};

/* Half of what the machine or the cgroup has free. */
uint64_t budget_default(void);
/* limit 0: the default. */
void budget_init(struct budget *b, uint64_t limit, int threads);
void budget_clear(struct budget *b);
/* Take bytes if they are free and nobody waits for some. */
bool budget_take(struct budget *b, uint64_t bytes);
/* Wait for them, in the order of arrival. Whoever waits holds nothing. */
void budget_wait(struct budget *b, size_t item, uint64_t bytes);
/* Take bytes that are there already. */
void budget_count(struct budget *b, uint64_t bytes);
void budget_give(struct budget *b, uint64_t bytes);
/* The urgent item is another one, or there is hurry. */
void budget_wake(struct budget *b);

static inline uint64_t budget_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

#endif
