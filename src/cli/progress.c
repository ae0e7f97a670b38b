#include "progress.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Seconds between plain lines, at first and at most: each wait is half as long again as the one before. */
#define PLAIN_FIRST 2.0
#define PLAIN_MOST 60.0

enum {
    WIDEST = 240
};

/* Asked anew for each line: windows are resized. The last column stays free, since some terminals wrap there. */
static size_t columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 79;
    return size.ws_col - 1u < WIDEST ? size.ws_col - 1u : WIDEST;
}

/* Append a part of the line where all of it finds room. */
static void add(char *line, size_t width, const char *part)
{
    if (strlen(line) + strlen(part) <= width)
        strcat(line, part);
}

static void left_text(double seconds, char *text, size_t size)
{
    const long long s = seconds < 1e9 ? (long long)(seconds + 0.5) : 999999999;
    if (s >= 3600)
        snprintf(text, size, ", %lld:%02lld:%02lld left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, ", %lld:%02lld left", s / 60, s % 60);
}

/* The most important first: what does not fit is left out. */
static void write_line(const sheaf_progress *at, size_t width, char line[WIDEST + 1])
{
    char part[64];
    *line = '\0';
    snprintf(part, sizeof part, "%zu of %zu items", at->done, at->items);
    add(line, width, part);
    snprintf(part, sizeof part, " (%d %%)", (int)(100 * at->share));
    add(line, width, part);
    if (at->failed) {
        snprintf(part, sizeof part, ", %zu failed", at->failed);
        add(line, width, part);
    }
    if (at->left >= 0 && at->done < at->items) {
        left_text(at->left, part, sizeof part);
        add(line, width, part);
    }
    snprintf(part, sizeof part, ", %s/s", bytes_text(at->seconds > 0 ? (double)at->bytes / at->seconds : 0));
    add(line, width, part);
}

static bool show(const sheaf_progress *at, void *user)
{
    struct progress *p = user;
    char line[WIDEST + 1];
    const bool end = at->done == at->items;
    if (!p->live && p->drawn && !end && at->seconds < p->next)
        return true;
    if (!p->live) {
        p->wait = p->drawn ? 1.5 * p->wait : PLAIN_FIRST;
        p->wait = p->wait < PLAIN_MOST ? p->wait : PLAIN_MOST;
        p->next = at->seconds + p->wait;
    }
    p->drawn = true;
    write_line(at, p->live ? columns() : WIDEST, line);
    fprintf(stderr, p->live ? "\r%s\033[K" : "%s\n", line);
    fflush(stderr);
    return true;
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
