/* Data as they lie in memory too: elements one behind the other, read into place and put into native order there. */

#include "array/array.h"
#include "base/pool.h"
#include "io/format.h"
#include "kernels/kernels.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    GRAIN = 64 << 10,
    PIECE = 1 << 20,
    TRIMMED = 5 << 18, /* what every open takes anyway */
    SYSTEM_MOST = 1 << 30,
    MOVED_ALIGNMENT = 64
};

void io_buffer_free(struct io_buffer *b)
{
    pool_put(b->data, b->capacity);
    sheaf_file_close(b->kept);
    *b = (struct io_buffer){0};
}

void io_buffer_trim(struct io_buffer *b, size_t used)
{
    struct io_buffer small = {NULL, used ? used : 1, b->kept};
    if (b->capacity <= TRIMMED || used > b->capacity / 2 || !(small.data = pool_get(small.capacity)))
        return;
    memcpy(small.data, b->data, used);
    pool_put(b->data, b->capacity);
    *b = small;
}

sheaf_status io_reserve(struct io_buffer *b, size_t size, size_t keep, const char *path, sheaf_error *error)
{
    if (size <= b->capacity)
        return SHEAF_OK;
    if (size > PTRDIFF_MAX / 2)
        return io_no_memory(path, size, error);
    size_t capacity = size <= GRAIN ? size : (size + GRAIN - 1) / GRAIN * GRAIN;
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

sheaf_status plain_view(const sheaf_file_info *info, void *data, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status = sheaf_view_init(view, data, info->dtype, info->ndim, info->shape, error);
    if (status || !info->fortran_order)
        return status;
    int64_t stride = (int64_t)sheaf_dtype_size(info->dtype);
    for (int d = 0; d < info->ndim; d++) {
        view->strides[d] = stride;
        stride *= info->shape[d] > 0 ? info->shape[d] : 1; /* who described it has seen that this fits */
    }
    return SHEAF_OK;
}

sheaf_status plain_check(const char *path, const sheaf_file_info *info, uint64_t held, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (held >= info->data_offset && held - info->data_offset >= info->data_bytes)
        return SHEAF_OK;
    held = held > info->data_offset ? held - info->data_offset : 0;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: header declares %llu bytes of data, file holds %llu: it was cut short; copy it again",
                           io_shown(path, text), (unsigned long long)info->data_bytes, (unsigned long long)held);
}

/* Bytes of the data that are in the buffer already. */
static size_t data_got(const struct io_input *in)
{
    size_t offset = (size_t)in->info.data_offset, end = offset + (size_t)in->info.data_bytes;
    return in->got <= offset ? 0 : (in->got < end ? in->got : end) - offset;
}

sheaf_status plain_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    size_t offset = (size_t)in->info.data_offset, bytes = (size_t)in->info.data_bytes;
    /* What is in the buffer stays there, unless it lies awkwardly: then it moves over the header, which was read. */
    size_t place = in->got ? offset : 0;
    if (place % unit_of(in->info.dtype) != 0)
        place -= place % MOVED_ALIGNMENT;
    sheaf_status status = io_reserve(buffer, place + bytes, in->got, in->path, error);
    if (status == SHEAF_OK)
        status = plain_view(&in->info, buffer->data + place, view, error);
    if (status)
        return status;
    if (in->got && place != offset)
        memmove(buffer->data + place, buffer->data + offset, data_got(in));
    in->piece_bytes = PIECE;
    in->npieces = bytes / PIECE + (bytes % PIECE != 0);
    return SHEAF_OK;
}

void plain_range(const struct io_input *in, size_t piece, size_t *begin, size_t *end)
{
    size_t bytes = (size_t)in->info.data_bytes;
    *begin = piece * in->piece_bytes;
    *end = bytes - *begin < in->piece_bytes ? bytes : *begin + in->piece_bytes;
}

/* Bytes [at, end) of the data. */
static sheaf_status read_at(struct io_input *in, size_t at, size_t end, unsigned char *to, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (at < end && in->file)
        return io_source_read(&in->file->source, to, end - at, in->info.data_offset + at, error);
    while (at < end) {
        size_t n = end - at < SYSTEM_MOST ? end - at : SYSTEM_MOST;
        ssize_t r = pread(in->fd, to, n, (off_t)(in->info.data_offset + at));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0) {
            const int code = errno;
            in->transient = io_may_pass(code);
            return io_failed(in->path, "reading", code, error);
        }
        if (r == 0) {
            in->transient = true; /* somebody is writing it anew */
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: the file shrank while it was read; it ends at byte %llu",
                                   io_shown(in->path, text), (unsigned long long)(in->info.data_offset + at));
        }
        at += (size_t)r;
        to += r;
    }
    return SHEAF_OK;
}

sheaf_status plain_read(struct io_input *in, size_t begin, size_t end, const sheaf_view *view, sheaf_error *error)
{
    const size_t got = data_got(in), at = got > begin ? got : begin;
    return read_at(in, at, end, (unsigned char *)view->data + at, error);
}

sheaf_status plain_fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error)
{
    const size_t size = sheaf_dtype_size(in->info.dtype);
    sheaf_status status = read_at(in, (size_t)begin * size, (size_t)end * size, to, error);
    if (status == SHEAF_OK)
        plain_native(&in->info, 0, (size_t)(end - begin) * size, &(sheaf_view){.data = to});
    return status;
}

void plain_native(const sheaf_file_info *info, size_t begin, size_t end, const sheaf_view *view)
{
    unsigned char *data = view->data;
    size_t unit = unit_of(info->dtype);
    if (swapped(info))
        kernels()->byteswap((end - begin) / unit, unit, data + begin);
    if (info->dtype == SHEAF_BOOL) /* any byte may stand in the file; a C bool is 0 or 1 */
        for (size_t i = begin; i < end; i++)
            data[i] = data[i] != 0;
}

sheaf_status plain_read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    size_t begin, end;
    plain_range(in, piece, &begin, &end);
    sheaf_status status = plain_read(in, begin, end, view, error);
    if (status == SHEAF_OK)
        plain_native(&in->info, begin, end, view);
    return status;
}
