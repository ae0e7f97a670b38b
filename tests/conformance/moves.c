/* Shape and movement against the index arithmetic that defines them: every dtype's width, layout, level and team, small
 * and large. */

#include "laid_out.h"
#include "refused.h"
#include <sheaf/functions.h>

/* Where element `at` (C order) of a call's result comes from: a position in x, counted in C order, or -1: the value. */
typedef int64_t source(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index);

static int64_t position(const sheaf_view *x, const int64_t *index)
{
    int64_t at = 0;
    for (int i = 0; i < x->ndim; i++)
        at = at * x->shape[i] + index[i];
    return at;
}

static int64_t modulo(int64_t a, int64_t n)
{
    return (a % n + n) % n;
}

static int64_t from_transpose(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    (void)out;
    for (int i = 0; i < x->ndim; i++)
        from[o->naxes ? o->axes[i] : x->ndim - 1 - i] = index[i];
    return position(x, from);
}

static int64_t from_flip(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    (void)out;
    for (int i = 0; i < x->ndim; i++)
        from[i] = !o->naxes || o->axes[0] == i ? x->shape[i] - 1 - index[i] : index[i];
    return position(x, from);
}

static int64_t from_same(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    (void)x, (void)o;
    return position(out, index);
}

static int64_t from_roll(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    if (!o->naxes)
        return modulo(position(out, index) - o->shift[0], sheaf_view_size(x));
    for (int i = 0; i < x->ndim; i++)
        from[i] = i == o->axes[0] ? modulo(index[i] - o->shift[0], x->shape[i]) : index[i];
    return position(x, from);
}

static int64_t from_pad(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    (void)out;
    for (int i = 0; i < x->ndim; i++) {
        int64_t n = x->shape[i], at = index[i] - o->widths[i][0], period = 2 * n - 2;
        bool outside = at < 0 || at >= n;
        if (outside && !o->mode)
            return -1;
        if (outside && strcmp(o->mode, "edge") == 0)
            at = at < 0 ? 0 : n - 1;
        else if (outside && strcmp(o->mode, "wrap") == 0)
            at = modulo(at, n);
        else if (outside)
            at = n == 1 ? 0 : modulo(at, period) < n ? modulo(at, period) : period - modulo(at, period);
        from[i] = at;
    }
    return position(x, from);
}

static int64_t from_tile(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    (void)o;
    for (int i = 0; i < x->ndim; i++)
        from[i] = index[i + out->ndim - x->ndim] % x->shape[i];
    return position(x, from);
}

static int64_t from_repeat(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    if (!o->naxes)
        return position(out, index) / o->repeats[0];
    for (int i = 0; i < x->ndim; i++)
        from[i] = i == o->axes[0] ? index[i] / o->repeats[0] : index[i];
    return position(x, from);
}

static int64_t from_triangle(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    (void)out;
    return index[x->ndim - 1] <= index[x->ndim - 2] + o->k ? position(x, index) : -1;
}

static int64_t from_split(const sheaf_view *x, const sheaf_options *o, const sheaf_view *out, const int64_t *index)
{
    int64_t from[SHEAF_MAX_NDIM];
    for (int i = 0; i < x->ndim; i++)
        from[i] = index[i + 1] + (i == o->axes[0] ? index[0] * out->shape[i + 1] : 0);
    return position(x, from);
}

static sheaf_view contiguous(const sheaf_view *v, void **memory)
{
    return lay_out_as(v, LAYOUT_C, memory);
}

/* What the definition says, from a contiguous x. */
static void expect(const struct op *op, const sheaf_view *x, const sheaf_options *o, source *from, sheaf_view *want)
{
    const size_t size = sheaf_dtype_size(x->dtype);
    ck_ok(op_infer(op, 1, x, o, want, error));
    const int64_t n = sheaf_view_size(want);
    want->data = malloc((size_t)n * size + 1);
    int64_t index[SHEAF_MAX_NDIM] = {0};
    for (int64_t at = 0; at < n; at++) {
        int64_t source_at = from(x, o, want, index);
        char *to = (char *)want->data + at * (int64_t)size;
        if (source_at >= 0)
            memcpy(to, (char *)x->data + source_at * (int64_t)size, size);
        else
            kernels_at(ISA_PLAIN)->cast[K_F64][x->dtype](1, &o->value, 0, to, 0);
        for (int i = want->ndim - 1; i >= 0 && ++index[i] == want->shape[i]; i--)
            index[i] = 0;
    }
}

