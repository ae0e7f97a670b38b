/* Streams unpacked as they are read: gzip (any number of members) by zlib, zstd by its own library; and pipes, which
 * are streams that need no unpacking. */

#include "base/alloc.h"
#include "io/format.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef SHEAF_DEFLATE
#include <zlib.h>
#endif
#ifdef SHEAF_ZSTD
#include <zstd.h>
#endif

enum {
    CHUNK = 128 << 10,
    RATIO_FREE = 64 << 20, /* so many bytes may come of anything */
    RATIO_MOST = 1100      /* deflate cannot do more than 1032 */
};

struct unpacker;

/* Unpack from u->in into to, of n bytes; *got of them came. Called with input at hand, or, when *last, without. */
typedef sheaf_status unpack_step(struct unpacker *u, unsigned char *to, size_t n, size_t *got, sheaf_error *error);

struct unpacker {
    const char *path, *packing;
    int fd;
    bool end;          /* of the packed bytes */
    bool open;         /* within a member or frame */
    unsigned char *in; /* [at, n) are still to be unpacked */
    size_t at, n;
    uint64_t total_in, total_out;
    unpack_step *step;
#ifdef SHEAF_DEFLATE
    z_stream z;
#endif
#ifdef SHEAF_ZSTD
    ZSTD_DStream *zstd;
#endif
};

_Atomic uint64_t io_unpacked_cap;

uint64_t io_unpacked_most(void)
{
    uint64_t cap = io_unpacked_cap;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return cap ? cap : pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 : (uint64_t)1 << 30;
}

sheaf_status io_check_unpacked(const char *path, uint64_t in, uint64_t out, sheaf_error *error)
{
    char text[IO_SHOWN];
    const char *shown = io_shown(path, text);
    uint64_t most = io_unpacked_most();
    if (out > most)
        return sheaf_error_set(
            error, SHEAF_FORMAT,
            "%s: unpacks to more than %llu bytes, half of this machine's memory; unpack it to a file", shown,
            (unsigned long long)most);
    if (out > RATIO_FREE && out / RATIO_MOST > in)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: %llu packed bytes claim to be %llu or more, over %d times as much: no honest data "
                               "are; if you trust it, unpack it to a file",
                               shown, (unsigned long long)in, (unsigned long long)out, RATIO_MOST);
    return SHEAF_OK;
}

static sheaf_status damaged(const struct unpacker *u, const char *why, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: damaged %s data near byte %llu: %s; copy it again",
                           io_shown(u->path, text), u->packing, (unsigned long long)(u->total_in - (u->n - u->at)),
                           why);
}

static sheaf_status step_plain(struct unpacker *u, unsigned char *to, size_t n, size_t *got, sheaf_error *error)
{
    (void)error;
    *got = u->n - u->at < n ? u->n - u->at : n;
    memcpy(to, u->in + u->at, *got);
    u->at += *got;
    return SHEAF_OK;
}

#ifdef SHEAF_DEFLATE
static sheaf_status step_gzip(struct unpacker *u, unsigned char *to, size_t n, size_t *got, sheaf_error *error)
{
    if (!u->open) {
        /* Some tools pad with zeros behind the last member. */
        while (u->at < u->n && u->in[u->at] == 0 && u->total_out)
            u->at++;
        if (u->at == u->n)
            return SHEAF_OK;
        if (inflateReset(&u->z) != Z_OK)
            return damaged(u, "zlib refuses it", error);
        u->open = true;
    }
    u->z.next_in = u->in + u->at;
    u->z.avail_in = (unsigned)(u->n - u->at);
    u->z.next_out = to;
    u->z.avail_out = n < UINT32_MAX ? (unsigned)n : UINT32_MAX;
    unsigned room = u->z.avail_out;
    int r = inflate(&u->z, Z_NO_FLUSH);
    u->at = u->n - u->z.avail_in;
    *got = room - u->z.avail_out;
    if (r == Z_STREAM_END)
        u->open = false;
    else if (r == Z_MEM_ERROR)
        return io_no_memory(u->path, CHUNK, error);
    else if (r != Z_OK && r != Z_BUF_ERROR)
        return damaged(u, u->z.msg ? u->z.msg : "zlib refuses it", error);
    return SHEAF_OK;
}
#endif

