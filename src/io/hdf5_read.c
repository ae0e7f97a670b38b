/* Reading datasets. What lies in one run is read as any plain data. Of chunks the library only tells the packed bytes,
 * under its lock; they are unpacked outside of it, by as many threads as there are pieces. What else there is (compact
 * data, other filters) the library reads, a slab of rows at a time. */

#ifdef SHEAF_HDF5

#include "base/pool.h"
#include "io/hdf5.h"
#include <string.h>
#ifdef SHEAF_DEFLATE
#include <libdeflate.h>
#endif

enum {
    PIECE = 1 << 20,
    DEFLATE_MOST = 1032
};

/* A piece being read: where to, and room to work in. */
struct work {
    const struct hdf5_set *set;
    const struct io_convert *convert;
    char where[HDF5_WHERE];
    unsigned char *to; /* the view's first element */
    size_t size;       /* of the view's elements */
    unsigned char *packed, *chunk, *shuffled;
    size_t packed_size;
};

/* n elements, of native order, to where element `at` of the view is. */
static void emit(const struct work *w, size_t at, size_t n, const void *from)
{
    unsigned char *to = w->to + at * w->size;
    if (w->convert)
        w->convert->run(w->convert, n, from, to);
    else
        memcpy(to, from, n * w->size);
}

static size_t element_size(const struct hdf5_set *set)
{
    return sheaf_dtype_size(set->info.dtype);
}

static void put_fill(const struct hdf5_set *set, size_t n, unsigned char *to)
{
    size_t size = element_size(set);
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, set->fill, size);
}

/* ---- by the library ---- */

