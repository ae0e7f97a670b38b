/* An array as a table of text. */

#include "array/array.h"
#include "io/io.h"

enum {
    FLUSH = 1 << 20,
    CELL = 40 /* the longest number, with its delimiter */
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

static sheaf_status write_rows(const sheaf_view *view, struct io_text *t, struct io_output *out, sheaf_error *error)
{
    const int64_t rows = view->ndim > 0 ? view->shape[0] : 1, columns = view->ndim > 1 ? view->shape[1] : 1;
    const size_t size = sheaf_dtype_size(view->dtype);
    const char *at = view->data;
    sheaf_view one;
    sheaf_status status = SHEAF_OK;
    sheaf_view_init(&one, NULL, view->dtype == SHEAF_BOOL ? SHEAF_U8 : view->dtype, 0, NULL, NULL);
    for (int64_t r = 0; r < rows && status == SHEAF_OK; r++)
        for (int64_t c = 0; c < columns && status == SHEAF_OK; c++, at += size) {
            char *to = (char *)io_text_room(t, CELL);
            if (!to)
                return io_no_memory(out->path, FLUSH, error);
            one.data = (void *)at;
            const int n = sheaf_format_scalar(&one, to, CELL - 1);
            to[n] = c + 1 < columns ? ',' : '\n';
            t->n -= CELL - (size_t)n - 1;
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
