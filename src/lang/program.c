/* A parsed program, and what it became for each signature of inputs. */

#include "base/alloc.h"
#include "lang/compiled.h"
#include "lang/lang.h"
#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MOST_KEPT 32 /* signatures; what comes later is made anew each time */
#define LONGEST_NAME 400

struct program {
    struct tree tree;
    int nout;
    char *names[SHEAF_MAX_OUTPUTS];
    bool unfused;
    _Atomic(struct compiled *) kept;
    atomic_int nkept;
};

/* ---- names of the outputs ---- */

/* The function whose several outputs this expression is, if so. */
static const struct op *several(const struct tree *tree, const struct node *n)
{
    while (n->kind == NODE_VARIABLE)
        n = tree->variables[n->variable].value;
    return n->kind == NODE_CALL && n->op->info.nout > 1 ? n->op : NULL;
}

/* The text of an expression on one line. */
static size_t squeeze(const struct tree *tree, struct span s, char *to)
{
    size_t n = 0;
    bool comment = false;
    for (int i = s.at; i < s.at + s.length && n < LONGEST_NAME - 50; i++) {
        const char c = tree->text[i];
        comment = c == '#' || (comment && c != '\n');
        const bool blank = comment || isspace((unsigned char)c);
        if (!blank)
            to[n++] = c;
        else if (n > 0 && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    while (n > 0 && to[n - 1] == ' ')
        n--;
    to[n] = '\0';
    return n;
}

static bool is_plain_call(const struct tree *tree, const struct node *n)
{
    const struct node *x = n->kind == NODE_CALL ? n->first : NULL;
    return x && !x->next && x->kind == NODE_ARRAY && span_is(tree, x->whole, tree->bases[0]);
}

/* Of output statement s its part k: "lo", "mean(x)", "stats.min". */
static void output_name(const struct tree *tree, const struct statement *s, const struct op *op, int k, char *to)
{
    if (op && s->name.length == 0 && is_plain_call(tree, s->value))
        snprintf(to, LONGEST_NAME, "%s", op->info.name);
    else
        squeeze(tree, s->name.length ? s->name : s->value->whole, to);
    const char *w = op ? op->info.outputs : "";
    for (int skip = 0; skip < k; skip++) {
        w += strcspn(w, " ");
        w += strspn(w, " ");
    }
    if (op)
        snprintf(to + strlen(to), 50, ".%.*s", (int)strcspn(w, " "), w);
}

static sheaf_status add_name(struct program *p, const struct statement *s, const char *name, sheaf_error *error)
{
    for (int k = 0; k < p->nout; k++)
        if (strcmp(p->names[k], name) == 0)
            return tree_refuse(&p->tree, s->value->whole, SHEAF_INVALID, error,
                               "two outputs are called \"%.100s\": give one a name, name=…", name);
    if (p->nout == SHEAF_MAX_OUTPUTS)
        return tree_refuse(&p->tree, s->value->whole, SHEAF_INVALID, error, "more than %d outputs", SHEAF_MAX_OUTPUTS);
    p->names[p->nout] = mem_strdup(name);
    if (!p->names[p->nout])
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    p->nout++;
    return SHEAF_OK;
}

static sheaf_status name_outputs(struct program *p, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    char name[LONGEST_NAME];
    for (int o = 0; o < p->tree.noutputs; o++) {
        const struct statement *s = &p->tree.outputs[o];
        const struct op *op = several(&p->tree, s->value);
        for (int k = 0; k < (op ? op->info.nout : 1) && !status; k++) {
            output_name(&p->tree, s, op, k, name);
            status = add_name(p, s, name, error);
        }
    }
    return status;
}

sheaf_status program_parse(const char *text, int nnames, const char *const *names, int nforeign,
                           const struct foreign *foreign, struct program **out, sheaf_error *error)
{
    struct program *p = mem_calloc(1, sizeof *p);
    *out = NULL;
    if (!p)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    sheaf_status status = tree_parse(&p->tree, text, nnames, names, nforeign, foreign, error);
    if (!status)
        status = name_outputs(p, error);
    if (status) {
        program_free(p);
        return status;
    }
    *out = p;
    return SHEAF_OK;
}

void program_free(struct program *p)
{
    if (!p)
        return;
    for (struct compiled *c = atomic_load(&p->kept), *next; c; c = next) {
        next = c->next;
        compiled_free(c);
    }
    for (int k = 0; k < p->nout; k++)
        mem_free(p->names[k]);
    tree_clear(&p->tree);
    mem_free(p);
}

void program_set_unfused(struct program *p)
{
    p->unfused = true;
}

const char *program_text(const struct program *p)
{
    return p->tree.text;
}

int program_nin(const struct program *p)
{
    return p->tree.nnames;
}

const char *program_input_name(const struct program *p, int k)
{
    return p->tree.names[k];
}

const char *program_input_base(const struct program *p, int k, const char **part)
{
    *part = p->tree.arrays[k].part;
    return p->tree.bases[p->tree.arrays[k].base];
}

bool program_may_vary(const struct program *p)
{
    return p->tree.varies;
}

bool program_names_axes(const struct program *p)
{
    return p->tree.strings;
}

bool program_divisible(const struct program *p)
{
    return !p->tree.indivisible;
}

int program_nout(const struct program *p)
{
    return p->nout;
}

const char *program_output_name(const struct program *p, int k)
{
    return p->names[k];
}

/* ---- signatures ---- */

static bool same_names(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_signature(const struct compiled *c, const sheaf_view *in, const char *const *dims)
{
    for (int k = 0; k < c->nin; k++) {
        const sheaf_view *a = &c->inputs[k], *b = &in[k];
        if (a->dtype != b->dtype || a->ndim != b->ndim || !same_names(c->dims[k], dims ? dims[k] : NULL))
            return false;
        for (int i = 0; i < a->ndim; i++)
            if (a->shape[i] != b->shape[i])
                return false;
    }
    return true;
}

void compiled_free(struct compiled *c)
{
    if (!c)
        return;
    mem_free(c->values);
    mem_free(c->instructions);
    arena_free(&c->arena);
    mem_free(c);
}

void compiled_release(const struct compiled *c)
{
    if (c && !c->kept)
        compiled_free((struct compiled *)(uintptr_t)c);
}

static bool bind_outputs(struct binder *b)
{
    struct compiled *c = b->c;
    struct bound x;
    for (int v = 0; v < b->tree->nvariables; v++)
        if (!bind_node(b, b->tree->variables[v].value, &b->variables[v]))
            return false;
    for (int o = 0; o < b->tree->noutputs; o++) {
        const struct node *n = b->tree->outputs[o].value;
        if (!bind_node(b, n, &x))
            return false;
        if (x.kind == BOUND_VALUES && x.n > 1) {
            for (int k = 0; k < x.n; k++)
                c->outputs[c->nout++] = x.first + k;
            continue;
        }
        if (x.kind == BOUND_WORD)
            return bind_refuse(b, n->whole, SHEAF_INVALID, "this is no array");
        if (!bind_value(b, &x, SHEAF_DTYPE_COUNT, n, &c->outputs[c->nout]))
            return false;
        c->nout++;
    }
    return true;
}

/* The signature's own copy. */
static bool copy_signature(struct binder *b, const sheaf_view *in, const char *const *dims)
{
    struct compiled *c = b->c;
    c->inputs = bind_alloc(b, (size_t)c->nin * sizeof *c->inputs);
    c->dims = bind_alloc(b, (size_t)c->nin * sizeof *c->dims);
    for (int k = 0; k < c->nin && c->inputs && c->dims; k++) {
        view_assign(&c->inputs[k], &in[k]);
        const size_t n = dims && dims[k] ? strlen(dims[k]) + 1 : 0;
        char *copy = n ? bind_alloc(b, n) : NULL;
        if (n && !copy)
            return false;
        c->dims[k] = n ? memcpy(copy, dims[k], n) : NULL;
    }
    return c->inputs && c->dims;
}

static sheaf_status make(const struct program *p, const sheaf_view *in, const char *const *dims, struct compiled *c,
                         sheaf_error *error)
{
    const int nin = p->tree.nnames;
    struct binder b = {.tree = &p->tree, .c = c, .error = error};
    c->tree = &p->tree;
    c->nin = nin;
    c->unfused = p->unfused;
    b.seen = bind_alloc(&b, ((size_t)p->tree.nnodes + 1) * sizeof *b.seen);
    b.variables = bind_alloc(&b, (size_t)p->tree.nvariables * sizeof *b.variables);
    if (b.seen && b.variables && copy_signature(&b, in, dims) && compile_inputs(&b, nin, in, c->dims) &&
        bind_outputs(&b))
        compile_steps(&b);
    return b.status;
}

/* Keep it, unless there are many, or another thread has made it too. */
static void keep(struct program *p, struct compiled *c)
{
    if (atomic_load_explicit(&p->nkept, memory_order_relaxed) >= MOST_KEPT) /* written by nobody any more */
        return;
    if (atomic_fetch_add(&p->nkept, 1) >= MOST_KEPT) {
        atomic_fetch_sub(&p->nkept, 1);
        return;
    }
    c->kept = true;
    c->next = atomic_load(&p->kept);
    while (!atomic_compare_exchange_weak(&p->kept, &c->next, c))
        ;
}

sheaf_status program_compile(const struct program *program, const sheaf_view *in, const char *const *dims,
                             const struct compiled **out, sheaf_error *error)
{
    struct program *p = (struct program *)(uintptr_t)program; /* only the list grows */
    *out = NULL;
    dims = p->tree.strings ? dims : NULL;
    for (struct compiled *c = atomic_load(&p->kept); c; c = c->next)
        if (same_signature(c, in, dims)) {
            *out = c;
            return SHEAF_OK;
        }
    struct compiled *c = mem_calloc(1, sizeof *c);
    if (!c)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    sheaf_status status = make(p, in, dims, c, error);
    if (status) {
        compiled_free(c);
        return status;
    }
    keep(p, c);
    *out = c;
    return SHEAF_OK;
}

void compiled_output(const struct compiled *c, int k, sheaf_view *out)
{
    const sheaf_view *v = &c->values[c->outputs[k]].view;
    sheaf_view_init(out, NULL, v->dtype, v->ndim, v->shape, NULL);
}

bool compiled_varies(const struct compiled *c, int k)
{
    return c->values[c->outputs[k]].varies;
}

double compiled_cost(const struct compiled *c)
{
    return c->cost;
}

size_t compiled_scratch(const struct compiled *c)
{
    return c->scratch;
}

sheaf_status program_run(const struct compiled *c, const sheaf_view *in, int64_t index, const team *t, sheaf_view *outs,
                         const struct placer *placer, sheaf_error *error)
{
    const struct running r = {c, in, index, t, outs, placer, NULL, error};
    return compiled_run(&r);
}
