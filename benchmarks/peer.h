#ifndef BENCH_PEER_H
#define BENCH_PEER_H

/* The Python side: a child process that runs one piece of work whenever it is asked (peers/map.py,
 * peers/arrays.py). */

#include <stdbool.h>

bool peer_start(const char *script, int threads); /* false, with a message: not set up */
void peer_stop(void);
/* "Python 3.11.2, numpy 2.4.0, …"; "" when not started. */
const char *peer_versions(void);

/* One request, its fields as the script describes them, and the number it answers. False, with a message. */
bool peer_ask(const char *side, const char *work, const char *source, const char *output, const char *result,
              double *answer);

/* What the sides below do: work is map.py's name for it, source a stacked .npy or a directory of files (both
 * borrowed). Work that saves arrays puts its results in peer_output(side), other work's first run in
 * peer_result(side). */
void peer_work(const char *work, const char *source, bool saves);
const char *peer_output(const char *side);
const char *peer_result(const char *side);

/* Sides of a bench_case. */
bool peer_pool(const void *work, bool first, double *seconds);
bool peer_serial(const void *work, bool first, double *seconds);
bool peer_threads(const void *work, bool first, double *seconds);
bool peer_joblib(const void *work, bool first, double *seconds);
bool peer_new_pool(const void *work, bool first, double *seconds);

/* The sides every comparison with Python has; serial NumPy and the information take some rounds less. */
#define PEER_SIDES(serial_rounds, info_rounds)                                                                       \
    {"Pool.map", BENCH_PEER, peer_pool, 0}, {"serial NumPy", BENCH_PEER, peer_serial, serial_rounds},                \
        {"ThreadPool.map", BENCH_INFO, peer_threads, info_rounds}, {"joblib", BENCH_INFO, peer_joblib, info_rounds}, \
    {                                                                                                                \
        "Pool and map", BENCH_INFO, peer_new_pool, 1                                                                 \
    }

#endif
