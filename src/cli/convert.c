/* `sheaf convert`: a map of a function that changes nothing, or the dtype alone. */

#include "map.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONVERT_DTYPE = MAP_FIRST_FREE,
    CONVERT_ORDER,
    CONVERT_ENDIAN,
    TILE = 1024
};

static const struct args_option options[] = {
    {MAP_OUTPUT, 'o', "output", TAKES_VALUE, "OUT",
     "NAME.npy, .npz, .csv or .nc, DIR/ or a template such as 'out/{stem}.nc'"},
    {CONVERT_DTYPE, 0, "dtype", TAKES_VALUE, "DTYPE", "float32, int16, …; a value that it cannot hold fails its input"},
    {CONVERT_ORDER, 0, "order", TAKES_VALUE, "C|F", ".npy, .npz: rows together, or columns"},
    {CONVERT_ENDIAN, 0, "endian", TAKES_VALUE, "ORDER", ".npy, .npz: little or big"},
    MAP_INPUT_OPTIONS,
    {MAP_EACH, 0, "each", TAKES_VALUE, "AXIS",
     "every slice along AXIS of each input is one: 0, -1, or a dimension's name such as time"},
    MAP_DRIVER_OPTIONS,
    MAP_RERUN_OPTIONS,
    MAP_HISTORY_OPTIONS,
    {MAP_PROGRESS, 0, "progress", TAKES_NOTHING, NULL, "show progress, also when stderr is no terminal"},
    {MAP_NO_PROGRESS, 0, "no-progress", TAKES_NOTHING, NULL, "never show progress"},
    FETCHING_OPTIONS,
    {FETCHING_CACHE, 0, "cache", TAKES_VALUE, "DIR", "keep what URLs gave there"},
    {MAP_QUIET, 'q', "quiet", TAKES_NOTHING, NULL, "errors only"},
    {MAP_VERBOSE, 'v', "verbose", TAKES_NOTHING, NULL, "tell threads, plan and speed at the end"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

struct convert_request {
    struct map_request map;
    sheaf_dtype dtype; /* SHEAF_DTYPE_COUNT: as it is */
    bool laid;         /* --order or --endian was given */
};

static void print_help(void)
{
    printf(
        "Usage: sheaf convert INPUT... -o OUT\n\n"
        "Write arrays in another format, dtype or layout, on all cores; values stay what they are. Of one input OUT\n"
        "is NAME.npy, .npz, .csv (a table: one or two dimensions) or .nc (netCDF classic); of several NAME.npz or\n"
        "NAME.nc, with a member or variable for each, or DIR/ or a template, with a file for each. Each array of a\n"
        "container is an input (--select chooses).\n\nOptions:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf convert run.csv -o run.npy\n"
           "  sheaf convert model.nc -o model.npz\n"
           "  sheaf convert data/*.h5 -o 'out/{stem}.nc'\n"
           "  sheaf convert --join time --select tas 2019.nc 2020.nc -o both.nc\n"
           "  sheaf convert --dtype float32 data/*.npy -o small/\n"
           "  sheaf convert --order F --endian big --select tas model.nc -o tas.npy\n");
}

/* ---- values ---- */

static void cast(sheaf_dtype from, const void *x, sheaf_dtype to, void *y, int64_t n)
{
    sheaf_view a, b;
    if (sheaf_view_init(&a, (void *)x, from, 1, &n, NULL) == SHEAF_OK &&
        sheaf_view_init(&b, y, to, 1, &n, NULL) == SHEAF_OK)
        sheaf_view_copy(&a, &b, NULL);
}

static char kind(sheaf_dtype dtype)
{
    return sheaf_dtype_name(dtype)[0]; /* b, i, u, f or c */
}

/* The first of n elements x that y, which was made of them, does not hold; n: none. Integers hold what is the same
 * when it comes back; floats all but what becomes infinite, and imaginary parts. */
static int64_t misfit(sheaf_dtype from, const char *x, sheaf_dtype to, const char *y, int64_t n)
{
    static _Thread_local double a[2 * TILE], b[2 * TILE];
    static _Thread_local uint64_t back[2 * TILE];
    const size_t size = sheaf_dtype_size(from), made = sheaf_dtype_size(to);
    const bool whole = strchr("biu", kind(to)), exact = strchr("biu", kind(from));
    for (int64_t at = 0; at < n; at += TILE) {
        const int64_t m = n - at < TILE ? n - at : TILE;
        cast(from, x + at * (int64_t)size, SHEAF_C128, a, m);
        cast(to, y + at * (int64_t)made, SHEAF_C128, b, m);
        cast(to, y + at * (int64_t)made, from, back, m);
        for (int64_t i = 0; i < m; i++) {
            const bool same = exact
                                  ? memcmp((char *)back + i * (int64_t)size, x + (at + i) * (int64_t)size, size) == 0 &&
                                        (a[2 * i] < 0) == (b[2 * i] < 0)
                                  : a[2 * i] == b[2 * i] && a[2 * i + 1] == b[2 * i + 1];
            const bool lost = isfinite(a[2 * i]) && !isfinite(b[2 * i]);
            const bool part = kind(to) != 'c' && a[2 * i + 1] != 0;
            if (whole ? !same : lost || part)
                return at + i;
        }
    }
    return n;
}

/* "[3, 5]" */
static void place_text(const sheaf_view *v, int64_t at, char *text, size_t size)
{
    int64_t index[SHEAF_MAX_NDIM];
    size_t n = 0;
    for (int d = v->ndim - 1; d >= 0; d--) {
        index[d] = at % v->shape[d];
        at /= v->shape[d];
    }
    text[0] = '\0';
    for (int d = 0; d < v->ndim && n < size; d++)
        n += (size_t)snprintf(text + n, size - n, "%s%lld", d ? ", " : "", (long long)index[d]);
}

static sheaf_status check(const sheaf_view *x, const sheaf_view *y, sheaf_error *error)
{
    char value[96], place[200];
    sheaf_view one;
    const int64_t n = sheaf_view_size(x), at = misfit(x->dtype, x->data, y->dtype, y->data, n);
    if (at == n)
        return SHEAF_OK;
    sheaf_view_init(&one, (char *)x->data + at * (int64_t)sheaf_dtype_size(x->dtype), x->dtype, 0, NULL, NULL);
    sheaf_format_scalar(&one, value, sizeof value);
    place_text(x, at, place, sizeof place);
    return sheaf_error_set(
        error, SHEAF_OVERFLOW,
        "element [%s] is %s, which %s cannot hold; choose another --dtype, or compute what is meant: "
        "sheaf map '%s(x)'",
        place, value, sheaf_dtype_name(y->dtype), sheaf_dtype_name(y->dtype));
}

/* The callback of --dtype. */
static sheaf_status change_dtype(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                 sheaf_error *error)
{
    const sheaf_dtype *dtype = user;
    sheaf_array *copy = NULL;
    sheaf_view y, rows = *x;
    (void)item;
    sheaf_status status = sheaf_output_array(out, *dtype, x->ndim, x->shape, &y, error);
    if (status == SHEAF_OK && !sheaf_view_is_contiguous(x)) {
        status = sheaf_array_from_view(x, x->dtype, &copy, error);
        if (status == SHEAF_OK)
            rows = sheaf_array_view(copy);
    }
    if (status == SHEAF_OK)
        status = sheaf_view_copy(&rows, &y, error);
    if (status == SHEAF_OK)
        status = check(&rows, &y, error);
    sheaf_array_free(copy);
    return status;
}

static int make_function(struct convert_request *r)
{
    static const char *const names[] = {"x"};
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_status status = SHEAF_OK;
    r->map.function = "x";
    if (r->dtype == SHEAF_DTYPE_COUNT) {
        status = sheaf_func_parse("x", 1, names, &r->map.func, &error);
    } else {
        status = sheaf_func_callback(change_dtype, &r->dtype, 1, names, &r->map.func, &error);
        if (status == SHEAF_OK)
            sheaf_func_set_elementwise(r->map.func, true);
        r->map.options.identity = sheaf_dtype_name(r->dtype);
    }
    return status == SHEAF_OK ? DONE : complain(NO_OUTPUT, "%s", error.message);
}

/* ---- the request ---- */

static bool parse_dtype(const char *text, struct convert_request *r)
{
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (strcmp(text, sheaf_dtype_name((sheaf_dtype)d)) == 0) {
            r->dtype = (sheaf_dtype)d;
            return true;
        }
    complain(REFUSED,
             "--dtype takes bool, int8 to int64, uint8 to uint64, float16 to float64, complex64 or complex128, "
             "not '%s'",
             text);
    return false;
}

static bool set_option(struct convert_request *r, int id, const char *value)
{
    sheaf_map_options *o = &r->map.options;
    switch (id) {
    case CONVERT_DTYPE:
        return parse_dtype(value, r);
    case CONVERT_ORDER:
        o->fortran_order = strcmp(value, "F") == 0;
        r->laid = true;
        return o->fortran_order || strcmp(value, "C") == 0 ||
               complain(0, "--order takes C (rows together) or F (columns together), not '%s'", value);
    case CONVERT_ENDIAN:
        o->big_endian = strcmp(value, "big") == 0;
        r->laid = true;
        return o->big_endian || strcmp(value, "little") == 0 ||
               complain(0, "--endian takes little or big, not '%s'", value);
    default:
        return map_option(&r->map, id, value);
    }
}

static int parse(struct convert_request *r, int argc, char **argv, bool *stop)
{
    struct args a;
    const char *value;
    args_init(&a, options, argc, argv, false);
    for (int id; (id = args_next(&a, &value)) != ARGS_END;) {
        if (id == ARG_HELP) {
            print_help();
            *stop = true;
            return DONE;
        }
        if (id == ARGS_OPERAND)
            paths_add(&r->map.inputs.given, value);
        else if (id == ARGS_BAD || !set_option(r, id, value))
            return REFUSED;
    }
    if (!r->map.output || strcmp(r->map.output, "-") == 0)
        return complain(REFUSED, "convert: say where to, with -o: NAME.npy, .npz, .csv or .nc, DIR/ or a template");
    return DONE;
}

static int check_layout(const struct convert_request *r)
{
    const char *out = r->map.output;
    if (r->laid && (text_ends(out, ".csv") || text_ends(out, ".nc")))
        return complain(REFUSED, "--order and --endian are for .npy and .npz: '%s' has an order of its own", out);
    return DONE;
}

int convert_command(int argc, char **argv)
{
    struct convert_request r = {.dtype = SHEAF_DTYPE_COUNT};
    struct map_request *m = &r.map;
    bool stop = false;
    sheaf_map_options_init(&m->options);
    int status = parse(&r, argc, argv, &stop);
    if (status != DONE || stop)
        goto done;
    m->options.http = fetching_http(&m->fetching);
    m->again = args_again(options, argc, argv, MAP_RESUME, MAP_FORCE);
    m->options.history = m->history = m->no_history ? NULL : history_line(argc, argv);
    m->options.as_is = true;
    m->inputs.whole = m->join && !m->inputs.select.n;
    if ((status = make_function(&r)) != DONE || (status = inputs_expand(&m->inputs, "convert", &m->paths)) != DONE ||
        (status = map_join(m)) != DONE || (status = map_check_output(m)) != DONE ||
        (status = check_layout(&r)) != DONE || (status = map_check_files(m)) != DONE)
        goto done;
    status = m->dry_run ? dry_run_map(m) : run_map(m);
done:
    map_clear(m);
    return status;
}
