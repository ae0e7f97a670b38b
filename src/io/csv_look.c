/* How a table of text is written, known from its first MiB: delimiter, titles, header, which columns are numbers. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/csv.h"
#include "io/number.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_LOOKED = 64
};

struct sample {
    const sheaf_file *file;
    char *text;
    const char *begin, *end; /* of whole lines, behind what is skipped */
};

static sheaf_status refuse(const struct sample *s, const char *what, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: %s", io_shown(s->file->path, text), what);
}

static uint64_t line_of(const struct sample *s, const char *p)
{
    return io_lines(s->text, p) + 1;
}

static sheaf_status read_sample(sheaf_file *file, struct sample *s, uint64_t skip, sheaf_error *error)
{
    size_t got;
    sheaf_status status = io_source_some(&file->source, s->text, CSV_SAMPLE, 0, &got, error);
    if (status)
        return status;
    memset(s->text + got, '\n', NUMBER_PADDING);
    if (got >= 2 && (memcmp(s->text, "\xff\xfe", 2) == 0 || memcmp(s->text, "\xfe\xff", 2) == 0))
        return refuse(s, "is UTF-16 text; make it UTF-8 by iconv -f UTF-16 -t UTF-8", error);
    s->begin = s->text + (got >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    s->end = s->text + got;
    if (got == CSV_SAMPLE)
        while (s->end > s->begin && !csv_ends_line(s->end[-1]))
            s->end--;
    for (; skip && s->begin < s->end; skip--) {
        while (s->begin < s->end && !csv_ends_line(*s->begin))
            s->begin++;
        s->begin += s->begin < s->end && *s->begin == '\r' && s->begin[1] == '\n';
        s->begin += s->begin < s->end;
    }
    if (s->begin == s->end && got == CSV_SAMPLE)
        return refuse(s, "its first line is longer than 1 MiB, or more than that is skipped", error);
    return SHEAF_OK;
}

/* How many cells the row at *p has; *p moves behind it. 0: it does not end in the sample, or is written wrongly. */
static size_t cells_in_row(const struct csv_dialect *d, const char **p, const char *end)
{
    size_t n = 1;
    struct csv_cell cell;
    for (const char *at = *p, *next;; at = next, n++) {
        at = csv_cell_at(d, at, end, &cell);
        if (!at)
            return 0;
        next = csv_next_cell(d, at, end);
        if (next)
            continue;
        while (at < end && !csv_ends_line(*at))
            at++;
        *p = at < end ? at + 1 : at;
        return n;
    }
}

/* The cells in a row, as the last of some rows has them; *agreeing gets how many of these rows have as many. */
static size_t usual_cells(const struct csv_dialect *d, const struct sample *s, size_t *agreeing)
{
    size_t counts[ROWS_LOOKED], rows = 0;
    const char *p = csv_row_start(d, s->begin, s->end);
    for (; rows < ROWS_LOOKED && p < s->end; p = csv_row_start(d, p, s->end)) {
        counts[rows] = cells_in_row(d, &p, s->end);
        if (!counts[rows])
            break;
        rows++;
    }
    *agreeing = 0;
    for (size_t i = 0; i < rows; i++)
        *agreeing += counts[i] == counts[rows - 1];
    return rows ? counts[rows - 1] : 0;
}

/* The delimiter by which most rows have as many cells, more than one; of equally good ones the first. */
static void choose_delimiter(struct csv_dialect *d, const struct sample *s)
{
    static const char candidates[] = "\t;,| ";
    size_t best = 0, agreeing;
    char chosen = ',';
    if (d->delimiter)
        return;
    for (const char *c = candidates; *c; c++) {
        struct csv_dialect trial = *d;
        trial.delimiter = *c;
        trial.blanks = *c == ' ';
        if (*c == d->decimal || *c == d->comment || usual_cells(&trial, s, &agreeing) < 2 || agreeing <= best)
            continue;
        best = agreeing;
        chosen = *c;
    }
    if (chosen == d->decimal)
        chosen = ';';
    d->delimiter = chosen;
    d->blanks = chosen == ' ';
}

/* Pass over lines before the table: single words where the table has more columns. */
static const char *pass_titles(const struct csv_dialect *d, const struct sample *s, size_t columns)
{
    const char *p = csv_row_start(d, s->begin, s->end);
    while (columns > 1 && p < s->end) {
        struct csv_cell cell;
        double value;
        const char *next = p;
        if (cells_in_row(d, &next, s->end) != 1)
            break;
        csv_cell_at(d, p, s->end, &cell);
        if (csv_kind(d, &cell, &value) != CSV_WORD)
            break;
        p = csv_row_start(d, next, s->end);
    }
    return p;
}

/* The kinds of the cells of the row at *p, where kinds has none yet; false: there is no whole row. A cell of kind
 * WORD that is a number with the other decimal sign is remembered. */
static bool take_kinds(const struct csv *csv, const struct sample *s, const char **p, unsigned char *kinds)
{
    const char *at = *p, *next = *p;
    struct csv_cell cell;
    double value;
    if (at == s->end || cells_in_row(&csv->dialect, &next, s->end) == 0)
        return false;
    for (size_t c = 0; at && c < csv->ncolumns; c++) {
        at = csv_cell_at(&csv->dialect, at, s->end, &cell);
        if (kinds[c] == CSV_MISSING)
            kinds[c] = (unsigned char)csv_kind(&csv->dialect, &cell, &value);
        at = csv_next_cell(&csv->dialect, at, s->end);
    }
    *p = csv_row_start(&csv->dialect, next, s->end);
    return true;
}

/* Kinds of the columns by the rows from p on, as far as they are in the sample: that of the first cell not missing. */
static void kinds_below(const struct csv *csv, const struct sample *s, const char *p, unsigned char *kinds)
{
    while (memchr(kinds, CSV_MISSING, csv->ncolumns) && take_kinds(csv, s, &p, kinds))
        ;
}

/* Whether the first row names the columns: a word stands where the cells below are none, or nothing but words. */
static bool is_header(const unsigned char *first, const unsigned char *below, size_t n)
{
    size_t words = 0;
    for (size_t c = 0; c < n; c++) {
        if (first[c] == CSV_WORD && below[c] != CSV_WORD)
            return true;
        words += first[c] == CSV_WORD;
    }
    return words == n;
}

static bool is_utf8(const char *p, const char *end)
{
    while (p < end) {
        const unsigned char c = (unsigned char)*p++;
        int more = c < 0x80                ? 0
                   : c >= 0xc2 && c < 0xe0 ? 1
                   : c >= 0xe0 && c < 0xf0 ? 2
                   : c >= 0xf0 && c < 0xf5 ? 3
                                           : -1;
        if (more < 0)
            return false;
        for (; more; more--)
            if (p == end || ((unsigned char)*p++ & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* A header's cell as a name: doubled quotes made one, Latin-1 made UTF-8. */
static char *name_of(struct arena *arena, const struct csv_cell *cell)
{
    const bool latin = !is_utf8(cell->begin, cell->end);
    char *name = arena_alloc(arena, 2 * (size_t)(cell->end - cell->begin) + 1, 1), *to = name;
    for (const char *p = cell->begin; name && p < cell->end; p++) {
        const unsigned char c = (unsigned char)*p;
        if (latin && c >= 0x80) {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 0x3f));
        } else if (c) {
            *to++ = *p;
        }
        p += cell->quoted && *p == '"';
    }
    if (name)
        *to = '\0';
    return name;
}

static int by_name(const void *a, const void *b)
{
    const struct csv_column *x = *(const struct csv_column *const *)a, *y = *(const struct csv_column *const *)b;
    const int order = strcmp(x->name, y->name);
    return order ? order : (x > y) - (x < y);
}

/* Columns without a name, and those whose name an earlier one has, are called by their number: "#3" below a header. */
static sheaf_status name_rest(const sheaf_file *file, struct csv *csv, bool header, sheaf_error *error)
{
    const struct csv_column **sorted = mem_alloc((csv->ncolumns + 1) * sizeof *sorted);
    bool ok = sorted;
    for (size_t c = 0; ok && c < csv->ncolumns; c++)
        sorted[c] = &csv->columns[c];
    if (ok)
        qsort(sorted, csv->ncolumns, sizeof *sorted, by_name);
    for (size_t c = csv->ncolumns; ok && c-- > 0;) {
        struct csv_column *column = &csv->columns[sorted[c] - csv->columns];
        char number[24];
        if (*column->name && !(c > 0 && strcmp(sorted[c - 1]->name, column->name) == 0))
            continue;
        snprintf(number, sizeof number, header ? "#%zu" : "%zu", (size_t)(column - csv->columns));
        column->name = arena_strdup(&csv->arena, number);
        ok = column->name;
    }
    mem_free(sorted);
    return ok ? SHEAF_OK : io_no_memory(file->path, csv->ncolumns * sizeof *sorted, error);
}

static sheaf_status name_columns(const struct sample *s, struct csv *csv, const char *row, bool header,
                                 sheaf_error *error)
{
    char text[IO_SHOWN];
    struct csv_cell cell;
    size_t c = 0;
    for (const char *p = header ? row : NULL; p; c++) {
        p = csv_cell_at(&csv->dialect, p, s->end, &cell);
        if (c < csv->ncolumns && !(csv->columns[c].name = name_of(&csv->arena, &cell)))
            return io_no_memory(s->file->path, 64, error);
        p = csv_next_cell(&csv->dialect, p, s->end);
    }
    if (header && c != csv->ncolumns)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: line %llu: the header has %zu cells, but the rows below have %zu; mend it, or pass "
                               "over it by --read skip=",
                               io_shown(s->file->path, text), (unsigned long long)line_of(s, row), c, csv->ncolumns);
    return name_rest(s->file, csv, header, error);
}

/* A column that would be left out as text, though its first word is a number to people who write 1,5. */
static sheaf_status check_decimals(const struct sample *s, const struct csv *csv, const char *row, sheaf_error *error)
{
    char text[IO_SHOWN], shown[64];
    struct csv_cell cell;
    double value;
    const char other = csv->dialect.decimal == '.' ? ',' : '.', *next = row;
    if (row == s->end || cells_in_row(&csv->dialect, &next, s->end) != csv->ncolumns)
        return SHEAF_OK;
    for (size_t c = 0; row && c < csv->ncolumns; c++) {
        row = csv_cell_at(&csv->dialect, row, s->end, &cell);
        if (csv->columns[c].text && cell.begin < cell.end && number_read_any(cell.begin, other, &value) == cell.end)
            return sheaf_error_set(error, SHEAF_FORMAT,
                                   "%s: line %llu, column %zu ('%.60s'): '%s' is a number if its decimal sign is '%c': "
                                   "say --read decimal=%c, or choose columns by --read columns=",
                                   io_shown(s->file->path, text), (unsigned long long)line_of(s, cell.begin), c,
                                   csv->columns[c].name, csv_shown(&cell, shown), other, other);
        row = csv_next_cell(&csv->dialect, row, s->end);
    }
    return SHEAF_OK;
}

/* Header and kinds, from the first row of the table on; *data gets the first row of data. */
static sheaf_status look_at_columns(const struct sample *s, struct csv *csv, const struct csv_said *said,
                                    const char *row, const char **data, sheaf_error *error)
{
    unsigned char *first = mem_calloc(2, csv->ncolumns + 1), *below = first + csv->ncolumns;
    csv->columns = arena_alloc(&csv->arena, (csv->ncolumns + 1) * sizeof *csv->columns, sizeof(void *));
    if (!first || !csv->columns) {
        mem_free(first);
        return io_no_memory(s->file->path, csv->ncolumns * sizeof *csv->columns, error);
    }
    const char *second = row;
    take_kinds(csv, s, &second, first);
    kinds_below(csv, s, second, below);
    const bool header = said->header_said ? said->header : is_header(first, below, csv->ncolumns);
    for (size_t c = 0; c < csv->ncolumns; c++) {
        const unsigned char kind = header || first[c] == CSV_MISSING ? below[c] : first[c];
        csv->columns[c] = (struct csv_column){.name = "", .text = kind == CSV_WORD};
    }
    mem_free(first);
    *data = header ? second : row;
    return name_columns(s, csv, row, header, error);
}

static sheaf_status look(struct sample *s, struct csv *csv, const struct csv_said *said, sheaf_error *error)
{
    size_t agreeing;
    const char *data = s->end;
    choose_delimiter(&csv->dialect, s);
    csv->ncolumns = usual_cells(&csv->dialect, s, &agreeing);
    const char *row = pass_titles(&csv->dialect, s, csv->ncolumns), *next = row;
    if (row == s->end)
        return refuse(s, "has no rows", error);
    if (csv->ncolumns == 0 || cells_in_row(&csv->dialect, &next, s->end) == 0)
        return refuse(s,
                      "its first row is written wrongly: a quote (\") is not closed, something stands behind the "
                      "closing one, or it is longer than 1 MiB",
                      error);
    sheaf_status status = look_at_columns(s, csv, said, row, &data, error);
    if (status == SHEAF_OK && !said->columns)
        status = check_decimals(s, csv, data, error);
    csv->start = (uint64_t)(data - s->text);
    csv->line = line_of(s, data) - 1;
    return status;
}

sheaf_status csv_look(sheaf_file *file, struct csv *csv, sheaf_error *error)
{
    struct csv_said said;
    const size_t room = CSV_SAMPLE + NUMBER_PADDING;
    sheaf_status status = csv_settings(file, csv, &said, error);
    if (status)
        return status;
    struct sample s = {.file = file, .text = pool_get(room)};
    if (!s.text)
        return io_no_memory(file->path, room, error);
    status = read_sample(file, &s, said.skip, error);
    if (status == SHEAF_OK)
        status = look(&s, csv, &said, error);
    pool_put(s.text, room);
    return status ? status : csv_choose(file, csv, said.columns, error);
}
