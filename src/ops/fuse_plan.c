/* From a chain to registers and the moves between them. */

#include "ops/fuse_plan.h"
#include "ops/stream.h"
#include <string.h>

#define STORE_NS 0.3  /* of an element that is copied */
#define TINY 4096     /* elements of what may lie in any way */
#define MOSTLY_READ 8 /* bytes read for one written from which on streaming saves too little */

static size_t round_up(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

/* ---- shape and inputs ---- */

static bool find_shape(struct fuse_plan *p, const struct fuse *f, const sheaf_view *in)
{
    if (f->nin < 1 || f->nin > FUSE_MOST_INPUTS || f->nsteps > FUSE_MOST_STEPS || f->nends > FUSE_MOST_ENDS ||
        op_broadcast("fuse", f->nin, in, &p->ndim, p->shape, NULL))
        return false;
    p->n = 1;
    for (int i = 0; i < p->ndim; i++)
        p->n *= (size_t)p->shape[i];
    return true;
}

static size_t period_of(const struct grid *g)
{
    size_t span = g->n, period = g->step[0] ? span : 1;
    for (int i = g->ndim - 1; i >= 0; i--) {
        span *= (size_t)g->shape[i];
        period = g->strides[0][i] ? span : period;
    }
    return period;
}

/* Whether its elements are neighbours along another dimension than the last: panels are better there. */
static bool lies_across(const struct grid *g, int64_t size)
{
    if (g->n < 4 || g->step[0] == 0 || g->step[0] == size || g->step[0] == -size)
        return false;
    for (int i = 0; i < g->ndim; i++)
        if (g->strides[0][i] == size && g->shape[i] >= 4)
            return true;
    return false;
}

static void lay(struct grid *g, int ndim, const int64_t *shape, const sheaf_view *v)
{
    grid_init(g, 1);
    for (int i = 0; i < ndim; i++) {
        const int at = i - (ndim - v->ndim);
        const int64_t stride = at < 0 || v->shape[at] == 1 ? 0 : v->strides[at];
        grid_add(g, shape[i], &stride);
    }
    grid_split(g);
}

static bool lay_inputs(struct fuse_plan *p, int nin, const sheaf_view *in)
{
    for (int k = 0; k < nin; k++) {
        struct fuse_input *x = &p->inputs[k];
        const int64_t size = (int64_t)sheaf_dtype_size(in[k].dtype);
        x->base = in[k].data;
        lay(&x->grid, p->ndim, p->shape, &in[k]);
        x->period = period_of(&x->grid);
        x->straight = x->grid.ndim == 0 && (x->grid.n <= 1 || x->grid.step[0] == size);
        if (p->n > TINY && x->period > FUSE_TILE && lies_across(&x->grid, size))
            return false;
    }
    return true;
}

/* ---- registers and moves ---- */

static int add_register(struct fuse_plan *p, sheaf_dtype dtype, int parent, int input)
{
    struct fuse_register *r = &p->registers[p->nregisters];
    r->dtype = dtype;
    r->size = sheaf_dtype_size(dtype);
    r->parent = parent;
    r->input = input;
    r->last = -1;
    r->split = r->whole = r->placed = false;
    return p->nregisters++;
}

static struct fuse_move *add_move(struct fuse_plan *p, int nin, const int *in, int out)
{
    struct fuse_move *m = &p->moves[p->nmoves];
    m->nin = nin;
    m->out = out;
    for (int k = 0; k < nin; k++) {
        m->in[k] = in[k];
        p->registers[in[k]].last = p->nmoves;
    }
    p->nmoves++;
    return m;
}

/* The register that holds `from` cast to the dtype: inputs are loaded so, the rest is moved. */
static int as(struct fuse_plan *p, int from, sheaf_dtype dtype, bool split)
{
    const struct fuse_register *x = &p->registers[from];
    if (x->dtype == dtype && !split)
        return from;
    for (int i = from + 1; i < p->nregisters; i++) {
        const struct fuse_register *y = &p->registers[i];
        if (y->parent == from && y->dtype == dtype && y->split == split)
            return i;
    }
    const bool load = x->input >= 0 && x->parent < 0 && !split;
    const int to = add_register(p, dtype, from, load ? x->input : -1);
    p->registers[to].split = split;
    if (load)
        return to;
    struct fuse_move *m = add_move(p, 1, &from, to);
    m->kernel = (struct each_kernel){NULL, NULL, NULL};
    m->cast = p->k->cast[split ? dtype_real(x->dtype) : x->dtype][dtype];
    return to;
}

/* Whether the exponent is one number that is not negative. */
static bool counts(const struct fuse_plan *p, const struct fuse *f, int value, sheaf_dtype dtype)
{
    int64_t number;
    if (p->n == 0)
        return true;
    if (value >= f->nin || p->inputs[value].period != 1 || !p->inputs[value].base)
        return false;
    p->k->cast[dtype][K_I64](1, p->inputs[value].base, 0, &number, sizeof number);
    return number >= 0;
}

/* regs: of the values so far. */
static bool add_step(struct fuse_plan *p, const struct fuse *f, int s, int *regs)
{
    const struct fuse_step *step = &f->steps[s];
    const int nin = step->op->info.nin, value = f->nin + s;
    struct elementwise e;
    sheaf_view types[SHEAF_MAX_INPUTS];
    int in[SHEAF_MAX_INPUTS];
    if (!op_is_elementwise(step->op))
        return false;
    for (int k = 0; k < nin; k++) {
        if (step->in[k] < 0 || step->in[k] >= value)
            return false;
        types[k].dtype = p->registers[regs[step->in[k]]].dtype;
    }
    if (!elementwise_choose(step->op, types, step->fast, &e) ||
        (elementwise_counts(step->op, &e, types[nin - 1].dtype) && !counts(p, f, step->in[1], types[1].dtype)))
        return false;
    for (int k = 0; k < nin; k++)
        in[k] = as(p, regs[step->in[k]], e.work[k], false);
    p->cost += step->op->cost;
    regs[value] = in[0];
    if (each_casts(&e.kernel))
        return true;
    regs[value] = add_register(p, e.out, -1, -1);
    add_move(p, nin, in, regs[value])->kernel = e.kernel;
    return true;
}

/* ---- ends ---- */

static bool has_parts(const struct op *op)
{
    if (op->class != CLASS_REDUCE)
        return false;
    switch (op->kernel) {
    case R_fsum:
    case R_trapz:
    case R_dot:
    case R_nanargmin:
    case R_nanargmax:
        return false;
    default:
        return true;
    }
}

struct fuse_axes fuse_axes(const struct op *op, const sheaf_options *options, int ndim)
{
    const struct fuse_axes none = {0, 0}, whole = {0, ndim ? ndim : 1}; /* a number: as of a row of one */
    const sheaf_options *o = options_or_default(options);
    bool along[SHEAF_MAX_NDIM];
    sheaf_view x;
    struct fuse_axes axes = none;
    if (op->class != CLASS_SCAN && (!has_parts(op) || o->weights))
        return none;
    x.ndim = ndim;
    if (ndim == 0 || (op->class == CLASS_SCAN && o->naxes == 0))
        return whole;
    if (op->class == CLASS_SCAN)
        return (struct fuse_axes){op_axis(&x, o), 1};
    op_axes(op, &x, o, along);
    for (int i = 0; i < ndim; i++) {
        if (!along[i])
            continue;
        if (axes.count && i > axes.first + axes.count)
            return none;
        axes.first = axes.count ? axes.first : i;
        axes.count++;
    }
    /* Where the best element is, only blocks that lie along memory tell. */
    const bool place = op->kernel == R_argmin || op->kernel == R_argmax;
    return place && axes.first + axes.count < ndim ? none : axes;
}

static bool find_rows(struct fuse_plan *p, const struct fuse *f)
{
    struct fuse_axes axes = {0, 0};
    p->row = p->n;
    p->nrows = 1;
    for (int e = 0; e < f->nends; e++) {
        if (!f->ends[e].op)
            continue;
        const struct fuse_axes own = fuse_axes(f->ends[e].op, f->ends[e].options, p->ndim);
        if (own.first + own.count < p->ndim || !own.count || (axes.count && !fuse_same_axes(own, axes)))
            return false;
        axes = own;
    }
    if (!axes.count)
        return true;
    p->row = 1;
    for (int i = 0; i < p->ndim; i++)
        *(i < axes.first ? &p->nrows : &p->row) *= (size_t)p->shape[i];
    return true;
}

static void cut_units(struct fuse_plan *p)
{
    const bool ends = p->nreductions || p->nscans, within = ends && p->row > KERNEL_BLOCK;
    const size_t rows = ends && p->row ? KERNEL_BLOCK / p->row * p->row : KERNEL_BLOCK;
    size_t widest = 1;
    for (int i = 0; i < p->nregisters; i++)
        widest = p->registers[i].size > widest ? p->registers[i].size : widest;
    p->unit = within ? KERNEL_BLOCK : rows;
    p->blocks = within ? (p->row + KERNEL_BLOCK - 1) / KERNEL_BLOCK : 1;
    p->nunits = within ? p->nrows * p->blocks : (p->n + p->unit - 1) / p->unit;
    p->tile = FUSE_TILE_BYTES / widest;
    p->tile = p->tile > FUSE_TILE ? FUSE_TILE : p->tile;
    p->tile = p->tile > p->n ? p->n : p->tile;
}

static void add_reduction(struct fuse_plan *p, const struct fuse_end *end, int reg, const sheaf_view *outs)
{
    const sheaf_options *o = options_or_default(end->options);
    const sheaf_dtype dtype = p->registers[reg].dtype;
    struct fuse_reduction *e = &p->reductions[p->nreductions++];
    struct reduction *r = &e->r;
    r->ddof = o->ddof;
    r->spacing = 0;
    r->weighted = false;
    reduce_choose(r, (enum reduction_kind)end->op->kernel, dtype, &dtype, 1);
    r->n = p->row;
    r->nblocks = (p->row + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
    e->reg = as(p, reg, r->work, r->split);
    p->registers[e->reg].whole = true;
    p->cost += end->op->cost;
    e->nout = end->op->info.nout;
    for (int k = 0; k < e->nout && outs; k++) {
        r->out[k] = outs[k].dtype;
        e->out[k] = outs[k].data;
        e->size[k] = sheaf_dtype_size(outs[k].dtype);
    }
}

/* Bytes of the inputs that are read as the work goes on. */
static size_t bytes_read(const struct fuse_plan *p)
{
    size_t bytes = 0;
    for (int i = 0; i < p->nregisters; i++) {
        const struct fuse_register *r = &p->registers[i];
        if (r->input >= 0 && r->parent < 0 && p->inputs[r->input].period > FUSE_TILE)
            bytes += p->n * r->size;
    }
    return bytes;
}

/* A computed value goes to contiguous memory at once, unless it is so large that it goes past the caches. */
static void add_store(struct fuse_plan *p, int reg, const sheaf_view *out)
{
    struct fuse_register *r = &p->registers[reg];
    struct fuse_store *s = &p->stores[p->nstores];
    s->flat = out && sheaf_view_is_contiguous(out);
    s->size = sheaf_dtype_size(out ? out->dtype : r->dtype);
    const bool same = out && out->dtype == r->dtype;
    const size_t bytes = p->n * s->size;
    s->stream = s->flat && same && bytes >= STREAM_LEAST && bytes_read(p) < MOSTLY_READ * bytes;
    if (s->flat && same && !s->stream && r->input < 0 && !r->placed) {
        r->placed = true;
        r->place = IN_MEMORY;
        r->base = out->data;
        return;
    }
    s->reg = reg;
    s->late = r->whole && r->input < 0 && r->parent < 0;
    r->last = FUSE_FOREVER;
    p->cost += STORE_NS;
    p->nstores++;
    if (!out)
        return;
    s->base = out->data;
    s->cast = p->k->cast[r->dtype][out->dtype];
    if (!s->flat)
        lay(&s->grid, out->ndim, out->shape, out);
}

/* Its result is a register of its own; false: there is no kernel. */
static bool add_scan(struct fuse_plan *p, const struct fuse_end *end, int reg, int *result)
{
    struct fuse_scan *s = &p->scans[p->nscans++];
    if (!scanner_choose(&s->by, (enum scan_kind)end->op->kernel,
                        op_result_dtype(end->op->rule, p->registers[reg].dtype, 0)))
        return false;
    s->in = as(p, reg, s->by.work, false);
    *result = s->out = add_register(p, s->by.work, -1, -1);
    p->registers[s->in].whole = p->registers[s->out].whole = true;
    p->cost += end->op->cost;
    return true;
}

static bool add_ends(struct fuse_plan *p, const struct fuse *f, const int *regs, const sheaf_view *outs)
{
    int kept[FUSE_MOST_ENDS];
    for (int e = 0, out = 0; e < f->nends; e++) {
        const struct fuse_end *end = &f->ends[e];
        kept[e] = end->op ? -1 : regs[end->value];
        if (end->op && end->op->class == CLASS_REDUCE)
            add_reduction(p, end, regs[end->value], outs ? &outs[out] : NULL);
        else if (end->op && !add_scan(p, end, regs[end->value], &kept[e]))
            return false;
        out += end->op ? end->op->info.nout : 1;
    }
    for (int e = 0, out = 0; e < f->nends; e++) {
        if (kept[e] >= 0)
            add_store(p, kept[e], outs ? &outs[out] : NULL);
        out += f->ends[e].op ? f->ends[e].op->info.nout : 1;
    }
    return true;
}

/* ---- places ---- */

static bool is_used(const struct fuse_register *r)
{
    return r->input < 0 || r->last >= 0 || r->whole;
}

static bool in_slot(const struct fuse_register *r)
{
    return is_used(r) && r->place == IN_SLOT;
}

static void choose_place(struct fuse_plan *p, struct fuse_register *r)
{
    const struct fuse_input *x = r->input < 0 ? NULL : &p->inputs[r->input];
    if (r->placed)
        return;
    if (x && x->straight && r->parent < 0) {
        r->place = IN_MEMORY;
        r->base = x->base;
    } else if (r->whole) {
        r->place = IN_BLOCK;
    } else {
        r->place = x && x->period <= FUSE_TILE ? REPEATED : IN_SLOT;
    }
}

static bool add_source(struct fuse_plan *p, int reg)
{
    const struct fuse_register *r = &p->registers[reg];
    const struct fuse_input *x = &p->inputs[r->input];
    if (p->nsources == FUSE_MOST_SOURCES)
        return false;
    struct fuse_source *s = &p->sources[p->nsources++];
    s->reg = reg;
    s->cast = p->k->cast[r->parent < 0 ? r->dtype : p->registers[r->parent].dtype][r->dtype];
    s->size = (int64_t)r->size;
    s->direct = r->parent < 0 && x->grid.step[0] == s->size;
    s->repeat = r->parent < 0 && x->grid.step[0] == 0 ? p->k->repeat[__builtin_ctzl(r->size)] : NULL;
    return true;
}

static size_t place_bytes(const struct fuse_plan *p, const struct fuse_register *r)
{
    if (r->place == REPEATED) {
        const size_t most = p->tile + p->inputs[r->input].period;
        return round_up((most < p->n ? most : p->n) * r->size);
    }
    return r->split ? 2 * KERNEL_BLOCK * sizeof(double) : round_up((p->n < p->unit ? p->n : p->unit) * r->size);
}

struct slots {
    int count;
    int until[FUSE_MOST_REGISTERS];   /* the move that reads it last */
    size_t size[FUSE_MOST_REGISTERS]; /* of an element */
};

/* The first slot that is free before move `at`, or whose register this move reads last and may overwrite. */
static void take_slot(struct slots *s, struct fuse_register *r, int at, bool over)
{
    int i = 0;
    while (i < s->count && !(s->until[i] < at || (over && s->until[i] == at && s->size[i] == r->size)))
        i++;
    s->count += i == s->count;
    s->until[i] = r->last < at ? at : r->last;
    s->size[i] = r->size;
    r->offset = (size_t)i;
}

static void place_slots(struct fuse_plan *p)
{
    struct slots slots;
    size_t widest = 1;
    slots.count = 0;
    for (int k = 0; k < p->nsources; k++)
        if (in_slot(&p->registers[p->sources[k].reg]))
            take_slot(&slots, &p->registers[p->sources[k].reg], -1, false);
    for (int m = 0; m < p->nmoves; m++) {
        struct fuse_register *r = &p->registers[p->moves[m].out];
        if (in_slot(r))
            take_slot(&slots, r, m, !each_casts(&p->moves[m].kernel));
    }
    for (int i = 0; i < p->nregisters; i++)
        if (in_slot(&p->registers[i]) && p->registers[i].size > widest)
            widest = p->registers[i].size;
    const size_t bytes = round_up(p->tile * widest);
    for (int i = 0; i < p->nregisters; i++)
        if (in_slot(&p->registers[i]))
            p->registers[i].offset *= bytes;
    p->scratch = bytes * (size_t)slots.count;
}

static bool place(struct fuse_plan *p)
{
    p->nsources = p->nmoving = p->nstraight = 0;
    for (int i = 0; i < p->nregisters; i++) {
        struct fuse_register *r = &p->registers[i];
        choose_place(p, r);
        if (!is_used(r))
            continue;
        if (r->input >= 0 && r->place != IN_MEMORY && !add_source(p, i))
            return false;
        if (r->place == IN_MEMORY || r->place == IN_BLOCK)
            p->moving[p->nmoving++] = i;
        if (r->place == IN_MEMORY && r->input >= 0)
            p->straight[p->nstraight++] = i;
    }
    place_slots(p);
    for (int i = 0; i < p->nregisters; i++) {
        struct fuse_register *r = &p->registers[i];
        if (!is_used(r) || r->place == IN_MEMORY || r->place == IN_SLOT)
            continue;
        r->offset = p->scratch;
        p->scratch += place_bytes(p, r);
    }
    return true;
}

bool fuse_plan(struct fuse_plan *p, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs)
{
    int regs[FUSE_MOST_INPUTS + FUSE_MOST_STEPS];
    p->k = kernels();
    p->nregisters = p->nmoves = p->nstores = p->nreductions = p->nscans = 0;
    p->cost = 0;
    if (!find_shape(p, f, in) || !lay_inputs(p, f->nin, in) || !find_rows(p, f))
        return false;
    for (int k = 0; k < f->nin; k++)
        regs[k] = add_register(p, in[k].dtype, -1, k);
    for (int s = 0; s < f->nsteps; s++)
        if (!add_step(p, f, s, regs))
            return false;
    if (!add_ends(p, f, regs, outs))
        return false;
    cut_units(p);
    return place(p);
}
