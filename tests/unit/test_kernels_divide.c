/* floor_divide, mod and fmod: NumPy's results at special values, and everywhere else against fmod, long double and
 * 128-bit integers. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <math.h>
#include <string.h>

#include "divide_golden.h"

#define N 4096

__extension__ typedef __int128 wider;

static double x[N], y[N], z[N];
static float xf[N], yf[N], zf[N];

#define SPECIALS (sizeof reals / sizeof *reals)

START_TEST(special_values)
{
    static const struct {
        int kernel;
        const double *want;
    } functions[] = {{K_floor_divide, numpy_floor_divide}, {K_mod, numpy_mod}, {K_fmod, numpy_fmod}};
    const size_t n = SPECIALS * SPECIALS;
    for (size_t i = 0; i < n; i++) {
        x[i] = reals[i / SPECIALS];
        y[i] = reals[i % SPECIALS];
    }
    for (int level = 0; kernels_at(level); level++) {
        for (size_t f = 0; f < 3; f++) {
            kernels_at(level)->binary[functions[f].kernel][K_F64](n, x, y, z);
            for (size_t i = 0; i < n; i++) {
                if (!same_bits(&functions[f].want[i], &z[i], 1, SHEAF_F64))
                    ck_abort_msg("level %d function %zu of %a, %a: %a, not %a", level, f, x[i], y[i], z[i],
                                 functions[f].want[i]);
            }
        }
    }
}
END_TEST

/* The remainder is exact, hence its sum with y rounded once. */
static double mod_of(double a, double b)
{
    const double r = fmod(a, b);
    if (r == 0)
        return copysign(0, b);
    return b != 0 && signbit(r) != signbit(b) ? r + b : r;
}

/* The true quotient is whole once the remainder is gone; below 2^50 long double is close enough to round to it. Beyond,
 * NumPy's own rounding steps, in the type of the arguments. */
static double floor_divide_of(double a, double b)
{
    const double r = fmod(a, b);
    if (b == 0)
        return a / b;
    const int down = r != 0 && signbit(r) != signbit(b);
    if (fabs(a / b) < 0x1p+50) {
        const double whole = (double)roundl(((long double)a - r) / b) - down;
        return whole == 0 ? copysign(0, a / b) : whole;
    }
    const double q = (a - r) / b - down, whole = floor(q), nearest = q - whole > 0.5 ? whole + 1 : whole;
    const long double exact = ((long double)a - r) / b - down;
    ck_assert(isinf(nearest) || isnan(nearest) || fabsl(nearest - exact) <= fabsl(exact) * 0x1p-51L);
    return nearest;
}

static float floor_divide_of_f32(float a, float b)
{
    const float r = fmodf(a, b);
    if (b == 0)
        return a / b;
    const int down = r != 0 && signbit(r) != signbit(b);
    float q = (a - r) / b;
    if (down)
        q -= 1;
    const float whole = floorf(q);
    return q == 0 ? copysignf(0, a / b) : q - whole > 0.5f ? whole + 1 : whole;
}

/* Pairs of every size, quotients that are whole or a hair off, and quotients around the end of the short way. */
static void pairs(size_t seed)
{
    uint64_t state = seed;
    kernel_data(K_F64, N, x, seed);
    kernel_data(K_F64, N, y, seed + 77);
    for (size_t i = 0; i < N; i++) {
        const int kind = (int)(random_u64(&state) % 4);
        const double whole = floor(ldexp(random_unit(&state), (int)(random_u64(&state) % 54)));
        if (kind == 1)
            x[i] = whole * y[i];
        else if (kind == 2)
            x[i] = nextafter(whole * y[i], random_u64(&state) % 2 ? INFINITY : -INFINITY);
        else if (kind == 3)
            x[i] = y[i] * ldexp(random_unit(&state) - 0.5, (int)(random_u64(&state) % 60));
        xf[i] = kernel_data_f32(x[i]);
        yf[i] = kernel_data_f32(y[i]);
        if (kind > 0)
            xf[i] = kernel_data_f32(whole * yf[i]);
        if (kind == 2)
            xf[i] = nextafterf(xf[i], random_u64(&state) % 2 ? INFINITY : -INFINITY);
    }
}

static double float_of(int f, double a, double b)
{
    return f == K_fmod ? fmod(a, b) : f == K_mod ? mod_of(a, b) : floor_divide_of(a, b);
}

static float float_of_f32(int f, float a, float b)
{
    return f == K_floor_divide ? floor_divide_of_f32(a, b) : (float)float_of(f, a, b);
}

START_TEST(floats)
{
    static const int functions[] = {K_floor_divide, K_mod, K_fmod};
    for (size_t seed = 1; seed <= 12; seed++) {
        pairs(seed);
        for (int level = 0; kernels_at(level); level++) {
            for (size_t f = 0; f < 3; f++) {
                kernels_at(level)->binary[functions[f]][K_F64](N, x, y, z);
                kernels_at(level)->binary[functions[f]][K_F32](N, xf, yf, zf);
                for (size_t i = 0; i < N; i++) {
                    const double want = float_of(functions[f], x[i], y[i]);
                    const float want_f32 = float_of_f32(functions[f], xf[i], yf[i]);
                    if (!same_bits(&want, &z[i], 1, SHEAF_F64))
                        ck_abort_msg("level %d function %zu of %a, %a: %a, not %a", level, f, x[i], y[i], z[i], want);
                    if (!same_bits(&want_f32, &zf[i], 1, SHEAF_F32))
                        ck_abort_msg("level %d function %zu of floats %a, %a: %a, not %a", level, f, xf[i], yf[i],
                                     zf[i], want_f32);
                }
            }
        }
    }
}
END_TEST

