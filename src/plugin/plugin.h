#ifndef SHEAF_PLUGIN_ROOM_H
#define SHEAF_PLUGIN_ROOM_H

/* A user's own function, from its C source or a shared object. */

#define SHEAF_PLUGIN_LOADER
#include <sheaf/plugin.h>

typedef struct plugin plugin;

/* Open the function `symbol` of FILE.c (compiled, or found compiled in the cache) or FILE.so. symbol NULL: the only one
 * that the file offers; of a source that offers none, the one named as the file. options NULL: defaults.
 * Errors: IO (no such file), INVALID (does not compile), UNKNOWN (no such function, or several), FORMAT (no shared
 * object, or none of ours), UNSUPPORTED (no compiler, another ABI version), NO_MEMORY. */
sheaf_status plugin_open(const char *path, const char *symbol, const sheaf_compile_options *options, plugin **out,
                         sheaf_error *error);

/* What another process needs to load the same function. fd is open on the file: as long as it is, the file can be
 * loaded, whatever has become of its name. */
struct plugin_source {
    const char *path, *object; /* how it is called in messages; its name */
    const char *symbol;
    int fd;
};
/* Valid until plugin_close. */
struct plugin_source plugin_source(const plugin *p);
/* Errors: as plugin_open of a .so. The fd stays the caller's. */
sheaf_status plugin_load(const struct plugin_source *s, plugin **out, sheaf_error *error);

plugin *plugin_retain(plugin *p); /* one more owner; returns p */
void plugin_close(plugin *p);     /* one owner less; the last one unloads it. NULL is fine */
/* Its name, kind, dtype and outputs; valid until plugin_close. */
const sheaf_plugin_entry *plugin_info(const plugin *p);
/* Of the bytes of the shared object it is in, which is another one when it computes something else. */
uint64_t plugin_hash(const plugin *p);
/* Run a SHEAF_PLUGIN_SCALAR (y: one element) or SHEAF_PLUGIN_ARRAY (y: n elements) on the n elements at x, all of
 * plugin_info's dtype. Any number of threads at once. */
void plugin_call(const void *p, const void *x, size_t n, void *y);

#endif
