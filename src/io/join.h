#ifndef SHEAF_IO_JOIN_H
#define SHEAF_IO_JOIN_H

/* Files that are read as one array. To what reads it, it is a file of a format of its own: join_open.c looks at all of
 * its members and checks that they fit, join.c reads them. */

#include "io/grid.h"
#include <pthread.h>

/* What was asked for; a sheaf_read has it. */
struct io_join {
    size_t n;
    const char **paths;
    const char *axis;
    const sheaf_read *read; /* of the members; borrowed */
};
const struct io_join *read_join(const sheaf_read *read);

struct join_member {
    int64_t first, length; /* where it lies along the joined axis */
    struct io_identity identity;
    size_t piece; /* its first */
    bool fetched; /* ranges of it can be read, in C order: */
    size_t step;  /* so many elements at once. Where all of it is read it is, */
    bool whole;   /* unless it is to be read whole, for its sum, or because of its order */
};

/* A member that is open. */
struct join_slot {
    size_t member;
    int users; /* threads that read it; 0: it may be closed for another one */
    bool open;
    uint64_t used; /* when last, by the clock of the whole */
    struct io_buffer buffer;
    struct io_input in;
};

enum {
    JOIN_PIECE = 1 << 20,
    JOIN_SLOTS = 24 /* more than there are threads that read at once, mostly; each costs a descriptor */
};

struct joined {
    const struct io_join *join;
    sheaf_file_info info; /* of the whole */
    bool stacked;         /* on a new first axis */
    int axis;
    size_t outer, inner; /* elements in front of the axis, and behind it */
    struct join_member *members;
    size_t pieces;
    bool fetched;        /* all of them can be */
    size_t grain;        /* as io_fetch_grain says */
    struct io_grid grid; /* the first member's */
    struct io_identity identity;
    bool hashed;       /* file->hashed is what they are by contents */
    atomic_bool stale; /* a member has changed since */
    pthread_mutex_t lock;
    uint64_t clock;
    struct join_slot slots[JOIN_SLOTS];
};

/* Look at all members. On failure *transient tells whether another attempt may fare better. */
sheaf_status join_open(const char *path, const sheaf_read *read, sheaf_file **out, bool *transient, sheaf_error *error);
/* Whether one of them has been found changed since then. */
bool join_is_stale(const sheaf_file *file);
void join_describe(const sheaf_file *file, sheaf_file_info *info);
/* What its files were when they were looked at; by contents, what they are: false where these cannot be read. */
bool join_identify(sheaf_file *file, bool contents, struct io_identity *identity);

extern const struct io_format format_join;

#endif
