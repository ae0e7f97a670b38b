/* Reading and writing .npy: every dtype, byte order, memory order and version against NumPy's own bytes, real files,
 * files cut anywhere, and allocations that fail. */

#include "base/alloc.h"
#include "base/pool.h"
#include "io/io.h"
#include "npy_golden.h"
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory;

static void setup(void)
{
    directory = scratch_new();
}

static void teardown(void)
{
    scratch_remove(directory);
}

static const char *put(const char *name, const void *data, size_t n)
{
    const char *path = path_in(directory, name);
    file_write(path, data, n);
    return path;
}

/* An .npy file of version 1.0 in memory, its header padded to end at offset; the data zeroed. malloc'ed. */
static unsigned char *compose(const char *dictionary, size_t offset, size_t bytes)
{
    unsigned char *file = calloc(1, offset + bytes);
    ck_assert_ptr_nonnull(file);
    memset(file, ' ', offset);
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (unsigned char)((offset - 10) & 255);
    file[9] = (unsigned char)((offset - 10) >> 8);
    ck_assert_uint_le(strlen(dictionary), offset - 10);
    memcpy(file + 10, dictionary, strlen(dictionary));
    return file;
}

#define F8(shape) "{'descr': '<f8', 'fortran_order': False, 'shape': " shape "}"

/* The number at p, exactly; the imaginary part too. */
static double number(sheaf_dtype dtype, const void *p, double *imaginary)
{
    union {
        bool b;
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        float f32[2];
        double f64[2];
    } v;
    memcpy(&v, p, sheaf_dtype_size(dtype));
    *imaginary = dtype == SHEAF_C64 ? (double)v.f32[1] : dtype == SHEAF_C128 ? v.f64[1] : 0;
    switch (dtype) {
    case SHEAF_BOOL:
        return v.b;
    case SHEAF_I8:
        return v.i8;
    case SHEAF_I16:
        return v.i16;
    case SHEAF_I32:
        return v.i32;
    case SHEAF_I64:
        return (double)v.i64;
    case SHEAF_U8:
        return v.u8;
    case SHEAF_U16:
        return v.u16;
    case SHEAF_U32:
        return v.u32;
    case SHEAF_U64:
        return (double)v.u64;
    case SHEAF_F16: /* normal numbers and zero */
        return (v.u16 & 0x7fff) ? ldexp((v.u16 & 0x3ff) | 0x400, (v.u16 >> 10 & 31) - 25) * (v.u16 >> 15 ? -1 : 1) : 0;
    case SHEAF_F32:
    case SHEAF_C64:
        return (double)v.f32[0];
    default:
        return v.f64[0];
    }
}

static void expect_counting(const sheaf_view *view)
{
    ck_assert_int_eq(view->ndim, 2);
    ck_assert_int_eq(view->shape[0], 2);
    ck_assert_int_eq(view->shape[1], 3);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            double k = 3 * i + j, imaginary;
            const char *p = (const char *)view->data + i * view->strides[0] + j * view->strides[1];
            ck_assert_double_eq(number(view->dtype, p, &imaginary), view->dtype == SHEAF_BOOL ? fmod(k, 2) : k);
            if (view->dtype == SHEAF_C64 || view->dtype == SHEAF_C128)
                ck_assert_double_eq(imaginary, 10 * k);
        }
}

START_TEST(reads_numpys_bytes)
{
    struct io_buffer buffer = {0};
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const struct golden *g = &goldens[i];
        const char *path = put("a.npy", g->bytes, g->n);
        struct io_input in;
        sheaf_view view;
        sheaf_array *array = NULL;
        sheaf_file_info info;
        ck_ok(io_open(path, NULL, &buffer, &in, error));
        ck_assert_int_eq(in.fd, -1); /* one read was enough */
        ck_ok(io_read_all(&in, &buffer, &view, error));
        expect_counting(&view);
        ck_assert_int_eq(view.strides[g->fortran ? 0 : 1], sheaf_dtype_size(view.dtype));
        ck_ok(sheaf_file_load(path, &array, error));
        sheaf_view whole = sheaf_array_view(array);
        expect_counting(&whole);
        sheaf_array_free(array);
        ck_ok(sheaf_file_describe(path, &info, error));
        ck_assert_int_eq(info.dtype, view.dtype);
        ck_assert_int_eq(info.format[4], '0' + g->version);
        ck_assert_int_eq(info.fortran_order, g->fortran);
        ck_assert_int_eq(info.big_endian, g->descr[0] == '>');
        ck_assert_uint_eq(info.data_offset + info.data_bytes, g->n);
    }
    ck_assert_uint_eq(sizeof goldens / sizeof *goldens, (3 + 11 * 2) * 6);
    io_buffer_free(&buffer);
}
END_TEST

