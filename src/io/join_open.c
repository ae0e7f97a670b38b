/* Looking at the files of a join: whether they are one array. */

#include "array/array.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/hash.h"
#include "io/join.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EACH 100 /* of a path, of two in a message */

/* ---- along which axis ---- */

static sheaf_status no_dimension(const struct joined *j, sheaf_error *error)
{
    char names[160] = "";
    size_t n = 0;
    for (int d = 0; d < j->grid.ndim && n + 40 < sizeof names; d++)
        if (*j->grid.dims[d].name)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%.36s", n ? ", " : "", j->grid.dims[d].name);
    if (n == 0)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%.200s: its dimensions have no names, and there is no '%.60s' to join along: give a "
                               "number, or 'new' to stack",
                               j->join->paths[0], j->join->axis);
    return sheaf_error_set(error, SHEAF_INVALID,
                           "%.200s: has no dimension '%.60s' to join along: it has %s; 'new' stacks", j->join->paths[0],
                           j->join->axis, names);
}

/* By the first member. */
static sheaf_status find_axis(struct joined *j, sheaf_error *error)
{
    char *end, text[SHAPE_TEXT];
    const char *axis = j->join->axis;
    const int ndim = j->info.ndim;
    j->stacked = strcmp(axis, "new") == 0;
    if (j->stacked && ndim == SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_SHAPE, "%.200s: has %d dimensions, and one more is too many",
                               j->join->paths[0], ndim);
    if (j->stacked)
        return SHEAF_OK;
    errno = 0;
    const long number = strtol(axis, &end, 10);
    if (end == axis || *end) {
        for (int d = 0; d < ndim; d++)
            if (strcmp(j->grid.dims[d].name, axis) == 0) {
                j->axis = d;
                return SHEAF_OK;
            }
        return no_dimension(j, error);
    }
    if (errno || number < -ndim || number >= ndim)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%.200s: its shape is %s, which has no axis %.30s to join along; 'new' stacks",
                               j->join->paths[0], shape_text(ndim, j->info.shape, text), axis);
    j->axis = (int)(number < 0 ? number + ndim : number);
    return SHEAF_OK;
}

/* ---- members ---- */

/* Whether the arrays fit together at all. */
static sheaf_status check_shape(const struct joined *j, const char *path, const sheaf_file_info *info,
                                sheaf_error *error)
{
    const sheaf_file_info *first = &j->info;
    const char *first_path = j->join->paths[0];
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    if (info->dtype != first->dtype)
        return sheaf_error_set(
            error, SHEAF_DTYPE,
            "%.*s is %s and %.*s is %s, and joined they are one array: convert one of them first, as "
            "'sheaf map \"%s(x)\"' does",
            EACH, first_path, sheaf_dtype_name(first->dtype), EACH, path, sheaf_dtype_name(info->dtype),
            sheaf_dtype_name(first->dtype));
    bool fits = info->ndim == first->ndim;
    for (int d = 0; d < info->ndim && fits; d++)
        fits = info->shape[d] == first->shape[d] || (d == j->axis && !j->stacked);
    if (fits)
        return SHEAF_OK;
    shape_text(first->ndim, first->shape, a);
    shape_text(info->ndim, info->shape, b);
    if (j->stacked)
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "%.*s is of shape %.80s and %.*s of %.80s: only arrays of one shape can be stacked",
                               EACH, first_path, a, EACH, path, b);
    return sheaf_error_set(error, SHEAF_SHAPE,
                           "%.*s is of shape %.80s and %.*s of %.80s: they may differ along axis %d only", EACH,
                           first_path, a, EACH, path, b, j->axis);
}

/* A pipe has nothing left when it is opened again. */
static sheaf_status check_regular(const struct io_input *in, sheaf_error *error)
{
    struct stat st;
    const int fd = in->file ? in->file->source.fd : in->fd;
    if (fd < 0 || fstat(fd, &st) != 0 || S_ISREG(st.st_mode))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "%.300s: is no regular file, and what is joined is read more than once: save it first",
                           in->path);
}

/* The first decides what all have to be. */
static sheaf_status take_first(struct joined *j, struct io_input *in, sheaf_error *error)
{
    j->info = in->info;
    sheaf_status status = grid_take(in, &j->grid, error);
    return status ? status : find_axis(j, error);
}

static sheaf_status check_other(struct joined *j, struct io_input *in, sheaf_error *error)
{
    struct io_grid grid = {0};
    sheaf_status status = check_shape(j, in->path, &in->info, error);
    if (status == SHEAF_OK)
        status = grid_take(in, &grid, error);
    if (status == SHEAF_OK)
        status = grid_check(&j->grid, j->join->paths[0], &grid, in->path, j->stacked ? -1 : j->axis, error);
    grid_clear(&grid);
    return status;
}

/* How much of it is read at once, so that no chunk is unpacked twice; and of the whole, as far as members are alike. */
static void take_grain(struct joined *j, struct join_member *m, const struct io_input *in)
{
    const size_t each = JOIN_PIECE / sheaf_dtype_size(in->info.dtype), grain = (size_t)io_fetch_grain(in);
    m->step = grain < each ? each / grain * grain : grain;
    j->grain = j->grain > grain ? j->grain : grain;
}

