/* What a netCDF file under construction is to hold: results, and what is still true of them that their inputs said. */

#include "io/netcdf_write.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- tables that grow, in an arena ---- */

static void *grow(struct arena *arena, void *table, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return table;
    const size_t more = *room ? 2 * *room : 8;
    void *larger = arena_alloc(arena, more * size, 16);
    if (larger && n)
        memcpy(larger, table, n * size);
    if (larger)
        *room = more;
    return larger;
}

bool nc_add_attribute(struct arena *arena, struct io_attributes *all, size_t *room, const struct io_attribute *a)
{
    struct io_attribute *at = grow(arena, all->at, all->n, room, sizeof *at);
    if (!at)
        return false;
    all->at = at;
    struct io_attribute *copy = &at[all->n];
    *copy = *a;
    copy->name = arena_strdup(arena, a->name);
    copy->text = arena_strdup(arena, a->text ? a->text : "");
    if (a->values) {
        const size_t bytes = a->n * sheaf_dtype_size(a->dtype);
        void *values = arena_alloc(arena, bytes + 1, 16);
        if (values)
            memcpy(values, a->values, bytes);
        copy->values = values;
        if (!values)
            return false;
    }
    all->n++;
    return copy->name && copy->text;
}

bool nc_add_text(struct arena *arena, struct io_attributes *all, size_t *room, const char *name, const char *text)
{
    return nc_add_attribute(arena, all, room, &(struct io_attribute){.name = name, .text = text});
}

static sheaf_status no_memory(const char *path, sheaf_error *error)
{
    return io_no_memory(path, sizeof(struct nc_variable), error);
}

/* ---- names ---- */

static bool is_taken(const struct nc_writer *w, const char *name)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->variables[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < w->ndims; i++)
        if (strcmp(w->dims[i].name, name) == 0)
            return true;
    return false;
}

/* The name, or name_2, name_3, …; NULL: no memory. A variable called as a dimension would be its coordinate. */
static const char *unique(struct nc_writer *w, const char *name)
{
    char text[280];
    snprintf(text, sizeof text, "%.240s", name);
    for (unsigned k = 2; is_taken(w, text); k++)
        snprintf(text, sizeof text, "%.240s_%u", name, k);
    return arena_strdup(&w->arena, text);
}

/* ---- dimensions ---- */

/* The dimension of this name, length and coordinate, made if need be; -1: no memory. */
static int dimension(struct nc_writer *w, const char *name, int64_t length, const struct nc_about *coordinate)
{
    for (size_t i = 0; i < w->ndims; i++) {
        const struct nc_dimension *d = &w->dims[i];
        if (strncmp(d->name, name, strlen(name)) != 0 || d->length != length || !d->coordinate != !coordinate)
            continue;
        if (coordinate ? d->coordinate == coordinate || nc_same_about(d->coordinate, coordinate)
                       : strcmp(d->name, name) == 0)
            return (int)i;
    }
    struct nc_dimension *dims = grow(&w->arena, w->dims, w->ndims, &w->dims_room, sizeof *dims);
    if (!dims)
        return -1;
    w->dims = dims;
    dims[w->ndims] = (struct nc_dimension){unique(w, name), length, coordinate};
    return dims[w->ndims].name ? (int)w->ndims++ : -1;
}

/* ---- variables ---- */

static struct nc_variable *variable(struct nc_writer *w, const char *name, sheaf_dtype dtype)
{
    struct nc_variable *all = grow(&w->arena, w->variables, w->n, &w->room, sizeof *all);
    if (!all)
        return NULL;
    w->variables = all;
    all[w->n] = (struct nc_variable){.name = name, .dtype = dtype, .elements = 1};
    return name ? &all[w->n++] : NULL;
}

static void set_dims(const struct nc_writer *w, struct nc_variable *v, int ndim, const int *dims)
{
    v->ndim = ndim;
    for (int d = 0; d < ndim; d++) {
        v->dims[d] = dims[d];
        v->elements *= (uint64_t)w->dims[dims[d]].length;
    }
}

