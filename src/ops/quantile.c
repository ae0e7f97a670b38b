/* Medians and quantiles. A row is gathered as sorting keys, the order statistics that are wanted are selected, and
 * NumPy's rules interpolate between them. Long rows: quantile_long.c. */

#include "ops/quantile.h"

#include "base/checked.h"
#include "base/pool.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

static const char *const method_names[METHOD_COUNT] = {"linear", "lower", "higher", "nearest", "midpoint"};

static bool is_median(const struct op *op)
{
    return op->kernel == Q_median || op->kernel == Q_nanmedian;
}

static sheaf_status read_method(const struct op *op, const sheaf_options *options, enum quantile_method *method,
                                sheaf_error *error)
{
    *method = M_linear;
    if (is_median(op) || !options->method)
        return SHEAF_OK;
    for (int m = 0; m < METHOD_COUNT; m++)
        if (strcmp(options->method, method_names[m]) == 0) {
            *method = (enum quantile_method)m;
            return SHEAF_OK;
        }
    return sheaf_error_set(error, SHEAF_INVALID,
                           "%s: method \"%.40s\" is unknown, give \"linear\", \"lower\", \"higher\", \"nearest\" or "
                           "\"midpoint\"",
                           op->info.name, options->method);
}

/* Elements themselves, or what lies between. */
static sheaf_dtype result_dtype(sheaf_dtype x, enum quantile_method method)
{
    const bool chosen = method == M_lower || method == M_higher || method == M_nearest;
    return chosen ? op_work_dtype(RULE_SAME, x) : op_result_dtype(RULE_MEAN, x, 0);
}

sheaf_status quantile_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                            sheaf_error *error)
{
    const sheaf_view *x = &in[0];
    enum quantile_method method;
    int64_t shape[2 * SHEAF_MAX_NDIM];
    char text[SHAPE_TEXT];
    bool along[SHEAF_MAX_NDIM], nothing = false, results = true;
    int ndim = 0;
    sheaf_status status = read_method(op, options, &method, error);
    if (status)
        return status;
    if (!is_median(op) && in[1].ndim > 1)
        return sheaf_error_set(error, SHEAF_SHAPE, "%s: q has shape %s, but must be a scalar or have one dimension",
                               op->info.name, shape_text(in[1].ndim, in[1].shape, text));
    for (int i = 0; !is_median(op) && i < in[1].ndim; i++)
        shape[ndim++] = in[1].shape[i];
    op_axes(op, x, options, along);
    for (int i = 0; i < x->ndim; i++) {
        nothing |= along[i] && x->shape[i] == 0;
        results &= along[i] || x->shape[i] != 0;
        if (!along[i] || options->keepdims)
            shape[ndim++] = along[i] ? 1 : x->shape[i];
    }
    sheaf_dtype dtype = result_dtype(x->dtype, method);
    if (nothing && results && !is_median(op))
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: x of shape %s has no elements to reduce, and %s of nothing has no value",
                               op->info.name, shape_text(x->ndim, x->shape, text), op->info.name);
    return sheaf_view_init(out, NULL, dtype, ndim, shape, error);
}

/* ---- which places, and what lies between them ---- */

/* The place of a quantile among count elements: between *low and the next, and how far. */
static double place_of(const struct quantile *q, double at, size_t count, size_t *low, size_t *high)
{
    const double place = (double)(count - 1) * at;
    double below = floor(place), above = ceil(place), share = 0;
    if (q->method == M_lower)
        above = below;
    else if (q->method == M_higher)
        below = above;
    else if (q->method == M_nearest)
        below = above = rint(place);
    else if (q->method == M_midpoint)
        share = 0.5;
    else
        share = place - below;
    const size_t last = count - 1;
    *low = below < (double)last ? (size_t)below : last;
    *high = above < (double)last ? (size_t)above : last;
    return *low == *high ? 0 : share;
}

static void median_places(size_t count, size_t *low, size_t *high)
{
    *low = (count - 1) / 2;
    *high = count / 2;
}

