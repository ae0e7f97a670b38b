/* Output that appears whole or not at all. */

#include "base/alloc.h"
#include "io/io.h"
#include "support.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/* Files in the directory, hidden ones too. */
static int entries(void)
{
    int n = 0;
    DIR *d = opendir(directory);
    ck_assert_ptr_nonnull(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void expect_file(const char *path, const char *text)
{
    size_t n;
    char *data = file_read(path, &n);
    ck_assert_msg(data != NULL, "%s", path);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert_mem_eq(data, text, n);
    free(data);
}

START_TEST(commit_and_discard)
{
    const char *path = path_in(directory, "a.npy");
    struct io_output out;
    struct stat st;
    io_discard(&(struct io_output){0});
    for (int sync = 0; sync < 2; sync++) {
        umask(sync ? 022 : 027);
        ck_ok(io_create(path, &out, error));
        ck_assert_int_eq(access(path, F_OK) == 0, sync); /* the second time the old file stays until the commit */
        ck_assert_int_eq(strncmp(out.temporary + strlen(directory), "/.a.npy.sheaf-", 14), 0);
        ck_ok(io_write(&out, "hello ", 6, error));
        ck_ok(io_write_two(&out, "wor", 3, sync ? "ld2" : "ld1", 3, error));
        if (sync)
            expect_file(path, "hello world1");
        ck_ok(io_commit(&out, sync, error));
        expect_file(path, sync ? "hello world2" : "hello world1");
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_uint_eq(st.st_mode & 0777, sync ? 0644 : 0640);
        ck_assert_int_eq(entries(), 1);
        io_discard(&out);
        ck_assert_int_eq(io_commit(&out, false, NULL), SHEAF_INVALID);
    }
    ck_ok(io_create(path, &out, error));
    ck_assert_int_eq(entries(), 2);
    ck_ok(io_write(&out, "x", 1, error));
    io_discard(&out);
    io_discard(&out);
    ck_assert_int_eq(entries(), 1);
    expect_file(path, "hello world2");
    ck_ok(io_sync_directory(directory, error));
    ck_assert_int_eq(io_sync_directory(path, NULL), SHEAF_IO);
}
END_TEST

START_TEST(resized)
{
    const char *path = path_in(directory, "a");
    struct io_output out;
    ck_ok(io_create(path, &out, error));
    ck_ok(io_resize(&out, 8, error));
    ck_ok(io_write_at(&out, "gh", 2, 6, error));
    ck_ok(io_write_at(&out, "abcdef", 6, 0, error));
    ck_ok(io_commit(&out, false, error));
    expect_file(path, "abcdefgh");
    ck_ok(io_create(path, &out, error));
    ck_ok(io_resize(&out, 100000, error));
    ck_ok(io_resize(&out, 0, error));
    ck_assert_int_eq(io_resize(&out, UINT64_MAX, NULL), SHEAF_IO);
    ck_ok(io_commit(&out, false, error));
    expect_file(path, "");
}
END_TEST

/* The limit on file size plays the full disk: nothing under the final name, nothing left beside it. */
START_TEST(no_room)
{
    enum {
        N = 100000
    };
    static double data[N];
    const char *path = path_in(directory, "a.npy");
    struct rlimit limit = {200000, 200000};
    struct io_output out;
    sheaf_view view = sheaf_view_f64(data, N);
    sheaf_error problem;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(sheaf_file_save(path, &view, false, &problem), SHEAF_IO);
    ck_assert_msg(strstr(problem.message, "600128 bytes were still to be written") != NULL, "%s", problem.message);
    ck_assert_int_eq(entries(), 0);
    file_write(path, "old", 3);
    ck_ok(io_create(path, &out, error));
    ck_assert_int_eq(io_resize(&out, 200001, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "larger than allowed"));
    ck_assert_int_eq(io_write_at(&out, data, 100, 199950, &problem), SHEAF_IO);
    io_discard(&out);
    ck_assert_int_eq(entries(), 1);
    expect_file(path, "old");
}
END_TEST

START_TEST(full_disk)
{
    char name[] = "a.npy", data[100] = "";
    struct io_output out = {open("/dev/full", O_WRONLY), name, NULL, false};
    sheaf_error problem;
    ck_assert_int_ge(out.fd, 0);
    ck_assert_int_eq(io_write_two(&out, data, 28, data, 100, &problem), SHEAF_IO);
    ck_assert_msg(strncmp(problem.message, "a.npy: the disk is full: 128 bytes were still to be written", 59) == 0,
                  "%s", problem.message);
    close(out.fd);
}
END_TEST

/* Names up to NAME_MAX, where the temporary name must be cut, between letters of UTF-8 too. */
START_TEST(long_names)
{
    char name[300];
    for (int n = 230; n <= 256; n++) {
        memset(name, 'n', sizeof name);
        for (int i = 0; i + 1 < n; i += 2)
            memcpy(name + i, "\xc3\xbc", 2);
        name[n] = '\0';
        const char *path = path_in(directory, name);
        struct io_output out;
        sheaf_error problem;
        if (n > 255) {
            ck_assert_int_eq(io_create(path, &out, &problem), SHEAF_IO);
            ck_assert_ptr_nonnull(strstr(problem.message, strerror(ENAMETOOLONG)));
            continue;
        }
        ck_ok(io_create(path, &out, error));
        const char *temporary = strrchr(out.temporary, '/') + 1;
        ck_assert_uint_le(strlen(temporary), 255);
        ck_assert_uint_eq((strlen(temporary) - 14) % 2 == 0 || n % 2, 1);
        ck_ok(io_commit(&out, false, error));
        ck_assert_int_eq(access(path, F_OK), 0);
        ck_assert_int_eq(remove(path), 0);
    }
    ck_assert_int_eq(entries(), 0);
}
END_TEST

START_TEST(refused_names)
{
    struct io_output out;
    sheaf_error problem;
    const char *path = path_in(directory, "none/a.npy");
    ck_assert_int_eq(io_create(path, &out, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "/none does not exist; make it first"));
    ck_assert_int_eq(io_create(directory, &out, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "is a directory"));
    ck_assert_int_eq(io_create(path_in(directory, "new/"), &out, &problem), SHEAF_IO);
    ck_assert_int_eq(io_create("", &out, &problem), SHEAF_INVALID);
    ck_assert_int_eq(io_create("/dev/null", &out, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "is a device or a pipe"));
    file_write(path_in(directory, "file"), "x", 1);
    ck_assert_int_eq(io_create(path_in(directory, "file/a.npy"), &out, &problem), SHEAF_IO);
    ck_assert_ptr_nonnull(strstr(problem.message, "/file is not a directory"));
    ck_assert_int_eq(entries(), 1);
}
END_TEST

/* Through a symbolic link the file it names is replaced, and the link stays; one that leads nowhere is replaced. */
START_TEST(links)
{
    char target[1024];
    const char *link = path_in(directory, "link.npy");
    struct stat st;
    struct io_output out;
    ck_assert_int_eq(mkdir(path_in(directory, "far"), 0700), 0);
    snprintf(target, sizeof target, "%s", path_in(directory, "far/data.npy"));
    file_write(target, "old", 3);
    ck_assert_int_eq(symlink("far/data.npy", link), 0);
    ck_ok(io_create(link, &out, error));
    ck_ok(io_write(&out, "new", 3, error));
    ck_ok(io_commit(&out, true, error));
    expect_file(target, "new");
    ck_assert_int_eq(lstat(link, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(remove(target), 0);
    ck_ok(io_create(link, &out, error));
    ck_ok(io_commit(&out, false, error));
    ck_assert_int_eq(lstat(link, &st), 0);
    ck_assert(S_ISREG(st.st_mode));
}
END_TEST

/* The target becomes a directory while the file is written: the rename fails, and nothing is left. */
START_TEST(commit_fails)
{
    const char *path = path_in(directory, "a.npy");
    struct io_output out;
    sheaf_error problem;
    ck_ok(io_create(path, &out, error));
    ck_ok(io_write(&out, "x", 1, error));
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(io_commit(&out, false, &problem), SHEAF_IO);
    ck_assert_int_eq(entries(), 1);
    ck_assert_int_eq(rmdir(path), 0);
    /* the file goes bad before the commit: close and fsync report it */
    ck_ok(io_create(path, &out, error));
    close(out.fd);
    ck_assert_int_eq(io_commit(&out, true, &problem), SHEAF_IO);
    ck_assert_int_eq(entries(), 0);
}
END_TEST

/* In the current directory, without a slash. */
START_TEST(bare_name)
{
    struct io_output out;
    ck_assert_int_eq(chdir(directory), 0);
    ck_ok(io_create("a.npy", &out, error));
    ck_assert_int_eq(strncmp(out.temporary, ".a.npy.sheaf-", 13), 0);
    ck_ok(io_commit(&out, true, error));
    expect_file("a.npy", "");
}
END_TEST

START_TEST(csv_text)
{
    static const struct {
        const char *field, *written;
    } fields[] = {{"", ""},
                  {"plain", "plain"},
                  {"with space", "with space"},
                  {"a,b", "\"a,b\""},
                  {"say \"x\"", "\"say \"\"x\"\"\""},
                  {"\"", "\"\"\"\""},
                  {"two\nlines", "\"two\nlines\""},
                  {"cr\r", "\"cr\r\""},
                  {"\xc3\xbc;'", "\xc3\xbc;'"}};
    struct io_text t = {0};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t before = t.n;
        ck_assert(io_text_field(&t, fields[i].field));
        ck_assert_uint_eq(t.n - before, strlen(fields[i].written));
        if (t.n > before)
            ck_assert_mem_eq(t.data + before, fields[i].written, t.n - before);
    }
    io_text_free(&t);
    io_text_free(&t);
    for (int i = 0; i < 100000; i++)
        ck_assert(io_text_add(&t, "0123456789", (size_t)(i % 11)));
    size_t at = 0;
    for (int i = 0; i < 100000; at += (size_t)(i % 11), i++)
        ck_assert_mem_eq(t.data + at, "0123456789", (size_t)(i % 11));
    ck_assert_uint_eq(at, t.n);
    ck_assert(!io_text_add(&t, "", SIZE_MAX - 10));
    mem_fail_at(1, 1);
    for (size_t i = t.capacity - t.n; i > 0; i--)
        ck_assert(io_text_add(&t, ",", 1));
    ck_assert(!io_text_add(&t, ",", 1));
    ck_assert(!io_text_field(&t, "a,b"));
    mem_fail_at(0, 0);
    ck_assert_uint_eq(t.n, t.capacity);
    ck_assert_int_eq(t.data[t.n - 1], ',');
    io_text_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("io_file");
    TCase *tests = tcase_create("io_file");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, commit_and_discard);
    tcase_add_test(tests, resized);
    tcase_add_test(tests, no_room);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, long_names);
    tcase_add_test(tests, refused_names);
    tcase_add_test(tests, links);
    tcase_add_test(tests, commit_fails);
    tcase_add_test(tests, bare_name);
    tcase_add_test(tests, csv_text);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
