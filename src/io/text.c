#include "io/io.h"

#include "base/alloc.h"
#include "base/checked.h"
#include <string.h>

/* Room for n more bytes. */
static bool reserve(struct io_text *t, size_t n)
{
    size_t least, capacity;
    if (!size_add(t->n, n, &least))
        return false;
    if (least <= t->capacity)
        return true;
    if (!size_add(least, least / 2 + 256, &capacity))
        return false;
    char *data = mem_realloc(t->data, capacity);
    if (!data)
        return false;
    t->data = data;
    t->capacity = capacity;
    return true;
}

unsigned char *io_text_room(struct io_text *t, size_t n)
{
    if (!reserve(t, n))
        return NULL;
    t->n += n;
    return (unsigned char *)t->data + t->n - n;
}

bool io_text_add(struct io_text *t, const char *text, size_t n)
{
    if (!reserve(t, n))
        return false;
    if (n)
        memcpy(t->data + t->n, text, n);
    t->n += n;
    return true;
}

bool io_text_field(struct io_text *t, const char *text)
{
    size_t n = strlen(text), quotes = 0, most;
    if (!text[strcspn(text, ",\"\r\n")])
        return io_text_add(t, text, n);
    for (const char *p = text; *p; p++)
        quotes += *p == '"';
    if (!size_add(n, quotes + 2, &most) || !reserve(t, most))
        return false;
    char *to = t->data + t->n;
    *to++ = '"';
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            *to++ = '"';
        *to++ = *p;
    }
    *to = '"';
    t->n += most;
    return true;
}

void io_text_free(struct io_text *t)
{
    mem_free(t->data);
    *t = (struct io_text){0};
}
