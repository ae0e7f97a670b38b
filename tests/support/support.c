#include "support.h"

#include <errno.h>
#include <ftw.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* fresh pages cost more than most of what is tested on them */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

const char *shared_data(void)
{
    static char path[1024];
    const char *named = getenv("SHEAF_SHARED_DATA");
    snprintf(path, sizeof path, "%s", named ? named : SHEAF_SOURCE "/../shared/data");
    if (access(path, R_OK) == 0)
        return path;
    fprintf(stderr, "skipped: the folder of real data, %s, is not here\n", path);
    return NULL;
}

char *scratch_new(void)
{
    const char *base = getenv("TMPDIR");
    char *path = malloc(1024);
    ck_assert_ptr_nonnull(path);
    snprintf(path, 1024, "%s/sheaf-test-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

void scratch_remove(char *directory)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

static char *entered;

void scratch_enter(void)
{
    entered = scratch_new();
    ck_assert_int_eq(chdir(entered), 0);
}

void scratch_leave(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove(entered);
}

const char *path_in(const char *directory, const char *name)
{
    static char paths[4][2048];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", directory, name);
    return paths[turn];
}

void file_write(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    ck_assert_uint_eq(fwrite(data, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

char *file_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t used = 0, capacity = 1 << 16;
    char *data = malloc(capacity);
    ck_assert_ptr_nonnull(data);
    for (size_t got; (got = fread(data + used, 1, capacity - used - 1, f)) > 0;) {
        used += got;
        if (capacity - used < 2) {
            data = realloc(data, capacity *= 2);
            ck_assert_ptr_nonnull(data);
        }
    }
    fclose(f);
    data[used] = '\0';
    *n = used;
    return data;
}

uint64_t random_u64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double random_unit(uint64_t *state)
{
    return (double)(random_u64(state) >> 11) * 0x1p-53;
}

/* Bytes of one real number within dtype, and whether it is a floating one that may be NaN. */
static int is_nan(const unsigned char *p, size_t size)
{
    if (size == 8) {
        double d;
        memcpy(&d, p, 8);
        return d != d;
    }
    if (size == 4) {
        float f;
        memcpy(&f, p, 4);
        return f != f;
    }
    uint16_t h;
    memcpy(&h, p, 2);
    return (h & 0x7fff) > 0x7c00;
}

int same_bits(const void *a, const void *b, size_t n, sheaf_dtype dtype)
{
    size_t size = sheaf_dtype_size(dtype);
    if (n == 0 || memcmp(a, b, n * size) == 0)
        return 1;
    if (dtype < SHEAF_F16)
        return 0;
    size_t parts = dtype >= SHEAF_C64 ? 2 : 1;
    size /= parts;
    const unsigned char *p = a, *q = b;
    for (size_t i = 0; i < n * parts; i++, p += size, q += size) {
        if (memcmp(p, q, size) != 0 && !(is_nan(p, size) && is_nan(q, size)))
            return 0;
    }
    return 1;
}
