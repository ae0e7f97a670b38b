/* Any bytes as a file of any format: opened, and each part described and read, every byte of it looked at. */

#include "fuzz.h"
#include "io/format.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static char path[64];

static void put_file(const unsigned char *bytes, size_t n)
{
    static int file = -1;
    if (file < 0) {
        file = memfd_create("fuzz", 0);
        require(file >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        io_unpacked_cap = 1 << 20;
    }
    require(ftruncate(file, 0) == 0);
    require(n == 0 || pwrite(file, bytes, n, 0) == (ssize_t)n);
}

static void read_part(sheaf_file *file, size_t part)
{
    static volatile unsigned char seen;
    sheaf_file_info info;
    sheaf_error problem = {SHEAF_OK, ""};
    sheaf_array *array = NULL;
    require(sheaf_file_part_name(file, part) != NULL);
    sheaf_status described = sheaf_file_part_describe(file, part, &info, &problem);
    require((described == SHEAF_OK) == (problem.message[0] == '\0'));
    sheaf_status status = sheaf_file_part_load(file, part, &array, &problem);
    require((status == SHEAF_OK) == (array != NULL) && (status == SHEAF_OK || problem.message[0]));
    require(described == SHEAF_OK || status != SHEAF_OK);
    if (status)
        return;
    sheaf_view view = sheaf_array_view(array);
    size_t n = (size_t)sheaf_view_size(&view) * sheaf_dtype_size(view.dtype);
    require(n == info.data_bytes && n <= 1 << 20);
    for (size_t i = 0; i < n; i++)
        seen = ((const unsigned char *)view.data)[i];
    (void)seen;
    sheaf_array_free(array);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    sheaf_file *file = NULL;
    sheaf_error problem = {SHEAF_OK, ""};
    put_file(bytes, n);
    sheaf_status status = sheaf_file_open(path, NULL, &file, &problem);
    require((status == SHEAF_OK) == (file != NULL) && (status == SHEAF_OK) == (problem.message[0] == '\0'));
    for (size_t part = 0; file && part < sheaf_file_parts(file); part++)
        read_part(file, part);
    sheaf_file_close(file);
    return 0;
}
