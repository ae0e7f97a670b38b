#include "batch/far.h"
#include "batch/journal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fpenv.h"
#include "base/pool.h"
#include <stdio.h>
#include <string.h>

void *worker_scratch(struct worker *w, size_t size)
{
    if (size > w->scratch_size || !w->scratch) {
        pool_put(w->scratch, w->scratch_size);
        w->scratch_size = size ? size : 1;
        w->scratch = pool_get(w->scratch_size);
    }
    return w->scratch;
}

sheaf_status keep_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    (void)self, (void)i;
    const size_t small = w->map->sink->ended ? RESULT_TINY : RESULT_SMALL;
    sheaf_status status = result_new(w->arena, &w->first, k, small, view, error);
    w->pooled = w->pooled || status == SHEAF_OK;
    return status;
}

static uint64_t view_bytes(const sheaf_view *view)
{
    return (uint64_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
}

sheaf_status sheaf_output_array(sheaf_output *out, sheaf_dtype dtype, int ndim, const int64_t *shape, sheaf_view *view,
                                sheaf_error *error)
{
    struct worker *w = out->worker;
    const struct map *m = w->map;
    if (out->count == m->func->nout) {
        out->too_many = true;
        return sheaf_error_set(error, SHEAF_INVALID, "the callback produces more than its %d outputs", m->func->nout);
    }
    sheaf_view *own = &out->views[out->count];
    sheaf_status status = sheaf_view_init(own, NULL, dtype, ndim, shape, error);
    if (status == SHEAF_OK)
        admit_more(w, view_bytes(own));
    if (status == SHEAF_OK)
        status = m->sink->place(m->sink->self, w, out->index, out->count, own, error);
    if (status != SHEAF_OK)
        return status;
    out->count++;
    *view = *own;
    return SHEAF_OK;
}

sheaf_status sheaf_output_f64(sheaf_output *out, double value, sheaf_error *error)
{
    sheaf_view view;
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, 0, NULL, &view, error);
    if (status == SHEAF_OK)
        *(double *)view.data = value;
    return status;
}

static sheaf_status run_callback(struct worker *w, size_t i, const char *name, int n, const team *t)
{
    const sheaf_func *func = w->map->func;
    struct sheaf_output *out = &w->output;
    const sheaf_item item = {i, name, n, w->inputs};
    out->worker = w;
    out->index = i;
    out->count = 0;
    out->too_many = false;
    /* A callback may leave the mode changed, so it is set anew for each. */
    fp_enter();
    sheaf_status status = func->callback(w->inputs, &item, out, func->user, &w->error);
    if ((unsigned)status > SHEAF_CALLBACK || status == SHEAF_SKIPPED)
        status = SHEAF_CALLBACK;
    w->transient = status == SHEAF_IO;
    if (status != SHEAF_OK) {
        if (!w->error.message[0])
            sheaf_error_set(&w->error, status, "the callback failed without a message");
    } else if (out->too_many || out->count != func->nout) {
        status = sheaf_error_set(&w->error, SHEAF_INVALID, "the callback produced %s %d of its %d outputs",
                                 out->too_many ? "more than" : "only", out->count, func->nout);
    } else if (team_late(t)) {
        status = sheaf_error_set(&w->error, SHEAF_TIMEOUT, "the callback took too long");
    }
    return status;
}

struct placing {
    struct worker *w;
    size_t item;
};

/* The sink's place for an output whose shape only running tells. */
static sheaf_status place_output(void *self, int k, sheaf_view *out, sheaf_error *error)
{
    const struct placing *p = self;
    const struct sink *sink = p->w->map->sink;
    return sink->place(sink->self, p->w, p->item, k, out, error);
}

