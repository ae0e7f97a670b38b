/* Same bits: whatever the layout, the number of threads, the ISA level. */

#include "base/cpu.h"
#include "blas/blas.h"
#include "golden.h"

static void check_same(const struct op *op, const sheaf_view *in, const sheaf_options *options, const sheaf_view *got,
                       const sheaf_view *want, const char *how)
{
    ck_assert_msg(same_bits(got->data, want->data, (size_t)sheaf_view_size(want), want->dtype),
                  "%s: other bits %s, %s kernels", call_text(op, in, options), how, isa_name(cpu_isa()));
}

/* The call on inputs laid out so: all alike, or each otherwise when mixed. */
static void check_laid_out(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                           const sheaf_view *want, int layout, bool mixed)
{
    sheaf_view laid[GOLDEN_MOST], weights, edges, outs[SHEAF_MAX_OUTPUTS];
    void *memory[GOLDEN_MOST + 2] = {NULL};
    sheaf_options o = *options;
    for (int k = 0; k < nin; k++)
        laid[k] = lay_out_as(&in[k], (enum layout)(mixed ? (layout + k) % LAYOUT_COUNT : layout), &memory[k]);
    if (options->weights) {
        weights = lay_out_as(options->weights, (enum layout)layout, &memory[GOLDEN_MOST]);
        o.weights = &weights;
    }
    if (options->edges) {
        edges = lay_out_as(options->edges, (enum layout)layout, &memory[GOLDEN_MOST + 1]);
        o.edges = &edges;
    }
    for (size_t i = 0; i < TEAM_SIZES; i += TEAM_STEP) {
        char how[64];
        snprintf(how, sizeof how, "in layout %d%s on %d threads", layout, mixed ? " and on" : "", team_sizes[i]);
        call_on(op, nin, laid, &o, team_sizes[i], outs);
        for (int k = 0; k < op->info.nout; k++)
            check_same(op, in, options, &outs[k], &want[k], how);
        free_outs(op, outs);
    }
    for (int k = 0; k < GOLDEN_MOST + 2; k++)
        free(memory[k]);
}

/* Results of `want`, which plain kernels made from C order alone, in the first so many layouts on teams of 1 or more.
 */
static void check_call(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                       const sheaf_view *want, int layouts)
{
    for (int layout = 0; layout < layouts; layout++)
        check_laid_out(op, nin, in, options, want, layout, false);
    if (nin > 1 && layouts == LAYOUT_COUNT)
        check_laid_out(op, nin, in, options, want, LAYOUT_FORTRAN, true);
}

static bool available(const struct op *op)
{
    return op->class != CLASS_TRANSFORM || fft_available();
}

START_TEST(test_small_calls)
{
    golden_load();
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        if (!available(c->op))
            continue;
        sheaf_view want[SHEAF_MAX_OUTPUTS];
        cpu_isa_force(ISA_PLAIN);
        call_on(c->op, c->nin, c->in, &c->options, 1, want);
        cpu_isa_force((enum isa)_i);
        check_call(c->op, c->nin, c->in, &c->options, want, LAYOUT_COUNT);
        free_outs(c->op, want);
    }
}
END_TEST

/* ---- large arrays: several blocks a row, several pieces a team ---- */

/* What an input of a function is like. */
enum content {
    NUMBERS,  /* of every magnitude that matters, now and then a special one; small where the dtype is whole */
    FINITE,   /* the same, without special ones */
    NAN_RICH, /* a third is NaN */
    NAN_SOME, /* here and there, but never in two neighbours: the extents below are odd, so no row is NaN alone */
    FACTORS,  /* whose products stay away from 0 and infinity: near 1, or odd */
    COUNTS,   /* of bits or powers: small and not negative */
};

