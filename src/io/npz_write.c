/* Writing .npz, as numpy.load reads it: one member after the other, then the directory. Sizes and sums are known
 * before a member is written, so nothing is written twice; zip64 only where 32 bits do not do. */

#include "io/format.h"

#ifdef SHEAF_DEFLATE

#include "base/alloc.h"
#include "base/pool.h"
#include <libdeflate.h>
#include <string.h>

enum {
    LEVEL = 1, /* doubles hardly get smaller above */
    VERSION = 20,
    VERSION64 = 45,
    UTF8 = 1 << 11,
    DATE = 0x21, /* 1980-01-01, as NumPy writes: the same results are the same bytes */
    NAME_MOST = 60000,
    RECORD = 128 /* any record below without its name */
};

/* A record under construction. */
struct record {
    unsigned char bytes[RECORD];
    size_t n;
};

static void put(struct record *r, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        r->bytes[r->n++] = (unsigned char)value;
}

struct member {
    uint64_t packed, size, offset;
    uint32_t sum;
    uint16_t method, flags, name;
};

static bool large(uint64_t value)
{
    return value >= UINT32_MAX;
}

/* What local header and directory have in common. */
static void put_common(struct record *r, const struct member *m, bool wide)
{
    put(r, wide ? VERSION64 : VERSION, 2);
    put(r, m->flags, 2);
    put(r, m->method, 2);
    put(r, 0, 2);
    put(r, DATE, 2);
    put(r, m->sum, 4);
    put(r, wide ? UINT32_MAX : m->packed, 4);
    put(r, wide ? UINT32_MAX : m->size, 4);
    put(r, m->name, 2);
}

static struct record local_header(const struct member *m)
{
    const bool wide = large(m->size) || large(m->packed);
    struct record r = {.n = 0};
    put(&r, 0x04034b50, 4);
    put_common(&r, m, wide);
    put(&r, wide ? 20 : 0, 2);
    return r;
}

static struct record sizes_field(const struct member *m)
{
    struct record r = {.n = 0};
    if (large(m->size) || large(m->packed)) {
        put(&r, 1, 2);
        put(&r, 16, 2);
        put(&r, m->size, 8);
        put(&r, m->packed, 8);
    }
    return r;
}

/* The entry without name, and the zip64 field that follows the name. */
static void directory_entry(const struct member *m, struct record *r, struct record *extra)
{
    const bool wide = large(m->size) || large(m->packed), far = large(m->offset);
    *r = *extra = (struct record){.n = 0};
    if (wide || far) {
        put(extra, 1, 2);
        put(extra, (wide ? 16u : 0u) + (far ? 8u : 0u), 2);
        put(extra, m->size, wide ? 8 : 0);
        put(extra, m->packed, wide ? 8 : 0);
        put(extra, m->offset, far ? 8 : 0);
    }
    put(r, 0x02014b50, 4);
    put(r, 3 << 8 | (wide || far ? VERSION64 : VERSION), 2); /* made on Unix */
    put_common(r, m, wide);
    put(r, extra->n, 2);
    put(r, 0, 2 + 2 + 2); /* no comment, volume 0, no attributes */
    put(r, (uint64_t)0600 << 16, 4);
    put(r, far ? UINT32_MAX : m->offset, 4);
}

