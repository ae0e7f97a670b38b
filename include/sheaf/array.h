#ifndef SHEAF_ARRAY_H
#define SHEAF_ARRAY_H

/* Dtypes, views and arrays.
 *
 * A view is a window on memory owned by somebody else: a plain struct, never freed, never copied from
 * implicitly. An array owns its buffer and is reference counted. Shapes count elements, strides count bytes
 * and may be negative or zero. Rank is at most SHEAF_MAX_NDIM; a scalar is an array of rank 0. */

#include <sheaf/status.h>

#define SHEAF_MAX_NDIM 16

/* One row per dtype: name, code, NumPy's name, bytes per element. Promotion goes by kind, then size. */
#define SHEAF_DTYPE_LIST(X) \
    X(BOOL, "bool", 1)      \
    X(I8, "int8", 1)        \
    X(I16, "int16", 2)      \
    X(I32, "int32", 4)      \
    X(I64, "int64", 8)      \
    X(U8, "uint8", 1)       \
    X(U16, "uint16", 2)     \
    X(U32, "uint32", 4)     \
    X(U64, "uint64", 8)     \
    X(F16, "float16", 2)    \
    X(F32, "float32", 4)    \
    X(F64, "float64", 8)    \
    X(C64, "complex64", 8)  \
    X(C128, "complex128", 16)

typedef enum sheaf_dtype {
#define X(name, text, size) SHEAF_##name,
    SHEAF_DTYPE_LIST(X)
#undef X
    SHEAF_DTYPE_COUNT
} sheaf_dtype;

/* Bytes of one element; 0 for a value that is no dtype. */
SHEAF_API size_t sheaf_dtype_size(sheaf_dtype dtype);
/* NumPy's name ("float64"); "?" for a value that is no dtype. */
SHEAF_API const char *sheaf_dtype_name(sheaf_dtype dtype);
/* NumPy 2's promotion of two dtypes (numpy.promote_types). */
SHEAF_API sheaf_dtype sheaf_dtype_promote(sheaf_dtype a, sheaf_dtype b);

typedef struct sheaf_view {
    void *data; /* the element with index (0, 0, …); may be NULL when the view has no elements */
    sheaf_dtype dtype;
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    int64_t strides[SHEAF_MAX_NDIM]; /* bytes from one index to the next */
} sheaf_view;

/* A C-ordered view of ndim dimensions on data. Only the first ndim entries of shape and strides are set.
 * Errors: INVALID for a bad dtype, rank or negative dimension; OVERFLOW when the size does not fit. */
SHEAF_API sheaf_status sheaf_view_init(sheaf_view *view, void *data, sheaf_dtype dtype, int ndim, const int64_t *shape,
                                       sheaf_error *error);
/* A view of the n doubles at data (rank 1). */
SHEAF_API sheaf_view sheaf_view_f64(const double *data, size_t n);

/* Number of elements (1 for rank 0). */
SHEAF_API int64_t sheaf_view_size(const sheaf_view *view);
/* Whether elements lie in C order without gaps. */
SHEAF_API bool sheaf_view_is_contiguous(const sheaf_view *view);

/* out = view[start:stop:step] along axis, by Python's rules for negative and out-of-range bounds; no copy.
 * out may be view itself. Errors: INVALID for a bad axis or step 0. */
SHEAF_API sheaf_status sheaf_view_slice(const sheaf_view *view, int axis, int64_t start, int64_t stop, int64_t step,
                                        sheaf_view *out, sheaf_error *error);
/* out = view[index] along axis: one dimension less; no copy. */
SHEAF_API sheaf_status sheaf_view_index(const sheaf_view *view, int axis, int64_t index, sheaf_view *out,
                                        sheaf_error *error);
/* out.shape[i] = view.shape[axes[i]]; axes NULL reverses the dimensions; no copy. */
SHEAF_API sheaf_status sheaf_view_transpose(const sheaf_view *view, const int *axes, sheaf_view *out,
                                            sheaf_error *error);
/* The same elements in C order under another shape; one dimension may be -1. No copy: SHAPE error where the
 * strides do not allow it. */
SHEAF_API sheaf_status sheaf_view_reshape(const sheaf_view *view, int ndim, const int64_t *shape, sheaf_view *out,
                                          sheaf_error *error);
/* The dimensions axes[0..n) stand at destination[0..n), the others keep their order; no copy. */
SHEAF_API sheaf_status sheaf_view_moveaxis(const sheaf_view *view, int n, const int *axes, const int *destination,
                                           sheaf_view *out, sheaf_error *error);
/* Without the dimensions axes[0..n), whose size must be 1; n 0: without every dimension of size 1; no copy. */
SHEAF_API sheaf_status sheaf_view_squeeze(const sheaf_view *view, int n, const int *axes, sheaf_view *out,
                                          sheaf_error *error);
/* Backwards along axes[0..n); n 0: along every axis; no copy. */
SHEAF_API sheaf_status sheaf_view_flip(const sheaf_view *view, int n, const int *axes, sheaf_view *out,
                                       sheaf_error *error);
/* out[..., i] = view[..., i, ..., i + k, ...] along two axes, i + k along the second (k < 0: i - k along the first);
 * the diagonal is the last dimension; no copy. */
SHEAF_API sheaf_status sheaf_view_diagonal(const sheaf_view *view, int64_t k, int axis1, int axis2, sheaf_view *out,
                                           sheaf_error *error);
/* Part i (from 0) of n along axis, as numpy.array_split cuts: where n does not divide the axis, the first parts are
 * longer by one; no copy. */
SHEAF_API sheaf_status sheaf_view_split(const sheaf_view *view, int axis, int64_t n, int64_t i, sheaf_view *out,
                                        sheaf_error *error);
/* Copy src into dst (same shape), casting as C does; float to integer truncates, NaN and out-of-range values
 * give the integer's minimum (signed) or 0 (unsigned); complex to real drops the imaginary part. The two must
 * not overlap unless they are the same view. */
SHEAF_API sheaf_status sheaf_view_copy(const sheaf_view *src, const sheaf_view *dst, sheaf_error *error);

typedef struct sheaf_array sheaf_array;

/* A new C-ordered array, data 64-byte aligned and not initialised; free with sheaf_array_free. */
SHEAF_API sheaf_status sheaf_array_new(sheaf_dtype dtype, int ndim, const int64_t *shape, sheaf_array **out,
                                       sheaf_error *error);
/* A new C-ordered array with the values of view, cast to dtype. */
SHEAF_API sheaf_status sheaf_array_from_view(const sheaf_view *view, sheaf_dtype dtype, sheaf_array **out,
                                             sheaf_error *error);
/* One more owner of array; returns array. Thread-safe. */
SHEAF_API sheaf_array *sheaf_array_retain(sheaf_array *array);
/* One owner less; the last one gives the buffer back to the pool. NULL is fine. Thread-safe. */
SHEAF_API void sheaf_array_free(sheaf_array *array);
/* A view of the whole array, valid while the array has an owner. */
SHEAF_API sheaf_view sheaf_array_view(const sheaf_array *array);
/* The first element's address. */
SHEAF_API void *sheaf_array_data(const sheaf_array *array);

/* Write the element of a rank-0 or one-element view as text that reads back to the same bits (Python's
 * spelling: nan, inf, -inf, True, (1+2j)). Returns the length, as snprintf does. */
SHEAF_API int sheaf_format_scalar(const sheaf_view *scalar, char *buffer, size_t size);

/* Give the pool's reused buffers back to the system. Never needed for correctness. */
SHEAF_API void sheaf_pool_trim(void);

#endif
