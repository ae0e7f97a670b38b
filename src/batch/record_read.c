/* Reading a journal that anybody may have written: every length is checked before it is followed. */

#include "base/alloc.h"
#include "base/checked.h"
#include "base/hash.h"
#include "batch/record.h"
#include <stdlib.h>
#include <string.h>

/* What is left of a body. */
struct body {
    const unsigned char *at, *end;
    bool bad; /* something did not fit */
};

static size_t left(const struct body *b)
{
    return (size_t)(b->end - b->at);
}

static uint64_t take_u64(struct body *b)
{
    if (b->bad || left(b) < 8) {
        b->bad = true;
        return 0;
    }
    b->at += 8;
    return load_u64(b->at - 8);
}

static uint32_t take_u32(struct body *b)
{
    if (b->bad || left(b) < 4) {
        b->bad = true;
        return 0;
    }
    b->at += 4;
    return load_u32(b->at - 4);
}

static const char *take_string(struct body *b)
{
    const unsigned char *end = b->bad ? NULL : memchr(b->at, 0, left(b));
    if (!end) {
        b->bad = true;
        return "";
    }
    const char *text = (const char *)b->at;
    b->at = end + 1;
    return text;
}

static struct io_identity take_identity(struct body *b)
{
    struct io_identity id;
    id.device = take_u64(b);
    id.inode = take_u64(b);
    id.size = take_u64(b);
    id.mtime_ns = (int64_t)take_u64(b);
    return id;
}

/* ---- blocks ---- */

static bool is_kind(uint32_t kind)
{
    return kind == BLOCK_HEAD || kind == BLOCK_RUN || kind == BLOCK_ITEM || kind == BLOCK_END;
}

static bool begins_block(const unsigned char *bytes, size_t n, size_t at)
{
    return n - at >= BLOCK_HEADER && is_kind(load_u32(bytes + at)) &&
           load_u64(bytes + at + 16) == hash_bytes(bytes + at, 16, at);
}

/* The block at `at`, and where the next one is; false: it is not whole. */
static bool take_block(const unsigned char *bytes, size_t n, size_t at, uint32_t *kind, struct body *body, size_t *next)
{
    if (!begins_block(bytes, n, at))
        return false;
    const size_t length = load_u32(bytes + at + 4), padded = (length + 7) / 8 * 8;
    const unsigned char *start = bytes + at + BLOCK_HEADER;
    if (padded > n - at - BLOCK_HEADER || hash_bytes(start, padded, at) != load_u64(bytes + at + 8))
        return false;
    *kind = load_u32(bytes + at);
    *body = (struct body){start, start + length, false};
    *next = at + BLOCK_HEADER + padded;
    return true;
}

/* Whether anything was written behind a block that is not whole. */
static bool goes_on(const unsigned char *bytes, size_t n, size_t at)
{
    for (at += 8; at < n; at += 8)
        if (begins_block(bytes, n, at))
            return true;
    return false;
}

/* ---- bodies ---- */

static bool parse_header(struct body *b, struct contents *c)
{
    struct header *h = &c->header;
    const uint64_t n = take_u64(b);
    if (b->bad || n > HEADER_MOST_ITEMS || left(b) < 8)
        return false;
    memcpy(h->suffix, b->at, IO_SUFFIX);
    h->suffix[IO_SUFFIX] = '\0';
    if (strspn(h->suffix, "abcdefghijklmnopqrstuvwxyz0123456789") != IO_SUFFIX)
        return false; /* it becomes part of a file's name */
    b->at += 8;
    h->n = (size_t)n;
    h->nfacts = take_u32(b);
    h->facts = (const char *)b->at;
    for (uint32_t k = 0; k < h->nfacts && !b->bad; k++) {
        take_string(b);
        take_string(b);
    }
    h->items = (const char *)b->at;
    for (uint64_t i = 0, slices; i < n && !b->bad; i += slices, h->entries++) {
        const uint32_t head = take_u32(b), count = head & ~HEADER_CUT;
        if (count < 1 || count > ITEM_MAX_INPUTS)
            return false;
        for (uint32_t k = 0; k < count; k++)
            take_string(b);
        slices = head & HEADER_CUT ? take_u64(b) : 1;
        if (head & HEADER_CUT)
            take_string(b);
        if (slices < 1 || slices > n - i)
            return false;
    }
    return !b->bad && b->at == b->end;
}

