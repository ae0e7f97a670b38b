#include "batch/slices.h"

#include "base/alloc.h"
#include "batch/journal.h"
#include <string.h>
#include <sys/stat.h>

enum {
    FEW = 16
};

static struct slicing *slicing_of(const struct worker *w)
{
    return &w->map->slicing;
}

sheaf_status cut_open(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                      struct io_identity *identity, bool contents, sheaf_error *error)
{
    char text[IO_SHOWN];
    struct stat st;
    *in = (struct io_input){.path = path, .fd = -1};
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: can be read only once, and is not cut into slices (--each): write it to a file",
                               io_shown(path, text));
    return io_open_header(path, read, buffer, in, identity, contents, error);
}

/* ---- files ---- */

static bool same_view(const sheaf_view *a, const sheaf_view *b)
{
    return a->dtype == b->dtype && a->ndim == b->ndim &&
           memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

/* See that the file is what it was when its slices were counted, and how it lies. */
static sheaf_status look(struct cut_file *f, struct cut_input *x, sheaf_error *error)
{
    char text[IO_SHOWN];
    const struct cut *cut = f->cut;
    struct cut_part now = {.sliced = x->part->sliced};
    size_t n = cut->n;
    const sheaf_file_info *info = &x->in.info;
    sheaf_status status = cut_look(&x->in, cut->said, &now, &n, error);
    if (status != SHEAF_OK)
        return status;
    if (!cut->refused && (n != cut->n || !same_view(&now.view, &x->part->view)))
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: has another shape or dtype than when its slices were counted",
                               io_shown(x->in.path, text));
    x->size = sheaf_dtype_size(info->dtype);
    x->n = n;
    x->outer = x->inner = 1;
    for (int d = 0; d < info->ndim && now.sliced; d++)
        if (d != now.axis)
            *((d < now.axis) != info->fortran_order ? &x->outer : &x->inner) *= (size_t)info->shape[d];
    x->grain = (size_t)io_fetch_grain(&x->in);
    x->ranges = now.sliced && info->data_bytes && io_can_fetch(&x->in);
    if (x->ranges)
        f->slice_bytes += (uint64_t)x->outer * x->inner * x->size;
    else
        f->whole_bytes += info->data_bytes;
    return SHEAF_OK;
}

static sheaf_status open_all(struct cut_file *f, const struct items *items, bool contents, sheaf_error *error)
{
    const struct item *item = &items->at[f->cut->entry];
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < item->count && status == SHEAF_OK; k++) {
        struct cut_input *x = &f->inputs[f->count++];
        x->part = &f->cut->parts[k];
        status =
            cut_open(item_path(item, k), item_read(items, item, k), &x->buffer, &x->in, &x->identity, contents, error);
        if (status == SHEAF_OK)
            status = look(f, x, error);
        f->transient = f->transient || x->in.transient;
        if (x->ranges)
            io_buffer_trim(&x->buffer, 0);
    }
    if (status == SHEAF_OK && f->cut->refused)
        status = sheaf_error_set(error, SHEAF_FORMAT, "%.300s: could not be cut into slices when these were counted",
                                 item->name);
    return status;
}

static void free_file(struct cut_file *f)
{
    for (struct slab *s = f->slabs, *next; s; s = next) {
        next = s->next;
        slab_free(s);
    }
    for (int k = 0; k < f->count; k++) {
        io_close(&f->inputs[k].in);
        io_buffer_free(&f->inputs[k].buffer);
    }
    mem_free(f);
}

/* The open file of this cut, or a new one that is to be opened. Under the lock. */
static struct cut_file *find_file(struct slicing *s, const struct cut *cut, bool *made)
{
    struct cut_file *f = s->files;
    while (f && (f->cut != cut || f->stale))
        f = f->next;
    *made = !f;
    if (!f && (f = mem_calloc(1, sizeof *f))) {
        f->cut = cut;
        f->opening = true;
        f->next = s->files;
        s->files = f;
    }
    if (f)
        f->users++;
    return f;
}

