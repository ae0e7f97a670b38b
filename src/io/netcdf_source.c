/* What a netCDF variable says about itself: dimensions, coordinates, bounds, attributes. */

#include "base/alloc.h"
#include "io/netcdf.h"
#include "io/netcdf_write.h"
#include <limits.h>
#include <string.h>

enum {
    ABOUT_MOST = 128, /* variables that tell about one, */
    NAMED_MOST = 64   /* of which it names so many */
};

struct looking {
    sheaf_file *file;
    const struct netcdf *nc;
    const struct netcdf_variable *of;
    struct nc_source *s;
    sheaf_error *error;
};

static sheaf_status no_memory(struct looking *l)
{
    return io_no_memory(l->file->path, sizeof(struct nc_about), l->error);
}

static const char *last_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* Those that speak of how values are stored, or of other variables, are not a result's. */
static bool is_kept(const char *name)
{
    static const char *const dropped[] = {
        "missing_value", "scale_factor",  "add_offset",  "valid_range", "valid_min",    "valid_max",
        "actual_range",  "coordinates",   "bounds",      "climatology", "grid_mapping", "ancillary_variables",
        "cell_measures", "formula_terms", "flag_values", "flag_masks",  "flag_meanings"};
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (strcmp(name, dropped[i]) == 0)
            return false;
    return name[0] && name[0] != '_' && !netcdf4_hides(name);
}

static bool copy_attributes(struct arena *arena, const struct io_attributes *from, struct io_attributes *to)
{
    size_t room = 0;
    for (size_t i = 0; i < from->n; i++)
        if (is_kept(from->at[i].name) && !nc_add_attribute(arena, to, &room, &from->at[i]))
            return false;
    return true;
}

/* The variable called `name` in the group of the one looked at; NULL: none. */
static const struct netcdf_variable *find(const struct looking *l, const char *name)
{
    const size_t group = (size_t)(last_name(l->of->name) - l->of->name), n = strlen(name);
    for (size_t i = 0; i < l->nc->n; i++) {
        const struct netcdf_variable *v = &l->nc->variables[i];
        if (strlen(v->name) == group + n && memcmp(v->name, l->of->name, group) == 0 &&
            memcmp(v->name + group, name, n) == 0)
            return v;
    }
    return NULL;
}

static bool is_coordinate(const struct looking *l, const struct netcdf_variable *v)
{
    return v->ndim == 1 && v->dims[0] >= 0 && strcmp(l->nc->dims[v->dims[0]].name, last_name(v->name)) == 0;
}

/* Its dimensions among those of the variable looked at. False: it has one of its own, and may not. */
static bool place_axes(const struct looking *l, const struct netcdf_variable *v, struct nc_about *a)
{
    for (int d = 0; d < v->ndim; d++) {
        a->axis[d] = -1;
        a->shape[d] = v->shape[d];
        a->dims[d] = v->dims[d] >= 0 ? arena_strdup(&l->s->arena, l->nc->dims[v->dims[d]].name) : "";
        for (int k = 0; k < l->of->ndim && a->axis[d] < 0; k++)
            if (v->dims[d] >= 0 && l->of->dims[k] == v->dims[d] && l->of->shape[k] == v->shape[d])
                a->axis[d] = k;
        if (!a->dims[d] || (a->axis[d] < 0 && (a->role != NC_BOUNDS || !*a->dims[d])))
            return false;
    }
    return true;
}

/* Its values, those missing as NaN; *has is false where there are none to be had, such as text. What may be read
 * another time is an error: the result would depend on it. */
static sheaf_status load(const struct looking *l, const struct netcdf_variable *v, struct nc_about *a, bool *has)
{
    sheaf_array *array = NULL;
    sheaf_error why = {SHEAF_OK, ""};
    sheaf_status status = sheaf_file_part_load(l->file, (size_t)(v - l->nc->variables), &array, &why);
    *has = status == SHEAF_OK;
    if (status == SHEAF_IO || status == SHEAF_NO_MEMORY)
        return sheaf_error_set(l->error, status, "%s", why.message);
    if (status != SHEAF_OK)
        return SHEAF_OK;
    const sheaf_view view = sheaf_array_view(array);
    a->dtype = view.dtype;
    a->bytes = (size_t)sheaf_view_size(&view) * sheaf_dtype_size(view.dtype);
    void *data = view.ndim == a->ndim ? arena_alloc(&l->s->arena, a->bytes + 1, 16) : NULL;
    if (data)
        memcpy(data, view.data, a->bytes);
    a->data = data;
    sheaf_array_free(array);
    *has = view.ndim == a->ndim;
    return data || !*has ? SHEAF_OK : io_no_memory(l->file->path, a->bytes, l->error);
}

