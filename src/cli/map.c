#include "map.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct args_option options[] = {
    {MAP_OUTPUT, 'o', "output", TAKES_VALUE, "OUT",
     "NAME.csv, .npy, .npz or .nc, DIR/ or a template such as 'out/{stem}.npy'"},
    {MAP_PROGRAM, 'p', "program", TAKES_VALUE, "FILE", "read FUNCTION from FILE"},
    {MAP_WITH, 0, "with", TAKES_VALUE, "NAME=FILE",
     "a further array, that FUNCTION calls NAME: FILE for all items; a pattern or '{stem}' for each"},
    {MAP_USE, 0, "use", TAKES_VALUE, "FILE.c", "FUNCTION may call one's own C function, by its name"},
    {MAP_EACH, 0, "each", TAKES_VALUE, "AXIS",
     "every slice along AXIS of each input is an item: 0, -1, or a dimension's name such as time"},
    MAP_INPUT_OPTIONS,
    MAP_DRIVER_OPTIONS,
    {MAP_TIMEOUT, 0, "timeout", TAKES_VALUE, "SEC", "an item that takes longer to read and compute has failed"},
    {MAP_TRACE, 0, "trace", TAKES_VALUE, "FILE",
     "write what each thread did to FILE, for Perfetto or chrome://tracing"},
    MAP_RERUN_OPTIONS,
    FETCHING_OPTIONS,
    {FETCHING_CACHE, 0, "cache", TAKES_VALUE, "DIR",
     "keep what URLs gave there, and compiled C, not in ~/.cache/sheaf"},
    {MAP_PROGRESS, 0, "progress", TAKES_NOTHING, NULL, "show progress, also when stderr is no terminal"},
    {MAP_NO_PROGRESS, 0, "no-progress", TAKES_NOTHING, NULL, "never show progress"},
    {MAP_QUIET, 'q', "quiet", TAKES_NOTHING, NULL, "errors only"},
    {MAP_VERBOSE, 'v', "verbose", TAKES_NOTHING, NULL, "tell threads, plan and speed at the end"},
    {MAP_ISOLATE, 0, "isolate", TAKES_NOTHING, NULL,
     "compute in worker processes: a crash costs one item (one's own C: always)"},
    {MAP_NO_ISOLATE, 0, "no-isolate", TAKES_NOTHING, NULL,
     "run one's own C within sheaf itself, where it can crash it"},
    MAP_HISTORY_OPTIONS,
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

