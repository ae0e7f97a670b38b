/* What decides the results of a map, as text that a journal keeps: an output is continued under the same facts only. */

#include "array/array.h"
#include "base/hash.h"
#include "batch/sinks.h"
#include "plugin/plugin.h"
#include <stdio.h>
#include <string.h>

/* "array w": what the user has named cannot be taken for a fact of ours. */
static const char *key_of(struct journal *j, const char *what, const char *name)
{
    char text[SHEAF_MESSAGE_MAX];
    snprintf(text, sizeof text, "%s %s", what, name);
    const char *key = arena_strdup(&j->arena, text);
    return key ? key : what;
}

/* dtype, shape and values. */
static sheaf_status array_fact(struct journal *j, const char *key, const sheaf_view *view, sheaf_error *error)
{
    char text[VIEW_TEXT], value[VIEW_TEXT + 32];
    sheaf_array *copy = NULL;
    sheaf_status status = SHEAF_OK;
    if (!view)
        return SHEAF_OK;
    if (!sheaf_view_is_contiguous(view))
        status = sheaf_array_from_view(view, view->dtype, &copy, error);
    if (status != SHEAF_OK)
        return status;
    const size_t bytes = (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    const uint64_t hash = hash_bytes(copy ? sheaf_array_data(copy) : view->data, bytes, 0);
    snprintf(value, sizeof value, "%s, %016llx", view_text(view, text), (unsigned long long)hash);
    sheaf_array_free(copy);
    return journal_fact(j, key, value, error);
}

static sheaf_status word_fact(struct journal *j, const char *key, const char *word, sheaf_error *error)
{
    return word ? journal_fact(j, key, word, error) : SHEAF_OK;
}

/* Options of a function of the catalogue: those that are numbers by their hash, what pointers lead to one by one. */
static sheaf_status options_facts(struct journal *j, const sheaf_options *options, sheaf_error *error)
{
    char value[24];
    sheaf_options plain, defaults;
    sheaf_options_init(&defaults);
    memcpy(&plain, options, sizeof plain); /* with its padding, as sheaf_options_init gave it */
    plain.threads = 0;
    plain.weights = plain.edges = plain.into = NULL;
    plain.method = plain.mode = plain.side = NULL;
    sheaf_status status = SHEAF_OK;
    if (memcmp(&plain, &defaults, sizeof plain) != 0) {
        snprintf(value, sizeof value, "%016llx", (unsigned long long)hash_bytes(&plain, sizeof plain, 0));
        status = journal_fact(j, "options", value, error);
    }
    if (status == SHEAF_OK)
        status = word_fact(j, "method", options->method, error);
    if (status == SHEAF_OK)
        status = word_fact(j, "mode", options->mode, error);
    if (status == SHEAF_OK)
        status = word_fact(j, "side", options->side, error);
    if (status == SHEAF_OK)
        status = array_fact(j, "weights", options->weights, error);
    return status == SHEAF_OK ? array_fact(j, "edges", options->edges, error) : status;
}

/* The names that a program gives to arrays, and the arrays that some of them are. */
static sheaf_status program_facts(struct journal *j, const sheaf_func *func, sheaf_error *error)
{
    char names[1024];
    size_t n = 0;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < program_nin(func->program) && status == SHEAF_OK; k++) {
        const char *name = program_input_name(func->program, k);
        if (n < sizeof names)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", k ? ", " : "", name);
        if (!func->bound[k])
            continue;
        const sheaf_view bound = sheaf_array_view(func->bound[k]);
        status = array_fact(j, key_of(j, "array", name), &bound, error);
    }
    return status == SHEAF_OK ? journal_fact(j, "names of arrays", names, error) : status;
}

static sheaf_status plugin_facts(struct journal *j, const sheaf_func *func, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < func->nplugins && status == SHEAF_OK; k++) {
        char value[24];
        snprintf(value, sizeof value, "%016llx", (unsigned long long)plugin_hash(func->plugins[k]));
        status = journal_fact(j, key_of(j, "compiled", plugin_info(func->plugins[k])->name), value, error);
    }
    return status;
}

