#include "plot.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PANELS = 16, /* of one picture */
    WIDE = 2048, /* points of a line */
    MAP = 1024,  /* cells of a map, either way */
    BINS = 64,   /* of a histogram */
    WIDTH = 800, /* of a panel */
    HEIGHT = 480
};

extern char **environ;

/* ---- gnuplot ---- */

static bool is_installed(void)
{
    const char *path = getenv("PATH");
    char *copy = must(strdup(path ? path : "/usr/bin:/bin")), *rest = copy, *one;
    bool found = false;
    while (!found && (one = strsep(&rest, ":"))) {
        char *file = NULL;
        if (asprintf(&file, "%s/gnuplot", *one ? one : ".") < 0)
            file = must(NULL);
        found = access(file, X_OK) == 0;
        free(file);
    }
    free(copy);
    return found;
}

int plot_check(const char *path)
{
    if (!path)
        return DONE;
    if (!text_ends(path, ".png") && !text_ends(path, ".svg"))
        return complain(REFUSED, "--plot takes NAME.png or NAME.svg, not '%s'", path);
    if (!is_installed())
        return complain(REFUSED, "--plot needs gnuplot, which is not here: install the package gnuplot-nox");
    return DONE;
}

/* A picture under construction: gnuplot reads the script from a pipe, and its output is the open file. */
struct picture {
    const char *path;
    char *temporary;
    FILE *script, *said; /* said: what gnuplot had to say; NULL: nobody listens */
    pid_t pid;
};

static int begin_picture(struct picture *p, const char *path)
{
    char *const argv[] = {"gnuplot", "--default-settings", "-", NULL};
    const char *slash = strrchr(path, '/');
    posix_spawn_file_actions_t actions;
    int ends[2] = {-1, -1}, error;
    *p = (struct picture){.path = path, .said = tmpfile()};
    if (asprintf(&p->temporary, "%.*s.%s.sheaf-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path,
                 slash ? slash + 1 : path) < 0)
        p->temporary = must(NULL);
    const int out = mkostemp(p->temporary, O_CLOEXEC);
    if (out < 0)
        return complain(NO_OUTPUT, "'%s' cannot be made: %s", path, strerror(errno));
    error = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (p->said)
        posix_spawn_file_actions_adddup2(&actions, fileno(p->said), STDERR_FILENO);
    if (!error)
        error = posix_spawnp(&p->pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(out);
    if (ends[0] >= 0)
        close(ends[0]);
    if (!error && !(p->script = fdopen(ends[1], "w")))
        error = errno;
    if (!error)
        return DONE;
    if (ends[1] >= 0)
        close(ends[1]);
    return complain(NO_OUTPUT, "gnuplot cannot be started: %s", strerror(error));
}

/* The first line of what gnuplot said. */
static void first_words(const struct picture *p, char text[200])
{
    text[0] = '\0';
    if (p->said)
        rewind(p->said);
    while (p->said && fgets(text, 200, p->said) && text[strspn(text, " \t\n^")] == '\0')
        ;
    text[strcspn(text, "\n")] = '\0';
}

/* The picture gets its name when gnuplot has ended well. */
static int end_picture(struct picture *p, int status)
{
    int ended = 0;
    const mode_t mask = umask(0);
    umask(mask);
    bool whole = p->script && !ferror(p->script);
    whole = (!p->script || fclose(p->script) == 0) && whole;
    while (p->pid > 0 && waitpid(p->pid, &ended, 0) < 0 && errno == EINTR)
        ;
    if (status == DONE && (!whole || p->pid <= 0 || !WIFEXITED(ended) || WEXITSTATUS(ended) != 0)) {
        char why[200];
        first_words(p, why);
        status = complain(NO_OUTPUT, "gnuplot did not finish '%s'%s%s", p->path, *why ? ": " : "", why);
    }
    if (status == DONE && (chmod(p->temporary, 0666 & ~mask) != 0 || rename(p->temporary, p->path) != 0))
        status = complain(NO_OUTPUT, "'%s' cannot be made: %s", p->path, strerror(errno));
    if (status != DONE)
        unlink(p->temporary);
    if (p->said)
        fclose(p->said);
    free(p->temporary);
    return status;
}

/* Text in single quotes, within which gnuplot sees nothing but these. */
static void put_title(FILE *out, const char *text)
{
    putc('\'', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '\'')
            fputs("''", out);
        else
            putc(*c < 0x20 || *c == 0x7f ? '?' : *c, out);
    putc('\'', out);
}

static void put_value(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    else
        fputs("NaN", out);
}

/* ---- what is drawn ---- */

/* One array, or column of a table, as doubles; and its dimensions. */
struct panel {
    char *title;
    const double *data;
    int64_t n, pitch; /* elements along the first dimension, and from one to the next */
    int64_t columns;  /* of a map; 0: a line */
    char *names[2], *units;
    double *at[2]; /* coordinates; NULL: there are none */
    bool latitude[2];
};

static void clear_panel(struct panel *p)
{
    free(p->title);
    free(p->units);
    for (int d = 0; d < 2; d++) {
        free(p->names[d]);
        free(p->at[d]);
    }
}

static double coordinate(const struct panel *p, int d, int64_t i)
{
    return p->at[d] ? p->at[d][i] : (double)i;
}

static void put_label(FILE *out, const char *axis, const char *text)
{
    fprintf(out, "set %slabel ", axis);
    put_title(out, text ? text : "");
    putc('\n', out);
}

/* A point for each element; of many, the least and greatest of each piece. */
static void draw_line(FILE *out, const struct panel *p)
{
    const int64_t pieces = p->n <= WIDE ? p->n : WIDE / 2;
    put_label(out, "x", p->names[0]);
    put_label(out, "y", p->units);
    fputs("$d << E\n", out);
    for (int64_t k = 0; k < pieces; k++) {
        int64_t low = k * p->n / pieces, high = low;
        for (int64_t i = low; i < (k + 1) * p->n / pieces; i++) {
            const double x = p->data[i * p->pitch];
            low = x < p->data[low * p->pitch] || isnan(p->data[low * p->pitch]) ? i : low;
            high = x > p->data[high * p->pitch] || isnan(p->data[high * p->pitch]) ? i : high;
        }
        const int64_t first = low < high ? low : high, second = low < high ? high : low;
        for (int64_t i = first;; i = second) {
            put_value(out, coordinate(p, 0, i));
            putc(' ', out);
            put_value(out, p->data[i * p->pitch]);
            putc('\n', out);
            if (i == second)
                break;
        }
    }
    fputs("E\nset autoscale\nplot $d using 1:2 with lines notitle\n", out);
}

/* The mean of the finite elements of a block, NaN where there are none. */
static double block(const struct panel *p, int64_t r0, int64_t r1, int64_t c0, int64_t c1)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t r = r0; r < r1; r++)
        for (int64_t c = c0; c < c1; c++)
            if (isfinite(p->data[r * p->columns + c])) {
                sum += p->data[r * p->columns + c];
                count++;
            }
    return count ? sum / (double)count : NAN;
}