static sheaf_status look_at(struct joined *j, size_t k, struct io_input *in, sheaf_error *error)
{
    struct join_member *m = &j->members[k];
    sheaf_status status = check_regular(in, error);
    if (status == SHEAF_OK)
        status = k ? check_other(j, in, error) : take_first(j, in, error);
    if (status)
        return status;
    const struct join_member *before = k ? m - 1 : NULL;
    m->first = before ? before->first + before->length : 0;
    m->length = j->stacked ? 1 : in->info.shape[j->axis];
    m->fetched = io_can_fetch(in) && !in->info.fortran_order;
    m->whole = !m->fetched || (in->file && in->file->format->finish);
    j->fetched = j->fetched && m->fetched;
    if (m->fetched)
        take_grain(j, m, in);
    if (m->length > INT64_MAX - m->first)
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%.300s: joined with what is before, it is too large", in->path);
    return SHEAF_OK;
}

static sheaf_status look(struct joined *j, bool *transient, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    sheaf_status status = SHEAF_OK;
    for (size_t k = 0; k < j->join->n && status == SHEAF_OK; k++) {
        struct io_input in;
        status = io_open_header(j->join->paths[k], j->join->read, &buffer, &in, &j->members[k].identity, false, error);
        if (status == SHEAF_OK)
            status = look_at(j, k, &in, error);
        *transient = in.transient;
        io_close(&in);
    }
    io_buffer_free(&buffer);
    return status;
}

/* ---- the whole ---- */

/* What a team reads at once: members, or, where any bytes of one can be read, runs of them. */
static void cut(struct joined *j)
{
    for (size_t k = 0; k < j->join->n; k++) {
        struct join_member *m = &j->members[k];
        const size_t elements = j->outer * (size_t)m->length * j->inner;
        m->piece = j->pieces;
        j->pieces += m->whole ? elements > 0 : elements / m->step + (elements % m->step != 0);
    }
}

static sheaf_status describe_whole(struct joined *j, sheaf_error *error)
{
    const struct join_member *last = &j->members[j->join->n - 1];
    sheaf_file_info *info = &j->info;
    size_t bytes;
    if (j->stacked) {
        memmove(info->shape + 1, info->shape, (size_t)info->ndim * sizeof *info->shape);
        info->ndim++;
    }
    info->shape[j->axis] = last->first + last->length;
    info->fortran_order = info->big_endian = false;
    info->data_offset = 0;
    snprintf(info->format, sizeof info->format, "joined");
    sheaf_status status = array_bytes(info->dtype, info->ndim, info->shape, &bytes, error);
    info->data_bytes = bytes;
    j->outer = j->inner = 1;
    for (int d = 0; d < info->ndim && status == SHEAF_OK && bytes; d++)
        if (d != j->axis)
            *(d < j->axis ? &j->outer : &j->inner) *= (size_t)info->shape[d];
    if (status == SHEAF_OK && bytes)
        cut(j);
    return status;
}

/* One for all. */
static void identify(struct io_identity *all, const struct io_identity *one)
{
    all->device++;
    all->inode = hash_bytes(one, sizeof *one, all->inode);
    all->size += one->size;
    all->mtime_ns = one->mtime_ns > all->mtime_ns ? one->mtime_ns : all->mtime_ns;
}

bool io_identify_read(const char *path, const sheaf_read *read, bool contents, struct io_identity *identity)
{
    const struct io_join *join = read_join(read);
    struct io_identity one;
    if (!join)
        return io_identify(path, contents, identity);
    *identity = (struct io_identity){0};
    for (size_t k = 0; k < join->n; k++) {
        if (!io_identify(join->paths[k], contents, &one))
            return false;
        identify(identity, &one);
    }
    return true;
}

sheaf_status join_open(const char *path, const sheaf_read *read, sheaf_file **out, bool *transient, sheaf_error *error)
{
    const struct io_join *join = read_join(read);
    sheaf_file *file = mem_calloc(1, sizeof *file);
    struct joined *j = mem_calloc(1, sizeof *j);
    struct join_member *members = mem_calloc(join->n, sizeof *members);
    *out = NULL;
    if (!file || !j || !members || !(file->path = mem_strdup(path))) {
        mem_free(file);
        mem_free(j);
        mem_free(members);
        return io_no_memory(path, join->n * sizeof *members, error);
    }
    j->join = join;
    j->members = members;
    j->fetched = true;
    for (int s = 0; s < JOIN_SLOTS; s++)
        j->slots[s].in.fd = -1;
    pthread_mutex_init(&j->lock, NULL);
    *file =
        (sheaf_file){.format = &format_join, .source.fd = -1, .read = read, .path = file->path, .nparts = 1, .own = j};
    sheaf_status status = look(j, transient, error);
    if (status == SHEAF_OK)
        status = describe_whole(j, error);
    for (size_t k = 0; k < join->n; k++)
        identify(&j->identity, &members[k].identity);
    if (status)
        sheaf_file_close(file);
    else
        *out = file;
    return status;
}
