/* Tables of text: .csv, .tsv and their kin. The whole table is the first part, without a name; each column of numbers
 * is one by its name. */

#include "io/csv.h"
#include "base/alloc.h"
#include "base/checked.h"
#include <stdlib.h>
#include <string.h>

static const char *const extensions[] = {".csv", ".CSV", ".tsv", ".TSV", ".tab", ".txt", ".dat", NULL};
static const char *const keys[] = {"delimiter", "decimal", "missing", "columns", "header", "skip", "comment", NULL};

/* The column of this name; then by its number, from 0 on, text ones counted. */
size_t csv_find_column(const struct csv *csv, const char *name, size_t n)
{
    size_t number = 0;
    for (size_t c = 0; c < csv->ncolumns; c++)
        if (strlen(csv->columns[c].name) == n && memcmp(csv->columns[c].name, name, n) == 0)
            return c;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < '0' || name[i] > '9' || number > csv->ncolumns)
            return csv->ncolumns;
        number = number * 10 + (size_t)(name[i] - '0');
    }
    return n && number < csv->ncolumns ? number : csv->ncolumns;
}

static sheaf_status no_column(const sheaf_file *file, const struct csv *csv, const char *name, int n,
                              sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_INVALID,
                           "%s: has no column '%.*s'; it has %zu columns, 0 '%.40s' to %zu '%.40s'; say a name or a "
                           "number",
                           io_shown(file->path, text), n < 60 ? n : 60, name, csv->ncolumns, csv->columns[0].name,
                           csv->ncolumns - 1, csv->columns[csv->ncolumns - 1].name);
}

static sheaf_status choose_said(const sheaf_file *file, struct csv *csv, const char *said, sheaf_error *error)
{
    char text[IO_SHOWN];
    bool *taken = mem_calloc(csv->ncolumns, sizeof *taken);
    sheaf_status status = taken ? SHEAF_OK : io_no_memory(file->path, csv->ncolumns, error);
    for (const char *p = said; p && status == SHEAF_OK;) {
        const size_t n = strcspn(p, ","), c = csv_find_column(csv, p, n);
        if (c == csv->ncolumns) {
            status = no_column(file, csv, p, (int)n, error);
        } else if (taken[c]) {
            status = sheaf_error_set(error, SHEAF_INVALID, "%s: --read columns=%.60s: has '%.60s' twice",
                                     io_shown(file->path, text), said, csv->columns[c].name);
        } else {
            taken[c] = true;
            csv->columns[c].text = false; /* who asks for it wants numbers, or to hear why not */
            csv->chosen[csv->nchosen++] = c;
        }
        p = p[n] ? p + n + 1 : NULL;
    }
    mem_free(taken);
    return status;
}

sheaf_status csv_choose(const sheaf_file *file, struct csv *csv, const char *said, sheaf_error *error)
{
    char text[IO_SHOWN];
    csv->chosen = mem_alloc(csv->ncolumns * sizeof *csv->chosen);
    csv->targets = mem_alloc(csv->ncolumns * sizeof *csv->targets);
    if (!csv->chosen || !csv->targets)
        return io_no_memory(file->path, csv->ncolumns * sizeof *csv->chosen, error);
    if (said)
        return choose_said(file, csv, said, error);
    for (size_t c = 0; c < csv->ncolumns; c++)
        if (!csv->columns[c].text)
            csv->chosen[csv->nchosen++] = c;
    if (csv->nchosen)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: has no column of numbers among its %zu, the first called '%.60s': see whether --read "
                           "delimiter=, decimal= or skip= should say how it is written",
                           io_shown(file->path, text), csv->ncolumns, csv->columns[0].name);
}

static sheaf_status list(sheaf_file *file, sheaf_error *error)
{
    struct csv *csv = file->own = mem_calloc(1, sizeof *csv);
    if (!csv)
        return io_no_memory(file->path, sizeof *csv, error);
    sheaf_status status = csv_look(file, csv, error);
    if (status)
        return status;
    file->names = mem_alloc((csv->nchosen + 1) * sizeof *file->names);
    if (!file->names)
        return io_no_memory(file->path, csv->nchosen * sizeof *file->names, error);
    file->names[file->nparts++] = "";
    for (size_t i = 0; i < csv->nchosen; i++)
        file->names[file->nparts++] = csv->columns[csv->chosen[i]].name;
    return SHEAF_OK;
}

