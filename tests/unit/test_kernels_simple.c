/* Comparisons, rounding, choices and bits, at every level and for every dtype, against the definition element by
 * element. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define N 4096
#define PI 3.14159265358979323846

__extension__ typedef __int128 wider;

static double x[2 * N], y[2 * N], z[2 * N], w[2 * N];
static uint8_t truth[N];

static size_t position(enum kdtype d, size_t i)
{
    return i * kernel_data_size(d);
}

/* The value of an integer or bool; of bool, whether it is not 0. */
static wider integer(enum kdtype d, const void *base, size_t i)
{
    const size_t size = kernel_data_size(d);
    const int unused = (int)(64 - 8 * size);
    uint64_t v = 0;
    memcpy(&v, (const char *)base + i * size, size);
    return d == K_BOOL ? v != 0 : d > K_I64 ? (wider)v : (wider)((int64_t)(v << unused) >> unused);
}

static double real(enum kdtype d, const void *base, size_t i)
{
    return d == K_F32 ? (double)((const float *)base)[i] : ((const double *)base)[i];
}

/* Equal values, one of them of either sign of zero; and NaN, in all pairings. */
static void fill(enum kdtype d, size_t seed)
{
    static const double special[] = {0.0, -0.0, NAN, 1, -1, INFINITY, -INFINITY, 2};
    kernel_data(d, N, x, seed);
    kernel_data(d, N, y, seed + 100);
    kernel_data(d, N, z, seed + 200);
    for (size_t i = 0; i < 512 && (d == K_F32 || d == K_F64); i++) {
        const double a = special[i % 8], b = special[i / 8 % 8], c = special[i / 64];
        if (d == K_F32) {
            ((float *)x)[i] = (float)a;
            ((float *)y)[i] = (float)b;
            ((float *)z)[i] = (float)c;
        } else {
            x[i] = a;
            y[i] = b;
            z[i] = c;
        }
    }
    for (size_t i = 600; i < N; i += 3)
        memcpy((char *)y + position(d, i), (char *)x + position(d, i), kernel_data_size(d));
}

static int ordered(int f, int less, int equal)
{
    switch (f) {
    case K_equal:
        return equal;
    case K_not_equal:
        return !equal;
    case K_less:
        return less;
    case K_less_equal:
        return less || equal;
    case K_greater:
        return !less && !equal;
    default:
        return !less;
    }
}

static int compared(int f, enum kdtype d, size_t i)
{
    if (d < K_F16) {
        const wider a = integer(d, x, i), b = integer(d, y, i);
        return ordered(f, a < b, a == b);
    }
    const double a = real(d, x, i), b = real(d, y, i);
    return isnan(a) || isnan(b) ? f == K_not_equal : ordered(f, a < b, a == b);
}

START_TEST(comparisons)
{
    for (int level = 0; kernels_at(level); level++) {
        for (int d = 0; d <= K_F64; d++) {
            if (d == K_F16)
                continue;
            fill((enum kdtype)d, 9 + (size_t)d);
            for (int f = K_equal; f <= K_greater_equal; f++) {
                kernels_at(level)->binary[f][d](N, x, y, truth);
                for (size_t i = 0; i < N; i++)
                    ck_assert_msg(truth[i] == compared(f, (enum kdtype)d, i),
                                  "level %d comparison %d of dtype %d at %zu", level, f, d, i);
            }
        }
    }
}
END_TEST

/* Halves and their neighbours, whole numbers near the end of the fractions, and the rest. */
static void fractions(enum kdtype d)
{
    fill(d, 5);
    for (size_t i = 600; i < 3000; i++) {
        const double half = (double)(i % 200) / 2 - 50, scaled = ldexp(half, (int)(i % 60));
        const double v = i % 3 == 0 ? half : i % 3 == 1 ? scaled : 0;
        if (d == K_F32)
            ((float *)x)[i] = v == 0 ? nextafterf((float)half, i % 2 ? 1e9f : -1e9f) : (float)v;
        else
            x[i] = v == 0 ? nextafter(half, i % 2 ? 1e9 : -1e9) : v;
    }
}

/* Whole numbers by long double, which has more digits; a zero has the sign of its argument. */
static double rounded(int f, double a)
{
    if (!isfinite(a) || fabs(a) >= 0x1p+52)
        return a;
    const long double size = fabsl((long double)a), whole = (long double)(uint64_t)size, rest = size - whole;
    const int odd = (int)((uint64_t)size % 2), away = f == K_floor ? signbit(a) : !signbit(a);
    int up = 0;
    if (f == K_round)
        up = rest > 0.5L || (rest == 0.5L && odd);
    else if (f != K_trunc)
        up = rest > 0 && away;
    return copysign((double)(whole + up), a);
}

