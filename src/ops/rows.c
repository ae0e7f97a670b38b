/* Functions along one axis: rfft. Rows are shared out to the team; a row is one thread's. */

#include "base/pool.h"
#include "blas/blas.h"
#include "ops/grid.h"
#include "ops/op.h"
#include <stdatomic.h>

struct rows {
    const struct kernels *k;
    sheaf_dtype work; /* that a row is gathered in */
    sheaf_dtype out;
    size_t n, out_n; /* elements of a row, and of its result */
    size_t work_size, out_size;
    int64_t out_step;
    grid_cast *load, *store;
    const struct fft_plan *plan;
    struct grid inner; /* the axis; operand 0 the input */
    struct grid rows;  /* the others; operand 0 the input, 1 the output */
    char *base[2];
    size_t scratch_bytes;
    atomic_int no_memory;
};

static void load_row(const struct rows *r, char *row, void *to)
{
    grid_gather(&r->inner, row, 0, r->n, r->load, to, r->work_size);
}

static void store_row(const struct rows *r, const char *from, char *row)
{
    r->store(r->out_n, from, (ptrdiff_t)r->out_size, row, (ptrdiff_t)r->out_step);
}

/* In place, in aligned scratch: the alignment is always the plan's, and the passes of a long transform stay in a cache
 * that is warm from the row before. */
static void rfft_row(const struct rows *r, char *in, char *out, char *scratch)
{
    load_row(r, in, scratch);
    fft_execute_real(r->plan, scratch);
    store_row(r, scratch, out);
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct rows *r = context;
    size_t bytes = r->scratch_bytes;
    char *scratch = bytes ? pool_get(bytes) : NULL;
    if (bytes && !scratch) {
        atomic_store(&r->no_memory, 1);
        return;
    }
    struct cursor c;
    cursor_set(&c, &r->rows, r->base, begin / r->rows.n);
    size_t at = begin % r->rows.n;
    for (size_t row = begin; row < end; row++) {
        char *in = c.p[0] + (int64_t)at * r->rows.step[0], *out = c.p[1] + (int64_t)at * r->rows.step[1];
        rfft_row(r, in, out, scratch);
        if (++at == r->rows.n) {
            at = 0;
            cursor_next(&c, &r->rows);
        }
    }
    pool_put(scratch, bytes);
}

static void lay_out(struct rows *r, const sheaf_view *in, const sheaf_options *options, const sheaf_view *out)
{
    int axis = op_axis(in, options);
    grid_init(&r->inner, 1);
    grid_init(&r->rows, 2);
    for (int i = 0; i < in->ndim; i++) {
        if (i == axis)
            grid_add(&r->inner, in->shape[i], &in->strides[i]);
        else
            grid_add(&r->rows, in->shape[i], (int64_t[]){in->strides[i], out->strides[i]});
    }
    r->n = r->inner.size;
    r->out_n = (size_t)out->shape[axis];
    r->out_step = out->strides[axis];
    r->base[0] = in->data;
    r->base[1] = out->data;
}

static void prepare(struct rows *r, const sheaf_view *in, const sheaf_view *out)
{
    r->k = kernels();
    r->out = out->dtype;
    r->work = dtype_real(out->dtype);
    r->work_size = sheaf_dtype_size(r->work);
    r->out_size = sheaf_dtype_size(r->out);
    r->load = r->k->cast[in->dtype][r->work];
    r->store = r->k->cast[r->out][r->out];
    r->scratch_bytes = r->out_n * r->out_size; /* room for the row too */
}

sheaf_status rows_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                      const sheaf_view *out, sheaf_error *error)
{
    struct rows r;
    r.plan = NULL;
    atomic_init(&r.no_memory, 0);
    lay_out(&r, in, options, out);
    size_t nrows = r.rows.size;
    if (r.n == 0 || nrows == 0)
        return SHEAF_OK;
    grid_split(&r.inner);
    grid_split(&r.rows);
    prepare(&r, in, out);
    sheaf_status status = fft_plan_real(r.work, r.n, &r.plan, error);
    if (status)
        return status;
    double ns = op_cost(op, 1, in) / (double)nrows;
    par_share(t, nrows, ns, run_rows, &r);
    if (atomic_load(&r.no_memory))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for a scratch row of %zu bytes", op->info.name,
                               r.scratch_bytes);
    return SHEAF_OK;
}
