/* What a pass does to each tile: operands, kernels, and where tiles live. */

#include "ops/fuse_tiles.h"
#include "ops/stream.h"
#include <string.h>

#define ALIGN 64
#define STAGGER 320 /* bytes between tiles: a power of two would make them share a few sets of the cache */
#define LINE 64
#define AHEAD 3 /* tiles */
#define LARGE (1u << 20)

/* ---- inputs ---- */

struct layout {
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
};

static void common_shape(const struct fuse *f, const sheaf_view *in, struct layout *l)
{
    op_broadcast("", f->nin, in, &l->ndim, l->shape, NULL);
}

static size_t elements(const struct layout *l)
{
    size_t n = 1;
    for (int i = 0; i < l->ndim; i++)
        n *= (size_t)l->shape[i];
    return n;
}

/* The input's elements in C order over the common shape, in few dimensions. */
static void input_grid(const sheaf_view *in, const struct layout *l, struct grid *g)
{
    sheaf_view wide;
    op_stretch(in, l->ndim, l->shape, &wide);
    grid_init(g, 1);
    for (int i = 0; i < l->ndim; i++)
        grid_add(g, l->shape[i], &wide.strides[i]);
    grid_split(g);
}

/* Rows of contiguous elements over and over. */
static bool is_periodic(const struct grid *g, size_t size)
{
    if (g->ndim == 0 || g->step[0] != (int64_t)size)
        return false;
    for (int i = 0; i < g->ndim; i++)
        if (g->strides[0][i] != 0)
            return false;
    return true;
}

static enum operand_kind kind_of(const struct grid *g, size_t size)
{
    if (g->ndim == 0 && (g->n <= 1 || g->step[0] == 0))
        return OPERAND_FILLED;
    if (g->ndim == 0 && g->step[0] == (int64_t)size)
        return OPERAND_DIRECT;
    return is_periodic(g, size) && g->n <= 4 * FUSE_TILE ? OPERAND_PERIODIC : OPERAND_GATHERED;
}

/* Contiguous along another axis than the last: whoever walks it in C order reads a cache line for each element. */
static bool lies_across(const struct grid *g, size_t size)
{
    for (int i = 0; i < g->ndim; i++)
        if (g->strides[0][i] == (int64_t)size && g->shape[i] >= 4 && g->n >= 4)
            return true;
    return false;
}

static void works_of(const struct op *op, sheaf_dtype promoted, sheaf_dtype works[SHEAF_MAX_INPUTS])
{
    const sheaf_dtype work = op_work_dtype(op->rule, promoted);
    works[0] = op->rule == RULE_WHERE ? SHEAF_BOOL : work;
    works[1] = works[2] = work;
}

static void choose_kernel(const struct kernels *k, const struct op *op, sheaf_dtype work, bool fast, struct work *w)
{
    w->unary = NULL;
    w->binary = NULL;
    w->ternary = NULL;
    if (op->class == CLASS_TERNARY)
        w->ternary = k->ternary[op->kernel][work];
    else if (op->class == CLASS_BINARY)
        w->binary = k->binary[op->kernel][work];
    else if (op->class == CLASS_UNARY)
        w->unary = fast && k->fast[op->kernel][work] ? k->fast[op->kernel][work] : k->unary[op->kernel][work];
}

/* ---- what fits ---- */

/* The dtype of every value, and whether each step has a kernel. */
static bool infer_dtypes(const struct fuse *f, const sheaf_view *in, sheaf_dtype *dtypes)
{
    const struct kernels *k = kernels();
    for (int v = 0; v < f->nin; v++)
        dtypes[v] = in[v].dtype;
    for (int s = 0; s < f->nsteps; s++) {
        const struct op *op = f->steps[s].op;
        sheaf_view of[SHEAF_MAX_INPUTS];
        struct work w;
        for (int i = 0; i < op->info.nin; i++)
            of[i].dtype = dtypes[f->steps[s].in[i]];
        const sheaf_dtype promoted = op_promoted(op, op->info.nin, of), work = op_work_dtype(op->rule, promoted);
        dtypes[f->nin + s] = op_result_dtype(op->rule, promoted, 0);
        if (op_only_casts(op, work))
            continue;
        choose_kernel(k, op, work, false, &w);
        /* whose exponents have to be looked at first */
        const bool checked = op == &op_table[OP_pow] && dtype_kind(work) == 'i';
        if (checked || (!w.unary && !w.binary && !w.ternary))
            return false;
    }
    return true;
}

