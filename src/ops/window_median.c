/* Moving medians. The elements that a stretch of results needs are sorted, and each gets its rank; the window is then a
 * set of ranks, of which the median is the middle one: it moves to a neighbour when the window does. The set is bits,
 * 64 to a word, with a bit for each word that is not 0 above them, and so on: neighbours are found in a few steps. */

#include "base/pool.h"
#include "ops/grid.h"
#include "ops/op.h"
#include "ops/window.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define STRETCH_LEAST 1024
#define LEVELS 6 /* 64^6 ranks */
#define GONE UINT32_MAX

/* ---- a set of ranks, and its middle ---- */

struct middle {
    uint64_t *bits[LEVELS];
    int levels;
    size_t count, at, below; /* members; the lower middle one; how many members are below it */
};

static void add_rank(struct middle *s, size_t rank)
{
    for (int l = 0; l < s->levels; l++, rank /= 64) {
        uint64_t *word = &s->bits[l][rank / 64], before = *word;
        *word |= (uint64_t)1 << rank % 64;
        if (before)
            return;
    }
}

static void remove_rank(struct middle *s, size_t rank)
{
    for (int l = 0; l < s->levels; l++, rank /= 64) {
        uint64_t *word = &s->bits[l][rank / 64];
        *word &= ~((uint64_t)1 << rank % 64);
        if (*word)
            return;
    }
}

/* The next member behind rank; there is one. */
static size_t next_rank(const struct middle *s, size_t rank)
{
    for (int l = 0; l < s->levels; l++, rank /= 64) {
        const uint64_t rest = s->bits[l][rank / 64] & ~(uint64_t)1 << rank % 64;
        if (!rest)
            continue;
        for (rank = rank / 64 * 64 + (size_t)__builtin_ctzll(rest); l-- > 0;)
            rank = rank * 64 + (size_t)__builtin_ctzll(s->bits[l][rank]);
        return rank;
    }
    return rank;
}

static size_t last_bit(uint64_t word)
{
    return 63 - (size_t)__builtin_clzll(word);
}

static size_t previous_rank(const struct middle *s, size_t rank)
{
    for (int l = 0; l < s->levels; l++, rank /= 64) {
        const uint64_t rest = s->bits[l][rank / 64] & (((uint64_t)1 << rank % 64) - 1);
        if (!rest)
            continue;
        for (rank = rank / 64 * 64 + last_bit(rest); l-- > 0;)
            rank = rank * 64 + last_bit(s->bits[l][rank]);
        return rank;
    }
    return rank;
}

static void enter(struct middle *s, size_t rank)
{
    add_rank(s, rank);
    if (s->count++ == 0) {
        s->at = rank;
        s->below = 0;
    } else {
        s->below += rank < s->at;
    }
}

static void leave(struct middle *s, size_t rank)
{
    if (--s->count > 0 && rank == s->at) {
        if (s->below > 0) {
            s->at = previous_rank(s, rank);
            s->below--;
        } else {
            s->at = next_rank(s, rank);
        }
    } else {
        s->below -= rank < s->at;
    }
    remove_rank(s, rank);
}

static void settle(struct middle *s)
{
    const size_t wanted = (s->count - 1) / 2;
    for (; s->below < wanted; s->below++)
        s->at = next_rank(s, s->at);
    for (; s->below > wanted; s->below--)
        s->at = previous_rank(s, s->at);
}

/* ---- a stretch of results ---- */

struct medians {
    struct window w;
    int64_t in_step, out_step;
    grid_cast *load, *store;
    struct grid rows;
    char *base[2];
    size_t stretch, stretches; /* results of a stretch, stretches of a row */
    size_t most;               /* elements that a stretch needs */
    size_t words;              /* of all levels of bits */
    atomic_int no_memory;
};

struct stretch {
    int64_t *keys, *sorted;
    double *values, *y; /* those of the sorted keys */
    uint32_t *ranks, *seen;
    uint64_t *bits;
};

static size_t words_of(size_t ranks)
{
    size_t words = 0;
    do {
        ranks = (ranks + 63) / 64;
        words += ranks;
    } while (ranks > 1);
    return words;
}

static size_t stretch_bytes(const struct medians *m)
{
    return m->most * (3 * sizeof(double) + 2 * sizeof(uint32_t)) + (m->stretch + m->words) * sizeof(double) + 8 * 64;
}

static void *take(char **memory, size_t bytes)
{
    void *p = *memory;
    *memory += (bytes + 63) / 64 * 64;
    return p;
}

static void place(const struct medians *m, struct stretch *s, char *memory)
{
    s->keys = take(&memory, m->most * sizeof *s->keys);
    s->sorted = take(&memory, m->most * sizeof *s->sorted);
    s->values = take(&memory, m->most * sizeof *s->values);
    s->y = take(&memory, m->stretch * sizeof *s->y);
    s->bits = take(&memory, m->words * sizeof *s->bits);
    s->ranks = take(&memory, m->most * sizeof *s->ranks);
    s->seen = take(&memory, m->most * sizeof *s->seen);
}

