#include "batch/journal.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/pool.h"
#include "batch/targets.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A journal that is removed while we open it is looked for again, so many times. */
enum {
    TRIES = 20
};

static sheaf_status no_memory(const char *path, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%.250s: no memory for the journal", path);
}

/* ---- opening ---- */

static bool set_lock(int fd, int command, struct flock *lock)
{
    int r;
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
    do
        r = fcntl(fd, command, lock);
    while (r != 0 && errno == EINTR);
    return r == 0;
}

bool journal_is_locked(int fd)
{
    struct flock lock;
    return set_lock(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

sheaf_status journal_load(int fd, const char *path, unsigned char **bytes, size_t *n, sheaf_error *error)
{
    struct stat st;
    *bytes = NULL;
    *n = 0;
    if (fstat(fd, &st) != 0)
        return io_failed(path, "reading its size", errno, error);
    if (!S_ISREG(st.st_mode))
        return sheaf_error_set(error, SHEAF_IO, "%.300s: a journal is a file, and this is none", path);
    const size_t size = (size_t)st.st_size;
    if (size == 0)
        return SHEAF_OK;
    *bytes = pool_get(size);
    if (!*bytes)
        return io_no_memory(path, size, error);
    while (*n < size) {
        ssize_t r = pread(fd, *bytes + *n, size - *n, (off_t)*n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        *n += (size_t)r;
    }
    if (*n == size)
        return SHEAF_OK;
    pool_put(*bytes, size);
    *bytes = NULL;
    return io_failed(path, "reading", errno, error);
}

/* The refusal of an output that another run is at work on, as far as the journal knows whose. */
static sheaf_status held(int fd, const char *path, sheaf_error *error)
{
    struct contents c = {0};
    unsigned char *bytes = NULL;
    char since[32] = "", who[160] = "";
    size_t n = 0;
    if (journal_load(fd, path, &bytes, &n, NULL) == SHEAF_OK && contents_parse(bytes, n, path, &c, NULL) == SHEAF_OK &&
        c.run.pid) {
        time_t when = (time_t)c.run.when;
        struct tm utc;
        if (gmtime_r(&when, &utc))
            strftime(since, sizeof since, " since %Y-%m-%d %H:%M UTC", &utc);
        snprintf(who, sizeof who, " (process %llu on %.64s%s)", (unsigned long long)c.run.pid, c.run.host, since);
    }
    contents_clear(&c);
    pool_put(bytes, n);
    return sheaf_error_set(error, SHEAF_IO, "%.250s: another run is at work on this output%s; wait for it, or stop it",
                           path, who);
}

/* The open and locked file of this name; -1 with OK when there is none. */
static sheaf_status open_locked(const char *path, bool create, int *fd, sheaf_error *error)
{
    struct flock lock;
    struct stat here, there;
    for (int k = 0; k < TRIES; k++) {
        *fd = io_open_file(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0));
        if (*fd < 0 && errno == ENOENT && !create)
            return SHEAF_OK;
        if (*fd < 0)
            return io_failed(path, "opening the journal", errno, error);
        /* Where the file system knows no locks, two runs at once are the user's to avoid. */
        if (!set_lock(*fd, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES)) {
            sheaf_status status = held(*fd, path, error);
            close(*fd);
            *fd = -1;
            return status;
        }
        /* The one who held it may have removed it meanwhile. */
        if (fstat(*fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
            here.st_dev == there.st_dev)
            return SHEAF_OK;
        close(*fd);
        *fd = -1;
    }
    return sheaf_error_set(error, SHEAF_IO, "%.300s: this journal comes and goes; another run is at work here", path);
}

void journal_forget(struct journal *j)
{
    mem_free(j->had.spans);
    pool_put(j->bytes, j->size);
    j->had.spans = NULL;
    j->had.nspans = 0;
    j->bytes = NULL;
    j->size = 0;
}

static void release(struct journal *j)
{
    for (int k = 0; k < j->nlanes; k++) {
        pthread_mutex_destroy(&j->lanes[k].lock);
        io_text_free(&j->lanes[k].text);
        io_text_free(&j->lanes[k].own);
    }
    pthread_mutex_destroy(&j->writing);
    mem_free(j->lanes);
    io_text_free(&j->block);
    journal_forget(j);
    arena_free(&j->arena);
    if (j->file.fd >= 0)
        close(j->file.fd);
    mem_free(j->file.path);
    mem_free(j);
}

/* Whether damage is all that keeps the file from being a journal. */
static bool is_ours(const struct journal *j)
{
    return j->size >= 4 && load_u32(j->bytes) == BLOCK_HEAD;
}

sheaf_status journal_open(const char *path, bool create, const sheaf_map_options *options, struct journal **out,
                          sheaf_error *error)
{
    *out = NULL;
    int fd;
    sheaf_status status = open_locked(path, create, &fd, error);
    if (status != SHEAF_OK || fd < 0)
        return status;
    struct journal *j = mem_calloc(1, sizeof *j);
    if (!j) {
        close(fd);
        return no_memory(path, error);
    }
    j->file.fd = fd;
    j->sync = !options->no_sync;
    j->contents = options->verify;
    pthread_mutex_init(&j->writing, NULL);
    j->file.path = mem_strdup(path);
    status = j->file.path ? journal_load(fd, path, &j->bytes, &j->size, error) : no_memory(path, error);
    if (status == SHEAF_OK)
        status = contents_parse(j->bytes, j->size, path, &j->had, error);
    if (status == SHEAF_FORMAT && options->overwrite && is_ours(j)) { /* who starts over need not read it */
        contents_clear(&j->had);
        status = SHEAF_OK;
    }
    if (status == SHEAF_OK)
        *out = j;
    else
        release(j);
    return status;
}

/* ---- blocks ---- */

sheaf_status journal_write(struct journal *j, enum block_kind kind, sheaf_error *error)
{
    char directory[PATH_MAX];
    sheaf_status status = SHEAF_OK;
    if (!block_end(&j->block, 0, kind, j->place))
        return no_memory(j->file.path, error);
    /* What comes before is on the disk first, so that only the last block can be torn. The first records wait for the
     * header, and for the journal's name. */
    const bool sync = j->sync && (kind == BLOCK_ITEM || kind == BLOCK_END);
    if (sync && !j->synced)
        status = io_sync(&j->file, error);
    j->synced = j->synced || sync;
    if (status == SHEAF_OK)
        status = io_write_at(&j->file, j->block.data, j->block.n, j->place, error);
    if (status == SHEAF_OK && sync)
        status = io_sync(&j->file, error);
    if (status == SHEAF_OK && sync && !j->named) {
        directory_part(j->file.path, directory);
        status = io_sync_names(directory, error);
        j->named = true;
    }
    j->broken = status != SHEAF_OK;
    j->place += status == SHEAF_OK ? j->block.n : 0;
    j->block.n = 0;
    return status;
}

static sheaf_status cut(struct journal *j, uint64_t size, sheaf_error *error)
{
    int r;
    do
        r = ftruncate(j->file.fd, (off_t)size);
    while (r != 0 && errno == EINTR);
    return r == 0 ? SHEAF_OK : io_failed(j->file.path, "cutting the journal", errno, error);
}

sheaf_status journal_fact(struct journal *j, const char *key, const char *value, sheaf_error *error)
{
    char *copy = arena_strdup(&j->arena, value);
    if (!copy || j->nfacts == JOURNAL_MOST_FACTS)
        return no_memory(j->file.path, error);
    j->facts[j->nfacts++] = (struct fact){key, copy};
    return SHEAF_OK;
}

static sheaf_status changed(const char *output, const char *what, const char *before, const char *now,
                            sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_CONFLICT,
                           "%.80s: the %s was \"%.120s\" when this output was begun, and is \"%.120s\" now: --force "
                           "starts over",
                           output, what, before, now);
}

const char *journal_fact_of(const struct fact *facts, size_t n, const char *key)
{
    for (size_t k = 0; k < n; k++)
        if (strcmp(facts[k].key, key) == 0)
            return facts[k].value;
    return NULL;
}

size_t journal_facts_before(const struct journal *j, struct fact facts[JOURNAL_MOST_FACTS])
{
    const char *at = j->had.header.facts;
    size_t n = 0;
    for (; n < j->had.header.nfacts && n < JOURNAL_MOST_FACTS; n++)
        facts[n] = fact_next(&at);
    return n;
}

static sheaf_status check_facts(const struct journal *j, const char *output, sheaf_error *error)
{
    struct fact before[JOURNAL_MOST_FACTS];
    char key[80];
    const size_t n = journal_facts_before(j, before);
    for (size_t k = 0; k < j->nfacts; k++) {
        const struct fact *now = &j->facts[k];
        const char *value = journal_fact_of(before, n, now->key);
        if (strcmp(now->key, JOURNAL_OUTPUT) != 0 && (!value || strcmp(value, now->value) != 0))
            return changed(output, now->key, value ? value : "", now->value, error);
    }
    for (size_t k = 0; k < n; k++) {
        snprintf(key, sizeof key, "%s", before[k].key);
        if (!journal_fact_of(j->facts, j->nfacts, before[k].key))
            return changed(output, key, before[k].value, "", error);
    }
    return SHEAF_OK;
}

static sheaf_status check_items(const struct journal *j, const char *output, const struct items *items,
                                sheaf_error *error)
{
    const char *at = j->had.header.items;
    char before[40], now[40];
    if (j->had.header.n != items->n) {
        snprintf(before, sizeof before, "%zu", j->had.header.n);
        snprintf(now, sizeof now, "%zu", items->n);
        return changed(output, "number of inputs", before, now, error);
    }
    for (size_t i = 0; i < items->n;) {
        const struct item *item = items_at(items, i);
        const struct cut *cut = items_cut(items, i);
        const struct header_entry e = header_entry_next(&at);
        const char *name = e.names, *axis = cut && !cut->refused ? cut->said : NULL;
        snprintf(before, sizeof before, "%d", e.count);
        snprintf(now, sizeof now, "%d", item->count);
        if (e.count != item->count)
            return changed(output, "number of arrays of an item", before, now, error);
        for (int k = 0; k < e.count; k++, name += strlen(name) + 1)
            if (strcmp(name, item_path(item, k)) != 0)
                return changed(output, "input", name, item_path(item, k), error);
        if (!e.axis != !axis || (axis && strcmp(e.axis, axis) != 0))
            return changed(output, "axis of slices", e.axis ? e.axis : "", axis ? axis : "", error);
        snprintf(before, sizeof before, "%zu", e.slices);
        snprintf(now, sizeof now, "%zu", cut ? cut->n : 1);
        if (e.slices != (cut ? cut->n : 1))
            return changed(output, "number of slices", before, now, error);
        i += e.slices;
    }
    return SHEAF_OK;
}

sheaf_status journal_start(struct journal *j, const char *output, const struct items *items, sheaf_error *error)
{
    size_t start;
    sheaf_status status = SHEAF_OK;
    if (j->had.started) /* so that what an earlier run left behind is used up */
        memcpy(j->suffix, j->had.header.suffix, sizeof j->suffix);
    else
        io_draw_suffix(j->suffix);
    if (j->had.started && !j->restart) {
        status = check_facts(j, output, error);
        if (status == SHEAF_OK)
            status = check_items(j, output, items, error);
        /* A run that came to nothing may be followed by another one. */
        j->restart = status == SHEAF_CONFLICT && !journal_is_worth(j);
        if (status == SHEAF_OK && j->had.end < j->size)
            status = cut(j, j->had.end, error);
        j->place = j->had.end;
        if (!j->restart)
            return status;
        j->place = 0;
        status = SHEAF_OK;
    }
    if (j->size)
        status = cut(j, 0, error);
    contents_clear(&j->had);
    if (status != SHEAF_OK)
        return status;
    if (!block_begin(&j->block, &start) || !header_add(&j->block, j->suffix, j->facts, j->nfacts, items))
        return no_memory(j->file.path, error);
    return journal_write(j, BLOCK_HEAD, error);
}

sheaf_status journal_run(struct journal *j, sheaf_error *error)
{
    char host[256] = "", directory[PATH_MAX] = "";
    size_t start;
    gethostname(host, sizeof host - 1);
    if (!getcwd(directory, sizeof directory))
        directory[0] = '\0';
    const struct run run = {(uint64_t)getpid(), (int64_t)time(NULL), host, j->command ? j->command : "", directory};
    if (!block_begin(&j->block, &start) || !run_add(&j->block, &run))
        return no_memory(j->file.path, error);
    sheaf_status status = journal_write(j, BLOCK_RUN, error);
    j->running = status == SHEAF_OK;
    return status;
}

sheaf_status journal_finish(struct journal *j, const struct io_output *out, const sheaf_results *results,
                            sheaf_error *error)
{
    struct ending ending = {results->report.failed, results->report.skipped, {0}};
    size_t start;
    if (!j->marks_end && ending.failed + ending.skipped == 0)
        return SHEAF_OK;
    if (out && !io_identify_open(out->fd, &ending.output))
        return io_failed(out->path, "looking at it", errno, error);
    if (!block_begin(&j->block, &start) || !ending_add(&j->block, &ending))
        return no_memory(j->file.path, error);
    j->ended = true;
    return journal_write(j, BLOCK_END, error);
}

bool journal_is_worth(const struct journal *j)
{
    return j->had.done > 0 || j->had.ended;
}

size_t journal_done(const struct journal *j)
{
    return j->had.done + atomic_load(&j->done);
}

static sheaf_status drop(const struct journal *j, sheaf_error *error)
{
    char directory[PATH_MAX];
    if (unlink(j->file.path) != 0 && errno != ENOENT)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: cannot be removed: %s", j->file.path, strerror(errno));
    directory_part(j->file.path, directory);
    return j->sync && j->running ? io_sync_names(directory, error) : SHEAF_OK;
}

sheaf_status journal_close(struct journal *j, bool whole, sheaf_error *error)
{
    const bool begun = j->size == 0 || j->place > 0; /* by this run */
    /* Where it could not take a note, an output may stand that it does not know. */
    const bool nothing = journal_done(j) == 0 && !journal_is_worth(j) && !j->ended && !atomic_load(&j->failed);
    const bool empty = j->running ? nothing : !j->had.started && begun;
    sheaf_status status = whole || empty ? drop(j, error) : SHEAF_OK;
    release(j);
    return status;
}
