/* The bytes of a netCDF classic file, as in the NetCDF Classic Format Specification (docs.unidata.ucar.edu): a header
 * of big-endian numbers, then the variables one behind the other. CDF-1 where that can hold it, else CDF-2, whose
 * places have 64 bits, else CDF-5, whose lengths have too, and which has all integers. */

#include "io/netcdf_write.h"
#include "base/alloc.h"
#include "base/pool.h"
#include <stdio.h>
#include <string.h>

enum {
    TAG_DIMENSION = 10,
    TAG_VARIABLE = 11,
    TAG_ATTRIBUTE = 12,
    TYPE_BYTE = 1,
    TYPE_CHAR = 2,
    TYPE_INT = 4,
    TYPE_DOUBLE = 6,
    SWAPPED = 64 << 10
};

#define LARGE_1 INT32_MAX                 /* places of CDF-1, lengths of CDF-1 and 2 */
#define LARGE_2 ((uint64_t)INT32_MAX - 3) /* bytes of a variable of these, with room for padding */

/* The number of a dtype's type, 0: there is none. bool is written as bytes that say so. */
static int type_of(sheaf_dtype dtype)
{
    switch (dtype) {
    case SHEAF_DTYPE_COUNT:
        return TYPE_CHAR;
    case SHEAF_BOOL:
    case SHEAF_I8:
        return TYPE_BYTE;
    case SHEAF_I16:
        return 3;
    case SHEAF_I32:
        return TYPE_INT;
    case SHEAF_F32:
        return 5;
    case SHEAF_F64:
        return TYPE_DOUBLE;
    case SHEAF_U8:
        return 7;
    case SHEAF_U16:
        return 8;
    case SHEAF_U32:
        return 9;
    case SHEAF_I64:
        return 10;
    case SHEAF_U64:
        return 11;
    default:
        return 0;
    }
}

sheaf_status nc_check_dtype(const char *path, const char *what, sheaf_dtype dtype, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (type_of(dtype))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "%s: %.100s is %s, which netCDF classic has no type for; write to NAME.npy or NAME.npz, or "
                           "make it float32 or float64",
                           io_shown(path, text), what, sheaf_dtype_name(dtype));
}

static size_t cell(sheaf_dtype dtype)
{
    return dtype == SHEAF_DTYPE_COUNT ? 1 : sheaf_dtype_size(dtype);
}

static uint64_t padded(uint64_t n)
{
    return (n + 3) / 4 * 4;
}

static uint64_t bytes_of(const struct nc_variable *v)
{
    return v->elements * cell(v->dtype);
}

/* ---- the header ---- */

struct out {
    struct io_text text;
    int version;
    bool failed; /* for want of memory */
};

static void put(struct out *o, const void *data, size_t n)
{
    static const char zeros[4] = {0};
    o->failed = o->failed || !io_text_add(&o->text, data, n) || !io_text_add(&o->text, zeros, (size_t)padded(n) - n);
}

