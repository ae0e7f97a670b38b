#ifndef SHEAF_BATCH_TRANSFERS_H
#define SHEAF_BATCH_TRANSFERS_H

/* The URLs of a map: fetched by one thread, of the transfers' own, many at once, in the batch's order as far as hosts
 * let it. An item whose URLs have all arrived, or failed to, is ready, and a worker of the map takes it. What is under
 * way and ready at once is bounded, and bodies take a share of the map's memory; what does not fit there is on disk, so
 * that no item ever waits for another one's memory. */

#include "io/http.h"

struct contents;
struct map;
struct transfers;

/* For m's URLs; *out is NULL when it has none. Takes its share of m->budget. */
sheaf_status transfers_new(struct map *m, struct transfers **out, sheaf_error *error);
/* Of the items that `had` has as done, ask whether their URLs still give what they gave. */
sheaf_status transfers_ask(struct transfers *t, const struct contents *had, sheaf_error *error);
/* In transfers_ask.c: the same with what it takes. */
sheaf_status transfers_compare(struct http_set *set, struct map *m, int most, const struct contents *had, bool *changed,
                               sheaf_error *error);
/* Whether it was said that the item's file k gives something else now. */
bool transfers_changed(const struct transfers *t, size_t i, int k);
/* Start the thread: every item whose slot is not done already will be ready once. */
sheaf_status transfers_start(struct transfers *t, sheaf_error *error);
/* End transfers at once, and the thread. Fine on NULL, as are all below. */
void transfers_stop(struct transfers *t);
void transfers_free(struct transfers *t);

/* ---- for the workers ---- */

/* The next item that is ready; false: none is, and, when `wait` says to wait, none will be. For maps that are not
 * ordered. */
bool transfers_take(struct transfers *t, bool wait, size_t *i);
/* For ordered maps: wait until item i is ready. False: the map has been stopped. */
bool transfers_wait(struct transfers *t, size_t i);
/* Fetch the item once more, behind all else; false: no memory. */
bool transfers_again(struct transfers *t, size_t i);
/* Items that are not taken yet; of them, those that had been before. */
size_t transfers_left(struct transfers *t);
size_t transfers_again_left(struct transfers *t);
/* What came of the file k of an item that is ready; NULL: it is no URL. */
struct http_get *transfers_of(struct transfers *t, size_t i, int k);
/* The nanoseconds that the longest of the item's transfers took. */
uint64_t transfers_ns(struct transfers *t, size_t i);
/* The item has ended: let go of its bodies. */
void transfers_drop(struct transfers *t, size_t i);
/* The share of the map's memory, and the most that was taken of it. */
uint64_t transfers_memory(const struct transfers *t, uint64_t *peak);

#endif
