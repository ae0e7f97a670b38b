/* Running a fused chain: units shared out, each through its tiles, then its reductions and scans. */

#include "base/fpenv.h"
#include "base/pool.h"
#include "ops/fuse_columns.h"
#include "ops/fuse_run.h"
#include <stdalign.h>
#include <string.h>

#define PIECE 32768         /* most elements worth giving to a thread at once, */
#define STACK_SCRATCH 32768 /* bytes */
#define STACK_PARTS 32

/* ---- walks ---- */

static void walk_set(struct fuse_walk *w, const struct grid *g, char *base, size_t start)
{
    cursor_set(&w->c, g, &base, g->ndim ? start / g->n : 0);
    w->skip = g->ndim ? start % g->n : start;
}

static char *walk_at(const struct fuse_walk *w, const struct grid *g)
{
    return w->c.p[0] + (int64_t)w->skip * g->step[0];
}

static size_t walk_left(const struct fuse_walk *w, const struct grid *g, size_t n)
{
    return g->n - w->skip < n ? g->n - w->skip : n;
}

static void walk_on(struct fuse_walk *w, const struct grid *g, size_t n)
{
    w->skip += n;
    if (w->skip == g->n) {
        w->skip = 0;
        cursor_next(&w->c, g);
    }
}

/* Some of the next n elements, of rows that are one element each; how many. */
static size_t spread(const struct fuse_source *s, const struct grid *g, struct fuse_walk *w, size_t n, char *buffer)
{
    const int last = g->ndim - 1;
    if (w->skip > 0 || n < g->n || last < 0 || g->strides[0][last] != s->size) {
        const size_t m = walk_left(w, g, n);
        s->repeat(1, walk_at(w, g), m, buffer);
        walk_on(w, g, m);
        return m;
    }
    const size_t ahead = (size_t)(g->shape[last] - w->c.index[last]), rows = n / g->n < ahead ? n / g->n : ahead;
    s->repeat(rows, w->c.p[0], g->n, buffer);
    w->c.index[last] += (int64_t)rows - 1;
    w->c.p[0] += ((int64_t)rows - 1) * s->size;
    cursor_next(&w->c, g);
    return rows * g->n;
}

static size_t copy(const struct fuse_source *s, const struct grid *g, struct fuse_walk *w, size_t n, char *buffer)
{
    const size_t m = walk_left(w, g, n);
    s->cast(m, walk_at(w, g), (ptrdiff_t)g->step[0], buffer, (ptrdiff_t)s->size);
    walk_on(w, g, m);
    return m;
}

/* The next n elements: where they lie, or in the buffer. */
static char *load(const struct fuse_plan *p, const struct fuse_source *s, struct fuse_walk *w, size_t n, char *buffer)
{
    const struct grid *g = &p->inputs[p->registers[s->reg].input].grid;
    if (s->direct && walk_left(w, g, n) == n) {
        char *x = walk_at(w, g);
        walk_on(w, g, n);
        return x;
    }
    for (size_t i = 0; i < n;)
        i += (s->repeat ? spread : copy)(s, g, w, n - i, buffer + i * (size_t)s->size);
    return buffer;
}

static void put(const struct fuse_plan *p, const struct fuse_store *s, struct fuse_walk *w, size_t start, size_t n,
                const char *x)
{
    const size_t size = p->registers[s->reg].size;
    if (s->stream) {
        p->k->stream(n * size, x, s->base + start * size);
        return;
    }
    if (s->flat) {
        s->cast(n, x, (ptrdiff_t)size, s->base + start * s->size, (ptrdiff_t)s->size);
        return;
    }
    for (size_t i = 0, m; i < n; i += m) {
        m = walk_left(w, &s->grid, n - i);
        s->cast(m, x + i * size, (ptrdiff_t)size, walk_at(w, &s->grid), (ptrdiff_t)s->grid.step[0]);
        walk_on(w, &s->grid, m);
    }
}

/* ---- tiles ---- */

static void move(const struct fuse_plan *p, const struct fuse_move *m, size_t n, char *const *at)
{
    const void *in[SHEAF_MAX_INPUTS];
    for (int k = 0; k < m->nin; k++)
        in[k] = at[m->in[k]];
    if (!each_casts(&m->kernel)) {
        each_apply(&m->kernel, n, in, at[m->out]);
        return;
    }
    const struct fuse_register *from = &p->registers[m->in[0]], *to = &p->registers[m->out];
    m->cast(n, in[0], (ptrdiff_t)from->size, at[m->out], (ptrdiff_t)to->size);
    if (to->split)
        m->cast(n, (const char *)in[0] + from->size / 2, (ptrdiff_t)from->size,
                at[m->out] + KERNEL_BLOCK * sizeof(double), sizeof(double));
}

