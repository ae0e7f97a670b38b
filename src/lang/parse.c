/* From text to trees: Python's grammar of expressions, as far as it concerns arrays (docs/language.md). */

#include "lang/lex.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct parser {
    struct tree *tree;
    struct token token; /* the next one */
    int end;            /* of the one before */
    int depth;
    sheaf_error *error;
    sheaf_status status;
};

static struct node *expression(struct parser *p, int least);

/* ---- tokens ---- */

static void advance(struct parser *p)
{
    p->end = p->token.span.at + p->token.span.length + (p->token.kind == TOKEN_STRING);
    if (!p->status)
        p->status = lex(p->tree, p->end, &p->token, p->error);
}

static bool next_is(const struct parser *p, const char *word)
{
    return (p->token.kind == TOKEN_OPERATOR || p->token.kind == TOKEN_NAME) && span_is(p->tree, p->token.span, word);
}

static bool accept(struct parser *p, const char *word)
{
    const bool is = next_is(p, word);
    if (is)
        advance(p);
    return is;
}

static struct node *refuse(struct parser *p, struct span here, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static struct node *refuse(struct parser *p, struct span here, const char *format, ...)
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
static const char *shown(const struct parser *p, char text[80])
{
    if (p->token.kind == TOKEN_END)
        return "the end";
    const int n = p->token.span.length;
    snprintf(text, 80, "\"%.*s\"", n < 60 ? n : 60, p->tree->text + p->token.span.at);
    return text;
}

static bool expect(struct parser *p, const char *word, const char *where)
{
    char text[80];
    if (p->status || accept(p, word))
        return !p->status;
    refuse(p, p->token.span, "expected \"%s\" %s, found %s", word, where, shown(p, text));
    return false;
}

/* ---- nodes ---- */

static struct node *node_new(struct parser *p, enum node_kind kind, struct span here)
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

static void append(struct parser *p, struct node *parent, struct node *child)
{
    struct node **at = &parent->first;
    while (*at)
        at = &(*at)->next;
    *at = child;
    parent->height = child->height >= parent->height ? child->height + 1 : parent->height;
    if (parent->height > LANG_HIGHEST)
        refuse(p, parent->here, "more than %d operations inside each other; name a part of it with name = …;",
               LANG_HIGHEST);
}

/* Whether the parse may go one level deeper; leave() when it has. */
static bool enter(struct parser *p)
{
    if (p->status)
        return false;
    if (p->depth == LANG_DEEPEST) {
        refuse(p, p->token.span, "more than %d levels of brackets; name a part of it with name = …;", LANG_DEEPEST);
        return false;
    }
    p->depth++;
    return true;
}

static void close_span(const struct parser *p, struct node *n, int from)
{
    n->whole = (struct span){from, p->end - from};
}

/* ---- names ---- */

static const struct {
    const char *name;
    struct weak value;
} constants[] = {
    {"pi", {.kind = WEAK_FLOAT, .re = 3.141592653589793238462643}},
    {"e", {.kind = WEAK_FLOAT, .re = 2.718281828459045235360287}},
    {"inf", {.kind = WEAK_FLOAT, .re = __builtin_inf()}},
    {"nan", {.kind = WEAK_FLOAT, .re = __builtin_nan("")}},
    {"True", {.kind = WEAK_BOOL, .integer = 1}},
    {"False", {.kind = WEAK_BOOL, .integer = 0}},
};

static void copy_name(const struct tree *tree, struct span s, char name[64])
{
    size_t n = s.length < 63 ? (size_t)s.length : 63;
    memcpy(name, tree->text + s.at, n);
    name[n] = '\0';
}

static const struct op *function_named(const struct parser *p, struct span s)
{
    char name[64];
    copy_name(p->tree, s, name);
    return s.length < 64 ? op_find(name) : NULL;
}

static int foreign_named(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nforeign; i++)
        if (span_is(tree, s, tree->foreign[i].name))
            return i;
    return -1;
}

