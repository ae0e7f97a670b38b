/* HDF5's types as dtypes, and attributes. */

#ifdef SHEAF_HDF5

#include "base/alloc.h"
#include "io/hdf5.h"
#include <string.h>

enum {
    ATTRIBUTES_MOST = 4096,
    VALUE_MOST = 64 << 10 /* bytes; what is longer is not shown */
};

/* ---- types ---- */

static sheaf_dtype integer_dtype(hid_t type, size_t size)
{
    static const sheaf_dtype is_signed[] = {SHEAF_I8, SHEAF_I16, SHEAF_I32, SHEAF_I64};
    static const sheaf_dtype is_unsigned[] = {SHEAF_U8, SHEAF_U16, SHEAF_U32, SHEAF_U64};
    if ((size != 1 && size != 2 && size != 4 && size != 8) || H5Tget_precision(type) != 8 * size ||
        H5Tget_offset(type) != 0)
        return SHEAF_DTYPE_COUNT;
    int k = __builtin_ctz((unsigned)size);
    return H5Tget_sign(type) == H5T_SGN_NONE ? is_unsigned[k] : is_signed[k];
}

/* IEEE's half, single and double, and nothing else of these sizes. */
static sheaf_dtype float_dtype(hid_t type, size_t size)
{
    static const struct {
        sheaf_dtype dtype;
        size_t size, exponent_at, exponent, mantissa, bias;
    } ieee[] = {{SHEAF_F16, 2, 10, 5, 10, 15}, {SHEAF_F32, 4, 23, 8, 23, 127}, {SHEAF_F64, 8, 52, 11, 52, 1023}};
    size_t sign, exponent_at, exponent, mantissa_at, mantissa;
    if (H5Tget_fields(type, &sign, &exponent_at, &exponent, &mantissa_at, &mantissa) < 0)
        return SHEAF_DTYPE_COUNT;
    for (size_t i = 0; i < sizeof ieee / sizeof *ieee; i++)
        if (ieee[i].size == size && sign == 8 * size - 1 && exponent_at == ieee[i].exponent_at &&
            exponent == ieee[i].exponent && mantissa_at == 0 && mantissa == ieee[i].mantissa &&
            H5Tget_ebias(type) == ieee[i].bias && H5Tget_norm(type) == H5T_NORM_IMPLIED)
            return ieee[i].dtype;
    return SHEAF_DTYPE_COUNT;
}

static bool member_is(hid_t type, unsigned i, const char *name)
{
    char *is = H5Tget_member_name(type, i);
    bool same = is && strcmp(is, name) == 0;
    H5free_memory(is);
    return same;
}

/* h5py's complex: a compound of r and i. */
static sheaf_dtype complex_dtype(hid_t type, size_t size, bool *big_endian)
{
    bool other;
    sheaf_dtype dtype = SHEAF_DTYPE_COUNT;
    if (H5Tget_nmembers(type) != 2 || !member_is(type, 0, "r") || !member_is(type, 1, "i") ||
        H5Tget_member_offset(type, 0) != 0 || H5Tget_member_offset(type, 1) != size / 2)
        return dtype;
    hid_t real = H5Tget_member_type(type, 0), imag = H5Tget_member_type(type, 1);
    if (real >= 0 && imag >= 0 && H5Tget_class(real) == H5T_FLOAT && H5Tget_class(imag) == H5T_FLOAT &&
        hdf5_dtype(imag, &other) == hdf5_dtype(real, big_endian) && other == *big_endian &&
        H5Tget_size(real) == size / 2)
        dtype = hdf5_dtype(real, big_endian) == SHEAF_F64   ? SHEAF_C128
                : hdf5_dtype(real, big_endian) == SHEAF_F32 ? SHEAF_C64
                                                            : SHEAF_DTYPE_COUNT;
    H5Tclose(real);
    H5Tclose(imag);
    return dtype;
}

/* h5py's bool: FALSE and TRUE in a byte; any other enum is its numbers. */
static sheaf_dtype enum_dtype(hid_t type, bool *big_endian)
{
    hid_t base = H5Tget_super(type);
    sheaf_dtype dtype = base >= 0 ? hdf5_dtype(base, big_endian) : SHEAF_DTYPE_COUNT;
    H5Tclose(base);
    bool truth = (dtype == SHEAF_I8 || dtype == SHEAF_U8) && H5Tget_nmembers(type) == 2 &&
                 member_is(type, 0, "FALSE") && member_is(type, 1, "TRUE");
    return truth ? SHEAF_BOOL : dtype;
}

sheaf_dtype hdf5_dtype(hid_t type, bool *big_endian)
{
    size_t size = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    *big_endian = false;
    if (class == H5T_COMPOUND)
        return complex_dtype(type, size, big_endian);
    if (class == H5T_ENUM)
        return enum_dtype(type, big_endian);
    if (class != H5T_INTEGER && class != H5T_FLOAT)
        return SHEAF_DTYPE_COUNT;
    H5T_order_t order = H5Tget_order(type);
    if (size > 1 && order != H5T_ORDER_LE && order != H5T_ORDER_BE)
        return SHEAF_DTYPE_COUNT;
    *big_endian = size > 1 && order == H5T_ORDER_BE;
    return class == H5T_INTEGER ? integer_dtype(type, size) : float_dtype(type, size);
}

