#ifndef SHEAF_BATCH_ITEMS_H
#define SHEAF_BATCH_ITEMS_H

/* The items of a batch, stored compactly: a million of them must be cheap. */

#include "base/arena.h"
#include <limits.h>
#include <sheaf/io.h>
#include <sheaf/map.h>
#include <stdatomic.h>
#include <string.h>

/* Arrays of one item in memory. */
#define ITEM_MAX_INPUTS 16

/* A view with only the dimensions it has: shape, then strides. */
struct packed_view {
    void *data;
    int32_t dtype, ndim;
    int64_t dims[];
};

struct item {
    const char *name; /* path, or given name; NULL: "[index]". Of several files: the paths, each ended by NUL */
    const struct packed_view *views; /* count of them, one behind the other; NULL: files */
    int32_t count;
    int32_t joins; /* from which on items->joins has one for each array; 0: none is joined */
};

/* Shared by the batch and by results, which need the names after the batch is gone. */
struct items {
    atomic_size_t owners;
    struct item *at;
    size_t n, capacity;
    size_t files, paths; /* items that are files; paths of them all */
    struct arena arena;  /* names and packed views */
    sheaf_read *read;    /* how to read the files; NULL: as they say themselves */
    sheaf_read **joins;  /* how to read arrays that are several files; NULL: as others. The first is none */
    size_t njoins, joins_capacity;
};

struct sheaf_batch {
    struct items *items;
    sheaf_array **arrays; /* those this batch is an owner of */
    size_t narrays, arrays_capacity;
};

struct items *items_retain(struct items *items);
void items_release(struct items *items);

static inline bool item_is_file(const struct item *item)
{
    return !item->views;
}

/* The path of the item's file k; of several that are joined, what they are called. */
static inline const char *item_path(const struct item *item, int k)
{
    const char *path = item->name;
    for (; k > 0; k--)
        path += strlen(path) + 1;
    return path;
}

/* How to read the item's file k. */
static inline const sheaf_read *item_read(const struct items *items, const struct item *item, int k)
{
    const sheaf_read *joined = item->joins ? items->joins[item->joins + k] : NULL;
    return joined ? joined : k ? NULL : items->read;
}

/* Of the paths that array k is read from, the j-th; NULL behind the last. */
const char *item_member(const struct items *items, const struct item *item, int k, size_t j);
/* Whether the text says what item it is about: by its name, or one of its files'. */
bool item_is_named(const struct items *items, size_t i, const char *text);
/* Whether the batch is one item of joined files: what is made of it needs no place among others. */
bool items_are_one(const struct items *items);

/* The file that path names, or has a part of (FILE:PART), in text or as it is. */
const char *path_file(const char *path, char text[PATH_MAX]);

/* The item's arrays as views; views has room for item->count. */
void item_unpack(const struct item *item, sheaf_view *views);
/* Bytes of the item's arrays, without unpacking. */
uint64_t item_bytes(const struct item *item);

/* "[index]" in buffer, or the item's name. */
const char *item_name(const struct items *items, size_t i, char buffer[24]);
/* Decimal digits of i, NUL-terminated; returns the end. Faster than snprintf, since every item is named. */
char *decimal(size_t i, char *text);

#endif
