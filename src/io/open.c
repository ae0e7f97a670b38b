/* Opening and reading one array. A small plain .npy costs one open, one read, one close: the first read asks for all
 * the buffer holds, and only when it brought less than the header declares is the file's size asked for. Everything
 * else goes by the table of formats. */

#include "array/array.h"
#include "io/join.h"
#include "io/url.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* LEAST is a size class of the pool; most files of a batch are smaller, and untouched pages cost nothing. */
enum {
    LEAST = 5 << 18,
    HEADER_LEAST = 4096,
    LOAD_LEAST = 60 << 10,
    FIRST_READ = 4 << 20,
    SYSTEM_MOST = 1 << 30
};

void io_close(struct io_input *in)
{
    if (in->file && in->file->format->clear)
        in->file->format->clear(in);
    if (!in->kept)
        sheaf_file_close(in->file);
    in->file = NULL;
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

/* Bytes of the file up to the end of its data. */
static size_t declared(const struct io_input *in)
{
    return (size_t)(in->info.data_offset + in->info.data_bytes);
}

/* The system call that has just failed. */
static sheaf_status failed(struct io_input *in, const char *path, const char *action, sheaf_error *error)
{
    const int code = errno;
    in->transient = io_may_pass(code);
    return io_failed(path, action, code, error);
}

/* One read of at most n bytes behind those in the buffer; *end when the file has no more. */
static sheaf_status read_once(struct io_input *in, struct io_buffer *b, size_t n, bool *end, sheaf_error *error)
{
    ssize_t r;
    do
        r = read(in->fd, b->data + in->got, n < SYSTEM_MOST ? n : SYSTEM_MOST);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return failed(in, in->path, "reading", error);
    in->got += (size_t)r;
    *end = r == 0;
    return SHEAF_OK;
}

/* Parse the header, reading more as long as it asks for more. */
static sheaf_status read_header(struct io_input *in, struct io_buffer *b, sheaf_error *error)
{
    sheaf_error trial = {SHEAF_OK, ""};
    size_t need;
    for (;;) {
        sheaf_status status = npy_parse(b->data, in->got, &in->info, &need, in->path, &trial);
        if (status == SHEAF_OK)
            return SHEAF_OK;
        if (need == 0) {
            if (error)
                *error = trial;
            return status;
        }
        status = io_reserve(b, need, in->got, in->path, error);
        for (bool end = false; status == SHEAF_OK && in->got < need;) {
            status = read_once(in, b, need - in->got, &end, error);
            if (status == SHEAF_OK && end)
                return npy_cut_short(in->path, need, in->got, error);
        }
        if (status)
            return status;
    }
}

/* Read a stream, whose size nobody knows, to its declared end. The buffer at most doubles, so that a lying header
 * costs no more than what was really sent. */
static sheaf_status drain(struct io_input *in, struct io_buffer *b, sheaf_error *error)
{
    size_t total = declared(in);
    sheaf_status status = SHEAF_OK;
    while (status == SHEAF_OK && in->got < total) {
        bool end = false;
        if (in->got == b->capacity)
            status = io_reserve(b, total / 2 < b->capacity ? total : b->capacity * 2, in->got, in->path, error);
        size_t room = (b->capacity < total ? b->capacity : total) - in->got;
        if (status == SHEAF_OK)
            status = read_once(in, b, room, &end, error);
        if (status == SHEAF_OK && end)
            status = plain_check(in->path, &in->info, in->got, error);
    }
    return status;
}

/* The file, of whose start the buffer holds in->got bytes, is a plain .npy: see that it holds what it declares. */
static sheaf_status start_npy(struct io_input *in, bool header_only, struct io_buffer *b, sheaf_error *error)
{
    struct stat st;
    sheaf_status status = read_header(in, b, error);
    if (status || in->got >= declared(in))
        return status;
    if (fstat(in->fd, &st) != 0)
        return failed(in, in->path, "reading its size", error);
    if (S_ISREG(st.st_mode))
        return plain_check(in->path, &in->info, (uint64_t)st.st_size, error);
    return header_only ? SHEAF_OK : drain(in, b, error);
}

/* Whether what failed in the decoder was a system call that may succeed another time. */
static sheaf_status told(struct io_input *in, sheaf_status status)
{
    if (status && in->file && in->file->source.transient)
        in->transient = true;
    return status;
}

static sheaf_status start_part(struct io_input *in, const char *name, struct io_buffer *b, sheaf_error *error)
{
    sheaf_status status = file_find(in->file, name, &in->part, error);
    if (status == SHEAF_OK)
        status = file_describe(in->file, in->part, &in->info, error);
    if (in->file->nparts > 1) {
        in->kept = true;
        b->kept = in->file;
    }
    return told(in, status);
}

/* in->fd is of another format, or the part of a container is asked for. Takes the file descriptor. */
static sheaf_status start_file(struct io_input *in, const char *file, const char *part, const sheaf_read *read,
                               struct io_buffer *b, sheaf_error *error)
{
    int fd = in->fd;
    size_t got = in->got;
    in->fd = -1;
    in->got = 0;
    sheaf_status status = file_open_fd(file, read, fd, b->data, got, &in->file, error);
    return status ? status : start_part(in, part, b, error);
}

static int open_file(const char *path)
{
    return io_open_file(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

size_t io_file_length(const char *path)
{
    char file[PATH_MAX];
    size_t n = strlen(path);
    if (n >= PATH_MAX || url_is(path) || !strchr(path, ':') || access(path, F_OK) == 0)
        return n;
    for (const char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
        size_t length = (size_t)(colon - path);
        struct stat st;
        memcpy(file, path, length);
        file[length] = '\0';
        if (length && stat(file, &st) == 0 && !S_ISDIR(st.st_mode))
            return length;
    }
    return n;
}

bool io_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What an identity is wanted for; `identity` NULL: nothing. */
struct known {
    struct io_identity *identity;
    bool contents;
};

static sheaf_status identify(struct io_input *in, int fd, const struct known *known, sheaf_error *error)
{
    if (!known->identity ||
        (known->contents ? io_identify_contents(fd, known->identity) : io_identify_open(fd, known->identity)))
        return SHEAF_OK;
    return failed(in, in->path, "looking at it", error);
}

/* Of a file that is kept open from part to part, whose contents are looked at once. */
static sheaf_status identify_kept(struct io_input *in, const struct known *known, sheaf_error *error)
{
    sheaf_file *file = in->file;
    struct io_identity now;
    if (!known->identity || !known->contents)
        return identify(in, file->source.fd, known, error);
    if (!io_identify_open(file->source.fd, &now))
        return failed(in, in->path, "looking at it", error);
    if (io_same(&now, &file->seen)) {
        *known->identity = file->hashed;
        return SHEAF_OK;
    }
    sheaf_status status = identify(in, file->source.fd, known, error);
    file->seen = now;
    file->hashed = *known->identity;
    return status;
}

/* No file is called path: it may be FILE:PART. */
static sheaf_status start_named_part(struct io_input *in, const sheaf_read *read, struct io_buffer *b,
                                     const struct known *known, sheaf_error *error)
{
    char file[PATH_MAX];
    const int code = errno;
    bool end;
    size_t n = io_file_length(in->path);
    errno = code;
    if (in->path[n] != ':' || n >= sizeof file)
        return failed(in, in->path, "opening", error);
    memcpy(file, in->path, n);
    file[n] = '\0';
    const char *part = in->path + n + 1;
    if (b->kept && strcmp(b->kept->path, file) == 0 && b->kept->read == read) {
        in->file = b->kept;
        sheaf_status told = identify_kept(in, known, error);
        return told ? told : start_part(in, part, b, error);
    }
    sheaf_file_close(b->kept);
    b->kept = NULL;
    in->fd = open_file(file);
    if (in->fd < 0)
        return failed(in, file, "opening", error);
    sheaf_status status = identify(in, in->fd, known, error);
    if (status == SHEAF_OK)
        status = read_once(in, b, HEADER_LEAST, &end, error);
    return status ? status : start_file(in, file, part, read, b, error);
}

/* Files that are one array. The buffer keeps it: what is read of it next looks at none of them again. */
static sheaf_status start_joined(const sheaf_read *read, struct io_buffer *b, struct io_input *in,
                                 const struct known *known, sheaf_error *error)
{
    bool transient = false;
    sheaf_status status = SHEAF_OK;
    if (!b->kept || b->kept->read != read || join_is_stale(b->kept)) {
        sheaf_file_close(b->kept);
        status = join_open(in->path, read, &b->kept, &transient, error);
        in->transient = transient;
    }
    if (status)
        return status;
    in->file = b->kept;
    in->kept = true;
    join_describe(in->file, &in->info);
    return !known->identity || join_identify(in->file, known->contents, known->identity)
               ? SHEAF_OK
               : failed(in, in->path, "looking at its files", error);
}

/* in->fd is at its beginning: read at least the header of the part, and see that the file holds what it declares. */
static sheaf_status start_content(struct io_input *in, const char *part, const sheaf_read *read, bool header_only,
                                  struct io_buffer *b, sheaf_error *error)
{
    bool end;
    sheaf_status status = read_once(in, b, b->capacity < FIRST_READ ? b->capacity : FIRST_READ, &end, error);
    if (status)
        return status;
    if ((in->got && !npy_starts(b->data, in->got)) || read_format(read) || part) {
        sheaf_file_close(b->kept);
        b->kept = NULL;
        return start_file(in, in->path, part, read, b, error);
    }
    status = start_npy(in, header_only, b, error);
    if (status || (!header_only && in->got >= declared(in)))
        io_close(in);
    return status;
}

/* Open path, read at least its header, and see that the file holds what the header declares. */
static sheaf_status start(const char *path, const sheaf_read *read, size_t least, bool header_only, struct io_buffer *b,
                          struct io_input *in, const struct known *known, sheaf_error *error)
{
    *in = (struct io_input){.path = path, .fd = -1};
    if (read_join(read))
        return start_joined(read, b, in, known, error);
    sheaf_status status = io_reserve(b, least, 0, path, error);
    if (status)
        return status;
    in->fd = open_file(path);
    if (in->fd < 0) {
        status = start_named_part(in, read, b, known, error);
        goto done;
    }
    /* Before anything is read, so that a change meanwhile is a change since. */
    status = identify(in, in->fd, known, error);
    if (status == SHEAF_OK)
        status = start_content(in, NULL, read, header_only, b, error);
done:
    if (status)
        io_close(in);
    return status;
}

sheaf_status io_open_fd(const char *path, int fd, const char *part, const sheaf_read *read, struct io_buffer *buffer,
                        struct io_input *in, sheaf_error *error)
{
    *in = (struct io_input){.path = path, .fd = -1};
    sheaf_status status = io_reserve(buffer, LEAST, 0, path, error);
    if (status)
        return status;
    in->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (in->fd < 0 || lseek(in->fd, 0, SEEK_SET) != 0)
        status = failed(in, path, "opening", error);
    if (status == SHEAF_OK)
        status = start_content(in, part, read, false, buffer, error);
    if (in->kept) { /* what lies behind a descriptor is nobody else's */
        in->kept = false;
        buffer->kept = NULL;
    }
    if (status)
        io_close(in);
    return status;
}

sheaf_status io_open(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                     sheaf_error *error)
{
    return start(path, read, LEAST, false, buffer, in, &(struct known){0}, error);
}

sheaf_status io_open_known(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                           struct io_identity *identity, bool contents, sheaf_error *error)
{
    return start(path, read, LEAST, false, buffer, in, &(struct known){identity, contents}, error);
}

sheaf_status io_open_header(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                            struct io_identity *identity, bool contents, sheaf_error *error)
{
    return start(path, read, HEADER_LEAST, true, buffer, in, &(struct known){identity, contents}, error);
}

sheaf_status io_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status =
        in->file ? in->file->format->prepare(in, buffer, view, error) : plain_prepare(in, buffer, view, error);
    if (told(in, status))
        io_close(in);
    return status;
}

sheaf_status io_read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    return in->file ? told(in, in->file->format->read_piece(in, piece, view, error))
                    : plain_read_piece(in, piece, view, error);
}

sheaf_status io_finish(struct io_input *in, sheaf_error *error)
{
    return in->file && in->file->format->finish ? told(in, in->file->format->finish(in, error)) : SHEAF_OK;
}

bool io_can_fetch(const struct io_input *in)
{
    struct stat st;
    const struct io_format *format = in->file ? in->file->format : NULL;
    if (format)
        return format->fetch && !in->file->source.stream && (!format->can_fetch || format->can_fetch(in));
    return in->fd >= 0 && fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
}

uint64_t io_fetch_grain(const struct io_input *in)
{
    const uint64_t grain = in->file && in->file->format->fetch_grain ? in->file->format->fetch_grain(in) : 1;
    return grain ? grain : 1; /* 0: of an empty array */
}

sheaf_status io_fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error)
{
    char text[IO_SHOWN];
    const uint64_t elements = in->info.data_bytes / sheaf_dtype_size(in->info.dtype);
    if (begin > end || end > elements)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: has %llu elements, and not those of [%llu, %llu)",
                               io_shown(in->path, text), (unsigned long long)elements, (unsigned long long)begin,
                               (unsigned long long)end);
    if (begin == end)
        return SHEAF_OK;
    return in->file ? told(in, in->file->format->fetch(in, begin, end, to, error))
                    : plain_fetch(in, begin, end, to, error);
}

