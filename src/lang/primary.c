/* What operators work on: calls, literals, brackets, indices, attributes. */

#include "lang/parser.h"
#include <stdio.h>
#include <string.h>

/* One argument: a name and "=" before it make it a keyword's. */
struct node *parse_argument(struct parser *p)
{
    struct token name = p->token, behind;
    if (name.kind == TOKEN_NAME && !p->status) {
        int end = name.span.at + name.span.length;
        if (lex(p->tree, end, &behind, NULL) == SHEAF_OK && behind.kind == TOKEN_OPERATOR &&
            span_is(p->tree, behind.span, "=")) {
            parser_advance(p);
            parser_advance(p);
            struct node *value = parse_expression(p, 0);
            if (value)
                value->keyword = name.span;
            return value;
        }
    }
    return parse_expression(p, 0);
}

static void arguments(struct parser *p, struct node *call)
{
    bool named = false;
    while (!p->status && !parser_next_is(p, ")")) {
        struct node *a = parse_argument(p);
        if (!a)
            return;
        if (named && a->keyword.length == 0)
            parser_refuse(p, a->whole, "an argument without a name stands behind one with a name");
        named = named || a->keyword.length > 0;
        node_append(p, call, a);
        if (!parser_accept(p, ","))
            break;
    }
    parser_expect(p, ")", "behind the arguments");
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
    struct node *call = node_call(p, op, name);
    if (!call)
        return NULL;
    if (!parser_accept(p, "("))
        return parser_refuse(p, name, "%s is a function: write its arguments in brackets, %s(x), not %s",
                             op_info(op)->name, op_info(op)->name, parser_shown(p, text));
    arguments(p, call);
    node_close(p, call, from);
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
        node_append(p, call, x);
    else if (!parser_accept(p, "("))
        return parser_refuse(p, name, "%s is a function: write its argument in brackets", p->tree->foreign[which].name);
    arguments(p, call);
    node_close(p, call, from);
    if (!p->status && (!call->first || call->first->next || call->first->keyword.length))
        return parser_refuse(p, name, "%s takes one array", p->tree->foreign[which].name);
    return p->status ? NULL : call;
}

/* np.mean is mean. The package's name is before, a point is next. */
static bool skip_package(struct parser *p)
{
    parser_advance(p);
    while ((parser_next_is(p, "linalg") || parser_next_is(p, "fft")) && !p->status) {
        parser_advance(p);
        if (!parser_expect(p, ".", "behind the package's name"))
            return false;
    }
    return p->token.kind == TOKEN_NAME;
}

static struct node *dtype_word(struct parser *p, const struct op *op, struct span name)
{
    struct node *n = node_call(p, op, name); /* float32 alone: an argument, dtype=float32 */
    if (n)
        n->kind = NODE_STRING;
    return n;
}

