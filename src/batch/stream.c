#include "batch/stream.h"

#include "base/alloc.h"
#include "batch/csv.h"

static uint64_t waiting_bytes(const struct slot *slot)
{
    uint64_t bytes = 0;
    for (const struct result *r = slot->outputs; r; r = r->next)
        bytes += r->pooled;
    return bytes;
}

/* ---- the sink, in the threads of the map ---- */

static void begin(void *self, struct map *m, sheaf_results *results)
{
    struct sheaf_stream *s = self;
    m->budget->shared = true;
    m->budget->urgent = s->options.arrival ? NULL : &s->position;
    pthread_mutex_lock(&s->lock);
    s->results = results;
    s->map = m;
    if (s->closed)
        map_stop(m, MAP_CANCELLED);
    pthread_mutex_unlock(&s->lock);
}

static void ended(void *self, size_t i)
{
    struct sheaf_stream *s = self;
    pthread_mutex_lock(&s->lock);
    struct slot *slot = &s->results->slots[i];
    const uint64_t bytes = waiting_bytes(slot);
    slot->ended = true;
    if (s->arrived)
        s->arrived[s->narrived++] = i;
    if (bytes)
        budget_count(s->map->budget, bytes);
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void end(void *self)
{
    struct sheaf_stream *s = self;
    pthread_mutex_lock(&s->lock);
    s->map = NULL;
    pthread_mutex_unlock(&s->lock);
}

static void *run(void *arg)
{
    struct sheaf_stream *s = arg;
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    const sheaf_status status = map_run(s->func, s->batch, &s->options, &s->sink, &results, &error);
    pthread_mutex_lock(&s->lock);
    s->status = status;
    s->error = error;
    s->finished = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* A row of a CSV whose columns are there already. */
static sheaf_status place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    const struct sheaf_stream *s = self;
    const struct csv *c = s->csv;
    char text[VIEW_TEXT];
    if (c && (c->scalar[k] ? view->ndim != 0 : view->ndim != 1 || view->shape[0] != c->width[k]))
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "the result is %s, and the CSV's columns, made by what the headers "
                               "told before, are for others",
                               view_text(view, text));
    return keep_place(self, w, i, k, view, error);
}

/* ---- the consumer ---- */

static void stream_free(sheaf_stream *s)
{
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->arrived);
    mem_free(s);
}

sheaf_status stream_open(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                         const struct csv *csv, sheaf_stream **out, sheaf_error *error)
{
    const size_t n = batch->items->n;
    sheaf_stream *s = mem_calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a stream");
    s->func = func;
    s->batch = batch;
    s->options = *options;
    s->csv = csv;
    s->sink = (struct sink){.self = s,
                            .place = place,
                            .keeps = true,
                            .ordered = !options->arrival,
                            .begin = begin,
                            .ended = ended,
                            .end = end};
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    if (options->arrival && !(s->arrived = mem_calloc(n, sizeof *s->arrived))) {
        stream_free(s);
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a stream of %zu items", n);
    }
    const int code = pthread_create(&s->runner, NULL, run, s);
    if (code != 0) {
        stream_free(s);
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no thread for a stream: %s", strerror(code));
    }
    *out = s;
    return SHEAF_OK;
}

/* The next item, in *i, when it is there. Under the lock. */
static bool next_ready(struct sheaf_stream *s, size_t *i)
{
    const size_t n = s->batch->items->n;
    if (!s->results)
        return false;
    if (s->arrived && s->fetched < s->narrived) {
        *i = s->arrived[s->fetched];
        return true;
    }
    if (s->arrived && !s->finished)
        return false;
    while (s->arrived && atomic_load(&s->position) < n && s->results->slots[atomic_load(&s->position)].ended)
        atomic_fetch_add(&s->position, 1);
    *i = atomic_load(&s->position);
    return *i < n && (s->finished || s->results->slots[*i].ended);
}

bool stream_ready(sheaf_stream *s)
{
    size_t i;
    pthread_mutex_lock(&s->lock);
    const bool ready = next_ready(s, &i);
    pthread_mutex_unlock(&s->lock);
    return ready;
}

bool stream_wait(sheaf_stream *s, size_t *i)
{
    bool ready;
    pthread_mutex_lock(&s->lock);
    while (!(ready = next_ready(s, i)) && !s->finished && atomic_load(&s->position) < s->batch->items->n)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    return ready;
}

void stream_release(sheaf_stream *s, size_t i)
{
    pthread_mutex_lock(&s->lock);
    struct slot *slot = &s->results->slots[i];
    const uint64_t bytes = waiting_bytes(slot);
    result_drop(slot->outputs);
    slot->outputs = NULL;
    if (s->arrived && slot->ended)
        s->fetched++;
    else
        atomic_fetch_add(&s->position, 1);
    if (s->map) {
        budget_give(s->map->budget, bytes);
        budget_wake(s->map->budget);
    }
    pthread_mutex_unlock(&s->lock);
}

sheaf_status sheaf_map_open(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                            sheaf_stream **out, sheaf_error *error)
{
    sheaf_map_options checked;
    *out = NULL;
    const sheaf_status status = map_options(options, &checked, error);
    return status == SHEAF_OK ? stream_open(func, batch, &checked, NULL, out, error) : status;
}

/* Without memory to hand a result out, the item has failed for its consumer. */
static sheaf_status take_all(sheaf_results *results, size_t i, int nout, sheaf_array **arrays, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < nout && status == SHEAF_OK; k++)
        status = sheaf_results_take(results, i, k, &arrays[k], error);
    for (int k = 0; k < nout && status != SHEAF_OK; k++) {
        sheaf_array_free(arrays[k]);
        arrays[k] = NULL;
    }
    return status;
}

bool sheaf_map_next(sheaf_stream *stream, size_t *index, sheaf_array **arrays, sheaf_error *item)
{
    const int nout = stream->func->nout;
    const char *message;
    size_t i;
    for (int k = 0; arrays && k < nout; k++)
        arrays[k] = NULL;
    if (!stream_wait(stream, &i))
        return false;
    const sheaf_status status = sheaf_results_status(stream->results, i, &message);
    if (item)
        *item = (sheaf_error){SHEAF_OK, ""};
    if (status != SHEAF_OK)
        sheaf_error_set(item, status, "%s", message);
    else if (arrays)
        take_all(stream->results, i, nout, arrays, item);
    if (index)
        *index = i;
    stream_release(stream, i);
    return true;
}

sheaf_status sheaf_map_close(sheaf_stream *stream, sheaf_results **results, sheaf_error *error)
{
    if (results)
        *results = NULL;
    if (!stream)
        return SHEAF_OK;
    pthread_mutex_lock(&stream->lock);
    stream->closed = true;
    if (stream->map) {
        map_stop(stream->map, MAP_CANCELLED);
        atomic_store(&stream->map->budget->hurry, true);
        budget_wake(stream->map->budget);
    }
    pthread_mutex_unlock(&stream->lock);
    pthread_join(stream->runner, NULL);
    const sheaf_status status = stream->status;
    if (status != SHEAF_OK && error)
        *error = stream->error;
    for (size_t i = 0; stream->results && i < stream->results->n; i++) {
        result_drop(stream->results->slots[i].outputs);
        stream->results->slots[i].outputs = NULL;
    }
    if (results && status == SHEAF_OK)
        *results = stream->results;
    else
        sheaf_results_free(stream->results);
    stream_free(stream);
    return status;
}
