#include "scratch.h"
#include "harness.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX / 2];

bool scratch_open(void)
{
    const char *folder = getenv("SHEAF_BENCH_DIR");
    if (!folder || !*folder)
        folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    if ((size_t)snprintf(root, sizeof root, "%s/sheaf-bench-XXXXXX", folder) >= sizeof root || !mkdtemp(root)) {
        root[0] = '\0';
        return bench_fail("cannot make a scratch directory in %s: %s", folder, strerror(errno));
    }
    return true;
}

static void remove_entries(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char full[PATH_MAX];
            if ((size_t)snprintf(full, sizeof full, "%s/%s", path, entry->d_name) < sizeof full)
                scratch_remove(full);
        }
    closedir(directory);
}

bool scratch_remove(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return true;
    if (S_ISDIR(status.st_mode))
        remove_entries(path);
    return remove(path) == 0 || bench_fail("cannot remove %s: %s", path, strerror(errno));
}

void scratch_close(void)
{
    if (root[0])
        scratch_remove(root);
    root[0] = '\0';
}

const char *scratch_path(const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", root, name);
    return path;
}

bool scratch_directory(const char *path)
{
    return mkdir(path, 0777) == 0 || bench_fail("cannot make %s: %s", path, strerror(errno));
}

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The sum of three uniform numbers of variance 1/3, 53 bits each, is close enough to normal for timing. */
void scratch_fill(double *x, size_t n, uint64_t seed)
{
    uint64_t state = seed * 0x632be59bd9b4e019u + 1;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < 3; k++)
            sum += (double)(next_random(&state) >> 11) * 0x1p-53;
        x[i] = 0.5 + 2 * (sum - 1.5);
    }
}
