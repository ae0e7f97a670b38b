#ifndef SHEAF_SIMULATE_SCHEDULE_H
#define SHEAF_SIMULATE_SCHEDULE_H

/* How long a map would take on a machine of any size: the plan is batch/plan.c's own, and so is the rule by which
 * threads take pieces of the queue; only the clock is made up. */

#include <stdbool.h>
#include <stddef.h>

/* What an item really needs. */
struct work {
    double ns;    /* on one thread */
    double bytes; /* that pass through memory meanwhile */
};

struct machine {
    int threads;
    double item_ns;   /* that each item costs beside its work */
    double team_ns;   /* that each further thread costs when a team starts and ends */
    double bandwidth; /* bytes a nanosecond, shared by the threads that are at work; 0: any number */
};

/* Nanoseconds from start to end of a map over n items, planned by these estimates; divisible: a team can share an item.
 * Negative: no memory. */
double simulate(const struct work *work, const float *estimates, size_t n, bool divisible, const struct machine *m);
/* What no schedule can beat: the greatest of all work evenly shared, the longest item that cannot be shared, and all
 * bytes at full bandwidth. */
double lower_bound(const struct work *work, size_t n, bool divisible, const struct machine *m);

#endif
