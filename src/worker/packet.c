#include "worker/packet.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "base/clock.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define LINGER_NS 30000u

void packet_clear(struct packet *p)
{
    p->n = p->at = 0;
    p->bad = false;
}

void packet_free(struct packet *p)
{
    mem_free(p->data);
    *p = (struct packet){0};
}

static bool reserve(struct packet *p, size_t size)
{
    if (size <= p->capacity)
        return true;
    size_t capacity = size < PACKET_MOST ? PACKET_MOST : size + size / 2;
    unsigned char *data = mem_aligned(capacity);
    if (!data)
        return false;
    if (p->n)
        memcpy(data, p->data, p->n);
    mem_free(p->data);
    p->data = data;
    p->capacity = capacity;
    return true;
}

bool packet_ready(struct packet *p)
{
    return reserve(p, PACKET_MOST);
}

static size_t aligned(size_t at, size_t align)
{
    return (at + align - 1) & ~(align - 1);
}

void *packet_room(struct packet *p, size_t n, size_t align)
{
    size_t begin = aligned(p->n, align), end;
    if (p->bad || !size_add(begin, n, &end) || end > PTRDIFF_MAX / 2 || !reserve(p, end)) {
        p->bad = true;
        return NULL;
    }
    memset(p->data + p->n, 0, begin - p->n);
    p->n = end;
    return p->data + begin;
}

void packet_put(struct packet *p, const void *data, size_t n)
{
    void *room = packet_room(p, n, 1);
    if (room && n)
        memcpy(room, data, n);
}

void packet_put_number(struct packet *p, uint64_t value)
{
    packet_put(p, &value, sizeof value);
}

void packet_put_text(struct packet *p, const char *text)
{
    const size_t n = strlen(text) + 1;
    packet_put_number(p, n);
    packet_put(p, text, n);
}

const void *packet_get(struct packet *p, size_t n, size_t align)
{
    size_t begin = aligned(p->at, align);
    if (p->bad || begin > p->n || n > p->n - begin) {
        p->bad = true;
        return NULL;
    }
    p->at = begin + n;
    return p->data + begin;
}

uint64_t packet_get_number(struct packet *p)
{
    uint64_t value = 0;
    const void *at = packet_get(p, sizeof value, 1);
    if (at)
        memcpy(&value, at, sizeof value);
    return value;
}

const char *packet_get_text(struct packet *p)
{
    const uint64_t n = packet_get_number(p);
    const char *text = n > 0 ? packet_get(p, n, 1) : NULL;
    if (text && text[n - 1] == '\0')
        return text;
    p->bad = true;
    return "";
}

/* ---- sockets ---- */

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(PACKET_MOST_FDS * sizeof(int))];
};

bool packet_send(const struct packet *p, int socket, const int *fds, int nfds)
{
    union control control = {.room = {0}};
    struct iovec bytes = {p->data, p->n};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (p->n > PACKET_MOST || nfds > PACKET_MOST_FDS) {
        errno = EMSGSIZE;
        return false;
    }
    if (nfds) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
        memcpy(CMSG_DATA(header), fds, (size_t)nfds * sizeof(int));
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)p->n;
}

/* Waking a processor that sleeps takes longer than many an item: up to 80 us an item on an idle virtual machine, for 4
 * where it is awake. Whoever else wants the processor gets it. */
void packet_linger(int socket)
{
    const uint64_t until = clock_ns() + LINGER_NS;
    struct pollfd ready = {.fd = socket, .events = POLLIN};
    while (poll(&ready, 1, 0) == 0 && clock_ns() < until)
        sched_yield();
}

int packet_receive(struct packet *p, int socket, int *fds, int *nfds)
{
    union control control = {.room = {0}};
    packet_clear(p);
    if (!packet_ready(p)) {
        errno = ENOMEM;
        return -1;
    }
    struct iovec bytes = {p->data, PACKET_MOST};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (fds) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        *nfds = 0;
    }
    ssize_t got;
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return got == 0 || errno == ECONNRESET ? 0 : -1;
    if (message.msg_flags & MSG_TRUNC) {
        errno = EMSGSIZE;
        return -1;
    }
    p->n = (size_t)got;
    for (struct cmsghdr *h = fds ? CMSG_FIRSTHDR(&message) : NULL; h; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        *nfds = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(h), (size_t)*nfds * sizeof(int));
    }
    return 1;
}
