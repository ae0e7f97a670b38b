/* Any bytes as a file of any format: opened, and each part described and read, every byte of it looked at. */

#include "fuzz_file.h"
#include "io/netcdf_write.h"

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

/* What a part says about itself, as a result of it would be written. */
static void keep_part(sheaf_file *file, size_t part)
{
    char name[400];
    int origins[SHEAF_MAX_NDIM];
    struct nc_source s = {.part = ""}, again = {.part = ""};
    struct nc_writer w = {0};
    sheaf_file_info info;
    sheaf_view view;
    sheaf_error problem = {SHEAF_OK, ""};
    size_t variable;
    if (snprintf(name, sizeof name, "%s:%s", path, sheaf_file_part_name(file, part)) >= (int)sizeof name ||
        sheaf_file_part_describe(file, part, &info, NULL) != SHEAF_OK)
        return;
    sheaf_status status = nc_source_read(name, NULL, &s, &problem);
    require((status == SHEAF_OK) == (problem.message[0] == '\0'));
    if (status == SHEAF_OK && nc_source_read(name, NULL, &again, NULL) == SHEAF_OK) {
        const size_t n = s.nabout;
        nc_source_agree(&s, &again);
        require(s.nabout == n);
        for (int d = 0; d < SHEAF_MAX_NDIM; d++)
            origins[d] = d;
        if (sheaf_view_init(&view, NULL, info.dtype, info.ndim, info.shape, NULL) == SHEAF_OK &&
            nc_add(
                &w, path,
                &(struct nc_result){
                    .name = "r", .view = &view, .nsources = 1, .sources = &s, .origins = origins, .attributes = true},
                &variable, NULL) == SHEAF_OK)
            require(nc_add_global(&w, path, &s, "made", NULL) == SHEAF_OK && variable < w.n);
    }
    nc_clear(&w);
    nc_source_clear(&s);
    nc_source_clear(&again);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    sheaf_file *file = NULL;
    read_bytes(bytes, n, NULL);
    if (sheaf_file_open(path, NULL, &file, NULL) == SHEAF_OK && file->format == &format_netcdf)
        for (size_t part = 0; part < sheaf_file_parts(file); part++)
            keep_part(file, part);
    sheaf_file_close(file);
    return 0;
}
