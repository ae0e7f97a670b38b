#include "batch/netcdf.h"

#include "base/alloc.h"
#include "batch/preview.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the inputs say ---- */

static sheaf_status no_memory(const struct nc_results *n, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%.200s: no memory for what its inputs say", n->r->target->path);
}

/* The dimension that was joined along, as the first file has it; -1: a new one in front. */
static int joined_axis(const struct nc_source *s, const char *axis)
{
    char *end;
    const long number = strtol(axis, &end, 10);
    if (strcmp(axis, "new") == 0)
        return -1;
    if (end != axis && !*end)
        return (int)(number < 0 ? number + s->ndim : number);
    for (int d = 0; d < s->ndim; d++)
        if (strcmp(s->dims[d], axis) == 0)
            return d;
    return s->ndim;
}

/* What the other files of a join say, behind what the first does. */
static sheaf_status read_others(const struct nc_results *n, size_t count, const char *const *members, const char *axis,
                                struct nc_source *first, sheaf_error *error)
{
    const int along = joined_axis(first, axis);
    sheaf_status status = SHEAF_OK;
    for (size_t m = 1; m < count && status == SHEAF_OK && first->netcdf; m++) {
        struct nc_source next;
        status = nc_source_read(members[m], n->r->batch->items->read, &next, error);
        if (status == SHEAF_OK && !nc_source_append(first, &next, along))
            status = no_memory(n, error);
        nc_source_clear(&next);
    }
    if (status == SHEAF_OK && along < 0)
        nc_source_insert(first, 0);
    return status;
}

/* What item i's arrays say, to sources; how many there are. whole: of slices the arrays that they are of. */
static sheaf_status read_sources(const struct nc_results *n, size_t i, bool whole, struct nc_source *sources,
                                 int *count, sheaf_error *error)
{
    const struct items *items = n->r->batch->items;
    const struct item *item = items_at(items, i);
    const struct cut *cut = item->cut ? items_cut(items, i) : NULL;
    const char *const *members;
    sheaf_status status = SHEAF_OK;
    *count = item_is_file(item) ? item->count : 0;
    for (int k = 0; k < ITEM_MAX_INPUTS; k++)
        sources[k] = (struct nc_source){.part = ""};
    for (int k = 0; k < *count && status == SHEAF_OK; k++) {
        const sheaf_read *read = item_read(items, item, k);
        const size_t joined = read_members(read, &members);
        status = nc_source_read(item_member(items, item, k, 0), joined ? items->read : read, &sources[k], error);
        if (joined && status == SHEAF_OK)
            status = read_others(n, joined, members, read_axis(read), &sources[k], error);
        if (cut && !whole && !cut->refused && cut->parts[k].sliced)
            nc_source_remove(&sources[k], cut->parts[k].axis);
    }
    return status;
}

/* Room for what another item says, which stays until the file is written. */
static struct nc_source *new_block(struct nc_results *n)
{
    if (n->nblocks == n->room) {
        const size_t room = n->room ? 2 * n->room : 1;
        struct nc_source *more = mem_realloc(n->sources, room * ITEM_MAX_INPUTS * sizeof *more);
        if (!more)
            return NULL;
        n->sources = more;
        n->room = room;
    }
    return n->sources + n->nblocks++ * ITEM_MAX_INPUTS;
}

/* What sources say of dimensions that the result has parts of, as of x[a:b], they then say of those parts. False: no
 * memory. */
static bool take_parts(const struct nc_result *result, struct nc_source *sources, const struct origin *told,
                       int origins[SHEAF_MAX_NDIM])
{
    bool ok = true;
    for (int d = 0; d < SHEAF_MAX_NDIM; d++)
        origins[d] = ORIGIN_NONE;
    for (int d = 0; d < result->view->ndim && ok; d++) {
        const struct origin *o = &told[d];
        int e = 0;
        while (e < d && (told[e].from != o->from || origins[e] < 0))
            e++;
        const bool again = e < d, same = again && told[e].start == o->start && told[e].step == o->step &&
                                         result->view->shape[e] == result->view->shape[d];
        if (o->from < 0 || (again && !same)) /* a source says one thing of a dimension */
            continue;
        origins[d] = o->from;
        if (o->part && !again && o->from / SHEAF_MAX_NDIM < result->nsources)
            ok = nc_source_take(&sources[o->from / SHEAF_MAX_NDIM], o->from % SHEAF_MAX_NDIM, o->start, o->step,
                                result->view->shape[d]);
    }
    return ok;
}