static void close_csv(sheaf_file *file)
{
    struct csv *csv = file->own;
    if (!csv)
        return;
    arena_free(&csv->arena);
    mem_free(csv->chosen);
    mem_free(csv->targets);
    mem_free(csv->pieces);
    mem_free(csv);
}

/* Another name of a part: the column's number. */
static sheaf_status find(sheaf_file *file, const char *name, size_t *part, sheaf_error *error)
{
    const struct csv *csv = file->own;
    char text[IO_SHOWN];
    const size_t c = csv_find_column(csv, name, strlen(name));
    if (c == csv->ncolumns)
        return no_column(file, csv, name, (int)strnlen(name, 60), error);
    for (size_t i = 0; i < csv->nchosen; i++)
        if (csv->chosen[i] == c) {
            *part = i + 1;
            return SHEAF_OK;
        }
    return sheaf_error_set(error, SHEAF_INVALID, "%s: column %zu ('%.60s') %s", io_shown(file->path, text), c,
                           csv->columns[c].name,
                           csv->columns[c].text ? "is text: its first cell that is not missing is no number"
                                                : "is not among those said by --read columns=");
}

/* Where the numbers of each column go when this part is read. */
static void aim(struct csv *csv, size_t part)
{
    for (size_t c = 0; c < csv->ncolumns; c++)
        csv->targets[c] = -1;
    csv->width = part ? 1 : csv->nchosen;
    for (size_t i = part ? part - 1 : 0; i < (part ? part : csv->nchosen); i++)
        csv->targets[csv->chosen[i]] = part ? 0 : (int32_t)i;
}

/* The rows are too many for so few bytes, or the first columns of so many: some row is ragged. Find it. */
static sheaf_status find_ragged(sheaf_file *file, struct csv *csv, sheaf_error *error)
{
    char text[IO_SHOWN];
    double *row = mem_alloc(csv->nchosen * sizeof *row);
    sheaf_status status = row ? SHEAF_OK : io_no_memory(file->path, csv->nchosen * sizeof *row, error);
    aim(csv, 0);
    for (size_t piece = 0; piece < csv->npieces && status == SHEAF_OK; piece++)
        status = csv_read_piece(file, csv, piece, row, true, error);
    mem_free(row);
    if (status)
        return status;
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: changed while it was read; read it again",
                           io_shown(file->path, text));
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    struct csv *csv = file->own;
    *info = (sheaf_file_info){.format = "csv", .dtype = SHEAF_F64, .ndim = part ? 1 : 2};
    sheaf_status status = csv_count(file, csv, error);
    if (status)
        return status;
    const uint64_t rows = csv->pieces[csv->npieces].row, bytes = csv->pieces[csv->npieces].offset - csv->start;
    /* A row has a delimiter between any two cells, and an end. */
    size_t least;
    if (!size_mul(rows, csv->ncolumns, &least) || least > bytes + 1)
        return find_ragged(file, csv, error);
    info->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    info->shape[0] = (int64_t)rows;
    info->shape[1] = part ? 0 : (int64_t)csv->nchosen;
    info->data_bytes = rows * (part ? 1 : csv->nchosen) * sizeof(double);
    return SHEAF_OK;
}

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    struct csv *csv = in->file->own;
    aim(csv, in->part);
    in->npieces = csv->npieces;
    in->piece_bytes = CSV_PIECE;
    sheaf_status status = io_reserve(buffer, (size_t)in->info.data_bytes, 0, in->path, error);
    return status ? status : plain_view(&in->info, buffer->data, view, error);
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    const struct csv *csv = in->file->own;
    return csv_read_piece(in->file, csv, piece, (double *)view->data + csv->pieces[piece].row * csv->width, false,
                          error);
}

static const char *const called[] = {".csv", ".tsv", ".tab", NULL};

const struct io_format format_csv = {
    .name = "csv",
    .called = called,
    .extensions = extensions,
    .keys = keys,
    .open = list,
    .close = close_csv,
    .find = find,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
};
