/* Maps over batches, beside Python's multiprocessing.Pool().map and serial NumPy: in memory, from files and to files.
 */

#include "bench_map.h"
#include "peer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_MAX 32

static size_t add_cases(struct bench_case *to, size_t n, const struct bench_case *from, size_t count)
{
    for (size_t i = 0; i < count && n < CASES_MAX; i++)
        to[n++] = from[i];
    return n;
}

int main(int argc, char **argv)
{
    static const struct bench_mean means[] = {{"memory", "Pool.map", 35, 45}, {"memory", "serial NumPy", 0, 10}};
    static struct bench_case cases[CASES_MAX];
    size_t n = 0;
    if (argc == 4 && strcmp(argv[1], "--peak-child") == 0)
        return peak_child(argv[2], atoi(argv[3]));
    n = add_cases(cases, n, machine_cases, machine_ncases);
    n = add_cases(cases, n, memory_cases, memory_ncases);
    n = add_cases(cases, n, file_cases, file_ncases);
    n = add_cases(cases, n, cost_cases, cost_ncases);
    n = add_cases(cases, n, isolated_cases, isolated_ncases);
    n = add_cases(cases, n, mixed_cases, mixed_ncases);
    const struct bench_program program = {.name = "bench_map",
                                          .peer_script = "map.py",
                                          .cases = cases,
                                          .ncases = n,
                                          .means = means,
                                          .nmeans = sizeof means / sizeof *means};
    return bench_main(argc, argv, &program);
}
