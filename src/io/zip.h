#ifndef SHEAF_IO_ZIP_H
#define SHEAF_IO_ZIP_H

/* The directory of a zip archive: where its members lie, so that each can be read by itself, by any thread. */

#include "base/arena.h"
#include "io/format.h"

enum {
    ZIP_STORED = 0,
    ZIP_DEFLATED = 8,
    ZIP_ENCRYPTED = 1 /* in flags */
};

struct zip_member {
    const char *name; /* as it stands there */
    uint64_t packed, size;
    uint64_t offset; /* of its local header */
    uint64_t limit;  /* where the next one begins */
    uint32_t sum;
    uint16_t method, flags;
};

struct zip {
    struct arena arena;
    struct zip_member *members; /* in the directory's order */
    size_t n;
};

/* Read the directory. FORMAT errors: damaged, or members that overlap. zip_clear also after a failure. */
sheaf_status zip_list(struct io_source *source, struct zip *zip, sheaf_error *error);
void zip_clear(struct zip *zip);
/* Where the member's packed bytes begin, from its local header, which must agree with the directory. `where` names
 * the member in messages. */
sheaf_status zip_locate(struct io_source *source, const struct zip_member *m, const char *where, uint64_t *begin,
                        sheaf_error *error);

#endif
