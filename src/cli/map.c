#include "map.h"
#include "args.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAP_OUTPUT = ARG_FIRST_FREE,
    MAP_PROGRAM,
    MAP_WITH,
    MAP_USE,
    MAP_FILES_FROM,
    MAP_NUL,
    MAP_RECURSIVE,
    MAP_JOBS,
    MAP_MEMORY,
    MAP_HALT,
    MAP_RESUME,
    MAP_FORCE,
    MAP_DRY_RUN,
    MAP_REPORT,
    MAP_NO_SYNC,
    MAP_CACHE,
    MAP_RETRIES,
    MAP_TIMEOUT,
    MAP_TRACE,
    MAP_PROGRESS,
    MAP_NO_PROGRESS,
    MAP_QUIET,
    MAP_VERBOSE,
    MAP_ISOLATE,
    MAP_NO_ISOLATE
};

static const struct args_option options[] = {
    {MAP_OUTPUT, 'o', "output", TAKES_VALUE, "OUT", "NAME.csv, NAME.npy, DIR/ or a template such as 'out/{stem}.npy'"},
    {MAP_PROGRAM, 'p', "program", TAKES_VALUE, "FILE", "read FUNCTION from FILE"},
    {MAP_WITH, 0, "with", TAKES_VALUE, "NAME=FILE",
     "a further array, that FUNCTION calls NAME: FILE for all items; a pattern or '{stem}' for each"},
    {MAP_USE, 0, "use", TAKES_VALUE, "FILE.c", "FUNCTION may call one's own C function, by its name"},
    {MAP_FILES_FROM, 0, "files-from", TAKES_VALUE, "LIST", "read input names from LIST, one a line; - is stdin"},
    {MAP_NUL, '0', NULL, TAKES_NOTHING, NULL, "names in LIST end with NUL, as 'find -print0' writes them"},
    {MAP_RECURSIVE, 'r', "recursive", TAKES_NOTHING, NULL, "take every .npy file below a directory, sorted by name"},
    {MAP_JOBS, 'j', "jobs", TAKES_VALUE, "N", "at most N threads"},
    {MAP_MEMORY, 0, "memory", TAKES_VALUE, "SIZE",
     "of memory for items at once, such as 2G; default: half of what is free"},
    {MAP_HALT, 0, "halt", TAKES_OPTIONAL, "N|P%", "start no more items after N (bare: 1) or P % failures"},
    {MAP_RETRIES, 0, "retries", TAKES_VALUE, "N", "try items that failed for a passing reason up to N times again"},
    {MAP_TIMEOUT, 0, "timeout", TAKES_VALUE, "SEC", "an item that takes longer to read and compute has failed"},
    {MAP_TRACE, 0, "trace", TAKES_VALUE, "FILE",
     "write what each thread did to FILE, for Perfetto or chrome://tracing"},
    {MAP_RESUME, 0, "resume", TAKES_NOTHING, NULL, "go on with an unfinished output; run what failed again"},
    {MAP_FORCE, 'f', "force", TAKES_NOTHING, NULL, "replace an existing output, start an unfinished one over"},
    {MAP_DRY_RUN, 0, "dry-run", TAKES_NOTHING, NULL, "show the plan, from headers alone, and stop"},
    {MAP_REPORT, 0, "report", TAKES_VALUE, "FILE", "write times, plan and failures to FILE as JSON"},
    {MAP_NO_SYNC, 0, "no-sync", TAKES_NOTHING, NULL, "do not wait until the output is on the disk"},
    {MAP_CACHE, 0, "cache", TAKES_VALUE, "DIR", "keep compiled C there, not in ~/.cache/sheaf"},
    {MAP_PROGRESS, 0, "progress", TAKES_NOTHING, NULL, "show progress, also when stderr is no terminal"},
    {MAP_NO_PROGRESS, 0, "no-progress", TAKES_NOTHING, NULL, "never show progress"},
    {MAP_QUIET, 'q', "quiet", TAKES_NOTHING, NULL, "errors only"},
    {MAP_VERBOSE, 'v', "verbose", TAKES_NOTHING, NULL, "tell threads, plan and speed at the end"},
    {MAP_ISOLATE, 0, "isolate", TAKES_NOTHING, NULL,
     "compute in worker processes: a crash costs one item (one's own C: always)"},
    {MAP_NO_ISOLATE, 0, "no-isolate", TAKES_NOTHING, NULL,
     "run one's own C within sheaf itself, where it can crash it"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

static void print_help(void)
{
    printf(
        "Usage: sheaf map FUNCTION INPUT... [-o OUT]\n\n"
        "Apply FUNCTION to each INPUT (.npy files) on all cores. FUNCTION is a name of 'sheaf functions', or an\n"
        "expression of x, the input: 'mean(x), std(x)', 'sqrt(x**2 + 1)' (docs/language.md); or one's own C function,\n"
        "FILE.c or FILE.so, with :NAME behind it when the file has several ('sheaf new FILE.c' starts one).\n"
        "Without -o: a table on a terminal, CSV in a pipe. One bad input never stops the others.\n\nOptions:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf map mean data/*.npy\n"
           "  sheaf map 'lo=quantile(x, 0.05), hi=quantile(x, 0.95)' data/*.npy -o table.csv\n"
           "  sheaf map '(x - mean(x, axis=0)) / std(x, axis=0)' data/*.npy -o 'out/{stem}.npy'\n"
           "  sheaf map 'x @ w' --with w=weights.npy data/*.npy -o products.npy\n"
           "  sheaf map stats data/*.npy -o table.csv\n"
           "  sheaf map sqrt -r data -o 'out/{stem}.npy'\n"
           "  find data -name '*.npy' -print0 | sheaf map std --files-from - -0 -o std.csv\n"
           "  sheaf map sort --resume data/*.npy -o sorted.npy\n"
           "  sheaf map --dry-run sort data/*.npy -o sorted.npy\n"
           "  sheaf map mycalc.c data/*.npy\n");
}

static bool parse_halt(const char *text, sheaf_map_options *o)
{
    if (!text) {
        o->halt_after = 1;
        return true;
    }
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    bool percent = end != text && strcmp(end, "%") == 0;
    if (percent && number > 0 && number <= 100) {
        o->halt_fraction = number / 100;
        return true;
    }
    if (!errno && isdigit((unsigned char)*text) && text[strspn(text, "0123456789")] == 0 && number >= 1 &&
        number < 1e15) {
        o->halt_after = (size_t)number;
        return true;
    }
    complain(REFUSED, "--halt takes a number of failures or a percentage, such as --halt=10 or --halt=5%%, not '%s'",
             text);
    return false;
}

static bool parse_retries(const char *text, sheaf_map_options *o)
{
    long retries;
    if (!args_count("--retries", text, 0, &retries))
        return false;
    o->retries = retries > 1000000 ? 1000000 : (int)retries;
    return true;
}

static bool parse_timeout(const char *text, sheaf_map_options *o)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds > 0 && seconds < 1e9)) {
        complain(REFUSED, "--timeout takes seconds, such as --timeout 90 or --timeout 0.5, not '%s'", text);
        return false;
    }
    o->timeout = seconds;
    return true;
}

