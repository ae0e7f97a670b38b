/* Arguments that are no arrays: into sheaf_options, by the words of the table's `takes`, in its order. */

#include "lang/compiled.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum word_kind {
    WORD_AXES, /* an integer or several */
    WORD_LIST, /* the same, of int64 */
    WORD_DESTINATION,
    WORD_WIDTHS,
    WORD_BOOL,
    WORD_INT,
    WORD_NUMBER,
    WORD_TEXT,
    WORD_RANGE,
    WORD_DTYPE,
    WORD_ORDER, /* an int */
    WORD_BINS,  /* an integer, or the edges */
    WORD_WEIGHTS,
    WORD_EDGES
};

#define AT(field) offsetof(sheaf_options, field)

static const struct word {
    const char *name, *aliases; /* NumPy's */
    enum word_kind kind;
    size_t at, count; /* of the field, and of its length */
} words[] = {
    {"axis", " axes source ", WORD_AXES, AT(axes), AT(naxes)},
    {"keepdims", "", WORD_BOOL, AT(keepdims), 0},
    {"ddof", " correction ", WORD_NUMBER, AT(ddof), 0},
    {"weights", "", WORD_WEIGHTS, 0, 0},
    {"order", " n ", WORD_ORDER, AT(order), 0},
    {"spacing", " dx h varargs ", WORD_NUMBER, AT(spacing), 0},
    {"method", "", WORD_TEXT, AT(method), 0},
    {"mode", "", WORD_TEXT, AT(mode), 0},
    {"side", "", WORD_TEXT, AT(side), 0},
    {"right", "", WORD_BOOL, AT(right), 0},
    {"k", " kth n N M ", WORD_INT, AT(k), 0},
    {"bins", "", WORD_BINS, AT(bins), 0},
    {"range", "", WORD_RANGE, AT(range), 0},
    {"edges", "", WORD_EDGES, 0, 0},
    {"minlength", "", WORD_INT, AT(minlength), 0},
    {"sections", " indices_or_sections ", WORD_INT, AT(sections), 0},
    {"window", "", WORD_INT, AT(window), 0},
    {"min_count", " min_periods ", WORD_INT, AT(min_count), 0},
    {"center", "", WORD_BOOL, AT(center), 0},
    {"alpha", "", WORD_NUMBER, AT(alpha), 0},
    {"adjust", "", WORD_BOOL, AT(adjust), 0},
    {"value", " constant_values cval ", WORD_NUMBER, AT(value), 0},
    {"start", "", WORD_NUMBER, AT(start), 0},
    {"stop", "", WORD_NUMBER, AT(stop), 0},
    {"step", "", WORD_NUMBER, AT(step), 0},
    {"num", "", WORD_INT, AT(num), 0},
    {"dtype", "", WORD_DTYPE, AT(dtype), 0},
    {"shape", " newshape ", WORD_LIST, AT(shape), AT(nshape)},
    {"shift", "", WORD_LIST, AT(shift), AT(nshift)},
    {"repeats", " reps ", WORD_LIST, AT(repeats), AT(nrepeats)},
    {"widths", " pad_width ", WORD_WIDTHS, AT(widths), AT(nwidths)},
    {"destination", "", WORD_DESTINATION, AT(destination), AT(ndestination)},
    {"fast", "", WORD_BOOL, AT(fast), 0},
};

static bool is_in(const char *list, const char *word, size_t n)
{
    for (const char *w = list; *w; w += strspn(w, " ")) {
        const size_t m = strcspn(w, " ");
        if (m == n && memcmp(w, word, n) == 0)
            return true;
        w += m;
    }
    return false;
}

