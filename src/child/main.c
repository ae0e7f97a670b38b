/* sheaf-worker: the program that a map starts for each of its threads when items are to be isolated. */

#include "child/serve.h"
#include "worker/worker.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* A signal must end this process as it would any other: the parent tells what it was. */
#if defined(__SANITIZE_ADDRESS__)
SHEAF_API const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
SHEAF_API const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}
#endif
#endif

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], WORKER_ARGUMENT) != 0) {
        fprintf(stderr, "sheaf-worker is started by sheaf map and by libsheaf, not by hand\n");
        return 2;
    }
    /* The end of the socket says the same; this also ends one that computes. It comes when the thread that started this
     * process ends: one that the map has to its end, or else a worker dies while it has no item, and is replaced. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* What one's own C prints comes out also when it crashes. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    return serve(WORKER_SOCKET);
}
