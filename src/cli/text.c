#include "cli.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum {
    COLOR_AUTO,
    COLOR_ALWAYS,
    COLOR_NEVER
} color = COLOR_AUTO;

bool color_choose(const char *when)
{
    if (strcmp(when, "auto") == 0)
        color = COLOR_AUTO;
    else if (strcmp(when, "always") == 0)
        color = COLOR_ALWAYS;
    else if (strcmp(when, "never") == 0)
        color = COLOR_NEVER;
    else
        return false;
    return true;
}

bool color_on(FILE *out)
{
    if (color != COLOR_AUTO)
        return color == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if ((no_color && *no_color) || (term && strcmp(term, "dumb") == 0))
        return false;
    return isatty(fileno(out));
}

void put_visible(FILE *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '\n')
            fputs("\\n", out);
        else if (*p == '\t')
            fputs("\\t", out);
        else if (*p < 0x20 || *p == 0x7f)
            fprintf(out, "\\x%02x", *p);
        else
            putc(*p, out);
    }
}

/* Messages show a line of a program below them: indented lines stay lines. */
static void put_message(FILE *out, char *text)
{
    for (char *next; (next = strstr(text, "\n  ")); text = next + 1) {
        *next = '\0';
        put_visible(out, text);
        putc('\n', out);
    }
    put_visible(out, text);
}

static void say(const char *prefix, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        return;
    fflush(stdout);
    fputs(prefix, stderr);
    put_message(stderr, text);
    putc('\n', stderr);
    free(text);
}

int complain(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(color_on(stderr) ? "\033[1;31msheaf:\033[0m " : "sheaf: ", format, arguments);
    va_end(arguments);
    return status;
}

void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

int word_distance(const char *a, const char *b)
{
    enum {
        LONGEST = 40
    };
    size_t na = strlen(a), nb = strlen(b);
    if (na > LONGEST || nb > LONGEST)
        return LONGEST;
    int d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++)
        for (size_t j = 0; j <= nb; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (int)(i + j);
                continue;
            }
            int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[na][nb];
}

bool word_near(const char *word, const char *near)
{
    size_t n = strlen(near);
    return word_distance(word, near) <= (n < 4 ? 1 : n < 8 ? 2 : 3);
}

const char *bytes_text(double bytes)
{
    static char buffers[4][24];
    static unsigned turn;
    char *text = buffers[turn++ % 4];
    const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    while (bytes >= 999.5 && u + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        u++;
    }
    snprintf(text, sizeof buffers[0], u == 0 || bytes >= 99.5 ? "%.0f %s" : "%.1f %s", bytes, units[u]);
    return text;
}

const char *shape_text(int ndim, const int64_t *shape)
{
    static char text[16 * 22 + 4];
    size_t n = 0;
    text[n++] = '(';
    for (int i = 0; i < ndim; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld", i ? ", " : "", (long long)shape[i]);
    snprintf(text + n, sizeof text - n, ndim == 1 ? ",)" : ")");
    return text;
}

bool text_ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

void *must(void *p)
{
    if (!p)
        exit(complain(NO_OUTPUT, "out of memory"));
    return p;
}

/* Whether stdout is a pipe that nobody reads any more. */
static bool reader_gone(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* Why the first write that failed did. */
static int stdout_reason;

bool flush_stdout(void)
{
    errno = 0;
    if (fflush(stdout) == 0)
        return true;
    if (!stdout_reason)
        stdout_reason = errno;
    return false;
}

int finish_stdout(int status)
{
    bool failed = !flush_stdout();
    int reason = stdout_reason;
    if (!failed && !ferror(stdout))
        return status;
    if (reason == EPIPE || reader_gone())
        return BROKEN_PIPE;
    return complain(NO_OUTPUT, "cannot write to standard output: %s", reason ? strerror(reason) : "write error");
}
