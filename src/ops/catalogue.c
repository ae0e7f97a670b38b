/* The table itself, and finding a row by name. */

#include "ops/move.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_CAST "cast"
#define GROUP_UNARY "elementwise"
#define GROUP_BINARY "elementwise"
#define GROUP_TERNARY "elementwise"
#define GROUP_REDUCE "reduction"
#define GROUP_ORDER "order"
#define GROUP_SCAN "scan"
#define GROUP_DIFFERENCE "difference"
#define GROUP_TRANSFORM "transform"
#define GROUP_MATMUL "linear algebra"
#define GROUP_QUANTILE "order"
#define GROUP_SEARCH "order"
#define GROUP_HISTOGRAM "order"
#define GROUP_TALLY "order"
#define GROUP_VIEW "shape"
#define GROUP_MOVE "movement"
#define GROUP_COMPRESS "movement"
#define GROUP_CREATE "creation"
#define GROUP_OUTER "linear algebra"
#define GROUP_WINDOW "window"
#define GROUP_FILTER "window"
#define GROUP_INTERP "window"
#define GROUP_CONVOLVE "neighbours"
#define BITS_PORTABLE "portable"
#define BITS_HOST "host"

const struct op op_table[OP_COUNT] = {
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    {{#name, aliases, GROUP_##class, nin, arguments, nout, outputs, takes, shapes, dtypes, help, formula, nan,     \
      accuracy, BITS_##bits, example},                                                                             \
     CLASS_##class,                                                                                                \
     RULE_##rule,                                                                                                  \
     kernel,                                                                                                       \
     divisible,                                                                                                    \
     cost},
#include "ops/functions.def"
};

/* ---- by name ---- */

/* A name or alias: n bytes, which may have no end of their own. */
struct entry {
    const char *name;
    size_t n;
    const struct op *op;
};
enum {
    ENTRIES_MOST = 4 * OP_COUNT
};
static struct entry entries[ENTRIES_MOST];
static size_t nentries;
static pthread_once_t sorted = PTHREAD_ONCE_INIT;

static int by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    const int order = memcmp(x->name, y->name, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static void sort_entries(void)
{
    for (size_t i = 0; i < OP_COUNT; i++) {
        const sheaf_function_info *info = &op_table[i].info;
        entries[nentries++] = (struct entry){info->name, strlen(info->name), &op_table[i]};
        for (const char *w = info->aliases; *w && nentries < ENTRIES_MOST;) {
            const size_t n = strcspn(w, " ");
            entries[nentries++] = (struct entry){w, n, &op_table[i]};
            w += n + strspn(w + n, " ");
        }
    }
    qsort(entries, nentries, sizeof *entries, by_name);
}

const struct op *op_find(const char *name)
{
    pthread_once(&sorted, sort_entries);
    const struct entry key = {name ? name : "", name ? strlen(name) : 0, NULL};
    const struct entry *found = bsearch(&key, entries, nentries, sizeof *entries, by_name);
    return found ? found->op : NULL;
}

const sheaf_function_info *op_info(const struct op *op)
{
    return &op->info;
}

bool op_varies(const struct op *op)
{
    return op->class == CLASS_TALLY || op->class == CLASS_COMPRESS;
}

bool op_divisible(const struct op *op)
{
    return op->divisible;
}

size_t sheaf_catalogue_size(void)
{
    return OP_COUNT;
}

/* The row with exactly i names before its own: the table is in order of subject, and small. */
const sheaf_function_info *sheaf_catalogue_at(size_t i)
{
    for (size_t row = 0; row < OP_COUNT; row++) {
        size_t before = 0;
        for (size_t other = 0; other < OP_COUNT; other++)
            before += strcmp(op_table[other].info.name, op_table[row].info.name) < 0;
        if (before == i)
            return &op_table[row].info;
    }
    return NULL;
}

const sheaf_function_info *sheaf_catalogue_find(const char *name)
{
    const struct op *op = op_find(name);
    return op ? &op->info : NULL;
}

#define LONGEST 31

/* Damerau–Levenshtein distance (adjacent letters swapped count once) of two short words. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= na; i++)
        for (size_t j = 1; j <= nb; j++) {
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[na][nb];
}

const char *sheaf_catalogue_suggest(const char *name)
{
    size_t n = name ? strlen(name) : 0, best = SIZE_MAX;
    const char *nearest = NULL;
    if (n == 0 || n > LONGEST)
        return NULL;
    for (size_t i = 0; i < OP_COUNT; i++) {
        const sheaf_function_info *info = &op_table[i].info;
        const char *lists[2] = {info->name, info->aliases};
        for (int k = 0; k < 2; k++)
            for (const char *w = lists[k]; *w;) {
                size_t m = strcspn(w, " ");
                size_t d = m <= LONGEST ? distance(name, n, w, m) : SIZE_MAX;
                if (d < best) {
                    best = d;
                    nearest = info->name;
                }
                w += m + strspn(w + m, " ");
            }
    }
    size_t allowed = n <= 2 ? 1 : n <= 4 ? 2 : 1 + n / 3;
    return best <= allowed && best < n ? nearest : NULL;
}
