/* A journal as programs may look at it. */

#include "base/alloc.h"
#include "base/pool.h"
#include "batch/journal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct sheaf_journal {
    unsigned char *bytes;
    size_t size;
    struct contents contents;
    bool running;
    struct entry {
        size_t first; /* item */
        const char *name;
        bool cut;
    } * entries;
    char message[SHEAF_MESSAGE_MAX]; /* of the failure last asked for */
    char *name;                      /* and its name, where it is a slice */
};

static sheaf_status list_names(sheaf_journal *j, const char *path, sheaf_error *error)
{
    const struct header *h = &j->contents.header;
    const char *at = h->items;
    size_t longest = 0, i = 0;
    j->entries = mem_calloc(h->entries ? h->entries : 1, sizeof *j->entries);
    if (!j->entries)
        return io_no_memory(path, h->entries * sizeof *j->entries, error);
    for (size_t e = 0; e < h->entries; e++) {
        const struct header_entry entry = header_entry_next(&at);
        j->entries[e] = (struct entry){i, entry.names, entry.axis != NULL};
        longest = strlen(entry.names) > longest ? strlen(entry.names) : longest;
        i += entry.slices;
    }
    j->name = mem_alloc(longest + 32);
    return j->name ? SHEAF_OK : io_no_memory(path, longest + 32, error);
}

sheaf_status sheaf_journal_read(const char *path, sheaf_journal **out, sheaf_error *error)
{
    *out = NULL;
    int fd = io_open_file(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return io_failed(path, "opening", errno, error);
    sheaf_journal *j = mem_calloc(1, sizeof *j);
    sheaf_status status = j ? SHEAF_OK : io_no_memory(path, sizeof *j, error);
    if (status == SHEAF_OK) {
        j->running = journal_is_locked(fd);
        status = journal_load(fd, path, &j->bytes, &j->size, error);
    }
    if (status == SHEAF_OK)
        status = contents_parse(j->bytes, j->size, path, &j->contents, error);
    if (status == SHEAF_OK)
        status = list_names(j, path, error);
    close(fd);
    if (status == SHEAF_OK)
        *out = j;
    else
        sheaf_journal_free(j);
    return status;
}

void sheaf_journal_free(sheaf_journal *journal)
{
    if (!journal)
        return;
    contents_clear(&journal->contents);
    pool_put(journal->bytes, journal->size);
    mem_free(journal->entries);
    mem_free(journal->name);
    mem_free(journal);
}

sheaf_journal_state sheaf_journal_about(const sheaf_journal *journal)
{
    const struct contents *c = &journal->contents;
    const struct run *run = &c->run;
    sheaf_journal_state s = {.items = c->header.n,
                             .done = c->done,
                             .failed = c->failed,
                             .finished = c->finished,
                             .running = journal->running,
                             .output = "",
                             .function = "",
                             .command = run->command ? run->command : "",
                             .directory = run->directory ? run->directory : "",
                             .host = run->host ? run->host : "",
                             .pid = (int64_t)run->pid,
                             .started = run->when};
    const char *at = c->header.facts;
    for (uint32_t k = 0; k < c->header.nfacts; k++) {
        const struct fact f = fact_next(&at);
        if (strcmp(f.key, JOURNAL_OUTPUT) == 0)
            s.output = f.value;
        else if (strcmp(f.key, JOURNAL_FUNCTION) == 0)
            s.function = f.value;
    }
    return s;
}

static const char *name_of(sheaf_journal *j, size_t i)
{
    size_t low = 0, high = j->contents.header.entries;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (j->entries[middle].first <= i)
            low = middle;
        else
            high = middle;
    }
    const struct entry *e = &j->entries[low];
    if (!e->cut)
        return e->name;
    char *end = stpcpy(stpcpy(j->name, e->name), "[");
    stpcpy(decimal(i - e->first, end), "]");
    return j->name;
}

bool sheaf_journal_failure(sheaf_journal *journal, size_t *index, const char **name, sheaf_status *status,
                           const char **message)
{
    struct record r;
    for (; contents_next(&journal->contents, index); ++*index) {
        if (!contents_record(&journal->contents, *index, &r) || r.status == SHEAF_OK)
            continue;
        const size_t n = r.size < sizeof journal->message ? r.size : sizeof journal->message - 1;
        memcpy(journal->message, r.payload, n);
        journal->message[n] = '\0';
        *name = name_of(journal, *index);
        *status = (sheaf_status)r.status;
        *message = journal->message;
        return true;
    }
    return false;
}
