#ifndef SHEAF_IO_HDF5_H
#define SHEAF_IO_HDF5_H

/* HDF5 files, as hdf5.c and netcdf4.c see them. The library as packaged is not thread-safe: every call of it stands
 * between hdf5_enter and hdf5_leave, which hold one lock of the process. What the functions below say of locks: nothing
 * means that they take it themselves. */

#include "io/attributes.h"

#define H5_USE_110_API
#include <hdf5.h>

enum {
    HDF5_FILTERS = 2, /* deflate and shuffle, which we undo ourselves */
    HDF5_WHERE = 2 * IO_SHOWN
};

enum hdf5_way {
    HDF5_PLAIN,  /* one behind the other in the file, at info.data_offset */
    HDF5_CHUNKS, /* packed chunks, which any thread unpacks */
    HDF5_LIBRARY /* read by the library, under the lock */
};

/* A dataset. id < 0: none is open. */
struct hdf5_set {
    hid_t id, type;
    sheaf_file_info info;           /* as it stands in the file */
    int64_t extent[SHEAF_MAX_NDIM]; /* of the dataset; info.shape may be more, of which the rest is fill */
    int64_t chunk[SHEAF_MAX_NDIM];
    size_t chunk_bytes;
    size_t whole, per_piece; /* elements, chunks or rows, and how many of them are a piece */
    unsigned char fill[16];  /* one element, as in the file */
    enum hdf5_way way;
    int nfilters;
    H5Z_filter_t filters[HDF5_FILTERS];
};

struct hdf5_part {
    const char *name;    /* its path, without the first slash */
    const char *refused; /* why it cannot be read, or NULL */
};

struct hdf5 {
    hid_t file, access; /* -1: not open. access never follows a link out of the file */
    struct arena arena;
    struct hdf5_part *parts;
    size_t n, capacity, links;
    uint64_t size;       /* of the file */
    struct hdf5_set set; /* the last one described, and its part */
    size_t set_part;
    struct io_attributes attributes; /* the last ones asked for, and their part */
    size_t attributes_part;
};

void hdf5_enter(void);
void hdf5_leave(void);
/* FORMAT error of what the library just said; within the lock. */
sheaf_status hdf5_refuses(const char *where, sheaf_error *error);
/* "FILE:NAME" for messages. */
const char *hdf5_where(const sheaf_file *file, const char *name, char text[HDF5_WHERE]);

/* Open the file and list its datasets (hdf5_list.c). hdf5_close also after a failure; NULL is fine. */
sheaf_status hdf5_open(sheaf_file *file, struct hdf5 **out, sheaf_error *error);
void hdf5_close(struct hdf5 *h);

/* The dtype whose elements these are, byte for byte but for their order; SHEAF_DTYPE_COUNT: none. Within the lock. */
sheaf_dtype hdf5_dtype(hid_t type, bool *big_endian);
/* What it is, in words, where it is no dtype. Within the lock. */
const char *hdf5_type_name(hid_t type);
/* The attributes of an object, allocated in h's arena. Within the lock. */
sheaf_status hdf5_attributes(struct hdf5 *h, hid_t object, const char *where, struct io_attributes *out,
                             sheaf_error *error);

/* Make a part h->set, which the next call closes (hdf5_set.c). */
sheaf_status hdf5_set_open(sheaf_file *file, struct hdf5 *h, size_t part, sheaf_error *error);
void hdf5_set_close(struct hdf5_set *set);
/* h->set's attributes, by way of its part. */
sheaf_status hdf5_set_attributes(const sheaf_file *file, struct hdf5 *h, size_t part, sheaf_error *error);

/* ---- boxes and chunks of it (hdf5_chunk.c) ---- */

/* A piece being read: where to, and room to work in. */
struct hdf5_work {
    const struct hdf5_set *set;
    const struct io_convert *convert;
    char where[HDF5_WHERE];
    unsigned char *to; /* the element `first` of the array */
    size_t first;
    size_t size; /* of the elements there */
    unsigned char *packed, *chunk, *shuffled;
    size_t packed_size;
};

size_t hdf5_element_size(const struct hdf5_set *set);
/* What the dataset has of a box, as in the file; it is filled where it has nothing. */
sheaf_status hdf5_read_box(const struct hdf5_work *w, const hsize_t *start, const hsize_t *dims, void *box,
                           sheaf_error *error);
/* A chunk's elements, native, in *data, which is in one of w's rooms. */
sheaf_status hdf5_unpack(const struct hdf5 *h, struct hdf5_work *w, const hsize_t *start, unsigned char **data,
                         sheaf_error *error);

/* ---- reading h->set (hdf5_read.c) ---- */

/* As io_format's prepare and read_piece; convert NULL: the elements are what the view holds. h->set's shape and dtype
 * may be other than the view's dtype only where something converts. */
sheaf_status hdf5_prepare(struct hdf5 *h, const struct io_convert *convert, struct io_input *in,
                          struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
sheaf_status hdf5_read_piece(const struct hdf5 *h, const struct io_convert *convert, struct io_input *in, size_t piece,
                             const sheaf_view *view, sheaf_error *error);
/* As io_format's fetch, likewise. */
sheaf_status hdf5_fetch(const struct hdf5 *h, const struct io_convert *convert, struct io_input *in, uint64_t begin,
                        uint64_t end, void *to, sheaf_error *error);
uint64_t hdf5_fetch_grain(const struct hdf5 *h);

#endif
