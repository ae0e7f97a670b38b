#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdbool.h>

/* The seconds of one call of `once`, which is repeated until there is enough to time: TIMED_LEAST seconds. False when
 * a call fails. */
#define TIMED_LEAST 2e-4
bool timed(bool (*once)(const void *context), const void *context, double *seconds);

#endif