/* Equal keys get ranks of their own, in order; NaN, whose key is the greatest of all, none. */
static void rank_all(const struct medians *m, struct stretch *s, size_t n)
{
    const double nan = NAN;
    int64_t none;
    memcpy(&none, &nan, sizeof none);
    m->w.k->to_keys[K_F64](1, &none);
    m->w.k->to_keys[K_F64](n, s->keys);
    memcpy(s->sorted, s->keys, n * sizeof *s->keys);
    kernel_sort(K_I64, n, s->sorted);
    memset(s->seen, 0, n * sizeof *s->seen);
    m->w.k->places_keys(n, s->keys, n, s->sorted, s->ranks);
    for (size_t i = 0; i < n; i++)
        s->ranks[i] = s->keys[i] == none ? GONE : s->ranks[i] + s->seen[s->ranks[i]]++;
    memcpy(s->values, s->sorted, n * sizeof *s->sorted);
    m->w.k->from_keys[K_F64](n, s->values);
}

static double half_way(double a, double b)
{
    const double sum = a + b;
    return isinf(sum) && isfinite(a) && isfinite(b) ? a / 2 + b / 2 : sum / 2;
}

static double median_of(struct middle *set, const struct stretch *s, size_t min_count)
{
    if (set->count < min_count)
        return NAN;
    settle(set);
    const double lower = s->values[set->at];
    return set->count % 2 ? lower : half_way(lower, s->values[next_rank(set, set->at)]);
}

static struct middle empty(const struct stretch *s, size_t n)
{
    struct middle set = {.levels = 0};
    uint64_t *bits = s->bits;
    do {
        n = (n + 63) / 64;
        memset(bits, 0, n * sizeof *bits);
        set.bits[set.levels++] = bits;
        bits += n;
    } while (n > 1);
    return set;
}

/* Results [begin, end) of a row. */
static void run_stretch(const struct medians *m, struct stretch *s, char *in, char *out, size_t begin, size_t end)
{
    const size_t first = begin > m->w.back ? begin - m->w.back : 0;
    const size_t last = m->w.n - end < m->w.ahead ? m->w.n : end + m->w.ahead, n = last - first;
    m->load(n, in + (int64_t)first * m->in_step, (ptrdiff_t)m->in_step, s->keys, sizeof(double));
    rank_all(m, s, n);
    struct middle set = empty(s, n);
    size_t enters = first, leaves = first;
    for (size_t i = begin; i < end; i++) {
        const size_t to = m->w.n - i - 1 < m->w.ahead ? m->w.n : i + m->w.ahead + 1;
        for (; enters < to; enters++)
            if (s->ranks[enters - first] != GONE)
                enter(&set, s->ranks[enters - first]);
        for (; leaves + m->w.back < i; leaves++)
            if (s->ranks[leaves - first] != GONE)
                leave(&set, s->ranks[leaves - first]);
        s->y[i - begin] = median_of(&set, s, m->w.min_count);
    }
    m->store(end - begin, s->y, sizeof(double), out + (int64_t)begin * m->out_step, (ptrdiff_t)m->out_step);
}

/* ---- the call ---- */

static void run_stretches(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct medians *m = context;
    const size_t bytes = stretch_bytes(m);
    char *memory = pool_get(bytes);
    if (!memory) {
        atomic_store(&m->no_memory, 1);
        return;
    }
    struct stretch s;
    place(m, &s, memory);
    for (size_t unit = begin; unit < end; unit++) {
        const size_t row = unit / m->stretches, from = unit % m->stretches * m->stretch;
        struct cursor c;
        cursor_set(&c, &m->rows, m->base, row / m->rows.n);
        const int64_t at = (int64_t)(row % m->rows.n);
        run_stretch(m, &s, c.p[0] + at * m->rows.step[0], c.p[1] + at * m->rows.step[1], from,
                    m->w.n - from < m->stretch ? m->w.n : from + m->stretch);
    }
    pool_put(memory, bytes);
}

sheaf_status median_run(const struct op *op, const sheaf_view *in, const struct window *w, const team *t,
                        const sheaf_view *out, const struct grid *rows, sheaf_error *error)
{
    const int axis = w->axis;
    struct medians m = {.w = *w, .rows = *rows, .in_step = in->strides[axis], .out_step = out->strides[axis]};
    m.base[0] = in->data;
    m.base[1] = out->data;
    m.load = w->k->cast[in->dtype][SHEAF_F64];
    m.store = w->k->cast[SHEAF_F64][out->dtype];
    m.stretch = 2 * w->length < STRETCH_LEAST ? STRETCH_LEAST : 2 * w->length;
    m.stretch = m.stretch < w->n ? m.stretch : w->n;
    m.stretches = (w->n + m.stretch - 1) / m.stretch;
    m.most = m.stretch + w->length < w->n ? m.stretch + w->length : w->n;
    if (m.most >= GONE)
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: a window of %zu elements is too long", op->info.name,
                               w->length);
    m.words = words_of(m.most);
    atomic_init(&m.no_memory, 0);
    const size_t units = rows->size * rows->n * m.stretches;
    par_share(t, units, op->cost * (double)m.stretch, run_stretches, &m);
    if (atomic_load(&m.no_memory))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of scratch", op->info.name,
                               stretch_bytes(&m));
    return SHEAF_OK;
}
