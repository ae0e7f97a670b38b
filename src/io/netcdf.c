/* netCDF: the variables that are data are parts. Coordinates, bounds, text and the like are read when they are named.
 */

#include "io/netcdf.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/pool.h"
#ifdef SHEAF_HDF5
#include "io/hdf5.h"
#endif
#include <stdio.h>
#include <string.h>

enum {
    PIECE = 1 << 20
};

const char *netcdf_where(const sheaf_file *file, const char *name, char text[NETCDF_WHERE])
{
    char path[IO_SHOWN], part[IO_SHOWN];
    snprintf(text, NETCDF_WHERE, "%s:%s", io_shown(file->path, path), io_shown(name, part));
    return text;
}

static bool recognise(const unsigned char *head, size_t n)
{
    return n >= 4 && memcmp(head, "CDF", 3) == 0 && (head[3] == 1 || head[3] == 2 || head[3] == 5);
}

/* ---- which variables are data ---- */

/* The name within its group. */
static const char *last_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* Whether some variable names this one as what belongs to it. */
static bool is_named(const struct netcdf *nc, const char *name)
{
    static const char *const roles[] = {"coordinates", "bounds", "climatology", "grid_mapping", "formula_terms"};
    for (size_t i = 0; i < nc->n; i++)
        for (size_t k = 0; k < sizeof roles / sizeof *roles; k++)
            if (attribute_has_word(attribute_text(&nc->variables[i].attributes, roles[k]), name))
                return true;
    return false;
}

static bool is_data(const struct netcdf *nc, const struct netcdf_variable *v)
{
    const char *name = last_name(v->name);
    if (v->dtype == SHEAF_DTYPE_COUNT)
        return false;
    if (v->ndim == 1 && v->dims[0] >= 0 && strcmp(nc->dims[v->dims[0]].name, name) == 0)
        return false;
    return !is_named(nc, name);
}

/* Data first, the others behind: those are found by name only. A file without data shows what numbers it has. */
static sheaf_status list(sheaf_file *file, struct netcdf *nc, sheaf_error *error)
{
    struct netcdf_variable *sorted = arena_alloc(&nc->arena, (nc->n + 1) * sizeof *sorted, 16);
    bool *data = arena_alloc(&nc->arena, nc->n + 1, 1);
    size_t at = 0, numbers = 0;
    file->names = mem_alloc((nc->n + 1) * sizeof *file->names);
    if (!sorted || !data || !file->names)
        return io_no_memory(file->path, nc->n * sizeof *sorted, error);
    for (size_t i = 0; i < nc->n; i++) {
        data[i] = is_data(nc, &nc->variables[i]);
        numbers += nc->variables[i].dtype != SHEAF_DTYPE_COUNT;
        file->nparts += data[i];
    }
    for (size_t i = 0; file->nparts == 0 && i < nc->n; i++)
        data[i] = nc->variables[i].dtype != SHEAF_DTYPE_COUNT;
    file->nparts = file->nparts ? file->nparts : numbers;
    for (int first = 1; first >= 0; first--)
        for (size_t i = 0; i < nc->n; i++)
            if (data[i] == (first == 1))
                sorted[at++] = nc->variables[i];
    nc->variables = sorted;
    file->hidden = nc->n - file->nparts;
    for (size_t i = 0; i < nc->n; i++)
        file->names[i] = sorted[i].name;
    return SHEAF_OK;
}

/* ---- the format ---- */

static sheaf_status open_netcdf(sheaf_file *file, sheaf_error *error)
{
    unsigned char head[4];
    size_t n;
    sheaf_status status = io_source_some(&file->source, head, 4, 0, &n, error);
    struct netcdf *nc = file->own = status == SHEAF_OK ? mem_calloc(1, sizeof *nc) : NULL;
    if (status || !nc)
        return status ? status : io_no_memory(file->path, sizeof *nc, error);
#ifdef SHEAF_HDF5
    if (n < 4 || memcmp(head, "CDF", 3) != 0) { /* called netCDF by the user, it may be netCDF-4 */
        status = hdf5_open(file, &nc->h5, error);
        if (status == SHEAF_OK)
            status = netcdf4_list(file, nc, error);
        return status ? status : list(file, nc, error);
    }
#endif
    status = netcdf_classic_list(file, nc, error);
    return status ? status : list(file, nc, error);
}

