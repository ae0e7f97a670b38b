/* A race on purpose: ThreadSanitizer must report it, or its silence about the rest means nothing. */

#include "par/par.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int present[2];

/* Nobody adds before both are there: otherwise one thread may have done all before the other has woken up. Relaxed
 * order, so that the meeting itself orders nothing. */
static void meet(int thread)
{
    atomic_store_explicit(&present[thread], 1, memory_order_relaxed);
    while (!atomic_load_explicit(&present[1 - thread], memory_order_relaxed))
        sched_yield();
}

static void add(void *context, size_t begin, size_t end, int thread)
{
    volatile long *sum = context; /* volatile: one access for every addition */
    meet(thread);
    for (size_t i = begin; i < end; i++)
        *sum += (long)i;
}

int main(void)
{
    long sum = 0;
    team t = team_lease(2);
    /* One meeting is missed now and then: the tool forgets accesses. */
    for (int round = 0; t.threads == 2 && round < 20; round++) {
        for (int i = 0; i < 2; i++)
            atomic_store_explicit(&present[i], 0, memory_order_relaxed);
        par_for(&t, 2000, 1000, add, &sum);
    }
    team_release(&t);
    printf("%ld\n", sum);
    return 0;
}
