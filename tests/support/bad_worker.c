/* A worker that lies, as one whose memory a user's function has scribbled over: SHEAF_BAD_WORKER says how. Where it
 * does not lie, every item's only output is the number 42. */

#include "batch/recipe.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *mode;
static uint64_t state = 1;

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static uint64_t draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static void begin(struct packet *p, uint64_t asked, uint64_t status)
{
    packet_clear(p);
    packet_put_number(p, asked);
    packet_put_number(p, status);
    packet_put_number(p, 8);
    packet_put_number(p, 0);
    packet_put_number(p, is("identities") ? 17 : 0);
}

static void put_view(struct packet *p, uint64_t dtype, uint64_t ndim, int64_t dimension, uint64_t where)
{
    packet_put_number(p, dtype);
    packet_put_number(p, ndim);
    for (uint64_t d = 0; d < ndim && d < 20; d++)
        packet_put_number(p, (uint64_t)dimension);
    packet_put_number(p, where);
}

static void put_number(struct packet *p, double value)
{
    put_view(p, SHEAF_F64, 0, 0, VIEW_HERE);
    double *room = packet_room(p, sizeof *room, VIEW_ALIGN);
    if (room)
        *room = value;
}

/* What stands where the output should. */
static void put_output(struct packet *p, int data)
{
    if (is("dtype"))
        put_view(p, 99, 0, 0, VIEW_HERE);
    else if (is("rank"))
        put_view(p, SHEAF_F64, 200, 1, VIEW_HERE);
    else if (is("negative"))
        put_view(p, SHEAF_F64, 1, -1, VIEW_HERE);
    else if (is("overflow"))
        put_view(p, SHEAF_F64, 3, INT64_MAX, 0);
    else if (is("huge"))
        put_view(p, SHEAF_F64, 1, (int64_t)1 << 42, 0);
    else if (is("here"))
        put_view(p, SHEAF_F64, 0, 0, VIEW_HERE);
    else if (is("place"))
        put_view(p, SHEAF_F64, 0, 0, (uint64_t)1 << 63);
    else if (is("behind"))
        put_view(p, SHEAF_F64, 0, 0, 0);
    else if (is("shrink")) {
        const double value = 42;
        put_view(p, SHEAF_F64, 0, 0, 4096);
        if (!worker_write(data, &value, sizeof value, 4096) || ftruncate(data, 0) == 0 || errno != EPERM)
            exit(9);
    } else
        put_number(p, 42);
}

static void put_noise(struct packet *p)
{
    packet_clear(p);
    for (uint64_t n = 1 + draw() % 400; n > 0; n--) {
        const unsigned char byte = (unsigned char)(draw() % 3 ? draw() % 4 : draw());
        packet_put(p, &byte, 1);
    }
}

static void answer(struct packet *p, uint64_t asked, int data)
{
    begin(p, is("old") ? asked - 1 : asked, is("status") ? 999 : is("message") ? 1 : 0);
    if (is("status")) {
        packet_put_text(p, "no such status");
    } else if (is("message")) {
        packet_put_number(p, 4);
        packet_put(p, "abcd", 4);
    } else {
        packet_put_number(p, is("count") ? 7 : 1);
        put_output(p, data);
    }
    if (is("noise"))
        put_noise(p);
    if (is("cut"))
        p->n = 12;
}

int main(void)
{
    struct packet question = {0}, reply = {0};
    int fds[PACKET_MOST_FDS], nfds;
    static char large[150000];
    mode = getenv("SHEAF_BAD_WORKER");
    if (!mode || packet_receive(&question, WORKER_SOCKET, fds, &nfds) <= 0)
        return 1;
    packet_put_text(&reply, is("version") ? "0.0.0" : SHEAF_VERSION);
    packet_put_number(&reply, is("protocol") ? 99 : WORKER_PROTOCOL);
    packet_put_number(&reply, is("refusal"));
    packet_put_text(&reply, "it does not please");
    if (is("greeting"))
        reply.n = 5;
    packet_send(&reply, WORKER_SOCKET, NULL, 0);
    while (packet_receive(&question, WORKER_SOCKET, NULL, NULL) > 0) {
        answer(&reply, packet_get_number(&question), fds[1]);
        if (is("long"))
            send(WORKER_SOCKET, large, sizeof large, MSG_NOSIGNAL);
        else
            packet_send(&reply, WORKER_SOCKET, NULL, 0);
        if (is("twice"))
            packet_send(&reply, WORKER_SOCKET, NULL, 0);
    }
    packet_free(&question);
    packet_free(&reply);
    return 0;
}
