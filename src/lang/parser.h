#ifndef SHEAF_LANG_PARSER_H
#define SHEAF_LANG_PARSER_H

/* A text while it becomes a tree. Functions that return a node return NULL once p->status is set. */

#include "lang/lex.h"

struct parser {
    struct tree *tree;
    struct token token; /* the next one */
    int end;            /* of the one before */
    int depth;
    sheaf_error *error;
    sheaf_status status;
};

/* ---- parser.c ---- */

void parser_advance(struct parser *p);
bool parser_next_is(const struct parser *p, const char *word);
bool parser_accept(struct parser *p, const char *word); /* advance if it is next */
bool parser_expect(struct parser *p, const char *word, const char *where);
/* Set the status, unless one is set already; NULL. */
struct node *parser_refuse(struct parser *p, struct span here, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The next token as it is told to the reader. */
const char *parser_shown(const struct parser *p, char text[80]);
/* Whether the parse may go one level deeper; p->depth-- when it has. */
bool parser_enter(struct parser *p);
struct node *node_new(struct parser *p, enum node_kind kind, struct span here);
struct node *node_call(struct parser *p, const struct op *op, struct span here);
void node_append(struct parser *p, struct node *parent, struct node *child);
void node_close(const struct parser *p, struct node *n, int from); /* its expression ends here */

/* ---- names.c: numbers of what is called so, -1 or NULL where nothing is ---- */

void name_copy(const struct tree *tree, struct span s, char name[64]);
const struct weak *name_constant(const struct tree *tree, struct span s);
const struct op *name_function(const struct parser *p, struct span s);
int name_foreign(const struct tree *tree, struct span s);
int name_variable(const struct tree *tree, struct span s);
int name_array(const struct tree *tree, struct span s);
bool name_is_reserved(const struct tree *tree, struct span s);
struct node *name_unknown(struct parser *p, struct span s, bool called);
struct node *name_refuse_word(struct parser *p); /* the next token, a word that does not work on arrays */
void name_check_new(struct parser *p, struct span s);

/* ---- primary.c, parse.c ---- */

struct node *parse_primary(struct parser *p);
struct node *parse_argument(struct parser *p); /* value, or name=value */
/* Operators that bind closer than `least`. */
struct node *parse_expression(struct parser *p, int least);

#endif
