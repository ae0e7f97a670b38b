#include "batch/transfers.h"

#include "base/alloc.h"
#include "batch/driver.h"
#include "io/url.h"
#include <signal.h>
#include <string.h>

enum {
    SHARE = 4,       /* a fourth of the map's memory is for bodies */
    STEP_MS = 100,   /* a flag that cancels the map is looked at so often */
    MOST_ASIDE = 256 /* URLs that wait for their host while others go on */
};

struct fetch {
    struct http_get get;
    size_t url; /* its number */
    uint64_t origin;
    bool ended;
    char name[];
};

struct host {
    uint64_t origin;
    int transfers;
};

struct transfers {
    struct map *map;
    const struct items *items;
    sheaf_http options;
    struct http_memory memory;
    struct http_set *set; /* the thread's, once it runs */
    pthread_t thread;
    bool started;
    bool *changed;          /* by URL: of what an earlier run has done */
    struct fetch **fetches; /* by URL; a worker that has taken an item has its own */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* under the lock: */
    bool stopped, full; /* full: nothing is started until something is taken */
    size_t next;        /* URLs before it have been started, or set aside */
    size_t aside[MOST_ASIDE + ITEM_MAX_INPUTS], naside;
    struct again again; /* items */
    struct host *hosts; /* with transfers under way */
    int nhosts, under_way;
    size_t *ready, first, nready, nitems; /* items; a ring of nitems */
    size_t coming, in_hand;               /* items not ready yet; started, and not taken */
    size_t window, repeated;
};

/* ---- what is to be fetched ---- */

static bool is_first(const struct items *items, size_t u)
{
    return u == 0 || items->urls.at[u - 1].item != items->urls.at[u].item;
}

static bool is_done(const struct transfers *t, size_t i)
{
    return t->map->resumed && t->map->slots[i].status == SHEAF_OK;
}

static struct host *host_of(struct transfers *t, uint64_t origin)
{
    for (int k = 0; k < t->nhosts; k++)
        if (t->hosts[k].origin == origin)
            return &t->hosts[k];
    return NULL;
}

static bool has_room(struct transfers *t, size_t u)
{
    const struct host *h = host_of(t, url_origin(t->items->urls.at[u].url));
    return !h || h->transfers < t->options.per_host;
}

/* The next of the batch's order, set aside when its host is busy. False: there is none now. */
static bool advance(struct transfers *t)
{
    const struct items *items = t->items;
    while (t->next < items->urls.n &&
           (is_done(t, items->urls.at[t->next].item) || urls_same(items, t->next) != t->next))
        t->next++;
    if (t->next == items->urls.n)
        return false;
    if (is_first(items, t->next)) {
        t->full = t->in_hand >= t->window;
        if (t->full)
            return false;
        t->in_hand++;
    }
    t->aside[t->naside++] = t->next++;
    return true;
}

static bool repeat(struct transfers *t)
{
    const struct urls *urls = &t->items->urls;
    size_t i;
    if (!again_take(&t->again, &i))
        return false;
    for (size_t u = urls_first(t->items, i); u < urls->n && urls->at[u].item == i; u++)
        if (urls_same(t->items, u) == u)
            t->aside[t->naside++] = u;
    return true;
}

/* The URL to be fetched next, SIZE_MAX: none now. An ordered map's are started strictly in its order, so that the one
 * that all wait for is under way. */
static size_t choose(struct transfers *t)
{
    const bool ordered = t->map->sink->ordered;
    const size_t most = ordered ? 1 : MOST_ASIDE;
    size_t k = 0;
    if (t->under_way >= t->options.connections)
        return SIZE_MAX;
    for (;; k++) {
        if (k == t->naside && (t->naside >= most || !((ordered && repeat(t)) || advance(t) || (!ordered && repeat(t)))))
            return SIZE_MAX;
        if (has_room(t, t->aside[k]))
            break;
    }
    const size_t u = t->aside[k];
    memmove(t->aside + k, t->aside + k + 1, (--t->naside - k) * sizeof *t->aside);
    return u;
}

/* What came of a URL for which there was not even memory to take a note. Never written to. */
static struct fetch starved = {.get = {.name = "",
                                       .status = SHEAF_NO_MEMORY,
                                       .error = {SHEAF_NO_MEMORY, "no memory for a transfer"},
                                       .transient = true,
                                       .body = HTTP_NO_BODY},
                               .ended = true};

static void fetch_free(struct fetch *f)
{
    if (!f || f == &starved)
        return;
    http_body_close(&f->get.body);
    mem_free(f);
}

static struct fetch *fetch_new(struct transfers *t, size_t u)
{
    const char *url = t->items->urls.at[u].url;
    const size_t n = url_show(url, NULL, 0) + 1;
    struct fetch *f = mem_calloc(1, sizeof *f + n);
    if (!f)
        return NULL;
    url_show(url, f->name, n);
    f->url = u;
    f->origin = url_origin(url);
    f->get = (struct http_get){.url = url, .name = f->name, .timeout = t->map->options.timeout, .body = HTTP_NO_BODY};
    return f;
}

