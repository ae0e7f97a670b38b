/* Missing cells and packed values, as netCDF4-python treats them: _FillValue, missing_value and what is outside of
 * valid_range are missing, and so is what was never written, where the dtype can say so; then x*scale_factor +
 * add_offset. */

#include "io/netcdf.h"
#include <math.h>
#include <string.h>

enum {
    TILE = 1024
};

static void cast(sheaf_dtype from, const void *x, sheaf_dtype to, void *y, size_t n)
{
    sheaf_view a, b;
    int64_t shape = (int64_t)n;
    if (sheaf_view_init(&a, (void *)x, from, 1, &shape, NULL) == SHEAF_OK &&
        sheaf_view_init(&b, y, to, 1, &shape, NULL) == SHEAF_OK)
        sheaf_view_copy(&a, &b, NULL);
}

static void mask_tile(const struct netcdf_mask *m, size_t n, double *x)
{
    for (size_t k = 0; k < m->nmissing; k++)
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] == m->missing[k] ? NAN : x[i];
    if (m->low > -INFINITY || m->high < INFINITY)
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] < m->low || x[i] > m->high ? NAN : x[i];
}

static void scale_double(const struct netcdf_mask *m, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] * m->scale + m->offset;
}

/* In single precision throughout. */
static void scale_single(const struct netcdf_mask *m, size_t n, double *x)
{
    const float scale = (float)m->scale, offset = (float)m->offset;
    for (size_t i = 0; i < n; i++)
        x[i] = (float)x[i] * scale + offset;
}

static void run(const struct io_convert *c, size_t n, const void *from, void *to)
{
    const struct netcdf_mask *m = (const struct netcdf_mask *)c;
    double x[TILE];
    for (size_t at = 0; at < n; at += TILE) {
        size_t length = n - at < TILE ? n - at : TILE;
        cast(m->from, (const char *)from + at * sheaf_dtype_size(m->from), SHEAF_F64, x, length);
        mask_tile(m, length, x);
        if (m->scaled && m->to == SHEAF_F32)
            scale_single(m, length, x);
        else if (m->scaled)
            scale_double(m, length, x);
        cast(SHEAF_F64, x, m->to, (char *)to + at * sheaf_dtype_size(m->to), length);
    }
}

/* Single precision of which only certain values are missing: they are values of that precision. */
static void run_single(const struct io_convert *c, size_t n, const void *from, void *to)
{
    const struct netcdf_mask *m = (const struct netcdf_mask *)c;
    float *y = to;
    if (to != from)
        memcpy(y, from, n * sizeof *y);
    for (size_t at = 0; at < n; at += TILE) {
        const size_t end = n - at < TILE ? n : at + TILE;
        for (size_t k = 0; k < m->nmissing; k++) {
            const float missing = (float)m->missing[k];
            for (size_t i = at; i < end; i++)
                y[i] = y[i] == missing ? NAN : y[i];
        }
    }
}

/* ---- what the attributes say ---- */

static bool is_float(sheaf_dtype dtype)
{
    return dtype == SHEAF_F32 || dtype == SHEAF_F64;
}

/* Integers written as signed ones, since classic files have no others, that say they are unsigned. */
static sheaf_dtype true_dtype(const struct netcdf_variable *v)
{
    const char *said = attribute_text(&v->attributes, "_Unsigned");
    if (strcmp(said, "true") != 0 && strcmp(said, "True") != 0)
        return v->dtype;
    switch (v->dtype) {
    case SHEAF_I8:
        return SHEAF_U8;
    case SHEAF_I16:
        return SHEAF_U16;
    case SHEAF_I32:
        return SHEAF_U32;
    case SHEAF_I64:
        return SHEAF_U64;
    default:
        return v->dtype;
    }
}

