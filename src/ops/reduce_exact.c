/* fsum: a sum without rounding, rounded once. The accumulator is a fixed-point number that spans all doubles, in
 * chunks of 32 bits whose carries wait (R. M. Neal, Fast exact summation using small and large superaccumulators,
 * 2015). Blocks reach it as a few doubles each, which a kernel sums without error. */

#include "base/pool.h"
#include "ops/reduce_columns.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

#define CHUNK_BITS 32
#define CHUNKS 70            /* 2^-1074 to 2^1024, and 2^100 of such numbers */
#define UNIT (-1074)         /* bit 0 is worth 2^UNIT */
#define MOST_ADDS (1u << 30) /* additions that chunks bear before carries must move on */
/* Outside these the kernel's sums could overflow, or its smallest unit be subnormal. */
#define HIGHEST 0x1p1000
#define LOWEST 0x1p-900

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

/* The highest bit set, -1 where none is; carries have moved on and the number is not negative. */
static int highest(const struct accumulator *a)
{
    for (int i = CHUNKS - 1; i >= 0; i--) {
        if (a->chunk[i] != 0)
            return i * CHUNK_BITS + 63 - __builtin_clzll((unsigned long long)a->chunk[i]);
    }
    return -1;
}

/* 64 bits from bit `at` on. */
static uint64_t window(const struct accumulator *a, int at)
{
    const int i = at / CHUNK_BITS, by = at % CHUNK_BITS;
    uint64_t bits = (uint64_t)a->chunk[i] >> by;
    if (i + 1 < CHUNKS)
        bits |= (uint64_t)a->chunk[i + 1] << (CHUNK_BITS - by);
    if (i + 2 < CHUNKS && by > 0)
        bits |= (uint64_t)a->chunk[i + 2] << (2 * CHUNK_BITS - by);
    return bits;
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
    const int top = highest(a), last = top - precision + 1 > least - UNIT ? top - precision + 1 : least - UNIT;
    if (top < 0)
        return 0;
    uint64_t mantissa = last > top ? 0 : window(a, last) & (((uint64_t)1 << (top - last + 1)) - 1);
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
        if (!(size > LOWEST && size < HIGHEST)) {
            for (size_t i = 0; i < n; i++)
                add(a, x[i]);
            return;
        }
        frexp(size, &exponent);
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
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        part[i] = (double)(u[i] & 0xffffffff);
    add_doubles(r, n, part, a);
    for (size_t i = 0; i < n; i++)
        part[i] = (r->work == SHEAF_I64 ? (double)(i64[i] >> 32) : (double)(u[i] >> 32)) * 0x1p32;
    add_doubles(r, n, part, a);
}

static void add_elements(const struct reduction *r, size_t n, const void *x, struct accumulator *a)
{
    if (r->work == SHEAF_F64)
        add_doubles(r, n, x, a);
    else
        add_integers(r, n, x, a);
}

static void store_value(const struct reduction *r, double value, char *out)
{
    float single = (float)value;
    if (r->out[0] == SHEAF_F32)
        memcpy(out, &single, sizeof single);
    else
        memcpy(out, &value, sizeof value);
}

static void store(const struct reduction *r, struct accumulator *a, char *out)
{
    store_value(r, r->out[0] == SHEAF_F32 ? rounded(a, 24, -149) : rounded(a, 53, UNIT), out);
}

/* Rows of one block that leave no more than two numbers: the rounding of their sum is the only one. */
static bool store_at_once(const struct reduction *r, size_t n, const void *x, char *out)
{
    alignas(64) double rest[KERNEL_BLOCK];
    double least, greatest, sums[2];
    int exponent;
    if (r->nblocks > 1 || r->work != SHEAF_F64)
        return false;
    r->k->minmax_f64(n, x, &least, &greatest);
    double size = fmax(-least, greatest);
    if (!(size > LOWEST && size < HIGHEST))
        return false;
    frexp(size, &exponent);
    if (r->k->exact(n, x, ldexp(1.5, exponent + 12), rest, sums))
        return false;
    const double sum = sums[0] + sums[1], part = sum - sums[0];
    const double error = (sums[0] - (sum - part)) + (sums[1] - part);
    if (r->out[0] == SHEAF_F32 && error != 0)
        return false;
    store_value(r, sum, out);
    return true;
}

