/* Fused chains against their functions run one by one, to the bit. */

#include "base/alloc.h"
#include "base/pool.h"
#include "fuse_chains.h"

/* ---- fused ---- */

#define LEAST_SHARED 4000 /* elements; fewer are never shared out */

static void check_fused(const struct chain *c, const char *text, const sheaf_view *in, const struct expected *e,
                        int layout, int threads)
{
    sheaf_view outs[FUSE_MOST_ENDS * 5];
    const team t = {.threads = threads};
    int n = 0;
    for (int k = 0; k < c->f.nends; k++)
        for (int i = 0; i < (c->ends[k].op ? c->ends[k].op->info.nout : 1); i++, n++)
            outs[n] =
                room_like(&e->outs[n], (!c->ends[k].op || c->ends[k].op->class == CLASS_SCAN) && (layout + k) % 3 == 1);
    ck_ok(fuse_run(&c->f, in, &t, outs, error));
    for (int k = 0; k < n; k++) {
        sheaf_view got = outs[k];
        char shape[SHAPE_TEXT];
        if (!sheaf_view_is_contiguous(&got)) {
            got = e->outs[k];
            golden_place(NULL, 0, &got, NULL);
            ck_ok(sheaf_view_copy(&outs[k], &got, error));
            free(outs[k].data);
        }
        ck_assert_msg(same_bits(got.data, e->outs[k].data, (size_t)sheaf_view_size(&got), got.dtype),
                      "%s: output %d of %s %s, layout %d, %d threads, %s kernels", text, k, sheaf_dtype_name(in->dtype),
                      shape_text(in->ndim, in->shape, shape), layout, threads, isa_name(cpu_isa()));
        free(got.data);
    }
}

/* Axes that are not the last ones, those before and those behind must each be seen as one; where they are not, or there
 * are no two rows and columns, it need not fit. Without steps all of it must be sums of some kind, or scans. */
static bool must_fit(const struct chain *c, const sheaf_view *in, int layout)
{
    int64_t rows = 1, columns = 1;
    bool sums = true;
    if (c->f.nends == 0 || !c->ends[0].op)
        return true;
    const struct fuse_axes axes = fuse_axes(c->ends[0].op, c->ends[0].options, in->ndim);
    if (axes.first + axes.count >= in->ndim)
        return true;
    for (int i = axes.first; i < in->ndim; i++)
        *(i < axes.first + axes.count ? &rows : &columns) *= in->shape[i];
    for (int e = 0; e < c->f.nends; e++) {
        const struct op *op = c->ends[e].op;
        if (op && op->class == CLASS_SCAN)
            sums = sums && !(op->kernel == S_cumprod && dtype_is_complex(in->dtype));
        else
            sums = sums && (!op || (op->kernel != R_prod && !dtype_is_complex(in->dtype) && in->dtype != SHEAF_F16));
    }
    return layout == PLAIN && rows > MOMENT_BLOCK && columns > 1 && in->shape[0] > 0 && sums;
}

static void check_inputs(const struct chain *c, const char *text, const sheaf_view *in, int layout)
{
    struct expected e;
    int best = ISA_PLAIN;
    while (kernels_at(best + 1))
        best++;
    cpu_isa_force((enum isa)best);
    if (!expect(&e, c, in))
        return;
    const bool fits = fuse_fits(&c->f, in);
    ck_assert_msg(fits || !must_fit(c, in, layout), "%s: does not fit %s, layout %d", text, sheaf_dtype_name(in->dtype),
                  layout);
    if (!fits) {
        expected_free(&e, c->f.nsteps);
        return;
    }
    const size_t teams = sheaf_view_size(&in[0]) < LEAST_SHARED ? 1 : TEAM_SIZES;
    for (int isa = RACES_ONLY ? best : ISA_PLAIN; isa <= best; isa++) {
        cpu_isa_force((enum isa)isa);
        for (size_t k = RACES_ONLY ? teams - 1 : 0; k < (isa == best ? teams : 1); k += TEAM_STEP)
            check_fused(c, text, in, &e, layout, team_sizes[k]);
    }
    expected_free(&e, c->f.nsteps);
}

#ifdef __SANITIZE_ADDRESS__ /* memory is looked at, not bits again */
#define SLOWER 9
#else
#define SLOWER 1
#endif
/* Sanitizers see every other dtype of a large shape, by shape and chain others. */
#define EVERY (SLOWER > 1 || RACES_ONLY ? 2u : 1u)

