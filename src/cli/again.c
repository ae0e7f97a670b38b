/* A command line written anew, for a shell. */

#include "args.h"
#include <stdlib.h>
#include <string.h>

void put_quoted(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    bool control = false;
    if (*word && !word[strspn(word, plain)]) {
        fputs(word, out);
        return;
    }
    for (const unsigned char *p = (const unsigned char *)word; *p; p++)
        control = control || *p < 0x20 || *p == 0x7f;
    fputs(control ? "$'" : "'", out);
    for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
        if (control && (*p < 0x20 || *p == 0x7f))
            fprintf(out, "\\%03o", *p);
        else if (control && (*p == '\'' || *p == '\\'))
            fprintf(out, "\\%c", *p);
        else if (*p == '\'')
            fputs("'\\''", out);
        else
            putc(*p, out);
    }
    putc('\'', out);
}

static const struct args_option *by_id(const struct args_option *options, int id)
{
    while (options->id && options->id != id)
        options++;
    return options->id ? options : NULL;
}

static void put_option(FILE *out, const struct args_option *o, const char *value)
{
    if (o->name && (o->kind != TAKES_VALUE || !o->letter))
        fprintf(out, " --%s", o->name);
    else
        fprintf(out, " -%c", o->letter);
    if (!value)
        return;
    putc(o->kind == TAKES_OPTIONAL ? '=' : ' ', out);
    put_quoted(out, value);
}

char *args_again(const struct args_option *options, int argc, char **argv, int id, int instead_of)
{
    struct args a;
    const char *value;
    char *text = NULL;
    size_t n = 0;
    bool dashes = false;
    FILE *out = must(open_memstream(&text, &n));
    fprintf(out, "sheaf %s --%s", argv[0], by_id(options, id)->name);
    args_init(&a, options, argc, argv, true);
    for (int next; (next = args_next(&a, &value)) != ARGS_END && next != ARGS_BAD;) {
        if (next == id || next == instead_of)
            continue;
        if (next != ARGS_OPERAND) {
            put_option(out, by_id(options, next), value);
            continue;
        }
        if (a.only_operands && !dashes)
            fputs(" --", out);
        dashes = a.only_operands;
        putc(' ', out);
        put_quoted(out, value);
    }
    must(fclose(out) == 0 ? text : NULL);
    return text;
}
