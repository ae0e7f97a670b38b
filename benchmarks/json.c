#include "json.h"
#include <ctype.h>
#include <string.h>

struct reader {
    const char *p;
    char place[256], value[1024];
    json_visit *visit;
    void *context;
    int depth;
};

static bool read_value(struct reader *r);

static void skip_space(struct reader *r)
{
    while (isspace((unsigned char)*r->p))
        r->p++;
}

static bool accept(struct reader *r, char c)
{
    skip_space(r);
    if (*r->p != c)
        return false;
    r->p++;
    return true;
}

/* A string, cut to the buffer's size. */
static bool read_string(struct reader *r, char *out, size_t size)
{
    size_t n = 0;
    if (!accept(r, '"'))
        return false;
    for (; *r->p && *r->p != '"'; r->p++) {
        if (n + 1 < size)
            out[n++] = *r->p;
        if (*r->p == '\\' && r->p[1]) {
            r->p++;
            if (n + 1 < size)
                out[n++] = *r->p;
        }
    }
    out[n] = '\0';
    return accept(r, '"');
}

static bool read_members(struct reader *r, char end)
{
    size_t length = strlen(r->place);
    if (accept(r, end))
        return true;
    for (int i = 0;; i++) {
        char key[64];
        if (end == ']')
            snprintf(key, sizeof key, "%d", i);
        else if (!read_string(r, key, sizeof key) || !accept(r, ':'))
            return false;
        snprintf(r->place + length, sizeof r->place - length, "%s%s", length ? "." : "", key);
        bool ok = read_value(r);
        r->place[length] = '\0';
        if (!ok)
            return false;
        if (accept(r, end))
            return true;
        if (!accept(r, ','))
            return false;
    }
}

static bool read_value(struct reader *r)
{
    bool ok = true;
    skip_space(r);
    if (*r->p == '{' || *r->p == '[') {
        char end = *r->p == '{' ? '}' : ']';
        r->p++;
        ok = r->depth++ < 16 && read_members(r, end);
        r->depth--;
        return ok;
    }
    if (*r->p == '"') {
        ok = read_string(r, r->value, sizeof r->value);
    } else {
        size_t n = strcspn(r->p, ",]} \t\r\n");
        ok = n > 0 && n < sizeof r->value;
        if (ok) {
            memcpy(r->value, r->p, n);
            r->value[n] = '\0';
            r->p += n;
        }
    }
    if (ok)
        r->visit(r->context, r->place, r->value);
    return ok;
}

bool json_walk(const char *text, json_visit *visit, void *context)
{
    struct reader r = {.p = text, .visit = visit, .context = context};
    bool ok = read_value(&r);
    skip_space(&r);
    return ok && !*r.p;
}

void json_string(FILE *f, const char *text)
{
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(f, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(f, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, f);
    }
    fputc('"', f);
}
