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

void put_public(FILE *out, const char *word)
{
    const char *url = strcasestr(word, "http://");
    url = url ? url : strcasestr(word, "https://");
    if (!url) {
        put_quoted(out, word);
        return;
    }
    const char *host = strstr(url, "://") + 3, *at = host;
    for (size_t i = 0, n = strcspn(host, "/?#"); i < n; i++)
        at = host[i] == '@' ? host + i + 1 : at;
    const size_t query = strcspn(at, "?"), end = query + strcspn(at + query, "#");
    char *text = NULL;
    if (asprintf(&text, "%.*s%s%.*s%s%s", (int)(host - word), word, at > host ? "***@" : "", (int)query, at,
                 at[query] ? "?***" : "", at + end) < 0)
        text = must(NULL);
    put_quoted(out, text);
    free(text);
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
    if (o->name && strcmp(o->name, "header") == 0)
        fprintf(out, "'%.*s: ***'", (int)strcspn(value, ":"), value);
    else
        put_public(out, value);
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
        put_public(out, value);
    }
    must(fclose(out) == 0 ? text : NULL);
    return text;
}
