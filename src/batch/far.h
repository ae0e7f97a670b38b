#ifndef SHEAF_BATCH_FAR_H
#define SHEAF_BATCH_FAR_H

/* Files larger than the memory there is for them. Programs whose passes can be fed (lang/far.c) are computed piece by
 * piece: input and output have addresses for all of their elements, and memory for those at hand. */

#include "batch/driver.h"

/* What joined files are computed within, where they can be, also when there is more. */
#define FAR_WINDOW ((uint64_t)256 << 20)

/* Whether it can be tried: a program, or a function with its defaults, over one file whose elements lie plain and in C
 * order. */
bool far_suits(const struct worker *w, const struct io_input *in, int nfiles);
/* Compute item i, whose only file is open, within about `budget` bytes, and deliver what it makes. x (no data): the
 * item's array is not all of the file's, but so much from element `first` on; NULL: it is. Functions that need all of
 * the array at once are refused: UNSUPPORTED. */
sheaf_status far_run(struct worker *w, size_t i, struct io_input *in, const sheaf_view *x, uint64_t first,
                     const team *t, uint64_t budget);
/* Whether that would not be refused. */
bool far_can(struct worker *w, struct io_input *in, uint64_t budget);

#endif