static void check(const char *name, const sheaf_view *x, const sheaf_options *o, source *from, int layouts)
{
    const struct op *op = op_find(name);
    sheaf_view want;
    expect(op, x, o, from, &want);
    check_laid_out(op, x, o, &want, layouts);
    free(want.data);
}

static sheaf_options options_of(int naxes, int axis)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = naxes;
    o.axes[0] = axis;
    return o;
}

/* Every order of up to four axes. */
static void check_orders(const sheaf_view *x, int layouts)
{
    sheaf_options o = options_of(x->ndim, 0);
    for (int code = 0; code < 256; code++) {
        unsigned seen = 0;
        for (int i = 0, rest = code; i < x->ndim; i++, rest /= 4) {
            o.axes[i] = rest % 4;
            seen |= 1u << o.axes[i];
        }
        if (code < 1 << 2 * x->ndim && seen == (1u << x->ndim) - 1)
            check("transpose", x, &o, from_transpose, layouts);
    }
}

static void check_pads(const sheaf_view *x, int layouts)
{
    static const char *const modes[] = {NULL, "edge", "reflect", "wrap"};
    static const int64_t widths[][2] = {{1, 2}, {3, 0}, {0, 17}, {2, 2}};
    for (size_t mode = 0; mode < sizeof modes / sizeof *modes; mode++) {
        sheaf_options o = options_of(0, 0);
        o.mode = modes[mode];
        o.value = 3;
        o.nwidths = x->ndim;
        for (int i = 0; i < x->ndim; i++)
            memcpy(o.widths[i], widths[(i + (int)mode) % 4], sizeof o.widths[i]);
        check("pad", x, &o, from_pad, layouts);
    }
}

static void check_axis(const sheaf_view *x, int axis, int layouts)
{
    const int given = axis >= 0;
    sheaf_options o = options_of(given, given ? axis : 0);
    check("flip", x, &o, from_flip, layouts);
    for (int64_t shift = -7; shift < 20; shift += 9) {
        o.nshift = 1;
        o.shift[0] = shift;
        check("roll", x, &o, from_roll, layouts);
    }
    for (int64_t times = 1; times < 6; times += 2) {
        o.nrepeats = 1;
        o.repeats[0] = times;
        check("repeat", x, &o, from_repeat, layouts);
    }
    for (int64_t n = 1; given && n <= x->shape[axis]; n++) {
        o.sections = n;
        if (x->shape[axis] % n == 0 && n < 50)
            check("split", x, &o, from_split, layouts);
    }
}

static void check_shape(sheaf_dtype dtype, int ndim, const int64_t *shape, int layouts)
{
    sheaf_view x = awkward_view(dtype, ndim, shape, 5, 0);
    sheaf_options o = options_of(0, 0);
    check_orders(&x, layouts);
    check_pads(&x, layouts);
    for (int axis = -1; axis < ndim; axis++)
        check_axis(&x, axis, layouts);
    check("ravel", &x, &o, from_same, layouts);
    o.nrepeats = 3;
    o.repeats[0] = 2, o.repeats[1] = 1, o.repeats[2] = 3;
    check("tile", &x, &o, from_tile, layouts);
    o.nshape = 2;
    o.shape[0] = -1, o.shape[1] = shape[0];
    check("reshape", &x, &o, from_same, layouts);
    for (o.k = -3; ndim >= 2 && o.k < 9; o.k += 4)
        check("tril", &x, &o, from_triangle, layouts);
    free(x.data);
}

START_TEST(test_small_arrays)
{
    static const int64_t shapes[][4] = {{13, 0, 0, 0}, {5, 9, 0, 0}, {3, 4, 6, 0}, {2, 5, 3, 4}, {1, 17, 2, 0}};
    static const int ndims[] = {1, 2, 3, 4, 3};
    for (size_t s = 0; s < sizeof ndims / sizeof *ndims; s++)
        check_shape((sheaf_dtype)_i, ndims[s], shapes[s], LAYOUT_COUNT);
}
END_TEST

