/* What servers answer, and what comes of it. */

#ifdef SHEAF_CURL

#include "base/clock.h"
#include "io/http_curl.h"
#include "io/url.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    MOST_HOPS = 10,
    MOST_HEADERS = 256 << 10, /* bytes, */
    MOST_DISCARDED = 64 << 10 /* and of the text beside an error */
};
#define WAIT_MOST 60.0 /* seconds that a server may ask for, and that we wait by ourselves */

/* ---- what libcurl calls ---- */

/* The value of a header of the answer at hand; "" when there is none that fits. */
static void header(struct transfer *t, const char *name, char *value, size_t size)
{
    struct curl_header *h;
    *value = '\0';
    if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK && strlen(h->value) < size &&
        !h->value[strcspn(h->value, "\r\n")])
        strcpy(value, h->value);
}

static long code_of(struct transfer *t)
{
    long code = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

static bool is_good(long code)
{
    return code == 200 || code == 203;
}

/* Whether the answer goes on where the body ends. */
static bool continues(struct transfer *t)
{
    char text[128];
    unsigned long long from = 0;
    header(t, "Content-Range", text, sizeof text);
    if (sscanf(text, "bytes %llu-", &from) != 1 || from != t->get->body.size)
        return false;
    header(t, "ETag", text, sizeof text);
    return !*text || strcmp(text, t->version.etag) == 0;
}

static sheaf_status too_long(struct transfer *t)
{
    char text[IO_SHOWN];
    const unsigned long long most = t->set->options->most;
    return sheaf_error_set(&t->error, SHEAF_IO,
                           "%s: sends more than %llu bytes, the most that one download may be here; allow more "
                           "(--max-download), or fetch it to a file",
                           io_shown(t->get->name, text), most);
}

/* The headers are here: see what body comes, and make room for it. */
static sheaf_status answer(struct transfer *t)
{
    struct http_get *get = t->get;
    const struct http_set *s = t->set;
    const long code = code_of(t);
    char control[128];
    curl_off_t length = -1;
    t->answered = true;
    if (code == 206 && get->body.size > 0) {
        if (continues(t))
            return SHEAF_OK;
        http_body_close(&get->body); /* something else: from the beginning, next time */
        return sheaf_error_set(&t->error, SHEAF_IO, "a part that was not asked for");
    }
    if (!is_good(code))
        return SHEAF_OK;
    header(t, "ETag", t->version.etag, sizeof t->version.etag);
    header(t, "Last-Modified", t->version.modified, sizeof t->version.modified);
    header(t, "Cache-Control", control, sizeof control);
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    t->expected = length < 0 ? UINT64_MAX : (uint64_t)length;
    if (get->head)
        return SHEAF_OK;
    if (length >= 0 && t->expected > s->options->most)
        return too_long(t);
    const bool known = *t->version.etag || *t->version.modified;
    if (s->options->cache && known && !strstr(control, "no-store"))
        return http_cache_begin(s->options->cache, get->url, &get->body, &t->error);
    return http_body_begin(&get->body, s->memory, t->expected, get->name, &t->error);
}

/* All of them are kept as long as the answer is looked at. */
size_t http_on_header(char *data, size_t one, size_t n, void *self)
{
    struct transfer *t = self;
    char text[IO_SHOWN];
    (void)data, (void)one;
    t->headers_got += n;
    if (t->headers_got <= MOST_HEADERS)
        return n;
    t->status = sheaf_error_set(&t->error, SHEAF_FORMAT, "%s: the server sends more than %d bytes of headers",
                                io_shown(t->get->name, text), MOST_HEADERS);
    return 0;
}

size_t http_on_data(char *data, size_t one, size_t n, void *self)
{
    struct transfer *t = self;
    struct http_body *body = &t->get->body;
    (void)one;
    if (!t->answered)
        t->status = answer(t);
    if (t->status != SHEAF_OK)
        return 0;
    const long code = code_of(t);
    if (!is_good(code) && code != 206) {
        t->discarded += n;
        return t->discarded > MOST_DISCARDED ? 0 : n;
    }
    if (body->size + n > t->set->options->most)
        t->status = too_long(t);
    else
        t->status = http_body_add(body, data, n, t->get->name, &t->error);
    return t->status == SHEAF_OK ? n : 0;
}

/* From a public address a redirect leads to none that is not. */
static bool may_go(struct transfer *t, const struct sockaddr *address)
{
    const bool public = address_judge(address);
    t->refused = t->was_public && !public;
    return !t->refused;
}

curl_socket_t http_on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *a)
{
    (void)purpose;
    return may_go(self, &a->addr) ? socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol) : CURL_SOCKET_BAD;
}

/* Before each request, also where a connection is used again. */
int http_on_request(void *self, char *peer, char *local, int peer_port, int local_port)
{
    struct transfer *t = self;
    struct sockaddr_storage address;
    const struct sockaddr *any = (const struct sockaddr *)&address;
    (void)local, (void)peer_port, (void)local_port;
    address_parse(peer, &address);
    if (!may_go(t, any))
        return CURL_PREREQFUNC_ABORT;
    t->was_public = t->was_public || address_judge(any);
    return CURL_PREREQFUNC_OK;
}

/* ---- the answer ---- */

