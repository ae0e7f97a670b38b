/* netCDF classic: a header of big-endian numbers, and arrays one behind the other; those on the unlimited dimension
 * are interleaved, record by record. As in the NetCDF Classic Format Specification (docs.unidata.ucar.edu). */

#include "base/checked.h"
#include "base/pool.h"
#include "io/netcdf.h"
#include <string.h>

enum {
    FIRST = 16 << 10,
    TAG_DIMENSION = 10,
    TAG_VARIABLE = 11,
    TAG_ATTRIBUTE = 12,
    TYPE_CHAR = 2,
    SPAN = 256 << 10 /* of records that are read at once, when they are small */
};

static const sheaf_dtype types[] = {SHEAF_DTYPE_COUNT, SHEAF_I8, SHEAF_DTYPE_COUNT, SHEAF_I16, SHEAF_I32, SHEAF_F32,
                                    SHEAF_F64,         SHEAF_U8, SHEAF_U16,         SHEAF_U32, SHEAF_I64, SHEAF_U64};

/* ---- the header, as far as it was read ---- */

struct header {
    sheaf_file *file;
    struct netcdf *nc;
    struct io_buffer bytes;
    size_t at, got;
    uint64_t size;  /* of the file */
    int64_t record; /* the unlimited dimension, or -1 */
    sheaf_error *error;
};

static sheaf_status damaged(struct header *h, const char *why)
{
    char text[IO_SHOWN];
    return sheaf_error_set(h->error, SHEAF_FORMAT, "%s: damaged netCDF header at byte %zu: %s; copy it again",
                           io_shown(h->file->path, text), h->at, why);
}

/* Have the next n bytes at hand, and *bytes at them. */
static sheaf_status take(struct header *h, uint64_t n, const unsigned char **bytes)
{
    if (n > h->size - h->at)
        return damaged(h, "it goes on behind the end of the file, which was cut short");
    size_t end = h->at + (size_t)n;
    if (end > h->got) {
        size_t more = 2 * h->got > end ? 2 * h->got : end > FIRST ? end : FIRST;
        sheaf_status status = io_reserve(&h->bytes, more, h->got, h->file->path, h->error);
        if (status == SHEAF_OK)
            status = io_source_some(&h->file->source, h->bytes.data, more, 0, &h->got, h->error);
        if (status)
            return status;
        if (end > h->got)
            return damaged(h, "the file ends here, it was cut short");
    }
    *bytes = h->bytes.data + h->at;
    h->at = end;
    return SHEAF_OK;
}

static sheaf_status take_number(struct header *h, int bytes, uint64_t *out)
{
    const unsigned char *p;
    sheaf_status status = take(h, (uint64_t)bytes, &p);
    *out = 0;
    for (int i = 0; i < bytes && status == SHEAF_OK; i++)
        *out = *out << 8 | p[i];
    return status;
}

/* A count or a length: 8 bytes in CDF-5. */
static sheaf_status take_count(struct header *h, uint64_t *out)
{
    return take_number(h, h->nc->version == 5 ? 8 : 4, out);
}

static sheaf_status take_name(struct header *h, const char **name)
{
    const unsigned char *p = NULL;
    uint64_t n;
    sheaf_status status = take_count(h, &n);
    if (status == SHEAF_OK && n > h->size)
        return damaged(h, "a name is longer than the file");
    if (status == SHEAF_OK)
        status = take(h, (n + 3) / 4 * 4, &p);
    char *copy = status == SHEAF_OK ? arena_alloc(&h->nc->arena, (size_t)n + 1, 1) : NULL;
    if (status)
        return status;
    if (!copy)
        return io_no_memory(h->file->path, (size_t)n, h->error);
    memcpy(copy, p, (size_t)n);
    copy[n] = '\0';
    *name = copy;
    return SHEAF_OK;
}

