/* Which dimensions of the inputs the dimensions of an output run along. */

#include "base/alloc.h"
#include "lang/compiled.h"
#include <string.h>

/* A slice keeps the dimensions that are all there. */
static void slice_origins(const struct instruction *i, const sheaf_view *x, const int *from, int *made)
{
    int axis = 0, at = 0;
    for (int k = 0; k < i->nindices && at < SHEAF_MAX_NDIM; k++) {
        const struct index *index = &i->indices[k];
        const int64_t length = axis < x->ndim ? x->shape[axis] : 0;
        const bool whole =
            index->kind == INDEX_KEEP || (index->kind == INDEX_RANGE && index->step == 1 && index->stop >= length &&
                                          (index->start == 0 || index->start <= -length));
        if (index->kind == INDEX_NEW) {
            made[at++] = ORIGIN_NONE;
            continue;
        }
        if (index->kind != INDEX_AT)
            made[at++] = whole ? from[axis] : ORIGIN_MIXED;
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

static void make_origins(const struct compiled *c, const struct instruction *i, int (*all)[SHEAF_MAX_NDIM])
{
    for (int k = 0; k < i->nout; k++)
        for (int d = 0; d < SHEAF_MAX_NDIM; d++)
            all[i->first + k][d] = i->kind == INSTRUCTION_INPUT     ? i->first * SHEAF_MAX_NDIM + d
                                   : i->kind == INSTRUCTION_FOREIGN ? ORIGIN_MIXED
                                                                    : ORIGIN_NONE;
    if (i->kind == INSTRUCTION_SLICE)
        slice_origins(i, &c->values[i->in[0]].view, all[i->in[0]], all[i->first]);
    else if (i->kind == INSTRUCTION_CALL)
        call_origins(c, i, all);
}

bool compiled_origins(const struct compiled *c, int k, int origins[SHEAF_MAX_NDIM])
{
    int(*all)[SHEAF_MAX_NDIM] = mem_alloc((size_t)(c->nvalues + 1) * sizeof *all);
    if (!all)
        return false;
    for (int i = 0; i < c->ninstructions; i++)
        make_origins(c, &c->instructions[i], all);
    memcpy(origins, all[c->outputs[k]], sizeof *all);
    mem_free(all);
    return true;
}