/* An attribute's i-th number as a value of the variable; false where there is none, or it has no such value. */
static bool value_of(const struct netcdf_variable *v, sheaf_dtype dtype, const char *name, size_t i, double *out)
{
    const struct io_attribute *a = attribute_find(&v->attributes, name);
    double said, element;
    if (!attribute_number(a, i, &said) || isnan(said))
        return false;
    if (dtype != v->dtype && said < 0) /* it wraps as the cells do */
        said += ldexp(1, 8 * (int)sheaf_dtype_size(dtype));
    cast(SHEAF_F64, &said, dtype, &element, 1);
    cast(dtype, &element, SHEAF_F64, out, 1);
    return is_float(dtype) || *out == said;
}

static void add_missing(struct netcdf_mask *m, double value)
{
    if (m->nmissing < sizeof m->missing / sizeof *m->missing)
        m->missing[m->nmissing++] = value;
}

/* What netCDF puts where nothing was written. Bytes have no such value that counts as missing. */
static bool default_fill(sheaf_dtype dtype, double *fill)
{
    static const struct {
        sheaf_dtype dtype;
        double fill;
    } fills[] = {{SHEAF_I16, -32767},     {SHEAF_I32, -2147483647}, {SHEAF_U16, 65535},       {SHEAF_U32, 4294967295},
                 {SHEAF_F32, 0x1.ep+122}, {SHEAF_F64, 0x1.ep+122},  {SHEAF_I64, -0x1p63 + 2}, {SHEAF_U64, 0x1p64 - 2}};
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++)
        if (fills[i].dtype == dtype) {
            *fill = fills[i].fill;
            return true;
        }
    return false;
}

static void read_range(const struct netcdf_variable *v, struct netcdf_mask *m)
{
    const struct io_attribute *range = attribute_find(&v->attributes, "valid_range");
    double low, high;
    m->low = -INFINITY;
    m->high = INFINITY;
    if (range && range->n == 2 && value_of(v, m->from, "valid_range", 0, &low) &&
        value_of(v, m->from, "valid_range", 1, &high)) {
        m->low = low;
        m->high = high;
        return;
    }
    if (value_of(v, m->from, "valid_min", 0, &low))
        m->low = low;
    if (value_of(v, m->from, "valid_max", 0, &high))
        m->high = high;
}

/* Whether the values are packed, and the dtype that they are unpacked to: single precision where factors and cells
 * fit into it. */
static void read_scale(const struct netcdf_variable *v, struct netcdf_mask *m)
{
    const struct io_attribute *scale = attribute_find(&v->attributes, "scale_factor");
    const struct io_attribute *offset = attribute_find(&v->attributes, "add_offset");
    m->scale = 1;
    m->offset = 0;
    bool has_scale = attribute_number(scale, 0, &m->scale), has_offset = attribute_number(offset, 0, &m->offset);
    m->scaled = has_scale || has_offset;
    bool single = (!has_scale || scale->dtype == SHEAF_F32) && (!has_offset || offset->dtype == SHEAF_F32);
    if (m->scaled && !is_float(m->from))
        m->to = single && sheaf_dtype_size(m->from) <= 2 ? SHEAF_F32 : SHEAF_F64;
}

void netcdf_mask_make(const struct netcdf_variable *v, struct netcdf_mask *m)
{
    double value;
    *m = (struct netcdf_mask){.convert.run = run, .from = true_dtype(v)};
    m->to = m->from;
    read_scale(v, m);
    read_range(v, m);
    for (size_t i = 0; value_of(v, m->from, "missing_value", i, &value); i++)
        add_missing(m, value);
    bool said = m->nmissing || m->low > -INFINITY || m->high < INFINITY;
    if (attribute_find(&v->attributes, "_FillValue")) {
        if (value_of(v, m->from, "_FillValue", 0, &value))
            add_missing(m, value);
        said = true;
    } else if ((said || m->scaled || is_float(m->from)) && default_fill(m->from, &value)) {
        add_missing(m, value);
    }
    if (said && !m->scaled && !is_float(m->from)) /* integers have no NaN */
        m->to = SHEAF_F64;
    const bool ranged = m->low > -INFINITY || m->high < INFINITY;
    if (m->from == SHEAF_F32 && m->to == SHEAF_F32 && !m->scaled && !ranged)
        m->convert.run = run_single;
    m->active = m->to != m->from || m->nmissing || m->scaled || ranged;
}