static struct node *name(struct parser *p)
{
    struct span s = p->token.span;
    const int from = s.at;
    if (name_is_reserved(p->tree, s) && !parser_next_is(p, "None") && !parser_next_is(p, "newaxis"))
        return name_refuse_word(p);
    parser_advance(p);
    if (span_is(p->tree, s, "np") && parser_next_is(p, ".") && name_array(p->tree, s) < 0 &&
        name_variable(p->tree, s) < 0) {
        if (!skip_package(p))
            return parser_refuse(p, p->token.span, "expected a function's name behind \"np.\"");
        s = p->token.span;
        parser_advance(p);
    } else {
        int k = name_variable(p->tree, s);
        const bool variable = k >= 0;
        k = variable ? k : name_array(p->tree, s);
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
    if (span_is(p->tree, s, "index") && !parser_next_is(p, "(")) {
        return node_new(p, NODE_COUNT, s);
    }
    const struct weak *constant = parser_next_is(p, "(") ? NULL : name_constant(p->tree, s);
    if (constant) {
        struct node *n = node_new(p, NODE_NUMBER, s);
        if (n)
            n->number = *constant;
        return n;
    }
    const int own = name_foreign(p->tree, s);
    if (own >= 0)
        return foreign_call(p, own, s, from, NULL);
    const struct op *op = name_function(p, s);
    if (!op)
        return name_unknown(p, s, parser_next_is(p, "("));
    return !parser_next_is(p, "(") && op_is_cast(op) ? dtype_word(p, op, s) : function(p, op, s, from);
}

/* ---- what stands by itself ---- */

/* [a, b], (a, b) or (a): the bracket is next. */
static struct node *brackets(struct parser *p)
{
    const struct span open = p->token.span;
    const bool round = parser_next_is(p, "(");
    const char *close = round ? ")" : "]";
    bool comma = false;
    parser_advance(p);
    struct node *list = node_new(p, NODE_LIST, open);
    while (list && !p->status && !parser_next_is(p, close)) {
        struct node *n = parse_expression(p, 0);
        if (!n)
            return NULL;
        node_append(p, list, n);
        comma = parser_accept(p, ",");
        if (!comma)
            break;
    }
    if (!list || !parser_expect(p, close, round ? "to close the bracket" : "to close the list"))
        return NULL;
    if (round && list->first && !list->first->next && !comma) {
        list->first->whole = (struct span){open.at, p->end - open.at};
        return list->first;
    }
    list->is_tuple = round;
    node_close(p, list, open.at);
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
        parser_advance(p);
        n = node_new(p, NODE_NUMBER, t.span);
        if (n)
            n->number = t.number;
        return n;
    case TOKEN_STRING:
        parser_advance(p);
        n = node_new(p, NODE_STRING, t.span);
        p->tree->strings = true;
        if (n)
            n->whole = (struct span){t.span.at - 1, t.span.length + 2};
        return n;
    case TOKEN_NAME:
        return name(p);
    default:
        break;
    }
    if (parser_next_is(p, "(") || parser_next_is(p, "["))
        return brackets(p);
    if (parser_next_is(p, "!"))
        return parser_refuse(p, t.span, "\"!\" is no operator here: use ~");
    return parser_refuse(p, t.span, "expected a number, a name or a bracket, found %s", parser_shown(p, text));
}

/* ---- indices ---- */

static struct node *bound(struct parser *p)
{
    if (parser_next_is(p, ":") || parser_next_is(p, ",") || parser_next_is(p, "]"))
        return node_new(p, NODE_ABSENT, p->token.span);
    return parse_expression(p, 0);
}

static struct node *index_item(struct parser *p)
{
    const struct span here = p->token.span;
    if (parser_accept(p, "..."))
        return node_new(p, NODE_ELLIPSIS, here);
    struct node *first = bound(p);
    if (!first || !parser_next_is(p, ":")) {
        if (first && first->kind == NODE_ABSENT)
            return parser_refuse(p, here, "an index is missing here");
        return first;
    }
    struct node *slice = node_new(p, NODE_SLICE, here);
    if (!slice)
        return NULL;
    node_append(p, slice, first);
    for (int k = 0; k < 2; k++) {
        struct node *n = parser_accept(p, ":") ? bound(p) : node_new(p, NODE_ABSENT, here);
        if (!n)
            return NULL;
        node_append(p, slice, n);
    }
    node_close(p, slice, here.at);
    return slice;
}

/* Whether it is a name of the arrays, and no part yet. */
static bool is_base(const struct tree *tree, const struct node *n)
{
    return n->kind == NODE_ARRAY && tree->text[n->here.at + n->here.length - 1] != ']';
}

/* x['part'], an array of its own: the name's place, or, when that is taken by another part, a further one. */
static struct node *part_of(struct parser *p, struct node *n)
{
    struct tree *tree = p->tree;
    const int base = n->first->variable;
    const struct span s = n->first->next->here;
    char part[256], name[400];
    int k = 0;
    if (s.length == 0 || (size_t)s.length >= sizeof part)
        return parser_refuse(p, s, "a part's name has 1 to %zu bytes", sizeof part - 1);
    memcpy(part, tree->text + s.at, (size_t)s.length);
    part[s.length] = '\0';
    while (k < tree->nnames &&
           !(tree->arrays[k].base == base && tree->arrays[k].part && strcmp(tree->arrays[k].part, part) == 0))
        k++;
    if (k == tree->nnames && !tree->arrays[base].part)
        k = base;
    if (k == LANG_MOST_NAMES)
        return parser_refuse(p, s, "a program has at most %d arrays", LANG_MOST_NAMES);
    if (k == tree->nnames || !tree->arrays[k].part) {
        snprintf(name, sizeof name, "%s['%s']", tree->bases[base], part);
        tree->arrays[k].base = base;
        tree->arrays[k].part = arena_strdup(&tree->arena, part);
        tree->names[k] = arena_strdup(&tree->arena, name);
        if (!tree->arrays[k].part || !tree->names[k])
            return parser_refuse(p, s, "no memory for the program");
        tree->nnames += k == tree->nnames;
    }
    n->kind = NODE_ARRAY;
    n->variable = k;
    n->here = n->whole;
    n->first = NULL;
    return n;
}

