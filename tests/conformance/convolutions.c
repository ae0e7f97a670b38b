/* Convolutions, correlations and stencils against their definition written out once more, to the bit. */

#include "laid_out.h"

enum kind {
    CONVOLVE,
    CORRELATE,
    CONVOLVE2D,
    CORRELATE2D,
    STENCIL
};
static const char *const names[] = {"convolve", "correlate", "convolve2d", "correlate2d", "stencil"};
static const char *const sliding[] = {"full", "same", "valid"};
static const char *const edges[] = {"reflect", "constant", "nearest", "mirror", "wrap"};

/* ---- the definition, of three dimensions ---- */

#define D 3

struct problem {
    enum kind kind;
    const char *mode;
    double value;
    bool swapped;                         /* y is the longer one */
    int64_t x[D], y[D], out[D], first[D]; /* extents; which of mode full's results is the first */
    sheaf_dtype dtype;
    const void *xs, *ys;
};

struct term_sums {
    double re[2], im[2]; /* of the terms with the real part of the taps, and with the imaginary one */
    float short_re[2], short_im[2];
    uint64_t whole;
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void read_number(sheaf_dtype dtype, const char *from, double x[2])
{
    float narrow[2] = {0, 0};
    x[1] = 0;
    if (dtype == SHEAF_F64 || dtype == SHEAF_C128) {
        memcpy(x, from, sheaf_dtype_size(dtype));
        return;
    }
    memcpy(narrow, from, sheaf_dtype_size(dtype));
    x[0] = narrow[0];
    x[1] = narrow[1];
}

/* One term, of the number at place i of what is slid along and the tap at place k; place -1: value. */
static void add_term(const struct problem *p, struct term_sums *s, int64_t i, int64_t k)
{
    const size_t size = sheaf_dtype_size(p->dtype);
    const bool correlation = p->kind != CONVOLVE && p->kind != CONVOLVE2D;
    const char *numbers = p->swapped ? p->ys : p->xs, *taps = p->swapped ? p->xs : p->ys;
    const double sign = correlation && !p->swapped ? -1 : 1;
    if (dtype_kind(p->dtype) == 'c' || dtype_kind(p->dtype) == 'f') {
        double x[2] = {p->value, 0}, t[2];
        if (i >= 0)
            read_number(p->dtype, numbers + i * (int64_t)size, x);
        read_number(p->dtype, taps + k * (int64_t)size, t);
        for (int part = 0; part < 2; part++) {
            const double tap = part ? sign * t[1] : t[0];
            s->re[part] = fma(x[0], tap, s->re[part]);
            s->im[part] = fma(x[1], tap, s->im[part]);
            s->short_re[part] = fmaf((float)x[0], (float)tap, s->short_re[part]);
            s->short_im[part] = fmaf((float)x[1], (float)tap, s->short_im[part]);
        }
        return;
    }
    uint64_t x = p->dtype == SHEAF_BOOL ? p->value != 0 : (uint64_t)(int64_t)p->value, t = 0;
    if (i >= 0)
        memcpy(&x, numbers + i * (int64_t)size, size);
    memcpy(&t, taps + k * (int64_t)size, size);
    s->whole = p->dtype == SHEAF_BOOL ? s->whole | (x && t) : s->whole + x * t;
}

static void store(const struct problem *p, const struct term_sums *s, char *to)
{
    const bool conjugate = p->swapped && (p->kind == CORRELATE || p->kind == CORRELATE2D);
    const double sign = conjugate ? -1 : 1;
    const float single = conjugate ? -1 : 1;
    double wide[2] = {s->re[0] + 0.0, 0};
    float narrow[2] = {s->short_re[0] + 0.0F, 0};
    if (dtype_kind(p->dtype) == 'c') {
        wide[0] = (s->re[0] + 0.0) - sign * (s->im[1] + 0.0);
        wide[1] = (s->re[1] + 0.0) + sign * (s->im[0] + 0.0);
        narrow[0] = (s->short_re[0] + 0.0F) - single * (s->short_im[1] + 0.0F);
        narrow[1] = (s->short_re[1] + 0.0F) + single * (s->short_im[0] + 0.0F);
    }
    const bool is_single = dtype_real(p->dtype) == SHEAF_F32;
    memcpy(to,
           !is_float(p->dtype) ? (void *)&s->whole
           : is_single         ? (void *)narrow
                               : (void *)wide,
           sheaf_dtype_size(p->dtype));
}

static int64_t at_edge(const char *mode, int64_t i, int64_t n)
{
    while (i < 0 || i >= n) {
        if (is(mode, "constant"))
            return -1;
        if (is(mode, "nearest"))
            i = i < 0 ? 0 : n - 1;
        else if (is(mode, "wrap"))
            i += i < 0 ? n : -n;
        else if (is(mode, "reflect"))
            i = i < 0 ? -1 - i : 2 * n - 1 - i;
        else
            i = n == 1 ? 0 : i < 0 ? -i : 2 * n - 2 - i;
    }
    return i;
}

static void stencil_terms(const struct problem *p, const int64_t *at, struct term_sums *s)
{
    int64_t k[D];
    for (k[0] = 0; k[0] < p->y[0]; k[0]++)
        for (k[1] = 0; k[1] < p->y[1]; k[1]++)
            for (k[2] = 0; k[2] < p->y[2]; k[2]++) {
                int64_t i = 0, tap = 0;
                for (int d = 0; d < D; d++) {
                    int64_t place = at_edge(p->mode, at[d] + k[d] - p->y[d] / 2, p->x[d]);
                    i = place < 0 || i < 0 ? -1 : i * p->x[d] + place;
                    tap = tap * p->y[d] + k[d];
                }
                add_term(p, s, i, tap);
            }
}

/* The elements that meet in result f of mode full, in the order of the longer input: of x, or of y, from the end in a
 * correlation. */
static void sliding_terms(const struct problem *p, const int64_t *f, struct term_sums *s)
{
    const bool correlation = p->kind == CORRELATE || p->kind == CORRELATE2D, backwards = p->swapped && correlation;
    const int64_t *taps = p->swapped ? p->x : p->y;
    const int64_t size = taps[0] * taps[1] * taps[2];
    for (int64_t n = 0; n < size; n++) {
        int64_t rest = backwards ? size - 1 - n : n, x = 0, y = 0, m[D];
        bool meet = true;
        /* What f reaches back to; where both turn round, f counts from the other end. */
        for (int d = D - 1; d >= 0; d--) {
            int64_t from = backwards ? p->y[d] - 1 - f[d] : f[d] - (taps[d] - 1);
            m[d] = from + rest % taps[d];
            rest /= taps[d];
        }
        for (int d = 0; d < D; d++) {
            int64_t other = !correlation ? f[d] - m[d]
                            : p->swapped ? m[d] + f[d] - (p->y[d] - 1)
                                         : m[d] - f[d] + p->y[d] - 1;
            int64_t i = p->swapped ? other : m[d], k = p->swapped ? m[d] : other;
            meet &= i >= 0 && i < p->x[d] && k >= 0 && k < p->y[d];
            x = x * p->x[d] + i;
            y = y * p->y[d] + k;
        }
        if (meet)
            add_term(p, s, p->swapped ? y : x, p->swapped ? x : y);
    }
}

static void define(const struct problem *p, char *out)
{
    int64_t at[D], f[D];
    for (at[0] = 0; at[0] < p->out[0]; at[0]++)
        for (at[1] = 0; at[1] < p->out[1]; at[1]++)
            for (at[2] = 0; at[2] < p->out[2]; at[2]++) {
                struct term_sums s = {0};
                for (int d = 0; d < D; d++)
                    f[d] = at[d] + p->first[d];
                if (p->kind == STENCIL)
                    stencil_terms(p, at, &s);
                else
                    sliding_terms(p, f, &s);
                store(p, &s, out);
                out += sheaf_dtype_size(p->dtype);
            }
}

/* ---- calls ---- */

static sheaf_view copied(const sheaf_view *from, sheaf_dtype dtype)
{
    sheaf_view to;
    ck_ok(sheaf_view_init(&to, NULL, dtype, from->ndim, from->shape, error));
    to.data = malloc((size_t)sheaf_view_size(from) * sheaf_dtype_size(dtype) + 1);
    ck_ok(sheaf_view_copy(from, &to, error));
    return to;
}

/* Which of mode full's results is the first, along a dimension of n and m elements. */
static int64_t first_of(const struct problem *p, int64_t n, int64_t m)
{
    const int64_t shorter = n < m ? n : m, y_or_shorter = p->kind == CONVOLVE || p->kind == CORRELATE ? shorter : m;
    if (is(p->mode, "full"))
        return 0;
    if (is(p->mode, "valid"))
        return shorter - 1;
    const bool late = p->kind == CORRELATE2D || (p->kind == CORRELATE && p->swapped);
    return late ? y_or_shorter / 2 : (y_or_shorter - 1) / 2;
}

/* Everything in three dimensions: the last ones of x, and y's where the axes say. */
static void set_problem(struct problem *p, const sheaf_view *x, const sheaf_view *y, const sheaf_view *out,
                        const sheaf_options *o)
{
    bool longer = true, shorter = true;
    for (int d = 0; d < D; d++)
        p->x[d] = p->y[d] = p->out[d] = 1;
    for (int d = 0; d < x->ndim; d++) {
        p->x[D - x->ndim + d] = x->shape[d];
        p->out[D - x->ndim + d] = out->shape[d];
    }
    for (int i = 0; i < y->ndim; i++) {
        int axis = o->naxes ? o->axes[i] : x->ndim - y->ndim + i;
        p->y[D - x->ndim + axis] = y->shape[i];
        longer &= y->shape[i] >= x->shape[axis];
        shorter &= y->shape[i] <= x->shape[axis];
    }
    p->swapped = p->kind != STENCIL && longer && !shorter &&
                 (p->kind == CONVOLVE || p->kind == CORRELATE || is(p->mode, "valid"));
    for (int d = 0; d < D; d++)
        p->first[d] = first_of(p, p->x[d], p->y[d]);
}

static void compare(const struct op *op, const sheaf_view *in, const sheaf_options *o, const sheaf_view *want,
                    int layout)
{
    void *memory[2];
    sheaf_view laid[2] = {lay_out_as(&in[0], (enum layout)layout, &memory[0]),
                          lay_out_as(&in[1], (enum layout)((layout + 1) % LAYOUT_COUNT), &memory[1])};
    check_levels(op, laid, o, want, layout);
    free(memory[0]);
    free(memory[1]);
}

static void check(enum kind kind, const sheaf_view *in, const sheaf_options *o, int layouts)
{
    const struct op *op = op_find(names[kind]);
    sheaf_view want;
    sheaf_error e;
    struct problem p = {.kind = kind, .mode = o->mode, .value = o->value};
    ck_assert_msg(!op_infer(op, 2, in, o, &want, &e), "%s", e.message);
    p.dtype = want.dtype;
    sheaf_view x = copied(&in[0], p.dtype), y = copied(&in[1], p.dtype);
    p.xs = x.data;
    p.ys = y.data;
    set_problem(&p, &x, &y, &want, o);
    want.data = malloc((size_t)sheaf_view_size(&want) * sheaf_dtype_size(want.dtype) + 1);
    define(&p, want.data);
    for (int layout = 0; layout < layouts; layout++)
        compare(op, in, o, &want, layout);
    free(want.data);
    free(x.data);
    free(y.data);
}

/* taps: the kind of their data; those of kinds 0 and 1 are not all finite. */
static void check_shapes(enum kind kind, sheaf_dtype dtype, int ndim, const int64_t *x, int taps_ndim, const int64_t *y,
                         const sheaf_options *o, unsigned data, int layouts)
{
    sheaf_view in[2] = {awkward_view(dtype, ndim, x, (size_t)(x[0] + dtype), data),
                        awkward_view(dtype, taps_ndim, y, (size_t)y[0] + 11,
                                     data == 0   ? 2
                                     : data == 2 ? 0
                                                 : data)};
    check(kind, in, o, layouts);
    free(in[0].data);
    free(in[1].data);
}

static sheaf_options with_mode(const char *mode)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.mode = mode;
    o.value = mode == edges[1] ? 3 : 0;
    return o;
}

