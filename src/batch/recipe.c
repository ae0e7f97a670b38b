#include "batch/recipe.h"

#include "array/array.h"
#include "base/alloc.h"
#include "plugin/plugin.h"
#include <string.h>

/* ---- arrays ---- */

void view_pack(struct packet *p, const sheaf_view *view, uint64_t where)
{
    packet_put_number(p, (uint64_t)view->dtype);
    packet_put_number(p, (uint64_t)view->ndim);
    packet_put(p, view->shape, (size_t)view->ndim * sizeof *view->shape);
    packet_put_number(p, where);
}

bool view_unpack(struct packet *p, sheaf_view *view, uint64_t *where, size_t *bytes)
{
    int64_t shape[SHEAF_MAX_NDIM];
    const uint64_t dtype = packet_get_number(p), ndim = packet_get_number(p);
    const void *dims = ndim <= SHEAF_MAX_NDIM ? packet_get(p, (size_t)ndim * sizeof *shape, 1) : NULL;
    *where = packet_get_number(p);
    if (p->bad || !dims || dtype >= SHEAF_DTYPE_COUNT) {
        p->bad = true;
        return false;
    }
    memcpy(shape, dims, (size_t)ndim * sizeof *shape);
    p->bad = array_bytes((sheaf_dtype)dtype, (int)ndim, shape, bytes, NULL) != SHEAF_OK ||
             sheaf_view_init(view, NULL, (sheaf_dtype)dtype, (int)ndim, shape, NULL) != SHEAF_OK;
    return !p->bad;
}

void array_pack(struct packet *p, const sheaf_view *view)
{
    sheaf_view copy;
    view_pack(p, view, VIEW_HERE);
    if (sheaf_view_init(&copy, NULL, view->dtype, view->ndim, view->shape, NULL) == SHEAF_OK)
        copy.data = packet_room(p, (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype), VIEW_ALIGN);
    if (!p->bad)
        sheaf_view_copy(view, &copy, NULL);
}

bool array_unpack(struct packet *p, sheaf_view *view)
{
    uint64_t where;
    size_t bytes;
    if (view_unpack(p, view, &where, &bytes))
        view->data = (void *)(uintptr_t)packet_get(p, bytes, VIEW_ALIGN);
    return !p->bad;
}

/* ---- functions ---- */

enum kind {
    KIND_OP,
    KIND_PROGRAM,
    KIND_PLUGIN
};

static void optional_pack(struct packet *p, const sheaf_view *view, const char *text)
{
    packet_put_number(p, view || text);
    if (view)
        array_pack(p, view);
    else if (text)
        packet_put_text(p, text);
}

static const char *text_unpack(struct packet *p)
{
    return packet_get_number(p) ? packet_get_text(p) : NULL;
}

static const sheaf_view *array_unpack_to(struct packet *p, struct arena *arena)
{
    sheaf_view *view = packet_get_number(p) ? arena_alloc(arena, sizeof *view, _Alignof(sheaf_view)) : NULL;
    if (view)
        array_unpack(p, view);
    return view;
}

/* Of the options, what pointers lead to is named one by one: a new pointer goes here and to op_unpack. */
static void op_pack(struct packet *p, const sheaf_func *func)
{
    const sheaf_options *o = &func->options;
    packet_put(p, o, sizeof *o);
    optional_pack(p, o->weights, NULL);
    optional_pack(p, o->edges, NULL);
    optional_pack(p, NULL, o->method);
    optional_pack(p, NULL, o->mode);
    optional_pack(p, NULL, o->side);
}

static sheaf_status op_unpack(struct packet *p, const char *name, struct arena *arena, sheaf_func **out,
                              sheaf_error *error)
{
    sheaf_options o;
    const void *bytes = packet_get(p, sizeof o, 1);
    if (!bytes)
        return SHEAF_FORMAT;
    memcpy(&o, bytes, sizeof o);
    o.weights = array_unpack_to(p, arena);
    o.edges = array_unpack_to(p, arena);
    o.method = text_unpack(p);
    o.mode = text_unpack(p);
    o.side = text_unpack(p);
    return p->bad ? SHEAF_FORMAT : sheaf_func_named(name, &o, out, error);
}

static void program_pack(struct packet *p, const sheaf_func *func)
{
    const int n = program_nin(func->program);
    packet_put_text(p, program_text(func->program));
    packet_put_number(p, (uint64_t)n);
    for (int k = 0; k < n; k++)
        packet_put_text(p, program_input_name(func->program, k));
    for (int k = 0; k < n; k++) {
        packet_put_number(p, func->bound[k] != NULL);
        if (func->bound[k]) {
            const sheaf_view view = sheaf_array_view(func->bound[k]);
            array_pack(p, &view);
        }
    }
}

