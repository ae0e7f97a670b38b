#include "inputs.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void paths_add(struct paths *p, const char *path)
{
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 64;
        p->at = must(realloc(p->at, p->capacity * sizeof *p->at));
    }
    p->at[p->n++] = must(strdup(path));
}

void paths_free(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->at[i]);
    free(p->at);
    *p = (struct paths){0};
}

void inputs_free(struct inputs *in)
{
    paths_free(&in->given);
    paths_free(&in->lists);
    paths_free(&in->select);
    paths_free(&in->read);
}

bool inputs_option(struct inputs *in, int id, const char *value)
{
    if (id == INPUTS_SELECT)
        paths_add(&in->select, value);
    else if (id == INPUTS_READ)
        paths_add(&in->read, value);
    return id == INPUTS_SELECT || id == INPUTS_READ;
}

bool is_url(const char *path)
{
    return strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0;
}

char *map_part(const char *file, const char *part)
{
    char *path = NULL;
    if (asprintf(&path, part ? "%s%s%s" : "%s", file, is_url(file) ? "#" : ":", part) < 0)
        path = must(NULL);
    return path;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every array file below directory. Hidden names are left out (an output's temporary file is one), and links to
 * directories are not followed, so there are no loops. */
static int walk(const char *directory, struct paths *out)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return complain(REFUSED, "cannot read directory '%s': %s", directory, strerror(errno));
    int status = DONE;
    struct dirent *entry;
    while (status == DONE && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = NULL;
        bool slash = text_ends(directory, "/");
        if (asprintf(&path, "%s%s%s", directory, slash ? "" : "/", entry->d_name) < 0)
            path = must(NULL);
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            status = walk(path, out);
        else if (sheaf_file_is_called_array(path) && stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
            paths_add(out, path);
        free(path);
    }
    closedir(dir);
    return status;
}

static int expand_directory(const char *directory, struct paths *out)
{
    size_t before = out->n;
    int status = walk(directory, out);
    if (status != DONE)
        return status;
    if (out->n == before)
        return complain(REFUSED, "no array file below '%s'", directory);
    qsort(out->at + before, out->n - before, sizeof *out->at, compare);
    return DONE;
}

static int expand_one(const char *given, bool recursive, struct paths *out)
{
    struct stat st;
    if (is_url(given)) {
        paths_add(out, given);
        return DONE;
    }
    if (strcmp(given, "-") == 0)
        return complain(REFUSED, "this version does not read arrays from standard input ('-'); give files, or "
                                 "--files-from - for a list of files");
    if (stat(given, &st) == 0) {
        if (!S_ISDIR(st.st_mode)) {
            paths_add(out, given);
            return DONE;
        }
        if (!recursive)
            return complain(REFUSED, "'%s' is a directory: -r takes every array file below it", given);
        return expand_directory(given, out);
    }
    if (errno == ENOENT && strpbrk(given, "*?["))
        return complain(REFUSED, "no file matches '%s'", given);
    paths_add(out, given);
    return DONE;
}

static int expand_list(const char *list, char separator, struct paths *out)
{
    bool standard = strcmp(list, "-") == 0;
    FILE *file = standard ? stdin : fopen(list, "r");
    if (!file)
        return complain(REFUSED, "cannot read the list '%s': %s", list, strerror(errno));
    size_t before = out->n, capacity = 0;
    char *line = NULL;
    ssize_t n;
    while ((n = getdelim(&line, &capacity, separator, file)) > 0) {
        if (line[n - 1] == separator)
            line[--n] = 0;
        if (n > 0)
            paths_add(out, line);
    }
    free(line);
    int status = DONE;
    if (ferror(file))
        status = complain(REFUSED, "cannot read the list '%s': %s", list, strerror(errno));
    else if (out->n == before)
        status = complain(REFUSED, "--files-from: the list '%s' names no file", list);
    if (!standard)
        fclose(file);
    return status;
}

bool inputs_stat(const char *path, struct stat *st)
{
    bool found = stat(path, st) == 0;
    for (const char *colon = strchr(path, ':'); colon && !found; colon = strchr(colon + 1, ':')) {
        char *file = must(strndup(path, (size_t)(colon - path)));
        found = stat(file, st) == 0;
        free(file);
    }
    return found;
}

sheaf_status inputs_batch(const struct inputs *in, const struct paths *paths, sheaf_batch **out, sheaf_error *error)
{
    sheaf_status status = sheaf_batch_from_files((const char *const *)paths->at, paths->n, out, error);
    return status ? status : sheaf_batch_read(*out, in->read.n, (const char *const *)in->read.at, error);
}

/* A URL, or the selected parts of it: what is in it is known later. */
static void add_url(const struct inputs *in, const char *url, struct paths *out)
{
    for (size_t k = 0; k < in->select.n; k++) {
        char *part = map_part(url, in->select.at[k]);
        paths_add(out, part);
        free(part);
    }
    if (!in->select.n)
        paths_add(out, url);
}

/* A container becomes its parts, or those selected. */
static int expand_parts(const struct inputs *in, struct paths *paths)
{
    const struct paths none = {0};
    struct paths parts = {0};
    sheaf_batch *batch = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    char unnamed[SHEAF_NAME_MAX];
    sheaf_status status = inputs_batch(in, &none, &batch, &error);
    for (size_t i = 0; i < paths->n && !status; i++) {
        const char *path = paths->at[i];
        if (is_url(path)) {
            add_url(in, path, &parts);
            continue;
        }
        size_t from = sheaf_batch_size(batch);
        status = sheaf_batch_add_parts(batch, path, in->select.n, (const char *const *)in->select.at, &error);
        for (; !status && from < sheaf_batch_size(batch); from++)
            paths_add(&parts, sheaf_batch_name(batch, from, unnamed));
    }
    paths_free(paths);
    *paths = parts;
    sheaf_batch_free(batch);
    return status ? complain(status == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED, "%s", error.message) : DONE;
}

int inputs_expand(const struct inputs *in, const char *command, struct paths *out)
{
    int status = DONE;
    if (in->nul_separated && !in->lists.n)
        return complain(REFUSED, "-0 goes with --files-from LIST");
    if (!in->given.n && !in->lists.n)
        return complain(REFUSED, "%s: no input: give files, a directory with -r, or --files-from LIST", command);
    for (size_t i = 0; status == DONE && i < in->given.n; i++)
        status = expand_one(in->given.at[i], in->recursive, out);
    for (size_t i = 0; status == DONE && i < in->lists.n; i++)
        status = expand_list(in->lists.at[i], in->nul_separated ? 0 : '\n', out);
    return status == DONE && !in->whole ? expand_parts(in, out) : status;
}
