#ifndef SHEAF_WORKER_PACKET_H
#define SHEAF_WORKER_PACKET_H

/* A message between a map and its workers: fields one behind the other, and descriptors beside them. Both sides are of
 * one build on one machine, so fields are as they stand in memory. A reader trusts nothing: what is not there is 0, ""
 * or NULL, and `bad` is set. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one message may hold: below the least buffer that Linux gives a socket. */
#define PACKET_MOST ((size_t)128 << 10)
#define PACKET_MOST_FDS 24

struct packet {
    unsigned char *data; /* 64-byte aligned */
    size_t n, capacity;
    size_t at; /* read up to here */
    bool bad;  /* written: no memory. Read: more was asked for than is there */
};

/* Zeroed: empty. */
void packet_clear(struct packet *p);
/* Have the room that receiving takes; false: no memory. */
bool packet_ready(struct packet *p);
void packet_free(struct packet *p);

/* Room for n bytes at the end; NULL: bad. It moves when more is added. */
void *packet_room(struct packet *p, size_t n, size_t align);
void packet_put(struct packet *p, const void *data, size_t n);
void packet_put_number(struct packet *p, uint64_t value);
void packet_put_text(struct packet *p, const char *text);

/* The next n bytes, in place, aligned as packet_room aligned them; NULL: bad. */
const void *packet_get(struct packet *p, size_t n, size_t align);
uint64_t packet_get_number(struct packet *p);
const char *packet_get_text(struct packet *p);

/* Send p, with descriptors, as one message. False: errno says why, EMSGSIZE for what is longer than PACKET_MOST. */
bool packet_send(const struct packet *p, int socket, const int *fds, int nfds);
/* Look for a message for some microseconds: until one is there, or until it is cheaper to sleep. */
void packet_linger(int socket);
/* The next message: 1; 0: the other side is gone; -1: errno. At most PACKET_MOST_FDS descriptors, close-on-exec; with
 * fds NULL none is taken. */
int packet_receive(struct packet *p, int socket, int *fds, int *nfds);

#endif
