#include "batch/func.h"

#include "base/alloc.h"
#include "plugin/plugin.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_LENGTH = 64
};

/* Length of the identifier text starts with. */
static size_t identifier(const char *text)
{
    size_t n = 0;
    if (!isalpha((unsigned char)text[0]) && text[0] != '_')
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

static sheaf_status unknown(const char *text, sheaf_error *error)
{
    size_t n = identifier(text);
    if (n == strlen(text) && n > 0) {
        const char *near = sheaf_catalogue_suggest(text);
        if (near)
            return sheaf_error_set(error, SHEAF_UNKNOWN,
                                   "no function is called \"%s\"; did you mean \"%s\"? sheaf functions lists all", text,
                                   near);
        return sheaf_error_set(error, SHEAF_UNKNOWN, "no function is called \"%s\"; sheaf functions lists all", text);
    }
    return sheaf_error_set(error, SHEAF_UNKNOWN,
                           "\"%s\" is not a name: give one of the catalogue, such as \"mean\"; sheaf_func_parse takes "
                           "expressions",
                           text);
}

/* Output k of a catalogue function: its name, and ".min" behind it when there are several. */
static char *output_name(const char *name, const sheaf_function_info *info, int k)
{
    char text[4 * NAME_LENGTH];
    const char *part = info->outputs;
    if (info->nout == 1)
        return mem_strdup(name);
    for (int skip = 0; skip < k; skip++) {
        part += strcspn(part, " ");
        part += strspn(part, " ");
    }
    snprintf(text, sizeof text, "%s.%.*s", name, (int)strcspn(part, " "), part);
    return mem_strdup(text);
}

sheaf_status sheaf_func_named(const char *name, const sheaf_options *options, sheaf_func **out, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    *out = NULL;
    const struct op *op = name ? op_find(name) : NULL;
    if (!op)
        return unknown(name ? name : "", error);
    const sheaf_function_info *info = op_info(op);
    if (info->nout > SHEAF_MAX_OUTPUTS || info->nin > SHEAF_MAX_OUTPUTS)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: too many inputs or outputs to map", name);
    sheaf_func *func = mem_calloc(1, sizeof *func);
    if (!func)
        goto no_memory;
    sheaf_options_init(&func->options);
    if (options)
        memcpy(&func->options, options,
               options->struct_size < sizeof *options ? options->struct_size : sizeof *options);
    func->options.struct_size = sizeof *options;
    func->options.into = NULL;
    func->op = op;
    func->nin = info->nin;
    func->nout = info->nout;
    func->name = mem_strdup(name);
    if (!func->name)
        goto no_memory;
    for (int k = 0; k < func->nout; k++) {
        func->outputs[k] = output_name(name, info, k);
        if (!func->outputs[k])
            goto no_memory;
    }
    *out = func;
    return SHEAF_OK;
no_memory:
    status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the function %s", name);
    sheaf_func_free(func);
    return status;
}

/* A bare name is that function of the item. */
static bool is_bare_name(const char *text)
{
    const struct op *op = op_find(text);
    return op && (op_info(op)->nin == 1 || op_info(op)->nin == SHEAF_MANY);
}

static sheaf_status set_names(sheaf_func *func, const char *name)
{
    const int nout = program_nout(func->program);
    func->nin = program_nin(func->program);
    func->name = mem_strdup(name ? name : "the program");
    for (int k = 0; k < nout && func->name; k++, func->nout++)
        if (!(func->outputs[k] = mem_strdup(name ? name : program_output_name(func->program, k))))
            return SHEAF_NO_MEMORY;
    return func->name ? SHEAF_OK : SHEAF_NO_MEMORY;
}

sheaf_status func_program(const char *text, int nnames, const char *const *names, int nforeign,
                          const struct foreign *foreign, const char *name, sheaf_func **out, sheaf_error *error)
{
    static const char *const only[] = {"x"};
    sheaf_func *func = mem_calloc(1, sizeof *func);
    if (!func)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the program");
    sheaf_status status =
        program_parse(text, nnames ? nnames : 1, nnames ? names : only, nforeign, foreign, &func->program, error);
    if (status == SHEAF_OK && (status = set_names(func, name)))
        sheaf_error_set(error, status, "no memory for the program");
    if (status == SHEAF_OK)
        *out = func;
    else
        sheaf_func_free(func);
    return status;
}

sheaf_status sheaf_func_parse(const char *text, int nnames, const char *const *names, sheaf_func **out,
                              sheaf_error *error)
{
    return sheaf_func_parse_using(text, nnames, names, 0, NULL, out, error);
}

sheaf_status sheaf_func_parse_using(const char *text, int nnames, const char *const *names, int nuses,
                                    const sheaf_func *const *uses, sheaf_func **out, sheaf_error *error)
{
    struct foreign foreign[LANG_MOST_FOREIGN];
    *out = NULL;
    if (!text)
        return sheaf_error_set(error, SHEAF_INVALID, "the program is NULL");
    if (nuses < 0 || nuses > LANG_MOST_FOREIGN)
        return sheaf_error_set(error, SHEAF_INVALID, "a program uses at most %d functions of one's own, not %d",
                               LANG_MOST_FOREIGN, nuses);
    if (nnames <= 1 && nuses == 0 && is_bare_name(text))
        return sheaf_func_named(text, NULL, out, error);
    for (int k = 0; k < nuses; k++)
        if (!func_foreign(uses[k], &foreign[k]))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%s cannot be called in programs: only functions of C files can, from an array to a "
                                   "number or to an array of its shape",
                                   uses[k]->outputs[0] ? uses[k]->outputs[0] : uses[k]->name);
    sheaf_status status = func_program(text, nnames, names, nuses, foreign, NULL, out, error);
    for (int k = 0; k < nuses && status == SHEAF_OK; k++)
        (*out)->plugins[(*out)->nplugins++] = plugin_retain(uses[k]->plugins[0]);
    return status;
}