bool tiles_fit(const struct fuse *f, const sheaf_view *in)
{
    sheaf_dtype dtypes[FUSE_MOST_INPUTS + FUSE_MOST_STEPS];
    struct layout l;
    common_shape(f, in, &l);
    const size_t n = elements(&l);
    for (int k = 0; k < f->nin; k++) {
        struct grid g;
        if (sheaf_view_is_contiguous(&in[k]))
            continue;
        input_grid(&in[k], &l, &g);
        if (n > KERNEL_BLOCK && lies_across(&g, sheaf_dtype_size(in[k].dtype)))
            return false;
    }
    return n > 0 && infer_dtypes(f, in, dtypes);
}

/* ---- operands ---- */

struct making {
    struct tiles *t;
    const struct fuse *f;
    const sheaf_view *in;
    struct layout layout;
    sheaf_dtype dtypes[FUSE_MOST_INPUTS + FUSE_MOST_STEPS]; /* of values */
};

static int new_operand(struct making *m, int value, sheaf_dtype dtype)
{
    struct operand *o = &m->t->operands[m->t->noperands];
    o->kind = OPERAND_MADE;
    o->value = value;
    o->dtype = dtype;
    o->size = sheaf_dtype_size(dtype);
    o->base = NULL;
    o->reduced = false;
    o->last = -1;
    o->offset = 0;
    return m->t->noperands++;
}

static int find_operand(const struct making *m, int value, sheaf_dtype dtype)
{
    for (int k = 0; k < m->t->noperands; k++)
        if (m->t->operands[k].value == value && m->t->operands[k].dtype == dtype)
            return k;
    return -1;
}

static void add_cast(struct making *m, int from, int to)
{
    struct tiles *t = m->t;
    struct work *w = &t->works[t->nworks++];
    choose_kernel(t->k, &op_table[OP_float64], SHEAF_F64, false, w); /* none */
    w->cast = t->k->cast[t->operands[from].dtype][t->operands[to].dtype];
    w->in[0] = from;
    w->to = to;
}

/* An input as elements of this dtype. */
static int input_operand(struct making *m, int value, sheaf_dtype dtype)
{
    const sheaf_view *in = &m->in[value];
    const struct grid *g = &m->t->grids[value];
    const enum operand_kind kind = kind_of(g, sheaf_dtype_size(in->dtype));
    if (kind == OPERAND_DIRECT && in->dtype != dtype) {
        int from = find_operand(m, value, in->dtype);
        if (from < 0)
            from = input_operand(m, value, in->dtype);
        const int to = new_operand(m, value, dtype);
        add_cast(m, from, to);
        return to;
    }
    const int k = new_operand(m, value, dtype);
    struct operand *o = &m->t->operands[k];
    o->kind = kind;
    o->cast = m->t->k->cast[in->dtype][dtype];
    o->base = in->data;
    o->period = g->n;
    return k;
}

/* The value as elements of this dtype. */
static int operand_of(struct making *m, int value, sheaf_dtype dtype)
{
    const int known = find_operand(m, value, dtype);
    if (known >= 0)
        return known;
    if (value < m->f->nin)
        return input_operand(m, value, dtype);
    const int from = find_operand(m, value, m->dtypes[value]), to = new_operand(m, value, dtype);
    add_cast(m, from, to);
    return to;
}

static void add_step(struct making *m, int s)
{
    const struct fuse_step *step = &m->f->steps[s];
    const struct op *op = step->op;
    const int value = m->f->nin + s;
    sheaf_view of[SHEAF_MAX_INPUTS];
    sheaf_dtype works[SHEAF_MAX_INPUTS];
    int in[SHEAF_MAX_INPUTS];
    for (int i = 0; i < op->info.nin; i++)
        of[i].dtype = m->dtypes[step->in[i]];
    const sheaf_dtype promoted = op_promoted(op, op->info.nin, of);
    works_of(op, promoted, works);
    const sheaf_dtype work = op_work_dtype(op->rule, promoted);
    if (op_only_casts(op, work)) {
        const int from = operand_of(m, step->in[0], of[0].dtype);
        add_cast(m, from, new_operand(m, value, m->dtypes[value]));
        return;
    }
    for (int i = 0; i < op->info.nin; i++)
        in[i] = operand_of(m, step->in[i], works[i]);
    const int to = new_operand(m, value, m->dtypes[value]);
    struct work *w = &m->t->works[m->t->nworks++];
    choose_kernel(m->t->k, op, work, step->fast, w);
    w->cast = NULL;
    w->to = to;
    memcpy(w->in, in, sizeof in);
}

/* ---- ends ---- */

