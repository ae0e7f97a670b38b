#ifndef SHEAF_CLI_PROGRESS_H
#define SHEAF_CLI_PROGRESS_H

/* How far a map is: one live line on a terminal, plain lines elsewhere when asked for. All on stderr. */

#include "cli.h"
#include <sheaf/map.h>

enum progress_mode {
    PROGRESS_AUTO,
    PROGRESS_ON,
    PROGRESS_OFF
};

struct progress {
    bool shown, live, drawn;
    double next, wait; /* seconds: when the next plain line is due, and the wait for it */
};

void progress_start(struct progress *p, enum progress_mode mode, bool quiet, sheaf_map_options *options);
void progress_end(struct progress *p); /* clears the live line */

#endif