static void check_shape(int chain, sheaf_dtype dtype, int ndim, const int64_t *shape, int step)
{
    struct chain c;
    const char *text = *chains[chain][0] ? chains[chain][0] : chains[chain][1];
    chain_parse(&c, chains[chain]);
    for (int e = 0; e < c.f.nends; e++)
        if (c.options[e].naxes > ndim && c.ends[e].op)
            return;
    int64_t n = 1;
    for (int d = 0; d < ndim; d++)
        n *= shape[d];
    if (RACES_ONLY && n < LEAST_SHARED)
        return;
    /* Some of the layouts, by chain and dtype others. */
    const int by = step * SLOWER < LAYOUTS ? step * SLOWER : LAYOUTS;
    for (int layout = ndim == 0 ? 0 : (chain + (int)dtype) % by; layout < (ndim == 0 ? 1 : LAYOUTS);
         layout += RACES_ONLY ? 5 : by) {
        /* a keeps its shape, one of the others has that layout too, one another */
        const int layouts[] = {layout >= ROW && layout != PADDED ? PLAIN : layout, layout, (layout * 5 + 2) % LAYOUTS};
        sheaf_view in[3];
        void *memory[3];
        for (int k = 0; k < 3; k++)
            in[k] = make_input(k == 1 && layout % 2 ? SHEAF_F64 : dtype, ndim, shape, layouts[k],
                               (size_t)(chain + 5 * k + layout), &memory[k]);
        check_inputs(&c, text, in, layout);
        for (int k = 0; k < 3; k++)
            free(memory[k]);
    }
}

static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_I32, SHEAF_U8, SHEAF_BOOL, SHEAF_C128, SHEAF_F16};

START_TEST(small_and_odd)
{
    static const int64_t shapes[][4] = {
        {0},       {1, 1},    {1, 7},      {1, 100},     {1, 513},      {1, 0},         {2, 3, 4},
        {2, 0, 5}, {2, 5, 0}, {2, 50, 64}, {2, 1000, 3}, {3, 5, 70, 3}, {3, 4, 5, 300}, {2, 600, 1},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++)
            check_shape(_i, dtypes[d], (int)shapes[s][0], shapes[s] + 1, 1);
}
END_TEST

START_TEST(of_many_blocks)
{
    static const int64_t shapes[][4] = {{1, 4095}, {1, 4096}, {1, 4097}, {1, 10000}, {2, 7, 5000}, {3, 2, 3000, 3}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++)
            check_shape(_i, dtypes[d], (int)shapes[s][0], shapes[s] + 1, 1);
}
END_TEST

START_TEST(down)
{
    static const int64_t shapes[][4] = {
        {2, 2500, 40}, {2, 9000, 20},   {2, 1025, 17},    {2, 1024, 18},  {2, 4097, 5},
        {2, 4096, 33}, {3, 2500, 3, 7}, {2, 12, 5000},    {2, 600, 600},  {3, 3, 1500, 7},
        {2, 1, 9},     {2, 2, 2},       {3, 2, 5000, 33}, {3, 300, 5, 3}, {3, 20, 130, 50},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t d = EVERY > 1 ? (s + (size_t)_i) % EVERY : 0; d < sizeof dtypes / sizeof dtypes[0]; d += EVERY)
            check_shape(_i, dtypes[d], (int)shapes[s][0], shapes[s] + 1, 5);
    check_shape(_i, SHEAF_F32, 2, (const int64_t[]){70001, 17}, 4);
    check_shape(_i, SHEAF_F64, 2, (const int64_t[]){5000, 1003}, 5);
}
END_TEST

/* Shared out, and past the caches. */
START_TEST(large)
{
    check_shape(_i, SHEAF_F32, 2, (const int64_t[]){3, 70001}, 2);
    check_shape(_i, SHEAF_F64, 1, (const int64_t[]){(1 << 20) + 19}, 5);
}
END_TEST

/* ---- what does not fit ---- */

static bool fits(const char *steps, const char *ends, const sheaf_view *in)
{
    struct chain c;
    chain_parse(&c, (const char *const[]){steps, ends});
    return fuse_fits(&c.f, in);
}