/* The word of this name or alias among those that the function takes. */
static const struct word *word_named(const struct op *op, const char *name, size_t n)
{
    for (int alias = 0; alias < 2; alias++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if ((alias ? is_in(words[i].aliases, name, n)
                       : strlen(words[i].name) == n && memcmp(words[i].name, name, n) == 0) &&
                is_in(op->info.options, words[i].name, strlen(words[i].name)))
                return &words[i];
    return NULL;
}

/* Of option word i (from 0) in the function's order; NULL: there are not so many that need no name. */
static const struct word *word_at(const struct op *op, int i)
{
    const char *w = op->info.options;
    for (; *w; w += strspn(w, " "), i--) {
        const size_t n = strcspn(w, " ");
        if (n == 8 && memcmp(w, "keepdims", 8) == 0)
            return NULL;
        if (i == 0)
            return word_named(op, w, n);
        w += n;
    }
    return NULL;
}

/* ---- what can be told before the arrays are known ---- */

/* NumPy's names where it has others. */
bool names_input(const struct tree *tree, const struct op *op, int k, struct span keyword)
{
    char text[ARGUMENT_TEXT];
    if (op == &op_table[OP_clip] && k > 0)
        return span_is(tree, keyword, k == 1 ? "a_min" : "a_max") || span_is(tree, keyword, k == 1 ? "min" : "max");
    return span_is(tree, keyword, op_argument(op, k, text));
}

static sheaf_status wrong_count(const struct tree *tree, const struct node *n, int found, sheaf_error *error)
{
    const struct op *op = n->op;
    char names[100] = "", text[ARGUMENT_TEXT];
    for (int k = 0; k < op->info.nin; k++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k ? ", " : "", op_argument(op, k, text));
    return tree_refuse(tree, n->here, SHEAF_INVALID, error, "%s takes %d array%s (%s), %d given", op->info.name,
                       op->info.nin, op->info.nin == 1 ? "" : "s", names, found);
}

static sheaf_status wrong_option(const struct tree *tree, const struct op *op, const struct node *a, sheaf_error *error)
{
    const char *takes = op->info.options;
    if (a->keyword.length == 0)
        return tree_refuse(tree, a->whole, SHEAF_INVALID, error, "%s takes no further argument without a name%s%s",
                           op->info.name, *takes ? "; with one: " : "", takes);
    return tree_refuse(tree, a->keyword, SHEAF_INVALID, error, "%s has no option %.*s%s%s", op->info.name,
                       a->keyword.length, tree->text + a->keyword.at, *takes ? "; it takes " : ", and no others",
                       takes);
}

sheaf_status check_arguments(const struct tree *tree, const struct node *call, sheaf_error *error)
{
    const struct op *op = call->op;
    const struct node *a = call->first;
    int nin = 0, position = 0;
    const int want = op->info.nin == MANY ? 1 : op == &op_table[OP_full] ? 2 : op->info.nin;
    for (; a && nin < want && (!a->keyword.length || names_input(tree, op, nin, a->keyword)); a = a->next)
        nin++;
    if (op->info.nin == MANY && !(call->first && call->first->kind == NODE_LIST && call->first->first))
        return tree_refuse(tree, call->first ? call->first->whole : call->here, SHEAF_INVALID, error,
                           "%s takes a list of arrays: %s([x, y])", op->info.name, op->info.name);
    if (nin < want && op != &op_table[OP_full])
        return wrong_count(tree, call, nin, error);
    position = op == &op_table[OP_full]; /* its shape is before */
    for (; a; a = a->next, position++)
        if (!(a->keyword.length ? word_named(op, tree->text + a->keyword.at, (size_t)a->keyword.length)
                                : word_at(op, position)))
            return wrong_option(tree, op, a, error);
    return SHEAF_OK;
}

/* ---- values of literals ---- */

static bool weak_of(struct binder *b, const struct node *n, struct weak *w)
{
    struct bound x;
    if (!bind_node(b, n, &x))
        return false;
    if (x.kind != BOUND_WEAK)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "expected a number that is known before data is read, found %s",
                           x.kind == BOUND_VALUES ? "an array"
                           : x.kind == BOUND_LIST ? "a list"
                                                  : "a word");
    *w = x.weak;
    return true;
}

bool bind_integer(struct binder *b, const struct node *n, const char *what, int64_t *value)
{
    struct weak w = {.kind = WEAK_BOOL};
    if (!weak_of(b, n, &w))
        return false;
    if (w.kind != WEAK_INT || w.integer > INT64_MAX || w.integer < INT64_MIN)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be an integer", what);
    *value = (int64_t)w.integer;
    return true;
}

static bool number_of(struct binder *b, const struct node *n, const char *what, double *value)
{
    struct weak w = {.kind = WEAK_BOOL};
    if (!weak_of(b, n, &w))
        return false;
    if (!weak_is_real(&w))
        return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be a real number", what);
    *value = weak_double(&w);
    return true;
}

static bool bool_of(struct binder *b, const struct node *n, const char *what, bool *value)
{
    struct weak w = {.kind = WEAK_BOOL};
    if (!weak_of(b, n, &w))
        return false;
    if (w.kind > WEAK_INT || (w.integer != 0 && w.integer != 1))
        return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be True or False", what);
    *value = w.integer != 0;
    return true;
}