static bool parse_jobs(const char *text, sheaf_map_options *o)
{
    long jobs;
    if (!args_count("--jobs", text, 1, &jobs))
        return false;
    o->threads = jobs > 4096 ? 4096 : (int)jobs;
    return true;
}

static void set_output(struct map_request *r, const char *value)
{
    free(r->output);
    r->output = must(strdup(value));
}

static bool set_option(struct map_request *r, int id, const char *value)
{
    switch (id) {
    case MAP_OUTPUT:
        set_output(r, value);
        return true;
    case MAP_PROGRAM:
        r->program = value;
        return true;
    case MAP_WITH:
        paths_add(&r->with, value);
        return true;
    case MAP_USE:
        paths_add(&r->use, value);
        return true;
    case MAP_FILES_FROM:
        paths_add(&r->inputs.lists, value);
        return true;
    case MAP_NUL:
        return r->inputs.nul_separated = true;
    case MAP_RECURSIVE:
        return r->inputs.recursive = true;
    case MAP_JOBS:
        return parse_jobs(value, &r->options);
    case MAP_MEMORY:
        return args_size("--memory", value, &r->options.memory);
    case MAP_HALT:
        return parse_halt(value, &r->options);
    case MAP_RESUME:
        return r->options.resume = true;
    case MAP_FORCE:
        return r->options.overwrite = true;
    case MAP_DRY_RUN:
        return r->dry_run = true;
    case MAP_REPORT:
        r->report = value;
        return true;
    case MAP_NO_SYNC:
        return r->options.no_sync = true;
    case MAP_CACHE:
        r->cache = value;
        return true;
    case MAP_RETRIES:
        return parse_retries(value, &r->options);
    case MAP_TIMEOUT:
        return parse_timeout(value, &r->options);
    case MAP_TRACE:
        r->trace = value;
        return r->options.trace = true;
    case MAP_PROGRESS:
    case MAP_NO_PROGRESS:
        r->progress = id == MAP_PROGRESS ? PROGRESS_ON : PROGRESS_OFF;
        return true;
    case MAP_QUIET:
        return r->quiet = true;
    case MAP_VERBOSE:
        return r->verbose = true;
    case MAP_ISOLATE:
    case MAP_NO_ISOLATE:
        r->options.isolate = id == MAP_ISOLATE ? SHEAF_ISOLATE_ALWAYS : SHEAF_ISOLATE_NEVER;
        return true;
    default:
        return false;
    }
}

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
    return strpbrk(file, "{*?[") && !is_file(file);
}