START_TEST(refusals)
{
    const int64_t shape[] = {100, 100}, n = 100;
    int64_t two = 2, minus = -2;
    sheaf_view in[3], exponent;
    for (int k = 0; k < 3; k++)
        in[k] = awkward_view(SHEAF_I32, 2, shape, (size_t)k, 0);
    ck_assert(!fits("pow a b", "0", in));
    ck_assert(fits("mul a b", "0", in));
    ck_assert(!fits("mul a b", "0 sum axis=0;0 sum axis=1", in));
    ck_assert(!fits("mul a b", "0 argmin axis=0", in));
    ck_assert(!fits("mul a b", "0 sum axis=1;1 sum", in));
    ck_assert(!fits("mul a b", "0 fsum", in));
    ck_assert(!fits("mul a b;sort 0", "1", in));
    ck_assert(fits("mul a b", "0 cumsum axis=0", in));
    ck_assert(!fits("mul a b", "0 cumsum axis=0;0 cumsum axis=1", in));
    ck_assert(!fits("mul a b", "0 cumsum;0 sum axis=1", in));
    ck_assert(!fits("mul a 0", "0", in));
    exponent = in[1];
    in[1].ndim = 0;
    in[1].dtype = SHEAF_I64;
    in[1].data = &two;
    ck_assert(fits("pow a b", "0", in));
    in[1].data = &minus;
    ck_assert(!fits("pow a b", "0", in));
    in[1] = exponent;
    ck_ok(sheaf_view_transpose(&exponent, NULL, &in[1], error));
    ck_assert(!fits("mul a b", "0", in));
    in[1].ndim = 1;
    in[1].shape[0] = n - 1;
    ck_assert(!fits("mul a b", "0", in));
    free(in[0].data);
    free(exponent.data);
    free(in[2].data);
}
END_TEST

/* What a scan makes goes where no matrix lies, too. */
START_TEST(odd_places)
{
    const int64_t shape[] = {300, 5, 7};
    struct chain c;
    struct expected e;
    sheaf_view in[3];
    chain_parse(&c, (const char *const[]){"sub a b;mul 0 c", "1 cumsum axis=0;0;1 mean axis=0"});
    for (int k = 0; k < 3; k++)
        in[k] = awkward_view(SHEAF_F32, 3, shape, (size_t)k, 0);
    ck_assert(expect(&e, &c, in));
    sheaf_view outs[3];
    for (int k = 0; k < 3; k++)
        outs[k] = room_like(&e.outs[k], false);
    for (int k = 0; k < 2; k++) {
        const int64_t size = (int64_t)sheaf_dtype_size(outs[k].dtype);
        const int64_t strides[] = {35 * size, size, 5 * size};
        memcpy(outs[k].strides, strides, sizeof strides);
    }
    ck_ok(fuse_run(&c.f, in, &(team){.threads = 2}, outs, error));
    for (int k = 0; k < 3; k++) {
        sheaf_view got = e.outs[k];
        golden_place(NULL, 0, &got, NULL);
        ck_ok(sheaf_view_copy(&outs[k], &got, error));
        ck_assert(same_bits(got.data, e.outs[k].data, (size_t)sheaf_view_size(&got), got.dtype));
        free(got.data);
        free(outs[k].data);
        free(in[k].data);
    }
    expected_free(&e, c.f.nsteps);
}
END_TEST

START_TEST(no_memory)
{
    const int64_t n = 200000;
    sheaf_view in[3], outs[2];
    struct chain c;
    sheaf_error e;
    int failures = 0;
    const team t = {.threads = 2};
    chain_parse(&c, (const char *const[]){"sub a b;exp 0", "1 mean;0 std"});
    for (int k = 0; k < 3; k++)
        in[k] = awkward_view(SHEAF_F64, 1, &n, (size_t)k, 0);
    double results[2];
    for (int k = 0; k < 2; k++)
        ck_ok(sheaf_view_init(&outs[k], &results[k], SHEAF_F64, 0, NULL, error));
    for (sheaf_status status = SHEAF_NO_MEMORY; status; failures++) {
        pool_trim();
        mem_fail_at(failures + 1, 0);
        status = fuse_run(&c.f, in, &t, outs, &e);
        mem_fail_at(0, 0);
        ck_assert(!status || (status == SHEAF_NO_MEMORY && strstr(e.message, "memory")));
        pool_trim();
        ck_assert_int_eq(mem_live(), 0);
    }
    ck_assert_int_eq(failures, 3); /* of tiles, of parts, none */
    for (int k = 0; k < 3; k++)
        free(in[k].data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: fuse");
    TCase *t = tcase_create("fuse");
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, small_and_odd, 0, CHAINS);
    tcase_add_loop_test(t, of_many_blocks, 0, CHAINS);
    tcase_add_loop_test(t, large, 0, CHAINS);
    tcase_add_loop_test(t, down, FIRST_DOWN, CHAINS);
    tcase_add_test(t, refusals);
    tcase_add_test(t, odd_places);
    tcase_add_test(t, no_memory);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