static sheaf_dtype named(const char *name)
{
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (strcmp(sheaf_dtype_name((sheaf_dtype)d), name) == 0)
            return (sheaf_dtype)d;
    ck_abort_msg("no dtype %s", name);
}

/* The header from the dtype and shape alone; the data are NumPy's own, so the files must be the same throughout. */
START_TEST(writes_numpys_bytes)
{
    for (size_t i = 0; i < sizeof saved / sizeof *saved; i++) {
        const struct saved *s = &saved[i];
        unsigned char *header;
        size_t n, got;
        sheaf_view view;
        ck_ok(npy_header(named(s->dtype), s->ndim, s->shape, &header, &n, error));
        ck_assert_uint_le(n, s->n);
        ck_assert_mem_eq(header, s->bytes, n);
        mem_free(header);
        void *data = malloc(s->n - n + 1); /* aligned, as the golden's text is not */
        memcpy(data, s->bytes + n, s->n - n);
        ck_ok(sheaf_view_init(&view, data, named(s->dtype), s->ndim, s->shape, error));
        const char *path = path_in(directory, "b.npy");
        ck_ok(sheaf_file_save(path, &view, i % 8 == 0, error));
        char *file = file_read(path, &got);
        ck_assert_uint_eq(got, s->n);
        ck_assert_mem_eq(file, s->bytes, got);
        free(file);
        free(data);
    }
    for (size_t i = 0; i < sizeof long_headers / sizeof *long_headers; i++) {
        const struct saved *s = &long_headers[i];
        unsigned char *header;
        size_t n;
        ck_ok(npy_header(named(s->dtype), s->ndim, s->shape, &header, &n, error));
        ck_assert_uint_eq(n, s->n);
        ck_assert_mem_eq(header, s->bytes, n);
        mem_free(header);
    }
}
END_TEST

/* A strided view goes to the file in C order. */
START_TEST(writes_strided)
{
    double data[24];
    sheaf_array *array;
    sheaf_view view, part;
    for (int i = 0; i < 24; i++)
        data[i] = i;
    ck_ok(sheaf_view_init(&view, data, SHEAF_F64, 2, (int64_t[]){4, 6}, error));
    ck_ok(sheaf_view_transpose(&view, NULL, &part, error));
    ck_ok(sheaf_view_slice(&part, 0, 5, -7, -2, &part, error)); /* rows 5, 3, 1 of the transpose */
    const char *path = path_in(directory, "strided.npy");
    ck_ok(sheaf_file_save(path, &part, false, error));
    ck_ok(sheaf_file_load(path, &array, error));
    view = sheaf_array_view(array);
    ck_assert_int_eq(view.shape[0], 3);
    ck_assert_int_eq(view.shape[1], 4);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            ck_assert_double_eq(((double *)view.data)[i * 4 + j], 6 * j + 5 - 2 * i);
    sheaf_array_free(array);
}
END_TEST

/* Whatever byte a file holds for a bool, a C bool is 0 or 1. */
START_TEST(odd_bools)
{
    unsigned char *file = compose("{'descr': '|b1', 'fortran_order': False, 'shape': (256,)}", 128, 256);
    sheaf_array *array;
    for (int i = 0; i < 256; i++)
        file[128 + i] = (unsigned char)i;
    ck_ok(sheaf_file_load(put("b.npy", file, 384), &array, error));
    for (int i = 0; i < 256; i++)
        ck_assert_uint_eq(((unsigned char *)sheaf_array_data(array))[i], i != 0);
    sheaf_array_free(array);
    free(file);
}
END_TEST

