/* The journal's file format: what is written is read back; whatever a crash or a bad disk makes of it, what is read is
 * the truth or less, never anything else. */

#include "base/alloc.h"
#include "base/hash.h"
#include "batch/record.h"
#include "test_map.h"

/* Of the xxHash project's own examples and python-xxhash's documentation. */
START_TEST(the_hash)
{
    const struct {
        const char *text;
        uint64_t seed, hash;
    } known[] = {
        {"", 0, 0xef46db3751d8e999},
        {"a", 0, 0xd24ec4f1a98c6e5b},
        {"abc", 0, 0x44bc2cf5ad770999},
        {"xxhash", 0, 0x32dd38952c4bc720},
        {"xxhash", 20141025, 0xb559b98d844e0635},
        {"Nobody inspects the spammish repetition", 0, 0xfbcea83c8a378bf1},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        ck_assert_uint_eq(hash_bytes(known[k].text, strlen(known[k].text), known[k].seed), known[k].hash);
}
END_TEST

enum {
    ITEMS = 5,
    MOST_BLOCKS = 8
};

/* A journal of five items, in memory, and where its blocks begin. */
struct sample {
    struct io_text text;
    size_t blocks[MOST_BLOCKS + 1];
    int nblocks;
};

static void end_block(struct sample *s, size_t start, enum block_kind kind)
{
    ck_assert(block_end(&s->text, start, kind, start));
    s->blocks[s->nblocks++] = start;
    s->blocks[s->nblocks] = s->text.n;
}

static struct record record_of(size_t i, uint8_t status, const char *payload)
{
    struct record r = {.index = i, .status = status, .attempts = 1, .ninputs = status == SHEAF_OK ? 2 : 0};
    for (int k = 0; k < r.ninputs; k++)
        r.inputs[k] = (struct io_identity){1 + i, 2, 3 + (uint64_t)k, -4};
    r.payload = (const unsigned char *)payload;
    r.size = strlen(payload);
    return r;
}

static void add_records(struct sample *s, const struct record *records, size_t n)
{
    size_t start, one;
    ck_assert(block_begin(&s->text, &start));
    for (size_t k = 0; k < n; k++) {
        ck_assert(record_begin(&s->text, &records[k], &one));
        ck_assert(record_end(&s->text, one));
    }
    end_block(s, start, BLOCK_ITEM);
}

/* Item 1 fails, and is done by a second run; item 4 is never run. */
static struct sample sample(void)
{
    const char *const paths[] = {"a.npy", "w.npy"};
    const struct fact facts[] = {{"function", "mean(x)"}, {"output", "t.csv"}};
    const struct run run = {77, 1700000000, "here", "sheaf map --resume 'mean(x)' a.npy", "/work"};
    const struct record first[] = {record_of(2, SHEAF_OK, "two"), record_of(1, SHEAF_FORMAT, "b.npy: cut short"),
                                   record_of(0, SHEAF_OK, "")};
    const struct record second[] = {record_of(1, SHEAF_OK, "12345678"), record_of(3, SHEAF_IO, "gone")};
    const struct ending ending = {1, 1, {9, 8, 7, 6}};
    struct sample s = {0};
    sheaf_batch *batch = NULL;
    size_t start;
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < ITEMS; i++)
        ck_ok(sheaf_batch_add_files(batch, paths, 2, error));
    ck_assert(block_begin(&s.text, &start));
    ck_assert(header_add(&s.text, "abc123", facts, 2, batch->items));
    end_block(&s, start, BLOCK_HEAD);
    ck_assert(block_begin(&s.text, &start));
    ck_assert(run_add(&s.text, &run));
    end_block(&s, start, BLOCK_RUN);
    add_records(&s, first, 3);
    ck_assert(block_begin(&s.text, &start));
    ck_assert(run_add(&s.text, &run));
    end_block(&s, start, BLOCK_RUN);
    add_records(&s, second, 2);
    ck_assert(block_begin(&s.text, &start));
    ck_assert(ending_add(&s.text, &ending));
    end_block(&s, start, BLOCK_END);
    sheaf_batch_free(batch);
    return s;
}

