/* netCDF-4: HDF5 datasets, of which some are dimension scales, and say so by attributes. */

#ifdef SHEAF_HDF5

#include "io/hdf5.h"
#include "io/netcdf.h"
#include <string.h>

static const char no_variable[] = "This is a netCDF dimension but not a netCDF variable";
static const char clash[] = "_nc4_non_coord_"; /* before a variable called as a dimension that it is not on */

/* What is known of the datasets before dimensions have names. */
struct scale {
    haddr_t address;
    const char *name;
    int64_t length;
    bool unlimited;
};

struct scales {
    sheaf_file *file;
    struct netcdf *nc;
    struct scale *at;
    size_t n;
};

bool netcdf4_hides(const char *attribute)
{
    static const char *const own[] = {"CLASS",           "NAME",        "DIMENSION_LIST",      "REFERENCE_LIST",
                                      "_Netcdf4Dimid",   "_nc3_strict", "_Netcdf4Coordinates", "_NCProperties",
                                      "DIMENSION_LABELS"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], attribute) == 0)
            return true;
    return false;
}

bool netcdf4_is(const sheaf_file *file, struct hdf5 *h)
{
    size_t n = strlen(file->path);
    if ((n > 3 && strcmp(file->path + n - 3, ".nc") == 0) || (n > 4 && strcmp(file->path + n - 4, ".nc4") == 0))
        return true;
    hdf5_enter();
    bool is = H5Aexists(h->file, "_NCProperties") > 0;
    hdf5_leave();
    return is;
}

/* The name of a variable: without what sets it apart from a dimension. */
static const char *variable_name(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (strncmp(last, clash, sizeof clash - 1) != 0)
        return path;
    char *name = arena_strdup(arena, path);
    if (name)
        memmove(name + (last - path), last + sizeof clash - 1, strlen(last + sizeof clash - 1) + 1);
    return name;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Shape, type and attributes of a dataset, and whether it is a scale. What cannot be read now is refused when it is
 * described. Within the lock. */
static sheaf_status look_at(struct scales *s, struct netcdf_variable *v, hid_t object, const char *path,
                            sheaf_error *error)
{
    hsize_t dims[H5S_MAX_RANK] = {0}, most[H5S_MAX_RANK] = {0};
    char where[NETCDF_WHERE];
    bool big;
    H5O_info_t info;
    hid_t type = H5Dget_type(object), space = H5Dget_space(object);
    int n = H5Sget_simple_extent_dims(space, dims, most);
    v->dtype = type >= 0 ? hdf5_dtype(type, &big) : SHEAF_DTYPE_COUNT;
    v->ndim = n >= 0 && n <= SHEAF_MAX_NDIM ? n : 0;
    for (int d = 0; d < v->ndim; d++) {
        v->shape[d] = dims[d] <= INT64_MAX ? (int64_t)dims[d] : 0;
        v->dims[d] = -1;
    }
    H5Sclose(space);
    H5Tclose(type);
    sheaf_status status = hdf5_attributes(s->nc->h5, object, netcdf_where(s->file, path, where), &v->attributes, error);
    if (status == SHEAF_OK && H5Oget_info(object, &info) < 0)
        status = hdf5_refuses(where, error);
    if (status == SHEAF_OK && strcmp(attribute_text(&v->attributes, "CLASS"), "DIMENSION_SCALE") == 0 && v->ndim)
        s->at[s->n++] = (struct scale){.address = info.addr,
                                       .name = last_name(v->name),
                                       .length = v->shape[0],
                                       .unlimited = most[0] == H5S_UNLIMITED};
    return status;
}

/* The scale of this address as a dimension, or -1. */
static int find_scale(const struct scales *s, haddr_t address)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].address == address)
            return (int)i;
    return -1;
}

/* The scales a dataset is on, by the references in its attribute. Within the lock. */
static void read_list(struct scales *s, struct netcdf_variable *v, hid_t object)
{
    hvl_t lists[SHEAF_MAX_NDIM] = {{0}};
    H5O_info_t info;
    hid_t id = H5Aopen(object, "DIMENSION_LIST", H5P_DEFAULT), space = id >= 0 ? H5Aget_space(id) : -1;
    hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    if (id >= 0 && space >= 0 && H5Sget_simple_extent_npoints(space) == v->ndim && H5Aread(id, type, lists) >= 0) {
        for (int d = 0; d < v->ndim; d++) {
            hid_t scale = lists[d].len ? H5Rdereference2(object, H5P_DEFAULT, H5R_OBJECT, lists[d].p) : -1;
            if (scale >= 0 && H5Oget_info(scale, &info) >= 0)
                v->dims[d] = find_scale(s, info.addr);
            H5Oclose(scale);
        }
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, lists);
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(id);
}

