/* Dispatch, and the slips a newcomer makes. */

#include "cli.h"
#include <locale.h>
#include <sheaf/func.h>
#include <sheaf/machine.h>
#include <signal.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"map", map_command, "apply a function to each input"},
    {"info", info_command, "what is in a file; --machine: what the machine offers"},
    {"convert", convert_command, "change format, dtype or layout"},
    {"functions", functions_command, "the catalogue; one function's page"},
    {"new", new_command, "a C file to start one's own function from"},
};
enum {
    COMMANDS = sizeof commands / sizeof *commands
};

/* Bare `sheaf` is a question, and this answers it: eight lines, exit 0. */
static int print_short(void)
{
    printf("sheaf maps a function over a batch of array files, on all cores.\n"
           "  sheaf map stats data/*.npy -o table.csv        a row of statistics for each file\n"
           "  sheaf map sqrt data/*.npy -o out/              an array for each file\n"
           "  sheaf map FUNCTION INPUT... [-o OUT]\n"
           "  sheaf info INPUT...\n"
           "  sheaf convert INPUT... -o OUT\n"
           "  sheaf functions [NAME]\n"
           "'sheaf COMMAND --help' tells more, 'man sheaf' tells all.\n");
    return DONE;
}

static int print_help(void)
{
    printf("Usage: sheaf COMMAND [ARGUMENT]...\n\n"
           "Map a compute function over a batch of arrays, on all cores, and gather the results.\n\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    printf("\nOptions:\n"
           "  -h, --help     this text; 'sheaf COMMAND --help' for a command's\n"
           "  --version      version and licence\n"
           "\nExamples:\n"
           "  sheaf map mean data/*.npy\n"
           "  sheaf map stats data/*.npy -o table.csv\n"
           "  sheaf map sqrt -r data -o 'out/{stem}.npy'\n"
           "  sheaf new mycalc.c; sheaf map mycalc.c data/*.npy\n"
           "  sheaf info data/*.npy\n"
           "\nExit status: 0 all done, 1 some items failed, 2 usage or refused before starting,\n"
           "3 no usable output, 130 and 143 stopped by SIGINT and SIGTERM.\n");
    return DONE;
}

static int print_version(void)
{
    sheaf_machine machine;
    sheaf_machine_get(&machine);
    printf("sheaf %s (numerics %d)\n", sheaf_version(), SHEAF_NUMERICS_VERSION);
    if (sheaf_has_fftw())
        printf("Its own source is under the BSD 3-clause licence. This program is linked with %s,\n"
               "which is under the GNU General Public License: so is the program as a whole.\n",
               machine.fft);
    else
        printf("BSD 3-clause licence. Built without FFTW.\n");
    return DONE;
}

static int unknown_command(int argc, char **argv)
{
    const char *word = argv[1];
    const sheaf_function_info *f = sheaf_catalogue_find(word);
    if (f && argc > 2)
        return complain(REFUSED, "'%s' is a function, not a command; did you mean: sheaf map %s %s%s", word, word,
                        argv[2], argc > 3 ? " …" : "");
    if (f)
        return complain(REFUSED, "'%s' is a function, not a command; did you mean: sheaf map %s INPUT...", word, word);
    for (int i = 0; i < COMMANDS; i++)
        if (word_near(word, commands[i].name))
            return complain(REFUSED, "no command '%s'; did you mean: sheaf %s", word, commands[i].name);
    size_t n = strlen(word);
    if (n > 4 && strcmp(word + n - 4, ".npy") == 0)
        return complain(REFUSED, "'%s' is a file, not a command; did you mean: sheaf info %s", word, word);
    if (word[0] == '-')
        return complain(REFUSED, "no option '%s'; 'sheaf --help' lists them", word);
    return complain(REFUSED, "no command '%s'; 'sheaf --help' lists them", word);
}

/* `sheaf help`, `sheaf help map` */
static int help_on(int argc, char **argv)
{
    char help[] = "--help";
    for (int i = 0; argc > 2 && i < COMMANDS; i++)
        if (strcmp(argv[2], commands[i].name) == 0)
            return commands[i].run(2, (char *[]){argv[2], help, NULL});
    return print_help();
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return print_short();
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_help();
    if (strcmp(word, "help") == 0)
        return help_on(argc, argv);
    if (strcmp(word, "--version") == 0)
        return print_version();
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argc, argv);
}

int main(int argc, char **argv)
{
    /* Characters as the user's terminal has them; numbers always with a point. */
    setlocale(LC_CTYPE, "");
    /* A closed pipe and a full quota are errors of the write that meets them, so that nothing stays half done. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return finish_stdout(dispatch(argc, argv));
}
