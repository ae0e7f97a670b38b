/* How a worker ended, in words. */

#include "worker/worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *const doing[WORKER_STAGES] = {
    [WORKER_STARTING] = "starting",         [WORKER_IDLE] = "waiting for work",
    [WORKER_OPENING] = "opening its input", [WORKER_READING] = "reading its input",
    [WORKER_COMPUTING] = "computing",       [WORKER_RETURNING] = "returning its result",
};

static int what(const struct worker_end *end, char *text, size_t size)
{
    const int signal = end->known && WIFSIGNALED(end->status) ? WTERMSIG(end->status) : 0;
    const char *name = signal ? sigabbrev_np(signal) : NULL, *meaning = signal ? sigdescr_np(signal) : NULL;
    if (end->late)
        return snprintf(text, size, "its worker process was stopped after %.3g s", (double)end->ns * 1e-9);
    if (end->garbled)
        return snprintf(text, size, "its worker process, ended now, gave an answer that makes no sense");
    if (!end->known)
        return snprintf(text, size, "its worker process ended, no one knows how (SIGCHLD is ignored),");
    if (!signal)
        return snprintf(text, size, "its worker process ended with exit status %d", WEXITSTATUS(end->status));
    if (signal == 9)
        return snprintf(text, size,
                        "its worker process was killed by SIGKILL (by the system, when memory ran out, or by someone)");
    return snprintf(text, size, "its worker process was killed by SIG%s (%s)", name ? name : "?",
                    meaning ? meaning : "?");
}

void worker_end_text(const struct worker_end *end, char text[WORKER_END_TEXT])
{
    const int n = what(end, text, WORKER_END_TEXT);
    const int m = snprintf(text + n, WORKER_END_TEXT - (size_t)n, " while %s", doing[end->stage]);
    if (end->rss)
        snprintf(text + n + m, WORKER_END_TEXT - (size_t)(n + m), "; peak RSS %s%.1f MB",
                 end->rss_is_parents ? "below " : "", (double)end->rss * 1e-6);
}
