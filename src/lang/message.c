/* Messages that show the place in the text. */

#include "lang/ast.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WINDOW 100 /* bytes of a line that are shown */

/* Whether a character takes two columns of a terminal: the wide blocks of Unicode's East Asian Width. */
static bool is_wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) ||
           (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
           (c >= 0x20000 && c <= 0x3fffd);
}

static bool is_combining(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f);
}

/* The character at s, and how many bytes it takes: 1 for what is no UTF-8. */
static int decode(const char *s, const char *end, uint32_t *c)
{
    const unsigned char *p = (const unsigned char *)s;
    const int n = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    *c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    if (end - s < n)
        return 1;
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
        *c = *c << 6 | (p[i] & 0x3f);
    }
    return n;
}

/* As many blanks as the text from s to end takes columns. */
static size_t indent(const char *s, const char *end, char *to, size_t room)
{
    size_t n = 0;
    uint32_t c;
    for (; s < end && n + 2 < room; s += decode(s, end, &c)) {
        decode(s, end, &c);
        if (is_combining(c))
            continue;
        to[n++] = ' ';
        if (is_wide(c))
            to[n++] = ' ';
    }
    to[n] = '\0';
    return n;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The part of the line around `at` that is shown: [*begin, *end). */
static void window(const struct tree *tree, int at, int *begin, int *end)
{
    const char *text = tree->text;
    const int length = (int)tree->length;
    for (*begin = at; *begin > 0 && text[*begin - 1] != '\n';)
        --*begin;
    for (*end = at; *end < length && text[*end] != '\n';)
        ++*end;
    if (*end - *begin > WINDOW) {
        int from = at - WINDOW / 2;
        *begin = from > *begin ? from : *begin;
        *end = *begin + WINDOW < *end ? *begin + WINDOW : *end;
    }
    while (*begin < at && continues(text[*begin]))
        ++*begin;
    while (*end > at && *end < length && continues(text[*end]))
        --*end;
}

sheaf_status tree_refuse(const struct tree *tree, struct span here, sheaf_status status, sheaf_error *error,
                         const char *format, ...)
{
    char message[300], blanks[2 * WINDOW + 4], line[WINDOW + 1];
    int begin, end;
    va_list list;
    if (!error)
        return status;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    int at = here.at < (int)tree->length ? here.at : (int)tree->length;
    window(tree, at, &begin, &end);
    indent(tree->text + begin, tree->text + at, blanks, sizeof blanks);
    for (int i = begin; i < end; i++) {
        const unsigned char c = (unsigned char)tree->text[i];
        line[i - begin] = c < 32 || c == 127 ? ' ' : (char)c;
    }
    line[end - begin] = '\0';
    if (begin == end)
        return sheaf_error_set(error, status, "%s", message);
    return sheaf_error_set(error, status, "%s\n  %s\n  %s^", message, line, blanks);
}
