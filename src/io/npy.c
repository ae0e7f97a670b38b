/* .npy as a format of the table: one in a compressed file, or called so by the user. A plain one is read by open.c. */

#include "base/pool.h"
#include "io/format.h"
#include <string.h>

bool npy_starts(const unsigned char *bytes, size_t n)
{
    return memcmp(bytes, "\x93NUMPY", n < 6 ? n : 6) == 0;
}

sheaf_status npy_cut_short(const char *path, size_t need, size_t held, sheaf_error *error)
{
    char text[IO_SHOWN];
    const char *shown = io_shown(path, text);
    if (held == 0)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: the file is empty; copy it again", shown);
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: the .npy header needs %zu bytes, file holds %zu: it was cut short; copy it again",
                           shown, need, held);
}

static bool recognise(const unsigned char *head, size_t n)
{
    return n >= 6 && npy_starts(head, n);
}

static sheaf_status list(sheaf_file *file, sheaf_error *error)
{
    (void)error;
    file->nparts = 1;
    return SHEAF_OK;
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    struct io_buffer head = {0};
    sheaf_error trial = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_OK;
    (void)part;
    for (size_t need = 512; need;) {
        const size_t asked = need;
        size_t got;
        status = io_reserve(&head, need, 0, file->path, &trial);
        if (status == SHEAF_OK)
            status = io_source_some(&file->source, head.data, need, 0, &got, &trial);
        if (status)
            break;
        status = npy_parse(head.data, got, info, &need, file->path, &trial);
        if (need && got < asked) {
            status = npy_cut_short(file->path, need, got, &trial);
            break;
        }
    }
    io_buffer_free(&head);
    if (status && error)
        *error = trial;
    if (status || file->source.size == UINT64_MAX)
        return status;
    return plain_check(file->path, info, file->source.size, error);
}

/* A stream's bytes change hands: what was unpacked into the source's buffer is the array. */
static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    struct io_source *source = &in->file->source;
    uint64_t size;
    sheaf_status status = io_source_size(source, &size, error);
    if (status == SHEAF_OK)
        status = plain_check(in->path, &in->info, size, error);
    if (status)
        return status;
    if (source->stream && !in->kept) {
        pool_put(buffer->data, buffer->capacity);
        buffer->data = source->bytes.data;
        buffer->capacity = source->bytes.capacity;
        source->bytes = (struct io_buffer){0};
        in->got = source->got;
        source->got = 0;
    }
    return plain_prepare(in, buffer, view, error);
}

static const char *const called[] = {".npy", NULL};

const struct io_format format_npy = {
    .name = "npy",
    .called = called,
    .recognise = recognise,
    .open = list,
    .describe = describe,
    .prepare = prepare,
    .read_piece = plain_read_piece,
    .fetch = plain_fetch,
};
