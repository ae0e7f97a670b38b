/* fsum: a sum without rounding, rounded once. The accumulator is a fixed-point number that spans all doubles, in
 * chunks of 32 bits whose carries wait (R. M. Neal, Fast exact summation using small and large superaccumulators,
 * 2015). Blocks reach it as a few doubles each, which a kernel sums without error. */

#include "base/pool.h"
#include "ops/reduce.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

#define CHUNK_BITS 32
#define CHUNKS 70              /* 2^-1074 to 2^1024, and 2^100 of such numbers */
#define UNIT (-1074)           /* bit 0 is worth 2^UNIT */
#define MOST_ADDS (1u << 30)   /* additions that chunks bear before carries must move on */
#define HIGHEST 0x1p1000       /* above, kernel sums could overflow */
#define LOWEST_EXPONENT (-900) /* below, the kernel's smallest unit would be subnormal */

struct accumulator {
    int64_t chunk[CHUNKS];
    unsigned adds;
    double special; /* the sum of infinities and NaNs; 0: none came */
};

static void carry(struct accumulator *a)
{
    int64_t over = 0;
    for (int i = 0; i + 1 < CHUNKS; i++) {
        int64_t v = a->chunk[i] + over;
        a->chunk[i] = v & 0xffffffff;
        over = (v - a->chunk[i]) / ((int64_t)1 << CHUNK_BITS);
    }
    a->chunk[CHUNKS - 1] += over;
    a->adds = 1;
}

static void add(struct accumulator *a, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    unsigned exponent = (unsigned)(bits >> 52) & 0x7ff;
    if (exponent == 0x7ff) {
        a->special += x;
        return;
    }
    uint64_t mantissa = (bits & 0xfffffffffffffu) | (uint64_t)(exponent > 0) << 52;
    unsigned shift = exponent > 0 ? exponent - 1 : 0, by = shift % CHUNK_BITS;
    int64_t *chunk = &a->chunk[shift / CHUNK_BITS], sign = bits >> 63 ? -1 : 1;
    uint64_t low = mantissa << by;
    chunk[0] += sign * (int64_t)(low & 0xffffffff);
    chunk[1] += sign * (int64_t)(low >> 32);
    chunk[2] += sign * (int64_t)(by > 0 ? mantissa >> (64 - by) : 0);
    if (++a->adds == MOST_ADDS)
        carry(a);
}

static void merge(struct accumulator *a, struct accumulator *b)
{
    carry(a);
    carry(b);
    for (int i = 0; i < CHUNKS; i++)
        a->chunk[i] += b->chunk[i];
    a->adds = 2;
    a->special += b->special;
}

static bool bit(const struct accumulator *a, int at)
{
    return at >= 0 && (a->chunk[at / CHUNK_BITS] >> at % CHUNK_BITS & 1);
}

static bool any_below(const struct accumulator *a, int at)
{
    for (int i = 0; i < at; i++) {
        if (i % CHUNK_BITS == 0 && i + CHUNK_BITS <= at) {
            if (a->chunk[i / CHUNK_BITS])
                return true;
            i += CHUNK_BITS - 1;
        } else if (bit(a, i)) {
            return true;
        }
    }
    return false;
}

/* To nearest, ties to even, with so many bits of precision and no bit below 2^least. */
static double rounded(struct accumulator *a, int precision, int least)
{
    if (a->special != 0)
        return a->special;
    carry(a);
    double sign = 1;
    if (a->chunk[CHUNKS - 1] < 0) {
        for (int i = 0; i < CHUNKS; i++)
            a->chunk[i] = -a->chunk[i];
        carry(a);
        sign = -1;
    }
    int top = CHUNKS * CHUNK_BITS - 1;
    while (top >= 0 && !bit(a, top))
        top--;
    if (top < 0)
        return 0;
    int last = top - precision + 1 > least - UNIT ? top - precision + 1 : least - UNIT;
    uint64_t mantissa = 0;
    for (int i = top; i >= last; i--)
        mantissa = mantissa << 1 | bit(a, i);
    if (bit(a, last - 1) && ((mantissa & 1) || any_below(a, last - 1)))
        mantissa++;
    return sign * ldexp((double)mantissa, last + UNIT);
}

