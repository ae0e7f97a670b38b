#include "batch/journal.h"

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/pool.h"
#include "io/url.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A worker's file longer than this gives its pages back after each item. */
#define DATA_KEPT ((uint64_t)64 << 20)

sheaf_status isolation_wanted(const sheaf_func *func, const sheaf_map_options *options, bool *wanted,
                              sheaf_error *error)
{
    *wanted =
        options->isolate == SHEAF_ISOLATE_ALWAYS || (options->isolate == SHEAF_ISOLATE_OWN_C && func->nplugins > 0);
    if (*wanted && !func_is_computed(func) && func->nplugins == 0)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "a callback is a function of this process, and cannot run isolated in another; "
                               "sheaf_func_from_file gives a function that can");
    return SHEAF_OK;
}

bool isolate_opens(const struct items *items, const struct item *item)
{
    bool opens = item_is_file(item) && !item->joins && !item->cut && !read_text(items->read);
    for (int k = 0; opens && k < item->count; k++) {
        const char *path = item_path(item, k);
        opens = strncmp(path, "/dev/fd/", 8) != 0 && strncmp(path, "/dev/std", 8) != 0 &&
                strncmp(path, "/proc/self/", 11) != 0;
    }
    return opens;
}

/* ---- the map's ---- */

/* The function in memory, which from now on nobody can change: no worker can harm another through it. */
static int share(const struct packet *p)
{
    int fd = memfd_create("sheaf function", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (!worker_write(fd, p->data, p->n, 0) ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static sheaf_status start(struct isolation *s, struct isolated *x, sheaf_error *error)
{
    if (!packet_ready(&x->answer))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the answers of a worker");
    sheaf_status status = worker_start(&x->process, s->program, &s->hello, s->fds, s->nfds, &x->answer, error);
    if (status != SHEAF_OK)
        return status;
    struct worker_end end;
    const char *version = packet_get_text(&x->answer);
    const uint64_t protocol = packet_get_number(&x->answer), refused = packet_get_number(&x->answer);
    const char *message = packet_get_text(&x->answer);
    if (x->answer.bad || strcmp(version, SHEAF_VERSION) != 0 || protocol != WORKER_PROTOCOL)
        status = sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                 "the worker program %.200s is of version %.20s, and this is " SHEAF_VERSION
                                 ": install both anew, or name the right one in SHEAF_WORKER",
                                 s->program, version);
    else if (refused)
        status = sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                 "the function cannot be made in a worker process: %.300s; do without (--no-isolate)",
                                 message);
    if (status != SHEAF_OK)
        worker_kill(&x->process, &end);
    return status;
}

sheaf_status isolation_begin(struct isolation *s, const sheaf_func *func, struct worker *first, sheaf_error *error)
{
    struct packet recipe = {0};
    int nplugins;
    *s = (struct isolation){.fds = {-1}, .nfds = 1, .failed = ATOMIC_FLAG_INIT};
    sheaf_status status = worker_program(s->program, error);
    if (status != SHEAF_OK)
        return status;
    func_pack(&recipe, func, s->fds + 1, &nplugins);
    s->nfds += nplugins;
    packet_put_text(&s->hello, SHEAF_VERSION);
    packet_put_number(&s->hello, WORKER_PROTOCOL);
    packet_put_number(&s->hello, cpu_isa());
    if (recipe.bad || s->hello.bad)
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function of the workers");
    else if ((s->fds[0] = share(&recipe)) < 0)
        status = sheaf_error_set(error, SHEAF_UNSUPPORTED, "the function cannot be given to workers, in memory: %s",
                                 strerror(errno));
    packet_free(&recipe);
    return status == SHEAF_OK ? start(s, &first->isolated, error) : status;
}

sheaf_status isolation_end(struct isolation *s, struct worker *workers, int n, sheaf_error *error)
{
    struct worker_process **all = mem_alloc((size_t)n * sizeof *all);
    for (int k = 0; k < n; k++) {
        struct isolated *x = &workers[k].isolated;
        if (all)
            all[k] = &x->process;
        else /* one after the other, then */
            worker_stop((struct worker_process *[]){&x->process}, 1);
    }
    if (all)
        worker_stop(all, n);
    mem_free(all);
    for (int k = 0; k < n; k++) {
        packet_free(&workers[k].isolated.question);
        packet_free(&workers[k].isolated.answer);
    }
    packet_free(&s->hello);
    if (s->fds[0] >= 0)
        close(s->fds[0]);
    if (s->error.status != SHEAF_OK && error)
        *error = s->error;
    return s->error.status;
}

/* ---- one item: the question ---- */

/* An array of the item behind `end` of the worker's file. */
static sheaf_status write_array(const struct isolated *x, const sheaf_view *view, size_t bytes, uint64_t *end,
                                sheaf_error *error)
{
    sheaf_view copy = *view;
    if (!sheaf_view_is_contiguous(view)) {
        sheaf_view_init(&copy, pool_get(bytes), view->dtype, view->ndim, view->shape, NULL);
        if (!copy.data)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to gather an input of %zu bytes", bytes);
        sheaf_view_copy(view, &copy, NULL);
    }
    sheaf_status status = SHEAF_OK;
    if (!worker_write(x->process.data, copy.data, bytes, *end))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to give an input of %zu bytes to the worker: %s",
                                 bytes, strerror(errno));
    if (copy.data != view->data)
        pool_put(copy.data, bytes);
    *end = (*end + bytes + ISOLATE_PAGE - 1) / ISOLATE_PAGE * ISOLATE_PAGE;
    return status;
}

