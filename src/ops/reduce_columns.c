/* Rows that lie interleaved in memory, as in a reduction over axis 0: the rows of the reduction are the columns of a
 * tile. Kernels go down the columns of it where there are such kernels; else a few columns at a time are gathered. */

#include "ops/reduce_columns.h"
#include "base/pool.h"
#include <math.h>

#define FAR_BYTES (1 << 20)      /* of an array that no cache nearby holds */
#define TILE_BYTES 4096          /* of a row of the tile: what lies together is read together, */
#define FAR_TILE_BYTES 16384     /* and is fetched ahead */
#define STAGED_BYTES (256 << 10) /* of a tile that is copied, and then read from L2 */
#define PARTS (KERNEL_BLOCK / MOMENT_BLOCK)

/* ---- shape ---- */

static int64_t across(const struct reduction *r, int source)
{
    return r->rows.step[source == 0 ? 0 : r->rows.operands - 1];
}

bool columns_are(const struct reduction *r)
{
    for (int k = 0; k < r->sources; k++) {
        const struct source *s = &r->source[k];
        const bool neighbours = across(r, k) == (int64_t)s->from_size;
        if (s->inner.ndim > 0 || !(neighbours || (k > 0 && across(r, k) == 0)))
            return false;
    }
    return r->n > 1 && r->rows.n > 1 && !r->source[0].direct;
}

bool columns_are_far(const struct reduction *r)
{
    return !r->near && r->rows.size * r->rows.n * r->n > FAR_BYTES / r->source[0].from_size;
}

size_t columns_wide(const struct reduction *r)
{
    const struct vertical *v = vertical_of(r);
    const size_t block = r->n < KERNEL_BLOCK ? r->n : KERNEL_BLOCK;
    const size_t wide = (columns_are_far(r) && r->kind != R_stats ? FAR_TILE_BYTES : TILE_BYTES) / r->work_size;
    if (!v)
        return GATHERED;
    if (!vertical_stages(r))
        return wide;
    const size_t few = STAGED_BYTES / (block * r->work_size) / GATHERED * GATHERED;
    return few < GATHERED ? GATHERED : few > wide ? wide : few;
}

static size_t depth(const struct reduction *r)
{
    size_t levels = 1;
    for (size_t b = r->nblocks; b > 1; b /= 2)
        levels++;
    return levels + 1;
}

/* The next bytes of the room, on a cache line of their own. */
static void *take(uintptr_t *at, size_t bytes)
{
    void *p = (void *)*at;
    *at += (bytes + 63) / 64 * 64;
    return p;
}

static void lay_out_vertical(const struct reduction *r, struct columns *m, size_t block, uintptr_t *at)
{
    const size_t wide = m->wide, doubles = wide * sizeof *m->sums;
    const bool stages = vertical_stages(r);
    for (int k = 0; k < r->sources; k++)
        m->staged[k] = take(at, stages ? block * (wide * r->work_size + 64) : 0);
    m->doubles = take(at, r->kind == R_stats && stages ? block * (doubles + 64) : 0);
    m->scratch = take(at, KERNEL_COLUMN_SCRATCH * sizeof *m->scratch);
    m->sums = take(at, doubles);
    m->least = take(at, wide * r->work_size);
    m->greatest = take(at, wide * r->work_size);
    m->means = take(at, PARTS * doubles);
    for (int k = 0; k < 3; k++)
        m->powers[k] = take(at, PARTS * doubles);
    m->flags = take(at, wide);
}

/* Lay out the room from `at`; from 0 to learn its size, which is returned. The lines of what is gathered are not a
 * power of two apart, or they would meet in one set of the cache. */
