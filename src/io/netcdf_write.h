#ifndef SHEAF_IO_NETCDF_WRITE_H
#define SHEAF_IO_NETCDF_WRITE_H

/* Writing netCDF classic: what an input says about itself, and a file under construction, that keeps of it what is
 * still true of a result. */

#include "io/attributes.h"

/* ---- what a netCDF variable says about itself ---- */

enum nc_role {
    NC_COORDINATE, /* of a dimension: called as it, and on it alone */
    NC_AUXILIARY,  /* named by `coordinates` */
    NC_BOUNDS,     /* of a coordinate */
    NC_MAPPING     /* the grid's */
};

/* A variable that tells about another. */
struct nc_about {
    const char *name;
    enum nc_role role;
    sheaf_dtype dtype;              /* SHEAF_DTYPE_COUNT: no data, only attributes */
    int ndim, axis[SHEAF_MAX_NDIM]; /* which dimension of the other each of its own is; -1: one of its own */
    const char *dims[SHEAF_MAX_NDIM];
    int64_t shape[SHEAF_MAX_NDIM];
    struct io_attributes attributes;
    const char *bounds; /* NULL: none */
    const void *data;
    size_t bytes, room; /* room: what data can be written to in place, at most; 0: it cannot */
};

struct nc_source {
    struct arena arena;
    const char *part; /* the variable's name within its group, or what another format calls the part; "": nothing */
    bool netcdf;
    int ndim;                         /* of a netCDF variable, else 0 */
    const char *dims[SHEAF_MAX_NDIM]; /* "": without a name, or one that is not to be trusted */
    int64_t shape[SHEAF_MAX_NDIM];
    struct io_attributes attributes, global;
    struct nc_about *about;
    size_t nabout;
};

/* What path (perhaps FILE:PART) says; nothing where it is no netCDF, or a pipe. Free with nc_source_clear, also after
 * an error. IO and others: it was readable before. */
sheaf_status nc_source_read(const char *path, const sheaf_read *read, struct nc_source *s, sheaf_error *error);
void nc_source_clear(struct nc_source *s);
/* The array has another dimension now, that nothing is known of; or lacks one. */
void nc_source_insert(struct nc_source *s, int axis);
void nc_source_remove(struct nc_source *s, int axis);
/* Only n elements along this axis are left, every step-th from `start` on, and what is told of these. False: no
 * memory. */
bool nc_source_take(struct nc_source *s, int axis, int64_t start, int64_t step, int64_t n);
/* The array goes on with that of `next`, along `axis` (-1: it lies behind on an axis that is new): what is told of the
 * places along it goes on too, or is forgotten. False: no memory. */
bool nc_source_append(struct nc_source *s, const struct nc_source *next, int axis);
/* Leave in s what `other` says too. */
void nc_source_agree(struct nc_source *s, const struct nc_source *other);
void nc_agree_attributes(struct io_attributes *all, const struct io_attributes *other);

/* ---- a file under construction ---- */

struct nc_dimension {
    const char *name;
    int64_t length;
    const struct nc_about *coordinate; /* NULL: none */
};

struct nc_variable {
    const char *name;
    sheaf_dtype dtype; /* SHEAF_DTYPE_COUNT: text */
    int ndim, dims[SHEAF_MAX_NDIM];
    struct io_attributes attributes;
    const void *data; /* NULL: comes by nc_put */
    const struct nc_about *about;
    uint64_t elements, begin;
};

/* Zeroed: nothing yet. The sources must stay until it is written. */
struct nc_writer {
    struct arena arena;
    struct nc_dimension *dims;
    struct nc_variable *variables;
    size_t ndims, n, dims_room, room;
    struct io_attributes global;
    size_t global_room;
    int version;
};

/* One result on its way: what its dimensions are called, and what is known about them. */
struct nc_result {
    const char *name;
    const sheaf_view *view; /* dtype and shape */
    int64_t items;          /* so many of the view, on a new first dimension; 0: one, as it is */
    int nsources;
    const struct nc_source *sources; /* of the item's arrays */
    const int *origins;              /* of its dimensions, as ops/ops.h has them; NULL: nobody knows */
    bool attributes;                 /* it is a value of the kind that the only source's is */
};

/* UNSUPPORTED, naming `what`, for dtypes that classic files have no type for. */
sheaf_status nc_check_dtype(const char *path, const char *what, sheaf_dtype dtype, sheaf_error *error);
/* Add a result, and what the sources say about its dimensions; *variable is its number. */
sheaf_status nc_add(struct nc_writer *w, const char *path, const struct nc_result *result, size_t *variable,
                    sheaf_error *error);
/* Names of the items along the first dimension, as text; before results of several items. */
sheaf_status nc_add_items(struct nc_writer *w, const char *path, size_t n, const char *const *names,
                          sheaf_error *error);
/* What a source says about its whole file, with a line before its history (NULL: none). */
sheaf_status nc_add_global(struct nc_writer *w, const char *path, const struct nc_source *source, const char *history,
                           sheaf_error *error);
/* Write all but what nc_put writes; the file gets its length. */
sheaf_status nc_begin(struct nc_writer *w, struct io_output *out, sheaf_error *error);
/* Elements [first, first + n) of a variable, native. */
sheaf_status nc_put(const struct nc_writer *w, struct io_output *out, size_t variable, uint64_t first, size_t n,
                    const void *data, sheaf_error *error);
void nc_clear(struct nc_writer *w);

/* For the rooms of this file: same values, dimensions and attributes. */
bool nc_same_about(const struct nc_about *a, const struct nc_about *b);
bool nc_add_text(struct arena *arena, struct io_attributes *all, size_t *room, const char *name, const char *text);
bool nc_add_attribute(struct arena *arena, struct io_attributes *all, size_t *room, const struct io_attribute *a);

#endif
