#include "batch/again.h"

#include "base/alloc.h"

bool again_put(struct again *a, size_t item)
{
    bool room = true;
    pthread_mutex_lock(&a->lock);
    if (a->next == a->end)
        a->next = a->end = 0;
    if (a->end == a->capacity) {
        const size_t capacity = a->capacity ? 2 * a->capacity : 64;
        size_t *at = mem_realloc(a->at, capacity * sizeof *at);
        room = at != NULL;
        a->at = room ? at : a->at;
        a->capacity = room ? capacity : a->capacity;
    }
    if (room)
        a->at[a->end++] = item;
    pthread_mutex_unlock(&a->lock);
    return room;
}

bool again_take(struct again *a, size_t *item)
{
    pthread_mutex_lock(&a->lock);
    const bool some = a->next < a->end;
    if (some)
        *item = a->at[a->next++];
    pthread_mutex_unlock(&a->lock);
    return some;
}

size_t again_waiting(struct again *a)
{
    pthread_mutex_lock(&a->lock);
    const size_t n = a->end - a->next;
    pthread_mutex_unlock(&a->lock);
    return n;
}

void again_clear(struct again *a)
{
    mem_free(a->at);
    pthread_mutex_destroy(&a->lock);
}
