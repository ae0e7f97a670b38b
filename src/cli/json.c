#include "json.h"
#include "cli.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the well-formed UTF-8 sequence at p, 0 when there is none. */
static int utf8_length(const unsigned char *p)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    int n = *p < 0x80 ? 1 : (*p & 0xe0) == 0xc0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 : (*p & 0xf8) == 0xf0 ? 4 : 0;
    if (n <= 1)
        return n;
    unsigned code = *p & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    bool bad = code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
    return bad ? 0 : n;
}

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        int n = utf8_length(p);
        if (n == 0)
            fprintf(out, "\\udc%02x", *p++);
        else if (n > 1)
            for (; n > 0; n--)
                putc(*p++, out);
        else if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p++);
        else if (*p == '\n')
            fputs((p++, "\\n"), out);
        else if (*p == '\t')
            fputs((p++, "\\t"), out);
        else if (*p < 0x20 || *p == 0x7f)
            fprintf(out, "\\u%04x", *p++);
        else
            putc(*p++, out);
    }
    putc('"', out);
}

static void start(struct json *j, const char *key)
{
    if (j->filled)
        putc(',', j->out);
    if (j->flat)
        fputs(j->filled ? " " : "", j->out);
    else if (j->depth > 0)
        fprintf(j->out, "\n%*s", 2 * j->depth, "");
    if (key) {
        put_string(j->out, key);
        fputs(": ", j->out);
    }
    j->filled = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
    start(j, key);
    putc(bracket, j->out);
    j->depth++;
    j->filled = false;
}

void json_close(struct json *j, char bracket)
{
    j->depth--;
    if (j->filled && !j->flat)
        fprintf(j->out, "\n%*s", 2 * j->depth, "");
    if (j->depth < j->flat)
        j->flat = 0;
    putc(bracket, j->out);
    if (j->depth == 0)
        putc('\n', j->out);
    j->filled = true;
}

void json_text(struct json *j, const char *key, const char *text)
{
    start(j, key);
    put_string(j->out, text);
}

void json_real(struct json *j, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(j, key);
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (back <= value && back >= value)
            break;
    }
    start(j, key);
    fputs(text, j->out);
}

void json_whole(struct json *j, const char *key, int64_t value)
{
    start(j, key);
    fprintf(j->out, "%lld", (long long)value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    start(j, key);
    fputs(value ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
    start(j, key);
    fputs("null", j->out);
}

int json_file(const char *path, const char *what, void (*body)(struct json *j, void *user), void *user)
{
    char *temporary = NULL;
    bool written = false;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        temporary = must(NULL);
    mode_t mask = umask(0);
    umask(mask);
    int fd = mkstemp(temporary);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file) {
        struct json j = {.out = file};
        body(&j, user);
        bool whole = fchmod(fd, 0666 & ~mask) == 0 && !ferror(file);
        whole = fclose(file) == 0 && whole;
        written = whole && rename(temporary, path) == 0;
    }
    if (!written) {
        complain(NO_OUTPUT, "cannot write the %s '%s': %s", what, path, strerror(errno));
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
    return written ? DONE : NO_OUTPUT;
}