START_TEST(test_vectors)
{
    static const int64_t sizes[] = {1, 2, 3, 5, 18, 64, 101};
    enum {
        SIZES = sizeof sizes / sizeof sizes[0]
    };
    const enum kind kind = _i / SHEAF_DTYPE_COUNT ? CORRELATE : CONVOLVE;
    const sheaf_dtype dtype = (sheaf_dtype)(_i % SHEAF_DTYPE_COUNT);
    for (size_t s = 0; s < SIZES * SIZES * 3; s++) {
        const sheaf_options o = with_mode(sliding[s % 3]);
        check_shapes(kind, dtype, 1, &sizes[s / 3 / SIZES], 1, &sizes[s / 3 % SIZES], &o, (unsigned)(s / 3 % 4),
                     s % 5 ? 1 : LAYOUT_COUNT);
    }
}
END_TEST

START_TEST(test_long_vectors)
{
    static const int64_t sizes[][2] = {{30011, 3}, {9001, 64}, {5001, 129}, {603, 1100}, {70, 3001}, {500, 500}};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_C64, SHEAF_C128, SHEAF_I16};
    const int sample = _i % 5;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int mode = 0; mode < 3; mode++) {
            const sheaf_options o = with_mode(sliding[mode]);
            if (sizes[s][0] * sizes[s][1] > 200000 && mode != (int)(s + (size_t)_i) % 3)
                continue;
            check_shapes(_i / 5 ? CORRELATE : CONVOLVE, dtypes[sample], 1, &sizes[s][0], 1, &sizes[s][1], &o,
                         1 + (unsigned)(s + (size_t)mode) % 3, 1);
        }
}
END_TEST

