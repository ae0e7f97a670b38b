#include "batch/preview.h"

#include "array/array.h"
#include "base/alloc.h"
#include "batch/driver.h"
#include "io/io.h"
#include <stdio.h>
#include <string.h>

/* dims (NULL: nobody asks) get the names of dimensions. */
static sheaf_status describe(const struct items *items, size_t i, struct io_buffer *buffer, sheaf_view *in, int *n,
                             struct io_text *dims, uint64_t *bytes, double *reading, sheaf_error *error)
{
    const struct item *item = items_at(items, i);
    sheaf_file_info info;
    *n = item->count;
    if (item->cut && !items_cut(items, i)->refused) {
        const struct cut *cut = items_cut(items, i);
        for (int k = 0; k < item->count; k++) {
            const char *names = cut->parts[k].dims;
            in[k] = cut->parts[k].view;
            if (dims && names && !io_text_add(&dims[k], names, strlen(names) + 1))
                return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of dimensions");
        }
        *bytes = cut_bytes(cut, item->count);
        *reading = reading_cost(*bytes);
        return SHEAF_OK;
    }
    if (item->cut)
        return cut_refusal(items, items_cut(items, i), error);
    if (!item_is_file(item)) {
        item_unpack(item, in);
        *bytes = item_bytes(item);
        *reading = 0;
        return SHEAF_OK;
    }
    sheaf_status status = urls_first(items, i) == SIZE_MAX ? SHEAF_OK : items_not_fetched(items, i, error);
    *bytes = 0;
    for (int k = 0; k < item->count && status == SHEAF_OK; k++) {
        status =
            io_describe(item_path(item, k), item_read(items, item, k), buffer, &info, dims ? &dims[k] : NULL, error);
        if (status == SHEAF_OK)
            status = sheaf_view_init(&in[k], NULL, info.dtype, info.ndim, info.shape, error);
        *bytes += status == SHEAF_OK ? info.data_bytes : 0;
    }
    *reading = reading_cost(*bytes);
    return status;
}

/* What the function makes of arrays of these dtypes, shapes and names of dimensions. */
static sheaf_status infer(const sheaf_func *func, const sheaf_view *in, int n, const struct io_text *dims, double *cost,
                          size_t *scratch, sheaf_view *outs, sheaf_error *error)
{
    const char *names[ITEM_MAX_INPUTS];
    struct func_call call;
    for (int k = 0; k < n && dims; k++)
        names[k] = dims[k].n ? dims[k].data : NULL;
    call.dims = dims ? names : NULL;
    sheaf_status status = func_call_begin(&call, func, n, in, outs, error);
    if (status)
        return status;
    *cost = call.cost;
    *scratch = call.scratch;
    func_call_end(&call);
    return SHEAF_OK;
}

sheaf_status preview_item(const sheaf_func *func, const struct items *items, size_t i, uint64_t *bytes, double *cost,
                          size_t *scratch, struct io_buffer *buffer, sheaf_view *outs, sheaf_error *error)
{
    sheaf_view in[ITEM_MAX_INPUTS];
    char unnamed[SHEAF_NAME_MAX], text[SHEAF_MESSAGE_MAX];
    sheaf_error local = {SHEAF_OK, ""};
    struct io_text texts[ITEM_MAX_INPUTS] = {{NULL, 0, 0}}, *dims = func_names_axes(func) ? texts : NULL;
    int n;
    double reading = 0, computing = 0;
    sheaf_status status = describe(items, i, buffer, in, &n, dims, bytes, &reading, &local);
    *cost = (double)*bytes;
    *scratch = 0;
    if (status == SHEAF_OK && func_is_computed(func)) {
        status = infer(func, in, n, dims, &computing, scratch, outs, &local);
        *cost = computing + reading;
    }
    for (int k = 0; k < ITEM_MAX_INPUTS; k++)
        io_text_free(&texts[k]);
    if (status == SHEAF_OK || !error)
        return status;
    const char *name = item_name(items, i, unnamed);
    if (item_is_named(items, i, local.message) || snprintf(text, sizeof text, "%s: %s", name, local.message) < 0)
        return sheaf_error_set(error, status, "%s", local.message);
    return sheaf_error_set(error, status, "%s", text);
}

/* The arrays of an item, and the names of their dimensions, where the function asks for them. */
struct described {
    sheaf_view in[ITEM_MAX_INPUTS];
    struct io_text texts[ITEM_MAX_INPUTS];
    const char *names[ITEM_MAX_INPUTS], *const *dims;
    int n;
};

static sheaf_status described_make(struct described *d, const sheaf_func *func, const struct items *items, size_t i,
                                   sheaf_error *error)
{
    struct io_buffer buffer = {0};
    uint64_t bytes;
    double reading;
    const bool named = func_names_axes(func);
    *d = (struct described){.dims = named ? d->names : NULL};
    sheaf_status status = describe(items, i, &buffer, d->in, &d->n, named ? d->texts : NULL, &bytes, &reading, error);
    io_buffer_free(&buffer);
    for (int k = 0; k < ITEM_MAX_INPUTS; k++)
        d->names[k] = d->texts[k].n ? d->texts[k].data : NULL;
    return status;
}

