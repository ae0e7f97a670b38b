/* The directory of a zip archive, by PKWARE's APPNOTE.TXT 6.3: sections 4.3.7 (local header), 4.3.12 (directory),
 * 4.3.14 to 16 (its end), 4.5.3 (zip64). A library in place of this gives no offsets, hence no reading by a team. */

#include "io/zip.h"
#include "base/alloc.h"
#include "base/checked.h"
#include <stdlib.h>
#include <string.h>

enum {
    LOCAL = 30,
    ENTRY = 46,
    END = 22,
    END64 = 56,
    LOCATOR = 20,
    COMMENT_MOST = 65535
};

static uint16_t u16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const unsigned char *p)
{
    return (uint32_t)u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t u64(const unsigned char *p)
{
    return (uint64_t)u32(p) | (uint64_t)u32(p + 4) << 32;
}

static sheaf_status damaged(const struct io_source *s, const char *why, uint64_t at, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: damaged zip archive: %s (byte %llu); copy it again",
                           io_shown(s->path, text), why, (unsigned long long)at);
}

struct directory {
    uint64_t entries, bytes, offset;
    uint64_t end; /* where it must end */
};

/* The end record in its 64-bit form, when there is one before `at`. */
static sheaf_status read_end64(struct io_source *s, uint64_t at, struct directory *d, sheaf_error *error)
{
    unsigned char locator[LOCATOR], end[END64];
    if (at < LOCATOR + END64)
        return SHEAF_OK;
    sheaf_status status = io_source_read(s, locator, LOCATOR, at - LOCATOR, error);
    if (status || memcmp(locator, "PK\6\7", 4) != 0)
        return status;
    uint64_t where = u64(locator + 8);
    if (where > at - LOCATOR - END64)
        return damaged(s, "the zip64 end record lies outside", at - LOCATOR, error);
    status = io_source_read(s, end, END64, where, error);
    if (status)
        return status;
    if (memcmp(end, "PK\6\6", 4) != 0)
        return damaged(s, "no zip64 end record where it should be", where, error);
    if (u32(end + 16) != 0 || u32(end + 20) != 0)
        return damaged(s, "it is cut into volumes", where, error);
    *d = (struct directory){u64(end + 32), u64(end + 40), u64(end + 48), where};
    return SHEAF_OK;
}

/* Find the end record: it is the last thing, but for a comment. */
static sheaf_status read_end(struct io_source *s, uint64_t size, struct directory *d, sheaf_error *error)
{
    size_t n = size < END + COMMENT_MOST ? (size_t)size : END + COMMENT_MOST, i;
    unsigned char *tail = mem_alloc(n ? n : 1);
    if (!tail)
        return io_no_memory(s->path, n, error);
    sheaf_status status = io_source_read(s, tail, n, size - n, error);
    bool found = false;
    for (i = n; status == SHEAF_OK && i-- > 0 && !found;)
        found = n - i >= END && memcmp(tail + i, "PK\5\6", 4) == 0 && u16(tail + i + 20) == n - i - END;
    i++; /* the loop steps once behind the one found */
    uint64_t at = size - n + i;
    if (status == SHEAF_OK && !found)
        status = damaged(s, "its directory is missing, it was cut short", size, error);
    if (status == SHEAF_OK && (u16(tail + i + 4) != 0 || u16(tail + i + 6) != 0) && u16(tail + i + 4) != 0xFFFF)
        status = damaged(s, "it is cut into volumes", at, error);
    if (status == SHEAF_OK) {
        *d = (struct directory){u16(tail + i + 10), u32(tail + i + 12), u32(tail + i + 16), at};
        status = read_end64(s, at, d, error);
    }
    mem_free(tail);
    if (status == SHEAF_OK && (d->bytes > d->end || d->offset != d->end - d->bytes || d->entries > d->bytes / ENTRY))
        status = damaged(s, "its directory is not where it should be", at, error);
    return status;
}

/* The zip64 field: those of the three that did not fit in 32 bits, in this order. */
static bool read_extra(const unsigned char *p, size_t n, struct zip_member *m)
{
    while (n >= 4) {
        size_t length = u16(p + 2);
        if (length > n - 4)
            return false;
        if (u16(p) == 1) {
            uint64_t *const fields[] = {&m->size, &m->packed, &m->offset};
            const unsigned char *at = p + 4;
            for (int k = 0; k < 3; k++) {
                if (*fields[k] != UINT32_MAX)
                    continue;
                if (length < 8)
                    return false;
                *fields[k] = u64(at);
                at += 8;
                length -= 8;
            }
            return true;
        }
        p += 4 + length;
        n -= 4 + length;
    }
    return true;
}