/* Try again after a while, or give up. */
static void again(struct transfer *t, double wait, const char *why)
{
    const sheaf_http *o = t->set->options;
    const double own = http_backoff(t->get->url, o->backoff, t->attempt);
    if (t->attempt >= o->attempts) {
        http_fail(t, SHEAF_IO, true, "%s", why);
    } else if (wait > WAIT_MOST) {
        http_fail(t, SHEAF_IO, true, "%s and asks to wait %.0f s, longer than is waited here; run it again later", why,
                  wait);
    } else {
        const double seconds = wait > own ? wait : own;
        t->attempt++;
        http_wait(t, clock_ns() + (uint64_t)((seconds < WAIT_MOST ? seconds : WAIT_MOST) * 1e9));
    }
}

static void redirect(struct transfer *t)
{
    char *to = NULL, shown[IO_SHOWN + 100], text[IO_SHOWN];
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to) {
        http_fail(t, SHEAF_IO, false, "the server answers %ld, a redirect to nowhere", code_of(t));
        return;
    }
    if (!url_is(to)) {
        http_fail(t, SHEAF_IO, false, "redirected to %.*s:, and only http and https are followed",
                  (int)strcspn(to, ":"), to);
        return;
    }
    url_show(to, shown, sizeof shown);
    if (url_is_secure(t->url) && !url_is_secure(to))
        http_fail(t, SHEAF_IO, false, "redirected from https to %s, which is not encrypted", io_shown(shown, text));
    else if (++t->hops > MOST_HOPS)
        http_fail(t, SHEAF_IO, false, "redirected more than %d times, at last to %s", MOST_HOPS, io_shown(shown, text));
    else if (http_set_url(t, to))
        http_request(t);
    else
        http_fail(t, SHEAF_NO_MEMORY, true, "no memory for a transfer");
}

static void refuse(struct transfer *t, long code)
{
    char why[128];
    curl_off_t wait = 0;
    snprintf(why, sizeof why, "the server answers %ld%s", code, http_meaning(code));
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
    if (http_may_pass(code))
        again(t, (double)wait, why);
    else
        http_fail(t, SHEAF_IO, false, "%s", why);
}

/* A whole answer. */
static void judge(struct transfer *t)
{
    const char *cache = t->set->options->cache;
    const long code = t->get->code = code_of(t);
    if (code == 304 && t->has_cached) {
        if (http_cache_open(cache, &t->cached, &t->get->body)) {
            t->version = t->cached.version;
            http_succeed(t);
        } else {
            t->has_cached = false;
            http_request(t);
        }
    } else if (code >= 301 && code <= 308 && code != 304 && code != 305 && code != 306) {
        redirect(t);
    } else if (code == 416 && t->get->body.size > 0) {
        http_body_close(&t->get->body);
        again(t, 0, "the server cannot go on where the connection broke");
    } else if (is_good(code) || (code == 206 && t->get->body.size > 0)) {
        if (!t->answered) /* empty */
            t->status = answer(t);
        if (t->status == SHEAF_OK)
            http_succeed(t);
        else
            http_fail_as(t, true);
    } else {
        refuse(t, code);
    }
}

/* No answer, or not all of it. */
static void broken(struct transfer *t, CURLcode result, const char *detail)
{
    char why[SHEAF_MESSAGE_MAX - 100];
    const uint64_t got = t->get->body.size;
    const bool late = t->get->timeout > 0 && (double)(clock_ns() - t->begun) * 1e-9 >= t->get->timeout;
    if (result == CURLE_OPERATION_TIMEDOUT && late) {
        http_fail(t, SHEAF_TIMEOUT, true, "fetching it took too long");
        return;
    }
    if (got > 0 && t->expected != UINT64_MAX)
        snprintf(why, sizeof why, "the connection broke after %llu of %llu bytes (%s)", (unsigned long long)got,
                 (unsigned long long)t->expected, detail);
    else
        snprintf(why, sizeof why, "%s", detail);
    switch (result) {
    case CURLE_PEER_FAILED_VERIFICATION:
        http_fail(t, SHEAF_IO, false, "the server is not known to be what it says: %s", t->detail);
        break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_WEIRD_SERVER_REPLY:
        http_fail(t, SHEAF_IO, false, "%s", why);
        break;
    case CURLE_OUT_OF_MEMORY:
        http_fail(t, SHEAF_NO_MEMORY, true, "no memory for a transfer");
        break;
    default:
        again(t, 0, why);
    }
}

void http_ended(struct transfer *t, CURLcode result)
{
    curl_multi_remove_handle(t->set->multi, t->easy);
    t->running = false;
    if (t->refused) {
        char shown[IO_SHOWN + 100], text[IO_SHOWN];
        url_show(t->url, shown, sizeof shown);
        http_fail(t, SHEAF_IO, false, "redirected from a public address to a private one, %s, which is refused",
                  io_shown(shown, text));
    } else if (t->status == SHEAF_IO && code_of(t) == 206) {
        again(t, 0, "the server sends another part than was asked for");
    } else if (t->status != SHEAF_OK) {
        http_fail_as(t, t->status == SHEAF_NO_MEMORY);
    } else if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && t->discarded > 0)) {
        judge(t);
    } else {
        broken(t, result, curl_easy_strerror(result));
    }
}

#else
typedef int http_answer_is_empty;
#endif
