/* What the driver tells the journal, from all its threads. */

#include "base/alloc.h"
#include "base/clock.h"
#include "batch/journal.h"
#include "io/url.h"
#include <stdio.h>
#include <string.h>

/* A gathering may take this share of one thread's time; and what the first is expected to take, ns. */
#define SHARE 30
#define FIRST_NS 1000000u
#define FIRST_SYNCED_NS 20000000u

/* ---- before the run ---- */

static sheaf_status make_lanes(struct journal *j, int n, sheaf_error *error)
{
    j->lanes = mem_aligned((size_t)n * sizeof *j->lanes);
    if (!j->lanes)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%.250s: no memory for the journal", j->file.path);
    memset(j->lanes, 0, (size_t)n * sizeof *j->lanes);
    for (; j->nlanes < n; j->nlanes++)
        pthread_mutex_init(&j->lanes[j->nlanes].lock, NULL);
    return SHEAF_OK;
}

/* The files of an item, as they are now: looked at once for all slices of them. */
struct looked {
    const struct item *item;
    bool there;
    struct io_identity now[ITEM_MAX_INPUTS];
};

/* Whether the item's files are those that the record is of. */
static bool unchanged(const struct map *m, size_t i, const struct record *r, struct looked *l)
{
    const struct item *item = items_at(m->items, i);
    const bool contents = m->sink->journal->contents;
    if (r->ninputs != item->count)
        return false;
    if (l->item != item) {
        *l = (struct looked){.item = item, .there = true};
        for (int k = 0; k < item->count && l->there; k++)
            l->there = url_is(item_path(item, k)) ||
                       io_identify_read(item_path(item, k), item_read(m->items, item, k), contents, &l->now[k]);
    }
    for (int k = 0; k < item->count; k++) {
        const bool url = url_is(item_path(item, k));
        if (!l->there || (url ? transfers_changed(m->transfers, i, k) : !io_same(&l->now[k], &r->inputs[k])))
            return false;
    }
    return true;
}

sheaf_status journal_recall(struct map *m, sheaf_results *results, sheaf_error *error)
{
    const struct sink *sink = m->sink;
    struct journal *j = sink->journal;
    struct looked looked = {.item = NULL};
    struct record r;
    if (!j)
        return SHEAF_OK;
    sheaf_status status = make_lanes(j, m->team.threads, error);
    if (status == SHEAF_OK)
        status = transfers_ask(m->transfers, &j->had, error);
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++) {
        struct slot *slot = &results->slots[i];
        if (!contents_record(&j->had, i, &r) || r.status != SHEAF_OK || !unchanged(m, i, &r, &looked) ||
            !sink->recall(sink->self, results, i, &r))
            continue;
        slot->status = SHEAF_OK;
        slot->attempts = r.attempts ? r.attempts : 1;
        m->resumed++;
    }
    journal_forget(j);
    atomic_fetch_add(&m->done, m->resumed);
    atomic_store(&j->due, clock_ns() + SHARE * (j->sync ? FIRST_SYNCED_NS : FIRST_NS));
    return status;
}

/* ---- during it ---- */

/* The first failure is kept, and no further item is started. */
static void journal_failed(struct journal *j, struct map *m, const sheaf_error *error)
{
    if (!atomic_exchange(&j->failed, true))
        j->error = *error;
    map_stop(m, MAP_UNWRITABLE);
}

static bool note_item(struct io_text *t, const struct record *r, const struct sink *sink, const sheaf_view *outs,
                      int nout)
{
    const size_t before = t->n;
    size_t start;
    bool ok = record_begin(t, r, &start) &&
              (r->status != SHEAF_OK || !sink->record || sink->record(sink->self, t, outs, nout)) &&
              record_end(t, start);
    if (!ok)
        t->n = before;
    return ok;
}

