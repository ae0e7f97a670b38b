#include "args.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEW_FORCE = ARG_FIRST_FREE
};

static const struct args_option options[] = {
    {NEW_FORCE, 'f', "force", TAKES_NOTHING, NULL, "replace an existing file"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

static void print_help(void)
{
    printf("Usage: sheaf new FILE.c\n\n"
           "Write a C file to start one's own function from. It can be mapped as it is; its comments tell the rest.\n\n"
           "Options:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf new mycalc.c\n"
           "  sheaf map mycalc.c data/*.npy\n");
}

/* @ stands for the function's name. */
static const char start[] =
    "/* A function of one's own. 'sheaf map @.c FILE.npy...' compiles it and calls it for each file, on all cores;\n"
    " * after a change it is compiled again by itself. */\n"
    "\n"
    "#include <math.h>\n"
    "#include <stddef.h>\n"
    "\n"
    "/* Root mean square. x: the n elements of an array of any shape, row after row (C order), as doubles whatever the "
    "file\n"
    " * holds. The function is called from several threads at once: no static or global variables that change. */\n"
    "double @(const double *x, size_t n)\n"
    "{\n"
    "    double sum = 0;\n"
    "    for (size_t i = 0; i < n; i++)\n"
    "        sum += x[i] * x[i];\n"
    "    return sqrt(sum / (double)n);\n"
    "}\n"
    "\n"
    "/* It may have one of three prototypes:\n"
    " *\n"
    " *   double @(const double *x, size_t n);             a number for each array\n"
    " *   void @(const double *x, double *y, size_t n);    an array y of the same shape, every y[i] to be set\n"
    " *   sheaf_callback @;                                outputs of any shape, and errors:\n"
    " *\n"
    " *       #include <sheaf/plugin.h>\n"
    " *       static sheaf_status @(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,\n"
    " *           sheaf_error *error) {...}\n"
    " *       SHEAF_FUNCTION(@, \"low\", \"high\");    (low and high being the outputs' names)\n"
    " *\n"
    " * The first two may have float instead of double. The function mapped is the one named as the file;\n"
    " * 'sheaf map @.c:other' maps another one. More: docs/own-c.md */\n";

static void write_start(FILE *out, const char *name, int length)
{
    for (const char *p = start; *p; p++) {
        if (*p == '@')
            fprintf(out, "%.*s", length, name);
        else
            putc(*p, out);
    }
}

static bool is_keyword(const char *name, int length)
{
    static const char words[] =
        " auto break case char const continue default do double else enum extern float for goto "
        "if inline int long main register restrict return short signed sizeof static struct "
        "switch typedef typeof union unsigned void volatile while asm sqrt ";
    char word[16];
    if (length > 12)
        return false;
    snprintf(word, sizeof word, " %.*s ", length, name);
    return strstr(words, word) != NULL;
}

/* The function is called as the file: the length of its name, 0 after a message. */
static int name_length(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    int length = (int)strlen(*name) - 2;
    if (length < 1 || !text_ends(path, ".c")) {
        complain(REFUSED, "new: '%s' is no name of a C file, such as mycalc.c", path);
        return 0;
    }
    bool fine = !isdigit((unsigned char)**name) && !is_keyword(*name, length);
    for (int i = 0; i < length; i++)
        fine = fine && (isalnum((unsigned char)(*name)[i]) || (*name)[i] == '_');
    if (!fine)
        complain(REFUSED,
                 "new: the function is called as the file, and '%.*s' cannot be a function's name in C; take one "
                 "such as mycalc.c",
                 length, *name);
    return fine ? length : 0;
}

static int write_file(const char *path, bool force)
{
    const char *name;
    int length = name_length(path, &name);
    if (!length)
        return REFUSED;
    FILE *out = fopen(path, force ? "w" : "wx");
    if (!out && errno == EEXIST)
        return complain(REFUSED, "'%s' exists; -f (--force) replaces it", path);
    if (!out)
        return complain(REFUSED, "cannot write '%s': %s", path, strerror(errno));
    write_start(out, name, length);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return complain(NO_OUTPUT, "cannot write '%s': %s", path, strerror(errno));
    note("wrote %s; next: sheaf map %s FILE.npy...", path, path);
    return DONE;
}

int new_command(int argc, char **argv)
{
    struct args a;
    const char *value, *path = NULL;
    bool force = false;
    args_init(&a, options, argc, argv, false);
    for (int id; (id = args_next(&a, &value)) != ARGS_END;) {
        switch (id) {
        case ARG_HELP:
            print_help();
            return DONE;
        case NEW_FORCE:
            force = true;
            break;
        case ARGS_OPERAND:
            if (path)
                return complain(REFUSED, "new: one file at a time, not '%s' and '%s'", path, value);
            path = value;
            break;
        default:
            return REFUSED;
        }
    }
    if (!path)
        return complain(REFUSED, "new: no file, as in: sheaf new mycalc.c");
    return write_file(path, force);
}