/* int64, which only CDF-5 has, as int32 where that holds it: times are often so. */
static bool narrow(struct nc_writer *w, struct nc_variable *v)
{
    const int64_t *wide = v->data;
    if (v->dtype != SHEAF_I64)
        return true;
    for (uint64_t i = 0; i < v->elements; i++)
        if (wide[i] != (int32_t)wide[i])
            return true;
    int32_t *values = arena_alloc(&w->arena, v->elements * sizeof *values + 1, 16);
    for (uint64_t i = 0; values && i < v->elements; i++)
        values[i] = (int32_t)wide[i];
    v->dtype = SHEAF_I32;
    v->data = values;
    return values != NULL;
}

static const struct nc_about *about_called(const struct nc_source *s, const char *name)
{
    for (size_t i = 0; name && i < s->nabout; i++)
        if (strcmp(s->about[i].name, name) == 0)
            return &s->about[i];
    return NULL;
}

/* The variable that says what `about` does on these dimensions, made if need be. NULL, with *failed: no memory; else
 * its name is taken by another, or there is no type for it, and it is left out. */
static const char *add_about(struct nc_writer *w, const struct nc_source *s, const struct nc_about *about,
                             const char *name, const int *dims, bool *failed)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct nc_variable *v = &w->variables[i];
        if (v->about && strcmp(v->name, name) == 0 && v->ndim == about->ndim &&
            memcmp(v->dims, dims, (size_t)v->ndim * sizeof *dims) == 0 && nc_same_about(v->about, about))
            return v->name;
    }
    if ((about->role != NC_COORDINATE && is_taken(w, name)) || nc_check_dtype("", "", about->dtype, NULL) != SHEAF_OK)
        return NULL;
    const size_t at = w->n;
    static const char nothing[4] = {0};
    struct nc_variable *v = variable(w, arena_strdup(&w->arena, name), about->dtype);
    size_t room = 0;
    *failed = !v;
    if (!v)
        return NULL;
    v->about = about;
    v->data = about->data ? about->data : nothing;
    set_dims(w, v, about->ndim, dims);
    for (size_t i = 0; i < about->attributes.n && !*failed; i++)
        *failed = !nc_add_attribute(&w->arena, &v->attributes, &room, &about->attributes.at[i]);
    *failed = *failed || !narrow(w, v);
    const struct nc_about *bounds = *failed ? NULL : about_called(s, about->bounds);
    if (!bounds || bounds->ndim < about->ndim)
        return *failed ? NULL : w->variables[at].name;
    int own[SHEAF_MAX_NDIM];
    for (int d = 0; d < bounds->ndim && !*failed; d++) {
        own[d] = d < about->ndim ? dims[d] : dimension(w, bounds->dims[d], bounds->shape[d], NULL);
        if (d < about->ndim && (bounds->axis[d] != about->axis[d] || bounds->shape[d] != about->shape[d]))
            return w->variables[at].name;
        *failed = own[d] < 0;
    }
    const char *made = *failed ? NULL : add_about(w, s, bounds, bounds->name, own, failed);
    if (made)
        *failed = !nc_add_text(&w->arena, &w->variables[at].attributes, &room, "bounds", made);
    return *failed ? NULL : w->variables[at].name;
}

/* ---- results ---- */

/* The source of a dimension of the result, and which dimension of it that is; NULL: there is none of this length. */
static const struct nc_source *origin(const struct nc_result *r, int d, int *axis)
{
    const int o = r->origins ? r->origins[d] : -1, k = o / SHEAF_MAX_NDIM;
    if (o < 0 || k >= r->nsources)
        return NULL;
    *axis = o % SHEAF_MAX_NDIM;
    const struct nc_source *s = &r->sources[k];
    return *axis < s->ndim && s->shape[*axis] == r->view->shape[d] && *s->dims[*axis] ? s : NULL;
}

