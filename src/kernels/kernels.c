#include "kernels/kernels.h"
#include "base/cpu.h"
#include "kernels/sort.h"
#include <pthread.h>

void fill_kernels_plain(struct kernels *k);
void fill_kernels_avx2(struct kernels *k);
void fill_kernels_avx512(struct kernels *k);

static struct kernels tables[ISA_COUNT];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill_tables(void)
{
    fill_kernels_plain(&tables[ISA_PLAIN]);
#ifdef __x86_64__
    fill_kernels_avx2(&tables[ISA_AVX2]);
    fill_kernels_avx512(&tables[ISA_AVX512]);
#endif
}

const struct kernels *kernels_at(int isa)
{
    if (isa < ISA_PLAIN || isa > (int)cpu_isa_best())
        return NULL;
    pthread_once(&filled, fill_tables);
    return &tables[isa];
}

const struct kernels *kernels(void)
{
    pthread_once(&filled, fill_tables);
    return &tables[cpu_isa()];
}

typedef void sorter(enum kdtype dtype, size_t n, void *x);

static void sort_by(sorter *sort, enum kdtype dtype, size_t n, void *x)
{
    if (dtype != K_F32 && dtype != K_F64) {
        sort(dtype, n, x);
        return;
    }
    const struct kernels *k = kernels();
    k->to_keys[dtype](n, x);
    sort(dtype == K_F32 ? K_I32 : K_I64, n, x);
    k->from_keys[dtype](n, x);
}

#ifdef SHEAF_VQSORT
/* Below this, vqsort's fixed cost (it asks the system for a random seed) outweighs its speed. */
#define VQSORT_LEAST 48

/* vqsort sorts so many 32-bit elements by networks alone. */
#define VQSORT_NETWORK 256

static uint32_t median(uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Median of nine, of values that compare as unsigned once flipped. */
static uint32_t choose_pivot(size_t n, const uint32_t *x, uint32_t flip)
{
    uint32_t m[3];
    for (size_t i = 0; i < 3; i++) {
        const uint32_t *p = x + n / 9 * (3 * i + 1);
        m[i] = median(p[0] ^ flip, p[n / 9] ^ flip, p[n / 9 * 2 - 1] ^ flip);
    }
    return median(m[0], m[1], m[2]) ^ flip;
}

/* Quicksort down to what the networks take; a pivot that leaves nothing below it is the least value, whose copies are
 * then set aside. vqsort does the rest when pivots keep being bad. */
static void sort_32(const struct kernels *k, enum kdtype dtype, size_t n, uint32_t *x, int depth)
{
    const uint32_t sign = 0x80000000u, flip = dtype == K_U32 ? sign : 0;
    while (n > VQSORT_NETWORK && depth-- > 0) {
        const uint32_t pivot = choose_pivot(n, x, flip ^ sign);
        size_t below = k->partition_32(n, x, pivot, flip);
        if (below == 0) {
            if ((pivot ^ flip) == sign - 1)
                return;
            below = k->partition_32(n, x, pivot + 1, flip);
        } else {
            sort_32(k, dtype, below, x, depth);
        }
        x += below;
        n -= below;
    }
    if (n > 1)
        sort_vqsort(dtype, n, x);
}

static void sort_best(enum kdtype dtype, size_t n, void *x)
{
    const struct kernels *k = kernels();
    const int wide = dtype != K_BOOL && dtype != K_I8 && dtype != K_U8 && dtype != K_C64 && dtype != K_C128;
    if (!wide || n < VQSORT_LEAST)
        sort_plain(dtype, n, x);
    else if (k->partition_32 && n > VQSORT_NETWORK && (dtype == K_I32 || dtype == K_U32))
        sort_32(k, dtype, n, x, 2 * (64 - __builtin_clzll(n)));
    else
        sort_vqsort(dtype, n, x);
}
#else
#define sort_best sort_plain
#endif

void kernel_sort(enum kdtype dtype, size_t n, void *x)
{
    sort_by(sort_best, dtype, n, x);
}

void kernel_sort_portable(enum kdtype dtype, size_t n, void *x)
{
    sort_by(sort_plain, dtype, n, x);
}

bool kernel_sort_has_vqsort(void)
{
#ifdef SHEAF_VQSORT
    return true;
#else
    return false;
#endif
}
