#include "batch/driver.h"

#include "base/alloc.h"
#include "base/fpenv.h"
#include "base/pool.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
    sheaf_status status = result_new(w->arena, &w->first, k, view, error);
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

static sheaf_status run_callback(struct worker *w, size_t i, const char *name, int n)
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
    if (status != SHEAF_OK) {
        if (!w->error.message[0])
            sheaf_error_set(&w->error, status, "the callback failed without a message");
    } else if (out->too_many || out->count != func->nout) {
        status = sheaf_error_set(&w->error, SHEAF_INVALID, "the callback produced %s %d of its %d outputs",
                                 out->too_many ? "more than" : "only", out->count, func->nout);
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
    for (int k = 0; k < m->func->nout && status == SHEAF_OK; k++)
        if (!w->call.varies[k])
            status = m->sink->place(m->sink->self, w, i, k, &views[k], &w->error);
    if (status == SHEAF_OK)
        status = func_call_run(&w->call, i, t, views, &(struct placer){place_output, &p}, &w->error);
    func_call_end(&w->call);
    return status;
}

/* The item's message: what the item is, then what went wrong, unless the message says itself. */
static const char *message_of(struct worker *w, const char *name)
{
    char text[SHEAF_MESSAGE_MAX + 64];
    if (!w->error.message[0])
        snprintf(w->error.message, sizeof w->error.message, "failed without a message");
    if (strstr(w->error.message, name) || snprintf(text, sizeof text, "%s: %s", name, w->error.message) < 0)
        snprintf(text, sizeof text, "%s", w->error.message);
    text[SHEAF_MESSAGE_MAX - 1] = '\0';
    const char *message = arena_strdup(w->arena, text);
    return message ? message : "out of memory";
}

static void fail(struct worker *w, size_t i, const char *name, sheaf_status status)
{
    struct map *m = w->map;
    struct slot *slot = &m->slots[i];
    slot->status = (uint8_t)status;
    slot->message = message_of(w, name);
    result_drop(w->first);
    size_t failed = atomic_fetch_add_explicit(&m->failed, 1, memory_order_relaxed) + 1;
    if (m->failure_limit && failed >= m->failure_limit)
        map_stop(m, MAP_HALTED);
}

struct reading {
    const struct io_input *in;
    const sheaf_view *view;
    atomic_flag failed;
    sheaf_status status;
    sheaf_error error;
};

static void read_parts(void *context, size_t begin, size_t end, int thread)
{
    struct reading *r = context;
    sheaf_error error = {SHEAF_OK, ""};
    (void)thread;
    for (size_t part = begin; part < end; part++) {
        sheaf_status status = io_read_part(r->in, part, r->view, &error);
        if (status != SHEAF_OK && !atomic_flag_test_and_set(&r->failed)) {
            r->status = status;
            r->error = error;
        }
    }
}

/* Read an opened file into buffer, by a team when it is wide. Closes it. */
static sheaf_status read_file(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, const team *t,
                              sheaf_error *error)
{
    if (t->threads == 1)
        return io_read_all(in, buffer, view, error);
    sheaf_status status = io_prepare(in, buffer, view, error);
    if (status == SHEAF_OK) {
        struct reading r = {.in = in, .view = view, .failed = ATOMIC_FLAG_INIT, .status = SHEAF_OK};
        par_for(t, in->nparts, 1, read_parts, &r);
        status = r.status;
        if (status != SHEAF_OK)
            *error = r.error;
    }
    io_close(in);
    return status;
}

/* Note a file's cost, now that its header is known, and whether it goes wide. The test is the plan's, with what has
 * been seen of the files standing for the rest of them. */
