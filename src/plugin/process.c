/* A program is run by posix_spawn, its three streams being files in memory: nothing can fill up and block. */

#include "base/alloc.h"
#include "plugin/compile.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static sheaf_status failed(const char *program, const char *what, int code, sheaf_error *error)
{
    return sheaf_error_set(error, code == ENOMEM ? SHEAF_NO_MEMORY : SHEAF_IO, "%s: %s: %s", program, what,
                           strerror(code));
}

static bool write_all(int fd, const char *text)
{
    for (size_t n = strlen(text); n > 0;) {
        ssize_t w = write(fd, text, n);
        if (w <= 0 && errno != EINTR)
            return false;
        text += w > 0 ? w : 0;
        n -= w > 0 ? (size_t)w : 0;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static sheaf_status read_all(int fd, struct text *text, sheaf_error *error)
{
    struct stat st;
    size_t n = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
    text->at = mem_alloc(n + 1);
    if (!text->at)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the %zu bytes that the compiler printed", n);
    for (ssize_t r; text->n < n; text->n += (size_t)r) {
        r = pread(fd, text->at + text->n, n - text->n, (off_t)text->n);
        if (r < 0 && errno == EINTR)
            r = 0;
        else if (r <= 0)
            break;
    }
    text->at[text->n] = '\0';
    return SHEAF_OK;
}

/* The child has the default signal handling, which the command, say, has changed. */
static int spawn(char *const *arguments, const int fds[3], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    if ((code = posix_spawnattr_init(&attributes)) != 0)
        goto no_attributes;
    for (int k = 0; k < 3 && code == 0; k++)
        code = posix_spawn_file_actions_adddup2(&actions, fds[k], k);
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (code == 0)
        code = posix_spawn(pid, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
no_attributes:
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int wait_for(pid_t pid, int *exit_status)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    *exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

sheaf_status process_run(char *const *arguments, const char *input, struct text *out, struct text *messages,
                         int *exit_status, sheaf_error *error)
{
    int fds[3] = {-1, -1, -1}, code = 0;
    pid_t pid;
    sheaf_status status = SHEAF_OK;
    *out = *messages = (struct text){NULL, 0};
    for (int k = 0; k < 3; k++) {
        fds[k] = memfd_create("sheaf", MFD_CLOEXEC);
        if (fds[k] < 0) {
            status = failed(arguments[0], "making a file in memory", errno, error);
            goto done;
        }
    }
    if (!write_all(fds[0], input))
        status = failed(arguments[0], "writing its input", errno, error);
    else if ((code = spawn(arguments, fds, &pid)) != 0)
        status = failed(arguments[0], "cannot be run", code, error);
    else if ((code = wait_for(pid, exit_status)) != 0)
        status = failed(arguments[0], "waiting for it to end", code, error);
    if (status == SHEAF_OK)
        status = read_all(fds[1], out, error);
    if (status == SHEAF_OK)
        status = read_all(fds[2], messages, error);
done:
    for (int k = 0; k < 3; k++)
        if (fds[k] >= 0)
            close(fds[k]);
    return status;
}
