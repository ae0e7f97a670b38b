/* The line that says how an output was made. */

#include "map.h"
#include <errno.h>
#include <sheaf/machine.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SHOWN = 16 << 10 /* of a command, which may name a million files */
};

/* Now, unless the outputs are to be the same whenever they are made (reproducible-builds.org). */
static void put_date(FILE *out)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char text[32], *end = "";
    time_t when = time(NULL);
    struct tm utc;
    errno = 0;
    const long long said = epoch ? strtoll(epoch, &end, 10) : 0;
    if (epoch && *epoch && !*end && !errno)
        when = (time_t)said;
    if (gmtime_r(&when, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        fputs(text, out);
}

/* A word without the user, query and fragment of a URL in it. */
static char *without_secrets(const char *word)
{
    char *copy = must(strdup(word)), *scheme = strstr(copy, "://");
    if (!scheme)
        return copy;
    char *host = scheme + 3, *path = host + strcspn(host, "/?#");
    char *at = NULL;
    for (char *p = host; p < path; p++)
        at = *p == '@' ? p : at;
    if (at)
        memmove(host, at + 1, strlen(at + 1) + 1);
    host[strcspn(host, "?#")] = '\0';
    return copy;
}

/* Whether the option's value, or the argument behind it, may be a secret. */
static bool is_secret(const char *word)
{
    return strcmp(word, "--header") == 0;
}

char *history_line(int argc, char **argv)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = must(open_memstream(&text, &n));
    bool hide = false;
    put_date(out);
    fputs(": sheaf", out);
    for (int i = 0; i < argc && ftell(out) < SHOWN; i++) {
        char *word = without_secrets(argv[i]);
        putc(' ', out);
        if (strncmp(word, "--header=", 9) == 0)
            fputs("--header=...", out);
        else
            put_quoted(out, hide ? "..." : word);
        hide = is_secret(word);
        free(word);
        if (i + 1 < argc && ftell(out) >= SHOWN)
            fputs(" ...", out);
    }
    fprintf(out, " (sheaf %s, numerics %d)", sheaf_version(), SHEAF_NUMERICS_VERSION);
    must(fclose(out) == 0 ? text : NULL);
    return text;
}