static sheaf_status put_arrays(struct isolated *x, const sheaf_view *views, int n, uint64_t *end, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    size_t here = 0;
    for (int k = 0; k < n && status == SHEAF_OK; k++) {
        const size_t bytes = (size_t)sheaf_view_size(&views[k]) * sheaf_dtype_size(views[k].dtype);
        if (bytes <= ISOLATE_HERE - here) {
            array_pack(&x->question, &views[k]);
            here += bytes;
        } else {
            view_pack(&x->question, &views[k], *end);
            status = write_array(x, &views[k], bytes, end, error);
        }
    }
    return status;
}

/* A path to be opened; or what a URL gave, as a descriptor: the worker has nothing to do with the network. */
static void put_file(struct worker *w, size_t i, int k, int *fds, int *nfds)
{
    const struct items *items = w->map->items;
    const struct http_get *get = transfers_of(w->map->transfers, i, k);
    struct packet *q = &w->isolated.question;
    packet_put_text(q, get ? get->name : item_path(items_at(items, i), k));
    packet_put_number(q, get != NULL);
    if (!get)
        return;
    const char *part = url_part(items->urls.at[urls_of(items, i, k)].url);
    packet_put_text(q, part ? part : "");
    fds[(*nfds)++] = get->body.fd;
}

static sheaf_status make_question(struct worker *w, size_t i, const char *name, const team *t, int *fds, int *nfds)
{
    const struct item *item = items_at(w->map->items, i);
    const bool opens = isolate_opens(w->map->items, item);
    struct packet *q = &w->isolated.question;
    sheaf_status status = SHEAF_OK;
    uint64_t end = 0;
    *nfds = 0;
    packet_clear(q);
    packet_put_number(q, ++w->isolated.asked);
    packet_put_number(q, i);
    packet_put_number(q, (uint64_t)t->threads);
    packet_put_number(q, w->map->budget->keep);
    packet_put_text(q, name);
    packet_put_number(q, (uint64_t)item->count);
    packet_put_number(q, opens);
    packet_put_number(q, journal_identity(w, 0) ? 1 + journal_by_contents(w) : 0);
    for (int k = 0; k < item->count && opens; k++)
        put_file(w, i, k, fds, nfds);
    for (int k = 0; k < item->count && !opens && func_names_axes(w->map->func); k++)
        packet_put_text(q, w->dims[k] ? w->dims[k] : "");
    if (!opens)
        status = put_arrays(&w->isolated, w->inputs, item->count, &end, &w->error);
    packet_put_number(q, end);
    if (status == SHEAF_OK && q->bad)
        status = sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory for a message to the worker");
    if (status == SHEAF_OK && q->n > PACKET_MOST)
        status = sheaf_error_set(&w->error, SHEAF_INVALID, "its name is too long to give the item to a worker process");
    return status;
}

/* ---- the answer ---- */

static sheaf_status ended(struct worker *w, const struct worker_end *end)
{
    char text[WORKER_END_TEXT];
    worker_end_text(end, text);
    return sheaf_error_set(&w->error, end->late ? SHEAF_TIMEOUT : SHEAF_CRASHED, "%s", text);
}

static sheaf_status garbled(struct worker *w)
{
    struct worker_end end;
    worker_kill(&w->isolated.process, &end);
    return ended(w, &end);
}

/* Elements of an output, from the message or the worker's file, to where they belong. */
static sheaf_status fetch(struct worker *w, const void *here, uint64_t where, size_t bytes, const sheaf_view *to)
{
    sheaf_view from = *to;
    const bool direct = sheaf_view_is_contiguous(to);
    sheaf_status status = SHEAF_OK;
    if (bytes == 0)
        return SHEAF_OK;
    if (!direct)
        sheaf_view_init(&from, pool_get(bytes), to->dtype, to->ndim, to->shape, NULL);
    if (!from.data)
        return sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory for a result of %zu bytes", bytes);
    if (here)
        memcpy(from.data, here, bytes);
    else if (!worker_read(w->isolated.process.data, from.data, bytes, where))
        status = garbled(w);
    if (!direct) {
        if (status == SHEAF_OK)
            status = sheaf_view_copy(&from, to, &w->error);
        pool_put(from.data, bytes);
    }
    return status;
}

static bool is_there(const struct worker *w, uint64_t where, size_t bytes)
{
    struct stat st;
    return fstat(w->isolated.process.data, &st) == 0 && where <= (uint64_t)st.st_size &&
           bytes <= (uint64_t)st.st_size - where;
}

