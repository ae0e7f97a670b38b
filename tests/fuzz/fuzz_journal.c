/* Any bytes as a journal: as they are, and as the bodies of blocks whose hashes are right, so that what is behind the
 * hashes is met too. Whatever is understood is looked at, every byte of it. */

#include "base/hash.h"
#include "batch/record.h"
#include "fuzz.h"
#include <string.h>

/* Blocks: a letter for the kind, the body's length in two bytes, the body. */
#define HEAD "h\56\0\2\0\0\0\0\0\0\0abc123\0\0\1\0\0\0function\0mean\0\1\0\0\0a\0\1\0\0\0b\0"
#define RECORD(index, status, length, payload) \
    length "\0\0\0\4\0\0\0" status "\1\0\0\0\0\0\0" index "\0\0\0\0\0\0\0" payload
#define ITEMS "i\100\0" RECORD("\0", "\0", "\40", "data\0\0\0\0") RECORD("\1", "\7", "\40", "gone\0\0\0\0")
/* Of slices: 200 of one file, of which 2 … 129 are done. */
#define SLICES "h\50\0\310\0\0\0\0\0\0\0abc123\0\0\1\0\0\0f\0m\0\1\0\0\200a\0\310\0\0\0\0\0\0\0\60\0"
#define RANGE "i\40\0\40\0\0\0\0\0\0\0\0\1\0\0\177\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define MOST 1000 /* items looked at */
#define RUN "r\26\0\7\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0h\0c\0d\0"
#define END "e\60\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0aaaaaaaabbbbbbbbccccccccdddddddd"

const struct fuzz_seed fuzz_seeds[] = {SEED(HEAD), SEED(HEAD ITEMS), SEED(HEAD RUN ITEMS END),
                                       SEED(HEAD ITEMS RUN ITEMS), SEED(SLICES RANGE)};
const char *const fuzz_words[] = {"\1", "\20", "\30", "\40", "\377", "a", "h", "i", "abc123", ITEMS, RUN};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

static volatile unsigned char seen; /* so that the reading is done */

static void touch(const void *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++)
        seen = ((const unsigned char *)bytes)[k];
    (void)seen;
}

static void look_at_header(const struct header *h)
{
    const char *at = h->facts;
    size_t items = 0;
    for (uint32_t k = 0; k < h->nfacts; k++) {
        const struct fact f = fact_next(&at);
        touch(f.key, strlen(f.key));
        touch(f.value, strlen(f.value));
    }
    require(at == h->items);
    for (size_t i = 0; i < h->entries; i++) {
        const struct header_entry e = header_entry_next(&at);
        require(e.count >= 1 && e.count <= ITEM_MAX_INPUTS && e.slices >= 1 && (e.axis || e.slices == 1));
        touch(e.names, strlen(e.names));
        touch(e.axis ? e.axis : "", strlen(e.axis ? e.axis : ""));
        items += e.slices;
    }
    require(items == h->n);
    require(strlen(h->suffix) == IO_SUFFIX && !strpbrk(h->suffix, "/."));
}

static void look_at_record(const struct contents *c, const struct record *r)
{
    const unsigned char *at = r->payload, *end = at + r->size, *data;
    sheaf_view view;
    require(at >= c->bytes && end <= c->bytes + c->end && r->ninputs <= ITEM_MAX_INPUTS);
    touch(at, r->size);
    while (values_next(&at, end, &view, &data)) {
        require(data >= r->payload && at <= end);
        touch(data, (size_t)(at - data));
    }
}

static void look(const unsigned char *bytes, size_t n)
{
    struct contents c;
    struct record r;
    sheaf_error problem = {SHEAF_OK, ""};
    const sheaf_status status = contents_parse(bytes, n, "fuzz", &c, &problem);
    require((status == SHEAF_OK) == (problem.message[0] == '\0'));
    if (status == SHEAF_OK) {
        require(c.end <= n);
        if (c.started)
            look_at_header(&c.header);
        size_t records = 0;
        for (size_t i = 0; records < MOST && contents_next(&c, &i); i++, records++) {
            require(i < c.header.n && contents_record(&c, i, &r) && r.index == i);
            look_at_record(&c, &r);
        }
        require(records == (c.done + c.failed < MOST ? c.done + c.failed : MOST));
        if (c.run.pid)
            touch(c.run.command, strlen(c.run.command));
    }
    contents_clear(&c);
}

static enum block_kind kind_of(unsigned char letter)
{
    return letter == 'h' ? BLOCK_HEAD : letter == 'r' ? BLOCK_RUN : letter == 'e' ? BLOCK_END : BLOCK_ITEM;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    struct io_text t = {0};
    size_t start;
    look(bytes, n);
    for (size_t at = 0; n - at >= 3;) {
        size_t length = bytes[at + 1] + 256u * bytes[at + 2];
        length = length < n - at - 3 ? length : n - at - 3;
        require(block_begin(&t, &start) && io_text_add(&t, (const char *)bytes + at + 3, length) &&
                block_end(&t, start, kind_of(bytes[at]), start));
        at += 3 + length;
    }
    unsigned char *exact = malloc(t.n ? t.n : 1);
    require(exact);
    memcpy(exact, t.data ? t.data : "", t.n);
    look(exact, t.n);
    free(exact);
    io_text_free(&t);
    return 0;
}