static sheaf_status function_facts(const struct request *r, sheaf_error *error)
{
    const sheaf_func *func = r->func;
    const char *identity = r->options->identity;
    if (func->program || func->op) {
        sheaf_status status =
            journal_fact(r->journal, JOURNAL_FUNCTION, func->program ? program_text(func->program) : func->name, error);
        if (status != SHEAF_OK)
            return status;
        return func->program ? program_facts(r->journal, func, error)
                             : options_facts(r->journal, &func->options, error);
    }
    if (func->nplugins)
        return journal_fact(r->journal, JOURNAL_FUNCTION, plugin_info(func->plugins[0])->name, error);
    if (!identity)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%.200s: a journal cannot look into a callback: set options.identity to a text that "
                               "says what it computes",
                               r->target->path);
    return journal_fact(r->journal, JOURNAL_FUNCTION, identity, error);
}

/* What the output is called is told to readers; what tells it from others whose journal has the same name is how its
 * files are named: under the fixed directory of a template, whatever the way to that. */
static sheaf_status output_facts(const struct request *r, sheaf_error *error)
{
    char path[PATH_MAX + 2];
    const struct target *t = r->target;
    const char *files = t->kind == TARGET_CSV ? "a table" : t->kind == TARGET_NPY ? "a stack" : "{stem}.npy";
    snprintf(path, sizeof path, t->directory && strcmp(t->directory, "/") != 0 ? "%s/" : "%s",
             t->directory ? t->directory : t->path);
    sheaf_status status = journal_fact(r->journal, JOURNAL_OUTPUT, path, error);
    if (t->kind == TARGET_EACH && !t->directory) {
        files = strchr(t->path, '{');
        while (files > t->path && files[-1] != '/')
            files--;
    }
    return status == SHEAF_OK ? journal_fact(r->journal, JOURNAL_FILES, files, error) : status;
}

/* Which files are joined, and along what. */
static sheaf_status join_facts(const struct request *r, sheaf_error *error)
{
    const struct items *items = r->batch->items;
    const char *const *paths;
    char value[64];
    uint64_t hash = 0;
    size_t files = 0;
    for (size_t i = 0; i < items->entries; i++)
        for (int k = 0; items->at[i].joins && k < items->at[i].count; k++) {
            const sheaf_read *read = item_read(items, &items->at[i], k);
            const size_t n = read_members(read, &paths);
            if (n)
                hash = hash_bytes(read_axis(read), strlen(read_axis(read)) + 1, hash);
            for (size_t j = 0; j < n; j++)
                hash = hash_bytes(paths[j], strlen(paths[j]) + 1, hash);
            files += n;
        }
    snprintf(value, sizeof value, "%zu files, %016llx", files, (unsigned long long)hash);
    return files ? journal_fact(r->journal, "joined", value, error) : SHEAF_OK;
}

sheaf_status facts_add(const struct request *r, sheaf_error *error)
{
    char libraries[OP_LIBRARIES], numerics[24];
    const char *reading = read_text(r->batch->items->read);
    snprintf(numerics, sizeof numerics, "%d", SHEAF_NUMERICS_VERSION);
    op_libraries(libraries);
    sheaf_status status = output_facts(r, error);
    if (status == SHEAF_OK)
        status = function_facts(r, error);
    if (status == SHEAF_OK)
        status = plugin_facts(r->journal, r->func, error);
    if (status == SHEAF_OK)
        status = word_fact(r->journal, "reading", reading, error);
    if (status == SHEAF_OK)
        status = journal_fact(r->journal, "way to tell changed inputs",
                              r->options->verify ? "their bytes (--verify)" : "time of change", error);
    if (status == SHEAF_OK)
        status = join_facts(r, error);
    if (status == SHEAF_OK)
        status = journal_fact(r->journal, "version of sheaf", SHEAF_VERSION, error);
    if (status == SHEAF_OK)
        status = journal_fact(r->journal, "version of the numbers", numerics, error);
    return status == SHEAF_OK ? journal_fact(r->journal, "libraries", libraries, error) : status;
}