/* An integer, or several: at most SHEAF_MAX_NDIM. */
static bool integers_of(struct binder *b, const struct node *n, const char *what, int64_t *values, int *count)
{
    struct bound x;
    *count = 0;
    if (!bind_node(b, n, &x))
        return false;
    if (x.kind == BOUND_WEAK) {
        *count = 1;
        return bind_integer(b, n, what, values);
    }
    if (x.kind != BOUND_LIST)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be an integer or a tuple of them", what);
    for (int i = 0; i < x.n && x.items; i++) {
        if (i == SHEAF_MAX_NDIM || x.items[i].kind != BOUND_WEAK)
            return bind_refuse(b, n->whole, SHEAF_INVALID, "%s has too many numbers", what);
        values[(*count)++] = (int64_t)x.items[i].weak.integer;
    }
    for (const struct node *item = x.items ? NULL : x.node->first; item; item = item->next) {
        if (*count == SHEAF_MAX_NDIM)
            return bind_refuse(b, item->whole, SHEAF_INVALID, "%s has more than %d numbers", what, SHEAF_MAX_NDIM);
        if (!bind_integer(b, item, what, &values[(*count)++]))
            return false;
    }
    return true;
}

static bool text_of(struct binder *b, const struct node *n, const char *what, const char **text)
{
    if (n->kind != NODE_STRING || n->op)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be a word in quotes", what);
    char *copy = bind_alloc(b, (size_t)n->here.length + 1);
    if (copy)
        memcpy(copy, b->tree->text + n->here.at, (size_t)n->here.length);
    *text = copy;
    return copy != NULL;
}

static bool dtype_of(struct binder *b, const struct node *n, sheaf_dtype *dtype)
{
    char name[16] = "";
    struct bound x;
    int value;
    if (n->kind == NODE_ATTRIBUTE && span_is(b->tree, n->here, "dtype")) {
        if (!bind_node(b, n->first, &x) || !bind_value(b, &x, SHEAF_DTYPE_COUNT, n->first, &value))
            return false;
        *dtype = b->c->values[value].view.dtype;
        return true;
    }
    if (n->kind == NODE_STRING && n->here.length < 16)
        memcpy(name, b->tree->text + n->here.at, (size_t)n->here.length);
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (strcmp(sheaf_dtype_name((sheaf_dtype)d), name) == 0) {
            *dtype = (sheaf_dtype)d;
            return true;
        }
    return bind_refuse(b, n->whole, SHEAF_INVALID, "expected a dtype, such as float32");
}

static bool array_of(struct binder *b, const struct node *n, int *value)
{
    struct bound x;
    return bind_node(b, n, &x) && bind_value(b, &x, SHEAF_DTYPE_COUNT, n, value);
}

/* Before and behind: one pair for all axes, or one for each; an integer stands for both. */
static bool widths_of(struct binder *b, const struct node *n, sheaf_options *o)
{
    int64_t pair[SHEAF_MAX_NDIM];
    int count;
    const bool nested = n->kind == NODE_LIST && n->first && n->first->kind == NODE_LIST;
    o->nwidths = 0;
    for (const struct node *item = nested ? n->first : n; item; item = nested ? item->next : NULL) {
        if (!integers_of(b, item, "widths", pair, &count))
            return false;
        if (count < 1 || count > 2 || o->nwidths == SHEAF_MAX_NDIM)
            return bind_refuse(b, item->whole, SHEAF_INVALID, "widths are a number, a pair, or a pair for each axis");
        o->widths[o->nwidths][0] = pair[0];
        o->widths[o->nwidths++][1] = pair[count - 1];
    }
    return true;
}

static bool small_integers(struct binder *b, const struct node *n, const char *what, int *values, int *count)
{
    int64_t wide[SHEAF_MAX_NDIM];
    if (!integers_of(b, n, what, wide, count))
        return false;
    for (int i = 0; i < *count; i++) {
        if (wide[i] > INT32_MAX || wide[i] < INT32_MIN)
            return bind_refuse(b, n->whole, SHEAF_INVALID, "%s %lld is out of range", what, (long long)wide[i]);
        values[i] = (int)wide[i];
    }
    return true;
}

