/* From text to trees: Python's grammar of expressions, as far as it concerns arrays (docs/language.md). */

#include "lang/parser.h"
#include <string.h>

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
    struct node *call = node_call(p, &op_table[operators[which].function], here);
    if (!call || !right)
        return NULL;
    const int from = left->whole.at;
    call->infix = true;
    node_append(p, call, left);
    node_append(p, call, right);
    node_close(p, call, from);
    return call;
}

/* -x, +x, ~x, and x ** y, which binds closer on its left only. */
static struct node *unary(struct parser *p)
{
    const struct span here = p->token.span;
    const bool plus = parser_next_is(p, "+"), minus = parser_next_is(p, "-");
    if (plus || minus || parser_next_is(p, "~")) {
        parser_advance(p);
        if (!parser_enter(p))
            return NULL;
        struct node *x = unary(p);
        p->depth--;
        if (x && plus)
            node_close(p, x, here.at);
        if (!x || plus)
            return x;
        struct node *call = node_call(p, &op_table[minus ? OP_neg : OP_bitwise_not], here);
        if (!call)
            return NULL;
        call->infix = true;
        node_append(p, call, x);
        node_close(p, call, here.at);
        return call;
    }
    struct node *x = parse_primary(p);
    const int which = operator_next(p);
    if (!x || which < 0 || operators[which].level != LEVEL_POWER)
        return x;
    const struct span at = p->token.span;
    parser_advance(p);
    if (!parser_enter(p))
        return NULL;
    struct node *y = unary(p);
    p->depth--;
    return infix(p, which, at, x, y);
}

/* Operators of this level and closer ones. */
struct node *parse_expression(struct parser *p, int least)
{
    if (!parser_enter(p))
        return NULL;
    struct node *left = unary(p);
    bool compared = false;
    for (int which; left && (which = operator_next(p)) >= 0 && operators[which].level > least;) {
        const struct span here = p->token.span;
        const int level = operators[which].level;
        if (compared && level == LEVEL_COMPARISON) {
            left = parser_refuse(p, here, "comparisons do not chain: write (a < b) & (b < c)");
            break;
        }
        compared = level == LEVEL_COMPARISON;
        parser_advance(p);
        left = infix(p, which, here, left, parse_expression(p, level));
    }
    p->depth--;
    if (left && !p->status && p->token.kind == TOKEN_NAME && name_is_reserved(p->tree, p->token.span))
        return name_refuse_word(p);
    if (left && !p->status && (parser_next_is(p, "&&") || parser_next_is(p, "||") || parser_next_is(p, "<>")))
        return parser_refuse(p, p->token.span, "\"%.*s\" is no operator here: use %s", p->token.span.length,
                             p->tree->text + p->token.span.at,
                             parser_next_is(p, "&&")   ? "&"
                             : parser_next_is(p, "||") ? "|"
                                                       : "!=");
    return p->status ? NULL : left;
}

/* ---- statements ---- */

/* name = value, or a value alone. */
static struct statement statement(struct parser *p)
{
    struct statement s = {{0, 0}, parse_argument(p)};
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
        parser_refuse(p, s.value->whole,
                      "this value has no name and is no output: only the last statement has outputs");
    else if (tree->nvariables == LANG_MOST_VARIABLES)
        parser_refuse(p, s.name, "more than %d assignments", LANG_MOST_VARIABLES);
    else
        name_check_new(p, s.name);
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
            parser_refuse(p, s.name, "two outputs are called \"%.*s\"", s.name.length, tree->text + s.name.at);
    if (tree->noutputs == SHEAF_MAX_OUTPUTS)
        parser_refuse(p, s.value->whole, "more than %d outputs", SHEAF_MAX_OUTPUTS);
    else if (!p->status)
        tree->outputs[tree->noutputs++] = s;
}

static bool is_assignment(const struct parser *p)
{
    static const char *const words[] = {"+=", "-=", "*=", "/=", "**=", "//=", "<<=", ">>=", ":="};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (parser_next_is(p, words[i]))
            return true;
    return false;
}

/* Statements, separated by semicolons; the outputs of the last one by commas. */
static void program(struct parser *p)
{
    char text[80];
    while (!p->status) {
        struct statement s = statement(p);
        if (!p->status && parser_accept(p, ";")) {
            add_variable(p, s);
            if (p->token.kind == TOKEN_END)
                parser_refuse(p, p->token.span, "the program ends without an output: write one behind the last \";\"");
            continue;
        }
        add_output(p, s);
        while (!p->status && parser_accept(p, ","))
            add_output(p, statement(p));
        if (!p->status && parser_accept(p, ";"))
            parser_refuse(p, p->tree->outputs[0].value->whole, "outputs stand in the last statement");
        break;
    }
    if (p->status || p->token.kind == TOKEN_END)
        return;
    if (is_assignment(p) || parser_next_is(p, "="))
        parser_refuse(p, p->token.span, "\"%.*s\" assigns nothing here: write name = value;", p->token.span.length,
                      p->tree->text + p->token.span.at);
    else
        parser_refuse(p, p->token.span, "expected an operator, \",\" or \";\", found %s", parser_shown(p, text));
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
    for (int i = 0; i < nnames; i++, tree->nnames++, tree->nbases++) {
        if (!(tree->names[i] = tree->bases[i] = arena_strdup(&tree->arena, names[i])))
            break;
        tree->arrays[i].base = i;
    }
    if (!tree->text || tree->nnames < nnames || !copy_foreign(tree, nforeign, foreign))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    p.status = lex(tree, 0, &p.token, error);
    if (!p.status && p.token.kind == TOKEN_END)
        parser_refuse(&p, p.token.span, "the program is empty");
    program(&p);
    for (int i = 0; i < tree->nbases; i++)
        if (tree->whole[i].length && tree->arrays[i].part)
            parser_refuse(&p, tree->whole[i], "%s is several arrays here, as in %s: name the part", tree->bases[i],
                          tree->names[i]);
    return p.status;
}

void tree_clear(struct tree *tree)
{
    arena_free(&tree->arena);
}
