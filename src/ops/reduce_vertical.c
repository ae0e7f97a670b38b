/* Tiles and the kernels that go down their columns. */

#include "ops/reduce_vertical.h"

#define WAY_BYTES 1024 /* rows a multiple of it apart would share few sets of the cache */
#define STREAMS 8      /* rows that are copied side by side, */
#define RUN_BYTES 512  /* so much of each at a time */

/* ---- results ---- */

void vertical_put(const struct reduction *r, size_t n, enum kdtype from, const void *x, char *const *out, int k)
{
    const size_t size = sheaf_dtype_size((sheaf_dtype)from);
    r->k->cast[from][r->out[k]](n, x, (ptrdiff_t)size, out[k], (ptrdiff_t)r->rows.step[k + 1]);
}

bool vertical_asks_again(const struct reduction *r, size_t n, enum kdtype dtype, const void *x, const struct columns *m)
{
    if (!r->skip)
        return false;
    r->k->unary[K_isnan][dtype](n, x, m->flags);
    return memchr(m->flags, true, n) != NULL;
}

/* ---- choice ---- */

const struct vertical *vertical_of(const struct reduction *r)
{
    const struct vertical *tables[] = {vertical_sums, vertical_moments};
    if (r->split || r->weighted)
        return NULL;
    for (int i = 0; i < 2; i++) {
        for (const struct vertical *v = tables[i]; v->block; v++) {
            if (r->plain == v->block)
                return v->can(r) ? v : NULL;
        }
    }
    return NULL;
}

/* ---- tiles that are cast first ---- */

static bool copies(const struct reduction *r, int source)
{
    const struct source *s = &r->source[source];
    const int operand = source == 0 ? 0 : r->rows.operands - 1;
    const uintptr_t misplaced = ((uintptr_t)r->base[operand] | (uintptr_t)s->inner.step[0]) % r->work_size;
    const bool near = r->kind == R_logsumexp || (moments_want_powers(r) && columns_are_far(r));
    return near || s->from != r->work || misplaced != 0 || r->rows.step[operand] == 0;
}

bool vertical_stages(const struct reduction *r)
{
    for (int k = 0; k < r->sources; k++) {
        if (copies(r, k))
            return true;
    }
    return vertical_wants_doubles(r);
}

size_t vertical_pitch(size_t columns, size_t size)
{
    const size_t bytes = columns * size;
    return bytes % WAY_BYTES == 0 ? bytes + 64 : bytes;
}

/* Some rows side by side: each is then a stream of its own, and the processor fetches them ahead. */
static void copy_rows(const struct reduction *r, int source, const struct tile *t, char *to, size_t pitch)
{
    const struct source *s = &r->source[source];
    const size_t run = RUN_BYTES / s->from_size;
    for (size_t i = 0; i < t->n; i += STREAMS) {
        for (size_t c = 0; c < t->columns; c += run) {
            const size_t n = t->columns - c < run ? t->columns - c : run;
            for (size_t k = i; k < i + STREAMS && k < t->n; k++)
                s->cast(n, t->x[source] + (ptrdiff_t)k * t->stride[source] + (ptrdiff_t)c * t->across[source],
                        t->across[source], to + k * pitch + c * r->work_size, (ptrdiff_t)r->work_size);
        }
    }
}

static struct tile staged(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    struct tile s = *t;
    for (int k = 0; k < r->sources; k++) {
        if (!copies(r, k))
            continue;
        s.stride[k] = (ptrdiff_t)vertical_pitch(t->columns, r->work_size);
        s.x[k] = m->staged[k];
        copy_rows(r, k, t, m->staged[k], (size_t)s.stride[k]);
    }
    return s;
}

/* ---- blocks ---- */

/* Columns whose part is not what the block gives, gathered, and with them their neighbours. */
static void do_again(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                     size_t apart)
{
    for (size_t c = 0; c < t->columns; c += GATHERED) {
        struct tile few = *t;
        bool again = false;
        few.columns = t->columns - c < GATHERED ? t->columns - c : GATHERED;
        for (int k = 0; k < r->sources; k++)
            few.x[k] += (ptrdiff_t)c * t->across[k];
        for (size_t i = 0; i < few.columns; i++) {
            const union part *part = &parts[(c + i) * apart];
            again |= r->skip ? reduce_shows_nan(r, part) : !squares_are_safe(r, part->squares.sum);
        }
        if (again)
            gathered_block(r, &few, m, parts + c * apart, apart);
    }
}

void vertical_block(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                    size_t apart)
{
    const struct tile s = staged(r, t, m);
    m->vertical->run(r, &s, m);
    for (size_t c = 0; c < t->columns; c++)
        m->vertical->tell(r, &s, m, c, &parts[c * apart]);
    if (r->skip || r->plain == block_squares)
        do_again(r, t, m, parts, apart);
}

bool vertical_layers(const struct reduction *r)
{
    const struct vertical *v = vertical_of(r);
    return v && !r->skip && (v->any_order || v->layer);
}

void vertical_layer(const struct reduction *r, const struct tile *t, const struct columns *m, size_t at, size_t n,
                    union part *parts, size_t apart)
{
    struct tile s = staged(r, t, m);
    const struct vertical *v = m->vertical;
    if (v->any_order) {
        v->run(r, &s, m);
    } else {
        v->layer(r, &s, m, at, n);
        s.n = n;
        if (at + t->n < n)
            return;
    }
    for (size_t c = 0; c < t->columns; c++) {
        union part part;
        v->tell(r, &s, m, c, &part);
        if (v->any_order && at > 0)
            r->combine(r, &parts[c * apart], &part);
        else
            parts[c * apart] = part;
    }
}

bool vertical_whole(const struct reduction *r, const struct tile *t, const struct columns *m, char *const *out)
{
    const struct tile s = staged(r, t, m);
    m->vertical->run(r, &s, m);
    return m->vertical->whole(r, &s, m, out);
}
