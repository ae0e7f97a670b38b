#ifndef SHEAF_H
#define SHEAF_H

/* Sheaf: map a compute function over a batch of arrays, on all cores, and gather the results.
 *
 * Conventions, the same everywhere:
 *   ownership   X_new and X_from_* give an object to be freed with X_free; X_free(NULL) is fine. X_init fills a
 *               struct of the caller's. Views and borrowed pointers say so.
 *   errors      fallible functions return sheaf_status, SHEAF_OK being 0, and take a sheaf_error last (may be
 *               NULL). On failure outputs are NULL or untouched.
 *   threads     every function may be called from any number of threads at once; an object under construction
 *               belongs to one thread. A call takes threads from one process-wide budget and never waits for them.
 *   bits        results never depend on the number of threads, the plan, strides or alignment.
 *   shapes      count elements, strides count bytes. Axes may be negative.
 *   arguments   inputs, in/out, options, outputs, error.
 *   process     the library never prints, exits, changes the environment or leaves the floating-point mode changed.
 */

#include <sheaf/array.h>
#include <sheaf/config.h>
#include <sheaf/func.h>
#include <sheaf/functions.h>
#include <sheaf/io.h>
#include <sheaf/machine.h>
#include <sheaf/map.h>
#include <sheaf/options.h>
#include <sheaf/status.h>

#endif