sheaf_status io_read_all(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status = io_prepare(in, buffer, view, error);
    if (status)
        return status;
    /* Piece by piece, so that the bytes are still in the cache when something is done to them. */
    for (size_t piece = 0; status == SHEAF_OK && piece < in->npieces; piece++)
        status = io_read_piece(in, piece, view, error);
    if (status == SHEAF_OK)
        status = io_finish(in, error);
    io_close(in);
    return status;
}

bool io_dimensions(const struct io_input *in, struct io_text *text)
{
    bool ok = true, named = false;
    text->n = 0;
    for (int d = 0; d < in->info.ndim && in->file && ok; d++) {
        const char *name = sheaf_file_part_dimension(in->file, in->part, d);
        name = strchr(name, '\n') ? "" : name;
        named = named || *name;
        ok = io_text_add(text, name, strlen(name)) && io_text_add(text, "\n", 1);
    }
    text->n = named ? text->n : 0;
    return ok && (!named || io_text_add(text, "", 1));
}

sheaf_status io_describe(const char *path, const sheaf_read *read, struct io_buffer *buffer, sheaf_file_info *info,
                         struct io_text *dims, sheaf_error *error)
{
    struct io_input in;
    sheaf_status status = start(path, read, HEADER_LEAST, true, buffer, &in, &(struct known){0}, error);
    if (status == SHEAF_OK)
        *info = in.info;
    if (status == SHEAF_OK && dims && !io_dimensions(&in, dims))
        status = io_no_memory(path, 1, error);
    io_close(&in);
    return status;
}

