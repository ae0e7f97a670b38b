/* Columns gathered, a few at a time, for what has no kernel that goes down them. */

#include "ops/reduce_columns.h"
#include <stdalign.h>
#include <string.h>

#define STRIP 64 /* elements of each column that are turned together where they are cast too: they stay in L1 */
#define WIDEST_BYTES 16

/* The columns of one source as lines of `size`-byte elements; those of split complex numbers, as reduce_load has them.
 * Where all are one column, as weights are, there is one line. */
static size_t gather_source(const struct reduction *r, int k, const struct tile *t, char *to, size_t pitch, size_t size)
{
    const struct source *s = &r->source[k];
    const size_t from = s->from_size, lines = t->across[k] == 0 ? 1 : t->columns;
    kernel_turn *turn = r->k->turn[__builtin_ctzl(from)];
    if (s->from == (k == 1 && r->weighted ? SHEAF_F64 : r->work) && !s->split) {
        turn(t->n, lines, t->x[k], t->stride[k], to, (ptrdiff_t)(pitch * from));
        return lines;
    }
    const bool complex = s->split && dtype_kind(s->from) == 'c';
    alignas(64) char strip[GATHERED * STRIP * WIDEST_BYTES];
    for (size_t i = 0; i < t->n; i += STRIP) {
        const size_t n = t->n - i < STRIP ? t->n - i : STRIP;
        turn(n, lines, t->x[k] + (ptrdiff_t)i * t->stride[k], t->stride[k], strip, (ptrdiff_t)(STRIP * from));
        for (size_t line = 0; line < lines; line++) {
            const char *x = strip + line * STRIP * from;
            char *y = to + (line * pitch + i) * size, *imaginary = y + KERNEL_BLOCK * size;
            s->cast(n, x, (ptrdiff_t)from, y, (ptrdiff_t)size);
            if (complex)
                s->cast(n, x + from / 2, (ptrdiff_t)from, imaginary, (ptrdiff_t)size);
            else if (s->split)
                memset(imaginary, 0, n * size);
        }
    }
    return lines;
}

void gathered_load(const struct reduction *r, const struct tile *t, const struct columns *m)
{
    gather_source(r, 0, t, m->gathered[0], m->pitch, r->work_size);
}

void gathered_block(const struct reduction *r, const struct tile *t, const struct columns *m, union part *parts,
                    size_t apart)
{
    const size_t y_size = r->weighted ? sizeof(double) : r->work_size;
    struct chunk c = {.n = t->n, .start = t->start};
    size_t lines = 0;
    gathered_load(r, t, m);
    if (r->sources > 1)
        lines = gather_source(r, 1, t, m->gathered[1], m->pitch, y_size);
    for (size_t column = 0; column < t->columns; column++) {
        c.x = m->gathered[0] + column * m->pitch * r->work_size;
        c.y = m->gathered[1] + (lines > 1 ? column * m->pitch * y_size : 0);
        r->block(r, &c, &parts[column * apart]);
    }
}
