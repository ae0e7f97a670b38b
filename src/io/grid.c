#include "io/grid.h"

#include "array/array.h"
#include "base/alloc.h"
#include "base/pool.h"
#include <stdio.h>
#include <string.h>

enum {
    LONGEST = 1024, /* name of a variable */
    SHOWN = 100,    /* of a path, of two in a message */
    NUMBER = 40
};

/* ---- taking ---- */

static const char *text_of(struct io_grid *grid, const sheaf_file *file, size_t part, const char *attribute)
{
    const char *name, *value;
    for (size_t i = 0; sheaf_file_part_attribute(file, part, i, &name, &value); i++)
        if (strcmp(name, attribute) == 0)
            return arena_strdup(&grid->arena, value);
    return "";
}

/* The variable called as the dimension: in the group of the array, or one around it. */
static bool find_variable(sheaf_file *file, const char *array, const char *dimension, size_t *part)
{
    char name[LONGEST];
    for (size_t n = strlen(array);; n--) {
        while (n > 0 && array[n - 1] != '/')
            n--;
        if (snprintf(name, sizeof name, "%.*s%s", (int)n, array, dimension) < LONGEST &&
            file_find(file, name, part, NULL) == SHEAF_OK)
            return true;
        if (n == 0)
            return false;
    }
}

static sheaf_status take_coordinates(const struct io_input *in, int d, struct io_grid *grid, sheaf_error *error)
{
    struct io_dimension *dim = &grid->dims[d];
    sheaf_file_info info;
    sheaf_file *file = in->file;
    size_t part;
    dim->units = dim->calendar = "";
    if (!*dim->name || !find_variable(file, file->names[in->part], dim->name, &part) || part == in->part)
        return SHEAF_OK;
    /* Names of stations, say, are text, which is not read. */
    if (file_describe(file, part, &info, NULL) != SHEAF_OK || info.ndim != 1 || info.shape[0] != in->info.shape[d])
        return SHEAF_OK;
    dim->units = text_of(grid, file, part, "units");
    dim->calendar = text_of(grid, file, part, "calendar");
    if (!dim->units || !dim->calendar)
        return io_no_memory(in->path, LONGEST, error);
    return sheaf_file_part_load(file, part, &dim->coordinates, error);
}

sheaf_status grid_take(struct io_input *in, struct io_grid *grid, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    sheaf_file_info again;
    *grid = (struct io_grid){.ndim = in->info.ndim, .units = ""};
    grid->named = in->file && in->file->format->dimension && in->file->names;
    grid->told = in->file && in->file->format->attribute;
    if (grid->told && !(grid->units = text_of(grid, in->file, in->part, "units")))
        return io_no_memory(in->path, LONGEST, error);
    for (int d = 0; d < grid->ndim && status == SHEAF_OK; d++) {
        grid->dims[d].name = grid->dims[d].units = grid->dims[d].calendar = "";
        if (grid->named)
            grid->dims[d].name = arena_strdup(&grid->arena, sheaf_file_part_dimension(in->file, in->part, d));
        if (!grid->dims[d].name)
            return io_no_memory(in->path, LONGEST, error);
        status = take_coordinates(in, d, grid, error);
    }
    if (status == SHEAF_OK && grid->named) /* decoders remember what they described last */
        status = file_describe(in->file, in->part, &again, error);
    return status;
}

void grid_clear(struct io_grid *grid)
{
    for (int d = 0; d < grid->ndim; d++)
        sheaf_array_free(grid->dims[d].coordinates);
    arena_free(&grid->arena);
    *grid = (struct io_grid){0};
}

/* ---- comparing ---- */

struct comparing {
    const char *a, *b; /* the files, as they are shown */
};

/* n values as doubles, or rounded as `dtype` has them. */
static bool values_as(const sheaf_array *array, sheaf_dtype dtype, size_t n, double *values)
{
    sheaf_view from = sheaf_array_view(array), to;
    sheaf_array *rounded = NULL;
    int64_t shape = (int64_t)n;
    bool good = sheaf_array_from_view(&from, dtype, &rounded, NULL) == SHEAF_OK;
    if (good) {
        from = sheaf_array_view(rounded);
        good = sheaf_view_init(&to, values, SHEAF_F64, 1, &shape, NULL) == SHEAF_OK &&
               sheaf_view_copy(&from, &to, NULL) == SHEAF_OK;
    }
    sheaf_array_free(rounded);
    return good;
}