/* The head of a list: how many there are, and room for them. Each takes 8 bytes of the file at least. */
static sheaf_status take_list(struct header *h, uint64_t tag, size_t size, size_t *n, void **room)
{
    uint64_t is, count;
    sheaf_status status = take_number(h, 4, &is);
    if (status == SHEAF_OK)
        status = take_count(h, &count);
    if (status)
        return status;
    if (is != tag && (is != 0 || count != 0))
        return damaged(h, "a list of dimensions, attributes or variables should begin");
    if (count > (h->size - h->at) / 8)
        return damaged(h, "a list is longer than the file");
    *room = arena_alloc(&h->nc->arena, ((size_t)count + 1) * size, 16);
    *n = (size_t)count;
    if (!*room)
        return io_no_memory(h->file->path, (size_t)count * size, h->error);
    memset(*room, 0, ((size_t)count + 1) * size);
    return SHEAF_OK;
}

static sheaf_status take_dimensions(struct header *h)
{
    void *room;
    sheaf_status status = take_list(h, TAG_DIMENSION, sizeof *h->nc->dims, &h->nc->ndims, &room);
    if (status)
        return status;
    h->nc->dims = room;
    for (size_t i = 0; i < h->nc->ndims && status == SHEAF_OK; i++) {
        uint64_t length = 0;
        status = take_name(h, &h->nc->dims[i].name);
        if (status == SHEAF_OK)
            status = take_count(h, &length);
        if (length > INT64_MAX)
            return damaged(h, "a dimension is longer than any file");
        if (length == 0 && h->record < 0)
            h->record = (int64_t)i;
        h->nc->dims[i].length = (int64_t)length;
    }
    return status;
}

static sheaf_status take_attribute(struct header *h, struct io_attribute *a)
{
    const unsigned char *p = NULL;
    uint64_t type = 0, n = 0;
    sheaf_status status = take_name(h, &a->name);
    if (status == SHEAF_OK)
        status = take_number(h, 4, &type);
    if (status == SHEAF_OK)
        status = take_count(h, &n);
    if (status)
        return status;
    if (type == 0 || type >= sizeof types / sizeof *types)
        return damaged(h, "an attribute is of no known type");
    size_t size = type == TYPE_CHAR ? 1 : sheaf_dtype_size(types[type]);
    if (n > h->size)
        return damaged(h, "an attribute is longer than the file");
    status = take(h, (n * size + 3) / 4 * 4, &p);
    char *values = status == SHEAF_OK ? arena_alloc(&h->nc->arena, (size_t)n * size + 1, 16) : NULL;
    if (status)
        return status;
    if (!values)
        return io_no_memory(h->file->path, (size_t)n * size, h->error);
    memcpy(values, p, (size_t)n * size);
    a->n = (size_t)n;
    if (type == TYPE_CHAR) {
        values[n] = '\0';
        a->text = values;
        return SHEAF_OK;
    }
    a->dtype = types[type];
    a->values = values;
    io_native(a->dtype, size > 1, (size_t)n, values);
    return attribute_show(&h->nc->arena, a) ? SHEAF_OK : io_no_memory(h->file->path, (size_t)n, h->error);
}

static sheaf_status take_attributes(struct header *h, struct io_attributes *out)
{
    void *room;
    size_t n;
    sheaf_status status = take_list(h, TAG_ATTRIBUTE, sizeof *out->at, &n, &room);
    if (status)
        return status;
    out->at = room;
    for (; out->n < n && status == SHEAF_OK; out->n += status == SHEAF_OK)
        status = take_attribute(h, &out->at[out->n]);
    return status;
}

static sheaf_status take_shape(struct header *h, struct netcdf_variable *v)
{
    uint64_t n = 0, dim;
    char text[IO_SHOWN];
    sheaf_status status = take_count(h, &n);
    if (status == SHEAF_OK && n > SHEAF_MAX_NDIM)
        return sheaf_error_set(h->error, SHEAF_UNSUPPORTED,
                               "%s: %.60s has %llu dimensions; this version reads up to %d",
                               io_shown(h->file->path, text), v->name, (unsigned long long)n, SHEAF_MAX_NDIM);
    v->ndim = (int)n;
    for (int d = 0; d < v->ndim && status == SHEAF_OK; d++) {
        status = take_count(h, &dim);
        if (status)
            return status;
        if (dim >= h->nc->ndims || (d && (int64_t)dim == h->record))
            return damaged(h, "a variable is on a dimension that it cannot be on");
        v->dims[d] = (int)dim;
        v->shape[d] = h->nc->dims[dim].length;
        v->records = v->records || (int64_t)dim == h->record;
    }
    return status;
}