/* The slices of one array, that lie along a dimension of it as the items of a stack do. */
struct stacked {
    const struct cut *cut;
    int source, count; /* the array whose dimension it is, and how many there are */
    sheaf_view view;
};

/* The cut that all items are slices of, if so. */
static const struct cut *only_cut(const struct items *items)
{
    return items->ncuts == 1 && items->entries == 1 && !items->cuts->refused ? items->cuts : NULL;
}

/* Whether its array has a name for the dimension. */
static bool is_stacked(const struct cut *cut, const struct nc_source *sources, int count, const sheaf_view *row,
                       struct stacked *s)
{
    int k = 0;
    while (k < count && !cut->parts[k].sliced)
        k++;
    if (k == count || row->ndim == SHEAF_MAX_NDIM)
        return false;
    const int axis = cut->parts[k].axis;
    if (axis >= sources[k].ndim || !*sources[k].dims[axis])
        return false;
    int64_t shape[SHEAF_MAX_NDIM] = {(int64_t)cut->n};
    memcpy(shape + 1, row->shape, (size_t)row->ndim * sizeof *shape);
    *s = (struct stacked){.cut = cut, .source = k, .count = count};
    return sheaf_view_init(&s->view, NULL, row->dtype, row->ndim + 1, shape, NULL) == SHEAF_OK;
}

/* Of a slice's dimensions to those of the stack. */
static void stack_origins(const struct stacked *s, struct origin told[SHEAF_MAX_NDIM])
{
    for (int d = 0; d < SHEAF_MAX_NDIM; d++) {
        const int k = told[d].from / SHEAF_MAX_NDIM, axis = told[d].from % SHEAF_MAX_NDIM;
        if (told[d].from >= 0 && k < s->count && s->cut->parts[k].sliced && axis >= s->cut->parts[k].axis)
            told[d].from++;
    }
    memmove(told + 1, told, (SHEAF_MAX_NDIM - 1) * sizeof *told);
    told[0] = (struct origin){s->source * SHEAF_MAX_NDIM + s->cut->parts[s->source].axis, false, 0, 1};
}

/* What the sources say of output k of item i: where its dimensions come from, and whether it is a value as those that
 * it was made of, not an index, a count or a mask. Where no source says anything, nobody asks. */
static sheaf_status relate(const struct nc_results *n, size_t i, int k, const struct stacked *stacked,
                           struct nc_source *sources, struct nc_result *result, int origins[SHEAF_MAX_NDIM],
                           sheaf_error *error)
{
    struct origin told[SHEAF_MAX_NDIM];
    sheaf_dtype dtype;
    bool asked = false, known = false;
    for (int j = 0; j < result->nsources; j++)
        asked = asked || result->sources[j].netcdf;
    sheaf_status status =
        asked ? preview_origins(n->r->func, n->r->batch->items, i, k, told, &known, &dtype, error) : SHEAF_OK;
    if (status != SHEAF_OK || !known)
        return status;
    if (stacked)
        stack_origins(stacked, told);
    if (!take_parts(result, sources, told, origins))
        return no_memory(n, error);
    result->origins = origins;
    result->attributes = has_nan(result->view->dtype) || dtype == result->view->dtype;
    return SHEAF_OK;
}

/* ---- names ---- */

static bool is_identifier(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return !*text;
}