/* Data at every offset modulo 64, small and large, in both byte orders: the view is always aligned and right. */
START_TEST(any_offset)
{
    static const size_t counts[] = {5, 40000, 400000};
    struct io_buffer buffer = {0};
    for (size_t offset = 85; offset<85 + 64; offset += counts[_i]> 1000 ? 7 : 1) {
        for (int big = 0; big < 2; big++) {
            char text[100];
            size_t n = counts[_i];
            snprintf(text, sizeof text, "{'descr': '%cf8', 'fortran_order': False, 'shape': (%zu,)}", "<>"[big], n);
            unsigned char *file = compose(text, offset, n * 8);
            for (size_t i = 0; i < n; i++) {
                double x = (double)i + 0.25;
                for (int b = 0; b < 8; b++)
                    file[offset + i * 8 + b] = ((unsigned char *)&x)[big ? 7 - b : b];
            }
            const char *path = put("a.npy", file, offset + n * 8);
            struct io_input in;
            sheaf_view view;
            for (int kind = 0; kind < 3; kind++) { /* at once; by parts, last first; as an array */
                sheaf_array *array = NULL;
                if (kind == 2) {
                    ck_ok(sheaf_file_load(path, &array, error));
                    view = sheaf_array_view(array);
                    ck_assert_uint_eq((uintptr_t)view.data % 64, 0);
                } else {
                    ck_ok(io_open(path, NULL, &buffer, &in, error));
                }
                if (kind == 0)
                    ck_ok(io_read_all(&in, &buffer, &view, error));
                if (kind == 1) {
                    ck_ok(io_prepare(&in, &buffer, &view, error));
                    for (size_t part = in.npieces; part-- > 0;)
                        ck_ok(io_read_piece(&in, part, &view, error));
                    io_close(&in);
                }
                ck_assert_uint_eq((uintptr_t)view.data % 8, 0);
                for (size_t i = 0; i < n; i++)
                    if (((double *)view.data)[i] != (double)i + 0.25)
                        ck_abort_msg("offset %zu, element %zu", offset, i);
                sheaf_array_free(array);
            }
            free(file);
        }
    }
    io_buffer_free(&buffer);
}
END_TEST

/* The buffer grows to the largest file, and from then on a file of that size is one read. */
START_TEST(buffer_grows_once)
{
    enum {
        N = 250000
    };
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    unsigned char *file = compose(F8("(250000,)"), 128, N * 8);
    const char *path = put("a.npy", file, 128 + N * 8);
    ck_ok(io_open(path, NULL, &buffer, &in, error));
    ck_assert_int_ge(in.fd, 0);
    ck_ok(io_read_all(&in, &buffer, &view, error));
    ck_assert_int_eq(in.fd, -1);
    unsigned char *where = buffer.data;
    for (int i = 0; i < 3; i++) {
        ck_ok(io_open(path, NULL, &buffer, &in, error));
        ck_assert_int_eq(in.fd, -1);
        ck_ok(io_read_all(&in, &buffer, &view, error));
        ck_assert_ptr_eq(buffer.data, where);
    }
    io_buffer_free(&buffer);
    free(file);
}
END_TEST

/* Cut at every byte, the file is refused and the message says why; with bytes to spare it is read. */
START_TEST(cut_everywhere)
{
    const struct golden *g = &goldens[_i];
    struct io_buffer buffer = {0};
    for (unsigned n = 0; n < g->n; n++) {
        const char *path = put("cut.npy", g->bytes, n);
        struct io_input in;
        sheaf_file_info info;
        sheaf_array *array = NULL;
        sheaf_error problem = {SHEAF_OK, ""};
        ck_assert_int_eq(io_open(path, NULL, &buffer, &in, &problem), SHEAF_FORMAT);
        ck_assert_int_eq(in.fd, -1);
        ck_assert_msg(strstr(problem.message, "copy it again") != NULL, "%s", problem.message);
        ck_assert_int_eq(sheaf_file_describe(path, &info, &problem), SHEAF_FORMAT);
        ck_assert_int_eq(sheaf_file_load(path, &array, &problem), SHEAF_FORMAT);
        ck_assert_ptr_null(array);
    }
    char more[1024] = {0};
    memcpy(more, g->bytes, g->n);
    sheaf_array *array;
    ck_ok(sheaf_file_load(put("more.npy", more, sizeof more), &array, error));
    sheaf_view view = sheaf_array_view(array);
    expect_counting(&view);
    sheaf_array_free(array);
    io_buffer_free(&buffer);
}
END_TEST

