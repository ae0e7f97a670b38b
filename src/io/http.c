/* Transfers through libcurl's multi interface. Redirects are followed here, not by libcurl: each is looked at first. */

#ifdef SHEAF_CURL

#include "base/alloc.h"
#include "base/clock.h"
#include "io/http_curl.h"
#include "io/url.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    CONNECT_MS = 20000,
    SLOWEST = 100 /* bytes a second */
};

/* ---- the end ---- */

static void finish(struct transfer *t)
{
    struct http_set *s = t->set;
    struct http_get *get = t->get;
    struct transfer **at = &s->all;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    get->ns = clock_ns() - t->begun;
    if (get->status != SHEAF_OK)
        http_body_close(&get->body);
    if (t->easy)
        curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    mem_free(t->url);
    mem_free(t);
    get->next = NULL;
    *s->last = get;
    s->last = &get->next;
}

__attribute__((format(printf, 4, 5))) void http_fail(struct transfer *t, sheaf_status status, bool transient,
                                                     const char *format, ...)
{
    char text[IO_SHOWN], why[SHEAF_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    t->get->transient = transient;
    t->get->status = sheaf_error_set(&t->get->error, status, "%s: %s, after %d attempt%s", io_shown(t->get->name, text),
                                     why, t->attempt, t->attempt == 1 ? "" : "s");
    finish(t);
}

void http_fail_as(struct transfer *t, bool transient)
{
    t->get->transient = transient;
    t->get->status = t->status;
    t->get->error = t->error;
    finish(t);
}

void http_succeed(struct transfer *t)
{
    struct http_get *get = t->get;
    const char *cache = t->set->options->cache;
    if (get->body.cached.temporary)
        t->status = http_cache_keep(cache, get->url, &t->version, &get->body, &t->error);
    if (t->status != SHEAF_OK) {
        http_fail_as(t, true);
        return;
    }
    get->body.identity = http_identity(&t->version, get->head ? t->expected : get->body.size);
    get->status = SHEAF_OK;
    finish(t);
}

/* ---- a request ---- */

static bool add_header(struct transfer *t, const char *name, const char *value)
{
    char text[HTTP_TAG + 64];
    snprintf(text, sizeof text, "%s%s", name, value);
    struct curl_slist *more = curl_slist_append(t->headers, text);
    t->headers = more ? more : t->headers;
    return more != NULL;
}

/* The user's, for his host alone; and what makes the answer depend on the version that is here. */
static bool add_headers(struct transfer *t)
{
    const sheaf_http *o = t->set->options;
    const struct http_version *v = &t->version;
    const uint64_t have = t->get->body.size;
    bool ok = true;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    for (size_t k = 0; k < o->nheaders && ok && url_origin(t->url) == url_origin(t->get->url); k++) {
        struct curl_slist *more = curl_slist_append(t->headers, o->headers[k]);
        ok = more != NULL;
        t->headers = ok ? more : t->headers;
    }
    if (have > 0) {
        char range[32];
        snprintf(range, sizeof range, "%llu-", (unsigned long long)have);
        ok = ok && curl_easy_setopt(t->easy, CURLOPT_RANGE, range) == CURLE_OK &&
             add_header(t, "If-Range: ", *v->etag ? v->etag : v->modified);
    } else if (t->has_cached) {
        if (*t->cached.version.etag)
            ok = ok && add_header(t, "If-None-Match: ", t->cached.version.etag);
        if (*t->cached.version.modified)
            ok = ok && add_header(t, "If-Modified-Since: ", t->cached.version.modified);
    }
    return ok && curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

static bool set_options(struct transfer *t)
{
    const sheaf_http *o = t->set->options;
    CURL *e = t->easy;
    const long stall = o->stall < 1 ? 1 : (long)o->stall;
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->detail);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NOBODY, t->get->head ? 1L : 0L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, stall);
    curl_easy_setopt(e, CURLOPT_NETRC, (long)(o->netrc ? CURL_NETRC_OPTIONAL : CURL_NETRC_IGNORED));
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, http_on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, http_on_data);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, http_on_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, http_on_request);
    curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
    return curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_USERAGENT, "sheaf/" SHEAF_VERSION) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_URL, t->url) == CURLE_OK && add_headers(t);
}

