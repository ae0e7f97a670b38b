#include "kernels/kernels.h"
#include "base/cpu.h"
#include "kernels/sort.h"
#include <pthread.h>

void fill_kernels_plain(struct kernels *k);
void fill_kernels_avx2(struct kernels *k);
void fill_kernels_avx512(struct kernels *k);

static struct kernels tables[ISA_COUNT];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

/* Filling a table takes its level's instructions too. */
static void fill_tables(void)
{
    fill_kernels_plain(&tables[ISA_PLAIN]);
#ifdef __x86_64__
    if (cpu_isa_best() >= ISA_AVX2)
        fill_kernels_avx2(&tables[ISA_AVX2]);
    if (cpu_isa_best() >= ISA_AVX512)
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

#ifdef SHEAF_VQSORT
/* Below this, vqsort's fixed cost (it asks the system for a random seed) outweighs its speed. */
#define VQSORT_LEAST 48

static void sort_best(enum kdtype dtype, size_t n, void *x)
{
    const int wide = dtype != K_BOOL && dtype != K_I8 && dtype != K_U8 && dtype != K_C64 && dtype != K_C128;
    (wide && n >= VQSORT_LEAST ? sort_vqsort : sort_plain)(dtype, n, x);
}
#else
#define sort_best sort_plain
#endif

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

/* Below this, insertion sort costs less than a network that takes many more. */
#define NETWORK_LEAST 16

void kernel_sort(enum kdtype dtype, size_t n, void *x)
{
    const struct kernels *k = kernels();
    if (k->sort[dtype] && n >= NETWORK_LEAST)
        k->sort[dtype](n, x);
    else
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