/* The place of cell k of n along dimension d, and the distance to the next. */
static void put_axis(FILE *out, const struct panel *p, int d, int64_t length, int64_t n, const char *cell)
{
    const double first = coordinate(p, d, 0), last = coordinate(p, d, length - 1);
    const double step = length > 1 ? (last - first) / (double)(length - 1) : 1;
    const double wide = step * (double)length / (double)n;
    fprintf(out, "(%.17g+%.17g*%s)", first - step / 2 + wide / 2, wide, cell);
}

/* Rows from the top, unless a coordinate says where they are: latitudes, and all else that has values, grow upwards. */
static void draw_map(FILE *out, const struct panel *p)
{
    const int64_t rows = p->n <= MAP ? p->n : MAP, columns = p->columns <= MAP ? p->columns : MAP;
    const bool turned = p->latitude[1] && !p->latitude[0];
    const int x = turned ? 0 : 1;
    put_label(out, "x", p->names[x]);
    put_label(out, "y", p->names[1 - x]);
    put_label(out, "cb", p->units);
    fputs("$d << E\n", out);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            put_value(out, block(p, r * p->n / rows, (r + 1) * p->n / rows, c * p->columns / columns,
                                 (c + 1) * p->columns / columns));
            putc(c + 1 < columns ? ' ' : '\n', out);
        }
    fprintf(out, "E\nset autoscale fix\nset yrange [*:*] %s\nplot $d matrix using ", p->at[1 - x] ? "" : "reverse");
    put_axis(out, p, x, turned ? p->n : p->columns, turned ? rows : columns, turned ? "$2" : "$1");
    putc(':', out);
    put_axis(out, p, 1 - x, turned ? p->columns : p->n, turned ? columns : rows, turned ? "$1" : "$2");
    fputs(":3 with image notitle\nset yrange [*:*] noreverse\n", out);
}