/* "mean(x, axis=0)" as "mean_x_axis_0". */
static void tidy(const char *text, char *name, size_t size)
{
    size_t n = 0;
    for (; *text && n + 1 < size; text++)
        if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80)
            name[n++] = *text;
        else if (n && name[n - 1] != '_')
            name[n++] = '_';
    while (n && name[n - 1] == '_')
        n--;
    name[n] = '\0';
}

/* What a result is called: as its item, by its user, else as the variable it is made of, else after the function. */
static void name_result(const struct request *r, int k, const char *member, const char *part, char *name, size_t size)
{
    const char *output = r->func->outputs[k];
    const int nout = r->func->nout;
    const bool plain = strcmp(output, "x") == 0;
    char both[2 * PATH_MAX];
    if (member && nout == 1)
        snprintf(name, size, "%.*s", (int)size - 1, member);
    else if (member && snprintf(both, sizeof both, "%s %s", member, output) > 0)
        tidy(both, name, size);
    else if (is_identifier(output) && !plain)
        snprintf(name, size, "%s", output);
    else if (*part && nout == 1)
        snprintf(name, size, "%s", part);
    else
        tidy(plain ? "values" : output, name, size);
    if (!*name)
        snprintf(name, size, "values");
}

/* ---- results ---- */

sheaf_status nc_results_add(struct nc_results *n, size_t i, int k, const sheaf_view *view, const char *member,
                            size_t *variable, sheaf_error *error)
{
    const struct request *r = n->r;
    char text[256];
    int origins[SHEAF_MAX_NDIM], count;
    struct nc_source *sources = new_block(n);
    if (!sources)
        return no_memory(n, error);
    sheaf_status status = read_sources(n, i, false, sources, &count, error);
    if (status != SHEAF_OK)
        return status;
    name_result(r, k, member, count == 1 ? sources[0].part : "", text, sizeof text);
    struct nc_result result = {.name = text, .view = view, .nsources = count, .sources = sources};
    status = relate(n, i, k, NULL, sources, &result, origins, error);
    return status == SHEAF_OK ? nc_add(&n->writer, r->target->path, &result, variable, error) : status;
}

/* What all items with a result say. */
static sheaf_status agree(struct nc_results *n, const sheaf_results *results, size_t first, struct nc_source *sources,
                          int count, sheaf_error *error)
{
    struct nc_source other[ITEM_MAX_INPUTS];
    sheaf_status status = SHEAF_OK;
    int others;
    const struct item *last = items_at(n->r->batch->items, first);
    for (size_t i = first + 1; i < results->n && status == SHEAF_OK; i++) {
        const struct item *item = items_at(n->r->batch->items, i);
        if (results->slots[i].status != SHEAF_OK || item == last) /* slices of one file say the same */
            continue;
        last = item;
        status = read_sources(n, i, false, other, &others, error);
        for (int k = 0; k < count && status == SHEAF_OK; k++)
            nc_source_agree(&sources[k], &other[k]);
        for (int k = 0; k < ITEM_MAX_INPUTS; k++)
            nc_source_clear(&other[k]);
    }
    return status;
}

/* Which items there are is said once, before the first stack. */
static sheaf_status name_items(struct nc_results *n, sheaf_error *error)
{
    const struct items *items = n->r->batch->items;
    struct arena arena = {0};
    char unnamed[SHEAF_NAME_MAX];
    bool ok = true;
    const char **names = arena_alloc(&arena, items->n * sizeof *names, sizeof *names);
    for (size_t i = 0; i < items->n && names && ok; i++)
        ok = (names[i] = arena_strdup(&arena, item_name(items, i, unnamed))) != NULL;
    sheaf_status status =
        names && ok ? nc_add_items(&n->writer, n->r->target->path, items->n, names, error) : no_memory(n, error);
    arena_free(&arena);
    return status;
}

/* What all items with a result say, to sources. *lies: they are slices that lie along a dimension of what they are of,
 * which then is the stack's first; else they are named, by the first stack. */