static bool parse_run(struct body *b, struct contents *c)
{
    c->run.pid = take_u64(b);
    c->run.when = (int64_t)take_u64(b);
    c->run.host = take_string(b);
    c->run.command = take_string(b);
    c->run.directory = take_string(b);
    return !b->bad && b->at == b->end;
}

static bool parse_ending(struct body *b, struct contents *c)
{
    c->ending.failed = take_u64(b);
    c->ending.skipped = take_u64(b);
    c->ending.output = take_identity(b);
    return !b->bad && b->at == b->end;
}

static bool parse_record(struct body *b, size_t n, struct record *r)
{
    const unsigned char *start = b->at;
    const size_t room = left(b), length = take_u32(b), size = take_u32(b);
    if (room < RECORD_HEADER || length > room || length % 8 != 0)
        return false;
    *r = (struct record){.status = b->at[0], .attempts = b->at[1], .ninputs = b->at[2], .size = size};
    r->count = (size_t)load_u32(b->at + 4) + 1;
    b->at += 8;
    const uint64_t index = take_u64(b);
    const size_t fixed = RECORD_HEADER + (size_t)r->ninputs * RECORD_IDENTITY;
    if (index >= n || r->count > n - index || (r->status != SHEAF_OK && r->count > 1) || size % r->count != 0 ||
        r->ninputs > ITEM_MAX_INPUTS || length < fixed || length - fixed < size)
        return false;
    r->index = (size_t)index;
    for (int k = 0; k < r->ninputs; k++)
        r->inputs[k] = take_identity(b);
    r->payload = b->at;
    b->at = start + length;
    return true;
}

static bool add_span(struct contents *c, const struct record *r, size_t place)
{
    size_t bytes;
    if (c->nspans == c->spans_capacity) {
        const size_t capacity = c->spans_capacity ? 2 * c->spans_capacity : 256;
        struct span *spans = size_mul(capacity, sizeof *spans, &bytes) ? mem_realloc(c->spans, bytes) : NULL;
        if (!spans)
            return false;
        c->spans = spans;
        c->spans_capacity = capacity;
    }
    c->spans[c->nspans++] = (struct span){r->index, r->count, place};
    return true;
}

/* *memory is false when there was none. */
static bool parse_items(struct body *b, struct contents *c, bool *memory)
{
    struct record r;
    while (b->at < b->end && *memory) {
        const size_t place = (size_t)(b->at - c->bytes);
        if (!parse_record(b, c->header.n, &r))
            return false;
        *memory = add_span(c, &r, place);
    }
    return true;
}

/* ---- which records are the last ---- */

static int by_index(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* A heap of spans, the one that was written last on top. */
static void sift(struct span *heap, size_t n, size_t k)
{
    for (size_t child; (child = 2 * k + 1) < n; k = child) {
        child += child + 1 < n && heap[child + 1].place > heap[child].place;
        if (heap[child].place < heap[k].place)
            return;
        const struct span other = heap[k];
        heap[k] = heap[child];
        heap[child] = other;
    }
}

static void rise(struct span *heap, size_t k)
{
    for (size_t parent; k && heap[parent = (k - 1) / 2].place < heap[k].place; k = parent) {
        const struct span other = heap[k];
        heap[k] = heap[parent];
        heap[parent] = other;
    }
}

/* Of all records those that count: from item to item, the last of those that speak of it. False: no memory. */
static bool settle(struct contents *c)
{
    const size_t n = c->nspans;
    struct span *all = c->spans, *heap = mem_alloc((n + 1) * sizeof *heap);
    struct span *settled = mem_alloc((2 * n + 1) * sizeof *settled);
    size_t held = 0, at = 0, taken = 0, made = 0;
    const bool memory = heap && settled;
    if (memory && n)
        qsort(all, n, sizeof *all, by_index);
    while (memory && (taken < n || held)) {
        at = held ? at : all[taken].index;
        for (; taken < n && all[taken].index <= at; taken++) {
            heap[held] = all[taken];
            rise(heap, held++);
        }
        for (; held && heap[0].index + heap[0].count <= at; sift(heap, held, 0))
            heap[0] = heap[--held];
        if (!held)
            continue;
        size_t end = heap[0].index + heap[0].count;
        end = taken < n && all[taken].index < end ? all[taken].index : end;
        if (made && settled[made - 1].place == heap[0].place)
            settled[made - 1].count += end - at;
        else
            settled[made++] = (struct span){at, end - at, heap[0].place};
        at = end;
    }
    mem_free(heap);
    if (!memory) {
        mem_free(settled);
        return false;
    }
    mem_free(all);
    c->spans = settled;
    c->nspans = made;
    return true;
}

/* ---- the whole ---- */

static sheaf_status no_memory(const char *path, const struct contents *c, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%.250s: no memory for %zu records", path, c->nspans);
}

/* Without its first word it may be another's file, which --force leaves alone. */
static sheaf_status damaged(const struct contents *c, const char *path, size_t at, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%.250s: this journal is damaged at byte %zu, and goes on behind that; restore it from a "
                           "copy, or %s",
                           path, at, load_u32(c->bytes) == BLOCK_HEAD ? "start over (--force)" : "move it away");
}