/* Several pieces for a team, panels that do not come out even, and, the last ones, more than the caches take. */
START_TEST(test_large_arrays)
{
    static const sheaf_dtype dtypes[] = {SHEAF_U8, SHEAF_F16, SHEAF_F32, SHEAF_F64, SHEAF_C128};
    static const int64_t shapes[][3] = {{601, 607, 0}, {70001, 3, 0}, {3, 70001, 0}, {37, 71, 101}, {130, 5, 512}};
    static const int ndims[] = {2, 2, 2, 3, 3};
    const sheaf_dtype dtype = dtypes[_i % 5];
    sheaf_view x = awkward_view(dtype, ndims[_i / 5], shapes[_i / 5], 7, 0);
    sheaf_options o = options_of(0, 0);
    check_orders(&x, 1);
    check_pads(&x, 1);
    for (int axis = 0; axis < x.ndim; axis++) {
        o = options_of(1, axis);
        check("flip", &x, &o, from_flip, 1);
        o.nshift = o.nrepeats = 1;
        o.shift[0] = 100;
        o.repeats[0] = 3;
        check("roll", &x, &o, from_roll, 1);
        check("repeat", &x, &o, from_repeat, 1);
    }
    o = options_of(0, 0);
    check("flip", &x, &o, from_flip, 2);
    o.nrepeats = 2;
    o.repeats[0] = 2, o.repeats[1] = 3;
    check("tile", &x, &o, from_tile, 1);
    o.k = 5;
    check("tril", &x, &o, from_triangle, 1);
    free(x.data);
}
END_TEST

/* Past the caches: rows of every alignment, by panels, backwards, of a few elements. */
START_TEST(test_streamed)
{
    static const int64_t shapes[][2] = {{1031, 8209}, {2048, 4096}, {4000003, 2}, {3, 2800001}};
    static const sheaf_dtype dtypes[] = {SHEAF_U8, SHEAF_I16, SHEAF_F32, SHEAF_F64, SHEAF_C128};
    const sheaf_dtype dtype = dtypes[_i % 5];
    const size_t size = sheaf_dtype_size(dtype);
    int64_t shape[2] = {shapes[_i / 5][0], shapes[_i / 5][1]};
    shape[shape[0] < shape[1]] /= (int64_t)(size < 4 ? 1 : size / 2);
    shape[shape[0] < shape[1]] += size == 1 ? 8 << 20 >> 10 : 0;
    sheaf_view x = awkward_view(dtype, 2, shape, 3, 0), got, want;
    const char *const names[] = {"transpose", "flip"};
    source *const sources[] = {from_transpose, from_flip};
    for (int k = 0; k < 2; k++) {
        sheaf_options o = options_of(k, 1);
        const struct op *op = op_find(names[k]);
        expect(op, &x, &o, sources[k], &want);
        for (int isa = ISA_PLAIN; kernels_at(isa); isa++) {
            cpu_isa_force((enum isa)isa);
            call_op(op, &x, &o, isa == ISA_PLAIN ? 1 : 3, &got);
            ck_assert_msg(memcmp(got.data, want.data, (size_t)sheaf_view_size(&want) * size) == 0, "%s, %s kernels",
                          call_text(op, &x, &o), isa_name(cpu_isa()));
            free(got.data);
        }
        free(want.data);
    }
    free(x.data);
}
END_TEST

/* ---- several inputs ---- */

static void same_as(const sheaf_view *got, const sheaf_view *want, const char *what)
{
    void *memory;
    sheaf_view plain = contiguous(want, &memory);
    ck_assert_msg(same_bits(got->data, plain.data, (size_t)sheaf_view_size(got), got->dtype), "%s", what);
    free(memory);
}