static sheaf_status take_variable(struct header *h, struct netcdf_variable *v)
{
    uint64_t type = 0, declared;
    sheaf_status status = take_name(h, &v->name);
    if (status == SHEAF_OK)
        status = take_shape(h, v);
    if (status == SHEAF_OK)
        status = take_attributes(h, &v->attributes);
    if (status == SHEAF_OK)
        status = take_number(h, 4, &type);
    if (status == SHEAF_OK && (type == 0 || type >= sizeof types / sizeof *types))
        return damaged(h, "a variable is of no known type");
    v->dtype = status == SHEAF_OK ? types[type] : SHEAF_DTYPE_COUNT;
    if (status == SHEAF_OK)
        status = take_count(h, &declared); /* redundant, and wrong where it does not fit */
    return status ? status : take_number(h, h->nc->version == 1 ? 4 : 8, &v->begin);
}

/* ---- records ---- */

/* Elements of one record, or of all that is no record. False: too many for any file. */
static bool row_elements(const struct netcdf_variable *v, size_t *n)
{
    *n = 1;
    for (int d = v->records; d < v->ndim; d++)
        if (!size_mul(*n, (size_t)v->shape[d], n))
            return false;
    return *n <= PTRDIFF_MAX / 16;
}

static size_t cell_bytes(const struct netcdf_variable *v)
{
    return v->dtype == SHEAF_DTYPE_COUNT ? 1 : sheaf_dtype_size(v->dtype);
}

/* How long a record is, and, where the file was written as a stream, how many there are. */
static sheaf_status lay_records(struct header *h, uint64_t count)
{
    struct netcdf *nc = h->nc;
    uint64_t first = UINT64_MAX, only = 0, several = 0;
    for (size_t i = 0; i < nc->n; i++) {
        const struct netcdf_variable *v = &nc->variables[i];
        size_t n;
        if (!v->records)
            continue;
        if (!row_elements(v, &n) ||
            __builtin_add_overflow(nc->record_bytes, (n * cell_bytes(v) + 3) / 4 * 4, &nc->record_bytes))
            return damaged(h, "its records are larger than any file");
        only = n * cell_bytes(v);
        several++;
        first = v->begin < first ? v->begin : first;
    }
    if (several == 1) /* is not padded */
        nc->record_bytes = only;
    if (count == (nc->version == 5 ? UINT64_MAX : UINT32_MAX))
        count = nc->record_bytes && first < h->size ? (h->size - first) / nc->record_bytes : 0;
    if (count > INT64_MAX)
        return damaged(h, "it has more records than any file");
    nc->records = count;
    if (h->record >= 0)
        nc->dims[h->record].length = (int64_t)count;
    for (size_t i = 0; i < nc->n; i++)
        if (nc->variables[i].records)
            nc->variables[i].shape[0] = (int64_t)count;
    return SHEAF_OK;
}

static sheaf_status take_all(struct header *h)
{
    const unsigned char *magic;
    uint64_t count;
    void *room;
    sheaf_status status = take(h, 4, &magic);
    if (status)
        return status;
    h->nc->version = magic[3];
    if (memcmp(magic, "CDF", 3) != 0 || (magic[3] != 1 && magic[3] != 2 && magic[3] != 5))
        return damaged(h, "it is of no version known");
    status = take_count(h, &count);
    if (status == SHEAF_OK)
        status = take_dimensions(h);
    if (status == SHEAF_OK)
        status = take_attributes(h, &h->nc->global);
    size_t n = 0;
    if (status == SHEAF_OK)
        status = take_list(h, TAG_VARIABLE, sizeof *h->nc->variables, &n, &room);
    if (status)
        return status;
    h->nc->variables = room;
    for (; h->nc->n < n && status == SHEAF_OK; h->nc->n += status == SHEAF_OK)
        status = take_variable(h, &h->nc->variables[h->nc->n]);
    return status ? status : lay_records(h, count);
}

