/* Elementwise work on operands that lie across each other, as x.T + y, and on results larger than the caches: the bits
 * of the same work on contiguous copies. */

#include "golden.h"

static sheaf_view filled(sheaf_dtype dtype, int ndim, const int64_t *shape, uint64_t seed)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    int64_t n = number_count(&v);
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = floor(random_unit(&seed) * 100);
    take_numbers(&v, x);
    return v;
}

/* What one thread gives of contiguous copies in an output whose elements lie apart, so that it goes through the caches
 * whatever its size. The elements are put together again. */
static sheaf_view expected(const struct op *op, const sheaf_view *in, const sheaf_options *options)
{
    sheaf_view flat[3], result, wide, apart;
    void *memory[3], *dense;
    for (int k = 0; k < op->info.nin; k++)
        flat[k] = lay_out_as(&in[k], LAYOUT_C, &memory[k]);
    ck_ok(op_infer(op, op->info.nin, flat, options, &result, error));
    const int last = result.ndim - 1;
    result.shape[last] *= 2;
    ck_ok(sheaf_view_init(&wide, NULL, result.dtype, result.ndim, result.shape, error));
    wide.data = malloc((size_t)sheaf_view_size(&wide) * sheaf_dtype_size(wide.dtype));
    ck_ok(sheaf_view_slice(&wide, last, 0, wide.shape[last], 2, &apart, error));
    ck_ok(op_run(op, op->info.nin, flat, options, &(team){.threads = 1}, &apart, NULL, error));
    result = lay_out_as(&apart, LAYOUT_C, &dense);
    for (int k = 0; k < op->info.nin; k++)
        free(memory[k]);
    free(wide.data);
    return result;
}

static void check_call(const struct op *op, const sheaf_view *in, const sheaf_options *options, int threads)
{
    sheaf_view want = expected(op, in, options), got;
    call_op(op, in, options, threads, &got);
    ck_assert_msg(same_bits(got.data, want.data, (size_t)sheaf_view_size(&want), want.dtype), "%s, %d threads",
                  call_text(op, in, options), threads);
    free(want.data);
    free(got.data);
}

static void check(const char *name, const sheaf_view *in, int threads)
{
    check_call(op_find(name), in, NULL, threads);
}

/* Every pair of dtypes of different sizes, two and three dimensions, every permutation. */
START_TEST(test_permutations)
{
    static const int64_t shapes[][3] = {{37, 150, 1}, {150, 37, 1}, {5, 29, 67}, {129, 4, 6}, {3, 200, 200}};
    static const int axes[][3] = {{1, 0, 2}, {2, 1, 0}, {2, 0, 1}, {1, 2, 0}, {0, 2, 1}};
    static const sheaf_dtype dtypes[] = {SHEAF_I8, SHEAF_F16, SHEAF_F32, SHEAF_F64, SHEAF_C128};
    for (int a = 0; a < 5; a++)
        for (int d = 0; d < 25; d++) {
            sheaf_view x = filled(dtypes[d / 5], 3, shapes[_i], 3), in[2];
            ck_ok(sheaf_view_transpose(&x, axes[a], &in[0], error));
            sheaf_view y = filled(dtypes[d % 5], 3, in[0].shape, 5);
            in[1] = y;
            check("add", in, 1 + d % 3);
            in[1] = in[0];
            in[0] = y;
            check("add", in, 2);
            check("square", &in[1], 3);
            free(x.data);
            free(y.data);
        }
}
END_TEST

/* More bytes than go through the caches: contiguous, across, strided, with a scalar operand, of another dtype. */
START_TEST(test_large)
{
    int64_t shape[] = {1300, 1001}, one[] = {1, 1};
    sheaf_view x = filled(SHEAF_F64, 2, shape, 7), y = filled(SHEAF_F32, 2, (int64_t[]){1001, 1300}, 9), in[2];
    sheaf_view scalar = filled(SHEAF_F64, 2, one, 1);
    in[0] = x;
    check("square", in, _i);
    in[1] = scalar;
    check("add", in, _i);
    ck_ok(sheaf_view_transpose(&y, NULL, &in[1], error));
    check("add", in, _i);
    ck_ok(sheaf_view_transpose(&x, NULL, &in[0], error));
    check("square", in, _i);
    ck_ok(sheaf_view_slice(&x, 1, 1000, -1002, -1, &in[0], error));
    check("square", in, _i);
    free(x.data);
    free(y.data);
    free(scalar.data);
}
END_TEST

/* A large result written onto its input. */
START_TEST(test_large_in_place)
{
    int64_t n = 1500000;
    sheaf_view x = filled(SHEAF_F64, 1, &n, 11), want;
    team t = {.threads = _i};
    call_op(op_find("square"), &x, NULL, 1, &want);
    ck_ok(op_run(op_find("square"), 1, &x, NULL, &t, &x, NULL, error));
    ck_assert(same_bits(x.data, want.data, (size_t)n, SHEAF_F64));
    free(x.data);
    free(want.data);
}
END_TEST

/* Large scans. */
START_TEST(test_large_scans)
{
    static const char *const names[] = {"cumsum", "cumprod", "cummin", "cummax"};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_C128, SHEAF_I64};
    const int64_t shape[] = {3, 800001};
    for (int c = 0; c < 16; c++) {
        const struct op *op = op_find(names[c / 4]);
        if (c / 4 >= 2 && dtypes[c % 4] == SHEAF_C128)
            continue;
        sheaf_view x = filled(dtypes[c % 4], 2, shape, 13);
        sheaf_options options;
        sheaf_options_init(&options);
        options.naxes = 1;
        options.axes[0] = 1;
        if (x.dtype != SHEAF_I64)
            ck_ok(op_run(op_find("sqrt"), 1, &x, NULL, &(team){.threads = 1}, &x, NULL, error)); /* sums that round */
        check_call(op, &x, &options, _i);
        free(x.data);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: across");
    TCase *tc = tcase_create("across");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_permutations, 0, 5);
    tcase_add_loop_test(tc, test_large, 1, 4);
    tcase_add_loop_test(tc, test_large_in_place, 1, 3);
    tcase_add_loop_test(tc, test_large_scans, 1, 4);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
