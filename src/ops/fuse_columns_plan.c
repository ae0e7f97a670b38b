/* From a chain whose reductions go over the leading axes to matrices, tiles and strips. */

#include "ops/fuse_columns.h"

#define TILES_BYTES (512 << 10) /* of the tiles of a thread: in L2 */

/* Neighbouring dimensions as one; false where they do not lie so. */
static bool merge(const sheaf_view *x, int first, int end, int64_t *extent, int64_t *stride)
{
    *extent = 1;
    *stride = 0;
    for (int i = end - 1; i >= first; i--) {
        if (x->shape[i] == 1)
            continue;
        if (*extent == 1)
            *stride = x->strides[i];
        else if (x->strides[i] != *stride * *extent)
            return false;
        *extent *= x->shape[i];
    }
    return true;
}

/* x, broadcast to the shape, with its first `lead` dimensions as rows. */
static bool as_matrix(const sheaf_view *x, int ndim, const int64_t *shape, int lead, sheaf_view *matrix)
{
    sheaf_view wide;
    op_stretch(x, ndim, shape, &wide);
    matrix->data = x->data;
    matrix->dtype = x->dtype;
    matrix->ndim = 2;
    return merge(&wide, 0, lead, &matrix->shape[0], &matrix->strides[0]) &&
           merge(&wide, lead, ndim, &matrix->shape[1], &matrix->strides[1]);
}

/* How many leading axes all the reductions go over; 0: others. */
static int count_leading(const struct fuse *f, int ndim)
{
    int reach = 0;
    for (int e = 0; e < f->nends; e++) {
        if (!f->ends[e].op)
            continue;
        const int own = fuse_reach(f->ends[e].op, f->ends[e].options, ndim);
        if (own >= 0 || (reach && own != reach))
            return 0;
        reach = own;
    }
    return -reach;
}

/* Whether there are kernels, and of which dtype every value is. */
static bool find_dtypes(const struct fuse *f, const sheaf_view *in, sheaf_dtype *dtypes, double *cost)
{
    for (int k = 0; k < f->nin; k++)
        dtypes[k] = in[k].dtype;
    *cost = 0;
    for (int s = 0; s < f->nsteps; s++) {
        const struct fuse_step *step = &f->steps[s];
        sheaf_view types[SHEAF_MAX_INPUTS];
        struct elementwise e;
        if (!op_is_elementwise(step->op))
            return false;
        for (int k = 0; k < step->op->info.nin; k++)
            types[k].dtype = dtypes[step->in[k]];
        if (!elementwise_choose(step->op, types, step->fast, &e))
            return false;
        dtypes[f->nin + s] = e.out;
        *cost += step->op->cost;
    }
    return true;
}

/* The tile of the value, which the inner pass stores. */
static int tile_of(struct fuse_columns *p, int value, sheaf_dtype dtype)
{
    for (int t = 0; t < p->ntiles; t++)
        if (p->ends[t].value == value)
            return t;
    p->ends[p->ntiles] = (struct fuse_end){value, NULL, NULL};
    p->tiles[p->ntiles].dtype = dtype;
    p->tiles[p->ntiles].size = sheaf_dtype_size(dtype);
    return p->ntiles++;
}

static void add_reductions(struct fuse_columns *p, const struct fuse *f, const sheaf_dtype *dtypes,
                           const sheaf_view *outs)
{
    for (int e = 0, out = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        if (!end->op) {
            out++;
            continue;
        }
        struct fuse_column_reduction *c = &p->reductions[p->nreductions++];
        c->op = end->op;
        c->options = options_or_default(end->options);
        c->outs = outs ? &outs[out] : NULL;
        c->tile = tile_of(p, end->value, dtypes[end->value]);
        p->cost += end->op->cost;
        out += end->op->info.nout;
    }
}

/* Values that are kept, after the tiles; false where their places are no matrices. */
static bool add_stores(struct fuse_columns *p, const struct fuse *f, int ndim, const int64_t *shape, int lead,
                       const sheaf_view *outs)
{
    for (int e = 0, out = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        if (!end->op) {
            if (outs && !as_matrix(&outs[out], ndim, shape, lead, &p->stores[p->nstores]))
                return false;
            p->ends[p->ntiles + p->nstores++] = (struct fuse_end){end->value, NULL, NULL};
        }
        out += end->op ? end->op->info.nout : 1;
    }
    return true;
}