static sheaf_status join_file(struct worker *w, const struct cut *cut)
{
    struct slicing *s = slicing_of(w);
    sheaf_error error = {SHEAF_OK, ""};
    bool made;
    pthread_mutex_lock(&s->lock);
    struct cut_file *f = w->sliced.file = find_file(s, cut, &made);
    while (f && !made && f->opening)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    if (!f)
        return sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory to open a file");
    if (made) {
        const sheaf_status status = open_all(f, w->map->items, journal_by_contents(w), &error);
        pthread_mutex_lock(&s->lock);
        f->status = status;
        f->error = error;
        f->stale = status != SHEAF_OK;
        f->opening = false;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
    if (f->status == SHEAF_OK)
        return SHEAF_OK;
    w->transient = f->transient;
    w->error = f->error;
    return f->status;
}

/* What an item needs beside its slices, and what it costs. */
static void appraise(struct worker *w, const struct cut *cut)
{
    const struct map *m = w->map;
    struct sliced *x = &w->sliced;
    sheaf_view views[ITEM_MAX_INPUTS];
    const int count = x->file->count;
    const uint64_t bytes = cut_bytes(cut, count);
    for (int k = 0; k < count; k++) {
        views[k] = cut->parts[k].view;
        w->dims[k] = cut->parts[k].dims;
    }
    x->need = m->isolation ? bytes : 0; /* the worker process gets a copy */
    x->cost = reading_cost(bytes);
    if (!func_is_computed(m->func) || func_call_begin(&w->call, m->func, count, views, w->output.views, NULL))
        return;
    x->cost += w->call.cost;
    x->need = budget_sum(x->need, admit_need(w, w->output.views));
    func_call_end(&w->call);
}

sheaf_status slices_open(struct worker *w, const struct cut *cut, uint64_t *need)
{
    struct sliced *x = &w->sliced;
    const bool here = x->file && x->file->cut == cut && !x->file->stale;
    sheaf_status status = SHEAF_OK;
    if (!here) {
        slices_leave(w);
        status = join_file(w, cut);
        if (status == SHEAF_OK)
            appraise(w, cut);
    }
    for (int k = 0; status == SHEAF_OK && k < x->file->count && journal_identity(w, 0); k++)
        w->identities[k] = x->file->inputs[k].identity;
    w->cost = x->cost;
    *need = x->need;
    if (status != SHEAF_OK)
        slices_leave(w);
    return status;
}

/* ---- slabs ---- */

/* Nobody keeps it. It stays for whoever comes next, unless there is a newer one, and no longer counts. Under the lock.
 */
static void rest(struct budget *b, struct slab *s)
{
    struct cut_file *f = s->file;
    struct slab **at = &f->slabs;
    budget_give(b, s->counted);
    s->counted = 0;
    if (!f->stale && (s->whole || s == f->slabs))
        return;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    slab_free(s);
}

/* Make room for a new one: free the ranges that nobody keeps. Under the lock. */
static void clear_out(struct cut_file *f)
{
    for (struct slab **at = &f->slabs; *at;) {
        struct slab *old = *at;
        if (old->whole || old->users) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        slab_free(old);
    }
}

/* The newest range comes first; the whole, which there is one of, last. Under the lock. */
static void enter(struct cut_file *f, struct slab *s)
{
    struct slab **at = &f->slabs;
    while (*at && s->whole)
        at = &(*at)->next;
    s->next = *at;
    *at = s;
}

static bool has(const struct slab *s, bool whole, size_t slice)
{
    return s->whole == whole && (whole || (slice >= s->begin && slice < s->end));
}

static struct slab *find(const struct cut_file *f, bool whole, size_t slice)
{
    struct slab *s = f->slabs;
    while (s && !has(s, whole, slice))
        s = s->next;
    return s;
}

/* Bytes that must be read before the slice is there. */
static uint64_t missing(struct worker *w, bool whole, size_t slice)
{
    struct cut_file *f = w->sliced.file;
    const struct slab *kept = whole ? w->sliced.whole : w->sliced.range;
    const uint64_t bytes = whole ? f->whole_bytes : f->slice_bytes * f->per_slab;
    if (!bytes || (kept && has(kept, whole, slice)))
        return 0;
    pthread_mutex_lock(&slicing_of(w)->lock);
    const bool there = find(f, whole, slice) != NULL;
    pthread_mutex_unlock(&slicing_of(w)->lock);
    return there ? 0 : bytes;
}

/* Count the slab, with what was admitted for it if that was. Under the lock. */
static void keep(struct worker *w, struct slab *s, bool admitted)
{
    struct budget *b = w->map->budget;
    if (s->users++ || s->bytes <= b->spare)
        return;
    s->counted = s->bytes;
    if (admitted && w->held >= s->bytes)
        w->held -= s->bytes;
    else
        budget_count(b, s->bytes);
}

static struct slab *new_slab(struct cut_file *f, bool whole, size_t slice)
{
    struct slab *s = mem_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->file = f;
    s->whole = whole;
    s->reading = true;
    if (!whole) {
        s->begin = slice / f->per_slab * f->per_slab;
        s->end = f->cut->n - s->begin < f->per_slab ? f->cut->n : s->begin + f->per_slab;
    }
    s->bytes = whole ? f->whole_bytes : f->slice_bytes * (s->end - s->begin);
    return s;
}

/* ---- reading them ---- */

static void fail(struct slicing *g, struct slab *s, sheaf_status status, const sheaf_error *error)
{
    pthread_mutex_lock(&g->lock);
    if (!atomic_exchange(&s->failed, true)) {
        s->status = status;
        s->error = *error;
        s->file->stale = true;
        for (int k = 0; k < s->file->count; k++)
            s->file->transient = s->file->transient || s->file->inputs[k].in.transient;
    }
    pthread_mutex_unlock(&g->lock);
}

struct helping {
    struct slicing *g;
    struct slab *s;
};

static void read_pieces(void *context, size_t begin, size_t end, int thread)
{
    const struct helping *h = context;
    sheaf_error error = {SHEAF_OK, ""};
    (void)begin, (void)end, (void)thread;
    for (size_t piece; (piece = atomic_fetch_add(&h->s->next_piece, 1)) < h->s->npieces;) {
        const sheaf_status status = atomic_load(&h->s->failed) ? SHEAF_OK : slab_read(h->s, piece, &error);
        if (status != SHEAF_OK)
            fail(h->g, h->s, status, &error);
        atomic_fetch_add(&h->s->pieces_done, 1);
    }
}

/* The slab is this thread's to see read, helped by whoever comes for it meanwhile. */
static void read_slab(struct slicing *g, struct slab *s, const team *t)
{
    struct helping h = {g, s};
    sheaf_error error = {SHEAF_OK, ""};
    par_for(t, (size_t)t->threads, 1, read_pieces, &h);
    pthread_mutex_lock(&g->lock);
    while (atomic_load(&s->pieces_done) < s->npieces)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    sheaf_status status = atomic_load(&s->failed) ? SHEAF_OK : slab_finish(s, &error);
    if (status != SHEAF_OK)
        fail(g, s, status, &error);
    pthread_mutex_lock(&g->lock);
    s->reading = false;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void help(struct slicing *g, struct slab *s)
{
    struct helping h = {g, s};
    read_pieces(&h, 0, 1, 0);
    pthread_mutex_lock(&g->lock);
    if (atomic_load(&s->pieces_done) == s->npieces)
        pthread_cond_broadcast(&g->changed);
    while (s->reading)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

/* Keep the slab with this slice, reading it if nobody has. */
static sheaf_status take(struct worker *w, bool whole, size_t slice, bool admitted, const team *t)
{
    struct slicing *g = slicing_of(w);
    struct cut_file *f = w->sliced.file;
    struct slab **kept = whole ? &w->sliced.whole : &w->sliced.range, *s;
    sheaf_status status = SHEAF_OK;
    bool made = false;
    if (!(whole ? f->whole_bytes : f->slice_bytes) || (*kept && has(*kept, whole, slice)))
        return SHEAF_OK;
    pthread_mutex_lock(&g->lock);
    if (*kept && --(*kept)->users == 0)
        rest(w->map->budget, *kept);
    *kept = NULL;
    s = find(f, whole, slice);
    if (!s && (s = new_slab(f, whole, slice))) {
        made = true;
        clear_out(f);
        status = slab_prepare(s, &w->error);
        if (status == SHEAF_OK) {
            enter(f, s);
        } else {
            f->stale = true;
            slab_free(s);
        }
    }
    if (s && status == SHEAF_OK) {
        keep(w, s, admitted);
        *kept = s;
    }
    pthread_mutex_unlock(&g->lock);
    if (status != SHEAF_OK || !s)
        return status ? status : sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory to read slices");
    if (made)
        read_slab(g, s, t);
    else
        help(g, s);
    if (!atomic_load(&s->failed))
        return SHEAF_OK;
    w->error = s->error;
    w->transient = f->transient;
    return s->status;
}

/* A slab takes a quarter of the memory there is, or half of it where that is for few slices, what an item needs beside
 * it apart; and what all threads gather from an eighth. Under the lock. */
static void size_slabs(struct cut_file *f, const struct map *m, uint64_t need)
{
    const struct budget *b = m->budget;
    const uint64_t left = need < b->limit ? b->limit - need : 0;
    const uint64_t most = b->limit / 4 / FEW < f->slice_bytes ? b->limit / 2 : b->limit / 4;
    if (f->per_slab)
        return;
    f->staging = b->limit / 8 / (uint64_t)m->team.threads;
    f->per_slab = slab_slices(f, left < most ? left : most);
}

sheaf_status slices_read(struct worker *w, size_t i, const struct cut *cut, uint64_t need, team *t)
{
    struct cut_file *f = w->sliced.file;
    const size_t slice = i - cut->first;
    if (!f->per_slab) {
        pthread_mutex_lock(&slicing_of(w)->lock);
        size_slabs(f, w->map, need);
        pthread_mutex_unlock(&slicing_of(w)->lock);
    }
    const uint64_t whole = missing(w, true, slice), range = missing(w, false, slice);
    sheaf_status status = admit(w, i, budget_sum(need, budget_sum(whole, range)), NULL, t);
    const uint64_t before = t->deadline ? clock_ns() : 0;
    if (status == SHEAF_OK)
        status = take(w, true, slice, whole > 0, t);
    if (status == SHEAF_OK)
        status = take(w, false, slice, range > 0, t);
    t->deadline += t->deadline ? clock_ns() - before : 0; /* others have of it too */
    w->bytes += cut_bytes(cut, f->count);
    for (int k = 0; k < f->count; k++)
        w->dims[k] = cut->parts[k].dims;
    if (status == SHEAF_OK)
        slab_views(w->sliced.range, f, slice, w->inputs);
    else
        slices_leave(w);
    return status;
}

struct io_input *slices_far(struct worker *w, size_t i, const struct cut *cut, uint64_t *first)
{
    struct cut_input *x = &w->sliced.file->inputs[0];
    const bool suits = w->sliced.file->count == 1 && x->ranges && x->outer == 1;
    *first = (uint64_t)(i - cut->first) * x->inner;
    return suits ? &x->in : NULL;
}

/* ---- the end ---- */

static void release(struct worker *w)
{
    struct slab **kept[] = {&w->sliced.whole, &w->sliced.range};
    for (int k = 0; k < 2; k++) {
        if (*kept[k] && --(*kept[k])->users == 0)
            rest(w->map->budget, *kept[k]);
        *kept[k] = NULL;
    }
}

void slices_release(struct worker *w)
{
    if (!w->sliced.whole && !w->sliced.range)
        return;
    pthread_mutex_lock(&slicing_of(w)->lock);
    release(w);
    pthread_mutex_unlock(&slicing_of(w)->lock);
}

void slices_leave(struct worker *w)
{
    struct slicing *s = slicing_of(w);
    struct cut_file *f = w->sliced.file, **at = &s->files;
    if (!f)
        return;
    pthread_mutex_lock(&s->lock);
    release(w);
    w->sliced.file = NULL;
    const bool last = --f->users == 0;
    while (last && *at != f)
        at = &(*at)->next;
    if (last)
        *at = f->next;
    pthread_mutex_unlock(&s->lock);
    if (last)
        free_file(f);
}
