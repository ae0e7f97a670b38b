#include "inputs.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every *.npy below directory. Hidden names are left out (an output's temporary file is one), and links to
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
        else if (text_ends(path, ".npy") && stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
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
        return complain(REFUSED, "no .npy file below '%s'", directory);
    qsort(out->at + before, out->n - before, sizeof *out->at, compare);
    return DONE;
}

static int expand_one(const char *given, bool recursive, struct paths *out)
{
    struct stat st;
    if (strcmp(given, "-") == 0)
        return complain(REFUSED, "this version does not read arrays from standard input ('-'); give files, or "
                                 "--files-from - for a list of files");
    if (stat(given, &st) == 0) {
        if (!S_ISDIR(st.st_mode)) {
            paths_add(out, given);
            return DONE;
        }
        if (!recursive)
            return complain(REFUSED, "'%s' is a directory: -r takes every .npy file below it", given);
        return expand_directory(given, out);
    }
    if (strncmp(given, "http://", 7) == 0 || strncmp(given, "https://", 8) == 0)
        return complain(REFUSED, "this version does not read URLs: fetch '%s' to a file first", given);
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
    return status;
}