static sheaf_status run_computed(struct worker *w, size_t i, int n, const team *t)
{
    struct map *m = w->map;
    sheaf_view *views = w->output.views;
    struct placing p = {w, i};
    sheaf_status status = func_call_begin(&w->call, m->func, n, w->inputs, views, &w->error);
    if (status != SHEAF_OK)
        return status;
    team own = *t; /* waiting for memory is not the item's time */
    status = admit(w, i, admit_need(w, views), NULL, &own);
    for (int k = 0; k < m->func->nout && status == SHEAF_OK; k++)
        if (!w->call.varies[k])
            status = m->sink->place(m->sink->self, w, i, k, &views[k], &w->error);
    if (status == SHEAF_OK)
        status = func_call_run(&w->call, i, &own, views, &(struct placer){place_output, &p}, &w->error);
    func_call_end(&w->call);
    return status;
}

/* The item's message: what the item is, then what went wrong, unless the message says itself. */
static const char *message_of(struct worker *w, size_t i, const char *name, sheaf_status status)
{
    char text[SHEAF_MESSAGE_MAX + 64];
    if (!w->error.message[0])
        snprintf(w->error.message, sizeof w->error.message, "failed without a message");
    if (status == SHEAF_TIMEOUT) {
        snprintf(text, sizeof text, "not done within %g s: %s", w->map->options.timeout, w->error.message);
        snprintf(w->error.message, sizeof w->error.message, "%.*s", SHEAF_MESSAGE_MAX - 1, text);
    }
    if (item_is_named(w->map->items, i, w->error.message) ||
        snprintf(text, sizeof text, "%s: %s", name, w->error.message) < 0)
        snprintf(text, sizeof text, "%s", w->error.message);
    text[SHEAF_MESSAGE_MAX - 1] = '\0';
    const char *message = arena_strdup(w->arena, text);
    return message ? message : "out of memory";
}

/* ---- the end of an attempt ---- */

/* Whether the same item may fare better next time. What the input is, and what the function makes of it, stays. */
static bool worth_another(const struct worker *w, sheaf_status status)
{
    switch (status) {
    case SHEAF_NO_MEMORY:
        return !w->too_large;
    case SHEAF_CALLBACK:
    case SHEAF_TIMEOUT:
    case SHEAF_CRASHED: /* of want of memory, perhaps */
        return true;
    case SHEAF_IO:
    case SHEAF_FORMAT:
        return w->transient;
    default:
        return false;
    }
}

/* When a stage of the attempt has ended, for the trace. */
static void mark(struct worker *w, uint64_t *stage)
{
    if (w->map->options.trace)
        *stage = clock_ns() - w->map->started;
}

static void keep_times(struct worker *w, size_t i, sheaf_status status, int threads)
{
    struct map *m = w->map;
    sheaf_attempt *a = &w->times;
    if (!m->options.trace)
        return;
    a->item = i;
    a->attempt = (int)m->slots[i].attempts;
    a->thread = (int)(w - m->workers);
    a->threads = threads;
    a->status = status;
    a->bytes = w->bytes;
    a->opened = a->opened ? a->opened : a->begin;
    a->read = a->read ? a->read : a->opened;
    a->computed = a->computed ? a->computed : a->read;
    mark(w, &a->end);
    trace_add(&w->trace, &m->trace_room, a);
}

/* Whether the item waits for its next attempt, at the back of the queue. */
static bool try_again(struct worker *w, size_t i, sheaf_status status)
{
    struct map *m = w->map;
    if (m->slots[i].attempts > (uint32_t)m->options.retries || !worth_another(w, status))
        return false;
    const bool url = m->transfers && urls_first(m->items, i) != SIZE_MAX;
    if (url && !transfers_again(m->transfers, i))
        return false;
    return (url && !m->sink->ordered) || again_put(&m->again, i);
}

static void end_attempt(struct worker *w, size_t i, const char *name, sheaf_status status, const team *t, bool wide)
{
    struct map *m = w->map;
    struct slot *slot = &m->slots[i];
    slot->status = (uint8_t)status;
    slot->message = status == SHEAF_OK ? NULL : message_of(w, i, name, status);
    keep_times(w, i, status, t->threads);
    if (status == SHEAF_OK) {
        slot->outputs = w->first;
        for (int k = 0; k < m->func->nout; k++)
            w->bytes_out += view_bytes(&w->output.views[k]);
    } else {
        result_drop(w->first);
        if (try_again(w, i, status))
            return;
        size_t failed = atomic_fetch_add_explicit(&m->failed, 1, memory_order_relaxed) + 1;
        if (m->failure_limit && failed >= m->failure_limit)
            map_stop(m, MAP_HALTED);
    }
    w->done++;
    w->bytes_in += w->bytes;
    w->done_cost += w->cost;
    if (wide) /* then no other thread runs an item */
        m->wide++;
    journal_item(w, i);
    if (m->sink->ended)
        m->sink->ended(m->sink->self, i);
}