/* Add v, unless that was done. What cannot be read, or is on other dimensions, is left out. */
static sheaf_status add(struct looking *l, const struct netcdf_variable *v, enum nc_role role)
{
    struct nc_source *s = l->s;
    struct nc_about *a = &s->about[s->nabout];
    if (!v || v == l->of || s->nabout == ABOUT_MOST)
        return SHEAF_OK;
    for (size_t i = 0; i < s->nabout; i++)
        if (strcmp(s->about[i].name, last_name(v->name)) == 0)
            return SHEAF_OK;
    *a = (struct nc_about){.role = role, .dtype = SHEAF_DTYPE_COUNT, .ndim = v->ndim};
    a->name = arena_strdup(&s->arena, last_name(v->name));
    if (!a->name || !copy_attributes(&s->arena, &v->attributes, &a->attributes))
        return no_memory(l);
    bool has = role != NC_MAPPING || v->ndim == 0;
    if (!place_axes(l, v, a))
        return SHEAF_OK;
    sheaf_status status = role != NC_MAPPING ? load(l, v, a, &has) : SHEAF_OK;
    if (status != SHEAF_OK || !has)
        return status;
    s->nabout++;
    const char *bounds = attribute_text(&v->attributes, "bounds");
    const struct netcdf_variable *limits = *bounds && role != NC_BOUNDS ? find(l, bounds) : NULL;
    const size_t before = s->nabout;
    if (!limits)
        return SHEAF_OK;
    status = add(l, limits, NC_BOUNDS);
    if (status == SHEAF_OK && s->nabout > before)
        a->bounds = s->about[before].name;
    return status;
}

/* The words of a list of names. */
static sheaf_status add_named(struct looking *l, const char *attribute, enum nc_role role)
{
    static const char space[] = " \t\n\r";
    const char *words = attribute_text(&l->of->attributes, attribute);
    sheaf_status status = SHEAF_OK;
    char name[256];
    words += strspn(words, space);
    for (int k = 0; k < NAMED_MOST && *words && status == SHEAF_OK; k++, words += strspn(words, space)) {
        const size_t n = strcspn(words, space);
        if (n < sizeof name) {
            memcpy(name, words, n);
            name[n] = '\0';
            const struct netcdf_variable *v = find(l, name);
            status = add(l, v, v && is_coordinate(l, v) ? NC_COORDINATE : role);
        }
        words += n;
    }
    return status;
}

static sheaf_status look(struct looking *l)
{
    struct nc_source *s = l->s;
    sheaf_status status = SHEAF_OK;
    s->about = arena_alloc(&s->arena, (ABOUT_MOST + 1) * sizeof *s->about, 16);
    s->part = arena_strdup(&s->arena, last_name(l->of->name));
    if (!s->about || !s->part || !copy_attributes(&s->arena, &l->of->attributes, &s->attributes) ||
        !copy_attributes(&s->arena, &l->nc->global, &s->global))
        return no_memory(l);
    s->netcdf = true;
    s->ndim = l->of->ndim;
    for (int d = 0; d < s->ndim && status == SHEAF_OK; d++) {
        const int dim = l->of->dims[d];
        s->shape[d] = l->of->shape[d];
        s->dims[d] = dim >= 0 ? arena_strdup(&s->arena, l->nc->dims[dim].name) : "";
        if (!s->dims[d])
            return no_memory(l);
        for (size_t i = 0; dim >= 0 && i < l->nc->n && status == SHEAF_OK; i++) {
            const struct netcdf_variable *v = &l->nc->variables[i];
            if (v->dims[0] == dim && is_coordinate(l, v))
                status = add(l, v, NC_COORDINATE);
        }
    }
    if (status == SHEAF_OK)
        status = add_named(l, "coordinates", NC_AUXILIARY);
    return status == SHEAF_OK ? add_named(l, "grid_mapping", NC_MAPPING) : status;
}

sheaf_status nc_source_read(const char *path, const sheaf_read *read, struct nc_source *s, sheaf_error *error)
{
    const size_t n = io_file_length(path);
    struct looking l = {.s = s, .error = error};
    size_t part;
    sheaf_status status = SHEAF_OK;
    *s = (struct nc_source){.part = ""};
    if (path[n] && !(s->part = arena_strdup(&s->arena, path + n + 1)))
        return io_no_memory(path, strlen(path), error);
    char file[PATH_MAX];
    if (n >= sizeof file)
        return SHEAF_OK;
    memcpy(file, path, n);
    file[n] = '\0';
    if (!io_is_regular(
            file)) /* a pipe was read, and gives nothing again; what is no file, such as a URL, is not fetched */
        return SHEAF_OK;
    sheaf_error why = {SHEAF_OK, ""};
    status = sheaf_file_open_part(path, read, &l.file, &part, &why);
    if (status == SHEAF_INVALID) /* it is no whole part */
        return SHEAF_OK;
    if (status != SHEAF_OK)
        return sheaf_error_set(error, status, "%s", why.message);
    if (l.file->format == &format_netcdf) {
        l.nc = l.file->own;
        l.of = &l.nc->variables[part];
        status = look(&l);
    }
    sheaf_file_close(l.file);
    return status;
}

