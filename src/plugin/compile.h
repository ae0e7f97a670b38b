#ifndef SHEAF_PLUGIN_COMPILE_H
#define SHEAF_PLUGIN_COMPILE_H

/* The parts of plugin_open. */

#include "base/arena.h"
#include "plugin/plugin.h"

/* Text from mem_alloc, NUL-terminated. */
struct text {
    char *at;
    size_t n;
};

/* ---- process.c ---- */

/* Run arguments[0], a path, with `input` as its standard input, and wait for it. *out and *messages, to be freed with
 * mem_free also on failure, get what it printed on standard output and standard error; *exit_status is 128 + the signal
 * when one ended it. */
sheaf_status process_run(char *const *arguments, const char *input, struct text *out, struct text *messages,
                         int *exit_status, sheaf_error *error);

/* ---- compiler.c ---- */

enum {
    COMPILER_WORDS = 64
};

/* The system's C compiler with all flags but those that say what to do. Strings are the arena's. */
struct compiler {
    char *words[COMPILER_WORDS];
    int n;
};

/* $CC, else the first of cc, gcc and clang. UNSUPPORTED when there is none. */
sheaf_status compiler_find(struct arena *a, struct compiler *c, sheaf_error *error);
/* One more word; COMPILER_WORDS are enough for all that is ever added. */
void compiler_add(struct compiler *c, const char *word);

/* ---- cache.c ---- */

/* Start: KEY_START. */
struct key {
    uint64_t high, low;
};
#define KEY_START ((struct key){0x6c62272e07bb0142, 0x62b821756295c58d})
void key_add(struct key *key, const void *data, size_t n);
void key_add_text(struct key *key, const char *text);

/* The directory given, made if need be; NULL: $XDG_CACHE_HOME/sheaf or ~/.cache/sheaf. *directory is NULL when these
 * cannot be written; when the given one cannot, that is an IO error. */
sheaf_status cache_directory(struct arena *a, const char *given, char **directory, sheaf_error *error);
/* A fresh directory for a single object. */
sheaf_status cache_temporary(struct arena *a, char **directory, sheaf_error *error);

/* ---- compile.c ---- */

struct object {
    char *path;     /* the arena's */
    bool temporary; /* to be removed, with its directory, once it is loaded */
    bool cached;    /* was there already */
};

/* Make the source at path into a shared object, or find it in the cache. */
sheaf_status compile(struct arena *a, const char *path, const char *symbol, const sheaf_compile_options *options,
                     struct object *out, sheaf_error *error);
void object_remove(const struct object *o);

/* ---- names ---- */

/* The length of the file's name without directory and ending; *name is where it starts in path. */
int stem(const char *path, const char **name);

#endif
