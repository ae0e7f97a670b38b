#ifndef SHEAF_IO_NETCDF_H
#define SHEAF_IO_NETCDF_H

/* netCDF: named variables on named dimensions. Classic files (CDF-1, 2 and 5) are read by our own code: their header
 * tells where everything lies. netCDF-4 is HDF5 with conventions. */

#include "io/attributes.h"

struct netcdf_dimension {
    const char *name;
    int64_t length;
};

struct netcdf_variable {
    const char *name;
    int ndim;
    int dims[SHEAF_MAX_NDIM]; /* indices of dimensions; -1: one without a name */
    int64_t shape[SHEAF_MAX_NDIM];
    sheaf_dtype dtype; /* SHEAF_DTYPE_COUNT: text, or what is refused when it is described */
    struct io_attributes attributes;
    uint64_t begin; /* classic: its first byte */
    bool records;   /* classic: its first dimension is the unlimited one */
    size_t part;    /* of the HDF5 file */
};

/* Missing cells become NaN, packed values what they stand for. */
struct netcdf_mask {
    struct io_convert convert;
    sheaf_dtype from, to;
    bool active;
    double missing[8], low, high, scale, offset;
    size_t nmissing;
    bool scaled;
};

struct hdf5;

struct netcdf {
    struct arena arena;
    int version; /* 1, 2, 5: classic; 4 */
    struct netcdf_dimension *dims;
    size_t ndims;
    struct netcdf_variable *variables; /* those that are data first, when netcdf_list is through */
    size_t n;
    struct io_attributes global;
    uint64_t records, record_bytes; /* how many, and from one to the next */
    struct hdf5 *h5;
    struct netcdf_mask mask; /* of the variable last described */
};

/* Read a classic header. FORMAT errors: damaged, cut short, lying. */
sheaf_status netcdf_classic_list(sheaf_file *file, struct netcdf *nc, sheaf_error *error);
/* FORMAT error unless the file holds the variable's data. */
sheaf_status netcdf_classic_check(const sheaf_file *file, const struct netcdf *nc, const struct netcdf_variable *v,
                                  const char *where, sheaf_error *error);
/* The elements [first, first + n) of a classic variable, native. */
sheaf_status netcdf_classic_read(sheaf_file *file, const struct netcdf *nc, const struct netcdf_variable *v,
                                 size_t first, size_t n, void *to, sheaf_error *error);

/* The variables and dimensions of nc->h5, which is open. */
sheaf_status netcdf4_list(sheaf_file *file, struct netcdf *nc, sheaf_error *error);
/* Whether an HDF5 file is to be read as netCDF. */
bool netcdf4_is(const sheaf_file *file, struct hdf5 *h);
/* Open a file that is HDF5 as netCDF; h is taken. */
sheaf_status netcdf4_open(sheaf_file *file, struct hdf5 *h, sheaf_error *error);
bool netcdf4_hides(const char *attribute);

void netcdf_mask_make(const struct netcdf_variable *v, struct netcdf_mask *mask);

/* "FILE:NAME" for messages. */
#define NETCDF_WHERE (2 * IO_SHOWN)
const char *netcdf_where(const sheaf_file *file, const char *name, char text[NETCDF_WHERE]);

#endif
