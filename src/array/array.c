#include "array/array.h"

#include "base/alloc.h"
#include "base/pool.h"
#include <stdatomic.h>
#include <stdint.h>

struct sheaf_array {
    atomic_size_t owners;
    void *pooled; /* the buffer from the pool, data within it */
    size_t pooled_size;
    void *data;
    sheaf_dtype dtype;
    int ndim;
    int64_t shape[]; /* ndim of them */
};

sheaf_status array_adopt(void *pooled, size_t pooled_size, void *data, sheaf_dtype dtype, int ndim,
                         const int64_t *shape, sheaf_array **out, sheaf_error *error)
{
    sheaf_array *array = mem_alloc(sizeof *array + (size_t)ndim * sizeof *shape);
    if (!array) {
        pool_put(pooled, pooled_size);
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for an array's header");
    }
    atomic_init(&array->owners, 1);
    array->pooled = pooled;
    array->pooled_size = pooled_size;
    array->data = data;
    array->dtype = dtype;
    array->ndim = ndim;
    for (int d = 0; d < ndim; d++)
        array->shape[d] = shape[d];
    *out = array;
    return SHEAF_OK;
}

sheaf_status sheaf_array_new(sheaf_dtype dtype, int ndim, const int64_t *shape, sheaf_array **out, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    size_t bytes;
    *out = NULL;
    sheaf_status status = array_bytes(dtype, ndim, shape, &bytes, error);
    if (status != SHEAF_OK)
        return status;
    size_t size = bytes ? bytes : 1;
    void *data = pool_get(size);
    if (!data)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for an array of shape %s and dtype %s (%zu bytes)",
                               shape_text(ndim, shape, text), sheaf_dtype_name(dtype), bytes);
    return array_adopt(data, size, data, dtype, ndim, shape, out, error);
}

sheaf_status sheaf_array_from_view(const sheaf_view *view, sheaf_dtype dtype, sheaf_array **out, sheaf_error *error)
{
    sheaf_array *array = NULL;
    *out = NULL;
    sheaf_status status = sheaf_array_new(dtype, view->ndim, view->shape, &array, error);
    if (status != SHEAF_OK)
        return status;
    sheaf_view target = sheaf_array_view(array);
    status = sheaf_view_copy(view, &target, error);
    if (status != SHEAF_OK) {
        sheaf_array_free(array);
        return status;
    }
    *out = array;
    return SHEAF_OK;
}

sheaf_array *sheaf_array_retain(sheaf_array *array)
{
    atomic_fetch_add_explicit(&array->owners, 1, memory_order_relaxed);
    return array;
}

void sheaf_array_free(sheaf_array *array)
{
    if (!array || atomic_fetch_sub_explicit(&array->owners, 1, memory_order_acq_rel) != 1)
        return;
    pool_put(array->pooled, array->pooled_size);
    mem_free(array);
}

sheaf_view sheaf_array_view(const sheaf_array *array)
{
    sheaf_view view;
    sheaf_view_init(&view, array->data, array->dtype, array->ndim, array->shape, NULL);
    return view;
}

void *sheaf_array_data(const sheaf_array *array)
{
    return array->data;
}

void sheaf_pool_trim(void)
{
    pool_trim();
}
