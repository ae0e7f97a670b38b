/* Programs over arrays of which memory holds parts only: each pass over them is fed. */

#include "lang/compiled.h"
#include "lang/lang.h"
#include "ops/fuse.h"
#include <string.h>

static const struct instruction *maker(const struct compiled *c, int value)
{
    return &c->instructions[c->values[value].instruction];
}

/* The far input that the value is, or -1. */
static int input_of(const struct compiled *c, const struct far *far, int value)
{
    const bool is_input = maker(c, value)->kind == INSTRUCTION_INPUT;
    return is_input && far->inputs >> value & 1 ? value : -1;
}

/* The far output that the value is, or -1. */
static int output_of(const struct compiled *c, const struct far *far, int value)
{
    const int k = c->values[value].output;
    return k >= 0 && far->outputs >> k & 1 ? k : -1;
}

static size_t element(const struct compiled *c, int value)
{
    return sheaf_dtype_size(c->values[value].view.dtype);
}

/* ---- whether ---- */

static size_t bytes_of(const struct compiled *c, int value)
{
    return (size_t)sheaf_view_size(&c->values[value].view) * element(c, value);
}

static sheaf_status refuse(const struct compiled *c, const struct instruction *i, const struct far *far, int value,
                           const char *why, sheaf_error *error)
{
    return tree_refuse(c->tree, i->here, SHEAF_UNSUPPORTED, error,
                       "%s %zu bytes at once, and the memory limit leaves %zu: raise it (--memory), or cut the "
                       "array into slices (--each)",
                       why, bytes_of(c, value), far->bytes);
}

static bool reads_far(const struct compiled *c, const struct far *far, const struct instruction *i)
{
    for (int k = 0; k < i->nin; k++)
        if (input_of(c, far, i->in[k]) >= 0)
            return true;
    return (i->weights >= 0 && input_of(c, far, i->weights) >= 0) || (i->edges >= 0 && input_of(c, far, i->edges) >= 0);
}

/* Far inputs are read in the order of the pass. */
static bool is_of_shape(const struct compiled *c, int value, int ndim, const int64_t *shape)
{
    const sheaf_view *v = &c->values[value].view;
    return v->ndim == ndim && memcmp(v->shape, shape, (size_t)ndim * sizeof *shape) == 0;
}

static bool can_be_fed(const struct compiled *c, const struct far *far, const struct step *s)
{
    sheaf_view in[FUSE_MOST_INPUTS];
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    if (!s->fuse || c->unfused)
        return false;
    for (int k = 0; k < s->fuse->nin; k++)
        view_assign(&in[k], &c->values[s->inputs[k]].view);
    if (op_broadcast("far", s->fuse->nin, in, &ndim, shape, NULL) || !fuse_can_be_fed(s->fuse, in))
        return false;
    for (int k = 0; k < s->fuse->nin; k++)
        if (input_of(c, far, s->inputs[k]) >= 0 && !is_of_shape(c, s->inputs[k], ndim, shape))
            return false;
    return true;
}

static sheaf_status check_step(const struct compiled *c, const struct far *far, const struct step *s,
                               sheaf_error *error)
{
    const struct instruction *reader = NULL;
    for (int g = 0; g < s->n; g++) {
        const struct instruction *i = &c->instructions[s->instructions[g]];
        reader = !reader && reads_far(c, far, i) ? i : reader;
        for (int k = 0; k < i->nout && i->kind >= INSTRUCTION_SIZE; k++) {
            const int value = i->first + k;
            const bool near = bytes_of(c, value) <= far->bytes / 4;
            if (!near && !c->values[value].inside && c->values[value].output < 0)
                return refuse(c, i, far, value, "a result between two steps takes", error);
        }
    }
    for (int k = 0; reader && k < reader->nin; k++)
        if (input_of(c, far, reader->in[k]) >= 0 && !can_be_fed(c, far, s))
            return refuse(c, reader, far, reader->in[k], "this needs all of the array's", error);
    return SHEAF_OK;
}