void quantile_ranks(const struct quantile *q, struct selection *s)
{
    size_t n = 0;
    s->nranks = 0;
    for (int i = 0; i < q->nq && s->count > 0; i++, n += 2) {
        if (q->median)
            median_places(s->count, &s->ranks[n], &s->ranks[n + 1]);
        else
            place_of(q, q->q[i], s->count, &s->ranks[n], &s->ranks[n + 1]);
    }
    kernel_sort(K_U64, n, s->ranks);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || s->ranks[i] != s->ranks[i - 1])
            s->ranks[s->nranks++] = s->ranks[i];
}

/* numpy's _lerp; what its formula makes NaN or infinite of infinities and great numbers is taken to its limit. */
static double between(double a, double b, double difference, double share)
{
    if (share == 0 || a == b)
        return a;
    if (isinf(a) || isinf(b))
        return a + b;
    if (isinf(difference))
        return a * (1 - share) + b * share;
    return share < 0.5 ? a + difference * share : b - difference * (1 - share);
}

static double middle(double a, double b)
{
    const double sum = a + b;
    return isinf(sum) && !isinf(a) && !isinf(b) ? a / 2 + b / 2 : sum / 2;
}

struct value {
    unsigned char bytes[8]; /* of the source's dtype */
    double number;
};

static struct value value_at(const struct quantile *q, const struct selection *s, size_t rank)
{
    struct value v = {{0}, 0};
    size_t low = 0, high = s->nranks;
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        if (s->ranks[mid] <= rank)
            low = mid;
        else
            high = mid;
    }
    memcpy(v.bytes, s->values + low * q->size, q->size);
    if (q->k->from_keys[q->source])
        q->k->from_keys[q->source](1, v.bytes);
    q->k->cast[q->source][K_F64](1, v.bytes, 0, &v.number, 0);
    return v;
}

/* Exact, where both are integers of 64 bits. */
static double difference_of(const struct quantile *q, const struct value *a, const struct value *b)
{
    uint64_t x, y;
    memcpy(&x, a->bytes, sizeof x);
    memcpy(&y, b->bytes, sizeof y);
    return q->source == SHEAF_I64 || q->source == SHEAF_U64 ? (double)(y - x) : b->number - a->number;
}

static void write_one(const struct quantile *q, const struct selection *s, int i, char *out)
{
    size_t low, high;
    double share = 0, result;
    if (q->median)
        median_places(s->count, &low, &high);
    else
        share = place_of(q, q->q[i], s->count, &low, &high);
    const struct value a = value_at(q, s, low);
    if (!q->median && q->method != M_linear && q->method != M_midpoint) {
        q->k->cast[q->source][q->out](1, a.bytes, 0, out, 0);
        return;
    }
    const struct value b = value_at(q, s, high);
    if (q->median)
        result = low == high ? a.number : middle(a.number, b.number);
    else
        result = between(a.number, b.number, difference_of(q, &a, &b), share);
    q->k->cast[K_F64][q->out](1, &result, 0, out, 0);
}

static void write_row(const struct quantile *q, const struct selection *s, char *out)
{
    const double nan = NAN;
    const bool none = s->count == 0 || (!q->skip && s->count < q->n);
    for (int i = 0; i < q->nq; i++, out += q->q_step) {
        if (none)
            q->k->cast[K_F64][q->out](1, &nan, 0, out, 0);
        else
            write_one(q, s, i, out);
    }
}

/* ---- selection ---- */

void quantile_load(const struct quantile *q, char *row, size_t start, size_t n, void *keys)
{
    grid_gather(&q->inner, row, start, n, q->load, keys, q->size);
    if (q->k->to_keys[q->source])
        q->k->to_keys[q->source](n, keys);
}

size_t quantile_nans(const struct quantile *q, size_t n, const void *keys)
{
    return q->floats ? kernel_count((enum kdtype)q->key, SIDE_ABOVE, n, keys, &q->infinity, &q->infinity) : 0;
}

