/* sort, partition, topk, their arg forms and rank, along one axis. Rows are shared out to the team; few long ones are
 * taken in turn, each by the whole team. */

#include "base/checked.h"
#include "base/pool.h"
#include "ops/order_rows.h"
#include <math.h>
#include <string.h>

#define LONG_ROW 32768 /* elements that are worth a team */

static const char *const methods[] = {"ordinal", "average", "min", "max", "dense"};

static bool rank_method(const sheaf_options *o, enum rank_method *method)
{
    const char *word = o->method ? o->method : methods[0];
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(word, methods[i]) == 0) {
            *method = (enum rank_method)i;
            return true;
        }
    }
    return false;
}

/* ---- the shape of the result ---- */

static sheaf_status check_kth(const struct op *op, int64_t k, int64_t n, const sheaf_view *x, int axis,
                              sheaf_error *error)
{
    char text[SHAPE_TEXT];
    if (n == 0 ? k == 0 : k >= -n && k < n)
        return SHEAF_OK;
    return sheaf_error_set(
        error, SHEAF_INVALID, "%s: k is %lld, but axis %d of x, of shape %s, has the positions %lld to %lld",
        op->info.name, (long long)k, axis, shape_text(x->ndim, x->shape, text), (long long)-n, (long long)n - 1);
}

sheaf_status order_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                         sheaf_error *error)
{
    char text[SHAPE_TEXT];
    const char *name = op->info.name;
    const enum order_kind kind = (enum order_kind)op->kernel;
    if (in->ndim == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: x is a scalar (shape ()), which has no axis to work along",
                               name);
    const int axis = op_axis(in, o);
    int64_t shape[SHEAF_MAX_NDIM];
    memcpy(shape, in->shape, sizeof shape[0] * (size_t)in->ndim);
    sheaf_dtype dtype = op_result_dtype(op->rule, in->dtype, 0);
    sheaf_status status = SHEAF_OK;
    enum rank_method method;
    switch (kind) {
    case O_partition:
    case O_argpartition:
        status = check_kth(op, o->k, shape[axis], in, axis, error);
        break;
    case O_topk:
    case O_argtopk:
        if (o->k == 0)
            return sheaf_error_set(
                error, SHEAF_INVALID,
                "%s: k is 0: give how many elements along axis %d of x, of shape %s; negative for the "
                "least ones",
                name, axis, shape_text(in->ndim, in->shape, text));
        if (o->k > -shape[axis] && o->k < shape[axis])
            shape[axis] = o->k < 0 ? -o->k : o->k;
        break;
    case O_rank:
        if (!rank_method(o, &method))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%s: no method \"%s\": choose ordinal, average, min, max or dense", name, o->method);
        dtype = method == RANK_average ? SHEAF_F64 : SHEAF_I64;
        break;
    case O_sort:
    case O_argsort:
        break;
    }
    return status ? status : sheaf_view_init(out, NULL, dtype, in->ndim, shape, error);
}

double order_cost(const struct op *op, const sheaf_view *in)
{
    double size = 1, n = in->ndim ? (double)in->shape[in->ndim - 1] : 1;
    for (int i = 0; i < in->ndim; i++)
        size *= (double)in->shape[i];
    const bool sorts = op->kernel == O_sort || op->kernel == O_argsort || op->kernel == O_rank;
    return op->cost * size * (sorts ? log2(n + 2) : 1);
}

/* ---- a row ---- */

void order_load(const void *row, size_t start, size_t n, void *to)
{
    const struct order_row *r = row;
    const struct order *o = r->o;
    grid_gather(&o->inner, r->in, start, n, o->load, to, o->source_size);
}

void order_store(const struct order_row *r, size_t start, size_t n, const void *from)
{
    const struct order *o = r->o;
    o->store(n, from, (ptrdiff_t)o->store_size, r->out + (int64_t)start * o->out_step, (ptrdiff_t)o->out_step);
}

struct keys order_keys(const struct order_row *r)
{
    const struct order *o = r->o;
    return (struct keys){o->source, o->key, o->n, o->source_size, r->scratch, order_load, r};
}

static void store_sorting(const void *self, size_t start, size_t n, const void *from)
{
    order_store(self, start, n, from);
}

static bool sort_row(const struct order_row *r)
{
    const struct order *o = r->o;
    return sort_by_team(r->t, &(struct sorting){.dtype = o->source,
                                                .n = o->n,
                                                .self = r,
                                                .load = order_load,
                                                .store = store_sorting,
                                                .direct = o->out_direct ? r->out : NULL,
                                                .spare = r->scratch});
}