/* The parts of what is joined are the inputs. */
START_TEST(test_joined_parts)
{
    enum {
        MOST = 70
    };
    static const int64_t extents[] = {40000, 7, 300};
    const int64_t extent = extents[_i % 3];
    const int n = _i % 3 == 0 ? 3 : MOST;
    const sheaf_dtype dtype = _i / 3 ? SHEAF_F32 : SHEAF_I16;
    for (int axis = 0; axis < 2; axis++)
        for (int threads = 1; threads <= 7; threads += 2) {
            sheaf_view in[MOST], out, part;
            void *memory[MOST];
            sheaf_options o = options_of(1, axis);
            for (int k = 0; k < n; k++) {
                int64_t shape[2] = {3, 3};
                shape[axis] = extent + k % 3;
                sheaf_view x = awkward_view(dtype, 2, shape, (size_t)k, 0);
                in[k] = lay_out_as(&x, (enum layout)(k % LAYOUT_COUNT), &memory[k]);
                free(x.data);
            }
            call_on(op_find("concat"), n, in, &o, threads, &out);
            int64_t at = 0;
            for (int k = 0; k < n; k++) {
                void *plain;
                ck_ok(sheaf_view_slice(&out, axis, at, at + in[k].shape[axis], 1, &part, error));
                sheaf_view got = contiguous(&part, &plain);
                same_as(&got, &in[k], "concat");
                free(plain);
                at += in[k].shape[axis];
            }
            ck_assert(at == out.shape[axis]);
            free(out.data);
            for (int k = 0; k < n; k++)
                in[k].shape[axis] = extent;
            call_on(op_find("stack"), n, in, &o, threads, &out);
            for (int k = 0; k < n; k++) {
                void *plain;
                ck_ok(sheaf_view_index(&out, axis, k, &part, error));
                sheaf_view got = contiguous(&part, &plain);
                same_as(&got, &in[k], "stack");
                free(plain);
                free(memory[k]);
            }
            free(out.data);
        }
}
END_TEST

/* ---- take, compress ---- */

/* Of every slice along the axis, or of the flattened array, by the definition. */
static void check_taken(const sheaf_view *x, int axis, const sheaf_view *places, int threads)
{
    sheaf_options o = options_of(axis >= 0, axis);
    sheaf_view in[2] = {*x, *places}, out, slice, part;
    const int64_t flat = sheaf_view_size(x), n = axis < 0 ? flat : x->shape[axis];
    void *memory, *line = NULL;
    sheaf_view whole = contiguous(x, &memory);
    if (axis < 0)
        ck_ok(sheaf_view_reshape(&whole, 1, &flat, &whole, error));
    call_on(op_find("take"), 2, in, &o, threads, &out);
    for (int64_t i = 0; i < sheaf_view_size(places); i += 1 + i / 40) {
        int64_t place = ((int64_t *)places->data)[i];
        void *a;
        ck_ok(sheaf_view_index(&whole, axis < 0 ? 0 : axis, place < 0 ? place + n : place, &slice, error));
        ck_ok(sheaf_view_index(&out, axis < 0 ? 0 : axis, i, &part, error));
        sheaf_view got = contiguous(&part, &a);
        same_as(&got, &slice, "take");
        free(a);
    }
    free(line);
    free(memory);
    free(out.data);
}

static void check_compressed(const sheaf_view *x, int axis, int threads)
{
    const int64_t n = axis < 0 ? sheaf_view_size(x) : x->shape[axis];
    sheaf_options o = options_of(axis >= 0, axis);
    sheaf_view in[2], out, slice, part;
    void *memory;
    uint64_t seed = 77;
    ck_ok(sheaf_view_init(&in[0], malloc((size_t)n + 1), SHEAF_BOOL, 1, &n, error));
    for (int64_t i = 0; i < n; i++)
        ((bool *)in[0].data)[i] = random_u64(&seed) % 3 == 0;
    in[1] = *x;
    sheaf_view whole = contiguous(x, &memory);
    if (axis < 0)
        ck_ok(sheaf_view_reshape(&whole, 1, &n, &whole, error));
    call_on(op_find("compress"), 2, in, &o, threads, &out);
    int64_t kept = 0;
    const int along = axis < 0 ? 0 : axis;
    for (int64_t i = 0; i < n; i++) {
        if (!((bool *)in[0].data)[i])
            continue;
        if (kept % 37 == 0 || n < 1000) {
            void *a;
            ck_ok(sheaf_view_index(&whole, along, i, &slice, error));
            ck_ok(sheaf_view_index(&out, along, kept, &part, error));
            sheaf_view got = contiguous(&part, &a);
            same_as(&got, &slice, "compress");
            free(a);
        }
        kept++;
    }
    ck_assert(out.shape[along] == kept);
    free(in[0].data);
    free(memory);
    free(out.data);
}

