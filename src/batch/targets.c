#include "batch/targets.h"

#include "base/alloc.h"
#include "io/io.h"
#include "io/url.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void directory_part(const char *path, char directory[PATH_MAX])
{
    size_t n = (size_t)(base_name(path) - path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n == 0 || n >= PATH_MAX)
        snprintf(directory, PATH_MAX, ".");
    else
        snprintf(directory, PATH_MAX, "%.*s", (int)n, path);
}

/* ---- templates ---- */

/* What an item is called after: its file, and the part of it, "" when it is all of it. */
struct called {
    char file[PATH_MAX];
    const char *base, *part;
};

/* A URL's host and path, in which no directory leads upwards; its number and part, "2#x", are what it is a part of. */
static void call_url(const char *url, struct called *c)
{
    const char *from = strstr(url, "://") + 3;
    const size_t n = strcspn(from, "?#");
    snprintf(c->file, sizeof c->file, "%.*s", (int)(n < PATH_MAX ? n : PATH_MAX - 1), from);
    for (char *p = c->file; *p; p += strcspn(p, "/"), p += *p == '/') {
        const size_t dots = strspn(p, ".");
        if (dots && dots <= 2 && (p[dots] == '/' || !p[dots]))
            memset(p, '_', dots);
    }
    c->base = base_name(c->file);
    c->part = from[n] ? from + n + 1 : "";
}

static void call(const struct item *item, struct called *c)
{
    const char *name = item->name ? item->name : "";
    if (item_is_file(item) && url_is(name)) {
        call_url(name, c);
        return;
    }
    const size_t n = item_is_file(item) ? io_file_length(name) : strlen(name);
    snprintf(c->file, sizeof c->file, "%.*s", (int)(n < PATH_MAX ? n : PATH_MAX - 1), name);
    c->base = base_name(c->file);
    c->part = name[n] ? name + n + 1 : "";
}

/* "data.npz:a/b" gives "data.a_b": no part of a container may choose a directory. */
static void append_part(const struct called *c, char mark, char text[PATH_MAX])
{
    size_t n = strlen(text);
    if (!*c->part)
        return;
    snprintf(text + n, PATH_MAX - n, "%c%s", mark, c->part);
    for (char *p = text + n + 1; p < text + PATH_MAX && *p; p++)
        *p = *p == '/' ? '_' : *p == '#' ? '.' : *p;
}

/* Slice 17 of "big.npy" is called "big.npy[17]", and its output "big-17". */
static void append_slice(const struct cut *cut, size_t i, const char *before, const char *behind, char text[PATH_MAX])
{
    const size_t n = strlen(text);
    if (cut)
        snprintf(text + n, PATH_MAX - n, "%s%zu%s", before, i - cut->first, behind);
}

/* The length of a file's name without what tells its format. */
static size_t stem_length(const char *base)
{
    size_t n = strlen(base);
    n -= ends_with(base, ".gz") ? 3 : ends_with(base, ".zst") ? 4 : 0;
    for (size_t k = n; k-- > 1;)
        if (base[k] == '.')
            return k;
    return n;
}

/* The value of a placeholder, in text; false when it is none. */
static bool placeholder(const struct items *items, size_t i, const char *key, size_t length, char text[PATH_MAX])
{
    const struct item *item = items_at(items, i);
    const struct cut *cut = item->cut ? items_cut(items, i) : NULL;
    struct called c;
    char index[24];
    call(item, &c);
    decimal(i, index);
    cut = cut && !cut->refused ? cut : NULL;
    if (length == 5 && memcmp(key, "index", 5) == 0) {
        snprintf(text, PATH_MAX, "%s", index);
    } else if (length == 3 && memcmp(key, "dir", 3) == 0) {
        directory_part(c.file, text);
    } else if (length == 4 && memcmp(key, "name", 4) == 0) {
        snprintf(text, PATH_MAX, "%s", *c.base ? c.base : index);
        append_part(&c, ':', text);
        append_slice(cut, i, "[", "]", text);
    } else if (length == 4 && memcmp(key, "stem", 4) == 0) {
        /* A name given to memory may well have a dot in it: only a file has an extension. */
        const bool extends = item_is_file(item) || ends_with(c.base, ".npy");
        size_t n = extends ? stem_length(c.base) : strlen(c.base);
        if (n == 0 || strcmp(c.base, ".") == 0 || strcmp(c.base, "..") == 0)
            snprintf(text, PATH_MAX, "%s", index);
        else
            snprintf(text, PATH_MAX, "%.*s", (int)n, c.base);
        append_part(&c, '.', text);
        append_slice(cut, i, "-", "", text);
    } else {
        return false;
    }
    return true;
}

static sheaf_status too_long(const struct items *items, size_t i, sheaf_error *error)
{
    char name[SHEAF_NAME_MAX];
    return sheaf_error_set(error, SHEAF_INVALID, "%.200s: the name of its output is too long",
                           item_name(items, i, name));
}