/* x[...]: the bracket is next. */
static struct node *index_of(struct parser *p, struct node *x)
{
    struct node *n = node_new(p, NODE_INDEX, p->token.span);
    const int from = x->whole.at;
    if (!n)
        return NULL;
    parser_advance(p);
    node_append(p, n, x);
    while (!p->status && !parser_next_is(p, "]")) {
        struct node *item = index_item(p);
        if (!item)
            return NULL;
        node_append(p, n, item);
        p->tree->varies = p->tree->varies || item->kind == NODE_CALL || item->kind == NODE_ARRAY ||
                          item->kind == NODE_VARIABLE || item->kind == NODE_INDEX;
        if (!parser_accept(p, ","))
            break;
    }
    if (!n->first->next)
        return parser_refuse(p, p->token.span, "an index is missing here");
    if (!parser_expect(p, "]", "behind the indices"))
        return NULL;
    node_close(p, n, from);
    if (is_base(p->tree, x) && x->next->kind == NODE_STRING && !x->next->next)
        return part_of(p, n);
    return n;
}

/* x.f(a) is f(x, a); x.T an attribute. The point is before. */
static struct node *attribute_of(struct parser *p, struct node *x)
{
    const struct span s = p->token.span;
    if (p->token.kind != TOKEN_NAME)
        return parser_refuse(p, s, "expected a method or an attribute behind the point");
    parser_advance(p);
    const int from = x->whole.at;
    if (!parser_next_is(p, "(")) {
        struct node *n = node_new(p, NODE_ATTRIBUTE, s);
        if (!n)
            return NULL;
        node_append(p, n, x);
        node_close(p, n, from);
        return n;
    }
    const int own = name_foreign(p->tree, s);
    if (own >= 0) {
        parser_advance(p);
        return foreign_call(p, own, s, from, x);
    }
    struct node *call = node_call(p, NULL, s);
    if (!call)
        return NULL;
    parser_advance(p);
    node_append(p, call, x);
    arguments(p, call);
    node_close(p, call, from);
    if (span_is(p->tree, s, "astype")) { /* x.astype(float32) is float32(x) */
        struct node *to = p->status ? NULL : x->next;
        char word[64];
        if (to && to->kind == NODE_STRING && !to->next)
            name_copy(p->tree, to->here, word);
        call->op = to && to->kind == NODE_STRING && !to->next ? op_find(word) : NULL;
        if (!p->status && (!call->op || !op_is_cast(call->op)))
            return parser_refuse(p, to ? to->here : s, "astype takes a dtype, such as float32");
        x->next = NULL;
    } else {
        call->op = name_function(p, s);
        p->tree->varies = p->tree->varies || (call->op && op_varies(call->op));
        p->tree->indivisible = p->tree->indivisible || (call->op && !op_divisible(call->op));
    }
    return p->status || call->op ? checked(p, call) : name_unknown(p, s, true);
}

struct node *parse_primary(struct parser *p)
{
    struct node *n = atom(p);
    const struct node base = n ? *n : (struct node){.kind = NODE_ABSENT};
    if (n && !p->status && parser_next_is(p, "["))
        n = index_of(p, n);
    if (!p->status && base.kind == NODE_ARRAY && n && (n->kind != NODE_ARRAY || is_base(p->tree, n)))
        p->tree->whole[base.variable] = base.here;
    while (n && !p->status && (parser_next_is(p, "[") || parser_next_is(p, ".")))
        n = parser_next_is(p, "[") ? index_of(p, n) : (parser_advance(p), attribute_of(p, n));
    if (n && !p->status && parser_next_is(p, "("))
        return parser_refuse(p, p->token.span, "this is no function, and cannot be called; write * to multiply");
    return p->status ? NULL : n;
}