static void add_doubles(const struct reduction *r, size_t n, const double *x, struct accumulator *a)
{
    alignas(64) double rest[KERNEL_BLOCK];
    bool more = true;
    while (more) {
        double least, greatest, sums[2];
        int exponent;
        r->k->minmax_f64(n, x, &least, &greatest);
        double size = fmax(-least, greatest);
        if (size == 0)
            return;
        if (!(size < HIGHEST)) {
            for (size_t i = 0; i < n; i++)
                add(a, x[i]);
            return;
        }
        frexp(size, &exponent);
        exponent = exponent < LOWEST_EXPONENT ? LOWEST_EXPONENT : exponent;
        more = r->k->exact(n, x, ldexp(1.5, exponent + 12), rest, sums);
        add(a, sums[0]);
        add(a, sums[1]);
        x = rest;
    }
}

/* 64 bits are two doubles. */
static void add_integers(const struct reduction *r, size_t n, const void *x, struct accumulator *a)
{
    alignas(64) double part[KERNEL_BLOCK];
    const uint64_t *u = x;
    const int64_t *i64 = x;
    for (size_t i = 0; i < n; i++)
        part[i] = (double)(u[i] & 0xffffffff);
    add_doubles(r, n, part, a);
    for (size_t i = 0; i < n; i++)
        part[i] = (r->work == SHEAF_I64 ? (double)(i64[i] >> 32) : (double)(u[i] >> 32)) * 0x1p32;
    add_doubles(r, n, part, a);
}

static void add_block(const struct reduction *r, char *row, size_t b, struct accumulator *a)
{
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    size_t n = reduce_length(r, b);
    const void *x = reduce_load(r, 0, row, b * KERNEL_BLOCK, n, buffer);
    if (r->work == SHEAF_F64)
        add_doubles(r, n, x, a);
    else
        add_integers(r, n, x, a);
}

static void store(const struct reduction *r, struct accumulator *a, char *out)
{
    if (r->out[0] == SHEAF_F32) {
        float value = (float)rounded(a, 24, -149);
        memcpy(out, &value, sizeof value);
    } else {
        double value = rounded(a, 53, UNIT);
        memcpy(out, &value, sizeof value);
    }
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct reduction *r = context;
    for (size_t row = begin; row < end; row++) {
        struct accumulator a = {.special = 0};
        char *p[GRID_OPERANDS];
        reduce_locate(r, row, p);
        for (size_t b = 0; b < r->nblocks; b++)
            add_block(r, p[0], b, &a);
        store(r, &a, p[1]);
    }
}

/* One long row; every thread has an accumulator of its own. */
struct long_row {
    const struct reduction *r;
    char *row;
    struct accumulator *of_thread;
};

static void run_blocks(void *context, size_t begin, size_t end, int thread)
{
    const struct long_row *work = context;
    for (size_t b = begin; b < end; b++)
        add_block(work->r, work->row, b, &work->of_thread[thread]);
}

#define PIECE_NS 20000.0

sheaf_status exact_run(const struct op *op, const struct reduction *r, size_t nrows, const team *t, sheaf_error *error)
{
    double row_ns = op->cost * (double)r->n + 100, block_ns = op->cost * KERNEL_BLOCK;
    size_t threads = t->threads > 1 ? (size_t)t->threads : 1;
    if (threads == 1 || r->nblocks <= 1 || nrows >= 4 * threads || row_ns * (double)nrows < 2 * PIECE_NS) {
        par_for(t, nrows, row_ns < PIECE_NS ? (size_t)(PIECE_NS / row_ns) : 1, run_rows, (void *)(uintptr_t)r);
        return SHEAF_OK;
    }
    struct long_row work = {r, NULL, NULL};
    size_t bytes = threads * sizeof *work.of_thread;
    if (!(work.of_thread = pool_get(bytes)))
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for the sums of %zu threads", op->info.name,
                               threads);
    for (size_t row = 0; row < nrows; row++) {
        char *p[GRID_OPERANDS];
        reduce_locate(r, row, p);
        work.row = p[0];
        memset(work.of_thread, 0, bytes);
        par_for(t, r->nblocks, (size_t)(PIECE_NS / block_ns) + 1, run_blocks, &work);
        for (size_t thread = 1; thread < threads; thread++)
            merge(&work.of_thread[0], &work.of_thread[thread]);
        store(r, &work.of_thread[0], p[1]);
    }
    pool_put(work.of_thread, bytes);
    return SHEAF_OK;
}
