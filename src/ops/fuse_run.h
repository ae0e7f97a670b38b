#ifndef SHEAF_OPS_FUSE_RUN_H
#define SHEAF_OPS_FUSE_RUN_H

/* A plan at work: what the threads share, and what each has. */

#include "ops/fuse_plan.h"

/* Where an input or an output stands that is gone through piece by piece. */
struct fuse_walk {
    struct cursor c;
    size_t skip; /* elements of the row that are behind */
};

struct fuse_worker {
    const struct fuse_plan *p;
    unsigned char *scratch;
    char *at[FUSE_MOST_REGISTERS]; /* the elements at hand */
    struct fuse_walk sources[FUSE_MOST_SOURCES], stores[FUSE_MOST_ENDS];
    struct scan_state states[FUSE_MOST_ENDS]; /* of the scans, before the unit at hand */
};

struct fuse_job {
    const struct fuse_plan *p;
    unsigned char *scratch; /* of each thread in turn */
    union part *parts;      /* of each reduction, unit by unit, where rows have several */
    size_t first;           /* unit, of those at hand */
    bool in_turn;           /* scans go on, from unit to unit, with what another thread has left in `shared` */
    atomic_size_t turn;
    struct scan_state shared[FUSE_MOST_ENDS];
};

/* fuse_ends.c. Unit u is n elements of a row or of whole rows. */
void fuse_reduce_unit(const struct fuse_job *job, const struct fuse_reduction *e, size_t u, size_t n, const char *x);
/* Of rows of several units, whose parts are all there: a par_body. */
void fuse_finish_rows(void *job, size_t begin, size_t end, int thread);
/* Of rows of no elements. */
void fuse_finish_empty(const struct fuse_plan *p);
/* From x[k] to y[k], for scan k. */
void fuse_scan_unit(struct fuse_worker *w, struct fuse_job *job, size_t u, size_t n, char *const *x, char *const *y);

#endif
