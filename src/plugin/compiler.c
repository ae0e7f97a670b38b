/* Which compiler, and where sheaf's own headers are. */

#include "base/beside.h"
#include "plugin/compile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Never -ffast-math: linked so, a shared object switches the whole process to flush-to-zero. Hidden names keep what a
 * file calls its functions from clashing with names of the program. */
static const char *const flags[] = {
    "-std=gnu17",        "-O3",   "-march=native",       "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math",
    "-ffp-contract=off", "-fPIC", "-fvisibility=hidden", "-Wall"};

static sheaf_status no_memory(sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the compiler's arguments");
}

void compiler_add(struct compiler *c, const char *word)
{
    c->words[c->n++] = (char *)(uintptr_t)word;
    c->words[c->n] = NULL;
}

/* "a/b" of the arena's. */
static char *join(struct arena *a, const char *directory, size_t n, const char *name)
{
    char *path = arena_alloc(a, n + strlen(name) + 2, 1);
    if (path)
        snprintf(path, n + strlen(name) + 2, "%.*s/%s", (int)n, directory, name);
    return path;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The program's path, looked up as a shell does. *path stays NULL where there is none. */
static sheaf_status look_up(struct arena *a, const char *name, char **path, sheaf_error *error)
{
    const char *in = getenv("PATH");
    if (strchr(name, '/')) {
        *path = is_program(name) ? arena_strdup(a, name) : NULL;
        return *path || !is_program(name) ? SHEAF_OK : no_memory(error);
    }
    for (in = in ? in : "/usr/local/bin:/usr/bin:/bin"; *in; in += *in == ':') {
        size_t n = strcspn(in, ":");
        char *candidate = n ? join(a, in, n, name) : join(a, ".", 1, name);
        if (!candidate)
            return no_memory(error);
        if (is_program(candidate)) {
            *path = candidate;
            return SHEAF_OK;
        }
        in += n;
    }
    return SHEAF_OK;
}

/* $CC may have flags: "ccache gcc", "gcc -m64". */
static sheaf_status add_named(struct arena *a, struct compiler *c, const char *named, sheaf_error *error)
{
    char *rest, *path = NULL, *copy = arena_strdup(a, named);
    if (!copy)
        return no_memory(error);
    char *word = strtok_r(copy, " \t", &rest);
    sheaf_status status = look_up(a, word, &path, error);
    if (status == SHEAF_OK && !path)
        status = sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                 "the environment variable CC names the compiler \"%.100s\", which is not there", word);
    if (status != SHEAF_OK)
        return status;
    compiler_add(c, path);
    while ((word = strtok_r(NULL, " \t", &rest)) && c->n < COMPILER_WORDS / 2)
        compiler_add(c, word);
    return SHEAF_OK;
}

static sheaf_status add_found(struct arena *a, struct compiler *c, sheaf_error *error)
{
    const char *const names[] = {"cc", "gcc", "clang"};
    char *path = NULL;
    for (int k = 0; k < 3; k++) {
        sheaf_status status = look_up(a, names[k], &path, error);
        if (status != SHEAF_OK)
            return status;
        if (path) {
            compiler_add(c, path);
            return SHEAF_OK;
        }
    }
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "no C compiler (cc, gcc, clang) is installed, which a .c file needs; a .so, compiled "
                           "elsewhere, works without");
}

/* ---- headers ---- */

static bool has_header(const char *directory, const char *name)
{
    char path[PATH_MAX];
    return (size_t)snprintf(path, sizeof path, "%s/sheaf/%s", directory, name) < sizeof path && access(path, R_OK) == 0;
}

static void add_include(struct compiler *c, const char *directory)
{
    compiler_add(c, "-I");
    compiler_add(c, directory);
}

static sheaf_status add_headers(struct arena *a, struct compiler *c, sheaf_error *error)
{
    char root[PATH_MAX];
    if (beside("include/sheaf/functions.h", root)) { /* which lies elsewhere before it is installed */
        char *include = join(a, root, strlen(root), "include");
        if (!include)
            return no_memory(error);
        add_include(c, include);
    } else if (has_header(SHEAF_INCLUDE_SOURCE, "plugin.h")) {
        add_include(c, SHEAF_INCLUDE_SOURCE);
        add_include(c, SHEAF_INCLUDE_GENERATED);
    } else {
        add_include(c, SHEAF_INCLUDE_INSTALLED);
    }
    return SHEAF_OK;
}

sheaf_status compiler_find(struct arena *a, struct compiler *c, sheaf_error *error)
{
    const char *named = getenv("CC");
    c->n = 0;
    bool given = named && named[strspn(named, " \t")];
    sheaf_status status = given ? add_named(a, c, named, error) : add_found(a, c, error);
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        compiler_add(c, flags[k]);
    return status == SHEAF_OK ? add_headers(a, c, error) : status;
}
