#ifndef SHEAF_TEST_OPTIONS_H
#define SHEAF_TEST_OPTIONS_H

/* Options of a call from words such as "window=5" or "shape=2,3". */

#include <sheaf/options.h>
#include <stdlib.h>
#include <string.h>

/* SHEAF_DTYPE_COUNT: there is no such dtype. */
static inline sheaf_dtype option_dtype(const char *name)
{
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (strcmp(sheaf_dtype_name((sheaf_dtype)d), name) == 0)
            return (sheaf_dtype)d;
    return SHEAF_DTYPE_COUNT;
}

/* The numbers of a text, separated by commas; how many. */
static inline int option_list(const char *text, int64_t *values)
{
    int n = 0;
    for (char *end; *text && n < 2 * SHEAF_MAX_NDIM; text = *end ? end + 1 : end)
        values[n++] = strtoll(text, &end, 10);
    return n;
}

/* What is neither one number nor one word. */
static inline bool option_set_other(sheaf_options *o, const char *word, const char *value, const int64_t *list, int n,
                                    const sheaf_view *(*view)(const char *name))
{
    if (strncmp(word, "axis=", 5) == 0) {
        o->naxes = n;
        for (int i = 0; i < n; i++)
            o->axes[i] = (int)list[i];
    } else if (strncmp(word, "widths=", 7) == 0) {
        o->nwidths = n / 2;
        for (int i = 0; i < n; i++)
            o->widths[i / 2][i % 2] = list[i];
    } else if (strncmp(word, "range=", 6) == 0) {
        char *end;
        o->range[0] = strtod(value, &end);
        o->range[1] = strtod(end + 1, NULL);
    } else if (strncmp(word, "edges=", 6) == 0) {
        o->edges = view(value);
    } else if (strncmp(word, "weights=", 8) == 0) {
        o->weights = view(value);
    } else if (strncmp(word, "dtype=", 6) == 0) {
        o->dtype = option_dtype(value);
    } else {
        return false;
    }
    return true;
}

/* Set what one "name=value" says; false: no option. Words are copied and never freed. view finds the arrays that
 * options name. */
static inline bool option_set(sheaf_options *o, const char *word, const sheaf_view *(*view)(const char *name))
{
    const char *value = strchr(word, '=');
    if (!value++)
        return false;
    const size_t length = (size_t)(value - 1 - word);
    int64_t list[2 * SHEAF_MAX_NDIM];
    const int n = option_list(value, list);
#define IS(name) (strlen(name) == length && memcmp(word, name, length) == 0)
#define SET(field, to) \
    if (IS(#field)) {  \
        o->field = to; \
        return true;   \
    }
#define WORD(field) SET(field, strdup(value))
#define TRUTH(field) SET(field, list[0] != 0)
#define WHOLE(field) SET(field, list[0])
#define NUMBER(field) SET(field, strtod(value, NULL))
#define LIST(field, type)                \
    if (IS(#field)) {                    \
        o->n##field = n;                 \
        for (int i = 0; i < n; i++)      \
            o->field[i] = (type)list[i]; \
        return true;                     \
    }
    WORD(method)
    WORD(mode)
    WORD(side)
    TRUTH(right)
    TRUTH(center)
    TRUTH(adjust)
    TRUTH(keepdims)
    WHOLE(k)
    WHOLE(bins)
    WHOLE(minlength)
    WHOLE(sections)
    WHOLE(window)
    WHOLE(min_count)
    WHOLE(num)
    NUMBER(ddof)
    NUMBER(alpha)
    NUMBER(value)
    NUMBER(start)
    NUMBER(stop)
    NUMBER(step)
    LIST(shape, int64_t)
    LIST(shift, int64_t)
    LIST(repeats, int64_t)
    LIST(destination, int)
#undef IS
#undef SET
#undef WORD
#undef TRUTH
#undef WHOLE
#undef NUMBER
#undef LIST
    return option_set_other(o, word, value, list, n, view);
}

#endif
