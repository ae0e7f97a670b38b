/* A worker at work, and its end. */

#include "worker/process.h"

#include "base/clock.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The socket tells that a worker died, unless a child of its own still holds the other end: hence a look now and then.
 */
enum {
    LOOK_MS = 250,
    END_MS = 2000,
    STOP_MS = 2000
};

enum state {
    RUNS,
    DEAD,
    NOT_OURS /* reaped by someone else */
};

static enum state state_of(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ? NOT_OURS : info.si_pid ? DEAD : RUNS;
}

static int left_ms(uint64_t deadline, uint64_t now, int most)
{
    if (!deadline || deadline - now > (uint64_t)most * 1000000)
        return most;
    return (int)((deadline - now) / 1000000) + 1;
}

/* Until there is something to receive, be it the end. False: it died in silence, or the deadline came (*late). */
static bool wait_for_answer(const struct worker_process *p, uint64_t deadline, bool *late)
{
    struct pollfd ready = {.fd = p->socket, .events = POLLIN};
    packet_linger(p->socket);
    for (;;) {
        const uint64_t now = clock_ns();
        *late = deadline && now >= deadline;
        int r = poll(&ready, 1, *late ? 0 : left_ms(deadline, now, LOOK_MS));
        if (r > 0 || *late)
            return r > 0;
        if (r == 0 && state_of(p->pid) != RUNS) /* it may have answered just before */
            return poll(&ready, 1, 0) > 0;
    }
}

/* Whoever has let go of the socket is about to end, and how is worth knowing. */
static bool ends_by_itself(pid_t pid)
{
    struct pollfd gone = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    const bool ended = gone.fd < 0 || poll(&gone, 1, END_MS) > 0;
    if (gone.fd >= 0)
        close(gone.fd);
    return ended;
}

/* What the page says may be anything. */
static void reap(struct worker_process *p, struct worker_end *end)
{
    struct rusage usage = {0};
    pid_t pid;
    if (state_of(p->pid) != NOT_OURS) { /* else its number may be another's */
        kill(-p->pid, SIGKILL);         /* its group: what the function has started goes with it */
        kill(p->pid, SIGKILL);
    }
    do
        pid = wait4(p->pid, &end->status, 0, &usage);
    while (pid < 0 && errno == EINTR);
    end->known = pid == p->pid;
    const uint32_t stage = atomic_load(&p->page->stage);
    const uint64_t most = (uint64_t)usage.ru_maxrss;
    end->stage = stage < WORKER_STAGES ? (enum worker_stage)stage : WORKER_COMPUTING;
    end->begun = atomic_load(&p->page->begun);
    end->rss = most * 1024;
    end->rss_is_parents = most <= atomic_load(&p->page->rss);
    worker_release(p);
}

bool worker_ask(struct worker_process *p, const struct packet *question, const int *fds, int nfds, uint64_t deadline,
                struct packet *answer, struct worker_end *end)
{
    const uint64_t asked = clock_ns();
    *end = (struct worker_end){.late = false};
    if (packet_send(question, p->socket, fds, nfds) && wait_for_answer(p, deadline, &end->late)) {
        end->late = false;
        int got = packet_receive(answer, p->socket, NULL, NULL);
        if (got > 0)
            return true;
        end->garbled = got < 0;
    }
    end->garbled = end->garbled || (!end->late && !ends_by_itself(p->pid));
    end->ns = clock_ns() - asked;
    reap(p, end);
    return false;
}

void worker_kill(struct worker_process *p, struct worker_end *end)
{
    *end = (struct worker_end){.garbled = true};
    reap(p, end);
}

void worker_stop(struct worker_process *const *processes, int n)
{
    const uint64_t deadline = clock_ns() + (uint64_t)STOP_MS * 1000000;
    struct worker_end end;
    for (int k = 0; k < n; k++)
        if (processes[k]->pid)
            shutdown(processes[k]->socket, SHUT_WR);
    for (int k = 0; k < n; k++) {
        struct pollfd gone = {.fd = processes[k]->socket};
        uint64_t now;
        while (processes[k]->pid && (now = clock_ns()) < deadline &&
               poll(&gone, 1, left_ms(deadline, now, STOP_MS)) < 0)
            ;
        if (processes[k]->pid)
            reap(processes[k], &end);
    }
}
