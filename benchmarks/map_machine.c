/* What the machine can do, beside the maps. */

#include "bench_map.h"
#include "machine.h"

static size_t bytes(void)
{
    return (size_t)(bench_options()->small ? 2 : 256) << 20;
}

static bool prepare(const void *work)
{
    (void)work;
    return machine_open(bytes());
}

static void finish(const void *work)
{
    (void)work;
    machine_close();
}

static bool run_read(const void *work, bool first, double *rate)
{
    (void)work;
    (void)first;
    *rate = machine_read(bench_options()->threads, bytes());
    return true;
}

static bool run_copy(const void *work, bool first, double *rate)
{
    (void)work;
    (void)first;
    *rate = machine_copy(bench_options()->threads, bytes(), false);
    return true;
}

static bool run_triad(const void *work, bool first, double *rate)
{
    (void)work;
    (void)first;
    *rate = machine_triad(bench_options()->threads, bytes(), false);
    return true;
}

static bool run_streamed(const void *work, bool first, double *rate)
{
    (void)work;
    (void)first;
    *rate = machine_triad(bench_options()->threads, bytes(), machine_streams());
    return true;
}

const struct bench_case machine_cases[] = {
    {.name = "machine/bandwidth",
     .unit = "GB/s",
     .prepare = prepare,
     .finish = finish,
     .sides = {{"read", BENCH_LIMIT, run_read, 0},
               {"copy", BENCH_LIMIT, run_copy, 0},
               {"triad", BENCH_LIMIT, run_triad, 0},
               {"triad past the caches", BENCH_LIMIT, run_streamed, 0}}},
};
const size_t machine_ncases = sizeof machine_cases / sizeof *machine_cases;
