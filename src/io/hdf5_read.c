/* Reading datasets, whole or ranges of them. What lies in one run is read as any plain data. Chunks are unpacked here
 * (hdf5_chunk.c), by as many threads as there are pieces. What else there is (compact data, other filters) the library
 * reads, a slab of rows at a time. */

#ifdef SHEAF_HDF5

#include "base/pool.h"
#include "io/hdf5.h"
#include <string.h>

enum {
    PIECE = 1 << 20
};

struct box {
    hsize_t start[SHEAF_MAX_NDIM], count[SHEAF_MAX_NDIM];
};

/* n elements, of native order, to where element `at` of the array is. */
static void emit(const struct hdf5_work *w, size_t at, size_t n, const void *from)
{
    unsigned char *to = w->to + (at - w->first) * w->size;
    if (w->convert)
        w->convert->run(w->convert, n, from, to);
    else
        memcpy(to, from, n * w->size);
}

/* ---- by the library ---- */

static size_t row_elements(const struct hdf5_set *set)
{
    size_t n = 1;
    for (int d = 1; d < set->info.ndim; d++)
        n *= (size_t)set->info.shape[d];
    return n;
}

/* Of a box that is n elements one behind the other, from element `at` of the array on. */
static sheaf_status read_library(const struct hdf5_work *w, const struct box *box, size_t at, size_t n,
                                 sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    const size_t bytes = n * hdf5_element_size(set);
    unsigned char *slab = w->convert ? pool_get(bytes) : w->to + (at - w->first) * w->size;
    if (!slab)
        return io_no_memory(w->where, bytes, error);
    sheaf_status status = hdf5_read_box(w, box->start, box->count, slab, error);
    if (status == SHEAF_OK)
        io_native(set->info.dtype, set->info.big_endian, n, slab);
    if (status == SHEAF_OK && w->convert)
        emit(w, at, n, slab);
    if (w->convert)
        pool_put(slab, bytes);
    return status;
}

static struct box whole_box(const struct hdf5_set *set)
{
    struct box box = {{0}, {0}};
    for (int d = 0; d < set->info.ndim; d++)
        box.count[d] = (hsize_t)set->info.shape[d];
    return box;
}

