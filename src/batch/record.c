#include "batch/record.h"

#include "base/hash.h"
#include <string.h>

static bool add_u32(struct io_text *t, uint32_t value)
{
    unsigned char bytes[4];
    store_u32(bytes, value);
    return io_text_add(t, (const char *)bytes, sizeof bytes);
}

static bool add_u64(struct io_text *t, uint64_t value)
{
    unsigned char bytes[8];
    store_u64(bytes, value);
    return io_text_add(t, (const char *)bytes, sizeof bytes);
}

/* With its NUL. */
static bool add_string(struct io_text *t, const char *text)
{
    return io_text_add(t, text, strlen(text) + 1);
}

static bool add_identity(struct io_text *t, const struct io_identity *id)
{
    return add_u64(t, id->device) && add_u64(t, id->inode) && add_u64(t, id->size) &&
           add_u64(t, (uint64_t)id->mtime_ns);
}

static bool pad(struct io_text *t, size_t start)
{
    static const char zeros[8];
    return io_text_add(t, zeros, (8 - (t->n - start) % 8) % 8);
}

/* ---- blocks ---- */

bool block_begin(struct io_text *t, size_t *start)
{
    static const char room[BLOCK_HEADER];
    *start = t->n;
    return io_text_add(t, room, sizeof room);
}

bool block_end(struct io_text *t, size_t start, enum block_kind kind, uint64_t place)
{
    const size_t n = t->n - start - BLOCK_HEADER;
    if (n > UINT32_MAX - 8 || !pad(t, start))
        return false;
    unsigned char *block = (unsigned char *)t->data + start;
    store_u32(block, kind);
    store_u32(block + 4, (uint32_t)n);
    store_u64(block + 8, hash_bytes(block + BLOCK_HEADER, t->n - start - BLOCK_HEADER, place));
    store_u64(block + 16, hash_bytes(block, 16, place));
    return true;
}

/* ---- bodies ---- */

bool header_add(struct io_text *t, const char *suffix, const struct fact *facts, size_t nfacts,
                const struct items *items)
{
    bool ok = add_u64(t, items->n) && io_text_add(t, suffix, IO_SUFFIX) && io_text_add(t, "\0", 2) &&
              add_u32(t, (uint32_t)nfacts);
    for (size_t k = 0; k < nfacts; k++)
        ok = ok && add_string(t, facts[k].key) && add_string(t, facts[k].value);
    const struct cut *cut = items->cuts, *cuts_end = cut + items->ncuts;
    for (size_t e = 0; e < items->entries && ok; e++) {
        const struct item *item = &items->at[e];
        const bool is_cut = cut < cuts_end && cut->entry == e && !cut->refused;
        ok = add_u32(t, (uint32_t)item->count | (is_cut ? HEADER_CUT : 0));
        for (int k = 0; k < item->count; k++)
            ok = ok && add_string(t, item_path(item, k));
        ok = ok && (!is_cut || (add_u64(t, cut->n) && add_string(t, cut->said)));
        cut += cut < cuts_end && cut->entry == e;
    }
    return ok;
}

struct fact fact_next(const char **at)
{
    struct fact f = {*at, *at + strlen(*at) + 1};
    *at = f.value + strlen(f.value) + 1;
    return f;
}

struct header_entry header_entry_next(const char **at)
{
    const uint32_t count = load_u32((const unsigned char *)*at);
    struct header_entry e = {.names = *at + 4, .count = (int)(count & ~HEADER_CUT), .slices = 1};
    *at = e.names;
    for (int k = 0; k < e.count; k++)
        *at += strlen(*at) + 1;
    if (count & HEADER_CUT) {
        e.slices = (size_t)load_u64((const unsigned char *)*at);
        e.axis = *at + 8;
        *at = e.axis + strlen(e.axis) + 1;
    }
    return e;
}

bool run_add(struct io_text *t, const struct run *run)
{
    return add_u64(t, run->pid) && add_u64(t, (uint64_t)run->when) && add_string(t, run->host) &&
           add_string(t, run->command) && add_string(t, run->directory);
}

bool ending_add(struct io_text *t, const struct ending *ending)
{
    return add_u64(t, ending->failed) && add_u64(t, ending->skipped) && add_identity(t, &ending->output);
}

