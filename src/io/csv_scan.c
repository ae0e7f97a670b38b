/* Where the rows of a table are. A chunk without quotes, comments and blank lines, as most are, needs its line ends
 * counted only, which compilers do 16 bytes at a time; the others are walked byte by byte. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/csv.h"
#include <string.h>

enum {
    BLOCK = 128
};

enum state {
    LINE_START,
    FIELD_START,
    UNQUOTED,
    QUOTED,
    QUOTE_IN_QUOTED, /* it ends the cell, or is the first of two */
    COMMENT
};

struct scan {
    const struct csv_dialect *dialect;
    enum state state;
    char before; /* the byte before the chunk */
    uint64_t rows, lines;
    uint64_t quote_line; /* of the last quote that opened */
    uint64_t last_row;   /* offset of the last piece's start */
    struct csv_piece *pieces;
    size_t npieces, capacity;
};

/* Line ends in p[0, n), n at most BLOCK; *other gets 0 when there is nothing but plain rows. p[-1] is the byte before.
 * A loop that compilers turn into vectors: no branches, bytes only. */
static inline uint64_t count_block(const unsigned char *p, size_t n, unsigned char comment, unsigned char *other)
{
    unsigned char ends = 0, seen = 0;
    for (size_t k = 0; k < n; k++) {
        const unsigned char c = p[k], before = p[k - 1];
        const unsigned char odd = (unsigned char)(c <= ' ') | (unsigned char)(c == comment);
        seen |= (unsigned char)(c == '"') | (unsigned char)((before == '\r') & (c != '\n')) |
                (unsigned char)((before == '\n') & odd);
        ends = (unsigned char)(ends + (c == '\n'));
    }
    *other = seen;
    return ends;
}

/* Line ends in p[0, n), and whether there is nothing but plain rows: no quotes, comments, blanks at the start of a
 * line, \r without \n. */
static bool plain_rows(const char *text, size_t n, char comment, uint64_t *ends)
{
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char mark = comment ? (unsigned char)comment : ' ';
    unsigned char other = 0;
    *ends = 0;
    for (; n >= BLOCK && !other; p += BLOCK, n -= BLOCK)
        *ends += count_block(p, BLOCK, mark, &other);
    if (!other)
        *ends += count_block(p, n, mark, &other);
    return !other;
}

static sheaf_status add_piece(const sheaf_file *file, struct scan *s, uint64_t offset, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (s->npieces && offset - s->last_row > CSV_ROW_MOST)
        return sheaf_error_set(
            error, SHEAF_FORMAT, "%s: line %llu: a row, with the comments behind it, is longer than %d MiB",
            io_shown(file->path, text), (unsigned long long)s->pieces[s->npieces - 1].line, CSV_ROW_MOST >> 20);
    if (s->npieces == s->capacity) {
        const size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct csv_piece *pieces = mem_realloc(s->pieces, capacity * sizeof *pieces);
        if (!pieces)
            return io_no_memory(file->path, capacity * sizeof *pieces, error);
        s->pieces = pieces;
        s->capacity = capacity;
    }
    s->last_row = offset;
    s->pieces[s->npieces++] = (struct csv_piece){.offset = offset, .row = s->rows, .line = s->lines};
    return SHEAF_OK;
}

/* What follows c outside of quotes. */
static enum state after(const struct csv_dialect *d, enum state state, char c)
{
    if (csv_ends_line(c))
        return LINE_START;
    if (state == LINE_START && d->comment && c == d->comment)
        return COMMENT;
    if (c == d->delimiter || (d->blanks && c == '\t'))
        return d->blanks && state == LINE_START ? LINE_START : FIELD_START;
    if (csv_is_blank(d, c))
        return state;
    return c == '"' && (state == LINE_START || state == FIELD_START) ? QUOTED : UNQUOTED;
}

static enum state step(struct scan *s, char c)
{
    switch (s->state) {
    case QUOTED:
        return c == '"' ? QUOTE_IN_QUOTED : QUOTED;
    case QUOTE_IN_QUOTED:
        return c == '"' ? QUOTED : after(s->dialect, UNQUOTED, c);
    case COMMENT:
        return csv_ends_line(c) ? LINE_START : COMMENT;
    default:
        return after(s->dialect, s->state, c);
    }
}

