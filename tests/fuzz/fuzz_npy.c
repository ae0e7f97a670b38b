/* Any bytes as an .npy file: parsed in memory, then read whole from a file, every byte of the result looked at. Built
 * with standalone.c for a fixed run, or with clang's -fsanitize=fuzzer for an open one. */

#include "fuzz.h"
#include "io/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DATA "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

const struct fuzz_seed fuzz_seeds[] = {
    SEED("\x93NUMPY\1\0\106\0{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }            \n" DATA),
    SEED("\x93NUMPY\1\0\101\0{'descr': '>i2', 'fortran_order': True, 'shape': (3, 4, 2)}     \n" DATA),
    SEED("\x93NUMPY\2\0\75\0\0\0{\"descr\": \"|b1\", \"fortran_order\": False, \"shape\": (5L, 2L)} \n" DATA),
    SEED("\x93NUMPY\3\0\77\0\0\0{'shape': (), 'fortran_order': False, 'descr': '<c16'}        \n" DATA),
    SEED("\x93NUMPY\1\0\104\0{'descr': [('a', '<f8'), ('b', '<M8[ns]')], 'fortran_order': False, " DATA),
    SEED("\x93NUMPY\1\0\77\0{'descr': '|O', 'fortran_order': False, 'shape': (0, 3)}      \n" DATA),
};

const char *const fuzz_words[] = {"(",  ")",   ",",    ":",   "{",     "}",     "'",          "\"",    "-1",
                                  "0",  "17",  "L",    "<f8", ">c8",   "|b1",   "True",       "False", "descr",
                                  "[(", "'O'", "<f16", "e8",  "1,1,1", "99999", "4294967296", "\\",    "u'"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

static struct io_buffer buffer;
static int file = -1;
static char path[64];

static void put(const unsigned char *bytes, size_t n)
{
    if (file < 0) {
        file = memfd_create("fuzz", 0);
        require(file >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    require(ftruncate(file, 0) == 0);
    require(n == 0 || pwrite(file, bytes, n, 0) == (ssize_t)n);
}

/* Every element by its strides: all must lie in the buffer, which the address sanitizer watches. */
static void look(const sheaf_view *view)
{
    static volatile unsigned char seen; /* so that the reading is done */
    int64_t n = sheaf_view_size(view), size = (int64_t)sheaf_dtype_size(view->dtype);
    for (int64_t i = 0; i < n; i++) {
        const unsigned char *p = view->data;
        int64_t rest = i;
        for (int d = view->ndim - 1; d >= 0; rest /= view->shape[d], d--)
            p += rest % view->shape[d] * view->strides[d];
        require(p >= buffer.data && p + size <= buffer.data + buffer.capacity);
        seen = p[0];
        seen = p[size - 1];
    }
    (void)seen;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    sheaf_file_info info, described;
    struct io_input in;
    sheaf_view view;
    sheaf_array *array = NULL;
    sheaf_error problem = {SHEAF_OK, ""};
    size_t need;
    sheaf_status parsed = npy_parse(bytes, n, &info, &need, "fuzz", &problem);
    require((parsed == SHEAF_OK) == (problem.message[0] == '\0'));
    require(parsed == SHEAF_OK ? need == 0 : need == 0 || need > n);
    put(bytes, n);
    sheaf_status status = io_open(path, NULL, &buffer, &in, NULL);
    require(status == SHEAF_OK ? parsed == SHEAF_OK && info.data_offset + info.data_bytes <= n : in.fd < 0);
    require(status == SHEAF_OK || parsed != SHEAF_OK || info.data_offset + info.data_bytes > n);
    require(buffer.capacity <= (4u << 20) + 2 * n);
    if (status == SHEAF_OK) {
        require(io_read_all(&in, &buffer, &view, NULL) == SHEAF_OK);
        look(&view);
        require(sheaf_file_describe(path, &described, NULL) == SHEAF_OK);
        require(memcmp(&described, &info, sizeof info) == 0);
        require(sheaf_file_load(path, &array, NULL) == SHEAF_OK);
        sheaf_array_free(array);
    } else {
        require(sheaf_file_load(path, &array, NULL) == status && !array);
    }
    return 0;
}
