/* Any bytes as a table of text. */

#include "fuzz_file.h"

const struct fuzz_seed fuzz_seeds[] = {
    SEED("name,a,b\nx,1,2.5\ny,-3e4,NA\n"),
    SEED("\xef\xbb\xbf# c\r\nTitle\r\n\"n\"\"q\";\"v\nw\"\r\n\"1\";2\r\n3;\r\n"),
    SEED("  1 2\t3\n 4 5 6\n"),
    SEED("a\tb\r1\t2\r\r3\t4\r"),
};
const char *const fuzz_words[] = {"\"",
                                  "\"\"",
                                  ",",
                                  "\n",
                                  "\r\n",
                                  "\r",
                                  "#",
                                  ";",
                                  "\t",
                                  "1e999",
                                  "nan",
                                  "0.1234567890123456789",
                                  "\xff\xfe",
                                  " ",
                                  ",,,,,,,,,,,,,,,,",
                                  "\n1\n1\n1\n1\n1\n1\n"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static sheaf_read *read;
    static const char *const texts[] = {"format=csv"};
    if (!read)
        require(sheaf_read_new(1, texts, &read, NULL) == SHEAF_OK);
    read_bytes(bytes, n, read);
    return 0;
}