static const unsigned char *bytes_of(const struct sample *s)
{
    return (const unsigned char *)s->text.data;
}

static bool same_record(const struct record *a, const struct record *b)
{
    bool same = a->status == b->status && a->attempts == b->attempts && a->ninputs == b->ninputs &&
                a->size == b->size && memcmp(a->payload, b->payload, a->size) == 0;
    for (int k = 0; k < a->ninputs && same; k++)
        same = io_same(&a->inputs[k], &b->inputs[k]);
    return same;
}

START_TEST(what_is_written_is_read)
{
    struct sample s = sample();
    struct contents c;
    struct record r;
    ck_ok(contents_parse(bytes_of(&s), s.text.n, "j", &c, error));
    ck_assert(c.started && c.finished && c.ended);
    ck_assert_uint_eq(c.end, s.text.n);
    ck_assert_uint_eq(c.header.n, ITEMS);
    ck_assert_str_eq(c.header.suffix, "abc123");
    const char *at = c.header.facts;
    const struct fact first = fact_next(&at), second = fact_next(&at);
    ck_assert_str_eq(first.key, "function");
    ck_assert_str_eq(first.value, "mean(x)");
    ck_assert_str_eq(second.value, "t.csv");
    at = c.header.items;
    for (int i = 0; i < ITEMS; i++) {
        const struct header_entry e = header_entry_next(&at);
        ck_assert(e.count == 2 && e.slices == 1 && !e.axis);
        ck_assert_str_eq(e.names, "a.npy");
        ck_assert_str_eq(e.names + 6, "w.npy");
    }
    ck_assert_uint_eq(c.run.pid, 77);
    ck_assert_str_eq(c.run.command, "sheaf map --resume 'mean(x)' a.npy");
    ck_assert_str_eq(c.run.directory, "/work");
    ck_assert(c.ending.failed == 1 && c.ending.skipped == 1 && c.ending.output.mtime_ns == 6);
    ck_assert(c.done == 3 && c.failed == 1);
    ck_assert(contents_record(&c, 1, &r));
    const struct record expected = record_of(1, SHEAF_OK, "12345678");
    ck_assert(same_record(&r, &expected));
    ck_assert(!contents_record(&c, 4, &r) && !contents_record(&c, ITEMS, &r));
    contents_clear(&c);
    io_text_free(&s.text);
}
END_TEST

/* Records of slices one behind the other are one, as long as they say the same; each slice is still told apart. */
START_TEST(slices_are_one_record)
{
    enum {
        SLICES = 1000
    };
    static const char odd[] = "longer";
    struct sample s = {0};
    struct contents c;
    struct record r;
    sheaf_batch *batch = NULL;
    char payload[8], *directory = scratch_new();
    size_t start, last = 0, second, records = 0;
    save_numbers(path_in(directory, "a.npy"), SLICES, 0);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_file(batch, "first.npy", error));
    ck_ok(sheaf_batch_add_slices(batch, path_in(directory, "a.npy"), "-1", error));
    ck_assert(block_begin(&s.text, &start));
    ck_assert(header_add(&s.text, "abc123", NULL, 0, batch->items));
    ck_assert_uint_lt(s.text.n, 256); /* whatever the number of slices */
    end_block(&s, start, BLOCK_HEAD);
    ck_assert(block_begin(&s.text, &start));
    for (size_t i = 1; i <= SLICES; i++) {
        snprintf(payload, sizeof payload, "%04zu", i);
        struct record one = record_of(i, i == 500 ? SHEAF_IO : SHEAF_OK, i == 700 ? odd : payload);
        for (int k = 0; k < one.ninputs; k++) /* of one file, which changes once */
            one.inputs[k].device = i < 300;
        ck_assert(record_begin(&s.text, &one, &second) && record_end(&s.text, second));
        if (i == 1 || !record_merge(&s.text, last, second)) {
            last = second;
            records++;
        }
    }
    end_block(&s, start, BLOCK_ITEM);
    ck_assert_uint_eq(records, 6); /* 1, 300, 500, 501, 700, 701 */
    ck_ok(contents_parse(bytes_of(&s), s.text.n, "j", &c, error));
    ck_assert(c.header.n == SLICES + 1 && c.header.entries == 2 && c.done == SLICES - 1 && c.failed == 1);
    const char *at = c.header.items;
    header_entry_next(&at);
    const struct header_entry e = header_entry_next(&at);
    ck_assert(e.slices == SLICES && strcmp(e.axis, "-1") == 0);
    ck_assert(!contents_record(&c, 0, &r));
    for (size_t i = 1; i <= SLICES; i++) {
        snprintf(payload, sizeof payload, "%04zu", i);
        struct record one = record_of(i, i == 500 ? SHEAF_IO : SHEAF_OK, i == 700 ? odd : payload);
        for (int k = 0; k < one.ninputs; k++)
            one.inputs[k].device = i < 300;
        ck_assert(contents_record(&c, i, &r) && r.index == i && same_record(&r, &one));
    }
    contents_clear(&c);
    io_text_free(&s.text);
    sheaf_batch_free(batch);
    scratch_remove(directory);
}
END_TEST