sheaf_status sheaf_file_describe(const char *path, sheaf_file_info *info, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    if (!path || !info)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_file_describe: no %s was given", path ? "info" : "path");
    sheaf_status status = io_describe(path, NULL, &buffer, info, NULL, error);
    io_buffer_free(&buffer);
    return status;
}

/* Read what was opened as an array of its own; buffer is used, and perhaps taken. */
static sheaf_status load(struct io_input *in, struct io_buffer *buffer, sheaf_array **out, sheaf_error *error)
{
    sheaf_view view;
    sheaf_status status = io_read_all(in, buffer, &view, error);
    if (status)
        return status;
    /* A large array keeps the buffer it was read into; it must be aligned as all arrays are. */
    if (in->info.data_bytes <= LOAD_LEAST || !sheaf_view_is_contiguous(&view) || (uintptr_t)view.data % 64 != 0)
        return sheaf_array_from_view(&view, view.dtype, out, error);
    unsigned char *data = buffer->data;
    buffer->data = NULL;
    size_t capacity = buffer->capacity;
    buffer->capacity = 0;
    return array_adopt(data, capacity, view.data, view.dtype, view.ndim, view.shape, out, error);
}

sheaf_status sheaf_file_load(const char *path, sheaf_array **out, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    if (!path || !out)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_file_load: no %s was given", path ? "out" : "path");
    *out = NULL;
    sheaf_status status = start(path, NULL, LOAD_LEAST, false, &buffer, &in, &(struct known){0}, error);
    if (status == SHEAF_OK)
        status = load(&in, &buffer, out, error);
    io_buffer_free(&buffer);
    return status;
}

sheaf_status sheaf_file_part_load(sheaf_file *file, size_t part, sheaf_array **out, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    *out = NULL;
    struct io_input in = {.path = file->path, .fd = -1, .file = file, .part = part, .kept = true};
    sheaf_status status = sheaf_file_part_describe(file, part, &in.info, error);
    if (status == SHEAF_OK)
        status = load(&in, &buffer, out, error);
    io_buffer_free(&buffer);
    return status;
}
