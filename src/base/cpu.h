#ifndef SHEAF_BASE_CPU_H
#define SHEAF_BASE_CPU_H

/* What this processor runs. */

enum isa {
    ISA_PLAIN,
    ISA_AVX2,
    ISA_AVX512,
    ISA_COUNT
};

const char *isa_name(enum isa isa);
enum isa cpu_isa_best(void);      /* AVX2 means AVX2, FMA and F16C; AVX512 means F, DQ, BW, VL */
enum isa cpu_isa(void);           /* the level in use: SHEAF_ISA=plain|avx2|avx512 lowers it; read once */
void cpu_isa_force(enum isa isa); /* tests only; never above the best */
void cpu_model(char *text, int size);

#endif
