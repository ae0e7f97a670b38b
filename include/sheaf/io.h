#ifndef SHEAF_IO_H
#define SHEAF_IO_H

/* Array files: NumPy's .npy and .npz, HDF5, netCDF, raw binary, and these packed by gzip or zstd (docs/formats.md). The
 * format is known by the content, whatever the file is called.
 *
 * A path may be FILE:PART, where PART names an array in a container ("data.npz:x"). Where a file of the whole name
 * exists, that is meant. A container without PART stands for its only array; with several it is refused. */

#include <sheaf/array.h>

typedef struct sheaf_file_info {
    char format[24]; /* "npy 1.0", "npz deflated", "npy 1.0 gzip", "hdf5 chunked", "netcdf 2" */
    sheaf_dtype dtype;
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    bool fortran_order;
    bool big_endian;
    uint64_t data_offset; /* bytes before the first element; in a packed file or part, unpacked ones */
    uint64_t data_bytes;
} sheaf_file_info;

/* Read the header only. Errors: IO (missing, unreadable, a directory), FORMAT (no known format, damaged or lying
 * header, data cut short, unpacking to more than half of the machine's memory), INVALID (no such part, or several and
 * none named), UNSUPPORTED (objects, structures, strings, dates, long double, more than
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

/* Whether a file of this name is most likely one of arrays, by its extension: .npy, .nc, .csv.gz, … Nothing is opened;
 * OUT.items.csv is none. */
SHEAF_API bool sheaf_file_is_called_array(const char *path);

/* ---- containers ---- */

/* What is to be known about files that do not say it themselves: KEY=VALUE texts, such as "format=raw",
 * "dtype=float32", "shape=480,640" (docs/formats.md lists them). Immutable. Errors: INVALID. */
typedef struct sheaf_read sheaf_read;
SHEAF_API sheaf_status sheaf_read_new(size_t n, const char *const *texts, sheaf_read **out, sheaf_error *error);
SHEAF_API void sheaf_read_free(sheaf_read *read);

/* An open file and its parts, in their order there: arrays, of which each has a name, unless the file is one array. Of
 * a netCDF file they are the data variables; FILE:PART finds the others too. HDF5 is read under a lock of the process:
 * a program that uses that library itself must not do so at the same time. A sheaf_file is for one thread at a time;
 * read (may be NULL) is borrowed until it is closed. */
typedef struct sheaf_file sheaf_file;
SHEAF_API sheaf_status sheaf_file_open(const char *path, const sheaf_read *read, sheaf_file **out, sheaf_error *error);
SHEAF_API void sheaf_file_close(sheaf_file *file);
/* The same with a path that may be FILE:PART; *part is that part, or the file's only one. Errors as sheaf_file_open and
 * sheaf_file_describe have them. */
SHEAF_API sheaf_status sheaf_file_open_part(const char *path, const sheaf_read *read, sheaf_file **out, size_t *part,
                                            sheaf_error *error);
SHEAF_API size_t sheaf_file_parts(const sheaf_file *file);
/* "" for the array of a file that is one; borrowed from file. */
SHEAF_API const char *sheaf_file_part_name(const sheaf_file *file, size_t part);
/* As sheaf_file_describe and sheaf_file_load, of one part. A part that cannot be read says nothing about the others. */
SHEAF_API sheaf_status sheaf_file_part_describe(sheaf_file *file, size_t part, sheaf_file_info *info,
                                                sheaf_error *error);
SHEAF_API sheaf_status sheaf_file_part_load(sheaf_file *file, size_t part, sheaf_array **out, sheaf_error *error);
/* The name of a part's dimension d, "" where it has none; borrowed from file. */
SHEAF_API const char *sheaf_file_part_dimension(const sheaf_file *file, size_t part, int d);
/* A part's i-th attribute, as text; false when there are no more. Borrowed from file. */
SHEAF_API bool sheaf_file_part_attribute(const sheaf_file *file, size_t part, size_t i, const char **name,
                                         const char **value);

/* ---- URLs ---- */

/* How http:// and https:// URLs are fetched (docs/urls.md). Certificates are always verified, redirects (at most 10)
 * lead to http and https only, not from https to http, and not from a public address to one of this machine or a
 * private network. */
typedef struct sheaf_http {
    size_t struct_size;
    int connections;            /* transfers at once; 0: 16 */
    int per_host;               /* of those, to one host; 0: 16 */
    const char *const *headers; /* "Name: value", sent to the URL's own host, not to where it redirects */
    size_t nheaders;
    bool netrc;        /* names and passwords from ~/.netrc */
    const char *cache; /* a directory where bodies are kept, and asked about before they are used; NULL: none */
    uint64_t most;     /* bytes of one body; 0: half of what is free for temporary files */
    int attempts;      /* at one transfer, when the server is busy or the connection breaks; 0: 5 */
    double backoff;    /* seconds before the second, then twice as many each time; 0: 0.25 */
    double stall;      /* seconds with less than 100 bytes each that are taken for a broken connection; 0: 60 */
} sheaf_http;
SHEAF_API void sheaf_http_init(sheaf_http *http);

/* Fetch a URL, and open it as sheaf_file_open opens a file; what it held is gone when that is closed. http (may be
 * NULL) and read are borrowed: http until this returns, read as there. URL#PART means the part of a container. *part
 * (may be NULL) is the number of that one; without #PART it is 0. Errors also: IO (the URL without user and query, the
 * status, the attempts), UNSUPPORTED in a build without libcurl. */
SHEAF_API sheaf_status sheaf_url_open(const char *url, const sheaf_http *http, const sheaf_read *read, sheaf_file **out,
                                      size_t *part, sheaf_error *error);

#endif