START_TEST(test_chosen)
{
    static const int64_t shapes[][3] = {{300007, 0, 0}, {701, 401, 0}, {31, 47, 101}, {5, 4, 3}};
    static const int ndims[] = {1, 2, 3, 3};
    const int64_t *shape = shapes[_i % 4], n = 5003;
    const sheaf_dtype dtype = (sheaf_dtype)(_i / 4);
    sheaf_view x = awkward_view(dtype, ndims[_i % 4], shape, 3, 0), places;
    ck_ok(sheaf_view_init(&places, malloc((size_t)n * 8), SHEAF_I64, 1, &n, error));
    for (int layout = 0; layout < LAYOUT_COUNT; layout++) {
        void *memory;
        sheaf_view laid = lay_out_as(&x, (enum layout)layout, &memory);
        for (int axis = -1; axis < x.ndim; axis++)
            for (int isa = ISA_PLAIN; kernels_at(isa); isa++) {
                const int64_t extent = axis < 0 ? sheaf_view_size(&x) : x.shape[axis];
                uint64_t seed = 5;
                for (int64_t i = 0; i < n; i++)
                    ((int64_t *)places.data)[i] = (int64_t)(random_u64(&seed) % (uint64_t)(2 * extent)) - extent;
                if (layout > 1 && sheaf_view_size(&x) > 1000 && (int)dtype % 3)
                    continue;
                cpu_isa_force((enum isa)isa);
                if (sheaf_view_size(&x) < 1000000 && (ndims[_i % 4] < 3 || extent > 100 || _i % 4 == 3))
                    check_taken(&laid, axis, &places, team_sizes[isa]);
                check_compressed(&laid, axis, team_sizes[isa + 1]);
            }
        free(memory);
    }
    free(places.data);
    free(x.data);
}
END_TEST

/* ---- what is refused ---- */

static sheaf_array *out;

