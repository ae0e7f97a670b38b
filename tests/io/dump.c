/* dump FILE [KEY=VALUE...]: every part of a file, for against_numpy.py to compare: a line NAME, STATUS, DTYPE, SHAPE,
 * BYTES in hexadecimal (C order, native), or NAME, STATUS, MESSAGE, with tabs between. Read three times: by a thread,
 * in pieces backwards as a team might, and, where that can be, range by range. dump - does so for each line of stdin.
 */

#include "io/format.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_array(const sheaf_array *array)
{
    sheaf_view v = sheaf_array_view(array);
    const unsigned char *p = v.data;
    size_t n = (size_t)sheaf_view_size(&v) * sheaf_dtype_size(v.dtype);
    printf("OK\t%s\t", sheaf_dtype_name(v.dtype));
    for (int d = 0; d < v.ndim; d++)
        printf("%lld,", (long long)v.shape[d]);
    putchar('\t');
    for (size_t i = 0; i < n; i++) { /* which printf takes a minute for */
        putchar_unlocked("0123456789abcdef"[p[i] >> 4]);
        putchar_unlocked("0123456789abcdef"[p[i] & 15]);
    }
    putchar('\n');
}

static sheaf_status open_part(const char *file, const char *part, const sheaf_read *settings, struct io_buffer *buffer,
                              struct io_input *in, sheaf_error *error)
{
    static char path[4096]; /* in borrows it */
    snprintf(path, sizeof path, "%s%s%s", file, *part ? ":" : "", part);
    return io_open(path, settings, buffer, in, error);
}

/* The same again through io_open, its pieces in the other order. */
static sheaf_status read_backwards(const char *file, const char *part, const sheaf_read *settings, sheaf_array **out,
                                   sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    *out = NULL;
    sheaf_status status = open_part(file, part, settings, &buffer, &in, error);
    if (status == SHEAF_OK)
        status = io_prepare(&in, &buffer, &view, error);
    for (size_t k = status == SHEAF_OK ? in.npieces : 0; k-- > 0 && status == SHEAF_OK;)
        status = io_read_piece(&in, k, &view, error);
    if (status == SHEAF_OK)
        status = io_finish(&in, error);
    if (status == SHEAF_OK)
        status = sheaf_array_from_view(&view, view.dtype, out, error);
    io_close(&in);
    io_buffer_free(&buffer);
    return status;
}

/* The same again by io_fetch, of ranges of all lengths. *out is NULL where that cannot be. */
static sheaf_status read_ranges(const char *file, const char *part, const sheaf_read *settings, sheaf_array **out,
                                sheaf_error *error)
{
    struct io_buffer buffer = {0};
    struct io_input in;
    sheaf_view view;
    unsigned char *data = NULL;
    *out = NULL;
    sheaf_status status = open_part(file, part, settings, &buffer, &in, error);
    const bool can = status == SHEAF_OK && io_can_fetch(&in);
    const size_t size = can ? sheaf_dtype_size(in.info.dtype) : 1, n = can ? (size_t)in.info.data_bytes / size : 0;
    if (can)
        data = malloc(n * size + 1);
    uint64_t random = 1;
    for (size_t end = n, begin; end > 0 && status == SHEAF_OK; end = begin) {
        random = random * 6364136223846793005u + 1;
        const size_t most = (size_t)1 << (random >> 32) % 18, length = 1 + (size_t)(random >> 40) % most;
        begin = end > length ? end - length : 0;
        status = io_fetch(&in, begin, end, data + begin * size, error);
    }
    if (can && status == SHEAF_OK)
        status = plain_view(&in.info, data, &view, error);
    if (can && status == SHEAF_OK)
        status = sheaf_array_from_view(&view, view.dtype, out, error);
    free(data);
    io_close(&in);
    io_buffer_free(&buffer);
    return status;
}

static bool same(const sheaf_array *a, const sheaf_array *b)
{
    sheaf_view x = sheaf_array_view(a), y = sheaf_array_view(b);
    return x.dtype == y.dtype && x.ndim == y.ndim && memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape) == 0 &&
           memcmp(x.data, y.data, (size_t)sheaf_view_size(&x) * sheaf_dtype_size(x.dtype)) == 0;
}

static int dump_part(const char *path, const sheaf_read *settings, sheaf_file *file, size_t part)
{
    sheaf_error error = {SHEAF_OK, ""}, other = {SHEAF_OK, ""};
    sheaf_array *array = NULL, *again = NULL, *ranges = NULL;
    const char *name = sheaf_file_part_name(file, part);
    printf("%s\t", name);
    sheaf_status status = sheaf_file_part_load(file, part, &array, &error);
    sheaf_status second = read_backwards(path, name, settings, &again, &other);
    int failed = status != second || (status == SHEAF_OK && !same(array, again));
    if (failed)
        fprintf(stderr, "%s:%s: read in two ways, it differs: %s | %s\n", path, name, error.message, other.message);
    if (status == SHEAF_OK &&
        (read_ranges(path, name, settings, &ranges, &other) || (ranges && !same(array, ranges)))) {
        fprintf(stderr, "%s:%s: read by ranges, it differs: %s\n", path, name, other.message);
        failed = 1;
    }
    sheaf_array_free(ranges);
    if (status == SHEAF_OK)
        print_array(array);
    else
        printf("%s\t%s\n", sheaf_status_name(status), error.message);
    sheaf_array_free(array);
    sheaf_array_free(again);
    return failed;
}

static int dump(const char *path, size_t nsettings, const char *const *texts)
{
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_read *settings = NULL;
    sheaf_file *file = NULL;
    int failed = 0;
    if (sheaf_read_new(nsettings, texts, &settings, &error) || sheaf_file_open(path, settings, &file, &error))
        printf("*\t%s\t%s\n", sheaf_status_name(error.status), error.message);
    for (size_t part = 0; file && part < sheaf_file_parts(file); part++)
        failed |= dump_part(path, settings, file, part);
    sheaf_file_close(file);
    sheaf_read_free(settings);
    return failed;
}

/* Each line of stdin is a FILE and its settings, tabs between; each answer ends with a line "." and 0, or 1 where it
 * failed. */
static int serve(void)
{
    char *line = NULL, *rest;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        const char *words[16] = {strtok_r(line, "\t\n", &rest)};
        size_t n = 1;
        while (n < sizeof words / sizeof *words && (words[n] = strtok_r(NULL, "\t\n", &rest)))
            n++;
        const int failed = words[0] ? dump(words[0], n - 1, words + 1) : 1;
        printf(".\t%d\n", failed);
        fflush(stdout);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    const char *cap = getenv("SHEAF_TEST_CAP");
    if (cap)
        io_unpacked_cap = strtoull(cap, NULL, 10);
    if (argc < 2)
        return 2;
    return strcmp(argv[1], "-") == 0 ? serve() : dump(argv[1], (size_t)argc - 2, (const char *const *)argv + 2);
}