/* NAME=FILE, the same for all items: loaded now. */
static int bind_array(struct map_request *r, const char *with)
{
    const size_t n = strcspn(with, "=");
    char name[64] = "";
    sheaf_array *array = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    if (map_is_each(with + n + 1))
        return DONE;
    memcpy(name, with, n);
    sheaf_status status = sheaf_file_load(with + n + 1, &array, &error);
    if (status == SHEAF_OK)
        status = sheaf_func_bind(r->func, name, array, &error);
    sheaf_array_free(array);
    return status == SHEAF_OK ? DONE : complain(REFUSED, "--with %s: %s", with, error.message);
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
    compiling.cache = r->cache;
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

static int check_function(struct map_request *r)
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

/* -o DIR for an existing directory means DIR/; a single file goes into a directory that exists. */
static int check_output(struct map_request *r)
{
    struct stat st;
    const bool kept = r->output && strcmp(r->output, "-") != 0;
    if (r->options.resume && !kept)
        return complain(REFUSED, "--resume goes on with an output: say which, with -o");
    if (r->options.resume && r->options.overwrite)
        return complain(REFUSED, "--resume goes on with an output, --force starts over: give one of them");
    r->options.journal = kept;
    r->options.command = r->again;
    if (!r->output)
        return DONE;
    size_t n = strlen(r->output);
    if (n == 0)
        return complain(REFUSED, "-o: the output's name is empty");
    if (strchr(r->output, '{') || r->output[n - 1] == '/')
        return DONE;
    if (stat(r->output, &st) == 0 && S_ISDIR(st.st_mode)) {
        r->output = must(realloc(r->output, n + 2));
        memcpy(r->output + n, "/", 2);
        return DONE;
    }
    const char *slash = strrchr(r->output, '/');
    char *directory = slash && slash > r->output ? must(strndup(r->output, (size_t)(slash - r->output))) : NULL;
    int status = DONE;
    if (directory && stat(directory, &st) != 0)
        status = complain(REFUSED, "-o %s: no directory '%s'; make it first", r->output, directory);
    free(directory);
    return status;
}

/* The file of --report or --trace must not take the place of an input or of the output. */
static int check_beside(const struct map_request *r, const char *option, const char *path)
{
    struct stat own, st;
    if (!path)
        return DONE;
    if (r->output && strcmp(path, r->output) == 0)
        return complain(REFUSED, "%s and -o name the same file '%s'", option, path);
    if (stat(path, &own) != 0)
        return DONE;
    if (S_ISDIR(own.st_mode))
        return complain(REFUSED, "%s: '%s' is a directory", option, path);
    for (size_t i = 0; i < r->paths.n; i++)
        if (stat(r->paths.at[i], &st) == 0 && st.st_dev == own.st_dev && st.st_ino == own.st_ino)
            return complain(REFUSED, "%s: '%s' is one of the inputs", option, path);
    return DONE;
}

static int check_files(const struct map_request *r)
{
    if (r->report && r->trace && strcmp(r->report, r->trace) == 0)
        return complain(REFUSED, "--report and --trace name the same file '%s'", r->report);
    int status = check_beside(r, "--report", r->report);
    return status == DONE ? check_beside(r, "--trace", r->trace) : status;
}

/* DONE to go on; *stop for --help. */
static int parse(struct map_request *r, int argc, char **argv, bool *stop)
{
    struct args a;
    const char *value;
    args_init(&a, options, argc, argv, true);
    for (int id; (id = args_next(&a, &value)) != ARGS_END;) {
        if (id == ARG_HELP) {
            print_help();
            *stop = true;
            return DONE;
        }
        if (id == ARGS_OPERAND && !r->function && !r->program)
            r->function = value;
        else if (id == ARGS_OPERAND)
            paths_add(&r->inputs.given, value);
        else if (id == ARGS_BAD || !set_option(r, id, value))
            return REFUSED;
    }
    return DONE;
}

int map_command(int argc, char **argv)
{
    struct map_request r = {0};
    bool stop = false;
    sheaf_map_options_init(&r.options);
    int status = parse(&r, argc, argv, &stop);
    if (status != DONE || stop)
        goto done;
    r.again = args_again(options, argc, argv, MAP_RESUME, MAP_FORCE);
    if ((status = check_function(&r)) != DONE || (status = inputs_expand(&r.inputs, "map", &r.paths)) != DONE ||
        (status = check_output(&r)) != DONE || (status = check_files(&r)) != DONE)
        goto done;
    status = r.dry_run ? dry_run_map(&r) : run_map(&r);
done:
    inputs_free(&r.inputs);
    paths_free(&r.paths);
    paths_free(&r.with);
    paths_free(&r.use);
    sheaf_func_free(r.func);
    free(r.text);
    free(r.output);
    free(r.again);
    return status;
}