/* Bytes of the header changed: no crash, and the buffer never grows beyond what header and file can need. */
START_TEST(flips)
{
    unsigned char *file = compose(F8("(3, 4)"), 128, 96);
    const char *path = put("a.npy", file, 224);
    struct io_buffer buffer = {0};
    size_t passed = 0;
    int fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    for (off_t at = 0; at < 80; at++) {
        for (int value = 0; value < 256; value += at < 12 ? 1 : 3) {
            struct io_input in;
            sheaf_view view;
            ck_assert_int_eq(pwrite(fd, &(unsigned char){(unsigned char)value}, 1, at), 1);
            if (io_open(path, NULL, &buffer, &in, NULL) == SHEAF_OK) {
                ck_ok(io_read_all(&in, &buffer, &view, error));
                ck_assert_int_le(sheaf_view_size(&view) * (int64_t)sheaf_dtype_size(view.dtype), 96 + 38);
                passed++;
            }
            ck_assert_int_eq(in.fd, -1);
            ck_assert_uint_le(buffer.capacity, 2 << 20);
        }
        ck_assert_int_eq(pwrite(fd, file + at, 1, at), 1);
    }
    ck_assert_uint_gt(passed, 80);
    close(fd);
    io_buffer_free(&buffer);
    free(file);
}
END_TEST

START_TEST(messages)
{
    sheaf_error problem;
    sheaf_array *array;
    sheaf_file_info info;
    unsigned char *file = compose(F8("(1000,)"), 128, 8000);
    const char *path = put("a.npy", file, 7328);
    char expected[512];
    ck_assert_int_eq(sheaf_file_load(path, &array, &problem), SHEAF_FORMAT);
    snprintf(expected, sizeof expected,
             "%s: header declares 8000 bytes of data, file holds 7200: it was cut short; copy it again", path);
    ck_assert_str_eq(problem.message, expected);
    memcpy(file + 10, F8("(9000000000000,)"), sizeof F8("(9000000000000,)") - 1);
    ck_assert_int_eq(sheaf_file_load(put("lies.npy", file, 8128), &array, &problem), SHEAF_FORMAT);
    ck_assert_ptr_nonnull(strstr(problem.message, "declares 72000000000000 bytes of data, file holds 8000"));
    path = path_in(directory, "none.npy");
    snprintf(expected, sizeof expected, "%s: No such file or directory", path);
    ck_assert_int_eq(sheaf_file_describe(path, &info, &problem), SHEAF_IO);
    ck_assert_str_eq(problem.message, expected);
    ck_assert_int_eq(sheaf_file_load(path, &array, &problem), SHEAF_IO);
    ck_assert_str_eq(problem.message, expected);
    ck_assert_int_eq(sheaf_file_load(directory, &array, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "is a directory"));
    ck_assert_int_eq(sheaf_file_describe(put("e.npy", "", 0), &info, &problem), SHEAF_FORMAT);
    ck_assert_ptr_nonnull(strstr(problem.message, "the file is empty"));
    ck_assert_int_eq(sheaf_file_load(put("a.npz", "PK\3\4aaaaaaaa", 12), &array, &problem), SHEAF_FORMAT);
    ck_assert_ptr_nonnull(strstr(problem.message, "a.npz: damaged zip archive: its directory is missing"));
    ck_assert_int_eq(sheaf_file_load(NULL, &array, &problem), SHEAF_INVALID);
    char deep[2000]; /* a long name keeps its end, and the reason is still said */
    memset(deep, 'd', sizeof deep);
    snprintf(deep + sizeof deep - 20, 20, "/the-end.npy");
    ck_assert_int_eq(sheaf_file_load(deep, &array, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "dd/the-end.npy: "));
    ck_assert_ptr_nonnull(strstr(problem.message, strerror(ENAMETOOLONG)));
    free(file);
}
END_TEST

/* A file that shrinks between open and read. */
START_TEST(shrinks)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    sheaf_error problem;
    unsigned char *file = compose(F8("(250000,)"), 128, 2000000);
    const char *path = put("a.npy", file, 2000128);
    ck_ok(io_open(path, NULL, &buffer, &in, error));
    ck_assert_int_eq(truncate(path, 1900000), 0);
    ck_assert_int_eq(io_read_all(&in, &buffer, &view, &problem), SHEAF_FORMAT);
    ck_assert_ptr_nonnull(strstr(problem.message, "shrank while it was read; it ends at byte 1900000"));
    ck_assert_int_eq(in.fd, -1);
    io_buffer_free(&buffer);
    free(file);
}
END_TEST

