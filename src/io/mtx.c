/* Matrix Market: dense and sparse matrices as text, read as dense ones.
 * https://math.nist.gov/MatrixMarket/formats.html */

#include "base/alloc.h"
#include "base/checked.h"
#include "base/pool.h"
#include "io/format.h"
#include "io/number.h"
#include <string.h>
#include <strings.h>

enum {
    HEAD_MOST = 1 << 20, /* banner, comments and sizes */
    CHUNK = 256 << 10
};

enum field {
    REAL,
    INTEGER,
    COMPLEX,
    PATTERN
};

enum symmetry {
    GENERAL,
    SYMMETRIC,
    SKEW,
    HERMITIAN
};

struct mtx {
    bool sparse;
    enum field field;
    enum symmetry symmetry;
    uint64_t rows, columns, entries; /* entries: lines of data */
    uint64_t start, line;            /* of the data: offset, and lines before it */
};

/* Text being read, with NUMBER_PADDING bytes behind end. */
struct text {
    const char *path, *begin, *at, *end;
    uint64_t line; /* lines of the file before begin */
};

static sheaf_status wrong(const struct text *t, const char *p, const char *what, sheaf_error *error)
{
    char text[IO_SHOWN];
    const uint64_t line = t->line + io_lines(t->begin, p) + 1;
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: line %llu: %s", io_shown(t->path, text), (unsigned long long)line,
                           what);
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool recognise(const unsigned char *head, size_t n)
{
    return n >= 14 && strncasecmp((const char *)head, "%%MatrixMarket", 14) == 0;
}

/* The place of the next word of the line among words, which ends with NULL; -1: it is none of them. */
static int next_word(struct text *t, const char *const *words)
{
    while (t->at < t->end && is_blank(*t->at))
        t->at++;
    const char *begin = t->at;
    while (t->at < t->end && !is_blank(*t->at) && !ends_line(*t->at))
        t->at++;
    const size_t n = (size_t)(t->at - begin);
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == n && strncasecmp(begin, words[i], n) == 0)
            return i;
    return -1;
}

static sheaf_status read_banner(struct text *t, struct mtx *m, sheaf_error *error)
{
    static const char *const banner[] = {"%%MatrixMarket", NULL}, *const objects[] = {"matrix", NULL},
                             *const layouts[] = {"array", "coordinate", NULL}, *const fields[] = {"real",
                                                                                                  "integer",
                                                                                                  "complex",
                                                                                                  "pattern",
                                                                                                  "double",
                                                                                                  "unsigned-integer",
                                                                                                  NULL},
                             *const symmetries[] = {"general", "symmetric", "skew-symmetric", "hermitian", NULL};
    const bool known = next_word(t, banner) == 0 && next_word(t, objects) == 0;
    const int layout = known ? next_word(t, layouts) : -1, field = layout < 0 ? -1 : next_word(t, fields);
    const int symmetry = field < 0 ? -1 : next_word(t, symmetries);
    if (!known)
        return wrong(t, t->begin, "no matrix of Matrix Market: the first line is '%%MatrixMarket matrix …'", error);
    if (layout < 0)
        return wrong(t, t->begin, "the layout is neither array nor coordinate", error);
    if (field < 0)
        return wrong(t, t->begin, "the field is none of real, integer, complex and pattern", error);
    if (symmetry < 0)
        return wrong(t, t->begin, "the symmetry is none of general, symmetric, skew-symmetric and hermitian", error);
    m->sparse = layout == 1;
    m->field = field < 4 ? (enum field)field : field == 4 ? REAL : INTEGER;
    m->symmetry = (enum symmetry)symmetry;
    if (m->field == PATTERN && !m->sparse)
        return wrong(t, t->begin, "an array has no pattern", error);
    if ((m->symmetry == HERMITIAN) != (m->field == COMPLEX) && m->symmetry == HERMITIAN)
        return wrong(t, t->begin, "a hermitian matrix is complex", error);
    if (m->symmetry == SKEW && m->field == PATTERN)
        return wrong(t, t->begin, "a pattern cannot be skew-symmetric", error);
    return SHEAF_OK;
}

