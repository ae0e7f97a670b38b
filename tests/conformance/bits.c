/* Same bits: whatever the layout, the number of threads, the ISA level. */

#include "base/cpu.h"
#include "blas/blas.h"
#include "golden.h"

static const int team_sizes[] = {1, 2, 3, 7};

static void check_same(const struct op *op, const sheaf_view *in, const sheaf_options *options, const sheaf_view *got,
                       const sheaf_view *want, const char *how)
{
    ck_assert_msg(same_bits(got->data, want->data, (size_t)sheaf_view_size(want), want->dtype),
                  "%s: other bits %s, %s kernels", call_text(op, in, options), how, isa_name(cpu_isa()));
}

/* Results of `want`, which plain kernels made from C order alone, in the first so many layouts on teams of 1 or more.
 */
static void check_call(const struct op *op, const sheaf_view *in, const sheaf_options *options, const sheaf_view *want,
                       int layouts)
{
    for (int layout = 0; layout < layouts; layout++) {
        sheaf_view laid[2], outs[SHEAF_MAX_OUTPUTS];
        void *memory[2] = {NULL, NULL};
        for (int k = 0; k < op->info.nin; k++)
            laid[k] = lay_out_as(&in[k], (enum layout)layout, &memory[k]);
        for (size_t i = 0; i < sizeof team_sizes / sizeof team_sizes[0]; i++) {
            char how[64];
            snprintf(how, sizeof how, "in layout %d on %d threads", layout, team_sizes[i]);
            call_op(op, laid, options, team_sizes[i], outs);
            for (int k = 0; k < op->info.nout; k++)
                check_same(op, in, options, &outs[k], &want[k], how);
            free_outs(op, outs);
        }
        free(memory[0]);
        free(memory[1]);
    }
}

static bool available(const struct op *op)
{
    return op->class != CLASS_TRANSFORM || fft_available();
}

START_TEST(test_small_calls)
{
    golden_load(NULL);
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        if (!available(c->op))
            continue;
        sheaf_view want[SHEAF_MAX_OUTPUTS];
        cpu_isa_force(ISA_PLAIN);
        call_op(c->op, c->in, &c->options, 1, want);
        cpu_isa_force((enum isa)_i);
        check_call(c->op, c->in, &c->options, want, LAYOUT_COUNT);
        free_outs(c->op, want);
    }
}
END_TEST

/* ---- large arrays: several blocks a row, several pieces a team ---- */

/* Numbers of every magnitude that matters, now and then a special one; small where the function wants integers. */
static sheaf_view random_view(sheaf_dtype dtype, int ndim, const int64_t *shape, uint64_t seed, bool specials)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    bool complex = dtype_kind(dtype) == 'c';
    int64_t n = sheaf_view_size(&v) * (complex ? 2 : 1);
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) {
        uint64_t dice = random_u64(&seed);
        x[i] = (random_unit(&seed) - 0.5) * 8;
        if (dtype_kind(dtype) == 'b')
            x[i] = x[i] > 0;
        else if (dtype_kind(dtype) == 'u')
            x[i] = floor(x[i] + 4);
        else if (dtype_kind(dtype) == 'i')
            x[i] = floor(x[i]);
        else if (specials && dice % 5000 == 0)
            x[i] = dice & 65536 ? NAN : -0.0;
    }
    sheaf_view from, to;
    v.data = malloc((size_t)n * sheaf_dtype_size(dtype));
    ck_ok(sheaf_view_init(&from, x, SHEAF_F64, 1, &n, error));
    ck_ok(sheaf_view_init(&to, v.data, dtype_real(dtype), 1, &n, error));
    ck_ok(sheaf_view_copy(&from, &to, error));
    free(x);
    return v;
}

static void check_large(const struct op *op, sheaf_dtype dtype, int ndim, const int64_t *shape,
                        const sheaf_options *options, bool specials)
{
    sheaf_view in[2], want[SHEAF_MAX_OUTPUTS], unused[SHEAF_MAX_OUTPUTS];
    in[0] = random_view(dtype, ndim, shape, 7, specials);
    in[1] = random_view(dtype, ndim, shape, 11, specials);
    bool negative_powers = op == &op_table[OP_pow] && dtype_kind(dtype) == 'i';
    if (!negative_powers && op_infer(op, in, options, unused, NULL) == SHEAF_OK) {
        cpu_isa_force(ISA_PLAIN);
        call_op(op, in, options, 1, want);
        cpu_isa_force(ISA_AVX512);
        check_call(op, in, options, want, dtype == SHEAF_F64 ? LAYOUT_SLICED : LAYOUT_FORTRAN);
        cpu_isa_force(ISA_AVX2);
        check_call(op, in, options, want, 1);
        free_outs(op, want);
    }
    free(in[0].data);
    free(in[1].data);
}

START_TEST(test_large_calls)
{
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_F16, SHEAF_I16, SHEAF_BOOL, SHEAF_C64};
    static const int64_t shapes[][3] = {{200003, 0, 0}, {3, 70001, 0}, {10007, 19, 0}, {7, 41, 701}};
    static const int ndims[] = {1, 2, 2, 3};
    const struct op *op = &op_table[_i];
    if (op->class == CLASS_MATMUL || !available(op))
        return;
    for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++)
        for (int s = 0; s < 4; s++)
            for (int axis = -1; axis < ndims[s]; axis++) {
                sheaf_options options;
                sheaf_options_init(&options);
                options.naxes = axis >= 0;
                options.axes[0] = axis;
                bool elementwise = op->class == CLASS_UNARY || op->class == CLASS_BINARY;
                if (elementwise && (axis >= 0 || s > 1))
                    continue;
                check_large(op, dtypes[d], ndims[s], shapes[s], &options, s != 1);
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
    for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++) {
        sheaf_view in[2], want[1];
        in[0] = random_view(dtypes[d], 3, x[_i], 3, false);
        in[1] = random_view(dtypes[d], 3, y[_i], 5, false);
        call_op(op, in, NULL, 1, want);
        check_call(op, in, NULL, want, LAYOUT_COUNT);
        free(in[0].data);
        free(in[1].data);
        free_outs(op, want);
    }
}
END_TEST

/* Results written to strided memory are those written to contiguous memory. */
START_TEST(test_strided_results)
{
    golden_load(NULL);
    for (int i = 0; i < golden_ncases; i++) {
        const struct golden_case *c = &golden_cases[i];
        sheaf_view want[SHEAF_MAX_OUTPUTS], outs[SHEAF_MAX_OUTPUTS];
        void *memory[SHEAF_MAX_OUTPUTS];
        if (!available(c->op))
            continue;
        call_op(c->op, c->in, &c->options, 1, want);
        for (int layout = LAYOUT_FORTRAN; layout < LAYOUT_COUNT; layout++) {
            team t = team_one();
            for (int k = 0; k < c->nout; k++)
                outs[k] = lay_out_as(&c->out[k], (enum layout)layout, &memory[k]);
            ck_ok(op_run(c->op, c->in, &c->options, &t, outs, error));
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