void nc_source_clear(struct nc_source *s)
{
    arena_free(&s->arena);
    *s = (struct nc_source){.part = ""};
}

/* ---- arrays that are made of it ---- */

void nc_source_insert(struct nc_source *s, int axis)
{
    if (s->ndim < axis || s->ndim == 0 || s->ndim == SHEAF_MAX_NDIM) {
        s->ndim = 0;
        return;
    }
    memmove(s->dims + axis + 1, s->dims + axis, (size_t)(s->ndim - axis) * sizeof *s->dims);
    memmove(s->shape + axis + 1, s->shape + axis, (size_t)(s->ndim - axis) * sizeof *s->shape);
    s->dims[axis] = "";
    s->shape[axis] = -1;
    s->ndim++;
    for (size_t i = 0; i < s->nabout; i++)
        for (int d = 0; d < s->about[i].ndim; d++)
            s->about[i].axis[d] += s->about[i].axis[d] >= axis;
}

void nc_source_remove(struct nc_source *s, int axis)
{
    size_t kept = 0;
    if (axis < 0 || axis >= s->ndim)
        return;
    s->ndim--;
    memmove(s->dims + axis, s->dims + axis + 1, (size_t)(s->ndim - axis) * sizeof *s->dims);
    memmove(s->shape + axis, s->shape + axis + 1, (size_t)(s->ndim - axis) * sizeof *s->shape);
    for (size_t i = 0; i < s->nabout; i++) {
        struct nc_about *a = &s->about[i];
        bool on = false;
        for (int d = 0; d < a->ndim; d++) {
            on = on || a->axis[d] == axis;
            a->axis[d] -= a->axis[d] > axis;
        }
        if (!on)
            s->about[kept++] = *a;
    }
    s->nabout = kept;
}

/* ---- arrays that go on in another file ---- */

/* Which of its own dimensions lies along `axis`; -1: none. */
static int along(const struct nc_about *a, int axis)
{
    for (int d = 0; d < a->ndim; d++)
        if (a->axis[d] == axis)
            return d;
    return -1;
}

/* Whether both are of one kind, and alike but for the length of dimension d. */
static bool goes_on(const struct nc_about *a, const struct nc_about *b, int d)
{
    if (strcmp(a->name, b->name) != 0 || a->dtype != b->dtype || a->role != b->role || a->ndim != b->ndim)
        return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->axis[i] != b->axis[i] || (i != d && a->shape[i] != b->shape[i]))
            return false;
    return !a->data == !b->data;
}

static const struct nc_about *next_of(const struct nc_about *a, const struct nc_source *next, int d)
{
    for (size_t i = 0; i < next->nabout; i++)
        if (goes_on(a, &next->about[i], d))
            return &next->about[i];
    return NULL;
}

/* b's values behind a's along dimension d. */
static bool append(struct arena *arena, struct nc_about *a, const struct nc_about *b, int d)
{
    size_t outer = 1;
    for (int i = 0; i < d; i++)
        outer *= (size_t)a->shape[i];
    const size_t bytes = a->bytes + b->bytes, own = outer ? a->bytes / outer : 0, other = outer ? b->bytes / outer : 0;
    char *to = (char *)(uintptr_t)a->data;
    if (outer > 1 || bytes > a->room) {
        a->room = 2 * bytes;
        to = arena_alloc(arena, a->room + 1, 16);
        for (size_t o = 0; to && o < outer; o++)
            memcpy(to + o * (own + other), (const char *)a->data + o * own, own);
    }
    for (size_t o = 0; to && o < outer; o++)
        memcpy(to + o * (own + other) + own, (const char *)b->data + o * other, other);
    a->data = to;
    a->bytes = bytes;
    a->shape[d] += b->shape[d];
    return to != NULL;
}

