/* Chains that end in reductions and scans over leading axes, or axes in the middle. Their arrays are seen as matrices
 * whose columns are gone down. Strips of columns go down tile by tile: what the ends take of it is computed, as a pass
 * of its own, into memory that stays in L2. A tile is a block of the reductions, or, where all of them allow, a layer
 * of one: strips are then wide enough to be read as fast as memory goes. Small matrices share a tile. */

#include "ops/fuse_columns.h"
#include "base/pool.h"
#include <stdatomic.h>
#include <string.h>

sheaf_view fuse_columns_part(const sheaf_view *m, const struct fuse_extent *at)
{
    sheaf_view part = {.data = m->data, .dtype = m->dtype, .ndim = 3};
    if (m->data)
        part.data = (char *)m->data + (int64_t)at->plane * m->strides[0] + (int64_t)at->row * m->strides[1] +
                    (int64_t)at->column * m->strides[2];
    part.shape[0] = (int64_t)at->planes;
    part.shape[1] = (int64_t)at->rows;
    part.shape[2] = (int64_t)at->columns;
    for (int d = 0; d < 3; d++)
        part.strides[d] = m->strides[d];
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
    team inner;        /* computes a tile */
    union part *parts; /* of each reduction, column by column, where blocks are shared out */
    size_t plane, planes, strip, strips, block, blocks; /* those at hand then */
    size_t first;                                       /* unit at hand, of strips that are shared out */
    atomic_flag failed;
    sheaf_status status;
    sheaf_error error;
};

/* What a thread has. */
struct room {
    char *tiles;
    struct scan_strip *states; /* of the scans */
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
    room->states = (struct scan_strip *)(void *)(room->tiles + p->states);
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
    sheaf_view in[FUSE_MOST_INPUTS], outs[FUSE_MOST_ENDS];
    sheaf_error error;
    if (p->direct)
        return true;
    fuse_columns_inputs(p, at, in);
    for (int t = 0; t < p->ntiles; t++)
        outs[t] = (sheaf_view){
            .data = room->tiles + p->tiles[t].offset,
            .dtype = p->tiles[t].dtype,
            .ndim = 3,
            .shape = {(int64_t)at->planes, (int64_t)at->rows, (int64_t)at->columns},
            .strides = {(int64_t)(p->high * p->tiles[t].pitch), (int64_t)p->tiles[t].pitch, (int64_t)p->tiles[t].size}};
    for (int k = 0; k < p->nstores; k++)
        outs[p->ntiles + k] = fuse_columns_part(&p->stores[k], at);
    sheaf_status status = fuse_run(&p->inner, in, &work->inner, outs, &error);
    if (status)
        fail(work, status, &error);
    return !status;
}

/* Where the tile of a value is, of matrix `plane` of those at hand. */
static const char *find_tile(const struct fuse_columns *p, const struct room *room, int tile,
                             const struct fuse_extent *at, size_t plane, ptrdiff_t *stride)
{
    struct fuse_extent one = *at;
    if (!p->direct) {
        *stride = (ptrdiff_t)p->tiles[tile].pitch;
        return room->tiles + p->tiles[tile].offset + plane * p->high * p->tiles[tile].pitch;
    }
    one.plane += plane;
    const sheaf_view part = fuse_columns_part(&p->in[p->ends[tile].value], &one);
    *stride = (ptrdiff_t)part.strides[1];
    return part.data;
}

static struct tile tile_at(const struct fuse_columns *p, const struct room *room, int reduction,
                           const struct fuse_extent *at, size_t plane)
{
    const int t = p->reductions[reduction].tile;
    struct tile tile = {
        .n = at->rows, .columns = at->columns, .start = at->row, .across = {(ptrdiff_t)p->tiles[t].size}};
    tile.x[0] = find_tile(p, room, t, at, plane, &tile.stride[0]);
    return tile;
}