const char *hdf5_type_name(hid_t type)
{
    switch (H5Tget_class(type)) {
    case H5T_STRING:
        return "text";
    case H5T_COMPOUND:
        return "records (a compound type)";
    case H5T_REFERENCE:
        return "references to other objects";
    case H5T_VLEN:
        return "rows of unequal length";
    case H5T_ARRAY:
        return "arrays within elements";
    case H5T_BITFIELD:
        return "bit fields";
    case H5T_OPAQUE:
        return "opaque bytes";
    default:
        return "numbers of a size or form that no dtype has";
    }
}

/* ---- attributes ---- */

/* Texts of a fixed length, or of any, with ", " between. */
static sheaf_status text_values(struct hdf5 *h, hid_t id, hid_t type, size_t n, const char *where,
                                struct io_attribute *out, sheaf_error *error)
{
    bool any = H5Tis_variable_str(type) > 0;
    size_t size = any ? sizeof(char *) : H5Tget_size(type);
    struct io_text text = {0};
    char *values = n && size && size <= VALUE_MOST / n ? mem_calloc(n, size) : NULL;
    if (!values) {
        out->text = n ? "(not shown)" : "";
        return SHEAF_OK;
    }
    sheaf_status status = SHEAF_OK;
    if (H5Aread(id, type, values) < 0)
        status = hdf5_refuses(where, error);
    bool memory = true;
    for (size_t i = 0; i < n && status == SHEAF_OK && memory && text.n < VALUE_MOST; i++) {
        const char *one = any ? ((char **)values)[i] : values + i * size;
        size_t length = !one ? 0 : any ? strlen(one) : strnlen(one, size);
        memory = (i == 0 || io_text_add(&text, ", ", 2)) && (!one || io_text_add(&text, one, length));
    }
    memory = memory && io_text_add(&text, "", 1);
    if (status == SHEAF_OK && (!memory || !(out->text = arena_strdup(&h->arena, text.data))))
        status = io_no_memory(where, text.n, error);
    if (any && status == SHEAF_OK) {
        hid_t space = H5Aget_space(id);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
        H5Sclose(space);
    }
    io_text_free(&text);
    mem_free(values);
    return status;
}

static sheaf_status number_values(struct hdf5 *h, hid_t id, hid_t type, const char *where, struct io_attribute *out,
                                  sheaf_error *error)
{
    bool big;
    out->dtype = hdf5_dtype(type, &big);
    out->text = "(not shown)";
    if (out->dtype == SHEAF_DTYPE_COUNT || out->n > VALUE_MOST / sheaf_dtype_size(out->dtype))
        return SHEAF_OK;
    void *values = arena_alloc(&h->arena, out->n ? out->n * sheaf_dtype_size(out->dtype) : 1, 16);
    if (!values)
        return io_no_memory(where, VALUE_MOST, error);
    if (out->n && H5Aread(id, type, values) < 0)
        return hdf5_refuses(where, error);
    io_native(out->dtype, big, out->n, values);
    out->values = values;
    return attribute_show(&h->arena, out) ? SHEAF_OK : io_no_memory(where, VALUE_MOST, error);
}

static sheaf_status read_attribute(struct hdf5 *h, hid_t id, const char *where, struct io_attribute *out,
                                   sheaf_error *error)
{
    char name[256] = "";
    hid_t type = H5Aget_type(id), space = H5Aget_space(id);
    hssize_t n = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    sheaf_status status = SHEAF_OK;
    *out = (struct io_attribute){.text = "(not shown)"};
    if (type < 0 || n < 0 || H5Aget_name(id, sizeof name, name) < 0)
        status = hdf5_refuses(where, error);
    else if (!(out->name = arena_strdup(&h->arena, name)))
        status = io_no_memory(where, sizeof name, error);
    else if (H5Tget_class(type) == H5T_STRING)
        status = text_values(h, id, type, (size_t)n, where, out, error);
    else {
        out->n = (size_t)n;
        status = number_values(h, id, type, where, out, error);
    }
    H5Sclose(space);
    H5Tclose(type);
    return status;
}

sheaf_status hdf5_attributes(struct hdf5 *h, hid_t object, const char *where, struct io_attributes *out,
                             sheaf_error *error)
{
    H5O_info_t info;
    *out = (struct io_attributes){0};
    if (H5Oget_info(object, &info) < 0)
        return hdf5_refuses(where, error);
    size_t n = info.num_attrs < ATTRIBUTES_MOST ? (size_t)info.num_attrs : ATTRIBUTES_MOST;
    out->at = arena_alloc(&h->arena, (n + 1) * sizeof *out->at, 16);
    if (!out->at)
        return io_no_memory(where, n * sizeof *out->at, error);
    sheaf_status status = SHEAF_OK;
    for (hsize_t i = 0; i < n && status == SHEAF_OK; i++) {
        hid_t id = H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT);
        if (id < 0)
            return hdf5_refuses(where, error);
        status = read_attribute(h, id, where, &out->at[out->n], error);
        out->n += status == SHEAF_OK;
        H5Aclose(id);
    }
    return status;
}

#else
typedef int hdf5_type_is_empty;
#endif
