#ifndef SHEAF_IO_ATTRIBUTES_H
#define SHEAF_IO_ATTRIBUTES_H

/* What self-describing files say about their arrays. */

#include "base/arena.h"
#include "io/format.h"

struct io_attribute {
    const char *name, *text; /* text: the value itself, or its numbers as one reads them */
    const void *values;      /* n native numbers of dtype; NULL: the value is text */
    sheaf_dtype dtype;
    size_t n;
};

struct io_attributes {
    struct io_attribute *at;
    size_t n;
};

/* NULL: there is none. */
const struct io_attribute *attribute_find(const struct io_attributes *all, const char *name);
/* The text of a text attribute, "" where there is none. */
const char *attribute_text(const struct io_attributes *all, const char *name);
/* Its i-th number; false where it is text, complex or shorter. */
bool attribute_number(const struct io_attribute *a, size_t i, double *out);
/* Set text from the numbers, the first of many; false: no memory. */
bool attribute_show(struct arena *arena, struct io_attribute *a);
/* Whether a list of words, with white space between, has this one. */
bool attribute_has_word(const char *words, const char *word);
/* n elements made native, in place. */
void io_native(sheaf_dtype dtype, bool big_endian, size_t n, void *data);

/* How n native elements become what a view holds; in place, where their size stays. */
struct io_convert {
    void (*run)(const struct io_convert *c, size_t n, const void *from, void *to);
};

#endif
