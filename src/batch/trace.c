/* What each thread did, attempt by attempt. */

#include "base/alloc.h"
#include "batch/results.h"

/* Take up to `wanted` of what may still be kept. */
static size_t take_room(atomic_size_t *room, size_t wanted)
{
    size_t now = atomic_load(room), take;
    do
        take = now < wanted ? now : wanted;
    while (!atomic_compare_exchange_weak(room, &now, now - take));
    return take;
}

static bool grow(struct trace *t, atomic_size_t *room)
{
    const size_t more = take_room(room, t->capacity ? t->capacity : 256);
    sheaf_attempt *at = more ? mem_realloc(t->at, (t->capacity + more) * sizeof *at) : NULL;
    if (!at) {
        atomic_fetch_add(room, more);
        return false;
    }
    t->at = at;
    t->capacity += more;
    return true;
}

void trace_add(struct trace *t, atomic_size_t *room, const sheaf_attempt *attempt)
{
    if (t->n == t->capacity && !grow(t, room))
        t->lost++;
    else
        t->at[t->n++] = *attempt;
}

size_t sheaf_results_attempts_kept(const sheaf_results *results, size_t *lost)
{
    size_t n = 0, without = 0;
    for (int k = 0; results->traces && k < results->narenas; k++) {
        n += results->traces[k].n;
        without += results->traces[k].lost;
    }
    if (lost)
        *lost = without;
    return n;
}

sheaf_attempt sheaf_results_attempt_at(const sheaf_results *results, size_t k)
{
    for (int t = 0; results->traces && t < results->narenas; t++) {
        if (k < results->traces[t].n)
            return results->traces[t].at[k];
        k -= results->traces[t].n;
    }
    return (sheaf_attempt){.status = SHEAF_INVALID};
}
