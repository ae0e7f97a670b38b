/* HDF5: every dataset of numbers is a part, named by its path. Those that are netCDF-4 are read so. */

#include "io/format.h"
#include <string.h>

/* The signature stands at the beginning, or behind a user's block of 512 bytes, doubled again and again. */
static bool recognise(const unsigned char *head, size_t n)
{
    for (size_t at = 0; at + 8 <= n; at = at ? 2 * at : 512)
        if (memcmp(head + at, "\x89HDF\r\n\x1a\n", 8) == 0)
            return true;
    return false;
}

#ifdef SHEAF_HDF5

#include "base/alloc.h"
#include "io/hdf5.h"
#include "io/netcdf.h"

static sheaf_status list(sheaf_file *file, sheaf_error *error)
{
    struct hdf5 *h = NULL;
    sheaf_status status = hdf5_open(file, &h, error);
    file->own = h;
    if (status)
        return status;
    if (!read_format(file->read) && netcdf4_is(file, h))
        return netcdf4_open(file, h, error);
    file->names = mem_alloc((h->n + 1) * sizeof *file->names);
    if (!file->names)
        return io_no_memory(file->path, h->n * sizeof *file->names, error);
    for (size_t i = 0; i < h->n; i++)
        file->names[i] = h->parts[i].name;
    file->nparts = h->n;
    return SHEAF_OK;
}

static void close_file(sheaf_file *file)
{
    hdf5_close(file->own);
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    struct hdf5 *h = file->own;
    sheaf_status status = hdf5_set_open(file, h, part, error);
    if (status == SHEAF_OK)
        *info = h->set.info;
    return status;
}

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    struct hdf5 *h = in->file->own;
    sheaf_status status = hdf5_set_open(in->file, h, in->part, error);
    return status ? status : hdf5_prepare(h, NULL, in, buffer, view, error);
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    return hdf5_read_piece(in->file->own, NULL, in, piece, view, error);
}

static sheaf_status fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error)
{
    return hdf5_fetch(in->file->own, NULL, in, begin, end, to, error);
}

static uint64_t fetch_grain(const struct io_input *in)
{
    return hdf5_fetch_grain(in->file->own);
}

static bool attribute(const sheaf_file *file, size_t part, size_t i, const char **name, const char **value)
{
    struct hdf5 *h = file->own;
    if (hdf5_set_attributes(file, h, part, NULL) != SHEAF_OK || i >= h->attributes.n)
        return false;
    *name = h->attributes.at[i].name;
    *value = h->attributes.at[i].text;
    return true;
}

static const char *const called[] = {".h5", ".hdf5", ".he5", NULL};

const struct io_format format_hdf5 = {
    .name = "hdf5",
    .called = called,
    .recognise = recognise,
    .open = list,
    .close = close_file,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
    .fetch = fetch,
    .fetch_grain = fetch_grain,
    .attribute = attribute,
};

#else

static const char *const called[] = {".h5", ".hdf5", ".he5", NULL};

const struct io_format format_hdf5 = {
    .name = "hdf5", .called = called, .missing = "libhdf5-dev", .recognise = recognise};

#endif
