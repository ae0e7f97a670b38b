#include "base/beside.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has(const char *root, const char *relative)
{
    char path[PATH_MAX];
    return (size_t)snprintf(path, sizeof path, "%s/%s", root, relative) < sizeof path && access(path, R_OK) == 0;
}

/* Up from the object, three directories at most. */
static bool above(const char *object, const char *relative, char root[PATH_MAX])
{
    char *slash;
    if (!realpath(object, root))
        return false;
    for (int up = 0; up < 3 && (slash = strrchr(root, '/')); up++) {
        *slash = '\0';
        if (has(root, relative))
            return true;
    }
    return false;
}

bool beside(const char *relative, char root[PATH_MAX])
{
    Dl_info self;
    const bool known = dladdr((void *)(uintptr_t)beside, &self) && self.dli_fname && strchr(self.dli_fname, '/');
    return (known && above(self.dli_fname, relative, root)) || above("/proc/self/exe", relative, root);
}
