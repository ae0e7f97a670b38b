/* Shape and movement against the index arithmetic that defines them: every dtype's width, layout, level and team, small
 * and large. */

#include "laid_out.h"

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
    static const int64_t shapes[][3] = {{301, 607, 0}, {35003, 3, 0}, {3, 35003, 0}, {37, 41, 101}, {70, 5, 512}};
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
    if (RACES_ONLY && _i != 3)
        return;
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

/* NumPy's, whatever the order. */
START_TEST(test_joined_dtypes)
{
    static const sheaf_dtype three[][4] = {{SHEAF_U16, SHEAF_I8, SHEAF_F16, SHEAF_F32},
                                           {SHEAF_I8, SHEAF_U8, SHEAF_F16, SHEAF_F16},
                                           {SHEAF_I16, SHEAF_U16, SHEAF_F32, SHEAF_F32},
                                           {SHEAF_I8, SHEAF_U16, SHEAF_C64, SHEAF_C64},
                                           {SHEAF_I8, SHEAF_U8, SHEAF_BOOL, SHEAF_I16}};
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const sheaf_dtype *dtypes = three[_i];
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        sheaf_view x[3], out;
        for (int i = 0; i < 3; i++)
            x[i] = awkward_view(dtypes[orders[k][i]], 1, (int64_t[]){4}, 3, 2);
        sheaf_options o = options_of(0, 0);
        call_on(op_find("concat"), 3, x, &o, 1, &out);
        ck_assert_int_eq(out.dtype, dtypes[3]);
        free(out.data);
        for (int i = 0; i < 3; i++)
            free(x[i].data);
    }
}
END_TEST

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
    static const int64_t shapes[][3] = {{70001, 0, 0}, {301, 203, 0}, {13, 47, 101}, {5, 4, 3}};
    static const int ndims[] = {1, 2, 3, 3};
    const int64_t *shape = shapes[_i % 4], n = 1009;
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

/* ---- without a copy ---- */

START_TEST(test_views)
{
    static const int64_t shape[] = {3, 4, 6};
    static const char *const names[] = {"transpose", "moveaxis", "squeeze", "flip", "reshape", "ravel", "split"};
    sheaf_view x = awkward_view(SHEAF_I32, 3, shape, 5, 0), seen, want, turned;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct op *op = op_find(names[k]);
        sheaf_options o = options_of(k == 1 || k == 6, 2);
        o.ndestination = k == 1;
        o.sections = 3;
        o.nshape = k == 4 ? 2 : 0;
        o.shape[0] = -1, o.shape[1] = 8;
        ck_assert(op_view(op, &x, &o, &seen));
        call_op(op, &x, &o, 1, &want);
        ck_assert(seen.ndim == want.ndim && (char *)seen.data >= (char *)x.data &&
                  (char *)seen.data < (char *)x.data + sizeof(int32_t[3 * 4 * 6]));
        for (int i = 0; i < seen.ndim; i++)
            ck_assert(seen.shape[i] == want.shape[i]);
        same_as(&want, &seen, names[k]);
        free(want.data);
    }
    ck_ok(sheaf_view_transpose(&x, NULL, &turned, error));
    ck_assert(!op_view(op_find("ravel"), &turned, NULL, &seen));
    ck_assert(!op_view(op_find("roll"), &x, NULL, &seen));
    free(x.data);
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
    tcase_add_test(tc, test_views);
    tcase_add_loop_test(tc, test_joined_dtypes, 0, 5);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
