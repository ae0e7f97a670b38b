/* The steps as text. */

#include "lang/compiled.h"
#include "lang/lang.h"
#include "ops/fuse.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writing {
    const struct compiled *c;
    sheaf_write_fn *write;
    void *user;
    char line[1024];
};

static void add(struct writing *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct writing *w, const char *format, ...)
{
    va_list list;
    const size_t n = strlen(w->line);
    va_start(list, format);
    vsnprintf(w->line + n, sizeof w->line - n, format, list);
    va_end(list);
}

static uint64_t bytes_of(const struct compiled *c, int value)
{
    const sheaf_view *v = &c->values[value].view;
    return (uint64_t)sheaf_view_size(v) * sheaf_dtype_size(v->dtype);
}

/* The value as the text has it, cut where it is long. */
static void add_value(struct writing *w, int value)
{
    const struct compiled *c = w->c;
    const struct instruction *i = &c->instructions[c->values[value].instruction];
    if (i->kind == INSTRUCTION_INPUT)
        add(w, "%s", c->tree->names[value]);
    else if (i->kind == INSTRUCTION_CONSTANT)
        add(w, "constant");
    else if (i->kind == INSTRUCTION_COUNT)
        add(w, "index");
    else
        add(w, "t%d", value);
}

static void add_instruction(struct writing *w, const struct instruction *i)
{
    add_value(w, i->first);
    add(w, " = %s(",
        i->kind == INSTRUCTION_SLICE     ? "slice"
        : i->kind == INSTRUCTION_SIZE    ? "size"
        : i->kind == INSTRUCTION_FOREIGN ? i->foreign->name
                                         : i->op->info.name);
    for (int k = 0; k < i->nin; k++) {
        add(w, k ? ", " : "");
        add_value(w, i->in[k]);
    }
    add(w, ")");
}

static bool makes(const struct compiled *c, const struct step *s, int value)
{
    for (int g = 0; g < s->n; g++)
        if (s->instructions[g] == c->values[value].instruction)
            return true;
    return false;
}

/* What comes from memory and goes there: each input once. */
static void count_bytes(const struct compiled *c, const struct step *s, uint64_t *read, uint64_t *written)
{
    *read = *written = 0;
    if (s->fuse)
        for (int k = 0; k < s->fuse->nin; k++)
            *read += bytes_of(c, s->inputs[k]);
    for (int g = 0; g < s->n; g++) {
        const struct instruction *i = &c->instructions[s->instructions[g]];
        for (int k = 0; k < i->nin && !s->fuse && i->kind >= INSTRUCTION_CALL; k++)
            *read += makes(c, s, i->in[k]) ? 0 : bytes_of(c, i->in[k]);
        for (int k = 0; k < i->nout && i->kind >= INSTRUCTION_CALL; k++)
            *written += c->values[i->first + k].inside ? 0 : bytes_of(c, i->first + k);
    }
}

static sheaf_status flush(struct writing *w, sheaf_error *error)
{
    add(w, "\n");
    const bool went = w->write(w->line, strlen(w->line), w->user);
    w->line[0] = '\0';
    return went ? SHEAF_OK : sheaf_error_set(error, SHEAF_IO, "the text could not be written");
}

static void add_shape(struct writing *w, int value)
{
    const sheaf_view *v = &w->c->values[value].view;
    char text[SHAPE_TEXT];
    add(w, "%s %s", sheaf_dtype_name(v->dtype), shape_text(v->ndim, v->shape, text));
}

sheaf_status program_explain(const struct compiled *c, sheaf_write_fn *write, void *user, sheaf_error *error)
{
    struct writing w = {.c = c, .write = write, .user = user};
    sheaf_status status = SHEAF_OK;
    for (int s = 0; s < c->nsteps && !status; s++) {
        const struct step *step = &c->steps[s];
        uint64_t read, written;
        count_bytes(c, step, &read, &written);
        add(&w, "step %d: %s, reads %llu bytes, writes %llu", s + 1,
            step->n == 1 ? "one function"
            : step->fuse ? "one pass"
                         : "one after the other",
            (unsigned long long)read, (unsigned long long)written);
        status = flush(&w, error);
        for (int g = 0; g < step->n && !status; g++) {
            const struct instruction *i = &c->instructions[step->instructions[g]];
            add(&w, "  ");
            add_instruction(&w, i);
            add(&w, ": ");
            add_shape(&w, i->first);
            add(&w, "%s", c->values[i->first].inside ? ", in tiles" : c->values[i->first].varies ? ", at most" : "");
            status = flush(&w, error);
        }
    }
    if (!status) {
        add(&w, "scratch: %zu bytes between steps", c->scratch);
        status = flush(&w, error);
    }
    return status;
}
