#ifndef SHEAF_CLI_INPUTS_H
#define SHEAF_CLI_INPUTS_H

/* Inputs as given on the command line, made into a list of files. */

#include "cli.h"

struct paths {
    char **at;
    size_t n, capacity;
};
void paths_add(struct paths *p, const char *path);
void paths_free(struct paths *p);

struct inputs {
    struct paths given, lists;
    bool recursive, nul_separated;
};
void inputs_free(struct inputs *in);

/* The files, in the order given, lists last. DONE, or REFUSED after a message: no input, a directory without -r, a
 * pattern that matches nothing, `-`, a URL, an empty list. A plain file that is missing passes: its item fails. */
int inputs_expand(const struct inputs *in, const char *command, struct paths *out);

#endif
