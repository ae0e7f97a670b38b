/* Kernels of windows and filters: every level gives the bits of plain C, in one call or several. */

#include "kernels_data.h"
#include <stdlib.h>

#define MOST 800

static const size_t windows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 23, 40, 64, 100, 135, 600};
#define WINDOWS (sizeof windows / sizeof windows[0])

static double x[MOST + 64], y[MOST], want[MOST];

static int same(const double *a, const double *b, size_t n)
{
    return same_bits(a, b, n, SHEAF_F64);
}

static void fill(double *p, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        p[i] = value;
}

/* ---- sums and extremes ---- */

static int run_window(int level, int kind, size_t window, size_t first, double *to)
{
    const struct kernels *k = kernels_at(level);
    const double none = kind == W_sum ? -0.0 : kind == W_min ? INFINITY : -INFINITY;
    const size_t rows = window / 8;
    double *behind = malloc((2 * rows + 1) * 8 * sizeof *behind);
    struct window_state w = {.window = window, .behind = behind, .rest = behind + (rows + 1) * 8};
    fill(behind, (2 * rows + 1) * 8, none);
    fill(w.last[0], 24, none);
    fill(w.carry, 8, none);
    fill(w.local, 8, none);
    int missing = k->window[kind](first, x, to, &w);
    missing |= k->window[kind](MOST / 8 - first, x + 8 * first, to + 8 * first, &w);
    free(behind);
    return missing;
}

/* Straight from the definition, for what does not depend on the order. */
static double extreme_at(int kind, size_t window, size_t i)
{
    double best = kind == W_min ? INFINITY : -INFINITY;
    for (size_t j = i + 1 > window ? i + 1 - window : 0; j <= i; j++) {
        if (isnan(x[j]))
            continue;
        const bool better = kind == W_min ? x[j] < best : x[j] > best;
        if (better || (x[j] == best && (signbit(x[j]) != 0) == (kind == W_min)))
            best = x[j];
    }
    return best;
}

START_TEST(sums_and_extremes)
{
    for (size_t s = 0; s < WINDOWS; s++)
        for (unsigned data = 0; data < 4; data++) {
            kernel_data_kind(K_F64, MOST, x, s + 3, data);
            const int missing = run_window(0, _i, windows[s], MOST / 8, want);
            ck_assert_int_eq(missing != 0, data == 0);
            for (size_t i = 0; _i != W_sum && i < MOST; i++)
                want[i] = extreme_at(_i, windows[s], i);
            for (int level = 0; kernels_at(level); level++)
                for (size_t first = 0; first < 3; first++) {
                    ck_assert_int_eq(run_window(level, _i, windows[s], first * 7, y) != 0, data == 0);
                    ck_assert_msg(same(y, want, MOST), "kind %d, window %zu, data %u, level %d", _i, windows[s], data,
                                  level);
                }
        }
}
END_TEST

/* ---- moments ---- */

static void run_moments(int level, size_t window, size_t counted, double *to)
{
    const struct kernels *k = kernels_at(level);
    const size_t rows = window / 8;
    struct window_weights *weights = calloc(rows + 1, sizeof *weights);
    double *behind = calloc((2 * rows + 1) * WINDOW_MOMENTS, sizeof *behind);
    struct window_moments w = {
        .window = window, .behind = behind, .rest = behind + (rows + 1) * WINDOW_MOMENTS, .weights = weights};
    for (size_t t = 0; t < rows; t++) {
        const double before = (double)(8 * t), after = (double)(8 * (rows - 1 - t));
        struct window_weights *of = &weights[t];
        of->prefix[0] = 8 / (before + 8);
        of->prefix[1] = before * of->prefix[0];
        of->suffix[0] = after / (8 + after);
        of->suffix[1] = 8 * of->suffix[0];
        of->both[0] = (before + 8) / (double)(8 * rows);
        of->both[1] = after * of->both[0];
    }
    k->window_moments[1](counted, x, to, &w);
    k->window_moments[0](MOST / 8 - counted, x + 8 * counted, to + 8 * counted, &w);
    free(weights);
    free(behind);
}

/* Whether missing ones are looked for makes no difference where there are none. */
START_TEST(moments)
{
    for (size_t s = 0; s < WINDOWS; s++)
        for (unsigned data = 0; data < 4; data++) {
            kernel_data_kind(K_F64, MOST, x, s + 5, data);
            run_moments(0, windows[s], MOST / 8, want);
            for (int level = 0; kernels_at(level); level++) {
                run_moments(level, windows[s], MOST / 8, y);
                ck_assert_msg(same(y, want, MOST), "window %zu, data %u, level %d", windows[s], data, level);
                if (data == 0 || windows[s] > MOST / 2 - 32)
                    continue;
                run_moments(level, windows[s], 2 * (windows[s] / 8) + 2, y);
                ck_assert_msg(same(y, want, MOST), "full: window %zu, data %u, level %d", windows[s], data, level);
            }
        }
}
END_TEST