static int variable_named(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nvariables; i++) {
        const struct span v = tree->variables[i].name;
        if (v.length == s.length && memcmp(tree->text + v.at, tree->text + s.at, (size_t)s.length) == 0)
            return i;
    }
    return -1;
}

static int array_named(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nnames; i++)
        if (span_is(tree, s, tree->names[i]))
            return i;
    return -1;
}

static struct node *unknown_name(struct parser *p, struct span s, bool called)
{
    char name[64], arrays[200] = "";
    copy_name(p->tree, s, name);
    const char *near = sheaf_catalogue_suggest(name);
    for (int i = 0; i < p->tree->nnames; i++)
        snprintf(arrays + strlen(arrays), sizeof arrays - strlen(arrays), "%s%s", i ? ", " : "", p->tree->names[i]);
    if (near)
        return refuse(p, s, "no %s is called \"%s\"; did you mean \"%s\"? sheaf functions lists all",
                      called ? "function" : "array or function", name, near);
    if (called)
        return refuse(p, s, "no function is called \"%s\"; sheaf functions lists all", name);
    return refuse(p, s,
                  "nothing is called \"%s\": there are the arrays %s, index, the constants pi e inf nan, and functions",
                  name, arrays);
}

static bool is_reserved(const struct tree *tree, struct span s)
{
    static const char *const words[] = {"and", "or",     "not", "if",   "else",   "in",
                                        "is",  "lambda", "for", "None", "newaxis"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(tree, s, words[i]))
            return true;
    return false;
}

/* Python's words that do not work on arrays. */
static struct node *refuse_word(struct parser *p)
{
    const struct span s = p->token.span;
    if (next_is(p, "and") || next_is(p, "or") || next_is(p, "not"))
        return refuse(p, s, "\"%.*s\" does not work on arrays: use %s, with brackets around comparisons", s.length,
                      p->tree->text + s.at,
                      next_is(p, "and")  ? "&"
                      : next_is(p, "or") ? "|"
                                         : "~");
    if (next_is(p, "if") || next_is(p, "else"))
        return refuse(p, s, "there is no if here: where(condition, a, b) chooses element by element");
    return refuse(p, s, "\"%.*s\" has no meaning here", s.length, p->tree->text + s.at);
}

static struct node *call_of(struct parser *p, const struct op *op, struct span here)
{
    struct node *n = node_new(p, NODE_CALL, here);
    if (n)
        n->op = op;
    p->tree->varies = p->tree->varies || (op && op_varies(op));
    p->tree->indivisible = p->tree->indivisible || (op && !op_divisible(op));
    return n;
}

/* One argument: a name and "=" before it make it a keyword's. */
static struct node *argument(struct parser *p)
{
    struct token name = p->token, behind;
    if (name.kind == TOKEN_NAME && !p->status) {
        int end = name.span.at + name.span.length;
        if (lex(p->tree, end, &behind, NULL) == SHEAF_OK && behind.kind == TOKEN_OPERATOR &&
            span_is(p->tree, behind.span, "=")) {
            advance(p);
            advance(p);
            struct node *value = expression(p, 0);
            if (value)
                value->keyword = name.span;
            return value;
        }
    }
    return expression(p, 0);
}

static void arguments(struct parser *p, struct node *call)
{
    bool named = false;
    while (!p->status && !next_is(p, ")")) {
        struct node *a = argument(p);
        if (!a)
            return;
        if (named && a->keyword.length == 0)
            refuse(p, a->whole, "an argument without a name stands behind one with a name");
        named = named || a->keyword.length > 0;
        append(p, call, a);
        if (!accept(p, ","))
            break;
    }
    expect(p, ")", "behind the arguments");
}

/* What is wrong with the arguments whatever the arrays are. */
static struct node *checked(struct parser *p, struct node *call)
{
    if (!p->status)
        p->status = check_arguments(p->tree, call, p->error);
    return p->status ? NULL : call;
}