sheaf_status netcdf_classic_list(sheaf_file *file, struct netcdf *nc, sheaf_error *error)
{
    struct header h = {.file = file, .nc = nc, .record = -1, .error = error};
    sheaf_status status = io_source_size(&file->source, &h.size, error);
    if (status == SHEAF_OK)
        status = take_all(&h);
    io_buffer_free(&h.bytes);
    return status;
}

/* ---- data ---- */

sheaf_status netcdf_classic_check(const sheaf_file *file, const struct netcdf *nc, const struct netcdf_variable *v,
                                  const char *where, sheaf_error *error)
{
    const uint64_t held = file->source.size;
    size_t row, all;
    uint64_t end = 0;
    bool fits = row_elements(v, &row) && size_mul(row, cell_bytes(v), &row);
    if (fits && v->records)
        fits = size_mul(row, (size_t)nc->records, &all) && all <= PTRDIFF_MAX / 8 &&
               (nc->records == 0 || !__builtin_mul_overflow(nc->record_bytes, nc->records - 1, &end));
    bool none = row == 0 || (v->records && nc->records == 0);
    fits = fits && !__builtin_add_overflow(end, row, &end) && !__builtin_add_overflow(end, v->begin, &end);
    if (fits && (none || end <= held))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: its data end at byte %llu, and the file has %llu: it was cut short; copy it again",
                           where, fits ? (unsigned long long)end : UINT64_MAX, (unsigned long long)held);
}

/* Records that are small lie among others: a span of them is read at once, and the variable's part picked out. */
static sheaf_status read_spans(sheaf_file *file, const struct netcdf *nc, uint64_t from, size_t row, size_t records,
                               unsigned char *to, sheaf_error *error)
{
    const size_t step = (size_t)nc->record_bytes, most = SPAN / step;
    unsigned char *span = pool_get(SPAN);
    sheaf_status status = span ? SHEAF_OK : io_no_memory(file->path, SPAN, error);
    for (size_t i = 0; i < records && status == SHEAF_OK; i += most) {
        size_t n = records - i < most ? records - i : most;
        status = io_source_read(&file->source, span, (n - 1) * step + row, from + i * step, error);
        for (size_t k = 0; k < n && status == SHEAF_OK; k++)
            memcpy(to + (i + k) * row, span + k * step, row);
    }
    pool_put(span, SPAN);
    return status;
}

sheaf_status netcdf_classic_read(sheaf_file *file, const struct netcdf *nc, const struct netcdf_variable *v,
                                 size_t first, size_t n, void *to, sheaf_error *error)
{
    const size_t size = cell_bytes(v);
    size_t row;
    unsigned char *at = to;
    sheaf_status status = SHEAF_OK;
    row_elements(v, &row);
    row *= size;
    const uint64_t step = v->records ? nc->record_bytes : row;
    uint64_t begin = first * size;
    for (size_t left = n * size; left && status == SHEAF_OK;) {
        size_t within = (size_t)(begin % row), length = row - within < left ? row - within : left;
        uint64_t from = v->begin + begin / row * step + within;
        if (step == row) {
            length = left;
            status = io_source_read(&file->source, at, length, from, error);
        } else if (within == 0 && left >= row && step <= SPAN / 4) {
            length = left / row * row;
            status = read_spans(file, nc, from, row, left / row, at, error);
        } else {
            status = io_source_read(&file->source, at, length, from, error);
        }
        at += length;
        begin += length;
        left -= length;
    }
    if (status == SHEAF_OK)
        io_native(v->dtype, size > 1, n, to);
    return status;
}
