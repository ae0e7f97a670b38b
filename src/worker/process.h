#ifndef SHEAF_WORKER_PROCESS_H
#define SHEAF_WORKER_PROCESS_H

/* Between start.c and process.c. */

#include "worker/worker.h"

/* Forget a worker that is no more. */
void worker_release(struct worker_process *p);

#endif