/* A bound array stays where it is: in memory that all workers share. */
static sheaf_status bind_unpack(struct packet *p, sheaf_func *func, const char *name, sheaf_error *error)
{
    sheaf_view view;
    sheaf_array *array = NULL;
    if (!packet_get_number(p))
        return SHEAF_OK;
    if (!array_unpack(p, &view))
        return SHEAF_FORMAT;
    sheaf_status status = array_adopt(NULL, 0, view.data, view.dtype, view.ndim, view.shape, &array, error);
    if (status == SHEAF_OK)
        status = sheaf_func_bind(func, name, array, error);
    sheaf_array_free(array);
    return status;
}

static sheaf_status program_unpack(struct packet *p, plugin *const *plugins, int nplugins, sheaf_func **out,
                                   sheaf_error *error)
{
    struct foreign foreign[LANG_MOST_FOREIGN];
    const char *text = packet_get_text(p), *names[FUNC_MAX_INPUTS];
    const uint64_t n = packet_get_number(p);
    for (uint64_t k = 0; k < n && n <= FUNC_MAX_INPUTS; k++)
        names[k] = packet_get_text(p);
    if (p->bad || n > FUNC_MAX_INPUTS)
        return SHEAF_FORMAT;
    for (int k = 0; k < nplugins; k++)
        foreign[k] = func_foreign_of(plugins[k]);
    sheaf_status status = func_program(text, (int)n, names, nplugins, foreign, NULL, out, error);
    for (int k = 0; k < nplugins && status == SHEAF_OK; k++)
        (*out)->plugins[(*out)->nplugins++] = plugin_retain(plugins[k]);
    for (uint64_t k = 0; k < n && status == SHEAF_OK; k++)
        status = bind_unpack(p, *out, names[k], error);
    return status;
}

void func_pack(struct packet *p, const sheaf_func *func, int fds[LANG_MOST_FOREIGN], int *nfds)
{
    *nfds = func->nplugins;
    packet_put_text(p, func->name);
    packet_put_number(p, func->op ? KIND_OP : func->program ? KIND_PROGRAM : KIND_PLUGIN);
    packet_put_number(p, (uint64_t)func->nplugins);
    for (int k = 0; k < func->nplugins; k++) {
        const struct plugin_source s = plugin_source(func->plugins[k]);
        packet_put_text(p, s.path);
        packet_put_text(p, s.object);
        packet_put_text(p, s.symbol);
        fds[k] = s.fd;
    }
    if (func->op)
        op_pack(p, func);
    else if (func->program)
        program_pack(p, func);
}

static sheaf_status plugins_unpack(struct packet *p, const int *fds, int nfds, plugin **plugins, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < nfds && status == SHEAF_OK; k++) {
        struct plugin_source s = {.fd = fds[k]};
        s.path = packet_get_text(p);
        s.object = packet_get_text(p);
        s.symbol = packet_get_text(p);
        status = p->bad ? SHEAF_FORMAT : plugin_load(&s, &plugins[k], error);
    }
    return status;
}

sheaf_status func_unpack(struct packet *p, const int *fds, int nfds, struct arena *arena, sheaf_func **out,
                         sheaf_error *error)
{
    plugin *plugins[LANG_MOST_FOREIGN] = {NULL};
    const char *name = packet_get_text(p);
    const uint64_t kind = packet_get_number(p), nplugins = packet_get_number(p);
    *out = NULL;
    if (p->bad || nplugins != (uint64_t)nfds || nplugins > LANG_MOST_FOREIGN || (kind == KIND_PLUGIN && nplugins != 1))
        return sheaf_error_set(error, SHEAF_FORMAT, "this is no function");
    sheaf_status status = plugins_unpack(p, fds, nfds, plugins, error);
    if (status == SHEAF_OK && kind == KIND_PLUGIN)
        status = func_of_plugin(plugin_retain(plugins[0]), out, error);
    else if (status == SHEAF_OK)
        status = kind == KIND_OP ? op_unpack(p, name, arena, out, error) : program_unpack(p, plugins, nfds, out, error);
    for (int k = 0; k < nfds; k++)
        plugin_close(plugins[k]);
    if (status == SHEAF_OK) { /* the name that messages have */
        mem_free((*out)->name);
        (*out)->name = mem_strdup(name);
        if (!(*out)->name)
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function's name");
    }
    if (p->bad)
        status = sheaf_error_set(error, SHEAF_FORMAT, "this is no function");
    if (status != SHEAF_OK) {
        sheaf_func_free(*out);
        *out = NULL;
    }
    return status;
}