/* A named pipe: read to its end, whatever pieces it comes in; cut short, it is refused without a large buffer. */
START_TEST(pipes)
{
    static const struct {
        const char *shape;
        size_t bytes;
        sheaf_status status;
    } cases[] = {{F8("(400000,)"), 3200000, SHEAF_OK},
                 {F8("(3,)"), 24, SHEAF_OK},
                 {F8("(400000,)"), 100000, SHEAF_FORMAT},
                 {F8("(40000000000,)"), 3200000, SHEAF_FORMAT}};
    const char *path = path_in(directory, "pipe");
    unsigned char *file = compose(cases[_i].shape, 128, cases[_i].bytes);
    size_t n = 128 + cases[_i].bytes;
    for (size_t i = 128; i < n; i++)
        file[i] = (unsigned char)(i * 7);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    pid_t writer = fork();
    ck_assert_int_ge(writer, 0);
    if (writer == 0) {
        FILE *f = fopen(path, "wb");
        size_t done = 0;
        setvbuf(f, NULL, _IONBF, 0);
        done += fwrite(file, 1, 7, f);
        done += fwrite(file + 7, 1, 100, f);
        done += fwrite(file + 107, 1, n - 107, f);
        _exit(fclose(f) != 0 || done != n);
    }
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    sheaf_error problem = {SHEAF_OK, ""};
    sheaf_status status = io_open(path, NULL, &buffer, &in, &problem);
    if (!status)
        status = io_read_all(&in, &buffer, &view, &problem);
    ck_assert_msg(status == cases[_i].status, "%s", problem.message);
    if (!status)
        ck_assert_mem_eq(view.data, file + 128, cases[_i].bytes);
    ck_assert_uint_le(buffer.capacity, 8 << 20);
    int exit_status = 1;
    ck_assert_int_eq(waitpid(writer, &exit_status, 0), writer);
    ck_assert_int_eq(exit_status, 0);
    io_buffer_free(&buffer);
    free(file);
}
END_TEST

/* What the four doors do to memory, each k-th allocation failing. */
static sheaf_status work(int which, const char *path, const char *target, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    sheaf_file_info info;
    sheaf_array *array = NULL;
    double data[6] = {0};
    sheaf_status status;
    switch (which) {
    case 0:
        return sheaf_file_describe(path, &info, error);
    case 1:
        status = sheaf_file_load(path, &array, error);
        sheaf_array_free(array);
        return status;
    case 2:
        status = io_open(path, NULL, &buffer, &in, error);
        if (!status)
            status = io_read_all(&in, &buffer, &view, error);
        io_buffer_free(&buffer);
        return status;
    default:
        status = sheaf_view_init(&view, data, SHEAF_F64, 2, (int64_t[]){2, 3}, error);
        if (!status)
            status = sheaf_view_transpose(&view, NULL, &view, error);
        return status ? status : sheaf_file_save(target, &view, true, error);
    }
}

START_TEST(every_allocation_fails)
{
    char target[1024];
    unsigned char *file = compose(F8("(400000,)"), 128, 3200000);
    const char *small = put("small.npy", goldens[0].bytes, goldens[0].n);
    const char *large = put("large.npy", file, 3200128);
    snprintf(target, sizeof target, "%s", path_in(directory, "target.npy"));
    free(file);
    for (int which = 0; which < 4; which++) {
        for (int i = 0; i < 2; i++) {
            const char *path = i ? large : small;
            mem_fail_at(0, 0);
            ck_ok(work(which, path, target, error));
            long calls = mem_calls();
            ck_assert_int_gt(calls, 0);
            remove(target);
            pool_trim();
            for (int always = 0; always < 2; always++)
                for (long k = 1; k <= calls; k++) {
                    sheaf_error problem = {SHEAF_OK, ""};
                    mem_fail_at(k, always);
                    sheaf_status status = work(which, path, target, &problem);
                    mem_fail_at(0, 0);
                    pool_trim();
                    ck_assert_msg(status == SHEAF_NO_MEMORY, "%d: allocation %ld: %s", which, k, problem.message);
                    ck_assert_ptr_nonnull(strstr(problem.message, "no memory for"));
                    ck_assert_int_eq(mem_live(), 0);
                    ck_assert_int_ne(access(target, F_OK), 0);
                }
        }
    }
}
END_TEST