#ifdef SHEAF_HDF5
sheaf_status netcdf4_open(sheaf_file *file, struct hdf5 *h, sheaf_error *error)
{
    struct netcdf *nc = mem_calloc(1, sizeof *nc);
    file->own = nc;
    file->format = &format_netcdf;
    if (!nc) {
        hdf5_close(h);
        return io_no_memory(file->path, sizeof *nc, error);
    }
    nc->h5 = h;
    sheaf_status status = netcdf4_list(file, nc, error);
    return status ? status : list(file, nc, error);
}
#endif

static void close_netcdf(sheaf_file *file)
{
    struct netcdf *nc = file->own;
    if (!nc)
        return;
#ifdef SHEAF_HDF5
    hdf5_close(nc->h5);
#endif
    arena_free(&nc->arena);
    mem_free(nc);
}

/* Dtype, shape and place as they are in the file. */
static sheaf_status describe_stored(sheaf_file *file, struct netcdf *nc, const struct netcdf_variable *v,
                                    sheaf_file_info *info, sheaf_error *error)
{
    char where[NETCDF_WHERE];
    netcdf_where(file, v->name, where);
#ifdef SHEAF_HDF5
    if (nc->h5) {
        sheaf_status status = hdf5_set_open(file, nc->h5, v->part, error);
        if (status)
            return status;
        for (int d = 0; d < v->ndim; d++)
            nc->h5->set.info.shape[d] = v->shape[d];
        *info = nc->h5->set.info;
        return SHEAF_OK;
    }
#endif
    if (v->dtype == SHEAF_DTYPE_COUNT)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: holds text, which is not read; it takes arrays of numbers", where);
    *info = (sheaf_file_info){.dtype = v->dtype, .ndim = v->ndim, .big_endian = sheaf_dtype_size(v->dtype) > 1};
    info->data_offset = v->begin;
    memcpy(info->shape, v->shape, sizeof info->shape);
    return netcdf_classic_check(file, nc, v, where, error);
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    struct netcdf *nc = file->own;
    const struct netcdf_variable *v = &nc->variables[part];
    char where[NETCDF_WHERE];
    size_t bytes;
    bool empty = false;
    sheaf_status status = describe_stored(file, nc, v, info, error);
    if (status)
        return status;
    netcdf_mask_make(v, &nc->mask);
    info->dtype = nc->mask.to;
    bytes = sheaf_dtype_size(info->dtype);
    for (int d = 0; d < info->ndim; d++) {
        empty = empty || info->shape[d] == 0;
        if ((info->shape[d] && !size_mul(bytes, (size_t)info->shape[d], &bytes)) || bytes > PTRDIFF_MAX / 2)
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: its shape is larger than any file",
                                   netcdf_where(file, v->name, where));
    }
    info->data_bytes = empty ? 0 : bytes;
    snprintf(info->format, sizeof info->format, "netcdf %d", nc->version);
    return SHEAF_OK;
}

/* A classic variable that no record interrupts, and nothing converts. */
static bool is_plain(const struct netcdf *nc, const struct netcdf_variable *v)
{
    return !v->records && !nc->mask.active;
}

static const struct io_convert *converts(const struct netcdf *nc)
{
    return nc->mask.active ? &nc->mask.convert : NULL;
}

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    struct netcdf *nc = in->file->own;
    const struct netcdf_variable *v = &nc->variables[in->part];
    sheaf_status status = describe(in->file, in->part, &in->info, error);
    if (status)
        return status;
#ifdef SHEAF_HDF5
    if (nc->h5)
        return hdf5_prepare(nc->h5, converts(nc), in, buffer, view, error);
