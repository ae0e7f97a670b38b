#include "io/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *io_shown(const char *path, char text[IO_SHOWN])
{
    size_t n = strlen(path);
    if (n < IO_SHOWN)
        return path;
    const char *end = path + n - (IO_SHOWN - 4);
    while ((*end & 0xC0) == 0x80) /* not in the middle of a UTF-8 letter */
        end++;
    snprintf(text, IO_SHOWN, "...%s", end);
    return text;
}

sheaf_status io_failed(const char *path, const char *action, int code, sheaf_error *error)
{
    char text[IO_SHOWN];
    const char *shown = io_shown(path, text);
    if (code == ENOMEM)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: %s: the system is out of memory", shown, action);
    if (code == EISDIR)
        return sheaf_error_set(error, SHEAF_IO, "%s: is a directory, not a file; name the files in it, as in %s/*.npy",
                               shown, shown);
    if (code == EMFILE || code == ENFILE)
        return sheaf_error_set(error, SHEAF_IO, "%s: %s; raise the limit (ulimit -n)", shown, strerror(code));
    if (code == ENOENT || code == EACCES)
        return sheaf_error_set(error, SHEAF_IO, "%s: %s", shown, strerror(code));
    return sheaf_error_set(error, SHEAF_IO, "%s: %s: %s", shown, action, strerror(code));
}

bool io_may_pass(int code)
{
    static const int lasting[] = {ENOENT,       EACCES, EPERM,  EISDIR, ENOTDIR,   ELOOP,
                                  ENAMETOOLONG, ENXIO,  ENODEV, EINVAL, EOVERFLOW, EBADF};
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
        if (code == lasting[i])
            return false;
    return true;
}

sheaf_status io_no_memory(const char *path, size_t bytes, sheaf_error *error)
{
    char text[IO_SHOWN];
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes", io_shown(path, text), bytes);
}

/* Whether the file looks like text: no control characters but white space in its first bytes. */
static bool is_text(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n && i < 512; i++)
        if ((bytes[i] < 32 && !memchr("\t\n\r\f", bytes[i], 4)) || bytes[i] == 127)
            return false;
    return n > 0;
}

sheaf_status io_not_known(const unsigned char *bytes, size_t n, const char *path, sheaf_error *error)
{
    static const struct {
        const char *magic;
        unsigned char length;
        const char *name;
    } known[] = {
        {"PK\3\4", 4, "a zip archive (.npz)"},
        {"PK\5\6", 4, "an empty zip archive (.npz)"},
        {"\x1f\x8b", 2, "a gzip file"},
        {"\x28\xb5\x2f\xfd", 4, "a zstd file"},
        {"\x89HDF\r\n\x1a\n", 8, "an HDF5 or netCDF-4 file"},
        {"CDF\1", 4, "a netCDF file"},
        {"CDF\2", 4, "a netCDF file"},
        {"CDF\5", 4, "a netCDF file"},
        {"BZh", 3, "a bzip2 file"},
        {"\xfd"
         "7zXZ",
         5, "an xz file"},
        {"MATLAB 5.0", 10, "a MATLAB file"},
        {"%%MatrixMarket", 14, "a Matrix Market file"},
        {"SIMPLE  =", 9, "a FITS file"},
        {"II*\0", 4, "a TIFF image"},
        {"MM\0*", 4, "a TIFF image"},
        {"\x89PNG", 4, "a PNG image"},
        {"PAR1", 4, "a Parquet file"},
        {"\x80\2", 2, "a Python pickle"},
        {"\x80\3", 2, "a Python pickle"},
        {"\x80\4", 2, "a Python pickle"},
        {"\x80\5", 2, "a Python pickle"},
    };
    char text[IO_SHOWN], names[128];
    const char *shown = io_shown(path, text), *name = NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known && !name; i++)
        if (n >= known[i].length && memcmp(bytes, known[i].magic, known[i].length) == 0)
            name = known[i].name;
    if (!name && is_text(bytes, n))
        name = "text (CSV?), which --read format=csv reads";
    if (name)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: no array file: it looks like %s; this version reads %s", shown,
                               name, format_names(names));
    return sheaf_error_set(
        error, SHEAF_FORMAT, "%s: no array file: it starts with bytes %02x %02x %02x %02x, as none of %s does", shown,
        n > 0 ? bytes[0] : 0, n > 1 ? bytes[1] : 0, n > 2 ? bytes[2] : 0, n > 3 ? bytes[3] : 0, format_names(names));
}

/* Line ends of n bytes, at most 255; next: the byte behind them. A loop that compilers turn into vectors. */
static inline unsigned char count_ends(const char *p, size_t n, char next)
{
    unsigned char ends = 0;
    for (size_t k = 0; k + 1 < n; k++)
        ends = (unsigned char)(ends + ((p[k] == '\n') | ((p[k] == '\r') & (p[k + 1] != '\n'))));
    return (unsigned char)(ends + (p[n - 1] == '\n') + (p[n - 1] == '\r' && next != '\n'));
}

uint64_t io_lines(const char *p, const char *end)
{
    enum {
        BLOCK = 129
    };
    uint64_t ends = 0;
    for (; end - p > BLOCK; p += BLOCK)
        ends += count_ends(p, BLOCK, p[BLOCK]);
    return p < end ? ends + count_ends(p, (size_t)(end - p), 0) : ends;
}
