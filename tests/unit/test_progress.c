/* The command's progress lines: plain ones, and the live one on a terminal of any width. */

#include "progress.h"
#include "support.h"
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What goes to standard error from here on goes to fd. */
static void aim(int fd)
{
    fflush(stderr);
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
}

static sheaf_progress at(size_t done, double seconds)
{
    return (sheaf_progress){.items = 6000,
                            .done = done,
                            .failed = done > 10 ? 3 : 0,
                            .bytes = 2000000000,
                            .seconds = seconds,
                            .share = (double)done / 6000,
                            .left = done ? seconds * 6000 / (double)done - seconds : -1};
}

/* A line at once, then after 2 s, 3 s, 4.5 s, … at most a minute, and one at the end: told ten times a second. */
START_TEST(plain_lines_come_ever_more_rarely)
{
    char path[] = "/tmp/sheaf-progress-XXXXXX";
    const int file = mkstemp(path);
    struct progress p;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    aim(file);
    progress_start(&p, PROGRESS_ON, false, &options);
    for (size_t k = 1; k <= 6000; k++) {
        const sheaf_progress now = at(k, 0.1 * (double)k);
        ck_assert(options.progress(&now, options.progress_user));
    }
    progress_end(&p);
    char *text = file_read(path, &(size_t){0});
    unlink(path);
    double due = 0.1, wait = 2;
    char *line = strtok(text, "\n");
    for (; line && strncmp(line, "6000", 4) != 0; line = strtok(NULL, "\n")) {
        const double seconds = atof(line) / 10; /* items done */
        ck_assert_double_eq_tol(seconds, due, 0.1001);
        due = seconds + wait;
        wait = 1.5 * wait < 60 ? 1.5 * wait : 60;
    }
    ck_assert_ptr_nonnull(line);
    ck_assert_str_eq(line, "6000 of 6000 items (100 %), 3 failed, 3.3 MB/s");
    ck_assert_ptr_null(strtok(NULL, "\n"));
    ck_assert_double_gt(due, 590);
    free(text);
}
END_TEST

/* What the terminal got since the last time, without the carriage return and the erasing of the rest. */
static const char *line_of(int terminal)
{
    static char text[1000];
    const ssize_t n = read(terminal, text, sizeof text - 1);
    ck_assert_int_gt(n, 0);
    text[n] = '\0';
    ck_assert_int_eq(text[0], '\r');
    ck_assert_str_eq(text + n - 3, "\033[K");
    text[n - 3] = '\0';
    return text + 1;
}

START_TEST(the_live_line_fits_the_terminal)
{
    int terminal, side;
    struct progress p;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    ck_assert_int_eq(openpty(&terminal, &side, NULL, NULL, NULL), 0);
    aim(side);
    progress_start(&p, PROGRESS_AUTO, false, &options);
    ck_assert(options.progress != NULL);
    static const struct {
        unsigned short columns;
        const char *line;
    } cases[] = {{80, "1500 of 6000 items (25 %), 3 failed, 3:20:00 left, 500 kB/s"},
                 {60, "1500 of 6000 items (25 %), 3 failed, 3:20:00 left, 500 kB/s"},
                 {59, "1500 of 6000 items (25 %), 3 failed, 3:20:00 left"},
                 {28, "1500 of 6000 items (25 %)"},
                 {20, "1500 of 6000 items"},
                 {5, ""},
                 {0, "1500 of 6000 items (25 %), 3 failed, 3:20:00 left, 500 kB/s"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct winsize size = {.ws_row = 24, .ws_col = cases[k].columns};
        const sheaf_progress now = at(1500, 4000);
        ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
        ck_assert(options.progress(&now, options.progress_user));
        ck_assert_str_eq(line_of(terminal), cases[k].line);
    }
    const sheaf_progress unknown = {.items = 6000, .left = -1};
    ck_assert(options.progress(&unknown, options.progress_user));
    ck_assert_str_eq(line_of(terminal), "0 of 6000 items (0 %), 0 B/s");
    progress_end(&p);
    ck_assert_str_eq(line_of(terminal), "");
}
END_TEST

START_TEST(progress_is_shown_where_it_is_wanted)
{
    static const struct {
        enum progress_mode mode;
        bool terminal, quiet, shown;
    } cases[] = {{PROGRESS_AUTO, true, false, true},   {PROGRESS_AUTO, true, true, false},
                 {PROGRESS_AUTO, false, false, false}, {PROGRESS_ON, false, true, true},
                 {PROGRESS_OFF, true, false, false},   {PROGRESS_ON, true, false, true}};
    int terminal, side, nowhere = open("/dev/null", O_WRONLY);
    ck_assert_int_eq(openpty(&terminal, &side, NULL, NULL, NULL), 0);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct progress p;
        sheaf_map_options options;
        sheaf_map_options_init(&options);
        aim(cases[k].terminal ? side : nowhere);
        progress_start(&p, cases[k].mode, cases[k].quiet, &options);
        ck_assert_int_eq(options.progress != NULL, cases[k].shown);
        progress_end(&p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");
    tcase_add_test(tests, plain_lines_come_ever_more_rarely);
    tcase_add_test(tests, the_live_line_fits_the_terminal);
    tcase_add_test(tests, progress_is_shown_where_it_is_wanted);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
