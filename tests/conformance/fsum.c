/* fsum against math.fsum of Python 3.11, against sums whose exact value is known, and against itself in other orders.
 */

#include "reductions.h"

static const struct {
    size_t n;
    double x[8], sum;
} table[] = {
    {7,
     {0x1.249ad2594c37dp+332, 0x1.0000000000000p+0, -0x1.249ad2594c37dp+332, 0x1.bff2ee48e0530p-333,
      0x1.11b0ec57e649ap+166, -0x1.0000000000000p+0, -0x1.11b0ec57e649ap+166},
     0x1.bff2ee48e0530p-333},
    {3, {0x1.1c37937e08000p+53, 0x1.0000000000000p+0, 0x1.cd2b297d889bcp-54}, 0x1.1c37937e08001p+53},
    {3, {0x1.0000000000000p+53, -0x1.0000000000000p-1, -0x1.0000000000000p-54}, 0x1.fffffffffffffp+52},
    {3, {0x1.0000000000000p+53, 0x1.0000000000000p+0, 0x1.0000000000000p-100}, 0x1.0000000000001p+53},
    {3, {0x1.0000000000000p+53, 0x1.0000000000000p+0, -0x1.0000000000000p-100}, 0x1.0000000000000p+53},
    {3, {0x1.0000000000001p+53, 0x1.0000000000000p+0, 0}, 0x1.0000000000002p+53},
    {3, {0x0.0000000000001p-1022, 0x0.0000000000001p-1022, -0x0.0000000000001p-1022}, 0x0.0000000000001p-1022},
    {3, {0x1.0000000000000p-1022, -0x0.0000000000001p-1022, 0x0.0100000000000p-1022}, 0x1.00fffffffffffp-1022},
    {3, {0x1.fffffffffffffp+1023, 0x1.fffffffffffffp+969, -0x1.1a0fc668aac70p+930}, 0x1.fffffffffffffp+1023},
    {4,
     {0x1.fffffffffffffp+1023, -0x1.fffffffffffffp+1023, 0x1.0000000000000p+0, 0x1.56e1fc2f8f359p-997},
     0x1.0000000000000p+0},
    {4,
     {-0x1.0000000000000p+0, 0x1.0000000000000p-53, 0x1.0000000000000p-54, 0x1.0000000000000p-110},
     -0x1.ffffffffffffep-1},
    {8,
     {0x1.3de5c08b791f7p+10, -0x1.57210deee6618p-3, -0x1.66a16a2504ed1p-7, 0x1.f029d177949c4p-4, 0x1.0b33e963435fdp+8,
      -0x1.06b6e72ecbb6cp-5, 0x1.8f18500ba720ap+1, -0x1.430d8b79823a6p-8},
     0x1.81743d293fe3ap+10},
    {8,
     {-0x1.1e306913c22bcp+4, -0x1.43b512c01d144p-11, -0x1.460a3ca6e538cp-5, -0x1.941fce9412dd2p-5,
      -0x1.5d03acfc38f36p-5, 0x1.98fadbc161680p+0, 0x1.54f8313be406ep-7, 0x1.2159fe153d1a9p-2},
     -0x1.020ed29f70bd1p+4},
    {8,
     {-0x1.18921395b1a32p+30, 0x1.21cdb1d3d659cp-16, 0x1.f6243bac92246p-21, -0x1.f662419e3e117p+29,
      -0x1.1d2f39d065487p+59, -0x1.73001cf7fe522p-15, 0x1.094025e323e57p+39, 0x1.bb7c8818165efp+13},
     -0x1.1d2f294d00fcfp+59},
    {8,
     {-0x1.e7d85182fd93bp+29, -0x1.1faba83e90d56p-35, -0x1.4177f107dff16p+58, 0x1.b052d020ccbc1p-16,
      0x1.468deb4ecfaa4p-47, 0x1.5c14ed4977b76p-56, 0x1.721ff5ff4e92dp-49, -0x1.ae758b20d306dp+17},
     -0x1.4177f1171f8b2p+58},
    {8,
     {0x1.6b07c304be04cp+48, 0x1.6c9837167bc12p+258, -0x1.9ff97eabe6dd3p+23, 0x1.5ade5df31f1b6p-221,
      -0x1.389c4e560db7ep+16, 0x1.52b3fd6e16973p-252, -0x1.7c9850133884bp+246, 0x1.104b8f8f3085dp+51},
     0x1.6c806d917a8d9p+258},
    {8,
     {0x1.e94cefa9a96f2p+130, -0x1.1c85a87ea8c3ep-268, 0x1.ab1a55b5a8d34p-89, -0x1.7b36823769cb8p+277,
      -0x1.2161d91cb0186p+123, -0x1.566fb01bcfc09p+80, -0x1.1e172eb6101ecp+129, 0x1.484bae9d007d7p-128},
     -0x1.7b36823769cb8p+277},
    {8,
     {0x1.75cb2aef9effap+410, 0x1.f5450d5189cc5p-405, 0x1.cebd7c79b814fp-701, -0x1.c1063df49c8c9p+88,
      -0x1.2080c6bdfd167p+22, 0x1.5c38ba45b46d6p+6, 0x1.03e2c339064cap+122, 0x1.204fcbb24e31ap+627},
     0x1.204fcbb24e31ap+627},
    {8,
     {0x1.31d117b2ccabep+359, -0x1.4277af29c8497p-256, 0x1.55d1cbcf8abbcp-458, 0x1.74f6717e41ecfp-304,
      -0x1.14a6301b42203p-977, 0x1.0c079858c24a3p-487, 0x1.2bf0ca68c2074p-52, 0x1.5111eb3002dc2p+325},
     0x1.31d117b320f06p+359},
};
#define ROWS (sizeof table / sizeof table[0])

