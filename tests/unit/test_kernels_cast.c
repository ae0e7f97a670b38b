/* Casts between every two dtypes against the rules written out one value at a time, and strided, reversed, repeated and
 * unaligned casts against contiguous ones. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 3000

/* One value of any dtype: long double holds every double and every 64-bit integer exactly (on x86 and aarch64). */
struct value {
    long double re, im;
};

static long double half_value(uint16_t h)
{
    const int e = h >> 10 & 31, m = h & 1023;
    const long double v = e == 31 ? (m ? (long double)NAN : (long double)INFINITY)
                          : e     ? ldexpl(1024 + m, e - 25)
                                  : ldexpl(m, -24);
    return h & 0x8000 ? -v : v;
}

static uint16_t half_bits(long double v)
{
    const uint16_t sign = signbit(v) ? 0x8000 : 0;
    if (isnan(v))
        return 0x7e00;
    const long double a = fabsl(v);
    if (a >= 65520)
        return sign | 0x7c00;
    if (a < 0x1p-14L)
        return sign | (uint16_t)rintl(ldexpl(a, 24));
    const int e = ilogbl(a);
    return (uint16_t)(sign + ((e + 14) << 10) + (int)rintl(ldexpl(a, 10 - e)));
}

static struct value get(enum kdtype d, const void *p)
{
    const size_t size = kernel_data_size(d);
    int64_t i = 0;
    uint64_t u = 0;
    uint16_t h;
    const double *f64 = p;
    const float *f32 = p;
    switch (d) {
    case K_F16:
        memcpy(&h, p, sizeof h);
        return (struct value){half_value(h), 0};
    case K_F32:
        return (struct value){f32[0], 0};
    case K_F64:
        return (struct value){f64[0], 0};
    case K_C64:
        return (struct value){f32[0], f32[1]};
    case K_C128:
        return (struct value){f64[0], f64[1]};
    case K_I8:
    case K_I16:
    case K_I32:
    case K_I64:
        memcpy((char *)&i + 8 - size, p, size);
        return (struct value){i >> (64 - 8 * size), 0};
    default:
        memcpy(&u, p, size);
        return (struct value){u, 0};
    }
}

/* From a float: truncate, out of range and NaN to the least value. From an integer: keep the low bits. */
static uint64_t integer(enum kdtype d, enum kdtype from, long double v)
{
    const int bits = (int)(8 * kernel_data_size(d)), has_sign = d <= K_I64;
    const long double least = has_sign ? -ldexpl(1, bits - 1) : 0, limit = ldexpl(1, bits - has_sign);
    if (from <= K_U64)
        return v < 0 ? (uint64_t)(int64_t)v : (uint64_t)v;
    v = truncl(v);
    if (!(v >= least && v < limit))
        v = least;
    return v < 0 ? (uint64_t)(int64_t)v : (uint64_t)v;
}

static void put(enum kdtype d, enum kdtype from, struct value v, void *p)
{
    double *f64 = p;
    float *f32 = p;
    uint64_t u;
    switch (d) {
    case K_BOOL:
        u = v.re != 0 || v.im != 0;
        break;
    case K_F16:
        u = half_bits(v.re);
        break;
    case K_C64:
        f32[1] = (float)v.im;
        f32[0] = (float)v.re;
        return;
    case K_F32:
        f32[0] = (float)v.re;
        return;
    case K_C128:
        f64[1] = (double)v.im;
        f64[0] = (double)v.re;
        return;
    case K_F64:
        f64[0] = (double)v.re;
        return;
    default:
        u = integer(d, from, v.re);
    }
    memcpy(p, &u, kernel_data_size(d));
}

static char *src, *wanted, *got;

static void setup(void)
{
    src = malloc(65536 * 16);
    wanted = malloc(65536 * 16);
    got = malloc(65536 * 16);
    ck_assert(src && wanted && got);
}

static void teardown(void)
{
    free(src);
    free(wanted);
    free(got);
}

static void check(enum kdtype from, enum kdtype to, size_t n)
{
    const size_t s = kernel_data_size(from), d = kernel_data_size(to);
    for (size_t i = 0; i < n; i++)
        put(to, from, get(from, src + i * s), wanted + i * d);
    for (int level = 0; kernels_at(level); level++) {
        kernels_at(level)->cast[from][to](n, src, (ptrdiff_t)s, got, (ptrdiff_t)d);
        for (size_t i = 0; i < n; i++) {
            if (!same_bits(got + i * d, wanted + i * d, 1, (sheaf_dtype)to))
                ck_abort_msg("%s to %s, %s, element %zu: %Lg", sheaf_dtype_name((sheaf_dtype)from),
                             sheaf_dtype_name((sheaf_dtype)to), isa_name((enum isa)level), i,
                             get(from, src + i * s).re);
        }
    }
}

