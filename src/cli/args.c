#include "args.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

void args_init(struct args *a, const struct args_option *options, int argc, char **argv, bool function_first)
{
    *a = (struct args){.options = options,
                       .argc = argc,
                       .argv = argv,
                       .command = argv[0],
                       .function_first = function_first,
                       .next = 1};
}

static const struct args_option *by_letter(const struct args *a, char letter)
{
    for (const struct args_option *o = a->options; o->id; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

static const struct args_option *by_name(const struct args *a, const char *name, size_t n)
{
    for (const struct args_option *o = a->options; o->id; o++)
        if (o->name && strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

/* Whether every letter up to the first that takes a value is an option. */
static bool is_cluster(const struct args *a, const char *letters)
{
    for (; *letters; letters++) {
        const struct args_option *o = by_letter(a, *letters);
        if (!o)
            return false;
        if (o->kind != TAKES_NOTHING)
            return true;
    }
    return true;
}

/* --hlep is a misspelt option, --x and --x*2 are expressions. */
static bool is_long_word(const char *text)
{
    size_t n = strcspn(text, "=");
    if (n < 3)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!islower((unsigned char)text[i]) && text[i] != '-')
            return false;
    return true;
}

/* text is the option in the argument `whole`. */
static int unknown_option(const struct args *a, const char *text, const char *whole)
{
    bool file = access(whole, F_OK) == 0;
    const struct args_option *best = NULL;
    int least = 99;
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(text, "="), text);
    if (word[0] == '-' && word[1] == '-')
        for (const struct args_option *o = a->options; o->id; o++) {
            int d = o->name ? word_distance(word + 2, o->name) : 99;
            if (d < least && word_near(word + 2, o->name)) {
                least = d;
                best = o;
            }
        }
    if (best)
        complain(REFUSED, "%s: no option '%s'; did you mean --%s?", a->command, word, best->name);
    else
        complain(REFUSED, "%s: no option '%s'; 'sheaf %s --help' lists them%s%s%s", a->command, word, a->command,
                 file ? ", and './" : "", file ? whole : "", file ? "' is the file of that name" : "");
    return ARGS_BAD;
}

static int operand(struct args *a, const char **value)
{
    a->seen_operand = true;
    *value = a->argv[a->next++];
    return ARGS_OPERAND;
}

static int need_value(struct args *a, const struct args_option *o, const char *shown, const char **value)
{
    if (a->next >= a->argc) {
        complain(REFUSED, "%s: option %s needs a value: %s", a->command, shown, o->value);
        return ARGS_BAD;
    }
    *value = a->argv[a->next++];
    return o->id;
}

static int next_letter(struct args *a, const char **value)
{
    char shown[3] = {'-', *a->cluster++, 0};
    const struct args_option *o = by_letter(a, shown[1]);
    if (!o)
        return unknown_option(a, shown, a->argv[a->next - 1]);
    if (!*a->cluster)
        a->cluster = NULL;
    if (o->kind != TAKES_VALUE)
        return o->id;
    if (!a->cluster)
        return need_value(a, o, shown, value);
    *value = a->cluster + (*a->cluster == '=');
    a->cluster = NULL;
    return o->id;
}

static int next_long(struct args *a, const char *text, const char **value)
{
    size_t n = strcspn(text + 2, "=");
    const struct args_option *o = by_name(a, text + 2, n);
    if (!o) {
        if (a->function_first && !a->seen_operand && !is_long_word(text + 2))
            return operand(a, value);
        return unknown_option(a, text, text);
    }
    a->next++;
    if (text[2 + n] == '=') {
        if (o->kind == TAKES_NOTHING) {
            complain(REFUSED, "%s: option --%s takes no value", a->command, o->name);
            return ARGS_BAD;
        }
        *value = text + 2 + n + 1;
        return o->id;
    }
    return o->kind == TAKES_VALUE ? need_value(a, o, text, value) : o->id;
}

static int next(struct args *a, const char **value)
{
    *value = NULL;
    if (a->cluster)
        return next_letter(a, value);
    if (a->next >= a->argc)
        return ARGS_END;
    const char *text = a->argv[a->next];
    if (a->only_operands || text[0] != '-' || !text[1])
        return operand(a, value);
    if (strcmp(text, "--") == 0) {
        a->only_operands = true;
        a->next++;
        return next(a, value);
    }
    if (text[1] == '-')
        return next_long(a, text, value);
    if (a->function_first && !a->seen_operand && !is_cluster(a, text + 1))
        return operand(a, value);
    a->next++;
    a->cluster = text + 1;
    return next_letter(a, value);
}

int args_next(struct args *a, const char **value)
{
    int id = next(a, value);
    while (id == ARG_COLOR) {
        if (!color_choose(*value)) {
            complain(REFUSED, "--color takes auto, always or never, not '%s'", *value);
            return ARGS_BAD;
        }
        id = next(a, value);
    }
    return id;
}

void args_print_options(const struct args_option *options)
{
    for (const struct args_option *o = options; o->id; o++) {
        char left[64];
        int n = 0;
        if (o->letter)
            n = snprintf(left, sizeof left, "-%c%s", o->letter, o->name ? ", " : "");
        else
            n = snprintf(left, sizeof left, "    ");
        if (o->name)
            n += snprintf(left + n, sizeof left - (size_t)n, "--%s", o->name);
        if (o->kind == TAKES_VALUE)
            snprintf(left + n, sizeof left - (size_t)n, " %s", o->value);
        else if (o->kind == TAKES_OPTIONAL)
            snprintf(left + n, sizeof left - (size_t)n, "[=%s]", o->value);
        printf("  %-25s %s\n", left, o->help);
    }
}

bool args_count(const char *option, const char *text, long least, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(text, &end, 10);
    if (errno || end == text || *end || *out < least) {
        complain(REFUSED, "%s takes a whole number of at least %ld, not '%s'", option, least, text);
        return false;
    }
    return true;
}

/* The factor that a unit means, 0: none such. M and MiB are 1024², as in GNU's programs, MB is 1000². */
static double unit_of(const char *unit)
{
    static const char letters[] = "KMGTP";
    if (!*unit || strcasecmp(unit, "B") == 0)
        return 1;
    const char *letter = strchr(letters, toupper((unsigned char)*unit));
    const bool decimal = strcasecmp(unit + 1, "B") == 0;
    if (!letter || (unit[1] && !decimal && strcasecmp(unit + 1, "iB") != 0))
        return 0;
    double factor = 1;
    for (const char *at = letters; at <= letter; at++)
        factor *= decimal ? 1000 : 1024;
    return factor;
}

bool args_size(const char *option, const char *text, uint64_t *out)
{
    char *end;
    const double number = strtod(text, &end);
    const double bytes = number * unit_of(end + strspn(end, " "));
    if (end == text || !isdigit((unsigned char)*text) || !(bytes >= 1 && bytes < 1e18)) {
        complain(REFUSED, "%s takes a size, such as 500M, 2GB or 1.5GiB, not '%s'", option, text);
        return false;
    }
    *out = (uint64_t)bytes;
    return true;
}