static double real_unary(int f, enum kdtype d, double a)
{
    const double most = d == K_F32 ? (double)FLT_MAX : DBL_MAX;
    switch (f) {
    case K_relu:
        return isnan(a) ? a : a > 0 ? a : 0;
    case K_sign:
        return isnan(a) ? a : a > 0 ? 1 : a < 0 ? -1 : 0;
    case K_nan_to_num:
        return isnan(a) ? 0 : isinf(a) ? copysign(most, a) : a;
    case K_real:
    case K_conj:
        return a;
    case K_imag:
        return 0;
    case K_angle:
        return isnan(a) ? a : signbit(a) ? PI : 0;
    case K_reciprocal:
        return 1 / a;
    default:
        return rounded(f, a);
    }
}

static int real_test(int f, double a)
{
    return f == K_isnan ? isnan(a) : f == K_isinf ? isinf(a) != 0 : isfinite(a);
}

START_TEST(reals)
{
    static const int functions[] = {K_relu,       K_sign, K_floor, K_ceil, K_trunc, K_round,
                                    K_nan_to_num, K_real, K_conj,  K_imag, K_angle, K_reciprocal};
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_F32; d <= K_F64; d++) {
            fractions((enum kdtype)d);
            for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
                kernels_at(level)->unary[functions[f]][d](N, x, w);
                for (size_t i = 0; i < N; i++) {
                    const double exact = real_unary(functions[f], (enum kdtype)d, real((enum kdtype)d, x, i));
                    const double want = d == K_F32 ? (double)(float)exact : exact, got = real((enum kdtype)d, w, i);
                    ck_assert_msg(same_bits(&want, &got, 1, SHEAF_F64), "level %d function %d of %a: %a, not %a", level,
                                  functions[f], real((enum kdtype)d, x, i), got, want);
                }
            }
            for (int f = K_isnan; f <= K_isfinite; f++) {
                kernels_at(level)->unary[f][d](N, x, truth);
                for (size_t i = 0; i < N; i++)
                    ck_assert_int_eq(truth[i], real_test(f, real((enum kdtype)d, x, i)));
            }
        }
    }
}
END_TEST

/* numpy.minimum(numpy.maximum(x, y), z) with -0 below +0. */
static double clipped(double a, double lo, double hi)
{
    if (isnan(a) || isnan(lo) || isnan(hi))
        return NAN;
    double r = a < lo || (a == lo && signbit(a)) ? lo : a;
    return hi < r || (hi == r && signbit(hi)) ? hi : r;
}

START_TEST(choices)
{
    for (int level = 0; kernels_at(level); level++) {
        for (int d = 0; d < K_COUNT; d++) {
            if (d == K_F16)
                continue;
            const size_t size = kernel_data_size((enum kdtype)d);
            fill((enum kdtype)d, 3 + (size_t)d);
            kernel_data(K_U8, N, truth, 8);
            kernels_at(level)->ternary[K_where][d](N, truth, x, y, w);
            for (size_t i = 0; i < N; i++)
                ck_assert_mem_eq((char *)w + i * size, (char *)(truth[i] != 0 ? x : y) + i * size, size);
            if (d == K_BOOL || d > K_F64)
                continue;
            kernels_at(level)->ternary[K_clip][d](N, x, y, z, w);
            for (size_t i = 0; i < N; i++) {
                if (d < K_F16) {
                    const wider a = integer((enum kdtype)d, x, i), lo = integer((enum kdtype)d, y, i),
                                hi = integer((enum kdtype)d, z, i), least = a < lo ? lo : a;
                    ck_assert(integer((enum kdtype)d, w, i) == (hi < least ? hi : least));
                } else {
                    const double want = clipped(real((enum kdtype)d, x, i), real((enum kdtype)d, y, i),
                                                real((enum kdtype)d, z, i)),
                                 got = real((enum kdtype)d, w, i);
                    ck_assert(same_bits(&want, &got, 1, SHEAF_F64));
                }
            }
        }
    }
}
END_TEST

static wider power_of_two(wider count)
{
    wider r = 1;
    for (wider i = 0; i < count; i++)
        r *= 2;
    return r;
}

static wider integer_binary(int f, enum kdtype d, wider a, wider b)
{
    const int fits = b >= 0 && b < (wider)(8 * kernel_data_size(d));
    switch (f) {
    case K_bitwise_and:
        return a & b;
    case K_bitwise_or:
        return a | b;
    case K_bitwise_xor:
        return a ^ b;
    case K_left_shift:
        return fits ? a * power_of_two(b) : 0;
    default: {
        const wider divisor = fits ? power_of_two(b) : 1, q = a / divisor;
        return fits ? q - (a % divisor < 0) : -(a < 0);
    }
    }
}

