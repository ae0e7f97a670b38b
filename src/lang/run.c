/* Running the steps on data. */

#include "base/alloc.h"
#include "base/pool.h"
#include "lang/compiled.h"
#include "ops/fuse.h"
#include <string.h>

#define FEW 12 /* values that find room on the stack */

/* A value at run time. */
struct place {
    sheaf_view view;
    void *memory; /* from the pool */
    size_t bytes;
};

struct run {
    const struct running *r;
    struct place *places;
};

static sheaf_status refuse_at(const struct run *x, const struct instruction *i, sheaf_status status,
                              const sheaf_error *below)
{
    return tree_refuse(x->r->c->tree, i->here, status, x->r->error, "%s", below->message);
}

/* Memory for a value whose view says what it is: the output's, or the pool's. */
static sheaf_status give_memory(struct run *x, int value, sheaf_error *error)
{
    const struct value *v = &x->r->c->values[value];
    struct place *p = &x->places[value];
    if (v->output >= 0 && !v->varies) {
        view_assign(&p->view, &x->r->outs[v->output]);
        return SHEAF_OK;
    }
    if (v->output >= 0) {
        sheaf_view *out = &x->r->outs[v->output];
        view_assign(out, &p->view);
        sheaf_status status = x->r->placer->place(x->r->placer->self, v->output, out, error);
        view_assign(&p->view, out);
        return status;
    }
    p->bytes = (size_t)sheaf_view_size(&p->view) * sheaf_dtype_size(p->view.dtype);
    p->bytes = p->bytes ? p->bytes : 1;
    p->memory = pool_get(p->bytes);
    p->view.data = p->memory;
    return p->memory ? SHEAF_OK
                     : sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %zu bytes", p->bytes);
}

static void take_memory(struct run *x, int value)
{
    struct place *p = &x->places[value];
    if (p->memory)
        pool_put(p->memory, p->bytes);
    p->memory = NULL;
}

/* ---- one instruction ---- */

struct placing {
    struct run *x;
    int first;
};

/* For functions whose results' shapes only running tells. */
static sheaf_status place_value(void *self, int k, sheaf_view *out, sheaf_error *error)
{
    const struct placing *p = self;
    struct place *place = &p->x->places[p->first + k];
    view_assign(&place->view, out);
    sheaf_status status = give_memory(p->x, p->first + k, error);
    view_assign(out, &place->view);
    return status;
}

/* The results' places, which the views of the instruction's values describe. */
static sheaf_status prepare(struct run *x, const struct instruction *i, const sheaf_view *in,
                            const sheaf_options *options, sheaf_view *outs, sheaf_error *error)
{
    const struct compiled *c = x->r->c;
    sheaf_status status = SHEAF_OK;
    if (i->late) {
        status = op_infer(i->op, i->nin, in, options, outs, error);
        for (int k = 0; k < i->nout && !status; k++)
            view_assign(&x->places[i->first + k].view, &outs[k]);
    } else {
        for (int k = 0; k < i->nout; k++)
            view_assign(&x->places[i->first + k].view, &c->values[i->first + k].view);
    }
    for (int k = 0; k < i->nout && !status && !op_varies(i->op); k++) {
        status = give_memory(x, i->first + k, error);
        view_assign(&outs[k], &x->places[i->first + k].view);
    }
    return status;
}

/* Whether the result is its input seen otherwise. */
static bool shown(struct run *x, const struct instruction *i)
{
    return i->op->class == CLASS_VIEW && x->r->c->values[i->first].output < 0 &&
           op_view(i->op, &x->places[i->in[0]].view, i->options, &x->places[i->first].view);
}

static sheaf_status call_on(struct run *x, const struct instruction *i, const sheaf_view *in, sheaf_error *error)
{
    sheaf_options with;
    const sheaf_options *options = i->options;
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    struct placing placing = {x, i->first};
    if (i->weights >= 0 || i->edges >= 0) {
        memcpy(&with, options, sizeof with);
        with.weights = i->weights >= 0 ? &x->places[i->weights].view : NULL;
        with.edges = i->edges >= 0 ? &x->places[i->edges].view : NULL;
        options = &with;
    }
    sheaf_status status = prepare(x, i, in, options, outs, error);
    if (!status)
        status = op_run(i->op, i->nin, in, options, x->r->team, outs, &(struct placer){place_value, &placing}, error);
    if (!status && op_varies(i->op))
        for (int k = 0; k < i->nout; k++)
            view_assign(&x->places[i->first + k].view, &outs[k]);
    return status;
}

