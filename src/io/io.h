#ifndef SHEAF_IO_INTERNAL_H
#define SHEAF_IO_INTERNAL_H

/* Decoders, encoders and files. A decoder is open → describe → read pieces: the header first, data when asked. */

#include <sheaf/io.h>
#include <stdatomic.h>
#include <stdint.h>

/* ---- decoding ---- */

/* One pooled buffer that a thread reuses from item to item, and the container that its last item was a part of, kept
 * open for the next. Zeroed: empty. */
struct io_buffer {
    unsigned char *data;
    size_t capacity;
    sheaf_file *kept;
};
void io_buffer_free(struct io_buffer *b);
/* Make it no larger than its first `used` bytes, which stay; as it was where there is no memory for that. */
void io_buffer_trim(struct io_buffer *b, size_t used);

/* What tells a file, as it is now, from any other and from itself before a change. Zeroed: none. By contents it is the
 * size and a hash of all bytes, in the place of mtime_ns, whichever file they are in. Of a URL: device is
 * IO_URL_DEVICE, inode a sum of its ETag and date. */
#define IO_URL_DEVICE UINT64_MAX
struct io_identity {
    uint64_t device, inode, size;
    int64_t mtime_ns;
};
/* Of the file at path (of FILE, where that is FILE:PART), links followed; false when there is none. */
bool io_identify(const char *path, bool contents, struct io_identity *identity);
bool io_identify_open(int fd, struct io_identity *identity);
/* What is no regular file is told as by io_identify_open. Reads all of it. */
bool io_identify_contents(int fd, struct io_identity *identity);
bool io_same(const struct io_identity *a, const struct io_identity *b);

struct io_text;
struct io_input {
    sheaf_file_info info;
    const char *path; /* borrowed, for messages */
    int fd;           /* of a plain .npy; -1 once everything is in the buffer */
    size_t got;       /* bytes of the file already in the buffer given to io_open */
    size_t npieces;   /* independent pieces of the data, each of at most piece_bytes; set by io_prepare */
    size_t piece_bytes;
    atomic_bool transient; /* what went wrong may be over by the next attempt; set by whatever failed */
    sheaf_file *file;      /* of all other formats; NULL: a plain .npy, or closed */
    size_t part;           /* of file */
    bool kept;             /* the buffer keeps the file */
    uint32_t *sums;        /* the decoder's, one a piece */
};

/* Open path (perhaps FILE:PART; a file of the whole name wins) and read its header, and, of a plain .npy in the same
 * system call, as much data as buffer holds (buffer is grown to a useful least size, and at most 4 MiB are asked for,
 * so that large files are left to their pieces). Small files are thus read by one open, one read, one close. Declared
 * and actual size are compared here, before any data buffer is allocated; a pipe, whose size nobody knows, is read to
 * its declared end, the buffer growing only as data comes. read (may be NULL) is borrowed until io_close. */
sheaf_status io_open(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                     sheaf_error *error);
/* The same, and *identity (may be NULL) tells what file it was, as soon as it is open, by its contents if so. */
sheaf_status io_open_known(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                           struct io_identity *identity, bool contents, sheaf_error *error);
/* The same, reading the header and little more, so that ranges can be fetched. */
sheaf_status io_open_header(const char *path, const sheaf_read *read, struct io_buffer *buffer, struct io_input *in,
                            struct io_identity *identity, bool contents, sheaf_error *error);
/* As io_open, of what lies behind fd, which stays as it is, and is called path: all of it, or the part of this name. */
sheaf_status io_open_fd(const char *path, int fd, const char *part, const sheaf_read *read, struct io_buffer *buffer,
                        struct io_input *in, sheaf_error *error);
/* Read everything into buffer (growing it to the exact size when need be) and describe it as a view on the buffer:
 * native byte order, aligned for its dtype, Fortran order expressed by strides. Closes the file, also on failure. */