/* A function's name is before: its arguments, or, without brackets, what casts are named for. */
static struct node *function(struct parser *p, const struct op *op, struct span name, int from)
{
    char text[80];
    struct node *call = call_of(p, op, name);
    if (!call)
        return NULL;
    if (!accept(p, "("))
        return refuse(p, name, "%s is a function: write its arguments in brackets, %s(x), not %s", op_info(op)->name,
                      op_info(op)->name, shown(p, text));
    arguments(p, call);
    close_span(p, call, from);
    return checked(p, call);
}

/* The name of the user's own function is before, its bracket next; or it is a method's, of x, with its bracket behind.
 */
static struct node *foreign_call(struct parser *p, int which, struct span name, int from, struct node *x)
{
    struct node *call = node_new(p, NODE_FOREIGN, name);
    if (!call)
        return NULL;
    call->variable = which;
    p->tree->indivisible = true;
    if (x)
        append(p, call, x);
    else if (!accept(p, "("))
        return refuse(p, name, "%s is a function: write its argument in brackets", p->tree->foreign[which].name);
    arguments(p, call);
    close_span(p, call, from);
    if (!p->status && (!call->first || call->first->next || call->first->keyword.length))
        return refuse(p, name, "%s takes one array", p->tree->foreign[which].name);
    return p->status ? NULL : call;
}

/* np.mean is mean. The package's name is before, a point is next. */
static bool skip_package(struct parser *p)
{
    advance(p);
    while ((next_is(p, "linalg") || next_is(p, "fft")) && !p->status) {
        advance(p);
        if (!expect(p, ".", "behind the package's name"))
            return false;
    }
    return p->token.kind == TOKEN_NAME;
}

static struct node *dtype_word(struct parser *p, const struct op *op, struct span name)
{
    struct node *n = call_of(p, op, name); /* float32 alone: an argument, dtype=float32 */
    if (n)
        n->kind = NODE_STRING;
    return n;
}

static struct node *name(struct parser *p)
{
    struct span s = p->token.span;
    const int from = s.at;
    if (is_reserved(p->tree, s) && !next_is(p, "None") && !next_is(p, "newaxis"))
        return refuse_word(p);
    advance(p);
    if (span_is(p->tree, s, "np") && next_is(p, ".") && array_named(p->tree, s) < 0 && variable_named(p->tree, s) < 0) {
        if (!skip_package(p))
            return refuse(p, p->token.span, "expected a function's name behind \"np.\"");
        s = p->token.span;
        advance(p);
    } else {
        int k = variable_named(p->tree, s);
        const bool variable = k >= 0;
        k = variable ? k : array_named(p->tree, s);
        if (k >= 0) {
            struct node *n = node_new(p, variable ? NODE_VARIABLE : NODE_ARRAY, s);
            if (n)
                n->variable = k;
            return n;
        }
    }
    if (span_is(p->tree, s, "None"))
        return node_new(p, NODE_NONE, s);
    if (span_is(p->tree, s, "newaxis"))
        return node_new(p, NODE_NEWAXIS, s);
    if (span_is(p->tree, s, "index") && !next_is(p, "(")) {
        return node_new(p, NODE_COUNT, s);
    }
    for (size_t i = 0; i < sizeof constants / sizeof *constants && !next_is(p, "("); i++)
        if (span_is(p->tree, s, constants[i].name)) {
            struct node *n = node_new(p, NODE_NUMBER, s);
            if (n)
                n->number = constants[i].value;
            return n;
        }
    const int own = foreign_named(p->tree, s);
    if (own >= 0)
        return foreign_call(p, own, s, from, NULL);
    const struct op *op = function_named(p, s);
    if (!op)
        return unknown_name(p, s, next_is(p, "("));
    return !next_is(p, "(") && op_is_cast(op) ? dtype_word(p, op, s) : function(p, op, s, from);
}

