/* Reading files that are one array. Members are opened when they are read, and few stay open, so that thousands can be
 * joined. What of them can be read in ranges goes straight to where it belongs; others are decoded whole first. */

#include "io/join.h"

#include "base/alloc.h"
#include "base/pool.h"
#include <string.h>

bool join_is_stale(const sheaf_file *file)
{
    return ((const struct joined *)file->own)->stale;
}

void join_describe(const sheaf_file *file, sheaf_file_info *info)
{
    *info = ((const struct joined *)file->own)->info;
}

bool join_identify(sheaf_file *file, bool contents, struct io_identity *identity)
{
    struct joined *j = file->own;
    if (contents && !j->hashed)
        j->hashed = io_identify_read(file->path, file->read, true, &file->hashed);
    *identity = contents ? file->hashed : j->identity;
    return !contents || j->hashed;
}

static sheaf_status describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error)
{
    (void)part, (void)error;
    join_describe(file, info);
    return SHEAF_OK;
}

static const char *dimension(const sheaf_file *file, size_t part, int d)
{
    const struct joined *j = file->own;
    (void)part;
    d -= j->stacked;
    return d >= 0 && d < j->grid.ndim ? j->grid.dims[d].name : "";
}

/* ---- open members ---- */

static void slot_close(struct join_slot *slot)
{
    io_close(&slot->in);
    sheaf_file_close(slot->buffer.kept);
    slot->buffer.kept = NULL;
}

static sheaf_status check_same(sheaf_file *file, size_t k, const struct io_identity *now, sheaf_error *error)
{
    struct joined *j = file->own;
    char text[IO_SHOWN];
    if (io_same(now, &j->members[k].identity))
        return SHEAF_OK;
    j->stale = file->source.transient = true;
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: has changed since the files that are joined were looked at",
                           io_shown(j->join->paths[k], text));
}

/* A slot with member k open, or the one to open it in: of those that nobody uses, the one used last longest ago. */
static struct join_slot *choose(struct joined *j, size_t k)
{
    struct join_slot *best = NULL;
    for (struct join_slot *s = j->slots; s < j->slots + JOIN_SLOTS; s++) {
        if (s->open && s->member == k)
            return s;
        if (s->users == 0 && (!best || s->used < best->used))
            best = s;
    }
    return best;
}

static void leave(struct joined *j, struct join_slot *slot)
{
    pthread_mutex_lock(&j->lock);
    slot->users--;
    pthread_mutex_unlock(&j->lock);
}

static sheaf_status open_in(sheaf_file *file, struct join_slot *slot, size_t k, sheaf_error *error)
{
    struct joined *j = file->own;
    struct io_identity now;
    slot_close(slot);
    sheaf_status status =
        io_open_header(j->join->paths[k], j->join->read, &slot->buffer, &slot->in, &now, false, error);
    if (status == SHEAF_OK)
        status = check_same(file, k, &now, error);
    if (slot->in.transient)
        file->source.transient = true;
    slot->in.got = 0; /* its first bytes are in another place */
    return status;
}

/* Member k, open in *out until the thread leaves it. Where all slots are in use, one of the thread's own: `spare`. */
static sheaf_status enter(sheaf_file *file, size_t k, struct join_slot *spare, struct join_slot **out,
                          sheaf_error *error)
{
    struct joined *j = file->own;
    pthread_mutex_lock(&j->lock);
    struct join_slot *slot = choose(j, k);
    slot = slot ? slot : spare;
    const bool open = slot->open && slot->member == k;
    slot->users++;
    slot->open = open;
    slot->member = k;
    slot->used = ++j->clock;
    pthread_mutex_unlock(&j->lock);
    *out = slot;
    if (open)
        return SHEAF_OK;
    sheaf_status status = open_in(file, slot, k, error);
    if (status) {
        leave(j, slot);
        return status;
    }
    pthread_mutex_lock(&j->lock);
    slot->open = true;
    pthread_mutex_unlock(&j->lock);
    return SHEAF_OK;
}

static void slot_free(struct join_slot *slot)
{
    slot_close(slot);
    io_buffer_free(&slot->buffer);
}

static void close_joined(sheaf_file *file)
{
    struct joined *j = file->own;
    for (int s = 0; s < JOIN_SLOTS; s++)
        slot_free(&j->slots[s]);
    pthread_mutex_destroy(&j->lock);
    grid_clear(&j->grid);
    mem_free(j->members);
    mem_free(j);
}

/* ---- ranges of members ---- */

/* Elements [begin, end) of member k. */
static sheaf_status fetch_member(sheaf_file *file, size_t k, size_t begin, size_t end, void *to, sheaf_error *error)
{
    struct join_slot spare = {.in.fd = -1}, *slot;
    sheaf_status status = enter(file, k, &spare, &slot, error);
    if (status == SHEAF_OK) {
        status = io_fetch(&slot->in, begin, end, to, error);
        if (status && slot->in.transient)
            file->source.transient = true;
        leave(file->own, slot);
    }
    slot_free(&spare);
    return status;
}

static size_t row_of(const struct joined *j, const struct join_member *m)
{
    return (size_t)m->length * j->inner;
}

static size_t whole_row(const struct joined *j)
{
    return (size_t)j->info.shape[j->axis] * j->inner;
}

/* Where element e of a member stands in the whole. */
static size_t place_of(const struct joined *j, const struct join_member *m, size_t e)
{
    const size_t row = row_of(j, m);
    return e / row * whole_row(j) + (size_t)m->first * j->inner + e % row;
}

