#ifndef SHEAF_TEST_ISOLATED_H
#define SHEAF_TEST_ISOLATED_H

/* What the tests of isolation share: a C file whose function dies of what it is given. */

#include "test_map.h"

#include <dirent.h>

/* The first element says how; any other than these gives the sum. */
enum death {
    DIES_SEGV = -1,
    DIES_ABORT = -2,
    DIES_EXIT = -3,
    DIES_FPE = -4,
    DIES_OVERFLOW = -5,
    DIES_KILLED = -6,
    DIES_NEVER = -7, /* an endless loop */
    DIES_LATER = -8, /* the sum, then it closes all it has, its socket too */
    DIES_MUTE = -9   /* it leaves a child behind that holds the socket */
};

static const char deadly[] = "#include <signal.h>\n"
                             "#include <stddef.h>\n"
                             "#include <stdlib.h>\n"
                             "#include <unistd.h>\n"
                             "static volatile int zero;\n"
                             "static __attribute__((noinline)) double deep(volatile const double *x)\n"
                             "{\n"
                             "    volatile double room[1000];\n"
                             "    room[0] = x[0];\n"
                             "    return deep(room) + room[999];\n"
                             "}\n"
                             "double deadly(const double *x, size_t n)\n"
                             "{\n"
                             "    double sum = 0;\n"
                             "    for (size_t i = 0; i < n; i++)\n"
                             "        sum += x[i];\n"
                             "    switch (n ? (int)x[0] : 0) {\n"
                             "    case -1: *(volatile int *)0 = 1; break;\n"
                             "    case -2: abort();\n"
                             "    case -3: exit(7);\n"
                             "    case -4: return (double)(7 / zero);\n"
                             "    case -5: return deep(x);\n"
                             "    case -6: kill(getpid(), SIGKILL); break;\n"
                             "    case -7: while (!zero) ; break;\n"
                             "    case -8: for (int fd = 3; fd < 100; fd++) close(fd); break;\n"
                             "    case -9: if (fork() == 0) { pause(); _exit(0); } kill(getpid(), SIGSEGV); break;\n"
                             "    }\n"
                             "    return sum;\n"
                             "}\n";

/* The function of a C file with this text, made anew in directory. */
static inline sheaf_func *own_function(const char *directory, const char *name, const char *text)
{
    sheaf_func *func = NULL;
    sheaf_compile_options options;
    char *file = strdup(path_in(directory, name)), *cache = strdup(path_in(directory, "cache"));
    sheaf_compile_options_init(&options);
    options.cache = cache;
    file_write(file, text, strlen(text));
    ck_ok(sheaf_func_from_file(file, &options, &func, error));
    free(file);
    free(cache);
    return func;
}

static char *directory;

static inline void setup(void)
{
    directory = scratch_new();
    unsetenv("CC");
    unsetenv("SHEAF_WORKER");
}

static inline void teardown(void)
{
    scratch_remove(directory);
}

static inline sheaf_results *mapped(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options)
{
    sheaf_results *results = NULL;
    ck_ok(sheaf_map(func, batch, options, &results, error));
    return results;
}

static inline sheaf_map_options threads(int n)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = n;
    return options;
}

/* How many are open. */
static inline int descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

#endif
