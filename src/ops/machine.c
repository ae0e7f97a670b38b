#include <sheaf/machine.h>

#include "base/cpu.h"
#include "blas/blas.h"
#include "kernels/kernels.h"
#include "ops/ops.h"
#include "par/par.h"
#include <sheaf/config.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *sheaf_version(void)
{
    return SHEAF_VERSION;
}

bool sheaf_has_fftw(void)
{
    return fft_available();
}

int sheaf_threads(void)
{
    return par_threads();
}

void op_libraries(char text[OP_LIBRARIES])
{
    char blas[128];
    blas_describe(blas, sizeof blas);
    snprintf(text, OP_LIBRARIES, "%s, FFT %s", blas, fft_describe());
}

/* FNV-1a of what decides the bits of host rows. */
static void fingerprint(const sheaf_machine *m, char out[17])
{
    char text[320];
    unsigned long long hash = 14695981039346656037ull;
    int n = snprintf(text, sizeof text, "%d|%s|%s|%s", SHEAF_NUMERICS_VERSION, m->isa, m->blas, m->fft);
    for (int i = 0; i < n && i < (int)sizeof text - 1; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211ull;
    snprintf(out, 17, "%016llx", hash);
}

void sheaf_machine_get(sheaf_machine *m)
{
    memset(m, 0, sizeof *m);
    cpu_model(m->cpu, sizeof m->cpu);
    snprintf(m->isa, sizeof m->isa, "%s", isa_name(cpu_isa()));
    snprintf(m->isa_best, sizeof m->isa_best, "%s", isa_name(cpu_isa_best()));
    m->cpus_online = topo_online();
    m->cpus_affinity = topo_affinity();
    m->cores_physical = topo_physical();
    m->cgroup_cpus = topo_cgroup_cpus();
    m->memory_total = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    m->memory_limit = topo_cgroup_memory();
    m->threads = par_threads();
    snprintf(m->threads_why, sizeof m->threads_why, "%s", par_threads_why());
    blas_describe(m->blas, sizeof m->blas);
    snprintf(m->fft, sizeof m->fft, "%s", fft_describe());
    snprintf(m->sort, sizeof m->sort, "%s%s", kernels()->sort[K_F64] ? "own AVX-512, " : "",
             kernel_sort_has_vqsort() ? "vqsort" : "portable");
    fingerprint(m, m->fingerprint);
}