/* Rows of matrix `plane` of those at hand, after the rows before them. */
static void scan(const struct fuse_columns *p, const struct room *room, const struct fuse_extent *at, size_t plane)
{
    struct fuse_extent one = *at;
    one.plane += plane;
    for (int k = 0; k < p->nscans; k++) {
        const struct fuse_column_scan *c = &p->scans[k];
        ptrdiff_t stride;
        const char *x = find_tile(p, room, c->tile, at, plane, &stride);
        scan_strip_go(&c->by, &c->layout, &room->states[k], at->columns, at->row, at->rows, x,
                      fuse_columns_part(&c->out, &one).data);
    }
}

static size_t strip_columns(const struct fuse_columns *p, size_t strip)
{
    const size_t left = p->columns - strip * p->wide;
    return left < p->wide ? left : p->wide;
}

static struct fuse_extent strip_at(const struct fuse_columns *p, size_t plane, size_t strip)
{
    return (struct fuse_extent){
        .plane = plane, .planes = 1, .column = strip * p->wide, .columns = strip_columns(p, strip)};
}

/* The parts of a block of a strip, those of reduction k to parts[k]. */
static bool run_block(struct work *work, const struct room *room, const struct fuse_extent *strip, size_t b,
                      union part *const *parts, size_t apart)
{
    const struct fuse_columns *p = work->p;
    const size_t rows = block_rows(p, b);
    struct fuse_extent at = *strip;
    for (size_t i = 0; i < rows; i += at.rows) {
        at.row = b * KERNEL_BLOCK + i;
        at.rows = rows - i < p->high ? rows - i : p->high;
        if (!compute(work, room, &at))
            return false;
        scan(p, room, &at, 0);
        for (int k = 0; k < p->nreductions; k++) {
            const struct tile t = tile_at(p, room, k, &at, 0);
            if (at.rows == rows)
                columns_take(&p->reductions[k].r, &t, &room->columns[k], parts[k], apart);
            else
                vertical_layer(&p->reductions[k].r, &t, &room->columns[k], i, rows, parts[k], apart);
        }
    }
    return true;
}

/* The place of the strip's results. */
static void locate(const struct fuse_columns *p, int reduction, const struct fuse_extent *at, size_t plane, char **out)
{
    reduce_locate(&p->reductions[reduction].r, (at->plane + plane) * p->columns + at->column, out);
}

/* Strips whose columns are of one tile each, of neighbouring matrices. */
static bool run_low(struct work *work, const struct room *room, struct fuse_extent *at)
{
    const struct fuse_columns *p = work->p;
    at->rows = p->rows;
    if (!compute(work, room, at))
        return false;
    for (size_t plane = 0; plane < at->planes; plane++) {
        scan(p, room, at, plane);
        for (int k = 0; k < p->nreductions; k++) {
            const struct reduction *r = &p->reductions[k].r;
            const struct tile t = tile_at(p, room, k, at, plane);
            struct standing standing = {0, 0};
            char *out[GRID_OPERANDS];
            locate(p, k, at, plane, out);
            if (columns_whole(r, &t, &room->columns[k], out + 1))
                continue;
            columns_take(r, &t, &room->columns[k], columns_next(&room->columns[k], &standing), 1);
            columns_push(r, at->columns, &room->columns[k], &standing);
            columns_end(r, at->columns, out, &room->columns[k], &standing);
        }
    }
    return true;
}

static bool run_strip(struct work *work, const struct room *room, struct fuse_extent *at)
{
    const struct fuse_columns *p = work->p;
    struct standing standing[FUSE_MOST_ENDS];
    union part *parts[FUSE_MOST_ENDS];
    if (p->rows <= p->high)
        return run_low(work, room, at);
    memset(standing, 0, sizeof standing);
    for (size_t b = 0; b < p->nblocks; b++) {
        for (int k = 0; k < p->nreductions; k++)
            parts[k] = columns_next(&room->columns[k], &standing[k]);
        if (!run_block(work, room, at, b, parts, 1))
            return false;
        for (int k = 0; k < p->nreductions; k++)
            columns_push(&p->reductions[k].r, at->columns, &room->columns[k], &standing[k]);
    }
    for (int k = 0; k < p->nreductions; k++) {
        char *out[GRID_OPERANDS];
        locate(p, k, at, 0, out);
        columns_end(&p->reductions[k].r, at->columns, out, &room->columns[k], &standing[k]);
    }
    return true;
}

