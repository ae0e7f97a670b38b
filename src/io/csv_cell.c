/* Cells of a table of text, one at a time. */

#include "io/csv.h"
#include "io/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Words for "no value here", in any case; docs/formats.md lists them. */
static const char *const missing_words[] = {"",     "NA",      "N/A",      "#N/A",   "#NA",     "<NA>",  "NaN",
                                            "-NaN", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND", "null",  "(null)",
                                            "none", "missing", ".",        "-",      "--",      "---",   "?",
                                            "*",    "**",      "***",      "****",   "...",     "\u2026"};

const char *csv_cell_at(const struct csv_dialect *d, const char *p, const char *end, struct csv_cell *cell)
{
    while (p < end && csv_is_blank(d, *p))
        p++;
    cell->quoted = p < end && *p == '"';
    if (cell->quoted) {
        cell->begin = ++p;
        for (;;) {
            const char *quote = memchr(p, '"', (size_t)(end - p));
            if (!quote)
                return NULL;
            p = quote + 1;
            if (p == end || *p != '"') {
                cell->end = quote;
                break;
            }
            p++;
        }
        while (p < end && !d->blanks && csv_is_blank(d, *p))
            p++;
        return p == end || *p == d->delimiter || (d->blanks && *p == '\t') || csv_ends_line(*p) ? p : NULL;
    }
    cell->begin = p;
    while (p < end && *p != d->delimiter && !csv_ends_line(*p) && !(d->blanks && *p == '\t'))
        p++;
    cell->end = p;
    while (cell->end > cell->begin && csv_is_blank(d, cell->end[-1]))
        cell->end--;
    return p;
}

const char *csv_next_cell(const struct csv_dialect *d, const char *p, const char *end)
{
    if (!d->blanks)
        return p < end && *p == d->delimiter ? p + 1 : NULL;
    while (p < end && csv_is_blank(d, *p))
        p++;
    return p < end && !csv_ends_line(*p) ? p : NULL;
}

const char *csv_row_start(const struct csv_dialect *d, const char *p, const char *end)
{
    for (;;) {
        const char *q = p;
        while (q < end && csv_is_blank(d, *q))
            q++;
        if (q == end)
            return end;
        if (d->comment && *q == d->comment)
            while (q < end && !csv_ends_line(*q))
                q++;
        else if (!csv_ends_line(*q))
            return d->blanks ? q : p;
        if (q == end)
            return end;
        p = q + 1;
    }
}

static bool equals(const struct csv_cell *cell, const char *word)
{
    const size_t n = (size_t)(cell->end - cell->begin);
    return strncasecmp(cell->begin, word, n) == 0 && word[n] == '\0';
}

static bool is_missing(const struct csv_dialect *d, const struct csv_cell *cell)
{
    const size_t n = (size_t)(cell->end - cell->begin);
    for (size_t i = 0; i < d->nmissing; i++)
        if (strlen(d->missing[i]) == n && memcmp(d->missing[i], cell->begin, n) == 0)
            return true;
    for (size_t i = 0; i < sizeof missing_words / sizeof *missing_words; i++)
        if (n < 16 && strlen(missing_words[i]) == n && equals(cell, missing_words[i]))
            return true;
    return false;
}

void csv_values(const struct csv_dialect *d, double *value)
{
    for (size_t i = 0; i < d->nvalues; i++)
        if (*value == d->values[i])
            *value = NAN;
}

enum csv_kind csv_kind(const struct csv_dialect *d, const struct csv_cell *cell, double *value)
{
    const char *begin = cell->begin;
    struct csv_cell inner = *cell;
    while (cell->quoted && inner.begin < inner.end && csv_is_blank(d, *inner.begin))
        begin = ++inner.begin;
    while (cell->quoted && inner.end > inner.begin && csv_is_blank(d, inner.end[-1]))
        inner.end--;
    if (begin < inner.end && number_read_any(begin, d->decimal, value) == inner.end) {
        csv_values(d, value);
        return isnan(*value) ? CSV_MISSING : CSV_NUMBER;
    }
    *value = NAN;
    return is_missing(d, &inner) ? CSV_MISSING : CSV_WORD;
}

const char *csv_shown(const struct csv_cell *cell, char text[64])
{
    size_t at = 0;
    for (const char *p = cell->begin; p < cell->end; p++) {
        if (at > 40) {
            strcpy(text + at, "...");
            return text;
        }
        const unsigned char c = (unsigned char)*p;
        if (c >= 32 && c < 127)
            text[at++] = *p;
        else
            at += (size_t)snprintf(text + at, 64 - at, "\\x%02x", c);
    }
    text[at] = '\0';
    return text;
}