static sheaf_status expand(const char *template, const struct items *items, size_t i, char path[PATH_MAX],
                           sheaf_error *error)
{
    char value[PATH_MAX];
    size_t at = 0;
    for (const char *p = template; *p;) {
        size_t n = 1;
        const char *from = p;
        if (*p == '{') {
            size_t length = strcspn(p + 1, "}");
            if (p[1 + length] != '}' || !placeholder(items, i, p + 1, length, value))
                return sheaf_error_set(error, SHEAF_INVALID,
                                       "%s: \"%.*s\" is no placeholder; use {stem}, {name}, {dir} or {index}", template,
                                       (int)(length < 60 ? length + 2 : 60), p);
            p += length + 2;
            from = value;
            n = strlen(value);
        } else {
            p++;
        }
        if (at + n >= PATH_MAX)
            return too_long(items, i, error);
        memcpy(path + at, from, n);
        at += n;
    }
    path[at] = '\0';
    return SHEAF_OK;
}

_Static_assert(PATH_MAX <= SHEAF_PATH_MAX, "a path fits");

sheaf_status sheaf_batch_path(const sheaf_batch *batch, size_t i, const char *template_, char *path, sheaf_error *error)
{
    if (i >= batch->items->n)
        return sheaf_error_set(error, SHEAF_INVALID, "the batch has no item %zu", i);
    return expand(template_, batch->items, i, path, error);
}

sheaf_status target_of(const struct target *target, const struct items *items, size_t i, char path[PATH_MAX],
                       sheaf_error *error)
{
    char stem[PATH_MAX];
    if (!target->directory)
        return expand(target->path, items, i, path, error);
    placeholder(items, i, "stem", 4, stem);
    bool root = strcmp(target->directory, "/") == 0;
    if (strlen(target->directory) + strlen(stem) + 6 >= PATH_MAX)
        return too_long(items, i, error);
    char *end = stpcpy(path, target->directory);
    if (!root)
        end = stpcpy(end, "/");
    stpcpy(stpcpy(end, stem), ".npy");
    return SHEAF_OK;
}

/* ---- kinds ---- */

/* What is told of DIR stands beside it; within it, under a name of its own, where "beside" has no name. */
static char *beside(const char *directory, const char *ending)
{
    char text[PATH_MAX + 32];
    const char *base = base_name(directory);
    if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        snprintf(text, sizeof text, "%s/sheaf%s", directory, ending);
    else
        snprintf(text, sizeof text, "%s%s", directory, ending);
    return mem_strdup(text);
}

/* The names of what stands beside the output. */
static sheaf_status name_others(struct target *target, const char *base, sheaf_error *error)
{
    target->items_path = beside(base, ".items.csv");
    target->journal_path = beside(base, ".sheaf-journal");
    if (!target->items_path || !target->journal_path)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of the output");
    return SHEAF_OK;
}

static sheaf_status parse_each(const char *path, struct target *target, sheaf_error *error)
{
    char directory[PATH_MAX];
    struct items none = {.n = 0};
    struct item nobody = {"x", NULL, 1, 0, false};
    target->kind = TARGET_EACH;
    none.at = &nobody;
    const char *brace = strchr(path, '{');
    if (brace) {
        char trial[PATH_MAX], fixed[PATH_MAX];
        sheaf_status status = expand(path, &none, 0, trial, error);
        if (status != SHEAF_OK)
            return status;
        if (!ends_with(path, ".npy"))
            return sheaf_error_set(error, SHEAF_INVALID, "%s: a template for one file per item must end in .npy", path);
        snprintf(fixed, sizeof fixed, "%.*s", (int)(brace - path), path);
        directory_part(fixed, directory);
    } else {
        size_t n = strlen(path);
        while (n > 1 && path[n - 1] == '/')
            n--;
        snprintf(directory, sizeof directory, "%.*s", (int)n, path);
        target->directory = mem_strdup(directory);
        if (!target->directory)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of the output");
    }
    return name_others(target, directory, error);
}