/* What the dataset has of a box, which is filled where it has nothing. */
static sheaf_status read_box(const struct work *w, const hsize_t *start, const hsize_t *dims, void *box,
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

static size_t row_elements(const struct hdf5_set *set)
{
    size_t n = 1;
    for (int d = 1; d < set->info.ndim; d++)
        n *= (size_t)set->info.shape[d];
    return n;
}

static sheaf_status read_library(const struct work *w, size_t begin, size_t rows, sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    const size_t row = row_elements(set), n = rows * row, bytes = n * element_size(set);
    unsigned char *slab = pool_get(bytes);
    if (!slab)
        return io_no_memory(w->where, bytes, error);
    hsize_t start[SHEAF_MAX_NDIM] = {begin}, dims[SHEAF_MAX_NDIM] = {rows};
    for (int d = 1; d < set->info.ndim; d++)
        dims[d] = (hsize_t)set->info.shape[d];
    sheaf_status status = read_box(w, start, dims, slab, error);
    if (status == SHEAF_OK) {
        io_native(set->info.dtype, set->info.big_endian, n, slab);
        emit(w, begin * row, n, slab);
    }
    pool_put(slab, bytes);
    return status;
}

/* ---- chunks ---- */

static size_t grid_of(const struct hdf5_set *set, int d)
{
    return (size_t)((set->info.shape[d] - 1) / set->chunk[d] + 1);
}

static void chunk_start(const struct hdf5_set *set, size_t k, hsize_t start[SHEAF_MAX_NDIM])
{
    for (int d = set->info.ndim - 1; d >= 0; d--) {
        size_t n = grid_of(set, d);
        start[d] = k % n * (size_t)set->chunk[d];
        k /= n;
    }
}

/* The packed bytes of a chunk, *n of them; 0: the library has none to tell, as of a chunk never written. */
static sheaf_status fetch(const struct hdf5 *h, struct work *w, const hsize_t *start, size_t *n, uint32_t *mask,
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

static sheaf_status inflate_chunk(struct work *w, size_t n, sheaf_error *error)
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

/* A chunk's elements, native, in *data. */
static sheaf_status unpack(const struct hdf5 *h, struct work *w, const hsize_t *start, unsigned char **data,
                           sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    const size_t size = element_size(set), elements = set->chunk_bytes / size;
    size_t n = 0;
    uint32_t skipped = 0;
    sheaf_status status = fetch(h, w, start, &n, &skipped, error);
    *data = w->packed;
    if (status == SHEAF_OK && n == 0) {
        hsize_t dims[SHEAF_MAX_NDIM];
        for (int d = 0; d < set->info.ndim; d++)
            dims[d] = (hsize_t)set->chunk[d];
        status = read_box(w, start, dims, w->chunk, error);
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

/* The part of a chunk that lies within the array, row by row. */
static void scatter(const struct work *w, const hsize_t *start, const unsigned char *data)
{
    const struct hdf5_set *set = w->set;
    const int last = set->info.ndim - 1;
    int64_t count[SHEAF_MAX_NDIM], at[SHEAF_MAX_NDIM] = {0};
    for (int d = 0; d <= last; d++) {
        int64_t room = set->info.shape[d] - (int64_t)start[d];
        count[d] = room < set->chunk[d] ? room : set->chunk[d];
    }
    for (int d = last; d >= 0;) {
        size_t from = 0, to = 0;
        for (int k = 0; k <= last; k++) {
            from = from * (size_t)set->chunk[k] + (size_t)at[k];
            to = to * (size_t)set->info.shape[k] + (size_t)start[k] + (size_t)at[k];
        }
        emit(w, to, (size_t)count[last], data + from * element_size(set));
        for (d = last - 1; d >= 0 && ++at[d] == count[d]; d--)
            at[d] = 0;
    }
}

static sheaf_status read_chunks(const struct hdf5 *h, struct work *w, size_t begin, size_t end, sheaf_error *error)
{
    hsize_t start[SHEAF_MAX_NDIM];
    unsigned char *data;
    const size_t bytes = w->set->chunk_bytes;
    w->chunk = pool_get(bytes);
    w->shuffled = pool_get(bytes);
    sheaf_status status = w->chunk && w->shuffled ? SHEAF_OK : io_no_memory(w->where, 2 * bytes, error);
    for (size_t k = begin; k < end && status == SHEAF_OK; k++) {
        chunk_start(w->set, k, start);
        status = unpack(h, w, start, &data, error);
        if (status == SHEAF_OK)
            scatter(w, start, data);
    }
    pool_put(w->packed, w->packed_size);
    pool_put(w->chunk, bytes);
    pool_put(w->shuffled, bytes);
    return status;
}

/* ---- pieces ---- */

static sheaf_status read_plain(const struct work *w, struct io_input *in, size_t begin, size_t n, sheaf_error *error)
{
    const sheaf_file_info *info = &w->set->info;
    const size_t size = element_size(w->set), bytes = n * size;
    unsigned char *data = pool_get(bytes);
    if (!data)
        return io_no_memory(w->where, bytes, error);
    sheaf_status status = io_source_read(&in->file->source, data, bytes, info->data_offset + begin * size, error);
    if (status == SHEAF_OK) {
        io_native(info->dtype, info->big_endian, n, data);
        emit(w, begin, n, data);
    }
    pool_put(data, bytes);
    return status;
}

/* What there is to divide: elements, chunks, or rows; and how many of them are a piece. The number of pieces. */
static size_t divide(struct hdf5_set *set)
{
    size_t whole = 1, elements = 1, unit = element_size(set);
    for (int d = 0; d < set->info.ndim; d++)
        elements *= (size_t)set->info.shape[d];
    if (elements == 0)
        return 0;
    if (set->way == HDF5_CHUNKS) {
        for (int d = 0; d < set->info.ndim; d++)
            whole *= grid_of(set, d);
        unit = set->chunk_bytes;
    } else if (set->way == HDF5_PLAIN) {
        whole = elements;
    } else if (set->info.ndim) {
        whole = (size_t)set->info.shape[0];
        unit *= row_elements(set);
    }
    size_t most = unit < PIECE ? PIECE / unit : 1, step = (size_t)set->chunk[0];
    if (set->way == HDF5_LIBRARY && step) /* whole chunks */
        most = (most + step - 1) / step * step;
    set->per_piece = most;
    set->whole = whole;
    return whole / most + (whole % most != 0);
}

sheaf_status hdf5_prepare(struct hdf5 *h, const struct io_convert *convert, struct io_input *in,
                          struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    struct hdf5_set *set = &h->set;
    char where[HDF5_WHERE];
    uint64_t stored = set->info.data_bytes;
    hdf5_where(in->file, h->parts[h->set_part].name, where);
    if (set->way == HDF5_PLAIN && !convert)
        return plain_prepare(in, buffer, view, error);
    if (set->way != HDF5_PLAIN) {
        hdf5_enter();
        stored = H5Dget_storage_size(set->id);
        hdf5_leave();
    }
    sheaf_status status = io_check_unpacked(where, stored, in->info.data_bytes, error);
    if (status == SHEAF_OK && set->chunk_bytes)
        status = io_check_unpacked(where, h->size, set->chunk_bytes, error);
    if (status == SHEAF_OK)
        status = io_reserve(buffer, (size_t)in->info.data_bytes, 0, in->path, error);
    if (status)
        return status;
    in->npieces = divide(set);
    in->piece_bytes = PIECE;
    return sheaf_view_init(view, buffer->data, in->info.dtype, in->info.ndim, in->info.shape, error);
}

sheaf_status hdf5_read_piece(const struct hdf5 *h, const struct io_convert *convert, struct io_input *in, size_t piece,
                             const sheaf_view *view, sheaf_error *error)
{
    const struct hdf5_set *set = &h->set;
    if (set->way == HDF5_PLAIN && !convert)
        return plain_read_piece(in, piece, view, error);
    struct work w = {.set = set, .convert = convert, .to = view->data, .size = sheaf_dtype_size(view->dtype)};
    hdf5_where(in->file, h->parts[h->set_part].name, w.where);
    size_t begin = piece * set->per_piece,
           n = set->whole - begin < set->per_piece ? set->whole - begin : set->per_piece;
    if (set->way == HDF5_CHUNKS)
        return read_chunks(h, &w, begin, begin + n, error);
    if (set->way == HDF5_LIBRARY)
        return read_library(&w, begin, n, error);
    return read_plain(&w, in, begin, n, error);
}

#else
typedef int hdf5_read_is_empty;
#endif
