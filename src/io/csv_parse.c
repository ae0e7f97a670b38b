/* Rows of a table to numbers. */

#include "base/pool.h"
#include "io/csv.h"
#include "io/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct rows {
    const sheaf_file *file;
    const struct csv *csv;
    const char *begin, *end;
    uint64_t line; /* lines of the file before begin */
};

/* "FILE: line 7", for messages about what stands at p. */
static const char *where(const struct rows *r, const char *p, char text[IO_SHOWN + 32])
{
    char path[IO_SHOWN];
    snprintf(text, IO_SHOWN + 32, "%s: line %llu", io_shown(r->file->path, path),
             (unsigned long long)(r->line + io_lines(r->begin, p) + 1));
    return text;
}

static sheaf_status ragged(const struct rows *r, const char *row, bool more, sheaf_error *error)
{
    char text[IO_SHOWN + 32];
    return sheaf_error_set(
        error, SHEAF_FORMAT,
        "%s: has %s cells than the table columns (%zu); mend the row, or say how the file is written "
        "by --read delimiter=, skip= or comment=",
        where(r, row, text), more ? "more" : "fewer", r->csv->ncolumns);
}

static sheaf_status bad_cell(const struct rows *r, const char *p, size_t column, const struct csv_cell *cell,
                             sheaf_error *error)
{
    char place[IO_SHOWN + 32], shown[64];
    if (!cell)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s, column %zu ('%.60s'): a quote (\") is not closed, or something stands behind the "
                               "closing one",
                               where(r, p, place), column, r->csv->columns[column].name);
    return sheaf_error_set(
        error, SHEAF_FORMAT,
        "%s, column %zu ('%.60s'): '%s' is neither a number nor a word for a missing one; say --read "
        "missing=WORD, or choose columns by --read columns=",
        where(r, p, place), column, r->csv->columns[column].name, csv_shown(cell, shown));
}

/* The cell at *p, which is not simply a number and a delimiter; to: NULL when it is not wanted. */
static sheaf_status read_cell(const struct rows *r, const char **p, size_t column, double *to, sheaf_error *error)
{
    const struct csv_dialect *d = &r->csv->dialect;
    struct csv_cell cell;
    double value;
    const char *behind = csv_cell_at(d, *p, r->end, &cell);
    if (!behind)
        return bad_cell(r, *p, column, NULL, error);
    if (to && csv_kind(d, &cell, &value) == CSV_WORD)
        return bad_cell(r, *p, column, &cell, error);
    if (to)
        *to = value;
    *p = behind;
    return SHEAF_OK;
}

/* A number, or nothing, with a delimiter behind it or a line end. NULL: it is not so simple. */
static inline const char *quick_cell(const char *p, char delimiter, char decimal, double *to)
{
    if (*p == delimiter) {
        *to = NAN;
        return p;
    }
    p = number_read(p, decimal, to);
    return p && (*p == delimiter || csv_ends_line(*p)) ? p : NULL;
}

/* A cell nobody wants, without quotes. */
static inline const char *pass_cell(const char *p, char delimiter)
{
    while (*p != delimiter && !csv_ends_line(*p))
        p++;
    return p;
}

/* Cells from *column on as long as they are simple, all but the row's last. */
static const char *quick_cells(const struct csv *csv, const char *p, size_t *column, double *to)
{
    const char delimiter = csv->dialect.delimiter, decimal = csv->dialect.decimal;
    const int32_t *targets = csv->targets;
    size_t c = *column;
    for (; c + 1 < csv->ncolumns; c++) {
        const char *behind = NULL;
        if (targets[c] >= 0)
            behind = quick_cell(p, delimiter, decimal, &to[targets[c]]);
        else if (*p != '"' && *p != ' ')
            behind = pass_cell(p, delimiter);
        if (!behind || *behind != delimiter)
            break;
        p = behind + 1;
    }
    *column = c;
    return p;
}

static sheaf_status read_row(const struct rows *r, const char **at, double *to, sheaf_error *error)
{
    const struct csv *csv = r->csv;
    const struct csv_dialect *d = &csv->dialect;
    const bool plain = !d->nvalues && !d->blanks;
    const char *const row = *at, *p = row;
    for (size_t c = 0;; c++) {
        if (plain)
            p = quick_cells(csv, p, &c, to);
        double *target = csv->targets[c] < 0 ? NULL : &to[csv->targets[c]];
        const char *behind = target && !csv_ends_line(*p) ? quick_cell(p, d->delimiter, d->decimal, target) : NULL;
        if (behind && d->nvalues)
            csv_values(d, target);
        if (!behind) {
            behind = p;
            sheaf_status status = read_cell(r, &behind, c, target, error);
            if (status)
                return status;
        }
        p = csv_next_cell(d, behind, r->end);
        if ((c + 1 == csv->ncolumns) != !p)
            return ragged(r, row, p, error);
        if (!p) {
            while (d->blanks && behind < r->end && !csv_ends_line(*behind))
                behind++;
            *at = behind < r->end ? behind + 1 : behind;
            return SHEAF_OK;
        }
    }
}

static sheaf_status changed(const sheaf_file *file, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_IO, "%s: changed while it was read; read it again", io_shown(file->path, text));
}

static sheaf_status read_rows(const struct rows *r, uint64_t n, double *to, size_t stride, sheaf_error *error)
{
    const struct csv_dialect *d = &r->csv->dialect;
    const char *p = r->begin;
    for (uint64_t i = 0; i < n; i++) {
        p = csv_row_start(d, p, r->end);
        if (p == r->end)
            return changed(r->file, error);
        sheaf_status status = read_row(r, &p, to + i * stride, error);
        if (status)
            return status;
    }
    return csv_row_start(d, p, r->end) == r->end ? SHEAF_OK : changed(r->file, error);
}

sheaf_status csv_read_piece(sheaf_file *file, const struct csv *csv, size_t piece, double *to, bool only_check,
                            sheaf_error *error)
{
    const struct csv_piece *at = &csv->pieces[piece];
    const size_t n = (size_t)(at[1].offset - at->offset), room = n + NUMBER_PADDING;
    char *text = pool_get(room);
    if (!text)
        return io_no_memory(file->path, room, error);
    sheaf_status status = io_source_read(&file->source, text, n, at->offset, error);
    if (status == SHEAF_OK) {
        memset(text + n, '\n', NUMBER_PADDING);
        struct rows r = {.file = file, .csv = csv, .begin = text, .end = text + n, .line = at->line};
        status = read_rows(&r, at[1].row - at->row, to, only_check ? 0 : csv->width, error);
    }
    pool_put(text, room);
    return status;
}
