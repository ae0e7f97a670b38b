#include "peer.h"
#include "harness.h"
#include "scratch.h"
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    pid_t process;
    FILE *to, *from;
    char versions[256];
    const char *work, *source;
    bool saves;
} peer;

static void become_peer(const char *python, const char *script, int threads, const int *requests, const int *answers)
{
    char number[16];
    snprintf(number, sizeof number, "%d", threads);
    dup2(requests[0], STDIN_FILENO);
    dup2(answers[1], STDOUT_FILENO);
    close(requests[0]);
    close(requests[1]);
    close(answers[0]);
    close(answers[1]);
    /* These choose kernels for the packaged OpenBLAS; the one in a NumPy wheel chooses for itself. */
    unsetenv("OPENBLAS_CORETYPE");
    unsetenv("OPENBLAS_L2_SIZE");
    execl(python, python, script, number, (char *)NULL);
    _exit(127);
}

static bool read_line(char *line, int size)
{
    if (!fgets(line, size, peer.from))
        return bench_fail("the Python side ended without an answer");
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool peer_start(const char *script, int threads)
{
    const char *folder = getenv("SHEAF_BENCH_PEERS");
    char python[PATH_MAX], path[PATH_MAX];
    int requests[2], answers[2];
    if (!folder)
        folder = BENCH_PEERS;
    snprintf(python, sizeof python, "%s/venv/bin/python", folder);
    snprintf(path, sizeof path, "%s/%s", folder, script);
    if (access(python, X_OK) != 0)
        return bench_fail("%s is missing: run benchmarks/peers/setup, or use --no-peers", python);
    if (pipe(requests) != 0)
        return bench_fail("no pipe");
    if (pipe(answers) != 0) {
        close(requests[0]);
        close(requests[1]);
        return bench_fail("no pipe");
    }
    signal(SIGPIPE, SIG_IGN);
    peer.process = fork();
    if (peer.process == 0)
        become_peer(python, path, threads, requests, answers);
    close(requests[0]);
    close(answers[1]);
    peer.to = fdopen(requests[1], "w");
    peer.from = fdopen(answers[0], "r");
    if (peer.process < 0 || !peer.to || !peer.from)
        return bench_fail("cannot start %s", python);
    return read_line(peer.versions, sizeof peer.versions);
}

void peer_stop(void)
{
    if (peer.to)
        fclose(peer.to);
    if (peer.from)
        fclose(peer.from);
    if (peer.process > 0)
        waitpid(peer.process, NULL, 0);
    memset(&peer, 0, sizeof peer);
}

const char *peer_versions(void)
{
    return peer.versions;
}

void peer_work(const char *work, const char *source, bool saves)
{
    peer.work = work;
    peer.source = source;
    peer.saves = saves;
}

const char *peer_output(const char *side)
{
    char name[64];
    snprintf(name, sizeof name, "output_%s", side);
    return scratch_path(name);
}

const char *peer_result(const char *side)
{
    char name[64];
    snprintf(name, sizeof name, "result_%s.npy", side);
    return scratch_path(name);
}

bool peer_ask(const char *side, const char *work, const char *source, const char *output, const char *result,
              double *answer)
{
    char line[1024];
    fprintf(peer.to, "%s\t%s\t%s\t%s\t%s\n", side, work, source, output, result);
    fflush(peer.to);
    if (!read_line(line, sizeof line))
        return false;
    if (strncmp(line, "ok\t", 3) != 0)
        return bench_fail("the Python side (%s, %s): %s", side, work, line);
    *answer = strtod(line + 3, NULL);
    return true;
}

static bool run(const char *side, bool keep, double *seconds)
{
    return peer_ask(side, peer.work, peer.source, peer.saves ? peer_output(side) : "-",
                    keep && !peer.saves ? peer_result(side) : "-", seconds);
}

bool peer_pool(const void *work, bool first, double *seconds)
{
    (void)work;
    return run("pool", first, seconds);
}

bool peer_serial(const void *work, bool first, double *seconds)
{
    (void)work;
    return run("serial", first, seconds);
}

bool peer_threads(const void *work, bool first, double *seconds)
{
    (void)work;
    (void)first;
    return run("threads", false, seconds);
}

bool peer_joblib(const void *work, bool first, double *seconds)
{
    (void)work;
    (void)first;
    return run("joblib", false, seconds);
}

bool peer_new_pool(const void *work, bool first, double *seconds)
{
    (void)work;
    (void)first;
    return run("new_pool", false, seconds);
}