/* ---- what stands by itself ---- */

/* [a, b], (a, b) or (a): the bracket is next. */
static struct node *brackets(struct parser *p)
{
    const struct span open = p->token.span;
    const bool round = next_is(p, "(");
    const char *close = round ? ")" : "]";
    bool comma = false;
    advance(p);
    struct node *list = node_new(p, NODE_LIST, open);
    while (list && !p->status && !next_is(p, close)) {
        struct node *n = expression(p, 0);
        if (!n)
            return NULL;
        append(p, list, n);
        comma = accept(p, ",");
        if (!comma)
            break;
    }
    if (!list || !expect(p, close, round ? "to close the bracket" : "to close the list"))
        return NULL;
    if (round && list->first && !list->first->next && !comma) {
        list->first->whole = (struct span){open.at, p->end - open.at};
        return list->first;
    }
    list->is_tuple = round;
    close_span(p, list, open.at);
    return list;
}

static struct node *atom(struct parser *p)
{
    char text[80];
    const struct token t = p->token;
    struct node *n = NULL;
    if (p->status)
        return NULL;
    switch (t.kind) {
    case TOKEN_NUMBER:
        advance(p);
        n = node_new(p, NODE_NUMBER, t.span);
        if (n)
            n->number = t.number;
        return n;
    case TOKEN_STRING:
        advance(p);
        n = node_new(p, NODE_STRING, t.span);
        if (n)
            n->whole = (struct span){t.span.at - 1, t.span.length + 2};
        return n;
    case TOKEN_NAME:
        return name(p);
    default:
        break;
    }
    if (next_is(p, "(") || next_is(p, "["))
        return brackets(p);
    if (next_is(p, "!"))
        return refuse(p, t.span, "\"!\" is no operator here: use ~");
    return refuse(p, t.span, "expected a number, a name or a bracket, found %s", shown(p, text));
}

/* ---- indices ---- */

static struct node *bound(struct parser *p)
{
    if (next_is(p, ":") || next_is(p, ",") || next_is(p, "]"))
        return node_new(p, NODE_ABSENT, p->token.span);
    return expression(p, 0);
}

static struct node *index_item(struct parser *p)
{
    const struct span here = p->token.span;
    if (accept(p, "..."))
        return node_new(p, NODE_ELLIPSIS, here);
    struct node *first = bound(p);
    if (!first || !next_is(p, ":")) {
        if (first && first->kind == NODE_ABSENT)
            return refuse(p, here, "an index is missing here");
        return first;
    }
    struct node *slice = node_new(p, NODE_SLICE, here);
    if (!slice)
        return NULL;
    append(p, slice, first);
    for (int k = 0; k < 2; k++) {
        struct node *n = accept(p, ":") ? bound(p) : node_new(p, NODE_ABSENT, here);
        if (!n)
            return NULL;
        append(p, slice, n);
    }
    close_span(p, slice, here.at);
    return slice;
}

/* x[...]: the bracket is next. */
static struct node *index_of(struct parser *p, struct node *x)
{
    struct node *n = node_new(p, NODE_INDEX, p->token.span);
    const int from = x->whole.at;
    if (!n)
        return NULL;
    advance(p);
    append(p, n, x);
    while (!p->status && !next_is(p, "]")) {
        struct node *item = index_item(p);
        if (!item)
            return NULL;
        append(p, n, item);
        p->tree->varies = p->tree->varies || item->kind == NODE_CALL || item->kind == NODE_ARRAY ||
                          item->kind == NODE_VARIABLE || item->kind == NODE_INDEX;
        if (!accept(p, ","))
            break;
    }
    if (!n->first->next)
        return refuse(p, p->token.span, "an index is missing here");
    if (!expect(p, "]", "behind the indices"))
        return NULL;
    close_span(p, n, from);
    return n;
}

