#ifndef SHEAF_BATCH_URLS_H
#define SHEAF_BATCH_URLS_H

/* The URLs among the items' paths. An item is called by what may be shown of its URL, without user and query; the whole
 * of it is here alone. */

#include <stdbool.h>
#include <stddef.h>

struct items;

struct item_url {
    const char *url; /* of the items' arena */
    size_t item;
    int file; /* the item's */
};

/* In the items' order. Zeroed: none. */
struct urls {
    struct item_url *at;
    size_t n, capacity;
    struct url_name *names; /* those given so far, by their hash */
    size_t slots, used;
};

void urls_free(struct urls *u);
/* File `file` of the item that is about to be the last is this URL: *name (of the arena) is what it is called. No two
 * are called the same: from the second on there is ?2, ?3 … where the query is. False: no memory. */
bool urls_add(struct items *items, int file, const char *url, const char **name);
/* The first URL of item i in items->urls.at, SIZE_MAX: it has none. The others follow. */
size_t urls_first(const struct items *items, size_t i);
/* That of its file k, or SIZE_MAX. */
size_t urls_of(const struct items *items, size_t i, int k);
/* Of the item's URLs, the first that gives the same bytes as number u: another part of the same. */
size_t urls_same(const struct items *items, size_t u);

#endif
