/* A shared object, and the functions its table offers. */

#include "base/alloc.h"
#include "base/hash.h"
#include "plugin/compile.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct plugin {
    atomic_int owners;
    char *path, *object; /* how it is called in messages, and the file that was loaded */
    int fd;              /* of that file, which may be replaced or removed meanwhile */
    uint64_t hash;
    void *handle;
    const sheaf_plugin_entry *entry;
};

/* The name that comes next in the alphabet behind `last` (NULL: the first), or NULL. */
static const char *next_name(const sheaf_plugin_entries *table, const char *last)
{
    const char *next = NULL;
    for (const sheaf_plugin_entry *const *e = table->begin; e < table->end; e++)
        if ((!last || strcmp((*e)->name, last) > 0) && (!next || strcmp((*e)->name, next) < 0))
            next = (*e)->name;
    return next;
}

/* The names that the table offers, "a, b, c", cut at the end of the buffer. The compiler leaves them in any order. */
static void list_names(const sheaf_plugin_entries *table, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (const char *name = NULL; (name = next_name(table, name)) && n < size;)
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", name);
}

static sheaf_status pick(const char *path, const sheaf_plugin_entries *table, const char *symbol,
                         const sheaf_plugin_entry **out, sheaf_error *error)
{
    char names[200];
    for (const sheaf_plugin_entry *const *e = table->begin; symbol && e < table->end; e++)
        if (strcmp((*e)->name, symbol) == 0) {
            *out = *e;
            return SHEAF_OK;
        }
    list_names(table, names, sizeof names);
    if (table->begin == table->end)
        return sheaf_error_set(error, SHEAF_UNKNOWN,
                               "%.100s offers no function: a line SHEAF_SCALAR(NAME); in its source does", path);
    if (symbol)
        return sheaf_error_set(error, SHEAF_UNKNOWN, "%.100s offers no function %.60s, but %s", path, symbol, names);
    if (table->end - table->begin > 1)
        return sheaf_error_set(error, SHEAF_UNKNOWN, "%.100s offers several functions: %s; say which, as in FILE:NAME",
                               path, names);
    *out = *table->begin;
    return SHEAF_OK;
}

static sheaf_status find(const char *path, void *handle, const char *symbol, const sheaf_plugin_entry **out,
                         sheaf_error *error)
{
    const sheaf_plugin_entries *table = dlsym(handle, "sheaf_plugin_table");
    if (!table)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%.200s has no functions for sheaf: its source has to include <sheaf/plugin.h> and say "
                               "SHEAF_SCALAR(NAME);, or give the .c file instead",
                               path);
    if (table->abi != SHEAF_PLUGIN_ABI)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%.200s was compiled for version %d of the plugin interface, and this is version %d: "
                               "compile it again with this sheaf's headers",
                               path, table->abi, SHEAF_PLUGIN_ABI);
    return pick(path, table, symbol, out, error);
}

static sheaf_status hash_object(const char *path, int fd, uint64_t *hash, sheaf_error *error)
{
    struct stat st;
    const size_t size = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
    char *bytes = mem_alloc(size);
    sheaf_status status = SHEAF_OK;
    if (!bytes)
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function of %.200s", path);
    else if (pread(fd, bytes, size, 0) != (ssize_t)size)
        status = sheaf_error_set(error, SHEAF_IO, "%.200s cannot be read: %s", path, strerror(errno));
    else
        *hash = hash_bytes(bytes, size, 0);
    mem_free(bytes);
    return status;
}

