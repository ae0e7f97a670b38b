#ifndef SHEAF_IO_FORMAT_H
#define SHEAF_IO_FORMAT_H

/* Formats. Each is a file of this folder with one struct io_format, and a row in format.c's table. A decoder sees its
 * file as a source of bytes, whatever that lies in (a file, a pipe, a compressed file), and gives named parts: arrays,
 * each described by its header before any of its data are read. Input is hostile: sizes are checked against the
 * source's before anything of that size is allocated. */

#include "io/io.h"

/* ---- sources ---- */

/* Bytes [0, size). Of a file they are read from where they lie; of a stream (a pipe, something compressed) they are
 * kept in `bytes` as far as they have been asked for. */
struct io_source {
    const char *path; /* borrowed, for messages */
    int fd;
    uint64_t size;           /* UINT64_MAX: a stream whose end has not been seen */
    struct unpacker *stream; /* NULL: a file */
    const char *packing;     /* "gzip", "zstd"; NULL: as it lies there */
    struct io_buffer bytes;
    size_t got;
    atomic_bool transient; /* a system call failed that may succeed another time */
};

/* Takes fd, of which the n bytes of head have been read, also on failure. */
sheaf_status io_source_open(struct io_source *s, const char *path, int fd, const unsigned char *head, size_t n,
                            sheaf_error *error);
void io_source_close(struct io_source *s);
/* At most n bytes from offset on; *got says how many there were. Thread-safe once a stream has been read to its end. */
sheaf_status io_source_some(struct io_source *s, void *to, size_t n, uint64_t offset, size_t *got, sheaf_error *error);
/* n bytes from offset on, or a FORMAT error. Thread-safe as above. */
sheaf_status io_source_read(struct io_source *s, void *to, size_t n, uint64_t offset, sheaf_error *error);
/* The size: reads a stream to its end, which checks its sums. */
sheaf_status io_source_size(struct io_source *s, uint64_t *size, sheaf_error *error);

/* ---- compressed files, under a cap ---- */

/* Most bytes that a stream or a part may unpack to: half of the machine's memory, unless a test sets another. */
extern _Atomic uint64_t io_unpacked_cap; /* 0: the half */
uint64_t io_unpacked_most(void);
/* FORMAT error when `out` bytes came, or are to come, of `in` packed ones: more than the cap, or, beyond 64 MiB, more
 * than honest data give. */
sheaf_status io_check_unpacked(const char *path, uint64_t in, uint64_t out, sheaf_error *error);

/* The name of a packing that these bytes start, or NULL. */
const char *unpacker_recognise(const unsigned char *head, size_t n);
/* packing NULL: a plain stream. UNSUPPORTED where the library for it was not built in. */
sheaf_status unpacker_new(const char *packing, const char *path, int fd, const unsigned char *head, size_t n,
                          struct unpacker **out, sheaf_error *error);
void unpacker_free(struct unpacker *u);
/* At most n further bytes; *got is 0 at the end only. */
sheaf_status unpacker_read(struct unpacker *u, void *to, size_t n, size_t *got, sheaf_error *error);

/* ---- open files ---- */

struct sheaf_file {
    const struct io_format *format;
    struct io_source source;
    const sheaf_read *read; /* what the user said about the file; NULL: nothing. Borrowed */
    char *path;
    size_t nparts;
    size_t hidden;      /* parts behind those, which are found by name only */
    const char **names; /* of the parts: mem_alloc'ed, the texts belong to the decoder. NULL: one part, no name */
    size_t found;       /* by the last search */
    struct io_identity seen, hashed; /* as it was when its contents were last asked for, and what they were */
    void *own;                       /* the decoder's */
};

