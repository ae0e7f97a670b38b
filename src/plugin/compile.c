/* From C source to a shared object.
 *
 * The compiler reads the user's file, and behind it, from its standard input, a line that offers the function. What the
 * file becomes after the preprocessor, with the macros that tell the compiler's version and the processor's features,
 * is the key under which the object is kept. */

#include "plugin/compile.h"
#include "base/alloc.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OFFERS "sheaf_offers_"      /* what SHEAF_OFFER and its kin begin a name with */
#define FILE_ENDS "sheaf_file_ends" /* stands between the user's file and what follows it */

/* What follows the user's file. Sheaf's headers use X for their lists, whatever it was in the file. */
#define HEADERS "#undef X\n#include <sheaf/plugin.h>\n"

enum {
    LONGEST_NAME = 128
};

/* One compilation. */
struct job {
    struct arena *arena;
    const char *path;
    const sheaf_compile_options *options;
    struct compiler compiler;
    char input[LONGEST_NAME + 64]; /* what follows the file */
};

static sheaf_status no_memory(const char *path, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to compile %.200s", path);
}

int stem(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    const char *dot = strrchr(*name, '.');
    return dot ? (int)(dot - *name) : (int)strlen(*name);
}

static sheaf_status check_file(const char *path, sheaf_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: %s%s", path, strerror(errno),
                               errno == ENOENT ? "; 'sheaf new' writes a file to start from" : "");
    if (S_ISDIR(st.st_mode))
        return sheaf_error_set(error, SHEAF_IO, "%.300s is a directory, not a C file", path);
    if (access(path, R_OK) != 0)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: %s", path, strerror(errno));
    return SHEAF_OK;
}

/* ---- running the compiler ---- */

static void show(const sheaf_compile_options *options, const struct text *messages)
{
    if (options->messages && messages->n)
        options->messages(messages->at, messages->n, options->messages_user);
}

static sheaf_status refused(const struct job *j, const struct text *messages, int exit_status, sheaf_error *error)
{
    show(j->options, messages);
    if (j->options->messages)
        return sheaf_error_set(error, SHEAF_INVALID, "%.200s does not compile (%.200s: exit status %d)", j->path,
                               j->compiler.words[0], exit_status);
    return sheaf_error_set(error, SHEAF_INVALID, "%.200s does not compile: %s", j->path, messages->at);
}

/* Everything the file is after the preprocessor, macros included. */
static sheaf_status preprocess(const struct job *j, struct text *out, sheaf_error *error)
{
    struct compiler c = j->compiler;
    struct text messages;
    int exit_status = 0;
    const char *const words[] = {"-E", "-dD", "-include", j->path, "-x", "c", "-"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        compiler_add(&c, words[k]);
    sheaf_status status = process_run(c.words, FILE_ENDS "\n" HEADERS, out, &messages, &exit_status, error);
    if (status == SHEAF_OK && exit_status != 0)
        status = refused(j, &messages, exit_status, error);
    mem_free(messages.at);
    return status;
}

/* Compile to target, which appears whole or not at all; who else makes it makes the same. */
static sheaf_status build(const struct job *j, const char *directory, const char *target, sheaf_error *error)
{
    struct compiler c = j->compiler;
    struct text out, messages;
    int exit_status = 0;
    size_t n = strlen(directory) + 32;
    char *temporary = arena_alloc(j->arena, n, 1);
    if (!temporary)
        return no_memory(j->path, error);
    snprintf(temporary, n, "%s/.compiling-XXXXXX", directory);
    int fd = mkstemp(temporary);
    if (fd < 0)
        return sheaf_error_set(error, SHEAF_IO, "%.300s: making a file: %s", directory, strerror(errno));
    close(fd);
    const char *const words[] = {"-shared", "-o", temporary, "-include", j->path, "-x", "c", "-", "-lm"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        compiler_add(&c, words[k]);
    sheaf_status status = process_run(c.words, j->input, &out, &messages, &exit_status, error);
    if (status == SHEAF_OK && exit_status != 0)
        status = refused(j, &messages, exit_status, error);
    else if (status == SHEAF_OK)
        show(j->options, &messages);
    if (status == SHEAF_OK && rename(temporary, target) != 0)
        status = sheaf_error_set(error, SHEAF_IO, "%.300s: renaming the compiled file: %s", target, strerror(errno));
    if (status != SHEAF_OK)
        unlink(temporary);
    mem_free(out.at);
    mem_free(messages.at);
    return status;
}

/* ---- which function ---- */

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_identifier(const char *text)
{
    size_t n = 0;
    while (in_word(text[n]))
        n++;
    return n > 0 && n < LONGEST_NAME && text[n] == '\0' && !isdigit((unsigned char)*text);
}

/* Whether the line has the word; with `begins`, a word that begins so. */
static bool line_has(const char *line, size_t n, const char *word, bool begins)
{
    size_t length = strlen(word);
    for (const char *p = line, *end = line + n; (p = memmem(p, (size_t)(end - p), word, length)); p++)
        if ((p == line || !in_word(p[-1])) && (begins || p + length == end || !in_word(p[length])))
            return true;
    return false;
}

/* The same of the user's file, preprocessed; # lines do not count. */
static bool text_has(const char *text, const char *word, bool begins)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (strncmp(text, FILE_ENDS, strlen(FILE_ENDS)) == 0)
            return false;
        if (*text != '#' && line_has(text, n, word, begins))
            return true;
        text += n + (text[n] == '\n');
    }
    return false;
}