static double one_number(uint64_t *seed, char kind, enum content content)
{
    uint64_t dice = random_u64(seed);
    double x = (random_unit(seed) - 0.5) * 8;
    bool whole = kind == 'b' || kind == 'i' || kind == 'u';
    if (content == COUNTS && kind != 'b')
        return whole ? (double)(dice % 9) : x;
    if (content == FACTORS)
        return whole ? (kind == 'b' ? 1 : (double)(dice % 8 * 2 + 1)) : (dice & 1 ? 1 : -1) * (1 + x / 512);
    if (kind == 'b')
        return x > 0;
    if (whole)
        return floor(kind == 'u' ? x + 4 : x) * (dice % 4 ? 1 : 19);
    int rarity = content == NAN_RICH ? 3 : content == NAN_SOME ? 40 : 5000;
    if (content != FINITE && dice % (uint64_t)rarity == 0)
        return content != NUMBERS || dice & 65536 ? NAN : -0.0;
    return dice % 16 == 1 ? ldexp(x, (int)(dice >> 20 & 31) - 16) : x;
}

static sheaf_view random_view(sheaf_dtype dtype, int ndim, const int64_t *shape, uint64_t seed, enum content content)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    int64_t n = number_count(&v), parts = dtype_kind(dtype) == 'c' ? 2 : 1;
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = one_number(&seed, dtype_kind(dtype), content == NAN_SOME && i / parts % 2 ? FINITE : content);
    take_numbers(&v, x);
    return v;
}

static enum content content_of(const struct op *op, int k, bool specials)
{
    static const int counts[] = {OP_pow, OP_left_shift, OP_right_shift};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (k == 1 && op == &op_table[counts[i]])
            return COUNTS;
    if (op == &op_table[OP_prod] || op == &op_table[OP_cumprod])
        return FACTORS;
    if (strncmp(op->info.name, "nanarg", 6) == 0)
        return specials ? NAN_SOME : FINITE;
    if (strncmp(op->info.name, "nan", 3) == 0)
        return NAN_RICH;
    return specials ? NUMBERS : FINITE;
}

static void check_large(const struct op *op, const sheaf_view *in, const sheaf_options *options)
{
    sheaf_view want[SHEAF_MAX_OUTPUTS];
    if (op_infer(op, op->info.nin, in, options, want, NULL) != SHEAF_OK)
        return;
    cpu_isa_force(ISA_PLAIN);
    call_op(op, in, options, 1, want);
    for (int isa = (int)cpu_isa_best(); isa > ISA_PLAIN; isa--) {
        bool best = isa == (int)cpu_isa_best();
        cpu_isa_force((enum isa)isa);
        check_call(op, op->info.nin, in, options, want,
                   !best                      ? 1
                   : in[0].dtype == SHEAF_F64 ? LAYOUT_SLICED
                                              : LAYOUT_FORTRAN);
    }
    free_outs(op, want);
}

/* Every axis, and the options that the function knows. */
static void check_large_axes(const struct op *op, const sheaf_view *in)
{
    bool elementwise = op_is_elementwise(op), real = in[0].dtype == SHEAF_F64 || in[0].dtype == SHEAF_F32;
    for (int axis = -1; axis < (elementwise ? 0 : in[0].ndim); axis++) {
        sheaf_options options;
        sheaf_options_init(&options);
        options.naxes = axis >= 0;
        options.axes[0] = axis;
        options.order = op == &op_table[OP_diff] && axis == 0 ? 3 : 0;
        options.spacing = axis == 0 ? 0.3 : 0;
        check_large(op, in, &options);
        if (real && elementwise && strstr(op->info.accuracy, "fast ")) {
            options.fast = true;
            check_large(op, in, &options);
        }
        if (real && (op == &op_table[OP_mean] || op == &op_table[OP_var] || op == &op_table[OP_std])) {
            int first = axis < 0 ? 0 : axis;
            sheaf_view weights = random_view(SHEAF_F64, axis < 0 ? in[0].ndim : 1, in[0].shape + first, 5, COUNTS);
            for (int64_t i = 0; i < sheaf_view_size(&weights); i++)
                ((double *)weights.data)[i] = fabs(((double *)weights.data)[i]);
            options.weights = &weights;
            check_large(op, in, &options);
            free(weights.data);
        }
    }
}