bool program_streams(const struct compiled *c, int k)
{
    const struct instruction *i = maker(c, c->outputs[k]);
    return i->kind == INSTRUCTION_CALL && (op_is_elementwise(i->op) || i->op->class == CLASS_SCAN);
}

int program_input_of(const struct compiled *c, int k)
{
    return maker(c, c->outputs[k])->kind == INSTRUCTION_INPUT ? c->outputs[k] : -1;
}

sheaf_status program_check_far(const struct compiled *c, const struct far *far, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int s = 0; s < c->nsteps && !status; s++)
        status = check_step(c, far, &c->steps[s], error);
    for (int k = 0; k < c->nout && !status; k++)
        if ((far->outputs >> k & 1) && c->values[c->outputs[k]].output != k)
            status =
                refuse(c, maker(c, c->outputs[k]), far, c->outputs[k], "an array that is not computed takes", error);
    return status;
}

/* ---- running ---- */

bool far_uses(const struct running *r, const struct step *s)
{
    if (!r->far || !s->fuse)
        return false;
    for (int k = 0; k < s->fuse->nin; k++)
        if (input_of(r->c, r->far, s->inputs[k]) >= 0)
            return true;
    for (int k = 0; k < s->nmade; k++)
        if (output_of(r->c, r->far, s->made[k]) >= 0)
            return true;
    return false;
}

struct feeding {
    const struct running *r;
    const struct step *s;
};

static struct far_part part_of(const struct fuse_region *r, size_t size)
{
    return (struct far_part){r->first * size, r->runs, r->length * size, r->pitch * size};
}

static sheaf_status fetch(void *self, const struct fuse_region *region, sheaf_error *error)
{
    const struct feeding *f = self;
    const struct compiled *c = f->r->c;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < f->s->fuse->nin && !status; k++) {
        const int input = input_of(c, f->r->far, f->s->inputs[k]);
        const struct far_part part = part_of(region, element(c, f->s->inputs[k]));
        if (input >= 0)
            status = f->r->far->fetch(f->r->far->self, input, &part, error);
    }
    return status;
}

static sheaf_status release(void *self, const struct fuse_region *region, sheaf_error *error)
{
    const struct feeding *f = self;
    const struct compiled *c = f->r->c;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < f->s->fuse->nin; k++) {
        const int input = input_of(c, f->r->far, f->s->inputs[k]);
        const struct far_part part = part_of(region, element(c, f->s->inputs[k]));
        if (input >= 0)
            f->r->far->drop(f->r->far->self, input, &part);
    }
    for (int k = 0; k < f->s->nmade && !status; k++) {
        const int output = output_of(c, f->r->far, f->s->made[k]);
        const struct far_part part = part_of(region, element(c, f->s->made[k]));
        if (output >= 0)
            status = f->r->far->written(f->r->far->self, output, &part, error);
    }
    return status;
}

sheaf_status far_pass(const struct running *r, const struct step *s, const sheaf_view *in, const sheaf_view *outs,
                      sheaf_error *error)
{
    struct feeding f = {r, s};
    size_t each = 0;
    for (int k = 0; k < s->fuse->nin; k++)
        each += input_of(r->c, r->far, s->inputs[k]) >= 0 ? element(r->c, s->inputs[k]) : 0;
    for (int k = 0; k < s->nmade; k++)
        each += output_of(r->c, r->far, s->made[k]) >= 0 ? element(r->c, s->made[k]) : 0;
    const struct fuse_feed feed = {&f, r->far->bytes / each, fetch, release};
    return fuse_run_fed(s->fuse, in, r->team, outs, &feed, error);
}

sheaf_status program_run_far(const struct compiled *c, const sheaf_view *in, int64_t index, const team *t,
                             sheaf_view *outs, const struct far *far, sheaf_error *error)
{
    const struct running r = {c, in, index, t, outs, NULL, far, error};
    return compiled_run(&r);
}