sheaf_status target_parse(const char *path, struct target *target, sheaf_error *error)
{
    struct stat st;
    *target = (struct target){.path = path};
    if (!path || !*path)
        return sheaf_error_set(error, SHEAF_INVALID, "the path of the output is empty");
    size_t n = strlen(path);
    if (n >= PATH_MAX - 32)
        return sheaf_error_set(error, SHEAF_INVALID, "the path of the output is too long");
    if (strchr(path, '{') || path[n - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return parse_each(path, target, error);
    if (ends_with(path, ".csv")) {
        target->kind = TARGET_CSV;
    } else if (ends_with(path, ".npy")) {
        target->kind = TARGET_NPY;
    } else if (ends_with(path, ".npz")) {
        target->kind = TARGET_NPZ;
    } else {
        const char *dot = strrchr(base_name(path), '.');
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: no output format for %s%s%s; this version writes NAME.csv (a table), NAME.npy (all "
                               "results stacked), NAME.npz (a member for each output), DIR/ and templates such as "
                               "out/{stem}.npy (one file per item)",
                               path, dot ? "\"" : "a name without extension", dot ? dot : "", dot ? "\"" : "");
    }
    return name_others(target, path, error);
}

sheaf_status sheaf_journal_path(const char *output, char *path, sheaf_error *error)
{
    struct target target;
    sheaf_status status = target_parse(output, &target, error);
    if (status == SHEAF_OK)
        snprintf(path, SHEAF_PATH_MAX, "%s", target.journal_path);
    target_clear(&target);
    return status;
}

void target_clear(struct target *target)
{
    for (size_t k = 0; k < target->nsyncs; k++)
        mem_free(target->syncs[k]);
    mem_free(target->syncs);
    mem_free(target->directory);
    mem_free(target->items_path);
    mem_free(target->journal_path);
    *target = (struct target){0};
}

/* ---- directories and space ---- */

size_t target_standing(const struct target *target, const struct items *items)
{
    char path[PATH_MAX];
    struct stat st;
    size_t n = 0;
    if (target->kind != TARGET_EACH)
        return lstat(target->path, &st) == 0;
    for (size_t i = 0; i < items->n; i++)
        n += target_of(target, items, i, path, NULL) == SHEAF_OK && lstat(path, &st) == 0;
    return n;
}

static sheaf_status make_directory(const char *directory, sheaf_error *error)
{
    char part[PATH_MAX];
    size_t n = strlen(directory);
    for (size_t at = 1; at <= n; at++) {
        if (at < n && directory[at] != '/')
            continue;
        memcpy(part, directory, at);
        part[at] = '\0';
        struct stat st;
        /* mkdir last, so that a parent that may only be searched does not matter. */
        if ((stat(part, &st) == 0 && S_ISDIR(st.st_mode)) || mkdir(part, 0777) == 0)
            continue;
        int why = errno == EEXIST && stat(part, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : errno;
        if (why)
            return sheaf_error_set(error, SHEAF_IO, "%.300s: the directory cannot be made: %s", part,
                                   why == EEXIST ? "a file of this name is in the way" : strerror(why));
    }
    return SHEAF_OK;
}

/* Remember directory when no other one of its file system is remembered yet. */
static sheaf_status add_sync(struct target *target, const char *directory, sheaf_error *error)
{
    struct stat new, old;
    if (stat(directory, &new) != 0)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: %s", directory, strerror(errno));
    for (size_t k = 0; k < target->nsyncs; k++) {
        if (stat(target->syncs[k], &old) == 0 && old.st_dev == new.st_dev)
            return SHEAF_OK;
    }
    char **syncs = mem_realloc(target->syncs, (target->nsyncs + 1) * sizeof *syncs);
    if (!syncs)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of the output");
    target->syncs = syncs;
    syncs[target->nsyncs] = mem_strdup(directory);
    if (!syncs[target->nsyncs])
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of the output");
    target->nsyncs++;
    return SHEAF_OK;
}

sheaf_status target_make_directories(struct target *target, const struct items *items, sheaf_error *error)
{
    char path[PATH_MAX], directory[PATH_MAX], last[PATH_MAX] = "";
    sheaf_status status = SHEAF_OK;
    if (target->nsyncs)
        return SHEAF_OK;
    if (target->directory) {
        status = make_directory(target->directory, error);
        return status == SHEAF_OK ? add_sync(target, target->directory, error) : status;
    }
    for (size_t i = 0; i < items->n && status == SHEAF_OK; i++) {
        status = target_of(target, items, i, path, error);
        if (status != SHEAF_OK)
            break;
        directory_part(path, directory);
        if (strcmp(directory, last) == 0)
            continue;
        memcpy(last, directory, sizeof last);
        status = make_directory(directory, error);
        if (status == SHEAF_OK)
            status = add_sync(target, directory, error);
    }
    return status;
}

sheaf_status target_check_space(const struct target *target, uint64_t need, sheaf_error *error)
{
    char directory[PATH_MAX];
    struct statvfs fs;
    if (target->nsyncs)
        snprintf(directory, sizeof directory, "%s", target->syncs[0]);
    else
        directory_part(target->path, directory);
    if (target->nsyncs > 1 || statvfs(directory, &fs) != 0 || fs.f_frsize == 0)
        return SHEAF_OK; /* writing will tell */
    uint64_t available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (available >= need)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_IO,
                           "%s: the output needs %.1f MB, but only %.1f MB are free there; make room or choose another "
                           "disk",
                           target->path, (double)need * 1e-6, (double)available * 1e-6);
}
