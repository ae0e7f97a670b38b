#ifndef SHEAF_BATCH_AGAIN_H
#define SHEAF_BATCH_AGAIN_H

/* Items that failed and are worth another attempt: the back of the ready queue. Failures are rare, so a lock will do.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct again {
    pthread_mutex_t lock;
    size_t *at, next, end, capacity;
};

#define AGAIN_INIT                        \
    {                                     \
        .lock = PTHREAD_MUTEX_INITIALIZER \
    }

bool again_put(struct again *a, size_t item); /* false: no memory */
bool again_take(struct again *a, size_t *item);
size_t again_waiting(struct again *a);
void again_clear(struct again *a);

#endif
