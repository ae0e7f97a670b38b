/* Finding the program, and starting it. */

#include "base/beside.h"
#include "base/clock.h"
#include "worker/process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM "libexec/sheaf/sheaf-worker"
#define REMEDY "install sheaf whole, name the program in SHEAF_WORKER, or do without (--no-isolate)"

/* Longer than any start takes; a program that is no worker may never answer. */
#define START_NS 60000000000u

sheaf_status worker_program(char path[PATH_MAX], sheaf_error *error)
{
    const char *named = getenv("SHEAF_WORKER");
    char root[PATH_MAX];
    if (named && *named) {
        if (realpath(named, path) && access(path, X_OK) == 0)
            return SHEAF_OK;
        return sheaf_error_set(
            error, SHEAF_UNSUPPORTED,
            "SHEAF_WORKER names the worker program %.200s, which cannot be run (%s): correct or unset "
            "it, or do without workers (--no-isolate)",
            named, strerror(errno));
    }
    if (beside(PROGRAM, root) && (size_t)snprintf(path, PATH_MAX, "%s/" PROGRAM, root) < PATH_MAX)
        return SHEAF_OK;
    if (access(SHEAF_WORKER_INSTALLED, X_OK) == 0) {
        snprintf(path, PATH_MAX, "%s", SHEAF_WORKER_INSTALLED);
        return SHEAF_OK;
    }
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "no worker program: there is no " PROGRAM
                           " beside the library or the command, and no %.200s; " REMEDY,
                           SHEAF_WORKER_INSTALLED);
}

static sheaf_status failed(const char *program, int code, sheaf_error *error)
{
    const char *remedy = code == EMFILE || code == ENFILE
                             ? "allow more open files (ulimit -n) or use fewer threads (-j)"
                         : code == EAGAIN ? "allow more processes (ulimit -u) or use fewer threads (-j)"
                                          : REMEDY;
    return sheaf_error_set(error, code == ENOMEM ? SHEAF_NO_MEMORY : SHEAF_UNSUPPORTED,
                           "the worker program %.200s cannot be started: %s; %s", program, strerror(code), remedy);
}

/* Standard output becomes standard error, so that what one's own C prints never stands among sheaf's data. */
static int set_streams(posix_spawn_file_actions_t *actions, int socket)
{
    int code = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (code == 0 && fcntl(2, F_GETFD) < 0)
        code = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, 2, 1);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, socket, WORKER_SOCKET);
    return code ? code : posix_spawn_file_actions_addclosefrom_np(actions, WORKER_SOCKET + 1);
}

/* Default signals, and a process group of its own: Ctrl-C is for the parent, which lets running items end. */
static void set_signals(posix_spawnattr_t *attributes)
{
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(attributes, &set);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(attributes, &set);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

/* 0, or errno. */
static int spawn(const char *program, int socket, pid_t *pid)
{
    char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)WORKER_ARGUMENT, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        set_signals(&attributes);
        code = set_streams(&actions, socket);
        if (code == 0)
            code = posix_spawn(pid, program, &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* The page that both share, of a length that nobody can change: reading it cannot fail. *fd is for the worker. */
static struct worker_page *make_page(int *fd)
{
    *fd = memfd_create("sheaf worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0 || ftruncate(*fd, sizeof(struct worker_page)) != 0 ||
        fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return NULL;
    void *at = mmap(NULL, sizeof(struct worker_page), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void worker_release(struct worker_process *p)
{
    if (p->page)
        munmap(p->page, sizeof *p->page);
    close_one(p->socket);
    close_one(p->data);
    *p = (struct worker_process){.socket = -1, .data = -1};
}

static sheaf_status greet(struct worker_process *p, const char *program, const struct packet *hello, const int *fds,
                          int nfds, struct packet *answer, sheaf_error *error)
{
    char text[WORKER_END_TEXT];
    struct worker_end end;
    if (!worker_ask(p, hello, fds, nfds, clock_ns() + START_NS, answer, &end)) {
        worker_end_text(&end, text);
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "the worker program %.150s does not work: %.180s; " REMEDY,
                               program, text);
    }
    return SHEAF_OK;
}

sheaf_status worker_start(struct worker_process *p, const char *program, const struct packet *hello, const int *fds,
                          int nfds, struct packet *answer, sheaf_error *error)
{
    int sockets[2] = {-1, -1}, all[PACKET_MOST_FDS] = {-1}, code = 0;
    *p = (struct worker_process){.socket = -1, .data = -1};
    if (!(p->page = make_page(&all[0])) || (p->data = worker_memory("sheaf arrays")) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        code = errno;
    p->socket = sockets[0];
    if (code == 0)
        code = spawn(program, sockets[1], &p->pid);
    close_one(sockets[1]);
    sheaf_status status = code ? failed(program, code, error) : SHEAF_OK;
    if (status == SHEAF_OK) {
        all[1] = p->data;
        for (int k = 0; k < nfds; k++)
            all[k + 2] = fds[k];
        status = greet(p, program, hello, all, nfds + 2, answer, error);
    } else {
        worker_release(p);
    }
    close_one(all[0]);
    return status;
}
