/* One dataset: its type, shape and layout, from its header. */

#ifdef SHEAF_HDF5

#include "base/checked.h"
#include "io/hdf5.h"
#include <string.h>

void hdf5_set_close(struct hdf5_set *set)
{
    if (set->type >= 0)
        H5Tclose(set->type);
    if (set->id >= 0)
        H5Oclose(set->id);
    set->type = set->id = -1;
}

static sheaf_status unsupported(const char *where, const char *what, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: holds %s, which are not read; it takes arrays of numbers",
                           where, what);
}

static sheaf_status set_type(struct hdf5_set *set, const char *where, sheaf_error *error)
{
    set->type = H5Dget_type(set->id);
    if (set->type < 0)
        return hdf5_refuses(where, error);
    set->info.dtype = hdf5_dtype(set->type, &set->info.big_endian);
    return set->info.dtype == SHEAF_DTYPE_COUNT ? unsupported(where, hdf5_type_name(set->type), error) : SHEAF_OK;
}

static sheaf_status set_shape(struct hdf5_set *set, hid_t space, const char *where, sheaf_error *error)
{
    hsize_t dims[H5S_MAX_RANK] = {0};
    H5S_class_t class = H5Sget_simple_extent_type(space);
    if (class == H5S_NULL)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: is empty (a null dataspace), and so is no array", where);
    int n = H5Sget_simple_extent_ndims(space);
    if (n < 0 || (class != H5S_SCALAR && class != H5S_SIMPLE))
        return hdf5_refuses(where, error);
    if (n > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: has %d dimensions; this version reads up to %d", where, n,
                               SHEAF_MAX_NDIM);
    if (H5Sget_simple_extent_dims(space, dims, NULL) < 0)
        return hdf5_refuses(where, error);
    size_t bytes = sheaf_dtype_size(set->info.dtype);
    bool empty = false;
    for (int d = 0; d < n; d++) {
        empty = empty || dims[d] == 0;
        if (dims[d] > INT64_MAX || (dims[d] && !size_mul(bytes, dims[d], &bytes)) || bytes > PTRDIFF_MAX / 2)
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: its shape is larger than any file", where);
        set->extent[d] = set->info.shape[d] = (int64_t)dims[d];
    }
    set->info.ndim = n;
    set->info.data_bytes = empty ? 0 : bytes;
    return SHEAF_OK;
}

/* Whether all filters are such as we undo ourselves: shuffle by elements, deflate, each once. */
static bool set_filters(struct hdf5_set *set, hid_t properties)
{
#ifdef SHEAF_DEFLATE
    int n = H5Pget_nfilters(properties);
    if (n < 0 || n > HDF5_FILTERS)
        return false;
    set->nfilters = n;
    for (int i = 0; i < n; i++) {
        unsigned flags, values[4] = {0};
        size_t nvalues = 4;
        H5Z_filter_t f = H5Pget_filter2(properties, (unsigned)i, &flags, &nvalues, values, 0, NULL, NULL);
        bool known = f == H5Z_FILTER_DEFLATE ||
                     (f == H5Z_FILTER_SHUFFLE && (nvalues == 0 || values[0] == sheaf_dtype_size(set->info.dtype)));
        if (!known || (i && (f != H5Z_FILTER_DEFLATE || set->filters[0] == f))) /* packing ends the line */
            return false;
        set->filters[i] = f;
    }
    return true;
#else
    (void)set, (void)properties;
    return false;
#endif
}

/* A filter that the library has not got is named. */
static sheaf_status check_filters(hid_t properties, const char *where, sheaf_error *error)
{
    int n = H5Pget_nfilters(properties);
    for (int i = 0; i < n; i++) {
        char name[64] = "";
        unsigned flags;
        size_t none = 0;
        H5Z_filter_t f = H5Pget_filter2(properties, (unsigned)i, &flags, &none, NULL, sizeof name, name, NULL);
        if (f >= 0 && H5Zfilter_avail(f) <= 0)
            return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                   "%s: is packed by filter %d (%s), which the HDF5 library here has not got; pack it "
                                   "anew by 'h5repack -f GZIP=4'",
                                   where, (int)f, name);
    }
    return n < 0 ? hdf5_refuses(where, error) : SHEAF_OK;
}

static sheaf_status set_chunks(struct hdf5_set *set, hid_t properties, const char *where, sheaf_error *error)
{
    hsize_t dims[H5S_MAX_RANK];
    size_t bytes = sheaf_dtype_size(set->info.dtype);
    if (H5Pget_chunk(properties, H5S_MAX_RANK, dims) != set->info.ndim)
        return hdf5_refuses(where, error);
    for (int d = 0; d < set->info.ndim; d++) {
        if (dims[d] == 0 || !size_mul(bytes, dims[d], &bytes) || bytes > UINT32_MAX)
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: its chunks are larger than HDF5 allows", where);
        set->chunk[d] = (int64_t)dims[d];
    }
    set->chunk_bytes = bytes;
    set->way = set->info.ndim && set_filters(set, properties) ? HDF5_CHUNKS : HDF5_LIBRARY;
    return check_filters(properties, where, error);
}