START_TEST(test_shapes_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), y = shaped(SHEAF_F64, 2, 2, 4), v = shaped(SHEAF_F64, 1, 5, 0),
               s = shaped(SHEAF_F64, 0, 0, 0);
    const sheaf_view *two[] = {&x, &x, &y}, *ranks[] = {&x, &v}, *scalars[] = {&s, &s}, *lost[] = {&x, NULL};
    sheaf_options o = options_of(0, 0), one = options_of(1, 1), far = options_of(1, 2), three = options_of(1, 3);
    o.nshape = 2;
    o.shape[0] = 5, o.shape[1] = -1;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_SHAPE, "reshape", "(3, 4)", "(5, -1)");
    o.shape[0] = -1;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_SHAPE, "reshape", "(3, 4)", "(-1, -1)");
    o.nshape = 17;
    refused(sheaf_reshape(&x, &o, &out, &last), SHEAF_INVALID, "reshape", "17");
    refused(sheaf_concat(3, two, &one, &out, &last), SHEAF_SHAPE, "concat", "input 2", "(2, 4)", "(3, 4)");
    refused(sheaf_concat(2, ranks, NULL, &out, &last), SHEAF_SHAPE, "concat", "input 1", "(5,)", "(3, 4)");
    refused(sheaf_concat(2, scalars, NULL, &out, &last), SHEAF_INVALID, "concat", "()", "stack");
    refused(sheaf_concat(2, two, &far, &out, &last), SHEAF_INVALID, "concat", "axis 2", "(3, 4)");
    refused(sheaf_concat(2, lost, NULL, &out, &last), SHEAF_INVALID, "concat", "x[1]", "NULL");
    refused(sheaf_concat(0, two, NULL, &out, &last), SHEAF_INVALID, "concat", "0 inputs");
    refused(sheaf_stack(3, two, NULL, &out, &last), SHEAF_SHAPE, "stack", "input 2", "(2, 4)", "(3, 4)");
    refused(sheaf_stack(2, two, &three, &out, &last), SHEAF_INVALID, "stack", "axis 3", "(3, 4)");
    refused(sheaf_squeeze(&x, &one, &out, &last), SHEAF_SHAPE, "squeeze", "axis 1", "(3, 4)");
    refused(sheaf_squeeze(&x, &far, &out, &last), SHEAF_INVALID, "squeeze", "axis 2", "(3, 4)");
    refused(sheaf_flip(&x, &far, &out, &last), SHEAF_INVALID, "flip", "axis 2", "(3, 4)");
    refused(sheaf_transpose(&x, &one, &out, &last), SHEAF_INVALID, "transpose", "every axis", "(3, 4)");
    refused(sheaf_moveaxis(&x, &one, &out, &last), SHEAF_INVALID, "moveaxis", "destination", "(3, 4)");
    one.ndestination = 1;
    one.destination[0] = -3;
    refused(sheaf_moveaxis(&x, &one, &out, &last), SHEAF_INVALID, "moveaxis", "destination", "-3", "(3, 4)");
    one.sections = 3;
    refused(sheaf_split(&x, &one, &out, &last), SHEAF_SHAPE, "split", "axis 1", "(3, 4)", "3 equal");
    one.sections = 0;
    refused(sheaf_split(&x, &one, &out, &last), SHEAF_INVALID, "split", "0 equal");
    refused(sheaf_diag(&s, NULL, &out, &last), SHEAF_INVALID, "diag", "()", "vector");
    refused(sheaf_tril(&v, NULL, &out, &last), SHEAF_INVALID, "tril", "(5,)", "matrix");
    refused(sheaf_compress(&v, &x, &one, &out, &last), SHEAF_SHAPE, "compress", "(5,)", "(3, 4)");
    refused(sheaf_compress(&y, &x, NULL, &out, &last), SHEAF_SHAPE, "compress", "(2, 4)", "(3, 4)");
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_arguments_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4), wide = shaped(SHEAF_F64, 1, 8, 0);
    sheaf_options o = options_of(0, 0);
    refused(sheaf_roll(&x, &o, &out, &last), SHEAF_INVALID, "roll", "shift", "(3, 4)");
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_INVALID, "repeat", "repeats", "(3, 4)");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "0 pairs", "(3, 4)");
    o.nrepeats = o.nwidths = 1;
    o.repeats[0] = -1;
    o.widths[0][1] = -2;
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_INVALID, "repeat", "not negative", "(3, 4)");
    refused(sheaf_tile(&x, &o, &out, &last), SHEAF_INVALID, "tile", "negative", "(3, 4)");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "(0, -2)", "axis 0");
    o.widths[0][1] = 2;
    o.mode = "edgy";
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_INVALID, "pad", "edgy", "reflect");
    o.mode = "reflect";
    refused(sheaf_pad(&nothing, &o, &out, &last), SHEAF_INVALID, "pad", "axis 0", "(0, 4)", "constant");
    o.repeats[0] = o.widths[0][1] = INT64_MAX;
    refused(sheaf_repeat(&x, &o, &out, &last), SHEAF_OVERFLOW, "repeat");
    refused(sheaf_tile(&x, &o, &out, &last), SHEAF_OVERFLOW, "tile");
    refused(sheaf_pad(&x, &o, &out, &last), SHEAF_OVERFLOW, "pad", "(3, 4)");
    o.k = INT64_MAX;
    refused(sheaf_diag(&wide, &o, &out, &last), SHEAF_OVERFLOW, "diag");
    o.k = INT64_MIN;
    refused(sheaf_diag(&wide, &o, &out, &last), SHEAF_OVERFLOW, "diag");
    wide.shape[0] = INT64_MAX / 2;
    wide.strides[0] = 0;
    refused(sheaf_outer(&wide, &wide, NULL, &out, &last), SHEAF_OVERFLOW, "does not fit");
    wide.ndim = 2;
    wide.shape[1] = 4;
    wide.strides[1] = 0;
    refused(sheaf_ravel(&wide, NULL, &out, &last), SHEAF_OVERFLOW, "ravel");
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_creation_refused)
{
    sheaf_view x = shaped(SHEAF_F64, 1, 3, 0), scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options o = options_of(0, 0);
    o.stop = 10;
    o.step = 0;
    refused(sheaf_arange(&o, &out, &last), SHEAF_INVALID, "arange", "steps of 0");
    o.step = NAN;
    refused(sheaf_arange(&o, &out, &last), SHEAF_INVALID, "arange", "nan");
    o.step = 1e-300;
    refused(sheaf_arange(&o, &out, &last), SHEAF_OVERFLOW, "arange", "1e-300");
    o.step = 1;
    o.dtype = SHEAF_BOOL;
    refused(sheaf_arange(&o, &out, &last), SHEAF_DTYPE, "arange", "bool");
    o.dtype = SHEAF_U8;
    o.start = -3;
    refused(sheaf_arange(&o, &out, &last), SHEAF_OVERFLOW, "arange", "-3", "uint8");
    o.dtype = (sheaf_dtype)77;
    refused(sheaf_zeros(&o, &out, &last), SHEAF_INVALID, "zeros", "77");
    o.dtype = SHEAF_DTYPE_COUNT;
    o.num = -1;
    refused(sheaf_linspace(&o, &out, &last), SHEAF_INVALID, "linspace", "-1");
    refused(sheaf_eye(&o, &out, &last), SHEAF_INVALID, "eye", "rows");
    o.nshape = 2;
    o.shape[0] = -1;
    refused(sheaf_ones(&o, &out, &last), SHEAF_INVALID, "(-1, 0)");
    o.shape[0] = o.shape[1] = INT64_MAX / 2;
    refused(sheaf_full(&scalar, &o, &out, &last), SHEAF_OVERFLOW, "does not fit");
    refused(sheaf_full(&x, &o, &out, &last), SHEAF_SHAPE, "full", "(3,)", "scalar");
    ck_assert_ptr_null(out);
}
END_TEST

