#include "par/par.h"

#include "base/fpenv.h"
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>

/* Threads leased beyond the callers' own, over the whole process. */
static atomic_int leased;

/* After a fork the OpenMP runtime of the child is unusable (its threads are gone, its locks may be held). */
static atomic_bool forked;
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void on_fork(void)
{
    atomic_store(&forked, true);
    atomic_store(&leased, 0);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, on_fork);
}

team team_one(void)
{
    return (team){.threads = 1};
}

team team_lease(int want)
{
    pthread_once(&watch_once, watch_forks);
    int budget = par_threads();
    if (want <= 0)
        want = budget;
    if (want == 1 || omp_in_parallel() || atomic_load(&forked))
        return team_one();
    /* Asking for more than the default is allowed: it raises the budget for this call. */
    int extra_budget = (want > budget ? want : budget) - 1;
    int now = atomic_load(&leased), take;
    do {
        int free = extra_budget - now;
        take = free < want - 1 ? free : want - 1;
        if (take <= 0)
            return team_one();
    } while (!atomic_compare_exchange_weak(&leased, &now, now + take));
    return (team){.threads = 1 + take};
}

void team_release(team *t)
{
    if (t->threads > 1)
        atomic_fetch_sub(&leased, t->threads - 1);
    t->threads = 1;
}

/* A loop being shared out. */
struct loop {
    atomic_size_t next;
    size_t n, grain;
    team limit; /* whose deadline ends it */
    par_body *body;
    void *context;
};

static void run_pieces(struct loop *l, int thread)
{
    while (!team_late(&l->limit)) {
        size_t begin = atomic_fetch_add_explicit(&l->next, l->grain, memory_order_relaxed);
        if (begin >= l->n)
            return;
        l->body(l->context, begin, l->n - begin < l->grain ? l->n : begin + l->grain, thread);
    }
}

static void run_loop(struct loop *l, int most)
{
    size_t pieces = (l->n - 1) / l->grain + 1;
    int threads = pieces < (size_t)most ? (int)pieces : most;
    if (threads <= 1) {
        run_pieces(l, 0);
        return;
    }
#pragma omp parallel num_threads(threads) default(none) shared(l)
    {
        struct fp_saved saved = fp_enter();
        run_pieces(l, omp_get_thread_num());
        fp_leave(saved);
    }
}

void par_for(const team *t, size_t n, size_t grain, par_body *body, void *context)
{
    if (n == 0)
        return;
    if (grain == 0)
        grain = (n - 1) / (size_t)t->threads + 1;
    struct loop l = {.n = n, .grain = grain, .body = body, .context = context};
    run_loop(&l, t->threads);
}

void par_pieces(const team *t, size_t n, size_t grain, par_body *body, void *context)
{
    if (n == 0)
        return;
    if (t->threads <= 1 && !t->deadline)
        grain = n;
    struct loop l = {.n = n, .grain = grain ? grain : 1, .limit = *t, .body = body, .context = context};
    run_loop(&l, t->threads);
}

void par_share(const team *t, size_t n, double ns, par_body *body, void *context)
{
    const bool alone = ns * (double)n < 2 * PAR_PIECE_NS;
    const team used = alone ? team_alone(t) : *t;
    const double grain = PAR_PIECE_NS / (ns > 0.01 ? ns : 0.01);
    par_pieces(&used, n, grain < 1 ? 1 : (size_t)grain + 1, body, context);
}

void par_tree(void *parts, size_t count, size_t size, par_combine *combine, const void *context)
{
    char *p = parts;
    for (size_t step = 1; step < count; step *= 2) {
        for (size_t i = 0; i + step < count; i += 2 * step)
            combine(context, p + i * size, p + (i + step) * size);
    }
}
