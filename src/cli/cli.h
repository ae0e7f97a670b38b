#ifndef SHEAF_CLI_H
#define SHEAF_CLI_H

/* The command `sheaf`. It uses public headers only: whatever it shows, a program can have too. */

#include <sheaf/status.h>
#include <stdio.h>

/* Exit statuses; 130 and 143 follow SIGINT and SIGTERM, 141 a closed pipe. */
enum {
    DONE = 0,
    SOME_FAILED = 1,
    REFUSED = 2,
    NO_OUTPUT = 3,
    BROKEN_PIPE = 141
};

/* Subcommands: argv[0] is the subcommand's own name. */
int map_command(int argc, char **argv);
int convert_command(int argc, char **argv);
int info_command(int argc, char **argv);
int functions_command(int argc, char **argv);
int new_command(int argc, char **argv);

/* ---- text.c: messages and small text ---- */

/* "sheaf: MESSAGE" on stderr, control characters made visible; returns `status` for `return complain(…)`. */
int complain(int status, const char *format, ...) SHEAF_PRINTF(2, 3);
/* A line of the same kind without the prefix. */
void note(const char *format, ...) SHEAF_PRINTF(1, 2);
/* Write text with control characters as \n, \t, \x1b, so that a file name can neither break a line nor drive a
 * terminal. */
void put_visible(FILE *out, const char *text);

/* A word as a shell reads it back. */
void put_quoted(FILE *out, const char *word);
/* A word that may have a URL in it, without the secrets of that; they are to be filled in again. */
void put_public(FILE *out, const char *word);

/* auto, always or never; false for another word. Environment NO_COLOR means never unless told otherwise. */
bool color_choose(const char *when);
bool color_on(FILE *out);

/* Edits between two words (insert, delete, replace, swap neighbours). */
int word_distance(const char *a, const char *b);
/* Whether `near` is close enough to `word` to be worth suggesting. */
bool word_near(const char *word, const char *near);

/* "1.5 MB" in one of four static buffers in turn. Decimal units. */
const char *bytes_text(double bytes);
/* "(12, 37)", "(5,)", "()" as NumPy writes shapes, in a static buffer. */
const char *shape_text(int ndim, const int64_t *shape);
bool text_ends(const char *text, const char *end);

void *must(void *p); /* p, or a message and exit 3 when it is NULL */

/* Flush stdout; the exit status `status`, or NO_OUTPUT or BROKEN_PIPE when what was printed did not get out. */
int finish_stdout(int status);
/* Hand on what was printed; false: it was not taken. */
bool flush_stdout(void);

/* ---- signals.c ---- */

/* The first SIGINT or SIGTERM sets *signal_flag() and lets running items end; the second kills at once. */
void signals_catch(void);
const volatile int *signal_flag(void);
/* 128 + the signal that came, or 0. */
int signal_status(void);

#endif
