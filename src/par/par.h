#ifndef SHEAF_PAR_H
#define SHEAF_PAR_H

/* Threads: one process-wide budget, teams leased from it, and the loop they run. The only OpenMP regions of the
 * tree are behind par_for. */

#include "base/clock.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct team {
    int threads;
    uint64_t deadline; /* clock_ns() from which on par_pieces starts no more of them; 0: never */
} team;

/* Whether the deadline has passed. Work that it cut short looks as if it were done: whoever sets a deadline asks when
 * the work has returned, and throws away what is late. */
static inline bool team_late(const team *t)
{
    return t->deadline && clock_ns() >= t->deadline;
}

/* The calling thread alone, with t's deadline. */
static inline team team_alone(const team *t)
{
    return (team){.threads = 1, .deadline = t->deadline};
}

/* The same threads without it, for what must be whole: values by which a place in memory is chosen, say. */
static inline team team_unhurried(const team *t)
{
    return (team){.threads = t->threads};
}

/* Lease 1 + what is free of what is wanted (want 0: the default number). Never waits, never fails. */
team team_lease(int want);
void team_release(team *t);
/* The team of the calling thread alone; nothing to release. */
team team_one(void);

/* body(context, begin, end, thread) over [0, n) in pieces of `grain` (0: one even piece a thread), handed out by a
 * shared counter. thread is in [0, t->threads). A team of one runs inline, in order, still piece by piece. Which
 * thread gets which piece, and how many threads come, is not known: results must not depend on it. */
typedef void par_body(void *context, size_t begin, size_t end, int thread);
void par_for(const team *t, size_t n, size_t grain, par_body *body, void *context);

/* The same for pieces that do not need each other: the team's deadline cuts it short. */
void par_pieces(const team *t, size_t n, size_t grain, par_body *body, void *context);
/* par_pieces over n units of about ns nanoseconds each: pieces of PAR_PIECE_NS, and no other thread where all of the
 * work is hardly more than that. */
#define PAR_PIECE_NS 20000.0
void par_share(const team *t, size_t n, double ns, par_body *body, void *context);

/* Combine count partial results of `size` bytes at parts in a fixed tree over their index, into parts[0]:
 * combine(context, into, from) folds `from`, which comes later, into `into`. */
typedef void par_combine(const void *context, void *into, const void *from);
void par_tree(void *parts, size_t count, size_t size, par_combine *combine, const void *context);

/* The number of threads a call uses by default, and why ("SHEAF_NUM_THREADS", "cgroup quota of 1.5", …). */
int par_threads(void);
const char *par_threads_why(void);

/* Topology */
int topo_online(void);
int topo_affinity(void);
int topo_physical(void);                     /* cores within the affinity */
double topo_cgroup_cpus(void);               /* 0: no quota */
unsigned long long topo_cgroup_memory(void); /* 0: no limit */
/* Bytes that the machine and the cgroups have free, page cache included; 0: nobody tells. */
unsigned long long topo_free_memory(void);

#endif