START_TEST(quotients)
{
    static double by[MOST];
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (size_t i = 0; i < MOST; i++) {
            by[i] = (double)(i + 1);
            x[i] = y[i] = by[i] * (double)(i % 13);
        }
        k->divide_each(MOST / 8, y, by, 0);
        for (size_t i = 0; i < MOST; i++)
            ck_assert_double_eq(y[i], (double)(i % 13));
        kernel_data_kind(K_F64, MOST, y, 3, 0);
        memcpy(want, y, sizeof want);
        fill(by, MOST, 49);
        k->divide_each(MOST / 8, y, by, _i);
        k->divide_all(MOST / 8, want, 49, _i);
        ck_assert(same(y, want, MOST));
        kernel_data_kind(K_F64, MOST, want, 3, 0);
        kernels_at(0)->divide_all(MOST / 8, want, 49, _i);
        ck_assert(same(y, want, MOST));
        x[5] = NAN;
        ck_assert(k->any_missing(MOST / 8, x) && !k->all_finite(MOST / 8, x));
        x[5] = -INFINITY;
        ck_assert(!k->any_missing(MOST / 8, x) && !k->all_finite(MOST / 8, x));
        x[5] = 0;
        ck_assert(!k->any_missing(MOST / 8, x) && k->all_finite(MOST / 8, x));
    }
}
END_TEST

/* ---- filters ---- */

START_TEST(decays)
{
    struct decay d = {.alpha = 0.3, .adjust = _i, .powers = {0.7}, .weights = {1}};
    for (int k = 1; k < 8; k++) {
        d.powers[k] = d.powers[k - 1] * 0.7;
        d.weights[k] = d.weights[k - 1] * 0.7 + 1;
    }
    kernel_data_kind(K_F64, MOST, x, 9, 2);
    double end[2] = {0.5, 0.25};
    kernels_at(0)->decay(MOST / 8, x, want, &d, end);
    for (int level = 0; kernels_at(level); level++) {
        double state[2] = {0.5, 0.25};
        kernels_at(level)->decay(11, x, y, &d, state);
        kernels_at(level)->decay(MOST / 8 - 11, x + 88, y + 88, &d, state);
        ck_assert(same(y, want, MOST) && same(state, end, 2));
        memcpy(y, x, sizeof y);
        state[0] = 0.5, state[1] = 0.25;
        kernels_at(level)->decay(MOST / 8, y, y, &d, state);
        ck_assert(same(y, want, MOST));
    }
}
END_TEST

START_TEST(finite_and_recursive)
{
    static const double b[40] = {0.5, -1, 0.25, 3, 1e-3, 7}, a[9] = {0.5, -0.25, 0.1, 0, 0.05, -0.02, 0.01, 0.1, -0.1};
    static const size_t sizes[] = {0, 1, 7, 8, 9, 31, 32, 33, 100, MOST - 64};
    static double beside[8 * (MOST + 16)];
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (unsigned data = 0; data < 4; data++)
            for (size_t m = 1; m <= 40; m += m < 9 ? 1 : 15) {
                const size_t n = sizes[s];
                kernel_data_kind(K_F64, MOST, x, s + m, data);
                kernels_at(0)->fir(n, x + 50, m, b, want);
                for (int level = 1; kernels_at(level); level++) {
                    kernels_at(level)->fir(n, x + 50, m, b, y);
                    ck_assert_msg(same(y, want, n), "fir: n %zu, m %zu, level %d", n, m, level);
                }
                if (m > 9)
                    continue;
                memcpy(want, x, sizeof want);
                kernels_at(0)->poles(n, want + 50, m, a);
                for (int level = 0; kernels_at(level); level++) {
                    memcpy(y, x, sizeof y);
                    kernels_at(level)->poles(n, y + 50, m, a);
                    ck_assert_msg(same(y, want, n + 50), "poles: n %zu, m %zu, level %d", n, m, level);
                    for (size_t i = 0; i < n + 50; i++)
                        for (size_t l = 0; l < 8; l++)
                            beside[8 * i + l] = x[i];
                    kernels_at(level)->poles_beside(n, beside + 400, m, a);
                    for (size_t i = 0; i < n + 50; i++)
                        for (size_t l = 0; l < 8; l++)
                            ck_assert(same(&beside[8 * i + l], &want[i], 1));
                }
            }
}
END_TEST

/* ---- places ---- */

START_TEST(places)
{
    static int64_t keys[MOST], sorted[MOST];
    static double points[MOST];
    static uint32_t found[MOST];
    static uint64_t behind[MOST];
    static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 500, MOST};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t m = 0; m < sizeof sizes / sizeof sizes[0]; m++) {
            const size_t n = sizes[s], of = sizes[m];
            kernel_data_kind(K_F64, MOST, x, s + 1, 3);
            kernel_data_kind(K_F64, of, points, m + 2, 3);
            for (size_t i = 0; i < MOST; i++)
                keys[i] = (int64_t)(i * 7919 % 301) - 150;
            for (size_t i = 0; i < of; i++)
                sorted[i] = (int64_t)(i * 300 / of) - 140;
            kernel_sort(K_F64, of, points);
            x[0] = NAN;
            for (int level = 0; kernels_at(level); level++) {
                kernels_at(level)->places_keys(n, keys, of, sorted, found);
                kernels_at(level)->places_f64(n, x, of, points, behind);
                for (size_t i = 0; i < n; i++) {
                    size_t less = 0, not_greater = 0;
                    for (size_t j = 0; j < of; j++) {
                        less += sorted[j] < keys[i];
                        not_greater += points[j] <= x[i];
                    }
                    ck_assert_uint_eq(found[i], less);
                    ck_assert_uint_eq(behind[i], not_greater);
                }
            }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: windows");
    TCase *tc = tcase_create("window");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, sums_and_extremes, W_sum, W_max + 1);
    tcase_add_test(tc, moments);
    tcase_add_loop_test(tc, quotients, 0, 2);
    tcase_add_loop_test(tc, decays, 0, 2);
    tcase_add_test(tc, finite_and_recursive);
    tcase_add_test(tc, places);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
