#ifndef SHEAF_IO_HTTP_H
#define SHEAF_IO_HTTP_H

/* Bytes of URLs. A set of transfers (http.c, which alone knows libcurl) has no thread of its own: whoever has it calls
 * http_step. What arrives is an open file, in memory as long as there is some, else on disk without a name, or in the
 * cache; so every decoder reads it as it reads files. */

#include "io/io.h"
#include <signal.h>

/* ---- bodies: http_body.c ---- */

/* The memory that bodies may take, of one set. It must outlive the bodies. */
struct http_memory {
    uint64_t limit;
    atomic_uint_least64_t held, peak;
};

struct http_body {
    int fd;                      /* -1: none */
    uint64_t size, held;         /* bytes; of them counted as memory */
    struct http_memory *memory;  /* NULL once it is on disk */
    struct io_output cached;     /* a file of the cache until it is whole */
    struct io_identity identity; /* of what the server gave; zeroed when it does not tell */
};

#define HTTP_NO_BODY                    \
    {                                   \
        .fd = -1, .cached = {.fd = -1 } \
    }

/* Begin a body of so many bytes (UINT64_MAX: not known), in memory if there is room. */
sheaf_status http_body_begin(struct http_body *b, struct http_memory *memory, uint64_t expected, const char *name,
                             sheaf_error *error);
/* Append; memory that runs out is left for the disk. */
sheaf_status http_body_add(struct http_body *b, const void *data, size_t n, const char *name, sheaf_error *error);
/* Thread-safe for different bodies; fine on none. */
void http_body_close(struct http_body *b);
/* Bytes free where bodies that memory does not hold are put. */
uint64_t http_disk_free(void);

/* ---- the cache: http_cache.c ---- */

enum {
    HTTP_TAG = 256 /* room for an ETag or a date; longer ones are as good as none */
};

/* What tells a version of what a URL gives from another. "": it is not told. */
struct http_version {
    char etag[HTTP_TAG], modified[64];
};

/* What the cache has of a URL. */
struct http_cached {
    struct http_version version;
    uint64_t size, sum;
    char body[48]; /* its name in the directory */
};

/* False: nothing that can be used. */
bool http_cache_find(const char *directory, const char *url, struct http_cached *c);
/* What was found, as a body. False: it is not what it was. */
bool http_cache_open(const char *directory, const struct http_cached *c, struct http_body *b);
/* A body that is to be kept; http_cache_keep makes it so when it is whole, instead of what was there. */
sheaf_status http_cache_begin(const char *directory, const char *url, struct http_body *b, sheaf_error *error);
sheaf_status http_cache_keep(const char *directory, const char *url, const struct http_version *version,
                             struct http_body *b, sheaf_error *error);

/* ---- rules: http_rules.c ---- */

/* " (Not Found)" and what to do about it; "" for what says nothing. */
const char *http_meaning(long code);
/* Whether the server may answer so today and otherwise tomorrow. */
bool http_may_pass(long code);
/* Seconds to wait after this many attempts: twice as many each time, and not the same for all URLs. */
double http_backoff(const char *url, double first, int attempt);
struct io_identity http_identity(const struct http_version *version, uint64_t size);

/* ---- transfers: http.c ---- */

/* One transfer, the caller's. */
struct http_get {
    const char *url;  /* borrowed until it has ended */
    const char *name; /* the same, for messages */
    bool head;        /* only ask what version there is */
    double timeout;   /* seconds for all of it; 0: any time */
    /* then: */
    sheaf_status status;
    sheaf_error error;
    bool transient; /* it may succeed another time */
    long code;      /* the last status of HTTP, 0: none */
    uint64_t ns;    /* that it took */
    struct http_body body;
    struct http_get *next; /* the set's */
};

struct http_set;

/* What the public options say, with defaults filled in and checked (NULL: the defaults). Texts are borrowed. */
sheaf_status http_options(const sheaf_http *given, sheaf_http *out, sheaf_error *error);
/* options (checked) and what they point to are borrowed until http_free. UNSUPPORTED where libcurl was not built in. */
sheaf_status http_new(const sheaf_http *options, struct http_memory *memory, struct http_set **out, sheaf_error *error);
/* Ends what is under way at once: those transfers have no body. */
void http_free(struct http_set *s);
void http_add(struct http_set *s, struct http_get *get);
/* Do what can be done; when there is nothing, wait until there is, at most so many milliseconds. */
void http_step(struct http_set *s, int milliseconds);
/* The next transfer that has ended, NULL: none. */
struct http_get *http_take(struct http_set *s);
/* End a step that waits; from any thread. */
void http_wake(struct http_set *s);

/* Between these two, a connection that ends while it is written to raises no signal in this thread. */
struct http_quiet {
    sigset_t before;
    bool waits;
};
void http_quiet_begin(struct http_quiet *q);
void http_quiet_end(const struct http_quiet *q);

/* Fetch one URL: add, step, take. */
sheaf_status http_fetch(const sheaf_http *options, struct http_memory *memory, struct http_get *get,
                        sheaf_error *error);

#endif