/* One entry of the directory at p, of which n bytes are left; *used is its length. NULL, or what is wrong. */
static const char *read_entry(struct arena *arena, const unsigned char *p, size_t n, struct zip_member *m, size_t *used)
{
    if (n < ENTRY || memcmp(p, "PK\1\2", 4) != 0)
        return "an entry of its directory is no entry";
    size_t name = u16(p + 28), extra = u16(p + 30), comment = u16(p + 32);
    *used = ENTRY + name + extra + comment;
    if (*used > n)
        return "an entry reaches beyond its directory";
    if (memchr(p + ENTRY, 0, name))
        return "a member's name holds a NUL";
    *m = (struct zip_member){.flags = u16(p + 8),
                             .method = u16(p + 10),
                             .sum = u32(p + 16),
                             .packed = u32(p + 20),
                             .size = u32(p + 24),
                             .offset = u32(p + 42)};
    if (!read_extra(p + ENTRY + name, extra, m))
        return "a zip64 field is too short";
    char *text = arena_alloc(arena, name + 1, 1);
    if (text) {
        memcpy(text, p + ENTRY, name);
        text[name] = '\0';
    }
    m->name = text;
    return NULL;
}

static int by_offset(const void *a, const void *b)
{
    const struct zip_member *x = *(struct zip_member *const *)a, *y = *(struct zip_member *const *)b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct zip_member *const *)a)->name, (*(struct zip_member *const *)b)->name);
}

/* No byte may belong to two members (of such archives a small one unpacks to petabytes), no name to two either. */
static sheaf_status check_members(const struct io_source *s, struct zip *zip, uint64_t end, sheaf_error *error)
{
    struct zip_member **sorted = mem_alloc((zip->n + 1) * sizeof *sorted);
    const char *why = NULL;
    uint64_t at = 0;
    if (!sorted)
        return io_no_memory(s->path, (zip->n + 1) * sizeof *sorted, error);
    for (size_t i = 0; i < zip->n; i++)
        sorted[i] = &zip->members[i];
    qsort(sorted, zip->n, sizeof *sorted, by_name);
    for (size_t i = 1; i < zip->n && !why; i++) {
        at = sorted[i]->offset;
        why = strcmp(sorted[i]->name, sorted[i - 1]->name) == 0 ? "two members have one name" : NULL;
    }
    qsort(sorted, zip->n, sizeof *sorted, by_offset);
    for (size_t i = 0; i < zip->n && !why; i++) {
        struct zip_member *m = sorted[i];
        m->limit = i + 1 < zip->n ? sorted[i + 1]->offset : end;
        at = m->offset;
        uint64_t least = LOCAL + strlen(m->name);
        if (m->offset > m->limit || m->limit - m->offset < least || m->limit - m->offset - least < m->packed)
            why = "members overlap, or reach beyond its end";
    }
    mem_free(sorted);
    return why ? damaged(s, why, at, error) : SHEAF_OK;
}

sheaf_status zip_list(struct io_source *s, struct zip *zip, sheaf_error *error)
{
    struct directory d = {0};
    uint64_t size;
    size_t bytes;
    *zip = (struct zip){0};
    sheaf_status status = io_source_size(s, &size, error);
    if (status == SHEAF_OK)
        status = read_end(s, size, &d, error);
    if (status)
        return status;
    unsigned char *directory = mem_alloc(d.bytes ? (size_t)d.bytes : 1);
    if (!directory || !size_mul((size_t)d.entries + 1, sizeof *zip->members, &bytes) ||
        !(zip->members = mem_alloc(bytes))) {
        mem_free(directory);
        return io_no_memory(s->path, (size_t)d.bytes, error);
    }
    status = io_source_read(s, directory, (size_t)d.bytes, d.offset, error);
    size_t at = 0, used = 0;
    for (; status == SHEAF_OK && zip->n < d.entries; at += used) {
        struct zip_member *m = &zip->members[zip->n];
        const char *why = read_entry(&zip->arena, directory + at, (size_t)d.bytes - at, m, &used);
        if (why)
            status = damaged(s, why, d.offset + at, error);
        else if (!m->name)
            status = io_no_memory(s->path, used, error);
        else
            zip->n++;
    }
    if (status == SHEAF_OK && at != d.bytes)
        status = damaged(s, "its directory is longer than its entries", d.offset + at, error);
    mem_free(directory);
    return status ? status : check_members(s, zip, d.offset, error);
}

void zip_clear(struct zip *zip)
{
    arena_free(&zip->arena);
    mem_free(zip->members);
    *zip = (struct zip){0};
}

sheaf_status zip_locate(struct io_source *s, const struct zip_member *m, const char *where, uint64_t *begin,
                        sheaf_error *error)
{
    unsigned char local[LOCAL];
    sheaf_status status = io_source_read(s, local, LOCAL, m->offset, error);
    if (status)
        return status;
    size_t name = strlen(m->name);
    char *text = mem_alloc(name + 1);
    if (!text)
        return io_no_memory(s->path, name, error);
    const char *why = NULL;
    *begin = m->offset + LOCAL + u16(local + 26) + u16(local + 28);
    if (memcmp(local, "PK\3\4", 4) != 0)
        why = "no member begins where the directory says";
    else if (u16(local + 26) != name || u16(local + 8) != m->method)
        why = "the member and the directory disagree";
    else if (*begin > m->limit || m->limit - *begin < m->packed)
        why = "the member reaches into what follows it";
    else if (io_source_read(s, text, name, m->offset + LOCAL, NULL) || memcmp(text, m->name, name) != 0)
        why = "the member and the directory disagree on its name";
    mem_free(text);
    if (!why)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: damaged zip archive: %s (byte %llu); copy it again", where, why,
                           (unsigned long long)m->offset);
}
