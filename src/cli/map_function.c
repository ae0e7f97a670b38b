/* FUNCTION of `sheaf map`, and the arrays that --with binds to its names. */

#include "map.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* The function given is a file: say what the user may have meant. */
static int file_first(const struct map_request *r)
{
    const char *name = r->function;
    const struct paths *given = &r->inputs.given;
    for (size_t i = 0; i < given->n; i++)
        if (sheaf_catalogue_find(given->at[i]))
            return complain(REFUSED, "the function comes first; did you mean: sheaf map %s %s%s", given->at[i], name,
                            given->n > 1 ? " …" : "");
    return complain(REFUSED, "'%s' is a file, and the function comes first, as in: sheaf map mean %s", name, name);
}

/* FUNCTION read from -p FILE. */
static int read_program(struct map_request *r)
{
    size_t size = 0;
    FILE *file = strcmp(r->program, "-") == 0 ? stdin : fopen(r->program, "r");
    ssize_t n = file ? getdelim(&r->text, &size, '\0', file) : -1;
    const bool failed = !file || ferror(file) || !feof(file);
    const int why = errno;
    if (file && file != stdin)
        fclose(file);
    if (failed)
        return complain(REFUSED, "-p %s: %s", r->program, file && n > 0 ? "is no text" : strerror(why));
    r->function = n < 0 ? "" : r->text;
    return DONE;
}

static bool is_name(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(isalpha((unsigned char)text[i]) || text[i] == '_' || (i > 0 && isdigit((unsigned char)text[i]))))
            return false;
    return n > 0 && n < 64;
}

/* Whether --with gives each item a file of its own: a template, or a pattern. */
bool map_is_each(const char *file)
{
    return strpbrk(file, is_url(file) ? "{" : "{*?[") && !is_file(file);
}

static sheaf_status load_url(const struct map_request *r, const char *url, sheaf_array **array, sheaf_error *error)
{
    sheaf_file *file = NULL;
    size_t part;
    sheaf_status status = sheaf_url_open(url, r->options.http, NULL, &file, &part, error);
    if (status == SHEAF_OK)
        status = sheaf_file_part_load(file, part, array, error);
    sheaf_file_close(file);
    return status;
}

/* NAME=FILE, the same for all items: loaded now. */
static int bind_array(struct map_request *r, const char *with)
{
    const size_t n = strcspn(with, "=");
    const char *name, *part;
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_OK;
    if (map_is_each(with + n + 1))
        return DONE;
    for (int k = 0; status == SHEAF_OK && sheaf_func_input(r->func, k, &name, &part); k++) {
        if (strlen(name) != n || memcmp(name, with, n) != 0)
            continue;
        sheaf_array *array = NULL;
        char *path = map_part(with + n + 1, part), *input = NULL;
        if (asprintf(&input, part ? "%s['%s']" : "%s", name, part) < 0)
            input = must(NULL);
        status = is_url(path) ? load_url(r, path, &array, &error) : sheaf_file_load(path, &array, &error);
        if (status == SHEAF_OK)
            status = sheaf_func_bind(r->func, input, array, &error);
        sheaf_array_free(array);
        free(path);
        free(input);
        k--; /* it is none of the item's any more */
    }
    return status == SHEAF_OK
               ? DONE
               : complain(REFUSED, "--with %.*s: %s", is_url(with + n + 1) ? (int)n : 1000, with, error.message);
}

/* x, and what --with names. */
static int check_names(const struct map_request *r, char names[MAP_MOST_NAMES][64])
{
    strcpy(names[0], "x");
    if (r->with.n >= MAP_MOST_NAMES)
        return complain(REFUSED, "--with: at most %d arrays can have names", MAP_MOST_NAMES - 1);
    for (size_t i = 0; i < r->with.n; i++) {
        const char *with = r->with.at[i];
        const size_t n = strcspn(with, "=");
        if (!with[n] || !with[n + 1] || !is_name(with, n))
            return complain(REFUSED, "--with takes NAME=FILE, such as --with w=weights.npy, not '%s'", with);
        memcpy(names[i + 1], with, n);
        names[i + 1][n] = '\0';
        for (size_t k = 0; k <= i; k++)
            if (strcmp(names[k], names[i + 1]) == 0)
                return complain(REFUSED, k ? "--with: '%s' is given twice" : "--with: '%s' is the input", names[i + 1]);
        if (sheaf_catalogue_find(names[i + 1]))
            return complain(REFUSED, "--with: '%s' is a function; choose another name", names[i + 1]);
    }
    return DONE;
}