static void draw_histogram(FILE *out, const struct panel *p)
{
    const int64_t n = p->columns ? p->n * p->columns : p->n, pitch = p->columns ? 1 : p->pitch;
    double low = INFINITY, high = -INFINITY;
    int64_t counts[BINS] = {0};
    for (int64_t i = 0; i < n; i++) {
        const double x = p->data[i * pitch];
        low = isfinite(x) && x < low ? x : low;
        high = isfinite(x) && x > high ? x : high;
    }
    const double wide = high > low ? high / BINS - low / BINS : 1;
    for (int64_t i = 0; i < n; i++) {
        const double x = p->data[i * pitch];
        const double bin = isfinite(x) ? x / wide - low / wide : 0;
        counts[bin < BINS - 1 ? (int)bin : BINS - 1] += isfinite(x);
    }
    put_label(out, "x", p->units);
    put_label(out, "y", "count");
    fputs("$d << E\n", out);
    for (int b = 0; b < BINS; b++)
        fprintf(out, "%.17g %lld\n", (isfinite(low) ? low : 0) + (b + 0.5) * wide, (long long)counts[b]);
    fprintf(out,
            "E\nset autoscale\nset yrange [0:*]\nset style fill solid\nset boxwidth %.17g\n"
            "plot $d using 1:2 with boxes notitle\nset yrange [*:*]\n",
            wide);
}

static void draw(FILE *out, const struct panel *p, bool histograms)
{
    fputs("set title ", out);
    put_title(out, p->title);
    putc('\n', out);
    if (histograms)
        draw_histogram(out, p);
    else if (p->columns)
        draw_map(out, p);
    else
        draw_line(out, p);
}

/* ---- what there is to draw ---- */

struct panels {
    struct panel at[PANELS];
    int n;
    double *data[PANELS];
    int ndata;
};

static double *as_doubles(const sheaf_array *array)
{
    const sheaf_view from = sheaf_array_view(array);
    sheaf_view to;
    double *data = must(malloc((size_t)sheaf_view_size(&from) * sizeof *data + 1));
    if (sheaf_view_init(&to, data, SHEAF_F64, from.ndim, from.shape, NULL) == SHEAF_OK)
        sheaf_view_copy(&from, &to, NULL);
    return data;
}

static const char *attribute(sheaf_file *file, size_t part, const char *wanted)
{
    const char *name, *value;
    for (size_t i = 0; sheaf_file_part_attribute(file, part, i, &name, &value); i++)
        if (strcmp(name, wanted) == 0)
            return value;
    return "";
}

/* degrees_north, and the other ways in which CF has it. */
static bool is_north(const char *units)
{
    if (strncmp(units, "degree", 6) != 0)
        return false;
    units += 6;
    units += *units == 's';
    units += *units == '_';
    return *units == 'n' || *units == 'N';
}

/* What a dimension is called, and where its elements are, as a variable of its name says. */
static void add_dimension(struct panel *p, int d, int64_t length, sheaf_file *file, size_t part)
{
    const char *name = sheaf_file_part_dimension(file, part, d);
    sheaf_array *array = NULL;
    size_t k = 0;
    p->names[d] = must(strdup(name));
    p->latitude[d] = strcmp(name, "lat") == 0 || strcmp(name, "latitude") == 0;
    while (*sheaf_file_part_name(file, k) && strcmp(sheaf_file_part_name(file, k), name) != 0)
        k++;
    if (!*name || !*sheaf_file_part_name(file, k) || sheaf_file_part_load(file, k, &array, NULL) != SHEAF_OK)
        return;
    const sheaf_view v = sheaf_array_view(array);
    p->latitude[d] = p->latitude[d] || is_north(attribute(file, k, "units"));
    if (v.ndim == 1 && v.shape[0] == length && v.dtype != SHEAF_C64 && v.dtype != SHEAF_C128)
        p->at[d] = as_doubles(array);
    sheaf_array_free(array);
    for (int64_t i = 0; p->at[d] && i < length; i++)
        if (!isfinite(p->at[d][i])) {
            free(p->at[d]);
            p->at[d] = NULL;
        }
}

