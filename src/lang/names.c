/* What names stand for, and what is said of those that stand for nothing. */

#include "lang/parser.h"
#include <stdio.h>
#include <string.h>

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

void name_copy(const struct tree *tree, struct span s, char name[64])
{
    size_t n = s.length < 63 ? (size_t)s.length : 63;
    memcpy(name, tree->text + s.at, n);
    name[n] = '\0';
}

const struct op *name_function(const struct parser *p, struct span s)
{
    char name[64];
    name_copy(p->tree, s, name);
    return s.length < 64 ? op_find(name) : NULL;
}

int name_foreign(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nforeign; i++)
        if (span_is(tree, s, tree->foreign[i].name))
            return i;
    return -1;
}

int name_variable(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nvariables; i++) {
        const struct span v = tree->variables[i].name;
        if (v.length == s.length && memcmp(tree->text + v.at, tree->text + s.at, (size_t)s.length) == 0)
            return i;
    }
    return -1;
}

int name_array(const struct tree *tree, struct span s)
{
    for (int i = 0; i < tree->nbases; i++)
        if (span_is(tree, s, tree->bases[i]))
            return i;
    return -1;
}

struct node *name_unknown(struct parser *p, struct span s, bool called)
{
    char name[64], arrays[200] = "";
    name_copy(p->tree, s, name);
    const char *near = sheaf_catalogue_suggest(name);
    for (int i = 0; i < p->tree->nbases; i++)
        snprintf(arrays + strlen(arrays), sizeof arrays - strlen(arrays), "%s%s", i ? ", " : "", p->tree->bases[i]);
    if (near)
        return parser_refuse(p, s, "no %s is called \"%s\"; did you mean \"%s\"? sheaf functions lists all",
                             called ? "function" : "array or function", name, near);
    if (called)
        return parser_refuse(p, s, "no function is called \"%s\"; sheaf functions lists all", name);
    return parser_refuse(
        p, s, "nothing is called \"%s\": there are the arrays %s, index, the constants pi e inf nan, and functions",
        name, arrays);
}

bool name_is_reserved(const struct tree *tree, struct span s)
{
    static const char *const words[] = {"and", "or",     "not", "if",   "else",   "in",
                                        "is",  "lambda", "for", "None", "newaxis"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(tree, s, words[i]))
            return true;
    return false;
}

/* Python's words that do not work on arrays. */
struct node *name_refuse_word(struct parser *p)
{
    const struct span s = p->token.span;
    if (parser_next_is(p, "and") || parser_next_is(p, "or") || parser_next_is(p, "not"))
        return parser_refuse(p, s, "\"%.*s\" does not work on arrays: use %s, with brackets around comparisons",
                             s.length, p->tree->text + s.at,
                             parser_next_is(p, "and")  ? "&"
                             : parser_next_is(p, "or") ? "|"
                                                       : "~");
    if (parser_next_is(p, "if") || parser_next_is(p, "else"))
        return parser_refuse(p, s, "there is no if here: where(condition, a, b) chooses element by element");
    return parser_refuse(p, s, "\"%.*s\" has no meaning here", s.length, p->tree->text + s.at);
}

void name_check_new(struct parser *p, struct span s)
{
    const int n = s.length, at = s.at;
    if (name_variable(p->tree, s) >= 0)
        parser_refuse(p, s, "\"%.*s\" has a value already: choose another name", n, p->tree->text + at);
    else if (name_array(p->tree, s) >= 0 || span_is(p->tree, s, "index"))
        parser_refuse(p, s, "\"%.*s\" is an input: choose another name", n, p->tree->text + at);
    else if (name_function(p, s) || name_foreign(p->tree, s) >= 0 || name_is_reserved(p->tree, s))
        parser_refuse(p, s, "\"%.*s\" is a %s: choose another name", n, p->tree->text + at,
                      name_is_reserved(p->tree, s) ? "word of the language" : "function");
}

const struct weak *name_constant(const struct tree *tree, struct span s)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (span_is(tree, s, constants[i].name))
            return &constants[i].value;
    return NULL;
}
