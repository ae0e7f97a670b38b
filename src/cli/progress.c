#include "progress.h"
#include <unistd.h>

static void show(const sheaf_progress *at, void *user)
{
    struct progress *p = user;
    bool end = at->done == at->items;
    if (!p->live && p->drawn && !end && at->seconds - p->last < 1)
        return;
    p->last = at->seconds;
    p->drawn = true;
    double share = at->items ? (double)at->done / (double)at->items : 1;
    double rate = at->seconds > 0 ? (double)at->bytes / at->seconds : 0;
    char left[32] = "";
    if (at->done > 0 && !end) {
        double seconds = at->seconds / share - at->seconds;
        snprintf(left, sizeof left, ", %.0f:%02d left", (double)(long)(seconds / 60), (int)((long)seconds % 60));
    }
    fprintf(stderr, "%s%zu of %zu items (%.0f %%), %s, %s/s, %zu failed%s%s", p->live ? "\r" : "", at->done, at->items,
            100 * share, bytes_text((double)at->bytes), bytes_text(rate), at->failed, left, p->live ? "\033[K" : "\n");
    fflush(stderr);
}

void progress_start(struct progress *p, enum progress_mode mode, bool quiet, sheaf_map_options *options)
{
    *p = (struct progress){0};
    p->live = isatty(STDERR_FILENO);
    p->shown = mode == PROGRESS_ON || (mode == PROGRESS_AUTO && p->live && !quiet);
    if (p->shown) {
        options->progress = show;
        options->progress_user = p;
    }
}

void progress_end(struct progress *p)
{
    if (p->shown && p->live && p->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    p->drawn = false;
}
