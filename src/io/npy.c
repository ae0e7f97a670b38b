/* Reading .npy. Small files cost one open, one read, one close: the first read asks for all the buffer holds, and
 * only when it brought less than the header declares is the file's size asked for. */

#include "array/array.h"
#include "base/checked.h"
#include "base/pool.h"
#include "io/io.h"
#include "kernels/kernels.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* LEAST is a size class of the pool; most files of a batch are smaller, and untouched pages cost nothing. */
enum {
    LEAST = 5 << 18,
    HEADER_LEAST = 4096,
    LOAD_LEAST = 60 << 10,
    FIRST_READ = 4 << 20,
    GRAIN = 64 << 10,
    PART = 1 << 20,
    SYSTEM_MOST = 1 << 30,
    MOVED_ALIGNMENT = 64
};

void io_buffer_free(struct io_buffer *b)
{
    pool_put(b->data, b->capacity);
    *b = (struct io_buffer){0};
}

/* Room for size bytes, keeping the first `keep`. */
static sheaf_status reserve(struct io_buffer *b, size_t size, size_t keep, const char *path, sheaf_error *error)
{
    if (size <= b->capacity)
        return SHEAF_OK;
    size_t capacity = size <= GRAIN ? size : (size + GRAIN - 1) / GRAIN * GRAIN; /* size ≤ PTRDIFF_MAX / 2 */
    unsigned char *data = pool_get(capacity);
    if (!data)
        return io_no_memory(path, capacity, error);
    if (keep)
        memcpy(data, b->data, keep);
    pool_put(b->data, b->capacity);
    b->data = data;
    b->capacity = capacity;
    return SHEAF_OK;
}

void io_close(struct io_input *in)
{
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

/* Bytes of the file up to the end of its data. */
static size_t declared(const struct io_input *in)
{
    return (size_t)(in->info.data_offset + in->info.data_bytes);
}

/* Bytes of the data that are in the buffer already. */
static size_t data_got(const struct io_input *in)
{
    size_t end = declared(in);
    return (in->got < end ? in->got : end) - (size_t)in->info.data_offset;
}

/* The system call that has just failed. */
static sheaf_status failed(struct io_input *in, const char *action, sheaf_error *error)
{
    const int code = errno;
    in->transient = io_may_pass(code);
    return io_failed(in->path, action, code, error);
}

/* One read of at most n bytes behind those in the buffer; *end when the file has no more. */
static sheaf_status read_once(struct io_input *in, struct io_buffer *b, size_t n, bool *end, sheaf_error *error)
{
    ssize_t r;
    do
        r = read(in->fd, b->data + in->got, n < SYSTEM_MOST ? n : SYSTEM_MOST);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return failed(in, "reading", error);
    in->got += (size_t)r;
    *end = r == 0;
    return SHEAF_OK;
}

static sheaf_status cut_short(const struct io_input *in, uint64_t held, sheaf_error *error)
{
    char text[IO_SHOWN];
    held = held > in->info.data_offset ? held - in->info.data_offset : 0;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: header declares %llu bytes of data, file holds %llu: it was cut short; copy it again",
                           io_shown(in->path, text), (unsigned long long)in->info.data_bytes, (unsigned long long)held);
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
        status = reserve(b, need, in->got, in->path, error);
        for (bool end = false; status == SHEAF_OK && in->got < need;) {
            status = read_once(in, b, need - in->got, &end, error);
            if (status == SHEAF_OK && end) {
                char text[IO_SHOWN];
                const char *shown = io_shown(in->path, text);
                if (in->got == 0)
                    return sheaf_error_set(error, SHEAF_FORMAT, "%s: the file is empty; copy it again", shown);
                return sheaf_error_set(error, SHEAF_FORMAT,
                                       "%s: the .npy header needs %zu bytes, file holds %zu: it was cut short; copy it "
                                       "again",
                                       shown, need, in->got);
            }
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
            status = reserve(b, total / 2 < b->capacity ? total : b->capacity * 2, in->got, in->path, error);
        size_t room = (b->capacity < total ? b->capacity : total) - in->got;
        if (status == SHEAF_OK)
            status = read_once(in, b, room, &end, error);
        if (status == SHEAF_OK && end)
            status = cut_short(in, in->got, error);
    }
    return status;
}

/* Open path, read at least its header, and see that the file holds what the header declares. */
static sheaf_status start(const char *path, size_t least, bool header_only, struct io_buffer *b, struct io_input *in,
                          struct io_identity *identity, sheaf_error *error)
{
    bool end;
    struct stat st;
    *in = (struct io_input){.path = path, .fd = -1};
    sheaf_status status = reserve(b, least, 0, path, error);
    if (status)
        goto done;
    in->fd = io_open_file(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0) {
        status = failed(in, "opening", error);
        goto done;
    }
    /* Before anything is read, so that a change meanwhile is a change since. */
    if (identity && !io_identify_open(in->fd, identity)) {
        status = io_failed(path, "looking at it", errno, error);
        goto done;
    }
    status = read_once(in, b, b->capacity < FIRST_READ ? b->capacity : FIRST_READ, &end, error);
    if (status == SHEAF_OK)
        status = read_header(in, b, error);
    if (status || in->got >= declared(in))
        goto done;
    if (fstat(in->fd, &st) != 0)
        status = failed(in, "reading its size", error);
    else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < declared(in))
        status = cut_short(in, (uint64_t)st.st_size, error);
    else if (!S_ISREG(st.st_mode) && !header_only)
        status = drain(in, b, error);
