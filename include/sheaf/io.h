#ifndef SHEAF_IO_H
#define SHEAF_IO_H

/* Array files. Today: NumPy's .npy, versions 1.0, 2.0 and 3.0. */

#include <sheaf/array.h>

typedef struct sheaf_file_info {
    char format[16]; /* "npy 1.0" */
    sheaf_dtype dtype;
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    bool fortran_order;
    bool big_endian;
    uint64_t data_offset; /* bytes before the first element */
    uint64_t data_bytes;
} sheaf_file_info;

/* Read the header only. Errors: IO (missing, unreadable, a directory), FORMAT (no .npy, damaged or lying
 * header, data cut short), UNSUPPORTED (objects, structures, strings, dates, long double, more than
 * SHEAF_MAX_NDIM dimensions: named), NO_MEMORY. Reading a pipe takes from it. */
SHEAF_API sheaf_status sheaf_file_describe(const char *path, sheaf_file_info *info, sheaf_error *error);

/* Read a whole file as a C-ordered array in native byte order (a Fortran-ordered file is transposed in place of
 * use: the values stand at the same indices). Errors as above. */
SHEAF_API sheaf_status sheaf_file_load(const char *path, sheaf_array **out, sheaf_error *error);

/* Write view as .npy 1.0, C order, native byte order: the bytes numpy.save writes. The file appears whole or not at
 * all: a temporary file in the same directory is renamed to path. An existing file is replaced; a symbolic link is
 * followed. With sync, file and directory reach the disk before this returns. Errors: IO (no such directory, a
 * directory or device in the way, disk full), NO_MEMORY. */
SHEAF_API sheaf_status sheaf_file_save(const char *path, const sheaf_view *view, bool sync, sheaf_error *error);

#endif