/* What is there in place of a header: the beginning of one, or nothing of ours. */
static sheaf_status unstarted(const unsigned char *bytes, size_t n, const char *path, sheaf_error *error)
{
    unsigned char kind[4];
    size_t zeros = 0;
    store_u32(kind, BLOCK_HEAD);
    while (zeros < n && !bytes[zeros])
        zeros++;
    if (zeros == n || memcmp(bytes, kind, n < 4 ? n : 4) == 0)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%.250s: this is no journal of sheaf, or its beginning is damaged; move it away", path);
}

static sheaf_status parse_block(uint32_t kind, struct body *b, size_t at, const char *path, struct contents *c,
                                sheaf_error *error)
{
    bool ok = (kind == BLOCK_HEAD) == (at == 0), memory = true;
    if (ok && kind == BLOCK_HEAD) {
        ok = c->started = parse_header(b, c);
    } else if (ok && kind == BLOCK_RUN) {
        ok = parse_run(b, c);
    } else if (ok && kind == BLOCK_ITEM) {
        ok = parse_items(b, c, &memory);
        if (!memory)
            return no_memory(path, c, error);
    } else if (ok) {
        ok = c->ended = parse_ending(b, c);
    }
    c->finished = kind == BLOCK_END;
    return ok ? SHEAF_OK : damaged(c, path, at, error);
}

sheaf_status contents_parse(const unsigned char *bytes, size_t n, const char *path, struct contents *c,
                            sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    struct body body;
    uint32_t kind;
    size_t next;
    struct record r;
    *c = (struct contents){.bytes = bytes};
    for (; c->end < n && status == SHEAF_OK && take_block(bytes, n, c->end, &kind, &body, &next); c->end = next)
        status = parse_block(kind, &body, c->end, path, c, error);
    if (status == SHEAF_OK && c->end < n && goes_on(bytes, n, c->end))
        status = damaged(c, path, c->end, error);
    if (status == SHEAF_OK && !c->started)
        status = unstarted(bytes, n, path, error);
    if (status == SHEAF_OK && !settle(c))
        status = no_memory(path, c, error);
    for (size_t k = 0; status == SHEAF_OK && k < c->nspans; k++)
        *(contents_record(c, c->spans[k].index, &r) && r.status == SHEAF_OK ? &c->done : &c->failed) +=
            c->spans[k].count;
    return status;
}

void contents_clear(struct contents *c)
{
    mem_free(c->spans);
    *c = (struct contents){0};
}

/* The first span that does not end before item i. */
static size_t span_from(const struct contents *c, size_t i)
{
    size_t low = 0, high = c->nspans;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->spans[middle].index + c->spans[middle].count <= i)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool contents_next(const struct contents *c, size_t *i)
{
    const size_t k = span_from(c, *i);
    if (k == c->nspans)
        return false;
    *i = c->spans[k].index > *i ? c->spans[k].index : *i;
    return true;
}

bool contents_record(const struct contents *c, size_t i, struct record *r)
{
    const size_t k = span_from(c, i);
    if (k == c->nspans || c->spans[k].index > i)
        return false;
    struct body b = {c->bytes + c->spans[k].place, c->bytes + c->end, false};
    if (!parse_record(&b, c->header.n, r))
        return false;
    r->size /= r->count; /* of one of the slices */
    r->payload += (i - r->index) * r->size;
    r->index = i;
    r->count = 1;
    return true;
}