START_TEST(test_large_calls)
{
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_F16, SHEAF_I16, SHEAF_BOOL,
                                         SHEAF_C64, SHEAF_U8,  SHEAF_I64, SHEAF_C128};
    static const int64_t shapes[][3] = {{140003, 0, 0}, {3, 47001, 0}, {7001, 19, 0}, {7, 41, 501},
                                        {12289, 0, 0},  {3, 4099, 0},  {701, 19, 0},  {3, 7, 601}};
    static const int ndims[] = {1, 2, 2, 3};
    const struct op *op = &op_table[_i];
    if (op->class >= CLASS_MATMUL || op->class == CLASS_ORDER || !available(op)) /* those have tests of their own */
        return;
    bool costly = op->cost > 0.6;
    for (int d = 0; d < (int)(sizeof dtypes / sizeof dtypes[0]); d++)
        for (int s = 0; s < (op_is_elementwise(op) ? costly ? 1 : 2 : 4); s++) {
            bool small = d > 5 || (d > 1 && (costly || TEAM_STEP > 1));
            sheaf_view in[SHEAF_MAX_INPUTS];
            for (int k = 0; k < op->info.nin; k++)
                in[k] = random_view(op == &op_table[OP_where] && k == 0 ? SHEAF_BOOL : dtypes[d], ndims[s],
                                    shapes[small ? s + 4 : s], 7 + 4 * (uint64_t)k, content_of(op, k, s != 1));
            check_large_axes(op, in);
            for (int k = 0; k < op->info.nin; k++)
                free(in[k].data);
        }
}
END_TEST

/* Products whose tiles are several in both directions, stacks, vectors. */
START_TEST(test_products)
{
    static const int64_t x[][3] = {{1, 700, 90}, {1, 300, 33}, {40, 9, 17}, {1, 1, 5000}};
    static const int64_t y[][3] = {{1, 90, 70}, {1, 33, 4500}, {40, 17, 11}, {1, 5000, 3}};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_I32, SHEAF_C64, SHEAF_C128, SHEAF_BOOL};
    const struct op *op = &op_table[OP_matmul];
    sheaf_options options;
    sheaf_options_init(&options);
    for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++) {
        sheaf_view in[2], want[1];
        in[0] = random_view(dtypes[d], 3, x[_i], 3, FINITE);
        in[1] = random_view(dtypes[d], 3, y[_i], 5, FINITE);
        call_op(op, in, &options, 1, want);
        check_call(op, 2, in, &options, want, LAYOUT_COUNT);
        free(in[0].data);
        free(in[1].data);
        free_outs(op, want);
    }
}
END_TEST

/* Results written to strided memory are those written to contiguous memory. */
START_TEST(test_strided_results)
{
    golden_load();
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        sheaf_view want[SHEAF_MAX_OUTPUTS], outs[SHEAF_MAX_OUTPUTS];
        void *memory[SHEAF_MAX_OUTPUTS];
        if (!available(c->op) || op_varies(c->op))
            continue;
        call_on(c->op, c->nin, c->in, &c->options, 1, want);
        for (int layout = LAYOUT_FORTRAN; layout < LAYOUT_COUNT; layout++) {
            team t = team_one();
            for (int k = 0; k < c->nout; k++)
                outs[k] = lay_out_as(&c->out[k], (enum layout)layout, &memory[k]);
            ck_ok(op_run(c->op, c->nin, c->in, &c->options, &t, outs, NULL, error));
            for (int k = 0; k < c->nout; k++) {
                void *copied;
                sheaf_view plain = lay_out_as(&outs[k], LAYOUT_C, &copied);
                check_same(c->op, c->in, &c->options, &plain, &want[k], "when written with strides");
                free(copied);
                free(memory[k]);
            }
        }
        free_outs(c->op, want);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: same bits");
    TCase *tc = tcase_create("bits");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, test_small_calls, 0, (int)cpu_isa_best() + 1);
    tcase_add_loop_test(tc, test_large_calls, 0, OP_COUNT);
    tcase_add_loop_test(tc, test_products, 0, 4);
    tcase_add_test(tc, test_strided_results);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
