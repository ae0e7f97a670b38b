/* From a chain whose reductions and scans do not go over the last axis to matrices, tiles and strips. */

#include "ops/fuse_columns.h"

#define TILES_BYTES (512 << 10) /* of the tiles of a thread: in L2 */
#define SCAN_HIGH 128           /* least rows of a tile that is only scanned */
#define SCAN_STRIPS 8           /* so many of them where they are wide enough: scans are shared out by strips only */
#define GROUPS 16               /* so many of them, rather than fewer larger ones */

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

/* x, broadcast to the shape, as matrices: the axes are their rows, those before the matrices, those behind columns. */
static bool as_matrices(const sheaf_view *x, int ndim, const int64_t *shape, struct fuse_axes axes, sheaf_view *m)
{
    const int ends[] = {0, axes.first, axes.first + axes.count, ndim};
    sheaf_view wide;
    op_stretch(x, ndim, shape, &wide);
    m->data = x->data;
    m->dtype = x->dtype;
    m->ndim = 3;
    for (int i = 0; i < 3; i++)
        if (!merge(&wide, ends[i], ends[i + 1], &m->shape[i], &m->strides[i]))
            return false;
    return true;
}

/* The axes of all reductions and scans; none where they are the last, or others. */
static struct fuse_axes find_axes(const struct fuse *f, int ndim)
{
    const struct fuse_axes none = {0, 0};
    struct fuse_axes axes = none;
    for (int e = 0; e < f->nends; e++) {
        if (!f->ends[e].op)
            continue;
        const struct fuse_axes own = fuse_axes(f->ends[e].op, f->ends[e].options, ndim);
        if (!own.count || own.first + own.count >= ndim || (axes.count && !fuse_same_axes(own, axes)))
            return none;
        axes = own;
    }
    return axes;
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

static void add_reduction(struct fuse_columns *p, const struct fuse_end *end, sheaf_dtype dtype, const sheaf_view *outs)
{
    struct fuse_column_reduction *c = &p->reductions[p->nreductions++];
    c->op = end->op;
    c->options = options_or_default(end->options);
    c->outs = outs;
    c->tile = tile_of(p, end->value, dtype);
}

/* False: it has no kernel that goes down columns. */
static bool add_scan(struct fuse_columns *p, const struct fuse_end *end, sheaf_dtype dtype)
{
    struct fuse_column_scan *c = &p->scans[p->nscans++];
    const sheaf_dtype work = op_result_dtype(end->op->rule, dtype, 0);
    c->tile = tile_of(p, end->value, dtype);
    c->layout.load = kernels()->cast[dtype][work];
    c->layout.store = kernels()->cast[work][work];
    c->out = (sheaf_view){.ndim = 3};
    return scanner_choose(&c->by, (enum scan_kind)end->op->kernel, work) && c->by.columns;
}

static bool add_ends(struct fuse_columns *p, const struct fuse *f, const sheaf_dtype *dtypes, const sheaf_view *outs)
{
    for (int e = 0, out = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        const sheaf_dtype dtype = dtypes[end->value];
        if (end->op && end->op->class != CLASS_SCAN)
            add_reduction(p, end, dtype, outs ? &outs[out] : NULL);
        else if (end->op && !add_scan(p, end, dtype))
            return false;
        p->cost += end->op ? end->op->cost : 0;
        out += end->op ? end->op->info.nout : 1;
    }
    return true;
}

/* Where values that are kept go, after the tiles, and what scans make; false where their places are no matrices. */
static bool add_places(struct fuse_columns *p, const struct fuse *f, int ndim, const int64_t *shape,
                       struct fuse_axes axes, const sheaf_view *outs)
{
    for (int e = 0, out = 0, scan = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        const bool scans = end->op && end->op->class == CLASS_SCAN;
        sheaf_view *place = scans ? &p->scans[scan++].out : &p->stores[p->nstores];
        if (!end->op)
            p->ends[p->ntiles + p->nstores++] = (struct fuse_end){end->value, NULL, NULL};
        if ((!end->op || scans) && outs && !as_matrices(&outs[out], ndim, shape, axes, place))
            return false;
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Of the columns of a strip: what the reductions and scans take together. */
static size_t most_wide(const struct fuse_columns *p)
{
    size_t most = KERNEL_LAYER_COLUMNS;
    for (int k = 0; k < p->nreductions; k++)
        most = least(most, columns_wide(&p->reductions[k].r));
    for (int k = 0; k < p->nscans; k++)
        most = least(most, SCAN_NUMBERS / (dtype_is_complex(p->scans[k].by.work) ? 2 : 1));
    if (p->nscans && p->planes < SCAN_STRIPS)
        most = least(most, (p->columns / SCAN_STRIPS + GATHERED - 1) / GATHERED * GATHERED);
    return most < GATHERED ? GATHERED : most;
}

/* Rows and columns of a tile whose rows have so many bytes a column. */
static void cut_tiles(struct fuse_columns *p, size_t bytes)
{
    const size_t most = most_wide(p);
    p->high = in_layers(p) ? MOMENT_BLOCK : KERNEL_BLOCK;
    if (!p->nreductions) /* any rows will do: as many columns as can be */
        for (p->high = SCAN_HIGH; p->high < KERNEL_BLOCK; p->high *= 2)
            if (p->high * 2 * least(most, p->columns) * bytes > TILES_BYTES)
                break;
    p->high = least(p->high, p->rows);
    const size_t wide = TILES_BYTES / (bytes * p->high) / GATHERED * GATHERED;
    p->wide = least(wide < GATHERED ? GATHERED : least(wide, most), p->columns);
    p->strips = (p->columns + p->wide - 1) / p->wide;
    p->group = 1;
    if (p->strips == 1 && p->rows == p->high)
        p->group = least(TILES_BYTES / (bytes * p->rows * p->columns), p->planes / GROUPS);
    p->group = p->group ? p->group : 1;
}

static void place_tiles(struct fuse_columns *p, bool fed)
{
    p->direct = (in_layers(p) || !p->nreductions || fed) && p->inner.nsteps == 0 && p->nstores == 0;
    for (int t = 0; t < p->ntiles; t++)
        p->direct = p->direct && p->in[p->ends[t].value].strides[2] == (int64_t)p->tiles[t].size;
    p->bytes = 64;
    for (int t = 0; t < p->ntiles; t++) {
        p->tiles[t].offset = p->bytes;
        p->tiles[t].pitch = vertical_pitch(p->wide, p->tiles[t].size);
        if (!p->direct)
            p->bytes += (p->group * p->high * p->tiles[t].pitch + 63) / 64 * 64;
    }
    p->states = p->bytes;
    p->bytes += (size_t)p->nscans * sizeof(struct scan_strip);
    for (int k = 0; k < p->nscans; k++) {
        struct fuse_column_scan *c = &p->scans[k];
        struct scan_layout *l = &c->layout;
        l->in_direct = p->tiles[c->tile].dtype == c->by.work;
        l->x_across = (ptrdiff_t)p->tiles[c->tile].size;
        l->x_step = (ptrdiff_t)(p->direct ? (size_t)p->in[p->ends[c->tile].value].strides[1] : p->tiles[c->tile].pitch);
        l->out_direct = c->out.strides[2] == (int64_t)c->by.size;
        l->y_across = (ptrdiff_t)c->out.strides[2];
        l->y_step = (ptrdiff_t)c->out.strides[1];
    }
}

/* The tiles, and so the strips. */
static void cut(struct fuse_columns *p, bool fed)
{
    size_t bytes = 0;
    for (int t = 0; t < p->ntiles; t++)
        bytes += p->tiles[t].size;
    cut_tiles(p, bytes);
    place_tiles(p, fed);
}

/* The columns of all matrices side by side: so the results lie. */
static void set_up_reductions(struct fuse_columns *p)
{
    const size_t all = p->planes * p->columns;
    for (int k = 0; k < p->nreductions; k++) {
        struct fuse_column_reduction *c = &p->reductions[k];
        const size_t size = p->tiles[c->tile].size;
        sheaf_view nowhere[SHEAF_MAX_OUTPUTS] = {{.data = NULL}};
        const sheaf_view x = {.data = p->in[0].data,
                              .dtype = p->tiles[c->tile].dtype,
                              .ndim = 2,
                              .shape = {(int64_t)p->rows, (int64_t)all},
                              .strides = {(int64_t)(all * size), (int64_t)size}};
        reduce_matrix(&c->r, c->op, c->options, &x, c->outs ? c->outs : nowhere);
        c->r.near = true;
    }
}

bool fuse_columns_plan(struct fuse_columns *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs,
                       bool fed)
{
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_dtype dtypes[FUSE_MOST_INPUTS + FUSE_MOST_STEPS];
    sheaf_view parts[FUSE_MOST_INPUTS];
    int ndim;
    if (f->nin < 1 || f->nin > FUSE_MOST_INPUTS || f->nsteps > FUSE_MOST_STEPS || f->nends > FUSE_MOST_ENDS ||
        op_broadcast("fuse", f->nin, in, &ndim, shape, NULL))
        return false;
    const struct fuse_axes axes = find_axes(f, ndim);
    if (!axes.count || !find_dtypes(f, in, dtypes, &p->cost))
        return false;
    for (int k = 0; k < f->nin; k++)
        if (!as_matrices(&in[k], ndim, shape, axes, &p->in[k]))
            return false;
    p->planes = (size_t)p->in[0].shape[0];
    p->rows = (size_t)p->in[0].shape[1];
    p->columns = (size_t)p->in[0].shape[2];
    if (p->planes < 1 || p->rows < 2 || p->columns < 2)
        return false;
    p->nblocks = (p->rows + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
    p->inner = *f;
    p->nreductions = p->nscans = p->ntiles = p->nstores = 0;
    if (!add_ends(p, f, dtypes, outs) || !add_places(p, f, ndim, shape, axes, outs))
        return false;
    p->inner.ends = p->ends;
    p->inner.nends = p->ntiles + p->nstores;
    set_up_reductions(p);
    cut(p, fed);
    if (p->direct)
        return true;
    fuse_columns_inputs(p, &(struct fuse_extent){0, 0, 0, 1, p->high, p->wide}, parts);
    return p->inner.nsteps > 0 && fuse_fits(&p->inner, parts);
}
