/* What URLs hold, for `sheaf info`. */

#include "info.h"
#include <stdlib.h>
#include <string.h>

struct fetching_info {
    const sheaf_http *http;
    sheaf_read *read;
    sheaf_batch *batch;
    struct paths paths;
    struct fetched *infos;
    size_t capacity;
};

/* One more line to be shown. */
static struct fetched *add(struct fetching_info *f, const char *path)
{
    if (f->paths.n == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 16;
        f->infos = must(realloc(f->infos, f->capacity * sizeof *f->infos));
    }
    paths_add(&f->paths, path);
    f->infos[f->paths.n - 1] = (struct fetched){0};
    return &f->infos[f->paths.n - 1];
}

/* The array goes into the batch; in place of one that cannot be had, a number that nobody sees. */
static sheaf_status add_array(struct fetching_info *f, sheaf_array *array, const char *name, sheaf_error *error)
{
    static double nothing;
    const sheaf_view view = sheaf_view_f64(&nothing, 1);
    sheaf_status status = array ? sheaf_batch_add_array(f->batch, array, name, error)
                                : sheaf_batch_add_views(f->batch, &view, 1, name, error);
    sheaf_array_free(array);
    return status;
}

static sheaf_status add_part(struct fetching_info *f, sheaf_file *file, size_t part, const char *name,
                             sheaf_error *error)
{
    struct fetched *info = add(f, name);
    sheaf_array *array = NULL;
    if (sheaf_file_part_describe(file, part, &info->info, &info->error) == SHEAF_OK)
        sheaf_file_part_load(file, part, &array, &info->error);
    return add_array(f, array, name, error);
}

static sheaf_status add_url(struct fetching_info *f, const char *url, const char *shown, sheaf_error *error)
{
    sheaf_file *file = NULL;
    sheaf_error failed = {SHEAF_OK, ""};
    size_t part;
    sheaf_status status = SHEAF_OK;
    if (sheaf_url_open(url, f->http, f->read, &file, &part, &failed) != SHEAF_OK) {
        add(f, shown)->error = failed;
        return add_array(f, NULL, shown, error);
    }
    const bool whole = strchr(url, '#') || !*sheaf_file_part_name(file, 0);
    if (whole)
        status = add_part(f, file, part, shown, error);
    for (size_t k = 0; k < sheaf_file_parts(file) && !whole && status == SHEAF_OK; k++) {
        char *name = map_part(shown, sheaf_file_part_name(file, k));
        status = add_part(f, file, k, name, error);
        free(name);
    }
    sheaf_file_close(file);
    return status;
}

sheaf_status info_fetch(const struct inputs *in, struct fetching *fetching, struct paths *paths, struct fetched **infos,
                        sheaf_batch **batch, sheaf_error *error)
{
    const struct paths none = {0};
    struct fetching_info f = {.http = fetching_http(fetching)};
    sheaf_batch *named = NULL; /* what URLs are called */
    char unnamed[SHEAF_NAME_MAX];
    sheaf_status status = inputs_batch(in, paths, &named, error);
    if (status == SHEAF_OK)
        status = inputs_batch(in, &none, &f.batch, error);
    if (status == SHEAF_OK)
        status = sheaf_read_new(in->read.n, (const char *const *)in->read.at, &f.read, error);
    for (size_t i = 0; i < paths->n && status == SHEAF_OK && !signal_status(); i++) {
        if (is_url(paths->at[i])) {
            status = add_url(&f, paths->at[i], sheaf_batch_name(named, i, unnamed), error);
        } else {
            add(&f, paths->at[i]);
            status = sheaf_batch_add_file(f.batch, paths->at[i], error);
        }
    }
    sheaf_read_free(f.read);
    sheaf_batch_free(named);
    paths_free(paths);
    *paths = f.paths;
    *infos = f.infos;
    *batch = f.batch;
    return status;
}
