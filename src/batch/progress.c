/* How far a map is, and how it went. */

#include "batch/journal.h"

#include <stdio.h>

/* Time between two calls of the progress function. */
#define PROGRESS_NS 100000000u

/* The share of this run's work that is done. Files that were not met yet cost what the others cost on average. */
static double share_of(struct map *m, const sheaf_progress *p)
{
    const size_t seen = atomic_load(&m->files_seen);
    const double mean = seen ? (double)atomic_load(&m->files_cost) / (double)seen : 0;
    const double all = m->known_cost + mean * (double)(m->items->files - m->resumed);
    const double done = (double)atomic_load(&m->done_cost);
    if (p->done == p->items)
        return 1;
    if (all > 0 && done > 0)
        return done < all ? done / all : 1;
    return (double)(p->done - m->resumed) / (double)(p->items - m->resumed);
}

static void tell(struct map *m, uint64_t now)
{
    sheaf_progress p = {m->items->n,
                        atomic_load(&m->done),
                        atomic_load(&m->failed),
                        atomic_load(&m->bytes_in),
                        (double)(now - m->started) * 1e-9,
                        0,
                        -1};
    p.share = share_of(m, &p);
    if (p.done == p.items || p.share > 0)
        p.left = p.seconds / p.share - p.seconds;
    if (!m->options.progress(&p, m->options.progress_user))
        map_stop(m, MAP_CANCELLED);
    atomic_store(&m->reported, clock_ns());
}

void map_note(struct map *m, struct worker *w, uint64_t now, bool last)
{
    atomic_fetch_add_explicit(&m->done, w->done, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->bytes_in, w->bytes_in, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->bytes_out, w->bytes_out, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->done_cost, (uint64_t)w->done_cost, memory_order_relaxed);
    w->done = 0;
    w->bytes_in = w->bytes_out = 0;
    w->done_cost = 0;
    journal_tick(w, now);
    if (!m->options.progress || (!last && now - atomic_load(&m->reported) < PROGRESS_NS) ||
        atomic_flag_test_and_set(&m->reporting))
        return;
    /* Another thread may have reported between the look at the clock and here. */
    if (last || now - atomic_load(&m->reported) >= PROGRESS_NS)
        tell(m, now);
    atomic_flag_clear(&m->reporting);
}

static void tell_stop(struct map *m, sheaf_results *r)
{
    const int why = atomic_load(&m->stop);
    r->cancelled = why == MAP_CANCELLED;
    if (why == MAP_HALTED)
        snprintf(r->skipped, sizeof r->skipped, "not run: halted after %zu failure%s", m->failure_limit,
                 m->failure_limit == 1 ? "" : "s");
    else if (why == MAP_CANCELLED)
        snprintf(r->skipped, sizeof r->skipped, "not run: cancelled");
    else
        snprintf(r->skipped, sizeof r->skipped, "not run: the output could not be written");
}

void map_report(struct map *m, sheaf_results *r)
{
    const size_t done = atomic_load(&m->done);
    uint64_t peak;
    const uint64_t bodies = transfers_memory(m->transfers, &peak);
    r->failed = atomic_load(&m->failed);
    r->report = (sheaf_map_report){.items = r->n,
                                   .done = done,
                                   .failed = r->failed,
                                   .skipped = r->n - done,
                                   .wide = m->wide,
                                   .narrow = done - m->wide - m->resumed,
                                   .resumed = m->resumed,
                                   .threads = m->team.threads,
                                   .threads_why = m->options.threads ? "as asked" : par_threads_why(),
                                   .bytes_in = atomic_load(&m->bytes_in),
                                   .bytes_out = atomic_load(&m->bytes_out),
                                   .seconds = (double)(clock_ns() - m->started) * 1e-9,
                                   .attempts = done,
                                   .memory = m->budget->limit + bodies,
                                   .peak_memory = atomic_load(&m->budget->peak) + peak};
    for (size_t i = 0; m->options.retries && i < r->n; i++) {
        const uint32_t attempts = r->slots[i].attempts;
        r->report.retried += attempts > 1;
        r->report.attempts += attempts > 1 ? attempts - 1 : 0;
    }
    tell_stop(m, r);
}
