/* Every kernel gives the same bits at every ISA level this machine has, for every dtype and size, aligned or not, in
 * place or not, and writes nothing past its end. */

#include "base/cpu.h"
#include "kernels/kernels.h"
#include "kernels_data.h"
#include "ops/op.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

#define MAX_N 4096
#define GUARD 0x5a

static const size_t sizes[] = {0,  1,  2,  3,   4,   5,   6,   7,   8,   9,   10,  11,   12,   13,  14, 15,
                               16, 17, 18, 19,  20,  21,  22,  23,  24,  25,  26,  27,   28,   29,  30, 31,
                               32, 33, 34, 35,  40,  47,  48,  49,  63,  64,  65,  71,   79,   80,  81, 95,
                               96, 97, 99, 100, 111, 112, 113, 127, 128, 129, 130, 1000, 4095, 4096};
#define SIZES (sizeof sizes / sizeof *sizes)

static char *a, *b, *c, *out[2];

static void setup(void)
{
    const size_t bytes = (MAX_N + 16) * 16;
    a = malloc(bytes);
    b = malloc(bytes);
    c = malloc(bytes);
    out[0] = malloc(bytes);
    out[1] = malloc(bytes);
    ck_assert(a && b && c && out[0] && out[1]);
}

static void teardown(void)
{
    free(a);
    free(b);
    free(c);
    free(out[0]);
    free(out[1]);
}

static void same(const char *what, int row, enum kdtype dtype, int level, size_t n, enum kdtype result)
{
    if (!same_bits(out[0], out[1], n, (sheaf_dtype)result))
        ck_abort_msg("%s %d of %s, n=%zu: %s differs from plain", what, row, sheaf_dtype_name((sheaf_dtype)dtype), n,
                     isa_name((enum isa)level));
}

/* The result lies at an odd element, so that vectors are not aligned, and a guard follows it. */
static char *fresh(int which, size_t n, size_t size)
{
    memset(out[which], GUARD, (n + 2) * size);
    return out[which] + size;
}

static void guarded(int which, size_t n, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ck_assert(out[which][i] == GUARD && out[which][(n + 1) * size + i] == GUARD);
}

/* The result of a kernel that works in `work`, by the rule of its row: bool for predicates, real for parts. */
static enum kdtype result_of(enum op_class class, int kernel, enum kdtype work)
{
    for (int i = 0; i < OP_COUNT; i++) {
        if (op_table[i].class == class && op_table[i].kernel == kernel)
            return (enum kdtype)op_result_dtype(op_table[i].rule, (sheaf_dtype)work, 0);
    }
    ck_abort_msg("no row has kernel %d of class %d", kernel, (int)class);
}

static kernel_unary *unary_of(int level, int fast, int f, enum kdtype dtype)
{
    return (fast ? kernels_at(level)->fast : kernels_at(level)->unary)[f][dtype];
}

static void unary_row(int fast, int f, enum kdtype dtype, size_t n)
{
    const char *what = fast ? "fast unary" : "unary";
    const size_t size = kernel_data_size(dtype);
    const enum kdtype result = result_of(CLASS_UNARY, f, dtype);
    const size_t rsize = kernel_data_size(result);
    unary_of(ISA_PLAIN, fast, f, dtype)(n, a, fresh(0, n, rsize));
    guarded(0, n, rsize);
    for (int level = ISA_AVX2; kernels_at(level); level++) {
        unary_of(level, fast, f, dtype)(n, a, fresh(1, n, rsize));
        guarded(1, n, rsize);
        same(what, f, dtype, level, n + 2, result);
        if (rsize == size) {
            memcpy(fresh(1, n, size), a, n * size);
            unary_of(level, fast, f, dtype)(n, out[1] + size, out[1] + size);
            same("unary in place", f, dtype, level, n + 2, result);
        }
    }
}

static void unary_rows(int fast)
{
    for (int f = 0; f < K_UNARY_COUNT; f++) {
        for (int d = 0; d < K_COUNT; d++) {
            const int have = unary_of(ISA_PLAIN, fast, f, (enum kdtype)d) != NULL;
            for (int level = 0; kernels_at(level); level++)
                ck_assert_int_eq(have, unary_of(level, fast, f, (enum kdtype)d) != NULL);
            for (size_t s = 0; have && s < SIZES; s++) {
                kernel_data((enum kdtype)d, sizes[s], a, 1000 * s + (size_t)d);
                unary_row(fast, f, (enum kdtype)d, sizes[s]);
            }
        }
    }
}

START_TEST(unary)
{
    unary_rows(0);
}
END_TEST

START_TEST(fast)
{
    unary_rows(1);
}
END_TEST

