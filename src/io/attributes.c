/* Attributes as numbers and as text. */

#include "io/attributes.h"
#include <stdio.h>
#include <string.h>

enum {
    SHOWN_MOST = 24,
    SHOWN_EACH = 32
};

const struct io_attribute *attribute_find(const struct io_attributes *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->at[i].name, name) == 0)
            return &all->at[i];
    return NULL;
}

const char *attribute_text(const struct io_attributes *all, const char *name)
{
    const struct io_attribute *a = attribute_find(all, name);
    return a && !a->values ? a->text : "";
}

bool attribute_number(const struct io_attribute *a, size_t i, double *out)
{
    sheaf_view from, to;
    int64_t one = 1;
    if (!a || !a->values || i >= a->n || a->dtype == SHEAF_C64 || a->dtype == SHEAF_C128)
        return false;
    char *value = (char *)a->values + i * sheaf_dtype_size(a->dtype);
    return sheaf_view_init(&from, value, a->dtype, 1, &one, NULL) == SHEAF_OK &&
           sheaf_view_init(&to, out, SHEAF_F64, 1, &one, NULL) == SHEAF_OK &&
           sheaf_view_copy(&from, &to, NULL) == SHEAF_OK;
}

/* One number as it reads back to the same bits. */
static int show_number(const struct io_attribute *a, size_t i, char text[SHOWN_EACH])
{
    double value;
    if (a->dtype == SHEAF_I64)
        return snprintf(text, SHOWN_EACH, "%lld", (long long)((const int64_t *)a->values)[i]);
    if (a->dtype == SHEAF_U64)
        return snprintf(text, SHOWN_EACH, "%llu", (unsigned long long)((const uint64_t *)a->values)[i]);
    if (!attribute_number(a, i, &value))
        return snprintf(text, SHOWN_EACH, "?");
    if (a->dtype != SHEAF_F64)
        return snprintf(text, SHOWN_EACH, "%.*g", a->dtype == SHEAF_F32 ? 9 : 10, value);
    int n = snprintf(text, SHOWN_EACH, "%.15g", value);
    double back = 0;
    return sscanf(text, "%lf", &back) == 1 && back == value ? n : snprintf(text, SHOWN_EACH, "%.17g", value);
}

bool attribute_show(struct arena *arena, struct io_attribute *a)
{
    char text[SHOWN_MOST * (SHOWN_EACH + 2) + 8];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < a->n && i < SHOWN_MOST; i++) {
        if (i)
            at += (size_t)snprintf(text + at, 3, ", ");
        at += (size_t)show_number(a, i, text + at);
    }
    if (a->n > SHOWN_MOST)
        snprintf(text + at, 8, ", ...");
    return (a->text = arena_strdup(arena, text)) != NULL;
}

bool attribute_has_word(const char *words, const char *word)
{
    static const char space[] = " \t\n\r";
    const size_t length = strlen(word);
    for (words += strspn(words, space); *words; words += strspn(words, space)) {
        size_t n = strcspn(words, space);
        if (n == length && memcmp(words, word, n) == 0)
            return true;
        words += n;
    }
    return false;
}

void io_native(sheaf_dtype dtype, bool big_endian, size_t n, void *data)
{
    sheaf_file_info info = {.dtype = dtype, .big_endian = big_endian};
    plain_native(&info, 0, n * sheaf_dtype_size(dtype), &(sheaf_view){.data = data});
}
