/* Reductions over rows that lie interleaved in memory: the bits of the same rows laid out one by one. */

#include "golden.h"

/* What a column may be made of. */
static double number(uint64_t *seed, int64_t column, char kind)
{
    const double x = floor(random_unit(seed) * 200) / 8 - 12;
    const uint64_t dice = random_u64(seed);
    if (kind != 'f' && kind != 'c')
        return column % 3 == 0 ? (double)(1 + (dice & 1)) : fabs(floor(x));
    switch (column % 11) {
    case 3:
        return dice % 50 == 0 ? NAN : x;
    case 4:
        return dice & 1 ? 0.0 : -0.0;
    case 5:
        return x * 1e-170 * (dice & 1 ? 1 : 1e-155);
    case 6:
        return x * 1e170;
    case 7:
        return dice % 40 == 0 ? INFINITY : dice % 40 == 1 ? -INFINITY : x;
    case 8:
        return 3.25;
    default:
        return random_unit(seed) * 3 - 1;
    }
}

static sheaf_view filled(sheaf_dtype dtype, const int64_t *shape, uint64_t seed)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, 3, shape, error));
    int64_t n = number_count(&v), parts = n / sheaf_view_size(&v);
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = number(&seed, i / parts % shape[2], dtype_kind(dtype));
    take_numbers(&v, x);
    return v;
}

static int compared; /* calls that were not refused */

/* in[1]: of in[0]'s shape, or stretched along the columns. */
static void check(const struct op *op, const sheaf_view *in, const sheaf_options *options)
{
    static const int axes[] = {0, 2, 1};
    sheaf_view turned, rows[2], want[SHEAF_MAX_OUTPUTS], got[SHEAF_MAX_OUTPUTS];
    void *memory[2];
    sheaf_options along = *options;
    along.naxes = 1;
    along.axes[0] = 1;
    if (op_infer(op, op->info.nin, in, &along, got, NULL) != SHEAF_OK)
        return;
    for (int k = 0; k < op->info.nin; k++) {
        ck_ok(sheaf_view_transpose(&in[k], axes, &turned, error));
        rows[k] = lay_out_as(&turned, LAYOUT_C, &memory[k]);
    }
    call_op(op, in, &along, 1 + (int)in[0].shape[0], got);
    along.axes[0] = 2;
    call_op(op, rows, &along, 1, want);
    for (int k = 0; k < op->info.nout; k++)
        ck_assert_msg(same_bits(got[k].data, want[k].data, (size_t)sheaf_view_size(&want[k]), want[k].dtype),
                      "%s: output %d", call_text(op, in, &along), k);
    for (int k = 0; k < op->info.nin; k++)
        free(memory[k]);
    free_outs(op, want);
    free_outs(op, got);
    compared++;
}

START_TEST(test_columns)
{
    static const int64_t shapes[][3] = {{1, 16, 600}, {2, 2, 70},    {2, 33, 17},   {1, 64, 1100},
                                        {3, 300, 5},  {1, 1030, 40}, {1, 4096, 20}, {2, 4200, 19}};
    const struct op *op = &op_table[_i];
    sheaf_options options;
    sheaf_options_init(&options);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int d = 0; d < SHEAF_DTYPE_COUNT; d++) {
            sheaf_view in[] = {filled((sheaf_dtype)d, shapes[s], 5), filled((sheaf_dtype)d, shapes[s], 7)};
            if (strncmp(op->info.name, "nanarg", 6) != 0 || shapes[s][1] > 2)
                check(op, in, &options);
            in[1].shape[2] = 1;
            if (op->info.nin > 1)
                check(op, in, &options);
            in[1].shape[2] = in[0].shape[2];
            sheaf_view weights = filled(SHEAF_F64, (int64_t[]){1, 1, shapes[s][1]}, 9);
            weights.ndim = 1;
            weights.shape[0] = shapes[s][1];
            weights.strides[0] = sizeof(double);
            for (int64_t i = 0; i < shapes[s][1]; i++)
                ((double *)weights.data)[i] = (double)(i % 5);
            options.weights = &weights;
            if (dtype_kind((sheaf_dtype)d) != 'b')
                check(op, in, &options);
            options.weights = NULL;
            free(weights.data);
            free(in[0].data);
            free(in[1].data);
        }
    ck_assert_msg(compared >= 8 * 12, "%s: %d calls compared", op->info.name,
                  compared); /* complex ones may be refused */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: columns");
    TCase *tc = tcase_create("columns");
    tcase_set_timeout(tc, 120);
    for (int i = 0; i < OP_COUNT; i++)
        if (op_table[i].class == CLASS_REDUCE)
            tcase_add_loop_test(tc, test_columns, i, i + 1);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
