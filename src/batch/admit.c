#include "batch/driver.h"

#include "base/pool.h"

/* Beside what it holds, a thread may keep a buffer that a small item has hardly touched. */
enum {
    UNTOUCHED = 2 << 20
};

static uint64_t bytes_of(const sheaf_view *view)
{
    return (uint64_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
}

uint64_t admit_need(const struct worker *w, const sheaf_view *outs)
{
    const struct map *m = w->map;
    uint64_t need = w->call.scratch;
    for (int k = 0; k < m->func->nout; k++) {
        /* A worker process has it in memory of its own, and it is fetched from there. */
        const uint64_t bytes = bytes_of(&outs[k]);
        need = budget_sum(need, m->sink && m->sink->elsewhere ? 0 : bytes);
        need = budget_sum(need, m->isolation ? bytes : 0);
    }
    return need;
}

/* An item that does not fit even when it is alone. What could do with less memory is asked before it comes to this. */
static sheaf_status too_large(struct worker *w, uint64_t need)
{
    w->too_large = true;
    return sheaf_error_set(&w->error, SHEAF_NO_MEMORY,
                           "needs %llu bytes of memory, and the map may use %llu; allow more (--memory), or cut "
                           "arrays into slices (--each)",
                           (unsigned long long)need, (unsigned long long)w->map->budget->limit);
}

void admit_more(struct worker *w, uint64_t bytes)
{
    struct budget *b = w->map->budget;
    if (!b || bytes <= b->spare)
        return;
    budget_count(b, bytes);
    w->held += bytes;
}

static void drop_scratch(struct worker *w)
{
    pool_put(w->scratch, w->scratch_size);
    w->scratch = NULL;
    w->scratch_size = 0;
}

static struct io_buffer *buffer_of(struct worker *w, struct opened *files, int k)
{
    return k ? &w->more[k - 1] : files->buffer;
}

sheaf_status admit(struct worker *w, size_t i, uint64_t need, struct opened *files, team *t)
{
    struct budget *b = w->map->budget;
    if (!b || w->admitted)
        return SHEAF_OK;
    if (need > b->limit)
        return too_large(w, need);
    w->admitted = true;
    const uint64_t more = need > w->held ? need - w->held : 0;
    const bool full = b->shared && atomic_load_explicit(&b->held, memory_order_relaxed) > b->limit;
    if (more <= b->spare && !full)
        return SHEAF_OK;
    if (!budget_take(b, more)) {
        const uint64_t before = t->deadline ? clock_ns() : 0;
        drop_scratch(w);
        slices_release(w);
        for (int k = 0; files && k < files->n; k++)
            io_buffer_trim(buffer_of(w, files, k), files->in[k].got);
        budget_give(b, w->held);
        w->held = 0;
        budget_wait(b, i, need);
        t->deadline += t->deadline ? clock_ns() - before : 0;
    }
    w->held = need > w->held ? need : w->held;
    return SHEAF_OK;
}

void admit_clear(struct worker *w)
{
    io_buffer_free(&w->buffer);
    for (int k = 0; k < ITEM_MAX_INPUTS - 1; k++)
        io_buffer_free(&w->more[k]);
    drop_scratch(w);
    if (w->map->budget)
        budget_give(w->map->budget, w->held);
    w->held = 0;
}

static uint64_t kept(const struct worker *w)
{
    uint64_t bytes = w->buffer.capacity + w->scratch_size;
    for (int k = 0; k < ITEM_MAX_INPUTS - 1 && w->more[k].capacity; k++)
        bytes += w->more[k].capacity;
    return bytes;
}

void admit_end(struct worker *w)
{
    struct budget *b = w->map->budget;
    if (w->held > b->keep || kept(w) > w->held + UNTOUCHED || (w->held && atomic_load(&b->waiting)))
        admit_clear(w);
}
