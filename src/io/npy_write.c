#include "base/alloc.h"
#include "io/attributes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* NumPy keeps room for the first dimension to grow to this many digits, and pads to this alignment. */
enum {
    GROWTH_DIGITS = 21,
    ALIGNMENT = 64,
    PREFIX = 10
};

static const char *descr_of(sheaf_dtype dtype, bool big_endian)
{
    static const char *const little[] = {"|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2",
                                         "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"};
    static const char *const big[] = {"|b1", "|i1", ">i2", ">i4", ">i8", "|u1", ">u2",
                                      ">u4", ">u8", ">f2", ">f4", ">f8", ">c8", ">c16"};
    return big_endian ? big[dtype] : little[dtype];
}

static const bool native_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

static sheaf_status make_header(struct npy_layout layout, sheaf_dtype dtype, int ndim, const int64_t *shape,
                                unsigned char **header, size_t *n, sheaf_error *error)
{
    /* At 16 dimensions of 19 digits the text is under 500 bytes: version 1.0's 16-bit length always does. */
    char text[1024], digits[24];
    if ((unsigned)dtype >= SHEAF_DTYPE_COUNT || ndim < 0 || ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "no .npy header for dtype %d and %d dimensions", (int)dtype, ndim);
    int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': (",
                          descr_of(dtype, layout.big), layout.fortran ? "True" : "False");
    for (int i = 0; i < ndim; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%" PRId64 "%s", i ? ", " : "", shape[i],
                           ndim == 1 ? "," : "");
    length += snprintf(text + length, sizeof text - (size_t)length, "), }");
    /* The dimension that grows is the one whose neighbours lie farthest apart. */
    const int64_t grows = ndim ? shape[layout.fortran ? ndim - 1 : 0] : 0;
    int growth = ndim ? GROWTH_DIGITS - snprintf(digits, sizeof digits, "%" PRId64, grows) : 0;
    size_t least = (size_t)(PREFIX + length + growth + 1);
    size_t total = least + ALIGNMENT - least % ALIGNMENT; /* NumPy adds a whole 64 where none is needed */
    unsigned char *out = mem_alloc(total);
    if (!out)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for an .npy header of %zu bytes", total);
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = (unsigned char)((total - PREFIX) & 255);
    out[9] = (unsigned char)((total - PREFIX) >> 8);
    memcpy(out + PREFIX, text, (size_t)length);
    memset(out + PREFIX + length, ' ', total - PREFIX - (size_t)length);
    out[total - 1] = '\n';
    *header = out;
    *n = total;
    return SHEAF_OK;
}

sheaf_status npy_header(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned char **header, size_t *n,
                        sheaf_error *error)
{
    return make_header((struct npy_layout){.big = native_big}, dtype, ndim, shape, header, n, error);
}

sheaf_status npy_lay(struct npy_layout layout, const sheaf_view *view, unsigned char **header, size_t *n, void **room,
                     sheaf_error *error)
{
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    sheaf_view columns = *view;
    *room = *header = NULL;
    layout.fortran = layout.fortran && view->ndim > 1; /* else the orders are one, which NumPy calls C's */
    layout.big = layout.big != native_big && sheaf_dtype_size(view->dtype) > 1 ? !native_big : native_big;
    if (layout.fortran || layout.big != native_big) {
        *room = columns.data = mem_alloc(bytes + 1);
        if (!*room)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to lay %zu bytes out", bytes);
        int64_t stride = (int64_t)sheaf_dtype_size(view->dtype);
        for (int d = 0; layout.fortran && d < view->ndim; d++) {
            columns.strides[d] = stride;
            stride *= view->shape[d];
        }
        sheaf_status status = sheaf_view_copy(view, &columns, error);
        if (status)
            return status;
        if (layout.big != native_big)
            io_native(view->dtype, !native_big, (size_t)sheaf_view_size(view), *room);
    }
    return make_header(layout, view->dtype, view->ndim, view->shape, header, n, error);
}

sheaf_status npy_save(const char *path, const sheaf_view *view, bool sync, sheaf_error *error)
{
    return npy_save_as(path, NULL, (struct npy_layout){.big = native_big}, view, sync, error);
}

sheaf_status npy_create_as(const char *path, const char *suffix, const sheaf_view *view, struct io_output *out,
                           uint64_t *data, sheaf_error *error)
{
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    unsigned char *header = NULL;
    size_t n;
    sheaf_status status = npy_header(view->dtype, view->ndim, view->shape, &header, &n, error);
    if (!status)
        status = io_create_as(path, suffix, false, out, error);
    if (!status)
        status = io_resize(out, n + bytes, error);
    if (!status)
        status = io_write_at(out, header, n, 0, error);
    *data = n;
    if (status)
        io_discard(out);
    mem_free(header);
    return status;
}

sheaf_status npy_save_as(const char *path, const char *suffix, struct npy_layout layout, const sheaf_view *view,
                         bool sync, sheaf_error *error)
{
    struct io_output out = {0};
    unsigned char *header = NULL;
    void *room = NULL;
    size_t n, bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    sheaf_status status = npy_lay(layout, view, &header, &n, &room, error);
    if (status)
        goto done;
    status = io_create_as(path, suffix, false, &out, error);
    if (status)
        goto done;
    status = io_write_two(&out, header, n, room ? room : view->data, bytes, error);
    if (!status)
        status = io_commit(&out, sync, error);
done:
    io_discard(&out);
    mem_free(header);
    mem_free(room);
    return status;
}

sheaf_status sheaf_file_save(const char *path, const sheaf_view *view, bool sync, sheaf_error *error)
{
    sheaf_array *copy = NULL;
    sheaf_view source;
    sheaf_status status = SHEAF_OK;
    if (!path || !view)
        return sheaf_error_set(error, SHEAF_INVALID, "sheaf_file_save: no %s was given", path ? "view" : "path");
    status = sheaf_view_init(&source, view->data, view->dtype, view->ndim, view->shape, error); /* checks them */
    if (status)
        return status;
    source = *view;
    if (!sheaf_view_is_contiguous(view)) {
        status = sheaf_array_from_view(view, view->dtype, &copy, error);
        if (status)
            return status;
        source = sheaf_array_view(copy);
    }
    status = npy_save(path, &source, sync, error);
    sheaf_array_free(copy);
    return status;
}