/* Output k: looked at before its place is asked for, since a number that is no size must not become one. */
static sheaf_status take_output(struct worker *w, size_t i, int k)
{
    struct map *m = w->map;
    struct packet *a = &w->isolated.answer;
    sheaf_view *own = &w->output.views[k];
    const void *here = NULL;
    uint64_t where;
    size_t bytes;
    if (!view_unpack(a, own, &where, &bytes))
        return garbled(w);
    if (where == VIEW_HERE)
        here = packet_get(a, bytes, VIEW_ALIGN);
    if (where == VIEW_HERE ? !here : !is_there(w, where, bytes))
        return garbled(w);
    if (!func_is_computed(m->func))
        admit_more(w, 2 * bytes);
    sheaf_status status = m->sink->place(m->sink->self, w, i, k, own, &w->error);
    return status == SHEAF_OK ? fetch(w, here, where, bytes, own) : status;
}

static sheaf_status take_failure(struct worker *w, uint64_t status)
{
    const char *message = packet_get_text(&w->isolated.answer);
    if (w->isolated.answer.bad)
        return garbled(w);
    if (status > SHEAF_CALLBACK || status == SHEAF_SKIPPED)
        status = SHEAF_CALLBACK;
    return sheaf_error_set(&w->error, (sheaf_status)status, "%s", message);
}

/* What files it was that the worker opened, for the journal; of what was fetched it knows nothing. */
static void take_identities(struct worker *w, size_t i)
{
    struct packet *a = &w->isolated.answer;
    const uint64_t n = packet_get_number(a);
    const void *identities = n <= ITEM_MAX_INPUTS ? packet_get(a, (size_t)n * sizeof *w->identities, 1) : NULL;
    if (identities)
        memcpy(w->identities, identities, (size_t)n * sizeof *w->identities);
    else
        a->bad = true;
    for (int k = 0; k < items_at(w->map->items, i)->count && w->map->transfers; k++) {
        const struct http_get *get = transfers_of(w->map->transfers, i, k);
        w->identities[k] = get ? get->body.identity : w->identities[k];
    }
}

static sheaf_status take_answer(struct worker *w, size_t i)
{
    struct packet *a = &w->isolated.answer;
    const int nout = w->map->func->nout;
    const uint64_t asked = packet_get_number(a), code = packet_get_number(a), bytes = packet_get_number(a),
                   transient = packet_get_number(a);
    sheaf_status status = SHEAF_OK;
    if (a->bad || asked != w->isolated.asked)
        return garbled(w);
    w->bytes += bytes;
    w->transient = transient != 0;
    take_identities(w, i);
    if (a->bad)
        return garbled(w);
    if (code != SHEAF_OK)
        return take_failure(w, code);
    if (packet_get_number(a) != (uint64_t)nout)
        return garbled(w);
    for (int k = 0; k < nout && status == SHEAF_OK; k++)
        status = take_output(w, i, k);
    return status;
}

/* ---- asking ---- */

static sheaf_status ensure(struct worker *w)
{
    struct map *m = w->map;
    struct isolation *s = m->isolation;
    if (w->isolated.process.pid)
        return SHEAF_OK;
    sheaf_status status = start(s, &w->isolated, &w->error);
    if (status != SHEAF_OK && !atomic_flag_test_and_set(&s->failed))
        s->error = w->error;
    if (status != SHEAF_OK)
        map_stop(m, MAP_NO_WORKER);
    return status;
}

static void trim(const struct isolated *x, uint64_t keep)
{
    struct stat st;
    keep = (keep < DATA_KEPT ? keep : DATA_KEPT) / ISOLATE_PAGE * ISOLATE_PAGE;
    if (x->process.pid && fstat(x->process.data, &st) == 0 && (uint64_t)st.st_size > keep)
        fallocate(x->process.data, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)keep, st.st_size - (off_t)keep);
}

sheaf_status isolate_run(struct worker *w, size_t i, const char *name, const team *t, uint64_t deadline)
{
    struct isolated *x = &w->isolated;
    struct worker_end end;
    bool answered;
    int attempts = 0, fds[ITEM_MAX_INPUTS], nfds;
    do {
        const uint64_t before = clock_ns();
        sheaf_status status = ensure(w);
        deadline += deadline ? clock_ns() - before : 0; /* starting a worker is not the item's time */
        if (status == SHEAF_OK)
            status = make_question(w, i, name, t, fds, &nfds);
        if (status != SHEAF_OK)
            return status;
        answered = worker_ask(&x->process, &x->question, fds, nfds, deadline, &x->answer, &end);
        /* One that died before it took the item, of whatever was left behind, has not died of this one. */
    } while (!answered && !end.late && end.begun != x->asked && ++attempts < 2);
    sheaf_status status = answered ? take_answer(w, i) : ended(w, &end);
    trim(x, w->map->budget->keep);
    return status;
}