START_TEST(python_agrees)
{
    for (size_t i = 0; i < ROWS; i++) {
        double x[8];
        memcpy(x, table[i].x, sizeof x);
        ck_assert_msg(of("fsum", x, table[i].n) == table[i].sum, "row %zu: %a, not %a", i, of("fsum", x, table[i].n),
                      table[i].sum);
    }
}
END_TEST

static double random_double(uint64_t *seed, int spread)
{
    double unit = random_unit(seed) - 0.5;
    return ldexp(unit, (int)(random_u64(seed) % (uint64_t)(2 * spread)) - spread);
}

static void shuffle(double *x, size_t n, uint64_t *seed)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = random_u64(seed) % (i + 1);
        double kept = x[i];
        x[i] = x[j];
        x[j] = kept;
    }
}

/* Pairs that cancel hide a few numbers whose sum is known; spread: of the exponents. */
START_TEST(hidden_values)
{
    static const int spreads[] = {5, 60, 500, 1020};
    double *x = malloc(N * sizeof *x);
    uint64_t seed = 51;
    for (size_t i = 0; i + 1 < N; i += 2) {
        x[i] = random_double(&seed, spreads[_i]);
        x[i + 1] = -x[i];
    }
    x[N - 1] = -0x1p-1074;
    x[0] = -1;
    x[1] = 0x1p-53;
    x[2] = 0x1p-54;
    x[3] = 0;
    x[4] = x[5] = 0x1p1022;
    x[6] = -0x1p1023;
    x[7] = 0;
    const double want = -0x1.fffffffffffffp-1; /* of -1 + 2^-53 + 2^-54 - 2^-1074, just off a tie */
    sheaf_view v = row(x, SHEAF_F64, N);
    for (int turn = 0; turn < 4; turn++) {
        ck_assert_msg(call("fsum", &v, NULL, 1 + turn % 2) == want, "%a", call("fsum", &v, NULL, 1 + turn % 2));
        shuffle(x, N, &seed);
    }
    free(x);
}
END_TEST

/* The tie of 2^53 + 1, decided by what lies far below it. */
START_TEST(ties)
{
    double *x = calloc(N, sizeof *x);
    sheaf_view v = row(x, SHEAF_F64, N);
    x[5] = 0x1p53;
    x[100000] = 1;
    ck_assert_double_eq(call("fsum", &v, NULL, 2), 0x1p53);
    x[200000] = 0x1p-1074;
    ck_assert_double_eq(call("fsum", &v, NULL, 2), 0x1p53 + 2);
    x[200000] = -0x1p-1074;
    ck_assert_double_eq(call("fsum", &v, NULL, 2), 0x1p53);
    x[5] = 0x1p53 + 2;
    x[200000] = 0;
    ck_assert_double_eq(call("fsum", &v, NULL, 1), 0x1p53 + 4);
    free(x);
}
END_TEST

