/* How URLs are fetched, and one of them as an open file. */

#include "base/alloc.h"
#include "io/format.h"
#include "io/http.h"
#include "io/url.h"
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = 16,
    MOST_CONNECTIONS = 1000,
    ATTEMPTS = 5,
    LEAST_MOST = 16 << 20, /* also where the disk is full: memory may do */
    OTHER_FILES = 64       /* descriptors that are not a transfer's, which has a socket and a body or two */
};

void sheaf_http_init(sheaf_http *http)
{
    memset(http, 0, sizeof *http);
    http->struct_size = sizeof *http;
}

static sheaf_status check_header(const char *header, sheaf_error *error)
{
    /* They would have us take a part for the whole. */
    static const char *const ours[] = {
        "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "Content-Length", "Transfer-Encoding"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    const size_t n = header ? strspn(header, letters) : 0;
    if (n == 0 || header[n] != ':' || header[strcspn(header, "\r\n")]) /* its value may be a secret */
        return sheaf_error_set(error, SHEAF_INVALID, "a header is 'Name: value', on one line (--header)");
    for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
        if (strlen(ours[k]) == n && strncasecmp(header, ours[k], n) == 0)
            return sheaf_error_set(error, SHEAF_INVALID, "the header %s is not for --header: it is set where needed",
                                   ours[k]);
    return SHEAF_OK;
}

/* No more transfers than descriptors allow. */
static int allowed(int connections)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return connections;
    const rlim_t most = files.rlim_cur > OTHER_FILES + 4 ? (files.rlim_cur - OTHER_FILES) / 4 : 1;
    return (rlim_t)connections < most ? connections : (int)most;
}

sheaf_status http_options(const sheaf_http *given, sheaf_http *out, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    sheaf_http_init(out);
    if (given && given->struct_size < sizeof given->struct_size)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_http must be set up with sheaf_http_init");
    if (given)
        memcpy(out, given, given->struct_size < sizeof *out ? given->struct_size : sizeof *out);
    out->struct_size = sizeof *out;
    if (out->connections < 0 || out->connections > MOST_CONNECTIONS || out->per_host < 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%d connections, %d to a host; give 1 to %d, or 0 for the default",
                               out->connections, out->per_host, MOST_CONNECTIONS);
    if (out->attempts < 0 || !(out->backoff >= 0 && out->backoff < 1e6) || !(out->stall >= 0 && out->stall < 1e6))
        return sheaf_error_set(error, SHEAF_INVALID, "attempts, backoff and stall of sheaf_http are 0 or more");
    out->connections = allowed(out->connections ? out->connections : CONNECTIONS);
    out->per_host = out->per_host ? out->per_host : CONNECTIONS;
    out->attempts = out->attempts ? out->attempts : ATTEMPTS;
    out->backoff = out->backoff > 0 ? out->backoff : 0.25;
    out->stall = out->stall > 0 ? out->stall : 60;
    if (!out->most)
        out->most = http_disk_free() / 2 > LEAST_MOST ? http_disk_free() / 2 : LEAST_MOST;
    for (size_t k = 0; k < out->nheaders && status == SHEAF_OK; k++)
        status = check_header(out->headers[k], error);
    return status;
}

void http_quiet_begin(struct http_quiet *q)
{
    sigset_t pipe, waits;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    q->waits = sigpending(&waits) == 0 && sigismember(&waits, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &q->before);
}

void http_quiet_end(const struct http_quiet *q)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!q->waits)
        sigtimedwait(&pipe, NULL, &(struct timespec){0, 0});
    pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

sheaf_status http_fetch(const sheaf_http *options, struct http_memory *memory, struct http_get *get, sheaf_error *error)
{
    struct http_set *set;
    struct http_quiet quiet;
    sheaf_status status = http_new(options, memory, &set, error);
    if (status != SHEAF_OK)
        return status;
    http_quiet_begin(&quiet);
    http_add(set, get);
    while (!http_take(set))
        http_step(set, 1000);
    http_free(set);
    http_quiet_end(&quiet);
    if (get->status != SHEAF_OK && error)
        *error = get->error;
    return get->status;
}

sheaf_status sheaf_url_open(const char *url, const sheaf_http *http, const sheaf_read *read, sheaf_file **out,
                            size_t *part, sheaf_error *error)
{
    struct http_memory memory = {.limit = 0}; /* what is opened lies on disk until it is closed */
    struct http_get get = {.url = url};
    sheaf_http options;
    sheaf_file *file = NULL;
    size_t found = 0;
    *out = NULL;
    if (!url || !url_is(url))
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_url_open: a URL begins with http:// or https://");
    const size_t n = url_show(url, NULL, 0) + 1;
    char *name = mem_alloc(n);
    if (!name)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a URL of %zu bytes", n);
    url_show(url, name, n);
    get.name = name;
    sheaf_status status = http_options(http, &options, error);
    if (status == SHEAF_OK)
        status = http_fetch(&options, &memory, &get, error);
    if (status == SHEAF_OK) {
        lseek(get.body.fd, 0, SEEK_SET);
        status = file_open_start(name, read, get.body.fd, &file, error);
        get.body.fd = -1; /* it has been taken */
        http_body_close(&get.body);
    }
    if (status == SHEAF_OK && (part || url_part(url)))
        status = url_part(url) ? file_find(file, url_part(url), &found, error) : SHEAF_OK;
    mem_free(name);
    if (status != SHEAF_OK) {
        sheaf_file_close(file);
        return status;
    }
    *out = file;
    if (part)
        *part = found;
    return SHEAF_OK;
}
