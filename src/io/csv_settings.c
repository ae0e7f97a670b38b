/* What --read says of a table of text. */

#include "base/arena.h"
#include "io/csv.h"
#include "io/number.h"
#include <stdlib.h>
#include <string.h>

static sheaf_status wrong(const sheaf_file *file, const char *key, const char *expected, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_INVALID, "%s: --read %s=%.60s: %s", io_shown(file->path, text), key,
                           read_value(file->read, key), expected);
}

/* One character, or a word for it; false: neither. */
static bool character(const char *value, char *out)
{
    static const struct {
        const char *word;
        char c;
    } words[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},   {"\\t", '\t'},
                 {"pipe", '|'},  {"space", ' '},     {"blanks", ' '}, {"point", '.'}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i].word) == 0) {
            *out = words[i].c;
            return true;
        }
    *out = value[0];
    return value[0] && !value[1];
}

static sheaf_status read_characters(const sheaf_file *file, struct csv_dialect *d, sheaf_error *error)
{
    const char *delimiter = read_value(file->read, "delimiter"), *decimal = read_value(file->read, "decimal"),
               *comment = read_value(file->read, "comment");
    *d = (struct csv_dialect){.decimal = '.', .comment = '#'};
    if (delimiter && (!character(delimiter, &d->delimiter) || strchr("\"\r\n.0123456789+-", d->delimiter)))
        return wrong(file, "delimiter", "is a character, or comma, semicolon, tab, pipe or blanks", error);
    if (decimal && (!character(decimal, &d->decimal) || !strchr(".,", d->decimal)))
        return wrong(file, "decimal", "is either . (point) or , (comma)", error);
    if (comment && (strcmp(comment, "none") == 0 || !*comment))
        d->comment = '\0';
    else if (comment && (!character(comment, &d->comment) || strchr("\"\r\n \t", d->comment)))
        return wrong(file, "comment", "is the character that starts a comment, or none", error);
    if (d->delimiter == d->decimal)
        return wrong(file, delimiter ? "delimiter" : "decimal", "is the decimal sign too", error);
    if (d->delimiter && d->delimiter == d->comment)
        return wrong(file, "delimiter", "starts comments too: say --read comment=none", error);
    d->blanks = d->delimiter == ' ';
    return SHEAF_OK;
}

/* Words with commas between; those that are numbers count by their value too. */
static sheaf_status read_missing(const sheaf_file *file, struct csv *csv, sheaf_error *error)
{
    struct csv_dialect *d = &csv->dialect;
    const char *said = read_value(file->read, "missing");
    if (!said)
        return SHEAF_OK;
    size_t n = 1;
    for (const char *p = said; *p; p++)
        n += *p == ',';
    char *text = arena_alloc(&csv->arena, strlen(said) + NUMBER_PADDING, 1);
    d->missing = arena_alloc(&csv->arena, n * sizeof *d->missing, sizeof *d->missing);
    d->values = arena_alloc(&csv->arena, n * sizeof *d->values, sizeof *d->values);
    if (!text || !d->missing || !d->values)
        return io_no_memory(file->path, n * sizeof *d->missing, error);
    memset(text, 0, strlen(said) + NUMBER_PADDING);
    memcpy(text, said, strlen(said));
    for (char *word = text, *comma; word; word = comma) {
        double value;
        comma = strchr(word, ',');
        if (comma)
            *comma++ = '\0';
        const char *end = number_read_any(word, '.', &value);
        if (end && !*end)
            d->values[d->nvalues++] = value;
        d->missing[d->nmissing++] = word;
    }
    return SHEAF_OK;
}

sheaf_status csv_settings(const sheaf_file *file, struct csv *csv, struct csv_said *said, sheaf_error *error)
{
    const char *header = read_value(file->read, "header"), *skip = read_value(file->read, "skip");
    *said = (struct csv_said){.header_said = header, .columns = read_value(file->read, "columns")};
    sheaf_status status = read_characters(file, &csv->dialect, error);
    if (status == SHEAF_OK)
        status = read_missing(file, csv, error);
    if (status)
        return status;
    said->header = header && strcmp(header, "yes") == 0;
    if (header && !said->header && strcmp(header, "no") != 0)
        return wrong(file, "header", "is either yes or no", error);
    if (skip && (!*skip || skip[strspn(skip, "0123456789")] || strlen(skip) > 9))
        return wrong(file, "skip", "is a number of lines", error);
    said->skip = skip ? strtoull(skip, NULL, 10) : 0;
    return SHEAF_OK;
}