static void print_help(void)
{
    printf(
        "Usage: sheaf map FUNCTION INPUT... [-o OUT]\n\n"
        "Apply FUNCTION to each INPUT on all cores: .npy; .npz, HDF5, netCDF, of which each array is one; raw binary;\n"
        "any of these in gzip or zstd, in files or behind http:// and https:// URLs. FUNCTION is a name of\n"
        "'sheaf functions', or an expression of x, the input: 'mean(x), std(x)', 'sqrt(x**2 + 1)' (docs/language.md);\n"
        "or one's own C function, FILE.c or FILE.so, with :NAME behind it when the file has several ('sheaf new "
        "FILE.c'\n"
        "starts one).\n"
        "Without -o: a table on a terminal, CSV in a pipe. One bad input never stops the others.\n\nOptions:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf map mean data/*.npy\n"
           "  sheaf map 'lo=quantile(x, 0.05), hi=quantile(x, 0.95)' data/*.npy -o table.csv\n"
           "  sheaf map '(x - mean(x, axis=0)) / std(x, axis=0)' data/*.npy -o 'out/{stem}.npy'\n"
           "  sheaf map 'x @ w' --with w=weights.npy data/*.npy -o products.npy\n"
           "  sheaf map stats data/*.npy -o table.csv\n"
           "  sheaf map 'nanmean(x, axis=0)' --join new --select tas m*.nc -o mean.npy\n"
           "  sheaf map 'mean(x), std(x)' --each 0 big.npy -o rows.csv\n"
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

static bool parse_write(const char *text, sheaf_map_options *o)
{
    o->compress = strcmp(text, "compression=deflate") == 0;
    if (o->compress || strcmp(text, "compression=none") == 0)
        return true;
    complain(REFUSED, "--write takes compression=deflate or compression=none, not '%s'", text);
    return false;
}

static void set_output(struct map_request *r, const char *value)
{
    free(r->output);
    r->output = must(strdup(value));
}

bool map_option(struct map_request *r, int id, const char *value)
{
    bool bad;
    if (fetching_option(&r->fetching, id, value, &bad) || bad)
        return !bad;
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
    case MAP_EACH:
        r->each = value;
        return true;
    case MAP_FILES_FROM:
        paths_add(&r->inputs.lists, value);
        return true;
    case MAP_NUL:
        return r->inputs.nul_separated = true;
    case MAP_RECURSIVE:
        return r->inputs.recursive = true;
    case MAP_JOIN:
        r->join = value;
        return *value || complain(REFUSED, "--join takes an axis: a number, a dimension's name, or new") == DONE;
    case MAP_WRITE:
        return parse_write(value, &r->options);
    case MAP_JOBS:
        return parse_jobs(value, &r->options);
    case MAP_MEMORY:
        return args_size("--memory", value, &r->options.memory);
    case MAP_HALT:
        return parse_halt(value, &r->options);
    case MAP_RESUME:
        return r->options.resume = true;
    case MAP_VERIFY:
        return r->options.verify = true;
    case MAP_FORCE:
        return r->options.overwrite = true;
    case MAP_DRY_RUN:
        return r->dry_run = true;
    case MAP_REPORT:
        r->report = value;
        return true;
    case MAP_NO_SYNC:
        return r->options.no_sync = true;
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
    case MAP_HISTORY:
    case MAP_NO_HISTORY:
        r->no_history = id == MAP_NO_HISTORY;
        return (r->options.history_beside = id == MAP_HISTORY) || r->no_history;
    case MAP_ISOLATE:
    case MAP_NO_ISOLATE:
        r->options.isolate = id == MAP_ISOLATE ? SHEAF_ISOLATE_ALWAYS : SHEAF_ISOLATE_NEVER;
        return true;
    default:
        return inputs_option(&r->inputs, id, value);
    }
}

/* -o DIR for an existing directory means DIR/; a single file goes into a directory that exists. */
int map_check_output(struct map_request *r)
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
    const struct paths *inputs = r->join ? &r->joined : &r->paths;
    for (size_t i = 0; i < inputs->n; i++)
        if (inputs_stat(inputs->at[i], &st) && st.st_dev == own.st_dev && st.st_ino == own.st_ino)
            return complain(REFUSED, "%s: '%s' is one of the inputs", option, path);
    return DONE;
}

int map_check_files(const struct map_request *r)
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
        else if (id == ARGS_BAD || !map_option(r, id, value))
            return REFUSED;
    }
    return DONE;
}

void map_clear(struct map_request *r)
{
    inputs_free(&r->inputs);
    sheaf_batch_free(r->batch);
    paths_free(&r->paths);
    paths_free(&r->joined);
    paths_free(&r->with);
    paths_free(&r->use);
    fetching_free(&r->fetching);
    sheaf_func_free(r->func);
    free(r->text);
    free(r->output);
    free(r->again);
    free(r->history);
}

int map_command(int argc, char **argv)
{
    struct map_request r = {0};
    bool stop = false;
    sheaf_map_options_init(&r.options);
    int status = parse(&r, argc, argv, &stop);
    if (status != DONE || stop)
        goto done;
    r.options.http = fetching_http(&r.fetching);
    r.again = args_again(options, argc, argv, MAP_RESUME, MAP_FORCE);
    r.options.history = r.history = r.no_history ? NULL : history_line(argc, argv);
    if ((status = map_function(&r)) != DONE)
        goto done;
    r.inputs.whole = map_takes_parts(&r) || (r.join && !r.inputs.select.n); /* not all their parts are one array */
    if ((status = inputs_expand(&r.inputs, "map", &r.paths)) != DONE || (status = map_join(&r)) != DONE ||
        (status = map_check_output(&r)) != DONE || (status = map_check_files(&r)) != DONE)
        goto done;
    status = r.dry_run ? dry_run_map(&r) : run_map(&r);
done:
    map_clear(&r);
    return status;
}
