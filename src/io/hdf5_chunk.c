/* Chunks. The library only tells their packed bytes, under its lock; they are unpacked outside of it. Where it has
 * none, or packs in ways of its own, it reads a box of elements. */

#ifdef SHEAF_HDF5

#include "base/pool.h"
#include "io/hdf5.h"
#include <string.h>
#ifdef SHEAF_DEFLATE
#include <libdeflate.h>
#endif

size_t hdf5_element_size(const struct hdf5_set *set)
{
    return sheaf_dtype_size(set->info.dtype);
}

static void put_fill(const struct hdf5_set *set, size_t n, unsigned char *to)
{
    size_t size = hdf5_element_size(set);
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, set->fill, size);
}

/* ---- by the library ---- */

sheaf_status hdf5_read_box(const struct hdf5_work *w, const hsize_t *start, const hsize_t *dims, void *box,
                           sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    const int n = set->info.ndim;
    hsize_t zero[SHEAF_MAX_NDIM] = {0}, count[SHEAF_MAX_NDIM];
    size_t elements = 1;
    bool none = false;
    for (int d = 0; d < n; d++) {
        hsize_t has = (hsize_t)set->extent[d] > start[d] ? (hsize_t)set->extent[d] - start[d] : 0;
        count[d] = has < dims[d] ? has : dims[d];
        elements *= dims[d];
        none = none || count[d] == 0;
    }
    put_fill(set, elements, box);
    if (none)
        return SHEAF_OK;
    hdf5_enter();
    hid_t memory = H5Screate_simple(n, dims, NULL), file = H5Dget_space(set->id);
    bool good = n == 0 || (H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                           H5Sselect_hyperslab(memory, H5S_SELECT_SET, zero, NULL, count, NULL) >= 0);
    good = good && H5Dread(set->id, set->type, n ? memory : H5S_ALL, n ? file : H5S_ALL, H5P_DEFAULT, box) >= 0;
    sheaf_status status = good ? SHEAF_OK : hdf5_refuses(w->where, error);
    H5Sclose(memory);
    H5Sclose(file);
    hdf5_leave();
    return status;
}

/* The packed bytes of a chunk, *n of them; 0: the library has none to tell, as of a chunk never written. */
static sheaf_status fetch(const struct hdf5 *h, struct hdf5_work *w, const hsize_t *start, size_t *n, uint32_t *mask,
                          sheaf_error *error)
{
    hsize_t size = 0;
    *n = 0;
    hdf5_enter();
    bool there = H5Dget_chunk_storage_size(w->set->id, start, &size) >= 0 && size;
    hdf5_leave();
    if (!there)
        return SHEAF_OK;
    if (size > h->size)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: a chunk claims %llu bytes, and the file has %llu; copy it again", w->where,
                               (unsigned long long)size, (unsigned long long)h->size);
    if (size > w->packed_size) {
        pool_put(w->packed, w->packed_size);
        w->packed_size = (size_t)size;
        w->packed = pool_get(w->packed_size);
        if (!w->packed) {
            w->packed_size = 0;
            return io_no_memory(w->where, (size_t)size, error);
        }
    }
    hdf5_enter();
    there = H5Dread_chunk(w->set->id, H5P_DEFAULT, start, mask, w->packed) >= 0;
    hdf5_leave();
    *n = there ? (size_t)size : 0;
    return SHEAF_OK;
}

/* Shuffle put the first bytes of all elements together, then the second ones, and so on. */
static void unshuffle(size_t n, size_t size, const unsigned char *from, unsigned char *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++)
            to[i * size + k] = from[k * n + i];
}

static void unshuffle_elements(size_t n, size_t size, const unsigned char *from, unsigned char *to)
{
    switch (size) { /* loops of a known length */
    case 2:
        unshuffle(n, 2, from, to);
        break;
    case 4:
        unshuffle(n, 4, from, to);
        break;
    case 8:
        unshuffle(n, 8, from, to);
        break;
    default:
        unshuffle(n, size, from, to);
    }
}

static sheaf_status inflate_chunk(struct hdf5_work *w, size_t n, sheaf_error *error)
{
    bool good = false;
#ifdef SHEAF_DEFLATE
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d)
        return io_no_memory(w->where, 1 << 14, error);
    good = libdeflate_zlib_decompress(d, w->packed, n, w->chunk, w->set->chunk_bytes, NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
#endif
    if (good)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: damaged deflate data in a chunk, or not the %zu bytes declared; copy it again",
                           w->where, w->set->chunk_bytes);
}

sheaf_status hdf5_unpack(const struct hdf5 *h, struct hdf5_work *w, const hsize_t *start, unsigned char **data,
                         sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    const size_t size = hdf5_element_size(set), elements = set->chunk_bytes / size;
    size_t n = 0;
    uint32_t skipped = 0;
    sheaf_status status = fetch(h, w, start, &n, &skipped, error);
    *data = w->packed;
    if (status == SHEAF_OK && n == 0) {
        hsize_t dims[SHEAF_MAX_NDIM];
        for (int d = 0; d < set->info.ndim; d++)
            dims[d] = (hsize_t)set->chunk[d];
        status = hdf5_read_box(w, start, dims, w->chunk, error);
        *data = w->chunk;
        n = set->chunk_bytes;
    }
    if (status)
        return status;
    for (int i = *data == w->packed ? set->nfilters - 1 : -1; i >= 0; i--) {
        if (skipped & 1u << i)
            continue;
        if (set->filters[i] == H5Z_FILTER_DEFLATE) {
            status = inflate_chunk(w, n, error);
            if (status)
                return status;
            n = set->chunk_bytes;
            *data = w->chunk;
        } else if (n == set->chunk_bytes && size > 1) {
            unshuffle_elements(elements, size, *data, w->shuffled);
            *data = w->shuffled;
        }
    }
    if (n != set->chunk_bytes)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: a chunk of %zu bytes should have %zu; copy it again", w->where,
                               n, set->chunk_bytes);
    io_native(set->info.dtype, set->info.big_endian, elements, *data);
    return SHEAF_OK;
}

#else
typedef int hdf5_chunk_is_empty;
#endif
