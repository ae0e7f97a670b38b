#include "base/cpu.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static atomic_int level = -1;

const char *isa_name(enum isa isa)
{
    static const char *const names[] = {"plain", "avx2", "avx512"};
    return names[isa];
}

/* cpuid costs microseconds in a virtual machine, so it is asked once. */
static enum isa look(void)
{
#if defined(__x86_64__)
    unsigned a, b, c = 0, d; /* clang 14 does not know "f16c" by name */
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_F16C))
        return ISA_PLAIN;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return ISA_PLAIN;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    return ISA_AVX2;
#else
    return ISA_PLAIN;
#endif
}

enum isa cpu_isa_best(void)
{
    static atomic_int best = -1;
    int known = atomic_load_explicit(&best, memory_order_relaxed);
    if (known < 0) {
        known = (int)look();
        atomic_store_explicit(&best, known, memory_order_relaxed);
    }
    return (enum isa)known;
}

enum isa cpu_isa(void)
{
    int now = atomic_load_explicit(&level, memory_order_relaxed);
    if (now >= 0)
        return (enum isa)now;
    enum isa chosen = cpu_isa_best();
    const char *wish = getenv("SHEAF_ISA");
    for (int i = 0; wish && i < (int)chosen; i++) {
        if (strcmp(wish, isa_name((enum isa)i)) == 0)
            chosen = (enum isa)i;
    }
    atomic_store(&level, (int)chosen);
    return chosen;
}

void cpu_isa_force(enum isa isa)
{
    enum isa best = cpu_isa_best();
    atomic_store(&level, (int)(isa < best ? isa : best));
}

void cpu_model(char *text, int size)
{
    char line[256];
    snprintf(text, (size_t)size, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(text, (size_t)size, "%s", colon + 2);
            break;
        }
    }
    if (f)
        fclose(f);
}