void npz_begin(struct npz_output *z, struct io_output *out, bool deflated)
{
    *z = (struct npz_output){.out = out, .deflated = deflated};
    z->layout.big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

void npz_clear(struct npz_output *z)
{
    io_text_free(&z->directory);
}

static sheaf_status append(struct npz_output *z, const void *head, size_t nhead, const void *data, size_t n,
                           sheaf_error *error)
{
    z->at += nhead + n;
    return io_write_two(z->out, head, nhead, data, n, error);
}

static sheaf_status note_member(struct npz_output *z, const struct member *m, const char *name, sheaf_error *error)
{
    struct record entry, extra;
    directory_entry(m, &entry, &extra);
    z->entries++;
    if (io_text_add(&z->directory, (const char *)entry.bytes, entry.n) &&
        io_text_add(&z->directory, name, m->name - 4u) && io_text_add(&z->directory, ".npy", 4) &&
        io_text_add(&z->directory, (const char *)extra.bytes, extra.n))
        return SHEAF_OK;
    return io_no_memory(z->out->path, z->directory.n, error);
}

/* The packed form of header and data in *packed, a pool buffer of *room bytes. */
static sheaf_status deflate_member(struct npz_output *z, struct member *m, const void *header, size_t nheader,
                                   const void *data, unsigned char **packed, size_t *room, sheaf_error *error)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);
    size_t size = (size_t)m->size;
    unsigned char *whole = pool_get(size);
    *room = c ? libdeflate_deflate_compress_bound(c, size) : 0;
    *packed = c && whole ? pool_get(*room) : NULL;
    if (*packed) {
        memcpy(whole, header, nheader);
        if (size > nheader)
            memcpy(whole + nheader, data, size - nheader);
        m->packed = libdeflate_deflate_compress(c, whole, size, *packed, *room);
        m->method = 8;
    }
    libdeflate_free_compressor(c);
    pool_put(whole, size);
    return *packed ? SHEAF_OK : io_no_memory(z->out->path, 2 * size, error);
}

sheaf_status npz_add(struct npz_output *z, const char *name, const sheaf_view *view, sheaf_error *error)
{
    unsigned char *header = NULL, *packed = NULL;
    void *laid = NULL;
    size_t nheader, nname = strlen(name), room = 0;
    size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    if (nname > NAME_MOST)
        return sheaf_error_set(error, SHEAF_INVALID, "%.300s: a member's name of %zu bytes is too long", z->out->path,
                               nname);
    sheaf_status status = npy_lay(z->layout, view, &header, &nheader, &laid, error);
    if (status)
        goto done;
    const void *data = laid ? laid : view->data;
    struct member m = {.size = nheader + bytes, .packed = nheader + bytes, .offset = z->at};
    m.name = (uint16_t)(nname + 4);
    for (const char *p = name; *p; p++)
        m.flags |= (unsigned char)*p >= 128 ? UTF8 : 0;
    m.sum = libdeflate_crc32(libdeflate_crc32(0, header, nheader), bytes ? data : header, bytes);
    if (z->deflated)
        status = deflate_member(z, &m, header, nheader, data, &packed, &room, error);
    const struct record local = local_header(&m), field = sizes_field(&m);
    if (status == SHEAF_OK)
        status = append(z, local.bytes, local.n, name, nname, error);
    if (status == SHEAF_OK)
        status = append(z, ".npy", 4, field.bytes, field.n, error);
    if (status == SHEAF_OK)
        status = packed ? append(z, NULL, 0, packed, (size_t)m.packed, error)
                        : append(z, header, nheader, data, bytes, error);
    if (status == SHEAF_OK)
        status = note_member(z, &m, name, error);
done:
    pool_put(packed, room);
    mem_free(laid);
    mem_free(header);
    return status;
}

sheaf_status npz_end(struct npz_output *z, sheaf_error *error)
{
    struct record end = {.n = 0};
    const uint64_t n = z->entries, size = z->directory.n, begin = z->at;
    const bool wide = n >= UINT16_MAX || large(size) || large(begin);
    if (wide) {
        put(&end, 0x06064b50, 4);
        put(&end, 44, 8);
        put(&end, 3 << 8 | VERSION64, 2);
        put(&end, VERSION64, 2);
        put(&end, 0, 4 + 4);
        put(&end, n, 8);
        put(&end, n, 8);
        put(&end, size, 8);
        put(&end, begin, 8);
        put(&end, 0x07064b50, 4);
        put(&end, 0, 4);
        put(&end, begin + size, 8);
        put(&end, 1, 4);
    }
    put(&end, 0x06054b50, 4);
    put(&end, 0, 2 + 2);
    put(&end, wide ? UINT16_MAX : n, 2);
    put(&end, wide ? UINT16_MAX : n, 2);
    put(&end, wide ? UINT32_MAX : size, 4);
    put(&end, wide ? UINT32_MAX : begin, 4);
    put(&end, 0, 2);
    sheaf_status status = append(z, z->directory.data, z->directory.n, end.bytes, end.n, error);
    npz_clear(z);
    return status;
}

#endif
