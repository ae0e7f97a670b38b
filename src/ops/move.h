#ifndef SHEAF_OPS_MOVE_H
#define SHEAF_OPS_MOVE_H

/* Functions that only move elements, and those that make arrays of none. Kinds are the kernel column of their rows. */

#include "ops/op.h"

enum view_kind {
    V_transpose,
    V_moveaxis,
    V_squeeze,
    V_flip,
    V_reshape, /* from here on one axis at most */
    V_ravel,
    V_split
};

enum move_kind {
    M_roll,
    M_pad,
    M_tile,
    M_repeat,
    M_concat,
    M_stack,
    M_take,
    M_diag,
    M_tril,
    M_triu
};

enum create_kind {
    N_zeros,
    N_ones,
    N_full,
    N_eye,
    N_linspace,
    N_arange
};

/* A C-ordered view on memory from the pool: a copy of another, or not yet written. */
struct spare {
    void *memory;
    size_t bytes;
    sheaf_view view;
};
sheaf_status spare_copy(const struct op *op, const sheaf_view *x, const team *t, struct spare *s, sheaf_error *error);
sheaf_status spare_new(const struct op *op, sheaf_dtype dtype, int ndim, const int64_t *shape, struct spare *s,
                       sheaf_error *error);
void spare_free(struct spare *s);
/* How many elements x has: OVERFLOW where they cannot be counted. */
sheaf_status op_elements(const struct op *op, const sheaf_view *x, int64_t *n, sheaf_error *error);

/* out = in, of one dtype and shape; large: as a part of something that is too large for the caches. */
void copy_block(const sheaf_view *in, const team *t, const sheaf_view *out, bool large);
/* out's elements in C order = in's in C order; as many on both sides, of one dtype or not. */
sheaf_status copy_flat(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                       sheaf_error *error);
/* x as a view of rank 1, or a copy of it in s; s->memory is NULL where none was needed. */
sheaf_status flat_view(const struct op *op, const sheaf_view *x, const team *t, struct spare *s, sheaf_view *flat,
                       sheaf_error *error);
/* Every element of out = the one element at value, of out's dtype. */
void fill_run(const void *value, const team *t, const sheaf_view *out);
/* out without what lies outside [start, start + n) along axis. */
static inline void cut(const sheaf_view *v, int axis, int64_t start, int64_t n, sheaf_view *out)
{
    *out = *v;
    out->data = (char *)v->data + start * v->strides[axis];
    out->shape[axis] = n;
}

sheaf_status view_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error);
sheaf_status view_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error);

/* The new axis of stack, counted in the result. */
int stack_axis(const sheaf_view *x, const sheaf_options *o);
sheaf_status move_infer(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error);
sheaf_status move_run(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error);
sheaf_status pad_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                       sheaf_error *error);
sheaf_status pad_run(const sheaf_view *in, const sheaf_options *o, const team *t, const sheaf_view *out);
sheaf_status take_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error);
sheaf_status take_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                      const sheaf_view *out, sheaf_error *error);
/* out = the parts of x at n places along axis, which are within it, or negative from its end. */
void take_places(const sheaf_view *x, int axis, int64_t n, const int64_t *places, const team *t, const sheaf_view *out);

sheaf_status compress_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                            sheaf_error *error);
sheaf_status compress_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                          sheaf_view *out, const struct placer *placer, sheaf_error *error);

sheaf_status create_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                          sheaf_error *error);
sheaf_status create_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                        const sheaf_view *out, sheaf_error *error);

sheaf_status outer_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                         sheaf_error *error);
sheaf_status outer_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                       const sheaf_view *out, sheaf_error *error);

#endif