static sheaf_status read_rows(const struct hdf5_work *w, size_t begin, size_t rows, sheaf_error *error)
{
    const size_t row = row_elements(w->set);
    struct box box = whole_box(w->set);
    box.start[0] = begin;
    box.count[0] = rows;
    return read_library(w, &box, begin * row, rows * row, error);
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

/* The part of a chunk that lies within the box, row by row. */
static void scatter(const struct hdf5_work *w, const struct box *box, const hsize_t *start, const unsigned char *data)
{
    const struct hdf5_set *set = w->set;
    const int last = set->info.ndim - 1;
    hsize_t low[SHEAF_MAX_NDIM], high[SHEAF_MAX_NDIM], at[SHEAF_MAX_NDIM];
    for (int d = 0; d <= last; d++) {
        const hsize_t chunk = start[d] + (hsize_t)set->chunk[d], end = box->start[d] + box->count[d];
        low[d] = at[d] = start[d] > box->start[d] ? start[d] : box->start[d];
        high[d] = chunk < end ? chunk : end;
    }
    for (int d = last; d >= 0;) {
        size_t from = 0, to = 0;
        for (int k = 0; k <= last; k++) {
            from = from * (size_t)set->chunk[k] + (size_t)(at[k] - start[k]);
            to = to * (size_t)set->info.shape[k] + (size_t)at[k];
        }
        emit(w, to, (size_t)(high[last] - low[last]), data + from * hdf5_element_size(set));
        for (d = last - 1; d >= 0 && ++at[d] == high[d]; d--)
            at[d] = low[d];
    }
}

static sheaf_status read_chunk(const struct hdf5 *h, struct hdf5_work *w, const struct box *box, const hsize_t *start,
                               sheaf_error *error)
{
    unsigned char *data;
    sheaf_status status = hdf5_unpack(h, w, start, &data, error);
    if (status == SHEAF_OK)
        scatter(w, box, start, data);
    return status;
}

/* Room for chunks; end_chunks also when there is none. */
static sheaf_status begin_chunks(struct hdf5_work *w, sheaf_error *error)
{
    const size_t bytes = w->set->chunk_bytes;
    w->chunk = pool_get(bytes);
    w->shuffled = pool_get(bytes);
    return w->chunk && w->shuffled ? SHEAF_OK : io_no_memory(w->where, 2 * bytes, error);
}

static void end_chunks(struct hdf5_work *w)
{
    pool_put(w->packed, w->packed_size);
    pool_put(w->chunk, w->set->chunk_bytes);
    pool_put(w->shuffled, w->set->chunk_bytes);
}

static sheaf_status read_chunks(const struct hdf5 *h, struct hdf5_work *w, size_t begin, size_t end, sheaf_error *error)
{
    hsize_t start[SHEAF_MAX_NDIM];
    const struct box box = whole_box(w->set);
    sheaf_status status = begin_chunks(w, error);
    for (size_t k = begin; k < end && status == SHEAF_OK; k++) {
        chunk_start(w->set, k, start);
        status = read_chunk(h, w, &box, start, error);
    }
    end_chunks(w);
    return status;
}

/* All chunks that have a part in the box. */
static sheaf_status read_chunks_of(const struct hdf5 *h, struct hdf5_work *w, const struct box *box, sheaf_error *error)
{
    const struct hdf5_set *set = w->set;
    hsize_t first[SHEAF_MAX_NDIM], start[SHEAF_MAX_NDIM];
    sheaf_status status = SHEAF_OK;
    for (int d = 0; d < set->info.ndim; d++)
        first[d] = start[d] = box->start[d] / (hsize_t)set->chunk[d] * (hsize_t)set->chunk[d];
    for (int d = 0; d >= 0 && status == SHEAF_OK;) {
        status = read_chunk(h, w, box, start, error);
        for (d = set->info.ndim - 1; d >= 0; d--) {
            start[d] += (hsize_t)set->chunk[d];
            if (start[d] < box->start[d] + box->count[d])
                break;
            start[d] = first[d];
        }
    }
    return status;
}

/* ---- pieces ---- */

static sheaf_status read_plain(const struct hdf5_work *w, struct io_input *in, size_t begin, size_t n,
                               sheaf_error *error)
{
    const sheaf_file_info *info = &w->set->info;
    const size_t size = hdf5_element_size(w->set), bytes = n * size;
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
    size_t whole = 1, elements = 1, unit = hdf5_element_size(set);
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
    struct hdf5_work w = {.set = set, .convert = convert, .to = view->data, .size = sheaf_dtype_size(view->dtype)};
    hdf5_where(in->file, h->parts[h->set_part].name, w.where);
    size_t begin = piece * set->per_piece,
           n = set->whole - begin < set->per_piece ? set->whole - begin : set->per_piece;
    if (set->way == HDF5_CHUNKS)
        return read_chunks(h, &w, begin, begin + n, error);
    if (set->way == HDF5_LIBRARY)
        return read_rows(&w, begin, n, error);
    return read_plain(&w, in, begin, n, error);
}

/* ---- ranges ---- */

/* The largest box of whole rows, planes, … that begins at element `begin` and has none behind `end`; the number of its
 * elements, and which dimension it is bounded in. */
static size_t box_at(const struct hdf5_set *set, size_t begin, size_t end, struct box *box, int *bounded)
{
    const int64_t *shape = set->info.shape;
    size_t inner = 1, at = begin;
    int axis = set->info.ndim - 1;
    *box = whole_box(set);
    *bounded = axis;
    if (axis < 0)
        return 1;
    for (size_t more; axis > 0; inner = more, axis--) {
        more = inner * (size_t)shape[axis];
        if (begin % more != 0 || end - begin < more)
            break;
    }
    for (int d = set->info.ndim - 1; d >= 0; at /= (size_t)shape[d--]) {
        box->start[d] = at % (size_t)shape[d];
        box->count[d] = d > axis ? (hsize_t)shape[d] : 1;
    }
    const size_t room = (size_t)(shape[axis] - (int64_t)box->start[axis]), rows = (end - begin) / inner;
    box->count[axis] = rows < room ? rows : room;
    *bounded = axis;
    return (size_t)box->count[axis] * inner;
}

/* What is to be converted first lies elsewhere: so it goes by slabs of whole chunks. */
static sheaf_status fetch_slabs(const struct hdf5_work *w, const struct box *box, int axis, size_t at, size_t n,
                                sheaf_error *error)
{
    struct box slab = *box;
    const size_t rows = axis < 0 ? 1 : (size_t)box->count[axis], row = n / rows,
                 bytes = row * hdf5_element_size(w->set);
    const size_t step = axis < 0 || !w->set->chunk[axis] ? 1 : (size_t)w->set->chunk[axis];
    const size_t most = !w->convert ? rows : ((bytes < PIECE ? PIECE / bytes : 1) + step - 1) / step * step;
    sheaf_status status = SHEAF_OK;
    for (size_t r = 0; r < rows && status == SHEAF_OK; r += most) {
        const size_t count = rows - r < most ? rows - r : most;
        if (axis >= 0) {
            slab.start[axis] = box->start[axis] + r;
            slab.count[axis] = count;
        }
        status = read_library(w, &slab, at + r * row, count * row, error);
    }
    return status;
}

static sheaf_status fetch_boxes(const struct hdf5 *h, struct hdf5_work *w, size_t begin, size_t end, sheaf_error *error)
{
    const bool chunks = w->set->way == HDF5_CHUNKS;
    struct box box;
    int axis;
    sheaf_status status = chunks ? io_check_unpacked(w->where, h->size, w->set->chunk_bytes, error) : SHEAF_OK;
    if (status == SHEAF_OK && chunks)
        status = begin_chunks(w, error);
    for (size_t at = begin, n; at < end && status == SHEAF_OK; at += n) {
        n = box_at(w->set, at, end, &box, &axis);
        status = chunks ? read_chunks_of(h, w, &box, error) : fetch_slabs(w, &box, axis, at, n, error);
    }
    if (chunks)
        end_chunks(w);
    return status;
}

sheaf_status hdf5_fetch(const struct hdf5 *h, const struct io_convert *convert, struct io_input *in, uint64_t begin,
                        uint64_t end, void *to, sheaf_error *error)
{
    const struct hdf5_set *set = &h->set;
    struct hdf5_work w = {.set = set, .convert = convert, .to = to, .first = (size_t)begin};
    w.size = sheaf_dtype_size(in->info.dtype);
    hdf5_where(in->file, h->parts[h->set_part].name, w.where);
    if (set->way != HDF5_PLAIN)
        return fetch_boxes(h, &w, (size_t)begin, (size_t)end, error);
    if (!convert)
        return plain_fetch(in, begin, end, to, error);
    sheaf_status status = SHEAF_OK;
    const size_t most = PIECE / hdf5_element_size(set);
    for (size_t at = (size_t)begin, n; at < end && status == SHEAF_OK; at += n) {
        n = (size_t)end - at < most ? (size_t)end - at : most;
        status = read_plain(&w, in, at, n, error);
    }
    return status;
}

uint64_t hdf5_fetch_grain(const struct hdf5 *h)
{
    const int64_t chunk = h->set.chunk[0], all = h->set.info.shape[0];
    return chunk > 0 && h->set.way != HDF5_PLAIN ? (uint64_t)(chunk < all ? chunk : all) * row_elements(&h->set) : 1;
}

#else
typedef int hdf5_read_is_empty;
#endif