/* The long double sum is right to within its own error, and other orders give the same bits. */
START_TEST(orders)
{
    double *x = numbers(N, 53, 0.25, 4);
    float *single = malloc(N * sizeof *single);
    uint64_t seed = 59;
    long double want = 0, want32 = 0;
    for (size_t i = 0; i < N; i++) {
        single[i] = (float)x[i];
        want += x[i];
        want32 += single[i];
    }
    sheaf_view v = row(x, SHEAF_F64, N), s = row(single, SHEAF_F32, N);
    double first = call("fsum", &v, NULL, 1);
    near(first, want, EPS * fabsl(want) + N * 0x1p-64L * 4 * 1000);
    ck_assert_double_eq(call("fsum", &s, NULL, 1), (double)(float)want32);
    for (int turn = 0; turn < 3; turn++) {
        shuffle(x, N, &seed);
        ck_assert_double_eq(call("fsum", &v, NULL, 1 + turn % 2), first);
    }
    /* Many rows: each is the sum of its own. */
    sheaf_view rows = view(x, SHEAF_F64, 2, (int64_t[]){1000, 300}), out;
    sheaf_options o = along(1);
    call_op(op_find("fsum"), &rows, &o, 2, &out);
    for (int i = 0; i < 1000; i += 37)
        ck_assert_double_eq(((double *)out.data)[i], of("fsum", x + 300 * i, 300));
    free(out.data);
    o = along(0);
    call_op(op_find("fsum"), &rows, &o, 2, &out);
    double column[1000];
    for (int i = 0; i < 1000; i++)
        column[i] = x[300 * i + 7];
    ck_assert_double_eq(((double *)out.data)[7], of("fsum", column, 1000));
    free(out.data);
    free(x);
    free(single);
}
END_TEST

START_TEST(specials)
{
    double *x = calloc(N, sizeof *x);
    sheaf_view v = row(x, SHEAF_F64, N);
    x[0] = x[N - 1] = 0x1.fffffffffffffp1023;
    ck_assert(call("fsum", &v, NULL, 2) == INFINITY);
    x[4096] = -0x1.fffffffffffffp1023;
    ck_assert_double_eq(call("fsum", &v, NULL, 2), 0x1.fffffffffffffp1023);
    x[4096] = 0x1p970; /* half of the last place, which rounds up to infinity */
    x[N - 1] = 0;
    ck_assert(call("fsum", &v, NULL, 1) == INFINITY);
    x[4097] = -0x1p-1074;
    ck_assert_double_eq(call("fsum", &v, NULL, 1), 0x1.fffffffffffffp1023);
    x[9] = INFINITY;
    ck_assert(call("fsum", &v, NULL, 2) == INFINITY);
    x[200000] = -INFINITY;
    ck_assert(isnan(call("fsum", &v, NULL, 2)) && isnan(call("fsum", &v, NULL, 1)));
    x[200000] = NAN;
    ck_assert(isnan(call("fsum", &v, NULL, 2)));
    ck_assert_double_eq(of("fsum", x, 0), 0);
    float f[] = {0x1p127f, 0x1p127f, -0x1p-149f};
    v = row(f, SHEAF_F32, 3);
    ck_assert_double_eq(call("fsum", &v, NULL, 1), INFINITY); /* 2^128 - 2^-149 rounds to 2^128 */
    f[1] = 0x1.fffffep126f;
    ck_assert_double_eq(call("fsum", &v, NULL, 1), 0x1.fffffep127);
    free(x);
}
END_TEST

START_TEST(integers)
{
    int64_t *x = malloc(N * sizeof *x);
    uint8_t *small = malloc(N);
    uint64_t seed = 61;
    __extension__ __int128 sum = 0, unsigned_sum = 0, small_sum = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = (int64_t)random_u64(&seed);
        small[i] = (uint8_t)x[i];
        sum += x[i];
        unsigned_sum += (uint64_t)x[i];
        small_sum += small[i];
    }
    for (int threads = 1; threads <= 2; threads++) {
        sheaf_view v = row(x, SHEAF_I64, N);
        ck_assert_double_eq(call("fsum", &v, NULL, threads), (double)sum);
        v = row(x, SHEAF_U64, N);
        ck_assert_double_eq(call("fsum", &v, NULL, threads), (double)unsigned_sum);
        v = row(small, SHEAF_U8, N);
        ck_assert_double_eq(call("fsum", &v, NULL, threads), (double)small_sum);
    }
    int64_t edges[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, 3};
    sheaf_view v = row(edges, SHEAF_I64, 2);
    ck_assert_double_eq(call("fsum", &v, NULL, 1), -1);
    v = row(edges, SHEAF_I64, 4);
    ck_assert_double_eq(call("fsum", &v, NULL, 1), -0x1p63 + 3);
    free(x);
    free(small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: fsum");
    TCase *tc = tcase_create("fsum");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, python_agrees);
    tcase_add_loop_test(tc, hidden_values, 0, 4);
    tcase_add_test(tc, ties);
    tcase_add_test(tc, orders);
    tcase_add_test(tc, specials);
    tcase_add_test(tc, integers);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