done:
    if (status || in->got >= declared(in))
        io_close(in);
    return status;
}

sheaf_status io_open(const char *path, struct io_buffer *buffer, struct io_input *in, sheaf_error *error)
{
    return start(path, LEAST, false, buffer, in, NULL, error);
}

sheaf_status io_open_known(const char *path, struct io_buffer *buffer, struct io_input *in,
                           struct io_identity *identity, sheaf_error *error)
{
    return start(path, LEAST, false, buffer, in, identity, error);
}

/* Bytes of the number that byte order applies to: half a complex value. */
static size_t unit_of(sheaf_dtype dtype)
{
    size_t size = sheaf_dtype_size(dtype);
    return dtype_is_complex(dtype) ? size / 2 : size;
}

static bool swapped(const sheaf_file_info *info)
{
    return unit_of(info->dtype) > 1 && info->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static sheaf_status set_view(const sheaf_file_info *info, void *data, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status = sheaf_view_init(view, data, info->dtype, info->ndim, info->shape, error);
    if (status || !info->fortran_order)
        return status;
    int64_t stride = (int64_t)sheaf_dtype_size(info->dtype);
    for (int d = 0; d < info->ndim; d++) {
        view->strides[d] = stride;
        stride *= info->shape[d] > 0 ? info->shape[d] : 1; /* npy_parse has seen that this fits */
    }
    return SHEAF_OK;
}

sheaf_status io_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    size_t offset = (size_t)in->info.data_offset, bytes = (size_t)in->info.data_bytes, place = offset;
    if (offset % unit_of(in->info.dtype) != 0)
        place -= offset % MOVED_ALIGNMENT; /* over the header, which has been read */
    sheaf_status status = reserve(buffer, place + bytes, in->got, in->path, error);
    if (status == SHEAF_OK)
        status = set_view(&in->info, buffer->data + place, view, error);
    if (status) {
        io_close(in);
        return status;
    }
    if (place != offset)
        memmove(buffer->data + place, buffer->data + offset, data_got(in));
    in->part_bytes = PART;
    in->nparts = bytes / PART + (bytes % PART != 0);
    return SHEAF_OK;
}

/* Bytes [begin, end) of the data at view: read what is not there yet, put it into native order. */
static sheaf_status fill(struct io_input *in, size_t begin, size_t end, const sheaf_view *view, sheaf_error *error)
{
    char text[IO_SHOWN];
    unsigned char *data = view->data;
    size_t at = data_got(in), unit = unit_of(in->info.dtype);
    at = at > begin ? at : begin;
    while (at < end) {
        size_t n = end - at < SYSTEM_MOST ? end - at : SYSTEM_MOST;
        ssize_t r = pread(in->fd, data + at, n, (off_t)(in->info.data_offset + at));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return failed(in, "reading", error);
        if (r == 0) {
            in->transient = true; /* somebody is writing it anew */
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: the file shrank while it was read; it ends at byte %llu",
                                   io_shown(in->path, text), (unsigned long long)(in->info.data_offset + at));
        }
        at += (size_t)r;
    }
    if (swapped(&in->info))
        kernels()->byteswap((end - begin) / unit, unit, data + begin);
    if (in->info.dtype == SHEAF_BOOL) /* any byte may stand in the file; a C bool is 0 or 1 */
        for (size_t i = begin; i < end; i++)
            data[i] = data[i] != 0;
    return SHEAF_OK;
}

sheaf_status io_read_part(struct io_input *in, size_t part, const sheaf_view *view, sheaf_error *error)
{
    size_t bytes = (size_t)in->info.data_bytes, begin = part * in->part_bytes;
    size_t end = bytes - begin < in->part_bytes ? bytes : begin + in->part_bytes;
    return fill(in, begin, end, view, error);
}

sheaf_status io_read_all(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status = io_prepare(in, buffer, view, error);
    if (status == SHEAF_OK && !swapped(&in->info)) {
        status = fill(in, 0, (size_t)in->info.data_bytes, view, error);
    } else { /* part by part, so that the bytes are still in the cache when they are swapped */
        for (size_t part = 0; status == SHEAF_OK && part < in->nparts; part++)
            status = io_read_part(in, part, view, error);
    }
    io_close(in);
    return status;
}

sheaf_status sheaf_file_describe(const char *path, sheaf_file_info *info, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    if (!path || !info)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_file_describe: no %s was given", path ? "info" : "path");
    sheaf_status status = start(path, HEADER_LEAST, true, &buffer, &in, NULL, error);
    if (status == SHEAF_OK)
        *info = in.info;
    io_close(&in);
    io_buffer_free(&buffer);
    return status;
}

sheaf_status sheaf_file_load(const char *path, sheaf_array **out, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    if (!path || !out)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_file_load: no %s was given", path ? "out" : "path");
    *out = NULL;
    sheaf_status status = start(path, LOAD_LEAST, false, &buffer, &in, NULL, error);
    if (status)
        goto done;
    status = io_read_all(&in, &buffer, &view, error);
    if (status)
        goto done;
    /* A large array keeps the buffer it was read into; it must be aligned as all arrays are. */
    if (in.info.data_bytes > LOAD_LEAST && sheaf_view_is_contiguous(&view) && (uintptr_t)view.data % 64 == 0) {
        status = array_adopt(buffer.data, buffer.capacity, view.data, view.dtype, view.ndim, view.shape, out, error);
        buffer = (struct io_buffer){0};
    } else {
        status = sheaf_array_from_view(&view, view.dtype, out, error);
    }
done:
    io_buffer_free(&buffer);
    return status;
}
