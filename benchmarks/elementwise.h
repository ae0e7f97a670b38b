#ifndef BENCH_ELEMENTWISE_H
#define BENCH_ELEMENTWISE_H

/* The rooms of bench_elementwise. */

#include "call.h"

void bandwidth_cases(struct case_list *list);
void elementary_cases(struct case_list *list);
void strided_cases(struct case_list *list);

/* z = SLEEF's function of x (and y) by vectors of 32 or 64 bytes, over n elements of double or single precision,
 * aligned to 64 bytes, n a multiple of 16. False: SLEEF has none. n may be 0, to ask. */
typedef bool sleef_loop(const char *name, bool single, size_t n, const void *x, const void *y, void *z);
sleef_loop sleef_loop_32, sleef_loop_64;

#endif