static bool order_row(const struct order_row *r)
{
    switch (r->o->kind) {
    case O_sort:
        return sort_row(r);
    case O_argsort:
        return argsort_row(r);
    case O_rank:
        return rank_row(r);
    case O_partition:
    case O_argpartition:
        return partition_row(r);
    case O_topk:
    case O_argtopk:
        break;
    }
    return topk_row(r);
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct order *o = context;
    const team alone = {.threads = 1};
    struct order_row r = {.o = o, .t = o->team_in_rows ? o->t : &alone};
    r.scratch = o->scratch_bytes ? pool_get(o->scratch_bytes) : NULL;
    bool done = !o->scratch_bytes || r.scratch;
    struct cursor c;
    cursor_set(&c, &o->rows, o->base, begin / o->rows.n);
    size_t at = begin % o->rows.n;
    for (size_t row = begin; done && row < end; row++) {
        r.in = c.p[0] + (int64_t)at * o->rows.step[0];
        r.out = c.p[1] + (int64_t)at * o->rows.step[1];
        done = order_row(&r);
        if (++at == o->rows.n) {
            at = 0;
            cursor_next(&c, &o->rows);
        }
    }
    pool_put(r.scratch, o->scratch_bytes);
    if (!done)
        atomic_store(&o->no_memory, 1);
}

/* ---- the call ---- */

static void lay_out(struct order *o, const sheaf_view *in, const sheaf_options *options, const sheaf_view *out)
{
    int axis = op_axis(in, options);
    grid_init(&o->inner, 1);
    grid_init(&o->rows, 2);
    for (int i = 0; i < in->ndim; i++) {
        if (i == axis)
            grid_add(&o->inner, in->shape[i], &in->strides[i]);
        else
            grid_add(&o->rows, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    }
    o->n = o->inner.size;
    o->out_n = (size_t)out->shape[axis];
    o->out_step = out->strides[axis];
    o->base[0] = in->data;
    o->base[1] = out->data;
}

static void prepare(struct order *o, const sheaf_view *in, const sheaf_view *out)
{
    const enum kdtype dtype = in->dtype == SHEAF_F16 ? K_F32 : (enum kdtype)in->dtype;
    o->k = kernels();
    o->source = o->kind == O_sort ? dtype : kernel_key_source(dtype);
    o->key = kernel_key(dtype);
    o->source_size = sheaf_dtype_size((sheaf_dtype)o->source);
    o->load = o->k->cast[in->dtype][o->source];
    const bool places = o->kind == O_argsort || o->kind == O_argpartition || o->kind == O_argtopk;
    o->store_size = places ? sizeof(int64_t) : o->source_size;
    o->store = o->k->cast[places ? K_I64 : o->source][out->dtype];
    o->out_direct =
        (o->out_n <= 1 || o->out_step == (int64_t)o->store_size) && sheaf_dtype_size(out->dtype) == o->store_size;
}

/* Bytes that a row needs besides the memory that those it calls get themselves. */
static bool scratch_of(struct order *o)
{
    size_t each = o->source_size, chosen = 0, a, b;
    switch (o->kind) {
    case O_sort:
        each = o->out_direct || o->team_in_rows ? 0 : o->source_size;
        break;
    case O_argsort:
        each += o->out_direct ? 0 : sizeof(int64_t);
        break;
    case O_rank:
        each += sizeof(int64_t);
        break;
    case O_topk:
    case O_argtopk:
        chosen = 2 * sizeof(int64_t) + 2 * o->source_size;
        each = 2 * each + (o->kind == O_argtopk ? sizeof(int64_t) : 0);
        break;
    case O_partition:
    case O_argpartition:
        each *= 2;
        break;
    }
    return size_mul(o->n, each, &a) && size_mul(o->out_n, chosen, &b) && size_add(a, b, &a) &&
           size_add(a, each || chosen ? 256 : 0, &o->scratch_bytes);
}

sheaf_status order_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                       const sheaf_view *out, sheaf_error *error)
{
    struct order o = {.kind = (enum order_kind)op->kernel, .t = t, .kth = options->k};
    rank_method(options, &o.method);
    atomic_init(&o.no_memory, 0);
    lay_out(&o, in, options, out);
    const size_t nrows = o.rows.size;
    if (o.n == 0 || nrows == 0)
        return SHEAF_OK;
    grid_split(&o.inner);
    grid_split(&o.rows);
    prepare(&o, in, out);
    const double ns = order_cost(op, in) / (double)nrows;
    const bool alone = t->threads <= 1 || ns * (double)nrows < 2 * PAR_PIECE_NS;
    o.team_in_rows = !alone && nrows < 4 * (size_t)t->threads && o.n >= LONG_ROW;
    if (!scratch_of(&o))
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: a row of %zu elements is too long", op->info.name, o.n);
    const team used = alone || o.team_in_rows ? team_alone(t) : *t;
    par_share(&used, nrows, ns, run_rows, &o);
    if (atomic_load(&o.no_memory))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory to order rows of %zu elements in", op->info.name,
                               o.n);
    return SHEAF_OK;
}
