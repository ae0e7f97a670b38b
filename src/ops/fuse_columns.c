/* Chains that end in reductions over the leading axes. Their arrays are seen as matrices whose columns are reduced.
 * Strips of columns go down tile by tile: what the reductions take of it is computed, as a pass of its own, into memory
 * that stays in L2. A tile is a block of the reductions, or, where all of them allow, a layer of one: strips are then
 * wide enough to be read as fast as memory goes. */

#include "ops/fuse_columns.h"
#include "base/pool.h"
#include <stdatomic.h>
#include <string.h>

sheaf_view fuse_columns_part(const sheaf_view *m, const struct fuse_extent *at)
{
    sheaf_view part = {.data = m->data, .dtype = m->dtype, .ndim = 2};
    if (m->data)
        part.data = (char *)m->data + (int64_t)at->row * m->strides[0] + (int64_t)at->column * m->strides[1];
    part.shape[0] = (int64_t)at->rows;
    part.shape[1] = (int64_t)at->columns;
    part.strides[0] = m->strides[0];
    part.strides[1] = m->strides[1];
    return part;
}

void fuse_columns_inputs(const struct fuse_columns *p, const struct fuse_extent *at, sheaf_view *in)
{
    for (int k = 0; k < p->inner.nin; k++)
        in[k] = fuse_columns_part(&p->in[k], at);
}

static size_t block_rows(const struct fuse_columns *p, size_t b)
{
    return b + 1 < p->nblocks ? KERNEL_BLOCK : p->rows - b * KERNEL_BLOCK;
}

struct work {
    const struct fuse_columns *p;
    union part *parts;                   /* of each reduction, column by column, where blocks are shared out */
    size_t strip, strips, block, blocks; /* those at hand then */
    atomic_flag failed;
    sheaf_status status;
    sheaf_error error;
};

/* What a thread has. */
struct room {
    char *tiles;
    struct columns columns[FUSE_MOST_ENDS];
    int count;
};

static void fail(struct work *work, sheaf_status status, const sheaf_error *error)
{
    if (atomic_flag_test_and_set(&work->failed))
        return;
    work->status = status;
    work->error = *error;
}

static void room_clear(const struct fuse_columns *p, struct room *room)
{
    pool_put(room->tiles, p->bytes);
    while (room->count > 0)
        columns_clear(&room->columns[--room->count]);
}

static bool room_init(struct work *work, struct room *room)
{
    const struct fuse_columns *p = work->p;
    sheaf_error error;
    room->count = 0;
    room->tiles = pool_get(p->bytes);
    while (room->tiles && room->count < p->nreductions &&
           columns_init(&room->columns[room->count], &p->reductions[room->count].r))
        room->count++;
    if (room->count == p->nreductions)
        return true;
    fail(work, sheaf_error_set(&error, SHEAF_NO_MEMORY, "no memory for tiles of %zu bytes", p->bytes), &error);
    room_clear(p, room);
    return false;
}

/* Compute the tile of every value. */
static bool compute(struct work *work, const struct room *room, const struct fuse_extent *at)
{
    const struct fuse_columns *p = work->p;
    const int64_t rows = (int64_t)at->rows, columns = (int64_t)at->columns;
    const team alone = team_one();
    sheaf_view in[FUSE_MOST_INPUTS], outs[FUSE_MOST_ENDS];
    sheaf_error error;
    if (p->direct)
        return true;
    fuse_columns_inputs(p, at, in);
    for (int t = 0; t < p->ntiles; t++)
        outs[t] = (sheaf_view){
            .data = room->tiles + p->tiles[t].offset,
            .dtype = p->tiles[t].dtype,
            .ndim = 2,
            .shape = {rows, columns},
            .strides = {(int64_t)vertical_pitch(at->columns, p->tiles[t].size), (int64_t)p->tiles[t].size}};
    for (int k = 0; k < p->nstores; k++)
        outs[p->ntiles + k] = fuse_columns_part(&p->stores[k], at);
    sheaf_status status = fuse_run(&p->inner, in, &alone, outs, &error);
    if (status)
        fail(work, status, &error);
    return !status;
}