/* A scale is on itself; of more dimensions, as its list of dimensions says. */
static void own_dimensions(struct scales *s, struct netcdf_variable *v, hid_t object)
{
    const struct io_attribute *ids = attribute_find(&v->attributes, "_Netcdf4Coordinates");
    H5O_info_t info;
    double wanted, id;
    if (H5Oget_info(object, &info) < 0)
        return;
    for (int d = 0; d < v->ndim; d++) {
        if (d == 0)
            v->dims[0] = find_scale(s, info.addr);
        if (!attribute_number(ids, (size_t)d, &wanted))
            continue;
        for (size_t i = 0; i < s->nc->n; i++) {
            const struct io_attributes *other = &s->nc->variables[i].attributes;
            if (attribute_number(attribute_find(other, "_Netcdf4Dimid"), 0, &id) && id == wanted)
                for (size_t k = 0; k < s->n; k++)
                    if (s->at[k].name == last_name(s->nc->variables[i].name))
                        v->dims[d] = (int)k;
        }
    }
}

static sheaf_status each(struct scales *s, bool second, sheaf_error *error)
{
    struct netcdf *nc = s->nc;
    sheaf_status status = SHEAF_OK;
    for (size_t i = 0; i < nc->n && status == SHEAF_OK; i++) {
        struct netcdf_variable *v = &nc->variables[i];
        const struct hdf5_part *part = &nc->h5->parts[v->part];
        hid_t object = part->refused ? -1 : H5Oopen(nc->h5->file, part->name, nc->h5->access);
        if (object < 0)
            continue;
        if (!second)
            status = look_at(s, v, object, part->name, error);
        else if (strcmp(attribute_text(&v->attributes, "CLASS"), "DIMENSION_SCALE") == 0)
            own_dimensions(s, v, object);
        else
            read_list(s, v, object);
        H5Oclose(object);
    }
    return status;
}

/* An unlimited dimension is as long as the longest variable on it; the others are filled up. */
static void grow(struct scales *s)
{
    struct netcdf *nc = s->nc;
    for (size_t i = 0; i < nc->n; i++)
        for (int d = 0; d < nc->variables[i].ndim; d++) {
            const struct netcdf_variable *v = &nc->variables[i];
            if (v->dims[d] >= 0 && s->at[v->dims[d]].unlimited && v->shape[d] > s->at[v->dims[d]].length)
                s->at[v->dims[d]].length = v->shape[d];
        }
    for (size_t i = 0; i < nc->n; i++)
        for (int d = 0; d < nc->variables[i].ndim; d++) {
            struct netcdf_variable *v = &nc->variables[i];
            if (v->dims[d] >= 0 && s->at[v->dims[d]].unlimited)
                v->shape[d] = s->at[v->dims[d]].length;
        }
}

sheaf_status netcdf4_list(sheaf_file *file, struct netcdf *nc, sheaf_error *error)
{
    const size_t n = nc->h5->n;
    struct scales s = {.file = file, .nc = nc};
    nc->version = 4;
    nc->variables = arena_alloc(&nc->arena, (n + 1) * sizeof *nc->variables, 16);
    s.at = arena_alloc(&nc->arena, (n + 1) * sizeof *s.at, 16);
    nc->dims = arena_alloc(&nc->arena, (n + 1) * sizeof *nc->dims, 16);
    if (!nc->variables || !s.at || !nc->dims)
        return io_no_memory(file->path, n * sizeof *nc->variables, error);
    for (; nc->n < n; nc->n++) {
        const char *name = variable_name(&nc->arena, nc->h5->parts[nc->n].name);
        if (!name)
            return io_no_memory(file->path, n, error);
        nc->variables[nc->n] = (struct netcdf_variable){.name = name, .dtype = SHEAF_DTYPE_COUNT, .part = nc->n};
    }
    hdf5_enter();
    sheaf_status status = each(&s, false, error);
    if (status == SHEAF_OK)
        status = each(&s, true, error);
    if (status == SHEAF_OK)
        status = hdf5_attributes(nc->h5, nc->h5->file, file->path, &nc->global, error);
    hdf5_leave();
    if (status)
        return status;
    grow(&s);
    for (size_t i = 0; i < s.n; i++)
        nc->dims[nc->ndims++] = (struct netcdf_dimension){s.at[i].name, s.at[i].length};
    size_t kept = 0;
    for (size_t i = 0; i < nc->n; i++)
        if (strncmp(attribute_text(&nc->variables[i].attributes, "NAME"), no_variable, sizeof no_variable - 1) != 0)
            nc->variables[kept++] = nc->variables[i];
    nc->n = kept;
    return SHEAF_OK;
}

#else
typedef int netcdf4_is_empty;
#endif