#endif
    if (is_plain(nc, v))
        return plain_prepare(in, buffer, view, error);
    status = io_reserve(buffer, (size_t)in->info.data_bytes, 0, in->path, error);
    in->piece_bytes = PIECE;
    in->npieces = (size_t)in->info.data_bytes / PIECE + (in->info.data_bytes % PIECE != 0);
    return status ? status : sheaf_view_init(view, buffer->data, in->info.dtype, in->info.ndim, in->info.shape, error);
}

/* Elements [begin, end) of a classic variable, converted by and by. */
static sheaf_status read_classic(struct io_input *in, size_t begin, size_t end, char *to, sheaf_error *error)
{
    const struct netcdf *nc = in->file->own;
    const struct netcdf_variable *v = &nc->variables[in->part];
    const size_t most = PIECE / sheaf_dtype_size(v->dtype), made = sheaf_dtype_size(in->info.dtype);
    if (!nc->mask.active)
        return netcdf_classic_read(in->file, nc, v, begin, end - begin, to, error);
    sheaf_status status = SHEAF_OK;
    const bool in_place = sheaf_dtype_size(v->dtype) == made; /* conversions go from the first element on */
    unsigned char *stored = in_place ? NULL : pool_get(PIECE);
    if (!in_place && !stored)
        return io_no_memory(in->path, PIECE, error);
    for (size_t n; begin < end && status == SHEAF_OK; begin += n, to += n * made) {
        void *raw = in_place ? to : (void *)stored;
        n = end - begin < most ? end - begin : most;
        status = netcdf_classic_read(in->file, nc, v, begin, n, raw, error);
        if (status == SHEAF_OK)
            nc->mask.convert.run(&nc->mask.convert, n, raw, to);
    }
    pool_put(stored, PIECE);
    return status;
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    const struct netcdf *nc = in->file->own;
    const struct netcdf_variable *v = &nc->variables[in->part];
#ifdef SHEAF_HDF5
    if (nc->h5)
        return hdf5_read_piece(nc->h5, converts(nc), in, piece, view, error);
#endif
    if (is_plain(nc, v))
        return plain_read_piece(in, piece, view, error);
    size_t begin, end, size = sheaf_dtype_size(view->dtype);
    plain_range(in, piece, &begin, &end);
    return read_classic(in, begin / size, end / size, (char *)view->data + begin, error);
}

static sheaf_status fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error)
{
#ifdef SHEAF_HDF5
    const struct netcdf *nc = in->file->own;
    if (nc->h5)
        return hdf5_fetch(nc->h5, converts(nc), in, begin, end, to, error);
#endif
    return read_classic(in, (size_t)begin, (size_t)end, to, error);
}

#ifdef SHEAF_HDF5
static uint64_t fetch_grain(const struct io_input *in)
{
    const struct netcdf *nc = in->file->own;
    return nc->h5 ? hdf5_fetch_grain(nc->h5) : 1;
}
#endif

static const char *dimension(const sheaf_file *file, size_t part, int d)
{
    const struct netcdf *nc = file->own;
    const struct netcdf_variable *v = &nc->variables[part];
    return d >= 0 && d < v->ndim && v->dims[d] >= 0 ? nc->dims[v->dims[d]].name : "";
}

static bool attribute(const sheaf_file *file, size_t part, size_t i, const char **name, const char **value)
{
    const struct netcdf *nc = file->own;
    const struct io_attributes *all = &nc->variables[part].attributes;
    for (size_t k = 0; k < all->n; k++) {
#ifdef SHEAF_HDF5
        if (nc->h5 && netcdf4_hides(all->at[k].name))
            continue;
#endif
        if (i-- > 0)
            continue;
        *name = all->at[k].name;
        *value = all->at[k].text;
        return true;
    }
    return false;
}

const struct io_format format_netcdf = {
    .name = "netcdf",
    .recognise = recognise,
    .open = open_netcdf,
    .close = close_netcdf,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
    .fetch = fetch,
#ifdef SHEAF_HDF5
    .fetch_grain = fetch_grain,
#endif
    .dimension = dimension,
    .attribute = attribute,
};
