/* From instructions to steps: what can be done in one pass over memory is. */

#include "lang/compiled.h"
#include <string.h>

#define NEVER 1000000 /* a step that is never reached */

static sheaf_view *view_of(const struct compiled *c, int value)
{
    return &c->values[value].view;
}

static struct instruction *maker(const struct compiled *c, int value)
{
    return &c->instructions[c->values[value].instruction];
}

/* ---- what is needed ---- */

static void use(struct compiled *c, int value)
{
    if (value >= 0)
        c->values[value].uses++;
}

static bool is_used(const struct compiled *c, const struct instruction *i)
{
    for (int k = 0; k < i->nout; k++)
        if (c->values[i->first + k].uses)
            return true;
    return false;
}

static void count_uses(struct compiled *c)
{
    for (int k = 0; k < c->nout; k++)
        use(c, c->outputs[k]);
    for (int k = c->ninstructions - 1; k >= 0; k--) {
        const struct instruction *i = &c->instructions[k];
        if (!is_used(c, i))
            continue;
        for (int j = 0; j < i->nin; j++)
            use(c, i->in[j]);
        use(c, i->weights);
        use(c, i->edges);
    }
}

/* ---- what goes together ---- */

static bool same_shape(const sheaf_view *a, const sheaf_view *b)
{
    if (a->ndim != b->ndim)
        return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

static bool any_varies(const struct compiled *c, const struct instruction *i)
{
    for (int k = 0; k < i->nin; k++)
        if (c->values[i->in[k]].varies)
            return true;
    return false;
}

/* Elementwise on more than one element of a shape that is known. */
static bool is_link(const struct compiled *c, const struct instruction *i)
{
    return i->kind == INSTRUCTION_CALL && op_is_elementwise(i->op) && !any_varies(c, i) &&
           sheaf_view_size(view_of(c, i->first)) > 1;
}

/* The axes of a reduction or scan that can end a chain; none: it cannot. */
static struct fuse_axes axes_of(const struct compiled *c, const struct instruction *i)
{
    if (i->kind != INSTRUCTION_CALL || i->weights >= 0 || any_varies(c, i) ||
        sheaf_view_size(view_of(c, i->in[0])) <= 1)
        return (struct fuse_axes){0, 0};
    return fuse_axes(i->op, i->options, view_of(c, i->in[0])->ndim);
}

/* The shape that the instruction's pass goes over. */
static const sheaf_view *pass_shape(const struct compiled *c, const struct instruction *i)
{
    return view_of(c, op_is_elementwise(i->op) ? i->first : i->in[0]);
}

static void classify(struct compiled *c)
{
    for (int k = 0; k < c->ninstructions; k++) {
        struct instruction *i = &c->instructions[k];
        i->link = is_link(c, i);
        i->axes = axes_of(c, i);
    }
}

static bool is_fusible(const struct instruction *i)
{
    return i->link || i->axes.count > 0;
}

static int later(int a, int b)
{
    return a > b ? a : b;
}

/* The stage that an instruction can run in at the earliest. */
static int earliest(const struct compiled *c, const struct instruction *i)
{
    int stage = 0;
    if (i->kind <= INSTRUCTION_CONSTANT)
        return 0;
    const bool fusible = is_fusible(i), free = i->kind == INSTRUCTION_SLICE;
    for (int k = 0; k < i->nin; k++) {
        const struct instruction *from = maker(c, i->in[k]);
        const bool together = fusible && from->link && same_shape(pass_shape(c, i), view_of(c, from->first));
        stage = later(stage, from->stage + !(together || (free && from->stage == 0)));
    }
    if (i->weights >= 0)
        stage = later(stage, maker(c, i->weights)->stage + 1);
    if (i->edges >= 0)
        stage = later(stage, maker(c, i->edges)->stage + 1);
    return stage;
}

static bool uses_value(const struct instruction *i, int value)
{
    for (int k = 0; k < i->nin; k++)
        if (i->in[k] == value)
            return true;
    return i->weights == value || i->edges == value;
}

static bool is_output(const struct compiled *c, int value)
{
    for (int k = 0; k < c->nout; k++)
        if (c->outputs[k] == value)
            return true;
    return false;
}

/* Elementwise work runs where it is first used, so that its result need not be kept until then. */
static void sink(struct compiled *c, int at)
{
    struct instruction *i = &c->instructions[at];
    int stage = NEVER;
    if (!i->link || is_output(c, i->first))
        return;
    for (int k = at + 1; k < c->ninstructions; k++) {
        const struct instruction *user = &c->instructions[k];
        if (user->stage < 0 || !uses_value(user, i->first))
            continue;
        if (!is_fusible(user) || !same_shape(pass_shape(c, user), view_of(c, i->first)))
            return;
        stage = user->stage < stage ? user->stage : stage;
    }
    i->stage = stage == NEVER ? i->stage : stage;
}

static void assign_stages(struct compiled *c)
{
    for (int k = 0; k < c->ninstructions; k++)
        c->instructions[k].stage = is_used(c, &c->instructions[k]) ? earliest(c, &c->instructions[k]) : -1;
    for (int k = c->ninstructions - 1; k >= 0; k--)
        if (c->instructions[k].stage > 0)
            sink(c, k);
}

/* ---- steps ---- */

/* Whether the instruction could run in one pass with the leader. */
static bool joins(const struct compiled *c, const struct instruction *leader, int k, const bool *taken)
{
    const struct instruction *i = &c->instructions[k];
    return !taken[k] && i->stage == leader->stage && is_fusible(i) &&
           same_shape(pass_shape(c, i), pass_shape(c, leader));
}

/* Whether elementwise work is better done in the pass of its users, none of which is among those chosen so far. */
static bool belongs_elsewhere(const struct compiled *c, int k, const bool *taken, const bool *chosen)
{
    const struct instruction *i = &c->instructions[k];
    bool used = false;
    if (!op_is_elementwise(i->op) || is_output(c, i->first))
        return false;
    for (int j = k + 1; j < c->ninstructions; j++) {
        if (c->instructions[j].stage < 0 || !uses_value(&c->instructions[j], i->first))
            continue;
        if (chosen[j] || !joins(c, i, j, taken))
            return false;
        used = true;
    }
    return used;
}

/* A group of those that could run with instruction `first`, marked in `taken`: the reductions and scans of a pass go
 * over the same axes, so that `first` itself may have to wait for another. */
static int collect(const struct compiled *c, int first, bool *taken, bool *chosen, int *group)
{
    const struct instruction *leader = &c->instructions[first];
    struct fuse_axes axes = {0, 0};
    int n = 0;
    if (!is_fusible(leader)) {
        taken[first] = true;
        group[0] = first;
        return 1;
    }
    for (int k = first; k < c->ninstructions && !axes.count; k++)
        if (joins(c, leader, k, taken))
            axes = c->instructions[k].axes;
    for (int k = c->ninstructions - 1; k >= 0; k--) {
        chosen[k] = false;
        if (k < first || !joins(c, leader, k, taken))
            continue;
        const struct fuse_axes own = c->instructions[k].axes;
        chosen[k] = (!own.count || fuse_same_axes(own, axes)) && !belongs_elsewhere(c, k, taken, chosen);
    }
    for (int k = first; k < c->ninstructions; k++)
        if (chosen[k]) {
            taken[k] = true;
            group[n++] = k;
        }
    return n;
}

struct fusing {
    struct fuse fuse;
    struct fuse_step steps[FUSE_MOST_STEPS];
    struct fuse_end ends[FUSE_MOST_ENDS];
    int values[FUSE_MOST_INPUTS + FUSE_MOST_STEPS]; /* of the program */
    int made[FUSE_MOST_ENDS * 5], nmade;
};

/* The number in the pass of a value of the program; -1: too many inputs. */
static int value_in(struct fusing *f, const int *inputs, int value)
{
    for (int k = 0; k < f->fuse.nsteps; k++)
        if (f->values[FUSE_MOST_INPUTS + k] == value)
            return f->fuse.nin + k;
    for (int k = 0; k < f->fuse.nin; k++)
        if (inputs[k] == value)
            return k;
    return -1;
}

/* The inputs of the pass: what no link of it makes. What nothing but the pass uses stays inside of it. */
static bool gather_inputs(struct compiled *c, const int *group, int n, const bool *chosen, struct fusing *f)
{
    for (int g = 0; g < n; g++) {
        const struct instruction *i = &c->instructions[group[g]];
        for (int k = 0; k < i->nin; k++) {
            struct value *v = &c->values[i->in[k]];
            bool known = chosen[v->instruction];
            v->inside = known && --v->uses == 0;
            for (int j = 0; j < f->fuse.nin && !known; j++)
                known = f->values[j] == i->in[k];
            if (known)
                continue;
            if (f->fuse.nin == FUSE_MOST_INPUTS)
                return false;
            f->values[f->fuse.nin++] = i->in[k];
        }
    }
    return true;
}

static bool add_end(struct fusing *f, int value, const struct instruction *reduction, int first, int nout)
{
    if (f->fuse.nends == FUSE_MOST_ENDS)
        return false;
    f->ends[f->fuse.nends++] = (struct fuse_end){value, reduction ? reduction->op : NULL,
                                                 reduction ? options_or_default(reduction->options) : NULL};
    for (int k = 0; k < nout; k++)
        f->made[f->nmade++] = first + k;
    return true;
}

static bool add_links(struct compiled *c, const int *group, int n, struct fusing *f)
{
    for (int g = 0; g < n; g++) {
        const struct instruction *i = &c->instructions[group[g]];
        if (!op_is_elementwise(i->op))
            continue;
        if (f->fuse.nsteps == FUSE_MOST_STEPS)
            return false;
        struct fuse_step *s = &f->steps[f->fuse.nsteps];
        s->op = i->op;
        s->fast = i->options && i->options->fast;
        for (int k = 0; k < i->nin; k++)
            s->in[k] = value_in(f, f->values, i->in[k]);
        f->values[FUSE_MOST_INPUTS + f->fuse.nsteps++] = i->first;
    }
    return true;
}

static bool add_ends(struct compiled *c, const int *group, int n, struct fusing *f)
{
    for (int g = 0; g < n; g++) {
        const struct instruction *i = &c->instructions[group[g]];
        const bool link = op_is_elementwise(i->op);
        if (link && c->values[i->first].inside)
            continue;
        if (!add_end(f, value_in(f, f->values, link ? i->first : i->in[0]), link ? NULL : i, i->first, i->nout))
            return false;
    }
    return true;
}

static void *copy_of(struct binder *b, const void *from, size_t size)
{
    void *to = bind_alloc(b, size);
    if (to && size)
        memcpy(to, from, size);
    return to;
}

/* The group as one pass; left as it is where that would be too large. */
static bool fuse_group(struct binder *b, const int *group, const bool *chosen, struct step *step)
{
    struct compiled *c = b->c;
    struct fusing *f = is_fusible(&c->instructions[group[0]]) ? bind_alloc(b, sizeof *f) : NULL;
    if (!f)
        return !b->status;
    if (!gather_inputs(c, group, step->n, chosen, f) || !add_links(c, group, step->n, f) ||
        !add_ends(c, group, step->n, f)) {
        for (int g = 0; g < step->n; g++)
            c->values[c->instructions[group[g]].first].inside = false;
        return true;
    }
    f->fuse.steps = f->steps;
    f->fuse.ends = f->ends;
    step->fuse = &f->fuse;
    step->inputs = f->values;
    step->made = f->made;
    step->nmade = f->nmade;
    return true;
}

static bool make_steps(struct binder *b)
{
    struct compiled *c = b->c;
    const size_t n = (size_t)c->ninstructions;
    bool *taken = bind_alloc(b, n), *chosen = bind_alloc(b, n);
    int *group = bind_alloc(b, n * sizeof *group), last = 0;
    c->steps = bind_alloc(b, n * sizeof *c->steps);
    if (!taken || !chosen || !group || !c->steps)
        return false;
    for (int k = 0; k < c->ninstructions; k++)
        last = later(last, c->instructions[k].stage);
    for (int stage = 0; stage <= last; stage++)
        for (int k = 0; k < c->ninstructions;) {
            const struct instruction *i = &c->instructions[k];
            if (taken[k] || i->stage != stage || i->kind <= INSTRUCTION_CONSTANT) {
                k++;
                continue;
            }
            struct step *step = &c->steps[c->nsteps++];
            step->n = collect(c, k, taken, chosen, group);
            step->instructions = copy_of(b, group, (size_t)step->n * sizeof *group);
            if (!step->instructions || !fuse_group(b, step->instructions, chosen, step))
                return false;
        }
    return true;
}

/* ---- memory ---- */

static size_t bytes_of(const struct compiled *c, int value)
{
    const struct value *v = &c->values[value];
    if (v->inside || v->output >= 0 || maker(c, value)->kind < INSTRUCTION_SIZE)
        return 0;
    return (size_t)sheaf_view_size(&v->view) * sheaf_dtype_size(v->view.dtype);
}

/* Until when each value's memory is needed: by itself, and by what shows it. */
static void find_last_uses(struct compiled *c)
{
    for (int s = 0; s < c->nsteps; s++)
        for (int g = 0; g < c->steps[s].n; g++) {
            const struct instruction *i = &c->instructions[c->steps[s].instructions[g]];
            for (int k = 0; k < i->nin; k++) {
                c->values[i->in[k]].last = s;
                c->values[c->values[i->in[k]].root].last = s;
            }
            if (i->weights >= 0)
                c->values[i->weights].last = c->values[c->values[i->weights].root].last = s;
            if (i->edges >= 0)
                c->values[i->edges].last = c->values[c->values[i->edges].root].last = s;
            for (int k = 0; k < i->nout; k++)
                c->values[i->first + k].last = later(c->values[i->first + k].last, s);
        }
    for (int k = 0; k < c->nout; k++)
        c->values[c->outputs[k]].last = c->values[c->values[c->outputs[k]].root].last = NEVER;
}

static bool list_done(struct binder *b)
{
    struct compiled *c = b->c;
    size_t now = 0;
    for (int s = 0; s < c->nsteps; s++) {
        struct step *step = &c->steps[s];
        int *done = bind_alloc(b, (size_t)c->nvalues * sizeof *done);
        if (!done)
            return false;
        for (int g = 0; g < step->n; g++) {
            const struct instruction *i = &c->instructions[step->instructions[g]];
            for (int k = 0; k < i->nout; k++)
                now += bytes_of(c, i->first + k);
        }
        c->scratch = now > c->scratch ? now : c->scratch;
        for (int v = 0; v < c->nvalues; v++)
            if (c->values[v].last == s && maker(c, v)->kind >= INSTRUCTION_SIZE) {
                done[step->ndone++] = v;
                now -= bytes_of(c, v);
            }
        step->done = done;
    }
    return true;
}

/* Outputs that are computed where they belong: all but views, inputs, constants and a value's second output. */
static void place_outputs(struct compiled *c)
{
    for (int k = 0; k < c->nout; k++) {
        struct value *v = &c->values[c->outputs[k]];
        if (maker(c, c->outputs[k])->kind >= INSTRUCTION_CALL && v->output < 0)
            v->output = k;
    }
}

static void sum_up(struct compiled *c)
{
    for (int k = 0; k < c->ninstructions; k++) {
        const struct instruction *i = &c->instructions[k];
        sheaf_view in[SHEAF_MAX_INPUTS];
        if (i->kind == INSTRUCTION_FOREIGN) /* who knows: the larger, the dearer */
            c->cost += (double)sheaf_view_size(view_of(c, i->in[0]));
        if (i->kind != INSTRUCTION_CALL || i->stage < 0 || i->nin > SHEAF_MAX_INPUTS)
            continue;
        for (int j = 0; j < i->nin; j++)
            view_assign(&in[j], view_of(c, i->in[j]));
        c->cost += op_cost(i->op, i->nin, in) + 50;
    }
}

bool compile_steps(struct binder *b)
{
    count_uses(b->c);
    classify(b->c);
    assign_stages(b->c);
    place_outputs(b->c);
    if (!make_steps(b))
        return false;
    find_last_uses(b->c);
    sum_up(b->c);
    return list_done(b);
}
