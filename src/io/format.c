/* The table of formats, and open files. */

#include "io/format.h"
#include "base/alloc.h"
#include "io/url.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A new format is a row here. The first that recognises the content is taken. */
static const struct io_format *const formats[] = {&format_npy, &format_npz, &format_hdf5, &format_netcdf,
                                                  &format_raw, &format_csv, &format_mtx};

enum {
    FORMATS = sizeof formats / sizeof *formats,
    HEAD = 4096
};

const struct io_format *format_at(int i)
{
    return i < FORMATS ? formats[i] : NULL;
}

const struct io_format *format_named(const char *name)
{
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const char *format_names(char text[128])
{
    size_t at = 0;
    for (int i = 0; i < FORMATS; i++)
        at += (size_t)snprintf(text + at, 128 - at, "%s%s", i ? ", " : "", formats[i]->name);
    return text;
}

static bool has_extension(const char *const *extensions, const char *path)
{
    static const char *const packed[] = {"", ".gz", ".zst"};
    size_t n = strlen(path);
    for (const char *const *e = extensions; e && *e; e++)
        for (size_t k = 0; k < sizeof packed / sizeof *packed; k++) {
            size_t a = strlen(*e), b = strlen(packed[k]);
            if (n > a + b && memcmp(path + n - a - b, *e, a) == 0 && strcmp(path + n - b, packed[k]) == 0)
                return true;
        }
    return false;
}

bool sheaf_file_is_called_array(const char *path)
{
    static const char ours[] = ".items.csv"; /* stands beside an output of sheaf_map_to */
    const size_t n = strlen(path), m = sizeof ours - 1;
    if (n >= m && strcmp(path + n - m, ours) == 0)
        return false;
    for (int i = 0; i < FORMATS; i++)
        if (has_extension(formats[i]->called, path))
            return true;
    return false;
}

static const struct io_format *recognise(const sheaf_file *file, const unsigned char *head, size_t n)
{
    if (read_format(file->read))
        return read_format(file->read);
    for (int i = 0; i < FORMATS; i++)
        if (formats[i]->recognise && formats[i]->recognise(head, n))
            return formats[i];
    for (int i = 0; i < FORMATS; i++)
        if (has_extension(formats[i]->extensions, file->path))
            return formats[i];
    return NULL;
}

/* Choose the format, and let it list its parts. */
static sheaf_status open_format(sheaf_file *file, sheaf_error *error)
{
    char text[IO_SHOWN];
    unsigned char *head = mem_alloc(HEAD);
    size_t n = 0;
    if (!head)
        return io_no_memory(file->path, HEAD, error);
    sheaf_status status = io_source_some(&file->source, head, HEAD, 0, &n, error);
    const struct io_format *format = status == SHEAF_OK ? recognise(file, head, n) : NULL;
    if (status == SHEAF_OK && !format)
        status = n ? io_not_known(head, n, file->path, error) : npy_cut_short(file->path, 1, 0, error);
    mem_free(head);
    if (status)
        return status;
    if (format->missing)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: is a .%s file, which this build does not read: build Sheaf again with %s installed",
                               io_shown(file->path, text), format->name, format->missing);
    file->format = format;
    return format->open(file, error);
}

sheaf_status file_open_fd(const char *path, const sheaf_read *read, int fd, const unsigned char *head, size_t n,
                          sheaf_file **out, sheaf_error *error)
{
    *out = NULL;
    sheaf_file *file = mem_calloc(1, sizeof *file);
    char *copy = mem_strdup(path);
    if (!file || !copy) {
        close(fd);
        mem_free(file);
        mem_free(copy);
        return io_no_memory(path, sizeof *file, error);
    }
    file->path = copy;
    file->read = read;
    sheaf_status status = io_source_open(&file->source, copy, fd, head, n, error);
    if (status == SHEAF_OK)
        status = open_format(file, error);
    if (status)
        sheaf_file_close(file);
    else
        *out = file;
    return status;
}

static ssize_t read_head(int fd, unsigned char head[HEAD])
{
    ssize_t n;
    do
        n = read(fd, head, HEAD);
    while (n < 0 && errno == EINTR);
    return n;
}