/* x.f(a) is f(x, a); x.T an attribute. The point is before. */
static struct node *attribute_of(struct parser *p, struct node *x)
{
    const struct span s = p->token.span;
    if (p->token.kind != TOKEN_NAME)
        return refuse(p, s, "expected a method or an attribute behind the point");
    advance(p);
    const int from = x->whole.at;
    if (!next_is(p, "(")) {
        struct node *n = node_new(p, NODE_ATTRIBUTE, s);
        if (!n)
            return NULL;
        append(p, n, x);
        close_span(p, n, from);
        return n;
    }
    const int own = foreign_named(p->tree, s);
    if (own >= 0) {
        advance(p);
        return foreign_call(p, own, s, from, x);
    }
    struct node *call = call_of(p, NULL, s);
    if (!call)
        return NULL;
    advance(p);
    append(p, call, x);
    arguments(p, call);
    close_span(p, call, from);
    if (span_is(p->tree, s, "astype")) { /* x.astype(float32) is float32(x) */
        struct node *to = p->status ? NULL : x->next;
        char word[64];
        if (to && to->kind == NODE_STRING && !to->next)
            copy_name(p->tree, to->here, word);
        call->op = to && to->kind == NODE_STRING && !to->next ? op_find(word) : NULL;
        if (!p->status && (!call->op || !op_is_cast(call->op)))
            return refuse(p, to ? to->here : s, "astype takes a dtype, such as float32");
        x->next = NULL;
    } else {
        call->op = function_named(p, s);
        p->tree->varies = p->tree->varies || (call->op && op_varies(call->op));
        p->tree->indivisible = p->tree->indivisible || (call->op && !op_divisible(call->op));
    }
    return p->status || call->op ? checked(p, call) : unknown_name(p, s, true);
}

static struct node *postfix(struct parser *p)
{
    struct node *n = atom(p);
    while (n && !p->status && (next_is(p, "[") || next_is(p, ".")))
        n = next_is(p, "[") ? index_of(p, n) : (advance(p), attribute_of(p, n));
    if (n && !p->status && next_is(p, "("))
        return refuse(p, p->token.span, "this is no function, and cannot be called; write * to multiply");
    return p->status ? NULL : n;
}

/* ---- operators ---- */

enum {
    LEVEL_COMPARISON = 1,
    LEVEL_UNARY = 8,
    LEVEL_POWER = 9
};

static const struct {
    const char *symbol;
    enum op_index function;
    int level;
} operators[] = {
    {"==", OP_equal, 1},      {"!=", OP_not_equal, 1},  {"<=", OP_less_equal, 1},    {">=", OP_greater_equal, 1},
    {"<", OP_less, 1},        {">", OP_greater, 1},     {"|", OP_bitwise_or, 2},     {"^", OP_bitwise_xor, 3},
    {"&", OP_bitwise_and, 4}, {"<<", OP_left_shift, 5}, {">>", OP_right_shift, 5},   {"+", OP_add, 6},
    {"-", OP_sub, 6},         {"*", OP_mul, 7},         {"//", OP_floor_divide, 7},  {"/", OP_div, 7},
    {"%", OP_mod, 7},         {"@", OP_matmul, 7},      {"**", OP_pow, LEVEL_POWER},
};

/* Of the next token: its place in the table, or -1. */
static int operator_next(const struct parser *p)
{
    if (p->token.kind != TOKEN_OPERATOR)
        return -1;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (span_is(p->tree, p->token.span, operators[i].symbol))
            return (int)i;
    return -1;
}

static struct node *infix(struct parser *p, int which, struct span here, struct node *left, struct node *right)
{
    struct node *call = call_of(p, &op_table[operators[which].function], here);
    if (!call || !right)
        return NULL;
    const int from = left->whole.at;
    call->infix = true;
    append(p, call, left);
    append(p, call, right);
    close_span(p, call, from);
    return call;
}

