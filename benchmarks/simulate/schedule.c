#include "schedule.h"
#include "base/alloc.h"
#include "batch/plan.h"
#include <math.h>
#include <stdlib.h>

/* One thread of the narrow part. */
struct thread {
    size_t at, end;      /* of its piece: positions in the queue */
    size_t piece, taken; /* asked for, and got */
    double began;        /* its piece */
    double left, demand; /* of its item: nanoseconds at full speed, and bytes in each */
    bool idle;
};

struct queue {
    const struct work *work;
    const struct machine *m;
    const struct plan *plan;
    size_t n, next;
    double now;
};

/* A team of this many threads begins and ends. */
static double team_cost(const struct machine *m)
{
    return m->team_ns * (m->threads - 1);
}

static const struct work *at_place(const struct queue *q, size_t place)
{
    return &q->work[q->plan->order ? q->plan->order[place] : place];
}

static void start_item(const struct queue *q, struct thread *t)
{
    const struct work *w = at_place(q, t->at);
    t->left = w->ns + q->m->item_ns;
    t->demand = t->left > 0 ? w->bytes / t->left : 0;
}

/* The thread's next item: of its piece, or of the next one. */
static void go_on(struct queue *q, struct thread *t)
{
    if (t->at == t->end) {
        if (t->taken)
            t->piece = plan_piece(t->piece, t->taken, q->now - t->began, q->n - t->end, q->m->threads);
        t->idle = q->next >= q->n;
        if (t->idle)
            return;
        t->at = q->next;
        t->end = q->n - t->at < t->piece ? q->n : t->at + t->piece;
        t->taken = t->end - t->at;
        t->began = q->now;
        q->next = t->end;
    }
    start_item(q, t);
}

/* Until the first thread has done its item. Those that move bytes slow down together when they want more than there is.
 */
static bool step(struct queue *q, struct thread *threads)
{
    double wanted = 0, least = INFINITY;
    for (int k = 0; k < q->m->threads; k++)
        wanted += threads[k].idle ? 0 : threads[k].demand;
    const double shared = q->m->bandwidth > 0 && wanted > q->m->bandwidth ? q->m->bandwidth / wanted : 1;
    for (int k = 0; k < q->m->threads; k++) {
        const double speed = threads[k].demand > 0 ? shared : 1;
        if (!threads[k].idle && threads[k].left / speed < least)
            least = threads[k].left / speed;
    }
    if (least == INFINITY)
        return false;
    q->now += least;
    for (int k = 0; k < q->m->threads; k++) {
        struct thread *t = &threads[k];
        if (t->idle)
            continue;
        const double speed = t->demand > 0 ? shared : 1, rest = t->left - least * speed;
        /* A rounding error's rest is none. */
        t->left = rest > 1e-9 * t->left ? rest : 0;
        if (t->left <= 0) {
            t->at++;
            go_on(q, t);
        }
    }
    return true;
}

static bool run_narrow(struct queue *q)
{
    struct thread *threads = calloc((size_t)q->m->threads, sizeof *threads);
    if (!threads)
        return false;
    q->now += team_cost(q->m);
    for (int k = 0; k < q->m->threads; k++) {
        threads[k].piece = 1;
        go_on(q, &threads[k]);
    }
    while (step(q, threads))
        ;
    free(threads);
    return true;
}

/* One at a time, the whole team inside. */
static void run_wide(struct queue *q)
{
    for (; q->next < q->plan->wide; q->next++) {
        const struct work *w = at_place(q, q->next);
        const double computing = w->ns / q->m->threads, moving = q->m->bandwidth > 0 ? w->bytes / q->m->bandwidth : 0;
        q->now += (computing > moving ? computing : moving) + q->m->item_ns + team_cost(q->m);
    }
}

double simulate(const struct work *work, const float *estimates, size_t n, bool divisible, const struct machine *m)
{
    struct plan plan;
    struct queue q = {.work = work, .m = m, .plan = &plan, .n = n};
    if (plan_make(estimates, n, m->threads, divisible, &plan, NULL) != SHEAF_OK)
        return -1;
    run_wide(&q);
    const bool ran = q.next == n || run_narrow(&q);
    mem_free(plan.order);
    return ran ? q.now : -1;
}

double lower_bound(const struct work *work, size_t n, bool divisible, const struct machine *m)
{
    double all = 0, bytes = 0, longest = 0;
    for (size_t i = 0; i < n; i++) {
        all += work[i].ns;
        bytes += work[i].bytes;
        if (!divisible && work[i].ns > longest)
            longest = work[i].ns;
    }
    double bound = all / m->threads;
    bound = longest > bound ? longest : bound;
    if (m->bandwidth > 0 && bytes / m->bandwidth > bound)
        bound = bytes / m->bandwidth;
    return bound;
}