#ifdef SHEAF_ZSTD
static sheaf_status step_zstd(struct unpacker *u, unsigned char *to, size_t n, size_t *got, sheaf_error *error)
{
    if (!u->open && u->at == u->n) /* between frames: asked for more, zstd would take that for the start of one */
        return SHEAF_OK;
    ZSTD_inBuffer in = {u->in, u->n, u->at};
    ZSTD_outBuffer out = {to, n, 0};
    size_t r = ZSTD_decompressStream(u->zstd, &out, &in);
    u->at = in.pos;
    *got = out.pos;
    if (ZSTD_isError(r))
        return damaged(u, ZSTD_getErrorName(r), error);
    u->open = r != 0;
    return SHEAF_OK;
}
#endif

const char *unpacker_recognise(const unsigned char *head, size_t n)
{
    if (n >= 3 && memcmp(head, "\x1f\x8b\x08", 3) == 0)
        return "gzip";
    if (n >= 4 && memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
        return "zstd";
    return NULL;
}

static sheaf_status choose(struct unpacker *u, sheaf_error *error)
{
    char text[IO_SHOWN];
    const bool gzip = u->packing && strcmp(u->packing, "gzip") == 0;
    if (!u->packing) {
        u->step = step_plain;
        return SHEAF_OK;
    }
#ifdef SHEAF_DEFLATE
    if (gzip) {
        u->step = step_gzip;
        u->open = true;
        return inflateInit2(&u->z, 15 + 16) == Z_OK ? SHEAF_OK : io_no_memory(u->path, CHUNK, error);
    }
#endif
#ifdef SHEAF_ZSTD
    if (!gzip) {
        u->step = step_zstd;
        u->zstd = ZSTD_createDStream();
        return u->zstd ? SHEAF_OK : io_no_memory(u->path, CHUNK, error);
    }
#endif
    u->packing = NULL; /* nothing to free */
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "%s: is compressed by %s, which this build does not read: unpack it, or build Sheaf again "
                           "with %s installed",
                           io_shown(u->path, text), gzip ? "gzip" : "zstd",
                           gzip ? "libdeflate-dev and zlib1g-dev" : "libzstd-dev");
}

sheaf_status unpacker_new(const char *packing, const char *path, int fd, const unsigned char *head, size_t n,
                          struct unpacker **out, sheaf_error *error)
{
    *out = NULL;
    struct unpacker *u = mem_calloc(1, sizeof *u);
    if (!u)
        return io_no_memory(path, sizeof *u, error);
    u->path = path;
    u->packing = packing;
    u->fd = fd;
    u->n = u->total_in = n;
    u->in = mem_alloc(n > CHUNK ? n : CHUNK);
    if (u->in)
        memcpy(u->in, head, n);
    sheaf_status status = u->in ? choose(u, error) : io_no_memory(path, n > CHUNK ? n : CHUNK, error);
    if (status)
        unpacker_free(u);
    else
        *out = u;
    return status;
}

void unpacker_free(struct unpacker *u)
{
    if (!u)
        return;
#ifdef SHEAF_DEFLATE
    if (u->step == step_gzip)
        inflateEnd(&u->z);
#endif
#ifdef SHEAF_ZSTD
    ZSTD_freeDStream(u->zstd);
#endif
    mem_free(u->in);
    mem_free(u);
}

static sheaf_status refill(struct unpacker *u, sheaf_error *error)
{
    ssize_t r;
    do
        r = read(u->fd, u->in, CHUNK);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return io_failed(u->path, "reading", errno, error);
    u->at = 0;
    u->n = (size_t)r;
    u->total_in += u->n;
    u->end = r == 0;
    return SHEAF_OK;
}

sheaf_status unpacker_read(struct unpacker *u, void *to, size_t n, size_t *got, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    *got = 0;
    while (status == SHEAF_OK && *got == 0 && !u->end) {
        /* Without input a step may still have output, kept back for want of room. */
        status = u->step(u, to, n, got, error);
        if (status == SHEAF_OK && *got == 0 && u->at == u->n)
            status = refill(u, error);
    }
    u->total_out += *got;
    if (status == SHEAF_OK && u->end && u->open)
        return damaged(u, "it was cut short", error);
    return status ? status : io_check_unpacked(u->path, u->packing ? u->total_in : UINT64_MAX, u->total_out, error);
}