/* Ranges over each other: of each slice what was written last counts. */
START_TEST(the_last_record_counts)
{
    enum {
        SLICES = 300,
        RECORDS = 120
    };
    struct sample s = {0};
    struct contents c;
    struct record r;
    sheaf_batch *batch = NULL;
    char *directory = scratch_new();
    uint8_t attempts[SLICES] = {0}, status[SLICES] = {0};
    size_t start, one, done = 0, failed = 0, seen = 0;
    save_numbers(path_in(directory, "a.npy"), SLICES, 0);
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_batch_add_slices(batch, path_in(directory, "a.npy"), "0", error));
    ck_assert(block_begin(&s.text, &start));
    ck_assert(header_add(&s.text, "abc123", NULL, 0, batch->items));
    end_block(&s, start, BLOCK_HEAD);
    ck_assert(block_begin(&s.text, &start));
    srand((unsigned)_i);
    for (int k = 1; k <= RECORDS; k++) {
        struct record range = {.index = (size_t)rand() % SLICES, .attempts = (uint8_t)k};
        range.count = rand() % 3 ? 1 + (size_t)rand() % (SLICES - range.index) / (1u + (unsigned)_i) : 1;
        range.status = range.count == 1 && rand() % 2 ? SHEAF_IO : SHEAF_OK;
        ck_assert(record_begin(&s.text, &range, &one) && record_end(&s.text, one));
        memset(attempts + range.index, k, range.count);
        memset(status + range.index, range.status, range.count);
    }
    end_block(&s, start, BLOCK_ITEM);
    ck_ok(contents_parse(bytes_of(&s), s.text.n, "j", &c, error));
    for (size_t i = 0; i < SLICES; i++) {
        ck_assert(contents_record(&c, i, &r) == (attempts[i] != 0));
        ck_assert(!attempts[i] || (r.attempts == attempts[i] && r.status == status[i] && r.index == i));
        done += attempts[i] && status[i] == SHEAF_OK;
        failed += attempts[i] && status[i] != SHEAF_OK;
    }
    ck_assert(c.done == done && c.failed == failed);
    for (size_t i = 0; contents_next(&c, &i); i++, seen++)
        ck_assert(attempts[i]);
    ck_assert_uint_eq(seen, done + failed);
    contents_clear(&c);
    io_text_free(&s.text);
    sheaf_batch_free(batch);
    scratch_remove(directory);
}
END_TEST

/* c is what the first blocks of the sample say, and no more. */
static void is_prefix(const struct contents *c, const struct sample *s)
{
    struct contents truth;
    struct record r, expected;
    int whole = 0;
    while (whole < s->nblocks && s->blocks[whole + 1] <= c->end)
        whole++;
    ck_assert_uint_eq(c->end, s->blocks[whole]);
    ck_ok(contents_parse(bytes_of(s), s->blocks[whole], "j", &truth, error));
    ck_assert(c->started == truth.started && c->finished == truth.finished && c->ended == truth.ended);
    ck_assert(c->done == truth.done && c->failed == truth.failed && c->run.pid == truth.run.pid);
    for (size_t i = 0; i < ITEMS; i++) {
        const bool has = contents_record(&truth, i, &expected);
        ck_assert(contents_record(c, i, &r) == has);
        ck_assert(!has || same_record(&r, &expected));
    }
    contents_clear(&truth);
}