bool sheaf_func_input(const sheaf_func *func, int k, const char **name, const char **part)
{
    for (int i = 0; func->program && i < program_nin(func->program); i++) {
        if (func->bound[i] || k-- > 0)
            continue;
        *name = program_input_base(func->program, i, part);
        return true;
    }
    return false;
}

sheaf_status sheaf_func_bind(sheaf_func *func, const char *name, sheaf_array *array, sheaf_error *error)
{
    for (int k = 0; func->program && k < program_nin(func->program); k++) {
        if (strcmp(program_input_name(func->program, k), name) != 0)
            continue;
        func->nin -= !func->bound[k];
        sheaf_array_free(func->bound[k]);
        func->bound[k] = sheaf_array_retain(array);
        return SHEAF_OK;
    }
    return sheaf_error_set(error, SHEAF_UNKNOWN, "the program has no array called \"%s\"", name);
}

static sheaf_status check_names(int nout, const char *const *names, sheaf_error *error)
{
    if (nout < 0 || nout > SHEAF_MAX_OUTPUTS)
        return sheaf_error_set(error, SHEAF_INVALID, "a callback has 0 to %d outputs, not %d", SHEAF_MAX_OUTPUTS, nout);
    for (int k = 0; k < nout; k++) {
        if (!names || !names[k] || !*names[k])
            return sheaf_error_set(error, SHEAF_INVALID, "output %d of the callback has no name", k);
        for (int j = 0; j < k; j++) {
            if (strcmp(names[j], names[k]) == 0)
                return sheaf_error_set(error, SHEAF_INVALID, "outputs %d and %d of the callback are both called \"%s\"",
                                       j, k, names[k]);
        }
    }
    return SHEAF_OK;
}

void sheaf_func_set_elementwise(sheaf_func *func, bool elementwise)
{
    func->elementwise = elementwise && func->callback;
}

sheaf_status sheaf_func_callback(sheaf_callback *callback, void *user, int nout, const char *const *names,
                                 sheaf_func **out, sheaf_error *error)
{
    *out = NULL;
    if (!callback)
        return sheaf_error_set(error, SHEAF_INVALID, "the callback is NULL");
    sheaf_status status = check_names(nout, names, error);
    if (status != SHEAF_OK)
        return status;
    sheaf_func *func = mem_calloc(1, sizeof *func);
    if (!func)
        goto no_memory;
    func->callback = callback;
    func->user = user;
    func->nout = nout;
    func->name = mem_strdup("callback");
    if (!func->name)
        goto no_memory;
    for (int k = 0; k < nout; k++) {
        func->outputs[k] = mem_strdup(names[k]);
        if (!func->outputs[k])
            goto no_memory;
    }
    *out = func;
    return SHEAF_OK;
no_memory:
    sheaf_func_free(func);
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a callback function");
}

void sheaf_func_free(sheaf_func *func)
{
    if (!func)
        return;
    for (int k = 0; k < func->nout; k++)
        mem_free(func->outputs[k]);
    for (int k = 0; k < FUNC_MAX_INPUTS; k++)
        sheaf_array_free(func->bound[k]);
    program_free(func->program);
    for (int k = 0; k < func->nplugins; k++)
        plugin_close(func->plugins[k]);
    mem_free(func->name);
    mem_free(func);
}

int sheaf_func_nout(const sheaf_func *func)
{
    return func->nout;
}

const char *sheaf_func_output_name(const sheaf_func *func, int k)
{
    return k >= 0 && k < func->nout ? func->outputs[k] : "";
}
