#include "args.h"
#include "json.h"
#include <sheaf/func.h>
#include <stdlib.h>
#include <string.h>

enum {
    FUNCTIONS_JSON = ARG_FIRST_FREE
};

static const struct args_option options[] = {
    {FUNCTIONS_JSON, 0, "json", TAKES_NOTHING, NULL, "everything known, as JSON"},
    {ARG_COLOR, 0, "color", TAKES_VALUE, "WHEN", "auto, always or never"},
    {ARG_HELP, 'h', "help", TAKES_NOTHING, NULL, "this text"},
    {0},
};

static void print_help(void)
{
    printf("Usage: sheaf functions [NAME]\n\n"
           "List the catalogue, or show one function's page: dtypes, formula, NaN rule, accuracy, an example.\n\n"
           "Options:\n");
    args_print_options(options);
    printf("\nExamples:\n"
           "  sheaf functions\n"
           "  sheaf functions std\n"
           "  sheaf functions --json > functions.json\n");
}

static void write_json(struct json *j, const sheaf_function_info *f)
{
    json_open(j, NULL, '{');
    json_text(j, "name", f->name);
    json_text(j, "aliases", f->aliases);
    json_text(j, "group", f->group);
    json_whole(j, "inputs", f->nin);
    json_whole(j, "outputs", f->nout);
    json_text(j, "arguments", f->arguments);
    json_text(j, "output_names", f->outputs);
    json_text(j, "options", f->options);
    json_text(j, "dtypes", f->dtypes);
    json_text(j, "help", f->help);
    json_text(j, "formula", f->formula);
    json_text(j, "nan", f->nan_rule);
    json_text(j, "accuracy", f->accuracy);
    json_text(j, "bits", f->bits);
    json_text(j, "example", f->example);
    json_close(j, '}');
}

static void print_field(const char *name, const char *text)
{
    if (text && *text)
        printf("  %-10s %s\n", name, text);
}

/* "x, y": the names of the inputs. */
static void print_arguments(const sheaf_function_info *f)
{
    const char *name = *f->arguments ? f->arguments : "x y z";
    if (f->nin == SHEAF_MANY)
        printf("%s, …", *f->arguments ? f->arguments : "x");
    for (int k = 0; k < f->nin; k++) {
        int length = (int)strcspn(name, " ");
        printf("%s%.*s", k ? ", " : "", length, name);
        name += length + (name[length] == ' ');
    }
}

static void print_page(const sheaf_function_info *f)
{
    bool bold = color_on(stdout);
    printf("%s%s(", bold ? "\033[1m" : "", f->name);
    print_arguments(f);
    printf(")%s  %s\n\n", bold ? "\033[0m" : "", f->help);
    print_field("formula", f->formula);
    print_field("outputs", f->outputs);
    print_field("options", f->options);
    print_field("shapes", f->shapes);
    print_field("aliases", f->aliases);
    print_field("group", f->group);
    print_field("dtypes", f->dtypes);
    print_field("NaN", f->nan_rule);
    print_field("accuracy", f->accuracy);
    print_field("bits", f->bits);
    print_field("example", f->example);
}

/* By group, groups in the order in which they first appear. */
static void print_list(void)
{
    size_t n = sheaf_catalogue_size();
    bool bold = color_on(stdout);
    int width = 0;
    for (size_t i = 0; i < n; i++) {
        int length = (int)strlen(sheaf_catalogue_at(i)->name);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < n; i++) {
        const char *group = sheaf_catalogue_at(i)->group;
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(sheaf_catalogue_at(k)->group, group) != 0;
        if (!first)
            continue;
        printf("%s%s%s%s\n", i ? "\n" : "", bold ? "\033[1m" : "", group, bold ? "\033[0m" : "");
        for (size_t k = i; k < n; k++) {
            const sheaf_function_info *f = sheaf_catalogue_at(k);
            if (strcmp(f->group, group) == 0)
                printf("  %-*s  %s\n", width, f->name, f->help);
        }
    }
    printf("\n'sheaf functions NAME' tells more of one.\n");
}

static int show(const char *name, bool json)
{
    struct json j = {.out = stdout};
    if (name) {
        const sheaf_function_info *f = sheaf_catalogue_find(name);
        const char *near = f ? NULL : sheaf_catalogue_suggest(name);
        if (!f && near)
            return complain(REFUSED, "no function '%s'; did you mean %s?", name, near);
        if (!f)
            return complain(REFUSED, "no function '%s'; 'sheaf functions' lists them", name);
        if (json)
            write_json(&j, f);
        else
            print_page(f);
    } else if (json) {
        json_open(&j, NULL, '[');
        for (size_t i = 0; i < sheaf_catalogue_size(); i++)
            write_json(&j, sheaf_catalogue_at(i));
        json_close(&j, ']');
    } else {
        print_list();
    }
    return DONE;
}

int functions_command(int argc, char **argv)
{
    struct args a;
    const char *value, *name = NULL;
    bool json = false;
    args_init(&a, options, argc, argv, false);
    for (int id; (id = args_next(&a, &value)) != ARGS_END;) {
        switch (id) {
        case ARG_HELP:
            print_help();
            return DONE;
        case FUNCTIONS_JSON:
            json = true;
            break;
        case ARGS_OPERAND:
            if (name)
                return complain(REFUSED, "functions: one name at a time, not '%s' and '%s'", name, value);
            name = value;
            break;
        default:
            return REFUSED;
        }
    }
    return show(name, json);
}