/* Unit u: a strip of a matrix, or small matrices. */
static void run_strips(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct work *work = context;
    const struct fuse_columns *p = work->p;
    struct room room;
    if (!room_init(work, &room))
        return;
    for (size_t u = work->first + begin; u < work->first + end; u++) {
        const size_t plane = u / p->strips * p->group, left = p->planes - plane;
        struct fuse_extent at = strip_at(p, plane, u % p->strips);
        at.planes = left < p->group ? left : p->group;
        if (!run_strip(work, &room, &at))
            break;
    }
    room_clear(p, &room);
}

/* The parts of reduction k of the column that is so far from the first at hand. */
static union part *parts_of(const struct work *work, int k, size_t column)
{
    const struct fuse_columns *p = work->p;
    return work->parts + ((size_t)k * work->planes * p->columns + column) * p->nblocks;
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
        const size_t b = work->block + i % work->blocks, strip = i / work->blocks;
        const size_t plane = strip / work->strips;
        const struct fuse_extent at = strip_at(p, work->plane + plane, work->strip + strip % work->strips);
        union part *parts[FUSE_MOST_ENDS];
        for (int k = 0; k < p->nreductions; k++)
            parts[k] = parts_of(work, k, plane * p->columns + at.column) + b;
        if (!run_block(work, &room, &at, b, parts, p->nblocks))
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
            reduce_finish_row(&p->reductions[k].r, work->plane * p->columns + column, parts_of(work, k, column));
}

/* What is at hand, as elements of the pass: several matrices are there as a whole. */
static struct fuse_region region_of(const struct work *work)
{
    const struct fuse_columns *p = work->p;
    const size_t row = work->block * KERNEL_BLOCK, column = work->strip * p->wide;
    const size_t rows = work->blocks * KERNEL_BLOCK, columns = work->strips * p->wide;
    const size_t first = work->plane * p->rows * p->columns, all = work->planes * p->rows * p->columns;
    if (work->planes > 1)
        return (struct fuse_region){.first = first, .runs = 1, .length = all, .pitch = all};
    struct fuse_region r = {.first = first + row * p->columns + column, .pitch = p->columns};
    r.runs = p->rows - row < rows ? p->rows - row : rows;
    r.length = p->columns - column < columns ? p->columns - column : columns;
    return r;
}

static sheaf_status run_region(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_region region = region_of(work);
    sheaf_status status = feed ? feed->fetch(feed->self, &region, error) : SHEAF_OK;
    if (!status)
        par_pieces(t, work->planes * work->strips * work->blocks, 1, run_blocks, work);
    if (!status && feed)
        status = feed->release(feed->self, &region, error);
    return status;
}

/* As many at once as the feed has room for, without one everything: matrices; else, of one, all strips of as many
 * blocks; else as many strips of one. */
static sheaf_status run_planes(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_columns *p = work->p;
    const size_t fits = feed ? feed->elements / KERNEL_BLOCK : p->nblocks * p->columns;
    const size_t blocks = fits / p->columns, strips = blocks ? p->strips : fits / p->wide;
    sheaf_status status = SHEAF_OK;
    for (work->block = 0; work->block < p->nblocks; work->block += work->blocks) {
        const size_t left = p->nblocks - work->block;
        work->blocks = work->planes > 1 ? p->nblocks : !blocks ? 1 : blocks < left ? blocks : left;
        for (work->strip = 0; work->strip < p->strips && !status && !work->status && !team_late(t);
             work->strip += work->strips) {
            const size_t more = p->strips - work->strip;
            work->strips = work->planes > 1 ? p->strips : !strips ? 1 : strips < more ? strips : more;
            status = run_region(work, t, feed, error);
        }
    }
    if (!status && !work->status)
        par_pieces(t, work->planes * p->columns, KERNEL_TILE / p->nblocks + 1, finish_columns, work);
    return status;
}

