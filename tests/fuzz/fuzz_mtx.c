/* Any bytes as a matrix of Matrix Market. */

#include "fuzz_file.h"

const struct fuzz_seed fuzz_seeds[] = {
    SEED("%%MatrixMarket matrix coordinate real symmetric\n% c\n3 3 2\n1 1 1.5\n3 2 -2\n"),
    SEED("%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n4\n"),
    SEED("%%MatrixMarket matrix coordinate complex hermitian\r\n2 2 2\r\n1 1 1 0\r\n2 1 3 4\r\n"),
    SEED("%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 1\n2 3\n"),
    SEED("%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n"),
};
const char *const fuzz_words[] = {"array",   "coordinate", "real",      "integer",        "complex",
                                  "pattern", "general",    "symmetric", "skew-symmetric", "hermitian",
                                  "%",       "\n",         "\r",        "99999",          "18446744073709551616",
                                  "0",       "-1",         "nan"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static sheaf_read *read;
    static const char *const texts[] = {"format=mtx"};
    if (!read)
        require(sheaf_read_new(1, texts, &read, NULL) == SHEAF_OK);
    read_bytes(bytes, n, read);
    return 0;
}