/* The source may offer functions itself; otherwise the symbol, or the function named as the file, is offered for it. */
static sheaf_status choose(struct job *j, const char *symbol, const char *text, sheaf_error *error)
{
    const char *name;
    char function[LONGEST_NAME], offer[LONGEST_NAME + sizeof OFFERS];
    int n = stem(j->path, &name);
    snprintf(function, sizeof function, "%.*s", symbol ? (int)strlen(symbol) : n, symbol ? symbol : name);
    snprintf(offer, sizeof offer, OFFERS "%s", symbol ? function : "");
    snprintf(j->input, sizeof j->input, "%s", HEADERS);
    if (text_has(text, offer, !symbol))
        return SHEAF_OK;
    if (!is_identifier(function))
        return sheaf_error_set(error, SHEAF_UNKNOWN,
                               symbol
                                   ? "%.200s: '%.100s' is not the name of a C function"
                                   : "%.200s: '%.100s' cannot be the name of a C function; say which one is meant, as "
                                     "in FILE.c:NAME",
                               j->path, function);
    if (!text_has(text, function, false))
        return sheaf_error_set(error, SHEAF_UNKNOWN,
                               symbol
                                   ? "%.200s has no function %.100s"
                                   : "%.200s has no function %.100s, named as the file; say which one is meant, as in "
                                     "FILE.c:NAME",
                               j->path, function);
    snprintf(j->input, sizeof j->input, HEADERS "SHEAF_OFFER(%s);\n", function);
    return SHEAF_OK;
}

/* ---- the cache ---- */

static char *object_name(const struct job *j, const char *directory, const struct text *text)
{
    struct key key = KEY_START;
    struct stat st;
    const char *name;
    int n = stem(j->path, &name);
    const int abi = SHEAF_PLUGIN_ABI;
    for (int k = 0; k < j->compiler.n; k++)
        key_add_text(&key, j->compiler.words[k]);
    if (stat(j->compiler.words[0], &st) == 0)
        key_add(&key, &st.st_mtim, sizeof st.st_mtim);
    key_add_text(&key, SHEAF_VERSION);
    key_add(&key, &abi, sizeof abi);
    key_add_text(&key, j->input);
    key_add(&key, text->at, text->n);
    size_t size = strlen(directory) + 96;
    char *path = arena_alloc(j->arena, size, 1);
    if (path)
        snprintf(path, size, "%s/%.*s-%016llx%016llx.so", directory, n < 40 ? n : 40, name,
                 (unsigned long long)key.high, (unsigned long long)key.low);
    return path;
}

/* Find the object in the cache, or make it there; without a cache, in a directory of its own. */
static sheaf_status make(const struct job *j, const struct text *text, struct object *out, sheaf_error *error)
{
    char *directory;
    sheaf_status status = cache_directory(j->arena, j->options->cache, &directory, error);
    if (status == SHEAF_OK && !directory) {
        out->temporary = true;
        status = cache_temporary(j->arena, &directory, error);
    }
    if (status != SHEAF_OK)
        return status;
    out->path = object_name(j, directory, text);
    out->cached = out->path && access(out->path, R_OK) == 0;
    if (!out->path)
        status = no_memory(j->path, error);
    else if (!out->cached)
        status = build(j, directory, out->path, error);
    if (status != SHEAF_OK && out->temporary)
        rmdir(directory);
    return status;
}

sheaf_status compile(struct arena *a, const char *path, const char *symbol, const sheaf_compile_options *options,
                     struct object *out, sheaf_error *error)
{
    struct job *j = arena_alloc(a, sizeof *j, 16);
    struct text text = {NULL, 0};
    *out = (struct object){NULL, false, false};
    if (!j)
        return no_memory(path, error);
    *j = (struct job){.arena = a, .path = path, .options = options};
    sheaf_status status = check_file(path, error);
    if (status == SHEAF_OK)
        status = compiler_find(a, &j->compiler, error);
    if (status == SHEAF_OK)
        status = preprocess(j, &text, error);
    if (status == SHEAF_OK)
        status = choose(j, symbol, text.at, error);
    if (status == SHEAF_OK)
        status = make(j, &text, out, error);
    mem_free(text.at);
    return status;
}

void object_remove(const struct object *o)
{
    unlink(o->path);
    char *slash = strrchr(o->path, '/');
    if (o->temporary && slash) {
        *slash = '\0';
        rmdir(o->path);
        *slash = '/';
    }
}
