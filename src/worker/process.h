#ifndef SHEAF_WORKER_PROCESS_H
#define SHEAF_WORKER_PROCESS_H

/* Between start.c and process.c. */

#include "worker/worker.h"

/* worker_ask, with descriptors. */
bool worker_exchange(struct worker_process *p, const struct packet *question, const int *fds, int nfds,
                     uint64_t deadline, struct packet *answer, struct worker_end *end);
/* Forget a worker that is no more. */
void worker_release(struct worker_process *p);

#endif