/* ---- files whose cost is known when they are opened ---- */

/* Add what computing the item costs to w->cost, and what it needs to the bytes of its input. */
static uint64_t appraise_arrays(struct worker *w, const sheaf_view *views, int n, uint64_t bytes)
{
    const sheaf_func *func = w->map->func;
    if (!func_is_computed(func) || func_call_begin(&w->call, func, n, views, w->output.views, NULL) != SHEAF_OK)
        return bytes;
    w->cost += w->call.cost;
    bytes = budget_sum(bytes, admit_need(w, w->output.views));
    func_call_end(&w->call);
    return bytes;
}

/* What the headers of the item's files tell: estimated ns, in w->cost, and the memory it needs. */
static uint64_t appraise(struct worker *w, const sheaf_file_info *const *infos, int n)
{
    sheaf_view views[ITEM_MAX_INPUTS];
    uint64_t bytes = 0;
    bool ok = true;
    for (int k = 0; k < n; k++) {
        bytes = budget_sum(bytes, infos[k]->data_bytes);
        ok = ok && !sheaf_view_init(&views[k], NULL, infos[k]->dtype, infos[k]->ndim, infos[k]->shape, NULL);
    }
    w->cost = reading_cost(bytes);
    return ok ? appraise_arrays(w, views, n, bytes) : bytes;
}

/* Sum up what was seen of the files, each of which counts once. */
static void count_cost(struct worker *w, size_t i)
{
    struct map *m = w->map;
    if (m->slots[i].met)
        return;
    m->slots[i].met = true;
    atomic_fetch_add_explicit(&m->files_seen, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->files_cost, (uint64_t)w->cost, memory_order_relaxed);
}

/* Whether the file at hand goes wide. The test is the plan's, with what has been seen of the files standing for the
 * rest of them. */
static bool goes_wide(struct worker *w, size_t i)
{
    struct map *m = w->map;
    const double seen = (double)atomic_load_explicit(&m->files_seen, memory_order_relaxed);
    const double ns = (double)atomic_load_explicit(&m->files_cost, memory_order_relaxed);
    const double parked = (double)atomic_load_explicit(&m->parked_cost, memory_order_relaxed);
    const double rest = m->known_cost + ns / seen * (double)m->items->files - parked;
    if (!plan_is_wide(w->cost, rest, m->team.threads))
        return false;
    if (m->slots[i].attempts == 0) /* else it was parked before */
        atomic_fetch_add_explicit(&m->parked_cost, (uint64_t)w->cost, memory_order_relaxed);
    return true;
}

/* Set a file aside for the whole team. Without memory for the note it is run at once. */
static bool park(struct worker *w, size_t i)
{
    if (w->nparked == w->parked_capacity) {
        size_t capacity = w->parked_capacity ? w->parked_capacity * 2 : 16;
        size_t *parked = mem_realloc(w->parked, capacity * sizeof *parked);
        if (!parked)
            return false;
        w->parked = parked;
        w->parked_capacity = capacity;
    }
    w->parked[w->nparked++] = i;
    if (w->map->sink->ordered) {
        atomic_store(&w->map->gather, true);
        atomic_store(&w->map->budget->hurry, true);
        budget_wake(w->map->budget);
    }
    return true;
}

static bool can_park(const struct map *m)
{
    return m->team.threads > 1 && func_is_computed(m->func) && func_divisible(m->func);
}

static bool may_set_aside(struct worker *w, size_t i, bool wide)
{
    const bool may = !wide && can_park(w->map);
    if (may || w->map->options.progress)
        count_cost(w, i);
    return may;
}

