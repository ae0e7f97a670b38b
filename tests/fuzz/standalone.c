/* A main for a fuzz target: the same mutations of the same seeds every time, so that any compiler's sanitizer can
 * run it. Usage: fuzz_NAME [ITERATIONS | FILE...] */

#include "fuzz.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 4096
};

static uint64_t state = 1;

static size_t draw(size_t below)
{
    uint64_t x = state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (size_t)((x ^ (x >> 31)) % below);
}

/* Replace `out` bytes at `at` by the n bytes of text; the new length. */
static size_t splice(unsigned char *bytes, size_t length, size_t at, size_t out, const void *text, size_t n)
{
    if (at > length)
        return length;
    if (at + out > length)
        out = length - at;
    if (length - out + n > MOST)
        return length;
    memmove(bytes + at + n, bytes + at + out, length - at - out);
    memcpy(bytes + at, text, n);
    return length - out + n;
}

static size_t mutate(unsigned char *bytes, size_t n)
{
    const char *word = fuzz_words[draw(fuzz_nwords)];
    unsigned char byte = (unsigned char)draw(256);
    size_t at = draw(n + 1);
    switch (draw(8)) {
    case 0:
        return at; /* cut */
    case 1:
        return splice(bytes, n, at, strlen(word), word, strlen(word));
    case 2:
        return splice(bytes, n, at, 0, word, strlen(word));
    case 3:
        return splice(bytes, n, at, draw(9), "", 0);
    case 4:
        return splice(bytes, n, 8 + draw(4), 1, &byte, 1); /* an .npy header's length */
    case 5:
        if (at < n)
            bytes[at] ^= (unsigned char)(1u << draw(8));
        return n;
    default:
        return splice(bytes, n, at, 1, &byte, 1);
    }
}

static int run_file(const char *path)
{
    static unsigned char bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, n);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned char *bytes = malloc(MOST);
    long iterations = argc == 2 && argv[1][strspn(argv[1], "0123456789")] == '\0' ? atol(argv[1]) : 20000;
    if (argc > 2 || (argc == 2 && argv[1][strspn(argv[1], "0123456789")] != '\0')) {
        int failed = !bytes;
        for (int i = 1; i < argc; i++)
            failed |= run_file(argv[i]);
        free(bytes);
        return failed;
    }
    if (!bytes)
        return 1;
    long done = 0;
    for (; done < iterations; done++) {
        const struct fuzz_seed *seed = &fuzz_seeds[(size_t)done % fuzz_nseeds];
        size_t n = seed->n;
        memcpy(bytes, seed->bytes, n);
        for (size_t changes = draw(6); changes-- > 0;)
            n = mutate(bytes, n);
        /* a heap block of the exact size, so that one byte too many is seen */
        unsigned char *exact = malloc(n ? n : 1);
        if (!exact)
            break;
        memcpy(exact, bytes, n);
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    printf("%ld inputs, no finding\n", done);
    free(bytes);
    return done == iterations ? 0 : 1;
}
