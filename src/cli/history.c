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
        putc(' ', out);
        if (strncmp(argv[i], "--header=", 9) == 0)
            fputs("--header='***'", out);
        else if (hide)
            fputs("'***'", out);
        else
            put_public(out, argv[i]);
        hide = is_secret(argv[i]);
        if (i + 1 < argc && ftell(out) >= SHOWN)
            fputs(" ...", out);
    }
    fprintf(out, " (sheaf %s, numerics %d)", sheaf_version(), SHEAF_NUMERICS_VERSION);
    must(fclose(out) == 0 ? text : NULL);
    return text;
}