struct io_format {
    const char *name;              /* "npz" */
    const char *const *extensions; /* ".csv", …, NULL: those that decide where no content does; NULL: none */
    const char *const *called; /* ".csv", …, NULL: how its files are mostly called, and hardly any others; NULL: none */
    const char *const *keys;   /* of --read, NULL at the end; NULL: none */
    const char *missing;       /* the packages without which this build refuses the format; NULL: it is built in */
    /* Whether these first bytes are of this format. NULL: never by content. */
    bool (*recognise)(const unsigned char *head, size_t n);
    /* List the parts: nparts, names, own. Closed by close also when this fails. */
    sheaf_status (*open)(sheaf_file *file, sheaf_error *error);
    void (*close)(sheaf_file *file); /* NULL: nothing to do */
    /* A part by another name than its own; NULL: they have none. */
    sheaf_status (*find)(sheaf_file *file, const char *name, size_t *part, sheaf_error *error);
    sheaf_status (*describe)(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error);
    /* Set the view up on buffer, and in->npieces. */
    sheaf_status (*prepare)(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
    /* Thread-safe for different pieces. */
    sheaf_status (*read_piece)(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error);
    /* Check what only all pieces together tell; NULL: nothing. */
    sheaf_status (*finish)(struct io_input *in, sheaf_error *error);
    /* io_fetch, of a range that is not empty; NULL: cannot. And whether it can of this part; NULL: of any. */
    sheaf_status (*fetch)(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error);
    bool (*can_fetch)(const struct io_input *in);
    uint64_t (*fetch_grain)(const struct io_input *in); /* NULL: 1 */
    /* Give back what prepare took besides buffer; NULL: nothing. */
    void (*clear)(struct io_input *in);
    /* The name of a dimension, and a part's i-th attribute as text (false: there are no more). NULL: the format has
     * none. Texts live as long as the file. */
    const char *(*dimension)(const sheaf_file *file, size_t part, int d);
    bool (*attribute)(const sheaf_file *file, size_t part, size_t i, const char **name, const char **value);
};

extern const struct io_format format_npy, format_npz, format_hdf5, format_netcdf, format_raw, format_csv, format_mtx;

/* Open what lies behind fd (taken, also on failure), whose first n bytes are in head. */
sheaf_status file_open_fd(const char *path, const sheaf_read *read, int fd, const unsigned char *head, size_t n,
                          sheaf_file **out, sheaf_error *error);
/* The same, of which nothing has been read. */
sheaf_status file_open_start(const char *path, const sheaf_read *read, int fd, sheaf_file **out, sheaf_error *error);
/* The part of this name; NULL: the only one, or the first if it has no name. INVALID, naming some of those there are.
 */
sheaf_status file_find(sheaf_file *file, const char *name, size_t *part, sheaf_error *error);

sheaf_status file_describe(sheaf_file *file, size_t part, sheaf_file_info *info, sheaf_error *error);

/* ---- what --read says ---- */

/* The value of a key, or NULL; fine on NULL. */
const char *read_value(const sheaf_read *read, const char *key);
/* The format it names, or NULL. */
const struct io_format *read_format(const sheaf_read *read);
/* The table's i-th format, NULL behind the last; one by its name, or NULL; all their names, "npy, npz, …". */
const struct io_format *format_at(int i);
const struct io_format *format_named(const char *name);
const char *format_names(char text[128]);
/* ---- plain data: elements one behind the other in the source, from info.data_offset on ---- */

sheaf_status plain_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
sheaf_status plain_read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error);
/* The piece's bytes [*begin, *end) of the data. */
void plain_range(const struct io_input *in, size_t piece, size_t *begin, size_t *end);
/* Those bytes as they stand in the file, but for what io_open has read of them; and then made native, in place. */
sheaf_status plain_read(struct io_input *in, size_t begin, size_t end, const sheaf_view *view, sheaf_error *error);
void plain_native(const sheaf_file_info *info, size_t begin, size_t end, const sheaf_view *view);
sheaf_status plain_fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error);
/* A view of the described array at data. */
sheaf_status plain_view(const sheaf_file_info *info, void *data, sheaf_view *view, sheaf_error *error);
/* FORMAT error unless the source, of `held` bytes, has all that info declares. */
sheaf_status plain_check(const char *path, const sheaf_file_info *info, uint64_t held, sheaf_error *error);

/* Line ends in [p, end), for messages: \n, \r\n and \r. */
uint64_t io_lines(const char *p, const char *end);

/* Room for size bytes, keeping the first `keep`. */
sheaf_status io_reserve(struct io_buffer *b, size_t size, size_t keep, const char *path, sheaf_error *error);

#endif