static struct tile tile_at(const struct fuse_columns *p, const struct room *room, int reduction,
                           const struct fuse_extent *at)
{
    const int t = p->reductions[reduction].tile;
    struct tile tile = {
        .n = at->rows, .columns = at->columns, .start = at->row, .across = {(ptrdiff_t)p->tiles[t].size}};
    if (p->direct) {
        const sheaf_view *x = &p->in[p->ends[t].value];
        tile.x[0] = fuse_columns_part(x, at).data;
        tile.stride[0] = (ptrdiff_t)x->strides[0];
    } else {
        tile.x[0] = room->tiles + p->tiles[t].offset;
        tile.stride[0] = (ptrdiff_t)vertical_pitch(at->columns, p->tiles[t].size);
    }
    return tile;
}

static size_t strip_columns(const struct fuse_columns *p, size_t strip)
{
    const size_t left = p->columns - strip * p->wide;
    return left < p->wide ? left : p->wide;
}

/* The parts of a block of a strip, those of reduction k to parts[k]. */
static bool run_block(struct work *work, const struct room *room, size_t strip, size_t b, union part *const *parts,
                      size_t apart)
{
    const struct fuse_columns *p = work->p;
    const size_t rows = block_rows(p, b);
    struct fuse_extent at = {.column = strip * p->wide, .columns = strip_columns(p, strip)};
    for (size_t i = 0; i < rows; i += at.rows) {
        at.row = b * KERNEL_BLOCK + i;
        at.rows = rows - i < p->high ? rows - i : p->high;
        if (!compute(work, room, &at))
            return false;
        for (int k = 0; k < p->nreductions; k++) {
            const struct tile t = tile_at(p, room, k, &at);
            if (at.rows == rows)
                columns_take(&p->reductions[k].r, &t, &room->columns[k], parts[k], apart);
            else
                vertical_layer(&p->reductions[k].r, &t, &room->columns[k], i, rows, parts[k], apart);
        }
    }
    return true;
}

/* A strip whose columns are of one tile each. */
static bool run_low(struct work *work, const struct room *room, size_t strip)
{
    const struct fuse_columns *p = work->p;
    const struct fuse_extent at = {0, strip * p->wide, p->rows, strip_columns(p, strip)};
    if (!compute(work, room, &at))
        return false;
    for (int k = 0; k < p->nreductions; k++) {
        const struct reduction *r = &p->reductions[k].r;
        const struct tile t = tile_at(p, room, k, &at);
        struct standing standing = {0, 0};
        char *out[GRID_OPERANDS];
        reduce_locate(r, at.column, out);
        if (columns_whole(r, &t, &room->columns[k], out + 1))
            continue;
        columns_take(r, &t, &room->columns[k], columns_next(&room->columns[k], &standing), 1);
        columns_push(r, at.columns, &room->columns[k], &standing);
        columns_end(r, at.columns, out, &room->columns[k], &standing);
    }
    return true;
}

static bool run_strip(struct work *work, const struct room *room, size_t strip)
{
    const struct fuse_columns *p = work->p;
    const size_t columns = strip_columns(p, strip);
    struct standing standing[FUSE_MOST_ENDS];
    union part *parts[FUSE_MOST_ENDS];
    if (p->rows <= p->high)
        return run_low(work, room, strip);
    memset(standing, 0, sizeof standing);
    for (size_t b = 0; b < p->nblocks; b++) {
        for (int k = 0; k < p->nreductions; k++)
            parts[k] = columns_next(&room->columns[k], &standing[k]);
        if (!run_block(work, room, strip, b, parts, 1))
            return false;
        for (int k = 0; k < p->nreductions; k++)
            columns_push(&p->reductions[k].r, columns, &room->columns[k], &standing[k]);
    }
    for (int k = 0; k < p->nreductions; k++) {
        char *out[GRID_OPERANDS];
        reduce_locate(&p->reductions[k].r, strip * p->wide, out);
        columns_end(&p->reductions[k].r, columns, out, &room->columns[k], &standing[k]);
    }
    return true;
}

static void run_strips(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct work *work = context;
    struct room room;
    if (!room_init(work, &room))
        return;
    while (begin < end && run_strip(work, &room, begin))
        begin++;
    room_clear(work->p, &room);
}

