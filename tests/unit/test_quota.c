/* Quotas of containers: what the library opens below /sys/fs/cgroup and in /proc/self is looked up in a folder of ours,
 * because fopen is this program's. */

#include "par/par.h"
#include "support.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *directory;

FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    char other[4096];
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fopen");
    if (!directory || (strncmp(path, "/sys/", 5) != 0 && strcmp(path, "/proc/self/cgroup") != 0))
        return real(path, mode);
    snprintf(other, sizeof other, "%s%s", directory, path);
    return real(other, mode);
}

/* The file of this name in our folder, and the folders that lead to it. */
static void put(const char *path, const char *text)
{
    char name[4096];
    snprintf(name, sizeof name, "%s%s", directory, path);
    for (char *slash = name + strlen(directory) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(name, 0777);
        *slash = '/';
    }
    file_write(name, text, strlen(text));
}

static void setup(void)
{
    directory = scratch_new();
    unsetenv("SHEAF_NUM_THREADS");
    unsetenv("OMP_NUM_THREADS");
}

static void teardown(void)
{
    scratch_remove(directory);
}

/* What Docker sets with --cpus=1, seen from within: the group's own folder is the mount's root. */
START_TEST(a_container_with_one_processor)
{
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
    ck_assert_double_eq(topo_cgroup_cpus(), 1);
    ck_assert_int_eq(par_threads(), 1);
    if (topo_physical() > 1)
        ck_assert_str_eq(par_threads_why(), "cgroup quota of 1 processors");
}
END_TEST

/* The least of all groups up to the root counts. */
START_TEST(a_quota_of_a_parent)
{
    put("/proc/self/cgroup", "0::/batch/job\n");
    put("/sys/fs/cgroup/batch/job/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/batch/cpu.max", "150000 100000\n");
    ck_assert_double_eq(topo_cgroup_cpus(), 1.5);
    ck_assert_int_eq(par_threads(), 1);
}
END_TEST

START_TEST(less_than_a_processor)
{
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "25000 100000\n");
    ck_assert_double_eq(topo_cgroup_cpus(), 0.25);
    ck_assert_int_eq(par_threads(), 1);
}
END_TEST

/* The first version of cgroups has two files. */
START_TEST(two_files)
{
    put("/proc/self/cgroup", "5:memory:/x\n3:cpu,cpuacct:/docker/abc\n");
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "120000\n");
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    ck_assert_double_eq(topo_cgroup_cpus(), 1.2);
    ck_assert_int_eq(par_threads(), 1);
}
END_TEST

START_TEST(no_quota)
{
    static const char *const none[][2] = {
        {"0::/\n", "max 100000\n"}, {"0::/\n", "nonsense"}, {"0::/\n", "100000 0\n"}, {"", "100000 100000\n"}};
    put("/proc/self/cgroup", none[_i][0]);
    put("/sys/fs/cgroup/cpu.max", none[_i][1]);
    ck_assert_double_eq(topo_cgroup_cpus(), 0);
    ck_assert_int_eq(par_threads(), topo_physical());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quota");
    TCase *quota = tcase_create("quota");
    tcase_add_checked_fixture(quota, setup, teardown);
    tcase_add_test(quota, a_container_with_one_processor);
    tcase_add_test(quota, a_quota_of_a_parent);
    tcase_add_test(quota, less_than_a_processor);
    tcase_add_test(quota, two_files);
    tcase_add_loop_test(quota, no_quota, 0, 4);
    suite_add_tcase(suite, quota);
    return run_suite(suite);
}
