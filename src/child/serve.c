#include "child/serve.h"

#include "base/cpu.h"
#include "base/fpenv.h"
#include "base/pool.h"
#include "batch/driver.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A part of the file that is shared with the parent, mapped here. Kept from item to item: most are of one size. */
struct segment {
    unsigned char *at;
    uint64_t offset;
    size_t size;
};

struct server {
    int socket, data;
    struct worker_page *page;
    struct packet question, answer;
    struct segment function, inputs, outputs[SHEAF_MAX_OUTPUTS];
    _Alignas(64) unsigned char here[SHEAF_MAX_OUTPUTS][ISOLATE_OUTPUT_HERE];
    uint64_t places[SHEAF_MAX_OUTPUTS];     /* of the outputs, as in view_pack */
    uint64_t end;                           /* of what is used of the file */
    int fetched[PACKET_MOST_FDS], nfetched; /* what came with the question */
    bool identify, contents;                /* the journal wants to know the item's files; by what is in them */
    struct arena arena;
    struct map map;
    struct worker worker;
};

static void stage(struct server *s, enum worker_stage now)
{
    atomic_store(&s->page->stage, now);
}

/* ---- memory ---- */

static void segment_drop(struct segment *g)
{
    if (g->at)
        munmap(g->at, g->size);
    *g = (struct segment){NULL, 0, 0};
}

/* [offset, offset + size) of the file, which grows to hold it. */
static unsigned char *segment_at(struct segment *g, int fd, uint64_t offset, size_t size, int protection)
{
    struct stat st;
    if (g->at && g->offset == offset && g->size >= size)
        return g->at;
    segment_drop(g);
    if (size > INT64_MAX - offset || fstat(fd, &st) != 0 ||
        ((uint64_t)st.st_size < offset + size && ftruncate(fd, (off_t)(offset + size)) != 0))
        return NULL;
    void *at = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);
    if (at == MAP_FAILED)
        return NULL;
    *g = (struct segment){at, offset, size};
    return g->at;
}

static void clear_arrays(struct server *s)
{
    io_buffer_free(&s->worker.buffer);
    for (int k = 0; k < ITEM_MAX_INPUTS - 1; k++)
        io_buffer_free(&s->worker.more[k]);
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++)
        segment_drop(&s->outputs[k]);
    segment_drop(&s->inputs);
}

/* ---- the sink: outputs are computed where the parent fetches them ---- */

static sheaf_status place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    struct server *s = self;
    char text[VIEW_TEXT];
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    (void)w, (void)i;
    s->places[k] = VIEW_HERE;
    view->data = s->here[k];
    if (bytes <= sizeof s->here[k])
        return SHEAF_OK;
    s->places[k] = s->end;
    view->data = segment_at(&s->outputs[k], s->data, s->end, bytes, PROT_READ | PROT_WRITE);
    if (!view->data)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %s (%zu bytes)",
                               view_text(view, text), bytes);
    s->end = (s->end + bytes + ISOLATE_PAGE - 1) / ISOLATE_PAGE * ISOLATE_PAGE;
    return SHEAF_OK;
}

/* ---- an item ---- */

/* A file by its name, or what the parent has fetched. */
static sheaf_status open_file(struct server *s, int k, struct io_buffer *buffer, struct io_input *in, int *fetched)
{
    struct worker *w = &s->worker;
    const char *path = packet_get_text(&s->question);
    if (!packet_get_number(&s->question))
        return io_open_known(path, NULL, buffer, in, s->identify ? &w->identities[k] : NULL, s->contents, &w->error);
    const char *part = packet_get_text(&s->question);
    *in = (struct io_input){.fd = -1};
    if (*fetched >= s->nfetched)
        return sheaf_error_set(&w->error, SHEAF_INVALID, "the worker got a question that makes no sense");
    return io_open_fd(path, s->fetched[(*fetched)++], *part ? part : NULL, NULL, buffer, in, &w->error);
}