/* FILE.c or FILE.so, each also with :NAME */
static bool is_own_c(const char *function)
{
    const char *colon = strrchr(function, ':');
    size_t n = colon && !strchr(colon, '.') ? (size_t)(colon - function) : strlen(function);
    return (n > 2 && memcmp(function + n - 2, ".c", 2) == 0) || (n > 3 && memcmp(function + n - 3, ".so", 3) == 0);
}

static bool print_messages(const char *text, size_t n, void *user)
{
    return fwrite(text, 1, n, user) == n;
}

/* The compiler's messages are shown as they are. */
static sheaf_status own_c(const struct map_request *r, const char *file, sheaf_func **func, sheaf_error *error)
{
    sheaf_compile_options compiling;
    sheaf_compile_options_init(&compiling);
    compiling.cache = r->fetching.cache;
    compiling.messages = print_messages;
    compiling.messages_user = stderr;
    return sheaf_func_from_file(file, &compiling, func, error);
}

enum {
    MOST_USED = 16
};

/* The program, with the functions of --use. */
static sheaf_status parse_program(struct map_request *r, const char *const *names, sheaf_error *error)
{
    sheaf_func *uses[MOST_USED] = {NULL};
    sheaf_status status = SHEAF_OK;
    if (r->use.n > MOST_USED)
        return sheaf_error_set(error, SHEAF_INVALID, "--use: at most %d functions", MOST_USED);
    for (size_t i = 0; i < r->use.n && status == SHEAF_OK; i++)
        status = own_c(r, r->use.at[i], &uses[i], error);
    if (status == SHEAF_OK)
        status = sheaf_func_parse_using(r->function, (int)r->with.n + 1, names, (int)r->use.n,
                                        (const sheaf_func *const *)uses, &r->func, error);
    for (size_t i = 0; i < r->use.n; i++)
        sheaf_func_free(uses[i]);
    return status;
}

static int make_function(struct map_request *r)
{
    char names[MAP_MOST_NAMES][64];
    const char *list[MAP_MOST_NAMES];
    sheaf_error error = {SHEAF_OK, ""};
    int status = check_names(r, names);
    if (status != DONE)
        return status;
    for (size_t i = 0; i <= r->with.n; i++)
        list[i] = names[i];
    const bool own = !r->text && is_own_c(r->function);
    if (own && (r->with.n || r->use.n))
        return complain(REFUSED, "--with and --use are for expressions; one's own C gets the item alone");
    if ((own ? own_c(r, r->function, &r->func, &error) : parse_program(r, list, &error)) != SHEAF_OK) {
        if (!own && !r->text && (is_file(r->function) || text_ends(r->function, ".npy")))
            return file_first(r);
        return complain(error.status == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED, "%s", error.message);
    }
    for (size_t i = 0; i < r->with.n && status == DONE; i++)
        status = bind_array(r, r->with.at[i]);
    return status;
}

int map_function(struct map_request *r)
{
    int status = DONE;
    if (r->program && r->function)
        return complain(REFUSED, "-p comes before the inputs: sheaf map -p %s %s", r->program, r->function);
    if (r->program && (status = read_program(r)) != DONE)
        return status;
    if (!r->function)
        return complain(REFUSED, "map: no function and no input, as in: sheaf map mean data/*.npy");
    r->info = sheaf_catalogue_find(r->function);
    if (r->info && r->info->nin != 1)
        return complain(REFUSED, "%s takes %s: write which, as in: sheaf map \"%s\"", r->function,
                        r->info->nin == SHEAF_MANY ? "several arrays"
                        : r->info->nin             ? "more than one array"
                                                   : "no array",
                        r->info->example);
    return make_function(r);
}
