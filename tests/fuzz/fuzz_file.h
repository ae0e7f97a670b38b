#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

/* Bytes as a file: opened, and each part described and read, every byte of it looked at. */

#include "fuzz.h"
#include "io/format.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Ranges of the part that can be fetched; array NULL: it could not be read. */
static void fetch_part(sheaf_file *file, size_t part, const sheaf_file_info *info, const unsigned char *array)
{
    static unsigned char to[1 << 16];
    struct io_input in = {.path = path, .fd = -1, .info = *info, .file = file, .part = part, .kept = true};
    const size_t size = sheaf_dtype_size(info->dtype);
    const uint64_t n = info->data_bytes / size, most = sizeof to / size;
    if (!io_can_fetch(&in))
        return;
    for (uint64_t k = 1; k < 4; k++) {
        const uint64_t begin = n - n / k, end = n - begin < most ? n : begin + most;
        sheaf_error problem = {SHEAF_OK, ""};
        const sheaf_status status = io_fetch(&in, begin, end, to, &problem);
        require((status == SHEAF_OK) == (problem.message[0] == '\0'));
        require(status == SHEAF_OK || !array || end == begin);
        require(!array || info->fortran_order || memcmp(to, array + begin * size, (end - begin) * size) == 0);
    }
    require(io_fetch(&in, n, n + 1, to, NULL) == SHEAF_INVALID);
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
    if (status && !described && sheaf_file_part_describe(file, part, &info, NULL) == SHEAF_OK)
        fetch_part(file, part, &info, NULL);
    if (status)
        return;
    sheaf_view view = sheaf_array_view(array);
    size_t n = (size_t)sheaf_view_size(&view) * sheaf_dtype_size(view.dtype);
    require(n == info.data_bytes && n <= 1 << 20);
    for (size_t i = 0; i < n; i++)
        seen = ((const unsigned char *)view.data)[i];
    (void)seen;
    if (sheaf_file_part_describe(file, part, &info, NULL) == SHEAF_OK)
        fetch_part(file, part, &info, view.data);
    sheaf_array_free(array);
}

/* read: of --read, or NULL. */
static void read_bytes(const unsigned char *bytes, size_t n, const sheaf_read *read)
{
    sheaf_file *file = NULL;
    sheaf_error problem = {SHEAF_OK, ""};
    put_file(bytes, n);
    sheaf_status status = sheaf_file_open(path, read, &file, &problem);
    require((status == SHEAF_OK) == (file != NULL) && (status == SHEAF_OK) == (problem.message[0] == '\0'));
    for (size_t part = 0; file && part < sheaf_file_parts(file); part++)
        read_part(file, part);
    sheaf_file_close(file);
}

#endif