static void put_number(struct out *o, int bytes, uint64_t value)
{
    unsigned char b[8];
    for (int i = 0; i < bytes; i++)
        b[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
    put(o, b, (size_t)bytes);
}

static void put_count(struct out *o, uint64_t value)
{
    put_number(o, o->version == 5 ? 8 : 4, value);
}

/* No library opens names with slashes or control characters, or that begin with anything but letters, digits and '_'.
 */
static void put_name(struct out *o, const char *name)
{
    char text[256];
    size_t n = 0;
    if (!*name || !((*name | 32) >= 'a' || *name == '_' || (*name >= '0' && *name <= '9')) || *name == 0x7f)
        text[n++] = '_';
    for (; *name && n + 1 < sizeof text; name++)
        text[n++] = (unsigned char)*name < 0x20 || *name == '/' || *name == 0x7f ? '_' : *name;
    while (n > 1 && text[n - 1] == ' ')
        n--;
    put_count(o, n);
    put(o, text, n);
}

static void put_tag(struct out *o, int tag, size_t n)
{
    put_number(o, 4, n ? (uint64_t)tag : 0);
    put_count(o, n);
}

/* Numbers of types that only CDF-5 has are written as int, or where they do not fit as double. */
static void put_attribute(struct out *o, const struct io_attribute *a)
{
    put_name(o, a->name);
    if (!a->values) {
        const size_t n = strlen(a->text);
        put_number(o, 4, TYPE_CHAR);
        put_count(o, n);
        put(o, a->text, n);
        return;
    }
    int type = type_of(a->dtype);
    bool whole = true;
    double value = 0;
    for (size_t i = 0; i < a->n; i++)
        whole = whole && attribute_number(a, i, &value) && value == (double)(int32_t)value;
    const bool as_is = type > 0 && type <= TYPE_DOUBLE;
    type = as_is ? type : whole ? TYPE_INT : TYPE_DOUBLE;
    put_number(o, 4, (uint64_t)type);
    put_count(o, a->n);
    const size_t size = as_is ? sheaf_dtype_size(a->dtype) : type == TYPE_INT ? 4 : 8;
    char *values = mem_alloc(a->n * size + 1);
    for (size_t i = 0; values && !as_is && i < a->n; i++) {
        attribute_number(a, i, &value);
        const int32_t number = type == TYPE_INT ? (int32_t)value : 0;
        memcpy(values + i * size, type == TYPE_INT ? (const void *)&number : &value, size);
    }
    if (values && as_is)
        memcpy(values, a->values, a->n * size);
    if (values && size > 1)
        io_native(as_is ? a->dtype : type == TYPE_INT ? SHEAF_I32 : SHEAF_F64, true, a->n, values);
    o->failed = o->failed || !values;
    if (values)
        put(o, values, a->n * size);
    mem_free(values);
}

static void put_attributes(struct out *o, const struct io_attributes *all)
{
    put_tag(o, TAG_ATTRIBUTE, all->n);
    for (size_t i = 0; i < all->n; i++)
        put_attribute(o, &all->at[i]);
}

static void put_variable(struct out *o, const struct nc_variable *v)
{
    put_name(o, v->name);
    put_count(o, (uint64_t)v->ndim);
    for (int d = 0; d < v->ndim; d++)
        put_count(o, (uint64_t)v->dims[d]);
    put_attributes(o, &v->attributes);
    put_number(o, 4, (uint64_t)type_of(v->dtype));
    put_count(o, padded(bytes_of(v)));
    put_number(o, o->version == 1 ? 4 : 8, v->begin);
}

static void put_header(struct out *o, const struct nc_writer *w)
{
    const char magic[4] = {'C', 'D', 'F', (char)o->version};
    o->text.n = 0;
    put(o, magic, 4);
    put_count(o, 0); /* records */
    put_tag(o, TAG_DIMENSION, w->ndims);
    for (size_t i = 0; i < w->ndims; i++) {
        put_name(o, w->dims[i].name);
        put_count(o, (uint64_t)w->dims[i].length);
    }
    put_attributes(o, &w->global);
    put_tag(o, TAG_VARIABLE, w->n);
    for (size_t i = 0; i < w->n; i++)
        put_variable(o, &w->variables[i]);
}

/* The least version for what there is, places apart. */
static int least_version(const struct nc_writer *w)
{
    int version = 1;
    for (size_t i = 0; i < w->ndims; i++)
        version = w->dims[i].length > LARGE_1 ? 5 : version;
    for (size_t i = 0; i < w->n; i++)
        if (type_of(w->variables[i].dtype) > TYPE_DOUBLE || bytes_of(&w->variables[i]) > LARGE_2)
            version = 5;
    return version;
}

/* Where each variable begins, which is behind the header; the end of the file. */
static uint64_t lay(struct out *o, struct nc_writer *w)
{
    put_header(o, w);
    uint64_t at = o->text.n;
    for (size_t i = 0; i < w->n; i++) {
        w->variables[i].begin = at;
        at += padded(bytes_of(&w->variables[i]));
    }
    return at;
}

sheaf_status nc_begin(struct nc_writer *w, struct io_output *out, sheaf_error *error)
{
    struct out o = {.version = least_version(w)};
    uint64_t end = lay(&o, w);
    if (o.version == 1 && w->n && w->variables[w->n - 1].begin > LARGE_1) {
        o.version = 2;
        end = lay(&o, w);
    }
    w->version = o.version;
    put_header(&o, w);
    sheaf_status status = SHEAF_OK;
    if (o.failed)
        status = io_no_memory(out->path, o.text.n, error);
    if (status == SHEAF_OK)
        status = io_resize(out, end, error);
    if (status == SHEAF_OK)
        status = io_write_at(out, o.text.data, o.text.n, 0, error);
    for (size_t i = 0; i < w->n && status == SHEAF_OK; i++)
        if (w->variables[i].data)
            status = nc_put(w, out, i, 0, (size_t)w->variables[i].elements, w->variables[i].data, error);
    io_text_free(&o.text);
    return status;
}

sheaf_status nc_put(const struct nc_writer *w, struct io_output *out, size_t variable, uint64_t first, size_t n,
                    const void *data, sheaf_error *error)
{
    const struct nc_variable *v = &w->variables[variable];
    const size_t size = cell(v->dtype), most = SWAPPED / size;
    if (size == 1)
        return io_write_at(out, data, n, v->begin + first, error);
    char *swapped = pool_get(SWAPPED);
    sheaf_status status = swapped ? SHEAF_OK : io_no_memory(out->path, SWAPPED, error);
    for (size_t i = 0; i < n && status == SHEAF_OK; i += most) {
        const size_t some = n - i < most ? n - i : most;
        memcpy(swapped, (const char *)data + i * size, some * size);
        io_native(v->dtype, true, some, swapped); /* to and fro is the same */
        status = io_write_at(out, swapped, some * size, v->begin + (first + i) * size, error);
    }
    pool_put(swapped, SWAPPED);
    return status;
}

void nc_clear(struct nc_writer *w)
{
    arena_free(&w->arena);
    *w = (struct nc_writer){0};
}