/* The output's strides as a grid to scatter to. */
static void add_store(struct making *m, int value, const sheaf_view *out)
{
    struct tiles *t = m->t;
    struct store *s = &t->stores[t->nstores++];
    struct operand *o = &t->operands[operand_of(m, value, m->dtypes[value])];
    const size_t bytes = t->n * o->size;
    s->operand = (int)(o - t->operands);
    s->out = out;
    s->cast = t->k->cast[out->dtype][out->dtype];
    input_grid(out, &m->layout, &s->grid);
    s->stream = s->grid.ndim == 0 && s->grid.step[0] == (int64_t)o->size && bytes >= STREAM_LEAST;
    t->streams = t->streams || s->stream;
    if (o->kind == OPERAND_MADE && !o->base && !s->stream && s->grid.ndim == 0 &&
        (s->grid.step[0] == (int64_t)o->size || t->n == 1)) {
        o->base = out->data;
        s->out = NULL;
    }
}

static void add_ends(struct making *m, const sheaf_view *outs, int *reduced)
{
    for (int e = 0, at = 0; e < m->f->nends; e++) {
        const struct fuse_end *end = &m->f->ends[e];
        if (!end->op) {
            add_store(m, end->value, &outs[at++]);
            continue;
        }
        reduced[e] = operand_of(m, end->value, m->dtypes[end->value]);
        m->t->operands[reduced[e]].reduced = true;
        at += end->op->info.nout;
    }
}

/* ---- where tiles live ---- */

static void find_last_uses(struct tiles *t)
{
    for (int w = 0; w < t->nworks; w++) {
        const struct work *work = &t->works[w];
        const int n = work->cast || work->unary ? 1 : work->binary ? 2 : 3;
        for (int i = 0; i < n; i++)
            t->operands[work->in[i]].last = w;
        if (t->operands[work->to].last < w)
            t->operands[work->to].last = w;
    }
    for (int s = 0; s < t->nstores; s++)
        t->operands[t->stores[s].operand].last = t->nworks;
}

static size_t bytes_of(const struct tiles *t, const struct operand *o)
{
    const size_t n = (o->reduced ? KERNEL_BLOCK : t->tile) + (o->kind == OPERAND_PERIODIC ? o->period : 0);
    return (n * o->size + ALIGN - 1) / ALIGN * ALIGN + STAGGER;
}

static bool needs_tile(const struct operand *o)
{
    return o->kind == OPERAND_MADE ? !o->base : o->kind != OPERAND_DIRECT;
}

/* Tiles of what is made are used again once nothing needs them. */
static void place_tiles(struct tiles *t)
{
    struct {
        size_t offset, bytes;
        int until; /* the work that last needs it */
    } slots[FUSE_MOST_OPERANDS];
    int nslots = 0, maker[FUSE_MOST_OPERANDS];
    for (int k = 0; k < t->noperands; k++)
        maker[k] = -1;
    for (int w = 0; w < t->nworks; w++)
        maker[t->works[w].to] = w;
    t->memory = 0;
    for (int w = -1; w < t->nworks; w++)
        for (int k = 0; k < t->noperands; k++) {
            struct operand *o = &t->operands[k];
            if (maker[k] != w || !needs_tile(o))
                continue;
            const size_t bytes = bytes_of(t, o);
            const bool stays = o->kind != OPERAND_MADE || o->reduced;
            int slot = 0;
            while (slot < nslots && (stays || slots[slot].until >= w || slots[slot].bytes != bytes))
                slot++;
            if (slot == nslots) {
                slots[nslots].offset = t->memory;
                slots[nslots++].bytes = bytes;
                t->memory += bytes;
            }
            o->offset = slots[slot].offset;
            slots[slot].until = stays ? t->nworks : o->last;
        }
}

void tiles_prepare(struct tiles *t, const struct fuse *f, const sheaf_view *in, const sheaf_view *outs, int *reduced)
{
    struct making m;
    m.t = t;
    m.f = f;
    m.in = in;
    common_shape(f, in, &m.layout);
    infer_dtypes(f, in, m.dtypes);
    t->k = kernels();
    t->n = elements(&m.layout);
    const size_t tile = t->n * sizeof(double) > LARGE ? FUSE_TILE_LARGE : FUSE_TILE;
    t->tile = t->n < tile ? t->n : tile;
    t->noperands = t->nworks = t->nstores = 0;
    t->streams = false;
    for (int k = 0; k < f->nin; k++)
        input_grid(&in[k], &m.layout, &t->grids[k]);
    for (int s = 0; s < f->nsteps; s++)
        add_step(&m, s);
    add_ends(&m, outs, reduced);
    find_last_uses(t);
    place_tiles(t);
    t->ndirect = 0;
    for (int k = 0; k < t->noperands; k++)
        if (t->operands[k].kind == OPERAND_DIRECT)
            t->direct[t->ndirect++] = k;
}

