#ifndef SHEAF_CLI_TABLE_H
#define SHEAF_CLI_TABLE_H

/* An aligned table for the eye. Numbers are right-aligned with up to six significant digits, whole ones in full. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
    char **cells;
    size_t n, capacity;
    size_t columns; /* cells of one row */
};

void table_add(struct table *t, const char *text, size_t n);
/* Fill the table from CSV text (RFC 4180), whose first line is the header. */
void table_from_csv(struct table *t, const char *csv, size_t n);
/* The first row is the header; the first column is always text. */
void table_print(const struct table *t, FILE *out, bool bold_header);
void table_free(struct table *t);

#endif
