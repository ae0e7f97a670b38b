#ifndef SHEAF_LANG_AST_H
#define SHEAF_LANG_AST_H

/* A program as it was written: statements, and a tree for each expression. */

#include "base/arena.h"
#include "lang/lang.h"
#include "ops/op.h"
#include <stdbool.h>
#include <stdint.h>

/* Integers of literals: wide enough for the limits of every dtype, and for sums and products of them. */
__extension__ typedef __int128 wide_int;

/* A literal, or what Python's operators make of literals: its dtype gives way to that of the arrays it meets. */
enum weak_kind {
    WEAK_BOOL,
    WEAK_INT,
    WEAK_FLOAT,
    WEAK_COMPLEX
};
struct weak {
    enum weak_kind kind;
    wide_int integer; /* also of bool */
    double re, im;    /* of float and complex */
};

enum node_kind {
    NODE_NUMBER,
    NODE_STRING,
    NODE_NONE,
    NODE_NEWAXIS,
    NODE_ELLIPSIS, /* ... */
    NODE_SLICE,    /* three children, each of them may be NODE_ABSENT */
    NODE_ABSENT,
    NODE_LIST,  /* [a, b] or (a, b) */
    NODE_ARRAY, /* an input, by number */
    NODE_COUNT, /* index: the item's number */
    NODE_VARIABLE,
    NODE_CALL,
    NODE_FOREIGN,  /* a call of a function of the user's own, by number */
    NODE_INDEX,    /* what is indexed, then the indices */
    NODE_ATTRIBUTE /* .T .shape .size .ndim .dtype, or an output's name */
};

/* A piece of the text. */
struct span {
    int at, length;
};

struct node {
    enum node_kind kind;
    bool infix;          /* a call written as an operator */
    int height;          /* levels below it */
    int id;              /* from 0 */
    struct span whole;   /* the expression */
    struct span here;    /* where its errors point: the operator, the name */
    struct span keyword; /* of an argument name=value; length 0: positional */
    struct node *first, *next;
    union {
        struct weak number;
        const struct op *op;
        int variable; /* or the number of an input */
        bool is_tuple;
    };
};

struct statement {
    struct span name; /* length 0: an output without a name */
    struct node *value;
};

enum {
    LANG_LONGEST = 65536,      /* bytes of a text */
    LANG_DEEPEST = 150,        /* levels of brackets */
    LANG_HIGHEST = 300,        /* levels of a tree */
    LANG_MOST_VARIABLES = 256, /* assignments */
    LANG_MOST_NAMES = 16       /* arrays that have names */
};

struct tree {
    const char *text; /* its own copy */
    size_t length;
    int nnames; /* arrays that it takes, and what messages call them */
    const char *names[LANG_MOST_NAMES];
    int nbases; /* names that the text has for them: several arrays where it asks for parts, as x['a'] */
    const char *bases[LANG_MOST_NAMES];
    struct {
        int base;
        const char *part; /* NULL: all of it */
    } arrays[LANG_MOST_NAMES];
    struct span whole[LANG_MOST_NAMES]; /* of each name: where it stands without a part; length 0: nowhere */
    int nvariables, noutputs, nnodes;
    struct statement variables[LANG_MOST_VARIABLES], outputs[SHEAF_MAX_OUTPUTS];
    int nforeign;
    struct foreign foreign[LANG_MOST_FOREIGN];
    bool indivisible; /* it calls what a team cannot share */
    bool strings;     /* it has strings, which may be names of dimensions */
    bool varies;      /* it has what may give results whose shape depends on the data */
    struct arena arena;
};

/* Of the text, into a zeroed tree, with these arrays' names and these functions beside the catalogue's. */
sheaf_status tree_parse(struct tree *tree, const char *text, int nnames, const char *const *names, int nforeign,
                        const struct foreign *foreign, sheaf_error *error);
void tree_clear(struct tree *tree);

/* The message, the line of the text with that place, and a caret under it. */
sheaf_status tree_refuse(const struct tree *tree, struct span here, sheaf_status status, sheaf_error *error,
                         const char *format, ...) __attribute__((format(printf, 5, 6)));
static inline bool span_is(const struct tree *tree, struct span s, const char *word)
{
    const char *t = tree->text + s.at;
    for (int i = 0; i < s.length; i++)
        if (t[i] != word[i])
            return false;
    return word[s.length] == '\0';
}

/* Whether the number of a call's arguments and their names are the function's. */
sheaf_status check_arguments(const struct tree *tree, const struct node *call, sheaf_error *error);
/* Whether keyword is the name of the function's input k. */
bool names_input(const struct tree *tree, const struct op *op, int k, struct span keyword);

/* Python's operators on literals. The operator is the catalogue's function; OK false: *why says what is wrong. */
bool weak_operate(const char *function, int n, const struct weak *in, struct weak *out, const char **why);
bool weak_is_real(const struct weak *w);
double weak_double(const struct weak *w); /* of bool, int, float */

#endif
