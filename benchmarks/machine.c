/* What the machine can do, measured in the same run. */

#include "machine.h"
#include "harness.h"
#include "timing.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#define PIECE ((size_t)1 << 19) /* bytes given to a thread at a time: small enough for plain stores in memcpy */

static struct {
    double *a, *b, *c;
    size_t bytes;
} memory;
static volatile double sink;

#define NAME read_16
#define BYTES 16
#define TARGET
#include "machine_read_body.inc"
#ifdef __x86_64__
#define NAME read_32
#define BYTES 32
#define TARGET __attribute__((target("avx2")))
#include "machine_read_body.inc"
#define NAME read_64
#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#include "machine_read_body.inc"
#endif

#define NAME multiply_add_f64_16
#define NUMBER double
#define BYTES 16
#define TARGET
#include "machine_multiply_adds_body.inc"
#define NAME multiply_add_f32_16
#define NUMBER float
#define BYTES 16
#define TARGET
#include "machine_multiply_adds_body.inc"
#ifdef __x86_64__
#define NAME multiply_add_f64_32
#define NUMBER double
#define BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include "machine_multiply_adds_body.inc"
#define NAME multiply_add_f32_32
#define NUMBER float
#define BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include "machine_multiply_adds_body.inc"
#define NAME multiply_add_f64_64
#define NUMBER double
#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#include "machine_multiply_adds_body.inc"
#define NAME multiply_add_f32_64
#define NUMBER float
#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#include "machine_multiply_adds_body.inc"
#endif

typedef double read_loop(const void *from, size_t bytes);

static read_loop *widest_read(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return read_64;
    if (__builtin_cpu_supports("avx2"))
        return read_32;
#endif
    return read_16;
}

/* Huge pages where the system gives them, touched by the threads that will use them. */
static double *touched(size_t bytes)
{
    double *x = aligned_alloc((size_t)2 << 20, bytes);
    if (!x)
        return NULL;
    madvise(x, bytes, MADV_HUGEPAGE);
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static)
    for (size_t i = 0; i < bytes / sizeof *x; i++)
        x[i] = (double)(i & 1023);
    return x;
}

void machine_close(void)
{
    free(memory.a);
    free(memory.b);
    free(memory.c);
    memset(&memory, 0, sizeof memory);
}

bool machine_open(size_t bytes)
{
    size_t page = (size_t)2 << 20;
    if (bytes <= memory.bytes)
        return true;
    machine_close();
    memory.bytes = (bytes + page - 1) / page * page;
    memory.a = touched(memory.bytes);
    memory.b = touched(memory.bytes);
    memory.c = touched(memory.bytes);
    return (memory.a && memory.b && memory.c) || bench_fail("out of memory");
}

void *machine_scratch(void)
{
    return memory.c;
}

bool machine_streams(void)
{
#ifdef __x86_64__
    return true;
#else
    return false;
#endif
}

static void copy_piece(double *to, const double *from, size_t bytes, bool stream)
{
    if (!stream) {
        memcpy(to, from, bytes);
        return;
    }
#ifdef __x86_64__
    for (size_t i = 0; i < bytes / sizeof *to; i += 8)
        for (size_t k = 0; k < 8; k += 2)
            _mm_stream_pd(to + i + k, _mm_load_pd(from + i + k));
    _mm_sfence();
#endif
}

static void triad_piece(double *restrict to, const double *restrict a, const double *restrict b, size_t bytes,
                        bool stream)
{
    if (!stream) {
        for (size_t i = 0; i < bytes / sizeof *to; i++)
            to[i] = a[i] + 3 * b[i];
        return;
    }
#ifdef __x86_64__
    __m128d three = _mm_set1_pd(3);
    for (size_t i = 0; i < bytes / sizeof *to; i += 8)
        for (size_t k = 0; k < 8; k += 2)
            _mm_stream_pd(to + i + k, _mm_add_pd(_mm_load_pd(a + i + k), _mm_mul_pd(three, _mm_load_pd(b + i + k))));
    _mm_sfence();
#endif
}

enum pass {
    READ,
    COPY,
    TRIAD
};

struct loop {
    enum pass pass;
    int threads;
    size_t bytes;
    bool stream;
};

static double do_piece(const struct loop *loop, read_loop *sum, size_t at)
{
    size_t n = loop->bytes - at < PIECE ? loop->bytes - at : PIECE, i = at / sizeof(double);
    if (loop->pass == READ)
        return sum(memory.a + i, n);
    if (loop->pass == COPY)
        copy_piece(memory.b + i, memory.a + i, n, loop->stream);
    else
        triad_piece(memory.c + i, memory.a + i, memory.b + i, n, loop->stream);
    return 0;
}

static bool do_loop(const void *context)
{
    const struct loop *loop = context;
    read_loop *sum = widest_read();
    double total = 0;
    if (loop->threads == 1)
        for (size_t at = 0; at < loop->bytes; at += PIECE)
            total += do_piece(loop, sum, at);
    else {
#pragma omp parallel for num_threads(loop->threads) schedule(static) reduction(+ : total)
        for (size_t at = 0; at < loop->bytes; at += PIECE)
            total += do_piece(loop, sum, at);
    }
    sink = total;
    return true;
}

static double rate(const struct loop *loop, int arrays)
{
    double seconds = 0;
    timed(do_loop, loop, &seconds);
    return 1e-9 * arrays * (double)loop->bytes / seconds;
}

double machine_read(int threads, size_t bytes)
{
    return rate(&(struct loop){READ, threads, bytes, false}, 1);
}

double machine_copy(int threads, size_t bytes, bool stream)
{
    return rate(&(struct loop){COPY, threads, bytes, stream}, 2);
}

double machine_triad(int threads, size_t bytes, bool stream)
{
    return rate(&(struct loop){TRIAD, threads, bytes, stream}, 3);
}

/* ---- multiply-adds ---- */

#define OPERATIONS ((size_t)24 * 16 << 16) /* of a thread and a run: whole rounds of every width */

typedef double multiply_add_loop(size_t operations);

static multiply_add_loop *widest_multiply_adds(bool single)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return single ? multiply_add_f32_64 : multiply_add_f64_64;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return single ? multiply_add_f32_32 : multiply_add_f64_32;
#endif
    return single ? multiply_add_f32_16 : multiply_add_f64_16;
}

struct multiply_adds {
    multiply_add_loop *loop;
    int threads;
};

static bool do_multiply_adds(const void *context)
{
    const struct multiply_adds *work = context;
    double total = 0;
#pragma omp parallel for num_threads(work->threads) schedule(static) reduction(+ : total)
    for (int i = 0; i < work->threads; i++)
        total += work->loop(OPERATIONS);
    sink = total;
    return true;
}

double machine_multiply_adds(int threads, bool single)
{
    double seconds = 0;
    timed(do_multiply_adds, &(struct multiply_adds){widest_multiply_adds(single), threads}, &seconds);
    return 1e-9 * threads * (double)OPERATIONS / seconds;
}