/* ---- running ---- */

void tiles_begin(const struct tiles *t, char *memory)
{
    for (int k = 0; k < t->noperands; k++) {
        const struct operand *o = &t->operands[k];
        char *to = memory + o->offset;
        if (o->kind == OPERAND_FILLED)
            o->cast(o->reduced ? KERNEL_BLOCK : t->tile, o->base, 0, to, (ptrdiff_t)o->size);
        if (o->kind != OPERAND_PERIODIC)
            continue;
        const size_t all = (o->reduced ? KERNEL_BLOCK : t->tile) + o->period;
        for (size_t i = 0; i < all; i += o->period)
            o->cast(all - i < o->period ? all - i : o->period, o->base, (ptrdiff_t)t->grids[o->value].step[0],
                    to + i * o->size, (ptrdiff_t)o->size);
    }
}

/* Where elements [at, at + n) of the operand are, `from` behind the first of those asked for. */
static const char *locate(const struct tiles *t, const struct operand *o, char *memory, size_t at, size_t n,
                          size_t from)
{
    char *tile = memory + o->offset;
    switch (o->kind) {
    case OPERAND_DIRECT:
        return o->base + at * o->size;
    case OPERAND_FILLED:
        return tile;
    case OPERAND_PERIODIC:
        return tile + at % o->period * o->size;
    case OPERAND_GATHERED:
        tile += o->reduced ? from * o->size : 0;
        grid_gather(&t->grids[o->value], o->base, at, n, o->cast, tile, o->size);
        return tile;
    default:
        return o->base ? o->base + at * o->size : tile + (o->reduced ? from * o->size : 0);
    }
}

static void apply(const struct tiles *t, const struct work *w, size_t n, const char *const *p)
{
    void *to = (void *)(uintptr_t)p[w->to];
    if (w->binary)
        w->binary(n, p[w->in[0]], p[w->in[1]], to);
    else if (w->unary)
        w->unary(n, p[w->in[0]], to);
    else if (w->ternary)
        w->ternary(n, p[w->in[0]], p[w->in[1]], p[w->in[2]], to);
    else
        w->cast(n, p[w->in[0]], (ptrdiff_t)t->operands[w->in[0]].size, to, (ptrdiff_t)t->operands[w->to].size);
}

static void put(const struct tiles *t, const struct store *s, size_t at, size_t n, const char *tile)
{
    const size_t size = t->operands[s->operand].size;
    if (s->stream)
        t->k->stream(n * size, tile, (char *)s->out->data + at * size);
    else if (s->out)
        grid_scatter(&s->grid, s->out->data, at, n, s->cast, tile, size);
}

/* The processor looks ahead too little by itself: between two kernels on a tile it sees no pattern. */
void tiles_fetch(const struct tiles *t, size_t at, size_t n, int part, int parts)
{
    if (at >= t->n)
        return;
    n = t->n - at < n ? t->n - at : n;
    for (int d = 0; d < t->ndirect; d++) {
        const struct operand *o = &t->operands[t->direct[d]];
        const size_t lines = n * o->size / LINE;
        const size_t begin = lines * (size_t)part / (size_t)parts, end = lines * (size_t)(part + 1) / (size_t)parts;
        const char *p = o->base + at * o->size;
        for (size_t l = begin; l < end; l++)
            __builtin_prefetch(p + l * LINE, 0, 2);
    }
}

void tiles_run(const struct tiles *t, char *memory, size_t start, size_t n)
{
    const char *p[FUSE_MOST_OPERANDS];
    for (size_t i = 0; i < n; i += t->tile) {
        const size_t m = n - i < t->tile ? n - i : t->tile;
        for (int k = 0; k < t->noperands; k++)
            p[k] = locate(t, &t->operands[k], memory, start + i, m, i);
        for (int w = 0; w < t->nworks; w++) {
            tiles_fetch(t, start + i + AHEAD * t->tile, t->tile, w, t->nworks);
            apply(t, &t->works[w], m, p);
        }
        for (int s = 0; s < t->nstores; s++)
            put(t, &t->stores[s], start + i, m, p[t->stores[s].operand]);
    }
}

const char *tiles_block(const struct tiles *t, const char *memory, int operand, size_t start)
{
    const struct operand *o = &t->operands[operand];
    if (o->kind == OPERAND_DIRECT || (o->kind == OPERAND_MADE && o->base))
        return o->base + start * o->size;
    return memory + o->offset + (o->kind == OPERAND_PERIODIC ? start % o->period * o->size : 0);
}
