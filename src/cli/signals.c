#include "cli.h"
#include <signal.h>

/* sheaf_map reads it as a plain volatile int, and so do handlers: sig_atomic_t is an int here. */
static volatile int came;
_Static_assert(sizeof(sig_atomic_t) == sizeof(int), "the cancel flag must be atomic for signals");

static void on_signal(int number)
{
    if (came) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    came = number;
}

static void catch_one(int number)
{
    struct sigaction action = {0}, before;
    /* A signal that our parent ignores (nohup, a background job) stays ignored. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        return;
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void signals_catch(void)
{
    catch_one(SIGINT);
    catch_one(SIGTERM);
}

const volatile int *signal_flag(void)
{
    return &came;
}

int signal_status(void)
{
    return came ? 128 + came : 0;
}