START_TEST(rules)
{
    for (int to = 0; to < K_COUNT; to++) {
        kernel_data((enum kdtype)_i, N, src, (size_t)_i);
        check((enum kdtype)_i, (enum kdtype)to, N);
    }
}
END_TEST

/* All halves, and doubles at and around every half and every midpoint between two. */
START_TEST(halves)
{
    for (unsigned h = 0; h < 65536; h++)
        memcpy(src + 2 * h, &(uint16_t){(uint16_t)h}, 2);
    check(K_F16, K_F64, 65536);
    check(K_F16, K_F32, 65536);
    check(K_F16, K_I16, 65536);
    for (int side = -1; side <= 1; side++) {
        for (unsigned h = 0; h < 31744; h++) {
            const double v = (double)half_value((uint16_t)h), w = (double)half_value((uint16_t)(h + 1));
            const double middle = isinf(w) ? 65520 : (v + w) / 2, to = side < 0 ? -INFINITY : INFINITY;
            ((double *)src)[2 * h] = side ? nextafter(v, to) : v;
            ((double *)src)[2 * h + 1] = -(side ? nextafter(middle, to) : middle);
        }
        check(K_F64, K_F16, 2 * 31744);
        for (unsigned i = 0; i < 2 * 31744; i++)
            ((float *)src)[i] = (float)((double *)src)[i];
        check(K_F32, K_F16, 2 * 31744);
    }
}
END_TEST

/* The ends of every integer's range, as doubles and floats, and their neighbours. */
START_TEST(edges)
{
    for (int to = K_I8; to <= K_U64; to++) {
        double *x = (double *)src;
        size_t n = 0;
        for (int bits = 6; bits <= 65; bits++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                for (int k = -3; k <= 3; k++) {
                    const double v = sign * ldexp(1, bits) + k * 0.5;
                    x[n++] = v;
                    x[n++] = nextafter(v, 0);
                    x[n++] = nextafter(v, v * 2);
                }
            }
        }
        check(K_F64, (enum kdtype)to, n);
        for (size_t i = 0; i < n; i++)
            ((float *)src)[i] = (float)x[i];
        check(K_F32, (enum kdtype)to, n);
    }
}
END_TEST

START_TEST(strides)
{
    enum {
        M = 50
    };
    static const int factor[] = {1, 2, -1, -3, 0};
    static char out[16 * 4 * M + 64], flat[16 * M];
    for (int from = 0; from < K_COUNT; from++) {
        const ptrdiff_t s = (ptrdiff_t)kernel_data_size((enum kdtype)from);
        kernel_data((enum kdtype)from, 4 * M, src, 8);
        memmove(src + 1, src, (size_t)(4 * M * s));
        for (int trial = 0; trial < 25 * K_COUNT; trial++) {
            const int to = trial / 25;
            const ptrdiff_t d = (ptrdiff_t)kernel_data_size((enum kdtype)to), ss = factor[trial % 5] * s,
                            ds = trial / 5 % 5 == 4 ? d + 1 : factor[trial / 5 % 5] * d;
            const char *p = src + 1 + (ss < 0 ? -ss * (M - 1) : 0);
            char *q = out + (ds < 0 ? -ds * (M - 1) : 0) + trial % 3;
            char packed[16 * M];
            for (int i = 0; i < M; i++)
                memcpy(packed + i * s, p + i * ss, (size_t)s);
            memcpy(got, packed, sizeof packed);
            for (int level = 0; kernels_at(level); level++) {
                kernels_at(level)->cast[from][to](M, got, s, wanted, d);
                kernels_at(level)->cast[from][to](M, p, ss, q, ds);
                for (int i = 0; i < M; i++)
                    memcpy(flat + i * d, q + i * ds, (size_t)d);
                ck_assert(same_bits(flat, wanted, M, (sheaf_dtype)to));
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: casts");
    TCase *t = tcase_create("casts");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, rules, 0, K_COUNT);
    tcase_add_test(t, halves);
    tcase_add_test(t, edges);
    tcase_add_test(t, strides);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
