#ifndef SHEAF_IO_CSV_H
#define SHEAF_IO_CSV_H

/* Tables of text. csv_dialect.c finds out how a file is written, csv_scan.c where its rows are, csv_parse.c reads
 * them, csv.c is the format. */

#include "base/arena.h"
#include "io/format.h"

enum {
    CSV_SAMPLE = 1 << 20, /* bytes from which the dialect, the names and the kinds of the columns are known */
    CSV_PIECE = 256 << 10,
    CSV_ROW_MOST = 64 << 20 /* bytes of one row */
};

struct csv_dialect {
    char delimiter, decimal;
    char comment;   /* starts a line that is passed over; '\0': none does */
    bool blanks;    /* cells are parted by any number of blanks and tabs; delimiter is ' ' */
    char **missing; /* words said by the user besides our own; numbers among them also by their value */
    size_t nmissing;
    double *values;
    size_t nvalues;
};

/* Where a piece of rows starts in the file: how many of them, and lines, are before it. */
struct csv_piece {
    uint64_t offset, row, line;
};

struct csv_column {
    const char *name;
    bool text; /* its first cell that is not missing is no number */
};

struct csv {
    struct arena arena;
    struct csv_dialect dialect;
    struct csv_column *columns;
    size_t ncolumns;
    size_t *chosen; /* columns of the table, in its order */
    size_t nchosen;
    uint64_t start, line; /* of the first row of data */
    bool counted;
    struct csv_piece *pieces; /* npieces, and one more at the end of the file; known once counted */
    size_t npieces;
    int32_t *targets; /* of each column: where in a row of the result its numbers go; -1: nowhere */
    size_t width;     /* of a row of the result */
};

/* ---- cells ---- */

struct csv_cell {
    const char *begin, *end; /* without blanks around it, and without its quotes */
    bool quoted;
};

static inline bool csv_ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static inline bool csv_is_blank(const struct csv_dialect *d, char c)
{
    return c == ' ' || (c == '\t' && d->delimiter != '\t');
}

/* The cell at p; returns what stands behind it: a delimiter, a line end, or end. NULL: a quote is not closed before
 * end, or something stands behind its closing. */
const char *csv_cell_at(const struct csv_dialect *d, const char *p, const char *end, struct csv_cell *cell);
/* From a cell's end to the next cell; NULL: the row ends there. */
const char *csv_next_cell(const struct csv_dialect *d, const char *p, const char *end);
/* The start of the next row at or behind p, which is the start of a line: blank lines and comments are passed over. */
const char *csv_row_start(const struct csv_dialect *d, const char *p, const char *end);

enum csv_kind {
    CSV_MISSING,
    CSV_NUMBER,
    CSV_WORD
};
/* What the cell is, and its number (NaN for a missing one). NUMBER_PADDING bytes behind it can be read. */
enum csv_kind csv_kind(const struct csv_dialect *d, const struct csv_cell *cell, double *value);
/* NaN for a number that the user called missing. */
void csv_values(const struct csv_dialect *d, double *value);
/* A cell for messages. */
const char *csv_shown(const struct csv_cell *cell, char text[64]);

/* ---- the steps ---- */

/* What --read says of a table. */
struct csv_said {
    bool header_said, header;
    uint64_t skip;       /* lines before the table */
    const char *columns; /* NULL: nothing */
};
/* The dialect as far as --read says it; a delimiter of '\0' is to be looked for. */
sheaf_status csv_settings(const sheaf_file *file, struct csv *csv, struct csv_said *said, sheaf_error *error);
/* Dialect, columns, those chosen, start and line. */
sheaf_status csv_look(sheaf_file *file, struct csv *csv, sheaf_error *error);
/* A column by its name or number, or ncolumns. */
size_t csv_find_column(const struct csv *csv, const char *name, size_t n);
/* The columns of the table: those said (NULL: all that are numbers). */
sheaf_status csv_choose(const sheaf_file *file, struct csv *csv, const char *said, sheaf_error *error);
/* Pieces. */
sheaf_status csv_count(sheaf_file *file, struct csv *csv, sheaf_error *error);
/* Read a piece's rows to `to`; only_check: see whether they are right, each on the last. */
sheaf_status csv_read_piece(sheaf_file *file, const struct csv *csv, size_t piece, double *to, bool only_check,
                            sheaf_error *error);

#endif
