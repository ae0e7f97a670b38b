#ifndef SHEAF_BATCH_SLICES_H
#define SHEAF_BATCH_SLICES_H

/* Items that are slices of files, while a map runs. Its threads share what they have of a cut file: it is opened once,
 * and read by slabs, each of some slices. A slab of the outermost axis is one range of the file; of an inner one a band
 * of all its rows, gathered slice by slice, so that one reading serves them all. What ranges cannot be read of is read
 * once, whole.
 *
 * A thread keeps the slab that its last slice is in. While it waits for memory it keeps none: a slab that nobody keeps
 * counts no longer, and goes when another is read. */

#include "batch/items.h"
#include "io/io.h"
#include "par/par.h"
#include <pthread.h>

struct worker;
struct cut_file;
struct slab;

/* The map's. */
struct slicing {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a file has been opened, a slab read */
    struct cut_file *files;
};
#define SLICING_INIT                                              \
    (struct slicing)                                              \
    {                                                             \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL \
    }

/* A thread's. Zeroed: none. */
struct sliced {
    struct cut_file *file;
    struct slab *whole, *range; /* kept of the file */
    uint64_t need;              /* of memory, by an item beside its slices, */
    double cost;                /* and its estimated ns: all of the cut have the same */
};

/* ---- cut.c: when the batch is made ---- */

/* Bytes of an item's slices. */
uint64_t cut_bytes(const struct cut *cut, int count);
/* What an item has of an open file, and, where that is sliced, how many slices there are. */
sheaf_status cut_look(const struct io_input *in, const char *said, struct cut_part *part, size_t *n,
                      sheaf_error *error);

/* Append the slices of an entry of n files, or of what is joined by items->joins from `joins` on (0: nothing is). */
sheaf_status cut_add(struct items *items, const char *const *paths, int n, uint32_t joins, const bool *sliced,
                     const char *axis, sheaf_error *error);
/* Why a refused one cannot be cut: its files are looked at again. */
sheaf_status cut_refusal(const struct items *items, const struct cut *cut, sheaf_error *error);
/* The header of a slice, info being its file's. */
sheaf_status cut_describe(const struct cut *cut, sheaf_file_info *info, sheaf_error *error);

/* ---- slices.c ---- */

/* io_open_header, but for what can be opened once only. */
sheaf_status cut_open(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                      struct io_identity *identity, bool contents, sheaf_error *error);
/* Have the file of the cut open. The thread then keeps it until it comes to another one. *need and w->cost: an item's,
 * beside its slices. */
sheaf_status slices_open(struct worker *w, const struct cut *cut, uint64_t *need);
/* Admit item i, and make its slices w->inputs, which stay until the thread comes to another item. */
sheaf_status slices_read(struct worker *w, size_t i, const struct cut *cut, uint64_t need, team *t);
/* The open file of slices that lie in it one behind the other, for a slice too large for memory, and *first element of
 * item i; NULL: it is not so, or there are several files. */
struct io_input *slices_far(struct worker *w, size_t i, const struct cut *cut, uint64_t *first);
/* Keep no slab; keep no file. */
void slices_release(struct worker *w);
void slices_leave(struct worker *w);

/* ---- slab.c: for slices.c ---- */

/* One file of a cut, open. */
struct cut_input {
    struct io_input in;
    struct io_buffer buffer;
    struct io_identity identity;
    sheaf_view view; /* of an input that is read whole: all of it */
    const struct cut_part *part;
    bool ranges;            /* read by slabs, not whole */
    size_t outer, n, inner; /* elements in the order of the file: rows, slices in each, elements of each there */
    size_t size, grain;     /* of an element; elements best read at once */
};

struct slab {
    struct slab *next;
    struct cut_file *file;
    bool whole; /* inputs that are read whole, and not slices [begin, end) of the others */
    size_t begin, end;
    size_t users;
    uint64_t bytes, counted;
    bool reading;
    size_t npieces;
    atomic_size_t next_piece, pieces_done;
    atomic_bool failed;
    sheaf_status status; /* of what failed first */
    sheaf_error error;
    unsigned char *data[ITEM_MAX_INPUTS]; /* of ranges: slice by slice, each as in the file */
};

struct cut_file {
    struct cut_file *next;
    const struct cut *cut;
    size_t users;
    bool opening;
    atomic_bool stale; /* something failed: whoever comes opens it anew */
    atomic_bool transient;
    sheaf_status status;
    sheaf_error error;
    int count;
    atomic_size_t per_slab;            /* slices; 0: not known yet */
    uint64_t staging;                  /* bytes that a thread may read to gather slices from, at least */
    uint64_t whole_bytes, slice_bytes; /* of inputs read whole; of one slice of the others */
    struct slab *slabs;
    struct cut_input inputs[ITEM_MAX_INPUTS];
};

/* Slices that a slab of at most so many bytes has. */
size_t slab_slices(const struct cut_file *f, uint64_t bytes);
/* The slab's memory and number of pieces; slab_free also after a failure. */
sheaf_status slab_prepare(struct slab *s, sheaf_error *error);
/* One of its pieces: thread-safe for different ones. */
sheaf_status slab_read(struct slab *s, size_t piece, sheaf_error *error);
/* What only all pieces together tell. */
sheaf_status slab_finish(struct slab *s, sheaf_error *error);
void slab_free(struct slab *s);
/* The arrays of one slice. */
void slab_views(const struct slab *range, const struct cut_file *f, size_t slice, sheaf_view *views);

#endif
