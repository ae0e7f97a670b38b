#include "array/array.h"

#include "kernels/kernels.h"
#include <stdlib.h>
#include <string.h>

/* Both views' dimensions without those of size 1, adjacent ones merged where both sides allow it. */
struct walk {
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM], from[SHEAF_MAX_NDIM], to[SHEAF_MAX_NDIM];
};

static void walk_init(struct walk *w, const sheaf_view *src, const sheaf_view *dst)
{
    w->ndim = 0;
    for (int d = 0; d < src->ndim; d++) {
        int64_t n = src->shape[d], from = src->strides[d], to = dst->strides[d];
        if (n == 1)
            continue;
        int last = w->ndim - 1;
        if (last >= 0 && w->from[last] == from * n && w->to[last] == to * n) {
            w->shape[last] *= n;
            w->from[last] = from;
            w->to[last] = to;
            continue;
        }
        w->shape[w->ndim] = n;
        w->from[w->ndim] = from;
        w->to[w->ndim++] = to;
    }
}

/* A square of side × side elements at a time keeps both sides of a transposing copy in cache. */
enum {
    SIDE = 32
};

typedef void cast_kernel(size_t n, const void *src, ptrdiff_t src_stride, void *dst, ptrdiff_t dst_stride);

static void copy_plane(const struct walk *w, cast_kernel *cast, const char *from, char *to)
{
    int i = w->ndim - 1, o = i - 1;
    if (w->ndim == 0) {
        cast(1, from, 0, to, 0);
    } else if (w->ndim == 1) {
        cast((size_t)w->shape[i], from, w->from[i], to, w->to[i]);
    } else {
        /* Where the inner steps are wide apart on either side but the outer ones are not, cut into squares. */
        int64_t side = llabs(w->from[o]) < llabs(w->from[i]) || llabs(w->to[o]) < llabs(w->to[i]) ? SIDE : w->shape[i];
        for (int64_t first = 0; first < w->shape[i]; first += side) {
            int64_t n = w->shape[i] - first < side ? w->shape[i] - first : side;
            for (int64_t row = 0; row < w->shape[o]; row++)
                cast((size_t)n, from + row * w->from[o] + first * w->from[i], w->from[i],
                     to + row * w->to[o] + first * w->to[i], w->to[i]);
        }
    }
}

sheaf_status sheaf_view_copy(const sheaf_view *src, const sheaf_view *dst, sheaf_error *error)
{
    char from_text[SHAPE_TEXT], to_text[SHAPE_TEXT];
    if (src->ndim != dst->ndim || memcmp(src->shape, dst->shape, (size_t)src->ndim * sizeof *src->shape) != 0)
        return sheaf_error_set(error, SHEAF_SHAPE, "copy: shape %s cannot be copied to shape %s",
                               shape_text(src->ndim, src->shape, from_text),
                               shape_text(dst->ndim, dst->shape, to_text));
    if (sheaf_view_size(src) == 0)
        return SHEAF_OK;
    cast_kernel *cast = kernels()->cast[src->dtype][dst->dtype];
    struct walk w;
    walk_init(&w, src, dst);
    int64_t index[SHEAF_MAX_NDIM] = {0};
    const char *from = src->data;
    char *to = dst->data;
    for (;;) {
        copy_plane(&w, cast, from, to);
        int d = w.ndim - 3;
        for (; d >= 0; d--) {
            from += w.from[d];
            to += w.to[d];
            if (++index[d] < w.shape[d])
                break;
            from -= w.from[d] * w.shape[d];
            to -= w.to[d] * w.shape[d];
            index[d] = 0;
        }
        if (d < 0)
            return SHEAF_OK;
    }
}
