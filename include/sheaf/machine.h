#ifndef SHEAF_MACHINE_H
#define SHEAF_MACHINE_H

/* The machine as the library sees it. */

#include <sheaf/status.h>

typedef struct sheaf_machine {
    char cpu[64];      /* model name */
    char isa[16];      /* kernels in use: "plain", "avx2", "avx512" */
    char isa_best[16]; /* the best this processor runs */
    int cpus_online, cpus_affinity, cores_physical;
    double cgroup_cpus;                  /* CPU quota; 0: none */
    uint64_t memory_total, memory_limit; /* bytes; the limit is the cgroup's, 0: none */
    int threads;                         /* what a call uses by default */
    char threads_why[96];
    char blas[128];       /* library, threading model and kernel set */
    char fft[64];         /* "FFTW 3.3.10", or "none" */
    char sort[32];        /* "vqsort" or "portable", after "own AVX-512, " where that does 32 and 64 bits */
    char fingerprint[17]; /* of all that decides the bits of host rows (docs/architecture.md) */
} sheaf_machine;

SHEAF_API void sheaf_machine_get(sheaf_machine *machine);
/* Threads a call uses by default: SHEAF_NUM_THREADS, else OMP_NUM_THREADS, else the least of affinity, cgroup
 * quota and physical cores. */
SHEAF_API int sheaf_threads(void);
SHEAF_API const char *sheaf_version(void);
/* True when FFTW, which is under the GPL, is linked in. */
SHEAF_API bool sheaf_has_fftw(void);

#endif
