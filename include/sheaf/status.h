#ifndef SHEAF_STATUS_H
#define SHEAF_STATUS_H

/* Status codes and error messages.
 *
 * Every function that can fail returns a sheaf_status and takes, last, an optional sheaf_error owned by the
 * caller. On failure the error holds the code and a message that names what was wrong and what to do. On
 * success it is left untouched. Passing NULL is fine: only the code is then returned. */

#include <sheaf/config.h>

/* One row per status: name, one line of meaning. */
#define SHEAF_STATUS_LIST(X)                                                    \
    X(OK, "success")                                                            \
    X(NO_MEMORY, "memory could not be allocated")                               \
    X(INVALID, "an argument is out of its domain")                              \
    X(DTYPE, "the function does not take this dtype")                           \
    X(SHAPE, "shapes do not fit together")                                      \
    X(OVERFLOW, "a size does not fit in memory")                                \
    X(UNKNOWN, "no function of this name")                                      \
    X(IO, "the operating system refused a read or write")                       \
    X(FORMAT, "the input is not what its header says, or no format known here") \
    X(UNSUPPORTED, "a valid request that this build does not serve")            \
    X(EXISTS, "the output exists already")                                      \
    X(CONFLICT, "outputs collide with each other or with an input")             \
    X(SKIPPED, "not run, because the map was halted")                           \
    X(CALLBACK, "the caller's own function reported a failure")                 \
    X(TIMEOUT, "the item took longer than its limit")                           \
    X(CRASHED, "the process that computed the item died")

typedef enum sheaf_status {
#define X(name, text) SHEAF_##name,
    SHEAF_STATUS_LIST(X)
#undef X
} sheaf_status;

#define SHEAF_MESSAGE_MAX 512

typedef struct sheaf_error {
    sheaf_status status;
    char message[SHEAF_MESSAGE_MAX];
} sheaf_error;

/* The name of a status without its prefix ("NO_MEMORY"), never NULL. */
SHEAF_API const char *sheaf_status_name(sheaf_status status);

/* Fill error (may be NULL) with status and a printf-style message, cut at SHEAF_MESSAGE_MAX; returns status.
 * For callbacks: `return sheaf_error_set(error, SHEAF_CALLBACK, "sensor %d is dead", i);` */
SHEAF_API sheaf_status sheaf_error_set(sheaf_error *error, sheaf_status status, const char *format, ...)
    SHEAF_PRINTF(3, 4);

#endif