/* A share, after move k, of the memory that the next tile reads: tiles are too short for the hardware to see that
 * reading goes on. Inlined: gcc holds a function that only prefetches for one that does nothing. */
static inline __attribute__((always_inline)) void fetch_ahead(const struct fuse_worker *w, size_t n, int k)
{
    const struct fuse_plan *p = w->p;
    for (int i = 0; i < p->nstraight; i++) {
        const size_t bytes = n * p->registers[p->straight[i]].size, lines = bytes / 64;
        const size_t first = lines * (size_t)k / (size_t)p->nmoves, last = lines * (size_t)(k + 1) / (size_t)p->nmoves;
        const char *next = w->at[p->straight[i]] + bytes;
        for (size_t line = first; line < last; line++)
            __builtin_prefetch(next + 64 * line);
    }
}

static void run_tile(struct fuse_worker *w, size_t start, size_t n)
{
    const struct fuse_plan *p = w->p;
    for (int k = 0; k < p->nsources; k++) {
        const struct fuse_source *s = &p->sources[k];
        const struct fuse_register *r = &p->registers[s->reg];
        char *buffer = (char *)w->scratch + r->offset;
        if (r->place == REPEATED)
            w->at[s->reg] = buffer + start % p->inputs[r->input].period * r->size;
        else if (r->place == IN_SLOT)
            w->at[s->reg] = load(p, s, &w->sources[k], n, buffer);
    }
    for (int k = 0; k < p->nmoves; k++) {
        move(p, &p->moves[k], n, w->at);
        fetch_ahead(w, n, k);
    }
    for (int k = 0; k < p->nstores; k++)
        if (!p->stores[k].late)
            put(p, &p->stores[k], &w->stores[k], start, n, w->at[p->stores[k].reg]);
}

/* Registers at the unit's first element. */
static void aim(struct fuse_worker *w, size_t start, size_t n)
{
    const struct fuse_plan *p = w->p;
    for (int k = 0; k < p->nmoving; k++) {
        const struct fuse_register *r = &p->registers[p->moving[k]];
        w->at[p->moving[k]] = r->place == IN_MEMORY ? r->base + start * r->size : (char *)w->scratch + r->offset;
    }
    for (int k = 0; k < p->nsources; k++) {
        const struct fuse_register *r = &p->registers[p->sources[k].reg];
        if (r->place == IN_BLOCK)
            w->at[p->sources[k].reg] = load(p, &p->sources[k], &w->sources[k], n, (char *)w->scratch + r->offset);
    }
}

static void run_tiles(struct fuse_worker *w, size_t start, size_t n)
{
    const struct fuse_plan *p = w->p;
    for (size_t i = 0; i < n; i += p->tile) {
        const size_t m = n - i < p->tile ? n - i : p->tile;
        run_tile(w, start + i, m);
        for (int k = 0; k < p->nmoving; k++)
            w->at[p->moving[k]] += m * p->registers[p->moving[k]].size;
    }
}

/* ---- units ---- */

static void set_up(struct fuse_worker *w, const struct fuse_job *job, size_t start, int thread)
{
    const struct fuse_plan *p = w->p = job->p;
    w->scratch = job->scratch + (size_t)thread * p->scratch;
    for (int k = 0; k < p->nsources; k++) {
        const struct fuse_register *r = &p->registers[p->sources[k].reg];
        const struct fuse_input *x = &p->inputs[r->input];
        const size_t most = p->tile + x->period;
        walk_set(&w->sources[k], &x->grid, x->base, r->place == REPEATED ? 0 : start);
        if (r->place == REPEATED) {
            struct fuse_source copied = p->sources[k];
            copied.direct = false;
            load(p, &copied, &w->sources[k], most < p->n ? most : p->n, (char *)w->scratch + r->offset);
        }
    }
    for (int k = 0; k < p->nmoves; k++) {
        const struct fuse_register *r = &p->registers[p->moves[k].out];
        if (r->place == IN_SLOT)
            w->at[p->moves[k].out] = (char *)w->scratch + r->offset;
    }
    for (int k = 0; k < p->nstores; k++)
        if (!p->stores[k].flat)
            walk_set(&w->stores[k], &p->stores[k].grid, p->stores[k].base, start);
}