START_TEST(bits)
{
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_I8; d <= K_U64; d++) {
            const size_t size = kernel_data_size((enum kdtype)d);
            fill((enum kdtype)d, 60 + (size_t)d);
            for (size_t i = 0; i < N; i += 2) { /* counts around the width, and the rest as it is */
                const int64_t count = (int64_t)(i / 2 % (10 * size)) - 4;
                memcpy((char *)y + i * size, &count, size);
            }
            for (int f = K_bitwise_and; f <= K_right_shift; f++) {
                kernels_at(level)->binary[f][d](N, x, y, w);
                for (size_t i = 0; i < N; i++) {
                    const wider a = integer((enum kdtype)d, x, i), b = integer((enum kdtype)d, y, i);
                    const uint64_t want = (uint64_t)integer_binary(f, (enum kdtype)d, a, b);
                    ck_assert_msg(memcmp(&want, (char *)w + i * size, size) == 0,
                                  "level %d function %d of dtype %d: %lld, %lld", level, f, d, (long long)a,
                                  (long long)b);
                }
            }
            kernels_at(level)->unary[K_bitwise_not][d](N, x, w);
            for (size_t i = 0; i < N; i++) {
                const uint64_t want = (uint64_t)(-1 - integer((enum kdtype)d, x, i));
                ck_assert_mem_eq(&want, (char *)w + i * size, size);
            }
        }
    }
}
END_TEST

START_TEST(whole_numbers)
{
    static const int same[] = {K_floor, K_ceil, K_trunc, K_round, K_nan_to_num, K_real, K_conj};
    for (int level = 0; kernels_at(level); level++) {
        const struct kernels *k = kernels_at(level);
        for (int d = K_BOOL; d <= K_U64; d++) {
            fill((enum kdtype)d, 80 + (size_t)d);
            for (size_t f = 0; f < sizeof same / sizeof *same - (d == K_BOOL); f++) {
                memset(w, 0x5a, sizeof w);
                k->unary[same[f]][d](N, x, w);
                ck_assert_mem_eq(w, x, position((enum kdtype)d, N));
            }
            k->unary[K_imag][d](N, x, w);
            for (int f = K_isnan; f <= K_isfinite; f++) {
                k->unary[f][d](N, x, truth);
                for (size_t i = 0; i < N; i++)
                    ck_assert(truth[i] == (f == K_isfinite) && integer((enum kdtype)d, w, i) == 0);
            }
            if (d == K_BOOL)
                continue;
            k->unary[K_relu][d](N, x, w);
            k->unary[K_sign][d](N, x, y);
            for (size_t i = 0; i < N; i++) {
                const wider a = integer((enum kdtype)d, x, i);
                ck_assert(integer((enum kdtype)d, w, i) == (a < 0 ? 0 : a));
                ck_assert(integer((enum kdtype)d, y, i) == (a > 0) - (a < 0));
            }
        }
    }
}
END_TEST

START_TEST(truths)
{
    uint8_t p[] = {0, 0, 1, 1, 0, 2}, q[] = {0, 1, 0, 1, 4, 1}, r[6];
    static const struct {
        int kernel;
        uint8_t want[6];
    } functions[] = {{K_logical_and, {0, 0, 0, 1, 0, 1}}, {K_logical_or, {0, 1, 1, 1, 1, 1}},
                     {K_logical_xor, {0, 1, 1, 0, 1, 0}}, {K_bitwise_and, {0, 0, 0, 1, 0, 1}},
                     {K_bitwise_or, {0, 1, 1, 1, 1, 1}},  {K_bitwise_xor, {0, 1, 1, 0, 1, 0}}};
    for (int level = 0; kernels_at(level); level++) {
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            kernels_at(level)->binary[functions[f].kernel][K_BOOL](6, p, q, r);
            ck_assert_mem_eq(r, functions[f].want, 6);
        }
        kernels_at(level)->unary[K_logical_not][K_BOOL](6, p, r);
        ck_assert_mem_eq(r, ((uint8_t[]){1, 1, 0, 0, 1, 0}), 6);
        kernels_at(level)->unary[K_bitwise_not][K_BOOL](6, p, r);
        ck_assert_mem_eq(r, ((uint8_t[]){1, 1, 0, 0, 1, 0}), 6);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: comparisons, rounding, choices, bits");
    TCase *t = tcase_create("simple");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, comparisons);
    tcase_add_test(t, reals);
    tcase_add_test(t, choices);
    tcase_add_test(t, bits);
    tcase_add_test(t, whole_numbers);
    tcase_add_test(t, truths);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
