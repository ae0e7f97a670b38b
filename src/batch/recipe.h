#ifndef SHEAF_BATCH_RECIPE_H
#define SHEAF_BATCH_RECIPE_H

/* Functions and arrays as packets: what a map and its workers tell each other. */

#include "base/arena.h"
#include "batch/func.h"
#include "worker/packet.h"

/* dtype and shape, and where the elements are: a place in the worker's file, or VIEW_HERE: they follow, by packet_room
 * of the array's bytes. */
#define VIEW_HERE UINT64_MAX
#define VIEW_ALIGN 64
void view_pack(struct packet *p, const sheaf_view *view, uint64_t where);
/* In C order, without data. False, and p->bad: it is no array. */
bool view_unpack(struct packet *p, sheaf_view *view, uint64_t *where, size_t *bytes);
/* An array with its elements, whatever its strides. The one read borrows p's memory. */
void array_pack(struct packet *p, const sheaf_view *view);
bool array_unpack(struct packet *p, sheaf_view *view);

/* All that makes func the same function in another process; of its plugins, their descriptors: fds has room for
 * LANG_MOST_FOREIGN, and they stay func's. */
void func_pack(struct packet *p, const sheaf_func *func, int fds[LANG_MOST_FOREIGN], int *nfds);
/* The function, which borrows p's memory. Errors: FORMAT when p is no function; what its making says. */
sheaf_status func_unpack(struct packet *p, const int *fds, int nfds, struct arena *arena, sheaf_func **out,
                         sheaf_error *error);

#endif
