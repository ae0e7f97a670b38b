/* Any bytes as a file of any format: opened, and each part described and read, every byte of it looked at. */

#include "fuzz_file.h"

#ifndef FUZZ_SEEDS /* what numpy.savez and savez_compressed make of arange(3, dtype='i2'), and gzip and zstd of its \
                      .npy */
#define FUZZ_SEEDS "seeds_formats.h"
#endif
const struct fuzz_seed fuzz_seeds[] = {
#include FUZZ_SEEDS
};
const char *const fuzz_words[] = {"PK\1\2",           "PK\3\4",       "PK\5\6",    "PK\6\6",       "PK\6\7",
                                  "\xff\xff\xff\xff", "\1",           ".npy",      "\x1f\x8b\x08", "\x28\xb5\x2f\xfd",
                                  "(99999999,)",      "\x08",         "OHDR",      "TREE",         "SNOD",
                                  "\x7f\xff\xff\xff", "scale_factor", "_FillValue"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    read_bytes(bytes, n, NULL);
    return 0;
}
