/* The simulator of benchmarks/simulate: where the answer has a closed form, it is that one. */

#include "schedule.h"
#include "support.h"
#include <stdlib.h>

enum {
    MOST = 4000
};
static struct work work[MOST];
static float estimates[MOST];

static void equal(size_t n, double ns, double bytes)
{
    for (size_t i = 0; i < n; i++) {
        work[i] = (struct work){ns, bytes};
        estimates[i] = (float)ns;
    }
}

static double run(size_t n, bool divisible, struct machine m)
{
    return simulate(work, estimates, n, divisible, &m);
}

START_TEST(equal_items_fill_the_threads)
{
    static const int threads[] = {1, 2, 7, 100};
    for (int t = 0; t < 4; t++)
        for (size_t rounds = 1; rounds <= 30; rounds += 29) {
            const size_t n = rounds * (size_t)threads[t];
            struct machine m = {.threads = threads[t]};
            equal(n, 100e3, 0);
            ck_assert(run(n, false, m) == (double)rounds * 100e3);
            ck_assert(lower_bound(work, n, false, &m) == (double)rounds * 100e3);
            m.item_ns = 50;
            m.team_ns = 1000;
            ck_assert(run(n, false, m) == (double)rounds * 100050 + 1000 * (threads[t] - 1));
            /* One more makes another round. */
            equal(n + 1, 100e3, 0);
            ck_assert(run(n + 1, false, (struct machine){.threads = threads[t]}) == (double)(rounds + 1) * 100e3);
        }
}
END_TEST

START_TEST(one_item_is_as_long_as_it_is)
{
    equal(1, 1e9, 0);
    for (int threads = 1; threads <= 256; threads *= 2) {
        const struct machine m = {.threads = threads, .item_ns = 100, .team_ns = 0};
        ck_assert(run(1, false, m) == 1e9 + 100);
        ck_assert(run(1, true, m) == 1e9 / threads + 100);
        ck_assert(lower_bound(work, 1, false, &m) == 1e9);
        ck_assert(lower_bound(work, 1, true, &m) == 1e9 / threads);
    }
    ck_assert(run(1, true, (struct machine){.threads = 3, .team_ns = 500}) == 1e9 / 3 + 2 * 500);
    ck_assert(run(0, true, (struct machine){.threads = 3}) == 0);
}
END_TEST

/* Four threads that each move 2 bytes a nanosecond share 4: everything takes as long as its bytes do. */
START_TEST(bandwidth_is_shared)
{
    const struct machine m = {.threads = 4, .bandwidth = 4}, wide = {.threads = 4, .bandwidth = 100};
    equal(400, 100e3, 200e3);
    ck_assert_double_eq_tol(run(400, false, m), 400 * 200e3 / 4, 1);
    ck_assert(lower_bound(work, 400, false, &m) == 400 * 200e3 / 4);
    ck_assert(run(400, false, wide) == 100 * 100e3);
    equal(1, 1e9, 2e9);
    ck_assert(run(1, true, m) == 2e9 / 4);
    ck_assert(run(1, true, wide) == 1e9 / 4);
}
END_TEST

/* Whoever takes what is next when he is free is at most the longest item worse than the best (Graham 1969), and never
 * better than the bound. */
START_TEST(random_batches_keep_grahams_bound)
{
    uint64_t seed = (uint64_t)_i + 1;
    for (int round = 0; round < 20; round++) {
        const size_t n = 1 + random_u64(&seed) % (MOST - 1);
        struct machine m = {.threads = 1 + (int)(random_u64(&seed) % 64)};
        double all = 0, longest = 0;
        for (size_t i = 0; i < n; i++) {
            /* Nothing so cheap that pieces of several are taken. */
            work[i] = (struct work){20e3 + 1e6 * random_unit(&seed) * random_unit(&seed), 0};
            estimates[i] = (float)(work[i].ns * (0.8 + 0.4 * random_unit(&seed)));
            all += work[i].ns;
            longest = work[i].ns > longest ? work[i].ns : longest;
        }
        const double taken = run(n, false, m), bound = lower_bound(work, n, false, &m);
        ck_assert_double_ge(taken, bound * (1 - 1e-9));
        ck_assert_double_le(taken, (all / m.threads + longest) * (1 + 1e-9));
        ck_assert_double_ge(run(n, true, m), all / m.threads * (1 - 1e-9));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simulate");
    TCase *tests = tcase_create("simulate");
    tcase_add_test(tests, equal_items_fill_the_threads);
    tcase_add_test(tests, one_item_is_as_long_as_it_is);
    tcase_add_test(tests, bandwidth_is_shared);
    tcase_add_loop_test(tests, random_batches_keep_grahams_bound, 0, 4);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