/* The place is named, and a caller's own memory is as it was. */
START_TEST(test_places_refused)
{
    enum {
        N = 300000
    };
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), places, into, huge;
    sheaf_options o = options_of(1, 1);
    int64_t *p = calloc(N, sizeof *p), big = N;
    double *numbers = calloc(3 * (size_t)N, sizeof *numbers);
    const uint64_t beyond[] = {1, UINT64_MAX};
    ck_ok(sheaf_view_init(&places, p, SHEAF_I64, 1, &big, error));
    ck_ok(sheaf_view_init(&into, numbers, SHEAF_F64, 2, (const int64_t[]){3, big}, error));
    ck_ok(sheaf_view_init(&huge, (void *)(uintptr_t)beyond, SHEAF_U64, 1, (const int64_t[]){2}, error));
    for (int i = 0; i < 3 * N; i++)
        numbers[i] = 7;
    p[200001] = -5;
    p[250000] = 9;
    refused(sheaf_take(&x, &x, &o, &out, &last), SHEAF_DTYPE, "take", "float64", "integers");
    refused(sheaf_take(&x, &huge, &o, &out, &last), SHEAF_INVALID, "take", "18446744073709551615", "(1,)", "(3, 4)");
    o.into = &into;
    refused(sheaf_take(&x, &places, &o, &out, &last), SHEAF_INVALID, "take", "index -5", "(200001,)", "4 elements");
    for (int i = 0; i < 3 * N; i++)
        ck_assert(numbers[i] == 7);
    ck_assert_ptr_null(out);
    free(p);
    free(numbers);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: movement");
    TCase *tc = tcase_create("moves");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, test_small_arrays, 0, SHEAF_DTYPE_COUNT);
    tcase_add_loop_test(tc, test_large_arrays, 0, 25);
    tcase_add_loop_test(tc, test_streamed, 0, 20);
    tcase_add_loop_test(tc, test_joined_parts, 0, 6);
    tcase_add_loop_test(tc, test_chosen, 0, 4 * SHEAF_DTYPE_COUNT);
    tcase_add_test(tc, test_shapes_refused);
    tcase_add_test(tc, test_arguments_refused);
    tcase_add_test(tc, test_creation_refused);
    tcase_add_test(tc, test_places_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