/* To the next line with anything but blanks; comments are passed over. false: there is none. */
static inline bool next_line(struct text *t)
{
    while (t->at < t->end) {
        if (*t->at == '%')
            while (t->at < t->end && !ends_line(*t->at))
                t->at++;
        else if (is_blank(*t->at) || ends_line(*t->at))
            t->at++;
        else
            return true;
    }
    return false;
}

/* Digits with blanks before them; false: something else, or too large. */
static inline bool read_size(struct text *t, uint64_t *out)
{
    while (is_blank(*t->at))
        t->at++;
    const char *begin = t->at;
    *out = 0;
    t->at = number_digits(t->at, out);
    return t->at > begin && t->at - begin <= 18;
}

/* The rest of a line is blank. */
static inline bool line_ends(struct text *t)
{
    while (is_blank(*t->at))
        t->at++;
    return t->at == t->end || ends_line(*t->at);
}

static sheaf_status read_sizes(struct text *t, struct mtx *m, sheaf_error *error)
{
    while (t->at < t->end && !ends_line(*t->at))
        t->at++;
    if (!next_line(t))
        return wrong(t, t->at, "the file ends before the line of sizes, or its comments are longer than 1 MiB", error);
    const char *line = t->at;
    if (!read_size(t, &m->rows) || !read_size(t, &m->columns) || (m->sparse && !read_size(t, &m->entries)) ||
        !line_ends(t))
        return wrong(t, line,
                     m->sparse ? "is to hold the sizes: rows, columns and entries"
                               : "is to hold the sizes: rows and columns",
                     error);
    if (m->symmetry != GENERAL && m->rows != m->columns)
        return wrong(t, line, "a matrix of this symmetry has as many rows as columns", error);
    return SHEAF_OK;
}

static sheaf_dtype dtype_of(const struct mtx *m)
{
    return m->field == COMPLEX ? SHEAF_C128 : m->field == INTEGER ? SHEAF_I64 : SHEAF_F64;
}

/* What is declared: entries against the file's size, the dense matrix against memory. */
static sheaf_status check_sizes(sheaf_file *file, struct text *t, struct mtx *m, uint64_t held, sheaf_error *error)
{
    char text[IO_SHOWN];
    size_t cells, bytes;
    bool fits = size_mul(m->rows, m->columns, &cells) && size_mul(cells, sheaf_dtype_size(dtype_of(m)), &bytes) &&
                bytes <= io_unpacked_most();
    if (!fits)
        return sheaf_error_set(error, SHEAF_NO_MEMORY,
                               "%s: %llu rows × %llu columns are more as a dense matrix than half of the memory",
                               io_shown(file->path, text), (unsigned long long)m->rows, (unsigned long long)m->columns);
    if (!m->sparse)
        m->entries = m->symmetry == GENERAL ? cells
                     : m->symmetry == SKEW  ? (cells - m->rows) / 2
                                            : (cells + m->rows) / 2;
    /* An entry has two indices and a number, or a number or two: with what stands between, so many bytes at least. */
    const uint64_t least = m->sparse ? (m->field == PATTERN   ? 4
                                        : m->field == COMPLEX ? 8
                                                              : 6)
                                     : (m->field == COMPLEX ? 4 : 2);
    if (m->entries > held / least + 1)
        return wrong(t, t->at, "more entries are declared than the file can hold: it was cut short; copy it again",
                     error);
    return SHEAF_OK;
}

static sheaf_status open_mtx(sheaf_file *file, sheaf_error *error)
{
    struct mtx *m = file->own = mem_calloc(1, sizeof *m);
    char *head = pool_get(HEAD_MOST + NUMBER_PADDING);
    size_t got = 0;
    uint64_t size = 0;
    sheaf_status status = m && head ? SHEAF_OK : io_no_memory(file->path, HEAD_MOST, error);
    if (status == SHEAF_OK)
        status = io_source_some(&file->source, head, HEAD_MOST, 0, &got, error);
    if (status == SHEAF_OK)
        status = io_source_size(&file->source, &size, error);
    if (status == SHEAF_OK) {
        struct text t = {.path = file->path, .begin = head, .at = head, .end = head + got};
        memset(head + got, '\n', NUMBER_PADDING);
        status = read_banner(&t, m, error);
        if (status == SHEAF_OK)
            status = read_sizes(&t, m, error);
        m->start = (uint64_t)(t.at - head);
        m->line = io_lines(head, t.at);
        if (status == SHEAF_OK)
            status = check_sizes(file, &t, m, size - m->start, error);
    }
    pool_put(head, HEAD_MOST + NUMBER_PADDING);
    file->nparts = 1;
    return status;
}