START_TEST(test_axes)
{
    static const int64_t shapes[][3] = {{4, 5, 6}, {17, 3, 2}, {2, 9, 20}, {9, 1, 1}}, taps[] = {1, 3, 6, 12};
    for (size_t s = 0; s < 4 * 4 * 3 * 3; s++) {
        sheaf_options o = with_mode(sliding[s % 3]), e = with_mode(edges[s % 5]);
        o.naxes = e.naxes = 1;
        o.axes[0] = e.axes[0] = (int)(s / 3 % 3);
        const sheaf_dtype dtype = (sheaf_dtype)(s % SHEAF_DTYPE_COUNT);
        for (int kind = CONVOLVE; kind <= CORRELATE; kind++)
            check_shapes((enum kind)kind, dtype, 3, shapes[s / 9 % 4], 1, &taps[s / 36], &o, (unsigned)(s / 9 % 4), 3);
        check_shapes(STENCIL, dtype, 3, shapes[s / 9 % 4], 1, &taps[s / 36], &e, (unsigned)(s / 9 % 4), 3);
    }
}
END_TEST

START_TEST(test_images)
{
    static const int64_t shapes[][3] = {{1, 6, 7}, {2, 3, 9}, {1, 1, 1}, {1, 40, 33}, {3, 12, 5}};
    static const int64_t taps[][2] = {{1, 1}, {3, 3}, {2, 5}, {4, 1}, {9, 10}};
    const sheaf_dtype dtype = (sheaf_dtype)_i;
    for (size_t s = 0; s < 5 * 5 * 3; s++) {
        const int64_t *x = shapes[s / 3 % 5], *y = taps[s / 15];
        const sheaf_options o = with_mode(sliding[s % 3]);
        const bool fits = s % 3 != 2 || (x[1] >= y[0] && x[2] >= y[1]) || (x[1] <= y[0] && x[2] <= y[1]);
        for (int kind = CONVOLVE2D; kind <= CORRELATE2D && fits; kind++)
            check_shapes((enum kind)kind, dtype, x[0] > 1 ? 3 : 2, x[0] > 1 ? x : x + 1, 2, y, &o,
                         (unsigned)(s / 3 % 4), s % 4 ? 1 : LAYOUT_COUNT);
        const sheaf_options e = with_mode(edges[s % 5]);
        check_shapes(STENCIL, dtype, x[0] > 1 ? 3 : 2, x[0] > 1 ? x : x + 1, 2, y, &e, (unsigned)(s / 5 % 4),
                     s % 4 ? 1 : LAYOUT_COUNT);
    }
}
END_TEST