static int result_dimension(struct nc_writer *w, const struct nc_result *r, int d)
{
    char plain[16];
    int axis;
    const struct nc_source *s = origin(r, d, &axis);
    snprintf(plain, sizeof plain, "dim_%d", d);
    if (!s)
        return dimension(w, plain, r->view->shape[d], NULL);
    const struct nc_about *c = about_called(s, s->dims[axis]);
    return dimension(w, s->dims[axis], r->view->shape[d],
                     c && c->role == NC_COORDINATE && c->axis[0] == axis ? c : NULL);
}

/* Where the dimensions of what one source says about are in the result. False: one is not there. */
static bool find_dims(const struct nc_result *r, const struct nc_source *s, const struct nc_about *about,
                      const int *result, int *dims)
{
    for (int k = 0; k < about->ndim; k++) {
        int axis;
        dims[k] = -1;
        for (int d = 0; d < r->view->ndim; d++)
            if (origin(r, d, &axis) == s && axis == about->axis[k])
                dims[k] = result[d];
        if (dims[k] < 0)
            return false;
    }
    return true;
}

/* Append to a list of names. */
static void add_word(char *words, size_t size, const char *word)
{
    const size_t n = strlen(words);
    if (n + strlen(word) + 2 < size)
        snprintf(words + n, size - n, "%s%s", n ? " " : "", word);
}

/* What sources say about the dimensions: coordinates[] gets the names to be told by the result. */
static bool add_abouts(struct nc_writer *w, const struct nc_result *r, const int *result, char *coordinates,
                       size_t size, const char **mapping)
{
    bool failed = false;
    for (int k = 0; k < r->nsources; k++)
        for (size_t i = 0; i < r->sources[k].nabout && !failed; i++) {
            const struct nc_source *s = &r->sources[k];
            const struct nc_about *about = &s->about[i];
            int dims[SHEAF_MAX_NDIM];
            const bool alone = about->ndim == 0 && (r->nsources > 1 || !r->origins);
            if (about->role == NC_BOUNDS || alone || !find_dims(r, s, about, result, dims))
                continue;
            const bool coordinate = about->role == NC_COORDINATE;
            if (coordinate && (!w->dims[dims[0]].coordinate || !nc_same_about(w->dims[dims[0]].coordinate, about)))
                continue;
            const char *made = add_about(w, s, about, coordinate ? w->dims[dims[0]].name : about->name, dims, &failed);
            if (made && about->role == NC_AUXILIARY)
                add_word(coordinates, size, made);
            if (made && about->role == NC_MAPPING)
                *mapping = made;
        }
    return !failed;
}

/* NaN says missing, and nothing else does: also what netCDF fills with is then a value. */
static bool add_marks(struct nc_writer *w, struct nc_variable *v, size_t *room)
{
    const double nan = NAN;
    const float single = NAN;
    struct io_attribute fill = {.name = "_FillValue", .values = &nan, .dtype = v->dtype, .n = 1};
    if (v->dtype == SHEAF_F32)
        fill.values = &single;
    if (v->dtype == SHEAF_F32 || v->dtype == SHEAF_F64)
        return nc_add_attribute(&w->arena, &v->attributes, room, &fill);
    return v->dtype != SHEAF_BOOL || nc_add_text(&w->arena, &v->attributes, room, "dtype", "bool");
}

static bool add_attributes(struct nc_writer *w, size_t at, const struct nc_result *r, const char *coordinates,
                           const char *mapping)
{
    struct nc_variable *v = &w->variables[at];
    const struct nc_source *s = r->nsources == 1 && r->attributes ? &r->sources[0] : NULL;
    size_t room = 0;
    for (size_t i = 0; s && i < s->attributes.n; i++)
        if (!nc_add_attribute(&w->arena, &v->attributes, &room, &s->attributes.at[i]))
            return false;
    return (!*coordinates || nc_add_text(&w->arena, &v->attributes, &room, "coordinates", coordinates)) &&
           (!mapping || nc_add_text(&w->arena, &v->attributes, &room, "grid_mapping", mapping)) &&
           add_marks(w, v, &room);
}

