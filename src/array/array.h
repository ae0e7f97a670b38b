#ifndef SHEAF_ARRAY_INTERNAL_H
#define SHEAF_ARRAY_INTERNAL_H

#include <sheaf/array.h>

/* An array that takes ownership of a buffer from pool_get(pooled_size) (also when this fails), holding its elements
 * in C order from `data`, which lies within it. */
sheaf_status array_adopt(void *pooled, size_t pooled_size, void *data, sheaf_dtype dtype, int ndim,
                         const int64_t *shape, sheaf_array **out, sheaf_error *error);

/* Bytes of an array of this dtype and shape; OVERFLOW or INVALID (rank, dtype, negative dimension) otherwise. */
sheaf_status array_bytes(sheaf_dtype dtype, int ndim, const int64_t *shape, size_t *bytes, sheaf_error *error);

/* "(3, 4)" as Python writes it; returns text. */
#define SHAPE_TEXT 360
char *shape_text(int ndim, const int64_t *shape, char text[SHAPE_TEXT]);

/* *axis counted from the first dimension; INVALID, naming `what`, where the view has no such axis. */
sheaf_status view_axis(const sheaf_view *view, int *axis, const char *what, sheaf_error *error);
/* The shape that reshape gives: a dimension of -1 filled in; SHAPE error where the sizes disagree. */
sheaf_status view_resolve_shape(const sheaf_view *view, int ndim, const int64_t *shape, int64_t *resolved,
                                sheaf_error *error);

bool dtype_is_complex(sheaf_dtype dtype);
bool dtype_is_float(sheaf_dtype dtype); /* f16, f32, f64 */
/* Whether the value, without its fraction, is one of the dtype: false for NaN and what is out of range of integers. */
bool dtype_holds(sheaf_dtype dtype, double value);
bool dtype_is_integer(sheaf_dtype dtype); /* not bool */
bool dtype_is_signed(sheaf_dtype dtype);  /* integers */

#endif
