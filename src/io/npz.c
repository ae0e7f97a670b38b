/* .npz: a zip archive whose members NAME.npy are arrays. Stored ones are read in pieces, as an .npy is, their sum put
 * together from the pieces'; deflated ones by libdeflate, straight to where the data belong. */

#include "io/format.h"
#include <string.h>

static bool recognise(const unsigned char *head, size_t n)
{
    return n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

#ifdef SHEAF_DEFLATE

#include "base/alloc.h"
#include "base/pool.h"
#include "io/zip.h"
#include <libdeflate.h>
#include <stdio.h>
#include <zlib.h>

enum {
    WHERE = 2 * IO_SHOWN,
    HEAD = 512,
    PACKED_CHUNK = 4096,
    DEFLATE_MOST = 1032 /* no byte of deflate makes more than these */
};

struct npz {
    struct zip zip;
    const struct zip_member **members; /* of the parts */
};

static const struct zip_member *member_of(const sheaf_file *file, size_t part)
{
    return ((struct npz *)file->own)->members[part];
}

/* "FILE:NAME" for messages. */
static const char *where_is(const sheaf_file *file, size_t part, char text[WHERE])
{
    char path[IO_SHOWN], name[IO_SHOWN];
    snprintf(text, WHERE, "%s:%s", io_shown(file->path, path), io_shown(file->names[part], name));
    return text;
}

/* The name without .npy, as numpy.load gives it; NULL: no array. */
static const char *array_name(struct arena *arena, const char *name, bool *memory)
{
    size_t n = strlen(name);
    if (n < 4 || strcmp(name + n - 4, ".npy") != 0)
        return NULL;
    char *copy = arena_strdup(arena, name);
    *memory = copy;
    if (copy)
        copy[n - 4] = '\0';
    return copy;
}

static sheaf_status list(sheaf_file *file, sheaf_error *error)
{
    struct npz *npz = file->own = mem_calloc(1, sizeof *npz);
    if (!npz)
        return io_no_memory(file->path, sizeof *npz, error);
    sheaf_status status = zip_list(&file->source, &npz->zip, error);
    if (status)
        return status;
    file->names = mem_alloc((npz->zip.n + 1) * sizeof *file->names);
    npz->members = mem_alloc((npz->zip.n + 1) * sizeof *npz->members);
    bool memory = file->names && npz->members;
    for (size_t i = 0; i < npz->zip.n && memory; i++) {
        const char *name = array_name(&npz->zip.arena, npz->zip.members[i].name, &memory);
        if (!name)
            continue;
        file->names[file->nparts] = name;
        npz->members[file->nparts++] = &npz->zip.members[i];
    }
    return memory ? SHEAF_OK : io_no_memory(file->path, npz->zip.n * sizeof *file->names, error);
}

static void close_npz(sheaf_file *file)
{
    struct npz *npz = file->own;
    if (!npz)
        return;
    zip_clear(&npz->zip);
    mem_free(npz->members);
    mem_free(npz);
}

static sheaf_status refuse(const struct zip_member *m, const char *where, sheaf_error *error)
{
    if (m->flags & ZIP_ENCRYPTED)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: is encrypted, which is not read; unpack it by 'unzip'",
                               where);
    if (m->method != ZIP_STORED && m->method != ZIP_DEFLATED)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: is packed by zip's method %d; stored (0) and deflated (8) are read, as numpy.savez "
                               "and savez_compressed write them",
                               where, m->method);
    if (m->method == ZIP_STORED && m->packed != m->size)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: damaged zip archive: stored, yet of two sizes", where);
    if (m->method == ZIP_DEFLATED && m->size / DEFLATE_MOST > m->packed)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: damaged zip archive: %llu packed bytes cannot make the %llu declared", where,
                               (unsigned long long)m->packed, (unsigned long long)m->size);
    return SHEAF_OK;
}

