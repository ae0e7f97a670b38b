/* The items of a map: inputs, and the files that --with gives each of them. */

#include "map.h"
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* A pattern or template of --with, and what it gives item after item. */
struct each {
    const char *with, *file; /* NAME=FILE, and FILE in it */
    glob_t found;            /* of a pattern */
    bool is_template;
};

/* Those of --with that give each item its own. */
static int find_each(const struct map_request *r, struct each *each, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < r->with.n; i++) {
        struct each *e = &each[*n];
        e->with = r->with.at[i];
        e->file = strchr(e->with, '=') + 1;
        if (!map_is_each(e->file))
            continue;
        e->is_template = strchr(e->file, '{') != NULL;
        memset(&e->found, 0, sizeof e->found);
        ++*n;
        if (e->is_template)
            continue;
        if (glob(e->file, 0, NULL, &e->found) != 0)
            return complain(REFUSED, "--with %s: no file matches", e->with);
        if (e->found.gl_pathc != r->paths.n)
            return complain(REFUSED, "--with %s: %zu files match, but there are %zu inputs", e->with, e->found.gl_pathc,
                            r->paths.n);
    }
    return DONE;
}

bool map_takes_parts(const struct map_request *r)
{
    const char *name, *part;
    for (int k = 0; sheaf_func_input(r->func, k, &name, &part); k++)
        if (part && strcmp(name, "x") == 0)
            return true;
    return false;
}

/* The file of item i that the function calls by this name. */
static sheaf_status find_file(const sheaf_batch *inputs, const char *input, const struct each *each, size_t n,
                              const char *name, size_t i, char made[SHEAF_PATH_MAX], const char **file,
                              sheaf_error *error)
{
    *file = input;
    for (size_t k = 0; k < n; k++) {
        if (strncmp(each[k].with, name, strlen(name)) != 0 || each[k].with[strlen(name)] != '=')
            continue;
        *file = each[k].is_template ? made : each[k].found.gl_pathv[i];
        return each[k].is_template ? sheaf_batch_path(inputs, i, each[k].file, made, error) : SHEAF_OK;
    }
    return SHEAF_OK;
}

/* FILE, or those that are joined, of each the part. */
static struct paths files_of(const struct map_request *r, const char *file, bool joined, const char *part)
{
    struct paths files = {0};
    for (size_t k = 0; k < (joined ? r->joined.n : 1); k++) {
        char *path = map_part(joined ? r->joined.at[k] : file, part);
        paths_add(&files, path);
        free(path);
    }
    return files;
}

/* Input i, its parts, and what each gives it, in the order in which the function takes them. */
static sheaf_status add_item(const struct map_request *r, const sheaf_batch *inputs, const struct each *each, size_t n,
                             size_t i, sheaf_batch *batch, sheaf_error *error)
{
    static char made[SHEAF_PATH_MAX];
    const char *paths[MAP_MOST_NAMES];
    struct paths files[MAP_MOST_NAMES];
    sheaf_join arrays[MAP_MOST_NAMES];
    bool is_x[MAP_MOST_NAMES]; /* of the input, not of --with */
    const char *name, *part, *file, *const input = r->paths.at[i];
    sheaf_status status = SHEAF_OK;
    int count = 0;
    for (; status == SHEAF_OK && count < MAP_MOST_NAMES && sheaf_func_input(r->func, count, &name, &part); count++) {
        status = find_file(inputs, input, each, n, name, i, made, &file, error);
        is_x[count] = strcmp(name, "x") == 0;
        files[count] = files_of(r, file, r->join && is_x[count], part);
    }
    if (count == 0) { /* a function that names no inputs takes one */
        is_x[0] = true;
        files[count++] = files_of(r, input, r->join != NULL, NULL);
    }
    for (int k = 0; k < count; k++) {
        paths[k] = files[k].at[0];
        arrays[k] = (sheaf_join){(const char *const *)files[k].at, files[k].n, r->join && is_x[k] ? r->join : NULL};
    }
    const char *called = arrays[0].axis ? input : NULL;
    if (status == SHEAF_OK && r->join && r->each)
        status = sheaf_batch_add_joined_slices(batch, arrays, count, is_x, r->each, called, error);
    else if (status == SHEAF_OK && r->join)
        status = sheaf_batch_add_joined(batch, arrays, count, called, error);
    else if (status == SHEAF_OK && r->each)
        status = sheaf_batch_add_files_slices(batch, paths, count, is_x, r->each, error);
    else if (status == SHEAF_OK)
        status = sheaf_batch_add_files(batch, paths, count, error);
    while (count > 0)
        paths_free(&files[--count]);
    return status;
}

static sheaf_status add_items(const struct map_request *r, const sheaf_batch *inputs, const struct each *each, size_t n,
                              sheaf_batch **batch, sheaf_error *error)
{
    const struct paths none = {0};
    sheaf_status status = inputs_batch(&r->inputs, &none, batch, error);
    for (size_t i = 0; i < r->paths.n && status == SHEAF_OK; i++)
        status = add_item(r, inputs, each, n, i, *batch, error);
    return status;
}

/* The inputs by themselves. */
static sheaf_status make_inputs(const struct map_request *r, sheaf_batch **inputs, sheaf_error *error)
{
    const struct paths none = {0};
    const sheaf_join join = {(const char *const *)r->joined.at, r->joined.n, r->join};
    sheaf_status status = inputs_batch(&r->inputs, r->join ? &none : &r->paths, inputs, error);
    return status || !r->join ? status : sheaf_batch_add_joined(*inputs, &join, 1, NULL, error);
}

int map_join(struct map_request *r)
{
    static char unnamed[SHEAF_NAME_MAX];
    sheaf_batch *inputs = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    if (!r->join)
        return DONE;
    if (r->inputs.select.n > 1)
        return complain(REFUSED, "--join makes one array of the inputs: give one --select, the part to take of each");
    r->joined = r->paths;
    r->paths = (struct paths){0};
    sheaf_status status = make_inputs(r, &inputs, &error);
    if (status == SHEAF_OK)
        paths_add(&r->paths, sheaf_batch_name(inputs, 0, unnamed));
    sheaf_batch_free(inputs);
    return status ? complain(status == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED, "%s", error.message) : DONE;
}

size_t map_items_count(const struct map_request *r)
{
    return r->batch ? sheaf_batch_size(r->batch) : r->paths.n;
}

const char *map_item_name(const struct map_request *r, size_t i)
{
    static char name[SHEAF_NAME_MAX];
    /* A URL is called as it may be shown. */
    return r->each || is_url(r->paths.at[i]) ? sheaf_batch_name(r->batch, i, name) : r->paths.at[i];
}

int map_items(struct map_request *r)
{
    struct each each[MAP_MOST_NAMES];
    sheaf_batch *inputs = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    size_t n;
    int status = find_each(r, each, &n);
    const bool many = n > 0 || r->each || map_takes_parts(r);
    if (status == DONE) {
        sheaf_status made = make_inputs(r, &inputs, &error);
        if (made == SHEAF_OK && many)
            made = add_items(r, inputs, each, n, &r->batch, &error);
        if (made != SHEAF_OK)
            status = complain(made == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED, "%s", error.message);
    }
    if (many)
        sheaf_batch_free(inputs);
    else
        r->batch = inputs;
    for (size_t k = 0; k < n; k++)
        if (!each[k].is_template)
            globfree(&each[k].found);
    return status;
}
