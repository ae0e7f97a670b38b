/* Raw binary: nothing but the elements. All that is known of them comes from --read. */

#include "base/checked.h"
#include "io/format.h"
#include <stdlib.h>
#include <string.h>

static const char *const keys[] = {"dtype", "shape", "order", "endian", "skip", NULL};

static sheaf_status wrong(const sheaf_file *file, const char *key, const char *expected, sheaf_error *error)
{
    char text[IO_SHOWN];
    const char *value = read_value(file->read, key);
    return sheaf_error_set(error, SHEAF_INVALID, "%s: --read %s=%.60s: %s", io_shown(file->path, text), key,
                           value ? value : "…", expected);
}

/* Digits only; false for anything else, and for what does not fit. */
static bool whole(const char *text, const char **end, int64_t *out)
{
    *out = 0;
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, *text - '0', out))
            return false;
    *end = text;
    return true;
}

static sheaf_status read_dtype(const sheaf_file *file, sheaf_file_info *info, sheaf_error *error)
{
    const char *dtype = read_value(file->read, "dtype"), *endian = read_value(file->read, "endian");
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (!dtype)
        return wrong(file, "dtype", "raw binary needs it said, as dtype=float32", error);
    if (*dtype == '<' || *dtype == '>')
        big = *dtype++ == '>';
    if (endian && strcmp(endian, "big") != 0 && strcmp(endian, "little") != 0)
        return wrong(file, "endian", "is either big or little", error);
    if (endian)
        big = *endian == 'b';
    info->dtype = npy_dtype(dtype, strlen(dtype));
    if (info->dtype == SHEAF_DTYPE_COUNT)
        return wrong(file, "dtype", "no such dtype; use float64, float32, int16, … or NumPy's codes, as '>i2'", error);
    info->big_endian = big && sheaf_dtype_size(info->dtype) > 1;
    return SHEAF_OK;
}

/* The shape said, with -1 as -1; without one, all there is in one dimension. */
static sheaf_status read_shape(const sheaf_file *file, sheaf_file_info *info, sheaf_error *error)
{
    static const char expected[] = "is numbers with commas between, one of which may be -1, as shape=480,640";
    const char *at = read_value(file->read, "shape");
    int open = 0;
    info->ndim = 0;
    if (!at) {
        info->shape[info->ndim++] = -1;
        return SHEAF_OK;
    }
    while (*at) {
        if (info->ndim == SHEAF_MAX_NDIM)
            return wrong(file, "shape", "has more dimensions than this version takes", error);
        if (strncmp(at, "-1", 2) == 0 && open++ == 0) {
            info->shape[info->ndim] = -1;
            at += 2;
        } else if (!whole(at, &at, &info->shape[info->ndim])) {
            return wrong(file, "shape", expected, error);
        }
        info->ndim++;
        if (*at == ',')
            at++;
        else if (*at)
            return wrong(file, "shape", expected, error);
    }
    return SHEAF_OK;
}

/* Fill in the -1, and see that the shape takes up all `held` bytes behind what is skipped. */
static sheaf_status fit(const sheaf_file *file, sheaf_file_info *info, uint64_t held, sheaf_error *error)
{
    char text[IO_SHOWN];
    size_t bytes = sheaf_dtype_size(info->dtype);
    int64_t *open = NULL;
    bool empty = false;
    for (int d = 0; d < info->ndim; d++) {
        if (info->shape[d] < 0)
            open = &info->shape[d];
        else if (info->shape[d] == 0)
            empty = true;
        else if (!size_mul(bytes, (size_t)info->shape[d], &bytes) || bytes > PTRDIFF_MAX / 2)
            return wrong(file, "shape", "is larger than any file", error);
    }
    if (open) {
        *open = empty ? 0 : (int64_t)(held / bytes);
        bytes *= *open && !empty ? (size_t)*open : 1;
        empty = empty || *open == 0;
    }
    info->data_bytes = empty ? 0 : bytes;
    if (info->data_bytes == held)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: holds %llu bytes behind the %llu skipped, but dtype and shape make %llu: set --read "
                           "dtype, shape and skip to what is in the file",
                           io_shown(file->path, text), (unsigned long long)held, (unsigned long long)info->data_offset,
                           (unsigned long long)info->data_bytes);
}

static sheaf_status list(sheaf_file *file, sheaf_error *error)
{
    (void)error;
    file->nparts = 1;
    return SHEAF_OK;
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    const char *order = read_value(file->read, "order"), *skip = read_value(file->read, "skip");
    int64_t offset = 0;
    uint64_t size;
    (void)part;
    *info = (sheaf_file_info){.format = "raw"};
    sheaf_status status = read_dtype(file, info, error);
    if (status == SHEAF_OK)
        status = read_shape(file, info, error);
    if (status == SHEAF_OK && order && strcmp(order, "C") != 0 && strcmp(order, "F") != 0)
        status = wrong(file, "order", "is either C (rows together) or F (columns together)", error);
    if (status == SHEAF_OK && skip && (!whole(skip, &skip, &offset) || *skip))
        status = wrong(file, "skip", "is a number of bytes", error);
    if (status == SHEAF_OK)
        status = io_source_size(&file->source, &size, error);
    if (status)
        return status;
    if ((uint64_t)offset > size)
        return wrong(file, "skip", "the file is shorter", error);
    info->fortran_order = order && *order == 'F';
    info->data_offset = (uint64_t)offset;
    return fit(file, info, size - (uint64_t)offset, error);
}

const struct io_format format_raw = {
    .name = "raw",
    .keys = keys,
    .open = list,
    .describe = describe,
    .prepare = plain_prepare,
    .read_piece = plain_read_piece,
    .fetch = plain_fetch,
};
