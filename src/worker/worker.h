#ifndef SHEAF_WORKER_H
#define SHEAF_WORKER_H

/* A process that works on one item at a time, so that what kills it harms that item alone. It is started by exec, never
 * by a bare fork, from the program sheaf-worker; it has one socket to its parent, no other descriptor of its, and dies
 * with it. Its parent believes nothing it says. */

#include "worker/packet.h"
#include <limits.h>
#include <sheaf/status.h>
#include <stdatomic.h>
#include <sys/types.h>

/* How the program is called: its socket is WORKER_SOCKET. */
#define WORKER_ARGUMENT "--for-sheaf"
#define WORKER_SOCKET 3
/* Goes up whenever what the two say to each other changes. */
#define WORKER_PROTOCOL 3

/* Where a worker is with its item: told of one that died. */
enum worker_stage {
    WORKER_STARTING,
    WORKER_IDLE,
    WORKER_OPENING,
    WORKER_READING,
    WORKER_COMPUTING,
    WORKER_RETURNING,
    WORKER_STAGES
};

/* Memory that a worker and its parent share: what the parent reads of a dead one. */
struct worker_page {
    _Atomic uint32_t stage;
    _Atomic uint64_t begun; /* the question it took last */
    _Atomic uint64_t rss; /* KiB it was charged with when it started: its parent's peak, which exec leaves in rusage */
};

struct worker_process {
    pid_t pid; /* 0: not running */
    int socket;
    int data; /* a file in memory that both write and read: arrays too large for a message. It cannot be made shorter */
    struct worker_page *page;
};

/* How a worker ended. */
struct worker_end {
    bool known;   /* status is; false when the program has its children reaped by others */
    int status;   /* of wait4 */
    bool late;    /* it was stopped at the deadline */
    bool garbled; /* it was stopped for what it said, or for saying nothing */
    enum worker_stage stage;
    uint64_t begun;      /* the question it took last */
    uint64_t ns;         /* since it was asked */
    uint64_t rss;        /* bytes at most */
    bool rss_is_parents; /* it stayed below what its parent had */
};

/* The program: $SHEAF_WORKER, or libexec/sheaf/sheaf-worker beside the library or the command, or where it was to be
 * installed. Errors: UNSUPPORTED, with the paths tried. */
sheaf_status worker_program(char path[PATH_MAX], sheaf_error *error);

/* Start a worker, give it `hello` and the descriptors behind its page and data, and wait until it answers: *answer is
 * its answer, to be judged by the caller. Errors: UNSUPPORTED, when it cannot be started or ends without one;
 * NO_MEMORY. */
sheaf_status worker_start(struct worker_process *p, const char *program, const struct packet *hello, const int *fds,
                          int nfds, struct packet *answer, sheaf_error *error);
/* Send `question` and wait for the answer, until clock_ns() is `deadline` (0: for ever). False: there is none, the
 * worker is no more, and *end tells how it ended. INVALID questions (longer than PACKET_MOST) are the caller's to
 * avoid. */
bool worker_ask(struct worker_process *p, const struct packet *question, uint64_t deadline, struct packet *answer,
                struct worker_end *end);
/* End it at once: what it said makes no sense. */
void worker_kill(struct worker_process *p, struct worker_end *end);
/* End n workers that have nothing to do, all at once: by themselves, or, after two seconds, by force. */
void worker_stop(struct worker_process *const *processes, int n);

/* "its worker process was killed by SIGSEGV (Segmentation fault) while computing; peak RSS 12.3 MB" */
#define WORKER_END_TEXT 300
void worker_end_text(const struct worker_end *end, char text[WORKER_END_TEXT]);

/* A file in memory whose length can only grow; -1: errno. */
int worker_memory(const char *name);
/* All n bytes, or false: errno, ENODATA where the file is shorter. */
bool worker_write(int fd, const void *data, size_t n, uint64_t offset);
bool worker_read(int fd, void *data, size_t n, uint64_t offset);

#endif
