#ifndef SHEAF_BATCH_ITEMS_H
#define SHEAF_BATCH_ITEMS_H

/* The items of a batch, stored compactly: a million of them must be cheap. */

#include "base/arena.h"
#include "batch/urls.h"
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
    const char *name; /* path (of a URL: what may be shown), or given name; NULL: "[index]". Of several files: the
                         paths, each ended by NUL */
    const struct packed_view *views; /* count of them, one behind the other; NULL: files */
    int32_t count;
    uint32_t joins : 31; /* from which on items->joins has one for each array; 0: none is joined */
    bool cut : 1;        /* the item's entry is of a cut */
};

/* What items that are slices have of one of their files. */
struct cut_part {
    bool sliced; /* else each item has all of it */
    int axis;
    sheaf_view view;  /* of what an item has, without data */
    const char *dims; /* names of its dimensions, as program_compile takes them */
};

/* A file whose slices along an axis are items: one entry of the list, and one of these, whatever their number. */
struct cut {
    size_t first, n;              /* items [first, first + n) */
    size_t entry;                 /* of items->at */
    const char *said;             /* the axis, as it was said */
    bool refused;                 /* it cannot be cut: one item, which says why when its turn comes */
    const struct cut_part *parts; /* of each file */
};

/* Shared by the batch and by results, which need the names after the batch is gone. */
struct items {
    atomic_size_t owners;
    struct item *at;          /* entries: an item each, or the items of a cut */
    size_t entries, capacity; /* of at */
    size_t n;                 /* items */
    struct cut *cuts;         /* in order */
    size_t ncuts, cuts_capacity;
    size_t files, paths; /* items that are files; paths of all entries */
    struct arena arena;  /* names, packed views and parts of cuts */
    struct urls urls;    /* of those paths, in full */
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

/* The cut that item i is a slice of; NULL: of none. */
const struct cut *items_cut(const struct items *items, size_t i);
const struct item *items_find(const struct items *items, size_t i);
/* Item i, or the file that it is a slice of. */
static inline const struct item *items_at(const struct items *items, size_t i)
{
    return items->ncuts ? items_find(items, i) : &items->at[i];
}

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

/* UNSUPPORTED, the error of an item whose header is asked for and that is a URL. */
sheaf_status items_not_fetched(const struct items *items, size_t i, sheaf_error *error);

/* The item's name, "FILE[slice]" or "[index]" in buffer. */
const char *item_name(const struct items *items, size_t i, char buffer[SHEAF_NAME_MAX]);
/* Room for n entries in all. */
bool items_reserve(struct items *items, size_t n);
/* Paths of the item that is about to be added as an entry's name, what may be shown of URLs; NULL: no memory. */
char *items_paths(struct items *items, const char *const *paths, int n);
/* INVALID unless an item can have these files. */
sheaf_status items_check_paths(const struct items *items, const char *const *paths, int n, sheaf_error *error);
/* Decimal digits of i, NUL-terminated; returns the end. Faster than snprintf, since every item is named. */
char *decimal(size_t i, char *text);

#endif