/* Several tiles and units, and results large enough to go past the caches. */
START_TEST(test_large_images)
{
    static const int64_t wide[] = {31, 4001}, tall[] = {4001, 31}, stack[] = {7, 31, 101}, large[] = {700, 1601};
    static const int64_t three[] = {3, 3}, four[] = {2, 4}, broad[] = {3, 11};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_C64, SHEAF_I16};
    const sheaf_options same = with_mode("same"), edge = with_mode(edges[_i % 5]);
    const sheaf_dtype dtype = dtypes[_i % 4];
    check_shapes(STENCIL, dtype, 2, wide, 2, three, &edge, 1, 2);
    check_shapes(STENCIL, dtype, 2, tall, 2, four, &edge, 2, 2);
    check_shapes(STENCIL, dtype, 3, stack, 2, broad, &edge, 3, 1);
    check_shapes(CONVOLVE2D, dtype, 2, tall, 2, three, &same, 3, 1);
    check_shapes(CORRELATE2D, dtype, 2, wide, 2, broad, &same, 0, 1);
    if (_i == 0)
        check_shapes(STENCIL, SHEAF_F64, 2, large, 2, three, &edge, 2, 1);
}
END_TEST

/* Nothing that is not finite comes from where there is nothing. */
START_TEST(test_borders)
{
    double x[] = {1, 2, 3, 4}, y[] = {INFINITY, 1}, zeros[] = {-0.0, -0.0}, one = 1, got[5];
    sheaf_view in[2] = {sheaf_view_f64(x, 4), sheaf_view_f64(y, 2)}, out;
    call_op(op_find("convolve"), in, NULL, 2, &out);
    memcpy(got, out.data, sizeof got);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(got[i], INFINITY);
    ck_assert_double_eq(got[4], 4);
    free(out.data);
    in[0] = sheaf_view_f64(zeros, 2);
    in[1] = sheaf_view_f64(&one, 1);
    call_op(op_find("convolve"), in, NULL, 2, &out);
    ck_assert(((double *)out.data)[0] == 0 && !signbit(((double *)out.data)[0]));
    free(out.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: convolutions");
    TCase *tc = tcase_create("convolutions");
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, test_vectors, 0, 2 * SHEAF_DTYPE_COUNT);
    tcase_add_loop_test(tc, test_long_vectors, 0, 10);
    tcase_add_test(tc, test_axes);
    tcase_add_loop_test(tc, test_images, 0, SHEAF_DTYPE_COUNT);
    tcase_add_loop_test(tc, test_large_images, 0, 5);
    tcase_add_test(tc, test_borders);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