/* The first *n bytes of a deflated member (fewer when it has fewer). */
static sheaf_status inflate_head(struct io_source *s, const struct zip_member *m, uint64_t begin, const char *where,
                                 unsigned char *to, size_t *n, sheaf_error *error)
{
    unsigned char packed[PACKED_CHUNK];
    z_stream z = {.next_out = to, .avail_out = (unsigned)*n};
    if (inflateInit2(&z, -15) != Z_OK)
        return io_no_memory(s->path, *n, error);
    sheaf_status status = SHEAF_OK;
    int r = Z_OK;
    for (uint64_t at = 0; status == SHEAF_OK && r == Z_OK && z.avail_out && at < m->packed; at += PACKED_CHUNK) {
        size_t chunk = m->packed - at < PACKED_CHUNK ? (size_t)(m->packed - at) : PACKED_CHUNK;
        status = io_source_read(s, packed, chunk, begin + at, error);
        z.next_in = packed;
        z.avail_in = (unsigned)chunk;
        if (status == SHEAF_OK)
            r = inflate(&z, Z_SYNC_FLUSH);
        if (status == SHEAF_OK && r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            status = sheaf_error_set(error, SHEAF_FORMAT, "%s: damaged deflate data: %s; copy it again", where,
                                     z.msg ? z.msg : "zlib refuses them");
    }
    *n -= z.avail_out;
    inflateEnd(&z);
    return status;
}

/* The header of the array in a member. */
static sheaf_status read_header(sheaf_file *file, const struct zip_member *m, uint64_t begin, const char *where,
                                sheaf_file_info *info, sheaf_error *error)
{
    struct io_buffer head = {0};
    sheaf_error trial = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_OK;
    for (size_t need = HEAD; need;) {
        const size_t asked = m->size < need ? (size_t)m->size : need;
        size_t got = asked;
        status = io_reserve(&head, need, 0, file->path, &trial);
        if (status == SHEAF_OK)
            status = m->method == ZIP_STORED ? io_source_read(&file->source, head.data, got, begin, &trial)
                                             : inflate_head(&file->source, m, begin, where, head.data, &got, &trial);
        if (status)
            break;
        status = npy_parse(head.data, got, info, &need, where, &trial);
        if (need && (got < asked || got == m->size)) {
            status = npy_cut_short(where, need, got, &trial);
            break;
        }
    }
    io_buffer_free(&head);
    if (status && error)
        *error = trial;
    return status;
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    const struct zip_member *m = member_of(file, part);
    char where[WHERE];
    uint64_t begin;
    where_is(file, part, where);
    sheaf_status status = refuse(m, where, error);
    if (status == SHEAF_OK)
        status = zip_locate(&file->source, m, where, &begin, error);
    if (status == SHEAF_OK)
        status = read_header(file, m, begin, where, info, error);
    if (status == SHEAF_OK)
        status = plain_check(where, info, m->size, error);
    if (status == SHEAF_OK && m->method == ZIP_DEFLATED)
        status = io_check_unpacked(where, m->packed, m->size, error);
    if (status)
        return status;
    strcpy(info->format, m->method == ZIP_STORED ? "npz stored" : "npz deflated");
    if (m->method == ZIP_STORED)
        info->data_offset += begin;
    return SHEAF_OK;
}

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    const struct zip_member *m = member_of(in->file, in->part);
    if (m->method == ZIP_STORED) {
        sheaf_status status = plain_prepare(in, buffer, view, error);
        if (status)
            return status;
        in->sums = mem_alloc((in->npieces + 1) * sizeof *in->sums);
        return in->sums ? SHEAF_OK : io_no_memory(in->path, in->npieces * sizeof *in->sums, error);
    }
    /* The header is unpacked too: before the data, which are to be aligned. */
    size_t shift = (64 - (size_t)in->info.data_offset % 64) % 64;
    sheaf_status status = io_reserve(buffer, shift + (size_t)m->size, 0, in->path, error);
    in->npieces = 1;
    in->piece_bytes = (size_t)in->info.data_bytes;
    return status ? status : plain_view(&in->info, buffer->data + shift + in->info.data_offset, view, error);
}

static sheaf_status wrong_sum(const struct io_input *in, sheaf_error *error)
{
    char where[WHERE];
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: its bytes do not give the sum (CRC-32) in the archive; copy it again",
                           where_is(in->file, in->part, where));
}

