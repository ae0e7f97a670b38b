/* Any bytes as a file of any format: opened, and each part described and read, every byte of it looked at. */

#include "fuzz_file.h"

/* What numpy.savez and savez_compressed make of arange(3, dtype='i2'), and gzip and zstd of its .npy. */
const struct fuzz_seed fuzz_seeds[] = {
#include "seeds_formats.h"
};
const char *const fuzz_words[] = {"PK\1\2",       "PK\3\4",           "PK\5\6",      "PK\6\6",
                                  "PK\6\7",       "\xff\xff\xff\xff", "\1",          ".npy",
                                  "\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "(99999999,)", "\x08"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    read_bytes(bytes, n, NULL);
    return 0;
}