static void close_mtx(sheaf_file *file)
{
    mem_free(file->own);
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    const struct mtx *m = file->own;
    (void)part;
    (void)error;
    *info = (sheaf_file_info){.format = "mtx", .dtype = dtype_of(m), .ndim = 2};
    info->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    info->shape[0] = (int64_t)m->rows;
    info->shape[1] = (int64_t)m->columns;
    info->data_bytes = m->rows * m->columns * sheaf_dtype_size(info->dtype);
    return SHEAF_OK;
}

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    in->npieces = 1;
    in->piece_bytes = (size_t)in->info.data_bytes;
    sheaf_status status = io_reserve(buffer, (size_t)in->info.data_bytes, 0, in->path, error);
    return status ? status : plain_view(&in->info, buffer->data, view, error);
}

/* Where entries go. */
struct target {
    const struct mtx *m;
    void *data;
    uint64_t row, column; /* of an array's next entry: they come column by column, below the diagonal where symmetric */
};

/* Entries of one place are added up, as SciPy does. */
static void add(const struct target *to, uint64_t i, uint64_t j, double re, double im, int64_t whole)
{
    const size_t at = i * to->m->columns + j;
    if (to->m->field == INTEGER)
        ((uint64_t *)to->data)[at] += (uint64_t)whole;
    else if (to->m->field == COMPLEX) {
        ((double *)to->data)[2 * at] += re;
        ((double *)to->data)[2 * at + 1] += im;
    } else
        ((double *)to->data)[at] += re;
}

static void put(const struct target *to, uint64_t i, uint64_t j, double re, double im, int64_t whole)
{
    const enum symmetry s = to->m->symmetry;
    add(to, i, j, re, im, whole);
    if (s == GENERAL || i == j)
        return;
    if (s == SKEW)
        add(to, j, i, -re, -im, (int64_t)(0 - (uint64_t)whole));
    else
        add(to, j, i, re, s == HERMITIAN ? -im : im, whole);
}

static bool read_number(struct text *t, double *out)
{
    while (is_blank(*t->at))
        t->at++;
    const char *end = number_read(t->at, '.', out);
    if (!end && strncasecmp(t->at, "nan", 3) == 0) {
        *out = __builtin_nan("");
        end = t->at + 3;
    }
    if (!end || !(is_blank(*end) || ends_line(*end)))
        return false;
    t->at = end;
    return true;
}

static bool read_whole(struct text *t, int64_t *out)
{
    while (is_blank(*t->at))
        t->at++;
    const bool negative = *t->at == '-';
    t->at += *t->at == '-' || *t->at == '+';
    const char *begin = t->at;
    uint64_t value = 0;
    while (*t->at >= '0' && *t->at <= '9')
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*t->at++ - '0'), &value))
            return false;
    *out = (int64_t)(negative ? 0 - value : value);
    return t->at > begin && value <= (uint64_t)INT64_MAX + negative && (is_blank(*t->at) || ends_line(*t->at));
}

