/* What a map and its workers say to each other, and the memory they share. */

#include "support.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

START_TEST(fields_come_back)
{
    struct packet p = {0};
    packet_put_number(&p, 7);
    packet_put_text(&p, "name");
    packet_put_text(&p, "");
    double *room = packet_room(&p, 2 * sizeof *room, 64);
    ck_assert_uint_eq((uintptr_t)room % 64, 0);
    room[0] = 0.5;
    room[1] = -3;
    packet_put_number(&p, UINT64_MAX);
    ck_assert(!p.bad);
    ck_assert_uint_eq(packet_get_number(&p), 7);
    ck_assert_str_eq(packet_get_text(&p), "name");
    ck_assert_str_eq(packet_get_text(&p), "");
    const double *got = packet_get(&p, 2 * sizeof *got, 64);
    ck_assert_double_eq(got[0], 0.5);
    ck_assert_double_eq(got[1], -3);
    ck_assert_uint_eq(packet_get_number(&p), UINT64_MAX);
    ck_assert(!p.bad);
    ck_assert_uint_eq(packet_get_number(&p), 0); /* there is no more */
    ck_assert(p.bad);
    packet_free(&p);
}
END_TEST

START_TEST(a_large_packet_grows)
{
    struct packet p = {0};
    for (uint64_t k = 0; k < 100000; k++)
        packet_put_number(&p, k * k);
    for (uint64_t k = 0; k < 100000; k++)
        ck_assert_uint_eq(packet_get_number(&p), k * k);
    ck_assert(!p.bad);
    ck_assert(!packet_send(&p, -1, NULL, 0));
    ck_assert_int_eq(errno, EMSGSIZE);
    ck_assert_ptr_null(packet_room(&p, SIZE_MAX - 5, 64));
    ck_assert(p.bad);
    packet_free(&p);
}
END_TEST

START_TEST(what_is_not_there_is_nothing)
{
    struct packet p = {0};
    packet_put_number(&p, 1000); /* a text that long */
    packet_put(&p, "short", 6);
    ck_assert_str_eq(packet_get_text(&p), "");
    ck_assert(p.bad);
    ck_assert_ptr_null(packet_get(&p, 0, 1)); /* and so on */
    packet_clear(&p);
    packet_put_number(&p, 4); /* a text without its end */
    packet_put(&p, "abcd", 4);
    ck_assert_str_eq(packet_get_text(&p), "");
    ck_assert(p.bad);
    packet_clear(&p);
    packet_put_number(&p, 0);
    ck_assert_str_eq(packet_get_text(&p), "");
    ck_assert(p.bad);
    packet_clear(&p);
    ck_assert_ptr_null(packet_get(&p, SIZE_MAX, 64));
    ck_assert(p.bad);
    packet_free(&p);
}
END_TEST

START_TEST(messages_and_descriptors)
{
    int ends[2], fds[PACKET_MOST_FDS], n;
    struct packet sent = {0}, got = {0};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    int memory = worker_memory("test");
    packet_put_text(&sent, "with a file");
    ck_assert(packet_send(&sent, ends[0], &memory, 1));
    packet_clear(&sent);
    ck_assert_ptr_nonnull(packet_room(&sent, PACKET_MOST, 1));
    ck_assert(packet_send(&sent, ends[0], &memory, 1));
    ck_assert_int_eq(packet_receive(&got, ends[1], fds, &n), 1);
    ck_assert_str_eq(packet_get_text(&got), "with a file");
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    close(fds[0]);
    const int next = fds[0];
    ck_assert_int_eq(packet_receive(&got, ends[1], NULL, NULL), 1); /* takes none */
    ck_assert_uint_eq(got.n, PACKET_MOST);
    ck_assert_int_eq(fcntl(next, F_GETFD), -1);
    packet_room(&sent, 1, 1);
    ck_assert_int_eq(send(ends[0], sent.data, sent.n, 0), (ssize_t)sent.n); /* longer than a message is */
    ck_assert_int_eq(packet_receive(&got, ends[1], NULL, NULL), -1);
    close(ends[0]);
    ck_assert_int_eq(packet_receive(&got, ends[1], NULL, NULL), 0);
    ck_assert(!packet_send(&got, ends[1], NULL, 0)); /* and no SIGPIPE */
    close(ends[1]);
    close(memory);
    packet_free(&sent);
    packet_free(&got);
}
END_TEST

START_TEST(shared_memory_only_grows)
{
    char text[8] = "";
    int fd = worker_memory("test");
    ck_assert_int_ge(fd, 0);
    ck_assert(worker_write(fd, "hello", 5, 100000));
    ck_assert(worker_read(fd, text, 5, 100000));
    ck_assert_str_eq(text, "hello");
    ck_assert(!worker_read(fd, text, 6, 100000));
    ck_assert_int_eq(errno, ENODATA);
    ck_assert_int_eq(ftruncate(fd, 100000), -1);
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(ftruncate(fd, 200000), 0);
    ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    close(fd);
}
END_TEST

START_TEST(ends_in_words)
{
    char text[WORKER_END_TEXT];
    static const struct {
        struct worker_end end;
        const char *text;
    } cases[] = {
        {{.known = true, .status = 11, .stage = WORKER_COMPUTING, .rss = 12345678},
         "its worker process was killed by SIGSEGV (Segmentation fault) while computing; peak RSS 12.3 MB"},
        {{.known = true, .status = 7, .stage = WORKER_READING, .rss = 9000000, .rss_is_parents = true},
         "its worker process was killed by SIGBUS (Bus error) while reading its input; peak RSS below 9.0 MB"},
        {{.known = true, .status = 3 << 8, .stage = WORKER_RETURNING},
         "its worker process ended with exit status 3 while returning its result"},
        {{.known = true, .status = 9, .stage = WORKER_OPENING},
         "its worker process was killed by SIGKILL (by the system, when memory ran out, or by someone) while opening "
         "its "
         "input"},
        {{.late = true, .ns = 2500000000u, .known = true, .status = 9, .stage = WORKER_COMPUTING},
         "its worker process was stopped after 2.5 s while computing"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        worker_end_text(&cases[k].end, text);
        ck_assert_str_eq(text, cases[k].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");
    TCase *tests = tcase_create("worker");
    tcase_add_test(tests, fields_come_back);
    tcase_add_test(tests, a_large_packet_grows);
    tcase_add_test(tests, what_is_not_there_is_nothing);
    tcase_add_test(tests, messages_and_descriptors);
    tcase_add_test(tests, shared_memory_only_grows);
    tcase_add_test(tests, ends_in_words);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