static void described_clear(struct described *d)
{
    for (int k = 0; k < ITEM_MAX_INPUTS; k++)
        io_text_free(&d->texts[k]);
}

sheaf_status preview_origins(const sheaf_func *func, const struct items *items, size_t i, int k,
                             struct origin origins[SHEAF_MAX_NDIM], bool *known, sheaf_dtype *dtype, sheaf_error *error)
{
    struct described d;
    sheaf_status status = described_make(&d, func, items, i, error);
    if (status == SHEAF_OK)
        status = func_origins(func, d.n, d.in, d.dims, k, origins, known, error);
    *dtype = status == SHEAF_OK && d.n > 0 ? d.in[0].dtype : SHEAF_DTYPE_COUNT;
    described_clear(&d);
    return status;
}

sheaf_status sheaf_map_explain(const sheaf_func *func, const sheaf_batch *batch, size_t item, sheaf_write_fn *write,
                               void *user, sheaf_error *error)
{
    struct described d;
    if (item >= batch->items->n)
        return sheaf_error_set(error, SHEAF_INVALID, "the batch has %zu items, and no item %zu", batch->items->n, item);
    sheaf_status status = described_make(&d, func, batch->items, item, error);
    if (status == SHEAF_OK)
        status = func_explain(func, d.n, d.in, d.dims, write, user, error);
    described_clear(&d);
    return status;
}

struct part {
    _Alignas(64) size_t readable, unknown;
    uint64_t bytes_in, bytes_out, largest_need;
    size_t too_large, other, problem;
    bool starved; /* of memory, which says nothing about an item; error tells */
    sheaf_error error;
    struct io_buffer buffer;
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
};

struct looking {
    const sheaf_func *func;
    const struct items *items;
    const struct preview *reference;
    struct part *parts;
    float *costs;
};

static bool agrees(const sheaf_func *func, const sheaf_view *a, const sheaf_view *b)
{
    for (int k = 0; k < func->nout; k++) {
        if (!same_signature(&a[k], &b[k]))
            return false;
    }
    return true;
}

/* As admit counts it. */
static void count_need(const struct looking *l, struct part *part, size_t i, uint64_t in, uint64_t made, uint64_t out)
{
    const bool isolated = l->reference->isolated, ours = isolated || item_is_file(items_at(l->items, i));
    const uint64_t need = budget_sum(budget_sum(ours ? in : 0, made), isolated ? out : 0);
    if (l->reference->memory && need > l->reference->memory)
        part->too_large++;
    else if (need > part->largest_need)
        part->largest_need = need;
}

static void look_at(struct looking *l, struct part *part, size_t i)
{
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    uint64_t in = 0, out = 0;
    double cost = 0;
    size_t scratch;
    if (urls_first(l->items, i) != SIZE_MAX) {
        part->unknown++;
        if (l->costs)
            l->costs[i] = -1;
        return;
    }
    sheaf_status status = preview_item(l->func, l->items, i, &in, &cost, &scratch, &part->buffer, outs, &error);
    if (l->costs)
        l->costs[i] = status == SHEAF_OK ? (float)cost : -1;
    if (status == SHEAF_NO_MEMORY || part->starved) {
        part->starved = true;
        part->error = status == SHEAF_NO_MEMORY ? error : part->error;
        return;
    }
    if (status != SHEAF_OK) {
        if (i < part->problem) {
            part->problem = i;
            part->error = error;
        }
        return;
    }
    part->readable++;
    part->bytes_in += in;
    for (int k = 0; k < l->func->nout && func_is_computed(l->func); k++)
        out += (uint64_t)sheaf_view_size(&outs[k]) * sheaf_dtype_size(outs[k].dtype);
    count_need(l, part, i, in, budget_sum(out, scratch), out);
    if (!func_is_known(l->func))
        return;
    part->bytes_out += out;
    if (i < part->other && !agrees(l->func, outs, l->reference->outs)) {
        part->other = i;
        memcpy(part->outs, outs, (size_t)l->func->nout * sizeof *outs);
    }
}

static void look(void *context, size_t begin, size_t end, int thread)
{
    struct looking *l = context;
    for (size_t i = begin; i < end; i++)
        look_at(l, &l->parts[thread], i);
}

static void merge(struct preview *p, const struct part *part, int nout)
{
    p->readable += part->readable;
    p->unknown += part->unknown;
    p->bytes_in += part->bytes_in;
    p->bytes_out += part->bytes_out;
    p->too_large += part->too_large;
    if (part->largest_need > p->largest_need)
        p->largest_need = part->largest_need;
    if (part->problem < p->problem) {
        p->problem = part->problem;
        p->error = part->error;
    }
    if (part->other < p->other) {
        p->other = part->other;
        memcpy(p->other_outs, part->outs, (size_t)nout * sizeof *part->outs);
    }
}