static void sum_row(const struct reduction *r, char *const *p, void *buffer)
{
    if (r->nblocks == 1 && store_at_once(r, r->n, reduce_load(r, 0, p[0], 0, r->n, buffer), p[1]))
        return;
    struct accumulator a = {.special = 0};
    for (size_t b = 0; b < r->nblocks; b++) {
        const size_t n = reduce_length(r, b);
        add_elements(r, n, reduce_load(r, 0, p[0], b * KERNEL_BLOCK, n, buffer), &a);
    }
    store(r, &a, p[1]);
}

static void run_rows(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct reduction *r = context;
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    for (size_t row = begin; row < end; row++) {
        char *p[GRID_OPERANDS];
        reduce_locate(r, row, p);
        sum_row(r, p, buffer);
    }
}

/* ---- rows that lie interleaved ---- */

static void run_tile(const struct reduction *r, size_t row, size_t columns, const struct columns *m)
{
    struct accumulator a[GATHERED];
    char *p[GRID_OPERANDS];
    reduce_locate(r, row, p);
    for (size_t b = 0; b < r->nblocks; b++) {
        const struct tile t = columns_tile(r, columns, p, b);
        gathered_load(r, &t, m);
        for (size_t c = 0; c < columns; c++) {
            const char *x = m->gathered[0] + c * m->pitch * r->work_size;
            char *out = p[1] + (int64_t)c * r->rows.step[1];
            if (store_at_once(r, t.n, x, out))
                continue;
            if (b == 0)
                a[c] = (struct accumulator){.special = 0};
            add_elements(r, t.n, x, &a[c]);
            if (b + 1 == r->nblocks)
                store(r, &a[c], out);
        }
    }
}

static size_t tiles_across(const struct reduction *r)
{
    return (r->rows.n + GATHERED - 1) / GATHERED;
}

static void run_tiles(void *context, size_t begin, size_t end, int thread)
{
    const struct reduction *r = context;
    struct columns m;
    const bool room = columns_init(&m, r);
    for (size_t tile = begin; tile < end; tile++) {
        const size_t at = tile % tiles_across(r) * GATHERED, row = tile / tiles_across(r) * r->rows.n + at;
        const size_t columns = r->rows.n - at < GATHERED ? r->rows.n - at : GATHERED;
        if (room)
            run_tile(r, row, columns, &m);
        else
            run_rows(context, row, row + columns, thread);
    }
    if (room)
        columns_clear(&m);
}

/* ---- one long row ---- */

/* Every thread has an accumulator of its own. */
struct long_row {
    const struct reduction *r;
    char *row;
    struct accumulator *of_thread;
};

static void run_blocks(void *context, size_t begin, size_t end, int thread)
{
    const struct long_row *work = context;
    alignas(64) unsigned char buffer[REDUCE_BUFFER];
    for (size_t b = begin; b < end; b++) {
        const size_t n = reduce_length(work->r, b);
        const void *x = reduce_load(work->r, 0, work->row, b * KERNEL_BLOCK, n, buffer);
        add_elements(work->r, n, x, &work->of_thread[thread]);
    }
}

#define PIECE_NS 20000

sheaf_status exact_run(const struct op *op, const struct reduction *r, size_t nrows, const team *t, sheaf_error *error)
{
    double row_ns = op->cost * (double)r->n + 100, block_ns = op->cost * KERNEL_BLOCK;
    size_t threads = t->threads > 1 ? (size_t)t->threads : 1;
    if (threads == 1 || r->nblocks <= 1 || nrows >= 4 * threads || row_ns * (double)nrows < 2 * PIECE_NS) {
        const size_t wide = columns_are(r) ? GATHERED : 1, ns = (size_t)row_ns * wide;
        const size_t pieces = wide > 1 ? nrows / r->rows.n * tiles_across(r) : nrows;
        par_for(t, pieces, ns < PIECE_NS ? PIECE_NS / ns : 1, wide > 1 ? run_tiles : run_rows, (void *)(uintptr_t)r);
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