static const char items_dimension[] = "item", items_names[] = "item_name";

sheaf_status nc_add(struct nc_writer *w, const char *path, const struct nc_result *r, size_t *number,
                    sheaf_error *error)
{
    int all[SHEAF_MAX_NDIM + 1] = {0}, *dims = all + (r->items > 0);
    char coordinates[1024] = "", text[IO_SHOWN];
    const char *mapping = NULL;
    const int ndim = r->view->ndim;
    sheaf_status status = nc_check_dtype(path, r->name, r->view->dtype, error);
    if (status != SHEAF_OK)
        return status;
    for (int d = 0; d < ndim; d++)
        if (r->view->shape[d] == 0)
            return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                   "%s: %.100s has no elements, and netCDF classic has no dimension of length 0; write "
                                   "to NAME.npy",
                                   io_shown(path, text), r->name);
    if (ndim + (r->items > 0) > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_SHAPE, "%s: results of %d dimensions cannot be stacked",
                               io_shown(path, text), ndim);
    if (r->items) {
        all[0] = dimension(w, items_dimension, r->items, NULL);
        add_word(coordinates, sizeof coordinates, items_names);
    }
    for (int d = 0; d < ndim; d++)
        if ((dims[d] = result_dimension(w, r, d)) < 0)
            return no_memory(path, error);
    if (all[0] < 0 || !add_abouts(w, r, dims, coordinates, sizeof coordinates, &mapping))
        return no_memory(path, error);
    *number = w->n;
    struct nc_variable *v = variable(w, unique(w, r->name), r->view->dtype);
    if (!v)
        return no_memory(path, error);
    set_dims(w, v, ndim + (r->items > 0), all);
    return add_attributes(w, *number, r, coordinates, mapping) ? SHEAF_OK : no_memory(path, error);
}

sheaf_status nc_add_items(struct nc_writer *w, const char *path, size_t n, const char *const *names, sheaf_error *error)
{
    size_t longest = 1;
    for (size_t i = 0; i < n; i++)
        longest = strlen(names[i]) > longest ? strlen(names[i]) : longest;
    const int dims[2] = {dimension(w, items_dimension, (int64_t)n, NULL),
                         dimension(w, "item_name_length", (int64_t)longest, NULL)};
    char *text = longest <= PTRDIFF_MAX / n ? arena_alloc(&w->arena, n * longest, 1) : NULL;
    struct nc_variable *v = variable(w, items_names, SHEAF_DTYPE_COUNT);
    size_t room = 0;
    if (dims[0] < 0 || dims[1] < 0 || !text || !v)
        return no_memory(path, error);
    memset(text, 0, n * longest);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * longest, names[i], strlen(names[i]));
    v->data = text;
    set_dims(w, v, 2, dims);
    return nc_add_text(&w->arena, &v->attributes, &room, "long_name", "what each item was read from")
               ? SHEAF_OK
               : no_memory(path, error);
}

/* As CF has it: the newest line first. */
static bool add_history(struct nc_writer *w, const char *before, const char *line)
{
    const size_t n = strlen(before), m = strlen(line);
    char *text = arena_alloc(&w->arena, n + m + 2, 1);
    if (!text)
        return false;
    memcpy(text, line, m + 1);
    if (n) {
        text[m] = '\n';
        memcpy(text + m + 1, before, n + 1);
    }
    return nc_add_text(&w->arena, &w->global, &w->global_room, "history", text);
}

sheaf_status nc_add_global(struct nc_writer *w, const char *path, const struct nc_source *source, const char *history,
                           sheaf_error *error)
{
    const char *before = attribute_text(&source->global, "history");
    bool ok = true;
    for (size_t i = 0; i < source->global.n && ok; i++)
        if (!history || strcmp(source->global.at[i].name, "history") != 0)
            ok = nc_add_attribute(&w->arena, &w->global, &w->global_room, &source->global.at[i]);
    if (ok && history)
        ok = add_history(w, before, history);
    return ok ? SHEAF_OK : no_memory(path, error);
}
