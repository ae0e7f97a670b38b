/* A build without libcurl. */

#include "io/http.h"

#ifndef SHEAF_CURL

sheaf_status http_new(const sheaf_http *options, struct http_memory *memory, struct http_set **out, sheaf_error *error)
{
    (void)options, (void)memory;
    *out = NULL;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "this build reads no URLs: build Sheaf again with libcurl4-openssl-dev installed, or fetch "
                           "them to files first");
}

void http_free(struct http_set *s)
{
    (void)s;
}

void http_add(struct http_set *s, struct http_get *get)
{
    (void)s, (void)get;
}

void http_step(struct http_set *s, int milliseconds)
{
    (void)s, (void)milliseconds;
}

struct http_get *http_take(struct http_set *s)
{
    (void)s;
    return NULL;
}

void http_wake(struct http_set *s)
{
    (void)s;
}
#else
typedef int http_none_is_empty;
#endif
