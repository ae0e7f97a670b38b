/* Tokens taken one by one, messages about them, and new nodes. */

#include "lang/parser.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- tokens ---- */

void parser_advance(struct parser *p)
{
    p->end = p->token.span.at + p->token.span.length + (p->token.kind == TOKEN_STRING);
    if (!p->status)
        p->status = lex(p->tree, p->end, &p->token, p->error);
}

bool parser_next_is(const struct parser *p, const char *word)
{
    return (p->token.kind == TOKEN_OPERATOR || p->token.kind == TOKEN_NAME) && span_is(p->tree, p->token.span, word);
}

bool parser_accept(struct parser *p, const char *word)
{
    const bool is = parser_next_is(p, word);
    if (is)
        parser_advance(p);
    return is;
}

struct node *parser_refuse(struct parser *p, struct span here, const char *format, ...)
{
    char message[300];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    if (!p->status)
        p->status = tree_refuse(p->tree, here, SHEAF_INVALID, p->error, "%s", message);
    return NULL;
}

/* The next token as it is told to the reader. */
const char *parser_shown(const struct parser *p, char text[80])
{
    if (p->token.kind == TOKEN_END)
        return "the end";
    const int n = p->token.span.length;
    snprintf(text, 80, "\"%.*s\"", n < 60 ? n : 60, p->tree->text + p->token.span.at);
    return text;
}

bool parser_expect(struct parser *p, const char *word, const char *where)
{
    char text[80];
    if (p->status || parser_accept(p, word))
        return !p->status;
    parser_refuse(p, p->token.span, "expected \"%s\" %s, found %s", word, where, parser_shown(p, text));
    return false;
}

/* ---- nodes ---- */

struct node *node_new(struct parser *p, enum node_kind kind, struct span here)
{
    struct node *n = arena_alloc(&p->tree->arena, sizeof *n, alignof(struct node));
    if (!n) {
        if (!p->status)
            p->status = sheaf_error_set(p->error, SHEAF_NO_MEMORY, "no memory for the program");
        return NULL;
    }
    memset(n, 0, sizeof *n);
    n->kind = kind;
    n->here = n->whole = here;
    n->id = p->tree->nnodes++;
    return n;
}

void node_append(struct parser *p, struct node *parent, struct node *child)
{
    struct node **at = &parent->first;
    while (*at)
        at = &(*at)->next;
    *at = child;
    parent->height = child->height >= parent->height ? child->height + 1 : parent->height;
    if (parent->height > LANG_HIGHEST)
        parser_refuse(p, parent->here, "more than %d operations inside each other; name a part of it with name = …;",
                      LANG_HIGHEST);
}

/* Whether the parse may go one level deeper; leave() when it has. */
bool parser_enter(struct parser *p)
{
    if (p->status)
        return false;
    if (p->depth == LANG_DEEPEST) {
        parser_refuse(p, p->token.span, "more than %d levels of brackets; name a part of it with name = …;",
                      LANG_DEEPEST);
        return false;
    }
    p->depth++;
    return true;
}

void node_close(const struct parser *p, struct node *n, int from)
{
    n->whole = (struct span){from, p->end - from};
}

struct node *node_call(struct parser *p, const struct op *op, struct span here)
{
    struct node *n = node_new(p, NODE_CALL, here);
    if (n)
        n->op = op;
    p->tree->varies = p->tree->varies || (op && op_varies(op));
    p->tree->indivisible = p->tree->indivisible || (op && !op_divisible(op));
    return n;
}