static void binary_row(int f, enum kdtype dtype, size_t n)
{
    const size_t size = kernel_data_size(dtype);
    const enum kdtype result = result_of(CLASS_BINARY, f, dtype);
    const size_t rsize = kernel_data_size(result);
    kernels_at(ISA_PLAIN)->binary[f][dtype](n, a, b, fresh(0, n, rsize));
    guarded(0, n, rsize);
    for (int level = ISA_AVX2; kernels_at(level); level++) {
        kernel_binary *kernel = kernels_at(level)->binary[f][dtype];
        kernel(n, a, b, fresh(1, n, rsize));
        guarded(1, n, rsize);
        same("binary", f, dtype, level, n + 2, result);
        if (rsize != size)
            continue;
        memcpy(fresh(1, n, size), a, n * size);
        kernel(n, out[1] + size, b, out[1] + size);
        same("binary into x", f, dtype, level, n + 2, result);
        memcpy(fresh(1, n, size), b, n * size);
        kernel(n, a, out[1] + size, out[1] + size);
        same("binary into y", f, dtype, level, n + 2, result);
    }
}

START_TEST(binary)
{
    for (int f = 0; f < K_BINARY_COUNT; f++) {
        for (int d = 0; d < K_COUNT; d++) {
            const int have = kernels_at(ISA_PLAIN)->binary[f][d] != NULL;
            for (int level = 0; kernels_at(level); level++)
                ck_assert_int_eq(have, kernels_at(level)->binary[f][d] != NULL);
            for (size_t s = 0; have && s < SIZES; s++) {
                kernel_data((enum kdtype)d, sizes[s], a, 1000 * s + (size_t)d);
                kernel_data((enum kdtype)d, sizes[s], b, 3000 * s + (size_t)d);
                binary_row(f, (enum kdtype)d, sizes[s]);
            }
        }
    }
}
END_TEST

static void ternary_row(int f, enum kdtype dtype, size_t n)
{
    const enum kdtype dtypes[] = {f == K_where ? K_BOOL : dtype, dtype, dtype};
    const size_t size = kernel_data_size(dtype);
    const char *in[] = {a, b, c};
    kernels_at(ISA_PLAIN)->ternary[f][dtype](n, a, b, c, fresh(0, n, size));
    guarded(0, n, size);
    for (int level = ISA_AVX2; kernels_at(level); level++) {
        kernel_ternary *kernel = kernels_at(level)->ternary[f][dtype];
        kernel(n, a, b, c, fresh(1, n, size));
        guarded(1, n, size);
        same("ternary", f, dtype, level, n + 2, dtype);
        for (int into = 0; into < 3; into++) {
            if (dtypes[into] != dtype)
                continue;
            const char *from[] = {a, b, c};
            from[into] = memcpy(fresh(1, n, size), in[into], n * size);
            kernel(n, from[0], from[1], from[2], out[1] + size);
            same("ternary into an argument", f, dtype, level, n + 2, dtype);
        }
    }
}

START_TEST(ternary)
{
    for (int f = 0; f < K_TERNARY_COUNT; f++) {
        for (int d = 0; d < K_COUNT; d++) {
            const int have = kernels_at(ISA_PLAIN)->ternary[f][d] != NULL;
            for (int level = 0; kernels_at(level); level++)
                ck_assert_int_eq(have, kernels_at(level)->ternary[f][d] != NULL);
            for (size_t s = 0; have && s < SIZES; s++) {
                kernel_data(f == K_where ? K_BOOL : (enum kdtype)d, sizes[s], a, 1000 * s + (size_t)d);
                kernel_data((enum kdtype)d, sizes[s], b, 3000 * s + (size_t)d);
                kernel_data((enum kdtype)d, sizes[s], c, 7000 * s + (size_t)d);
                ternary_row(f, (enum kdtype)d, sizes[s]);
            }
        }
    }
}
END_TEST

static void reduce_f64(const struct kernels *k, size_t n, const double *x, double *r)
{
    r[0] = k->sum_f64(n, x);
    r[1] = k->m2_f64(n, x, 0.3);
    if (n > 0) {
        k->minmax_f64(n, x, r + 2, r + 3);
        k->summinmax_f64(n, x, r + 4, r + 5, r + 6);
    }
}

static void reduce_f32(const struct kernels *k, size_t n, const float *x, double *r)
{
    float min = 0, max = 0;
    r[0] = k->sum_f32(n, x);
    r[1] = k->m2_f32(n, x, 0.3);
    if (n > 0) {
        k->minmax_f32(n, x, &min, &max);
        k->summinmax_f32(n, x, r + 4, r + 5, r + 6);
    }
    r[2] = min;
    r[3] = max;
}

START_TEST(reductions)
{
    for (size_t s = 0; s < SIZES; s++) {
        for (unsigned kind = 0; kind < 4; kind++) {
            double r[2][7] = {{0}};
            for (int d = K_F32; d <= K_F64; d++) {
                kernel_data_kind((enum kdtype)d, sizes[s], a, 77 * s + kind, kind);
                for (int level = 0; kernels_at(level); level++) {
                    const struct kernels *k = kernels_at(level);
                    if (d == K_F64)
                        reduce_f64(k, sizes[s], (double *)a, r[level > 0]);
                    else
                        reduce_f32(k, sizes[s], (float *)a, r[level > 0]);
                    if (level > 0 && !same_bits(r[0], r[1], 7, SHEAF_F64))
                        ck_abort_msg("reductions of dtype %d, n=%zu, data %u: level %d", d, sizes[s], kind, level);
                }
            }
        }
    }
}
END_TEST