sheaf_status io_read_all(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
/* The same in steps, so that a team can read the pieces at once: io_prepare (called once) sets view up on buffer,
 * io_read_piece (thread-safe for different pieces) fills piece i, io_finish checks the whole, io_close ends it. */
sheaf_status io_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
sheaf_status io_read_piece(struct io_input *in, size_t piece, const sheaf_view *view, sheaf_error *error);
sheaf_status io_finish(struct io_input *in, sheaf_error *error);
/* In *text the names of the dimensions, a line end behind each, and NUL; nothing where none has a name. False: no
 * memory. */
bool io_dimensions(const struct io_input *in, struct io_text *text);
/* Instead of reading everything: elements [begin, end) of the part to `to`, which is aligned for the dtype, in the
 * order in which its data are described (Fortran order as it lies), native, and masked and unpacked as ever. No
 * io_prepare is needed. Thread-safe on one open input. What only the whole of a part can be checked by, the sum of a
 * member of a zip archive, is not checked. */
sheaf_status io_fetch(struct io_input *in, uint64_t begin, uint64_t end, void *to, sheaf_error *error);
/* Whether it can be: not of a pipe, of what is compressed as a whole, of text, nor of a file that io_open has read. */
bool io_can_fetch(const struct io_input *in);
/* Elements that are best fetched at once, from one of its multiples on: those of a row of chunks. 1: any. */
uint64_t io_fetch_grain(const struct io_input *in);
/* Fine on a closed or a failed input. */
void io_close(struct io_input *in);
/* The axis of an open input that the text says: a number, negative ones counted from the end, or a dimension's name.
 * INVALID where there is none such. */
sheaf_status io_axis(const struct io_input *in, const char *text, int *axis, sheaf_error *error);
/* The header only: describes as io_open does. buffer keeps a container for the next of its parts. dims (may be NULL)
 * gets io_dimensions. */
sheaf_status io_describe(const char *path, const sheaf_read *read, struct io_buffer *buffer, sheaf_file_info *info,
                         struct io_text *dims, sheaf_error *error);

/* How n files are read as one array: joined along `axis`, a number or the name of a dimension, or, where that is "new",
 * stacked on a new first axis. To be given to io_open with any path, by which messages call the whole. `read` (may be
 * NULL) is how each of them is read; borrowed, the texts are copied. */
sheaf_status read_joined(size_t n, const char *const *paths, const char *axis, const sheaf_read *read, sheaf_read **out,
                         sheaf_error *error);
/* How many those files are, 0 where none are joined, and which; and along what. */
size_t read_members(const sheaf_read *read, const char *const **paths);
const char *read_axis(const sheaf_read *read);
/* io_identify of what io_open would open: of all files that are joined, one for them all. */
bool io_identify_read(const char *path, const sheaf_read *read, bool contents, struct io_identity *identity);

/* All that it says, as "format=raw dtype=f4"; NULL when that is nothing. */
const char *read_text(const sheaf_read *read);
/* The length of what names a file in path: all of it, unless there is no such file but FILE of FILE:PART is one. */
size_t io_file_length(const char *path);
/* Whether path is a file that can be opened more than once: no pipe, no directory. */
bool io_is_regular(const char *path);

/* Parse an .npy header held in memory (for the fuzzer and io_open): n bytes from the file's start. Allocates
 * nothing. FORMAT error with *need set when n is too small for the header; *need is 0 otherwise. */
sheaf_status npy_parse(const unsigned char *bytes, size_t n, sheaf_file_info *info, size_t *need, const char *path,
                       sheaf_error *error);
/* Whether a file of these first bytes may be an .npy. */
bool npy_starts(const unsigned char *bytes, size_t n);
/* The dtype that NumPy's code (without byte order: "f8") or name ("float64") stands for; SHEAF_DTYPE_COUNT: none. */
sheaf_dtype npy_dtype(const char *code, size_t n);
/* FORMAT error: the header needs more bytes than there are. */
sheaf_status npy_cut_short(const char *path, size_t need, size_t held, sheaf_error *error);
/* The .npy header for a C-ordered native array; *n gets its length (a multiple of 64). Returns mem_alloc'ed. */
sheaf_status npy_header(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned char **header, size_t *n,
                        sheaf_error *error);

/* ---- text ---- */

/* Growable text. After a refusal for lack of memory it still holds what it held before. */
struct io_text {
    char *data;
    size_t n, capacity;
};
bool io_text_add(struct io_text *t, const char *text, size_t n); /* false: no memory */
/* n more bytes, to be filled by the caller; NULL: no memory. */
unsigned char *io_text_room(struct io_text *t, size_t n);
/* Append one CSV field: quoted when it holds a comma, quote, CR or LF. */
bool io_text_field(struct io_text *t, const char *text);
void io_text_free(struct io_text *t);

/* ---- writing: whole or not at all ---- */

/* open(2), again when a signal comes between; new files get mode 0666. */
int io_open_file(const char *path, int flags);
/* Zeroed: nothing open. */
struct io_output {
    int fd;
    char *path, *temporary;
    bool stays; /* the temporary file is left where it is when io_commit fails */
};
/* Create a temporary file beside path. A symbolic link is followed; a directory or a device is refused. */
sheaf_status io_create(const char *path, struct io_output *out, sheaf_error *error);
/* The same under a name that can be found again: .NAME.sheaf-SUFFIX, suffix being six letters. What is there under that
 * name is emptied, or with `keep` kept as it is. suffix NULL: io_create. */
#define IO_SUFFIX 6
sheaf_status io_create_as(const char *path, const char *suffix, bool keep, struct io_output *out, sheaf_error *error);
/* IO_SUFFIX letters and NUL, different for every call in every process. */
void io_draw_suffix(char suffix[IO_SUFFIX + 1]);
sheaf_status io_write(struct io_output *out, const void *data, size_t n, sheaf_error *error);
/* head and then data, in one system call. */
sheaf_status io_write_two(struct io_output *out, const void *head, size_t nhead, const void *data, size_t n,
                          sheaf_error *error);
/* Thread-safe. */
sheaf_status io_write_at(const struct io_output *out, const void *data, size_t n, uint64_t offset, sheaf_error *error);
sheaf_status io_resize(struct io_output *out, uint64_t size, sheaf_error *error); /* reserves the space on disk */
/* Close, and rename to the final name (with sync: fsync the file first, the directory after). On failure the
 * temporary file is gone. */
sheaf_status io_commit(struct io_output *out, bool sync, sheaf_error *error);
/* Close and remove the temporary file; fine on a zeroed or committed output. */
void io_discard(struct io_output *out);
/* Make out a copy of the file at path. */
sheaf_status io_copy(const char *path, struct io_output *out, bool sync, sheaf_error *error);
/* Close, and leave the temporary file where it is. */
void io_keep(struct io_output *out);
/* Wait until what was written to the open file is on the disk; its name may not be there yet. */
sheaf_status io_sync(const struct io_output *out, sheaf_error *error);
/* fsync of one directory, so that the names in it are on the disk. */
sheaf_status io_sync_names(const char *directory, sheaf_error *error);
/* One syncfs for the file system of directory (many outputs). */
sheaf_status io_sync_directory(const char *directory, sheaf_error *error);

/* Write header and data of a contiguous view as one .npy under its final name. */
sheaf_status npy_save(const char *path, const sheaf_view *view, bool sync, sheaf_error *error);
/* The same with the data to come: the temporary file has its full length, the data begin at byte *data. */
sheaf_status npy_create_as(const char *path, const char *suffix, const sheaf_view *view, struct io_output *out,
                           uint64_t *data, sheaf_error *error);
/* npy_save, the temporary file as io_create_as names it. */
sheaf_status npy_save_as(const char *path, const char *suffix, const sheaf_view *view, bool sync, sheaf_error *error);

#ifdef SHEAF_DEFLATE
/* An .npz being written to out, which must be new and empty. npz_clear also when something failed. */
struct npz_output {
    struct io_output *out;
    uint64_t at, entries;
    struct io_text directory;
    bool deflated;
};
void npz_begin(struct npz_output *z, struct io_output *out, bool deflated);
/* Header and data of a contiguous view as the member NAME.npy; the caller sees to it that names differ. */
sheaf_status npz_add(struct npz_output *z, const char *name, const sheaf_view *view, sheaf_error *error);
sheaf_status npz_end(struct npz_output *z, sheaf_error *error);
void npz_clear(struct npz_output *z);
#endif

/* ---- messages ---- */

/* The path as messages show it: a long one keeps its end. Returns path itself or text. */
#define IO_SHOWN 200
const char *io_shown(const char *path, char text[IO_SHOWN]);
/* IO error "PATH: Permission denied" for a system call that left errno at code; what happened is named too. */
sheaf_status io_failed(const char *path, const char *action, int code, sheaf_error *error);
/* Whether a system call that failed so may succeed when it is tried again: not where the name, the rights or the kind
 * of the file are wrong. */
bool io_may_pass(int code);
sheaf_status io_no_memory(const char *path, size_t bytes, sheaf_error *error);
/* FORMAT error for a file of no known format, saying what it looks like. */
sheaf_status io_not_known(const unsigned char *bytes, size_t n, const char *path, sheaf_error *error);

#endif