static sheaf_status call(struct run *x, const struct instruction *i)
{
    sheaf_view few[SHEAF_MAX_INPUTS], *in = few;
    sheaf_error below = {SHEAF_OK, "failed"};
    if (shown(x, i))
        return SHEAF_OK;
    if (i->nin > SHEAF_MAX_INPUTS && !(in = mem_alloc((size_t)i->nin * sizeof *in)))
        return sheaf_error_set(x->r->error, SHEAF_NO_MEMORY, "no memory for %d views", i->nin);
    for (int k = 0; k < i->nin; k++)
        view_assign(&in[k], &x->places[i->in[k]].view);
    sheaf_status status = call_on(x, i, in, &below);
    if (in != few)
        mem_free(in);
    return status ? refuse_at(x, i, status, &below) : SHEAF_OK;
}

static sheaf_status size(struct run *x, const struct instruction *i)
{
    sheaf_error below = {SHEAF_OK, ""};
    struct place *p = &x->places[i->first];
    view_assign(&p->view, &x->r->c->values[i->first].view);
    p->bytes = sizeof(int64_t);
    p->memory = pool_get(p->bytes);
    if (!p->memory) {
        sheaf_error_set(&below, SHEAF_NO_MEMORY, "no memory");
        return refuse_at(x, i, SHEAF_NO_MEMORY, &below);
    }
    *(int64_t *)p->memory = sheaf_view_size(&x->places[i->in[0]].view);
    p->view.data = p->memory;
    return SHEAF_OK;
}

/* Elements as the function takes them: x's own, or converted ones in `copy`, whose memory is to be given back. */
static sheaf_status elements(struct run *x, const struct foreign *f, const sheaf_view *from, struct place *copy,
                             sheaf_error *error)
{
    const team whole = team_unhurried(x->r->team);
    view_assign(&copy->view, from);
    copy->memory = NULL;
    if (from->dtype == f->dtype && sheaf_view_is_contiguous(from) &&
        (uintptr_t)from->data % sheaf_dtype_size(f->dtype) == 0)
        return SHEAF_OK;
    sheaf_status status = sheaf_view_init(&copy->view, NULL, f->dtype, from->ndim, from->shape, error);
    if (status)
        return status;
    copy->bytes = (size_t)sheaf_view_size(from) * sheaf_dtype_size(f->dtype);
    copy->bytes = copy->bytes ? copy->bytes : 1;
    copy->memory = pool_get(copy->bytes);
    if (!copy->memory)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of input as %s", copy->bytes,
                               sheaf_dtype_name(f->dtype));
    copy->view.data = copy->memory;
    copy_run(from, &whole, &copy->view);
    return SHEAF_OK;
}

static void foreign_on(struct run *x, const struct foreign *f, const sheaf_view *in, const sheaf_view *out,
                       sheaf_status *status, sheaf_error *error)
{
    struct place result;
    if (sheaf_view_is_contiguous(out)) {
        f->call(f->self, in->data, (size_t)sheaf_view_size(in), out->data);
        return;
    }
    result.bytes = (size_t)sheaf_view_size(out) * sheaf_dtype_size(out->dtype);
    result.memory = pool_get(result.bytes);
    if (!result.memory) {
        *status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu bytes of results", result.bytes);
        return;
    }
    sheaf_view_init(&result.view, result.memory, out->dtype, out->ndim, out->shape, NULL);
    f->call(f->self, in->data, (size_t)sheaf_view_size(in), result.memory);
    copy_run(&result.view, x->r->team, out);
    pool_put(result.memory, result.bytes);
}

static sheaf_status foreign(struct run *x, const struct instruction *i)
{
    const struct foreign *f = i->foreign;
    const sheaf_view *from = &x->places[i->in[0]].view;
    struct place *to = &x->places[i->first], copy;
    sheaf_error below = {SHEAF_OK, "failed"};
    sheaf_status status = sheaf_view_init(&to->view, NULL, f->dtype, f->scalar ? 0 : from->ndim, from->shape, &below);
    if (!status)
        status = give_memory(x, i->first, &below);
    if (!status)
        status = elements(x, f, from, &copy, &below);
    if (!status) {
        foreign_on(x, f, &copy.view, &to->view, &status, &below);
        if (copy.memory)
            pool_put(copy.memory, copy.bytes);
    }
    return status ? refuse_at(x, i, status, &below) : SHEAF_OK;
}

static sheaf_status one(struct run *x, const struct instruction *i)
{
    sheaf_error below = {SHEAF_OK, ""};
    if (i->kind == INSTRUCTION_CALL)
        return call(x, i);
    if (i->kind == INSTRUCTION_SIZE)
        return size(x, i);
    if (i->kind == INSTRUCTION_FOREIGN)
        return foreign(x, i);
    sheaf_status status =
        slice_view(&x->places[i->in[0]].view, i->nindices, i->indices, &x->places[i->first].view, &below);
    return status ? refuse_at(x, i, status, &below) : SHEAF_OK;
}

/* ---- a step ---- */