static void run_blocks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct work *work = context;
    const struct fuse_columns *p = work->p;
    struct room room;
    if (!room_init(work, &room))
        return;
    for (size_t i = begin; i < end; i++) {
        const size_t strip = work->strip + i / work->blocks, b = work->block + i % work->blocks;
        union part *parts[FUSE_MOST_ENDS];
        for (int k = 0; k < p->nreductions; k++)
            parts[k] = work->parts + ((size_t)k * p->columns + strip * p->wide) * p->nblocks + b;
        if (!run_block(work, &room, strip, b, parts, p->nblocks))
            break;
    }
    room_clear(p, &room);
}

static void finish_columns(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct work *work = context;
    const struct fuse_columns *p = work->p;
    for (int k = 0; k < p->nreductions; k++)
        for (size_t column = begin; column < end; column++)
            reduce_finish_row(&p->reductions[k].r, column,
                              work->parts + ((size_t)k * p->columns + column) * p->nblocks);
}

/* The strips and blocks at hand, as elements of the pass. */
static struct fuse_region region_of(const struct work *work)
{
    const struct fuse_columns *p = work->p;
    const size_t row = work->block * KERNEL_BLOCK, column = work->strip * p->wide;
    const size_t rows = work->blocks * KERNEL_BLOCK, columns = work->strips * p->wide;
    struct fuse_region r = {.first = row * p->columns + column, .pitch = p->columns};
    r.runs = p->rows - row < rows ? p->rows - row : rows;
    r.length = p->columns - column < columns ? p->columns - column : columns;
    return r;
}

static sheaf_status run_region(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_region region = region_of(work);
    sheaf_status status = feed ? feed->fetch(feed->self, &region, error) : SHEAF_OK;
    if (!status)
        par_pieces(t, work->strips * work->blocks, 1, run_blocks, work);
    if (!status && feed)
        status = feed->release(feed->self, &region, error);
    return status;
}

/* All strips of as many blocks, or as many strips of one, as the feed has room for; without one, everything. */
static sheaf_status run_regions(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_columns *p = work->p;
    const size_t fits = feed ? feed->elements / KERNEL_BLOCK : p->nblocks * p->columns;
    const size_t blocks = fits / p->columns, strips = blocks ? p->strips : fits / p->wide;
    sheaf_status status = SHEAF_OK;
    for (work->block = 0; work->block < p->nblocks; work->block += work->blocks) {
        const size_t left = p->nblocks - work->block;
        work->blocks = !blocks ? 1 : blocks < left ? blocks : left;
        for (work->strip = 0; work->strip < p->strips && !status && !work->status && !team_late(t);
             work->strip += work->strips) {
            const size_t more = p->strips - work->strip;
            work->strips = !strips ? 1 : strips < more ? strips : more;
            status = run_region(work, t, feed, error);
        }
    }
    return status;
}

static sheaf_status share_blocks(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_columns *p = work->p;
    const size_t bytes = (size_t)p->nreductions * p->columns * p->nblocks * sizeof *work->parts;
    work->parts = pool_get(bytes);
    if (!work->parts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of partial results", bytes);
    sheaf_status status = run_regions(work, t, feed, error);
    if (!status && !work->status)
        par_pieces(t, p->columns, KERNEL_TILE / p->nblocks + 1, finish_columns, work);
    pool_put(work->parts, bytes);
    return status;
}

sheaf_status fuse_columns_run(const struct fuse_columns *p, const team *t, const struct fuse_feed *feed,
                              sheaf_error *error)
{
    struct work work = {.p = p, .failed = ATOMIC_FLAG_INIT, .status = SHEAF_OK};
    sheaf_status status = SHEAF_OK;
    const double ns = p->cost * (double)p->rows;
    const bool alone = t->threads <= 1 || ns * (double)p->columns < 2 * PAR_PIECE_NS;
    if (feed)
        status = share_blocks(&work, t, feed, error);
    else if (alone || p->nblocks == 1 || p->strips >= 4 * (size_t)t->threads)
        par_share(t, p->strips, ns * (double)p->wide, run_strips, &work);
    else
        status = share_blocks(&work, t, NULL, error);
    if (!status && work.status) {
        *error = work.error;
        return work.status;
    }
    return status;
}