void journal_item(struct worker *w, size_t i)
{
    struct map *m = w->map;
    const struct sink *sink = m->sink;
    struct journal *j = sink->journal;
    sheaf_error error = {SHEAF_OK, ""};
    if (!j)
        return;
    const struct slot *slot = &m->slots[i];
    const bool done = slot->status == SHEAF_OK;
    struct record r = {.index = i,
                       .status = slot->status,
                       .attempts = (uint8_t)(slot->attempts < UINT8_MAX ? slot->attempts : UINT8_MAX)};
    if (done) {
        r.ninputs = (uint8_t)items_at(m->items, i)->count;
        memcpy(r.inputs, w->identities, r.ninputs * sizeof *r.inputs);
        memset(w->identities, 0, r.ninputs * sizeof *r.inputs); /* where one is not set, the item is computed again */
    } else if (slot->message) {
        r.payload = (const unsigned char *)slot->message;
        r.size = strlen(slot->message);
    }
    struct lane *lane = &j->lanes[w - m->workers];
    const size_t at = lane->own.n;
    if (!note_item(&lane->own, &r, sink, w->output.views, m->func->nout)) {
        sheaf_error_set(&error, SHEAF_NO_MEMORY, "%.250s: no memory for the journal", j->file.path);
        journal_failed(j, m, &error);
        return;
    }
    const struct cut *cut = items_cut(m->items, i);
    const bool goes_on = cut && i > cut->first;
    if (at == 0)
        lane->goes_on = goes_on;
    if (at == 0 || !goes_on || !record_merge(&lane->own, lane->last, at))
        lane->last = at;
    if (done)
        atomic_fetch_add_explicit(&j->done, 1, memory_order_relaxed);
}

/* Hand over what the thread noted. */
static bool open_lane(struct lane *lane)
{
    bool ok = true;
    if (lane->own.n == 0)
        return true;
    pthread_mutex_lock(&lane->lock);
    const size_t before = lane->text.n;
    if (before == 0) {
        const struct io_text empty = lane->text;
        lane->text = lane->own;
        lane->own = empty;
    } else {
        ok = io_text_add(&lane->text, lane->own.data, lane->own.n);
        lane->own.n = ok ? 0 : lane->own.n;
    }
    const bool one = before && ok && lane->last == 0 && lane->goes_on;
    if (ok && !(one && record_merge(&lane->text, lane->text_last, before)))
        lane->text_last = before + lane->last;
    pthread_mutex_unlock(&lane->lock);
    return ok;
}

void journal_tick(struct worker *w, uint64_t now)
{
    struct map *m = w->map;
    struct journal *j = m->sink->journal;
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_OK;
    if (!j)
        return;
    if (!open_lane(&j->lanes[w - m->workers]))
        status = sheaf_error_set(&error, SHEAF_NO_MEMORY, "%.250s: no memory for the journal", j->file.path);
    else if (now >= atomic_load_explicit(&j->due, memory_order_relaxed))
        status = journal_flush(j, m->sink, false, &error);
    if (status != SHEAF_OK)
        journal_failed(j, m, &error);
}

/* ---- gathering ---- */

static bool gather(struct journal *j)
{
    size_t start;
    bool ok = block_begin(&j->block, &start);
    for (int k = 0; k < j->nlanes && ok; k++) {
        struct lane *lane = &j->lanes[k];
        pthread_mutex_lock(&lane->lock);
        ok = io_text_add(&j->block, lane->text.data, lane->text.n);
        lane->text.n = ok ? 0 : lane->text.n;
        pthread_mutex_unlock(&lane->lock);
    }
    return ok;
}

static sheaf_status write_lanes(struct journal *j, const struct sink *sink, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    if (!gather(j))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "%.250s: no memory for the journal", j->file.path);
    else if (j->block.n > BLOCK_HEADER && j->sync && sink->sync)
        status = sink->sync(sink->self, error);
    if (status == SHEAF_OK && j->block.n > BLOCK_HEADER)
        status = journal_write(j, BLOCK_ITEM, error);
    j->block.n = 0;
    j->broken = status != SHEAF_OK;
    return status;
}

sheaf_status journal_flush(struct journal *j, const struct sink *sink, bool now, sheaf_error *error)
{
    if (now)
        pthread_mutex_lock(&j->writing);
    else if (pthread_mutex_trylock(&j->writing) != 0)
        return SHEAF_OK;
    const uint64_t begin = clock_ns();
    sheaf_status status = SHEAF_OK;
    if (!j->broken &&
        (now || begin >= atomic_load(&j->due))) { /* another thread may have done it between the two looks */
        status = write_lanes(j, sink, error);
        const uint64_t end = clock_ns();
        atomic_store(&j->due, end + SHARE * (end - begin));
    }
    pthread_mutex_unlock(&j->writing);
    return status;
}
