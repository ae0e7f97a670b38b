#include "base/alloc.h"
#include "io/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* NumPy keeps room for the first dimension to grow to this many digits, and pads to this alignment. */
enum {
    GROWTH_DIGITS = 21,
    ALIGNMENT = 64,
    PREFIX = 10
};

static const char *descr_of(sheaf_dtype dtype)
{
    static const char *const little[] = {"|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2",
                                         "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"};
    static const char *const big[] = {"|b1", "|i1", ">i2", ">i4", ">i8", "|u1", ">u2",
                                      ">u4", ">u8", ">f2", ">f4", ">f8", ">c8", ">c16"};
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? big[dtype] : little[dtype];
}

sheaf_status npy_header(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned char **header, size_t *n,
                        sheaf_error *error)
{
    /* At 16 dimensions of 19 digits the text is under 500 bytes: version 1.0's 16-bit length always does. */
    char text[1024], digits[24];
    if ((unsigned)dtype >= SHEAF_DTYPE_COUNT || ndim < 0 || ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "no .npy header for dtype %d and %d dimensions", (int)dtype, ndim);
    int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr_of(dtype));
    for (int i = 0; i < ndim; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%" PRId64 "%s", i ? ", " : "", shape[i],
                           ndim == 1 ? "," : "");
    length += snprintf(text + length, sizeof text - (size_t)length, "), }");
    int growth = ndim ? GROWTH_DIGITS - snprintf(digits, sizeof digits, "%" PRId64, shape[0]) : 0;
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

sheaf_status npy_save(const char *path, const sheaf_view *view, bool sync, sheaf_error *error)
{
    return npy_save_as(path, NULL, view, sync, error);
}

sheaf_status npy_save_as(const char *path, const char *suffix, const sheaf_view *view, bool sync, sheaf_error *error)
{
    struct io_output out = {0};
    unsigned char *header = NULL;
    size_t n, bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    sheaf_status status = npy_header(view->dtype, view->ndim, view->shape, &header, &n, error);
    if (status)
        goto done;
    status = io_create_as(path, suffix, false, &out, error);
    if (status)
        goto done;
    status = io_write_two(&out, header, n, view->data, bytes, error);
    if (!status)
        status = io_commit(&out, sync, error);
done:
    io_discard(&out);
    mem_free(header);
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