/* Everything else that takes n elements of one dtype: sum, extremes, counts and finds. */
static void others(const struct kernels *k, enum kdtype d, size_t n, char *r)
{
    const size_t size = kernel_data_size(d);
    size_t used = 0;
    if (k->sum_int[d]) {
        const uint64_t sum = k->sum_int[d](n, a);
        memcpy(r, &sum, sizeof sum);
    }
    used += 16;
    if (k->minmax[d] && n > 0)
        k->minmax[d](n, a, r + used, r + used + 16);
    used += 32;
    if (k->count_nonzero[d]) {
        const size_t count = k->count_nonzero[d](n, a);
        memcpy(r + used, &count, sizeof count);
    }
    used += 16;
    for (size_t i = 0; k->find[d] && i < n; i += 1 + n / 8, used += 16) {
        const size_t found = k->find[d](n, a, a + i * size);
        ck_assert_uint_le(found, i);
        memcpy(r + used, &found, sizeof found);
    }
}

static int others_agree(enum kdtype d)
{
    const char *p = out[0], *q = out[1];
    const sheaf_dtype dtype = (sheaf_dtype)d;
    return memcmp(p, q, 16) == 0 && same_bits(p + 16, q + 16, 1, dtype) && same_bits(p + 32, q + 32, 1, dtype) &&
           memcmp(p + 48, q + 48, 512 - 48) == 0;
}

START_TEST(integers_and_scans)
{
    for (size_t s = 0; s + 2 < SIZES; s++) {
        for (int d = 0; d < K_COUNT; d++) {
            kernel_data((enum kdtype)d, sizes[s], a, 5 * s + (size_t)d);
            kernel_data((enum kdtype)d, 1, b, 7 * s + (size_t)d);
            for (int level = ISA_AVX2; kernels_at(level); level++) {
                memset(out[0], 0, 1024 + 16 * MAX_N / 2);
                memset(out[1], 0, 1024 + 16 * MAX_N / 2);
                others(kernels_at(ISA_PLAIN), (enum kdtype)d, sizes[s], out[0]);
                others(kernels_at(level), (enum kdtype)d, sizes[s], out[1]);
                if (!others_agree((enum kdtype)d))
                    ck_abort_msg("dtype %d, n=%zu, level %d", d, sizes[s], level);
            }
        }
    }
}
END_TEST

START_TEST(casts)
{
    for (int from = 0; from < K_COUNT; from++) {
        const ptrdiff_t s = (ptrdiff_t)kernel_data_size((enum kdtype)from);
        kernel_data((enum kdtype)from, 1000, a, (size_t)from);
        for (int to = 0; to < K_COUNT; to++) {
            const ptrdiff_t d = (ptrdiff_t)kernel_data_size((enum kdtype)to);
            for (size_t n = 0; n < 1000; n += 1 + n / 3) {
                kernels_at(ISA_PLAIN)->cast[from][to](n, a, s, fresh(0, n, (size_t)d), d);
                guarded(0, n, (size_t)d);
                for (int level = ISA_AVX2; kernels_at(level); level++) {
                    kernels_at(level)->cast[from][to](n, a, s, fresh(1, n, (size_t)d), d);
                    guarded(1, n, (size_t)d);
                    same("cast to", to, (enum kdtype)from, level, n + 2, (enum kdtype)to);
                }
            }
        }
    }
}
END_TEST

START_TEST(byte_order)
{
    for (size_t size = 2; size <= 8; size *= 2) {
        for (size_t s = 0; s < SIZES; s++) {
            const size_t bytes = sizes[s] * size;
            kernel_data(K_U8, bytes < MAX_N ? bytes : MAX_N, a, s);
            for (int level = 0; kernels_at(level); level++) {
                const size_t n = (bytes < MAX_N ? bytes : MAX_N) / size;
                memcpy(out[0], a, n * size);
                kernels_at(level)->byteswap(n, size, out[0]);
                for (size_t i = 0; i < n * size; i++)
                    ck_assert_int_eq(out[0][i], a[i / size * size + size - 1 - i % size]);
            }
        }
    }
}
END_TEST

START_TEST(levels)
{
    ck_assert_ptr_nonnull(kernels_at(ISA_PLAIN));
    ck_assert_ptr_nonnull(kernels_at((int)cpu_isa_best()));
    ck_assert_ptr_null(kernels_at((int)cpu_isa_best() + 1));
    ck_assert_ptr_null(kernels_at(-1));
    ck_assert_ptr_eq(kernels(), kernels_at((int)cpu_isa()));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels: levels");
    TCase *t = tcase_create("levels");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, unary);
    tcase_add_test(t, fast);
    tcase_add_test(t, binary);
    tcase_add_test(t, ternary);
    tcase_add_test(t, reductions);
    tcase_add_test(t, integers_and_scans);
    tcase_add_test(t, casts);
    tcase_add_test(t, byte_order);
    tcase_add_test(t, levels);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
