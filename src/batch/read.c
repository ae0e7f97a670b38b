/* The data of an opened file, by one thread or a team. */

#include "batch/driver.h"

struct reading {
    struct io_input *in;
    const sheaf_view *view;
    atomic_flag failed;
    sheaf_status status;
    sheaf_error error;
};

static void read_pieces(void *context, size_t begin, size_t end, int thread)
{
    struct reading *r = context;
    sheaf_error error = {SHEAF_OK, ""};
    (void)thread;
    for (size_t piece = begin; piece < end; piece++) {
        sheaf_status status = io_read_piece(r->in, piece, r->view, &error);
        if (status != SHEAF_OK && !atomic_flag_test_and_set(&r->failed)) {
            r->status = status;
            r->error = error;
        }
    }
}

/* Piece by piece: shared by a team, and no longer than to its deadline. */
static sheaf_status read_shared(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, const team *t,
                                sheaf_error *error)
{
    sheaf_status status = io_prepare(in, buffer, view, error);
    if (status == SHEAF_OK) {
        struct reading r = {.in = in, .view = view, .failed = ATOMIC_FLAG_INIT, .status = SHEAF_OK};
        par_pieces(t, in->npieces, 1, read_pieces, &r);
        status = r.status;
        if (status != SHEAF_OK)
            *error = r.error;
        else if (!team_late(t))
            status = io_finish(in, error);
    }
    io_close(in);
    return status;
}

sheaf_status read_file(struct worker *w, struct io_input *in, struct io_buffer *buffer, sheaf_view *view, const team *t)
{
    char text[IO_SHOWN];
    w->bytes += in->info.data_bytes;
    sheaf_status status = t->threads == 1 && !t->deadline ? io_read_all(in, buffer, view, &w->error)
                                                          : read_shared(in, buffer, view, t, &w->error);
    w->transient = in->transient;
    if (status == SHEAF_OK && team_late(t))
        status = sheaf_error_set(&w->error, SHEAF_TIMEOUT, "reading %s took too long", io_shown(in->path, text));
    return status;
}

sheaf_status read_dims(struct worker *w, int k, const struct io_input *in)
{
    struct io_text *text = &w->dims_text[k];
    w->dims[k] = NULL;
    if (!func_names_axes(w->map->func))
        return SHEAF_OK;
    if (!io_dimensions(in, text))
        return sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no memory for the names of dimensions");
    w->dims[k] = text->n ? text->data : NULL;
    return SHEAF_OK;
}

void read_clear(struct worker *w)
{
    for (int k = 0; k < ITEM_MAX_INPUTS; k++)
        io_text_free(&w->dims_text[k]);
}
