#ifndef SHEAF_IO_INTERNAL_H
#define SHEAF_IO_INTERNAL_H

/* Decoders, encoders and files. A decoder is open → describe → read_part: the header first, data when asked. */

#include <sheaf/io.h>
#include <stdatomic.h>
#include <stdint.h>

/* ---- decoding ---- */

/* One pooled buffer that a thread reuses from item to item. Zeroed: empty. */
struct io_buffer {
    unsigned char *data;
    size_t capacity;
};
void io_buffer_free(struct io_buffer *b);

/* What tells a file, as it is now, from any other and from itself before a change. Zeroed: none. */
struct io_identity {
    uint64_t device, inode, size;
    int64_t mtime_ns;
};
/* Of the file at path, links followed; false when there is none. */
bool io_identify(const char *path, struct io_identity *identity);
bool io_identify_open(int fd, struct io_identity *identity);
bool io_same(const struct io_identity *a, const struct io_identity *b);

struct io_input {
    sheaf_file_info info;
    const char *path; /* borrowed, for messages */
    int fd;           /* -1 once everything is in the buffer */
    size_t got;       /* bytes of the file already in the buffer given to io_open */
    size_t nparts;    /* independent pieces of the data, each of at most part_bytes; set by io_prepare */
    size_t part_bytes;
    atomic_bool transient; /* what went wrong may be over by the next attempt; set by whatever failed */
};

/* Open path and read its header, and, in the same system call, as much data as buffer holds (buffer is grown to a
 * useful least size, and at most 4 MiB are asked for, so that large files are left to their parts). Small files are
 * thus read by one open, one read, one close. Declared and actual size are compared here, before any data buffer is
 * allocated; a pipe, whose size nobody knows, is read to its declared end, the buffer growing only as data comes. */
sheaf_status io_open(const char *path, struct io_buffer *buffer, struct io_input *in, sheaf_error *error);
/* The same, and *identity (may be NULL) tells what file it was, as soon as it is open. */
sheaf_status io_open_known(const char *path, struct io_buffer *buffer, struct io_input *in,
                           struct io_identity *identity, sheaf_error *error);
/* Read everything into buffer (growing it to the exact size when need be) and describe it as a view on the buffer:
 * native byte order, aligned for its dtype, Fortran order expressed by strides. Closes the file, also on failure. */
sheaf_status io_read_all(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
/* The same in two steps, so that a team can read the parts at once: io_prepare (called once) sets view up on buffer,
 * io_read_part (thread-safe for different parts) fills part i, io_close ends it. */
sheaf_status io_prepare(struct io_input *in, struct io_buffer *buffer, sheaf_view *view, sheaf_error *error);
sheaf_status io_read_part(struct io_input *in, size_t part, const sheaf_view *view, sheaf_error *error);
/* Fine on a closed or a failed input. */
void io_close(struct io_input *in);

/* Parse an .npy header held in memory (for the fuzzer and io_open): n bytes from the file's start. Allocates
 * nothing. FORMAT error with *need set when n is too small for the header; *need is 0 otherwise. */
sheaf_status npy_parse(const unsigned char *bytes, size_t n, sheaf_file_info *info, size_t *need, const char *path,
                       sheaf_error *error);
/* The .npy header for a C-ordered native array; *n gets its length (a multiple of 64). Returns mem_alloc'ed. */
sheaf_status npy_header(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned char **header, size_t *n,
                        sheaf_error *error);

/* open(2), again when a signal comes between; new files get mode 0666. */
int io_open_file(const char *path, int flags);

/* ---- writing: whole or not at all ---- */

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
/* The same, the temporary file as io_create_as names it. */
sheaf_status npy_save_as(const char *path, const char *suffix, const sheaf_view *view, bool sync, sheaf_error *error);

/* ---- CSV ---- */

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
/* FORMAT error for a file that does not start as .npy does, saying what it looks like. */
sheaf_status io_not_npy(const unsigned char *bytes, size_t n, const char *path, sheaf_error *error);

#endif