static sheaf_status stack_sources(struct nc_results *n, const sheaf_results *results, const sheaf_view *row,
                                  struct nc_source *sources, int *count, struct stacked *stacked, bool *lies,
                                  size_t *first, sheaf_error *error)
{
    const struct cut *cut = only_cut(n->r->batch->items);
    *first = 0;
    while (*first < results->n && results->slots[*first].status != SHEAF_OK)
        ++*first;
    sheaf_status status = cut ? read_sources(n, *first, true, sources, count, error) : SHEAF_OK;
    *lies = cut && status == SHEAF_OK && is_stacked(cut, sources, *count, row, stacked);
    if (status != SHEAF_OK || *lies)
        return status;
    for (int k = 0; k < ITEM_MAX_INPUTS && cut; k++)
        nc_source_clear(&sources[k]);
    status = n->nblocks > 1 ? SHEAF_OK : name_items(n, error);
    if (status == SHEAF_OK)
        status = read_sources(n, *first, false, sources, count, error);
    return status == SHEAF_OK ? agree(n, results, *first, sources, *count, error) : status;
}

sheaf_status nc_results_stack(struct nc_results *n, const sheaf_results *results, int k, const sheaf_view *view,
                              size_t *variable, sheaf_error *error)
{
    const struct request *r = n->r;
    char text[256];
    int origins[SHEAF_MAX_NDIM], count;
    size_t first;
    struct stacked stacked;
    bool lies;
    struct nc_source *sources = new_block(n);
    if (!sources)
        return no_memory(n, error);
    sheaf_status status = stack_sources(n, results, view, sources, &count, &stacked, &lies, &first, error);
    if (status != SHEAF_OK)
        return status;
    name_result(r, k, NULL, count == 1 ? sources[0].part : "", text, sizeof text);
    struct nc_result result = {.name = text,
                               .view = lies ? &stacked.view : view,
                               .items = lies ? 0 : (int64_t)results->n,
                               .nsources = count,
                               .sources = sources};
    status = relate(n, first, k, lies ? &stacked : NULL, sources, &result, origins, error);
    return status == SHEAF_OK ? nc_add(&n->writer, r->target->path, &result, variable, error) : status;
}

sheaf_status nc_results_begin(struct nc_results *n, struct io_output *out, sheaf_error *error)
{
    static const struct nc_source none = {.part = ""};
    struct nc_source *first = n->sources;
    for (size_t b = 1; b < n->nblocks; b++)
        nc_agree_attributes(&first->global, &n->sources[b * ITEM_MAX_INPUTS].global);
    sheaf_status status =
        nc_add_global(&n->writer, n->r->target->path, n->nblocks ? first : &none, request_history(n->r), error);
    return status == SHEAF_OK ? nc_begin(&n->writer, out, error) : status;
}

void nc_results_clear(struct nc_results *n)
{
    for (size_t s = 0; s < n->nblocks * ITEM_MAX_INPUTS; s++)
        nc_source_clear(&n->sources[s]);
    mem_free(n->sources);
    nc_clear(&n->writer);
    *n = (struct nc_results){0};
}

sheaf_status nc_save_as(const struct request *r, const char *path, const char *suffix, size_t i, const sheaf_view *view,
                        sheaf_error *error)
{
    struct nc_results n = {.r = r};
    struct io_output out = {0};
    size_t variable;
    char member[PATH_MAX];
    sheaf_status status = r->options->as_is ? member_alone(r, i, member, error) : SHEAF_OK;
    if (status == SHEAF_OK)
        status = nc_results_add(&n, i, 0, view, r->options->as_is ? member : NULL, &variable, error);
    if (status == SHEAF_OK)
        status = io_create_as(path, suffix, false, &out, error);
    if (status == SHEAF_OK)
        status = nc_results_begin(&n, &out, error);
    if (status == SHEAF_OK)
        status = nc_put(&n.writer, &out, variable, 0, (size_t)sheaf_view_size(view), view->data, error);
    if (status == SHEAF_OK)
        status = io_commit(&out, false, error);
    io_discard(&out);
    nc_results_clear(&n);
    return status;
}
