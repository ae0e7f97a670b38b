#ifndef SHEAF_BATCH_PLAN_H
#define SHEAF_BATCH_PLAN_H

/* Which items run wide (one at a time, the whole team inside) and in what order the others are started. */

#include <sheaf/status.h>

/* An item is worth a team from this cost on. */
#define PLAN_WIDE_NS 200e3
/* By so much each further thread makes the start and end of a team longer (benchmarks/simulate measures it). */
#define PLAN_TEAM_NS 1250.0

struct plan {
    uint32_t *order; /* all n items; NULL: the order of the batch. mem_free it */
    size_t wide;     /* the first so many of order run wide */
};

/* One item of this cost goes wide when `rest` nanoseconds, its own among them, are not yet placed wide: when it is a
 * good part of a thread's share of them, and the team's start and end are less than each thread's share of the item, or
 * than the time that all others would wait for it. */
static inline bool plan_is_wide(double cost, double rest, int threads)
{
    const double around = PLAN_TEAM_NS * (threads - 1), share = rest / threads;
    return threads > 1 && cost >= PLAN_WIDE_NS && cost > share / 10 &&
           (cost / threads >= around || cost - share >= around);
}

/* From each item's cost in nanoseconds (negative: not known yet; these come last). Items go dearest first, to
 * within an eighth, ties by index; when all costs are within a factor of two the batch's order is kept. */
sheaf_status plan_make(const float *costs, size_t n, int threads, bool divisible, struct plan *plan,
                       sheaf_error *error);

/* How many items a thread takes from the ready queue next, after a piece of `piece`, of which it found `taken` and
 * worked `ns` nanoseconds on them; left: items behind it. Pieces of cheap items grow until one takes PLAN_PIECE_NS, so
 * that taking it costs nothing beside it, but never beyond an eighth of a thread's share of what is left. */
#define PLAN_PIECE_NS 20000.0
size_t plan_piece(size_t piece, size_t taken, double ns, size_t left, int threads);

#endif