/* The same file as the one that fd is open on. */
static bool is_file(const char *path, int fd)
{
    struct stat a, b;
    return stat(path, &a) == 0 && fstat(fd, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

sheaf_status plugin_load(const struct plugin_source *s, plugin **out, sheaf_error *error)
{
    char by_fd[32];
    const char *path = s->path;
    plugin *p = mem_calloc(1, sizeof *p);
    *out = NULL;
    if (p) {
        atomic_init(&p->owners, 1);
        p->path = mem_strdup(path);
        p->object = mem_strdup(s->object);
        p->fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    }
    if (!p || !p->path || !p->object || p->fd < 0) {
        plugin_close(p);
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function of %.200s", path);
    }
    sheaf_status status = SHEAF_OK;
    /* By its name where it still has that: it may look for libraries beside itself. */
    snprintf(by_fd, sizeof by_fd, "/proc/self/fd/%d", s->fd);
    p->handle = dlopen(is_file(s->object, s->fd) ? s->object : by_fd, RTLD_NOW | RTLD_LOCAL);
    if (!p->handle)
        status = sheaf_error_set(error, SHEAF_FORMAT, "%.100s cannot be loaded: %s", path, dlerror());
    else
        status = find(path, p->handle, s->symbol, &p->entry, error);
    if (status == SHEAF_OK)
        status = hash_object(path, p->fd, &p->hash, error);
    if (status != SHEAF_OK)
        plugin_close(p);
    else
        *out = p;
    return status;
}

/* path is how to call it in messages, object the file. */
static sheaf_status load(const char *path, const char *object, const char *symbol, plugin **out, sheaf_error *error)
{
    const int fd = open(object, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: %s", object, strerror(errno));
    sheaf_status status = plugin_load(&(struct plugin_source){path, object, symbol, fd}, out, error);
    close(fd);
    return status;
}

struct plugin_source plugin_source(const plugin *p)
{
    return (struct plugin_source){p->path, p->object, p->entry->name, p->fd};
}

/* With a slash in its name, dlopen looks nowhere else. */
static sheaf_status open_object(const char *path, const char *symbol, plugin **out, sheaf_error *error)
{
    char *real = realpath(path, NULL);
    if (!real)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: %s", path, strerror(errno));
    sheaf_status status = load(path, real, symbol, out, error);
    free(real);
    return status;
}

static sheaf_status open_source(const char *path, const char *symbol, const sheaf_compile_options *options,
                                plugin **out, sheaf_error *error)
{
    struct arena arena = {0};
    struct object object;
    sheaf_status status = compile(&arena, path, symbol, options, &object, error);
    if (status == SHEAF_OK) {
        status = load(path, object.path, symbol, out, error);
        if (status == SHEAF_FORMAT && object.cached) { /* damaged, say by a power cut: made anew */
            object_remove(&object);
            status = compile(&arena, path, symbol, options, &object, error);
            if (status == SHEAF_OK)
                status = load(path, object.path, symbol, out, error);
        }
        if (object.path && object.temporary)
            object_remove(&object);
    }
    arena_free(&arena);
    return status;
}

sheaf_status plugin_open(const char *path, const char *symbol, const sheaf_compile_options *options, plugin **out,
                         sheaf_error *error)
{
    const sheaf_compile_options defaults = {0};
    size_t n = strlen(path);
    *out = NULL;
    if (n > 3 && strcmp(path + n - 3, ".so") == 0)
        return open_object(path, symbol, out, error);
    return open_source(path, symbol, options ? options : &defaults, out, error);
}

plugin *plugin_retain(plugin *p)
{
    atomic_fetch_add(&p->owners, 1);
    return p;
}

void plugin_close(plugin *p)
{
    if (!p || atomic_fetch_sub(&p->owners, 1) > 1)
        return;
    if (p->handle)
        dlclose(p->handle);
    if (p->fd >= 0)
        close(p->fd);
    mem_free(p->path);
    mem_free(p->object);
    mem_free(p);
}

const sheaf_plugin_entry *plugin_info(const plugin *p)
{
    return p->entry;
}

uint64_t plugin_hash(const plugin *p)
{
    return p->hash;
}

void plugin_call(const void *self, const void *x, size_t n, void *y)
{
    const plugin *p = self;
    void (*f)(void) = p->entry->function;
    if (p->entry->kind == SHEAF_PLUGIN_ARRAY && p->entry->dtype == SHEAF_F32)
        ((void (*)(const float *, float *, size_t))f)(x, y, n);
    else if (p->entry->kind == SHEAF_PLUGIN_ARRAY)
        ((void (*)(const double *, double *, size_t))f)(x, y, n);
    else if (p->entry->dtype == SHEAF_F32)
        *(float *)y = ((float (*)(const float *, size_t))f)(x, n);
    else
        *(double *)y = ((double (*)(const double *, size_t))f)(x, n);
}
