/* `sheaf info --machine` */

#include "info.h"
#include "json.h"
#include <sheaf/machine.h>

static void machine_json(const sheaf_machine *m)
{
    struct json j = {.out = stdout};
    json_open(&j, NULL, '{');
    json_text(&j, "version", sheaf_version());
    json_whole(&j, "numerics", SHEAF_NUMERICS_VERSION);
    json_text(&j, "cpu", m->cpu);
    json_text(&j, "isa", m->isa);
    json_text(&j, "isa_best", m->isa_best);
    json_whole(&j, "cpus_online", m->cpus_online);
    json_whole(&j, "cpus_affinity", m->cpus_affinity);
    json_whole(&j, "cores_physical", m->cores_physical);
    json_real(&j, "cgroup_cpus", m->cgroup_cpus);
    json_whole(&j, "memory_total", (int64_t)m->memory_total);
    json_whole(&j, "memory_limit", (int64_t)m->memory_limit);
    json_whole(&j, "threads", m->threads);
    json_text(&j, "threads_why", m->threads_why);
    json_text(&j, "blas", m->blas);
    json_text(&j, "fft", m->fft);
    json_text(&j, "sort", m->sort);
    json_text(&j, "fingerprint", m->fingerprint);
    json_close(&j, '}');
}

static void machine_text(const sheaf_machine *m)
{
    printf("sheaf        %s (numerics %d)\n", sheaf_version(), SHEAF_NUMERICS_VERSION);
    printf("cpu          %s\n", m->cpu);
    printf("kernels      %s (best here: %s)\n", m->isa, m->isa_best);
    printf("cpus         %d online, %d in the affinity mask, %d physical cores\n", m->cpus_online, m->cpus_affinity,
           m->cores_physical);
    if (m->cgroup_cpus > 0)
        printf("cpu quota    %.4g (cgroup)\n", m->cgroup_cpus);
    else
        printf("cpu quota    none\n");
    printf("memory       %s", bytes_text((double)m->memory_total));
    printf(m->memory_limit ? ", limited to %s by the cgroup\n" : ", no cgroup limit\n",
           bytes_text((double)m->memory_limit));
    printf("threads      %d (%s)\n", m->threads, m->threads_why);
    printf("blas         %s\n", m->blas);
    printf("fft          %s\n", m->fft);
    printf("sort         %s\n", m->sort);
    printf("fingerprint  %s\n", m->fingerprint);
}

int show_machine(bool json)
{
    sheaf_machine machine;
    sheaf_machine_get(&machine);
    if (json)
        machine_json(&machine);
    else
        machine_text(&machine);
    return DONE;
}
