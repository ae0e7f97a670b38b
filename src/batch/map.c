#include "batch/journal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fpenv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Work for which waking one more thread pays. */
#define THREAD_NS 10000.0

void sheaf_map_options_init(sheaf_map_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

sheaf_status map_options(const sheaf_map_options *options, sheaf_map_options *out, sheaf_error *error)
{
    sheaf_map_options_init(out);
    if (!options)
        return SHEAF_OK;
    if (options->struct_size < sizeof options->struct_size)
        return sheaf_error_set(error, SHEAF_INVALID, "map options must be set up with sheaf_map_options_init");
    memcpy(out, options, options->struct_size < sizeof *out ? options->struct_size : sizeof *out);
    out->struct_size = sizeof *out;
    if (out->threads < 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%d threads; give 1 or more, or 0 for the default", out->threads);
    if (!(out->halt_fraction >= 0 && out->halt_fraction <= 1))
        return sheaf_error_set(error, SHEAF_INVALID, "halt_fraction is %g, expected 0 to 1", out->halt_fraction);
    if (out->retries < 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%d retries; give 0 or more", out->retries);
    if (!(out->timeout >= 0 && out->timeout < 1e9))
        return sheaf_error_set(error, SHEAF_INVALID, "a timeout of %g s; give seconds, or 0 for none", out->timeout);
    if ((unsigned)out->isolate > SHEAF_ISOLATE_ALWAYS)
        return sheaf_error_set(error, SHEAF_INVALID, "isolate is %d, which is none of sheaf_isolate", out->isolate);
    return SHEAF_OK;
}

int map_threads(const sheaf_func *func, size_t n, const sheaf_map_options *options)
{
    int want = options->threads ? options->threads : par_threads();
    if (!func_divisible(func) && n < (size_t)want)
        want = n ? (int)n : 1;
    return want;
}

void map_stop(struct map *m, enum map_stop why)
{
    int runs = MAP_RUNS;
    atomic_compare_exchange_strong(&m->stop, &runs, why);
}

void sheaf_cancel(volatile int *flag)
{
    __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
}

bool map_stopped(struct map *m)
{
    if (atomic_load_explicit(&m->stop, memory_order_relaxed) != MAP_RUNS)
        return true;
    if (!m->options.cancel || !__atomic_load_n(m->options.cancel, __ATOMIC_RELAXED))
        return false;
    map_stop(m, MAP_CANCELLED);
    return true;
}

/* What failed and waits for another attempt, behind all else. Whoever adds to it comes here afterwards. */
static void drain_again(struct worker *w)
{
    struct map *m = w->map;
    const team one = team_one();
    for (size_t i; !map_stopped(m) && again_take(&m->again, &i);) {
        run_item(w, i, &one, false);
        map_note(m, w, clock_ns(), false);
    }
}

/* URLs that have arrived; with `wait`, all that are to come. */
static void drain_urls(struct worker *w, bool wait)
{
    struct map *m = w->map;
    const team one = team_one();
    for (size_t i; !map_stopped(m) && transfers_take(m->transfers, wait, &i);) {
        run_item(w, i, &one, false);
        map_note(m, w, clock_ns(), false);
    }
}

/* Whether the item comes by drain_urls: in an ordered map its turn is that of its place. */
static bool comes_later(const struct map *m, size_t i)
{
    return m->transfers && !m->sink->ordered && urls_first(m->items, i) != SIZE_MAX;
}

/* Take pieces from the ready queue until it is empty. */
static void drain(struct worker *w)
{
    struct map *m = w->map;
    const team one = team_one();
    const uint32_t *order = m->plan.order;
    size_t n = m->items->n, piece = 1;
    uint64_t before = clock_ns();
    while (!atomic_load_explicit(&m->gather, memory_order_relaxed)) {
        if (m->transfers)
            drain_urls(w, false);
        size_t begin = atomic_fetch_add_explicit(&m->next, piece, memory_order_relaxed);
        if (begin >= n || map_stopped(m))
            break;
        size_t end = n - begin < piece ? n : begin + piece;
        for (size_t at = begin; at < end && !map_stopped(m); at++)
            if (!comes_later(m, order ? order[at] : at))
                run_item(w, order ? order[at] : at, &one, false);
        uint64_t now = clock_ns();
        map_note(m, w, now, false);
        if (m->sink->ordered) /* one by one: the next to be fetched never lies behind others in a piece */
            drain_again(w);
        else
            piece = plan_piece(piece, end - begin, (double)(now - before), n - end, m->team.threads);
        before = now;
    }
}

static void drain_all(void *context, size_t begin, size_t end, int thread)
{
    struct map *m = context;
    (void)thread;
    /* A callback may change the mode: what this thread came with is put back whatever happened. */
    struct fp_saved saved = fp_enter();
    saved.changed = 1;
    for (size_t k = begin; k < end; k++) {
        drain(&m->workers[k]);
        drain_again(&m->workers[k]);
        if (m->transfers && !m->sink->ordered) {
            drain_urls(&m->workers[k], true);
            drain_again(&m->workers[k]);
        }
        admit_clear(&m->workers[k]); /* others may wait for it */
        slices_leave(&m->workers[k]);
    }
    fp_leave(saved);
}

struct costing {
    const struct map *m;
    float *costs;
};

/* What an item cost, for others of about its size: typing a program for a shape costs more than running it on little.
 */
struct sample {
    const struct item *item; /* NULL: none yet */
    double bytes, cost;
};
#define SAMPLES 17 /* by powers of two, up to 64 KiB */

static double cost_of(const sheaf_func *func, const struct item *item, struct sample *samples)
{
    sheaf_view views[ITEM_MAX_INPUTS];
    const uint64_t bytes = item_bytes(item);
    struct sample *s =
        func->program && bytes >> (SAMPLES - 1) == 0 ? &samples[bytes ? 63 - __builtin_clzll(bytes) : 0] : NULL;
    if (s && s->item && s->item->count == item->count && s->item->views->dtype == item->views->dtype &&
        s->item->views->ndim == item->views->ndim)
        return s->cost * ((double)bytes + 1) / s->bytes;
    item_unpack(item, views);
    const double cost = func_cost(func, item->count, views);
    if (s)
        *s = (struct sample){item, (double)bytes + 1, cost};
    return cost;
}

static void cost_items(void *context, size_t begin, size_t end, int thread)
{
    const struct costing *c = context;
    const sheaf_func *func = c->m->func;
    struct sample samples[SAMPLES] = {{NULL, 0, 0}};
    (void)thread;
    for (size_t i = begin; i < end; i++) {
        const struct item *item = items_at(c->m->items, i);
        if (item_is_file(item)) {
            c->costs[i] = -1;
        } else if (func_is_computed(func) && func_takes(func, item->count)) {
            c->costs[i] = (float)cost_of(func, item, samples);
        } else {
            c->costs[i] = (float)item_bytes(item); /* who knows: the larger, the dearer */
        }
    }
}

/* Plan the items in memory, whose cost is known. */
static sheaf_status make_plan(struct map *m, sheaf_error *error)
{
    size_t n = m->items->n;
    bool divisible = func_divisible(m->func);
    if (m->items->files == n || (m->team.threads == 1 && !m->options.progress))
        return SHEAF_OK;
    float *costs = mem_alloc(n * sizeof *costs);
    if (!costs)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to plan %zu items", n);
    struct costing c = {m, costs};
    par_for(&m->team, n, 16384, cost_items, &c);
    for (size_t i = 0; i < n; i++)
        m->known_cost += costs[i] > 0 ? (double)costs[i] : 0;
    sheaf_status status = plan_make(costs, n, m->team.threads, divisible, &m->plan, error);
    if (status == SHEAF_OK && m->sink->ordered && m->plan.order) {
        mem_free(m->plan.order);
        m->plan = (struct plan){NULL, 0};
    }
    /* Little work is done sooner by fewer threads. */
    if (status == SHEAF_OK && func_is_computed(m->func) && m->items->files == 0 &&
        m->known_cost < THREAD_NS * (m->team.threads - 1)) {
        team fewer = team_one();
        team_release(&m->team);
        m->team = m->known_cost > THREAD_NS ? team_lease((int)(m->known_cost / THREAD_NS) + 1) : fewer;
    }
    if (m->options.progress)
        m->costs = costs;
    else
        mem_free(costs);
    return status;
}

/* One at a time, the whole team inside. */
static void run_wide(struct map *m, const size_t *parked, size_t n)
{
    struct worker *w = &m->workers[0];
    struct fp_saved saved = fp_enter();
    for (size_t k = 0; k < n && !map_stopped(m); k++) {
        size_t i = parked ? parked[k] : m->plan.order ? m->plan.order[k] : k;
        run_item(w, i, &m->team, true);
        map_note(m, w, clock_ns(), false);
        if (m->sink->ordered)
            drain_again(w);
    }
    fp_leave(saved);
}

static int by_index(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Run the files that were found dear when they were opened. */
static void run_parked(struct map *m, int nworkers)
{
    size_t n = 0, at = 0;
    if (atomic_exchange(&m->gather, false))
        atomic_store(&m->budget->hurry, false);
    for (int k = 0; k < nworkers; k++)
        n += m->workers[k].nparked;
    if (n == 0)
        return;
    size_t *all = mem_alloc(n * sizeof *all);
    if (!all) {
        /* Then list by list. */
        for (int k = 0; k < nworkers; k++) {
            run_wide(m, m->workers[k].parked, m->workers[k].nparked);
            m->workers[k].nparked = 0;
        }
        return;
    }
    for (int k = 0; k < nworkers; k++) {
        if (m->workers[k].nparked)
            memcpy(all + at, m->workers[k].parked, m->workers[k].nparked * sizeof *all);
        at += m->workers[k].nparked;
        m->workers[k].nparked = 0;
    }
    qsort(all, n, sizeof *all, by_index);
    run_wide(m, all, n);
    mem_free(all);
}

/* Run all items, and those that failed as often as they are worth it. */
static void run_all(struct map *m, int nworkers)
{
    run_wide(m, NULL, m->plan.wide);
    atomic_init(&m->next, m->plan.wide);
    do {
        par_for(&m->team, (size_t)m->team.threads, 1, drain_all, m);
        run_parked(m, nworkers);
    } while ((again_waiting(&m->again) || atomic_load(&m->next) < m->items->n || transfers_left(m->transfers)) &&
             !map_stopped(m));
    transfers_stop(m->transfers);
    /* A map that was stopped leaves them as they are: failed. */
    const size_t left = again_waiting(&m->again) + (m->sink->ordered ? 0 : transfers_again_left(m->transfers));
    atomic_fetch_add(&m->failed, left);
    atomic_fetch_add(&m->done, left);
    map_note(m, &m->workers[0], clock_ns(), true);
}

static size_t failure_limit(const sheaf_map_options *options, size_t n)
{
    size_t limit = options->halt_after;
    if (options->halt_fraction > 0) {
        /* 7 % of 100 are 7, whatever 0.07 is in binary. */
        size_t share = (size_t)ceil(options->halt_fraction * (double)n * (1 - 1e-12));
        share = share ? share : 1;
        limit = limit && limit < share ? limit : share;
    }
    return limit;
}

static sheaf_status workers_new(struct map *m, sheaf_results *r, sheaf_error *error)
{
    size_t bytes = (size_t)m->team.threads * sizeof *m->workers;
    m->workers = mem_aligned(bytes);
    if (!m->workers)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %d workers", m->team.threads);
    memset(m->workers, 0, bytes);
    for (int k = 0; k < m->team.threads; k++) {
        m->workers[k].map = m;
        m->workers[k].arena = &r->arenas[k];
        m->workers[k].call.dims = m->workers[k].dims;
    }
    if (m->options.trace && !(r->traces = mem_calloc((size_t)m->team.threads, sizeof *r->traces)))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a trace of %d threads", m->team.threads);
    return SHEAF_OK;
}

sheaf_status map_run(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                     const struct sink *sink, sheaf_results **out, sheaf_error *error)
{
    sheaf_results *r = NULL;
    struct map m = {.func = func,
                    .items = batch->items,
                    .options = *options,
                    .sink = sink,
                    .started = clock_ns(),
                    .failure_limit = failure_limit(options, batch->items->n),
                    .slicing = SLICING_INIT,
                    .again = AGAIN_INIT,
                    .reporting = ATOMIC_FLAG_INIT};
    struct isolation isolation = {.fds = {-1}};
    struct budget budget;
    bool isolated = false, begun = false;
    atomic_init(&m.reported, m.started);
    atomic_init(&m.trace_room, SHEAF_ATTEMPTS_MAX);
    m.team = team_lease(map_threads(func, batch->items->n, options));
    int nworkers = m.team.threads;
    budget_init(&budget, options->memory, nworkers);
    m.budget = &budget;
    sheaf_status status = results_new(func, batch->items, nworkers, &r, error);
    if (status == SHEAF_OK)
        status = workers_new(&m, r, error);
    if (status == SHEAF_OK)
        status = make_plan(&m, error);
    if (status == SHEAF_OK)
        status = isolation_wanted(func, options, &isolated, error);
    if (status == SHEAF_OK && isolated && batch->items->n > 0) {
        m.isolation = &isolation;
        status = isolation_begin(&isolation, func, &m.workers[0], error);
    }
    if (status != SHEAF_OK)
        goto done;
    m.slots = r->slots;
    r->kept = sink->keeps;
    status = transfers_new(&m, &m.transfers, error);
    if (status == SHEAF_OK)
        status = journal_recall(&m, r, error);
    if (status == SHEAF_OK)
        status = transfers_start(m.transfers, error);
    if (status != SHEAF_OK)
        goto done;
    begun = sink->begin != NULL;
    if (begun)
        sink->begin(sink->self, &m, r);
    run_all(&m, nworkers);
    map_report(&m, r);
    if (sink->end)
        sink->end(sink->self);
done:
    if (m.isolation) {
        sheaf_status started = isolation_end(&isolation, m.workers, nworkers, error);
        status = status == SHEAF_OK ? started : status;
    }
    for (int k = 0; m.workers && k < nworkers; k++) {
        struct worker *w = &m.workers[k];
        r->pooled = r->pooled || w->pooled;
        admit_clear(w);
        read_clear(w);
        slices_leave(w);
        mem_free(w->parked);
        if (r->traces)
            r->traces[k] = w->trace;
    }
    transfers_free(m.transfers);
    budget_clear(&budget);
    again_clear(&m.again);
    mem_free(m.workers);
    mem_free(m.costs);
    mem_free(m.plan.order);
    team_release(&m.team);
    if (status != SHEAF_OK && !begun) { /* a stream's consumer is at it */
        sheaf_results_free(r);
        r = NULL;
    }
    *out = r;
    return status;
}

sheaf_status sheaf_map(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                       sheaf_results **out, sheaf_error *error)
{
    const struct sink keep = {.place = keep_place, .keeps = true};
    sheaf_map_options checked;
    *out = NULL;
    sheaf_status status = map_options(options, &checked, error);
    return status == SHEAF_OK ? map_run(func, batch, &checked, &keep, out, error) : status;
}
