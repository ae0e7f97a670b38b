/* Elementwise functions: which kernel, on which dtypes. */

#include "ops/each.h"
#include "ops/move.h"

void copy_run(const sheaf_view *in, const team *t, const sheaf_view *out)
{
    if (in->dtype == out->dtype) {
        copy_block(in, t, out, false);
        return;
    }
    struct each e;
    each_prepare(&e, 1, in, &out->dtype, out);
    each_run(&e, t);
}

void fill_run(const void *value, const team *t, const sheaf_view *out)
{
    sheaf_view one, wide;
    if (sheaf_view_size(out) == 0 || sheaf_view_init(&one, (void *)(uintptr_t)value, out->dtype, 0, NULL, NULL))
        return;
    op_stretch(&one, out->ndim, out->shape, &wide);
    copy_run(&wide, t, out);
}

/* NumPy's rule: an integer has no negative integer power. */
static sheaf_status check_exponents(const struct op *op, const sheaf_view *y, sheaf_error *error)
{
    const struct kernels *k = kernels();
    struct grid g;
    struct cursor c;
    char *base = y->data;
    grid_init(&g, 1);
    for (int i = 0; i < y->ndim; i++)
        grid_add(&g, y->shape[i], &y->strides[i]);
    grid_split(&g);
    cursor_set(&c, &g, &base, 0);
    for (size_t row = 0; row < g.size; row++, cursor_next(&c, &g))
        for (size_t i = 0; i < g.n; i += KERNEL_TILE) {
            int64_t tile[KERNEL_TILE], least, greatest;
            size_t m = g.n - i < KERNEL_TILE ? g.n - i : KERNEL_TILE;
            k->cast[y->dtype][K_I64](m, c.p[0] + (int64_t)i * g.step[0], (ptrdiff_t)g.step[0], tile, sizeof tile[0]);
            k->minmax[K_I64](m, tile, &least, &greatest);
            if (least < 0) {
                char text[SHAPE_TEXT];
                return sheaf_error_set(error, SHEAF_INVALID,
                                       "%s: y of shape %s holds %lld, and integers have no negative integer powers: "
                                       "convert x to a float dtype",
                                       op->info.name, shape_text(y->ndim, y->shape, text), (long long)least);
            }
        }
    return SHEAF_OK;
}

static bool is_empty(const sheaf_view *x)
{
    for (int i = 0; i < x->ndim; i++)
        if (x->shape[i] == 0)
            return true;
    return false;
}

/* Whether the results are the elements themselves. */
static bool leaves_real(const struct op *op, sheaf_dtype work)
{
    return op->class == CLASS_UNARY && (op->kernel == K_real || op->kernel == K_conj) && dtype_kind(work) != 'c';
}

bool elementwise_choose(const struct op *op, const sheaf_view *in, bool fast, struct elementwise *e)
{
    const struct kernels *k = kernels();
    const sheaf_dtype promoted = op_promoted(op, op->info.nin, in), work = op_work_dtype(op->rule, promoted);
    e->kernel = (struct each_kernel){NULL, NULL, NULL};
    e->out = op_result_dtype(op->rule, promoted, 0);
    if (op->class == CLASS_CAST || leaves_real(op, work)) {
        e->work[0] = e->out;
        return true;
    }
    e->work[0] = op->rule == RULE_WHERE ? SHEAF_BOOL : work;
    e->work[1] = e->work[2] = work;
    if (op->class == CLASS_TERNARY)
        e->kernel.ternary = k->ternary[op->kernel][work];
    else if (op->class == CLASS_BINARY)
        e->kernel.binary = k->binary[op->kernel][work];
    else if (fast && k->fast[op->kernel][work])
        e->kernel.unary = k->fast[op->kernel][work];
    else
        e->kernel.unary = k->unary[op->kernel][work];
    return !each_casts(&e->kernel);
}

bool elementwise_counts(const struct op *op, const struct elementwise *e, sheaf_dtype second)
{
    return e->kernel.binary && op->kernel == K_pow && dtype_kind(e->work[1]) == 'i' && dtype_kind(second) == 'i';
}

sheaf_status elementwise_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                             const sheaf_view *out, sheaf_error *error)
{
    if (is_empty(out))
        return SHEAF_OK;
    struct elementwise f;
    struct each e;
    if (!elementwise_choose(op, in, options->fast, &f))
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: has no kernel for %s", op->info.name,
                               sheaf_dtype_name(f.work[1]));
    if (each_casts(&f.kernel)) {
        copy_run(in, t, out);
        return SHEAF_OK;
    }
    if (f.kernel.binary && elementwise_counts(op, &f, in[1].dtype)) {
        sheaf_status status = check_exponents(op, &in[1], error);
        if (status)
            return status;
    }
    each_prepare(&e, op->info.nin, in, f.work, out);
    e.kernel = f.kernel;
    each_run(&e, t);
    return SHEAF_OK;
}