static void begin(struct transfers *t, struct fetch *f)
{
    struct host *h = host_of(t, f->origin);
    if (!h) { /* no more of them than transfers */
        h = &t->hosts[t->nhosts++];
        *h = (struct host){f->origin, 0};
    }
    h->transfers++;
    t->under_way++;
}

/* ---- what has arrived ---- */

static bool is_ready(const struct transfers *t, size_t i)
{
    const struct urls *urls = &t->items->urls;
    for (size_t u = urls_first(t->items, i); u < urls->n && urls->at[u].item == i; u++) {
        const struct fetch *f = t->fetches[urls_same(t->items, u)];
        if (!f || !f->ended)
            return false;
    }
    return true;
}

/* The transfer of URL u has ended. Under the lock. */
static void arrived(struct transfers *t, size_t u)
{
    const size_t i = t->items->urls.at[u].item;
    if (t->fetches[u] != &starved)
        t->fetches[u]->ended = true;
    if (!is_ready(t, i))
        return;
    t->coming--;
    if (!t->map->sink->ordered)
        t->ready[(t->first + t->nready++) % t->nitems] = i;
    pthread_cond_broadcast(&t->moved);
}

static void end(struct transfers *t, struct fetch *f)
{
    pthread_mutex_lock(&t->lock);
    struct host *h = host_of(t, f->origin);
    if (--h->transfers == 0)
        *h = t->hosts[--t->nhosts];
    t->under_way--;
    arrived(t, f->url);
    pthread_mutex_unlock(&t->lock);
}

/* ---- the thread ---- */

/* Start what can be; false: the map has ended. */
static bool start_some(struct transfers *t)
{
    for (;;) {
        pthread_mutex_lock(&t->lock);
        const bool stopped = t->stopped = t->stopped || map_stopped(t->map);
        const size_t u = stopped ? SIZE_MAX : choose(t);
        struct fetch *f = u == SIZE_MAX ? NULL : fetch_new(t, u);
        if (u != SIZE_MAX)
            t->fetches[u] = f ? f : &starved;
        if (f)
            begin(t, f);
        else if (u != SIZE_MAX)
            arrived(t, u);
        pthread_mutex_unlock(&t->lock);
        if (f)
            http_add(t->set, &f->get);
        else if (u == SIZE_MAX)
            return !stopped;
    }
}

static void *run(void *self)
{
    struct transfers *t = self;
    struct http_get *get;
    while (start_some(t)) {
        http_step(t->set, STEP_MS);
        while ((get = http_take(t->set)))
            end(t, (struct fetch *)(void *)((char *)get - offsetof(struct fetch, get)));
    }
    http_free(t->set);
    pthread_mutex_lock(&t->lock);
    t->set = NULL;
    pthread_cond_broadcast(&t->moved);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

sheaf_status transfers_new(struct map *m, struct transfers **out, sheaf_error *error)
{
    const size_t n = m->items->urls.n;
    *out = NULL;
    if (n == 0)
        return SHEAF_OK;
    struct transfers *t = mem_calloc(1, sizeof *t);
    if (!t)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for transfers");
    t->map = m;
    t->items = m->items;
    t->again = (struct again)AGAIN_INIT;
    t->memory.limit = m->budget->limit / SHARE;
    m->budget->limit -= t->memory.limit;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->moved, NULL);
    sheaf_status status = http_options(m->options.http, &t->options, error);
    if (status == SHEAF_OK) {
        t->changed = mem_calloc(n, sizeof *t->changed);
        t->fetches = mem_calloc(n, sizeof *t->fetches);
        t->ready = mem_calloc(n, sizeof *t->ready);
        t->hosts = mem_calloc((size_t)t->options.connections, sizeof *t->hosts);
        if (!t->changed || !t->fetches || !t->ready || !t->hosts)
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu URLs", n);
    }
    sheaf_error failed = {SHEAF_OK, ""};
    if (status == SHEAF_OK && (status = http_new(&t->options, &t->memory, &t->set, &failed)))
        sheaf_error_set(error, status, "%.200s: %s", item_path(items_at(m->items, m->items->urls.at[0].item), 0),
                        failed.message);
    if (status != SHEAF_OK) {
        transfers_free(t);
        return status;
    }
    t->window = (size_t)t->options.connections + 2 * (size_t)m->team.threads;
    *out = t;
    return SHEAF_OK;
}