static sheaf_status set_contiguous(struct hdf5 *h, struct hdf5_set *set, hid_t properties, const char *where,
                                   sheaf_error *error)
{
    if (H5Pget_external_count(properties) > 0)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: its data lie in other files (external storage), which are not read; 'h5repack' "
                               "puts them into one",
                               where);
    haddr_t at = H5Dget_offset(set->id);
    if (at == HADDR_UNDEF || H5Dget_storage_size(set->id) < set->info.data_bytes) /* never written */
        return SHEAF_OK;
    set->way = HDF5_PLAIN;
    set->info.data_offset = at;
    return plain_check(where, &set->info, h->size, error);
}

static sheaf_status set_layout(struct hdf5 *h, struct hdf5_set *set, hid_t properties, const char *where,
                               sheaf_error *error)
{
    set->way = HDF5_LIBRARY;
    /* Text and the like, whose fill value is a pointer, are refused by now. */
    if (H5Pget_fill_value(properties, set->type, set->fill) < 0)
        memset(set->fill, 0, sizeof set->fill);
    switch (H5Pget_layout(properties)) {
    case H5D_CHUNKED:
        strcpy(set->info.format, "hdf5 chunked");
        return set_chunks(set, properties, where, error);
    case H5D_CONTIGUOUS:
        strcpy(set->info.format, "hdf5 contiguous");
        return set_contiguous(h, set, properties, where, error);
    case H5D_COMPACT:
        strcpy(set->info.format, "hdf5 compact");
        return SHEAF_OK;
    case H5D_VIRTUAL:
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: is a virtual dataset, whose data lie in others; name those", where);
    default:
        return hdf5_refuses(where, error);
    }
}

static sheaf_status describe(struct hdf5 *h, struct hdf5_set *set, const char *where, sheaf_error *error)
{
    sheaf_status status = set_type(set, where, error);
    hid_t space = status == SHEAF_OK ? H5Dget_space(set->id) : -1;
    if (status == SHEAF_OK)
        status = space < 0 ? hdf5_refuses(where, error) : set_shape(set, space, where, error);
    if (space >= 0)
        H5Sclose(space);
    if (status)
        return status;
    hid_t properties = H5Dget_create_plist(set->id);
    if (properties < 0)
        return hdf5_refuses(where, error);
    status = set_layout(h, set, properties, where, error);
    H5Pclose(properties);
    return status;
}

sheaf_status hdf5_set_open(sheaf_file *file, struct hdf5 *h, size_t part, sheaf_error *error)
{
    const struct hdf5_part *p = &h->parts[part];
    char where[HDF5_WHERE];
    hdf5_where(file, p->name, where);
    if (p->refused)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: %s", where, p->refused);
    if (h->set.id >= 0 && h->set_part == part)
        return SHEAF_OK;
    hdf5_enter();
    hdf5_set_close(&h->set);
    h->set = (struct hdf5_set){.id = H5Oopen(h->file, p->name, h->access), .type = -1};
    h->set_part = part;
    sheaf_status status = SHEAF_OK;
    if (h->set.id < 0 || H5Iget_type(h->set.id) != H5I_DATASET)
        status = hdf5_refuses(where, error);
    if (status == SHEAF_OK)
        status = describe(h, &h->set, where, error);
    if (status)
        hdf5_set_close(&h->set);
    hdf5_leave();
    return status;
}

sheaf_status hdf5_set_attributes(const sheaf_file *file, struct hdf5 *h, size_t part, sheaf_error *error)
{
    char where[HDF5_WHERE];
    if (h->attributes_part == part)
        return SHEAF_OK;
    h->attributes = (struct io_attributes){0};
    h->attributes_part = SIZE_MAX;
    hdf5_enter();
    hid_t object = h->parts[part].refused ? -1 : H5Oopen(h->file, h->parts[part].name, h->access);
    sheaf_status status = SHEAF_OK;
    if (object >= 0) {
        status = hdf5_attributes(h, object, hdf5_where(file, h->parts[part].name, where), &h->attributes, error);
        H5Oclose(object);
    }
    hdf5_leave();
    h->attributes_part = status == SHEAF_OK ? part : SIZE_MAX;
    return status;
}

#else
typedef int hdf5_set_is_empty;
#endif