START_TEST(cut_at_every_byte)
{
    struct sample s = sample();
    for (size_t n = 0; n <= s.text.n; n++) {
        struct contents c;
        unsigned char *exact = malloc(n ? n : 1); /* so that the address sanitizer sees a byte too many */
        memcpy(exact, s.text.data, n);
        ck_ok(contents_parse(exact, n, "j", &c, error));
        is_prefix(&c, &s);
        contents_clear(&c);
        free(exact);
    }
    io_text_free(&s.text);
}
END_TEST

/* A flip in the last block looks as a torn one; a flip before it is refused, with the place of its block. */
START_TEST(every_bit_flipped)
{
    struct sample s = sample();
    unsigned char *bytes = malloc(s.text.n);
    char place[64];
    memcpy(bytes, s.text.data, s.text.n);
    for (size_t bit = 0; bit < 8 * s.text.n; bit++) {
        struct contents c;
        sheaf_error e = {SHEAF_OK, ""};
        int block = 0;
        while (s.blocks[block + 1] <= bit / 8)
            block++;
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        sheaf_status status = contents_parse(bytes, s.text.n, "dir/t.csv.sheaf-journal", &c, &e);
        snprintf(place, sizeof place, "journal is damaged at byte %zu,", s.blocks[block]);
        if (block < s.nblocks - 1) {
            ck_assert_int_eq(status, SHEAF_FORMAT);
            ck_has(e.message, "dir/t.csv.sheaf-journal");
            ck_has(e.message, place);
        } else {
            ck_assert_int_eq(status, SHEAF_OK);
            ck_assert_uint_eq(c.end, s.blocks[block]);
            is_prefix(&c, &s);
        }
        contents_clear(&c);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(bytes);
    io_text_free(&s.text);
}
END_TEST

/* Blocks belong where they are: one that is left out, twice, or exchanged with another is damage. */
START_TEST(blocks_in_another_order)
{
    struct sample s = sample();
    unsigned char *bytes = malloc(2 * s.text.n);
    struct contents c;
    for (int k = 0; k < s.nblocks - 1; k++) {
        const size_t begin = s.blocks[k], end = s.blocks[k + 1];
        memcpy(bytes, s.text.data, begin);
        memcpy(bytes + begin, s.text.data + end, s.text.n - end);
        sheaf_status status = contents_parse(bytes, s.text.n - (end - begin), "j", &c, NULL);
        if (status == SHEAF_OK)
            is_prefix(&c, &s);
        ck_assert(status == SHEAF_OK ? c.end == begin : status == SHEAF_FORMAT);
        contents_clear(&c);
        memcpy(bytes, s.text.data, end);
        memcpy(bytes + end, s.text.data + begin, s.text.n - begin);
        status = contents_parse(bytes, s.text.n + (end - begin), "j", &c, NULL);
        if (status == SHEAF_OK)
            is_prefix(&c, &s);
        contents_clear(&c);
    }
    free(bytes);
    io_text_free(&s.text);
}
END_TEST

/* What a file system may leave of a file it never wrote, and what is no journal at all. */
START_TEST(other_beginnings)
{
    const unsigned char zeros[100] = {0}, text[] = "item,mean\na.npy,1\n";
    struct contents c;
    sheaf_error e = {SHEAF_OK, ""};
    ck_ok(contents_parse(zeros, sizeof zeros, "j", &c, error));
    ck_assert(!c.started && c.end == 0);
    contents_clear(&c);
    ck_assert_int_eq(contents_parse(text, sizeof text, "notes.sheaf-journal", &c, &e), SHEAF_FORMAT);
    ck_has(e.message, "notes.sheaf-journal: this is no journal");
    contents_clear(&c);
}
END_TEST

/* Bodies whose hashes are right, and which lie: what somebody wrote who knows the format. */
START_TEST(lies_are_refused)
{
    struct sample s = sample();
    const size_t header = s.blocks[0] + BLOCK_HEADER, items = s.blocks[2] + BLOCK_HEADER;
    const struct {
        size_t block, at;
        uint64_t value;
        int bytes;
    } lies[] = {
        {0, header, UINT64_MAX, 8},         /* items */
        {0, header, ITEMS + 1, 8},          /* one more than there are */
        {0, header + 8, 0x2f2e2e2f2e2e, 6}, /* suffix ../../ */
        {0, header + 16, UINT32_MAX, 4},    /* facts */
        {2, items, 0, 4},                   /* a record of no length, */
        {2, items, UINT32_MAX - 7, 4},      /* of too much, */
        {2, items, 25, 4},                  /* of none that we write; */
        {2, items + 4, 1000, 4},            /* a payload longer than its record */
        {2, items + 10, 255, 1},            /* inputs */
        {2, items + 16, ITEMS, 8},          /* the index of no item */
        {2, items + 16, UINT64_MAX, 8},
    };
    for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
        struct contents c;
        unsigned char *bytes = malloc(s.text.n), value[8];
        const size_t at = s.blocks[lies[k].block], end = s.blocks[lies[k].block + 1];
        memcpy(bytes, s.text.data, s.text.n);
        store_u64(value, lies[k].value);
        memcpy(bytes + lies[k].at, value, (size_t)lies[k].bytes);
        store_u64(bytes + at + 8, hash_bytes(bytes + at + BLOCK_HEADER, end - at - BLOCK_HEADER, at));
        store_u64(bytes + at + 16, hash_bytes(bytes + at, 16, at));
        ck_assert_msg(contents_parse(bytes, s.text.n, "j", &c, NULL) == SHEAF_FORMAT, "lie %zu", k);
        contents_clear(&c);
        free(bytes);
    }
    io_text_free(&s.text);
}
END_TEST