/* Axes by number or by name. */
static bool axes_of(struct binder *b, const struct call *call, const struct node *n, const char *what, int *axes,
                    int *count)
{
    const bool several = n->kind == NODE_LIST;
    bool named = false;
    for (const struct node *item = several ? n->first : n; item; item = several ? item->next : NULL)
        named = named || (item->kind == NODE_STRING && !item->op);
    if (!named)
        return small_integers(b, n, what, axes, count);
    *count = 0;
    for (const struct node *item = several ? n->first : n; item; item = several ? item->next : NULL) {
        int one;
        if (*count == SHEAF_MAX_NDIM)
            return bind_refuse(b, item->whole, SHEAF_INVALID, "%s has more than %d names", what, SHEAF_MAX_NDIM);
        if (!(item->kind == NODE_STRING && !item->op ? dims_find(b, call, item, &axes[*count])
                                                     : small_integers(b, item, what, &axes[*count], &one)))
            return false;
        ++*count;
    }
    return true;
}

static bool range_of(struct binder *b, const struct node *n, double range[2])
{
    if (n->kind != NODE_LIST || !n->first || !n->first->next || n->first->next->next)
        return bind_refuse(b, n->whole, SHEAF_INVALID, "range must be two numbers, such as range=(0, 1)");
    return number_of(b, n->first, "range", &range[0]) && number_of(b, n->first->next, "range", &range[1]);
}

/* One option's value. None leaves it at its default. */
static bool set_word(struct binder *b, struct call *call, const struct word *w, const struct node *n)
{
    sheaf_options *o = call->options;
    void *field = (char *)o + w->at;
    int *count = (int *)(void *)((char *)o + w->count);
    int64_t whole;
    struct bound x;
    if (n->kind == NODE_NONE)
        return true;
    switch (w->kind) {
    case WORD_AXES:
        return axes_of(b, call, n, w->name, field, count);
    case WORD_DESTINATION:
        return small_integers(b, n, w->name, field, count);
    case WORD_LIST:
        return integers_of(b, n, w->name, field, count);
    case WORD_WIDTHS:
        return widths_of(b, n, o);
    case WORD_BOOL:
        return bool_of(b, n, w->name, field);
    case WORD_INT:
        return bind_integer(b, n, w->name, field);
    case WORD_NUMBER:
        return number_of(b, n, w->name, field);
    case WORD_TEXT:
        return text_of(b, n, w->name, field);
    case WORD_RANGE:
        return range_of(b, n, field);
    case WORD_DTYPE:
        return dtype_of(b, n, field);
    case WORD_ORDER:
        if (!bind_integer(b, n, w->name, &whole))
            return false;
        if (whole < 0 || whole > 1000)
            return bind_refuse(b, n->whole, SHEAF_INVALID, "%s must be between 0 and 1000", w->name);
        o->order = (int)whole;
        return true;
    case WORD_BINS:
        if (!bind_node(b, n, &x))
            return false;
        return x.kind == BOUND_WEAK ? bind_integer(b, n, w->name, field) : array_of(b, n, &call->edges);
    case WORD_WEIGHTS:
        return array_of(b, n, &call->weights);
    default:
        return array_of(b, n, &call->edges);
    }
}

/* arange(stop), arange(start, stop), arange(start, stop, step). */
static bool arange_positions(struct binder *b, struct call *call, const struct node *from)
{
    const bool one = !from->next || from->next->keyword.length > 0;
    call->options->step = 1;
    return set_word(b, call, word_at(call->op, one ? 1 : 0), from);
}

bool bind_options(struct binder *b, struct call *call, const struct node *from)
{
    bool given[sizeof words / sizeof *words] = {false};
    int position = 0;
    if (from || call->op->class == CLASS_CREATE) {
        call->options = bind_alloc(b, sizeof *call->options);
        if (!call->options)
            return false;
        sheaf_options_init(call->options);
    }
    for (const struct node *a = from; a; a = a->next) {
        const struct word *w = a->keyword.length
                                   ? word_named(call->op, b->tree->text + a->keyword.at, (size_t)a->keyword.length)
                                   : word_at(call->op, position);
        if (given[w - words])
            return bind_refuse(b, a->whole, SHEAF_INVALID, "%s is given twice", w->name);
        given[w - words] = true;
        const bool first_of_arange = call->op == &op_table[OP_arange] && a == from && a->keyword.length == 0;
        if (!(first_of_arange ? arange_positions(b, call, a) : set_word(b, call, w, a)))
            return false;
        position++;
    }
    return true;
}
