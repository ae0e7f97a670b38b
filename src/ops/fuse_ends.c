/* What ends a fused chain: reductions, and scans. */

#include "ops/fuse_run.h"

/* ---- reductions ---- */

static void finish(const struct fuse_reduction *e, size_t row, const union part *part)
{
    char *out[SHEAF_MAX_OUTPUTS];
    for (int k = 0; k < e->nout; k++)
        out[k] = e->out[k] + row * e->size[k];
    e->r.finish(&e->r, NULL, part, out);
}

static void make_part(const struct reduction *r, const struct chunk *c, union part *part)
{
    r->block(r, c, part);
    if (r->kind == R_argmin || r->kind == R_argmax)
        reduce_find_best(r, c, part);
}

void fuse_reduce_unit(const struct fuse_job *job, const struct fuse_reduction *e, size_t u, size_t n, const char *x)
{
    const struct fuse_plan *p = job->p;
    if (p->blocks > 1) {
        const struct chunk c = {.n = n, .start = u % p->blocks * KERNEL_BLOCK, .x = x};
        make_part(&e->r, &c, &job->parts[(size_t)(e - p->reductions) * p->nunits + u]);
        return;
    }
    const size_t first = u * (p->unit / p->row);
    for (size_t row = 0; row < n / p->row; row++) {
        union part part;
        const struct chunk c = {.n = p->row, .x = x + row * p->row * e->r.work_size};
        make_part(&e->r, &c, &part);
        finish(e, first + row, &part);
    }
}

void fuse_finish_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct fuse_job *job = context;
    const struct fuse_plan *p = job->p;
    for (int k = 0; k < p->nreductions; k++) {
        const struct fuse_reduction *e = &p->reductions[k];
        for (size_t row = begin; row < end; row++) {
            union part *parts = job->parts + (size_t)k * p->nunits + row * p->blocks;
            par_tree(parts, p->blocks, sizeof *parts, e->r.combine, &e->r);
            finish(e, row, parts);
        }
    }
}

void fuse_finish_empty(const struct fuse_plan *p)
{
    const union part nothing = {.moments = {0}};
    for (int k = 0; k < p->nreductions; k++)
        for (size_t row = 0; row < p->nrows; row++)
            finish(&p->reductions[k], row, &nothing);
}

/* ---- scans ---- */

/* The states before unit u, which is n elements of a row, those of scan k at x[k]. */
static void find_states(struct fuse_worker *w, struct fuse_job *job, size_t u, size_t n, char *const *x)
{
    const struct fuse_plan *p = job->p;
    const bool opens = u % p->blocks == 0;
    struct scan_state block[FUSE_MOST_ENDS];
    for (int k = 0; k < p->nscans && opens; k++)
        w->states[k] = scanner_start(&p->scans[k].by, x[k]);
    if (!job->in_turn)
        return;
    for (int k = 0; k < p->nscans; k++) {
        block[k] = scanner_start(&p->scans[k].by, x[k]);
        p->scans[k].by.end(n, x[k], &block[k]);
    }
    scan_wait(&job->turn, u);
    for (int k = 0; k < p->nscans; k++) {
        if (!opens)
            w->states[k] = job->shared[k];
        job->shared[k] = w->states[k];
        scanner_follow(&p->scans[k].by, &block[k], &job->shared[k]);
    }
    atomic_store_explicit(&job->turn, u + 1, memory_order_release);
}

void fuse_scan_unit(struct fuse_worker *w, struct fuse_job *job, size_t u, size_t n, char *const *x, char *const *y)
{
    const struct fuse_plan *p = job->p;
    const size_t row = p->blocks > 1 ? n : p->row;
    if (p->blocks > 1)
        find_states(w, job, u, n, x);
    for (int k = 0; k < p->nscans; k++) {
        const struct scanner *s = &p->scans[k].by;
        for (size_t i = 0; i < n; i += row) {
            if (p->blocks == 1)
                w->states[k] = scanner_start(s, x[k] + i * s->size);
            s->scan(row, x[k] + i * s->size, y[k] + i * s->size, &w->states[k]);
        }
        scanner_end_block(s, &w->states[k]);
    }
}