static bool take(struct arena *arena, struct nc_about *a, int d, int64_t start, int64_t step, int64_t n)
{
    size_t outer = 1, inner = sheaf_dtype_size(a->dtype);
    for (int i = 0; i < a->ndim; i++)
        if (i != d)
            *(i < d ? &outer : &inner) *= (size_t)a->shape[i];
    const size_t bytes = outer * (size_t)n * inner;
    char *const to = arena_alloc(arena, bytes + 1, 16);
    const char *from = a->data;
    for (size_t o = 0; to && o < outer; o++, from += (size_t)a->shape[d] * inner)
        for (int64_t i = 0; i < n; i++)
            memcpy(to + (o * (size_t)n + (size_t)i) * inner, from + (start + i * step) * (int64_t)inner, inner);
    a->data = to;
    a->bytes = bytes;
    a->room = 0;
    a->shape[d] = n;
    return to != NULL;
}

bool nc_source_take(struct nc_source *s, int axis, int64_t start, int64_t step, int64_t n)
{
    bool ok = true;
    if (axis >= s->ndim)
        return true;
    const int64_t length = s->shape[axis], last = start + (n - 1) * step;
    if (n < 1 || start < 0 || start >= length || last < 0 || last >= length) {
        s->dims[axis] = "";
        return true;
    }
    for (size_t i = 0; i < s->nabout && ok; i++) {
        const int d = along(&s->about[i], axis);
        ok = d < 0 || !s->about[i].data || take(&s->arena, &s->about[i], d, start, step, n);
    }
    s->shape[axis] = n;
    return ok;
}

static bool same_data(const struct nc_about *a, const struct nc_about *b)
{
    return a->bytes == b->bytes && (!a->bytes || memcmp(a->data, b->data, a->bytes) == 0);
}

bool nc_source_append(struct nc_source *s, const struct nc_source *next, int axis)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < s->nabout && ok; i++) {
        struct nc_about *a = &s->about[i];
        const int d = axis < 0 ? -1 : along(a, axis);
        const struct nc_about *b = next_of(a, next, d);
        if (!b || (d < 0 && !same_data(a, b)))
            continue;
        ok = d < 0 || append(&s->arena, a, b, d);
        s->about[kept++] = *a;
    }
    s->nabout = kept;
    if (axis >= 0 && axis < s->ndim && axis < next->ndim)
        s->shape[axis] += next->shape[axis];
    else if (axis >= 0 && axis < s->ndim)
        s->dims[axis] = ""; /* nobody knows how far it goes on */
    nc_agree_attributes(&s->attributes, &next->attributes);
    nc_agree_attributes(&s->global, &next->global);
    return ok;
}

/* ---- several that are to be one ---- */

static bool same_attribute(const struct io_attribute *a, const struct io_attribute *b)
{
    if (!a || !b || !a->values != !b->values || a->n != b->n)
        return false;
    return a->values ? a->dtype == b->dtype && memcmp(a->values, b->values, a->n * sheaf_dtype_size(a->dtype)) == 0
                     : strcmp(a->text, b->text) == 0;
}

void nc_agree_attributes(struct io_attributes *all, const struct io_attributes *other)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        if (same_attribute(&all->at[i], attribute_find(other, all->at[i].name)))
            all->at[kept++] = all->at[i];
    all->n = kept;
}

static bool same_attributes(const struct io_attributes *a, const struct io_attributes *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (!same_attribute(&a->at[i], attribute_find(b, a->at[i].name)))
            return false;
    return a->n == b->n;
}

bool nc_same_about(const struct nc_about *a, const struct nc_about *b)
{
    if (strcmp(a->name, b->name) != 0 || a->dtype != b->dtype || a->ndim != b->ndim || a->bytes != b->bytes)
        return false;
    for (int d = 0; d < a->ndim; d++)
        if (a->shape[d] != b->shape[d] || a->axis[d] != b->axis[d] || strcmp(a->dims[d], b->dims[d]) != 0)
            return false;
    return (!a->bytes || memcmp(a->data, b->data, a->bytes) == 0) && same_attributes(&a->attributes, &b->attributes);
}

static bool says(const struct nc_source *s, const struct nc_about *about)
{
    for (size_t i = 0; i < s->nabout; i++)
        if (nc_same_about(&s->about[i], about))
            return true;
    return false;
}

void nc_source_agree(struct nc_source *s, const struct nc_source *other)
{
    size_t kept = 0;
    if (strcmp(s->part, other->part) != 0)
        s->part = "";
    s->netcdf = s->netcdf && other->netcdf;
    if (s->ndim != other->ndim)
        s->ndim = 0;
    for (int d = 0; d < s->ndim; d++)
        if (s->shape[d] != other->shape[d] || strcmp(s->dims[d], other->dims[d]) != 0)
            s->dims[d] = "";
    for (size_t i = 0; i < s->nabout; i++)
        if (says(other, &s->about[i]))
            s->about[kept++] = s->about[i];
    s->nabout = s->ndim == other->ndim ? kept : 0;
    nc_agree_attributes(&s->attributes, &other->attributes);
    nc_agree_attributes(&s->global, &other->global);
}