/* -x, +x, ~x, and x ** y, which binds closer on its left only. */
static struct node *unary(struct parser *p)
{
    const struct span here = p->token.span;
    const bool plus = next_is(p, "+"), minus = next_is(p, "-");
    if (plus || minus || next_is(p, "~")) {
        advance(p);
        if (!enter(p))
            return NULL;
        struct node *x = unary(p);
        p->depth--;
        if (x && plus)
            close_span(p, x, here.at);
        if (!x || plus)
            return x;
        struct node *call = call_of(p, &op_table[minus ? OP_neg : OP_bitwise_not], here);
        if (!call)
            return NULL;
        call->infix = true;
        append(p, call, x);
        close_span(p, call, here.at);
        return call;
    }
    struct node *x = postfix(p);
    const int which = operator_next(p);
    if (!x || which < 0 || operators[which].level != LEVEL_POWER)
        return x;
    const struct span at = p->token.span;
    advance(p);
    if (!enter(p))
        return NULL;
    struct node *y = unary(p);
    p->depth--;
    return infix(p, which, at, x, y);
}

/* Operators of this level and closer ones. */
static struct node *expression(struct parser *p, int least)
{
    if (!enter(p))
        return NULL;
    struct node *left = unary(p);
    bool compared = false;
    for (int which; left && (which = operator_next(p)) >= 0 && operators[which].level > least;) {
        const struct span here = p->token.span;
        const int level = operators[which].level;
        if (compared && level == LEVEL_COMPARISON) {
            left = refuse(p, here, "comparisons do not chain: write (a < b) & (b < c)");
            break;
        }
        compared = level == LEVEL_COMPARISON;
        advance(p);
        left = infix(p, which, here, left, expression(p, level));
    }
    p->depth--;
    if (left && !p->status && p->token.kind == TOKEN_NAME && is_reserved(p->tree, p->token.span))
        return refuse_word(p);
    if (left && !p->status && (next_is(p, "&&") || next_is(p, "||") || next_is(p, "<>")))
        return refuse(p, p->token.span, "\"%.*s\" is no operator here: use %s", p->token.span.length,
                      p->tree->text + p->token.span.at,
                      next_is(p, "&&")   ? "&"
                      : next_is(p, "||") ? "|"
                                         : "!=");
    return p->status ? NULL : left;
}

/* ---- statements ---- */

static void check_new_name(struct parser *p, struct span s)
{
    const int n = s.length, at = s.at;
    if (variable_named(p->tree, s) >= 0)
        refuse(p, s, "\"%.*s\" has a value already: choose another name", n, p->tree->text + at);
    else if (array_named(p->tree, s) >= 0 || span_is(p->tree, s, "index"))
        refuse(p, s, "\"%.*s\" is an input: choose another name", n, p->tree->text + at);
    else if (function_named(p, s) || foreign_named(p->tree, s) >= 0 || is_reserved(p->tree, s))
        refuse(p, s, "\"%.*s\" is a %s: choose another name", n, p->tree->text + at,
               is_reserved(p->tree, s) ? "word of the language" : "function");
}

/* name = value, or a value alone. */
static struct statement statement(struct parser *p)
{
    struct statement s = {{0, 0}, argument(p)};
    if (!s.value)
        return s;
    s.name = s.value->keyword;
    s.value->keyword.length = 0;
    return s;
}

static void add_variable(struct parser *p, struct statement s)
{
    struct tree *tree = p->tree;
    if (p->status)
        return;
    if (s.name.length == 0)
        refuse(p, s.value->whole, "this value has no name and is no output: only the last statement has outputs");
    else if (tree->nvariables == LANG_MOST_VARIABLES)
        refuse(p, s.name, "more than %d assignments", LANG_MOST_VARIABLES);
    else
        check_new_name(p, s.name);
    if (!p->status)
        tree->variables[tree->nvariables++] = s;
}

static bool same_name(const struct tree *tree, struct span a, struct span b)
{
    return a.length == b.length && memcmp(tree->text + a.at, tree->text + b.at, (size_t)a.length) == 0;
}

