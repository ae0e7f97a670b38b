#include "table.h"
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void table_add(struct table *t, const char *text, size_t n)
{
    if (t->n == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 256;
        t->cells = must(realloc(t->cells, t->capacity * sizeof *t->cells));
    }
    t->cells[t->n++] = must(strndup(text, n));
}

void table_free(struct table *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->cells[i]);
    free(t->cells);
    *t = (struct table){0};
}

void table_from_csv(struct table *t, const char *csv, size_t n)
{
    char *cell = must(malloc(n + 1));
    for (size_t i = 0; i < n;) {
        size_t k = 0;
        bool quoted = csv[i] == '"';
        for (i += quoted; i < n; i++) {
            if (quoted && csv[i] == '"') {
                if (i + 1 < n && csv[i + 1] == '"')
                    i++;
                else {
                    quoted = false;
                    continue;
                }
            } else if (!quoted && (csv[i] == ',' || csv[i] == '\n' || csv[i] == '\r'))
                break;
            cell[k++] = csv[i];
        }
        table_add(t, cell, k);
        if (i < n && csv[i] == '\r')
            i++;
        if (!t->columns && (i >= n || csv[i] == '\n'))
            t->columns = t->n;
        i++;
        if (i == n && csv[n - 1] == ',')
            table_add(t, "", 0);
    }
    free(cell);
}

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && !*end;
}

/* The cell as shown, to be freed. */
static char *shown(const char *text, bool number)
{
    char *out = NULL;
    size_t n = 0;
    if (number && *text && text[strspn(text, "+-0123456789")] && is_number(text)) {
        if (asprintf(&out, "%.6g", strtod(text, NULL)) < 0)
            out = NULL;
        return must(out);
    }
    FILE *memory = must(open_memstream(&out, &n));
    put_visible(memory, text);
    fclose(memory);
    return must(out);
}

/* Columns on the terminal; bytes where the locale cannot tell. */
static int width_of(const char *text)
{
    wchar_t wide[512];
    size_t n = mbstowcs(wide, text, sizeof wide / sizeof *wide);
    int width = n == (size_t)-1 || n == sizeof wide / sizeof *wide ? -1 : wcswidth(wide, n);
    return width < 0 ? (int)strlen(text) : width;
}

static bool column_is_number(const struct table *t, size_t column)
{
    if (column == 0)
        return false;
    for (size_t i = t->columns + column; i < t->n; i += t->columns)
        if (*t->cells[i] && !is_number(t->cells[i]))
            return false;
    return true;
}

static void print_cell(FILE *out, const char *text, int width, bool right, bool last)
{
    int pad = width - width_of(text);
    if (right)
        fprintf(out, "%*s%s", pad, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
}

void table_print(const struct table *t, FILE *out, bool bold_header)
{
    if (!t->columns)
        return;
    int *widths = must(calloc(t->columns, sizeof *widths));
    bool *numbers = must(calloc(t->columns, sizeof *numbers));
    char **texts = must(calloc(t->n, sizeof *texts));
    for (size_t c = 0; c < t->columns; c++)
        numbers[c] = column_is_number(t, c);
    for (size_t i = 0; i < t->n; i++) {
        size_t c = i % t->columns;
        texts[i] = shown(t->cells[i], numbers[c] && i >= t->columns);
        int width = width_of(texts[i]);
        if (width > widths[c])
            widths[c] = width;
    }
    for (size_t i = 0; i < t->n; i++) {
        size_t c = i % t->columns;
        bool header = bold_header && i < t->columns, last = c + 1 == t->columns;
        fputs(header ? "\033[1m" : "", out);
        print_cell(out, texts[i], widths[c], numbers[c], last);
        fputs(header ? "\033[0m" : "", out);
        fputs(last ? "\n" : "  ", out);
        free(texts[i]);
    }
    free(texts);
    free(numbers);
    free(widths);
}