static sheaf_status read_files(struct server *s, int n)
{
    struct worker *w = &s->worker;
    sheaf_status status = SHEAF_OK;
    int fetched = 0;
    for (int k = 0; k < n && status == SHEAF_OK; k++) {
        struct io_buffer *buffer = k ? &w->more[k - 1] : &w->buffer;
        struct io_input in;
        stage(s, WORKER_OPENING);
        status = open_file(s, k, buffer, &in, &fetched);
        w->transient = in.transient;
        if (status == SHEAF_OK)
            status = read_dims(w, k, &in);
        if (status != SHEAF_OK)
            break;
        stage(s, WORKER_READING);
        w->bytes += in.info.data_bytes;
        status = io_read_all(&in, buffer, &w->inputs[k], &w->error);
        w->transient = in.transient;
    }
    return status;
}

/* The arrays of the item; those in the file are mapped behind each other, up to its end. */
static sheaf_status take_arrays(struct server *s, int n)
{
    struct worker *w = &s->worker;
    struct packet *q = &s->question;
    uint64_t where[ITEM_MAX_INPUTS];
    size_t bytes;
    for (int k = 0; k < n && !q->bad && func_names_axes(s->map.func); k++) {
        w->dims[k] = packet_get_text(q);
        w->dims[k] = *w->dims[k] ? w->dims[k] : NULL;
    }
    for (int k = 0; k < n && !q->bad; k++) {
        sheaf_view *view = &w->inputs[k];
        if (view_unpack(q, view, &where[k], &bytes) && where[k] == VIEW_HERE)
            view->data = (void *)(uintptr_t)packet_get(q, bytes, VIEW_ALIGN);
    }
    s->end = packet_get_number(q);
    if (q->bad)
        return sheaf_error_set(&w->error, SHEAF_INVALID, "the worker got a question that makes no sense");
    unsigned char *at = NULL;
    if (s->end && !(at = segment_at(&s->inputs, s->data, 0, s->end, PROT_READ | PROT_WRITE)))
        return sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory to map %llu bytes of inputs",
                               (unsigned long long)s->end);
    for (int k = 0; k < n; k++)
        if (where[k] != VIEW_HERE)
            w->inputs[k].data = at + where[k];
    return SHEAF_OK;
}

static void put_outputs(struct server *s)
{
    const struct worker *w = &s->worker;
    const int nout = w->map->func->nout;
    packet_put_number(&s->answer, (uint64_t)nout);
    for (int k = 0; k < nout; k++)
        if (s->places[k] == VIEW_HERE)
            array_pack(&s->answer, &w->output.views[k]);
        else
            view_pack(&s->answer, &w->output.views[k], s->places[k]);
}

/* Give back what is more than a worker may keep for the next item. */
static void shed(struct server *s, uint64_t keep)
{
    uint64_t kept = s->inputs.size + s->worker.buffer.capacity;
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++)
        kept += s->outputs[k].size;
    for (int k = 0; k < ITEM_MAX_INPUTS - 1; k++)
        kept += s->worker.more[k].capacity;
    if (kept > keep)
        clear_arrays(s);
}

/* Answer the question at hand; false: the parent is gone. */
static bool work(struct server *s)
{
    struct worker *w = &s->worker;
    struct packet *q = &s->question;
    const uint64_t asked = packet_get_number(q);
    atomic_store(&s->page->begun, asked);
    stage(s, WORKER_OPENING);
    w->error.message[0] = '\0';
    w->bytes = 0;
    w->transient = false;
    s->end = 0;
    const size_t index = packet_get_number(q);
    const int threads = (int)packet_get_number(q);
    const uint64_t keep = packet_get_number(q);
    pool_bound((size_t)keep);
    const char *name = packet_get_text(q);
    const int n = (int)packet_get_number(q);
    const bool opens = packet_get_number(q) != 0;
    const uint64_t identify = packet_get_number(q);
    s->identify = identify != 0 && opens;
    s->contents = identify == 2;
    memset(w->identities, 0, sizeof w->identities);
    sheaf_status status = opens ? read_files(s, n) : take_arrays(s, n);
    if (status == SHEAF_OK) {
        stage(s, WORKER_COMPUTING);
        fp_enter();
        team t = threads > 1 ? team_lease(threads) : team_one();
        status = item_compute(w, index, name, n, &t);
        team_release(&t);
    }
    while (s->nfetched > 0)
        close(s->fetched[--s->nfetched]);
    stage(s, WORKER_RETURNING);
    fflush(NULL);
    packet_clear(&s->answer);
    packet_put_number(&s->answer, asked);
    packet_put_number(&s->answer, status);
    packet_put_number(&s->answer, w->bytes);
    packet_put_number(&s->answer, w->transient);
    packet_put_number(&s->answer, s->identify ? (uint64_t)n : 0);
    packet_put(&s->answer, w->identities, s->identify ? (size_t)n * sizeof *w->identities : 0);
    if (status == SHEAF_OK)
        put_outputs(s);
    else
        packet_put_text(&s->answer, w->error.message);
    if (!packet_send(&s->answer, s->socket, NULL, 0))
        return false;
    shed(s, keep);
    stage(s, WORKER_IDLE);
    return true;
}