static size_t lay_out(const struct reduction *r, struct columns *m, uintptr_t at)
{
    const uintptr_t begin = at;
    const size_t block = r->n < KERNEL_BLOCK ? r->n : KERNEL_BLOCK;
    m->vertical = vertical_of(r);
    m->wide = columns_wide(r);
    m->pitch = (r->split ? 2 * KERNEL_BLOCK : block) + 16;
    m->parts = take(&at, depth(r) * m->wide * sizeof *m->parts);
    for (int k = 0; k < r->sources; k++)
        m->gathered[k] = take(&at, GATHERED * m->pitch * (r->weighted ? sizeof(double) : r->work_size));
    if (m->vertical)
        lay_out_vertical(r, m, block, &at);
    return (size_t)(at - begin);
}

bool columns_init(struct columns *m, const struct reduction *r)
{
    m->bytes = lay_out(r, m, 0);
    m->room = pool_get(m->bytes);
    if (m->room)
        lay_out(r, m, (uintptr_t)m->room);
    return m->room != NULL;
}

void columns_clear(struct columns *m)
{
    pool_put(m->room, m->bytes);
}

/* ---- blocks, rows ---- */

struct tile columns_tile(const struct reduction *r, size_t columns, char *const *p, size_t b)
{
    struct tile t = {.n = reduce_length(r, b), .columns = columns, .start = b * KERNEL_BLOCK};
    for (int k = 0; k < r->sources; k++) {
        t.stride[k] = (ptrdiff_t)r->source[k].inner.step[0];
        t.across[k] = (ptrdiff_t)across(r, k);
        t.x[k] = p[k == 0 ? 0 : r->rows.operands - 1] + (ptrdiff_t)t.start * t.stride[k];
    }
    return t;
}

void columns_take(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                  size_t apart)
{
    if (m->vertical)
        vertical_block(r, t, m, parts, apart);
    else
        gathered_block(r, t, m, parts, apart);
}

static void combine(const struct reduction *r, size_t columns, union part *into, const union part *from)
{
    for (size_t c = 0; c < columns; c++)
        r->combine(r, &into[c], &from[c]);
}

/* Whether the rest of the rows cannot change any result. */
static bool all_decided(const struct reduction *r, size_t columns, const union part *parts)
{
    for (size_t c = 0; c < columns; c++) {
        if (!reduce_is_decided(r, &parts[c]))
            return false;
    }
    return true;
}

bool columns_whole(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    return r->nblocks == 1 && m->vertical && vertical_whole(r, t, m, out);
}

void columns_push(const struct reduction *r, size_t columns, const struct columns *m, struct standing *s)
{
    s->top++;
    for (size_t c = ++s->blocks; (c & 1) == 0; c >>= 1, s->top--)
        combine(r, columns, m->parts + (s->top - 2) * m->wide, m->parts + (s->top - 1) * m->wide);
}

void columns_end(const struct reduction *r, size_t columns, char *const *p, const struct columns *m, struct standing *s)
{
    for (; s->top > 1; s->top--)
        combine(r, columns, m->parts + (s->top - 2) * m->wide, m->parts + (s->top - 1) * m->wide);
    for (size_t column = 0; column < columns; column++) {
        char *q[GRID_OPERANDS];
        for (int k = 0; k < r->rows.operands; k++)
            q[k] = p[k] + (int64_t)column * r->rows.step[k];
        r->finish(r, q[0], &m->parts[column], q + 1);
    }
}

void columns_reduce(const struct reduction *r, size_t columns, char *const *p, const struct columns *m)
{
    struct tile t = columns_tile(r, columns, p, 0);
    struct standing standing = {0, 0};
    if (columns_whole(r, &t, m, p + 1))
        return;
    bool decided = false;
    for (size_t b = 0; b < r->nblocks && !decided; b++) {
        union part *parts = columns_next(m, &standing);
        t = columns_tile(r, columns, p, b);
        columns_take(r, &t, m, parts, 1);
        decided = all_decided(r, columns, parts);
        columns_push(r, columns, m, &standing);
    }
    columns_end(r, columns, p, m, &standing);
}
