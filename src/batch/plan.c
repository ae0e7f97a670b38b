#include "batch/plan.h"

#include "base/alloc.h"
#include <string.h>

/* A float's exponent and first three bits of its fraction: buckets an eighth wide, and unknown costs behind them. */
enum {
    BUCKETS = 2049,
    UNKNOWN = 2048
};

/* Buckets ascend as costs fall. */
static unsigned bucket_of(float cost)
{
    uint32_t bits;
    if (!(cost >= 0))
        return UNKNOWN;
    cost += 0.0f; /* -0 becomes 0 */
    memcpy(&bits, &cost, sizeof bits);
    return 2047 - (bits >> 20);
}

/* A counting sort, so that a million items cost a few milliseconds. */
static uint32_t *sorted(const float *costs, size_t n)
{
    uint32_t *order = mem_alloc(n * sizeof *order);
    size_t *starts = mem_calloc(BUCKETS + 1, sizeof *starts);
    if (order && starts) {
        for (size_t i = 0; i < n; i++)
            starts[bucket_of(costs[i]) + 1]++;
        for (unsigned b = 0; b < BUCKETS; b++)
            starts[b + 1] += starts[b];
        for (size_t i = 0; i < n; i++)
            order[starts[bucket_of(costs[i])]++] = (uint32_t)i;
    } else {
        mem_free(order);
        order = NULL;
    }
    mem_free(starts);
    return order;
}

sheaf_status plan_make(const float *costs, size_t n, int threads, bool divisible, struct plan *plan, sheaf_error *error)
{
    double rest = 0, least = 0, most = 0;
    size_t known = 0;
    *plan = (struct plan){NULL, 0};
    for (size_t i = 0; i < n; i++) {
        double cost = (double)costs[i];
        if (!(cost >= 0))
            continue;
        rest += cost;
        least = known == 0 || cost < least ? cost : least;
        most = cost > most ? cost : most;
        known++;
    }
    if (known == 0)
        return SHEAF_OK;
    bool alike = known == n && most <= 2 * least;
    /* Beyond 2³² items the order of the batch must do. */
    if (threads > 1 && !alike && n <= UINT32_MAX) {
        plan->order = sorted(costs, n);
        if (!plan->order)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to plan %zu items", n);
    }
    if (!divisible || (!plan->order && !alike))
        return SHEAF_OK;
    for (; plan->wide < known; plan->wide++) {
        double cost = (double)costs[plan->order ? plan->order[plan->wide] : plan->wide];
        if (!plan_is_wide(cost, rest, threads))
            break;
        rest -= cost;
    }
    return SHEAF_OK;
}

size_t plan_piece(size_t piece, size_t taken, double ns, size_t left, int threads)
{
    const size_t share = left / (8 * (size_t)threads);
    const size_t fit = (size_t)((double)taken * PLAN_PIECE_NS / (ns + 1));
    piece = fit < piece * 8 ? fit : piece * 8;
    piece = piece < share ? piece : share;
    return piece ? piece : 1;
}