/* The entry that the line at t->at holds, or, of an array, starts with. */
static sheaf_status read_entry(struct text *t, struct target *to, sheaf_error *error)
{
    const struct mtx *m = to->m;
    const char *line = t->at;
    uint64_t i = to->row, j = to->column;
    double re = 1, im = 0;
    int64_t whole = 0;
    if (m->sparse) {
        if (!read_size(t, &i) || !read_size(t, &j))
            return wrong(t, line, "is to start with a row and a column, each from 1 on", error);
        if (i < 1 || j < 1 || i > m->rows || j > m->columns)
            return wrong(t, line, "row or column is outside of the matrix", error);
        i--;
        j--;
        if (m->symmetry == SKEW && i == j)
            return wrong(t, line, "a skew-symmetric matrix has no entries on its diagonal", error);
    }
    if (m->field == INTEGER ? !read_whole(t, &whole) : m->field != PATTERN && !read_number(t, &re))
        return wrong(t, line, m->field == INTEGER ? "is no whole number of 64 bits" : "is no number", error);
    if (m->field == COMPLEX && !read_number(t, &im))
        return wrong(t, line, "a complex number has two parts", error);
    if (m->sparse && !line_ends(t))
        return wrong(t, line, "has more than an entry", error);
    put(to, i, j, re, im, whole);
    return SHEAF_OK;
}

static void next_place(struct target *to)
{
    const enum symmetry s = to->m->symmetry;
    if (++to->row < to->m->rows)
        return;
    to->column++;
    to->row = s == GENERAL ? 0 : to->column + (s == SKEW);
}

/* All entries in the lines of t; *left counts down. */
static sheaf_status read_entries(struct text *t, struct target *to, uint64_t *left, sheaf_error *error)
{
    while (next_line(t)) {
        if (*left == 0)
            return wrong(t, t->at, "holds more than the entries declared", error);
        sheaf_status status = read_entry(t, to, error);
        if (status)
            return status;
        next_place(to);
        --*left;
    }
    return SHEAF_OK;
}

static sheaf_status too_long(const struct text *t, sheaf_error *error)
{
    return wrong(t, t->begin, "the line is longer than 256 KiB", error);
}

/* Chunk by chunk, each cut behind its last whole line. */
static sheaf_status read_lines(sheaf_file *file, char *chunk, struct target *to, sheaf_error *error)
{
    const struct mtx *m = to->m;
    struct text t = {.path = file->path, .begin = chunk, .line = m->line};
    uint64_t offset = m->start, left = m->entries;
    size_t kept = 0;
    sheaf_status status = SHEAF_OK;
    for (bool more = true; status == SHEAF_OK && more;) {
        size_t got;
        status = io_source_some(&file->source, chunk + kept, CHUNK - kept, offset, &got, error);
        if (status)
            break;
        offset += got;
        more = got > 0;
        const size_t n = kept + got;
        size_t whole = n;
        while (more && whole > 0 && chunk[whole - 1] != '\n')
            whole--;
        if (more && whole == 0 && n == CHUNK && memchr(chunk, '\r', n)) /* old line ends */
            for (whole = n - 1; chunk[whole - 1] != '\r';)
                whole--;
        if (whole == 0 && n == CHUNK)
            return too_long(&t, error);
        char rest[NUMBER_PADDING];
        memcpy(rest, chunk + whole, NUMBER_PADDING);
        memset(chunk + whole, '\n', NUMBER_PADDING);
        t.at = chunk;
        t.end = chunk + whole;
        status = read_entries(&t, to, &left, error);
        memcpy(chunk + whole, rest, NUMBER_PADDING);
        t.line += io_lines(chunk, t.end);
        kept = n - whole;
        memmove(chunk, chunk + whole, kept);
    }
    if (status == SHEAF_OK && left)
        status =
            wrong(&t, t.begin, "the file ends before all entries declared: it was cut short; copy it again", error);
    return status;
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    const struct mtx *m = in->file->own;
    struct target to = {.m = m, .data = view->data, .row = m->symmetry == SKEW};
    const size_t room = CHUNK + NUMBER_PADDING;
    char *chunk = pool_get(room);
    (void)piece;
    if (!chunk)
        return io_no_memory(in->path, room, error);
    if (in->info.data_bytes)
        memset(view->data, 0, (size_t)in->info.data_bytes);
    sheaf_status status = read_lines(in->file, chunk, &to, error);
    pool_put(chunk, room);
    return status;
}

static const char *const called[] = {".mtx", NULL};

const struct io_format format_mtx = {
    .name = "mtx",
    .called = called,
    .recognise = recognise,
    .open = open_mtx,
    .close = close_mtx,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
};