static struct panel *add_panel(struct panels *all, const double *data, int64_t n, int64_t pitch, int64_t columns)
{
    struct panel *p = &all->at[all->n++];
    *p = (struct panel){.data = data, .n = n, .pitch = pitch, .columns = columns};
    return p;
}

static int too_many(const char *path)
{
    return complain(REFUSED, "--plot: more than %d panels with '%s'; choose some of them", PANELS, path);
}

/* The names of a table's columns are those of its further parts. */
static int add_columns(struct panels *all, const char *path, sheaf_file *file, const double *data, int64_t rows,
                       int64_t columns)
{
    for (int64_t c = 0; c < columns; c++) {
        if (all->n == PANELS)
            return too_many(path);
        struct panel *p = add_panel(all, data + c, rows, columns, 0);
        const char *name = sheaf_file_part_name(file, (size_t)c + 1);
        if (asprintf(&p->title, *name ? "%s:%s" : "%s:%s%lld", path, name, (long long)c) < 0)
            p->title = must(NULL);
    }
    return DONE;
}

static int add_array(struct panels *all, const char *path, sheaf_file *file, size_t part, const sheaf_array *array,
                     bool table)
{
    const sheaf_view v = sheaf_array_view(array);
    if (v.ndim < 1 || v.ndim > 2 || sheaf_view_size(&v) == 0 || v.dtype == SHEAF_C64 || v.dtype == SHEAF_C128)
        return complain(REFUSED,
                        "--plot draws real numbers of one or two dimensions, and '%s' is %s %s; compute what is to be "
                        "drawn with 'sheaf map'",
                        path, sheaf_dtype_name(v.dtype), shape_text(v.ndim, v.shape));
    if (all->n == PANELS)
        return too_many(path);
    const double *data = all->data[all->ndata++] = as_doubles(array);
    if (table && v.ndim == 2)
        return add_columns(all, path, file, data, v.shape[0], v.shape[1]);
    struct panel *p = add_panel(all, data, v.shape[0], 1, v.ndim == 2 ? v.shape[1] : 0);
    p->title = must(strdup(path));
    p->units = must(strdup(attribute(file, part, "units")));
    for (int d = 0; d < v.ndim; d++)
        add_dimension(p, d, v.shape[d], file, part);
    return DONE;
}

static int add_file(struct panels *all, const char *path, const sheaf_read *read)
{
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_file_info info;
    sheaf_file *file = NULL;
    sheaf_array *array = NULL;
    size_t part;
    int status = NO_OUTPUT;
    if (sheaf_file_open_part(path, read, &file, &part, &error) == SHEAF_OK &&
        sheaf_file_part_describe(file, part, &info, &error) == SHEAF_OK &&
        sheaf_file_part_load(file, part, &array, &error) == SHEAF_OK)
        status = add_array(all, path, file, part, array, strncmp(info.format, "csv", 3) == 0);
    else
        complain(status, "%s", error.message);
    sheaf_array_free(array);
    sheaf_file_close(file);
    return status;
}

int plot_files(const struct paths *paths, const sheaf_read *read, const char *path, bool histograms)
{
    struct panels all = {.n = 0};
    struct picture picture;
    int status = DONE;
    for (size_t i = 0; i < paths->n && status == DONE; i++)
        status = add_file(&all, paths->at[i], read);
    if (status == DONE) {
        const int columns = all.n > 3 ? 2 : 1, rows = (all.n + columns - 1) / columns;
        status = begin_picture(&picture, path);
        if (status == DONE)
            fprintf(picture.script,
                    "set terminal %s noenhanced size %d,%d\nset multiplot layout %d,%d\n"
                    "set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')\n",
                    text_ends(path, ".png") ? "pngcairo" : "svg", columns * WIDTH, rows * HEIGHT, rows, columns);
        for (int k = 0; k < all.n && status == DONE; k++)
            draw(picture.script, &all.at[k], histograms);
        if (status == DONE)
            fputs("unset multiplot\n", picture.script);
        status = end_picture(&picture, status);
    }
    for (int k = 0; k < all.n; k++)
        clear_panel(&all.at[k]);
    for (int k = 0; k < all.ndata; k++)
        free(all.data[k]);
    return status;
}
