/* A function of a C file: a callback that runs a plugin. */

#include "array/array.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/pool.h"
#include "batch/func.h"
#include "plugin/plugin.h"
#include <stdint.h>
#include <string.h>

void sheaf_compile_options_init(sheaf_compile_options *options)
{
    *options = (sheaf_compile_options){.struct_size = sizeof *options};
}

/* ---- running ---- */

static bool as_it_is(const sheaf_view *x, const sheaf_plugin_entry *entry)
{
    return x->dtype == entry->dtype && sheaf_view_is_contiguous(x) &&
           (uintptr_t)x->data % sheaf_dtype_size(x->dtype) == 0;
}

/* The elements of x as the function takes them: x's own, or copies of them in *scratch, to be given back to the pool.
 */
static sheaf_status elements(const sheaf_view *x, const sheaf_plugin_entry *entry, const void **data, void **scratch,
                             size_t *size, sheaf_error *error)
{
    sheaf_view copy;
    *data = x->data;
    *scratch = NULL;
    if (as_it_is(x, entry))
        return SHEAF_OK;
    if (dtype_is_complex(x->dtype))
        return sheaf_error_set(error, SHEAF_DTYPE, "%s takes %s, not %s", entry->name, sheaf_dtype_name(entry->dtype),
                               sheaf_dtype_name(x->dtype));
    sheaf_status status = array_bytes(entry->dtype, x->ndim, x->shape, size, error);
    if (status != SHEAF_OK)
        return status;
    *size += *size == 0;
    *scratch = pool_get(*size);
    if (!*scratch)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of input as %s", entry->name, *size,
                               sheaf_dtype_name(entry->dtype));
    *data = *scratch;
    status = sheaf_view_init(&copy, *scratch, entry->dtype, x->ndim, x->shape, error);
    return status == SHEAF_OK ? sheaf_view_copy(x, &copy, error) : status;
}

static sheaf_status run_plugin(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                               sheaf_error *error)
{
    const plugin *p = user;
    const sheaf_plugin_entry *entry = plugin_info(p);
    const void *data;
    void *scratch;
    size_t size = 0;
    sheaf_view y;
    if (item->ninputs != 1)
        return sheaf_error_set(error, SHEAF_INVALID, "%s takes one array, but the item has %d", entry->name,
                               item->ninputs);
    const int ndim = entry->kind == SHEAF_PLUGIN_ARRAY ? x->ndim : 0;
    sheaf_status status = elements(x, entry, &data, &scratch, &size, error);
    if (status == SHEAF_OK)
        status = sheaf_output_array(out, entry->dtype, ndim, x->shape, &y, error);
    if (status == SHEAF_OK)
        plugin_call(p, data, (size_t)sheaf_view_size(x), y.data);
    pool_put(scratch, size);
    return status;
}

/* ---- making ---- */

/* The length of the file's part of "FILE.c:NAME"; *symbol is NAME or NULL. */
static size_t split(const char *text, const char **symbol)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    *symbol = NULL;
    if ((n > 2 && memcmp(colon - 2, ".c", 2) == 0) || (n > 3 && memcmp(colon - 3, ".so", 3) == 0)) {
        *symbol = colon + 1;
        return n;
    }
    return strlen(text);
}

static sheaf_status func_of(plugin *p, sheaf_func **out, sheaf_error *error)
{
    const sheaf_plugin_entry *entry = plugin_info(p);
    const char *const *names = entry->outputs[0] ? entry->outputs : &entry->name;
    int nout = entry->outputs[0] ? 0 : 1;
    while (nout <= SHEAF_MAX_OUTPUTS && names[nout] && names == entry->outputs)
        nout++;
    sheaf_callback *callback = entry->kind == SHEAF_PLUGIN_FUNCTION ? (sheaf_callback *)entry->function : run_plugin;
    return sheaf_func_callback(callback, callback == run_plugin ? p : NULL, nout, names, out, error);
}

sheaf_status sheaf_func_from_file(const char *path, const sheaf_compile_options *options, sheaf_func **out,
                                  sheaf_error *error)
{
    sheaf_compile_options own;
    const char *symbol;
    plugin *p = NULL;
    *out = NULL;
    if (!path || !*path)
        return sheaf_error_set(error, SHEAF_INVALID, "the C file has no name");
    sheaf_compile_options_init(&own);
    if (options)
        memcpy(&own, options, options->struct_size < sizeof own ? options->struct_size : sizeof own);
    size_t n = split(path, &symbol);
    char *file = mem_strdup(path);
    if (!file)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the name %.200s", path);
    file[n] = '\0';
    sheaf_status status = plugin_open(file, symbol, &own, &p, error);
    if (status == SHEAF_OK)
        status = func_of(p, out, error);
    if (status == SHEAF_OK)
        (*out)->plugin = p;
    else
        plugin_close(p);
    mem_free(file);
    return status;
}