/* *fits becomes false when the inputs' strides or data do not let it run in one pass; nothing is done then. */
static sheaf_status pass(struct run *x, const struct step *s, const sheaf_view *in, bool *fits)
{
    const struct compiled *c = x->r->c;
    sheaf_view outs[FUSE_MOST_ENDS * 5];
    sheaf_error below = {SHEAF_OK, "failed"};
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < s->nmade && !status; k++) {
        struct place *p = &x->places[s->made[k]];
        view_assign(&p->view, &c->values[s->made[k]].view);
        status = give_memory(x, s->made[k], &below);
        view_assign(&outs[k], &p->view);
    }
    if (!status && far_uses(x->r, s)) {
        status = far_pass(x->r, s, in, outs, &below);
    } else if (!status) {
        status = fuse_run(s->fuse, in, x->r->team, outs, &below);
        *fits = status != SHEAF_UNSUPPORTED;
    }
    for (int k = 0; k < s->nmade && !*fits; k++)
        take_memory(x, s->made[k]);
    if (!*fits)
        return SHEAF_OK;
    return status ? refuse_at(x, &c->instructions[s->instructions[s->n - 1]], status, &below) : SHEAF_OK;
}

/* What a deadline has cut short looks as if it were whole, and must not be used. */
static sheaf_status in_time(const struct run *x, const struct instruction *i)
{
    static const sheaf_error late = {SHEAF_TIMEOUT, "this took too long"};
    return team_late(x->r->team) ? refuse_at(x, i, SHEAF_TIMEOUT, &late) : SHEAF_OK;
}

static sheaf_status step(struct run *x, const struct step *s)
{
    const struct compiled *c = x->r->c;
    sheaf_status status = SHEAF_OK;
    if (s->fuse && !c->unfused && (s->n > 1 || far_uses(x->r, s))) {
        sheaf_view in[FUSE_MOST_INPUTS];
        for (int k = 0; k < s->fuse->nin; k++)
            view_assign(&in[k], &x->places[s->inputs[k]].view);
        bool done = !far_uses(x->r, s) || fuse_can_be_fed(s->fuse, in);
        status = done ? pass(x, s, in, &done) : SHEAF_OK;
        if (done)
            return status ? status : in_time(x, &c->instructions[s->instructions[s->n - 1]]);
    }
    for (int g = 0; g < s->n && !status; g++) {
        status = one(x, &c->instructions[s->instructions[g]]);
        if (!status)
            status = in_time(x, &c->instructions[s->instructions[g]]);
    }
    return status;
}

/* ---- all of it ---- */

static void begin(struct run *x, const int64_t *index)
{
    const struct compiled *c = x->r->c;
    for (int k = 0; k < c->nvalues; k++)
        x->places[k].memory = NULL;
    for (int k = 0; k < c->nin; k++)
        view_assign(&x->places[k].view, &x->r->in[k]);
    for (int k = 0; k < c->ninstructions; k++) {
        const struct instruction *i = &c->instructions[k];
        if (i->kind != INSTRUCTION_CONSTANT && i->kind != INSTRUCTION_COUNT)
            continue;
        for (int j = 0; j < i->nout; j++)
            view_assign(&x->places[i->first + j].view, &c->values[i->first + j].view);
        if (i->kind == INSTRUCTION_COUNT)
            x->places[i->first].view.data = (void *)(uintptr_t)index;
    }
}

/* Outputs that are no results of their own: inputs, constants, views, and what is an output already. */
static sheaf_status copy_outputs(struct run *x)
{
    const struct compiled *c = x->r->c;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < c->nout && !status; k++) {
        const struct value *v = &c->values[c->outputs[k]];
        const sheaf_view *from = &x->places[c->outputs[k]].view;
        sheaf_view *out = &x->r->outs[k];
        if (v->output == k)
            continue;
        if (v->varies) {
            status = sheaf_view_init(out, NULL, from->dtype, from->ndim, from->shape, x->r->error);
            if (!status)
                status = x->r->placer->place(x->r->placer->self, k, out, x->r->error);
        }
        if (!status)
            copy_run(from, x->r->team, out);
    }
    return status;
}

static sheaf_status run_all(struct run *x)
{
    const struct compiled *c = x->r->c;
    sheaf_status status = SHEAF_OK;
    begin(x, &x->r->index);
    for (int s = 0; s < c->nsteps && !status; s++) {
        status = step(x, &c->steps[s]);
        for (int k = 0; k < c->steps[s].ndone; k++)
            take_memory(x, c->steps[s].done[k]);
    }
    if (!status)
        status = copy_outputs(x);
    for (int k = 0; k < c->nvalues; k++)
        take_memory(x, k);
    return status;
}

sheaf_status compiled_run(const struct running *r)
{
    struct place few[FEW];
    struct run x = {r, few};
    if (r->c->nvalues > FEW && !(x.places = mem_alloc((size_t)r->c->nvalues * sizeof *x.places)))
        return sheaf_error_set(r->error, SHEAF_NO_MEMORY, "no memory for %d values", r->c->nvalues);
    sheaf_status status = run_all(&x);
    if (x.places != few)
        mem_free(x.places);
    return status;
}