bool record_begin(struct io_text *t, const struct record *r, size_t *start)
{
    const size_t fixed = RECORD_HEADER + (size_t)r->ninputs * RECORD_IDENTITY;
    *start = t->n;
    unsigned char *at = io_text_room(t, fixed + r->size);
    if (!at)
        return false;
    memset(at, 0, RECORD_HEADER);
    at[8] = r->status;
    at[9] = r->attempts;
    at[10] = r->ninputs;
    store_u32(at + 12, r->count ? (uint32_t)(r->count - 1) : 0);
    store_u64(at + 16, r->index);
    at += RECORD_HEADER;
    for (int k = 0; k < r->ninputs; k++, at += RECORD_IDENTITY) {
        store_u64(at, r->inputs[k].device);
        store_u64(at + 8, r->inputs[k].inode);
        store_u64(at + 16, r->inputs[k].size);
        store_u64(at + 24, (uint64_t)r->inputs[k].mtime_ns);
    }
    if (r->size)
        memcpy(at, r->payload, r->size);
    return true;
}

bool record_end(struct io_text *t, size_t start)
{
    const size_t fixed = RECORD_HEADER + (size_t)(unsigned char)t->data[start + 10] * RECORD_IDENTITY;
    const size_t size = t->n - start - fixed;
    if (size > UINT32_MAX - 4096 || !pad(t, start))
        return false;
    store_u32((unsigned char *)t->data + start, (uint32_t)(t->n - start));
    store_u32((unsigned char *)t->data + start + 4, (uint32_t)size);
    return true;
}

bool record_merge(struct io_text *t, size_t first, size_t second)
{
    unsigned char *a = (unsigned char *)t->data + first, *b = (unsigned char *)t->data + second;
    const size_t fixed = RECORD_HEADER + (size_t)a[10] * RECORD_IDENTITY;
    const uint64_t n = (uint64_t)load_u32(a + 12) + 1, further = (uint64_t)load_u32(b + 12) + 1;
    const size_t had = load_u32(a + 4), size = load_u32(b + 4);
    if (memcmp(a + 8, b + 8, 4) != 0 || a[8] != SHEAF_OK || load_u64(b + 16) != load_u64(a + 16) + n ||
        memcmp(a + RECORD_HEADER, b + RECORD_HEADER, fixed - RECORD_HEADER) != 0 || had / n != size / further ||
        had % n != 0 || n + further > UINT32_MAX || had + size > UINT32_MAX / 2)
        return false;
    memmove(a + fixed + had, b + fixed, size);
    store_u32(a + 12, (uint32_t)(n + further - 1));
    t->n = first + fixed + had + size;
    return record_end(t, first);
}

bool values_add(struct io_text *t, const sheaf_view *view)
{
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    const size_t head = 8 + 8 * (size_t)view->ndim;
    unsigned char *at = io_text_room(t, head + bytes);
    if (!at)
        return false;
    store_u32(at, (uint32_t)view->dtype);
    store_u32(at + 4, (uint32_t)view->ndim);
    for (int d = 0; d < view->ndim; d++)
        store_u64(at + 8 + 8 * d, (uint64_t)view->shape[d]);
    if (bytes)
        memcpy(at + head, view->data, bytes);
    return true;
}

bool values_next(const unsigned char **at, const unsigned char *end, sheaf_view *view, const unsigned char **data)
{
    int64_t shape[SHEAF_MAX_NDIM];
    if (end - *at < 8)
        return false;
    const uint32_t dtype = load_u32(*at), ndim = load_u32(*at + 4);
    if (dtype >= SHEAF_DTYPE_COUNT || ndim > SHEAF_MAX_NDIM || (size_t)(end - *at) < 8 + 8 * (size_t)ndim)
        return false;
    for (uint32_t d = 0; d < ndim; d++)
        shape[d] = (int64_t)load_u64(*at + 8 + 8 * d);
    *data = *at + 8 + 8 * (size_t)ndim;
    if (sheaf_view_init(view, NULL, (sheaf_dtype)dtype, (int)ndim, shape, NULL) != SHEAF_OK)
        return false;
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    if ((size_t)(end - *data) < bytes)
        return false;
    *at = *data + bytes;
    return true;
}
