/* What the machine can do, measured in the same run. */

#include "bench_map.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef double pair __attribute__((vector_size(16)));

static struct {
    double *a, *b, *c;
    size_t n, bytes; /* of each */
} memory;
static volatile double sink;

/* Huge pages where the system gives them, touched by the threads that will use them. */
static double *touched(size_t bytes, size_t n)
{
    double *x = aligned_alloc((size_t)2 << 20, bytes);
    if (!x)
        return NULL;
    madvise(x, bytes, MADV_HUGEPAGE);
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static)
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(i & 1023);
    return x;
}

static void finish(const void *work)
{
    (void)work;
    free(memory.a);
    free(memory.b);
    free(memory.c);
    memset(&memory, 0, sizeof memory);
}

static bool prepare(const void *work)
{
    (void)work;
    memory.bytes = (size_t)(bench_options()->small ? 2 : 256) << 20;
    memory.n = memory.bytes / sizeof(double);
    memory.a = touched(memory.bytes, memory.n);
    memory.b = touched(memory.bytes, memory.n);
    memory.c = touched(memory.bytes, memory.n);
    return (memory.a && memory.b && memory.c) || bench_fail("out of memory");
}

/* Pieces of 32 doubles, eight sums, so that loads and not additions are waited for. */
static double sum_range(const double *x, size_t n)
{
    const pair *p = (const pair *)x;
    pair sums[8] = {{0}};
    for (size_t i = 0; i + 16 <= n / 2; i += 16)
        for (int k = 0; k < 8; k++)
            sums[k] += p[i + k] + p[i + 8 + k];
    for (int k = 1; k < 8; k++)
        sums[0] += sums[k];
    return sums[0][0] + sums[0][1];
}

static bool run_read(const void *work, bool first, double *rate)
{
    double begin = bench_seconds(), sum = 0;
    size_t piece = 1 << 16, pieces = memory.n / piece;
    (void)work;
    (void)first;
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static) reduction(+ : sum)
    for (size_t i = 0; i < pieces; i++)
        sum += sum_range(memory.a + i * piece, piece);
    sink = sum;
    *rate = 1e-9 * (double)memory.bytes / (bench_seconds() - begin);
    return true;
}

static bool run_copy(const void *work, bool first, double *rate)
{
    double begin = bench_seconds();
    size_t piece = 1 << 16, pieces = memory.n / piece;
    (void)work;
    (void)first;
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static)
    for (size_t i = 0; i < pieces; i++)
        memcpy(memory.b + i * piece, memory.a + i * piece, piece * sizeof(double));
    *rate = 2e-9 * (double)memory.bytes / (bench_seconds() - begin);
    return true;
}

static bool run_triad(const void *work, bool first, double *rate)
{
    double begin = bench_seconds();
    const double *restrict a = memory.a, *restrict b = memory.b;
    double *restrict c = memory.c;
    (void)work;
    (void)first;
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static)
    for (size_t i = 0; i < memory.n; i++)
        c[i] = a[i] + 3 * b[i];
    *rate = 3e-9 * (double)memory.bytes / (bench_seconds() - begin);
    return true;
}

const struct bench_case machine_cases[] = {
    {.name = "machine/bandwidth",
     .unit = "GB/s",
     .prepare = prepare,
     .finish = finish,
     .sides = {{"read", BENCH_LIMIT, run_read, 0},
               {"copy", BENCH_LIMIT, run_copy, 0},
               {"triad", BENCH_LIMIT, run_triad, 0}}},
};
const size_t machine_ncases = sizeof machine_cases / sizeof *machine_cases;