/* An element's result is that of the element alone, whatever way its neighbours take. */
START_TEST(neighbours)
{
    pairs(99);
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->binary[K_mod][K_F64](N, x, y, z);
        for (size_t i = 0; i < N; i++) {
            double alone;
            kernels_at(level)->binary[K_mod][K_F64](1, &x[i], &y[i], &alone);
            ck_assert(same_bits(&alone, &z[i], 1, SHEAF_F64));
        }
    }
}
END_TEST

static wider integer(enum kdtype d, const void *p)
{
    const size_t size = kernel_data_size(d);
    uint64_t v = 0;
    memcpy(&v, p, size);
    if (d > K_I64)
        return v;
    const int unused = (int)(64 - 8 * size);
    return (int64_t)(v << unused) >> unused;
}

static wider integer_of(int f, wider a, wider b)
{
    if (b == 0)
        return 0;
    const wider q = a / b, r = a % b, down = r != 0 && (r < 0) != (b < 0);
    return f == K_floor_divide ? q - down : f == K_mod ? r + down * b : r;
}

START_TEST(integers)
{
    static const int functions[] = {K_floor_divide, K_mod, K_fmod};
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_I8; d <= K_U64; d++) {
            const size_t size = kernel_data_size((enum kdtype)d);
            for (size_t f = 0; f < 3; f++) {
                kernel_data((enum kdtype)d, N, x, 40 + f);
                kernel_data((enum kdtype)d, N, y, 50 + f);
                kernels_at(level)->binary[functions[f]][d](N, x, y, z);
                for (size_t i = 0; i < N; i++) {
                    const size_t at = i * size;
                    const wider a = integer((enum kdtype)d, (char *)x + at),
                                b = integer((enum kdtype)d, (char *)y + at);
                    const uint64_t want = (uint64_t)integer_of(functions[f], a, b);
                    if (memcmp(&want, (char *)z + at, size) != 0)
                        ck_abort_msg("level %d function %zu of dtype %d: %lld, %lld", level, f, d, (long long)a,
                                     (long long)b);
                }
            }
        }
    }
}
END_TEST

/* A divisor that stays the same for a while, in runs of every length, is the same as one that does not. */
START_TEST(same_divisor)
{
    static const uint64_t divisors[] = {1,
                                        2,
                                        3,
                                        5,
                                        7,
                                        10,
                                        641,
                                        (uint64_t)1 << 32,
                                        ((uint64_t)1 << 32) + 1,
                                        ((uint64_t)1 << 62) + 3,
                                        (uint64_t)1 << 63,
                                        ((uint64_t)1 << 63) + 1,
                                        (uint64_t)-1,
                                        (uint64_t)-2,
                                        (uint64_t)-7,
                                        0};
    for (int level = 0; kernels_at(level); level++) {
        for (int d = K_I8; d <= K_U64; d++) {
            const size_t size = kernel_data_size((enum kdtype)d);
            kernel_data((enum kdtype)d, N, x, 60);
            for (size_t i = 0; i < N; i++) {
                const uint64_t divisor = divisors[i / 200 % (sizeof divisors / sizeof *divisors)];
                memcpy((char *)y + i * size, &divisor, size);
            }
            for (int f = K_floor_divide; f <= K_fmod; f++) {
                for (size_t start = 0; start < N; start += 200) {
                    const size_t n = N - start < 200 ? N - start : 200 - start / 200;
                    const char *a = (char *)x + start * size, *b = (char *)y + start * size;
                    kernels_at(level)->binary[f][d](n, a, b, z);
                    for (size_t i = 0; i < n; i++) {
                        const uint64_t want = (uint64_t)integer_of(f, integer((enum kdtype)d, a + i * size),
                                                                   integer((enum kdtype)d, b + i * size));
                        if (memcmp(&want, (char *)z + i * size, size) != 0)
                            ck_abort_msg("level %d function %d of dtype %d at %zu", level, f, d, start + i);
                    }
                }
            }
        }
    }
}
END_TEST

/* Every pair of bytes: the quotient goes through floats. */
START_TEST(all_bytes)
{
    static int8_t a[65536], b[65536], r[65536];
    for (int i = 0; i < 65536; i++) {
        a[i] = (int8_t)(i >> 8);
        b[i] = (int8_t)(i & 255);
    }
    for (int level = 0; kernels_at(level); level++) {
        for (int f = K_floor_divide; f <= K_fmod; f++) {
            kernels_at(level)->binary[f][K_I8](65536, a, b, r);
            for (int i = 0; i < 65536; i++)
                ck_assert_int_eq(r[i], (int8_t)integer_of(f, a[i], b[i]));
            kernels_at(level)->binary[f][K_U8](65536, a, b, r);
            for (int i = 0; i < 65536; i++)
                ck_assert_int_eq((uint8_t)r[i], (uint8_t)integer_of(f, (uint8_t)a[i], (uint8_t)b[i]));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: division");
    TCase *t = tcase_create("division");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, special_values);
    tcase_add_test(t, floats);
    tcase_add_test(t, neighbours);
    tcase_add_test(t, integers);
    tcase_add_test(t, same_divisor);
    tcase_add_test(t, all_bytes);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
