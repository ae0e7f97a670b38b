#ifndef SHEAF_BATCH_RECORD_H
#define SHEAF_BATCH_RECORD_H

/* The file format of a journal (docs/driver.md), apart from files: bytes to what they mean, and back.
 *
 * A journal is blocks, one behind the other, each a multiple of 8 bytes long, numbers little-endian:
 *
 *   0   kind, four letters            8   XXH64 of the body, its zeros included
 *   4   u32 length of the body        16  XXH64 of the 16 bytes before
 *   24  the body, and zeros up to a multiple of 8
 *
 * Both hashes are seeded with the block's place in the file. The first block is the header, SHJ1; then come a RUN
 * block for every run, ITEM blocks, each with the records of some items, and an END block when the output was
 * finished. A block is on the disk before the next is written: only the last one can be torn. */

#include "batch/results.h"
#include "io/io.h"

enum block_kind {
    BLOCK_HEAD = 0x314a4853,
    BLOCK_RUN = 0x204e5552,
    BLOCK_ITEM = 0x4d455449,
    BLOCK_END = 0x20444e45
};
#define BLOCK_HEADER 24

/* A block under construction: begin, append its body to t, end. `start` is where it begins in t. */
bool block_begin(struct io_text *t, size_t *start);
/* place: of the block in the file. False: no memory, or a body of 4 GiB. */
bool block_end(struct io_text *t, size_t start, enum block_kind kind, uint64_t place);

/* ---- what blocks say ---- */

/* Something that decides the results, as text: "function" is "mean(x)". */
struct fact {
    const char *key, *value;
};

#define HEADER_CUT 0x80000000u
#define HEADER_MOST_ITEMS ((uint64_t)1 << 40)
struct header {
    size_t n;                   /* items */
    size_t entries;             /* of them: what follows in `items` */
    char suffix[IO_SUFFIX + 1]; /* of the output's temporary file */
    const char *facts;          /* key NUL value NUL …, as many as nfacts */
    uint32_t nfacts;
    /* Of each item its files: u32 how many, then names ended by NUL; not aligned. Of the slices of a file once for all:
     * HEADER_CUT is set in the first, and behind the names are u64 how many there are and the axis, ended by NUL. */
    const char *items;
};
bool header_add(struct io_text *t, const char *suffix, const struct fact *facts, size_t nfacts,
                const struct items *items);
/* Both step: *at begins as header.facts, header.items. */
struct fact fact_next(const char **at);
struct header_entry {
    const char *names; /* count of them, each ended by NUL */
    int count;
    size_t slices;    /* items of a cut file; 1 else */
    const char *axis; /* that it is cut along; NULL: an item like any other */
};
struct header_entry header_entry_next(const char **at);

struct run {
    uint64_t pid;
    int64_t when; /* seconds since 1970 */
    const char *host, *command, *directory;
};
bool run_add(struct io_text *t, const struct run *run);

struct ending {
    uint64_t failed, skipped;
    struct io_identity output; /* that was finished: its temporary file's, and then its own */
};
bool ending_add(struct io_text *t, const struct ending *ending);

/* How one item fared, or `count` slices of one file, all alike. In the file: u32 length of it all, u32 of the payload,
 * status, attempts, number of inputs, a zero, u32 how many further slices, u64 index, the inputs' identities, the
 * payload (of slices one behind the other, all of one length), zeros up to a multiple of 8. */
#define RECORD_HEADER 24
#define RECORD_IDENTITY 32
struct record {
    size_t index, count; /* count 0 is 1 */
    uint8_t status, attempts, ninputs;
    struct io_identity inputs[ITEM_MAX_INPUTS];
    const unsigned char *payload; /* of a failed item its message, else what the sink wants kept */
    size_t size;
};
/* The record up to its payload, and what follows it. *start as block_begin. */
bool record_begin(struct io_text *t, const struct record *r, size_t *start);
bool record_end(struct io_text *t, size_t start);
/* Make the records at `first` and at `second`, the last in t, one, if the second is of the slices behind those of the
 * first and says the same of them; the caller sees to it that they are of one file. */
bool record_merge(struct io_text *t, size_t first, size_t second);

/* Arrays as a payload. */
bool values_add(struct io_text *t, const sheaf_view *view);
/* The next one: dtype and shape in view, data (not aligned) in *data; false at the end, or when it is none. */
bool values_next(const unsigned char **at, const unsigned char *end, sheaf_view *view, const unsigned char **data);

/* ---- a whole journal ---- */

struct contents {
    const unsigned char *bytes; /* borrowed */
    size_t end;                 /* of its last whole block: what follows is a torn tail */
    bool started;               /* it has a header; all that follows is nothing otherwise */
    struct header header;
    struct run run; /* the last one; pid 0: none */
    bool finished;  /* the last block is an END: `ending` */
    bool ended;     /* there is an END: `ending` is the last */
    struct ending ending;
    /* What the items' last records are: in the order of the items, each once. While it is parsed, of all records in
     * their order. */
    struct span {
        size_t index, count;
        uint64_t place;
    } * spans;
    size_t nspans, spans_capacity;
    size_t done, failed;
};
/* Understand a journal. Free with contents_clear, also after an error. path is for messages. Errors: FORMAT for
 * damage that no interrupted write explains, with its place, and for what is no journal; NO_MEMORY. */
sheaf_status contents_parse(const unsigned char *bytes, size_t n, const char *path, struct contents *c,
                            sheaf_error *error);
void contents_clear(struct contents *c);
/* What item i's last record says of it; false: none. */
bool contents_record(const struct contents *c, size_t i, struct record *r);
/* The first item from *i on that has a record; false: there is none. */
bool contents_next(const struct contents *c, size_t *i);

#endif
