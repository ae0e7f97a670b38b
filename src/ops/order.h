#ifndef SHEAF_OPS_ORDER_H
#define SHEAF_OPS_ORDER_H

/* What orders: sorting and selection by a team, for every function that needs them, and the rows of sort and its kin.
 * All results are those of a total order, ties by place: the same whoever does what. */

#include "ops/grid.h"
#include "ops/op.h"

/* Elements that one thread works on at a time: in its L2. */
#define ORDER_CHUNK 32768

/* n elements of this dtype, read and written by start and count. load may be asked for any part, at any time before
 * the first store. direct, if not NULL, is where the sorted elements go instead, contiguous; what load reads may lie
 * there too. */
struct sorting {
    enum kdtype dtype; /* not f16 */
    size_t n;
    const void *self;
    void (*load)(const void *self, size_t start, size_t n, void *to);
    void (*store)(const void *self, size_t start, size_t n, const void *from);
    char *direct;
    char *spare; /* room for n, or NULL */
};
/* False: no memory for the scratch, of about n elements. */
bool sort_by_team(const team *t, const struct sorting *s);
/* The same in place. */
bool sort_in_place(const team *t, enum kdtype dtype, size_t n, void *x);

/* ---- sorting keys: see kernel_key in kernels.h ---- */

/* n keys. With load they are not there yet: order_load_keys gets some of them. */
struct keys {
    enum kdtype source, key;
    size_t n, size; /* of a key */
    char *at;
    void (*load)(const void *self, size_t start, size_t n, void *to); /* elements, as source */
    const void *self;
};
/* Keys [start, start + n) to `to`. */
void order_load_keys(const struct keys *k, size_t start, size_t n, void *to);
/* A sorted sample of so many keys, at most n: of scattered places, lest it meets a pattern. */
void order_sample(const struct keys *k, size_t taken, void *sample);
/* Places of the keys in their order, or from the greatest to the least, which changes the keys; ties by place. False:
 * no memory. */
bool argsort_keys(const team *t, const struct keys *k, bool descending, int64_t *places);
/* What sorting would put at place kth < n, to *v (16 bytes of room); the keys are loaded on the way. work: room for all
 * keys. counts, if not NULL: how many keys of each chunk of order_chunk elements are on each side of *v, three by
 * three. False: no memory. */
bool find_key(const team *t, const struct keys *k, size_t kth, char *work, void *v, size_t *counts);

/* body(context, begin, end, thread) for chunks of [0, n), each at most ORDER_CHUNK, and so many that a team has
 * work; chunk_size of n elements. */
size_t order_chunk(const team *t, size_t n);
void order_for(const team *t, size_t n, size_t grain, par_body *body, void *context);

#endif
