#ifndef SHEAF_IO_HTTP_CURL_H
#define SHEAF_IO_HTTP_CURL_H

/* The one place that knows libcurl: between http.c, which asks, and http_answer.c, which looks at what comes. */

#include "io/http.h"
#include <curl/curl.h>
#if LIBCURL_VERSION_NUM < 0x075500
#error "Sheaf needs libcurl 7.85 or later; configure with -DSHEAF_CURL=OFF to do without URLs"
#endif

struct transfer {
    struct http_get *get;
    struct http_set *set;
    CURL *easy;
    struct curl_slist *headers;
    char *url; /* of this hop */
    int hops, attempt;
    bool was_public, refused; /* some hop's peer was, and this one's is not */
    bool running;             /* within libcurl */
    uint64_t begun, due;
    /* the answer at hand */
    char detail[CURL_ERROR_SIZE];
    bool answered;
    size_t discarded, headers_got; /* bytes */
    sheaf_status status;           /* why it was broken off */
    sheaf_error error;
    /* the body so far */
    uint64_t expected;
    struct http_version version;
    struct http_cached cached;
    bool has_cached;
    struct transfer *next;
};

struct http_set {
    CURLM *multi;
    const sheaf_http *options;
    struct http_memory *memory;
    struct transfer *all;
    struct http_get *done, **last;
};

/* ---- http.c ---- */

/* Ask t->url. */
void http_request(struct transfer *t);
/* Ask the URL without its fragment next; false: no memory. */
bool http_set_url(struct transfer *t, const char *url);
/* The end of a transfer, which is no more then: well, or with an error, its own or t's. */
void http_succeed(struct transfer *t);
__attribute__((format(printf, 4, 5))) void http_fail(struct transfer *t, sheaf_status status, bool transient,
                                                     const char *format, ...);
void http_fail_as(struct transfer *t, bool transient);
/* Ask again at clock_ns() `due`, or when t's time is over. */
void http_wait(struct transfer *t, uint64_t due);

/* ---- http_answer.c ---- */

size_t http_on_header(char *data, size_t one, size_t n, void *self);
size_t http_on_data(char *data, size_t one, size_t n, void *self);
curl_socket_t http_on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *a);
int http_on_request(void *self, char *peer, char *local, int peer_port, int local_port);
/* libcurl is done with a request. */
void http_ended(struct transfer *t, CURLcode result);

#endif
