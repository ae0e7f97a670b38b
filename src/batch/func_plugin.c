/* A function of a C file: a program that calls it, or the callback that it is. */

#include "base/alloc.h"
#include "batch/func.h"
#include "plugin/plugin.h"
#include <stdio.h>
#include <string.h>

void sheaf_compile_options_init(sheaf_compile_options *options)
{
    *options = (sheaf_compile_options){.struct_size = sizeof *options};
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

struct foreign func_foreign_of(const plugin *p)
{
    const sheaf_plugin_entry *entry = plugin_info(p);
    return (struct foreign){entry->name, entry->dtype, entry->kind == SHEAF_PLUGIN_SCALAR, plugin_call, p};
}

bool func_foreign(const sheaf_func *func, struct foreign *out)
{
    if (!func->program || func->nplugins != 1)
        return false;
    *out = func_foreign_of(func->plugins[0]);
    return true;
}

/* The program NAME(x). */
static sheaf_status func_of_elements(const plugin *p, sheaf_func **out, sheaf_error *error)
{
    const char *name = plugin_info(p)->name;
    const struct foreign foreign = func_foreign_of(p);
    char text[300];
    if (snprintf(text, sizeof text, "%s(x)", name) >= (int)sizeof text)
        return sheaf_error_set(error, SHEAF_INVALID, "the function's name is too long: %.100s", name);
    return func_program(text, 0, NULL, 1, &foreign, name, out, error);
}

static sheaf_status make(const plugin *p, sheaf_func **out, sheaf_error *error)
{
    const sheaf_plugin_entry *entry = plugin_info(p);
    const char *const *names = entry->outputs[0] ? entry->outputs : &entry->name;
    int nout = entry->outputs[0] ? 0 : 1;
    if (entry->kind != SHEAF_PLUGIN_FUNCTION)
        return func_of_elements(p, out, error);
    while (nout <= SHEAF_MAX_OUTPUTS && names[nout] && names == entry->outputs)
        nout++;
    return sheaf_func_callback((sheaf_callback *)entry->function, NULL, nout, names, out, error);
}

sheaf_status func_of_plugin(plugin *p, sheaf_func **out, sheaf_error *error)
{
    sheaf_status status = make(p, out, error);
    if (status == SHEAF_OK)
        (*out)->plugins[(*out)->nplugins++] = p;
    else
        plugin_close(p);
    return status;
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
        status = func_of_plugin(p, out, error);
    mem_free(file);
    return status;
}
