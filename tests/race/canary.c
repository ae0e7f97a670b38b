/* A race on purpose: ThreadSanitizer must report it, or its silence about the rest means nothing. */

#include "par/par.h"

#include <stdio.h>

static void add(void *context, size_t begin, size_t end, int thread)
{
    long *sum = context;
    (void)thread;
    for (size_t i = begin; i < end; i++)
        *sum += (long)i;
}

int main(void)
{
    long sum = 0;
    team t = team_lease(2);
    for (int round = 0; round < 100; round++)
        par_for(&t, 1000, 1, add, &sum);
    team_release(&t);
    printf("%ld\n", sum);
    return 0;
}