static bool goes_wide(struct worker *w, const sheaf_file_info *info)
{
    struct map *m = w->map;
    sheaf_view view;
    if (m->team.threads == 1 || !func_is_computed(m->func) || !func_divisible(m->func) ||
        sheaf_view_init(&view, NULL, info->dtype, info->ndim, info->shape, NULL) != SHEAF_OK ||
        func_call_begin(&w->call, m->func, 1, &view, w->output.views, NULL) != SHEAF_OK)
        return false;
    double cost = w->call.cost + reading_cost(info->data_bytes);
    func_call_end(&w->call);
    size_t seen = atomic_fetch_add_explicit(&m->files_seen, 1, memory_order_relaxed) + 1;
    uint64_t ns = atomic_fetch_add_explicit(&m->files_cost, (uint64_t)cost, memory_order_relaxed);
    uint64_t parked = atomic_load_explicit(&m->parked_cost, memory_order_relaxed);
    double mean = ((double)ns + cost) / (double)seen;
    double rest = m->known_cost + mean * (double)m->items->files - (double)parked;
    if (!plan_is_wide(cost, rest, m->team.threads))
        return false;
    atomic_fetch_add_explicit(&m->parked_cost, (uint64_t)cost, memory_order_relaxed);
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
    return true;
}

sheaf_status item_compute(struct worker *w, size_t i, const char *name, int n, const team *t)
{
    return func_is_computed(w->map->func) ? run_computed(w, i, n, t) : run_callback(w, i, name, n);
}

static void compute(struct worker *w, size_t i, const char *name, int n, const team *t)
{
    struct map *m = w->map;
    const sheaf_view *outs = w->output.views;
    w->first = NULL;
    sheaf_status status = m->isolation ? isolate_run(w, i, name, t, map_deadline(m)) : item_compute(w, i, name, n, t);
    if (status == SHEAF_OK && m->sink->deliver)
        status = m->sink->deliver(m->sink->self, w, i, outs, &w->error);
    if (status != SHEAF_OK) {
        fail(w, i, name, status);
        return;
    }
    m->slots[i].status = SHEAF_OK;
    m->slots[i].outputs = w->first;
    for (int k = 0; k < m->func->nout; k++)
        w->bytes_out += view_bytes(&outs[k]);
}

/* The item's files behind the first. */
static sheaf_status read_others(struct worker *w, const struct item *item, const team *t)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 1; k < item->count && status == SHEAF_OK; k++) {
        struct io_input in;
        status = io_open(item_path(item, k), &w->more[k - 1], &in, &w->error);
        if (status != SHEAF_OK)
            break;
        w->bytes_in += in.info.data_bytes;
        status = read_file(&in, &w->more[k - 1], &w->inputs[k], t, &w->error);
    }
    return status;
}

/* Set a file aside that a worker is going to open. What a pipe holds, the worker alone can see. */
static bool park_unopened(struct worker *w, size_t i, const char *path)
{
    const struct map *m = w->map;
    struct stat st;
    sheaf_file_info info;
    return m->team.threads > 1 && func_divisible(m->func) && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           sheaf_file_describe(path, &info, NULL) == SHEAF_OK && goes_wide(w, &info) && park(w, i);
}

void run_item(struct worker *w, size_t i, const team *t, bool wide)
{
    struct map *m = w->map;
    const struct item *item = &m->items->at[i];
    const char *name = item_name(m->items, i, w->name);
    struct io_input in;
    struct io_buffer own = {NULL, 0}, *buffer = wide ? &own : &w->buffer;
    w->error.message[0] = '\0';
    const bool opens = m->isolation && isolate_opens(item); /* a worker does */
    if (!item_is_file(item)) {
        item_unpack(item, w->inputs);
        w->bytes_in += item_bytes(item);
    }
    if (opens && !wide && park_unopened(w, i, name))
        return;
    if (!item_is_file(item) || opens) {
        m->slots[i].tried = true;
        w->done++;
        compute(w, i, name, item->count, t);
        return;
    }
    w->first = NULL;
    sheaf_status status = io_open(name, buffer, &in, &w->error);
    if (status == SHEAF_OK && !wide && goes_wide(w, &in.info) && park(w, i)) {
        io_close(&in);
        return;
    }
    m->slots[i].tried = true;
    w->done++;
    if (status == SHEAF_OK) {
        w->bytes_in += in.info.data_bytes;
        status = read_file(&in, buffer, w->inputs, t, &w->error);
    }
    if (status == SHEAF_OK)
        status = read_others(w, item, t);
    if (status == SHEAF_OK)
        compute(w, i, name, item->count, t);
    else
        fail(w, i, name, status);
    /* A wide file's buffer goes back to the pool: opening the next one with it would read it on one thread. */
    io_buffer_free(&own);
}