static sheaf_status inflate_member(const struct io_input *in, const unsigned char *packed, const sheaf_view *view,
                                   sheaf_error *error)
{
    const struct zip_member *m = member_of(in->file, in->part);
    unsigned char *whole = (unsigned char *)view->data - in->info.data_offset;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    char where[WHERE];
    if (!d)
        return io_no_memory(in->path, 1 << 14, error);
    enum libdeflate_result r =
        libdeflate_deflate_decompress(d, packed, (size_t)m->packed, whole, (size_t)m->size, NULL);
    libdeflate_free_decompressor(d);
    if (r != LIBDEFLATE_SUCCESS)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: damaged deflate data, or not the %llu bytes declared; copy it "
                               "again",
                               where_is(in->file, in->part, where), (unsigned long long)m->size);
    if (libdeflate_crc32(0, whole, (size_t)m->size) != m->sum)
        return wrong_sum(in, error);
    plain_native(&in->info, 0, (size_t)in->info.data_bytes, view);
    return SHEAF_OK;
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    const struct zip_member *m = member_of(in->file, in->part);
    if (m->method == ZIP_STORED) {
        size_t begin, end;
        plain_range(in, piece, &begin, &end);
        sheaf_status status = plain_read(in, begin, end, view, error);
        if (status)
            return status;
        in->sums[piece] = libdeflate_crc32(0, (unsigned char *)view->data + begin, end - begin);
        plain_native(&in->info, begin, end, view);
        return SHEAF_OK;
    }
    char where[WHERE];
    uint64_t start;
    sheaf_status status = zip_locate(&in->file->source, m, where_is(in->file, in->part, where), &start, error);
    if (status)
        return status;
    size_t n = (size_t)m->packed;
    unsigned char *packed = pool_get(n ? n : 1);
    if (!packed)
        return io_no_memory(in->path, n, error);
    status = io_source_read(&in->file->source, packed, n, start, error);
    if (status == SHEAF_OK)
        status = inflate_member(in, packed, view, error);
    pool_put(packed, n ? n : 1);
    return status;
}

/* The sum of the bytes [begin, end) of the file, added to sum. */
static sheaf_status add_sum(struct io_source *s, uint64_t begin, uint64_t end, uint32_t *sum, sheaf_error *error)
{
    unsigned char bytes[PACKED_CHUNK];
    sheaf_status status = SHEAF_OK;
    while (status == SHEAF_OK && begin < end) {
        size_t n = end - begin < sizeof bytes ? (size_t)(end - begin) : sizeof bytes;
        status = io_source_read(s, bytes, n, begin, error);
        *sum = libdeflate_crc32(*sum, bytes, n);
        begin += n;
    }
    return status;
}

static sheaf_status finish(struct io_input *in, sheaf_error *error)
{
    const struct zip_member *m = member_of(in->file, in->part);
    struct io_source *source = &in->file->source;
    char where[WHERE];
    uint64_t begin;
    uint32_t sum = 0;
    if (m->method != ZIP_STORED)
        return SHEAF_OK;
    sheaf_status status = zip_locate(source, m, where_is(in->file, in->part, where), &begin, error);
    if (status == SHEAF_OK)
        status = add_sum(source, begin, in->info.data_offset, &sum, error);
    for (size_t piece = 0; status == SHEAF_OK && piece < in->npieces; piece++) {
        size_t from, to;
        plain_range(in, piece, &from, &to);
        sum = (uint32_t)crc32_combine(sum, in->sums[piece], (z_off_t)(to - from));
    }
    if (status == SHEAF_OK)
        status = add_sum(source, in->info.data_offset + in->info.data_bytes, begin + m->size, &sum, error);
    return status || sum == m->sum ? status : wrong_sum(in, error);
}

static bool can_fetch(const struct io_input *in)
{
    return member_of(in->file, in->part)->method == ZIP_STORED;
}

static void clear(struct io_input *in)
{
    mem_free(in->sums);
    in->sums = NULL;
}

static const char *const called[] = {".npz", NULL};

const struct io_format format_npz = {
    .name = "npz",
    .called = called,
    .recognise = recognise,
    .open = list,
    .close = close_npz,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
    .finish = finish,
    .fetch = plain_fetch,
    .can_fetch = can_fetch,
    .clear = clear,
};

#else

static const char *const called[] = {".npz", NULL};

const struct io_format format_npz = {
    .name = "npz", .called = called, .missing = "libdeflate-dev and zlib1g-dev", .recognise = recognise};

#endif
