/* An array as a table of text. */

#include "array/array.h"
#include "io/io.h"
#include "io/number.h"
#include <string.h>

enum {
    FLUSH = 1 << 20,
    CELL = NUMBER_TEXT + 1, /* the longest number, with its delimiter */
    TILE = 1024
};

sheaf_status csv_check(const char *path, const sheaf_view *view, sheaf_error *error)
{
    char text[IO_SHOWN];
    if (view->ndim > 2)
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "%s: a table has rows and columns, and the array %d dimensions; write to NAME.npy or "
                               "NAME.nc",
                               io_shown(path, text), view->ndim);
    if (dtype_is_complex(view->dtype))
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%s: a table has no complex numbers; write to NAME.npy, or the real and imag of it",
                               io_shown(path, text));
    return SHEAF_OK;
}

static sheaf_status flush(struct io_text *t, struct io_output *out, sheaf_error *error)
{
    const size_t n = t->n;
    t->n = 0;
    return io_write(out, t->data, n, error);
}

/* One cell of those that a tile has been cast to. */
static int put_cell(sheaf_dtype wide, bool single, const void *tile, int64_t i, char *to)
{
    if (wide == SHEAF_F64)
        return number_write(((const double *)tile)[i], single, to);
    if (wide == SHEAF_U64)
        return number_write_whole(((const uint64_t *)tile)[i], false, to);
    const int64_t value = ((const int64_t *)tile)[i];
    return number_write_whole(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, to);
}

/* n elements at data, cast to the widest of their kind. */
static void widen(sheaf_dtype from, const void *data, int64_t n, sheaf_dtype wide, void *tile)
{
    sheaf_view a, b;
    if (sheaf_view_init(&a, (void *)data, from, 1, &n, NULL) == SHEAF_OK &&
        sheaf_view_init(&b, tile, wide, 1, &n, NULL) == SHEAF_OK)
        sheaf_view_copy(&a, &b, NULL);
}

static sheaf_status write_rows(const sheaf_view *view, struct io_text *t, struct io_output *out, sheaf_error *error)
{
    const int64_t n = sheaf_view_size(view), columns = view->ndim > 1 ? view->shape[1] : 1;
    const size_t size = sheaf_dtype_size(view->dtype);
    const sheaf_dtype wide = dtype_is_float(view->dtype)                                     ? SHEAF_F64
                             : dtype_is_integer(view->dtype) && dtype_is_signed(view->dtype) ? SHEAF_I64
                                                                                             : SHEAF_U64;
    const bool single = view->dtype == SHEAF_F32 || view->dtype == SHEAF_F16;
    double tile[TILE];
    sheaf_status status = SHEAF_OK;
    int64_t column = 0;
    for (int64_t at = 0; at < n && status == SHEAF_OK; at += TILE) {
        const int64_t some = n - at < TILE ? n - at : TILE;
        char *to = (char *)io_text_room(t, (size_t)some * CELL);
        if (!to)
            return io_no_memory(out->path, FLUSH, error);
        char *const first = to;
        widen(view->dtype, (const char *)view->data + (size_t)at * size, some, wide, tile);
        for (int64_t i = 0; i < some; i++) {
            to += put_cell(wide, single, tile, i, to);
            column = column + 1 < columns ? column + 1 : 0;
            *to++ = column ? ',' : '\n';
        }
        t->n -= (size_t)some * CELL - (size_t)(to - first);
        if (t->n > FLUSH)
            status = flush(t, out, error);
    }
    return status;
}

sheaf_status csv_save_as(const char *path, const char *suffix, const sheaf_view *view, sheaf_error *error)
{
    struct io_output out = {0};
    struct io_text text = {0};
    sheaf_status status = csv_check(path, view, error);
    if (status == SHEAF_OK)
        status = io_create_as(path, suffix, false, &out, error);
    if (status == SHEAF_OK)
        status = write_rows(view, &text, &out, error);
    if (status == SHEAF_OK)
        status = flush(&text, &out, error);
    if (status == SHEAF_OK)
        status = io_commit(&out, false, error);
    io_discard(&out);
    io_text_free(&text);
    return status;
}
