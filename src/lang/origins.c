/* Which dimensions of the inputs the dimensions of an output run along. */

#include "base/alloc.h"
#include "lang/compiled.h"
#include <limits.h>
#include <string.h>

/* All values' origins; and the parts that slices have made, the n-th of which is called n·ORIGIN_PARTS. */
struct origins {
    int (*all)[SHEAF_MAX_NDIM];
    struct origin *parts;
    int nparts;
};

/* Of a part of `from`, that begins at its element `start`. */
static int add_part(struct origins *o, int from, int64_t start, int64_t step)
{
    if (from < 0 || o->nparts >= INT_MAX / ORIGIN_PARTS - 1)
        return from < 0 ? from : ORIGIN_MIXED;
    const int whole = from % ORIGIN_PARTS, before = from / ORIGIN_PARTS;
    if (before) {
        start = o->parts[before].start + start * o->parts[before].step;
        step *= o->parts[before].step;
    }
    int k = 1; /* the same again, which is as long where both meet */
    while (k <= o->nparts && (o->parts[k].from != whole || o->parts[k].start != start || o->parts[k].step != step))
        k++;
    o->nparts = k > o->nparts ? k : o->nparts;
    o->parts[k] = (struct origin){whole, true, start, step};
    return k * ORIGIN_PARTS + whole;
}

/* A slice keeps its dimensions, or parts of them. */
static void slice_origins(const struct instruction *i, const sheaf_view *x, const int *from, struct origins *o,
                          int *made)
{
    int axis = 0, at = 0;
    for (int k = 0; k < i->nindices && at < SHEAF_MAX_NDIM; k++) {
        const struct index *index = &i->indices[k];
        if (index->kind == INDEX_NEW) {
            made[at++] = ORIGIN_NONE;
            continue;
        }
        const int64_t length = axis < x->ndim ? x->shape[axis] : 0;
        if (index->kind == INDEX_KEEP)
            made[at++] = from[axis];
        if (index->kind == INDEX_RANGE) {
            static const char first;
            sheaf_view line;
            sheaf_view_init(&line, (void *)(uintptr_t)&first, SHEAF_U8, 1, &length, NULL); /* only its places count */
            sheaf_view_slice(&line, 0, index->start, index->stop, index->step, &line, NULL);
            const int64_t start = (const char *)line.data - &first;
            const bool whole = start == 0 && line.strides[0] == 1 && line.shape[0] == length;
            made[at++] = whole ? from[axis] : add_part(o, from[axis], start, line.strides[0]);
        }
        axis++;
    }
}

static void call_origins(const struct compiled *c, const struct instruction *i, int (*all)[SHEAF_MAX_NDIM])
{
    sheaf_view in[SHEAF_MAX_INPUTS];
    int origins[SHEAF_MAX_INPUTS][SHEAF_MAX_NDIM];
    const int n = i->nin < SHEAF_MAX_INPUTS ? i->nin : SHEAF_MAX_INPUTS; /* of more, nothing is said */
    for (int k = 0; k < n; k++) {
        in[k] = c->values[i->in[k]].view;
        memcpy(origins[k], all[i->in[k]], sizeof origins[k]);
    }
    for (int k = 0; k < i->nout; k++)
        op_origins(i->op, n, in, (const int(*)[SHEAF_MAX_NDIM])origins, i->options, &c->values[i->first + k].view,
                   all[i->first + k]);
}

static void make_origins(const struct compiled *c, const struct instruction *i, struct origins *o)
{
    for (int k = 0; k < i->nout; k++)
        for (int d = 0; d < SHEAF_MAX_NDIM; d++)
            o->all[i->first + k][d] = i->kind == INSTRUCTION_INPUT     ? i->first * SHEAF_MAX_NDIM + d
                                      : i->kind == INSTRUCTION_FOREIGN ? ORIGIN_MIXED
                                                                       : ORIGIN_NONE;
    if (i->kind == INSTRUCTION_SLICE)
        slice_origins(i, &c->values[i->in[0]].view, o->all[i->in[0]], o, o->all[i->first]);
    else if (i->kind == INSTRUCTION_CALL)
        call_origins(c, i, o->all);
}

static struct origin resolve(const struct origins *o, int origin)
{
    const int part = origin < 0 ? 0 : origin / ORIGIN_PARTS;
    return part ? o->parts[part] : (struct origin){origin, false, 0, 1};
}

bool compiled_origins(const struct compiled *c, int k, struct origin origins[SHEAF_MAX_NDIM])
{
    size_t slices = 0;
    for (int i = 0; i < c->ninstructions; i++)
        slices += c->instructions[i].kind == INSTRUCTION_SLICE;
    struct origins o = {mem_alloc((size_t)(c->nvalues + 1) * sizeof *o.all),
                        mem_alloc((slices * SHEAF_MAX_NDIM + 1) * sizeof *o.parts), 0};
    const bool ok = o.all && o.parts;
    for (int i = 0; i < c->ninstructions && ok; i++)
        make_origins(c, &c->instructions[i], &o);
    for (int d = 0; d < SHEAF_MAX_NDIM && ok; d++)
        origins[d] = resolve(&o, o.all[c->outputs[k]][d]);
    mem_free(o.all);
    mem_free(o.parts);
    return ok;
}