/* Real files, and what NumPy 1.24 says of them. */
static const struct real {
    const char *name, *format;
    sheaf_dtype dtype;
    int fortran, big, ndim;
    int64_t shape[3];
    uint64_t offset;
    struct {
        int64_t index; /* in C order */
        double value;
    } some[5];
    double sum; /* NaN: not checked */
} reals[] = {
    {"65x65-float16.npy",
     "npy 1.0",
     SHEAF_F16,
     0,
     0,
     2,
     {65, 65},
     128,
     {{0, 61}, {1, 178}, {3 * 65 + 7, 178}, {64 * 65, 127}, {4224, 72}},
     534198},
    {"f64_big_endian_fortran.npy",
     "npy 1.0",
     SHEAF_F64,
     1,
     1,
     3,
     {2, 3, 4},
     128,
     {{0, 0}, {1, 1}, {7, 7}, {12, 12}, {23, 23}},
     276},
    {"linspace_v2_offset82.npy",
     "npy 2.0",
     SHEAF_F64,
     1,
     0,
     1,
     {11},
     82,
     {{0, 0}, {1, 0x1.999999999999ap-4}, {3, 0x1.3333333333334p-2}, {9, 0x1.ccccccccccccdp-1}, {10, 1}},
     NAN},
    {"nans_inf.npy",
     "npy 1.0",
     SHEAF_F64,
     0,
     0,
     1,
     {4},
     80,
     {{0, NAN}, {1, -INFINITY}, {2, 0}, {3, INFINITY}, {2, 0}},
     NAN},
};

START_TEST(real_files)
{
    const struct real *r = &reals[_i];
    const char *folder = shared_data();
    char path[1200];
    sheaf_file_info info;
    sheaf_array *array;
    if (!folder)
        return;
    snprintf(path, sizeof path, "%s/npy/%s", folder, r->name);
    ck_ok(sheaf_file_describe(path, &info, error));
    ck_assert_str_eq(info.format, r->format);
    ck_assert_int_eq(info.fortran_order, r->fortran);
    ck_assert_int_eq(info.big_endian, r->big);
    ck_assert_uint_eq(info.data_offset, r->offset);
    ck_ok(sheaf_file_load(path, &array, error));
    sheaf_view view = sheaf_array_view(array);
    ck_assert_int_eq(view.dtype, r->dtype);
    ck_assert_int_eq(view.ndim, r->ndim);
    for (int d = 0; d < r->ndim; d++)
        ck_assert_int_eq(view.shape[d], r->shape[d]);
    double sum = 0, ignored;
    size_t size = sheaf_dtype_size(view.dtype);
    for (int64_t i = 0; i < sheaf_view_size(&view); i++)
        sum += number(view.dtype, (char *)view.data + (size_t)i * size, &ignored);
    if (!isnan(r->sum))
        ck_assert_double_eq(sum, r->sum);
    for (int i = 0; i < 5; i++) {
        double x = number(view.dtype, (char *)view.data + (size_t)r->some[i].index * size, &ignored);
        ck_assert(same_bits(&x, &r->some[i].value, 1, SHEAF_F64));
    }
    sheaf_array_free(array);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npy");
    TCase *tests = tcase_create("npy");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, reads_numpys_bytes);
    tcase_add_test(tests, writes_numpys_bytes);
    tcase_add_test(tests, writes_strided);
    tcase_add_test(tests, odd_bools);
    tcase_add_loop_test(tests, any_offset, 0, 3);
    tcase_add_test(tests, buffer_grows_once);
    tcase_add_loop_test(tests, cut_everywhere, 0, sizeof goldens / sizeof *goldens);
    tcase_add_test(tests, flips);
    tcase_add_test(tests, messages);
    tcase_add_test(tests, shrinks);
    tcase_add_loop_test(tests, pipes, 0, 4);
    tcase_add_test(tests, every_allocation_fails);
    tcase_add_loop_test(tests, real_files, 0, sizeof reals / sizeof *reals);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