sheaf_status transfers_ask(struct transfers *t, const struct contents *had, sheaf_error *error)
{
    struct http_quiet quiet;
    if (!t)
        return SHEAF_OK;
    const int most = t->options.connections < t->options.per_host ? t->options.connections : t->options.per_host;
    http_quiet_begin(&quiet);
    const sheaf_status status = transfers_compare(t->set, t->map, most, had, t->changed, error);
    http_quiet_end(&quiet);
    return status;
}

bool transfers_changed(const struct transfers *t, size_t i, int k)
{
    return t->changed[urls_of(t->items, i, k)];
}

sheaf_status transfers_start(struct transfers *t, sheaf_error *error)
{
    sigset_t all, before;
    if (!t)
        return SHEAF_OK;
    for (size_t u = 0; u < t->items->urls.n; u++) {
        const bool first = is_first(t->items, u);
        t->nitems += first;
        t->coming += first && !is_done(t, t->items->urls.at[u].item);
    }
    sigfillset(&all); /* signals are the application's threads' */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(&t->thread, NULL, run, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    t->started = code == 0;
    return t->started ? SHEAF_OK
                      : sheaf_error_set(error, SHEAF_NO_MEMORY, "no thread for transfers: %s", strerror(code));
}

void transfers_stop(struct transfers *t)
{
    if (!t || !t->started)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopped = true;
    if (t->set)
        http_wake(t->set);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    t->started = false;
}

void transfers_free(struct transfers *t)
{
    if (!t)
        return;
    transfers_stop(t);
    http_free(t->set);
    for (size_t u = 0; t->fetches && u < t->items->urls.n; u++)
        fetch_free(t->fetches[u]);
    mem_free(t->fetches);
    mem_free(t->changed);
    mem_free(t->ready);
    mem_free(t->hosts);
    again_clear(&t->again);
    pthread_cond_destroy(&t->moved);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
}

/* ---- for the workers ---- */

/* An item is the worker's now. Under the lock. */
static void taken(struct transfers *t, size_t i)
{
    t->in_hand--;
    t->repeated -= t->map->slots[i].attempts > 0;
    if (t->full && t->set)
        http_wake(t->set);
    t->full = false;
}

bool transfers_take(struct transfers *t, bool wait, size_t *i)
{
    if (!t)
        return false;
    pthread_mutex_lock(&t->lock);
    while (wait && t->nready == 0 && t->coming > 0 && !t->stopped)
        pthread_cond_wait(&t->moved, &t->lock);
    const bool some = t->nready > 0 && !t->stopped;
    if (some) {
        *i = t->ready[t->first];
        t->first = (t->first + 1) % t->nitems;
        t->nready--;
        taken(t, *i);
    }
    pthread_mutex_unlock(&t->lock);
    return some;
}

bool transfers_wait(struct transfers *t, size_t i)
{
    pthread_mutex_lock(&t->lock);
    while (!is_ready(t, i) && !t->stopped)
        pthread_cond_wait(&t->moved, &t->lock);
    const bool ready = is_ready(t, i);
    if (ready)
        taken(t, i);
    pthread_mutex_unlock(&t->lock);
    return ready;
}

bool transfers_again(struct transfers *t, size_t i)
{
    pthread_mutex_lock(&t->lock);
    const bool noted = again_put(&t->again, i);
    if (noted) {
        t->coming++;
        t->in_hand++;
        t->repeated++;
        if (t->set)
            http_wake(t->set);
    }
    pthread_mutex_unlock(&t->lock);
    return noted;
}

size_t transfers_left(struct transfers *t)
{
    size_t n = 0;
    if (!t)
        return 0;
    pthread_mutex_lock(&t->lock);
    n = t->coming + t->nready;
    pthread_mutex_unlock(&t->lock);
    return n;
}

size_t transfers_again_left(struct transfers *t)
{
    return t ? t->repeated : 0;
}

struct http_get *transfers_of(struct transfers *t, size_t i, int k)
{
    const size_t u = t ? urls_of(t->items, i, k) : SIZE_MAX;
    return u == SIZE_MAX ? NULL : &t->fetches[urls_same(t->items, u)]->get;
}

uint64_t transfers_ns(struct transfers *t, size_t i)
{
    const struct urls *urls = &t->items->urls;
    uint64_t ns = 0;
    for (size_t u = urls_first(t->items, i); u < urls->n && urls->at[u].item == i; u++)
        if (t->fetches[u] && t->fetches[u]->get.ns > ns)
            ns = t->fetches[u]->get.ns;
    return ns;
}

void transfers_drop(struct transfers *t, size_t i)
{
    const struct urls *urls = &t->items->urls;
    for (size_t u = urls_first(t->items, i); u < urls->n && urls->at[u].item == i; u++) {
        fetch_free(t->fetches[u]);
        t->fetches[u] = NULL;
    }
}

uint64_t transfers_memory(const struct transfers *t, uint64_t *peak)
{
    *peak = t ? atomic_load(&t->memory.peak) : 0;
    return t ? t->memory.limit : 0;
}
