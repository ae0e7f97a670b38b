#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

/* What the machine can do, by the best plain means: the yardstick of the goals. Three arrays are kept until
 * machine_close. Every loop takes the number of threads and the bytes of each array it touches, and returns GB/s, read
 * and written bytes together. */

#include <stdbool.h>
#include <stddef.h>

bool machine_open(size_t bytes); /* at least so many in each array */
void machine_close(void);
void *machine_scratch(void); /* one of them */

/* Sums at the processor's widest vectors: out of cache the read bandwidth, in L1 or L2 the load bandwidth (repeated
 * until it can be timed). */
double machine_read(int threads, size_t bytes);
/* stream: past the caches, by non-temporal stores; false where the processor has none. */
bool machine_streams(void);
double machine_copy(int threads, size_t bytes, bool stream);
double machine_triad(int threads, size_t bytes, bool stream); /* c = a + 3 b */

/* Multiply-adds in registers, at the widest vectors: GFLOP/s, two for each. */
double machine_multiply_adds(int threads, bool single);

#endif