static void run_unit(struct fuse_worker *w, struct fuse_job *job, size_t u)
{
    const struct fuse_plan *p = job->p;
    const char *reduced[FUSE_MOST_ENDS];
    char *x[FUSE_MOST_ENDS], *y[FUSE_MOST_ENDS], *late[FUSE_MOST_ENDS];
    size_t n;
    const size_t start = fuse_unit(p, u, &n);
    aim(w, start, n);
    for (int k = 0; k < p->nreductions; k++)
        reduced[k] = w->at[p->reductions[k].reg];
    for (int k = 0; k < p->nscans; k++) {
        x[k] = w->at[p->scans[k].in];
        y[k] = w->at[p->scans[k].out];
    }
    for (int k = 0; k < p->nstores; k++)
        late[k] = p->stores[k].late ? w->at[p->stores[k].reg] : NULL;
    if (p->nmoves || p->nstores)
        run_tiles(w, start, n);
    for (int k = 0; k < p->nreductions; k++)
        fuse_reduce_unit(job, &p->reductions[k], u, n, reduced[k]);
    if (p->nscans)
        fuse_scan_unit(w, job, u, n, x, y);
    for (int k = 0; k < p->nstores; k++)
        if (late[k])
            put(p, &p->stores[k], &w->stores[k], start, n, late[k]);
}

static void run_units(void *context, size_t begin, size_t end, int thread)
{
    struct fuse_job *job = context;
    struct fuse_worker w;
    size_t n;
    set_up(&w, job, fuse_unit(job->p, job->first + begin, &n), thread);
    for (size_t u = begin; u < end; u++)
        run_unit(&w, job, job->first + u);
    job->p->k->stream_end();
}

/* How many units a thread takes at a time: of rows that are scanned, one after the other or one in turn. */
static size_t choose_grain(struct fuse_job *job, const team *t, bool fed)
{
    const struct fuse_plan *p = job->p;
    const double unit_ns = p->cost * (double)p->unit + 1, most = (double)PIECE / (double)p->unit;
    const double wanted = PAR_PIECE_NS / unit_ns < most ? PAR_PIECE_NS / unit_ns : most;
    const size_t grain = wanted < 1 ? 1 : (size_t)wanted;
    bool turns = fed || p->nrows < 4 * (size_t)t->threads;
    if (!p->nscans || p->blocks == 1)
        return grain;
    for (int k = 0; k < p->nscans; k++)
        turns = turns && p->scans[k].by.end;
    job->in_turn = turns;
    atomic_init(&job->turn, 0);
    return turns ? 1 : p->blocks;
}

/* As many units at a time as the feed has room for; without one, all. */
static sheaf_status run_regions(struct fuse_job *job, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_plan *p = job->p;
    const size_t grain = choose_grain(job, t, feed != NULL), fits = feed ? feed->elements / p->unit : p->nunits;
    const size_t most = fits ? fits : 1;
    sheaf_status status = SHEAF_OK;
    for (size_t u = 0, n; u < p->nunits && !status && !(u && team_late(t)); u += most) {
        const size_t count = p->nunits - u < most ? p->nunits - u : most;
        const size_t first = fuse_unit(p, u, &n), last = fuse_unit(p, u + count - 1, &n);
        const struct fuse_region region = {first, 1, last + n - first, last + n - first};
        status = feed ? feed->fetch(feed->self, &region, error) : SHEAF_OK;
        job->first = u;
        if (!status && job->in_turn && t->threads > 1) /* each unit waits for the one before: none may be left out */
            par_for(t, count, grain, run_units, job);
        else if (!status)
            par_pieces(t, count, grain, run_units, job);
        if (!status && feed)
            status = feed->release(feed->self, &region, error);
    }
    return status;
}

/* Scratch and parts of little work are on the stack. */
static sheaf_status share(struct fuse_job *job, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    const struct fuse_plan *p = job->p;
    const team used = p->cost * (double)p->n < 2 * PAR_PIECE_NS ? team_alone(t) : *t;
    const size_t scratch = p->scratch * (size_t)used.threads;
    const size_t count = p->blocks > 1 ? (size_t)p->nreductions * p->nunits : 0, bytes = count * sizeof *job->parts;
    alignas(64) unsigned char few[STACK_SCRATCH];
    union part few_parts[STACK_PARTS];
    sheaf_status status = SHEAF_OK;
    job->scratch = scratch <= sizeof few ? few : pool_get(scratch);
    job->parts = count <= STACK_PARTS ? few_parts : pool_get(bytes);
    if (!job->scratch || !job->parts)
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of tiles and %zu of partial results",
                                 scratch, bytes);
    else
        status = run_regions(job, &used, feed, error);
    if (!status && p->blocks > 1 && p->nreductions)
        par_pieces(&used, p->nrows, PIECE / p->row + 1, fuse_finish_rows, job);
    if (job->scratch != few)
        pool_put(job->scratch, scratch);
    if (job->parts != few_parts)
        pool_put(job->parts, bytes);
    return status;
}

bool fuse_fits(const struct fuse *f, const sheaf_view *in)
{
    struct fuse_plan p;
    if (fuse_plan(&p, f, in, NULL))
        return true;
    struct fuse_columns c;
    return fuse_columns_plan(&c, f, in, NULL, false);
}