sheaf_status preview_make(const sheaf_func *func, const struct items *items, const team *t, struct preview *p,
                          float *costs, sheaf_error *error)
{
    uint64_t bytes;
    double cost;
    size_t scratch, n = items->n, threads = (size_t)t->threads;
    struct io_buffer buffer = {0};
    sheaf_error local = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_FORMAT;
    *p = (struct preview){.memory = p->memory, .isolated = p->isolated};
    p->other = p->problem = n;
    for (; p->first < n; p->first++) {
        status = preview_item(func, items, p->first, &bytes, &cost, &scratch, &buffer, p->outs, &local);
        if (status == SHEAF_OK || status == SHEAF_NO_MEMORY) /* which says nothing about the item */
            break;
    }
    io_buffer_free(&buffer);
    if (p->first < n && status)
        return sheaf_error_set(error, status, "%s", local.message);
    struct part *parts = mem_aligned(threads * sizeof *parts);
    if (!parts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to look at %zu items", n);
    memset(parts, 0, threads * sizeof *parts);
    for (size_t k = 0; k < threads; k++)
        parts[k].other = parts[k].problem = n;
    struct looking l = {func, items, p, parts, costs};
    size_t grain = n / (threads * 16);
    grain = grain < 1 ? 1 : grain > 64 ? 64 : grain;
    par_for(t, n, grain, look, &l);
    for (size_t k = 0; k < threads; k++)
        merge(p, &parts[k], func->nout);
    const struct part *starved = NULL;
    for (size_t k = 0; k < threads; k++)
        starved = parts[k].starved ? &parts[k] : starved;
    for (size_t k = 0; k < threads; k++)
        io_buffer_free(&parts[k].buffer);
    status = starved ? sheaf_error_set(error, SHEAF_NO_MEMORY, "%s", starved->error.message) : SHEAF_OK;
    p->unreadable = n - p->readable - p->unknown;
    mem_free(parts);
    return status;
}

/* What runs at once, and what each of those holds, as far as the budget lets it. */
static uint64_t peak_bytes(const struct preview *p, const sheaf_plan *plan)
{
    uint64_t at_once = plan->narrow < (size_t)plan->threads ? plan->narrow : (uint64_t)plan->threads;
    uint64_t peak = 0;
    for (uint64_t k = 0; k < (at_once ? at_once : 1); k++)
        peak = budget_sum(peak, p->largest_need);
    return peak < p->memory ? peak : p->memory;
}

sheaf_status sheaf_map_plan(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                            sheaf_plan *plan, sheaf_error *error)
{
    const struct items *items = batch->items;
    sheaf_map_options checked;
    struct plan split = {NULL, 0};
    struct preview p = {0};
    float *costs = NULL;
    sheaf_status status = map_options(options, &checked, error);
    if (status != SHEAF_OK)
        return status;
    team t = team_lease(checked.threads);
    costs = mem_alloc(items->n * sizeof *costs);
    if (!costs) {
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to plan %zu items", items->n);
        goto done;
    }
    p.memory = checked.memory ? checked.memory : budget_default();
    status = isolation_wanted(func, &checked, &p.isolated, error);
    if (status == SHEAF_OK)
        status = preview_make(func, items, &t, &p, costs, error);
    if (status == SHEAF_OK)
        status = plan_make(costs, items->n, map_threads(func, items->n, &checked), func_divisible(func), &split, error);
    if (status != SHEAF_OK)
        goto done;
    memset(plan, 0, sizeof *plan);
    plan->items = items->n;
    plan->unreadable = p.unreadable;
    plan->wide = split.wide;
    plan->unknown = p.unknown;
    plan->narrow = p.readable + p.unknown - split.wide;
    plan->threads = map_threads(func, items->n, &checked);
    plan->threads_why = checked.threads ? "as asked" : par_threads_why();
    plan->bytes_in = p.bytes_in;
    plan->bytes_out = p.bytes_out;
    plan->peak_bytes = peak_bytes(&p, plan);
    plan->memory = p.memory;
    plan->too_large = p.too_large;
    plan->nout = func_is_known(func) && p.first < items->n ? func->nout : 0;
    plan->uniform = plan->nout > 0 && p.other == items->n && p.unknown == 0;
    for (int k = 0; k < plan->nout; k++) {
        plan->output[k].dtype = p.outs[k].dtype;
        plan->output[k].ndim = p.outs[k].ndim;
        memcpy(plan->output[k].shape, p.outs[k].shape, (size_t)p.outs[k].ndim * sizeof(int64_t));
    }
    if (p.problem < items->n)
        memcpy(plan->first_problem, p.error.message, sizeof plan->first_problem);
done:
    team_release(&t);
    mem_free(costs);
    mem_free(split.order);
    return status;
}