/* How many of a member's elements stand in front of place p. */
static size_t count_before(const struct joined *j, const struct join_member *m, size_t p)
{
    const size_t row = row_of(j, m), first = (size_t)m->first * j->inner, at = p % whole_row(j);
    const size_t within = at < first ? 0 : at - first < row ? at - first : row;
    return p / whole_row(j) * row + within;
}

/* Elements [begin, end) of member k, of which not all lie together in the whole, to where they belong. `to` is where
 * place `base` is. */
static sheaf_status scatter(sheaf_file *file, size_t k, size_t begin, size_t end, size_t base, unsigned char *to,
                            sheaf_error *error)
{
    const struct joined *j = file->own;
    const struct join_member *m = &j->members[k];
    const size_t size = sheaf_dtype_size(j->info.dtype), row = row_of(j, m), most = m->step;
    const size_t bytes = (end - begin < most ? end - begin : most) * size;
    unsigned char *part = pool_get(bytes);
    sheaf_status status = part ? SHEAF_OK : io_no_memory(file->path, bytes, error);
    for (size_t next; begin < end && status == SHEAF_OK; begin = next) {
        next = end - begin < most ? end : begin + most;
        status = fetch_member(file, k, begin, next, part, error);
        for (size_t e = begin, n; e < next && status == SHEAF_OK; e += n) {
            n = next - e < row - e % row ? next - e : row - e % row;
            memcpy(to + (place_of(j, m, e) - base) * size, part + (e - begin) * size, n * size);
        }
    }
    pool_put(part, bytes);
    return status;
}

static sheaf_status put(sheaf_file *file, size_t k, size_t begin, size_t end, size_t base, unsigned char *to,
                        sheaf_error *error)
{
    const struct joined *j = file->own;
    const struct join_member *m = &j->members[k];
    const size_t row = row_of(j, m);
    if (begin >= end)
        return SHEAF_OK;
    if (begin / row != (end - 1) / row && j->outer > 1)
        return scatter(file, k, begin, end, base, to, error);
    to += (place_of(j, m, begin) - base) * sheaf_dtype_size(j->info.dtype);
    return fetch_member(file, k, begin, end, to, error);
}

/* ---- ranges of the whole ---- */

/* The last member that begins at or before this place along the axis. */
static size_t member_at(const struct joined *j, int64_t at)
{
    size_t low = 0, high = j->join->n;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (j->members[middle].first <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static sheaf_status fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error)
{
    const struct joined *j = in->file->own;
    size_t first = 0, last = j->join->n - 1;
    sheaf_status status = SHEAF_OK;
    if (begin / whole_row(j) == (end - 1) / whole_row(j)) {
        first = member_at(j, (int64_t)(begin % whole_row(j) / j->inner));
        last = member_at(j, (int64_t)((end - 1) % whole_row(j) / j->inner));
    }
    for (size_t k = first; k <= last && status == SHEAF_OK; k++) {
        const struct join_member *m = &j->members[k];
        if (m->length)
            status = put(in->file, k, count_before(j, m, begin), count_before(j, m, end), begin, to, error);
    }
    return status;
}

static bool can_fetch(const struct io_input *in)
{
    return ((const struct joined *)in->file->own)->fetched;
}

static uint64_t fetch_grain(const struct io_input *in)
{
    return ((const struct joined *)in->file->own)->grain;
}

/* ---- all of it ---- */

static sheaf_status prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error)
{
    const struct joined *j = in->file->own;
    sheaf_status status = io_reserve(buffer, (size_t)in->info.data_bytes, 0, in->path, error);
    in->npieces = j->pieces;
    in->piece_bytes = JOIN_PIECE;
    return status ? status : sheaf_view_init(view, buffer->data, in->info.dtype, in->info.ndim, in->info.shape, error);
}

/* Decode member k whole, and copy it to its place. */
static sheaf_status read_member(sheaf_file *file, size_t k, const sheaf_view *view, sheaf_error *error)
{
    const struct joined *j = file->own;
    const struct join_member *m = &j->members[k];
    struct io_buffer buffer = {0};
    struct io_input in;
    struct io_identity now;
    sheaf_view from, to;
    sheaf_status status = io_open_known(j->join->paths[k], j->join->read, &buffer, &in, &now, false, error);
    if (status == SHEAF_OK)
        status = check_same(file, k, &now, error);
    if (status == SHEAF_OK)
        status = io_read_all(&in, &buffer, &from, error);
    if (status == SHEAF_OK && j->stacked)
        status = sheaf_view_index(view, 0, m->first, &to, error);
    else if (status == SHEAF_OK)
        status = sheaf_view_slice(view, j->axis, m->first, m->first + m->length, 1, &to, error);
    if (status == SHEAF_OK)
        status = sheaf_view_copy(&from, &to, error);
    if (in.transient)
        file->source.transient = true;
    io_close(&in);
    io_buffer_free(&buffer);
    return status;
}

/* The last member whose first piece is this one or before it. */
static size_t member_of_piece(const struct joined *j, size_t piece)
{
    size_t low = 0, high = j->join->n;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (j->members[middle].piece <= piece)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static sheaf_status read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error)
{
    const struct joined *j = in->file->own;
    const size_t k = member_of_piece(j, piece);
    const struct join_member *m = &j->members[k];
    const size_t elements = j->outer * row_of(j, m), begin = (piece - m->piece) * m->step;
    if (m->whole)
        return read_member(in->file, k, view, error);
    return put(in->file, k, begin, elements - begin < m->step ? elements : begin + m->step, 0, view->data, error);
}

const struct io_format format_join = {
    .name = "join",
    .close = close_joined,
    .describe = describe,
    .prepare = prepare,
    .read_piece = read_piece,
    .fetch = fetch,
    .can_fetch = can_fetch,
    .fetch_grain = fetch_grain,
    .dimension = dimension,
};