bool fuse_can_be_fed(const struct fuse *f, const sheaf_view *in)
{
    struct fuse_plan p;
    struct fuse_columns c;
    if (!fuse_plan(&p, f, in, NULL))
        return fuse_columns_plan(&c, f, in, NULL, true) && !c.nscans;
    for (int k = 0; k < p.nscans; k++)
        if (p.blocks > 1 && !p.scans[k].by.end)
            return false;
    return true;
}

static sheaf_status run_rows(const struct fuse_plan *p, const team *t, const struct fuse_feed *feed, sheaf_error *error)
{
    struct fuse_job job = {.p = p};
    if (p->row > 0 && p->n > 0)
        return share(&job, t, feed, error);
    fuse_finish_empty(p);
    return SHEAF_OK;
}

/* Only the ends that reduce, or only those that do not. */
static void choose_ends(const struct fuse *f, bool reduce, const sheaf_view *outs, struct fuse *some,
                        struct fuse_end *ends, sheaf_view *places)
{
    *some = *f;
    some->ends = ends;
    some->nends = 0;
    for (int e = 0; e < f->nends; e++) {
        const int n = f->ends[e].op ? f->ends[e].op->info.nout : 1;
        if ((f->ends[e].op != NULL) == reduce) {
            ends[some->nends++] = f->ends[e];
            for (int k = 0; k < n; k++)
                view_assign(places++, &outs[k]);
        }
        outs += n;
    }
}

static bool is_scan(const struct fuse_end *end)
{
    return end->op && end->op->class == CLASS_SCAN;
}

/* Scans whose places make no matrix go to memory of ours first; false: there are none. */
static bool scan_aside(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                       sheaf_status *status, sheaf_error *error)
{
    sheaf_view places[FUSE_MOST_ENDS * SHEAF_MAX_OUTPUTS];
    size_t bytes[FUSE_MOST_ENDS] = {0};
    int out = 0, moved = 0;
    *status = SHEAF_OK;
    for (int e = 0; e < f->nends; e++)
        for (int k = 0; k < (f->ends[e].op ? f->ends[e].op->info.nout : 1); k++, out++) {
            view_assign(&places[out], &outs[out]);
            if (!is_scan(&f->ends[e]) || sheaf_view_is_contiguous(&outs[out]))
                continue;
            bytes[e] = (size_t)sheaf_view_size(&outs[out]) * sheaf_dtype_size(outs[out].dtype);
            sheaf_view_init(&places[out], pool_get(bytes[e]), outs[out].dtype, outs[out].ndim, outs[out].shape, NULL);
            if (!places[out].data)
                *status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a scan of %zu bytes", bytes[e]);
            moved++;
        }
    if (moved && !*status)
        *status = fuse_run(f, in, t, places, error);
    for (int e = 0, k = 0; e < f->nends && moved; k += f->ends[e].op ? f->ends[e].op->info.nout : 1, e++) {
        if (bytes[e] && !*status)
            copy_run(&places[k], t, &outs[k]);
        if (bytes[e])
            pool_put(places[k].data, bytes[e]);
    }
    return moved > 0;
}

/* Values that are kept where they make no matrix are computed twice. */
static sheaf_status run_columns(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                                const struct fuse_feed *feed, sheaf_error *error)
{
    struct fuse_columns c;
    struct fuse some;
    struct fuse_end ends[FUSE_MOST_ENDS];
    sheaf_view places[FUSE_MOST_ENDS * SHEAF_MAX_OUTPUTS];
    sheaf_status status;
    if (fuse_columns_plan(&c, f, in, outs, feed != NULL))
        return fuse_columns_run(&c, t, feed, error);
    if (scan_aside(f, in, t, outs, &status, error))
        return status;
    choose_ends(f, true, outs, &some, ends, places);
    if (some.nends == 0 || some.nends == f->nends || !fuse_columns_plan(&c, &some, in, places, feed != NULL))
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "a chain of %d steps cannot be run in one pass", f->nsteps);
    status = fuse_columns_run(&c, t, feed, error);
    choose_ends(f, false, outs, &some, ends, places);
    return status ? status : fuse_run_fed(&some, in, t, places, feed, error);
}

sheaf_status fuse_run_fed(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                          const struct fuse_feed *feed, sheaf_error *error)
{
    struct fuse_plan p;
    struct fp_saved fp = fp_enter();
    sheaf_status status =
        fuse_plan(&p, f, in, outs) ? run_rows(&p, t, feed, error) : run_columns(f, in, t, outs, feed, error);
    fp_leave(fp);
    return status;
}

sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error)
{
    return fuse_run_fed(f, in, t, outs, NULL, error);
}