sheaf_status sheaf_file_open(const char *path, const sheaf_read *read, sheaf_file **out, sheaf_error *error)
{
    const int fd = io_open_file(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    *out = NULL;
    return fd < 0 ? io_failed(path, "opening", errno, error) : file_open_start(path, read, fd, out, error);
}

sheaf_status file_open_start(const char *path, const sheaf_read *read, int fd, sheaf_file **out, sheaf_error *error)
{
    unsigned char head[HEAD];
    *out = NULL;
    ssize_t n = read_head(fd, head);
    if (n < 0) {
        int code = errno;
        close(fd);
        return io_failed(path, "reading", code, error);
    }
    return file_open_fd(path, read, fd, head, (size_t)n, out, error);
}

sheaf_status sheaf_file_open_part(const char *path, const sheaf_read *read, sheaf_file **out, size_t *part,
                                  sheaf_error *error)
{
    char file[PATH_MAX];
    const size_t n = io_file_length(path);
    *out = NULL;
    if (n >= sizeof file)
        return io_failed(path, "opening", ENAMETOOLONG, error);
    memcpy(file, path, n);
    file[n] = '\0';
    sheaf_status status = sheaf_file_open(file, read, out, error);
    if (status == SHEAF_OK)
        status = file_find(*out, path[n] ? path + n + 1 : NULL, part, error);
    if (status != SHEAF_OK) {
        sheaf_file_close(*out);
        *out = NULL;
    }
    return status;
}

void sheaf_file_close(sheaf_file *file)
{
    if (!file)
        return;
    if (file->format && file->format->close)
        file->format->close(file);
    io_source_close(&file->source);
    mem_free(file->names);
    mem_free(file->path);
    mem_free(file);
}

size_t sheaf_file_parts(const sheaf_file *file)
{
    return file->nparts;
}

static bool has_part(const sheaf_file *file, size_t part)
{
    return part < file->nparts + file->hidden;
}

const char *sheaf_file_part_name(const sheaf_file *file, size_t part)
{
    return file->names && has_part(file, part) ? file->names[part] : "";
}

/* "a, b, c, …" */
static const char *some_names(const sheaf_file *file, char text[160])
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < file->nparts; i++) {
        const char *name = sheaf_file_part_name(file, i);
        if (at + strlen(name) + 8 >= 160) {
            snprintf(text + at, 160 - at, "%s...", i ? ", " : "");
            break;
        }
        at += (size_t)snprintf(text + at, 160 - at, "%s%s", i ? ", " : "", name);
    }
    return text;
}

/* The first slash of a path within a file may be there or not. */
static bool same_name(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || (*b == '/' && strcmp(a, b + 1) == 0);
}

sheaf_status file_find(sheaf_file *file, const char *name, size_t *part, sheaf_error *error)
{
    char text[IO_SHOWN], names[160];
    const char *shown = io_shown(file->path, text);
    *part = 0;
    if (!name && (file->nparts == 1 || (file->nparts && file->names && !*file->names[0])))
        return SHEAF_OK;
    if (!name)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: holds %zu arrays (%s); choose by %s or --select NAME", shown,
                               file->nparts, some_names(file, names), url_is(file->path) ? "URL#NAME" : "FILE:NAME");
    if (!file->names)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: is one array, and has no part '%.60s'", shown, name);
    /* Items come in the order of the file: look on from where the last was. */
    for (size_t i = 0, n = file->nparts + file->hidden; i < n; i++) {
        size_t k = (file->found + i) % n;
        if (!same_name(file->names[k], name))
            continue;
        *part = file->found = k;
        return SHEAF_OK;
    }
    if (file->format->find)
        return file->format->find(file, name, part, error);
    return sheaf_error_set(error, SHEAF_INVALID, "%s: has no part '%.60s'; it holds %s", shown, name,
                           file->nparts ? some_names(file, names) : "none");
}

sheaf_status file_describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    sheaf_status status = file->format->describe(file, part, info, error);
    size_t n = strlen(info->format);
    if (status == SHEAF_OK && file->source.packing)
        snprintf(info->format + n, sizeof info->format - n, " %s", file->source.packing);
    return status;
}

sheaf_status sheaf_file_part_describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    if (!has_part(file, part))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: has %zu parts, and none of number %zu", file->path,
                               file->nparts, part);
    return file_describe(file, part, info, error);
}

const char *sheaf_file_part_dimension(const sheaf_file *file, size_t part, int d)
{
    return file->format->dimension && has_part(file, part) ? file->format->dimension(file, part, d) : "";
}

bool sheaf_file_part_attribute(const sheaf_file *file, size_t part, size_t i, const char **name, const char **value)
{
    return file->format->attribute && has_part(file, part) && file->format->attribute(file, part, i, name, value);
}