/* Let in, or set aside, an item whose files a worker process is going to open. What a pipe holds, that one alone can
 * see. */
static sheaf_status admit_unopened(struct worker *w, size_t i, team *t, bool wide, bool *parked)
{
    const struct item *item = items_at(w->map->items, i);
    sheaf_file_info infos[ITEM_MAX_INPUTS];
    const sheaf_file_info *all[ITEM_MAX_INPUTS];
    bool known = true;
    for (int k = 0; k < item->count && known; k++) {
        sheaf_status status = describe_path(w, i, k, &infos[k], &known);
        if (status != SHEAF_OK)
            return status;
        all[k] = &infos[k];
    }
    w->cost = 0;
    const uint64_t need = known ? appraise(w, all, item->count) : 0;
    *parked = may_set_aside(w, i, wide) && known && goes_wide(w, i) && park(w, i);
    return *parked ? SHEAF_OK : admit(w, i, need, NULL, t);
}

static void close_files(struct opened *files)
{
    while (files->n > 0)
        io_close(&files->in[--files->n]);
}

/* Open all of the item's files: memory is asked for once, for all of it. */
static sheaf_status open_files(struct worker *w, size_t i, struct opened *files)
{
    const struct item *item = items_at(w->map->items, i);
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < item->count && status == SHEAF_OK; k++) {
        struct io_input *in = &files->in[files->n++];
        status = open_path(w, i, k, k ? &w->more[k - 1] : files->buffer, in);
        w->transient = in->transient;
        if (status == SHEAF_OK)
            status = read_dims(w, k, in);
    }
    return status;
}

/* The memory within which to compute the opened item piece by piece; 0: it is held whole. */
static uint64_t far_window(struct worker *w, const struct item *item, struct opened *files, uint64_t need)
{
    const struct budget *b = w->map->budget;
    if (!b || !far_suits(w, &files->in[0], files->n))
        return 0;
    if (need > b->limit)
        return b->limit;
    const bool chosen = item->joins && need > 2 * FAR_WINDOW && !w->map->isolation;
    return chosen && far_can(w, &files->in[0], FAR_WINDOW) ? FAR_WINDOW : 0;
}

/* Open and read the item's files, or set it aside. */
static sheaf_status read_item(struct worker *w, size_t i, struct io_buffer *buffer, team *t, bool wide, bool *parked,
                              bool *computed)
{
    const sheaf_file_info *infos[ITEM_MAX_INPUTS];
    struct opened files;
    files.n = 0;
    files.buffer = buffer;
    sheaf_status status = open_files(w, i, &files);
    for (int k = 0; k < files.n; k++)
        infos[k] = &files.in[k].info;
    w->cost = 0;
    const uint64_t need = status == SHEAF_OK ? appraise(w, infos, files.n) : 0;
    *parked = may_set_aside(w, i, wide) && status == SHEAF_OK && goes_wide(w, i) && park(w, i);
    const uint64_t window =
        status == SHEAF_OK && !*parked ? far_window(w, items_at(w->map->items, i), &files, need) : 0;
    *computed = window > 0;
    if (status == SHEAF_OK && !*parked)
        status = admit(w, i, window ? window : need, &files, t);
    mark(w, &w->times.opened);
    if (status == SHEAF_OK && *computed)
        status = far_run(w, i, &files.in[0], NULL, 0, t, window);
    for (int k = 0; k < files.n && status == SHEAF_OK && !*parked && !*computed; k++)
        status = read_file(w, &files.in[k], k ? &w->more[k - 1] : buffer, &w->inputs[k], t);
    close_files(&files);
    mark(w, &w->times.read);
    return status;
}

