#include "par/par.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int threads;
static char why[96];
static pthread_once_t once = PTHREAD_ONCE_INIT;

int topo_online(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

int topo_affinity(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return topo_online();
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

static bool read_line(const char *path, char *line, int size)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool got = fgets(line, size, f) != NULL;
    fclose(f);
    return got;
}

/* A core counts once: by the first of its hardware threads that the affinity allows. */
int topo_physical(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return topo_online();
    int cores = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        char path[96], line[128];
        if (!CPU_ISSET(cpu, &set))
            continue;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
        bool first = true;
        if (read_line(path, line, sizeof line)) {
            for (char *p = line; first && *p >= '0' && *p <= '9';) {
                long from = strtol(p, &p, 10), to = *p == '-' ? strtol(p + 1, &p, 10) : from;
                for (long sibling = from; sibling <= to && sibling < cpu; sibling++)
                    first = first && !CPU_ISSET((size_t)sibling, &set);
                p += *p == ',';
            }
        }
        cores += first;
    }
    return cores > 0 ? cores : 1;
}

/* This process's cgroup directory for a v1 controller, or for v2 ("" as controller), from /proc/self/cgroup. */
static bool cgroup_path(const char *controller, char *path, size_t size)
{
    char line[512];
    bool found = false;
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':'), *where = names ? strchr(names + 1, ':') : NULL;
        if (!where)
            continue;
        *where++ = '\0';
        names++;
        if (!*controller) {
            found = !*names;
        } else {
            char *rest = names;
            for (char *name; (name = strsep(&rest, ",")) != NULL;)
                found = found || strcmp(name, controller) == 0;
        }
        if (found)
            snprintf(path, size, "%s", where);
    }
    if (f)
        fclose(f);
    return found;
}

/* Call visit with the file of this name in the process's cgroup and in each of its parents. Inside a container the
 * path may not exist below the mount; the mount's root then is the container's own group. */
static void each_cgroup_file(const char *controller, const char *mount, const char *name,
                             void (*visit)(const char *line, const char *directory, void *out), void *out)
{
    char group[400], file[512], line[128];
    if (!cgroup_path(controller, group, sizeof group))
        return;
    for (;;) {
        char directory[448];
        snprintf(directory, sizeof directory, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
        snprintf(file, sizeof file, "%s/%s", directory, name);
        if (read_line(file, line, sizeof line))
            visit(line, directory, out);
        char *slash = strrchr(group, '/');
        if (!slash || group[1] == '\0')
            return;
        slash[slash == group] = '\0';
    }
}

static void least(double quota, double *out)
{
    if (quota > 0 && (*out == 0 || quota < *out))
        *out = quota;
}

static void visit_v2(const char *line, const char *directory, void *out)
{
    double quota, period;
    (void)directory;
    if (sscanf(line, "%lf %lf", &quota, &period) == 2 && period > 0)
        least(quota / period, out);
}

static void visit_v1(const char *line, const char *directory, void *out)
{
    char file[512], other[64];
    snprintf(file, sizeof file, "%s/cpu.cfs_period_us", directory);
    double quota = strtod(line, NULL), period = read_line(file, other, sizeof other) ? strtod(other, NULL) : 0;
    if (quota > 0 && period > 0)
        least(quota / period, out);
}

double topo_cgroup_cpus(void)
{
    double cpus = 0;
    each_cgroup_file("", "/sys/fs/cgroup", "cpu.max", visit_v2, &cpus);
    each_cgroup_file("cpu", "/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", visit_v1, &cpus);
    return cpus;
}

static void visit_memory(const char *line, const char *directory, void *out)
{
    unsigned long long limit, *lowest = out;
    (void)directory;
    /* v1 writes a huge number where there is no limit, v2 the word max. */
    if (sscanf(line, "%llu", &limit) == 1 && limit < 1ull << 60 && (*lowest == 0 || limit < *lowest))
        *lowest = limit;
}

unsigned long long topo_cgroup_memory(void)
{
    unsigned long long bytes = 0;
    each_cgroup_file("", "/sys/fs/cgroup", "memory.max", visit_memory, &bytes);
    each_cgroup_file("memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", visit_memory, &bytes);
    return bytes;
}

/* What a cgroup's limit leaves over its use. The page cache is in the use, and is given back when need be. */
static void visit_free(const char *line, const char *directory, const char *usage, const char *cache, void *out)
{
    char file[512], text[128];
    unsigned long long limit, used, cached = 0, *lowest = out;
    if (sscanf(line, "%llu", &limit) != 1 || limit >= 1ull << 60)
        return;
    snprintf(file, sizeof file, "%s/%s", directory, usage);
    if (!read_line(file, text, sizeof text) || sscanf(text, "%llu", &used) != 1)
        return;
    snprintf(file, sizeof file, "%s/memory.stat", directory);
    FILE *f = fopen(file, "re");
    while (f && fgets(text, sizeof text, f))
        if (strncmp(text, cache, strlen(cache)) == 0)
            cached += strtoull(text + strlen(cache), NULL, 10);
    if (f)
        fclose(f);
    used = used > cached ? used - cached : 0;
    const unsigned long long left = limit > used ? limit - used : 1;
    if (*lowest == 0 || left < *lowest)
        *lowest = left;
}

static void visit_free_v2(const char *line, const char *directory, void *out)
{
    visit_free(line, directory, "memory.current", "inactive_file ", out);
}

static void visit_free_v1(const char *line, const char *directory, void *out)
{
    visit_free(line, directory, "memory.usage_in_bytes", "total_inactive_file ", out);
}

unsigned long long topo_free_memory(void)
{
    unsigned long long bytes = 0, kilobytes;
    char line[128];
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && bytes == 0 && fgets(line, sizeof line, f))
        if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
            bytes = kilobytes << 10;
    if (f)
        fclose(f);
    each_cgroup_file("", "/sys/fs/cgroup", "memory.max", visit_free_v2, &bytes);
    each_cgroup_file("memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", visit_free_v1, &bytes);
    return bytes;
}

static bool from_environment(const char *name)
{
    const char *text = getenv(name);
    char *end;
    if (!text)
        return false;
    long n = strtol(text, &end, 10);
    /* OMP_NUM_THREADS may be a list, one number per nesting level: the first counts. */
    if (end == text || (*end != '\0' && *end != ',') || n < 1 || n > 65536)
        return false;
    threads = (int)n;
    snprintf(why, sizeof why, "%s=%ld", name, n);
    return true;
}

static void decide(void)
{
    if (from_environment("SHEAF_NUM_THREADS") || from_environment("OMP_NUM_THREADS"))
        return;
    int affinity = topo_affinity(), cores = topo_physical();
    double quota = topo_cgroup_cpus();
    threads = cores;
    snprintf(why, sizeof why, cores < affinity ? "%d physical cores" : "%d processors allowed to this process", cores);
    if (quota > 0 && quota < threads) {
        threads = quota < 1 ? 1 : (int)quota;
        snprintf(why, sizeof why, "cgroup quota of %g processors", quota);
    }
}

int par_threads(void)
{
    pthread_once(&once, decide);
    return threads;
}

const char *par_threads_why(void)
{
    pthread_once(&once, decide);
    return why;
}