static bool in_layers(const struct fuse_columns *p)
{
    for (int k = 0; k < p->nreductions; k++)
        if (!vertical_layers(&p->reductions[k].r))
            return false;
    return p->rows > MOMENT_BLOCK;
}

/* The tiles, and so the strips. */
static void cut_tiles(struct fuse_columns *p)
{
    const bool layers = in_layers(p);
    const size_t most_high = layers ? MOMENT_BLOCK : KERNEL_BLOCK;
    size_t bytes = 0;
    p->high = p->rows < most_high ? p->rows : most_high;
    for (int t = 0; t < p->ntiles; t++)
        bytes += p->tiles[t].size * p->high;
    size_t wide = TILES_BYTES / bytes / GATHERED * GATHERED;
    wide = wide < GATHERED ? GATHERED : wide > KERNEL_LAYER_COLUMNS ? KERNEL_LAYER_COLUMNS : wide;
    for (int k = 0; k < p->nreductions; k++) {
        const size_t most = columns_wide(&p->reductions[k].r);
        wide = wide < most ? wide : most;
    }
    p->wide = wide < p->columns ? wide : p->columns;
    p->strips = (p->columns + p->wide - 1) / p->wide;
    p->direct = layers && p->inner.nsteps == 0 && p->nstores == 0;
    for (int t = 0; t < p->ntiles; t++)
        p->direct = p->direct && p->in[p->ends[t].value].strides[1] == (int64_t)p->tiles[t].size;
    p->bytes = 64;
    for (int t = 0; t < p->ntiles && !p->direct; t++) {
        p->tiles[t].offset = p->bytes;
        p->bytes += (p->high * vertical_pitch(p->wide, p->tiles[t].size) + 63) / 64 * 64;
    }
}

static void set_up_reductions(struct fuse_columns *p)
{
    for (int k = 0; k < p->nreductions; k++) {
        struct fuse_column_reduction *c = &p->reductions[k];
        const size_t size = p->tiles[c->tile].size;
        sheaf_view nowhere[SHEAF_MAX_OUTPUTS] = {{.data = NULL}};
        const sheaf_view x = {.data = p->in[0].data,
                              .dtype = p->tiles[c->tile].dtype,
                              .ndim = 2,
                              .shape = {(int64_t)p->rows, (int64_t)p->columns},
                              .strides = {(int64_t)(p->columns * size), (int64_t)size}};
        reduce_matrix(&c->r, c->op, c->options, &x, c->outs ? c->outs : nowhere);
        c->r.near = true;
    }
}

bool fuse_columns_plan(struct fuse_columns *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs)
{
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_dtype dtypes[FUSE_MOST_INPUTS + FUSE_MOST_STEPS];
    sheaf_view parts[FUSE_MOST_INPUTS];
    int ndim;
    if (f->nin < 1 || f->nin > FUSE_MOST_INPUTS || f->nsteps > FUSE_MOST_STEPS || f->nends > FUSE_MOST_ENDS ||
        op_broadcast("fuse", f->nin, in, &ndim, shape, NULL))
        return false;
    const int lead = count_leading(f, ndim);
    if (!lead || !find_dtypes(f, in, dtypes, &p->cost))
        return false;
    for (int k = 0; k < f->nin; k++)
        if (!as_matrix(&in[k], ndim, shape, lead, &p->in[k]))
            return false;
    p->rows = (size_t)p->in[0].shape[0];
    p->columns = (size_t)p->in[0].shape[1];
    if (p->rows < 2 || p->columns < 2)
        return false;
    p->nblocks = (p->rows + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
    p->inner = *f;
    p->nreductions = p->ntiles = p->nstores = 0;
    add_reductions(p, f, dtypes, outs);
    if (!add_stores(p, f, ndim, shape, lead, outs))
        return false;
    p->inner.ends = p->ends;
    p->inner.nends = p->ntiles + p->nstores;
    set_up_reductions(p);
    cut_tiles(p);
    if (p->direct)
        return true;
    fuse_columns_inputs(p, &(struct fuse_extent){0, 0, p->high, p->wide}, parts);
    return p->inner.nsteps > 0 && fuse_fits(&p->inner, parts);
}
