/* Where an output comes from, for those who find it later. */

#include "batch/sinks.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *request_history(const struct request *r)
{
    const struct journal *j = r->journal;
    return !j || j->restart || !j->had.started ? r->options->history : j->history;
}

sheaf_status write_history(const struct request *r, sheaf_error *error)
{
    const char *path = r->target->history_path, *history = request_history(r);
    struct io_output out = {0};
    if (!r->options->history_beside || !history) {
        /* One that an earlier run has left would tell of another output. */
        if (r->options->overwrite && unlink(path) != 0 && errno != ENOENT)
            return sheaf_error_set(error, SHEAF_IO, "%.300s: cannot be removed: %s", path, strerror(errno));
        return SHEAF_OK;
    }
    sheaf_status status = io_create_as(path, r->journal ? r->journal->suffix : NULL, false, &out, error);
    if (status == SHEAF_OK)
        status = io_write_two(&out, history, strlen(history), "\n", 1, error);
    if (status == SHEAF_OK)
        status = io_commit(&out, !r->options->no_sync, error);
    io_discard(&out);
    return status;
}