/* From so many elements on, or fewer than one in so many wanted, selecting costs less than sorting. */
#define SORT_FEW 256
#define SORT_SHARE 16

void quantile_pick(const struct quantile *q, char *keys, size_t n, size_t first, const size_t *ranks, size_t nranks,
                   char *values)
{
    while (nranks > 0) {
        if (n <= SORT_FEW || nranks > n / SORT_SHARE) {
            kernel_sort((enum kdtype)q->key, n, keys);
            for (size_t i = 0; i < nranks; i++)
                memcpy(values + i * q->size, keys + (ranks[i] - first) * q->size, q->size);
            return;
        }
        const size_t mid = (nranks - 1) / 2, at = ranks[mid] - first;
        kernel_select((enum kdtype)q->key, n, keys, at);
        memcpy(values + mid * q->size, keys + at * q->size, q->size);
        quantile_pick(q, keys, at, first, ranks, mid, values);
        keys += (at + 1) * q->size;
        n -= at + 1;
        first += at + 1;
        ranks += mid + 1;
        nranks -= mid + 1;
        values += (mid + 1) * q->size;
    }
}

/* ---- rows ---- */

struct run {
    const struct quantile *q;
    bool shared; /* a row is all threads' */
    const team *t;
    size_t bytes; /* of scratch: keys, values, ranks */
    atomic_int no_memory;
};

static void select_row(const struct quantile *q, char *row, char *keys, struct selection *s)
{
    if (q->n > 0)
        quantile_load(q, row, 0, q->n, keys);
    s->count = q->n - quantile_nans(q, q->n, keys);
    quantile_ranks(q, s);
    if (s->count == q->n || q->skip)
        quantile_pick(q, keys, q->n, 0, s->ranks, s->nranks, s->values);
}

static bool one_row(const struct run *r, char *in, char *out, char *scratch)
{
    const struct quantile *q = r->q;
    const team alone = team_one();
    struct selection s = {.ranks = (size_t *)(void *)scratch};
    s.values = scratch + 2 * (size_t)q->nq * sizeof *s.ranks;
    char *keys = s.values + 2 * (size_t)q->nq * sizeof(int64_t);
    if (q->n < QUANTILE_LONG) {
        select_row(q, in, keys, &s);
    } else if (!quantile_long(q, in, r->shared ? r->t : &alone, &s)) {
        keys = pool_get(q->n * q->size);
        if (!keys)
            return false;
        select_row(q, in, keys, &s);
        pool_put(keys, q->n * q->size);
    }
    write_row(q, &s, out);
    return true;
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct run *r = context;
    const struct grid *rows = &r->q->rows;
    char *scratch = pool_get(r->bytes);
    bool fine = scratch != NULL;
    struct cursor c;
    cursor_set(&c, rows, r->q->base, begin / rows->n);
    size_t at = begin % rows->n;
    for (size_t row = begin; row < end && fine; row++) {
        fine = one_row(r, c.p[0] + (int64_t)at * rows->step[0], c.p[1] + (int64_t)at * rows->step[1], scratch);
        if (++at == rows->n) {
            at = 0;
            cursor_next(&c, rows);
        }
    }
    if (!fine)
        atomic_store(&r->no_memory, 1);
    pool_put(scratch, r->bytes);
}

static void lay_out(struct quantile *q, const sheaf_view *x, const sheaf_options *options, bool listed,
                    const sheaf_view *out)
{
    bool along[SHEAF_MAX_NDIM];
    int at = listed;
    op_axes(q->op, x, options, along);
    q->q_step = listed ? out->strides[0] : 0;
    grid_init(&q->inner, 1);
    grid_init(&q->rows, 2);
    for (int i = 0; i < x->ndim; i++) {
        if (along[i])
            grid_add(&q->inner, x->shape[i], &x->strides[i]);
        else
            grid_add(&q->rows, x->shape[i], (int64_t[]){x->strides[i], out->strides[at]});
        at += !along[i] || options->keepdims;
    }
    q->n = q->inner.size;
    q->base[0] = x->data;
    q->base[1] = out->data;
}