/* ---- the beginning ---- */

/* Descriptors: the page, the data, the function, its plugins'. */
enum {
    FD_PAGE,
    FD_DATA,
    FD_FUNCTION,
    FD_PLUGINS
};

static sheaf_status make_function(struct server *s, const int *fds, int nfds, sheaf_func **func, sheaf_error *error)
{
    struct stat st;
    if (fstat(fds[FD_FUNCTION], &st) != 0 ||
        !segment_at(&s->function, fds[FD_FUNCTION], 0, (size_t)st.st_size, PROT_READ))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function");
    struct packet p = {.data = s->function.at, .n = s->function.size};
    return func_unpack(&p, fds + FD_PLUGINS, nfds - FD_PLUGINS, &s->arena, func, error);
}

/* Take what the parent tells first, and say whether all is well. */
static bool greet(struct server *s, sheaf_func **func)
{
    int fds[PACKET_MOST_FDS], nfds = 0;
    struct rusage usage = {0};
    sheaf_error error = {SHEAF_OK, ""};
    if (packet_receive(&s->question, s->socket, fds, &nfds) <= 0 || nfds < FD_PLUGINS)
        return false;
    void *page = mmap(NULL, sizeof *s->page, PROT_READ | PROT_WRITE, MAP_SHARED, fds[FD_PAGE], 0);
    if (page == MAP_FAILED)
        return false;
    s->page = page;
    s->data = fds[FD_DATA];
    getrusage(RUSAGE_SELF, &usage);
    atomic_store(&s->page->rss, (uint64_t)usage.ru_maxrss);
    const char *version = packet_get_text(&s->question);
    sheaf_status status = SHEAF_OK;
    if (strcmp(version, SHEAF_VERSION) == 0 && packet_get_number(&s->question) == WORKER_PROTOCOL) {
        cpu_isa_force((enum isa)packet_get_number(&s->question));
        status = make_function(s, fds, nfds, func, &error);
    }
    for (int k = 0; k < nfds; k++)
        if (k != FD_DATA)
            close(fds[k]);
    packet_put_text(&s->answer, SHEAF_VERSION);
    packet_put_number(&s->answer, WORKER_PROTOCOL);
    packet_put_number(&s->answer, status);
    packet_put_text(&s->answer, error.message);
    stage(s, WORKER_IDLE);
    return packet_send(&s->answer, s->socket, NULL, 0) && *func;
}

static void clear(struct server *s)
{
    clear_arrays(s);
    read_clear(&s->worker);
    segment_drop(&s->function);
    packet_free(&s->question);
    packet_free(&s->answer);
    arena_free(&s->arena);
}

int serve(int socket)
{
    static struct server server;
    struct server *s = &server;
    sheaf_func *func = NULL;
    int status = 1;
    s->socket = socket;
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    if (greet(s, &func)) {
        const struct sink sink = {.self = s, .place = place};
        s->map = (struct map){.func = func, .sink = &sink};
        s->worker.map = &s->map;
        s->worker.arena = &s->arena;
        s->worker.call.dims = s->worker.dims;
        while (packet_receive(&s->question, socket, s->fetched, &s->nfetched) > 0 && work(s))
            packet_linger(socket);
        status = 0;
    }
    sheaf_func_free(func);
    clear(s);
    return status;
}