void http_request(struct transfer *t)
{
    const double left = t->get->timeout - (double)(clock_ns() - t->begun) * 1e-9;
    t->answered = t->refused = false;
    t->discarded = t->headers_got = 0;
    t->detail[0] = '\0';
    t->status = SHEAF_OK;
    if (t->get->timeout > 0 && left <= 0) {
        http_fail(t, SHEAF_TIMEOUT, true, "fetching it took too long");
        return;
    }
    if (t->easy)
        curl_easy_reset(t->easy);
    else
        t->easy = curl_easy_init();
    if (t->easy && t->get->timeout > 0)
        curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(left * 1e3) + 1);
    t->running = t->easy && set_options(t) && curl_multi_add_handle(t->set->multi, t->easy) == CURLM_OK;
    if (!t->running)
        http_fail(t, SHEAF_NO_MEMORY, true, "no memory for a transfer");
}

bool http_set_url(struct transfer *t, const char *url)
{
    const size_t n = url_length(url);
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return false;
    memcpy(copy, url, n);
    copy[n] = '\0';
    mem_free(t->url);
    t->url = copy;
    return true;
}

/* An attempt, from the user's URL on. */
static void start(struct transfer *t)
{
    const char *cache = t->set->options->cache;
    t->due = 0;
    t->hops = 0;
    t->was_public = false;
    /* Without a version there is nothing to go on from. */
    if (t->get->body.size > 0 && (!strncmp(t->version.etag, "W/", 2) || (!*t->version.etag && !*t->version.modified)))
        http_body_close(&t->get->body);
    t->has_cached = cache && !t->get->head && http_cache_find(cache, t->get->url, &t->cached);
    if (http_set_url(t, t->get->url))
        http_request(t);
    else
        http_fail(t, SHEAF_NO_MEMORY, true, "no memory for a transfer");
}

void http_wait(struct transfer *t, uint64_t due)
{
    const uint64_t last = t->begun + (uint64_t)(t->get->timeout * 1e9);
    t->due = t->get->timeout > 0 && last < due ? last : due;
}

/* ---- the set ---- */

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

sheaf_status http_new(const sheaf_http *options, struct http_memory *memory, struct http_set **out, sheaf_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *out = NULL;
    pthread_once(&once, start_curl);
    struct http_set *s = mem_calloc(1, sizeof *s);
    if (s && !(s->multi = curl_multi_init())) {
        mem_free(s);
        s = NULL;
    }
    if (!s)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for transfers");
    curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)options->connections);
    s->options = options;
    s->memory = memory;
    s->last = &s->done;
    *out = s;
    return SHEAF_OK;
}

void http_free(struct http_set *s)
{
    if (!s)
        return;
    while (s->all) {
        struct transfer *t = s->all;
        if (t->running)
            curl_multi_remove_handle(s->multi, t->easy);
        t->get->status = SHEAF_SKIPPED;
        finish(t);
    }
    curl_multi_cleanup(s->multi);
    mem_free(s);
}

void http_add(struct http_set *s, struct http_get *get)
{
    struct transfer *t = mem_calloc(1, sizeof *t);
    get->body = (struct http_body)HTTP_NO_BODY;
    get->next = NULL;
    if (!t) {
        get->status = sheaf_error_set(&get->error, SHEAF_NO_MEMORY, "no memory for a transfer");
        get->transient = true;
        *s->last = get;
        s->last = &get->next;
        return;
    }
    t->get = get;
    t->set = s;
    t->attempt = 1;
    t->expected = UINT64_MAX;
    t->begun = clock_ns();
    t->next = s->all;
    s->all = t;
    start(t);
}

static void perform(struct http_set *s)
{
    int running, left;
    const CURLMsg *m;
    curl_multi_perform(s->multi, &running);
    while ((m = curl_multi_info_read(s->multi, &left))) {
        char *private = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        if (m->msg == CURLMSG_DONE)
            http_ended((struct transfer *)(void *)private, m->data.result);
    }
}

/* Start again what has waited long enough; milliseconds until the next, at most `most`. */
static int start_due(struct http_set *s, int most)
{
    const uint64_t now = clock_ns();
    for (struct transfer *t = s->all, *next; t; t = next) {
        next = t->next;
        if (t->running)
            continue;
        if (t->due <= now)
            start(t);
        else if ((t->due - now) / 1000000 < (uint64_t)most)
            most = (int)((t->due - now) / 1000000) + 1;
    }
    return most;
}

void http_step(struct http_set *s, int milliseconds)
{
    const int wait = start_due(s, milliseconds);
    perform(s);
    if (s->done)
        return;
    curl_multi_poll(s->multi, NULL, 0, wait, NULL);
    perform(s);
}

struct http_get *http_take(struct http_set *s)
{
    struct http_get *get = s->done;
    if (get && !(s->done = get->next))
        s->last = &s->done;
    return get;
}

void http_wake(struct http_set *s)
{
    curl_multi_wakeup(s->multi);
}
#else
typedef int http_is_empty;
#endif