/* The same of a slice. */
static sheaf_status read_slice(struct worker *w, size_t i, const struct cut *cut, team *t, bool wide, bool *parked,
                               bool *computed)
{
    const struct budget *budget = w->map->budget;
    uint64_t need, first;
    sheaf_status status = slices_open(w, cut, &need);
    *parked = may_set_aside(w, i, wide) && status == SHEAF_OK && goes_wide(w, i) && park(w, i);
    mark(w, &w->times.opened);
    if (status != SHEAF_OK || *parked)
        return status;
    struct io_input *far = slices_far(w, i, cut, &first);
    *computed = budget_sum(need, cut_bytes(cut, 1)) > budget->limit && far && far_suits(w, far, 1);
    if (*computed)
        status = admit(w, i, budget->limit, NULL, t);
    if (status == SHEAF_OK)
        status = *computed ? far_run(w, i, far, &cut->parts[0].view, first, t, budget->limit)
                           : slices_read(w, i, cut, need, t);
    mark(w, &w->times.read);
    return status;
}

/* ---- all of it ---- */

sheaf_status item_compute(struct worker *w, size_t i, const char *name, int n, const team *t)
{
    return func_is_computed(w->map->func) ? run_computed(w, i, n, t) : run_callback(w, i, name, n, t);
}

static sheaf_status compute(struct worker *w, size_t i, const char *name, int n, const team *t)
{
    struct map *m = w->map;
    sheaf_status status = m->isolation ? isolate_run(w, i, name, t, t->deadline) : item_compute(w, i, name, n, t);
    mark(w, &w->times.computed);
    if (status == SHEAF_OK && m->sink->deliver) {
        w->transient = false;
        status = m->sink->deliver(m->sink->self, w, i, w->output.views, &w->error);
    }
    return status;
}

static void begin_attempt(struct worker *w, size_t i)
{
    const struct map *m = w->map;
    w->error.message[0] = '\0';
    w->first = NULL;
    w->bytes = 0;
    w->cost = m->costs ? (double)m->costs[i] : 0;
    w->transient = w->too_large = w->admitted = false;
    if (func_names_axes(m->func))
        memset(w->dims, 0, sizeof w->dims);
    if (m->options.trace) {
        w->times = (sheaf_attempt){0};
        mark(w, &w->times.begin);
    }
}

void run_item(struct worker *w, size_t i, const team *t, bool wide)
{
    struct map *m = w->map;
    const struct item *item = items_at(m->items, i);
    const char *name = item_name(m->items, i, w->name);
    team limited = {.threads = t->threads, .deadline = map_deadline(m)};
    struct io_buffer own = {0};
    sheaf_status status = SHEAF_OK;
    bool parked = false, computed = false;
    if (m->resumed && m->slots[i].status == SHEAF_OK)
        return; /* by an earlier run */
    const bool url = m->transfers && urls_first(m->items, i) != SIZE_MAX;
    if (url && m->sink->ordered && !wide && !transfers_wait(m->transfers, i))
        return;
    if (url && limited.deadline) /* some of its time has gone */
        limited.deadline = map_deadline(m) - transfers_ns(m->transfers, i);
    begin_attempt(w, i);
    if (m->isolation && isolate_opens(m->items, item)) { /* a worker does */
        status = admit_unopened(w, i, &limited, wide, &parked);
    } else if (item->cut) {
        status = read_slice(w, i, items_cut(m->items, i), &limited, wide, &parked, &computed);
    } else if (item_is_file(item)) {
        status = read_item(w, i, wide ? &own : &w->buffer, &limited, wide, &parked, &computed);
    } else {
        item_unpack(item, w->inputs);
        w->bytes = item_bytes(item);
        if (!m->isolation && !func_is_computed(m->func))
            status = admit(w, i, 0, NULL, &limited);
        else if (m->isolation) /* it gets a copy */
            status = admit(w, i, appraise_arrays(w, w->inputs, item->count, w->bytes), NULL, &limited);
    }
    if (!parked) {
        m->slots[i].attempts++;
        if (status == SHEAF_OK && !computed)
            status = compute(w, i, name, item->count, &limited);
        if (url)
            transfers_drop(m->transfers, i);
        end_attempt(w, i, name, status, &limited, wide);
    }
    /* A wide file's buffer goes back to the pool: opening the next one with it would read it on one thread. */
    io_buffer_free(&own);
    admit_end(w);
}
