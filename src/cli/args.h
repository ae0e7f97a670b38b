#ifndef SHEAF_CLI_ARGS_H
#define SHEAF_CLI_ARGS_H

/* Options from a table: --name, --name=value, --name value, -n, -nvalue, -n value, clusters (-qf), operands in any
 * place, `--` before operands that start with a dash. */

#include "cli.h"
#include <stdint.h>

enum args_kind {
    TAKES_NOTHING,
    TAKES_VALUE,
    TAKES_OPTIONAL
};

struct args_option {
    int id;
    char letter;      /* 0: none */
    const char *name; /* without dashes; NULL: letter only */
    enum args_kind kind;
    const char *value; /* the value's name in the help */
    const char *help;
};

/* What every subcommand has. */
enum {
    ARG_HELP = 1,
    ARG_COLOR, /* args_next sees to it */
    ARG_FIRST_FREE
};

/* What args_next may return besides an option's id. */
enum {
    ARGS_END = -1,
    ARGS_OPERAND = -2,
    ARGS_BAD = -3
};

struct args {
    const struct args_option *options; /* ended by a row with id 0 */
    int argc;
    char **argv;
    const char *command;
    bool function_first; /* until an operand is seen, an argument that is no known option is one (-x**2) */
    int next;
    const char *cluster; /* letters still to be read of the current argument */
    bool only_operands, seen_operand;
};

void args_init(struct args *a, const struct args_option *options, int argc, char **argv, bool function_first);
/* The next option's id (*value: its value or NULL) or operand (*value: its text). ARGS_BAD after a message. */
int args_next(struct args *a, const char **value);
/* The options' part of a help text. */
void args_print_options(const struct args_option *options);
/* A whole number of at least `least`; false after a message naming the option. */
bool args_count(const char *option, const char *text, long least, long *out);
/* A size: 1500000, 500M (MiB), 2GB (of 1000), 1.5GiB; false after a message naming the option. */
bool args_size(const char *option, const char *text, uint64_t *out);
/* The same command with the option `id`, and without `instead_of`, to be pasted into a shell; malloc'ed. argv has been
 * understood before. */
char *args_again(const struct args_option *options, int argc, char **argv, int id, int instead_of);

#endif