static sheaf_status share_blocks(struct work *work, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_columns *p = work->p;
    const size_t fits = feed ? feed->elements / (p->rows * p->columns) : p->planes;
    const size_t most = fits < 1 ? 1 : fits < p->planes ? fits : p->planes;
    const size_t bytes = (size_t)p->nreductions * most * p->columns * p->nblocks * sizeof *work->parts;
    sheaf_status status = SHEAF_OK;
    work->parts = pool_get(bytes);
    if (!work->parts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of partial results", bytes);
    for (; work->plane < p->planes && !status && !work->status && !team_late(t); work->plane += work->planes) {
        const size_t left = p->planes - work->plane;
        work->planes = left < most ? left : most;
        status = run_planes(work, t, feed, error);
    }
    pool_put(work->parts, bytes);
    return status;
}

/* Columns of one block each: strips as they come, and nothing is kept of them. */
static sheaf_status feed_strips(struct work *work, const team *t, const struct fuse_feed *feed, double ns,
                                sheaf_error *error)
{
    const struct fuse_columns *p = work->p;
    const size_t fits = feed->elements / (p->rows * p->columns), some = feed->elements / (p->rows * p->wide);
    const size_t groups = (p->planes + p->group - 1) / p->group, units = groups * p->strips;
    sheaf_status status = SHEAF_OK;
    for (size_t n; work->first < units && !status && !work->status && !team_late(t); work->first += n) {
        /* Groups of matrices, or strips of one. */
        const size_t group = work->first / p->strips, left = p->strips - work->first % p->strips;
        const size_t whole = fits / p->group < groups - group ? fits / p->group : groups - group;
        n = whole ? whole * p->strips : some < 1 ? 1 : some < left ? some : left;
        work->plane = group * p->group;
        work->planes = p->group * (whole ? whole : 1);
        work->planes = work->planes < p->planes - work->plane ? work->planes : p->planes - work->plane;
        work->strip = work->first % p->strips;
        work->strips = whole ? p->strips : n;
        work->blocks = 1;
        const struct fuse_region region = region_of(work);
        status = feed->fetch(feed->self, &region, error);
        if (!status)
            par_share(t, n, ns, run_strips, work);
        if (!status)
            status = feed->release(feed->self, &region, error);
    }
    return status;
}

sheaf_status fuse_columns_run(const struct fuse_columns *p, const team *t, const struct fuse_feed *feed,
                              sheaf_error *error)
{
    struct work work = {.p = p, .inner = team_one(), .failed = ATOMIC_FLAG_INIT, .status = SHEAF_OK};
    sheaf_status status = SHEAF_OK;
    const double ns = p->cost * (double)p->rows;
    const size_t units = (p->planes + p->group - 1) / p->group * p->strips, threads = (size_t)t->threads;
    const bool alone = threads <= 1 || ns * (double)(p->planes * p->columns) < 2 * PAR_PIECE_NS;
    if (feed && p->nblocks == 1) {
        status = feed_strips(&work, t, feed, ns * (double)(p->group * p->wide), error);
    } else if (feed || (!alone && !p->nscans && p->nblocks > 1 && units < 4 * threads)) {
        status = share_blocks(&work, t, feed, error);
    } else if (!alone && p->nscans && units < threads) {
        work.inner = *t;
        run_strips(&work, 0, units, 0);
    } else {
        par_share(t, units, ns * (double)(p->group * p->wide), run_strips, &work);
    }
    if (!status && work.status) {
        *error = work.error;
        return work.status;
    }
    return status;
}