/* Walk the chunk; *first gets the first row's start in it, or n, *rows and *lines those before it. */
static void walk(struct scan *s, const char *p, size_t n, struct csv_piece *first)
{
    size_t line_start = 0;
    for (size_t i = 0; i < n; i++) {
        const enum state next = step(s, p[i]);
        if (s->state == LINE_START && csv_ends_line(p[i - 1]))
            line_start = i;
        if (s->state == LINE_START && next != LINE_START && next != COMMENT) {
            if (first->offset == n)
                *first = (struct csv_piece){.offset = s->dialect->blanks ? i : line_start, s->rows, s->lines};
            s->rows++;
        }
        if (next == QUOTED && s->state != QUOTED && s->state != QUOTE_IN_QUOTED)
            s->quote_line = s->lines;
        s->lines += p[i] == '\n' ? p[i - 1] != '\r' : p[i] == '\r';
        s->state = next;
    }
}

/* The state behind a chunk of plain rows. */
static enum state state_behind(const struct csv_dialect *d, const char *p, size_t n)
{
    size_t i = n;
    if (csv_ends_line(p[n - 1]))
        return LINE_START;
    while (i > 0 && p[i - 1] != d->delimiter && csv_is_blank(d, p[i - 1]))
        i--;
    return i > 0 && (p[i - 1] == d->delimiter || (d->blanks && p[i - 1] == '\t')) ? FIELD_START : UNQUOTED;
}

static sheaf_status take_chunk(const sheaf_file *file, struct scan *s, const char *p, size_t n, uint64_t offset,
                               sheaf_error *error)
{
    struct csv_piece first = {.offset = n};
    uint64_t ends;
    const bool known =
        s->state == UNQUOTED || s->state == FIELD_START || (s->state == LINE_START && csv_ends_line(p[-1]));
    if (known && plain_rows(p, n, s->dialect->comment, &ends)) {
        const bool starts = p[-1] == '\n';
        const char *end = starts ? p - 1 : memchr(p, '\n', n);
        s->lines -= p[-1] == '\r' && p[0] == '\n'; /* counted by its \r, as the last below is */
        if (end && end + 1 < p + n)
            first = (struct csv_piece){(uint64_t)(end + 1 - p), s->rows, s->lines + !starts};
        s->rows += ends + starts - (p[n - 1] == '\n'); /* a row at each line's start */
        s->lines += ends + (p[n - 1] == '\r');
        s->state = state_behind(s->dialect, p, n);
    } else {
        walk(s, p, n, &first);
    }
    if (first.offset == n)
        return SHEAF_OK;
    const uint64_t rows = s->rows, lines = s->lines;
    s->rows = first.row;
    s->lines = first.line;
    sheaf_status status = add_piece(file, s, offset + first.offset, error);
    s->rows = rows;
    s->lines = lines;
    return status;
}

static sheaf_status finish(const sheaf_file *file, struct scan *s, uint64_t end, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (s->state == QUOTED)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: line %llu: a quote (\") opens and is never closed",
                               io_shown(file->path, text), (unsigned long long)s->quote_line);
    sheaf_status status = add_piece(file, s, end, error);
    if (status == SHEAF_OK)
        s->npieces--;
    return status;
}

sheaf_status csv_count(sheaf_file *file, struct csv *csv, sheaf_error *error)
{
    enum {
        BEFORE = 64
    };
    struct scan s = {.dialect = &csv->dialect, .lines = csv->line, .last_row = csv->start};
    const size_t room = BEFORE + CSV_PIECE;
    char *chunk = csv->counted ? NULL : pool_get(room);
    if (csv->counted)
        return SHEAF_OK;
    if (!chunk)
        return io_no_memory(file->path, room, error);
    sheaf_status status = SHEAF_OK;
    uint64_t offset = csv->start;
    chunk[BEFORE - 1] = '\n';
    for (size_t got = 1; status == SHEAF_OK && got;) {
        status = io_source_some(&file->source, chunk + BEFORE, CSV_PIECE, offset, &got, error);
        if (status == SHEAF_OK && got)
            status = take_chunk(file, &s, chunk + BEFORE, got, offset, error);
        if (got)
            chunk[BEFORE - 1] = chunk[BEFORE + got - 1];
        offset += got;
    }
    pool_put(chunk, room);
    if (status == SHEAF_OK)
        status = finish(file, &s, offset, error);
    if (status) {
        mem_free(s.pieces);
        return status;
    }
    csv->pieces = s.pieces;
    csv->npieces = s.npieces;
    csv->counted = true;
    return SHEAF_OK;
}