static void prepare(struct quantile *q, const sheaf_view *x, const sheaf_view *out)
{
    const double infinity = INFINITY;
    q->k = kernels();
    q->source = (sheaf_dtype)kernel_key_source((enum kdtype)x->dtype);
    q->key = (sheaf_dtype)kernel_key((enum kdtype)x->dtype);
    q->size = sheaf_dtype_size(q->key);
    q->out = out->dtype;
    q->out_size = sheaf_dtype_size(q->out);
    q->load = q->k->cast[x->dtype][q->source];
    q->floats = dtype_kind(x->dtype) == 'f';
    if (q->floats) {
        q->k->cast[K_F64][q->source](1, &infinity, 0, &q->infinity, 0);
        q->k->to_keys[q->source](1, &q->infinity);
    }
}

/* The quantiles asked for, from 0 to 1. */
static sheaf_status read_q(struct quantile *q, const sheaf_view *from, sheaf_error *error)
{
    struct grid g;
    const double most = q->op->kernel == Q_percentile || q->op->kernel == Q_nanpercentile ? 100 : 1;
    grid_init(&g, 1);
    for (int i = 0; i < from->ndim; i++)
        grid_add(&g, from->shape[i], &from->strides[i]);
    grid_split(&g);
    grid_gather(&g, from->data, 0, (size_t)q->nq, q->k->cast[from->dtype][K_F64], q->q, sizeof *q->q);
    for (int i = 0; i < q->nq; i++) {
        if (!(q->q[i] >= 0 && q->q[i] <= most))
            return sheaf_error_set(error, SHEAF_INVALID, "%s: q[%d] is %.17g, but must be from 0 to %g",
                                   q->op->info.name, i, q->q[i], most);
        q->q[i] /= most;
    }
    return SHEAF_OK;
}

static sheaf_status run_all(const struct quantile *q, const team *t, sheaf_error *error)
{
    struct run r = {.q = q, .t = t};
    const size_t nrows = q->rows.size * q->rows.n;
    const double ns = q->op->cost * (double)q->n + 100;
    size_t keys = q->n < QUANTILE_LONG ? q->n * q->size : 0;
    r.bytes = keys + 4 * (size_t)q->nq * sizeof(int64_t) + 64;
    r.shared = q->n >= QUANTILE_LONG && nrows < 2 * (size_t)t->threads;
    atomic_init(&r.no_memory, 0);
    const team used = r.shared ? team_alone(t) : *t;
    par_share(&used, nrows, ns, run_rows, &r);
    if (!atomic_load(&r.no_memory))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory to select from a row of %zu elements",
                           q->op->info.name, q->n);
}

sheaf_status quantile_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                          const sheaf_view *out, sheaf_error *error)
{
    struct quantile q = {.op = op, .median = is_median(op), .skip = op->kernel >= Q_nanmedian};
    double few[16];
    sheaf_status status = read_method(op, options, &q.method, error);
    if (status)
        return status;
    const int64_t nq = q.median || in[1].ndim == 0 ? 1 : in[1].shape[0];
    size_t bytes;
    if (nq == 0)
        return SHEAF_OK;
    if (nq > INT32_MAX / 2 || !size_mul((size_t)nq, sizeof *q.q, &bytes))
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: q has %lld elements, at most %d can be asked for",
                               op->info.name, (long long)nq, INT32_MAX / 2);
    q.nq = (int)nq;
    q.q = bytes <= sizeof few ? few : pool_get(bytes);
    if (!q.q)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %lld quantiles", op->info.name,
                               (long long)nq);
    prepare(&q, &in[0], out);
    lay_out(&q, &in[0], options, !q.median && in[1].ndim == 1, out);
    if (!q.median)
        status = read_q(&q, &in[1], error);
    if (!status && q.rows.size > 0) {
        if (q.n > 0)
            grid_split(&q.inner);
        grid_split(&q.rows);
        status = run_all(&q, t, error);
    }
    if (q.q != few)
        pool_put(q.q, bytes);
    return status;
}