START_TEST(arrays_as_payload)
{
    const int64_t shape[] = {2, 1, 3};
    const double numbers[6] = {1, -0.0, 3, 4, 5, 6};
    const int16_t one = -7;
    struct io_text t = {0};
    sheaf_view view;
    const unsigned char *data;
    ck_assert(io_text_add(&t, "x", 1)); /* nothing is aligned */
    ck_ok(sheaf_view_init(&view, (void *)(uintptr_t)numbers, SHEAF_F64, 3, shape, error));
    ck_assert(values_add(&t, &view));
    ck_ok(sheaf_view_init(&view, (void *)(uintptr_t)&one, SHEAF_I16, 0, NULL, error));
    ck_assert(values_add(&t, &view));
    const unsigned char *at = (const unsigned char *)t.data + 1, *end = (const unsigned char *)t.data + t.n;
    ck_assert(values_next(&at, end, &view, &data));
    ck_assert(view.dtype == SHEAF_F64 && view.ndim == 3 && view.shape[0] == 2 && view.shape[2] == 3);
    ck_assert_int_eq(memcmp(data, numbers, sizeof numbers), 0);
    ck_assert(values_next(&at, end, &view, &data));
    ck_assert(view.dtype == SHEAF_I16 && view.ndim == 0 && memcmp(data, &one, 2) == 0);
    ck_assert(at == end && !values_next(&at, end, &view, &data));
    for (const unsigned char *cut = (const unsigned char *)t.data + 1; cut < end; cut++) {
        at = (const unsigned char *)t.data + 1;
        int n = 0;
        while (values_next(&at, cut, &view, &data))
            n++;
        ck_assert(n < 2 && at <= cut);
    }
    io_text_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tc = tcase_create("format");
    tcase_add_test(tc, the_hash);
    tcase_add_test(tc, what_is_written_is_read);
    tcase_add_test(tc, slices_are_one_record);
    tcase_add_loop_test(tc, the_last_record_counts, 0, 40);
    tcase_add_test(tc, cut_at_every_byte);
    tcase_add_test(tc, every_bit_flipped);
    tcase_add_test(tc, blocks_in_another_order);
    tcase_add_test(tc, other_beginnings);
    tcase_add_test(tc, lies_are_refused);
    tcase_add_test(tc, arrays_as_payload);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
