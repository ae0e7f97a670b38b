#ifndef SHEAF_TEST_JOIN_FILES_H
#define SHEAF_TEST_JOIN_FILES_H

/* Files to be joined: .npy, whose joined array is 0, 1, 2, … in C order; and small netCDF classic files, written as the
 * format's specification says (docs.unidata.ucar.edu), on a grid of times and latitudes. */

#include "test_map.h"

/* A member of shape (outer, length, inner), from `first` on along the middle axis, of a whole that is `total` long
 * there. */
struct member {
    int64_t outer, first, length, inner, total;
};

/* As an array of these dimensions. */
static inline void save_member(const char *path, const struct member *m, int ndim, const int64_t *shape)
{
    const size_t n = (size_t)(m->outer * m->length * m->inner);
    double *x = malloc((n ? n : 1) * sizeof *x), *at = x;
    sheaf_view view;
    for (int64_t o = 0; o < m->outer; o++)
        for (int64_t a = m->first; a < m->first + m->length; a++)
            for (int64_t i = 0; i < m->inner; i++)
                *at++ = (double)((o * m->total + a) * m->inner + i);
    ck_ok(sheaf_view_init(&view, x, SHEAF_F64, ndim, shape, error));
    ck_ok(sheaf_file_save(path, &view, false, error));
    free(x);
}

#define MOST 4

/* Files of shape (outer, lengths[k], inner), or, stacked, of (rows, inner), a file an entry of the new axis. */
struct layout {
    const char *axis;
    int64_t outer, inner;
    int n;
    int64_t lengths[MOST];
};

static const struct layout layouts[] = {
    {"0", 1, 5, 3, {2, 0, 7}},      {"1", 4, 3, 4, {1, 2, 5, 1}},   {"2", 6, 1, 3, {3, 1, 2}}, {"-1", 6, 1, 2, {1, 1}},
    {"new", 1, 6, 4, {1, 1, 1, 1}}, {"0", 1, 150000, 3, {1, 3, 2}}, /* several pieces each */
    {"1", 3, 70001, 2, {2, 3}},     {"new", 1, 300000, 2, {1, 1}},
};
#define LAYOUTS (int)(sizeof layouts / sizeof *layouts)

static inline const char *name_of(int k)
{
    static char names[8][16];
    char *name = names[k % 8];
    snprintf(name, sizeof names[0], "m%d.npy", k);
    return name;
}

/* Save its files; the number of elements of the whole. */
static inline size_t save_layout(const struct layout *l)
{
    struct member m = {l->outer, 0, 0, l->inner, 0};
    for (int k = 0; k < l->n; k++)
        m.total += l->lengths[k];
    for (int k = 0; k < l->n; k++, m.first += m.length) {
        m.length = l->lengths[k];
        if (strcmp(l->axis, "new") == 0)
            save_member(name_of(k), &m, 2, (int64_t[]){2, l->inner / 2});
        else if (strcmp(l->axis, "0") == 0)
            save_member(name_of(k), &m, 2, (int64_t[]){m.length, l->inner});
        else if (strcmp(l->axis, "1") == 0)
            save_member(name_of(k), &m, 3, (int64_t[]){l->outer, m.length, l->inner});
        else
            save_member(name_of(k), &m, 3, (int64_t[]){2, l->outer / 2, m.length});
    }
    return (size_t)(m.outer * m.total * m.inner);
}

static inline void check_counting(const double *x, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(x[i] == (double)(first + i), "element %zu is %g", first + i, x[i]);
}

/* ---- netCDF ---- */

enum {
    LATS = 3
};

struct grid {
    int times;
    double time, lat;                          /* the first ones; one apart */
    const char *time_units, *calendar, *units; /* NULL: it does not say */
    const char *lat_name;
    double value; /* the first; one apart */
};

static const struct grid plain_grid = {2, 0, 10, "days since 2000-01-01", NULL, "K", "lat", 0};

struct bytes {
    unsigned char at[4096];
    size_t n;
};

static inline void put_int(struct bytes *b, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        b->at[b->n++] = (unsigned char)(value >> shift);
}

static inline void put_double(struct bytes *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_int(b, (uint32_t)(bits >> 32));
    put_int(b, (uint32_t)bits);
}

static inline void put_text(struct bytes *b, const char *text)
{
    put_int(b, (uint32_t)strlen(text));
    for (; *text || b->n % 4; text += *text != 0)
        b->at[b->n++] = (unsigned char)*text;
}

static inline void put_attributes(struct bytes *b, const char *units, const char *calendar)
{
    const uint32_t n = (units != NULL) + (calendar != NULL);
    const char *const names[] = {"units", "calendar"}, *const texts[] = {units, calendar};
    put_int(b, n ? 12 : 0);
    put_int(b, n);
    for (int k = 0; k < 2; k++) {
        if (!texts[k])
            continue;
        put_text(b, names[k]);
        put_int(b, 2); /* characters */
        put_text(b, texts[k]);
    }
}

static inline void put_variable(struct bytes *b, const char *name, int ndim, const int *dims, const char *units,
                                const char *calendar, size_t values, size_t begin)
{
    put_text(b, name);
    put_int(b, (uint32_t)ndim);
    for (int d = 0; d < ndim; d++)
        put_int(b, (uint32_t)dims[d]);
    put_attributes(b, units, calendar);
    put_int(b, 6); /* doubles */
    put_int(b, (uint32_t)(8 * values));
    put_int(b, (uint32_t)begin);
}

static inline void put_header(struct bytes *b, const struct grid *g, size_t begin)
{
    const size_t times = (size_t)g->times;
    b->n = 0;
    put_int(b, 0x43444601); /* CDF, 1 */
    put_int(b, 0);
    put_int(b, 10);
    put_int(b, 2);
    put_text(b, "time");
    put_int(b, (uint32_t)times);
    put_text(b, g->lat_name);
    put_int(b, LATS);
    put_int(b, 0);
    put_int(b, 0);
    put_int(b, 11);
    put_int(b, 3);
    put_variable(b, "time", 1, (int[]){0}, g->time_units, g->calendar, times, begin);
    put_variable(b, g->lat_name, 1, (int[]){1}, NULL, NULL, LATS, begin + 8 * times);
    put_variable(b, "x", 2, (int[]){0, 1}, g->units, NULL, times * LATS, begin + 8 * (times + LATS));
}

/* x(time, lat) and its coordinates. */
static inline void save_grid(const char *path, const struct grid *g)
{
    struct bytes b;
    put_header(&b, g, 0);
    put_header(&b, g, b.n);
    for (int t = 0; t < g->times; t++)
        put_double(&b, g->time + t);
    for (int l = 0; l < LATS; l++)
        put_double(&b, g->lat + l);
    for (int k = 0; k < g->times * LATS; k++)
        put_double(&b, g->value + k);
    file_write(path, b.at, b.n);
}

static const char *const nc[] = {"a.nc:x", "b.nc:x"};

static inline void save_two(const struct grid *b)
{
    save_grid("a.nc", &plain_grid);
    save_grid("b.nc", b);
}

#endif
