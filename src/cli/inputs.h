#ifndef SHEAF_CLI_INPUTS_H
#define SHEAF_CLI_INPUTS_H

/* Inputs as given on the command line, made into a list of files and their parts. */

#include "cli.h"
#include <sheaf/map.h>
#include <sys/stat.h>

struct paths {
    char **at;
    size_t n, capacity;
};
void paths_add(struct paths *p, const char *path);
void paths_free(struct paths *p);

struct inputs {
    struct paths given, lists, select, read;
    bool recursive, nul_separated;
    bool whole; /* containers stay whole: their parts are asked for by name */
};
void inputs_free(struct inputs *in);

/* --select NAME and --read KEY=VALUE, which every command that reads has; false for another id. */
enum {
    INPUTS_SELECT = 100,
    INPUTS_READ
};
#define INPUTS_OPTIONS                                                                                                  \
    {INPUTS_SELECT, 0, "select", TAKES_VALUE, "NAME", "the part NAME of each input, such as a member of .npz"},         \
    {                                                                                                                   \
        INPUTS_READ, 0, "read", TAKES_VALUE, "KEY=VALUE", "how to read what does not say: missing=-999, format=raw …" \
    }
bool inputs_option(struct inputs *in, int id, const char *value);

/* The files, and the parts of those that are containers, in the order given, lists last. DONE, or REFUSED after a
 * message: no input, a directory without -r, a pattern that matches nothing, `-`, a URL, an empty list. A plain file
 * that is missing passes: its item fails. */
int inputs_expand(const struct inputs *in, const char *command, struct paths *out);
/* stat of the file, or of FILE in FILE:PART; false: there is none. */
bool inputs_stat(const char *path, struct stat *st);
/* A batch of these paths, read as --read says. */
sheaf_status inputs_batch(const struct inputs *in, const struct paths *paths, sheaf_batch **out, sheaf_error *error);

#endif