/* The first place where they differ, n if none. Those of fewer digits decide how many count. */
static size_t first_difference(const sheaf_array *a, const sheaf_array *b, size_t n, double *x, double *y, bool *good)
{
    const sheaf_view u = sheaf_array_view(a), v = sheaf_array_view(b);
    const bool coarse = u.dtype == SHEAF_F16 || v.dtype == SHEAF_F16,
               single = u.dtype == SHEAF_F32 || v.dtype == SHEAF_F32;
    const bool same = u.dtype == v.dtype;
    const size_t size = sheaf_dtype_size(u.dtype);
    const sheaf_dtype dtype = same ? u.dtype : coarse ? SHEAF_F16 : single ? SHEAF_F32 : SHEAF_F64;
    *good = values_as(a, dtype, n, x) && values_as(b, dtype, n, y);
    for (size_t i = 0; *good && i < n; i++) {
        /* Integers beyond 2^53 are told apart by their bytes. */
        const bool bytes = same && memcmp((char *)u.data + i * size, (char *)v.data + i * size, size) == 0;
        if (!bytes && (dtype_is_integer(dtype) || x[i] != y[i]) && !(x[i] != x[i] && y[i] != y[i]))
            return i;
    }
    return n;
}

static void show_two(double x, double y, char a[NUMBER], char b[NUMBER])
{
    static const int digits[] = {7, 12, 17};
    for (int k = 0; k < 3 && (k == 0 || strcmp(a, b) == 0); k++) {
        snprintf(a, NUMBER, "%.*g", digits[k], x);
        snprintf(b, NUMBER, "%.*g", digits[k], y);
    }
}

static sheaf_status check_values(const struct comparing *c, const struct io_dimension *a, const struct io_dimension *b,
                                 sheaf_error *error)
{
    char one[NUMBER], other[NUMBER];
    bool good;
    const size_t n = (size_t)sheaf_array_view(a->coordinates).shape[0];
    double *x = pool_get((2 * n + 1) * sizeof *x), *y = x + n;
    if (!x)
        return io_no_memory(c->b, 2 * n * sizeof *x, error);
    const size_t i = first_difference(a->coordinates, b->coordinates, n, x, y, &good);
    sheaf_status status = good ? SHEAF_OK : io_no_memory(c->b, n * sizeof *x, error);
    if (good && i < n) {
        show_two(x[i], y[i], one, other);
        status = sheaf_error_set(error, SHEAF_SHAPE,
                                 "%s and %s are not on one grid: %.40s[%zu] is %s there and %s here; bring them to one "
                                 "(regrid, flip, select), or join along %.40s",
                                 c->a, c->b, a->name, i, one, other, a->name);
    }
    pool_put(x, (2 * n + 1) * sizeof *x);
    return status;
}

static sheaf_status check_text(const struct comparing *c, const char *of, const char *what, const char *a,
                               const char *b, const char *remedy, sheaf_error *error)
{
    if (strcmp(a, b) == 0)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_SHAPE,
                           "%s and %s cannot be joined: the %s of %s is '%.40s' there and '%.40s' here; %s", c->a, c->b,
                           what, of, a, b, remedy);
}

static sheaf_status check_dimension(const struct comparing *c, const struct io_dimension *a,
                                    const struct io_dimension *b, bool joined, sheaf_error *error)
{
    static const char remedy[] = "convert one, or copy it without this attribute",
                      time_remedy[] = "give both one reference (cdo setreftime)";
    if (!a->coordinates || !b->coordinates)
        return SHEAF_OK;
    sheaf_status status = check_text(c, a->name, "unit", a->units, b->units, joined ? time_remedy : remedy, error);
    if (status == SHEAF_OK)
        status = check_text(c, a->name, "calendar", a->calendar, b->calendar, remedy, error);
    return status || joined ? status : check_values(c, a, b, error);
}

static const char *shorten(const char *path, char text[SHOWN])
{
    const size_t n = strlen(path);
    if (n < SHOWN)
        return path;
    snprintf(text, SHOWN, "...%s", path + n - (SHOWN - 4));
    return text;
}

sheaf_status grid_check(const struct io_grid *a, const char *a_path, const struct io_grid *b, const char *b_path,
                        int axis, sheaf_error *error)
{
    char one[SHOWN], other[SHOWN];
    const struct comparing c = {shorten(a_path, one), shorten(b_path, other)};
    sheaf_status status = SHEAF_OK;
    for (int d = 0; d < a->ndim && a->named && b->named && status == SHEAF_OK; d++) {
        const struct io_dimension *x = &a->dims[d], *y = &b->dims[d];
        if (strcmp(x->name, y->name) != 0)
            return sheaf_error_set(error, SHEAF_SHAPE,
                                   "%s and %s cannot be joined: dimension %d is called '%.40s' there and '%.40s' here; "
                                   "transpose one of them, or rename its dimension",
                                   c.a, c.b, d, x->name, y->name);
        status = check_dimension(&c, x, y, d == axis, error);
    }
    if (status == SHEAF_OK && a->told && b->told)
        status = check_text(&c, "the array", "unit", a->units, b->units,
                            "convert one, or copy it without this attribute", error);
    return status;
}
