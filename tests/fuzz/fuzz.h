#ifndef FUZZ_H
#define FUZZ_H

/* A fuzz target, and what standalone.c begins with where there is no fuzzer to find it. */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

struct fuzz_seed {
    const char *bytes;
    size_t n;
};
extern const struct fuzz_seed fuzz_seeds[];
extern const char *const fuzz_words[]; /* that mutations put in */
extern const size_t fuzz_nseeds, fuzz_nwords;

#define SEED(text)            \
    {                         \
        text, sizeof text - 1 \
    }

#define require(condition)                                                          \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

#endif