static void add_output(struct parser *p, struct statement s)
{
    struct tree *tree = p->tree;
    if (p->status)
        return;
    for (int k = 0; k < tree->noutputs && s.name.length; k++)
        if (same_name(tree, tree->outputs[k].name, s.name))
            refuse(p, s.name, "two outputs are called \"%.*s\"", s.name.length, tree->text + s.name.at);
    if (tree->noutputs == SHEAF_MAX_OUTPUTS)
        refuse(p, s.value->whole, "more than %d outputs", SHEAF_MAX_OUTPUTS);
    else if (!p->status)
        tree->outputs[tree->noutputs++] = s;
}

static bool is_assignment(const struct parser *p)
{
    static const char *const words[] = {"+=", "-=", "*=", "/=", "**=", "//=", "<<=", ">>=", ":="};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (next_is(p, words[i]))
            return true;
    return false;
}

/* Statements, separated by semicolons; the outputs of the last one by commas. */
static void program(struct parser *p)
{
    char text[80];
    while (!p->status) {
        struct statement s = statement(p);
        if (!p->status && accept(p, ";")) {
            add_variable(p, s);
            if (p->token.kind == TOKEN_END)
                refuse(p, p->token.span, "the program ends without an output: write one behind the last \";\"");
            continue;
        }
        add_output(p, s);
        while (!p->status && accept(p, ","))
            add_output(p, statement(p));
        if (!p->status && accept(p, ";"))
            refuse(p, p->tree->outputs[0].value->whole, "outputs stand in the last statement");
        break;
    }
    if (p->status || p->token.kind == TOKEN_END)
        return;
    if (is_assignment(p) || next_is(p, "="))
        refuse(p, p->token.span, "\"%.*s\" assigns nothing here: write name = value;", p->token.span.length,
               p->tree->text + p->token.span.at);
    else
        refuse(p, p->token.span, "expected an operator, \",\" or \";\", found %s", shown(p, text));
}

static bool copy_foreign(struct tree *tree, int n, const struct foreign *foreign)
{
    for (int i = 0; i < n; i++, tree->nforeign++) {
        tree->foreign[i] = foreign[i];
        if (!(tree->foreign[i].name = arena_strdup(&tree->arena, foreign[i].name)))
            return false;
    }
    return true;
}

sheaf_status tree_parse(struct tree *tree, const char *text, int nnames, const char *const *names, int nforeign,
                        const struct foreign *foreign, sheaf_error *error)
{
    struct parser p = {.tree = tree, .error = error, .status = SHEAF_OK};
    tree->length = strlen(text);
    if (tree->length > LANG_LONGEST)
        return sheaf_error_set(error, SHEAF_INVALID, "the program has %zu bytes; at most %d are possible", tree->length,
                               LANG_LONGEST);
    if (nnames < 1 || nnames > LANG_MOST_NAMES)
        return sheaf_error_set(error, SHEAF_INVALID, "a program has 1 to %d arrays, not %d", LANG_MOST_NAMES, nnames);
    if (nforeign > LANG_MOST_FOREIGN)
        return sheaf_error_set(error, SHEAF_INVALID, "a program calls at most %d functions of one's own, not %d",
                               LANG_MOST_FOREIGN, nforeign);
    tree->text = arena_strdup(&tree->arena, text);
    for (int i = 0; i < nnames; i++, tree->nnames++)
        if (!(tree->names[i] = arena_strdup(&tree->arena, names[i])))
            break;
    if (!tree->text || tree->nnames < nnames || !copy_foreign(tree, nforeign, foreign))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    p.status = lex(tree, 0, &p.token, error);
    if (!p.status && p.token.kind == TOKEN_END)
        refuse(&p, p.token.span, "the program is empty");
    program(&p);
    return p.status;
}

void tree_clear(struct tree *tree)
{
    arena_free(&tree->arena);
}
