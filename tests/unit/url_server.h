#ifndef SHEAF_TEST_URL_SERVER_H
#define SHEAF_TEST_URL_SERVER_H

/* tests/urls/server.py, for as long as a suite runs. */

#include "test_map.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *served, *server_log; /* its directory and its log */
static pid_t server;
static int server_input, server_port;

/* An unchecked fixture: every test has the same server. */
static inline void server_start(void)
{
    int in[2], out[2];
    char line[32] = "";
    posix_spawn_file_actions_t actions;
    served = scratch_new();
    server_log = strdup(path_in(served, "log"));
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    unsetenv("all_proxy");
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    char *const arguments[] = {"python3", SHEAF_SOURCE "/tests/urls/server.py", served, server_log, NULL};
    ck_assert_int_eq(posix_spawnp(&server, "python3", &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_input = in[1];
    ck_assert_int_gt(read(out[0], line, sizeof line - 1), 0);
    server_port = atoi(line);
    close(out[0]);
    ck_assert_int_gt(server_port, 0);
}

static inline void server_stop(void)
{
    close(server_input); /* its standard input ends */
    waitpid(server, NULL, 0);
    free(server_log);
    scratch_remove(served);
}

/* http://127.0.0.1:PORT/path, in one of 64 buffers. */
static inline const char *url_of(const char *path)
{
    static char urls[64][4096];
    static int turn;
    char *url = urls[turn++ % 64];
    snprintf(url, sizeof urls[0], "http://127.0.0.1:%d/%s", server_port, path);
    return url;
}

/* How many of its requests have this in their line. */
static inline int asked(const char *text)
{
    size_t n;
    int times = 0;
    char *log = file_read(server_log, &n);
    for (char *line = log ? strtok(log, "\n") : NULL; line; line = strtok(NULL, "\n"))
        times += strstr(line, text) != NULL;
    free(log);
    return times;
}

#endif
